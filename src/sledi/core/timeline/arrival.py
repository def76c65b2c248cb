"""When the parcel may arrive: a window with its reason, or honestly nothing.

No probabilities: the figures of ``lanes`` are ranges people publish, not a measured distribution.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sledi.core.statuses import PublicStatus
from sledi.core.timeline.derive import Timeline
from sledi.core.timeline.lanes import Stretch, Usual, days_after, lane
from sledi.core.timeline.milestones import Mark
from sledi.core.timeline.silence import stretch_began


@dataclass(frozen=True, slots=True)
class Promise:
    """What a carrier itself says: ``carrier`` is its slug; ``from_at`` may be None (until a day)."""

    until_at: datetime
    from_at: datetime | None = None
    carrier: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """Between ``from_at`` and ``until_at`` (UTC). ``basis`` is the key, ``words`` the reason in English."""

    from_at: datetime
    until_at: datetime
    basis: str
    words: str
    source: str


def expected(timeline: Timeline, now: datetime, promise: Promise | None = None) -> Window | None:
    """The window of arrival at the recipient, or None = not known.

    A carrier's own promise wins while it is not past. Otherwise the rest of the way as it is usual on the lane,
    within what is usual for the whole lane where the two agree. Nothing is said before acceptance, when
    something holds the parcel up, on the way back, once it waits or has ended, and when the usual is over; nor is
    anything usual on a way whose end nobody knows.
    """
    if timeline.status not in _UNDER_WAY or timeline.stretch is None:
        return None
    if promise is not None and promise.until_at > now:
        from_at = max(promise.from_at or now, now)
        return Window(
            from_at, promise.until_at, "carrier-promise", "the carrier's own promise", promise.carrier
        )
    if not timeline.summary.destination:
        return None
    return _usual_window(timeline, timeline.stretch, now)


_UNDER_WAY = frozenset(
    {
        PublicStatus.ACCEPTED,
        PublicStatus.IN_TRANSIT,
        PublicStatus.CUSTOMS,
        PublicStatus.ARRIVED,
        PublicStatus.OUT_FOR_DELIVERY,
    }
)

_WAY = (Stretch.ORIGIN, Stretch.CROSSING, Stretch.CUSTOMS, Stretch.LAST)


def _usual_window(timeline: Timeline, stretch: Stretch, now: datetime) -> Window | None:
    usual_here = lane(timeline.summary.origin, timeline.summary.destination)
    figures = [usual_here.stretches[stretch] for stretch in _rest(stretch)]
    began = min(stretch_began(timeline), now)
    from_at, until_at = _span(began, figures)
    sources = [usual.source for usual in figures]
    accepted = timeline.milestones.get(Mark.ACCEPTED)
    if accepted is not None and stretch in _WAY:
        earliest, latest = _span(min(accepted.at, now), [usual_here.total])
        if max(from_at, earliest) <= min(until_at, latest) and latest > now:
            from_at, until_at = max(from_at, earliest), min(until_at, latest)
            sources.append(usual_here.total.source)
    if until_at <= now:
        return None
    source = "; ".join(dict.fromkeys(sources))
    return Window(max(from_at, now), until_at, "usual-for-lane", "usual for this lane", source)


def _span(began: datetime, figures: Sequence[Usual]) -> tuple[datetime, datetime]:
    """From the sum of the lows to the sum of the highs."""
    low, high = sum(usual.low for usual in figures), sum(usual.high for usual in figures)
    return days_after(began, low), days_after(began, high)


def _rest(stretch: Stretch) -> tuple[Stretch, ...]:
    """The present stretch and those after it."""
    return _WAY[_WAY.index(stretch) :] if stretch in _WAY else (stretch,)
