from datetime import UTC, date, datetime

import pytest

from sledi.web.dates import day, day_range, in_zone, moment, zone_name

DAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ru", "20\u00a0ноября"),
        ("bg", "20\u00a0ноември"),
        ("kk", "20\u00a0қараша"),
        ("uk", "20\u00a0листопада"),
        ("en", "20\u00a0November"),
    ],
)
def test_a_day_has_its_month_in_words_and_does_not_break(language, said):
    assert day(DAY, language) == said


def test_another_year_is_said():
    assert day(DAY, "ru", date(2027, 1, 2)) == "20\u00a0ноября\u00a02026"
    assert day(DAY, "kk", date(2027, 1, 2)) == "2026\u00a0ж.\u00a020\u00a0қараша"
    assert day(DAY, "ru", date(2026, 12, 31)) == "20\u00a0ноября"


def test_a_range_within_a_month_says_the_month_once():
    assert day_range(date(2026, 11, 28), date(2026, 11, 30), "ru") == "28–30\u00a0ноября"
    assert day_range(date(2026, 11, 28), date(2026, 12, 2), "bg") == "28\u00a0ноември\u00a0– 2\u00a0декември"
    assert day_range(DAY, DAY, "uk") == "20\u00a0листопада"


def test_a_moment_is_told_by_the_clocks_of_its_place():
    at = datetime(2026, 11, 11, 15, 5, tzinfo=UTC)
    assert moment(in_zone(at, "Asia/Shanghai"), "ru") == "11\u00a0ноября, 23:05"
    assert moment(in_zone(at, "+08:00"), "ru") == "11\u00a0ноября, 23:05"
    assert in_zone(at, "Nowhere/Atall") == at


@pytest.mark.parametrize(
    ("zone", "name"),
    [("Asia/Shanghai", "UTC+8"), ("Asia/Kolkata", "UTC+5:30"), ("America/Bogota", "UTC−5"), ("UTC", "UTC")],
)
def test_a_zone_is_named_by_its_offset(zone, name):
    assert zone_name(in_zone(datetime(2026, 11, 11, tzinfo=UTC), zone)) == name
