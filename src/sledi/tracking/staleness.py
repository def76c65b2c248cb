"""Silence that lasts longer than its lane allows is news too, although nobody scanned anything."""

from datetime import datetime

from django.db import connection, transaction

from sledi.database.keys import uuid7

BATCH = 500


@transaction.atomic
def announce_stale(now: datetime) -> int:
    """Write an outbox row, once, for each trace whose silence has become unusual; how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH chosen AS (
                SELECT id FROM tracking_trace
                WHERE stale_at <= %(now)s AND NOT is_final AND (stale_told_at IS NULL OR stale_told_at < stale_at)
                ORDER BY stale_at LIMIT %(most)s FOR UPDATE SKIP LOCKED)
            UPDATE tracking_trace t SET stale_told_at = %(now)s, revision = revision + 1, changed_at = %(now)s
            FROM chosen WHERE t.id = chosen.id
            RETURNING t.id, status, code""",
            {"now": now, "most": BATCH},
        )
        found = cursor.fetchall()
        if found:
            cursor.executemany(
                "INSERT INTO tracking_outbox"
                " (id, trace_id, created_at, status, previous_status, code, previous_code)"
                " VALUES (%s, %s, %s, 'STALE', %s, 'sys.stale', %s)",
                [(uuid7(), trace_id, now, status, code) for trace_id, status, code in found],
            )
    return len(found)
