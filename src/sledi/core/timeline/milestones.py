"""The marks a journey passes, each once, and the few macro steps of the trace on the page.

A milestone is set by the earliest line that proves it and never goes back: later lines change nothing, and
lines learnt later only make its date earlier, or as exact as the better clock of a double. (What un-sets
"delivered" is learning that it was the hand-over to the sender or the end of a domestic leg.)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sledi.core.carrier import Direction
from sledi.core.timeline.merge import Line
from sledi.core.timeline.route import Route


class Mark(StrEnum):
    """What can be reached, in the usual order."""

    ACCEPTED = "accepted"
    EXPORT_CUSTOMS = "export_customs"
    LEFT_ORIGIN = "left_origin"
    ARRIVED = "arrived"
    IMPORT_CUSTOMS = "import_customs"
    RELEASED = "released"
    AT_OFFICE = "at_office"  # in the recipient's town: the delivery office, or with its courier
    DELIVERED = "delivered"
    RETURN_STARTED = "return_started"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Milestone:
    """``mark`` was reached ``at`` (UTC), as ``line`` proves."""

    mark: Mark
    at: datetime
    line: Line


class StepState(StrEnum):
    DONE = "done"
    NOW = "now"  # the last step reached
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class Step:
    """One macro step of the trace. ``at`` is None ahead, and where it was passed without a scan."""

    key: str
    state: StepState
    at: datetime | None


def milestones(lines: Iterable[Line], route: Route) -> Mapping[Mark, Milestone]:
    """Every mark reached, by the earliest line that proves it."""
    reached: dict[Mark, Milestone] = {}
    for line in lines:
        for mark in _marks(line):
            known = reached.get(mark)
            if known is None or line.at < known.at:
                reached[mark] = Milestone(mark, line.at, line)
    if route.is_domestic:
        reached.pop(Mark.ARRIVED, None)
    return reached


def steps(reached: Mapping[Mark, Milestone], route: Route) -> tuple[Step, ...]:
    """The trace: accepted, left the origin, arrived, in the recipient's town, delivered (or returned).

    A parcel that crosses no border has no steps of the border.
    """
    keys = _HOME_STEPS if route.is_domestic else _ABROAD_STEPS
    last = Mark.RETURNED if Mark.RETURN_STARTED in reached else Mark.DELIVERED
    marks = (*keys, last)
    furthest = max((_PLACE[mark] for mark in reached if mark not in _BACK), default=-1)
    passed = [mark for mark in marks if mark in reached or _PLACE[mark] < furthest]
    return tuple(
        Step(
            mark.value,
            StepState.AHEAD
            if mark not in passed
            else StepState.NOW
            if mark is passed[-1]
            else StepState.DONE,
            reached[mark].at if mark in reached else None,
        )
        for mark in marks
    )


_ABROAD_STEPS = (Mark.ACCEPTED, Mark.LEFT_ORIGIN, Mark.ARRIVED, Mark.AT_OFFICE)
_HOME_STEPS = (Mark.ACCEPTED, Mark.AT_OFFICE)
_PLACE = {mark: place for place, mark in enumerate(Mark)}
_BACK = (Mark.RETURN_STARTED, Mark.RETURNED)


def _marks(line: Line) -> tuple[Mark, ...]:
    """What a line proves: by what it counts as, and by what each of its sightings says."""
    if line.direction is _RETURN:
        return _BACK if line.code == "ret.done" else _BACK[:1]
    marks = _MARKS.get(line.code, ())
    if line.leg != "domestic" and (len(line.sightings) > 1 or line.code != line.event.code):
        for sighting in line.sightings:
            marks += _MARKS.get(sighting.event.code, ())
    return marks


_RETURN = Direction.RETURN  # once: looking up an enum's member takes longer than comparing it

_MARKS: dict[str, tuple[Mark, ...]] = {
    "orig.accepted": (Mark.ACCEPTED,),
    "orig.hub": (Mark.ACCEPTED,),
    "orig.departed": (Mark.ACCEPTED,),
    "exp.customs_in": (Mark.EXPORT_CUSTOMS,),
    "exp.customs_held": (Mark.EXPORT_CUSTOMS,),
    "exp.customs_out": (Mark.EXPORT_CUSTOMS,),
    "exp.departed": (Mark.LEFT_ORIGIN,),
    "line.transit_in": (Mark.LEFT_ORIGIN,),
    "line.transit_out": (Mark.LEFT_ORIGIN,),
    "imp.office_in": (Mark.ARRIVED,),
    "imp.held": (Mark.ARRIVED,),
    "imp.terminated": (Mark.ARRIVED,),
    "imp.customs_in": (Mark.ARRIVED, Mark.IMPORT_CUSTOMS),
    "imp.customs_held": (Mark.ARRIVED, Mark.IMPORT_CUSTOMS),
    "imp.customs_docs": (Mark.ARRIVED, Mark.IMPORT_CUSTOMS),
    "imp.customs_pay": (Mark.ARRIVED, Mark.IMPORT_CUSTOMS),
    "imp.customs_out": (Mark.ARRIVED, Mark.RELEASED),
    "imp.office_out": (Mark.ARRIVED, Mark.RELEASED),
    "last.handover": (Mark.ARRIVED,),
    "last.sort_in": (Mark.ARRIVED,),
    "last.sort_out": (Mark.ARRIVED,),
    "last.office_in": (Mark.ARRIVED, Mark.AT_OFFICE),
    "last.held": (Mark.ARRIVED, Mark.AT_OFFICE),
    "last.scheduled": (Mark.ARRIVED, Mark.AT_OFFICE),
    "last.contacted": (Mark.ARRIVED, Mark.AT_OFFICE),
    "last.out": (Mark.ARRIVED, Mark.AT_OFFICE),
    "last.ready": (Mark.ARRIVED, Mark.AT_OFFICE),
    "last.failed": (Mark.ARRIVED, Mark.AT_OFFICE),
    "last.action": (Mark.ARRIVED, Mark.AT_OFFICE),
    "done.delivered": (Mark.DELIVERED,),
    "done.signed": (Mark.DELIVERED,),
    "done.collected": (Mark.DELIVERED,),
    "done.cod": (Mark.DELIVERED,),
    "done.neighbour": (Mark.DELIVERED,),
}
"""What each code proves. Released: EMF and EDC close every customs stay (UPU EMSEVT V3)."""
