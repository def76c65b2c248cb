"""A new order as it comes from outside: fields cleaned by name, people found by e-mail, placed once for a reference."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from sledi.accounts import addresses, roles
from sledi.accounts.access import Access
from sledi.accounts.models import Membership
from sledi.catalogue.models import Product
from sledi.core import money
from sledi.core.workflow import Field, Refused, Workflow
from sledi.core.workflow.fields import clean
from sledi.core.workflow.refusals import words, wrong_field
from sledi.database.keys import uuid7
from sledi.orders.models import Idempotency
from sledi.orders.moving import choosing
from sledi.orders.moving.idempotency import KEY_LENGTH_MAX
from sledi.orders.moving.making import ITEMS_MAX, Line, create_order
from sledi.orders.refusals import KeyUsedOtherwise


def _field(key: str, type: str, *, is_optional: bool = True, **limits: Any) -> Field:  # noqa: A002
    return Field(key, type, {"en": key}, is_optional=is_optional, **limits)


FROM_BOOK = "address"
"""Names an address of one's own book, in place of its parts."""
ADDRESS = addresses.PLACE
PEOPLE = ("buyer", "reseller", "seller", "recipient")
ORDER_FIELDS = (
    _field("reference", "code", max_length=100),
    _field("currency", "code", max_length=3),
    replace(addresses.RECIPIENT_NAME, is_optional=True),
    _field("recipient_email", "text", max_length=254),
    addresses.RECIPIENT_PHONE,
    *addresses.PLACE_FIELDS,
    replace(addresses.DESTINATION, is_optional=True),
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
    _field(choosing.PRODUCT, "code", max_length=64),
    _field("name", "text", is_optional=False, max_length=300),
    _field("quantity", "integer", min=1, max=1_000_000),
    _field("unit_price", "money"),
    _field("category", "text", max_length=80),
    _field("country", "choice", choices=addresses.COUNTRIES),
    _field("weight_g", "weight_g"),
)
ITEM_FIELDS_OF_STAFF = (
    *ITEM_FIELDS,
    _field("fee", "money"),
    _field("processing_days", "integer", min=0, max=365),
    _field("marks", "text", max_length=400),
)
"""What somebody who orders for himself may not say: what the service costs him, and for whom he orders."""

_ROLE_OF = {
    "buyer": roles.BUYER,
    "reseller": roles.RESELLER,
    "seller": roles.SELLER,
    "recipient": roles.END_BUYER,
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
    workflow = access.business.workflow
    order_fields, item_fields = fields_for(access.role)
    known = clean(order_fields, _with_address(access, facts), currency)
    rows = _cleaned(item_fields, items, currency)
    columns = _columns(access, workflow, known)
    reference = str(known.get("reference", ""))
    with transaction.atomic():
        keys = [f"reference:{access.person_id or 'business'}:{reference}"] if reference else []
        keys += [f"order:{access.actor.id}:{key}"] if key else []
        placed, taken = _earlier(access, keys, [facts, list(items)], at)
        if placed is None:
            products = choosing.products_in(access, rows)
            lines = [
                _line(access, workflow, index, row, products, currency) for index, row in enumerate(rows)
            ]
            if seller := choosing.seller_of(access, rows, products, columns.get("seller_id")):
                columns["seller_id"] = seller
            order = create_order(access, lines, at=at, cause=cause, currency=currency, **columns)
            placed = Placed(order.pk, order.number)
        answer = {"order": str(placed.id), "number": placed.number}
        Idempotency.objects.filter(pk__in=taken).update(answer=answer)
    return placed


def _with_address(access: Access, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The facts with what the named address of one's book says; it is copied, so the book may change afterwards."""
    reference = str(facts.get(FROM_BOOK) or "").strip()
    rest = {key: value for key, value in facts.items() if key != FROM_BOOK}
    if not reference:
        return rest
    if any(str(rest.get(key) or "").strip() for key in addresses.KEYS):
        raise wrong_field(FROM_BOOK, "written_too")
    try:
        return rest | addresses.parts_of(addresses.one(access, UUID(reference)))
    except (ValueError, addresses.NotInBook):
        raise wrong_field(FROM_BOOK, "not_in_book") from None


def fields_for(role: str) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    """What this role may say of an order, and of each item."""
    if role in choosing.OF_ITSELF:
        return ORDER_FIELDS, ITEM_FIELDS
    return ORDER_FIELDS_OF_STAFF, ITEM_FIELDS_OF_STAFF


def _currency(access: Access, facts: Mapping[str, Any]) -> str:
    found = str(facts.get("currency") or access.business.currency).strip().upper()
    try:
        money.exponent(found)
    except money.WrongAmount:
        raise wrong_field("currency", "unknown_currency") from None
    return found


def _cleaned(
    fields: tuple[Field, ...], items: Sequence[Mapping[str, Any]], currency: str
) -> list[dict[str, Any]]:
    """What is said of each item. Of a product it need not be said what it is called."""
    if not items:
        raise Refused("missing_field", field="items", words=words("missing_field", field="items"))
    if len(items) > ITEMS_MAX:
        said = words("wrong_field.too_large", field="items", limit=str(ITEMS_MAX))
        raise Refused("wrong_field", field="items", problem="too_large", words=said)
    rows: list[dict[str, Any]] = []
    for index, item in enumerate(items):
        with _in_item(index):
            rows.append(clean(item_fields_of(fields, item), item, currency))
    return rows


def item_fields_of(fields: Sequence[Field], item: Mapping[str, Any]) -> tuple[Field, ...]:
    """The fields of an item: of one that names a product no other is required."""
    if not str(item.get(choosing.PRODUCT) or "").strip():
        return tuple(fields)
    return tuple(replace(one, is_optional=True) for one in fields)


def _line(
    access: Access,
    workflow: Workflow,
    index: int,
    row: Mapping[str, Any],
    products: Mapping[str, Product],
    currency: str,
) -> Line:
    with _in_item(index):
        known = choosing.copied(access, row, products, currency) if choosing.PRODUCT in row else dict(row)
        flags = _marks(workflow, "item", known.pop("marks", ""))
    prices = {f"{key}_minor": known.pop(key) for key in ("unit_price", "fee") if key in known}
    return Line(**known, **prices, flags=flags)


@contextmanager
def _in_item(index: int) -> Iterator[None]:
    """Names the field of a refusal as one of this item."""
    try:
        yield
    except Refused as refused:
        refused.field = f"items/{index}/{escaped(refused.field)}"
        raise


def _marks(workflow: Workflow, level: str, text: str) -> list[str]:
    """Marks, separated by commas or spaces, each once. Raises Refused for one that the profile does not know."""
    marks = list(dict.fromkeys(text.replace(",", " ").split()))
    if not workflow.marks(level).keys() >= set(marks):
        raise wrong_field("marks", "not_a_mark")
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
            columns[key] = email_address(key, known[key])
    if "recipient_phone" in known:
        columns["recipient_phone"] = addresses.phone(known["recipient_phone"])
    if "shipping" in known:
        columns["shipping_minor"] = known["shipping"]
    if address := {key: known[key] for key in ADDRESS if key in known}:
        columns["address"] = address
    if "reference" in known:
        columns["fields"] = {"reference": known["reference"]}
    return columns | {f"{key}_id": _member(access, key, known[key]) for key in PEOPLE if key in known}


def email_address(key: str, text: str) -> str:
    """An e-mail address in lower case. Raises Refused naming the field ``key``."""
    try:
        validate_email(text)
    except ValidationError:
        raise wrong_field(key, "not_an_email") from None
    return text.lower()


def _member(access: Access, key: str, text: str) -> UUID:
    found: UUID | None = (
        Membership.objects.filter(
            business=access.business,
            role=_ROLE_OF[key],
            person__email=email_address(key, text),
            person__is_active=True,
        )
        .values_list("person_id", flat=True)
        .first()
    )
    if found is None:
        raise wrong_field(key, "not_a_member")
    return found


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
