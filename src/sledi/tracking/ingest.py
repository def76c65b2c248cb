"""The one path by which events come in, whatever brought them: poll, ticket, push, rebuild.

Few statements per batch, each over arrays: lock the watches, insert the events that are new (an event's key
makes doubles harmless), write what the carrier says of the parcel as a whole, project the traces that changed,
write the outbox. One transaction: after a kill at any moment everything of a batch is there, or nothing.

Whoever writes takes locks in this order: watches by id, events by key, traces by id. So writers that meet wait
for each other and never for ever.
"""

import logging
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from uuid import UUID

import django.db
import psycopg
from django.db import connection, transaction

from sledi.carriers import carrier
from sledi.core.carrier import Event, Reading, Reply, Report
from sledi.core.timeline import identity
from sledi.database.keys import uuid7
from sledi.tracking.answers import ANSWERS, Answer, is_storable, storable
from sledi.tracking.cursors import batch_cursor
from sledi.tracking.projection import project

log = logging.getLogger(__name__)

DATABASE_AWAY = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    django.db.OperationalError,
    django.db.InterfaceError,
)
"""What is raised when the server is gone, or gave up a transaction: later the same may well succeed."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What one reply said about the number of one watch."""

    watch_id: UUID
    source: str  # the carrier asked
    report: Report
    reply_id: UUID
    seen_at: datetime
    is_registration: bool = False  # the answer to "watch this number", which says little of its parcel


def arrivals(
    source: str, kind: str, reading: Reading, watches: Mapping[str, UUID], reply_id: UUID, seen_at: datetime
) -> list[Arrival]:
    """What the reading of a reply says about these watches (by number) that counts as an answer.

    ``kind`` is that of the call that was answered.
    """
    is_registration = any(call.kind == kind and call.role == "register" for call in carrier(source).CALLS)
    return [
        Arrival(watches[number], source, report, reply_id, seen_at, is_registration)
        for report in reading.reports
        if report.outcome in ANSWERS and (number := report.number.upper()) in watches
    ]


def keep(source: str, reply: Reply, at: datetime, *, is_push: bool = False, problem: str = "") -> UUID:
    """Store a masked reply as it came, before anything reads it; its id comes back."""
    reply_id = uuid7()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tracking_reply (id, carrier, kind, status, numbers, body, is_push, received_at, problem)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                reply_id,
                source,
                reply.kind,
                reply.status,
                list(reply.numbers),
                zlib.compress(reply.body),
                is_push,
                at,
                problem,
            ],
        )
    return reply_id


def note_problem(reply_id: UUID, problem: str) -> None:
    """Write at a stored reply why nothing came of it, or not all."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tracking_reply SET problem = %s WHERE id = %s", [problem, reply_id])


def ingest(arrivals: Sequence[Arrival], now: datetime) -> int:
    """Take in what replies said; the number of new events comes back. Safe to repeat, in any order."""
    if not arrivals:
        return 0
    with transaction.atomic():
        before = _lock_watches({arrival.watch_id for arrival in arrivals})
        arrivals = [arrival for arrival in arrivals if arrival.watch_id in before]
        new_at = insert_events(arrivals)
        late = [arrival for arrival in arrivals if before[arrival.watch_id].is_newer_than(arrival.seen_at)]
        _put_earlier_wording_in_place(late)
        after = answers(arrivals, before)
        write_answers({watch_id: answer for watch_id, answer in after.items() if answer != before[watch_id]})
        changed = {
            watch_id for watch_id, answer in after.items() if answer.changes_the_page(before[watch_id])
        }
        if touched := {*new_at, *changed, *(arrival.watch_id for arrival in late)}:
            project(_traces_of(touched), now)
    return len(new_at)


def ingest_what_can_be(arrivals: Sequence[Arrival], now: datetime) -> list[Arrival]:
    """Ingest together, or, when something in there cannot be stored, one by one.

    Those that could not be ingested come back, everything of the others is in. Raises only when the database is
    away. For the outer edge of a job: whatever else is wrong with an arrival is ours to find in the log.
    """
    try:
        ingest(arrivals, now)
    except DATABASE_AWAY:
        raise
    except Exception as fault:
        if len(arrivals) == 1:
            log.exception("what %s said cannot be taken in", arrivals[0].source)
            return list(arrivals)
        log.warning("a batch cannot be taken in (%s), going on one by one", type(fault).__name__)
        return [stuck for arrival in arrivals for stuck in ingest_what_can_be([arrival], now)]
    return []


EVENT_COLUMNS = (
    ("watch_id", "uuid"),
    ("key", "bytea"),
    ("code", "text"),
    ("reason", "text"),
    ("raw_code", "text"),
    ("raw_text", "text"),
    ("raw_time", "text"),
    ("occurred_at", "timestamptz"),
    ("zone_basis", "text"),
    ("zone", "text"),
    ("text_language", "text"),
    ("place", "text"),
    ("country", "text"),
    ("direction", "text"),
    ("carrier", "text"),
    ("withdraws", "boolean"),
    ("seen_at", "timestamptz"),
    ("reply_id", "uuid"),
)
_INSERT_EVENTS = (
    f"INSERT INTO {{table}} ({', '.join(name for name, _ in EVENT_COLUMNS)}) "  # noqa: S608  constants
    f"SELECT * FROM unnest({', '.join(f'%b::{kind}[]' for _, kind in EVENT_COLUMNS)}) "
    "ON CONFLICT (watch_id, key) DO NOTHING RETURNING watch_id"
)
_EARLIER_WORDING = (
    f"UPDATE tracking_event e SET {', '.join(f'{name} = n.{name}' for name, _ in EVENT_COLUMNS[2:])} "  # noqa: S608
    f"FROM unnest({', '.join(f'%b::{kind}[]' for _, kind in EVENT_COLUMNS)}) "
    f"AS n ({', '.join(name for name, _ in EVENT_COLUMNS)}) "
    "WHERE e.watch_id = n.watch_id AND e.key = n.key AND e.seen_at > n.seen_at"
)


def insert_events(arrivals: Sequence[Arrival], table: str = "tracking_event") -> list[UUID]:
    """Insert the events that are new; the watch of each new event comes back. For ingest and rebuild only."""
    columns = _columns(event_rows(arrivals))
    if not columns:
        return []
    with batch_cursor() as cursor:
        cursor.execute(_INSERT_EVENTS.format(table=table), columns)
        return [watch_id for (watch_id,) in cursor.fetchall()]


def event_rows(arrivals: Sequence[Arrival]) -> dict[tuple[UUID, bytes], tuple[object, ...]]:
    """The rows of all events in these arrivals, each event once, as the first of them tells it."""
    rows: dict[tuple[UUID, bytes], tuple[object, ...]] = {}
    for arrival in arrivals:
        watch_id, source = arrival.watch_id, arrival.source
        for event in arrival.report.events:
            key = identity(source, event)
            if (watch_id, key) not in rows:
                rows[watch_id, key] = _event_row(arrival, key, event)
    return rows


def _event_row(arrival: Arrival, key: bytes, event: Event) -> tuple[object, ...]:
    code, text, time, place = event.raw_code, event.raw_text, event.raw_time, event.place
    if not is_storable(code + text + time + place):
        code, text, time, place = storable(code), storable(text), storable(time), storable(place)
    return (
        arrival.watch_id,
        key,
        event.code,
        event.reason,
        code,
        text,
        time,
        event.occurred_at,
        event.zone_basis.value,
        event.zone,
        event.text_language,
        place,
        event.country,
        event.direction.value,
        event.carrier,
        event.withdraws,
        arrival.seen_at,
        arrival.reply_id,
    )


def _columns(rows: Mapping[tuple[UUID, bytes], tuple[object, ...]]) -> list[list[object]]:
    """The rows as arrays, sorted by key: writers that meet take their locks in the same order."""
    return [list(column) for column in zip(*(rows[key] for key in sorted(rows)), strict=True)]


def _put_earlier_wording_in_place(late: Sequence[Arrival]) -> None:
    """Of two replies with the same event the earlier one tells it, also when it is taken in later."""
    columns = _columns(event_rows(late))
    if columns:
        with batch_cursor() as cursor:
            cursor.execute(_EARLIER_WORDING, columns)


def answers(arrivals: Iterable[Arrival], before: Mapping[UUID, Answer]) -> dict[UUID, Answer]:
    """What the watches' carriers say of their parcels after these arrivals."""
    after: dict[UUID, Answer] = {}
    for arrival in arrivals:
        known = after.get(arrival.watch_id) or before.get(arrival.watch_id) or Answer()
        if arrival.is_registration and known.outcome:
            continue  # what is known of the parcel stays, although the carrier would not watch it
        after[arrival.watch_id] = known.after(arrival.report, arrival.seen_at)
    return after


_ANSWER_COLUMNS = tuple(field.name for field in fields(Answer))
_ANSWER_TYPES = ("timestamptz", *["text"] * 5, "int", "timestamptz", "timestamptz")
_LOCK_WATCHES = (
    f"SELECT id, {', '.join(_ANSWER_COLUMNS)} FROM tracking_watch "  # noqa: S608  constants
    "WHERE id = ANY(%b) ORDER BY id FOR NO KEY UPDATE"
)
_WRITE_ANSWERS = (
    f"UPDATE tracking_watch w SET {', '.join(f'{name} = a.{name}' for name in _ANSWER_COLUMNS)} "  # noqa: S608
    f"FROM unnest(%b::uuid[], {', '.join(f'%b::{kind}[]' for kind in _ANSWER_TYPES)}) "
    f"AS a (id, {', '.join(_ANSWER_COLUMNS)}) WHERE w.id = a.id"
)


def _lock_watches(watch_ids: Collection[UUID]) -> dict[UUID, Answer]:
    with batch_cursor() as cursor:
        cursor.execute(_LOCK_WATCHES, [list(watch_ids)], binary=True)
        return {row[0]: Answer(*row[1:]) for row in cursor.fetchall()}


def write_answers(answers: Mapping[UUID, Answer]) -> None:
    """Write what carriers say of parcels as a whole. For ingest and rebuild only."""
    if not answers:
        return
    columns = zip(*(astuple(answer) for answer in answers.values()), strict=True)
    with batch_cursor() as cursor:
        cursor.execute(_WRITE_ANSWERS, [list(answers), *(list(column) for column in columns)])


def _traces_of(watch_ids: Collection[UUID]) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT trace_id FROM tracking_link WHERE watch_id = ANY(%s)", [list(watch_ids)]
        )
        return [trace_id for (trace_id,) in cursor.fetchall()]
