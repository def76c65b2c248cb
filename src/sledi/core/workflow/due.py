"""When a timer is due."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from sledi.core import clock
from sledi.core.workflow.model import Timer


def due_at(
    timer: Timer,
    anchors: Mapping[str, datetime],
    *,
    settings: Mapping[str, Any],
    fields: Mapping[str, Any],
    days_off: Collection[date] | None = None,
) -> datetime | None:
    """The moment (UTC) a timer is due; None while its anchor or the field it counts by is not known yet.

    ``anchors`` are moments by name (``vocabulary.ANCHORS``); ``settings`` those of the business, complete (see
    ``Workflow.settings_with``); ``fields`` what the entity has, its attributes and supplied fields together.
    ``days_off`` replaces a calendar the library does not know. Raises clock.NoCalendar.
    """
    anchor = anchors.get(timer.anchor)
    amount = _amount(timer, settings, fields)
    if anchor is None or amount is None:
        return None
    return clock.due(anchor, amount, timer.after.unit, timer.calendar, days_off=days_off)


def _amount(timer: Timer, settings: Mapping[str, Any], fields: Mapping[str, Any]) -> int | None:
    if timer.after.setting:
        return int(settings[timer.after.setting])
    if timer.after.field:
        found = fields.get(timer.after.field)
        return int(found) if found else None
    return timer.after.amount
