"""For machines that watch: is the process alive, can it serve, and how are things.

An app joins ``/metrics`` by a module ``metrics`` with ``measurements(now)``, which yields
``(name, help, labels, value)``: names in base units with ``_total`` or ``_seconds`` at the end, labels with few
possible values (a carrier, never a number or a person).
"""

import hmac
import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sledi import __version__

Measurement = tuple[str, str, Mapping[str, str], float]
DUE_AGE = "sledi_due_age_seconds"


@require_safe
@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers at all."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when pages can be served, else 503 and what is missing.

    Late work is told but does not count as not ready: the worker is late then, and the pages say so themselves.
    """
    state: dict[str, object] = {"database": "ok", "migrations": "ok"}
    try:
        if waiting := _unapplied():
            state["migrations"] = f"{waiting} not applied"
        else:
            state["due_age_s"] = max((row[3] for row in measured() if row[0] == DUE_AGE), default=0)
    except DatabaseError:
        state["database"] = "not reachable"
        state["migrations"] = "unknown"
    is_ready = state["database"] == state["migrations"] == "ok"
    return JsonResponse({"ready": is_ready, **state}, status=200 if is_ready else 503)


def _unapplied() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text. For this machine, or for who has the token; for everybody else nothing is here."""
    if not _may_read(request):
        raise Http404
    return HttpResponse(prometheus_text(measured()), content_type="text/plain; version=0.0.4; charset=utf-8")


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    # A proxy on this machine makes everybody local.
    if settings.BEHIND_PROXY or "x-forwarded-for" in request.headers:
        return False
    return ipaddress.ip_address(request.META["REMOTE_ADDR"]).is_loopback


def measured() -> Iterator[Measurement]:
    """Everything the apps measure, now. Raises DatabaseError when the database is away."""
    yield "sledi_info", "The running version.", {"version": __version__}, 1
    now = datetime.now(UTC)
    for app in apps.get_app_configs():
        if app.name.startswith("sledi.") and find_spec(f"{app.name}.metrics"):
            yield from import_module(f"{app.name}.metrics").measurements(now)


def prometheus_text(measurements: Iterable[Measurement]) -> str:
    """The text exposition format 0.0.4: each name is described once, before its first sample."""
    samples: dict[str, list[str]] = {}
    for name, what, labels, value in measurements:
        kind = "counter" if name.endswith("_total") else "gauge"
        lines = samples.setdefault(name, [f"# HELP {name} {what}", f"# TYPE {name} {kind}"])
        lines.append(f"{name}{_label_text(labels)} {value:g}")
    return "".join(f"{line}\n" for lines in samples.values() for line in lines)


def _label_text(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    escaped = {
        name: text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
        for name, text in labels.items()
    }
    return "{" + ",".join(f'{name}="{text}"' for name, text in escaped.items()) + "}"
