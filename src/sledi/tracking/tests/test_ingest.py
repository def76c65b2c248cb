"""The one path by which events come in."""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sledi.core.carrier import Outcome, Report, ZoneBasis
from sledi.core.timeline import derive, summarise
from sledi.history.tests.side_by_side import side_by_side
from sledi.tracking import ingest as path
from sledi.tracking.ingest import ingest, ingest_what_can_be
from sledi.tracking.models import Event, Link, Outbox, Trace, Watch
from sledi.tracking.projection import read_facts
from sledi.tracking.tests.scans import T0, arrival, scan, watched

NOW = T0 + timedelta(hours=200)
WAY = [
    scan("orig.accepted", 0),
    scan("exp.office_in", 30),
    scan("exp.departed", 40),
    scan("imp.office_in", 90, place="Москва", country="RU"),
]


@pytest.mark.django_db
class TestOneWriter:
    def test_events_make_the_status_and_one_outbox_row(self) -> None:
        trace, (watch,) = watched("RB1", "russian_post")
        assert ingest([arrival(watch, *WAY, destination="RU")], NOW) == 4
        trace.refresh_from_db()
        assert (trace.status, trace.code, trace.place, trace.event_count) == (
            "ARRIVED", "imp.office_in", "Москва", 4,
        )  # fmt: skip
        told = Outbox.objects.values_list("previous_status", "status", "previous_code", "code").get()
        assert told == ("REGISTERED", "ARRIVED", "sys.pending", "imp.office_in")

    def test_the_same_again_changes_nothing_and_tells_nothing(self) -> None:
        _, (watch,) = watched("RB1", "russian_post")
        ingest([arrival(watch, *WAY)], NOW)
        revision = Trace.objects.get().revision
        assert ingest([arrival(watch, *WAY, hours=101)], NOW) == 0
        assert (Event.objects.count(), Outbox.objects.count()) == (4, 1)
        assert Trace.objects.get().revision == revision

    def test_a_new_scan_without_a_new_status_is_no_news(self) -> None:
        _, (watch,) = watched("RB1", "russian_post")
        ingest([arrival(watch, *WAY)], NOW)
        earlier = scan("orig.hub", 10)
        assert ingest([arrival(watch, earlier, hours=101)], NOW) == 1
        assert Outbox.objects.count() == 1
        assert Trace.objects.get().event_count == 5

    def test_any_order_and_any_batches_give_the_same(self) -> None:
        results = set()
        for attempt in range(6):
            trace, (watch,) = watched(f"RB{attempt}", "russian_post")
            events = [*WAY, *WAY]
            random.Random(attempt).shuffle(events)
            while events:
                taken = [events.pop() for _ in range(min(len(events), attempt + 1))]
                ingest([arrival(watch, *taken)], NOW)
            trace.refresh_from_db()
            results.add((trace.status, trace.code, trace.place, trace.since, trace.event_count))
        assert len(results) == 1

    def test_the_projection_is_what_a_fresh_derivation_gives(self) -> None:
        trace, watches = watched("RB1", "russian_post", "seventeentrack")
        ingest([arrival(watches[0], *WAY[2:], destination="RU"), arrival(watches[1], *WAY, origin="CN")], NOW)
        facts = read_facts([trace.pk])[trace.pk]
        fresh = summarise(derive(facts.sightings, origin=facts.origin, destination=facts.destination))
        trace.refresh_from_db()
        for name in ("status", "code", "reason", "since", "place", "country", "carrier", "origin",
                     "destination", "direction", "last_event_at", "stale_at", "is_final", "is_closed"):  # fmt: skip
            assert getattr(trace, name) == getattr(fresh, name), name
        assert (trace.origin, trace.destination) == ("CN", "RU")

    def test_without_events_the_answers_make_the_status(self) -> None:
        _, watches = watched("RB1", "russian_post", "seventeentrack")
        silent = Report("RB1", Outcome.NOT_FOUND, message="no data")
        wrong = Report("RB1", Outcome.WRONG_NUMBER)
        ingest([replace(arrival(watches[0]), report=silent)], NOW)
        assert Trace.objects.get().code == "sys.not_found"
        ingest([replace(arrival(watches[1]), report=wrong)], NOW)
        assert Trace.objects.get().code == "sys.not_found"
        ingest([replace(arrival(watches[0], hours=101), report=wrong)], NOW)
        assert Trace.objects.get().code == "sys.bad_number"
        assert Watch.objects.get(pk=watches[0].pk).message == ""

    def test_one_number_at_one_carrier_serves_every_trace_it_belongs_to(self) -> None:
        _, (watch,) = watched("80149169554910", "russian_post")
        other, _ = watched("LP1CN")
        Link.objects.create(trace=other, watch=watch, rank=0, on_behalf_of="russian_post", why="alias")
        ingest([arrival(watch, *WAY)], NOW)
        assert list(Trace.objects.values_list("status", "event_count")) == [("ARRIVED", 4)] * 2
        assert Outbox.objects.count() == 2

    def test_a_watch_that_is_gone_is_left_out(self) -> None:
        _, watches = watched("RB1", "russian_post", "seventeentrack")
        late = arrival(watches[1], *WAY)
        watches[1].delete()
        assert ingest([late, arrival(watches[0], *WAY)], NOW) == 4


@pytest.mark.django_db
class TestWhoCameFirst:
    """Of two replies that tell the same event the earlier one tells it, in whatever order they are taken in."""

    def test_the_earlier_wording_stays_when_it_came_in_first(self) -> None:
        _, (watch,) = watched("RB1", "russian_post")
        ingest([arrival(watch, WAY[0], hours=100)], NOW)
        ingest([arrival(watch, replace(WAY[0], raw_text="other words"), hours=101)], NOW)
        assert Event.objects.get().raw_text == "words of orig.accepted"

    def test_the_earlier_wording_wins_when_it_came_in_last(self) -> None:
        _, (watch,) = watched("RB1", "russian_post")
        ingest([arrival(watch, replace(WAY[0], raw_text="other words"), hours=101, origin="CN")], NOW)
        ingest([arrival(watch, WAY[0], hours=100, destination="RU")], NOW)
        event = Event.objects.get()
        assert (event.raw_text, event.seen_at) == ("words of orig.accepted", T0 + timedelta(hours=100))
        watch.refresh_from_db()
        assert (watch.answered_at, watch.origin, watch.destination) == (T0 + timedelta(hours=101), "CN", "RU")


@pytest.mark.django_db
class TestUntrustedText:
    DIRTY = replace(
        WAY[0], raw_text="half \ud83d and\0zero", place="Mos\0cow", raw_code="8\0", raw_time="now\udfff"
    )

    def test_zero_and_half_characters_are_marked_and_stored(self) -> None:
        _, (watch,) = watched("RB1", "russian_post")
        assert ingest([arrival(watch, self.DIRTY, service="E\0MS")], NOW) == 1
        event = Event.objects.get()
        assert (event.raw_text, event.place) == ("half \ufffd and\ufffdzero", "Mos\ufffdcow")
        assert (event.raw_code, event.raw_time) == ("8\ufffd", "now\ufffd")
        assert Watch.objects.get().service == "E\ufffdMS"

    def test_the_same_dirt_again_is_the_same_event(self) -> None:
        _, (watch,) = watched("RB1", "russian_post")
        ingest([arrival(watch, self.DIRTY)], NOW)
        assert ingest([arrival(watch, self.DIRTY, hours=101)], NOW) == 0

    @pytest.mark.parametrize(
        "broken",
        [
            {"country": "China"},
            {"zone": "z" * 41},
            {"occurred_at": None},
            {"code": "no.such_code_of_such_length"},
            {"zone_basis": ZoneBasis.GIVEN, "carrier": "c" * 41},
        ],
    )
    def test_a_row_that_cannot_be_stored_steps_aside_and_the_rest_goes_on(
        self, broken: dict[str, Any]
    ) -> None:
        watches = [watched(f"RB{n}", "russian_post")[1][0] for n in range(5)]
        arrivals = [arrival(watch, *WAY) for watch in watches]
        arrivals[2] = arrival(watches[2], WAY[0], replace(WAY[1], **broken))
        assert ingest_what_can_be(arrivals, NOW) == [arrivals[2]]
        assert Event.objects.count() == 16
        assert sorted(Trace.objects.values_list("number", "status")) == [
            ("RB0", "ARRIVED"), ("RB1", "ARRIVED"), ("RB2", "REGISTERED"), ("RB3", "ARRIVED"), ("RB4", "ARRIVED"),
        ]  # fmt: skip

    def test_a_fault_while_deriving_one_parcel_spoils_no_other(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from sledi.tracking import projection

        def stumbling(facts: Any) -> Any:
            if facts.number == "RB1":
                raise ZeroDivisionError
            return summary_of(facts)

        summary_of = projection.summary_of
        monkeypatch.setattr(projection, "summary_of", stumbling)
        watches = [watched(f"RB{n}", "russian_post")[1][0] for n in range(3)]
        arrivals = [arrival(watch, *WAY) for watch in watches]
        assert ingest_what_can_be(arrivals, NOW) == [arrivals[1]]
        assert set(Event.objects.values_list("watch__number", flat=True)) == {"RB0", "RB2"}

    def test_a_database_that_is_away_is_no_bad_row(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import psycopg

        def away(*_: object) -> int:
            raise psycopg.OperationalError("gone")

        _, (watch,) = watched("RB1", "russian_post")
        monkeypatch.setattr(path, "ingest", away)
        with pytest.raises(psycopg.OperationalError):
            ingest_what_can_be([arrival(watch, *WAY)], NOW)


@pytest.mark.django_db(transaction=True)
class TestTwoWriters:
    def test_events_of_two_watches_of_one_parcel_are_both_counted(self) -> None:
        for attempt in range(5):
            trace, watches = watched(f"RB{attempt}", "russian_post", "seventeentrack")
            acts = [
                lambda w=watches[0]: ingest([arrival(w, *WAY[:2])], NOW),
                lambda w=watches[1]: ingest([arrival(w, *WAY[2:])], NOW),
            ]
            assert side_by_side(acts) == [2, 2]
            trace.refresh_from_db()
            assert (trace.event_count, trace.status) == (4, "ARRIVED")

    def test_the_same_events_from_four_writers_are_stored_and_told_once(self) -> None:
        _, (watch,) = watched("RB1", "russian_post")
        acts = [lambda h=h: ingest([arrival(watch, *WAY, hours=h)], NOW) for h in (103, 102, 101, 100)]
        new = side_by_side(acts)
        assert sorted(new) == [0, 0, 0, 4]  # type: ignore[type-var]
        assert Outbox.objects.count() == 1
        assert set(Event.objects.values_list("seen_at", flat=True)) == {T0 + timedelta(hours=100)}

    def test_batches_in_any_order_never_lock_each_other_out(self) -> None:
        watches = [watched(f"RB{n}", "russian_post")[1][0] for n in range(20)]

        def writer(seed: int) -> int:
            mine = list(watches)
            random.Random(seed).shuffle(mine)
            return sum(ingest([arrival(w, *WAY) for w in mine[k : k + 10]], NOW) for k in (0, 10))

        outcomes = side_by_side([lambda seed=seed: writer(seed) for seed in range(4)])
        assert sum(outcomes) == 80  # type: ignore[arg-type]
        assert Outbox.objects.count() == 20
