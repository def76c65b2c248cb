"""Reading everything again from the raw replies: after a mapping changed, or to prove that nothing drifted."""

import logging
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from itertools import islice
from typing import TypeVar
from uuid import UUID

from django.db import connection, transaction

from sledi.carriers import UnknownCarrier, carrier
from sledi.core.carrier import CarrierError, Reading, Reply
from sledi.tracking.answers import Answer
from sledi.tracking.ingest import DATABASE_AWAY, Arrival, answers, arrivals, insert_events, write_answers
from sledi.tracking.models import Reply as StoredReply
from sledi.tracking.models import Trace, Watch
from sledi.tracking.projection import project

log = logging.getLogger(__name__)

T = TypeVar("T")

BATCH = 500


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild found: rows that came out otherwise than they were stored."""

    replies: int
    events: int
    added: int
    removed: int
    changed: int
    watches_changed: int
    traces_changed: int

    @property
    def is_identical(self) -> bool:
        return not any(astuple(self)[2:])


@transaction.atomic
def rebuild(now: datetime, *, only_compare: bool = False) -> Rebuilt:
    """Derive all events, answers and projections from the raw replies and put right what differs.

    ``only_compare`` changes nothing. Polling may go on meanwhile: replies newer than ``now`` are left alone, and
    so is what came of replies that were not there to be read.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        told = _read_again(now)
        replies, events = _count("read_again"), _count("rebuilt")
        cursor.execute(_REMOVE)
        removed = cursor.rowcount
        cursor.execute(_CHANGE)
        changed = cursor.rowcount
        cursor.execute(_ADD)
        added = cursor.rowcount
        watches = _put_answers_right(told, now)
        traces = sum(project(batch, now, only_changed=True) for batch in _all_traces())
        cursor.execute("DROP TABLE rebuilt, read_again")
    if only_compare:
        transaction.set_rollback(True)
    return Rebuilt(replies, events, added, removed, changed, watches, traces)


def _read_again(now: datetime) -> dict[UUID, Answer]:
    """Read every stored reply into ``rebuilt``, oldest first, as they came; what they say as a whole comes back."""
    watches: dict[str, dict[str, UUID]] = {}
    for slug, number, pk in Watch.objects.values_list("carrier", "number", "pk").iterator():
        watches.setdefault(slug, {})[number] = pk
    told: dict[UUID, Answer] = {}
    stored = StoredReply.objects.filter(received_at__lte=now).order_by("received_at", "pk")
    for batch in _batches(stored.iterator(chunk_size=BATCH)):
        arrived = [arrival for row in batch for arrival in _arrivals(row, watches.get(row.carrier, {}))]
        _insert(arrived)
        told |= answers(arrived, told)
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO read_again SELECT unnest(%s::uuid[])", [[row.pk for row in batch]])
    return told


def _arrivals(row: StoredReply, watches: Mapping[str, UUID]) -> list[Arrival]:
    """What a stored reply says about the numbers it was asked for, or, a push, about any."""
    asked = (
        watches if row.is_push else {number: watches[number] for number in row.numbers if number in watches}
    )
    try:
        return arrivals(row.carrier, row.kind, _reading(row), asked, row.pk, row.received_at)
    except UnknownCarrier:
        return []


def _reading(row: StoredReply) -> Reading:
    reply = Reply(
        status=row.status, body=zlib.decompress(row.body), kind=row.kind, numbers=tuple(row.numbers)
    )
    try:
        return carrier(row.carrier).read(reply)
    except CarrierError:
        return Reading()


def _insert(arrived: Sequence[Arrival]) -> None:
    """What cannot be stored stepped aside when it came, and does so again."""
    try:
        with transaction.atomic():
            insert_events(arrived, "rebuilt")
    except DATABASE_AWAY:
        raise
    except Exception:
        if len(arrived) == 1:
            log.exception("what %s said cannot be taken in", arrived[0].source)
            return
        for arrival in arrived:
            _insert([arrival])


def _put_answers_right(told: Mapping[UUID, Answer], now: datetime) -> int:
    """Write the answers that came out otherwise; those of newer replies than were read stay. How many."""
    wrong: dict[UUID, Answer] = {}
    names = [field.name for field in fields(Answer)]
    for watch_id, *stored in Watch.objects.filter(pk__in=told).values_list("pk", *names).iterator():
        answer, said = Answer(*stored), told[watch_id]
        if answer != said and said.answered_at and not answer.is_newer_than(said.answered_at):
            wrong[watch_id] = said
    write_answers(wrong)
    return len(wrong)


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608  constants
        return int(cursor.fetchone()[0])


def _all_traces() -> Iterator[list[UUID]]:
    return _batches(Trace.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=BATCH))


def _batches(rows: Iterable[T]) -> Iterator[list[T]]:
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield batch


_TABLES = """
CREATE TEMPORARY TABLE rebuilt (LIKE tracking_event INCLUDING INDEXES) ON COMMIT DROP;
CREATE TEMPORARY TABLE read_again (id uuid PRIMARY KEY) ON COMMIT DROP;
"""
_SAME_KEY = "r.watch_id = e.watch_id AND r.key = e.key"
_REMOVE = f"""
DELETE FROM tracking_event e USING read_again
WHERE read_again.id = e.reply_id AND NOT EXISTS (SELECT 1 FROM rebuilt r WHERE {_SAME_KEY})
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
