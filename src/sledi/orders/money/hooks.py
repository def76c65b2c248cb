"""Where payment providers call back, and where buyers return to from a provider's page.

Neither waits for a provider: a callback that does not fit is only noted, and the worker asks about it.
"""

import logging
from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from sledi.core.money import Money
from sledi.orders.models import Checkout
from sledi.orders.money import checkouts, payment_provider
from sledi.orders.money.payment_provider import Unreadable

log = logging.getLogger(__name__)

BODY_BYTES_MAX = 64 * 1024
LOOK_AGAIN_S = 3


@csrf_exempt  # the signature is the proof
@require_POST
def receive(request: HttpRequest, provider: str) -> HttpResponse:
    """Take in one callback. 404 for a provider or checkout we do not know, 403 without a good and fresh signature,
    413 too long, 422 unreadable; 200 also when it was heard before."""
    known = payment_provider.provider(provider)
    if known is None:
        return HttpResponse(status=404)
    if len(request.body) > BODY_BYTES_MAX:
        return HttpResponse(status=413)
    now = datetime.now(UTC)
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        told = known.hear(headers, request.body, now)
    except Unreadable as problem:
        log.warning("a callback of %s could not be read: %s", provider, problem)
        return HttpResponse(status=422)
    if told is None:
        log.warning("a callback of %s without a good signature was refused", provider)
        return HttpResponse(status=403)
    if not checkouts.hear(provider, told, now):
        return HttpResponse(status=404)
    return JsonResponse({"ok": True})


@never_cache
@require_safe
def returned(request: HttpRequest, checkout: UUID) -> HttpResponse:
    """What became of a payment, for whoever comes back from paying; "being checked" until we have been told."""
    found = get_object_or_404(Checkout.objects.select_related("business", "order"), pk=checkout)
    checkouts.ask_soon(found, datetime.now(UTC))
    is_open = found.state in checkouts.UNSETTLED
    context = {"checkout": found, "money": Money(found.amount_minor, found.currency), "is_open": is_open}
    response = render(request, "orders/payment.html", context)
    if is_open:
        response["Refresh"] = str(LOOK_AGAIN_S)
    return response
