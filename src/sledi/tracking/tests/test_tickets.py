"""Russian Post in bulk: a ticket now, its answer later."""

from datetime import timedelta
from typing import Any

import pytest

from sledi.carriers import carrier
from sledi.tracking import operations, queries
from sledi.tracking.claims import next_task
from sledi.tracking.models import CarrierLine, Errand, Event, Reply, Trace, Watch
from sledi.tracking.rebuild import rebuild
from sledi.tracking.replies import TICKET_LIVES_S
from sledi_simulator.bad_days import BadDay, Switch

pytestmark = pytest.mark.django_db

POST = "russian_post"
READY, ARRIVED, UNKNOWN = "RB372813271CN", "LB710330014CN", "RB542030041CN"


@pytest.fixture
def ordered(follow: Any, ask: Any, clock: Any, simulator: Any) -> None:
    """Three numbers for which nobody waits, ordered with one ticket."""
    follow(f"{READY} {ARRIVED} {UNKNOWN}", destination="RU")
    Watch.objects.update(is_urgent=False)
    assert ask(POST, seconds=1) == 1


def test_who_waits_is_asked_for_at_once_and_all_others_with_one_ticket(
    follow: Any, ask: Any, clock: Any, simulator: Any
) -> None:
    follow(f"{READY} {ARRIVED} {UNKNOWN}", destination="RU")
    Watch.objects.exclude(number=READY).update(is_urgent=False)
    ask(POST, seconds=1)

    errand = Errand.objects.get()
    assert sorted(errand.numbers) == sorted([ARRIVED, UNKNOWN])
    assert Watch.objects.get(carrier=POST, number=READY).outcome == "found"


def test_the_watches_wait_for_the_ticket(ordered: None, clock: Any) -> None:
    errand = Errand.objects.get()
    assert errand.due_at - errand.created_at == timedelta(minutes=15)
    waiting = Watch.objects.filter(carrier=POST)
    assert {watch.due_at - errand.created_at for watch in waiting} == {timedelta(seconds=TICKET_LIVES_S)}


def test_the_answer_is_collected_when_it_is_ready(
    ordered: None, ask: Any, clock: Any, simulator: Any
) -> None:
    simulator.world.clock.advance(15 * 60)
    clock.advance(minutes=15)
    assert ask(POST, seconds=1) == 1
    outcomes = dict(Watch.objects.filter(carrier=POST).values_list("number", "outcome"))
    assert outcomes == {READY: "found", ARRIVED: "found", UNKNOWN: "not_found"}
    assert Trace.objects.get(number=READY).status == "READY_FOR_PICKUP"
    assert Errand.objects.get().due_at is None
    due = Watch.objects.get(carrier=POST, number=ARRIVED).due_at - clock()
    assert timedelta(hours=3.5) < due < timedelta(hours=4.5)


def test_an_answer_that_is_not_ready_is_asked_for_again_in_a_quarter_of_an_hour(
    ordered: None, ask: Any, clock: Any, simulator: Any
) -> None:
    clock.advance(minutes=15)  # the carrier's clock stands still
    asked_at = clock()
    assert ask(POST, seconds=1) == 1
    errand = Errand.objects.get()
    assert (errand.due_at - asked_at, errand.attempts) == (timedelta(minutes=15), 0)
    assert CarrierLine.objects.get(kind="answer").failures_in_row == 0
    assert not Reply.objects.exclude(problem="").exists()


def test_a_ticket_that_has_expired_is_ordered_anew(
    ordered: None, ask: Any, clock: Any, simulator: Any
) -> None:
    simulator.world.clock.advance(33 * 3600)
    clock.advance(minutes=15)
    assert ask(POST, seconds=1) == 1
    assert Errand.objects.get().due_at is None
    problems = set(Watch.objects.filter(carrier=POST).values_list("problem", flat=True))
    assert problems == {"temporary: Ответ удалён или билет не существует"}
    clock.advance(seconds=70)
    assert ask(POST, seconds=1) == 1
    assert Errand.objects.count() == 2


def test_an_answer_that_fails_is_asked_for_again_and_the_watches_go_on_waiting(
    ordered: None, ask: Any, clock: Any, simulator: Any
) -> None:
    simulator.world.clock.advance(15 * 60)
    simulator.world.bad_days.switch_on(Switch(BadDay.TRUNCATED, POST, left=1))
    clock.advance(minutes=15)
    asked_at = clock()
    ask(POST, seconds=1)
    errand = Errand.objects.get()
    assert errand.problem.startswith("Unavailable: HTTP 200, not XML")
    assert timedelta(seconds=54) <= errand.due_at - asked_at <= timedelta(seconds=66)
    clock.advance(seconds=70)
    ask(POST, seconds=1)
    assert Trace.objects.get(number=READY).status == "READY_FOR_PICKUP"


def test_a_ticket_nobody_could_collect_in_its_life_is_given_up(
    ordered: None, ask: Any, clock: Any, simulator: Any
) -> None:
    simulator.world.bad_days.switch_on(Switch(BadDay.HTTP_500, POST))
    clock.advance(seconds=TICKET_LIVES_S + 1)
    ask(POST, seconds=1)
    assert Errand.objects.get().due_at is None
    assert Watch.objects.filter(carrier=POST, due_at__isnull=False).count() == 3


def test_a_worker_killed_while_collecting_leaves_the_ticket_to_another(
    ordered: None, ask: Any, clock: Any, simulator: Any
) -> None:
    simulator.world.clock.advance(15 * 60)
    clock.advance(minutes=15)
    assert next_task(carrier(POST), clock()).errand is not None  # and is never heard of again
    assert next_task(carrier(POST), clock()) is None
    clock.advance(minutes=4)
    assert ask(POST, seconds=1) == 1
    assert Trace.objects.get(number=READY).status == "READY_FOR_PICKUP"


def test_somebody_who_opens_the_page_meanwhile_is_served_at_once(
    follow: Any, ask: Any, clock: Any, simulator: Any
) -> None:
    token = follow(READY, destination="RU")
    Watch.objects.update(is_urgent=False)
    ask(POST, seconds=1)
    clock.advance(hours=2)
    assert operations.ask_again(token, READY, at=clock())
    ask(POST, seconds=1)
    assert Trace.objects.get().status == "READY_FOR_PICKUP"


def test_without_the_access_for_single_numbers_everybody_goes_by_ticket(
    follow: Any, ask: Any, clock: Any, simulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SLEDI_CARRIER_RUSSIAN_POST_LOGIN")
    follow(READY, destination="RU")
    ask(POST, seconds=1)
    assert Errand.objects.get().numbers == [READY]


def test_the_history_told_with_zones_and_without_is_one_history(
    follow: Any, ask: Any, clock: Any, simulator: Any
) -> None:
    token = follow(ARRIVED, destination="RU")
    ask(POST, seconds=1)
    alone = queries.parcel_page(token, ARRIVED, clock()).timeline
    Watch.objects.filter(carrier=POST).update(due_at=clock(), is_urgent=False)
    ask(POST, seconds=1)
    simulator.world.clock.advance(15 * 60)
    clock.advance(minutes=15)
    assert ask(POST, seconds=1) == 1
    both = queries.parcel_page(token, ARRIVED, clock()).timeline
    assert Event.objects.count() > len(alone.lines)  # the batch names no places, so they are stored apart
    assert [(line.at, line.code, line.place) for line in both.lines] == [
        (line.at, line.code, line.place) for line in alone.lines
    ]
    assert both.summary == alone.summary
    assert rebuild(clock()).is_identical
