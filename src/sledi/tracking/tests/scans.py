"""Watches, traces and scans made by hand, without any carrier."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sledi.core.carrier import Event, Outcome, Report, ZoneBasis
from sledi.database.keys import uuid7
from sledi.tracking.ingest import Arrival
from sledi.tracking.models import Link, Trace, Watch

T0 = datetime(2026, 11, 1, 8, tzinfo=UTC)


def scan(code: str, hours: float = 0, **changes: Any) -> Event:
    at = T0 + timedelta(hours=hours)
    facts: dict[str, Any] = {
        "code": code,
        "raw_code": code,
        "raw_text": f"words of {code}",
        "raw_time": at.isoformat(),
        "occurred_at": at,
        "zone_basis": ZoneBasis.GIVEN,
        "zone": "+00:00",
        "place": "Guangzhou",
        "country": "CN",
    }
    return Event(**(facts | changes))


def watched(number: str, *carriers: str, trace: Trace | None = None) -> tuple[Trace, list[Watch]]:
    """A trace of this number, looked for at these carriers."""
    trace = trace or Trace.objects.create(number=number, created_at=T0)
    begin = trace.links.count()
    watches = [Watch.objects.create(carrier=slug, number=number, created_at=T0) for slug in carriers]
    for rank, watch in enumerate(watches, start=begin):
        Link.objects.create(trace=trace, watch=watch, rank=rank, on_behalf_of=watch.carrier, why="chosen")
    return trace, watches


def arrival(watch: Watch | UUID, *events: Event, hours: float = 100, **report: Any) -> Arrival:
    """What a reply that came so many hours after ``T0`` said about a watch."""
    watch = Watch.objects.get(pk=watch) if isinstance(watch, UUID) else watch
    said = Report(watch.number, Outcome.FOUND, events=events, **report)
    return Arrival(watch.pk, watch.carrier, said, uuid7(), T0 + timedelta(hours=hours))
