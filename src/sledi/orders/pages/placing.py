"""Placing an order by form: the same fields as the API takes, several items, a line more without scripting.

Whatever is wrong stands beside its field, and what was typed stays. The form has a key of its own, so whoever presses
twice places one order.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sledi.accounts import addresses, roles
from sledi.accounts.access import Access, members_only
from sledi.accounts.models import Address
from sledi.catalogue import queries as catalogue
from sledi.catalogue.models import Product
from sledi.core.workflow import Field, Refused, Workflow
from sledi.core.workflow.fields import clean
from sledi.orders.moving import choosing, placing
from sledi.orders.moving.making import may_place
from sledi.orders.pages import places
from sledi.orders.pages.acts import key_in, reason_of
from sledi.orders.pages.forms import Control, Option, kind_of, labelled
from sledi.orders.pages.products import Goods, goods_of
from sledi.orders.reasons import REFUSALS
from sledi.web.countries import countries, country_name
from sledi.web.indexing import noindex

LINES_BEGUN, LINES_MAX, CODE_LENGTH_MAX = 1, 50, 64
"""Lines of a new form, and of one form at most; whoever has more sends a file."""

LABELS: Mapping[str, "str | Promise"] = MappingProxyType(
    {
        "reference": gettext_lazy("Your own number of the order"),
        "currency": gettext_lazy("Currency"),
        "recipient_name": gettext_lazy("Name of the recipient"),
        "recipient_email": gettext_lazy("E-mail of the recipient"),
        "recipient_phone": gettext_lazy("Telephone of the recipient"),
        "postcode": gettext_lazy("Postcode"),
        "region": gettext_lazy("Region"),
        "city": gettext_lazy("Town"),
        "street": gettext_lazy("Street, house, flat"),
        "destination": gettext_lazy("Country it goes to"),
        "mode": gettext_lazy("How it is received"),
        "method": gettext_lazy("Delivery method"),
        "is_cash_on_delivery": gettext_lazy("Paid on delivery"),
        "recipient": gettext_lazy("Account of the recipient (e-mail)"),
        "seller": gettext_lazy("Account of the seller (e-mail)"),
        "buyer": gettext_lazy("Account of the buyer (e-mail)"),
        "buyer_email": gettext_lazy("E-mail of a buyer without an account"),
        "reseller": gettext_lazy("Account of the reseller (e-mail)"),
        "shipping": gettext_lazy("Price of the delivery"),
        "is_untracked": gettext_lazy("Goes without tracking"),
        "processing_days": gettext_lazy("Days until it is sent"),
        "marks": gettext_lazy("Marks"),
        "product": gettext_lazy("Product code"),
        "name": gettext_lazy("Name of the item"),
        "quantity": gettext_lazy("Pieces"),
        "unit_price": gettext_lazy("Price of a piece"),
        "category": gettext_lazy("Category"),
        "country": gettext_lazy("Country it is bought in"),
        "weight_g": gettext_lazy("Weight of a piece, g"),
        "fee": gettext_lazy("Fee for all pieces"),
    }
)
_FIRST = frozenset(
    {
        *("recipient_name", "recipient_email", "recipient_phone", "destination", "mode", "method"),
        *placing.ADDRESS,
        *(choosing.PRODUCT, "name", "quantity", "unit_price"),
    }
)
"""What most orders need; the rest is folded."""
_OFFERED = frozenset({"mode", "method"})
_EMPTY: Mapping[str, str] = MappingProxyType({"quantity": "1"})
_COUNTRIES_OF = frozenset({"destination", "country"})


@dataclass(frozen=True, slots=True)
class Part:
    """The controls of the order itself, or of one line of it; those that are seldom needed apart."""

    index: int
    first: tuple[Control, ...]
    more: tuple[Control, ...]
    address: tuple[Control, ...] = ()
    goods: Goods | None = None  # of a line that a product was chosen for: what is copied from it
    unseen: tuple[tuple[str, str], ...] = ()  # what the form carries along

    @property
    def has_more_to_see(self) -> bool:
        """Whether what is folded has to stand open: something in it is wrong or was filled in."""
        return any(one.error or one.value for one in self.more)


@dataclass(frozen=True, slots=True)
class AddressLine:
    """An address of one's book as it is read."""

    id: str
    name: str
    said: str
    phone: str
    is_usual: bool


@dataclass(frozen=True, slots=True)
class _Typed:
    """What somebody typed: the facts of the order, and of each line."""

    facts: Mapping[str, Any]
    lines: Sequence[Mapping[str, Any]]
    chosen: str = ""  # an address of one's book; else the one that is typed counts
    is_kept: bool = False

    @property
    def supplied(self) -> Mapping[str, Any]:
        """The facts of the order: of address and typed address the one that counts."""
        if not self.chosen:
            return self.facts
        rest = {key: value for key, value in self.facts.items() if key not in addresses.KEYS}
        return rest | {placing.FROM_BOOK: self.chosen}


@require_http_methods(["GET", "POST"])
@noindex
@members_only
def place(request: HttpRequest, access: Access) -> HttpResponse:
    """The form of a new order; a line more or less of it; the order."""
    workflow = access.business.workflow
    if "order" not in workflow.levels or not may_place(workflow, access.role):
        raise Http404
    if request.method == "GET":
        usual = next((one for one in addresses.book(access) if one.is_usual), None)
        line = {**_EMPTY, choosing.PRODUCT: request.GET.get("product", "")[:CODE_LENGTH_MAX]}
        begun = _Typed({}, [line] * LINES_BEGUN, str(usual.pk) if usual else "")
        return _page(request, access, workflow, begun)
    typed = _typed(request.POST, access)
    act = request.POST.get("act", "place")
    if act == "add":
        return _page(request, access, workflow, replace(typed, lines=[*typed.lines, _EMPTY][:LINES_MAX]))
    if (gone := _DROP.fullmatch(act)) is not None:
        kept = [line for index, line in enumerate(typed.lines) if index != int(gone[1])]
        return _page(request, access, workflow, replace(typed, lines=kept or [_EMPTY]))
    return _placed(request, access, workflow, typed)


def _placed(request: HttpRequest, access: Access, workflow: Workflow, typed: _Typed) -> HttpResponse:
    wrong = dict(_problems(access, typed)) or dict(_prices_not_seen(access, typed))
    if wrong:
        return _page(request, access, workflow, typed, wrong, status=422)
    items = [line for line in typed.lines if _is_begun(line)] or list(typed.lines[:1])
    try:
        placed = placing.place(
            access, typed.supplied, items, at=datetime.now(UTC), cause="web", key=key_in(request.POST)
        )
    except REFUSALS as refusal:
        reason = reason_of(refusal, access)
        return _page(
            request,
            access,
            workflow,
            replace(typed, lines=items),
            {_control_of(reason.field): labelled(reason.words, reason.field, LABELS)},
            status=reason.status,
        )
    messages.success(request, _("The order is placed."))
    if typed.is_kept and not typed.chosen:
        _keep(request, access, typed)
    return redirect("orders:thing", access.business.slug, "orders", placed.number)


def _keep(request: HttpRequest, access: Access, typed: _Typed) -> None:
    """Write the typed address into one's book. The order is placed, whatever comes of it."""
    try:
        addresses.add(access, {key: typed.facts.get(key, "") for key in addresses.KEYS}, at=datetime.now(UTC))
    except Refused as refused:
        why = labelled(reason_of(refused, access).words, refused.field, LABELS)
        messages.warning(request, _("The address was not kept: %(why)s") % {"why": why})


def _problems(access: Access, typed: _Typed) -> Iterator[tuple[str, str]]:
    """Every field that is not right, by the name of its control, and why. A line nobody began is none."""
    order, item = placing.fields_for(access.role)
    for prefix, fields, values in (
        ("", order, typed.supplied),
        *((f"items-{index}-", item, line) for index, line in enumerate(typed.lines)),
    ):
        if prefix and len(typed.lines) > 1 and not _is_begun(values):
            continue
        for field in placing.item_fields_of(fields, values) if prefix else fields:
            try:
                clean((field,), {field.key: values.get(field.key, "")}, access.business.currency)
            except Refused as refused:
                yield f"{prefix}{field.key}", labelled(reason_of(refused, access).words, field.key, LABELS)


def _prices_not_seen(access: Access, typed: _Typed) -> Iterator[tuple[str, str]]:
    """Products chosen by their code: what they cost has to be seen before they are ordered."""
    known = choosing.products_in(access, typed.lines)
    for index, line in enumerate(typed.lines):
        if line.get(choosing.PRODUCT, "").upper() in known and not line.get(choosing.PRICE):
            yield f"items-{index}-seen", _("Now you see what it costs. Look at it, then place the order.")


def _page(
    request: HttpRequest,
    access: Access,
    workflow: Workflow,
    typed: _Typed,
    wrong: Mapping[str, str] = MappingProxyType({}),
    *,
    status: int = 200,
) -> HttpResponse:
    order, item = placing.fields_for(access.role)
    language = get_language() or "en"
    form = _Form(workflow, access.business.currency, language, wrong)
    chosen_goods = choosing.products_in(access, typed.lines)
    lines = [
        form.product_part(access, item, line, index, goods)
        if (goods := chosen_goods.get(line.get(choosing.PRODUCT, "").upper()))
        else form.part(item, line, index)
        for index, line in enumerate(typed.lines)
    ]
    known = [form.part(order, typed.facts), *lines]
    shown = {control.key for part in known for control in (*part.first, *part.address, *part.more)}
    book = addresses.book(access)
    chosen = typed.chosen if typed.chosen in {str(one.pk) for one in book} else ""
    page = {
        "order": known[0],
        "lines": lines,
        "can_add": len(lines) < LINES_MAX,
        "key": request.POST.get("key", "") or str(uuid4()),
        "wrong": [(key, said) for key, said in wrong.items() if key in shown],
        "refusal": next((said for key, said in wrong.items() if key not in shown), ""),
        "countries": countries(language),
        "products": catalogue.offered(access),
        "book": [line_of(one) for one in book],
        "chosen": chosen,
        "can_keep": access.role not in roles.STAFF and len(book) < addresses.ADDRESSES_MAX,
        "is_kept": typed.is_kept,
        "back": reverse("orders:things", args=[access.business.slug, "orders"]),
    }
    return render(request, "orders/placing.html", places.frame_of(access, "orders") | page, status=status)


@dataclass(frozen=True, slots=True)
class _Form:
    """Makes the controls of one form."""

    workflow: Workflow
    currency: str
    language: str
    wrong: Mapping[str, str]

    def part(self, fields: Sequence[Field], values: Mapping[str, Any], index: int = -1) -> Part:
        level = "order" if index < 0 else "item"
        controls = [
            (field.key, self._control(field, values, index, level))
            for field in fields
            if field.key != "marks" or self.workflow.marks(level)
            if field.key != choosing.PRODUCT or self.workflow.describers
        ]
        of_address = frozenset(addresses.KEYS) if level == "order" else frozenset()
        others = [(key, one) for key, one in controls if key not in of_address]
        return Part(
            index,
            tuple(one for key, one in others if _comes_first(key, one)),
            tuple(one for key, one in others if not _comes_first(key, one)),
            tuple(one for key, one in controls if key in of_address),
        )

    def product_part(
        self, access: Access, fields: Sequence[Field], values: Mapping[str, Any], index: int, product: Product
    ) -> Part:
        """A line that a product was chosen for: how many, and of the staff at what price."""
        price, is_own = str(product.price.decimal), access.role in choosing.OF_ITSELF
        asked = {"quantity"} if is_own else {"quantity", choosing.PRICE, "fee"}
        said = {**values, choosing.PRICE: values.get(choosing.PRICE) or price}
        seen = {choosing.PRODUCT: product.code, **({choosing.PRICE: price} if is_own else {})}
        return Part(
            index,
            tuple(self._control(one, said, index, "item") for one in fields if one.key in asked),
            (),
            goods=goods_of(product, access, self.language),
            unseen=tuple((f"items-{index}-{key}", value) for key, value in seen.items()),
        )

    def _control(self, field: Field, values: Mapping[str, Any], index: int, level: str) -> Control:
        name = field.key if index < 0 else f"items-{index}-{field.key}"
        value = values.get(field.key, "")
        label = str(LABELS.get(field.key, field.key))
        if field.type == "money":
            label = f"{label}, {self.currency}"
        options = tuple(self._options(field.key, level, value))
        return Control(
            key=name,
            kind=self._kind(field, is_choice=bool(options)),
            label=label,
            is_required=not field.is_optional,
            value=value,
            error=self.wrong.get(name, ""),
            hint=self._hint(field.key),
            length_max=field.max_length,
            options=options,
        )

    def _hint(self, key: str) -> str:
        if key in _COUNTRIES_OF:
            return _("Two letters, as KZ; typing the name finds them.")
        if key == choosing.PRODUCT:
            return _("Of a product from our list everything but the pieces is copied: leave the rest empty.")
        return ""

    def _kind(self, field: Field, *, is_choice: bool) -> str:
        if field.key == choosing.PRODUCT:
            return "product"
        if field.key in _COUNTRIES_OF:
            return "country"
        if field.key == "marks":
            return "many"
        if is_choice:
            return "choice"
        return "line" if field.type == "text" else kind_of(field)

    def _options(self, key: str, level: str, value: str) -> Iterator[Option]:
        """What the profile offers: its ways to receive, its delivery methods, its marks."""
        for choice, label in self._offered(key, level):
            said = self.workflow.words(label, self.language) or choice
            is_chosen = choice in value.split() if key == "marks" else choice == value
            yield Option(choice, said, is_chosen)

    def _offered(self, key: str, level: str) -> Iterator[tuple[str, Mapping[str, str]]]:
        if key == "marks":
            yield from self.workflow.marks(level).items()
        elif key == "method":
            yield from ((name, method.label) for name, method in self.workflow.methods.items())
        elif key == "mode":
            asked = [field for move in self.workflow.transitions("order").values() for field in move.fields]
            yield from next((one.choices for one in asked if one.key == key and one.choices), {}).items()


def _typed(data: QueryDict, access: Access) -> _Typed:
    """What a form brought, by the names of the fields; lines in the order of their numbers."""
    order, item = placing.fields_for(access.role)
    count = 1 + max((int(found[1]) for name in data if (found := _LINE.match(name))), default=0)
    return _Typed(
        {field.key: _value(data, field.key) for field in order},
        [
            {field.key: _value(data, f"items-{index}-{field.key}") for field in item}
            for index in range(min(count, LINES_MAX))
        ],
        data.get("address", "").strip(),
        data.get("keep") == "true",
    )


def line_of(found: Address) -> AddressLine:
    """An address of the book as people of this language read it."""
    parts = [found.postcode, found.region, found.city, found.street]
    country = country_name(found.destination, get_language() or "en")
    said = ", ".join([*filter(None, parts), country])
    return AddressLine(str(found.pk), found.recipient_name, said, found.recipient_phone, found.is_usual)


def _is_begun(line: Mapping[str, Any]) -> bool:
    """Whether somebody typed anything into a line; its one piece stands there already."""
    return any(value for key, value in line.items() if key not in _EMPTY)


def _comes_first(key: str, control: Control) -> bool:
    """Whether most orders need it; a choice only where the profile offers one."""
    return key in _FIRST and (key not in _OFFERED or bool(control.options))


def _value(data: QueryDict, name: str) -> str:
    """What was typed; several ticked boxes of one name are parted by spaces."""
    return " ".join(data.getlist(name)).strip()


def _control_of(field: str) -> str:
    """The control's name of a field as ``placing`` names it: ``items/0/name``."""
    return field.replace("/", "-")


_LINE = re.compile(r"items-(\d{1,3})-")
_DROP = re.compile(r"drop-(\d{1,3})")
