"""Where carriers send news: check the signature over the raw bytes, keep, ingest, and only then acknowledge."""

import logging
from datetime import UTC, datetime
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from sledi.carriers import carrier, has_adapter
from sledi.core.carrier import CarrierError, PushingCarrier, Reply
from sledi.tracking import lines
from sledi.tracking.replies import take_push

log = logging.getLogger(__name__)


@csrf_exempt  # the signature is the proof
@require_POST
def receive(request: HttpRequest, slug: str) -> HttpResponse:
    """Take in one push. 404 for carriers that do not push, 403 without a good signature, 422 unreadable."""
    module = cast("PushingCarrier", carrier(slug)) if has_adapter(slug) else None
    if module is None or all(call.role != "push" for call in module.CALLS):
        return HttpResponse(status=404)
    body = request.body
    headers = {name.lower(): value for name, value in request.headers.items()}
    if not module.verify(headers, body, lines.account(slug)):
        log.warning("a push for %s with a wrong signature was refused", slug)
        return HttpResponse(status=403)
    now = datetime.now(UTC)
    try:
        take_push(slug, Reply(status=200, body=body, kind="push", headers=headers), now)
    except CarrierError as problem:
        log.warning("a push of %s could not be taken in: %s", slug, problem)
        return HttpResponse(status=422)
    return HttpResponse(module.ACKNOWLEDGEMENT, content_type="application/json")
