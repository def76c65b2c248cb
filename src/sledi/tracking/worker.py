"""The worker's process: polling and everything else that comes due by itself."""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from asgiref.sync import async_to_sync, sync_to_async
from django.db import connections

from sledi.tracking import lines, wire
from sledi.tracking.poller import poll_carrier
from sledi.tracking.staleness import announce_stale

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to do every few seconds; higher apps bring theirs. ``act`` takes the time and may fail."""

    every_s: float
    act: Callable[[datetime], object]


OWN_CHORES = (Chore(60, announce_stale),)


def run(stop: threading.Event, chores: Sequence[Chore] = ()) -> None:
    """Poll every configured carrier and do the chores until ``stop`` is set; waits for what is under way."""
    # Everything that talks to the database runs in this thread; the event loop has a thread of its own.
    async_to_sync(_run)(stop, (*OWN_CHORES, *chores))


async def _run(stop: threading.Event, chores: Sequence[Chore]) -> None:
    stopping = asyncio.Event()
    slugs = [module.SLUG for module in lines.configured()]
    log.info("polling %s", ", ".join(slugs) or "nobody: no carrier is configured")
    async with wire.client() as http:
        loops = [asyncio.create_task(poll_carrier(slug, http, stopping)) for slug in slugs]
        loops += [asyncio.create_task(_repeat(chore, stopping)) for chore in chores]
        while not stop.is_set():
            await asyncio.sleep(0.2)
        stopping.set()
        await asyncio.gather(*loops, return_exceptions=True)


async def _repeat(chore: Chore, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        try:
            await sync_to_async(chore.act, thread_sensitive=True)(datetime.now(UTC))
        except Exception:
            log.exception("a chore failed: %s", chore.act)
            await sync_to_async(connections.close_all, thread_sensitive=True)()
        try:
            await asyncio.wait_for(stopping.wait(), chore.every_s)
        except TimeoutError:
            continue
