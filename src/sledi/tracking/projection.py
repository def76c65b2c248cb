"""What a trace's row says about its events; always the same for the same events, so it can be rebuilt."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from sledi.core.carrier import Direction, Event, Outcome, ZoneBasis
from sledi.core.numbers import s10
from sledi.core.statuses import EVENT_CODES
from sledi.core.timeline import Sighting, Summary, summary
from sledi.database.keys import uuid7
from sledi.tracking.cursors import batch_cursor
from sledi.tracking.models import Trace


@dataclass(frozen=True, slots=True)
class WatchFacts:
    """What a trace's watch says of the parcel as a whole, in order of asking."""

    outcome: str
    origin: str
    destination: str


@dataclass(frozen=True, slots=True)
class TraceFacts:
    """All that a projection is made of."""

    number: str
    hinted_origin: str
    hinted_destination: str
    watches: Sequence[WatchFacts]
    sightings: Sequence[Sighting]

    @property
    def origin(self) -> str:
        """A carrier's word, else the number's own country, else the hint."""
        reported = next((watch.origin for watch in self.watches if watch.origin), "")
        return reported or _issued_in(self.number) or self.hinted_origin

    @property
    def destination(self) -> str:
        """A carrier's word, else the hint."""
        return next(
            (watch.destination for watch in self.watches if watch.destination), self.hinted_destination
        )


def begin(trace: Trace) -> Trace:
    """Give a trace that is not stored yet the projection it has while nobody was asked about it."""
    facts = TraceFacts(trace.number, trace.hinted_origin, trace.hinted_destination, (), ())
    for (name, _kind), value in zip(_PROJECTED, _row(summary_of(facts)), strict=True):
        setattr(trace, name, value)
    return trace


def project(trace_ids: Collection[UUID], now: datetime, *, only_changed: bool = False) -> int:
    """Write the projection of these traces and the outbox rows of those whose status changed.

    Locks the traces in order of id, then reads the events: of two writers that bring events of one trace at
    the same moment, the later one sees the events of both. How many rows changed comes back.
    """
    with transaction.atomic(), batch_cursor() as cursor:
        cursor.execute(_LOCK, [sorted(trace_ids)], binary=True)
        before = {row[0]: row[1:] for row in cursor.fetchall()}
        facts = read_facts(list(before))
        after = {trace_id: summary_of(found) for trace_id, found in facts.items()}
        counts = {trace_id: len(found.sightings) for trace_id, found in facts.items()}
        changed = [
            trace_id
            for trace_id, summary in after.items()
            if before[trace_id] != (*_row(summary), counts[trace_id])
        ]
        # A watch that answered changes the page even when the projection stays.
        _write(cursor, after, counts, changed if only_changed else list(before), now)
        _tell(cursor, before, after, changed, now)
    return len(changed)


def summary_of(facts: TraceFacts) -> Summary:
    """The summary of a trace: from its events, or, while there are none, from what the carriers answered."""
    found = summary(facts.sightings, origin=facts.origin, destination=facts.destination)
    if facts.sightings:
        return found
    code = _code_without_events(facts.watches)
    status = EVENT_CODES[code].public
    assert status is not None
    return replace(found, code=code, status=status)


def _issued_in(number: str) -> str:
    return s10.about(number).country if s10.is_valid(number) else ""


def _code_without_events(watches: Sequence[WatchFacts]) -> str:
    outcomes = {watch.outcome for watch in watches if watch.outcome}
    if outcomes == {Outcome.WRONG_NUMBER.value}:
        return "sys.bad_number"
    if outcomes and outcomes <= {Outcome.NOT_FOUND.value, Outcome.WRONG_NUMBER.value}:
        return "sys.not_found"
    return "sys.pending"


_PROJECTED = (
    ("status", "text"),
    ("code", "text"),
    ("reason", "text"),
    ("since", "timestamptz"),
    ("place", "text"),
    ("country", "text"),
    ("carrier", "text"),
    ("origin", "text"),
    ("destination", "text"),
    ("direction", "text"),
    ("last_event_at", "timestamptz"),
    ("stale_at", "timestamptz"),
    ("is_final", "boolean"),
    ("is_closed", "boolean"),
)
_NAMES = ", ".join(name for name, _ in _PROJECTED)
_LOCK = (
    f"SELECT id, {_NAMES}, event_count FROM tracking_trace "  # noqa: S608  constants
    "WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
)
_WRITE = (
    f"UPDATE tracking_trace t SET {', '.join(f'{name} = n.{name}' for name, _ in _PROJECTED)}, "  # noqa: S608
    "event_count = n.event_count, revision = revision + 1, changed_at = %s "
    f"FROM unnest(%b::uuid[], {', '.join(f'%b::{kind}[]' for _, kind in _PROJECTED)}, %b::int[]) "
    f"AS n (id, {_NAMES}, event_count) WHERE t.id = n.id"
)
_FACTS = """
SELECT t.id, t.number, t.hinted_origin, t.hinted_destination,
       w.id, w.carrier, w.number, w.outcome, w.origin, w.destination
FROM tracking_trace t
LEFT JOIN tracking_link l ON l.trace_id = t.id LEFT JOIN tracking_watch w ON w.id = l.watch_id
WHERE t.id = ANY(%s) ORDER BY t.id, l.rank
"""
_EVENTS = """
SELECT watch_id, key, code, raw_code, raw_text, raw_time, occurred_at, zone_basis, zone, text_language, reason,
       place, country, direction, carrier, withdraws, seen_at, reply_id
FROM tracking_event WHERE watch_id = ANY(%s)
"""


def read_facts(trace_ids: Collection[UUID]) -> dict[UUID, TraceFacts]:
    """All that is known of these traces, in two queries whatever their number."""
    with batch_cursor() as cursor:
        cursor.execute(_FACTS, [list(trace_ids)], binary=True)
        joined = cursor.fetchall()
        watches = {row[4]: (row[5], row[6]) for row in joined if row[4]}
        cursor.execute(_EVENTS, [list(watches)], binary=True)
        sightings: dict[UUID, list[Sighting]] = defaultdict(list)
        for row in cursor.fetchall():
            sightings[row[0]].append(_sighting(*watches[row[0]], row))
    facts: dict[UUID, TraceFacts] = {}
    for trace_id, number, origin, destination, watch_id, _, _, outcome, *countries in joined:
        known = facts.setdefault(trace_id, TraceFacts(number, origin, destination, [], []))
        if watch_id:
            known.watches.append(WatchFacts(outcome, *countries))  # type: ignore[attr-defined]
            known.sightings.extend(sightings[watch_id])  # type: ignore[attr-defined]
    return facts


_BASES = {basis.value: basis for basis in ZoneBasis}
_DIRECTIONS = {direction.value: direction for direction in Direction}


def _sighting(source: str, number: str, row: Sequence[Any]) -> Sighting:
    event = Event(
        code=row[2],
        raw_code=row[3],
        raw_text=row[4],
        raw_time=row[5],
        occurred_at=row[6],
        zone_basis=_BASES[row[7]],
        zone=row[8],
        text_language=row[9],
        reason=row[10],
        place=row[11],
        country=row[12],
        direction=_DIRECTIONS[row[13]],
        carrier=row[14],
        withdraws=row[15],
    )
    return Sighting(
        event=event, source=source, seen_at=row[16], reply=str(row[17]), key=bytes(row[1]), number=number
    )


def _row(summary: Summary) -> tuple[Any, ...]:
    return tuple(str(value) if kind == "text" else value for value, kind in _values(summary))


def _values(summary: Summary) -> list[tuple[Any, str]]:
    return [(getattr(summary, name), kind) for name, kind in _PROJECTED]


def _write(
    cursor: Any, after: dict[UUID, Summary], counts: dict[UUID, int], trace_ids: list[UUID], now: datetime
) -> None:
    rows = [(trace_id, *_row(after[trace_id]), counts[trace_id]) for trace_id in trace_ids]
    if not rows:
        return
    cursor.execute(_WRITE, [now, *(list(column) for column in zip(*rows, strict=True))])


def _tell(
    cursor: Any,
    before: dict[UUID, tuple[Any, ...]],
    after: dict[UUID, Summary],
    changed: list[UUID],
    now: datetime,
) -> None:
    rows = [
        (
            uuid7(),
            trace_id,
            now,
            str(after[trace_id].status),
            before[trace_id][0],
            after[trace_id].code,
            before[trace_id][1],
        )
        for trace_id in changed
        if (str(after[trace_id].status), after[trace_id].code) != before[trace_id][:2]
    ]
    if rows:
        cursor.execute(
            "INSERT INTO tracking_outbox (id, trace_id, created_at, status, previous_status, code, previous_code)"
            " SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::timestamptz[], %b::text[], %b::text[], %b::text[],"
            " %b::text[])",
            [list(column) for column in zip(*rows, strict=True)],
        )
