"""Reading everything again from what was stored gives the same, whatever happened in between."""

from typing import Any

import pytest

from sledi.core.carrier import Reply as Answer
from sledi.tracking import replies
from sledi.tracking.models import Event, Outbox, Reply, Trace, Watch
from sledi.tracking.rebuild import Rebuilt, rebuild
from sledi.tracking.replies import take_push
from sledi_simulator import stories
from sledi_simulator.bad_days import BadDay, Switch

pytestmark = pytest.mark.django_db

DELIVERED, SILENT, UNKNOWN = "RB556626341CN", "RB298431881CN", "RB542030041CN"


def everything() -> dict[str, list[Any]]:
    """All that is derived, word for word."""
    watch_columns = [
        "pk",
        "outcome",
        "message",
        "origin",
        "destination",
        "service",
        "weight_g",
        "answered_at",
    ]
    return {
        "events": list(Event.objects.order_by("watch_id", "key").values_list()),
        "watches": list(Watch.objects.order_by("pk").values_list(*watch_columns)),
        "traces": list(Trace.objects.order_by("pk").values_list()),
        "outbox": list(Outbox.objects.order_by("pk").values_list()),
    }


def test_nothing_differs_when_nothing_was_touched(follow: Any, ask: Any, clock: Any) -> None:
    follow(f"{DELIVERED} {SILENT} {UNKNOWN}")
    ask()
    before = everything()
    found = rebuild(clock())
    assert found.is_identical
    assert (found.replies, found.events) == (Reply.objects.count(), len(before["events"]))
    assert found.events > 0
    assert everything() == before


def test_it_puts_right_what_was_changed_by_hand(follow: Any, ask: Any, clock: Any) -> None:
    follow(DELIVERED)
    ask()
    before = everything()
    delivered = Event.objects.filter(code__startswith="done.").update(code="orig.accepted")
    Event.objects.order_by("occurred_at")[:1].get().delete()
    Trace.objects.update(status="LOST", code="bad.lost")
    Watch.objects.filter(carrier="russian_post").update(destination="KZ")
    found = rebuild(clock())
    assert (found.changed, found.watches_changed, found.traces_changed) == (delivered, 1, 1)
    assert found.added == 1
    assert everything()["events"] == before["events"]
    assert everything()["watches"] == before["watches"]
    assert Trace.objects.get().status == "DELIVERED"


def test_only_comparing_changes_nothing_and_says_what_differs(follow: Any, ask: Any, clock: Any) -> None:
    follow(DELIVERED)
    ask()
    Trace.objects.update(status="LOST")
    before = everything()
    found = rebuild(clock(), only_compare=True)
    assert (found.is_identical, found.traces_changed) == (False, 1)
    assert everything() == before


def test_an_event_its_reply_no_longer_tells_is_removed(follow: Any, ask: Any, clock: Any) -> None:
    follow(DELIVERED)
    ask()
    told = Event.objects.order_by("pk").first()
    told.key = b"0123456789abcdef"
    told.save(force_insert=True)
    assert rebuild(clock()).removed == 1


def test_what_came_after_the_given_moment_is_left_alone(follow: Any, ask: Any, clock: Any) -> None:
    follow(DELIVERED)
    moment = clock()
    clock.advance(seconds=1)
    ask()
    before = everything()
    assert rebuild(moment) == Rebuilt(0, 0, 0, 0, 0, 0, 0)
    assert everything() == before


def test_a_mapping_that_was_mended_reaches_what_was_stored(
    follow: Any, ask: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow("RB302232031CN", destination="RU")  # its carriers use a code of their own invention
    ask("russian_post")
    unmapped = Event.objects.get(code="sys.unmapped")
    from dataclasses import replace

    from sledi.carriers import carrier

    module = carrier("russian_post")
    read = module.read

    def mended(reply: Any) -> Any:
        reading = read(reply)
        reports = tuple(
            replace(
                r,
                events=tuple(
                    replace(e, code="last.out") if e.code == "sys.unmapped" else e for e in r.events
                ),
            )
            for r in reading.reports
        )
        return replace(reading, reports=reports)

    monkeypatch.setattr(module, "read", mended)
    found = rebuild(clock())
    assert (found.changed, found.traces_changed) == (1, 1)
    unmapped.refresh_from_db()
    assert unmapped.code == "last.out"
    assert Trace.objects.get().status == "OUT_FOR_DELIVERY"
    assert Outbox.objects.order_by("created_at").last().code == "last.out"


def test_a_reply_we_once_failed_to_take_in_is_taken_in(
    follow: Any, ask: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(DELIVERED, destination="RU")
    with monkeypatch.context() as fault:
        fault.setattr(replies, "take_reading", lambda *_: 1 / 0)
        ask("russian_post", seconds=1)
    kept = Reply.objects.get()
    assert kept.problem == "Fault: ZeroDivisionError: division by zero"
    assert Watch.objects.get(carrier="russian_post").problem == kept.problem
    assert rebuild(clock()).added > 0
    assert Trace.objects.get().status == "DELIVERED"


def test_after_a_messy_run_of_all_stories_everything_is_identical(
    follow: Any, ask: Any, clock: Any, simulator: Any
) -> None:
    numbers = [story.number for story in stories.stories()]
    for begin in range(0, len(numbers), 40):
        follow("\n".join(numbers[begin : begin + 40]))
    for turn in range(4):
        for carrier, day in (
            ("russian_post", BadDay.TRUNCATED),
            ("ukrposhta", BadDay.DUPLICATES),
            ("seventeentrack", BadDay.OUT_OF_ORDER),
            ("kazpost", BadDay.WRONG_ZONE),
            ("belpost", BadDay.NOT_FOUND),
            ("kuaidi100", BadDay.HTTP_503),
        ):
            simulator.world.bad_days.switch_on(Switch(day, carrier, left=turn))
        ask(seconds=2)
        simulator.world.clock.advance(9 * 3600)
        clock.advance(hours=9)
    assert Event.objects.count() > 400
    before = everything()
    found = rebuild(clock(), only_compare=True)
    assert found.is_identical, found
    rebuild(clock())
    assert everything() == before
    counted = dict(Trace.objects.values_list("pk", "event_count"))
    for trace in Trace.objects.prefetch_related("links"):
        watches = [link.watch_id for link in trace.links.all()]
        assert Event.objects.filter(watch_id__in=watches).count() == counted[trace.pk]


def test_an_unreadable_push_is_counted_as_read_and_changes_nothing(follow: Any, clock: Any) -> None:
    from sledi.core.carrier import CarrierError

    follow(DELIVERED)
    with pytest.raises(CarrierError):
        take_push("seventeentrack", Answer(200, b"{}", "push"), clock())
    assert rebuild(clock()).is_identical
