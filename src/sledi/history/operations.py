"""Writing the history: many rows, two statements."""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from sledi.database.keys import uuid7
from sledi.history.chain import START, digest, plain
from sledi.history.happened import Happened
from sledi.history.models import Record

COLUMNS = {
    "id": "uuid",
    "business_id": "uuid",
    "sequence": "bigint",
    "level": "text",
    "subject_id": "uuid",
    "root_id": "uuid",
    "act": "text",
    "actor_kind": "text",
    "actor_id": "text",
    "actor_name": "text",
    "actor_role": "text",
    "cause": "text",
    "at": "timestamptz",
    "from_state": "text",
    "to_state": "text",
    "note": "text",
    "before": "jsonb",
    "after": "jsonb",
    "is_correction": "boolean",
    "previous_hash": "bytea",
    "hash": "bytea",
}
_TAKE_HEADS = (
    "INSERT INTO history_head AS head (business_id, sequence, hash)"
    " SELECT business_id, 0, %s FROM unnest(%s::uuid[]) AS business_id"
    # Written onto itself: that takes the lock and returns the newest row in one statement.
    " ON CONFLICT (business_id) DO UPDATE SET sequence = head.sequence"
    " RETURNING business_id, sequence, hash"
)
_APPEND = (
    "WITH moved AS (UPDATE history_head AS head SET sequence = newest.sequence, hash = newest.hash"  # noqa: S608  constants
    " FROM unnest(%s::uuid[], %s::bigint[], %s::bytea[]) AS newest (business_id, sequence, hash)"
    " WHERE head.business_id = newest.business_id)"
    f" INSERT INTO history_record ({', '.join(COLUMNS)})"
    f" SELECT * FROM unnest({', '.join(f'%s::{kind}[]' for kind in COLUMNS.values())})"
)


def record(rows: Sequence[Happened]) -> list[Record]:
    """Append what happened, in this order; the stored records come back. Two statements, however many rows.

    Call it last in the caller's transaction: it locks the head of each business's chain until the commit, and a
    business writes its history one transaction after the other. Raises NotRecordable, with nothing written, for a
    value that would not come back as it went in (a float, a moment without a zone).
    """
    if not rows:
        return []
    told = [_told(happened) for happened in rows]
    # In one with the caller: a history that cannot be written takes his act with it.
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        businesses = sorted({happened.business_id for happened in rows})
        cursor.execute(_TAKE_HEADS, [START, businesses])
        heads = {
            business_id: (sequence, bytes(newest)) for business_id, sequence, newest in cursor.fetchall()
        }
        records = _chained(told, heads)
        newest = [list(column) for column in zip(*_newest(records), strict=True)]
        cursor.execute(_APPEND, [*newest, *_columns(records)])
    return records


def _told(happened: Happened) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "business_id": happened.business_id,
        "level": happened.level,
        "subject_id": happened.subject_id,
        "root_id": happened.root_id,
        "act": happened.act,
        "actor_kind": happened.actor.kind,
        "actor_id": str(happened.actor.id),
        "actor_name": happened.actor.name,
        "actor_role": happened.actor.role,
        "cause": happened.cause,
        "at": happened.at,
        "from_state": happened.from_state,
        "to_state": happened.to_state,
        "note": happened.note,
        "before": plain(happened.before, "before"),
        "after": plain(happened.after, "after"),
        "is_correction": happened.is_correction,
    }


def _chained(told: Sequence[dict[str, Any]], heads: dict[UUID, tuple[int, bytes]]) -> list[Record]:
    """The rows as records, each behind the one before it in its business."""
    heads = dict(heads)
    records = []
    for fields in told:
        sequence, previous = heads[fields["business_id"]]
        linked = {**fields, "sequence": sequence + 1, "previous_hash": previous}
        newest = digest(linked)
        heads[fields["business_id"]] = sequence + 1, newest
        records.append(Record(**linked, hash=newest))
    return records


def _columns(records: Sequence[Record]) -> list[list[Any]]:
    columns: dict[str, list[Any]] = defaultdict(list)
    for row in records:
        for name, kind in COLUMNS.items():
            value = getattr(row, name)
            columns[name].append(json.dumps(value, ensure_ascii=False) if kind == "jsonb" else value)
    return list(columns.values())


def _newest(records: Sequence[Record]) -> list[tuple[UUID, int, bytes]]:
    newest = {row.business_id: (row.business_id, row.sequence, bytes(row.hash)) for row in records}
    return [newest[business_id] for business_id in sorted(newest)]
