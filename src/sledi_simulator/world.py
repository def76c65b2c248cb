"""The simulated world: the clock, every parcel in it, what was asked, and what goes wrong."""

import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sledi_simulator import lanes, stories
from sledi_simulator.bad_days import BadDay, BadDays, Switch, Today, distorted
from sledi_simulator.clock import Clock
from sledi_simulator.journeys import Journey, Kind, Scan
from sledi_simulator.limits import Gate, Limits
from sledi_simulator.places import place
from sledi_simulator.telling import Telling

LAID_OUT_KEPT = 50_000

LOGIN = "demo"
SECRET = "secret"  # noqa: S105  the documented credentials of a simulator on localhost


class World:
    """Everything the carriers share. Safe to use from several threads."""

    def __init__(self, clock: Clock, limits: Limits, epoch: datetime | None = None) -> None:
        """``epoch`` is the moment that all journeys are laid out around: the full hour of the start."""
        self.clock = clock
        self.limits = limits
        self.epoch = (epoch or clock.now()).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        self.bad_days = BadDays()
        self.gate = Gate()
        self._lock = threading.Lock()
        self._calls: Counter[tuple[str, str]] = Counter()
        self._asked: Counter[tuple[str, str]] = Counter()
        self._laid_out: dict[str, Journey | None] = {}
        self._changed: dict[str, Journey] = {}
        self._main_numbers: dict[str, str] = {}
        self._stories = {story.number: story for story in stories.stories()}
        for story in self._stories.values():
            if story.local_number:
                self._main_numbers[story.local_number] = story.number
            for bad_day in story.bad_days:
                carrier, _, day = bad_day.rpartition(":")
                self.bad_days.switch_on(Switch(BadDay(day), carrier, story.number))

    def journey(self, number: str) -> Journey | None:
        """The journey of a parcel under any of its numbers; nothing when no carrier knows the number."""
        with self._lock:
            number = self._main_numbers.get(number, number)
            if number in self._changed:
                return self._changed[number]
            if number not in self._laid_out:
                if len(self._laid_out) >= LAID_OUT_KEPT:
                    self._laid_out.clear()
                self._laid_out[number] = self._lay_out(number)
            return self._laid_out[number]

    def _lay_out(self, number: str) -> Journey | None:
        story = self._stories.get(number)
        return stories.journey(story, self.epoch) if story else lanes.ordinary(number, self.epoch)

    def change(self, journey: Journey) -> None:
        """Puts a journey in the place of what was known of its number."""
        with self._lock:
            self._changed[journey.number] = journey
            if journey.local_number:
                self._main_numbers[journey.local_number] = journey.number

    def forget(self, number: str) -> bool:
        """Takes back all changes to a number; says whether there were any."""
        with self._lock:
            return self._changed.pop(number, None) is not None

    def named(self) -> list[Journey]:
        """The stories and the journeys made or changed from outside."""
        numbers = dict.fromkeys([*self._stories, *(journey.number for journey in self.changes())])
        return [journey for journey in map(self.journey, numbers) if journey]

    def changes(self) -> list[Journey]:
        with self._lock:
            return list(self._changed.values())

    def told(self, post: str, number: str, today: Today, at: datetime | None = None) -> Telling | None:
        """What ``post`` tells of a number now (or told ``at`` a moment); nothing when it knows nothing."""
        journey = self.journey(number)
        if journey is None or post not in (journey.origin_post, journey.destination_post):
            return None
        moment = at or self.clock.now()
        telling = Telling(number, journey, journey.told_by(post, number, moment), moment)
        return distorted(telling, today.distortions(number)) if telling.scans else None

    def count(self, carrier: str, call: str, numbers: Sequence[str]) -> None:
        """Counts a request: once for the call, once for each number asked for."""
        with self._lock:
            self._calls[carrier, call] += 1
            self._asked.update((carrier, number) for number in numbers)

    def calls(self) -> Mapping[tuple[str, str], int]:
        """How often each call of a carrier was made."""
        with self._lock:
            return dict(self._calls)

    def asked(self) -> Mapping[tuple[str, str], int]:
        """How often a carrier was asked for a number."""
        with self._lock:
            return dict(self._asked)

    def clear_counts(self) -> None:
        with self._lock:
            self._calls.clear()
            self._asked.clear()

    def admits_per_second(self, key: str, most: int | None) -> bool:
        """Whether a call fits into a limit per second of real time."""
        return self.gate.admits(f"{key} per second", most, 1.0, time.monotonic())

    def admits(self, key: str, most: int | None, per_s: float) -> bool:
        """Whether a call fits into a limit per ``per_s`` seconds of the simulator's time."""
        return self.gate.admits(key, most, per_s, self.clock.now().timestamp())


def journey_to_document(journey: Journey) -> dict[str, Any]:
    """A journey as JSON shows it and the state file keeps it."""
    return {
        "number": journey.number,
        "local_number": journey.local_number,
        "title": journey.title,
        "origin": journey.origin,
        "destination": journey.destination,
        "origin_post": journey.origin_post,
        "destination_post": journey.destination_post,
        "course": journey.course,
        "weight_g": journey.weight_g,
        "scans": [_scan_to_document(scan) for scan in journey.scans],
    }


def journey_from_document(document: Mapping[str, Any]) -> Journey:
    """The journey of a document. Raises KeyError or ValueError when it is not one."""
    return Journey(
        number=document["number"],
        local_number=document.get("local_number", ""),
        title=document.get("title", ""),
        origin=document["origin"],
        destination=document["destination"],
        origin_post=document["origin_post"],
        destination_post=document["destination_post"],
        course=document.get("course", ""),
        weight_g=document.get("weight_g", 350),
        scans=tuple(sorted(map(_scan_from_document, document["scans"]), key=lambda scan: scan.at)),
    )


def _scan_to_document(scan: Scan) -> dict[str, Any]:
    return {
        "kind": str(scan.kind),
        "at": scan.at.isoformat(),
        "place": scan.place.key,
        "post": scan.post,
        "reason": scan.reason,
        "direction": scan.direction,
        "local": scan.local,
        "withdrawn_at": scan.withdrawn_at.isoformat() if scan.withdrawn_at else None,
    }


def _scan_from_document(row: Mapping[str, Any]) -> Scan:
    withdrawn_at = row.get("withdrawn_at")
    return Scan(
        kind=Kind(row["kind"]),
        at=datetime.fromisoformat(row["at"]).astimezone(UTC),
        place=place(row["place"]),
        post=row["post"],
        reason=row.get("reason", ""),
        direction="return" if row.get("direction") == "return" else "forward",
        local=bool(row.get("local", False)),
        withdrawn_at=datetime.fromisoformat(withdrawn_at).astimezone(UTC) if withdrawn_at else None,
    )
