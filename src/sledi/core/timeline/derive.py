"""Everything a set of sightings says about a parcel: the timeline of a page, the summary of a row.

Both are pure functions of the *set*: any order, doubled, re-worded and told by several carriers, it is the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sledi.core.carrier import Direction
from sledi.core.statuses import EVENT_CODES, PublicStatus
from sledi.core.timeline.lanes import Stretch
from sledi.core.timeline.legs import Leg, legs
from sledi.core.timeline.merge import Line, merged
from sledi.core.timeline.milestones import Mark, Milestone, Step, milestones, steps
from sledi.core.timeline.route import learnt
from sledi.core.timeline.sighting import Sighting
from sledi.core.timeline.stages import ABROAD, ARRIVED, Effect
from sledi.core.timeline.status import Standing, standing
from sledi.core.timeline.stretch import stale_moment, stretch_of


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list shows and a database keeps of a timeline; equal sets of sightings give equal summaries.

    ``carrier`` is the slug of the one that has the parcel, ``since`` when ``status`` began, ``last_event_at``
    the newest scan, ``stale_at`` when the status becomes STALE if nothing more is heard. Times are UTC, None
    where nothing is known. ``is_closed``: ask no more, but a scan opens the parcel again.
    """

    status: PublicStatus
    code: str
    reason: str
    since: datetime | None
    place: str
    country: str
    carrier: str
    origin: str
    destination: str
    last_event_at: datetime | None
    stale_at: datetime | None
    direction: Direction
    is_final: bool
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that the sightings of a parcel say. ``lines`` are oldest first, ``withdrawn`` were taken back.

    ``by`` is the line that gives the status and ``rule`` the key of the rule (``explain.RULES``).
    ``place_since`` is when it came to where it is; ``stretch`` names the usual times that hold now.
    """

    summary: Summary
    rule: str
    by: Line | None
    place_since: datetime | None
    lines: tuple[Line, ...]
    withdrawn: tuple[Line, ...]
    legs: tuple[Leg, ...]
    milestones: Mapping[Mark, Milestone]
    steps: tuple[Step, ...]
    stretch: Stretch | None
    first_event_at: datetime | None

    @property
    def status(self) -> PublicStatus:
        """The public status as the events give it; silence.status_at adds what silence says."""
        return self.summary.status

    @property
    def furthest(self) -> Mark | None:
        """The last mark of the journey that was reached; it never goes back."""
        return max(self.milestones, key=_PLACE_OF_MARK.__getitem__, default=None)

    def days_in_transit(self, now: datetime) -> int | None:
        """Whole days from acceptance to the end, or to ``now``; None before acceptance."""
        accepted = self.milestones.get(Mark.ACCEPTED)
        if accepted is None:
            return None
        ended = self.summary.since if self.summary.is_final and self.summary.since else now
        return max(0, (ended - accepted.at).days)


def derive(sightings: Iterable[Sighting], *, origin: str = "", destination: str = "") -> Timeline:
    """The timeline of a parcel. ``origin`` and ``destination`` (ISO 3166-1 alpha-2) where they are known.

    Never raises for any events: unknown codes are shown and change nothing.
    """
    lines, withdrawn, stands = _read(sightings, origin, destination)
    reached = milestones(lines, stands.route)
    told = [line.at for line in lines if line.stage.effect is not Effect.ASK]
    return Timeline(
        summary=_summary(stands, lines),
        rule=stands.by.rule if stands.by else "nothing-known",
        by=stands.by,
        place_since=_whereabouts(stands, lines)[2],
        lines=tuple(lines),
        withdrawn=tuple(withdrawn),
        legs=legs(lines, stands.route, reached, is_final=stands.is_final),
        milestones=reached,
        steps=steps(reached, stands.route),
        stretch=stretch_of(stands),
        first_event_at=min(told, default=None),
    )


def summary(sightings: Iterable[Sighting], *, origin: str = "", destination: str = "") -> Summary:
    """``summarise(derive(…))`` without the parts that only a page shows: for ingest."""
    lines, _, stands = _read(sightings, origin, destination)
    return _summary(stands, lines)


def summarise(timeline: Timeline) -> Summary:
    """What a projection stores of a timeline."""
    return timeline.summary


_PLACE_OF_MARK = {mark: place for place, mark in enumerate(Mark)}


def _read(
    sightings: Iterable[Sighting], origin: str, destination: str
) -> tuple[list[Line], list[Line], Standing]:
    lines, withdrawn = merged(sightings)
    route = learnt(lines, origin, destination)
    return lines, withdrawn, standing(lines, route)


def _summary(stands: Standing, lines: Sequence[Line]) -> Summary:
    place, country, _ = _whereabouts(stands, lines)
    return Summary(
        stands.status,
        stands.code,
        stands.by.event.reason if stands.by else "",
        stands.since,
        place,
        country,
        stands.carrier,
        stands.route.origin,
        stands.route.destination,
        stands.last_scan_at,
        stale_moment(stands),
        Direction.RETURN if stands.is_returning else Direction.FORWARD,
        stands.is_final,
        stands.is_closed,
    )


def _whereabouts(stands: Standing, lines: Sequence[Line]) -> tuple[str, str, datetime | None]:
    """Place and country of the parcel, and since when it is there, as the last scan that counts tells.

    A scan without a place was made where the parcel stood before, unless it left from there.
    """
    where = stands.where
    if where is None:
        return "", "", None
    country = where.country or _country_by_rank(stands)
    place, since = where.place, where.at
    if not place and EVENT_CODES[where.code].step in _LEAVING:
        return "", country, since
    for line in _before(where, lines):
        if line.country not in ("", country) or (line.place and place and line.place != place):
            break
        if not place and EVENT_CODES[line.code].step in _LEAVING:
            break
        if line.place:
            place, since = line.place, line.at
    return place, country, since


_LEAVING = frozenset({"departing", "transporting", "consigning"})
"""GS1 CBV steps of a parcel that is no longer where it was scanned."""


def _country_by_rank(stands: Standing) -> str:
    if stands.is_returning or stands.rank == ABROAD:
        return ""
    return stands.route.destination if stands.rank >= ARRIVED else stands.route.origin


def _before(where: Line, lines: Sequence[Line]) -> Iterable[Line]:
    """The lines before ``where``, the newest first."""
    newer = True
    for line in reversed(lines):
        if not newer:
            yield line
        elif line is where:
            newer = False
