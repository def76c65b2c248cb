"""Ingest beside a bare COPY into the same table, in turn, in one run.

The full path inserts events, derives the parcels they belong to, writes the projections and the outbox, each
batch in one durable transaction. Two shapes: whole histories (a batch holds parcels with 20 events each, as a
poll brings them) and single news (each event belongs to another parcel, which has 10 events already).
"""

import json
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

BATCH = 1_000
ROUNDS = 12
SEED = 20261121
EPOCH = datetime(2026, 9, 1, 8, tzinfo=UTC)

COURSE = (
    "pre.info", "orig.accepted", "orig.hub", "orig.departed", "exp.office_in", "exp.customs_in", "exp.customs_out",
    "exp.departed", "line.transit_in", "line.transit_out", "imp.office_in", "imp.customs_in", "imp.customs_out",
    "imp.office_out", "last.sort_in", "last.sort_out", "last.office_in", "last.out", "last.failed", "done.delivered",
)  # fmt: skip


def run() -> dict[str, Any]:
    """Rows a second of COPY and of ingest for both shapes, and their ratio."""
    random.seed(SEED)
    return {
        "seed": SEED,
        "batch_rows": BATCH,
        "whole_histories": _measure(whole_histories),
        "single_news": _measure(_single_news),
    }


def _measure(shape: Callable[[int], Sequence[Any]]) -> dict[str, float]:
    copied, ingested = [], []
    for round_number in range(ROUNDS):
        copied.append(_timed(_copy, _rows(shape(2 * round_number))))
        ingested.append(_timed(_ingest, shape(2 * round_number + 1)))
    copy, ingest = statistics.median(copied[2:]), statistics.median(ingested[2:])
    return {
        "copy_rows_per_s": round(BATCH / copy),
        "ingest_rows_per_s": round(BATCH / ingest),
        "ratio": round(copy / ingest, 3),
    }


def _timed(act: Callable[[Any], None], batch: Any) -> float:
    started = time.perf_counter()
    act(batch)
    return time.perf_counter() - started


def _ingest(arrivals: Sequence[Any]) -> None:
    from sledi.tracking.ingest import ingest

    new = ingest(arrivals, EPOCH + timedelta(days=60))
    assert new == BATCH


def _copy(rows: Sequence[tuple[Any, ...]]) -> None:
    from django.db import connection, transaction

    from sledi.tracking.ingest import EVENT_COLUMNS

    statement = f"COPY tracking_event ({', '.join(name for name, _ in EVENT_COLUMNS)}) FROM STDIN"
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _rows(arrivals: Sequence[Any]) -> list[tuple[Any, ...]]:
    """What COPY gets: the very rows that ingest would write."""
    from sledi.tracking.ingest import event_rows

    return list(event_rows(arrivals).values())


def whole_histories(round_number: int) -> Sequence[Any]:
    """One batch of arrivals of new parcels, each with all its events."""
    watches = _parcels(round_number, BATCH // len(COURSE))
    return [_arrival(watch_id, range(len(COURSE))) for watch_id in watches]


def _single_news(round_number: int) -> Sequence[Any]:
    from sledi.tracking.ingest import ingest

    watches = _parcels(round_number, BATCH)
    ingest([_arrival(watch_id, range(10)) for watch_id in watches], EPOCH + timedelta(days=30))
    return [_arrival(watch_id, (10,)) for watch_id in watches]


def _parcels(round_number: int, count: int) -> list[UUID]:
    from sledi.tracking.models import Link, Trace, Watch

    numbers = [f"RB{random.randrange(10**9):09}CN" for _ in range(count * 2)]
    numbers = list(dict.fromkeys(numbers))[:count]
    traces = Trace.objects.bulk_create(
        [Trace(number=number, created_at=EPOCH, hinted_destination="RU") for number in numbers],
        update_conflicts=True, unique_fields=["number"], update_fields=["created_at"],
    )  # fmt: skip
    watches = Watch.objects.bulk_create(
        [Watch(carrier="russian_post", number=number, created_at=EPOCH) for number in numbers]
    )
    Link.objects.bulk_create(
        [
            Link(trace=trace, watch=watch, rank=0, on_behalf_of="russian_post", why="chosen")
            for trace, watch in zip(traces, watches, strict=True)
        ]
    )
    return [watch.pk for watch in watches]


def _arrival(watch_id: UUID, steps: Sequence[int] | range) -> Any:
    from sledi.core.carrier import Outcome, Report
    from sledi.database.keys import uuid7
    from sledi.tracking.ingest import Arrival

    report = Report(number="", outcome=Outcome.FOUND, events=tuple(_events(steps)), destination="RU")
    return Arrival(watch_id, "russian_post", report, uuid7(), EPOCH + timedelta(days=40))


def _events(steps: Sequence[int] | range) -> Iterator[Any]:
    from sledi.core.carrier import Event, ZoneBasis

    for step in steps:
        code = COURSE[step]
        at = EPOCH + timedelta(hours=26 * step, minutes=random.randrange(600))
        home = code.startswith(("pre", "orig", "exp"))
        yield Event(
            code=code,
            raw_code=f"8:{step}",
            raw_text="Прибыло в место международного обмена",
            raw_time=at.isoformat(),
            occurred_at=at,
            zone_basis=ZoneBasis.GIVEN,
            zone="+08:00" if home else "+03:00",
            text_language="ru",
            place="GUANGZHOU" if home else "Москва PCI-9",
            country="CN" if home else "RU",
        )


if __name__ == "__main__":
    from benchmarks.database import running_database

    with running_database():
        print(json.dumps(run(), indent=2))
