"""Goods described, changed, and taken off sale: one act each, and one row of history with what was before and after."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.accounts.models import Membership
from sledi.catalogue.models import Product
from sledi.catalogue.queries import is_code, may_describe, visible
from sledi.catalogue.refusals import NoSuchProduct, StaleProduct
from sledi.core import money
from sledi.core.numbers.countries import ASSIGNED
from sledi.core.workflow import Field, Refused
from sledi.core.workflow.fields import clean
from sledi.core.workflow.refusals import words, wrong_field
from sledi.history import Happened
from sledi.history.operations import record

PROCESSING_DAYS_MAX = 365


def _field(key: str, type: str, *, is_optional: bool = True, **limits: Any) -> Field:  # noqa: A002
    return Field(key, type, {"en": key}, is_optional=is_optional, **limits)


_CODE_FIELD = _field("code", "code", is_optional=False, max_length=64)
_SELLER_FIELD = _field("seller", "text", max_length=254)
_FIELDS = (
    _field("name", "text", is_optional=False, max_length=300),
    _field("price", "money", is_optional=False),
    _field("currency", "code", max_length=3),
    _field("description", "text", max_length=2000),
    _field("processing_days_min", "integer", min=1, max=PROCESSING_DAYS_MAX),
    _field("processing_days_max", "integer", min=1, max=PROCESSING_DAYS_MAX),
    _field("marks", "text", max_length=400),
    _field("category", "text", max_length=80),
    _field("country", "choice", choices={country: {} for country in sorted(ASSIGNED)}),
    _field("weight_g", "weight_g"),
    _field("is_on_sale", "boolean"),
)
_CLEARED: Mapping[str, Any] = {
    "description": "",
    "processing_days_min": None,
    "processing_days_max": None,
    "marks": [],
    "category": "",
    "country": "",
    "weight_g": None,
    "seller_id": None,
}
"""What a column holds of which nothing is said."""
_TOLD = (
    *("code", "name", "description", "price_minor", "currency", "seller_id", "category", "country"),
    *("weight_g", "processing_days_min", "processing_days_max", "marks", "is_on_sale"),
)
_RESERVED = frozenset({"new"})
"""Where the form of a new product stands."""


def fields_for(role: str, *, is_new: bool) -> tuple[Field, ...]:
    """What this role may say of a product. A seller's goods are his own; a code is said once."""
    return (
        *((_CODE_FIELD,) if is_new else ()),
        *_FIELDS,
        *(() if role == roles.SELLER else (_SELLER_FIELD,)),
    )


def describe(access: Access, given: Mapping[str, Any], *, at: datetime, cause: str) -> Product:
    """Describe new goods. The same description again gives the product there is.

    ``given`` are plain values by the names of ``fields_for``, as text or JSON. Raises Refused naming the field.
    """
    _demand_describer(access)
    columns = _columns(access, given, None)
    product = Product(business=access.business, created_at=at, changed_at=at, **columns)
    _check(product)
    try:
        with transaction.atomic():
            product.save(force_insert=True)
            _tell(access, product, "describe", at, cause, {}, _told(product))
    except IntegrityError as problem:
        if "product_code_once_per_business" not in str(problem):
            raise
        earlier = Product.objects.get(business=access.business, code__iexact=product.code)
        if not may_describe(access, earlier) or _told(earlier) != _told(product):
            raise wrong_field("code", "code_taken") from None
        return earlier
    return product


@transaction.atomic
def change(
    access: Access,
    code: str,
    given: Mapping[str, Any],
    *,
    at: datetime,
    cause: str,
    expected_version: int | None = None,
) -> Product:
    """Change what is said of goods: only what is ``given``; an empty value clears. Orders keep what they copied.

    What is so already changes nothing. Raises Refused, NoSuchProduct, StaleProduct.
    """
    product = visible(access).select_for_update().filter(code__iexact=code).first() if is_code(code) else None
    if product is None:
        raise NoSuchProduct
    if not may_describe(access, product):
        raise Refused("wrong_role", words=words("wrong_role"))
    columns, before = _columns(access, given, product), _told(product)
    for column, value in columns.items():
        setattr(product, column, value)
    _check(product)
    after = _told(product)
    changed = [key for key in after if after[key] != before[key]]
    if not changed:
        return product
    if expected_version is not None and expected_version != product.version:
        raise StaleProduct(expected_version, product.version)
    product.version += 1
    product.changed_at = at
    product.save()
    act = _act(changed, is_on_sale=product.is_on_sale)
    _tell(
        access,
        product,
        act,
        at,
        cause,
        {key: before[key] for key in changed},
        {key: after[key] for key in changed},
    )
    return product


def _act(changed: list[str], *, is_on_sale: bool) -> str:
    if changed == ["is_on_sale"]:
        return "put_on_sale" if is_on_sale else "take_off_sale"
    return "change"


def _demand_describer(access: Access) -> None:
    if not may_describe(access):
        raise Refused("wrong_role", words=words("wrong_role"))


def _columns(access: Access, given: Mapping[str, Any], product: Product | None) -> dict[str, Any]:
    """What is said, as columns; what is said to be nothing as cleared ones."""
    default = product.currency if product else access.business.currency
    currency = str(given.get("currency") or default).strip().upper()
    try:
        money.exponent(currency)
    except money.WrongAmount:
        raise wrong_field("currency", "unknown_currency") from None
    asked = fields_for(access.role, is_new=product is None)
    if product is not None:  # what is not said stays; a price is of its currency
        said = {*given, *(["price"] if currency != product.currency else [])}
        asked = tuple(one if one.key in said else replace(one, is_optional=True) for one in asked)
    known: dict[str, Any] = clean(asked, given, currency)
    columns = {_COLUMN_OF.get(key, key): value for key, value in known.items()} | {"currency": currency}
    for key in given.keys() - known.keys():
        column = _COLUMN_OF.get(key, key)
        if column in _CLEARED:
            columns[column] = _CLEARED[column]
    if "code" in known and (not is_code(known["code"]) or known["code"].lower() in _RESERVED):
        raise wrong_field("code", "not_a_product_code")
    if known.get("price") == 0:
        raise wrong_field("price", "zero_price")
    if "marks" in known:
        columns["marks"] = _marks(access, known["marks"])
    if "seller" in known:
        columns["seller_id"] = _seller(access, known["seller"])
    if access.role == roles.SELLER:
        columns["seller_id"] = access.person_id
    return columns


_COLUMN_OF = {"price": "price_minor", "seller": "seller_id"}


def _marks(access: Access, text: str) -> list[str]:
    marks = list(dict.fromkeys(text.replace(",", " ").split()))
    if not access.business.workflow.marks("item").keys() >= set(marks):
        raise wrong_field("marks", "not_a_mark")
    return marks


def _seller(access: Access, email: str) -> UUID:
    found: UUID | None = (
        Membership.objects.filter(
            business=access.business,
            role=roles.SELLER,
            person__email=email.strip().lower(),
            person__is_active=True,
        )
        .values_list("person_id", flat=True)
        .first()
    )
    if found is None:
        raise wrong_field("seller", "not_a_member")
    return found


def _check(product: Product) -> None:
    """What fields say only together."""
    least, most = product.processing_days_min, product.processing_days_max
    if least is not None and most is None:
        raise Refused(
            "missing_field",
            field="processing_days_max",
            words=words("missing_field", field="processing_days_max"),
        )
    if least is not None and most is not None and least > most:
        said = words("wrong_field.too_large", field="processing_days_min", limit=str(most))
        raise Refused("wrong_field", field="processing_days_min", problem="too_large", words=said)


def _told(product: Product) -> dict[str, Any]:
    """What is said of a product, as history and comparison take it."""
    return {key: _plain(getattr(product, key)) for key in _TOLD}


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return "" if value is None else value


def _tell(
    access: Access,
    product: Product,
    act: str,
    at: datetime,
    cause: str,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    record(
        [
            Happened(
                access.business.pk,
                "product",
                product.pk,
                product.pk,
                act,
                access.actor,
                cause,
                at,
                before=before,
                after=after,
            )
        ]
    )
