"""Silence: how long nobody has scanned the parcel, and whether that is usual on this stretch of this lane.

Between an export and an import nobody scans for days or weeks, which is normal and has to be said; beyond the
limit of the lane the parcel is *stale*: our own finding, never a carrier's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sledi.core.statuses import PublicStatus
from sledi.core.timeline.derive import Timeline
from sledi.core.timeline.lanes import Stretch, Usual, days_after, lane
from sledi.core.timeline.milestones import Mark


class Level(StrEnum):
    NORMAL = "normal"  # within what is usual here
    LONG = "long"  # longer than usual
    STALE = "stale"  # longer than the limit: somebody must ask


@dataclass(frozen=True, slots=True)
class Silence:
    """``days`` without a scan since ``since``, on the ``day_of_stretch``-th day of the stretch (0 = the first).

    ``usual`` are the days the stretch takes and their source; from ``unusual_at`` on the silence is long, from
    ``stale_at`` on stale.
    """

    days: int
    since: datetime
    stretch: Stretch
    day_of_stretch: int
    usual: Usual
    unusual_at: datetime
    stale_at: datetime
    level: Level


def silence(timeline: Timeline, now: datetime) -> Silence | None:
    """The present silence; None before a whole day of it, and when nothing more is to come."""
    since, stretch, stale = timeline.summary.last_event_at, timeline.stretch, stale_at(timeline)
    if since is None or stretch is None or stale is None or now - since < _DAY:
        return None
    usual = lane(timeline.summary.origin, timeline.summary.destination).stretches[stretch]
    began = min(stretch_began(timeline), since)
    unusual = min(max(days_after(began, usual.high), days_after(since, max(usual.low, 1))), stale)
    level = Level.STALE if now >= stale else Level.LONG if now >= unusual else Level.NORMAL
    return Silence((now - since).days, since, stretch, (now - began).days, usual, unusual, stale, level)


def stale_at(timeline: Timeline) -> datetime | None:
    """The moment from which the status is STALE if nothing is scanned before; None when it never will be."""
    return timeline.summary.stale_at


def status_at(timeline: Timeline, now: datetime) -> PublicStatus:
    """The public status at a moment: what the events say, or STALE when they are too old for their lane."""
    stale = stale_at(timeline)
    return PublicStatus.STALE if stale is not None and now >= stale else timeline.status


def stretch_began(timeline: Timeline) -> datetime:
    """When the parcel came to its present stretch; its last scan where nothing earlier proves it.

    Raises ValueError for a timeline without a stretch.
    """
    stretch, summary = timeline.stretch, timeline.summary
    if stretch is None or summary.last_event_at is None:
        raise ValueError("the parcel is on no stretch")
    if stretch in (Stretch.DELIVERY, Stretch.PICKUP):
        return summary.since or summary.last_event_at
    if stretch is Stretch.CUSTOMS and Mark.RELEASED in timeline.milestones:
        return summary.since or summary.last_event_at
    for mark in _BEGINS_WITH[stretch]:
        if mark in timeline.milestones:
            return timeline.milestones[mark].at
    return timeline.first_event_at or summary.last_event_at


_DAY = timedelta(days=1)

_BEGINS_WITH = {
    Stretch.ANNOUNCED: (),
    Stretch.ORIGIN: (Mark.ACCEPTED,),
    Stretch.DOMESTIC: (Mark.ACCEPTED,),
    Stretch.CROSSING: (Mark.LEFT_ORIGIN,),
    Stretch.CUSTOMS: (Mark.ARRIVED,),
    Stretch.LAST: (Mark.RELEASED, Mark.ARRIVED),
    Stretch.BACK: (Mark.RETURN_STARTED,),
}
