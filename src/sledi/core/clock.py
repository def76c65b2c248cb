"""Deadlines: hours, calendar days and working days of a country, by the clocks of its capital.

    >>> due(datetime(2026, 9, 30, 2, 0, tzinfo=UTC), 4, "working_days", "CN").date()  # 1-7 October is off
    datetime.date(2026, 10, 12)
    >>> withdrawal_ends_on(date(2026, 12, 10), "BG")
    datetime.date(2026, 12, 29)

Public holidays come from the library ``holidays``, with the make-up working days some countries put on weekends.
Where the library knows no day of a year, the calendar is not empty but unknown: ``NoCalendar``, until somebody
confirms the days off (``days_off``; an empty collection confirms that there are none).
"""

import tomllib
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from zoneinfo import ZoneInfo

import holidays

WITHDRAWAL_DAYS = 14
FURTHEST_DAYS = 3660
"""No deadline is further away than ten years."""


class NoCalendar(LookupError):
    """The working days of a country in a year are not known. Somebody must confirm the days off."""

    def __init__(self, country: str, year: int) -> None:
        super().__init__(f"no holidays of {country or 'no country'} are known for {year}")
        self.country = country
        self.year = year


def due(
    start: datetime, amount: int, unit: str, country: str = "", *, days_off: Collection[date] | None = None
) -> datetime:
    """The moment, in UTC, so many hours, days or working_days after ``start`` (aware).

    The day of the start is not counted; the time of day stays, by the clocks of the country's capital (of UTC
    without a country). Of full_days and full_working_days the last one counts whole: due is where the next begins.
    Raises NoCalendar for working days, ValueError for an unknown unit, an unknown country or an amount below zero
    or above ten years.
    """
    if start.tzinfo is None:
        raise ValueError("a deadline starts at a moment with a zone")
    if amount < 0 or amount > FURTHEST_DAYS * (24 if unit == "hours" else 1):
        raise ValueError(f"{amount} {unit} is no deadline")
    if unit == "hours":
        return start.astimezone(UTC) + timedelta(hours=amount)
    local, counted = start.astimezone(zone_of(country)), unit.removeprefix("full_")
    if counted == "days":
        day = local.date() + timedelta(days=amount)
    elif counted == "working_days":
        day = _working_day_after(local.date(), amount, country, days_off)
    else:
        raise ValueError(f"{unit!r} is no unit of time")
    if counted != unit:
        return datetime.combine(day + timedelta(days=1), time(), local.tzinfo).astimezone(UTC)
    return datetime.combine(day, local.timetz()).astimezone(UTC)


def last_day(deadline: datetime, country: str = "") -> date:
    """The last day that begins before a deadline, by the clocks of the country's capital: what is told to people.

    >>> last_day(datetime(2026, 12, 29, 22, 0, tzinfo=UTC), "BG")  # the midnight after 29 December in Sofia
    datetime.date(2026, 12, 29)
    """
    return (deadline - timedelta(microseconds=1)).astimezone(zone_of(country)).date()


def is_working_day(day: date, country: str, *, days_off: Collection[date] | None = None) -> bool:
    """Whether people work on a day: no weekend, no holiday, or a weekend made up for one. Raises NoCalendar."""
    calendar = _calendar(country, day.year)
    if days_off is not None:
        return day not in days_off and not calendar.is_weekend(day)
    if not len(calendar):
        raise NoCalendar(country, day.year)
    return calendar.is_working_day(day)


def withdrawal_ends_on(
    delivered_on: date,
    country: str,
    days: int = WITHDRAWAL_DAYS,
    *,
    days_off: Collection[date] | None = None,
) -> date:
    """The last day on which a consumer of ``country`` may withdraw from a purchase. Raises NoCalendar.

    Calendar days from the day after the delivery (Directive 2011/83/EU Art. 9); where the last one is a holiday,
    Saturday or Sunday, the period ends with the following working day (Regulation 1182/71 Art. 3(1), 3(4)).
    """
    last = delivered_on + timedelta(days=days)
    while not is_working_day(last, country, days_off=days_off):
        last += timedelta(days=1)
    return last


def knows(country: str) -> bool:
    """Whether working days of a country (ISO 3166-1 alpha-2) can be counted at all."""
    return country in _SUPPORTED and country in _ZONES


def zone_of(country: str) -> ZoneInfo:
    """The clocks of a country's capital; UTC for "". Raises ValueError for a country nobody knows."""
    try:
        return ZoneInfo(_ZONES[country] if country else "UTC")
    except KeyError:
        raise ValueError(f"{country!r} is no country of ISO 3166-1") from None


def _working_day_after(day: date, amount: int, country: str, days_off: Collection[date] | None) -> date:
    for _ in range(amount):
        day += timedelta(days=1)
        while not is_working_day(day, country, days_off=days_off):
            day += timedelta(days=1)
    return day


@lru_cache(maxsize=256)
def _calendar(country: str, year: int) -> holidays.HolidayBase:
    """One year of one country: a calendar of several years would not tell which of them is empty."""
    if country not in _SUPPORTED:
        raise NoCalendar(country, year)
    return holidays.country_holidays(country, years=year, expand=False)


_SUPPORTED = frozenset(holidays.list_supported_countries(include_aliases=False))
_ZONES = MappingProxyType(
    tomllib.loads(files("sledi.core").joinpath("zones.toml").read_text(encoding="utf-8"))["capitals"]
)
