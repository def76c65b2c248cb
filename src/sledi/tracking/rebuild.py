"""Reading everything again from the raw replies: after a mapping changed, or to prove that nothing drifted."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from sledi.carriers import carrier
from sledi.core.carrier import CarrierError, Reading, Reply
from sledi.tracking.ingest import Arrival, insert_events
from sledi.tracking.models import Reply as StoredReply
from sledi.tracking.models import Trace, Watch
from sledi.tracking.projection import project

BATCH = 500


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild found: rows that came out otherwise than they were stored."""

    replies: int
    events: int
    added: int
    removed: int
    changed: int
    traces_changed: int

    @property
    def is_identical(self) -> bool:
        return not (self.added or self.removed or self.changed or self.traces_changed)


@transaction.atomic
def rebuild(now: datetime, *, only_compare: bool = False) -> Rebuilt:
    """Derive all events and projections from the raw replies and put right what differs.

    ``only_compare`` changes nothing. Polling may go on meanwhile: replies newer than ``now`` are left alone.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE rebuilt (LIKE tracking_event INCLUDING INDEXES) ON COMMIT DROP"
        )
        replies = sum(1 for _ in _read_again(now))
        cursor.execute("SELECT count(*) FROM rebuilt")
        events = cursor.fetchone()[0]
        cursor.execute(_REMOVE, [now])
        removed = cursor.rowcount
        cursor.execute(_CHANGE)
        changed = cursor.rowcount
        cursor.execute(_ADD)
        added = cursor.rowcount
        traces = sum(project(batch, now, only_changed=True) for batch in _all_traces())
        cursor.execute("DROP TABLE rebuilt")
    if only_compare:
        transaction.set_rollback(True)
    return Rebuilt(replies, events, added, removed, changed, traces)


def _read_again(now: datetime) -> Iterator[UUID]:
    """Read every stored reply into ``rebuilt``, oldest first, so that first arrivals win as they did then."""
    watches: dict[tuple[str, str], UUID] = {
        (slug, number): pk
        for pk, slug, number in Watch.objects.values_list("pk", "carrier", "number").iterator()
    }
    stored = StoredReply.objects.filter(received_at__lte=now).order_by("received_at", "pk")
    for row in stored.iterator(chunk_size=BATCH):
        reading = _reading(row)
        arrivals = [
            Arrival(watches[row.carrier, report.number], row.carrier, report, row.pk, row.received_at)
            for report in reading.reports
            if (row.carrier, report.number) in watches
        ]
        insert_events(arrivals, "rebuilt")
        yield row.pk


def _reading(row: StoredReply) -> Reading:
    reply = Reply(
        status=row.status, body=zlib.decompress(row.body), kind=row.kind, numbers=tuple(row.numbers)
    )
    try:
        return carrier(row.carrier).read(reply)
    except CarrierError:
        return Reading()


def _all_traces() -> Iterator[list[UUID]]:
    batch: list[UUID] = []
    for trace_id in Trace.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=BATCH):
        batch.append(trace_id)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


_SAME_KEY = "r.watch_id = e.watch_id AND r.key = e.key"
_REMOVE = f"""
DELETE FROM tracking_event e
WHERE e.seen_at <= %s AND NOT EXISTS (SELECT 1 FROM rebuilt r WHERE {_SAME_KEY})
"""  # noqa: S608  constants
_CHANGE = f"""
UPDATE tracking_event e SET
    code = r.code, reason = r.reason, raw_code = r.raw_code, raw_text = r.raw_text, raw_time = r.raw_time,
    occurred_at = r.occurred_at, zone_basis = r.zone_basis, zone = r.zone, text_language = r.text_language,
    place = r.place, country = r.country, direction = r.direction, carrier = r.carrier,
    withdraws = r.withdraws, seen_at = r.seen_at, reply_id = r.reply_id
FROM rebuilt r WHERE {_SAME_KEY} AND ROW(r.*) IS DISTINCT FROM ROW(e.*)
"""  # noqa: S608
_ADD = "INSERT INTO tracking_event SELECT * FROM rebuilt ON CONFLICT (watch_id, key) DO NOTHING"
