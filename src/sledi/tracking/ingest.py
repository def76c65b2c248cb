"""The one path by which events come in, whatever brought them: poll, ticket, push, rebuild.

Few statements per batch, each over arrays: insert the events that are new (an event's key makes doubles
harmless), write what the carrier says of the parcel as a whole, project the traces that changed, write the
outbox. One transaction: after a kill at any moment everything of a batch is there, or nothing.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from sledi.core.carrier import Outcome, Reply, Report
from sledi.core.timeline import identity
from sledi.database.keys import uuid7
from sledi.tracking.cursors import batch_cursor
from sledi.tracking.projection import project


@dataclass(frozen=True, slots=True)
class Arrival:
    """What one reply said about the number of one watch."""

    watch_id: UUID
    source: str  # the carrier asked
    report: Report
    reply_id: UUID
    seen_at: datetime


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


def ingest(arrivals: Sequence[Arrival], now: datetime) -> int:
    """Take in what replies said; the number of new events comes back. Safe to repeat, in any order."""
    if not arrivals:
        return 0
    with transaction.atomic():
        new_at = insert_events(arrivals)
        changed = _write_reports(arrivals)
        touched = set(new_at) | changed
        if touched:
            project(_traces_of(touched), now)
    return len(new_at)


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


def insert_events(arrivals: Sequence[Arrival], table: str = "tracking_event") -> list[UUID]:
    """Insert the events that are new; the watch of each new event comes back. For ingest and rebuild only."""
    rows = event_rows(arrivals)
    if not rows:
        return []
    # Sorted by key: writers that meet take their locks in the same order.
    columns = list(zip(*(rows[key] for key in sorted(rows)), strict=True))
    with batch_cursor() as cursor:
        cursor.execute(_INSERT_EVENTS.format(table=table), [list(column) for column in columns])
        return [watch_id for (watch_id,) in cursor.fetchall()]


def event_rows(arrivals: Sequence[Arrival]) -> dict[tuple[UUID, bytes], tuple[object, ...]]:
    """The rows of all events in these arrivals, each event once."""
    rows: dict[tuple[UUID, bytes], tuple[object, ...]] = {}
    for arrival in arrivals:
        watch_id, source = arrival.watch_id, arrival.source
        for event in arrival.report.events:
            key = identity(source, event)
            rows.setdefault(
                (watch_id, key),
                (
                    watch_id,
                    key,
                    event.code,
                    event.reason,
                    event.raw_code,
                    event.raw_text,
                    event.raw_time,
                    event.occurred_at,
                    event.zone_basis.value,
                    event.zone,
                    event.text_language,
                    event.place,
                    event.country,
                    event.direction.value,
                    event.carrier,
                    event.withdraws,
                    arrival.seen_at,
                    arrival.reply_id,
                ),
            )
    return rows


_WRITE_REPORTS = """
WITH arrived AS (
    SELECT * FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::int[],
                         %b::timestamptz[], %b::timestamptz[], %b::timestamptz[])
    AS a (id, outcome, message, origin, destination, service, weight_g, expected_from, expected_until, seen_at)
), before AS (
    SELECT w.id, a.outcome IS DISTINCT FROM w.outcome
        OR (a.origin <> '' AND a.origin <> w.origin)
        OR (a.destination <> '' AND a.destination <> w.destination)
        OR a.expected_until IS DISTINCT FROM w.expected_until AS is_changed
    FROM tracking_watch w JOIN arrived a USING (id)
    WHERE w.answered_at IS NULL OR w.answered_at <= a.seen_at
    ORDER BY w.id FOR UPDATE OF w
), written AS (
    UPDATE tracking_watch w SET
        outcome = a.outcome, message = a.message, answered_at = a.seen_at,
        origin = coalesce(nullif(a.origin, ''), w.origin),
        destination = coalesce(nullif(a.destination, ''), w.destination),
        service = coalesce(nullif(a.service, ''), w.service),
        weight_g = coalesce(a.weight_g, w.weight_g),
        expected_from = a.expected_from, expected_until = a.expected_until
    FROM arrived a JOIN before USING (id) WHERE w.id = a.id
)
SELECT id FROM before WHERE is_changed
"""


def _write_reports(arrivals: Sequence[Arrival]) -> set[UUID]:
    """Write what is newest about each parcel as a whole; watches whose page changes by it come back."""
    newest: dict[UUID, Arrival] = {}
    for arrival in arrivals:
        known = newest.get(arrival.watch_id)
        if known is None or known.seen_at <= arrival.seen_at:
            newest[arrival.watch_id] = arrival
    reports = [(arrival, arrival.report) for arrival in newest.values()]
    with batch_cursor() as cursor:
        cursor.execute(
            _WRITE_REPORTS,
            [
                [arrival.watch_id for arrival, _ in reports],
                [report.outcome.value for _, report in reports],
                [
                    report.message[:300] if report.outcome is not Outcome.FOUND else ""
                    for _, report in reports
                ],
                [report.origin for _, report in reports],
                [report.destination for _, report in reports],
                [report.service[:200] for _, report in reports],
                [report.weight_g for _, report in reports],
                [report.expected_from for _, report in reports],
                [report.expected_until for _, report in reports],
                [arrival.seen_at for arrival, _ in reports],
            ],
        )
        return {watch_id for (watch_id,) in cursor.fetchall()}


def _traces_of(watch_ids: set[UUID]) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT trace_id FROM tracking_link WHERE watch_id = ANY(%s)", [list(watch_ids)]
        )
        return [trace_id for (trace_id,) in cursor.fetchall()]
