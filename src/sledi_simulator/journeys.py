"""One model of a parcel's journey, told by every carrier in its own words.

The kinds of scans are the item events of UPU EMSEVT V3 where it has one; the rest are words of our own.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

Direction = Literal["forward", "return"]


class Kind(StrEnum):
    """What a scan says."""

    ANNOUNCED = "PRE"  # the post has the data, not yet the parcel
    POSTED = "EMA"
    LEFT_POSTING = "ORO"  # left the office where it was posted
    ORIGIN_SORTED = "ORI"  # into a sorting centre of the origin
    EXPORT_OFFICE = "EMB"
    EXPORT_CUSTOMS = "EXA"
    EXPORT_HELD = "EXB"
    EXPORT_RELEASED = "EXC"
    EXPORTED = "EMC"
    FLIGHT_LEFT = "FLO"  # handed to the airline, loaded
    FLIGHT_ARRIVED = "FLI"  # the airline has brought it
    TRANSIT_IN = "EMJ"
    TRANSIT_OUT = "EMK"
    IMPORT_OFFICE = "EMD"
    IMPORT_CUSTOMS = "EDB"
    IMPORT_HELD = "EME"  # the reason says why: documents, duty, inspection
    IMPORT_RELEASED = "EDC"
    IMPORT_LEFT = "EMF"
    RENUMBERED = "NEW"  # the delivering post gave it a number of its own
    SORTING_IN = "EDD"
    SORTING_OUT = "EDE"
    DELIVERY_OFFICE = "EMG"
    OUT_FOR_DELIVERY = "EDG"
    FAILED = "EMH"  # the reason says why: not_home, address
    READY = "EDH"
    DELIVERED = "EMI"  # to the sender, when the direction is "return"
    SENT_BACK = "RET"  # the reason says why: unclaimed, refused, customs
    LOST = "LOS"
    UNHEARD_OF = "UNK"  # a code that stands in no table


EXCHANGED = frozenset(
    {
        Kind.POSTED,
        Kind.EXPORT_OFFICE,
        Kind.EXPORTED,
        Kind.FLIGHT_LEFT,
        Kind.FLIGHT_ARRIVED,
        Kind.TRANSIT_IN,
        Kind.TRANSIT_OUT,
        Kind.IMPORT_OFFICE,
        Kind.FAILED,
        Kind.DELIVERED,
        Kind.SENT_BACK,
    }
)
"""The kinds of scans posts send to each other; all others stay with the post that made them."""

EXCHANGE_DELAY = timedelta(hours=6)
"""How long a scan takes from the post that made it to the post at the other end."""

FINAL = frozenset({Kind.DELIVERED, Kind.LOST})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a scan was made.

    ``town`` and ``name`` (of the office) are in the post's own language, ``latin`` as international
    messages spell it. ``unit`` is an inner code: of the department at Kazpost, of the area in China.
    """

    key: str
    country: str
    zone: ZoneInfo
    town: str
    name: str
    latin: str
    index: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan: what, when (UTC), where, by which post.

    A ``local`` scan belongs to the delivering post's own number. One with ``withdrawn_at`` was a mistake,
    corrected at that moment.
    """

    kind: Kind
    at: datetime
    place: Place
    post: str
    reason: str = ""
    direction: Direction = "forward"
    local: bool = False
    withdrawn_at: datetime | None = None

    @property
    def local_time(self) -> datetime:
        """The wall clock where the scan was made."""
        return self.at.astimezone(self.place.zone)

    def is_standing(self, now: datetime) -> bool:
        """Whether nobody has withdrawn the scan by ``now``."""
        return self.withdrawn_at is None or self.withdrawn_at > now


@dataclass(frozen=True)
class Journey:
    """A parcel's whole journey, past and to come, with scans in order of time."""

    number: str
    origin: str  # ISO 3166-1 alpha-2
    destination: str
    origin_post: str
    destination_post: str
    scans: tuple[Scan, ...]
    weight_g: int = 350
    local_number: str = ""
    course: str = ""
    title: str = ""
    revision: int = field(default=0, compare=False)  # counts changes made from outside

    def told_by(self, post: str, number: str, now: datetime) -> tuple[Scan, ...]:
        """The scans ``post`` knows of ``number`` at ``now``: its own, and late what other posts sent it."""
        is_local = number != self.number
        if is_local and post != self.destination_post:
            return ()
        return tuple(scan for scan in self.scans if scan.local == is_local and _known_at(scan, post) <= now)

    def happened(self, now: datetime) -> tuple[Scan, ...]:
        """Every scan made by ``now``, whoever made it."""
        return tuple(scan for scan in self.scans if scan.at <= now)

    def has_news(self, since: datetime, until: datetime) -> bool:
        """Whether any carrier's answer differs between the two moments."""
        return bisect_right(self._turning_points, until) > bisect_right(self._turning_points, since)

    @cached_property
    def _turning_points(self) -> list[datetime]:
        moments = [scan.at for scan in self.scans]
        moments += [scan.withdrawn_at for scan in self.scans if scan.withdrawn_at]
        if self.origin_post != self.destination_post:
            moments += [scan.at + EXCHANGE_DELAY for scan in self.scans if scan.kind in EXCHANGED]
        return sorted(moments)

    @property
    def delivery_place(self) -> Place:
        """Where the recipient gets it, or would have got it."""
        forward = [scan.place for scan in self.scans if scan.direction == "forward"]
        return forward[-1] if forward else self.scans[0].place

    def changed(self, scans: Iterable[Scan], *, local_number: str | None = None) -> "Journey":
        """The journey with other scans, marked as changed from outside."""
        return replace(
            self,
            scans=tuple(sorted(scans, key=lambda scan: scan.at)),
            local_number=self.local_number if local_number is None else local_number,
            revision=self.revision + 1,
        )


def _known_at(scan: Scan, post: str) -> datetime:
    if scan.post == post:
        return scan.at
    return scan.at + EXCHANGE_DELAY if scan.kind in EXCHANGED else datetime.max.replace(tzinfo=scan.at.tzinfo)


def advanced(journey: Journey, now: datetime, to: Kind | None = None) -> Journey:
    """The journey whose next scan (or all scans up to kind ``to``) happens now; what follows keeps its pace.

    Raises ValueError when nothing of the kind lies ahead.
    """
    ahead = [scan for scan in journey.scans if scan.at > now]
    wanted = ahead[:1] if to is None else [scan for scan in ahead if scan.kind is to][:1]
    if not wanted:
        raise ValueError(f"{journey.number}: no {to or 'scan'} lies ahead")
    happened, reached = journey.happened(now), ahead[: ahead.index(wanted[0]) + 1]
    earliest = happened[-1].at if happened else now - timedelta(minutes=len(reached))
    moved = [
        replace(scan, at=max(earliest, now - timedelta(minutes=len(reached) - 1 - step)))
        for step, scan in enumerate(reached)
    ]
    shift = reached[-1].at - now
    later = [replace(scan, at=scan.at - shift) for scan in ahead[len(reached) :]]
    return journey.changed([*happened, *moved, *later])


def turned_back(journey: Journey, now: datetime) -> Journey:
    """The journey of a parcel that the post sends back now and the sender gets in twelve days."""
    last = _last(journey, now)
    first = journey.scans[0]
    back = (
        Scan(Kind.SENT_BACK, now, last.place, last.post, "refused", "return", last.local),
        Scan(Kind.DELIVERED, now + timedelta(days=12), first.place, first.post, "", "return"),
    )
    return journey.changed([*journey.happened(now), *back])


def lost(journey: Journey, now: datetime) -> Journey:
    """The journey of a parcel declared lost now."""
    last = _last(journey, now)
    return journey.changed(
        [*journey.happened(now), Scan(Kind.LOST, now, last.place, last.post, local=last.local)]
    )


def corrected(journey: Journey, now: datetime) -> Journey:
    """The journey with a delivery scanned now by mistake and withdrawn an hour later."""
    last = _last(journey, now)
    mistake = Scan(
        Kind.DELIVERED, now, last.place, last.post, local=last.local, withdrawn_at=now + timedelta(hours=1)
    )
    return journey.changed([*journey.scans, mistake])


def handed_over(journey: Journey, now: datetime, local_number: str) -> Journey:
    """The journey whose delivering post goes on under ``local_number`` from now."""
    last = _last(journey, now)
    renumbered = Scan(Kind.RENUMBERED, now, last.place, journey.destination_post)
    rest = [replace(scan, local=True) for scan in journey.scans if scan.at > now]
    return journey.changed([*journey.happened(now), renumbered, *rest], local_number=local_number)


def _last(journey: Journey, now: datetime) -> Scan:
    happened = journey.happened(now)
    if not happened:
        raise ValueError(f"{journey.number}: nothing has happened to it yet")
    return happened[-1]
