"""Taking in what carriers answer and push: keep, read, ingest, and when to ask again.

A reply is stored in the transaction of what comes of it, so a stored reply was taken in, or says why not. Whatever
goes wrong, what is known of a parcel stays as it was, and its watches come due again with a readable reason.
"""

import logging
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

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
    Ticket,
    Unreadable,
)
from sledi.tracking import lines, schedule, watching
from sledi.tracking.answers import storable
from sledi.tracking.claims import FAULT, Claimed, Task
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

DENIED_PAUSE_S = 3600
TICKET_LIVES_S = 32 * 3600  # Russian Post keeps an answer for 32 hours


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
            note_problem(reply_id, f"{FAULT}: {len(stuck)} of {len(watches)} numbers could not be taken in")
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
        watching.learn(*_pointers(answered), at=now)


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
    return storable(f"{FAULT}: {type(fault).__name__}: {fault}")[:500]


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
    watching.learn(*_pointers({arrival.watch_id: arrival.report for arrival in arrived}), at=now)


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
