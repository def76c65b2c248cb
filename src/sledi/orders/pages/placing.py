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

from sledi.accounts.access import Access, members_only
from sledi.core.numbers.countries import ASSIGNED
from sledi.core.workflow import Field, Refused, Workflow
from sledi.core.workflow.fields import clean
from sledi.orders.moving import placing
from sledi.orders.moving.making import may_place
from sledi.orders.pages import places
from sledi.orders.pages.acts import key_in, reason_of
from sledi.orders.pages.forms import Control, Option, kind_of
from sledi.orders.reasons import REFUSALS
from sledi.web.countries import country_name
from sledi.web.indexing import noindex

LINES_BEGUN, LINES_MAX = 1, 50
"""Lines of a new form, and of one form at most; whoever has more sends a file."""

_LABELS: Mapping[str, "str | Promise"] = MappingProxyType(
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
        *("name", "quantity", "unit_price"),
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

    @property
    def has_more_to_see(self) -> bool:
        """Whether what is folded has to stand open: something in it is wrong or was filled in."""
        return any(one.error or one.value for one in self.more)


@dataclass(frozen=True, slots=True)
class _Typed:
    """What somebody typed: the facts of the order, and of each line."""

    facts: Mapping[str, Any]
    lines: Sequence[Mapping[str, Any]]


@require_http_methods(["GET", "POST"])
@noindex
@members_only
def place(request: HttpRequest, access: Access) -> HttpResponse:
    """The form of a new order; a line more or less of it; the order."""
    workflow = places.workflow_of(access)
    if "order" not in workflow.levels or not may_place(workflow, access.role):
        raise Http404
    if request.method == "GET":
        return _page(request, access, workflow, _Typed({}, [_EMPTY] * LINES_BEGUN))
    typed = _typed(request.POST, access)
    act = request.POST.get("act", "place")
    if act == "add":
        return _page(request, access, workflow, replace(typed, lines=[*typed.lines, _EMPTY][:LINES_MAX]))
    if (gone := _DROP.fullmatch(act)) is not None:
        kept = [line for index, line in enumerate(typed.lines) if index != int(gone[1])]
        return _page(request, access, workflow, replace(typed, lines=kept or [_EMPTY]))
    return _placed(request, access, workflow, typed)


def _placed(request: HttpRequest, access: Access, workflow: Workflow, typed: _Typed) -> HttpResponse:
    wrong = dict(_problems(access, typed))
    if wrong:
        return _page(request, access, workflow, typed, wrong, status=422)
    items = [line for line in typed.lines if _is_begun(line)] or list(typed.lines[:1])
    try:
        placed = placing.place(
            access, typed.facts, items, at=datetime.now(UTC), cause="web", key=key_in(request.POST)
        )
    except REFUSALS as refusal:
        reason = reason_of(refusal, access)
        return _page(
            request,
            access,
            workflow,
            replace(typed, lines=items),
            {_control_of(reason.field): _named(reason.words, reason.field)},
            status=reason.status,
        )
    messages.success(request, _("The order is placed."))
    return redirect("orders:thing", access.business.slug, "orders", placed.number)


def _problems(access: Access, typed: _Typed) -> Iterator[tuple[str, str]]:
    """Every field that is not right, by the name of its control, and why. A line nobody began is none."""
    order, item = placing.fields_for(access.role)
    for prefix, fields, values in (
        ("", order, typed.facts),
        *((f"items-{index}-", item, line) for index, line in enumerate(typed.lines)),
    ):
        if prefix and len(typed.lines) > 1 and not _is_begun(values):
            continue
        for field in fields:
            try:
                clean((field,), {field.key: values.get(field.key, "")}, access.business.currency)
            except Refused as refused:
                yield f"{prefix}{field.key}", _named(reason_of(refused, access).words, field.key)


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
    lines = [form.part(item, line, index) for index, line in enumerate(typed.lines)]
    known = [form.part(order, typed.facts), *lines]
    shown = {control.key for part in known for control in (*part.first, *part.more)}
    page = {
        "order": known[0],
        "lines": lines,
        "can_add": len(lines) < LINES_MAX,
        "key": request.POST.get("key", "") or str(uuid4()),
        "wrong": [(key, said) for key, said in wrong.items() if key in shown],
        "refusal": next((said for key, said in wrong.items() if key not in shown), ""),
        "countries": sorted(
            ((code, country_name(code, language)) for code in ASSIGNED), key=lambda one: one[1]
        ),
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
        ]
        return Part(
            index,
            tuple(one for key, one in controls if _comes_first(key, one)),
            tuple(one for key, one in controls if not _comes_first(key, one)),
        )

    def _control(self, field: Field, values: Mapping[str, Any], index: int, level: str) -> Control:
        name = field.key if index < 0 else f"items-{index}-{field.key}"
        value = values.get(field.key, "")
        label = str(_LABELS.get(field.key, field.key))
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
            hint=_("Two letters, as KZ; typing the name finds them.") if field.key in _COUNTRIES_OF else "",
            length_max=field.max_length,
            options=options,
        )

    def _kind(self, field: Field, *, is_choice: bool) -> str:
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
    )


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


def _named(said: str, field: str) -> str:
    """A refusal with the field's label where it has the key: programs read keys, people labels."""
    key = field.rpartition("/")[2]
    label = str(_LABELS.get(key, key))
    return re.sub(rf"(?<=[«„“]){re.escape(key)}(?=[»“”])", lambda _found: label, said) if key else said


_LINE = re.compile(r"items-(\d{1,3})-")
_DROP = re.compile(r"drop-(\d{1,3})")
