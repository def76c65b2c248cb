"""Deadlines by the calendar of a country. The cases of Bulgaria and China are worked out by hand from the law."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sledi.core import clock
from sledi.core.clock import NoCalendar
from sledi.core.numbers.countries import ASSIGNED

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("delivered", "ends"),
    [
        ("2026-03-20", "2026-04-03"),  # a Friday like any other
        ("2026-03-27", "2026-04-14"),  # Orthodox Good Friday to Easter Monday
        ("2026-09-08", "2026-09-23"),  # Independence Day
        ("2026-12-01", "2026-12-15"),
        ("2026-12-09", "2026-12-23"),
        ("2026-12-10", "2026-12-29"),  # Christmas 24-26, a Sunday, and the 28th observed
        ("2026-12-11", "2026-12-29"),
        ("2026-12-18", "2027-01-04"),  # New Year and a weekend
    ],
)
def test_the_withdrawal_window_of_bulgaria_ends_on_a_working_day(delivered: str, ends: str) -> None:
    assert clock.withdrawal_ends_on(date.fromisoformat(delivered), "BG") == date.fromisoformat(ends)


def test_the_window_may_be_of_another_length() -> None:
    assert clock.withdrawal_ends_on(date(2026, 3, 20), "BG", 30) == date(2026, 4, 20)


@pytest.mark.parametrize(
    ("start", "amount", "day"),
    [
        (datetime(2026, 9, 30, 10, tzinfo=SHANGHAI), 4, "2026-10-12"),  # 10 October is made up for
        (datetime(2026, 9, 30, 10, tzinfo=SHANGHAI), 5, "2026-10-13"),
        (datetime(2026, 11, 20, 18, tzinfo=SHANGHAI), 3, "2026-11-25"),  # from a Friday
        (datetime(2026, 11, 21, 18, tzinfo=SHANGHAI), 1, "2026-11-23"),  # from a Saturday
        (datetime(2026, 2, 13, 9, tzinfo=SHANGHAI), 1, "2026-02-14"),  # a make-up Saturday
        (datetime(2026, 9, 30, 10, tzinfo=SHANGHAI), 0, "2026-09-30"),
    ],
)
def test_working_days_of_china_keep_the_hour(start: datetime, amount: int, day: str) -> None:
    found = clock.due(start, amount, "working_days", "CN")
    assert found.astimezone(SHANGHAI) == datetime.combine(date.fromisoformat(day), start.timetz())
    assert found.tzinfo is UTC


def test_the_day_of_the_start_is_that_of_the_capital() -> None:
    late = datetime(2026, 11, 19, 20, tzinfo=UTC)  # already Friday in Beijing
    assert clock.due(late, 1, "working_days", "CN") == datetime(2026, 11, 22, 20, tzinfo=UTC)


def test_hours_are_hours_and_days_keep_the_hour_over_a_change_of_the_clocks() -> None:
    before = datetime(2026, 10, 24, 9, tzinfo=UTC)  # noon in Sofia, summer time until the night
    assert clock.due(before, 24, "hours", "BG") == before + timedelta(hours=24)
    assert clock.due(before, 1, "days", "BG") == before + timedelta(hours=25)
    assert clock.due(before, 1, "days") == before + timedelta(hours=24)


def test_of_full_days_the_last_one_counts_whole() -> None:
    shipped = datetime(2026, 9, 28, 9, tzinfo=UTC)  # a Monday, noon in Sofia
    assert clock.due(shipped, 7, "full_days", "BG") == datetime(2026, 10, 5, 21, tzinfo=UTC)
    assert clock.due(shipped, 7, "full_working_days", "BG") == datetime(2026, 10, 7, 21, tzinfo=UTC)
    assert clock.due(datetime(2026, 10, 24, 9, tzinfo=UTC), 1, "full_days", "BG") == datetime(
        2026, 10, 25, 22, tzinfo=UTC
    )  # the clocks went back that night


def test_a_deadline_at_midnight_is_told_as_the_day_before() -> None:
    assert clock.last_day(datetime(2026, 12, 29, 22, tzinfo=UTC), "BG") == date(2026, 12, 29)
    assert clock.last_day(datetime(2026, 12, 29, 22, 1, tzinfo=UTC), "BG") == date(2026, 12, 30)
    assert clock.last_day(datetime(2026, 12, 29, 22, tzinfo=UTC)) == date(2026, 12, 29)


def test_an_empty_year_is_unknown_and_not_free_of_holidays() -> None:
    with pytest.raises(NoCalendar) as unknown:
        clock.due(datetime(2026, 11, 20, 9, tzinfo=UTC), 3, "working_days", "UA")
    assert (unknown.value.country, unknown.value.year) == ("UA", 2026)
    with pytest.raises(NoCalendar):
        clock.withdrawal_ends_on(date(2026, 11, 20), "UA")


def test_confirmed_days_off_stand_in_for_an_unknown_year() -> None:
    friday = datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert clock.due(friday, 1, "working_days", "UA", days_off=()).date() == date(2026, 11, 23)
    assert clock.due(friday, 1, "working_days", "UA", days_off={date(2026, 11, 23)}).date() == date(
        2026, 11, 24
    )
    assert clock.withdrawal_ends_on(date(2026, 11, 9), "UA", days_off={date(2026, 11, 23)}) == date(
        2026, 11, 24
    )


@pytest.mark.parametrize("country", ["", "XX"])
def test_no_working_day_is_known_where_there_is_no_calendar(country: str) -> None:
    with pytest.raises(NoCalendar):
        clock.is_working_day(date(2026, 11, 20), country)
    assert not clock.knows(country)


def test_make_up_days_are_worked_and_holidays_are_not() -> None:
    assert clock.is_working_day(date(2026, 10, 10), "CN")
    assert not clock.is_working_day(date(2026, 10, 7), "CN")
    assert not clock.is_working_day(date(2026, 10, 11), "CN")
    assert clock.knows("CN")


@pytest.mark.parametrize(
    ("amount", "unit"),
    [(-1, "days"), (3661, "days"), (3660 * 24 + 1, "hours"), (1, "weeks"), (3661, "working_days")],
)
def test_what_is_no_length_of_time_is_refused(amount: int, unit: str) -> None:
    with pytest.raises(ValueError, match=r"no deadline|no unit"):
        clock.due(datetime(2026, 11, 20, tzinfo=UTC), amount, unit, "CN")


def test_a_moment_without_a_zone_and_a_country_nobody_knows_are_refused() -> None:
    with pytest.raises(ValueError, match="a zone"):
        clock.due(datetime(2026, 11, 20), 1, "days")  # noqa: DTZ001
    with pytest.raises(ValueError, match="no country"):
        clock.due(datetime(2026, 11, 20, tzinfo=UTC), 1, "days", "XX")


def test_every_country_has_clocks() -> None:
    named = {str(clock.zone_of(country)) for country in ASSIGNED - {"AQ", "BV", "HM", "UM"}}
    assert named <= available_timezones()


@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 11, 30)), st.integers(1, 20))  # noqa: DTZ001
def test_a_deadline_falls_on_a_working_day_and_never_later_with_less_to_wait(
    start: datetime, amount: int
) -> None:
    at = start.replace(tzinfo=UTC)
    found = clock.due(at, amount, "working_days", "CN")
    assert clock.is_working_day(found.astimezone(SHANGHAI).date(), "CN")
    assert clock.due(at, amount - 1, "working_days", "CN") < found
