"""One event as one source showed it to us at one moment, and the identity that makes doubles harmless."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b

from sledi.core.carrier import Event


@dataclass(frozen=True, slots=True)
class Sighting:
    """An ``event`` together with who showed it and when.

    ``source`` is the slug of the carrier module that was asked, ``number`` the number it was asked for,
    ``seen_at`` (UTC) when its reply came, ``reply`` the id of the reply as stored, ``key`` the identity.
    """

    event: Event
    source: str
    seen_at: datetime
    reply: str
    key: bytes
    number: str = ""


def identity(source: str, event: Event) -> bytes:
    """16 bytes that are equal for the same event however often, in whatever words it is told.

    Carrier + its code + local time to the minute + place. Local time, because one carrier may give the same
    scan with and without a zone (Russian Post: single call and batch). An event without a code goes by its
    words. A withdrawal differs from what it withdraws, else storing by identity would lose it.
    """
    parts = (
        event.carrier or source,
        event.raw_code or _folded(event.raw_text),
        local_minute(event),
        _folded(event.place),
        "withdrawn" if event.withdraws else "",
    )
    return blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


_YEAR_FIRST = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)")
_DAY_FIRST = re.compile(r"(\d\d)\.(\d\d)\.(\d{4}) +(\d\d):(\d\d)")


def local_minute(event: Event) -> str:
    """The minute as the carrier wrote it; in UTC where it wrote no clock time (a count of seconds)."""
    if found := _YEAR_FIRST.search(event.raw_time):
        return "".join(found.groups())
    if found := _DAY_FIRST.search(event.raw_time):
        day, month, year, hour, minute = found.groups()
        return year + month + day + hour + minute
    return event.occurred_at.astimezone(UTC).strftime("%Y%m%d%H%MZ")


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
