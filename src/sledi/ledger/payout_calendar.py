"""Which sales are paid out together, and when: dated data in payout_calendar.toml."""

import tomllib
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from sledi.core.clock import is_working_day


class NoSchedule(LookupError):
    """No payout schedule was in force on this day."""


@dataclass(frozen=True, slots=True)
class Run:
    """Sales of ``first`` to ``last`` are paid on ``pays_on``; the commission's invoice goes out before it."""

    first: date
    last: date
    pays_on: date
    invoice_on: date


def run_of(sold_on: date, country: str) -> Run:
    """The run that pays a sale of this day, moved to the next working day of ``country``.

    Raises NoSchedule for a day before the first schedule, NoCalendar where working days are not known.
    """
    document = _document()
    schedule = [entry for entry in document["schedule"] if entry["valid_from"] <= sold_on]
    if not schedule:
        raise NoSchedule(f"no payout schedule was in force on {sold_on}")
    rule = next(run for run in schedule[-1]["runs"] if run["first"] <= sold_on.day <= run["last"])
    pays_on = _working(_day(sold_on, rule["pays"], rule["month"]), country)
    return Run(
        first=sold_on.replace(day=rule["first"]),
        last=_day(sold_on, rule["last"], 0),
        pays_on=pays_on,
        invoice_on=pays_on - timedelta(days=document["invoice_days_before"]),
    )


def last_run(today: date, country: str) -> Run:
    """The newest run whose day of payment has come. It takes what earlier runs left, too.

    Raises NoSchedule before the first one, NoCalendar where working days are not known.
    """
    sold_on = today
    while (found := run_of(sold_on, country)).pays_on > today:
        sold_on = found.first - timedelta(days=1)
    return found


@cache
def _document() -> dict[str, Any]:
    text = files("sledi.ledger").joinpath("payout_calendar.toml").read_text(encoding="utf-8")
    document = tomllib.loads(text)
    document["schedule"].sort(key=lambda entry: entry["valid_from"])
    return document


def _day(of: date, day: int, months_later: int) -> date:
    year, month = divmod(of.year * 12 + of.month - 1 + months_later, 12)
    return date(year, month + 1, min(day, monthrange(year, month + 1)[1]))


def _working(day: date, country: str) -> date:
    while not is_working_day(day, country):
        day += timedelta(days=1)
    return day
