"""Plans journeys: any good number gets one, always the same for the same start of the simulator.

A number whose serial ends in 00 is unknown to every carrier. ``lanes.toml`` holds the rest of the rules.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sledi_simulator import barcodes, places
from sledi_simulator.journeys import Direction, Journey, Kind, Place, Scan

UNKNOWN_ENDING = "00"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a course: which scan, where on the way, how long after the one before, in which hours."""

    kind: Kind
    reason: str
    direction: Direction
    role: str
    after_h: tuple[float, float]
    hours: tuple[int, int]
    weekdays: int


@dataclass(frozen=True, slots=True)
class Route:
    """The places of a journey by role, and the posts of its two ends."""

    places: Mapping[str, Place]
    origin_post: str
    destination_post: str

    @property
    def origin(self) -> str:
        return self.places["posting"].country

    @property
    def destination(self) -> str:
        return self.places["office"].country


@dataclass(frozen=True, slots=True)
class Pinned:
    """What fixes a plan in time: step ``step`` is made at the last fitting hour before ``at``.

    Steps after it are made not before ``resume``; with ``every`` they follow at that pace, day and night.
    """

    step: int
    at: datetime
    resume: datetime | None = None
    every: timedelta | None = None


def plan(
    number: str,
    route: Route,
    course: str,
    pinned: Pinned,
    *,
    local_number: str = "",
    title: str = "",
) -> Journey:
    """The journey of ``number`` on a course; the number decides all that is left to chance.

    Raises KeyError when the course or a place it needs does not exist.
    """
    chance = Random(number)
    steps = course_steps(course, via="transit" in route.places)
    moments = _moments(steps, route, chance, pinned)
    scans, is_local = [], False
    for step, moment in zip(steps, moments, strict=True):
        place = route.places[step.role]
        post = route.destination_post if step.role in _DESTINATION_ROLES else route.origin_post
        post = "transit" if step.role == "transit" else post
        moment = moment.replace(microsecond=0)
        scans.append(Scan(step.kind, moment, place, post, step.reason, step.direction, is_local))
        is_local = is_local or (bool(local_number) and step.kind is Kind.RENUMBERED)
    return Journey(
        number=number,
        origin=route.origin,
        destination=route.destination,
        origin_post=route.origin_post,
        destination_post=route.destination_post,
        scans=tuple(scans),
        weight_g=chance.randrange(12, 190) * 10,
        local_number=local_number,
        course=course,
        title=title,
    )


def ordinary(number: str, epoch: datetime) -> Journey | None:
    """The journey of a number that nobody has described; nothing when no carrier knows it."""
    identity = barcodes.identify(number)
    if identity is None or identity.serial.endswith(UNKNOWN_ENDING):
        return None
    chance = Random(f"{number} at large")
    route, mix = _ordinary_route(identity, chance)
    course = _weighted(_rules()["mix"][mix], chance)
    whole = plan(number, route, course, Pinned(0, epoch))
    duration = whole.scans[-1].at - whole.scans[0].at
    age = (duration + timedelta(days=4)) * chance.uniform(0.03, 1.0)
    return plan(number, route, course, Pinned(0, epoch - age))


def route_between(origin: str, way_out: str, destination: str, way_in: str, post: str = "") -> Route:
    """The route between two networks. ``post`` replaces the carrier of both ends (couriers inside China).

    Raises KeyError when a way does not exist, or no lane leads from one country to the other.
    """
    out, into = places.networks()[origin], places.networks()[destination]
    stops = {**out.ways_out[way_out], **into.ways_in[way_in]}
    if out.country != into.country:
        via = _rules()["lanes"][f"{origin}-{destination}"].get("via")
        stops |= {"transit": places.place(via)} if via else {}
    return Route(
        stops,
        post or barcodes.POST_OF_COUNTRY[out.country],
        post or barcodes.POST_OF_COUNTRY[into.country],
    )


@cache
def course_steps(course: str, *, via: bool = False) -> tuple[Step, ...]:
    """The steps of a course; ``via`` adds a transit office between the two countries."""
    words = list(_rules()["courses"][course])
    if via and Kind.FLIGHT_LEFT in words:
        after = words.index(Kind.FLIGHT_LEFT) + 1
        words[after:after] = [Kind.TRANSIT_IN, Kind.TRANSIT_OUT]
    return tuple(_step(word) for word in words)


def courses() -> Sequence[str]:
    """The names of all courses."""
    return tuple(_rules()["courses"])


_DESTINATION_ROLES = frozenset({"import", "hub", "office"})


@cache
def _rules() -> Mapping[str, Any]:
    return tomllib.loads(files("sledi_simulator").joinpath("lanes.toml").read_text(encoding="utf-8"))


def _step(word: str) -> Step:
    row = _rules()["steps"][word]
    kind, _, reason = word.removeprefix("<").partition(" ")
    return Step(
        kind=Kind(kind),
        reason=reason,
        direction="return" if word.startswith("<") or kind == Kind.SENT_BACK else "forward",
        role=row["at"],
        after_h=(row["after_h"][0], row["after_h"][1]),
        hours=tuple(row.get("hours", (0, 24))),
        weekdays=row.get("weekdays", 7),
    )


def _ordinary_route(identity: barcodes.Identity, chance: Random) -> tuple[Route, str]:
    if identity.post in barcodes.COURIER_SHAPES:
        ways = places.networks()["couriers"]
        way_out, way_in = chance.choice(sorted(ways.ways_out)), chance.choice(sorted(ways.ways_in))
        return route_between("couriers", way_out, "couriers", way_in, identity.post), "courier"
    is_s10 = len(identity.serial) == 8
    destination = (
        _rules()["destinations"][identity.country][int(identity.serial[-1])] if is_s10 else identity.country
    )
    way_out = chance.choice(sorted(places.networks()[identity.country].ways_out))
    way_in = chance.choice(sorted(places.networks()[destination].ways_in))
    mix = "home" if destination == identity.country else "abroad"
    return route_between(identity.country, way_out, destination, way_in), mix


def _weighted(weights: Mapping[str, int], chance: Random) -> str:
    return chance.choices(list(weights), weights=list(weights.values()))[0]


def _moments(steps: Sequence[Step], route: Route, chance: Random, pinned: Pinned) -> list[datetime]:
    """When each step is made. All chances are drawn first, so that the same number keeps its pace."""
    gaps = [_gap(step, route, chance) for step in steps]
    offsets = [timedelta(seconds=chance.randrange(3600)) for _ in steps]
    moments = [pinned.at] * len(steps)

    def zone(index: int) -> ZoneInfo:
        return route.places[steps[index].role].zone

    latest = pinned.at - offsets[pinned.step]
    moments[pinned.step] = _last_fitting(latest, steps[pinned.step], zone(pinned.step), offsets[pinned.step])
    for index in range(pinned.step - 1, -1, -1):
        latest = moments[index + 1] - gaps[index + 1]
        moments[index] = _last_fitting(latest, steps[index], zone(index), offsets[index])
    for index in range(pinned.step + 1, len(steps)):
        if pinned.every is not None:
            begin = pinned.resume or pinned.at
            moments[index] = begin + pinned.every * (index - pinned.step)
            continue
        earliest = moments[index - 1] + gaps[index]
        earliest = max(earliest, pinned.resume + offsets[index]) if pinned.resume else earliest
        moments[index] = _first_fitting(earliest, steps[index], zone(index), offsets[index])
    return moments


def _gap(step: Step, route: Route, chance: Random) -> timedelta:
    least, most = step.after_h
    if step.kind is Kind.FLIGHT_ARRIVED:
        least, most = _rules()["lanes"][f"{route.origin}-{route.destination}"]["line_h"]
    return timedelta(hours=chance.uniform(least, most), seconds=1)


def _first_fitting(moment: datetime, step: Step, zone: ZoneInfo, offset: timedelta) -> datetime:
    """The first moment from ``moment`` on at which such a scan is made: off hours it waits for the opening."""
    local = moment.astimezone(zone)
    if _fits(local, step):
        return moment
    opening = local.replace(hour=step.hours[0], minute=0, second=0, microsecond=0) + offset * 2
    while opening < local or opening.weekday() >= step.weekdays:
        opening += timedelta(days=1)
    return opening.astimezone(moment.tzinfo)


def _last_fitting(moment: datetime, step: Step, zone: ZoneInfo, offset: timedelta) -> datetime:
    """The last moment up to ``moment`` at which such a scan is made; off hours it was before the closing."""
    local = moment.astimezone(zone)
    if _fits(local, step):
        return moment
    closing = local.replace(hour=step.hours[1] - 1, minute=59, second=59, microsecond=0) - offset * 3
    while closing > local or closing.weekday() >= step.weekdays:
        closing -= timedelta(days=1)
    return closing.astimezone(moment.tzinfo)


def _fits(local: datetime, step: Step) -> bool:
    return step.hours[0] <= local.hour < step.hours[1] and local.weekday() < step.weekdays
