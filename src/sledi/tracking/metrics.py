"""What is measured of the asking, for ``/metrics`` and ``/readyz``: cheap whatever the number of parcels."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db import connection

from sledi.tracking import lines
from sledi.tracking.models import CarrierLine

Measurement = tuple[str, str, Mapping[str, str], float]


def measurements(now: datetime) -> Iterator[Measurement]:
    """Age of the oldest due work, and how each line to a carrier is."""
    for module in lines.configured():
        labels = {"work": "asking", "carrier": module.SLUG}
        yield (
            "sledi_due_age_seconds",
            "Age of the oldest work that is due.",
            labels,
            _due_age_s(module.SLUG, now),
        )
    for line in CarrierLine.objects.order_by("carrier", "kind"):
        labels = {"carrier": line.carrier, "call": line.kind}
        is_open = line.opens_at is not None and line.opens_at > now
        yield "sledi_line_open", "Whether the circuit breaker keeps us from asking.", labels, is_open
        yield "sledi_line_failures", "Failures in a row.", labels, line.failures_in_row
        calls = line.calls_today if line.day == now.date() else 0
        yield "sledi_line_calls_today", "Calls since midnight UTC.", labels, calls


def _due_age_s(slug: str, now: datetime) -> float:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(due_at) FROM tracking_watch WHERE carrier = %s AND due_at <= %s", [slug, now]
        )
        (oldest,) = cursor.fetchone()
    return (now - oldest).total_seconds() if oldest else 0.0
