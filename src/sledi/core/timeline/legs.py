"""The journey in legs: domestic courier, origin post, export, between the posts, import, last mile, return.

Everything before export customs is the leg of the origin post (the AliExpress buyers' guide: until Chinese
customs a parcel is checked in at China Post). With the first event of the destination post the parcel is in its
hands, and both histories stay in one timeline.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sledi.core.carrier import Direction
from sledi.core.timeline.merge import Line
from sledi.core.timeline.milestones import Mark, Milestone, StepState
from sledi.core.timeline.posts import post_of
from sledi.core.timeline.route import Route
from sledi.core.timeline.stages import Effect, Side


class LegKind(StrEnum):
    """In the order in which a parcel passes them; not every journey has every leg."""

    DOMESTIC = "domestic"  # a courier's way to a warehouse in the origin country
    ORIGIN = "origin"
    EXPORT = "export"
    BETWEEN = "between"  # between the posts: often nobody scans
    IMPORT = "import"
    LAST = "last"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg. ``carrier`` is a slug or empty; ``numbers`` are those under which its lines were found.

    ``started_at`` and ``ended_at`` (UTC) are None ahead, and where nothing proves them.
    """

    kind: LegKind
    state: StepState
    carrier: str
    country: str
    numbers: tuple[str, ...]
    lines: tuple[Line, ...]
    started_at: datetime | None
    ended_at: datetime | None


# The members that every line is compared with, looked up once: a look-up costs more than the comparison.
_DOMESTIC, _ORIGIN, _EXPORT, _BETWEEN, _IMPORT, _LAST, _RETURN = _KINDS = tuple(LegKind)
_WAY_BACK, _ASK = Direction.RETURN, Effect.ASK
_PLACE = {kind: place for place, kind in enumerate(_KINDS)}


def legs(
    lines: Sequence[Line], route: Route, reached: Mapping[Mark, Milestone], *, is_final: bool
) -> tuple[Leg, ...]:
    """The legs passed, the present one and those ahead, in order; writes on each line the leg it belongs to."""
    by_kind = _by_leg(lines, route)
    now = max(by_kind, key=_PLACE.__getitem__, default=None)
    has_left = Mark.LEFT_ORIGIN in reached
    if has_left and now in (_ORIGIN, _EXPORT):
        now = _BETWEEN
    return tuple(
        _leg(kind, _state(kind, now, is_final=is_final), by_kind.get(kind, ()), route, reached)
        for kind in _KINDS
        if kind in by_kind or (kind is _BETWEEN and has_left) or _is_ahead(kind, now, route)
    )


def _by_leg(lines: Sequence[Line], route: Route) -> dict[LegKind, list[Line]]:
    couriers = {_hand(line) for line in lines if line.leg == _DOMESTIC}
    by_kind: dict[LegKind, list[Line]] = {}
    reached = _ORIGIN
    for line in lines:
        stage = line.stage
        if stage.effect is _ASK:
            continue
        kind = _kind(line, reached, route, couriers)
        line.leg = kind
        by_kind.setdefault(kind, []).append(line)
        if kind is not reached:
            reached = _later(reached, kind)
        if stage.code == "exp.departed":
            reached = _later(reached, _BETWEEN)
    return by_kind


def _kind(line: Line, reached: LegKind, route: Route, couriers: set[str]) -> LegKind:
    """The leg of a line: by its code; where the code leaves it open, the leg that the parcel had reached."""
    stage = line.stage
    if line.direction is _WAY_BACK:
        return _RETURN
    if couriers and stage.side <= _ORIGIN_SIDE and _hand(line) in couriers:
        return _DOMESTIC
    if stage.code == "exp.office_in" and reached is _ORIGIN:
        return _ORIGIN
    return _LEG_OF.get(stage.leg) or _open(line, reached, route)


def _hand(line: Line) -> str:
    return line.carrier or line.sightings[0].source


_ORIGIN_SIDE = Side.ORIGIN
_LEG_OF = {"pre": _ORIGIN, "orig": _ORIGIN, "exp": _EXPORT, "imp": _IMPORT, "last": _LAST, "done": _LAST}


def _open(line: Line, reached: LegKind, route: Route) -> LegKind:
    if route.is_domestic:
        return reached
    side = route.side_of(line)
    if side is Side.DESTINATION:
        return _later(reached, _IMPORT)
    if side is Side.CROSSING:
        return _later(reached, _BETWEEN)
    if side is _ORIGIN_SIDE and _PLACE[reached] > _PLACE[_EXPORT]:
        return _EXPORT
    return reached


def _later(one: LegKind, other: LegKind) -> LegKind:
    return one if _PLACE[one] >= _PLACE[other] else other


def _is_ahead(kind: LegKind, now: LegKind | None, route: Route) -> bool:
    """Of the legs to come only those of the destination are sure, and only while the parcel goes there."""
    if now is None or not route.destination or _PLACE[now] >= _PLACE[kind]:
        return False
    return kind is _LAST or (kind is _IMPORT and not route.is_domestic)


def _state(kind: LegKind, now: LegKind | None, *, is_final: bool) -> StepState:
    if now is None or _PLACE[kind] > _PLACE[now]:
        return StepState.AHEAD
    return StepState.NOW if kind is now and not is_final else StepState.DONE


def _leg(
    kind: LegKind, state: StepState, lines: Sequence[Line], route: Route, reached: Mapping[Mark, Milestone]
) -> Leg:
    country = _country(kind, route)
    carrier = next((line.carrier for line in reversed(lines) if line.carrier), "") or post_of(country)
    started_at = ended_at = None
    if lines:
        moments = [line.at for line in lines]
        started_at, ended_at = min(moments), max(moments)
    if kind is _BETWEEN:
        started_at = reached[Mark.LEFT_ORIGIN].at if Mark.LEFT_ORIGIN in reached else started_at
        ended_at = reached[Mark.ARRIVED].at if Mark.ARRIVED in reached else ended_at
    if state is not StepState.DONE:
        ended_at = None
    return Leg(kind, state, carrier, country, _numbers(lines), tuple(lines), started_at, ended_at)


def _numbers(lines: Sequence[Line]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for line in lines:
        for sighting in line.sightings:
            if sighting.number:
                found[sighting.number] = None
    return tuple(found)


def _country(kind: LegKind, route: Route) -> str:
    if kind is _IMPORT or kind is _LAST:
        return route.destination
    return route.origin if _PLACE[kind] < _PLACE[_BETWEEN] else ""
