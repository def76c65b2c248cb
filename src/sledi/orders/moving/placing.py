"""A new order as it comes from outside: fields cleaned by name, people found by e-mail, placed once for a reference."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from sledi import profiles
from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.accounts.models import Membership
from sledi.core import money
from sledi.core.numbers.countries import ASSIGNED
from sledi.core.workflow import Field, Refused, Workflow
from sledi.core.workflow.fields import clean
from sledi.core.workflow.refusals import words
from sledi.database.keys import uuid7
from sledi.orders.models import Idempotency
from sledi.orders.moving.idempotency import KEY_LENGTH_MAX
from sledi.orders.moving.making import ITEMS_MAX, Line, create_order
from sledi.orders.refusals import KeyUsedOtherwise

_COUNTRIES: Mapping[str, Mapping[str, str]] = {country: {} for country in sorted(ASSIGNED)}


def _field(key: str, type: str, *, is_optional: bool = True, **limits: Any) -> Field:  # noqa: A002
    return Field(key, type, {"en": key}, is_optional=is_optional, **limits)


ADDRESS = ("postcode", "region", "city", "street")
PEOPLE = ("buyer", "reseller", "seller", "recipient")
ORDER_FIELDS = (
    _field("reference", "code", max_length=100),
    _field("currency", "code", max_length=3),
    _field("recipient_name", "text", max_length=200),
    _field("recipient_email", "text", max_length=254),
    _field("recipient_phone", "text", max_length=40),
    *(_field(key, "text", max_length=200) for key in ADDRESS),
    _field("destination", "choice", choices=_COUNTRIES),
    _field("mode", "code", max_length=40),
    _field("method", "code", max_length=40),
    _field("is_cash_on_delivery", "boolean"),
    _field("recipient", "text", max_length=254),
    _field("seller", "text", max_length=254),
)
ORDER_FIELDS_OF_STAFF = (
    *ORDER_FIELDS,
    _field("buyer", "text", max_length=254),
    _field("buyer_email", "text", max_length=254),
    _field("reseller", "text", max_length=254),
    _field("shipping", "money"),
    _field("is_untracked", "boolean"),
    _field("processing_days", "integer", min=0, max=365),
    _field("marks", "text", max_length=400),
)
ITEM_FIELDS = (
    _field("name", "text", is_optional=False, max_length=300),
    _field("quantity", "integer", min=1, max=1_000_000),
    _field("unit_price", "money"),
    _field("category", "text", max_length=80),
    _field("country", "choice", choices=_COUNTRIES),
    _field("weight_g", "weight_g"),
)
ITEM_FIELDS_OF_STAFF = (
    *ITEM_FIELDS,
    _field("fee", "money"),
    _field("processing_days", "integer", min=0, max=365),
    _field("marks", "text", max_length=400),
)
"""What somebody who orders for himself may not say: what the service costs him, and for whom he orders."""

_OF_ITSELF = (roles.BUYER, roles.RESELLER, roles.SELLER)
_ROLE_OF = {
    "buyer": roles.BUYER,
    "reseller": roles.RESELLER,
    "seller": roles.SELLER,
    "recipient": roles.END_BUYER,
}
_WRONG: Mapping[str, Mapping[str, str]] = {
    "not_an_email": {
        "ru": "В поле «{field}» нужен адрес электронной почты.",
        "bg": "В полето „{field}“ е нужен имейл адрес.",
        "kk": "«{field}» өрісіне электрондық пошта мекенжайы керек.",
        "uk": "У полі «{field}» потрібна адреса електронної пошти.",
        "en": "The field “{field}” takes an e-mail address.",
    },
    "not_a_member": {
        "ru": "Человека из поля «{field}» нет среди участников с этой ролью. Сначала пригласите его.",
        "bg": "Човекът от полето „{field}“ не е сред участниците с тази роля. Първо го поканете.",
        "kk": "«{field}» өрісіндегі адам бұл рөлдегі мүшелердің арасында жоқ. Алдымен оны шақырыңыз.",
        "uk": "Людини з поля «{field}» немає серед учасників із цією роллю. Спочатку запросіть її.",
        "en": "Nobody of this e-mail in the field “{field}” is a member in this role. Invite that person first.",
    },
    "not_a_mark": {
        "ru": "В поле «{field}» нужны отметки, которые знает профиль этого бизнеса.",
        "bg": "В полето „{field}“ са нужни отметки, които профилът на този бизнес познава.",
        "kk": "«{field}» өрісіне осы бизнес профилі білетін белгілер керек.",
        "uk": "У полі «{field}» потрібні позначки, які знає профіль цього бізнесу.",
        "en": "The field “{field}” takes marks that the profile of this business knows.",
    },
    "unknown_currency": {
        "ru": "В поле «{field}» нужна валюта по ISO 4217, например KZT.",
        "bg": "В полето „{field}“ е нужна валута по ISO 4217, например KZT.",
        "kk": "«{field}» өрісіне ISO 4217 бойынша валюта керек, мысалы KZT.",
        "uk": "У полі «{field}» потрібна валюта за ISO 4217, наприклад KZT.",
        "en": "The field “{field}” takes a currency of ISO 4217, as KZT.",
    },
}


@dataclass(frozen=True, slots=True)
class Placed:
    """The order, and whether an earlier request with the same reference or key placed it."""

    id: UUID
    number: str
    is_repeat: bool = False


def place(
    access: Access,
    facts: Mapping[str, Any],
    items: Sequence[Mapping[str, Any]],
    *,
    at: datetime,
    cause: str,
    key: str = "",
) -> Placed:
    """Place an order. ``facts`` and ``items`` are plain values by the names of the fields above, as text or JSON.

    The same ``reference``, or the same ``key``, gives the same order. Raises Refused naming the field (of an item as
    ``items/0/name``), KeyUsedOtherwise when the reference or key stands for another order.
    """
    currency = _currency(access, facts)
    workflow = profiles.workflow(access.business.profile, access.business.profile_version)
    order_fields, item_fields = fields_for(access.role)
    known = clean(order_fields, facts, currency)
    lines = _lines(workflow, item_fields, items, currency)
    columns = _columns(access, workflow, known)
    reference = str(known.get("reference", ""))
    with transaction.atomic():
        keys = [f"reference:{access.person_id or 'business'}:{reference}"] if reference else []
        keys += [f"order:{access.actor.id}:{key}"] if key else []
        placed, taken = _earlier(access, keys, [facts, list(items)], at)
        if placed is None:
            order = create_order(access, lines, at=at, cause=cause, currency=currency, **columns)
            placed = Placed(order.pk, order.number)
        answer = {"order": str(placed.id), "number": placed.number}
        Idempotency.objects.filter(pk__in=taken).update(answer=answer)
    return placed


def fields_for(role: str) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    """What this role may say of an order, and of each item."""
    if role in _OF_ITSELF:
        return ORDER_FIELDS, ITEM_FIELDS
    return ORDER_FIELDS_OF_STAFF, ITEM_FIELDS_OF_STAFF


def _currency(access: Access, facts: Mapping[str, Any]) -> str:
    found = str(facts.get("currency") or access.business.currency).strip().upper()
    try:
        money.exponent(found)
    except money.WrongAmount:
        raise _wrong("currency", "unknown_currency") from None
    return found


def _lines(
    workflow: Workflow, fields: tuple[Field, ...], items: Sequence[Mapping[str, Any]], currency: str
) -> list[Line]:
    if not items:
        raise Refused("missing_field", field="items", words=words("missing_field", field="items"))
    if len(items) > ITEMS_MAX:
        said = words("wrong_field.too_large", field="items", limit=str(ITEMS_MAX))
        raise Refused("wrong_field", field="items", problem="too_large", words=said)
    return [_line(workflow, fields, index, item, currency) for index, item in enumerate(items)]


def _line(
    workflow: Workflow, fields: tuple[Field, ...], index: int, item: Mapping[str, Any], currency: str
) -> Line:
    try:
        known: dict[str, Any] = clean(fields, item, currency)
        flags = _marks(workflow, "item", known.pop("marks", ""))
    except Refused as refused:
        refused.field = f"items/{index}/{escaped(refused.field)}"
        raise
    prices = {f"{key}_minor": known.pop(key) for key in ("unit_price", "fee") if key in known}
    return Line(**known, **prices, flags=flags)


def _marks(workflow: Workflow, level: str, text: str) -> list[str]:
    """Marks, separated by commas or spaces, each once. Raises Refused for one that the profile does not know."""
    marks = list(dict.fromkeys(text.replace(",", " ").split()))
    if not workflow.marks(level).keys() >= set(marks):
        raise _wrong("marks", "not_a_mark")
    return marks


def escaped(key: str) -> str:
    """A key as a part of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def _columns(access: Access, workflow: Workflow, known: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of the order."""
    columns: dict[str, Any] = {
        key: known[key]
        for key in (
            "recipient_name",
            "destination",
            "mode",
            "method",
            "is_cash_on_delivery",
            "is_untracked",
            "processing_days",
        )
        if key in known
    }
    method = workflow.methods.get(columns.get("method", ""))
    if method is not None and method.is_untracked:
        columns["is_untracked"] = True
    if "marks" in known:
        columns["flags"] = _marks(workflow, "order", known["marks"])
    for key in ("recipient_email", "buyer_email"):
        if key in known:
            columns[key] = _email(key, known[key])
    if "recipient_phone" in known:
        columns["recipient_phone"] = "".join(
            sign for sign in known["recipient_phone"] if sign in "0123456789"
        )[:20]
    if "shipping" in known:
        columns["shipping_minor"] = known["shipping"]
    if address := {key: known[key] for key in ADDRESS if key in known}:
        columns["address"] = address
    if "reference" in known:
        columns["fields"] = {"reference": known["reference"]}
    return columns | {f"{key}_id": _member(access, key, known[key]) for key in PEOPLE if key in known}


def _email(key: str, text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        raise _wrong(key, "not_an_email") from None
    return text.lower()


def _member(access: Access, key: str, text: str) -> UUID:
    found: UUID | None = (
        Membership.objects.filter(
            business=access.business,
            role=_ROLE_OF[key],
            person__email=_email(key, text),
            person__is_active=True,
        )
        .values_list("person_id", flat=True)
        .first()
    )
    if found is None:
        raise _wrong(key, "not_a_member")
    return found


def _wrong(field: str, problem: str) -> Refused:
    said = {language: text.replace("{field}", field) for language, text in _WRONG[problem].items()}
    return Refused("wrong_field", field=field, problem=problem, words=said)


def _earlier(
    access: Access, keys: Sequence[str], body: Any, at: datetime
) -> tuple[Placed | None, list[UUID]]:
    """The order that one of the keys stands for already; else the keys are ours. Of two at once one waits here."""
    digest = hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).digest()
    earlier, taken = None, []
    for key in sorted(keys):
        row = Idempotency(
            id=uuid7(), business=access.business, key=_short(key), body_hash=digest, created_at=at
        )
        Idempotency.objects.bulk_create([row], ignore_conflicts=True)
        known = Idempotency.objects.get(business=access.business, key=row.key)
        if known.pk == row.pk:
            taken.append(row.pk)
        elif bytes(known.body_hash) != digest or not known.answer or "order" not in known.answer:
            raise KeyUsedOtherwise
        else:
            earlier = Placed(UUID(known.answer["order"]), known.answer["number"], is_repeat=True)
    return earlier, taken


def _short(key: str) -> str:
    """A key of any length as one that the table takes."""
    return key if len(key) <= KEY_LENGTH_MAX else hashlib.sha256(key.encode()).hexdigest()
