"""Days and moments as a reader says them: month in words, never figures that could be read two ways."""

from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, format_time

NO_BREAK = "\u00a0"


def day(at: date, language: str, today: date | None = None) -> str:
    """«28 ноября», with the year when it is not this one. Joined so that it never breaks over a line."""
    pattern = "d MMMM" if today is None or at.year == today.year else _WITH_YEAR.get(language, "d MMMM y")
    return format_date(at, pattern, locale=language).replace(" ", NO_BREAK)


def full_day(at: date, language: str) -> str:
    """«25 ноября 2026 г.»: a day that must not be mistaken for one of another year."""
    return format_date(at, _FULL.get(language, "long"), locale=language).replace(" ", NO_BREAK)


def day_range(first: date, last: date, language: str, today: date | None = None) -> str:
    """«28–30 ноября» or «28 ноября – 2 декабря»."""
    if first == last:
        return day(last, language, today)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last, language, today)}"
    return f"{day(first, language, today)}{NO_BREAK}– {day(last, language, today)}"


def moment(at: datetime, language: str, today: date | None = None) -> str:
    """«24 ноября, 10:40», in the zone the moment carries."""
    return f"{day(at.date(), language, today)}, {format_time(at, 'HH:mm', locale=language)}"


def clock(at: datetime, language: str) -> str:
    """«14:05», in the zone the moment carries."""
    return format_time(at, "HH:mm", locale=language)


def in_zone(at: datetime, zone: str) -> datetime:
    """The same moment by the clocks of an IANA zone or an offset (``+08:00``); as it is when unknown."""
    found = _zone(zone)
    return at.astimezone(found) if found else at


def zone_name(at: datetime) -> str:
    """``UTC+8``, ``UTC+5:30`` or ``UTC``: the same in all languages, and true in summer too."""
    minutes = round((at.utcoffset() or timedelta()).total_seconds() / 60)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '−'}{hours}{f':{rest:02}' if rest else ''}"


@lru_cache(maxsize=256)
def _zone(name: str) -> tzinfo | None:
    if name[:1] in {"+", "-"} and name[1:3].isdigit() and name[4:6].isdigit():
        offset = timedelta(hours=int(name[1:3]), minutes=int(name[4:6]))
        return timezone(offset if name[0] == "+" else -offset)
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a carrier's own spelling of a zone
        return None


_FULL = {"en": "d MMMM y"}
# In Kazakh the year comes first.
_WITH_YEAR = {"kk": "y 'ж'. d MMMM"}
