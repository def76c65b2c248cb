"""Every bad day of a carrier: what is known stays, the trouble is readable, asking goes on, nothing is lost."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sledi.carriers import carrier
from sledi.tracking import health, queries
from sledi.tracking.models import CarrierLine, Event, Outbox, Reply, Trace, Watch
from sledi_simulator.bad_days import BadDay, Switch

pytestmark = pytest.mark.django_db

READY_IN_KAZAN = "RB372813271CN"
ARRIVED = "LB710330014CN"
POST = "russian_post"


@pytest.fixture
def known(follow: Any, ask: Any, clock: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """The token of a list with a parcel that is ready for pick-up in Kazan; the next question is due.

    Without the access for tickets, so that it is a question for the number alone.
    """
    monkeypatch.delenv("SLEDI_CARRIER_RUSSIAN_POST_BATCH_LOGIN")
    token = follow(READY_IN_KAZAN, destination="RU")
    ask(POST, seconds=1)
    assert Trace.objects.get().status == "READY_FOR_PICKUP"
    clock.advance(hours=9)
    return token


def stored() -> tuple[Any, ...]:
    trace = Trace.objects.values_list("status", "code", "place", "since", "event_count").get()
    return trace, set(Event.objects.values_list("watch_id", "key")), Outbox.objects.count()


def watch() -> Watch:
    return Watch.objects.get(carrier=POST, number=READY_IN_KAZAN)


def line() -> CarrierLine:
    return CarrierLine.objects.get(carrier=POST, kind="history")


@pytest.mark.parametrize(
    ("day", "problem", "keeps_a_reply"),
    [
        (BadDay.HTML, "Unavailable: an HTML page", True),
        (BadDay.TRUNCATED, "Unavailable: HTTP 200, not XML: ", True),
        (BadDay.CUT_OFF, "Unavailable: RemoteProtocolError: peer closed connection", False),
        (BadDay.GIGABYTES, "Unavailable: the answer is longer than 8388608 bytes", False),
        (BadDay.RESET, "Unavailable: ReadError", False),
        (BadDay.HTTP_500, "Unavailable: HTTP 500", True),
        (BadDay.HTTP_503, "Unavailable: HTTP 503", True),
        (BadDay.EMPTY, "Unavailable: HTTP 200, not XML: no element found", True),
        (BadDay.ANOTHER_PARCEL, "Unreadable: historyRecord.ItemParameters.Barcode", True),
    ],
)
def test_a_failed_call_leaves_what_is_known_and_is_tried_again_in_a_minute(
    known: str, ask: Any, clock: Any, simulator: Any, day: BadDay, problem: str, keeps_a_reply: bool
) -> None:
    before, replies, asked_at = stored(), Reply.objects.count(), clock()
    simulator.world.bad_days.switch_on(Switch(day, POST))
    assert ask(POST, seconds=1) == 1
    assert stored() == before
    assert watch().problem.startswith(problem)
    assert (watch().outcome, watch().attempts) == ("found", 1)
    assert timedelta(seconds=54) <= watch().due_at - asked_at <= timedelta(seconds=66)
    kept = Reply.objects.order_by("received_at")[replies:]
    assert [reply.problem.startswith(problem) for reply in kept] == [True] * keeps_a_reply
    assert (line().failures_in_row, line().opens_at) == (1, None)
    assert line().problem == watch().problem


def test_a_carrier_that_says_nothing_is_given_up_after_its_time_out(
    known: str, ask: Any, clock: Any, simulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = carrier(POST)
    monkeypatch.setattr(module, "CALLS", tuple(replace(call, timeout_s=0.2) for call in module.CALLS))
    before = stored()
    simulator.world.bad_days.switch_on(Switch(BadDay.SLOW, POST))  # for an hour
    assert ask(POST, seconds=1) == 1
    assert stored() == before
    assert watch().problem == "Unavailable: no whole answer within 0.2 s"


def test_when_the_bad_day_is_over_everything_goes_on(
    known: str, ask: Any, clock: Any, simulator: Any
) -> None:
    simulator.world.bad_days.switch_on(Switch(BadDay.HTML, POST))
    ask(POST, seconds=1)
    simulator.world.bad_days.switch_off()
    clock.advance(seconds=70)
    assert ask(POST, seconds=1) == 1
    assert (watch().problem, watch().attempts, watch().outcome) == ("", 0, "found")
    assert (line().failures_in_row, line().opens_at) == (0, None)


def test_the_waits_grow_from_a_minute_to_six_hours(known: str, ask: Any, clock: Any, simulator: Any) -> None:
    simulator.world.bad_days.switch_on(Switch(BadDay.HTTP_500, POST))
    waits = []
    for _ in range(7):
        asked_at = clock()
        ask(POST, seconds=1)
        waits.append((watch().due_at - asked_at).total_seconds())
        clock.advance(hours=7)  # the breaker is half open by then
    usual = (60, 300, 900, 3600, 10_800, 21_600, 21_600)
    assert all(0.9 * wait <= waited <= 1.1 * wait for wait, waited in zip(usual, waits, strict=True)), waits


def test_wrong_credentials_stop_the_line_for_an_hour(
    known: str, ask: Any, clock: Any, simulator: Any
) -> None:
    before, asked_at = stored(), clock()
    simulator.world.bad_days.switch_on(Switch(BadDay.DENIED, POST))
    ask(POST, seconds=1)
    assert stored() == before
    assert watch().problem == "Denied: Неверный логин или пароль"
    assert watch().due_at - asked_at >= timedelta(hours=1)
    assert line().opens_at - asked_at == timedelta(hours=1)
    Watch.objects.update(due_at=clock())
    assert ask(POST) == 0


def test_throttling_is_obeyed(follow: Any, ask: Any, clock: Any, simulator: Any) -> None:
    follow("RB102240029BG", destination="BG")
    simulator.world.bad_days.switch_on(Switch(BadDay.THROTTLED, "seventeentrack", left=1))
    assert ask("seventeentrack", seconds=1) == 1
    refused = CarrierLine.objects.get(carrier="seventeentrack", kind="register")
    assert refused.problem == "Throttled: too many calls"
    assert (refused.opens_at - clock()).total_seconds() <= 1
    assert Watch.objects.get().problem == "Throttled: too many calls"
    clock.advance(seconds=70)
    assert ask("seventeentrack") == 2
    assert Trace.objects.get().status == "READY_FOR_PICKUP"


def test_a_batch_that_is_refused_is_asked_number_by_number(
    follow: Any, ask: Any, clock: Any, simulator: Any
) -> None:
    follow("0562501126057 RB573797434CN", destination="UA")
    simulator.world.bad_days.switch_on(Switch(BadDay.BATCH_LIMIT, "ukrposhta", left=1))
    assert ask("ukrposhta", seconds=1) == 1
    problems = Watch.objects.filter(carrier="ukrposhta").values_list("problem", flat=True)
    assert [problem.partition(":")[0] for problem in problems] == ["Refused", "Refused"]
    clock.advance(seconds=70)
    assert ask("ukrposhta", seconds=1) == 2
    assert set(Watch.objects.filter(carrier="ukrposhta").values_list("problem", "outcome")) == {("", "found")}


def test_a_number_the_carrier_forgets_keeps_its_history(
    known: str, ask: Any, clock: Any, simulator: Any
) -> None:
    before = stored()
    simulator.world.bad_days.switch_on(Switch(BadDay.NOT_FOUND, POST))
    ask(POST, seconds=1)
    assert stored() == before
    assert (watch().outcome, watch().problem) == ("not_found", "")
    assert watch().due_at > clock() + timedelta(hours=6)


def test_a_carrier_that_suddenly_calls_a_known_number_impossible_is_asked_again(
    known: str, ask: Any, clock: Any, simulator: Any
) -> None:
    before = stored()
    simulator.world.bad_days.switch_on(Switch(BadDay.MALFORMED_NUMBER, POST))
    ask(POST, seconds=1)
    assert stored() == before
    assert watch().outcome == "wrong_number"
    assert watch().due_at > clock() + timedelta(hours=6)


def test_a_number_that_was_always_impossible_is_asked_no_more(
    follow: Any, ask: Any, clock: Any, simulator: Any
) -> None:
    follow(READY_IN_KAZAN, destination="RU")
    simulator.world.bad_days.switch_on(Switch(BadDay.MALFORMED_NUMBER, POST))
    ask(POST, seconds=1)
    assert (watch().outcome, watch().due_at) == ("wrong_number", None)


def test_an_unknown_code_is_shown_in_the_carriers_words_and_counted(
    follow: Any, ask: Any, clock: Any, simulator: Any
) -> None:
    token = follow("RB302232031CN", destination="RU")  # its carriers all use a code of their own invention
    ask(POST, seconds=1)
    page = queries.parcel_page(token, "RB302232031CN", clock())
    newest = page.timeline.lines[-1]
    assert (newest.code, newest.public) == ("sys.unmapped", None)
    assert newest.event.raw_text
    assert page.timeline.status == "ARRIVED"
    (word,) = health.unmapped_words()
    assert (word.carrier, word.raw_text, word.times) == (POST, newest.event.raw_text, 1)
    post = next(one for one in health.carriers_health(clock()) if one.slug == POST)
    assert post.unmapped == 1


@pytest.mark.parametrize(
    "days", [(BadDay.DUPLICATES,), (BadDay.OUT_OF_ORDER,), (BadDay.DUPLICATES, BadDay.OUT_OF_ORDER)]
)
def test_doubled_and_shuffled_scans_change_nothing(
    known: str, ask: Any, clock: Any, simulator: Any, days: tuple[BadDay, ...]
) -> None:
    before = stored()
    for day in days:
        simulator.world.bad_days.switch_on(Switch(day, POST))
    assert ask(POST, seconds=1) == 1
    assert stored() == before
    assert (watch().outcome, watch().problem) == ("found", "")


def test_a_carrier_that_takes_its_local_time_for_utc_still_tells_a_parcel_in_order(
    follow: Any, ask: Any, clock: Any, simulator: Any
) -> None:
    token = follow(ARRIVED, destination="RU")
    simulator.world.bad_days.switch_on(Switch(BadDay.WRONG_ZONE, POST))
    ask(POST, seconds=1)
    page = queries.parcel_page(token, ARRIVED, clock())
    assert page.timeline.status == "ARRIVED"
    times = [line.at for line in page.timeline.lines]
    assert times == sorted(times)


def test_a_delivery_taken_back_is_no_delivery(follow: Any, ask: Any, clock: Any, simulator: Any) -> None:
    token = follow("RB215687612CN", destination="KZ")
    ask("seventeentrack", "kazpost")
    page = queries.parcel_page(token, "RB215687612CN", clock())
    assert page.timeline.status == "READY_FOR_PICKUP"


def test_one_bad_number_in_a_batch_spoils_nobody_elses_answer(
    follow: Any, ask: Any, clock: Any, simulator: Any
) -> None:
    follow("0562501126057 RB573797434CN RB164523572CN", destination="UA")
    simulator.world.bad_days.switch_on(Switch(BadDay.ANOTHER_PARCEL, "ukrposhta", "RB573797434CN"))
    ask("ukrposhta", seconds=1)
    clock.advance(seconds=70)
    ask("ukrposhta", seconds=1)
    outcomes = dict(Watch.objects.filter(carrier="ukrposhta").values_list("number", "outcome"))
    assert (outcomes["0562501126057"], outcomes["RB164523572CN"]) == ("found", "found")
    assert outcomes["RB573797434CN"] == ""


def test_five_failures_show_on_the_operators_page_as_down(
    known: str, ask: Any, clock: Any, simulator: Any
) -> None:
    simulator.world.bad_days.switch_on(Switch(BadDay.HTML, POST))
    for _ in range(5):
        Watch.objects.update(due_at=clock())
        ask(POST, seconds=1)
    post = next(one for one in health.carriers_health(clock()) if one.slug == POST)
    history = next(one for one in post.lines if one.kind == "history")
    assert post.tone == "problem"
    assert post.unreadable == 5
    assert (history.failures_in_row, history.problem) == (5, "Unavailable: an HTML page")
    assert history.opens_at is not None


def test_a_page_says_how_old_its_news_are_while_the_carrier_is_down(
    known: str, ask: Any, clock: Any, simulator: Any
) -> None:
    simulator.world.bad_days.switch_on(Switch(BadDay.RESET, POST))
    ask(POST, seconds=1)
    page = queries.parcel_page(known, READY_IN_KAZAN, clock())
    asking = next(one for one in page.row.askings if one.adapter == POST)
    assert (asking.is_failing, asking.outcome, asking.is_waiting) == (True, "found", False)
    assert clock() - asking.answered_at > timedelta(hours=9)
    assert page.timeline.status == "READY_FOR_PICKUP"
