"""The worker's process: polling and everything else that comes due by itself."""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from asgiref.sync import async_to_sync
from django.db import close_old_connections, connections

from sledi.tracking import lines, wire
from sledi.tracking.ingest import DATABASE_AWAY
from sledi.tracking.poller import poll_carrier
from sledi.tracking.staleness import announce_stale

log = logging.getLogger(__name__)

CHORES_END_S = 5
"""How long a stop waits for a chore under way; what it had claimed comes due again by itself."""


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to do every few seconds; higher apps bring theirs. ``act`` takes the time and may fail."""

    every_s: float
    act: Callable[[datetime], object]


OWN_CHORES = (Chore(60, announce_stale),)


def run(stop: threading.Event, chores: Sequence[Chore] = ()) -> None:
    """Poll every configured carrier and do the chores until ``stop`` is set; waits for what is under way.

    Polling has this thread for the database. Each chore has a thread and a connection of its own: a mail server
    that does not answer must not hold up the asking.
    """
    threads = [
        threading.Thread(target=_repeat, args=(chore, stop), name=str(chore.act), daemon=True)
        for chore in (*OWN_CHORES, *chores)
    ]
    for thread in threads:
        thread.start()
    try:
        async_to_sync(_poll)(stop)
    finally:
        stop.set()  # also when asking ended by a fault: no chore goes on alone
        for thread in threads:
            thread.join(CHORES_END_S)


async def _poll(stop: threading.Event) -> None:
    stopping = asyncio.Event()
    slugs = [module.SLUG for module in lines.configured()]
    log.info("polling %s", ", ".join(slugs) or "nobody: no carrier is configured")
    async with wire.client() as http:
        loops = [asyncio.create_task(poll_carrier(slug, http, stopping)) for slug in slugs]
        while not stop.is_set():
            await asyncio.sleep(0.2)
            for loop in loops:
                if loop.done():  # it never ends by itself: better a new process than a carrier asked no more
                    loop.result()
        stopping.set()
        await asyncio.gather(*loops)


def _repeat(chore: Chore, stop: threading.Event) -> None:
    while not stop.is_set():
        close_old_connections()
        try:
            chore.act(datetime.now(UTC))
        except DATABASE_AWAY as problem:
            log.warning("the database is away: %s", str(problem).strip())
            connections.close_all()
        except Exception:
            log.exception("a chore failed: %s", chore.act)
            connections.close_all()
        stop.wait(chore.every_s)
    connections.close_all()
