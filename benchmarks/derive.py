"""How long it takes to derive a parcel's timeline and its summary from its events.

    python benchmarks/derive.py

prints JSON: microseconds per call (p50, p99) for 5, 20 and 60 events of two posts, every third scan told by an
aggregator too, and for 20 events each told once. ``timeline`` is what a page needs, ``summary`` what ingest needs.
"""

import gc
import json
import platform
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sledi.core.carrier import Event, ZoneBasis
from sledi.core.timeline import Sighting, derive, identity, summary

STARTED = datetime(2026, 11, 7, 7, 48, tzinfo=UTC)

# A usual journey CN -> KZ as its two posts tell it: event code, country, place.
JOURNEY = (
    ("pre.info", "CN", "Guangzhou"),
    ("orig.accepted", "CN", "Guangzhou"),
    ("orig.hub", "CN", "Guangzhou"),
    ("orig.departed", "CN", "Guangzhou"),
    ("line.hub_in", "CN", "Urumqi"),
    ("line.hub_out", "CN", "Urumqi"),
    ("exp.office_in", "CN", "Khorgos"),
    ("exp.customs_in", "CN", "Khorgos"),
    ("exp.customs_out", "CN", "Khorgos"),
    ("exp.departed", "CN", "Khorgos"),
    ("imp.office_in", "KZ", "Almaty"),
    ("imp.customs_in", "KZ", "Almaty"),
    ("imp.customs_pay", "KZ", "Almaty"),
    ("imp.customs_out", "KZ", "Almaty"),
    ("imp.office_out", "KZ", "Almaty"),
    ("last.sort_in", "KZ", "Karaganda"),
    ("last.sort_out", "KZ", "Karaganda"),
    ("last.office_in", "KZ", "Karaganda"),
    ("last.ready", "KZ", "Karaganda"),
    ("done.collected", "KZ", "Karaganda"),
)


def journey(events: int, *, doubles: bool) -> list[Sighting]:
    """``events`` sightings of the journey above, newest first as most carriers tell them."""
    told: list[Sighting] = []
    scan = 0
    while len(told) < events:
        code, country, place = JOURNEY[scan * len(JOURNEY) // events if events < len(JOURNEY) else scan % 20]
        at = STARTED + timedelta(hours=9 * scan)
        told.append(_sighting("china_post" if country == "CN" else "kazpost", code, country, place, at))
        if doubles and scan % 3 == 0:
            told.append(_sighting("seventeentrack", code, country, "", at + timedelta(minutes=7)))
        scan += 1
    return told[:events][::-1]


def _sighting(source: str, code: str, country: str, place: str, at: datetime) -> Sighting:
    event = Event(
        code=code,
        raw_code=f"{code}/raw",
        raw_text=f"text of {code}",
        raw_time=at.isoformat(),
        occurred_at=at,
        zone_basis=ZoneBasis.GIVEN,
        place=place,
        country=country,
        carrier=("china_post" if country == "CN" else "kazpost") if source == "seventeentrack" else "",
    )
    return Sighting(event, source, at + timedelta(hours=1), f"reply-{source}", identity(source, event))


def run(repeats: int = 3_000) -> dict[str, Any]:
    """Measures and returns microseconds by case."""
    cases = {
        "5 events, some twice": journey(5, doubles=True),
        "20 events, each once": journey(20, doubles=False),
        "20 events, some twice": journey(20, doubles=True),
        "60 events, some twice": journey(60, doubles=True),
    }
    return {
        "unit": "microseconds",
        "python": platform.python_version(),
        "timeline": {
            name: _measured(lambda s: derive(s, origin="CN", destination="KZ"), told, repeats)
            for name, told in cases.items()
        },
        "summary": {
            name: _measured(lambda s: summary(s, origin="CN", destination="KZ"), told, repeats)
            for name, told in cases.items()
        },
        "identity": _measured(
            lambda s: identity(s[0].source, s[0].event), cases["20 events, each once"], repeats
        ),
    }


def _measured(
    act: Callable[[Sequence[Sighting]], object], told: Sequence[Sighting], repeats: int
) -> dict[str, float]:
    for _ in range(repeats // 10):
        act(told)
    took = []
    gc.collect()
    for _ in range(repeats):
        began = time.perf_counter_ns()
        act(told)
        took.append(time.perf_counter_ns() - began)
    took.sort()
    return {
        "p50": round(took[len(took) // 2] / 1_000, 1),
        "p99": round(took[len(took) * 99 // 100] / 1_000, 1),
    }


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
