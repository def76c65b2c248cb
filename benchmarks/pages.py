"""Server time and weight of the public pages over a filled database.

Pages are fetched through the whole middleware in this process; nothing is cached between two of them.
"""

import gzip
import json
import re
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.ingest import BATCH, COURSE, whole_histories

PARCELS = 10_000
VISITS = 150


def run(parcels: int = PARCELS) -> dict[str, Any]:
    """Milliseconds of server time (p50, p95) for each page, and kilobytes of a first visit, compressed."""
    from django.test import Client

    now = datetime.now(UTC)
    numbers = _fill(parcels, now)
    client = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="ru")
    token = _list_of(numbers[:40], now)
    pages = {"home": "/", "list of 40": f"/t/{token}/", "parcel": f"/t/{token}/{numbers[0]}/"}
    return {
        "parcels": parcels,
        "events": parcels * len(COURSE),
        "pages": {name: _visits(client, address) for name, address in pages.items()},
        "first_visit_kb": {name: _weight_kb(client, address) for name, address in pages.items()},
    }


def _fill(parcels: int, now: datetime) -> list[str]:
    from sledi.tracking.ingest import ingest
    from sledi.tracking.models import Trace

    for batch in range(parcels * len(COURSE) // BATCH):
        ingest(whole_histories(batch), now)
    return list(Trace.objects.order_by("-created_at", "number").values_list("number", flat=True)[:40])


def _list_of(numbers: list[str], now: datetime) -> str:
    from sledi.core.numbers import s10
    from sledi.tracking.operations import insist, open_list

    token = open_list("\n".join(numbers), client=None, at=now - timedelta(minutes=1)).token
    for number in numbers:
        if not s10.is_valid(number):
            insist(token, number, at=now)
    return token


def _visits(client: Any, address: str) -> dict[str, float]:
    took = []
    for _ in range(VISITS):
        started = time.perf_counter()
        response = client.get(address)
        took.append((time.perf_counter() - started) * 1000)
        assert response.status_code == 200, response.status_code
    took = sorted(took[10:])
    return {"p50_ms": round(statistics.median(took), 2), "p95_ms": round(took[int(len(took) * 0.95)], 2)}


def _weight_kb(client: Any, address: str) -> float:
    """The page and every file it names in its head, as a browser gets them (gzip; the font is compressed itself)."""
    from django.conf import settings

    page = client.get(address).content
    total = len(gzip.compress(page, 6))
    for path in set(re.findall(rb'(?:href|src)="/static/([^"]+)"', page)):
        file = Path(settings.STATIC_ROOT) / path.decode()
        smaller = file.with_name(file.name + ".gz")
        total += (smaller if smaller.exists() else file).stat().st_size
    return round(total / 1024, 1)


if __name__ == "__main__":
    from benchmarks.database import running_database

    with running_database():
        print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else PARCELS), indent=2))
