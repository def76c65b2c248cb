"""Asking carriers for what is due. A loop per carrier, so that a slow one holds up nobody else.

Claim in one short transaction (the due time moves ahead by a lease), talk to the network outside any
transaction, then keep the reply, read and ingest it and set the next due time in one transaction. A worker that
dies in between leaves rows that come due again when the lease ends, so every step may run twice.
"""

import asyncio
import json
import logging
import random
from collections.abc import Callable, Collection, Sequence
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
    Refused,
    Reply,
    Report,
    Throttled,
    Ticket,
    Unreadable,
)
from sledi.tracking import lines, operations, schedule, wire
from sledi.tracking.answers import storable
from sledi.tracking.ingest import (
    DATABASE_AWAY,
    Arrival,
    arrivals,
    ingest_what_can_be,
    keep,
    note_problem,
)
from sledi.tracking.models import Errand, Watch

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

Clock = Callable[[], datetime]

LEASE_S = 60
"""A claimed row comes due again so long after its call's time-out when nobody reports back."""

CALLS_AT_ONCE = 4
"""Requests under way to one carrier from one worker."""

IDLE_S = 0.4
"""How often an idle loop looks for due rows."""

AWAY_S = 2.0
"""How often it looks whether the database is back."""

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

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(self.errand.numbers if self.errand else (watch.number for watch in self.watches))


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


# --- what to ask next ---


def next_task(module: Carrier, now: datetime, only: Collection[UUID] | None = None) -> Task | None:
    """The next request to make to this carrier, its watches claimed and its budget spent; None = nothing due."""
    calls = lines.usable_calls(module.SLUG)
    for call in (c for role in lines.ASKING_ROLES for c in calls if c.role == role):
        if call.role == "collect":
            task = _next_errand(module.SLUG, call, now) if only is None else None
        elif only is not None and call.role == "ticket":
            task = None
        else:
            task = _next_question(module.SLUG, call, calls, now, only)
        if task is not None:
            return task
    return None


@transaction.atomic
def _next_errand(slug: str, call: Call, now: datetime) -> Task | None:
    due = Errand.objects.filter(carrier=slug, kind=call.kind, due_at__lte=now).order_by("due_at")
    if not due.exists() or not lines.reserve(slug, call, now):
        return None
    errand = due.select_for_update(skip_locked=True).first()
    if errand is None:
        transaction.set_rollback(True)  # nothing to ask after all: give the call back
        return None
    errand.due_at = _lease(call, now)
    errand.save(update_fields=["due_at"])
    return Task(call, (), errand)


@transaction.atomic
def _next_question(
    slug: str, call: Call, calls: Sequence[Call], now: datetime, only: Collection[UUID] | None
) -> Task | None:
    which = _which(call, calls)
    if which is None or not _is_due(slug, which, now, only) or not lines.reserve(slug, call, now):
        return None
    # What a carrier could not answer is asked alone, so that it cannot spoil the answer of others again.
    watches = _claim(slug, f"{which} AND NOT {_SPOILS}", call, call.batch, now, only) or _claim(
        slug, which, call, 1, now, only
    )
    if not watches:
        transaction.set_rollback(True)  # somebody else took them: give the call back
        return None
    return Task(call, watches)


_SPOILING = (Refused.__name__, Unreadable.__name__, "Fault")
_SPOILS = f"problem ~ '^({'|'.join(_SPOILING)})'"


def _which(call: Call, calls: Sequence[Call]) -> str | None:
    """The condition on watches that this kind of call is for; None where it is for none."""
    needed = {c.after for c in calls if c.after}
    if call.role == "register":
        if call.kind in needed:
            return "registered_at IS NULL"
        # For pushes alone: once the carrier knows the number, and not again when it would not.
        return "registered_at IS NULL AND outcome = 'found' AND attempts = 0" if settings.PUSH_URL else None
    ready = "registered_at IS NOT NULL" if call.after else "TRUE"
    if call.role == "history" and any(c.role == "ticket" for c in calls):
        return f"is_urgent AND {ready}"
    return ready


def _is_due(slug: str, which: str, now: datetime, only: Collection[UUID] | None) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM tracking_watch WHERE {_DUE} AND {which} LIMIT 1",  # noqa: S608  constants
            {"carrier": slug, "now": now, "only": None if only is None else list(only)},
        )
        return cursor.fetchone() is not None


_DUE = (
    "carrier = %(carrier)s AND due_at <= %(now)s AND (%(only)s::uuid[] IS NULL OR id = ANY(%(only)s::uuid[]))"
)


def _claim(
    slug: str, which: str, call: Call, most: int, now: datetime, only: Collection[UUID] | None
) -> list[Claimed]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE tracking_watch SET due_at = %(lease)s, asked_at = %(now)s
            WHERE id IN (
                SELECT id FROM tracking_watch WHERE {_DUE} AND {which}
                ORDER BY is_urgent DESC, due_at LIMIT %(most)s FOR UPDATE SKIP LOCKED)
            RETURNING id, number, hints::text, attempts""",  # noqa: S608  constants
            {
                "carrier": slug,
                "now": now,
                "lease": _lease(call, now),
                "most": most,
                "only": None if only is None else list(only),
            },
        )
        return [
            Claimed(i, number, json.loads(hints), attempts)
            for i, number, hints, attempts in cursor.fetchall()
        ]


def _lease(call: Call, now: datetime) -> datetime:
    return now + timedelta(seconds=call.timeout_s + LEASE_S)


def _shared_hints(watches: Sequence[Claimed]) -> dict[str, str]:
    return {f"{watch.number}:{key}": value for watch in watches for key, value in watch.hints.items()}


# --- what came back ---


def take_reply(module: Carrier, task: Task, reply: Reply, now: datetime) -> None:
    """Keep a reply, read it, ingest what it says, set the next due times: all of it or nothing.

    What we fail to take in is kept all the same, with our fault as its problem.
    """
    masked = module.mask(reply)
    try:
        problem = _keep_and_take(module, task, masked, now)
    except DATABASE_AWAY:
        raise
    except Exception as fault:
        log.exception("%s %s: the reply cannot be taken in", module.SLUG, task.call.kind)
        keep(module.SLUG, masked, now, problem=_fault_words(fault))
        take_fault(module, task, fault, now)
        return
    if problem is None:
        lines.succeeded(module.SLUG, task.call.kind, now)
    else:
        take_failure(module, task, problem, now)


@transaction.atomic
def _keep_and_take(module: Carrier, task: Task, masked: Reply, now: datetime) -> CarrierError | None:
    reply_id = keep(module.SLUG, masked, now)
    try:
        reading = module.read(masked)
    except CarrierError as problem:
        note_problem(reply_id, _words(problem))
        return problem
    take_reading(module.SLUG, task, reading, reply_id, now)
    return None


def take_reading(slug: str, task: Task, reading: Reading, reply_id: UUID, now: datetime) -> None:
    """Ingest what a reply says about the watches asked for, and set when to ask again; one transaction."""
    with transaction.atomic():
        watches = _locked_watches(slug, task.numbers)
        by_number = {watch.number: watch for watch in watches}
        ids = {number: watch.id for number, watch in by_number.items()}
        arrived = arrivals(slug, task.call.kind, reading, ids, reply_id, now)
        stuck = {arrival.watch_id for arrival in ingest_what_can_be(arrived, now)}
        if stuck:
            note_problem(reply_id, f"Fault: {len(stuck)} of {len(watches)} numbers could not be taken in")
        if task.errand is not None:
            _close_errand(task.errand, reading, now)
        elif reading.ticket is not None:
            _open_errand(slug, reading.ticket, watches, now)
        registered = [by_number[number] for number in reading.registered if number in by_number]
        _register(registered, now)
        answered = {
            arrival.watch_id: arrival.report
            for arrival in arrived
            if arrival.watch_id not in stuck and not _is_refused_registration(arrival)
        }
        _reschedule(task.call, answered, now)
        if reading.ticket is None:
            done = {*answered, *(watch.id for watch in registered)}
            _step_aside([watch for watch in watches if watch.id not in done], task.call, reading, now)
        operations.learn(*_pointers(answered), at=now)


def _is_refused_registration(arrival: Arrival) -> bool:
    return arrival.is_registration and arrival.report.outcome is Outcome.DENIED


def _step_aside(watches: Sequence[Claimed], call: Call, reading: Reading, now: datetime) -> None:
    """Watches of which the reply says nothing that counts are asked again, later and later."""
    said = {report.number.upper(): report for report in reading.reports}
    for watch in watches:
        report = said.get(watch.number)
        words = f"{report.outcome}: {report.message}" if report else "the reply says nothing of this number"
        _postpone([watch], words, now)
    if call.after:
        # Perhaps the carrier has forgotten the number; telling it once more costs nothing where it has not.
        Watch.objects.filter(pk__in=[watch.id for watch in watches]).update(registered_at=None)


def take_failure(module: Carrier, task: Task, problem: CarrierError, now: datetime) -> None:
    """A whole call failed: what is known stays, the watches step aside, the line counts it."""
    words = _words(problem)
    pause_s = 0
    if isinstance(problem, Throttled):
        pause_s = problem.retry_after_s
    elif isinstance(problem, Denied):
        pause_s = DENIED_PAUSE_S
    log.warning("%s %s failed: %s", module.SLUG, task.call.kind, words)
    lines.failed(module.SLUG, task.call.kind, now, words, pause_s)
    _put_off(task, words, now, pause_s)


def take_fault(module: Carrier, task: Task, fault: Exception, now: datetime) -> None:
    """We failed ourselves: the line and the watches say so, and step aside as for a carrier's failure."""
    words = _fault_words(fault)
    lines.failed(module.SLUG, task.call.kind, now, words)
    _put_off(task, words, now, 0)


def _put_off(task: Task, words: str, now: datetime, at_least_s: int) -> None:
    if task.errand is not None:
        _postpone_errand(task.errand, words, now, at_least_s)
    else:
        _postpone(task.watches, words, now, at_least_s)


def _words(problem: CarrierError) -> str:
    return storable(f"{type(problem).__name__}: {problem}")[:500]


def _fault_words(fault: Exception) -> str:
    return storable(f"Fault: {type(fault).__name__}: {fault}")[:500]


def take_push(slug: str, reply: Reply, now: datetime) -> None:
    """Take in a verified push. One about a number that nobody follows is left out.

    Raises a CarrierError when it cannot be read or taken in; it is kept then, for the day it can be.
    """
    module = carrier(slug)
    masked = module.mask(reply)
    try:
        reading = module.read(masked)
        _take_pushed(slug, masked, reading, now)
    except CarrierError as problem:
        keep(slug, masked, now, is_push=True, problem=_words(problem))
        lines.failed(slug, "push", now, _words(problem))
        raise
    lines.succeeded(slug, "push", now)


@transaction.atomic
def _take_pushed(slug: str, masked: Reply, reading: Reading, now: datetime) -> None:
    watches = _locked_watches(slug, [report.number.upper() for report in reading.reports])
    if not watches:
        return
    reply_id = keep(slug, masked, now, is_push=True)
    ids = {watch.number: watch.id for watch in watches}
    arrived = arrivals(slug, masked.kind, reading, ids, reply_id, now)
    if ingest_what_can_be(arrived, now):
        raise Unreadable("push", "it cannot be taken in")
    operations.learn(*_pointers({arrival.watch_id: arrival.report for arrival in arrived}), at=now)


def _pointers(
    answered: dict[UUID, Report],
) -> tuple[list[UUID], list[tuple[UUID, Alias]]]:
    """Traces that heard something, and the other numbers they heard of."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT watch_id, trace_id FROM tracking_link WHERE watch_id = ANY(%s) ORDER BY trace_id, rank",
            [list(answered)],
        )
        links = cursor.fetchall()
    aliases = [(trace_id, alias) for watch_id, trace_id in links for alias in answered[watch_id].aliases]
    return [trace_id for _, trace_id in links], aliases


def _locked_watches(slug: str, numbers: Sequence[str]) -> list[Claimed]:
    found = (
        Watch.objects.select_for_update(no_key=True)
        .filter(carrier=slug, number__in=list(numbers))
        .order_by("pk")
    )
    return [Claimed(watch.pk, watch.number, watch.hints, watch.attempts) for watch in found]


# --- when to ask again ---


def _register(watches: Sequence[Claimed], now: datetime) -> None:
    # Due at once: what the carrier knows already is asked for next.
    Watch.objects.filter(pk__in=[watch.id for watch in watches]).update(
        registered_at=now, due_at=now, attempts=0, problem=""
    )


_STATE = """
SELECT l.watch_id, CASE WHEN t.stale_at <= %s THEN 'STALE' ELSE t.status END, t.is_final OR t.is_closed,
       EXISTS (SELECT FROM tracking_event e WHERE e.watch_id = w.id), coalesce(t.last_event_at, w.created_at)
FROM tracking_link l JOIN tracking_trace t ON t.id = l.trace_id JOIN tracking_watch w ON w.id = l.watch_id
WHERE l.watch_id = ANY(%s)
"""


def _reschedule(call: Call, answered: dict[UUID, Report], now: datetime) -> None:
    if not answered:
        return
    with connection.cursor() as cursor:
        cursor.execute(_STATE, [now, list(answered)])
        due: dict[UUID, datetime | None] = dict.fromkeys(answered)
        for watch_id, status, is_over, is_known, last_news_at in cursor.fetchall():
            wanted = schedule.next_due(
                call=call,
                outcome=answered[watch_id].outcome,
                status=status,
                is_over=is_over,
                is_known=is_known,
                last_news_at=last_news_at,
                now=now,
                spread=random.random(),  # noqa: S311  spreads load, keeps no secret
            )
            # Of several parcels that have this number on their way, the most urgent one decides.
            due[watch_id] = min(filter(None, (due[watch_id], wanted)), default=None)
        cursor.execute(
            "UPDATE tracking_watch w SET due_at = d.due_at, attempts = 0, problem = '', is_urgent = FALSE"
            " FROM unnest(%s::uuid[], %s::timestamptz[]) AS d (id, due_at) WHERE w.id = d.id",
            [list(due), list(due.values())],
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
            "UPDATE tracking_watch w SET due_at = d.due_at, attempts = least(w.attempts + 1, 1000), problem = %s"
            " FROM unnest(%s::uuid[], %s::timestamptz[]) AS d (id, due_at) WHERE w.id = d.id",
            [storable(words)[:500], [watch.id for watch in watches], due],
        )


# --- tickets ---


def _open_errand(slug: str, ticket: Ticket, watches: Sequence[Claimed], now: datetime) -> None:
    Errand.objects.get_or_create(
        carrier=slug,
        token=storable(ticket.token),
        defaults={
            "kind": ticket.kind,
            "numbers": [watch.number for watch in watches],
            "created_at": now,
            "due_at": now + timedelta(seconds=ticket.ready_in_s),
        },
    )
    # The watches wait for the ticket; should it never be answered, they are asked anew after its life.
    Watch.objects.filter(pk__in=[watch.id for watch in watches]).update(
        due_at=now + timedelta(seconds=TICKET_LIVES_S), is_urgent=False, attempts=0, problem=""
    )


def _close_errand(errand: Errand, reading: Reading, now: datetime) -> None:
    if reading.ticket is None:
        Errand.objects.filter(pk=errand.pk).update(due_at=None, problem="")
    else:  # not ready yet: the same ticket, later
        Errand.objects.filter(pk=errand.pk).update(
            due_at=now + timedelta(seconds=reading.ticket.ready_in_s), problem=""
        )


def _postpone_errand(errand: Errand, words: str, now: datetime, at_least_s: int) -> None:
    due_at: datetime | None = schedule.retry_due(errand.attempts + 1, now, random.random(), at_least_s)  # noqa: S311
    if now - errand.created_at > timedelta(seconds=TICKET_LIVES_S):
        due_at = None
    Errand.objects.filter(pk=errand.pk).update(
        due_at=due_at, attempts=min(errand.attempts + 1, 1000), problem=words
    )


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
