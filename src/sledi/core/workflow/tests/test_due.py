"""A timer is due by its anchor, its length and the calendar of a country."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sledi.core.clock import NoCalendar
from sledi.core.workflow import due_at, load
from sledi.core.workflow.tests.shop import document, shop

AT = datetime(2026, 9, 30, 2, tzinfo=UTC)  # ten in the morning in Beijing
TIMERS = shop().timers("item")


def due(
    name: str, anchors: dict[str, datetime], fields: dict[str, Any] | None = None, **settings: Any
) -> Any:
    return due_at(TIMERS[name], anchors, settings=shop().settings_with(settings), fields=fields or {})


def test_a_stall_counts_working_days_by_the_setting() -> None:
    assert due("stalled", {"last_change": AT}) == datetime(2026, 10, 12, 2, tzinfo=UTC)
    assert due("stalled", {"last_change": AT}, stall_days=5) == datetime(2026, 10, 13, 2, tzinfo=UTC)


def test_a_length_in_hours_stands_in_the_profile() -> None:
    assert due("expiry", {"state_entry": AT}) == datetime(2026, 10, 1, 2, tzinfo=UTC)


def test_a_length_may_be_a_field_of_the_entity() -> None:
    assert due("late", {"placed": AT}, {"processing_days": 3}) == datetime(2026, 10, 3, 2, tzinfo=UTC)


def test_without_its_anchor_or_its_field_nothing_is_due() -> None:
    assert due("late", {}, {"processing_days": 3}) is None
    assert due("late", {"placed": AT}) is None
    assert due("late", {"placed": AT}, {"processing_days": 0}) is None


def test_a_timer_of_a_country_without_a_calendar_waits_for_its_days_off() -> None:
    changed = document()
    changed["timers"]["item"]["stalled"]["calendar"] = "UA"
    timer = load(changed).timers("item")["stalled"]
    with pytest.raises(NoCalendar):
        due_at(timer, {"last_change": AT}, settings={"stall_days": 1}, fields={})
    found = due_at(timer, {"last_change": AT}, settings={"stall_days": 1}, fields={}, days_off=())
    assert found == datetime(2026, 10, 1, 2, tzinfo=UTC)
