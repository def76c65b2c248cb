"""The pages of goods: what is on sale, each product, and the forms of those who describe it. Guests read them, too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sledi.accounts.access import Access, members_only, of_request
from sledi.catalogue import operations, queries
from sledi.catalogue.models import Product
from sledi.catalogue.refusals import NoSuchProduct, StaleProduct
from sledi.core.workflow import Field, Workflow
from sledi.orders.moving.making import may_place
from sledi.orders.pages import places
from sledi.orders.pages.acts import reason_of
from sledi.orders.pages.forms import Control, Option, kind_of, labelled, whole
from sledi.orders.reading import products as reading
from sledi.orders.reasons import REFUSALS
from sledi.orders.showing import amount, preparation
from sledi.web.countries import countries, country_name
from sledi.web.indexing import noindex

PAGE_SIZE = 50
_LABELS: Mapping[str, "str | Promise"] = MappingProxyType(
    {
        "code": gettext_lazy("Product code"),
        "name": gettext_lazy("Name of the product"),
        "price": gettext_lazy("Price of a piece"),
        "currency": gettext_lazy("Currency"),
        "description": gettext_lazy("Description"),
        "processing_days_min": gettext_lazy("Days until it is sent, at least"),
        "processing_days_max": gettext_lazy("Days until it is sent, at most"),
        "marks": gettext_lazy("Marks"),
        "category": gettext_lazy("Category"),
        "country": gettext_lazy("Country it is bought in"),
        "weight_g": gettext_lazy("Weight of a piece, g"),
        "seller": gettext_lazy("Account of the seller (e-mail)"),
        "is_on_sale": gettext_lazy("On sale"),
    }
)
_FOLDED = frozenset({"category", "country", "weight_g", "currency", "seller"})
"""What most products need not say."""


@dataclass(frozen=True, slots=True)
class Goods:
    """A product as its reader meets it."""

    code: str
    name: str
    address: str
    price: str
    time: str
    marks: tuple[str, ...]
    is_on_sale: bool
    description: str = ""
    facts: tuple[tuple[str, str], ...] = ()


@require_safe
@noindex
def products(request: HttpRequest, business: str) -> HttpResponse:
    """What is on sale, the newest first; who describes goods sees what is off sale, too."""
    access = _reader(request, business)
    query = request.GET.get("q", "")[: queries.SEARCH_LENGTH_MAX].strip()
    cursor = request.GET.get("from", "")[:40]
    try:
        found = queries.product_list(access, search=query, cursor=cursor, size=PAGE_SIZE)
    except queries.WrongCursor as problem:
        raise BadRequest(str(problem)) from problem
    address = reverse("orders:products", args=[access.business.slug])
    kept = {"q": query} if query else {}
    page = {
        "goods": [goods_of(product, access, _language()) for product in found.rows],
        "query": query,
        "address": address,
        "first": _with(address, kept) if cursor else "",
        "later": _with(address, {**kept, "from": found.next_cursor}) if found.next_cursor else "",
        "may_describe": queries.may_describe(access),
    }
    return render(request, "orders/products.html", places.frame_of(access, "products") | page)


@require_safe
@noindex
def product(request: HttpRequest, business: str, code: str) -> HttpResponse:
    """One product. Of the seller it says nothing but what the seller said of it."""
    access = _reader(request, business)
    found = _found(access, code)
    may_order = may_place(access.business.workflow, access.role) if access.is_member else False
    page = {
        "goods": goods_of(found, access, _language(), is_whole=True),
        "can_order": found.is_on_sale and (may_order or not request.user.is_authenticated),
        "may_change": queries.may_describe(access, found),
        "version": found.version,
    }
    return render(request, "orders/product.html", places.frame_of(access, "products") | page)


@require_http_methods(["GET", "POST"])
@noindex
@members_only
def new(request: HttpRequest, access: Access) -> HttpResponse:
    """The form of a new product."""
    if not queries.may_describe(access):
        raise Http404
    fields = operations.fields_for(access.role, is_new=True)
    if request.method == "GET":
        return _form(request, access, fields, {"is_on_sale": "true"}, None)
    typed = _typed(request, fields)
    try:
        made = operations.describe(access, typed, at=datetime.now(UTC), cause="web")
    except REFUSALS as refusal:
        return _refused(request, access, fields, typed, None, refusal)
    messages.success(request, _("The product is described."))
    return redirect("orders:product", access.business.slug, made.code)


@require_http_methods(["GET", "POST"])
@noindex
@members_only
def description(request: HttpRequest, access: Access, code: str) -> HttpResponse:
    """The form by which a product is changed. Orders keep what they copied."""
    found = _own(access, code)
    fields = operations.fields_for(access.role, is_new=False)
    if request.method == "GET":
        return _form(request, access, fields, _said_of(found), found)
    typed = _typed(request, fields)
    try:
        operations.change(
            access, code, typed, at=datetime.now(UTC), cause="web", expected_version=_version(request)
        )
    except REFUSALS as refusal:
        return _refused(request, access, fields, typed, _own(access, code), refusal)
    messages.success(request, _("The changes are saved. Orders placed before keep what they were promised."))
    return redirect("orders:product", access.business.slug, found.code)


@require_POST
@noindex
@members_only
def sale(request: HttpRequest, access: Access, code: str) -> HttpResponse:
    """Put a product on sale, or take it off."""
    found = _own(access, code)
    said = {"is_on_sale": request.POST.get("is_on_sale", "")[:10]}
    try:
        changed = operations.change(
            access, code, said, at=datetime.now(UTC), cause="web", expected_version=_version(request)
        )
    except REFUSALS as refusal:
        messages.error(request, reason_of(refusal, access).words)
    else:
        messages.success(
            request, _("The product is on sale.") if changed.is_on_sale else _("The product is off sale.")
        )
    return redirect("orders:product", access.business.slug, found.code)


def goods_of(product: Product, access: Access, language: str, *, is_whole: bool = False) -> Goods:
    """A product in the words of one reader."""
    workflow = access.business.workflow
    promised = reading.promised_of(product, workflow)
    marks = workflow.marks("item")
    return Goods(
        code=product.code,
        name=product.name,
        address=reverse("orders:product", args=[access.business.slug, product.code]),
        price=amount(product.price, language),
        time=preparation(promised, language) if promised else "",
        marks=tuple(workflow.words(marks[key], language) for key in product.marks if key in marks),
        is_on_sale=product.is_on_sale,
        description=product.description,
        facts=tuple(_facts(product, language)) if is_whole else (),
    )


def _facts(product: Product, language: str) -> Sequence[tuple[str, str]]:
    told = (
        (_("Product code"), product.code),
        (_("Category"), product.category),
        (_("Country it is bought in"), country_name(product.country, language) if product.country else ""),
        (_("Weight of a piece, g"), str(product.weight_g or "")),
    )
    return [(name, said) for name, said in told if said]


# --- who and what ---------------------------------------------------------------------------------------------


def _reader(request: HttpRequest, business: str) -> Access:
    """Who reads; guests may. Raises Http404 where no goods are described."""
    access = of_request(request, business)
    if not queries.has_catalogue(access.business):
        raise Http404
    return access


def _found(access: Access, code: str) -> Product:
    try:
        return reading.product_of(access, code)
    except NoSuchProduct:
        raise Http404 from None


def _own(access: Access, code: str) -> Product:
    """A product that this access may change. Raises Http404."""
    found = _found(access, code)
    if not queries.may_describe(access, found):
        raise Http404
    return found


# --- forms ----------------------------------------------------------------------------------------------------


def _form(
    request: HttpRequest,
    access: Access,
    fields: Sequence[Field],
    typed: Mapping[str, str],
    changed: Product | None,
    wrong: tuple[str, str] = ("", ""),
    status: int = 200,
) -> HttpResponse:
    """``wrong``: the field that is not right, and why."""
    language, slug = _language(), access.business.slug
    currency = changed.currency if changed else access.business.currency
    workflow = access.business.workflow
    controls = [
        _control(field, typed, workflow, currency, language, wrong)
        for field in fields
        if field.key != "marks" or workflow.marks("item")
    ]
    folded = [one for one in controls if one.key in _FOLDED]
    page: dict[str, Any] = {
        "controls": [one for one in controls if one.key not in _FOLDED],
        "folded": folded,
        "is_open": any(one.error for one in folded),
        "refusal": wrong[1],
        "product": changed,
        "back": reverse("orders:product", args=[slug, changed.code])
        if changed
        else reverse("orders:products", args=[slug]),
        "countries": countries(language),
    }
    return render(
        request, "orders/product_form.html", places.frame_of(access, "products") | page, status=status
    )


def _refused(
    request: HttpRequest,
    access: Access,
    fields: Sequence[Field],
    typed: Mapping[str, str],
    changed: Product | None,
    refusal: Any,
) -> HttpResponse:
    reason = reason_of(refusal, access)
    said = labelled(reason.words, reason.field, _LABELS)
    status = 409 if isinstance(refusal, StaleProduct) else reason.status
    return _form(request, access, fields, typed, changed, (reason.field, said), status)


def _control(
    field: Field,
    typed: Mapping[str, str],
    workflow: Workflow,
    currency: str,
    language: str,
    wrong: tuple[str, str],
) -> Control:
    value, label = typed.get(field.key, ""), str(_LABELS[field.key])
    kinds = {"country": "country", "marks": "many", "description": "box", "is_on_sale": "yes"}
    kind = kinds.get(field.key) or ("line" if field.type == "text" else kind_of(field))
    marks = workflow.marks("item").items() if field.key == "marks" else ()
    hints = {
        "country": _("Two letters, as KZ; typing the name finds them."),
        "code": _("It stands in the address and in orders, and stays as it is."),
        "processing_days_min": _("Leave it empty where one number says it."),
    }
    return Control(
        key=field.key,
        kind=kind,
        label=f"{label}, {currency}" if field.type == "money" else label,
        is_required=not field.is_optional,
        value=value,
        error=wrong[1] if field.key == wrong[0] else "",
        hint=hints.get(field.key, ""),
        length_max=field.max_length,
        options=tuple(
            Option(key, workflow.words(said, language), key in value.split()) for key, said in marks
        ),
    )


def _said_of(product: Product) -> dict[str, str]:
    """What is said of a product, as its form shows it."""
    return {
        "name": product.name,
        "price": str(product.price.decimal),
        "currency": product.currency,
        "description": product.description,
        "processing_days_min": str(product.processing_days_min or ""),
        "processing_days_max": str(product.processing_days_max or ""),
        "marks": " ".join(product.marks),
        "category": product.category,
        "country": product.country,
        "weight_g": str(product.weight_g or ""),
        "seller": product.seller.email if product.seller else "",
        "is_on_sale": "true" if product.is_on_sale else "false",
    }


def _typed(request: HttpRequest, fields: Sequence[Field]) -> dict[str, str]:
    """What a form brought; several ticked boxes of one name are parted by spaces, one that is not ticked says no."""
    typed = {field.key: " ".join(request.POST.getlist(field.key)).strip() for field in fields}
    return {**typed, "is_on_sale": typed["is_on_sale"] or "false"}


def _version(request: HttpRequest) -> int | None:
    return whole(request.POST.get("version", ""))


def _with(address: str, query: Mapping[str, str]) -> str:
    return f"{address}?{urlencode(query)}" if query else address


def _language() -> str:
    return get_language() or "en"
