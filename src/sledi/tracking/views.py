"""The operators' pages: carriers' health and the mapping desk."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sledi.accounts.views import operators_only
from sledi.tracking import health as desk


@never_cache
@require_safe
@operators_only
def health(request: HttpRequest) -> HttpResponse:
    """How the line to each carrier is."""
    now = datetime.now(UTC)
    return render(request, "tracking/health.html", {"carriers": desk.carriers_health(now), "now": now})


@never_cache
@require_safe
@operators_only
def mapping(request: HttpRequest) -> HttpResponse:
    """Words of carriers that no rule knows."""
    return render(request, "tracking/mapping.html", {"words": desk.unmapped_words()})
