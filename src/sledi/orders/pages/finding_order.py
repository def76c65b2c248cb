"""“Cannot find your order?”: e-mail and number, one neutral answer, and the page behind the link that is mailed."""

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sledi.accounts.access import Access, of_request
from sledi.core.workflow import Refused
from sledi.orders import lookups, reading
from sledi.orders.models import OrderLookup
from sledi.orders.pages import places
from sledi.orders.pages.acts import reason_of
from sledi.orders.pages.forms import Control, labelled
from sledi.orders.pages.recipient import only_read
from sledi.orders.pages.views import reader_of
from sledi.orders.refusals import NotYours
from sledi.tracking.allowance import TooMany
from sledi.tracking.clients import address_of
from sledi.web.indexing import noindex


@never_cache
@require_http_methods(["GET", "POST"])
@noindex
def find(request: HttpRequest, business: str) -> HttpResponse:
    """The form; then the same words for a right pair and a wrong one."""
    access = of_request(request, business)
    if not lookups.is_offered(access.business):
        raise Http404
    if request.method == "GET":
        return _form(request, access)
    email, number = request.POST.get("email", ""), request.POST.get("number", "")
    try:
        lookups.ask(
            access.business,
            email,
            number,
            language=get_language() or "en",
            client=address_of(request),
            at=_now(),
        )
    except Refused as refused:
        reason = reason_of(refused, access)
        return _form(
            request,
            access,
            {reason.field: labelled(reason.words, reason.field, _labels())},
            status=reason.status,
        )
    except TooMany as many:
        said = _("Too many orders were asked for from here, or for this address. Try again in an hour.")
        response = _form(request, access, {"": said}, status=429)
        response["Retry-After"] = str(int((many.retry_at - _now()).total_seconds()) + 1)
        return response
    page = {"email": email.strip(), "minutes": _MINUTES}
    return render(request, "orders/own/asked.html", places.frame_of(access) | page)


@never_cache
@require_http_methods(["GET", "POST"])
@noindex
def found(request: HttpRequest, business: str, token: str) -> HttpResponse:
    """A button that opens the order, for mail programs open links by themselves; then the order, in this browser."""
    access, now = of_request(request, business), _now()
    mark = f"lookup:{token}"
    if request.session.get(mark):
        lookup = lookups.opened(access.business, token, now)
        return _order(request, lookup, now) if lookup else _over(request, access)
    try:
        if request.method == "POST":
            lookups.claim(access.business, token, now)
            request.session[mark] = True
            return redirect("orders:found-order", business, token)
        lookups.waiting(access.business, token, now)
    except lookups.LinkInvalid:
        raise Http404 from None
    except lookups.LinkOver:
        return _over(request, access)
    return render(request, "orders/own/found.html", places.frame_of(access))


def _form(
    request: HttpRequest, access: Access, wrong: dict[str, str] | None = None, *, status: int = 200
) -> HttpResponse:
    faults, labels = wrong or {}, _labels()
    controls = [
        Control(
            key=field.key,
            kind="line",
            label=labels[field.key],
            is_required=True,
            value=request.POST.get(field.key, ""),
            hint=_("It stands in every mail about the order, as 7KQM-3XF4.") if field.key == "number" else "",
            error=faults.get(field.key, ""),
            length_max=field.max_length,
            takes_focus=field.key in faults,
            autocomplete="email" if field.key == "email" else "off",
        )
        for field in lookups.FIELDS
    ]
    page = {"controls": controls, "refusal": faults.get(""), "is_wrong": bool(faults), "minutes": _MINUTES}
    return render(request, "orders/own/find.html", places.frame_of(access) | page, status=status)


def _order(request: HttpRequest, lookup: OrderLookup, now: datetime) -> HttpResponse:
    access = lookups.access_of(lookup)
    try:
        page = reading.order_page(access, str(lookup.order_id), now)
    except NotYours:
        raise Http404 from None
    assert lookup.order is not None  # it was asked for and found, or there would be no link
    sheet = only_read(reader_of(access, lookup.order.currency).order_sheet(page))
    return render(request, "orders/recipient.html", {"access": access, "page": sheet})


def _over(request: HttpRequest, access: Access) -> HttpResponse:
    again = reverse("orders:find-order", args=[access.business.slug])
    return render(request, "orders/own/over.html", places.frame_of(access) | {"again": again}, status=410)


def _labels() -> dict[str, str]:
    return {"email": _("E-mail you gave with the order"), "number": _("Number of the order")}


def _now() -> datetime:
    return datetime.now(UTC)


_MINUTES = int(lookups.LINK_VALID.total_seconds()) // 60
