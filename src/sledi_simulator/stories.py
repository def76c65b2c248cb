"""The named parcels of ``stories.toml``, laid out around the moment the simulator starts."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from sledi_simulator import lanes
from sledi_simulator.journeys import Journey, Kind, corrected


@dataclass(frozen=True, slots=True)
class Story:
    """One named parcel. A story without ``course`` is a number no carrier knows."""

    number: str
    title: str
    origin: str = ""  # a network and a way, as "CN.shenzhen"
    destination: str = ""
    course: str = ""
    at: str = ""  # the last scan that has happened, as "EME duty"
    ago_h: float = 0
    holds_h: float = 0
    every_min: float = 0
    local_number: str = ""
    courier: str = ""
    corrected: bool = False
    bad_days: tuple[str, ...] = ()  # as "html", or of one carrier "belpost:html"


@cache
def stories() -> Sequence[Story]:
    """All stories, in the order of the file."""
    text = files("sledi_simulator").joinpath("stories.toml").read_text(encoding="utf-8")
    return tuple(_story(row) for row in tomllib.loads(text)["story"])


def journey(story: Story, epoch: datetime) -> Journey | None:
    """The parcel of a story for a simulator started at ``epoch``; nothing when it is unknown to all."""
    if not story.course:
        return None
    origin, _, way_out = story.origin.partition(".")
    destination, _, way_in = story.destination.partition(".")
    route = lanes.route_between(origin, way_out, destination, way_in, story.courier)
    laid_out = lanes.plan(
        story.number,
        route,
        story.course,
        lanes.Pinned(
            step=step_of(story.course, story.at, via="transit" in route.places),
            at=epoch - timedelta(hours=story.ago_h),
            resume=epoch + timedelta(hours=story.holds_h),
            every=timedelta(minutes=story.every_min) if story.every_min else None,
        ),
        local_number=story.local_number,
        title=story.title,
    )
    return corrected(laid_out, epoch - timedelta(hours=2)) if story.corrected else laid_out


def step_of(course: str, at: str, *, via: bool) -> int:
    """Which step of a course is meant by ``EMD`` or ``EME duty``; the last one when there are several.

    Raises ValueError when the course has no such step.
    """
    kind, _, reason = at.partition(" ")
    steps = lanes.course_steps(course, via=via)
    found = [
        index
        for index, step in enumerate(steps)
        if step.kind is Kind(kind) and (not reason or step.reason == reason)
    ]
    if not found:
        raise ValueError(f"the course {course!r} has no step {at!r}")
    return found[-1]


def _story(row: Mapping[str, Any]) -> Story:
    return Story(
        number=row["number"],
        title=row["title"],
        origin=row.get("from", ""),
        destination=row.get("to", ""),
        course=row.get("course", ""),
        at=row.get("at", ""),
        ago_h=row.get("ago_h", 0),
        holds_h=row.get("holds_h", 0),
        every_min=row.get("every_min", 0),
        local_number=row.get("local_number", ""),
        courier=row.get("courier", ""),
        corrected=row.get("corrected", False),
        bad_days=tuple(row.get("bad_days", ())),
    )
