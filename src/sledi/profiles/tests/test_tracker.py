"""The tracker profile follows a parcel along its way, and never back."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sledi import profiles
from sledi.core.statuses import PublicStatus
from sledi.core.workflow import Refused, decide, due_at

TRACKER = profiles.workflow("tracker")
LINE = (
    "expected",
    "announced",
    "accepted",
    "origin_transit",
    "export_customs",
    "border_silence",
    "arrived_destination",
    "import_customs",
    "last_mile",
    "ready_for_pickup",
    "delivered",
)


def after(state: str, status: str, *milestones: str) -> str:
    """The state after news of ``status``: the first move waiting for it that is not refused."""
    context: dict[str, Any] = {
        "track": {"state": state, "phase": "", "status": status, "milestones": list(milestones)},
        "account": {"available": 0, "held": 0, "currency": ""},
        "now": 0,
    }
    for move in TRACKER.transitions("track").values():
        if status not in move.on or state not in move.sources:
            continue
        try:
            return decide(
                TRACKER, "track", move.name, state=state, role="carrier", supplied={}, context=context
            ).target
        except Refused:
            continue
    return state


def test_the_line_and_its_side_states() -> None:
    assert tuple(TRACKER.states("track")) == (*LINE, "exception", "returned", "lost")
    assert TRACKER.initial("track") == "expected"


def test_it_knows_no_orders_and_nobody_moves_it_by_hand_once_it_has_a_number() -> None:
    assert tuple(TRACKER.levels) == ("track",)
    moves = TRACKER.transitions("track").values()
    by_hand = {move.name: move.sources for move in moves if not move.roles <= {"carrier", "timer"}}
    assert by_hand == {"watch": frozenset(), "follow": frozenset(), "give_number": {"expected"}}


@pytest.mark.parametrize(
    ("state", "status", "milestones", "expected"),
    [
        ("expected", "REGISTERED", (), "announced"),
        ("announced", "ACCEPTED", ("accepted",), "accepted"),
        ("accepted", "IN_TRANSIT", ("accepted",), "origin_transit"),
        ("origin_transit", "CUSTOMS", ("accepted", "export_customs"), "export_customs"),
        ("export_customs", "IN_TRANSIT", ("export_customs", "left_origin"), "border_silence"),
        ("border_silence", "ARRIVED", ("left_origin", "arrived"), "arrived_destination"),
        ("arrived_destination", "CUSTOMS", ("arrived", "import_customs"), "import_customs"),
        ("import_customs", "ARRIVED", ("arrived", "import_customs", "released"), "last_mile"),
        ("last_mile", "READY_FOR_PICKUP", ("arrived", "released", "at_office"), "ready_for_pickup"),
        ("ready_for_pickup", "DELIVERED", ("arrived", "at_office", "delivered"), "delivered"),
    ],
)
def test_the_usual_way(state: str, status: str, milestones: tuple[str, ...], expected: str) -> None:
    assert after(state, status, *milestones) == expected


@pytest.mark.parametrize("state", LINE[:-1])
def test_stages_may_be_skipped(state: str) -> None:
    assert after(state, "DELIVERED") == "delivered"
    if state not in ("ready_for_pickup",):
        assert after(state, "READY_FOR_PICKUP") == "ready_for_pickup"


@pytest.mark.parametrize("status", [str(status) for status in PublicStatus])
@pytest.mark.parametrize("state", LINE)
def test_no_news_takes_a_parcel_back_along_the_line(state: str, status: str) -> None:
    reached = after(state, status)
    if reached in LINE:
        assert LINE.index(reached) >= LINE.index(state)


def test_an_export_customs_scan_does_not_count_after_the_border() -> None:
    assert after("origin_transit", "CUSTOMS", "left_origin", "arrived", "import_customs") == "import_customs"
    assert after("border_silence", "CUSTOMS", "export_customs", "left_origin") == "border_silence"


@pytest.mark.parametrize("status", ["PROBLEM", "RETURNING", "CANCELLED"])
def test_an_obstacle_takes_it_aside(status: str) -> None:
    assert after("last_mile", status, "arrived", "at_office") == "exception"


@pytest.mark.parametrize(
    ("status", "milestones", "expected"),
    [
        ("ACCEPTED", ("accepted",), "accepted"),
        ("IN_TRANSIT", ("accepted",), "origin_transit"),
        ("IN_TRANSIT", ("accepted", "export_customs"), "export_customs"),
        ("IN_TRANSIT", ("accepted", "left_origin"), "border_silence"),
        ("IN_TRANSIT", ("left_origin", "arrived"), "arrived_destination"),
        ("IN_TRANSIT", ("arrived", "import_customs"), "import_customs"),
        ("IN_TRANSIT", ("arrived", "released"), "last_mile"),
        ("OUT_FOR_DELIVERY", ("arrived",), "last_mile"),
        ("RETURNED", ("return_started", "returned"), "returned"),
        ("LOST", (), "lost"),
    ],
)
def test_from_aside_it_rejoins_where_its_milestones_say(
    status: str, milestones: tuple[str, ...], expected: str
) -> None:
    assert after("exception", status, *milestones) == expected


@pytest.mark.parametrize("state", ["delivered", "returned", "lost"])
def test_the_end_is_the_end(state: str) -> None:
    assert TRACKER.is_final("track", state)
    assert {after(state, str(status)) for status in PublicStatus} == {state}


def test_silence_is_told_and_changes_no_state() -> None:
    assert after("border_silence", "STALE", "left_origin") == "border_silence"
    silent = TRACKER.transitions("track")["fall_silent"]
    assert [effect.name for effect in silent.effects] == ["notify"]
    assert "ready_for_pickup" not in silent.sources


def test_a_parcel_is_expected_three_to_five_days_after_the_purchase() -> None:
    settings = TRACKER.settings_with({})
    assert (settings["dispatch_days_min"], settings["dispatch_days_max"]) == (3, 5)
    bought = datetime(2026, 11, 2, 8, tzinfo=UTC)
    due = due_at(
        TRACKER.timers("track")["dispatch_overdue"], {"placed": bought}, settings=settings, fields={}
    )
    assert due == datetime(2026, 11, 7, 8, tzinfo=UTC)


def test_the_words_are_those_of_the_tracker_pages() -> None:
    states = TRACKER.states("track")
    told = {
        key: states[key].label["ru"]
        for key in ("accepted", "border_silence", "ready_for_pickup", "delivered")
    }
    assert told == {
        "accepted": "Принята",
        "border_silence": "Между почтами",
        "ready_for_pickup": "Можно забрать",
        "delivered": "Вручена",
    }


def test_every_state_is_named_and_explained_in_every_language() -> None:
    for state in TRACKER.states("track").values():
        assert set(state.label) == set(state.about) == {"ru", "en", "bg", "kk", "uk"}
