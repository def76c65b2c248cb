"""The warehouse's desk: scan a number, read what was received, and say what came that nobody waits for."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sledi.accounts.access import Access, members_only
from sledi.orders.models import Arrival
from sledi.orders.moving import scanning
from sledi.orders.moving.photos import TYPE as PHOTOS
from sledi.orders.pages import places
from sledi.orders.pages.acts import key_in, reason_of
from sledi.orders.pages.forms import Control, control_of, supplied_in, typed_in, with_photos
from sledi.orders.pages.photos import Strip, strip_of, taken_in
from sledi.orders.reasons import REFUSALS, Reason
from sledi.web.indexing import noindex

ARRIVALS_SHOWN = 100
REFERENCE_LENGTH_MAX = 60


@require_http_methods(["GET", "POST"])
@noindex
@members_only
def scans(request: HttpRequest, access: Access) -> HttpResponse:
    """Scan a number; the field is empty again for the next one, what came of this one stands above it."""
    if not scanning.may_scan(access):
        raise Http404
    if request.method == "GET":
        return _page(request, access, QueryDict())
    move, field = scanning.scanned_move(access)
    answers, problem = taken_in(request, access, move.fields, key_in(request.POST))
    supplied = {key: given for key, given in supplied_in(move, answers).items() if key != field.key and given}
    if problem:
        return _page(request, access, answers, problem)
    try:
        number = answers.get(field.key, "")
        found = scanning.scan(access, number, supplied, at=datetime.now(UTC), cause="web")
    except REFUSALS as refusal:
        return _page(request, access, answers, reason_of(refusal, access))
    _tell(request, access, found)
    return redirect(reverse("orders:scans", args=[access.business.slug]))


@require_POST
@noindex
@members_only
def identify(request: HttpRequest, access: Access, number: str) -> HttpResponse:
    """Say which item an unidentified arrival is."""
    if not scanning.may_scan(access):
        raise Http404
    item = request.POST.get("item", "")[:REFERENCE_LENGTH_MAX]
    try:
        found = scanning.attach(access, number, item, at=datetime.now(UTC), cause="web")
    except REFUSALS as refusal:
        messages.error(request, f"{item}: {reason_of(refusal, access).words}")
    else:
        _tell(request, access, found)
    return redirect(reverse("orders:scans", args=[access.business.slug]))


def _tell(request: HttpRequest, access: Access, found: scanning.Scanned) -> None:
    """What a scan came to, a line for each item."""
    if found.arrival is not None:
        said = _("%(number)s is carried by nothing here. Put it with the unidentified arrivals.")
        messages.warning(request, said % {"number": found.arrival.number})
    moved = {one.id: one for one in found.moved}
    for thing in places.find_many(access, "items", [str(pk) for pk in moved]):
        state = thing.workflow.states(thing.level).get(thing.subject.state)
        words = thing.workflow.words(state.label, get_language() or "en") if state else ""
        order = thing.order.number if thing.order else ""
        blanks = {"item": f"{order}.{thing.subject.number} {thing.name}", "state": words}
        messages.success(request, _("%(item)s: %(state)s") % blanks)


def _page(
    request: HttpRequest, access: Access, answers: QueryDict, refusal: Reason | None = None
) -> HttpResponse:
    arrivals = scanning.waiting_arrivals(access)[:ARRIVALS_SHOWN]
    page: dict[str, Any] = {
        "controls": with_photos(access, _controls(access, answers), answers),
        "refusal": refusal.words if refusal else "",
        "key": uuid4(),
        "arrivals": [(one, _photos(access, one)) for one in arrivals],
    }
    status = refusal.status if refusal else 200
    return render(request, "orders/scans.html", places.frame_of(access, "scans") | page, status=status)


def _photos(access: Access, arrival: Arrival) -> Strip:
    """Those that were taken when it came."""
    move, _field = scanning.scanned_move(access)
    ids = [pk for one in move.fields if one.type == PHOTOS for pk in arrival.fields.get(one.key, ())]
    return strip_of(arrival.number, ids, access.business.slug)


def _controls(access: Access, answers: QueryDict) -> list[Control]:
    """The number first: a scanner types it and presses Enter."""
    move, field = scanning.scanned_move(access)
    language, currency = get_language() or "en", access.business.currency
    typed = typed_in(move, answers)
    fields = [field, *(one for one in move.fields if one is not field)]
    first, *others = [control_of(access.business.workflow, one, language, currency, typed) for one in fields]
    return [replace(first, takes_focus=True), *others]
