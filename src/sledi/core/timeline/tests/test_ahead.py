"""What comes next: the window of arrival, and whose move it is."""

from datetime import timedelta

import pytest

from sledi.core.statuses import EVENT_CODES
from sledi.core.timeline import ACTS, Promise, Sighting, Window, derive, expected, next_move
from sledi.core.timeline.tests.scans import (
    arrived_in_almaty,
    china,
    delivered_in_karaganda,
    exported,
    kazakhstan,
    moment,
)

DAY = timedelta(days=1)


def window(now: str, *sightings: Sighting, promise: Promise | None = None) -> Window | None:
    return expected(derive(sightings, origin="CN", destination="KZ"), moment(now), promise)


# --- the window of arrival ---


def test_from_the_border_on_the_rest_of_the_way_is_added_up() -> None:
    found = window("11-12 00:00", *exported())
    left, accepted = moment("11-11 15:05"), moment("11-07 07:48")
    assert found is not None
    assert found.from_at == accepted + 15 * DAY  # crossing, customs and last mile alone would say 7 days
    assert found.until_at == left + (14 + 6 + 8) * DAY
    assert (found.basis, found.words) == ("usual-for-lane", "usual for this lane")
    assert "Kazpost control periods" in found.source


def test_the_window_narrows_with_every_stage() -> None:
    journey = delivered_in_karaganda()
    widths = [
        found.until_at - found.from_at
        for count in (2, 7, 8, 10, 13)
        if (found := window(f"{journey[count - 1].event.occurred_at:%m-%d %H:%M}", *journey[:count]))
    ]
    assert len(widths) == 5
    assert widths == sorted(widths, reverse=True)


def test_a_window_never_begins_in_the_past() -> None:
    found = window("11-28 00:00", *exported())
    assert found is not None
    assert found.from_at == moment("11-28 00:00")


def test_when_the_usual_is_over_nothing_is_said() -> None:
    assert window("12-20 00:00", *exported()) is None


def test_on_a_way_to_nobody_knows_where_only_a_carriers_promise_counts() -> None:
    timeline, now = derive([china("orig.accepted", "11-07 07:48")]), moment("11-09 00:00")
    assert timeline.summary.destination == ""
    assert expected(timeline, now) is None
    promised = expected(timeline, now, Promise(moment("11-20 00:00"), carrier="kazpost"))
    assert promised is not None
    assert promised.until_at == moment("11-20 00:00")


def test_before_acceptance_nothing_is_said() -> None:
    assert window("11-07 00:00", china("pre.info", "11-06 02:00")) is None
    assert expected(derive([]), moment("11-07 00:00")) is None


@pytest.mark.parametrize(
    "code", ["bad.address", "last.failed", "ret.started", "done.signed", "bad.cancelled"]
)
def test_nothing_is_said_of_a_parcel_that_is_held_up_or_goes_back_or_has_ended(code: str) -> None:
    assert window("11-24 00:00", *arrived_in_almaty(), kazakhstan(code, "11-23 00:00")) is None


def test_a_parcel_that_waits_has_arrived() -> None:
    assert window("11-30 00:00", *delivered_in_karaganda()[:-1]) is None


def test_out_for_delivery_is_a_matter_of_a_day() -> None:
    out = kazakhstan("last.out", "11-29 05:00", "Karaganda")
    found = window("11-29 06:00", *arrived_in_almaty(), out)
    assert found is not None
    assert (found.from_at, found.until_at) == (moment("11-29 06:00"), moment("11-30 05:00"))


def test_the_carriers_own_promise_wins() -> None:
    promise = Promise(moment("11-30 18:00"), moment("11-28 00:00"), "kazpost")
    found = window("11-24 00:00", *arrived_in_almaty(), promise=promise)
    assert found is not None
    assert (found.from_at, found.until_at) == (moment("11-28 00:00"), moment("11-30 18:00"))
    assert (found.basis, found.source) == ("carrier-promise", "kazpost")


def test_a_promise_that_was_not_kept_is_forgotten() -> None:
    promise = Promise(moment("11-22 18:00"), carrier="kazpost")
    found = window("11-24 00:00", *arrived_in_almaty(), promise=promise)
    assert found is not None
    assert found.basis == "usual-for-lane"


# --- whose move it is ---


def test_a_parcel_that_waits_is_the_recipients_until_its_storage_ends() -> None:
    move = next_move(derive(delivered_in_karaganda()[:-1], destination="KZ"), moment("11-30 00:00"))
    assert move is not None
    assert (move.owes, move.act, move.since) == ("buyer", "collect", moment("11-29 07:00"))
    assert move.until == moment("11-29 07:00") + 16 * DAY
    assert move.source == "assumption"


def test_customs_that_wait_for_money_wait_for_the_buyer() -> None:
    told = [*arrived_in_almaty(), kazakhstan("imp.customs_pay", "11-24 05:40")]
    move = next_move(derive(told, destination="KZ"), moment("11-25 00:00"))
    assert move is not None
    assert (move.owes, move.act, move.until) == ("buyer", "pay_customs", None)


def test_a_parcel_on_its_way_is_nobodys_move() -> None:
    assert next_move(derive(exported(), destination="KZ"), moment("11-13 00:00")) is None


def test_a_stale_parcel_is_the_operators_to_ask_about() -> None:
    timeline = derive(exported(), origin="CN", destination="KZ")
    move = next_move(timeline, moment("2027-03-01 00:00"))
    assert move is not None
    assert (move.owes, move.act, move.since) == ("operator", "ask_carrier", timeline.summary.stale_at)


def test_on_the_way_back_it_is_the_sellers_move() -> None:
    told = [
        *arrived_in_almaty(),
        kazakhstan("ret.started", "12-01 08:00"),
        kazakhstan("last.ready", "12-05 08:00"),
    ]
    move = next_move(derive(told, destination="KZ"), moment("12-06 00:00"))
    assert move is not None
    assert (move.owes, move.act) == ("seller", "decide_return")


@pytest.mark.parametrize("code", EVENT_CODES)
def test_every_code_that_somebody_owes_has_an_act_in_words(code: str) -> None:
    timeline = derive([kazakhstan(code, "11-24 05:40")], origin="CN", destination="KZ")
    move = next_move(timeline, moment("11-24 06:00"))
    if timeline.summary.code == code:
        assert (move.owes if move else "") == EVENT_CODES[code].owes
    assert move is None or move.act in ACTS
