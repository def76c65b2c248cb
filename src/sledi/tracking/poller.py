"""Asking carriers for what is due. A loop per carrier, so that a slow one holds up nobody else.

Claim in one short transaction (the due time moves ahead by a lease), talk to the network outside any
transaction, keep the reply, then read and ingest. A worker that dies in between leaves rows that come due
again when the lease ends, so every step may run twice.
"""

import asyncio
import json
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ParamSpec, TypeVar
from uuid import UUID

import httpx
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection, transaction

from sledi.carriers import carrier
from sledi.core.carrier import (
    Alias,
    Call,
    Carrier,
    CarrierError,
    Denied,
    Outcome,
    Reading,
    Reply,
    Report,
    Throttled,
)
from sledi.database.keys import uuid7
from sledi.tracking import lines, operations, schedule, wire
from sledi.tracking.ingest import Arrival, ingest, keep
from sledi.tracking.models import Errand, Watch
from sledi.tracking.models import Reply as StoredReply

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

LEASE_S = 120
"""A claimed row comes due again after this long when nobody reports back."""

CALLS_AT_ONCE = 4
"""Requests under way to one carrier from one worker."""

IDLE_S = 0.4
"""How often an idle loop looks for due rows."""

DENIED_PAUSE_S = 3600
TICKET_LIVES_S = 32 * 3600  # Russian Post keeps an answer for 32 hours


@dataclass(frozen=True, slots=True)
class Claimed:
    """A watch somebody has taken to ask about."""

    id: UUID
    number: str
    hints: dict[str, str]
    attempts: int


@dataclass(frozen=True, slots=True)
class Task:
    """One request to make: for claimed watches, or for a ticket whose answer is due."""

    call: Call
    watches: Sequence[Claimed]
    errand: Errand | None = None


async def poll_carrier(slug: str, http: httpx.AsyncClient, stop: asyncio.Event) -> None:
    """Ask one carrier for whatever is due, until ``stop``; waits for requests under way."""
    module = carrier(slug)
    under_way: set[asyncio.Task[None]] = set()
    while not stop.is_set():
        task = None
        if len(under_way) < CALLS_AT_ONCE:
            task = await _in_thread(_outer_edge, next_task, module, datetime.now(UTC))
        if task is None:
            await _sleep(stop, IDLE_S)
            continue
        running = asyncio.create_task(carry_out(module, task, http))
        under_way.add(running)
        running.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way, return_exceptions=True)


async def poll_once(slugs: Sequence[str], http: httpx.AsyncClient) -> int:
    """Ask each carrier for what is due now and come back when all have answered; how many requests."""
    made = 0
    for slug in slugs:
        module = carrier(slug)
        while (task := await _in_thread(next_task, module, datetime.now(UTC))) is not None:
            await carry_out(module, task, http)
            made += 1
    return made


async def carry_out(module: Carrier, task: Task, http: httpx.AsyncClient) -> None:
    """Make one request and take in what comes back, whatever it is."""
    numbers = tuple(watch.number for watch in task.watches) or tuple(
        task.errand.numbers if task.errand else ()
    )
    hints = task.watches[0].hints if len(task.watches) == 1 else _shared_hints(task.watches)
    request = module.ask(
        numbers,
        lines.account(module.SLUG),
        task.call.kind,
        ticket=task.errand.token if task.errand else "",
        callback_url=f"{settings.PUSH_URL}/hooks/{module.SLUG}/" if settings.PUSH_URL else "",
        hints=hints,
    )
    try:
        reply = await wire.send(
            http, request, kind=task.call.kind, numbers=numbers, timeout_s=task.call.timeout_s
        )
    except CarrierError as problem:
        await _in_thread(_outer_edge, take_failure, module, task, problem, None)
        return
    await _in_thread(_outer_edge, take_reply, module, task, reply)


def next_task(module: Carrier, now: datetime) -> Task | None:
    """The next request to make to this carrier, its watches claimed and its budget spent; None = nothing due.

    A ticket whose answer is due comes first, then numbers to register, then questions: one by one where
    somebody waits, in bulk where the carrier offers that.
    """
    calls = lines.usable_calls(module.SLUG)
    for call in (c for c in calls if c.role == "collect"):
        errand = _claim_errand(module.SLUG, call, now)
        if errand is not None:
            return Task(call, (), errand)
    for call in (c for c in calls if c.role in {"register", "history", "ticket"}):
        which = _which(call, calls)
        if which is None or not _is_due(module.SLUG, which, now) or not lines.reserve(module.SLUG, call, now):
            continue
        watches = _claim(module.SLUG, which, call.batch, now)
        if watches:
            return Task(call, watches)
    return None


def _which(call: Call, calls: Sequence[Call]) -> str | None:
    """The condition on watches that this kind of call is for; None where it is for none."""
    needed = {c.after for c in calls if c.after}
    if call.role == "register":
        if call.kind in needed:
            return "registered_at IS NULL"
        return "registered_at IS NULL AND outcome = 'found'" if settings.PUSH_URL else None
    ready = "registered_at IS NOT NULL" if call.after else "TRUE"
    if call.role == "history" and any(c.role == "ticket" for c in calls):
        return f"is_urgent AND {ready}"
    return ready


def take_reply(module: Carrier, task: Task, reply: Reply) -> None:
    """Keep a reply, read it, ingest what it says, set the next due times."""
    now = datetime.now(UTC)
    masked = module.mask(reply)
    reply_id = keep(module.SLUG, masked, now)
    try:
        reading = module.read(masked)
    except CarrierError as problem:
        StoredReply.objects.filter(pk=reply_id).update(problem=f"{type(problem).__name__}: {problem}"[:500])
        take_failure(module, task, problem, reply_id)
        return
    take_reading(module.SLUG, task, reading, reply_id, now)
    lines.succeeded(module.SLUG, task.call.kind, now)


def take_reading(slug: str, task: Task, reading: Reading, reply_id: UUID, now: datetime) -> None:
    """Ingest what a reply says about the watches asked for, and set when to ask again; one transaction."""
    with transaction.atomic():
        if task.errand is not None:
            watches = _watches_of(slug, task.errand.numbers)
            _close_errand(task.errand, reading, now)
        else:
            watches = list(task.watches)
        by_number = {watch.number: watch for watch in watches}
        arrivals = [
            Arrival(by_number[report.number].id, slug, report, reply_id, now)
            for report in reading.reports
            if report.number in by_number and report.outcome in _ANSWERS
        ]
        ingest(arrivals, now)
        _register(by_number, reading, now)
        if reading.ticket is not None and task.errand is None:
            _open_errand(slug, reading, [watch.number for watch in watches], now)
        answered = {arrival.watch_id: arrival.report for arrival in arrivals}
        _reschedule(task.call, answered, now)
        if reading.ticket is None and task.call.role != "register":
            silent = [watch for watch in watches if watch.id not in answered]
            _postpone(silent, "the reply says nothing of this number", now)
        operations.learn(*_pointers(arrivals), at=now)


_ANSWERS = {Outcome.FOUND, Outcome.NOT_FOUND, Outcome.WRONG_NUMBER}


def take_failure(module: Carrier, task: Task, problem: CarrierError, reply_id: UUID | None) -> None:
    """A whole call failed: what is known stays, the watches step aside, the line counts it."""
    now = datetime.now(UTC)
    words = f"{type(problem).__name__}: {problem}"[:500]
    pause_s = None
    if isinstance(problem, Throttled):
        pause_s = problem.retry_after_s
    elif isinstance(problem, Denied):
        pause_s = DENIED_PAUSE_S
    log.warning("%s %s failed: %s", module.SLUG, task.call.kind, words)
    lines.failed(module.SLUG, task.call.kind, now, words, pause_s)
    if task.errand is not None:
        _postpone_errand(task.errand, words, now, pause_s or 0)
    else:
        _postpone(task.watches, words, now, pause_s or 0)


def take_push(slug: str, reply: Reply, reading: Reading, now: datetime) -> int:
    """Take in a verified push; the number of new events comes back. Numbers nobody follows are left out."""
    module = carrier(slug)
    with transaction.atomic():
        reply_id = keep(slug, module.mask(reply), now, is_push=True)
        reports = {report.number: report for report in reading.reports if report.outcome in _ANSWERS}
        watches = _watches_of(slug, list(reports))
        arrivals = [Arrival(watch.id, slug, reports[watch.number], reply_id, now) for watch in watches]
        new = ingest(arrivals, now)
        operations.learn(*_pointers(arrivals), at=now)
    return new


def _shared_hints(watches: Sequence[Claimed]) -> dict[str, str]:
    return {f"{watch.number}:{key}": value for watch in watches for key, value in watch.hints.items()}


def _pointers(arrivals: Sequence[Arrival]) -> tuple[list[UUID], list[tuple[UUID, Alias]]]:
    """Traces that heard something, and the other numbers they heard of."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT watch_id, trace_id FROM tracking_link WHERE watch_id = ANY(%s)",
            [[arrival.watch_id for arrival in arrivals]],
        )
        links = cursor.fetchall()
    reports = {arrival.watch_id: arrival.report for arrival in arrivals}
    aliases = [(trace_id, alias) for watch_id, trace_id in links for alias in reports[watch_id].aliases]
    return [trace_id for _, trace_id in links], aliases


def _is_due(slug: str, which: str, now: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM tracking_watch WHERE carrier = %s AND due_at <= %s AND {which} LIMIT 1",  # noqa: S608
            [slug, now],
        )
        return cursor.fetchone() is not None


def _claim(slug: str, which: str, most: int, now: datetime) -> list[Claimed]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE tracking_watch SET due_at = %(lease)s, asked_at = %(now)s
            WHERE id IN (
                SELECT id FROM tracking_watch
                WHERE carrier = %(carrier)s AND due_at <= %(now)s AND {which}
                ORDER BY is_urgent DESC, due_at LIMIT %(most)s FOR UPDATE SKIP LOCKED)
            RETURNING id, number, hints::text, attempts""",  # noqa: S608
            {"carrier": slug, "now": now, "lease": now + timedelta(seconds=LEASE_S), "most": most},
        )
        return [
            Claimed(i, number, json.loads(hints), attempts)
            for i, number, hints, attempts in cursor.fetchall()
        ]


def _watches_of(slug: str, numbers: Sequence[str]) -> list[Claimed]:
    found = Watch.objects.filter(carrier=slug, number__in=list(numbers))
    return [Claimed(watch.pk, watch.number, watch.hints, watch.attempts) for watch in found]


def _register(by_number: dict[str, Claimed], reading: Reading, now: datetime) -> None:
    ids = [by_number[number].id for number in reading.registered if number in by_number]
    if ids:
        # Due at once: what the carrier knows already is asked for next.
        Watch.objects.filter(pk__in=ids).update(registered_at=now, due_at=now, attempts=0, problem="")


_STATE = """
SELECT l.watch_id, t.status, t.is_final OR t.is_closed, t.last_event_at, w.created_at
FROM tracking_link l JOIN tracking_trace t ON t.id = l.trace_id JOIN tracking_watch w ON w.id = l.watch_id
WHERE l.watch_id = ANY(%s)
"""


def _reschedule(call: Call, answered: dict[UUID, Report], now: datetime) -> None:
    if not answered:
        return
    with connection.cursor() as cursor:
        cursor.execute(_STATE, [list(answered)])
        state = {row[0]: row[1:] for row in cursor.fetchall()}
        due = [
            schedule.next_due(
                call=call,
                outcome=report.outcome,
                status=state[watch_id][0],
                is_over=state[watch_id][1],
                last_news_at=state[watch_id][2] or state[watch_id][3],
                now=now,
                spread=random.random(),  # noqa: S311  spreads load, keeps no secret
            )
            if watch_id in state
            else None
            for watch_id, report in answered.items()
        ]
        cursor.execute(
            "UPDATE tracking_watch w SET due_at = d.due_at, attempts = 0, problem = '', is_urgent = FALSE"
            " FROM unnest(%s::uuid[], %s::timestamptz[]) AS d (id, due_at) WHERE w.id = d.id",
            [list(answered), due],
        )


def _postpone(watches: Sequence[Claimed], words: str, now: datetime, at_least_s: int = 0) -> None:
    if not watches:
        return
    due = [
        schedule.retry_due(watch.attempts + 1, now, random.random(), at_least_s)  # noqa: S311
        for watch in watches
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tracking_watch w SET due_at = d.due_at, attempts = w.attempts + 1, problem = %s"
            " FROM unnest(%s::uuid[], %s::timestamptz[]) AS d (id, due_at) WHERE w.id = d.id",
            [words, [watch.id for watch in watches], due],
        )


def _claim_errand(slug: str, call: Call, now: datetime) -> Errand | None:
    with transaction.atomic():
        errand = (
            Errand.objects.select_for_update(skip_locked=True)
            .filter(carrier=slug, kind=call.kind, due_at__lte=now)
            .order_by("due_at")
            .first()
        )
        if errand is None or not lines.reserve(slug, call, now):
            return None
        errand.due_at = now + timedelta(seconds=LEASE_S)
        errand.save(update_fields=["due_at"])
        return errand


def _open_errand(slug: str, reading: Reading, numbers: list[str], now: datetime) -> None:
    ticket = reading.ticket
    assert ticket is not None
    due_at = now + timedelta(seconds=ticket.ready_in_s)
    Errand.objects.get_or_create(
        carrier=slug,
        token=ticket.token,
        defaults={
            "id": uuid7(),
            "kind": ticket.kind,
            "numbers": numbers,
            "created_at": now,
            "due_at": due_at,
        },
    )
    # The watches wait for the ticket; should it never be answered, they are asked anew after its life.
    Watch.objects.filter(carrier=slug, number__in=numbers).update(
        due_at=now + timedelta(seconds=TICKET_LIVES_S), is_urgent=False, attempts=0, problem=""
    )


def _close_errand(errand: Errand, reading: Reading, now: datetime) -> None:
    if reading.ticket is None:
        Errand.objects.filter(pk=errand.pk).update(due_at=None, problem="")
    else:  # not ready yet: the same ticket, later
        Errand.objects.filter(pk=errand.pk).update(due_at=now + timedelta(seconds=reading.ticket.ready_in_s))


def _postpone_errand(errand: Errand, words: str, now: datetime, at_least_s: int) -> None:
    due_at: datetime | None = schedule.retry_due(errand.attempts + 1, now, random.random(), at_least_s)  # noqa: S311
    if now - errand.created_at > timedelta(seconds=TICKET_LIVES_S):
        due_at = None
    Errand.objects.filter(pk=errand.pk).update(due_at=due_at, attempts=errand.attempts + 1, problem=words)


async def _in_thread(step: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Run a step that talks to the database in the process's one thread for that, on its one connection."""
    return await sync_to_async(step, thread_sensitive=True)(*arguments, **named)


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


def _outer_edge(step: Callable[..., T], *arguments: object) -> T | None:
    """Run one step of the loop; a fault of ours is logged and the loop goes on."""
    try:
        return step(*arguments)
    except Exception:
        log.exception("polling failed in %s", step.__name__)
        connection.close()  # whatever it was, the next step begins on a sound connection
        return None
