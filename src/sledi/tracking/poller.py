"""Asking carriers for what is due. A loop per carrier, so that a slow one holds up nobody else.

``claims`` takes the work, ``wire`` talks to the network outside any transaction, ``replies`` takes in what comes
back. A worker that dies in between leaves rows that come due again when their lease ends, so every step may run
twice.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar
from uuid import UUID

import httpx
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection

from sledi.carriers import carrier
from sledi.core.carrier import Carrier, CarrierError, Reply
from sledi.tracking import lines, wire
from sledi.tracking.claims import Claimed, Task, next_task
from sledi.tracking.ingest import DATABASE_AWAY
from sledi.tracking.replies import take_failure, take_fault, take_reply

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

Clock = Callable[[], datetime]

CALLS_AT_ONCE = 4
"""Requests under way to one carrier from one worker."""

IDLE_S = 0.4
"""How often an idle loop looks for due rows."""

AWAY_S = 2.0
"""How often it looks whether the database is back."""


def utc_now() -> datetime:
    return datetime.now(UTC)


async def poll_carrier(
    slug: str, http: httpx.AsyncClient, stop: asyncio.Event, clock: Clock = utc_now
) -> None:
    """Ask one carrier for whatever is due, until ``stop``; waits for requests under way."""
    module = carrier(slug)
    under_way: set[asyncio.Task[None]] = set()
    while not stop.is_set():
        task, pause_s = None, IDLE_S
        if len(under_way) < CALLS_AT_ONCE:
            try:
                task = await _in_thread(next_task, module, clock())
            except _DatabaseAway:
                pause_s = AWAY_S
        if task is None:
            await _sleep(stop, pause_s)
            continue
        running = asyncio.create_task(carry_out(module, task, http, clock))
        under_way.add(running)
        running.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way, return_exceptions=True)


async def poll_once(
    slugs: Sequence[str],
    http: httpx.AsyncClient,
    clock: Clock = utc_now,
    only: Collection[UUID] | None = None,
) -> int:
    """Ask each carrier for what is due now and come back when all have answered; how many requests.

    ``only`` these watches, which then are asked one carrier after the other, without tickets.
    """
    made = 0
    for slug in slugs:
        module = carrier(slug)
        while (task := await sync_to_async(next_task)(module, clock(), only)) is not None:
            await carry_out(module, task, http, clock)
            made += 1
    return made


async def carry_out(module: Carrier, task: Task, http: httpx.AsyncClient, clock: Clock) -> None:
    """Make one request and take in what comes back, whatever it is."""
    try:
        reply = await _exchange(module, task, http)
    except CarrierError as problem:
        await _report_back(take_failure, module, task, problem, clock())
    except Exception as fault:
        log.exception("%s %s could not be asked", module.SLUG, task.call.kind)
        await _report_back(take_fault, module, task, fault, clock())
    else:
        await _report_back(take_reply, module, task, reply, clock())


async def _exchange(module: Carrier, task: Task, http: httpx.AsyncClient) -> Reply:
    hints = task.watches[0].hints if len(task.watches) == 1 else _shared_hints(task.watches)
    request = module.ask(
        task.numbers,
        lines.account(module.SLUG),
        task.call.kind,
        ticket=task.errand.token if task.errand else "",
        callback_url=f"{settings.PUSH_URL}/hooks/{module.SLUG}/" if settings.PUSH_URL else "",
        hints=hints,
    )
    return await wire.send(
        http, request, kind=task.call.kind, numbers=task.numbers, timeout_s=task.call.timeout_s
    )


def _shared_hints(watches: Sequence[Claimed]) -> dict[str, str]:
    return {f"{watch.number}:{key}": value for watch in watches for key, value in watch.hints.items()}


# --- one thread for the database ---


class _DatabaseAway(Exception):
    """The database does not answer; what was claimed comes due again by itself."""


async def _in_thread(step: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T | None:
    """Run a step in the process's one thread that talks to the database, on its one connection.

    The outer edge of a step: a fault of ours is logged, None comes back and the loop goes on. Raises _DatabaseAway.
    """

    def outer_edge() -> T | None:
        try:
            return step(*arguments, **named)
        except DATABASE_AWAY as problem:
            log.warning("the database is away: %s", str(problem).strip())
            connection.close()
            raise _DatabaseAway from problem
        except Exception:
            log.exception("polling failed in %s", step.__name__)
            connection.close()  # whatever it was, the next step begins on a sound connection
            return None

    return await sync_to_async(outer_edge, thread_sensitive=True)()


async def _report_back(
    step: Callable[..., None], module: Carrier, task: Task, what: object, now: datetime
) -> None:
    """Take in the outcome of a call; what cannot be taken in steps aside with our own fault as the reason."""

    def or_fault() -> None:
        try:
            step(module, task, what, now)
        except DATABASE_AWAY:
            raise
        except Exception as fault:
            log.exception("%s %s: the outcome cannot be taken in", module.SLUG, task.call.kind)
            take_fault(module, task, fault, now)

    try:
        await _in_thread(or_fault)
    except _DatabaseAway:
        return


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
