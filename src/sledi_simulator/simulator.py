"""The whole simulator without the network: a world, its carriers, the pushes, and what outlives a restart."""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sledi_simulator.bad_days import REFUSALS, WIRE, BadDay, Switch
from sledi_simulator.clock import Clock
from sledi_simulator.dialects import Dialect
from sledi_simulator.dialects.belpost import Belpost
from sledi_simulator.dialects.kazpost import Kazpost
from sledi_simulator.dialects.kuaidi100 import Kuaidi100
from sledi_simulator.dialects.russian_post import RussianPost
from sledi_simulator.dialects.seventeentrack import SeventeenTrack
from sledi_simulator.dialects.ukrposhta import Ukrposhta
from sledi_simulator.limits import GENEROUS, Limits
from sledi_simulator.payments import Payments
from sledi_simulator.pushes import Outbox
from sledi_simulator.wire import Answer, Ask
from sledi_simulator.world import World, journey_from_document, journey_to_document

SAVE_EVERY_S = 5.0

PROCESSED_ANYHOW = frozenset({BadDay.SLOW, BadDay.TRUNCATED, BadDay.CUT_OFF})
"""Troubles of the wire on the way back: the carrier has done what was asked, the client cannot know."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a simulator starts. ``start`` is the moment its clock shows, the present when absent.

    ``state`` is a file that keeps dates, registrations and subscriptions over a restart.
    """

    speed: float = 1.0
    start: datetime | None = None
    limits: Limits = GENEROUS
    webhook_url: str = ""
    state: Path | None = None


@dataclass(frozen=True, slots=True)
class Reaction:
    """What goes back over the wire, and what befalls it on the way."""

    answer: Answer
    trouble: Switch | None = None


@dataclass(slots=True)
class _Running:
    """All that a reset begins anew."""

    world: World
    outbox: Outbox
    payments: Payments
    dialects: Mapping[str, Dialect] = field(default_factory=dict)


class Simulator:
    """Carriers that answer. Safe to use from several threads."""

    def __init__(self, options: Options | None = None) -> None:
        """Raises ValueError when the state file is not one of ours."""
        self.options = options or Options()
        self._saving = threading.Lock()
        self._saved_at_s = time.monotonic()
        self._now_running = self._begin(self._read_state())

    @property
    def world(self) -> World:
        return self._now_running.world

    @property
    def outbox(self) -> Outbox:
        return self._now_running.outbox

    @property
    def dialects(self) -> Mapping[str, Dialect]:
        return self._now_running.dialects

    @property
    def payments(self) -> Payments:
        return self._now_running.payments

    @property
    def seventeentrack(self) -> SeventeenTrack:
        dialect = self.dialects[SeventeenTrack.SLUG]
        assert isinstance(dialect, SeventeenTrack)
        return dialect

    def react(self, slug: str, ask: Ask) -> Reaction:
        """What the carrier ``slug`` answers. Raises KeyError when there is no such carrier."""
        running = self._now_running
        dialect, world = running.dialects[slug], running.world
        numbers = dialect.numbers(ask)
        world.count(slug, dialect.call(ask), dialect.asked(ask))
        today = world.bad_days.meet(slug, numbers)
        trouble = today.first(WIRE)
        if trouble and trouble.day not in PROCESSED_ANYHOW:
            return Reaction(Answer(200, b"", "text/plain"), trouble)
        refusal = today.first(REFUSALS & dialect.REFUSES)
        answer = dialect.refuse(refusal.day, ask) if refusal else dialect.answer(ask, today)
        return Reaction(answer, trouble)

    def tick(self) -> None:
        """Lets the carriers do what is due, sends pushes, keeps the state."""
        running = self._now_running
        for dialect in running.dialects.values():
            dialect.tick()
        running.outbox.send_due()
        if time.monotonic() - self._saved_at_s >= SAVE_EVERY_S:
            self.save()

    def reset(self) -> None:
        """Begins anew, as if just started without a state."""
        before = self._now_running
        self._now_running = self._begin({})
        before.outbox.close()

    def save(self) -> None:
        """Writes the state file, if there is one, in one piece."""
        self._saved_at_s = time.monotonic()
        if self.options.state is None:
            return
        running = self._now_running
        document = {
            "epoch": running.world.epoch.isoformat(),
            "ahead_s": running.world.clock.ahead_s,
            "journeys": [journey_to_document(journey) for journey in running.world.changes()],
            "carriers": {slug: dialect.remembered() for slug, dialect in running.dialects.items()},
            "payments": running.payments.remembered(),
        }
        with self._saving:
            fresh = self.options.state.with_suffix(".new")
            fresh.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
            fresh.replace(self.options.state)

    def close(self) -> None:
        """Keeps the state and stops sending."""
        self.save()
        self.outbox.close()

    def _begin(self, kept: Mapping[str, Any]) -> _Running:
        options = self.options
        start, epoch = options.start, None
        if kept:
            start = start or datetime.now(UTC) + timedelta(seconds=kept["ahead_s"])
            epoch = datetime.fromisoformat(kept["epoch"])
        clock = Clock(start, options.speed)
        world = World(clock, options.limits, epoch)
        outbox = Outbox(clock, lambda: world.limits.push_retries_s)
        dialects: list[Dialect] = [
            RussianPost(world),
            Ukrposhta(world),
            Belpost(world),
            Kazpost(world),
            SeventeenTrack(world, outbox, options.webhook_url),
            Kuaidi100(world, outbox),
        ]
        for document in kept.get("journeys", ()):
            world.change(journey_from_document(document))
        for dialect in dialects:
            if dialect.SLUG in kept.get("carriers", {}):
                dialect.remember(kept["carriers"][dialect.SLUG])
        payments = Payments(clock, outbox)
        payments.remember(kept.get("payments", {}))
        return _Running(world, outbox, payments, {dialect.SLUG: dialect for dialect in dialects})

    def _read_state(self) -> Mapping[str, Any]:
        state = self.options.state
        if state is None or not state.exists():
            return {}
        try:
            kept: Mapping[str, Any] = json.loads(state.read_text(encoding="utf-8"))
            return kept if {"epoch", "ahead_s", "journeys", "carriers"} <= kept.keys() else _refuse(state)
        except (json.JSONDecodeError, AttributeError, UnicodeDecodeError):
            return _refuse(state)


def _refuse(state: Path) -> Mapping[str, Any]:
    raise ValueError(f"{state} is not a state of the simulator: delete it to begin anew")
