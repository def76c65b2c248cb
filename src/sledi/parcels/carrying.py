"""Which number something carries, since when and until when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from sledi.database.keys import uuid7
from sledi.tracking.models import Trace

_END = """
UPDATE parcels_alias a SET until = greatest(%s, a.since)
FROM unnest(%s::uuid[], %s::text[]) AS gone (subject_id, number)
WHERE a.business_id = %s AND a.subject_id = gone.subject_id AND a.number = gone.number AND a.until IS NULL
"""
_BEGIN = """
INSERT INTO parcels_alias AS a (id, business_id, level, subject_id, number, kind, since, trace_id)
SELECT id, %s, level, subject_id, number, kind, %s, trace_id
FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::text[], %s::text[], %s::uuid[])
    AS n (id, level, subject_id, number, kind, trace_id)
ON CONFLICT (business_id, subject_id, number) DO UPDATE SET until = NULL WHERE a.until IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Carried:
    """A subject carries ``number`` from now on; ``replaces``: the number that stood in the same place before."""

    level: str
    subject_id: UUID
    number: str
    kind: str
    replaces: str = ""


def carry(business_id: UUID, carried: Sequence[Carried], traces: Mapping[str, Trace], at: datetime) -> None:
    """Store who carries what from ``at`` on. A number that was carried before is taken up again; twice is once.

    ``traces`` are those of ``following.follow``. Inside the caller's transaction.
    """
    replaced = [one for one in carried if one.replaces and one.replaces != one.number]
    rows = {(one.subject_id, one.number): one for one in carried}.values()
    with connection.cursor() as cursor:
        if replaced:
            subjects, numbers = [one.subject_id for one in replaced], [one.replaces for one in replaced]
            cursor.execute(_END, [at, subjects, numbers, business_id])
        cursor.execute(
            _BEGIN,
            [
                business_id,
                at,
                [uuid7() for _ in rows],
                [one.level for one in rows],
                [one.subject_id for one in rows],
                [one.number for one in rows],
                [one.kind for one in rows],
                [traces[one.number].pk for one in rows],
            ],
        )
