"""The warehouse's desk: scan a number, read what was received, and say what came that nobody waits for."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sledi.accounts.access import Access, members_only
from sledi.orders.moving import scanning
from sledi.orders.pages import places
from sledi.orders.pages.acts import reason_of
from sledi.orders.pages.forms import Control, control_of
from sledi.orders.reasons import REFUSALS
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
        return _page(request, access, {})
    move, field = scanning.scanned_move(access)
    typed = {one.key: request.POST.get(one.key, "") for one in move.fields}
    supplied = {key: text for key, text in typed.items() if key != field.key and text}
    try:
        found = scanning.scan(access, typed[field.key], supplied, at=datetime.now(UTC), cause="web")
    except REFUSALS as refusal:
        reason = reason_of(refusal, access)
        return _page(request, access, typed, refusal=reason.words, status=reason.status)
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
    request: HttpRequest,
    access: Access,
    typed: Mapping[str, str],
    *,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    page: dict[str, Any] = {
        "controls": _controls(access, typed),
        "refusal": refusal,
        "arrivals": scanning.waiting_arrivals(access)[:ARRIVALS_SHOWN],
    }
    return render(request, "orders/scans.html", places.frame_of(access, "scans") | page, status=status)


def _controls(access: Access, typed: Mapping[str, str]) -> list[Control]:
    """The number first: a scanner types it and presses Enter."""
    move, field = scanning.scanned_move(access)
    language, currency = get_language() or "en", access.business.currency
    fields = [field, *(one for one in move.fields if one is not field)]
    first, *others = [
        control_of(places.workflow_of(access), one, language, currency, typed) for one in fields
    ]
    return [replace(first, takes_focus=True), *others]
