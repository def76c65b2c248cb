"""Carriers' bad days: switched on per carrier and number, for some requests or until switched off.

A bad day of the wire spoils the transport, a refusal is the carrier's own "no", and a distortion makes
an answer well formed and wrong.
"""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from random import Random

from sledi_simulator import barcodes
from sledi_simulator.journeys import Kind, Scan
from sledi_simulator.telling import Telling


class BadDay(StrEnum):
    """What can go wrong."""

    # The wire.
    SLOW = "slow"  # nothing for an hour, or for the delay given
    TRUNCATED = "truncated"  # half of the body, with the length of the half
    CUT_OFF = "cut_off"  # half of the body announced, then the connection closes
    HTML = "html"  # status 200 and a page for people
    GIGABYTES = "gigabytes"  # a body without end
    RESET = "reset"  # the connection is reset before any answer
    HTTP_500 = "http_500"
    HTTP_503 = "http_503"
    EMPTY = "empty"  # status 200 and no body
    # Refusals, each in the carrier's own words.
    DENIED = "denied"
    NOT_FOUND = "not_found"
    MALFORMED_NUMBER = "malformed_number"
    THROTTLED = "throttled"
    BATCH_LIMIT = "batch_limit"
    # Distortions.
    WRONG_ZONE = "wrong_zone"  # the local wall clock is taken for UTC
    OUT_OF_ORDER = "out_of_order"
    DUPLICATES = "duplicates"
    UNKNOWN_CODE = "unknown_code"
    ANOTHER_PARCEL = "another_parcel"  # the answer is about another number
    SUMMER_WINTER = "summer_winter"  # two scans around the hour that the clocks repeat in autumn


REFUSALS = frozenset(
    {BadDay.DENIED, BadDay.NOT_FOUND, BadDay.MALFORMED_NUMBER, BadDay.THROTTLED, BadDay.BATCH_LIMIT}
)
DISTORTIONS = frozenset(
    {
        BadDay.WRONG_ZONE,
        BadDay.OUT_OF_ORDER,
        BadDay.DUPLICATES,
        BadDay.UNKNOWN_CODE,
        BadDay.ANOTHER_PARCEL,
        BadDay.SUMMER_WINTER,
    }
)
WIRE = frozenset(BadDay) - REFUSALS - DISTORTIONS

SLOW_S = 3600.0

AHEAD = timedelta(hours=50)
"""How far the other parcel, which a carrier answers about by mistake, is ahead on the same way."""


@dataclass(slots=True)
class Switch:
    """One bad day. Empty ``carrier`` or ``number`` means every one; without ``left`` it stays until it is off."""

    day: BadDay
    carrier: str = ""
    number: str = ""
    left: int | None = None
    delay_s: float = SLOW_S

    def hits(self, carrier: str, numbers: Sequence[str]) -> bool:
        return self.carrier in ("", carrier) and (not self.number or self.number in numbers)


@dataclass(frozen=True, slots=True)
class Today:
    """The bad days that one request meets."""

    switches: tuple[Switch, ...] = ()

    def first(self, days: frozenset[BadDay]) -> Switch | None:
        """The switch of the first of ``days`` that is on."""
        return next((switch for switch in self.switches if switch.day in days), None)

    def distortions(self, number: str) -> frozenset[BadDay]:
        """What is distorted in the answer about ``number``."""
        return DISTORTIONS & {switch.day for switch in self.switches if switch.number in ("", number)}


class BadDays:
    """The switches. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._switches: list[Switch] = []

    def switch_on(self, switch: Switch) -> None:
        with self._lock:
            self._switches.append(switch)

    def switch_off(self, *, day: str = "", carrier: str = "", number: str = "") -> None:
        """Switches off all that fit what is given, everything when nothing is."""
        with self._lock:
            self._switches = [
                switch
                for switch in self._switches
                if (day and switch.day != day)
                or (carrier and switch.carrier != carrier)
                or (number and switch.number != number)
            ]

    def all(self) -> list[Switch]:
        with self._lock:
            return [replace(switch) for switch in self._switches]

    def meet(self, carrier: str, numbers: Sequence[str]) -> Today:
        """What a request meets; one request is taken off the switches that count."""
        with self._lock:
            met = [switch for switch in self._switches if switch.hits(carrier, numbers)]
            for switch in met:
                switch.left = None if switch.left is None else switch.left - 1
            self._switches = [switch for switch in self._switches if switch.left is None or switch.left > 0]
            return Today(tuple(met))

    def standing(self, carrier: str, numbers: Sequence[str]) -> Today:
        """What a push meets, which is no request: the switches without a count."""
        with self._lock:
            return Today(
                tuple(
                    switch
                    for switch in self._switches
                    if switch.left is None and switch.hits(carrier, numbers)
                )
            )


def distorted(telling: Telling, days: Iterable[BadDay]) -> Telling:
    """The telling, which has scans, on such bad days."""
    number, scans, chosen = telling.number, list(telling.scans), frozenset(days)
    if BadDay.ANOTHER_PARCEL in chosen:
        number = barcodes.neighbour(number)
        scans = [replace(scan, at=scan.at - AHEAD) for scan in scans]
    if BadDay.UNKNOWN_CODE in chosen:
        scans.append(
            replace(scans[-1], kind=Kind.UNHEARD_OF, at=scans[-1].at + timedelta(minutes=7), reason="")
        )
    if BadDay.SUMMER_WINTER in chosen:
        scans = sorted([*scans, *_around_the_repeated_hour(scans[-1])], key=lambda scan: scan.at)
    if BadDay.WRONG_ZONE in chosen:
        scans = [_wall_clock_as_utc(scan) for scan in scans]
    if BadDay.DUPLICATES in chosen:
        scans = [copy for scan in scans for copy in (scan, scan)]
    if BadDay.OUT_OF_ORDER in chosen:
        Random(telling.number).shuffle(scans)
    return replace(telling, number=number, scans=tuple(scans))


def _wall_clock_as_utc(scan: Scan) -> Scan:
    return replace(scan, at=scan.at + (scan.local_time.utcoffset() or timedelta()))


def _around_the_repeated_hour(scan: Scan) -> tuple[Scan, Scan]:
    """Two sorting scans an hour apart; where clocks were put back, both show the same wall clock."""
    repeated = clock_put_back(scan.at, scan.place.zone)
    return (
        replace(scan, kind=Kind.SORTING_IN, at=repeated - timedelta(minutes=20), reason=""),
        replace(scan, kind=Kind.SORTING_OUT, at=repeated + timedelta(minutes=40), reason=""),
    )


def clock_put_back(before: datetime, zone: tzinfo) -> datetime:
    """The last moment in the three years before at which a zone's clocks went back; else a day before."""
    day = before.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    for _ in range(3 * 366):
        if _offset(day, zone) < _offset(day - timedelta(days=1), zone):
            hours = (day - timedelta(hours=hour) for hour in range(25))
            return next(
                hour for hour in hours if _offset(hour, zone) < _offset(hour - timedelta(hours=1), zone)
            )
        day -= timedelta(days=1)
    return before - timedelta(days=1)


def _offset(moment: datetime, zone: tzinfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
