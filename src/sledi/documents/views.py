"""The pages of documents: what there is for an order, each as a PDF, and what a seller says of himself on paper.

``?language=`` chooses the language of a paper; ``?lang=``, as everywhere, that of the pages.
"""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import conditional_page, require_http_methods, require_safe

from sledi.accounts.access import Access, members_only
from sledi.core.workflow.vocabulary import ALL_DOCUMENTS
from sledi.documents import queries
from sledi.documents.details import FIELDS, NEEDED, TEXTS
from sledi.documents.operations import save_details
from sledi.documents.printing import Printed, UnknownLanguage, language_of, printed
from sledi.documents.refusals import NotPrintable, WrongDetails
from sledi.documents.telling import words_of
from sledi.orders.models import Order
from sledi.orders.pages import places
from sledi.orders.refusals import NotYours
from sledi.orders.showing import named
from sledi.web.indexing import noindex
from sledi.web.languages import LANGUAGES

TYPED_LENGTH_MAX = 4000


@require_safe
@never_cache
@noindex
@members_only
def documents(request: HttpRequest, access: Access, number: str) -> HttpResponse:
    """The documents of an order, each in every language, and all of them at once."""
    try:
        order = queries.order_of(access, number)
    except NotYours:
        raise Http404 from None
    return render(request, "documents/documents.html", _list(access, order))


@require_safe
@noindex
@members_only
@conditional_page
def document(request: HttpRequest, access: Access, number: str, key: str) -> HttpResponse:
    """One document, or all of an order, to be looked at and printed by the browser."""
    language = request.GET.get("language", "")
    try:
        found = printed(access, number, key, language, at=_now(), cause="web")
    except (NotYours, UnknownLanguage):
        raise Http404 from None
    except NotPrintable as problem:
        page = _list(access, queries.order_of(access, number)) | {"refusal": words_of(problem.reason)}
        return render(request, "documents/documents.html", page, status=409)
    return file_of(found)


def file_of(found: Printed) -> HttpResponse:
    """The answer with a file: for its reader's own cache alone, and asked for again each time."""
    response = HttpResponse(found.content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{found.name}"'
    response["Content-Language"] = found.language
    response["Cache-Control"] = "private, no-cache"
    return response


@require_http_methods(["GET", "POST"])
@never_cache
@noindex
@members_only
def details(request: HttpRequest, access: Access) -> HttpResponse:
    """Who the seller is on his papers."""
    try:
        seller_id = queries.own_id(access)
    except NotYours:
        raise Http404 from None
    wrong: dict[str, str] = {}
    present = queries.details_of(access.business, seller_id)
    typed = {key: _shown(getattr(present, key, None)) for key in FIELDS}
    if request.method == "POST":
        typed = {key: request.POST.get(key, "")[:TYPED_LENGTH_MAX] for key in FIELDS}
        try:
            save_details(access, typed, at=_now(), cause="web")
        except WrongDetails as problem:
            wrong = problem.wrong
        else:
            messages.success(request, _("What your documents say of you is saved."))
            return redirect("documents:details", access.business.slug)
    page = {
        "controls": [_control(key, typed[key], wrong.get(key, "")) for key in FIELDS],
        "is_wrong": bool(wrong),
        "is_known": present is not None,
    }
    status = 422 if wrong else 200
    return render(request, "documents/details.html", places.frame_of(access) | page, status=status)


def _list(access: Access, order: Order) -> dict[str, Any]:
    found = queries.offered(access, order)
    if not found:
        raise Http404
    workflow, slug = queries.workflow_of(order), access.business.slug

    def address(key: str, language: str = "") -> str:
        path = reverse("documents:document", args=[slug, order.number, key])
        return f"{path}?{urlencode({'language': language})}" if language else path

    return places.frame_of(access, "orders") | {
        "back_name": named("order", order.number),
        "back": reverse("orders:thing", args=[slug, "orders", order.number]),
        "documents": [
            {
                "label": workflow.words(one.paper.label, _language()),
                "number": one.issued.shown_number if one.issued else "",
                "hindered": words_of(one.hindered) if one.hindered else "",
                "address": address(one.key),
                "languages": [
                    (code, LANGUAGES[code], address(one.key, code))
                    for code in workflow.languages
                    if code != language_of(order, one.paper)
                ],
            }
            for one in found
        ],
        "all": address(ALL_DOCUMENTS) if sum(not one.hindered for one in found) > 1 else "",
        "details": _details_address(access, order)
        if any(one.hindered == "no_details" for one in found)
        else "",
    }


def _details_address(access: Access, order: Order) -> str:
    """Where this reader adds what is missing; "" when it is somebody else's to add."""
    try:
        is_own = queries.own_id(access) == queries.seller_id_of(order)
    except NotYours:
        return ""
    return reverse("documents:details", args=[access.business.slug]) if is_own else ""


def _control(key: str, value: str, error: str) -> dict[str, Any]:
    label, hint = _WORDS[key]
    return {
        "key": key,
        "label": label,
        "hint": hint,
        "value": value,
        "error": error,
        "is_required": key in NEEDED and key != "country",
        "is_box": TEXTS.get(key, 0) > 200,
        "length_max": TEXTS.get(key, 40),
    }


def _shown(value: object) -> str:
    return "" if value is None else str(value)


def _language() -> str:
    return get_language() or "en"


def _now() -> datetime:
    return datetime.now(UTC)


_WORDS = {
    "legal_name": (
        gettext_lazy("Name by law"),
        gettext_lazy("As it stands in the register: of the company, or your own."),
    ),
    "address": (gettext_lazy("Address"), ""),
    "country": (
        gettext_lazy("Country, two letters"),
        gettext_lazy("Left empty, it is that of the marketplace."),
    ),
    "company_number": (
        gettext_lazy("Company number"),
        gettext_lazy("Its number in the register of companies."),
    ),
    "vat_number": (
        gettext_lazy("VAT number"),
        gettext_lazy(
            "Empty when you are not registered: then receipts are printed in the place of invoices."
        ),
    ),
    "vat_percent": (
        gettext_lazy("Usual VAT rate, per cent"),
        gettext_lazy("Prices contain it. Goods with another rate say so themselves."),
    ),
    "warranty_months": (
        gettext_lazy("Your warranty, months"),
        gettext_lazy("Goods with another one say so themselves."),
    ),
    "warranty_terms": (
        gettext_lazy("Terms of your warranty"),
        gettext_lazy("Printed on every warranty card."),
    ),
}
