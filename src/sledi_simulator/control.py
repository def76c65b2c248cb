"""The simulator's own desk under /_control: parcels, the clock, bad days, counts. JSON, for this machine only."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sledi_simulator import barcodes, journeys, lanes, places, stories
from sledi_simulator.bad_days import REFUSALS, SLOW_S, BadDay, Switch
from sledi_simulator.journeys import Journey, Kind, Scan
from sledi_simulator.limits import GENEROUS, STRICT
from sledi_simulator.simulator import Simulator
from sledi_simulator.wire import Answer, Ask, json_answer
from sledi_simulator.world import journey_to_document

PRESETS = {"generous": GENEROUS, "strict": STRICT}


class Unknown(Exception):
    """There is nothing of that name."""


class Control:
    """Answers what is asked of the simulator itself."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    def answer(self, ask: Ask) -> Answer:
        """The answer to a request below /_control; what is wrong with it is said with status 400 or 404."""
        parts = [part for part in ask.path.split("/") if part]
        try:
            content = _content(ask)
            found = self._route(ask.method, parts, content)
            self._simulator.tick()
            return json_answer(found)
        except Unknown as unknown:
            return json_answer({"error": str(unknown)}, 404)
        except KeyError as missing:
            return json_answer({"error": f"unknown or missing: {missing}"}, 400)
        except (ValueError, TypeError) as wrong:
            return json_answer({"error": str(wrong)}, 400)

    def _route(self, method: str, parts: list[str], content: Mapping[str, Any]) -> object:
        routes: Mapping[tuple[str, str], Callable[[], object]] = {
            ("GET", ""): self._overview,
            ("GET", "journeys"): self._journeys,
            ("POST", "journeys"): lambda: self._add_journey(content),
            ("GET", "clock"): self._clock,
            ("POST", "clock"): lambda: self._set_clock(content),
            ("GET", "bad-days"): self._bad_days,
            ("POST", "bad-days"): lambda: self._switch_on(content),
            ("DELETE", "bad-days"): lambda: self._switch_off(content),
            ("GET", "requests"): self._requests,
            ("DELETE", "requests"): self._clear_requests,
            ("GET", "pushes"): self._pushes,
            ("GET", "limits"): self._limits,
            ("POST", "limits"): lambda: self._set_limits(content),
            ("POST", "webhook"): lambda: self._set_webhook(content),
            ("POST", "reset"): self._reset,
        }
        name = parts[0] if parts else ""
        if len(parts) <= 1 and (method, name) in routes:
            return routes[method, name]()
        match method, parts:
            case "GET", ["journeys", number]:
                return self._journey(number)
            case "DELETE", ["journeys", number]:
                return {"number": number, "forgotten": self._simulator.world.forget(number)}
            case "POST", ["journeys", number, "advance"]:
                return self._advance(number, content)
            case "POST", ["journeys", number, "turn"]:
                return self._turn(number, content)
            case _, ["payments", *rest]:
                return self._simulator.payments.control(method, rest, content)
            case _:
                raise Unknown(f"there is no {method} /_control/{'/'.join(parts)}")

    # What there is.

    def _overview(self) -> object:
        world = self._simulator.world
        return {
            "carriers": sorted(self._simulator.dialects),
            "courses": lanes.courses(),
            "kinds": {kind.value: kind.name.lower() for kind in Kind},
            "bad_days": list(BadDay),
            "epoch": world.epoch.isoformat(),
            "clock": self._clock(),
            "stories": len(stories.stories()),
        }

    def _journeys(self) -> object:
        world = self._simulator.world
        unknown = [
            {"number": story.number, "title": story.title, "stage": None}
            for story in stories.stories()
            if not story.course
        ]
        return unknown + [_summary(journey, world.clock.now()) for journey in world.named()]

    def _journey(self, number: str) -> object:
        return _document(self._known(number), self._simulator.world.clock.now())

    def _known(self, number: str) -> Journey:
        journey = self._simulator.world.journey(number)
        if journey is None:
            raise Unknown(f"no carrier knows {number}")
        return journey

    # Parcels.

    def _add_journey(self, content: Mapping[str, Any]) -> object:
        world = self._simulator.world
        now = world.clock.now()
        journey = _explicit(content, now) if "scans" in content else _planned(content, now)
        earlier = world.journey(journey.number)
        world.change(replace(journey, revision=earlier.revision + 1 if earlier else 0))
        return _document(journey, now)

    def _advance(self, number: str, content: Mapping[str, Any]) -> object:
        to = Kind(content["to"]) if "to" in content else None
        return self._changed(journeys.advanced(self._known(number), self._simulator.world.clock.now(), to))

    def _turn(self, number: str, content: Mapping[str, Any]) -> object:
        journey, now = self._known(number), self._simulator.world.clock.now()
        match content["to"]:
            case "return":
                return self._changed(journeys.turned_back(journey, now))
            case "loss":
                return self._changed(journeys.lost(journey, now))
            case "correction":
                return self._changed(journeys.corrected(journey, now))
            case "hand_over":
                return self._changed(journeys.handed_over(journey, now, str(content["local_number"])))
            case other:
                raise ValueError(f"to: {other!r} is none of return, loss, correction, hand_over")

    def _changed(self, journey: Journey) -> object:
        self._simulator.world.change(journey)
        return _document(journey, self._simulator.world.clock.now())

    # The clock.

    def _clock(self) -> object:
        clock = self._simulator.world.clock
        return {"now": clock.now().isoformat(), "speed": clock.speed, "ahead_s": round(clock.ahead_s, 3)}

    def _set_clock(self, content: Mapping[str, Any]) -> object:
        clock = self._simulator.world.clock
        unknown = content.keys() - {"speed", "advance_s"}
        if unknown:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}; a clock has speed and advance_s")
        if "speed" in content:
            clock.run_at(float(content["speed"]))
        clock.advance(float(content.get("advance_s", 0)))
        return self._clock()

    # Bad days.

    def _bad_days(self) -> object:
        return [asdict(switch) for switch in self._simulator.world.bad_days.all()]

    def _switch_on(self, content: Mapping[str, Any]) -> object:
        day, carrier = BadDay(content["day"]), str(content.get("carrier", ""))
        if carrier and carrier not in self._simulator.dialects:
            raise ValueError(f"carrier: {carrier!r} is none of {', '.join(sorted(self._simulator.dialects))}")
        if carrier and day in REFUSALS and day not in self._simulator.dialects[carrier].REFUSES:
            raise ValueError(f"day: {carrier} has no words for {day}")
        requests = content.get("requests")
        if requests is not None and (not isinstance(requests, int) or requests < 1):
            raise ValueError("requests: a whole number from 1 up, or absent to stay until switched off")
        number, delay_s = str(content.get("number", "")), float(content.get("delay_s", SLOW_S))
        self._simulator.world.bad_days.switch_on(Switch(day, carrier, number, requests, delay_s))
        return self._bad_days()

    def _switch_off(self, content: Mapping[str, Any]) -> object:
        self._simulator.world.bad_days.switch_off(
            day=str(content.get("day", "")),
            carrier=str(content.get("carrier", "")),
            number=str(content.get("number", "")),
        )
        return self._bad_days()

    # Counts, pushes, limits.

    def _requests(self) -> object:
        counts: dict[str, dict[str, Any]] = {}
        for (carrier, call), times in self._simulator.world.calls().items():
            row = counts.setdefault(carrier, {"total": 0, "calls": {}, "numbers": {}})
            row["total"] += times
            row["calls"][call] = times
        for (carrier, number), times in self._simulator.world.asked().items():
            counts[carrier]["numbers"][number] = times
        return counts

    def _clear_requests(self) -> object:
        self._simulator.world.clear_counts()
        return {}

    def _pushes(self) -> object:
        outbox = self._simulator.outbox
        sent = [asdict(delivery) | {"at": delivery.at.isoformat()} for delivery in outbox.log()]
        return {"waiting": outbox.waiting(), "sent": sent}

    def _limits(self) -> object:
        return asdict(self._simulator.world.limits)

    def _set_limits(self, content: Mapping[str, Any]) -> object:
        world = self._simulator.world
        changes = dict(content)
        preset = changes.pop("preset", None)
        limits = PRESETS[preset] if preset else world.limits
        if "push_retries_s" in changes:
            changes["push_retries_s"] = tuple(float(wait_s) for wait_s in changes["push_retries_s"])
        world.limits = replace(limits, **changes)
        return self._limits()

    def _set_webhook(self, content: Mapping[str, Any]) -> object:
        self._simulator.seventeentrack.webhook_url = str(content["url"])
        return {"url": self._simulator.seventeentrack.webhook_url}

    def _reset(self) -> object:
        self._simulator.reset()
        return self._overview()


def _content(ask: Ask) -> Mapping[str, Any]:
    """The fields of a request: its JSON object, or its query."""
    if not ask.body:
        return ask.query
    try:
        content = ask.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise ValueError("the body is not JSON") from None
    if not isinstance(content, dict):
        raise ValueError("a JSON object is expected")
    return content


def _summary(journey: Journey, now: datetime) -> dict[str, Any]:
    happened = journey.happened(now)
    ahead = journey.scans[len(happened) :]
    return {
        "number": journey.number,
        "local_number": journey.local_number,
        "title": journey.title,
        "lane": f"{journey.origin}-{journey.destination}",
        "course": journey.course,
        "stage": str(happened[-1].kind) if happened else None,
        "since": happened[-1].at.isoformat() if happened else None,
        "next": str(ahead[0].kind) if ahead else None,
        "next_at": ahead[0].at.isoformat() if ahead else None,
    }


def _document(journey: Journey, now: datetime) -> dict[str, Any]:
    return _summary(journey, now) | journey_to_document(journey)


def _planned(content: Mapping[str, Any], now: datetime) -> Journey:
    """A journey laid out like a story, by ``from`` and ``to`` or a ``lane``, at a ``stage``."""
    origin, destination = _ends(content)
    story = stories.Story(
        number=_number(content),
        title=str(content.get("title", "")),
        origin=origin,
        destination=destination,
        course=str(content.get("course", "pickup")),
        at=str(content["stage"]),
        ago_h=float(content.get("ago_h", 0)),
        holds_h=float(content.get("holds_h", 0)),
        every_min=float(content.get("every_min", 0)),
        local_number=str(content.get("local_number", "")),
        courier=str(content.get("courier", "")),
    )
    if not story.course:
        raise ValueError("course: must not be empty")
    journey = stories.journey(story, now)
    assert journey is not None
    return journey


def _ends(content: Mapping[str, Any]) -> tuple[str, str]:
    """The ways out and in; a lane alone takes the first of each country."""
    if "lane" not in content:
        return str(content["from"]), str(content["to"])
    origin, _, destination = str(content["lane"]).partition("-")
    networks = places.networks()
    way_out, way_in = next(iter(networks[origin].ways_out)), next(iter(networks[destination].ways_in))
    return f"{origin}.{way_out}", f"{destination}.{way_in}"


def _explicit(content: Mapping[str, Any], now: datetime) -> Journey:
    """A journey scan by scan; each at a moment (``at``) or so many hours from now (``in_h``)."""
    scans = sorted((_scan(row, now) for row in content["scans"]), key=lambda scan: scan.at)
    if not scans:
        raise ValueError("scans: at least one is needed")
    origin = str(content.get("origin", scans[0].place.country))
    destination = str(content.get("destination", scans[-1].place.country))
    return Journey(
        number=_number(content),
        origin=origin,
        destination=destination,
        origin_post=str(content.get("origin_post") or barcodes.POST_OF_COUNTRY[origin]),
        destination_post=str(content.get("destination_post") or barcodes.POST_OF_COUNTRY[destination]),
        scans=tuple(scans),
        local_number=str(content.get("local_number", "")),
        title=str(content.get("title", "")),
    )


def _scan(row: Mapping[str, Any], now: datetime) -> Scan:
    place = places.place(str(row["place"]))
    moment = datetime.fromisoformat(row["at"]) if "at" in row else now + timedelta(hours=float(row["in_h"]))
    if moment.tzinfo is None:
        raise ValueError(f"at: {row['at']!r} has no offset from UTC")
    return Scan(
        kind=Kind(row["kind"]),
        at=moment.astimezone(UTC),
        place=place,
        post=str(row.get("post") or barcodes.POST_OF_COUNTRY.get(place.country, "transit")),
        reason=str(row.get("reason", "")),
        direction="return" if row.get("direction") == "return" else "forward",
        local=bool(row.get("local", False)),
    )


def _number(content: Mapping[str, Any]) -> str:
    number = str(content["number"])
    if not number or not number.isalnum() or not number.isascii():
        raise ValueError(f"number: {number!r} is not a tracking number")
    return number
