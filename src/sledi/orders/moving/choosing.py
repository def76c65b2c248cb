"""What an item of a new order copies from a product, at that moment and for good."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models.functions import Upper

from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.catalogue.models import Product
from sledi.catalogue.queries import is_code, visible
from sledi.core.money import Money
from sledi.core.workflow import Refused
from sledi.core.workflow.refusals import wrong_field
from sledi.orders.showing import amount
from sledi.web.languages import LANGUAGES

PRODUCT, PRICE = "product", "unit_price"
OF_ITSELF = (roles.BUYER, roles.RESELLER, roles.SELLER)
"""Roles that order for themselves: what a product says, they may repeat but not change."""
_OF_ORDER = frozenset({PRODUCT, "quantity", "fee"})


def products_in(access: Access, rows: Iterable[Mapping[str, Any]]) -> dict[str, Product]:
    """The products on sale that these rows name, by code in capitals. One query, or none."""
    codes = {code.upper() for row in rows if is_code(code := str(row.get(PRODUCT, "")))}
    if not codes:
        return {}
    found = visible(access).filter(is_on_sale=True).annotate(capitals=Upper("code"))
    return {product.code.upper(): product for product in found.filter(capitals__in=codes)}


def copied(
    access: Access, known: Mapping[str, Any], products: Mapping[str, Product], currency: str
) -> dict[str, Any]:
    """An item's cleaned values with what its product says. Staff may say otherwise; who orders for himself may not.

    Raises Refused (wrong_field: not_on_sale, other_currency, price_changed, contradicts).
    """
    product = products.get(str(known[PRODUCT]).upper())
    if product is None:
        raise wrong_field(PRODUCT, "not_on_sale")
    if product.currency != currency:
        raise wrong_field(PRODUCT, "other_currency", currency=product.currency)
    said = facts_of(product)
    if access.role in OF_ITSELF:
        for key in known.keys() - _OF_ORDER:
            if key == PRICE and known[key] != said[PRICE]:
                raise price_changed(product)
            if known[key] != said.get(key):
                raise wrong_field(key, "contradicts")
    if "processing_days" in known:
        said.pop("processing_days_min", None)
    more = {key: value for key, value in known.items() if key != PRODUCT}
    return {**said, **more}


def facts_of(product: Product) -> dict[str, Any]:
    """What a product says of an item, by the names of an item's fields; what it does not say is not there."""
    said = {
        "name": product.name,
        PRICE: product.price_minor,
        "category": product.category,
        "country": product.country,
        "weight_g": product.weight_g,
        "processing_days": product.processing_days_max,
        "processing_days_min": product.processing_days_min,
        "marks": " ".join(product.marks),
        "product_code": product.code,
    }
    return {key: value for key, value in said.items() if value not in (None, "")}


def seller_of(
    access: Access, rows: Sequence[Mapping[str, Any]], products: Mapping[str, Product], said: UUID | None
) -> UUID | None:
    """Whose order it is: of the one seller whose goods it has. What staff said stands.

    Raises Refused (wrong_field: other_seller) for goods of several, or of another one than was said.
    """
    is_said = said is not None and access.role not in OF_ITSELF
    own = access.person_id if access.role == roles.SELLER else said
    first: Product | None = None
    for index, row in enumerate(rows):
        product = products.get(str(row.get(PRODUCT, "")).upper())
        if product is None or is_said:
            continue
        first = first or product
        if product.seller_id != first.seller_id or own not in (None, product.seller_id):
            raise wrong_field(f"items/{index}/{PRODUCT}", "other_seller")
    return first.seller_id if first and first.seller_id else said


def price_changed(product: Product) -> Refused:
    """That a product costs something else than was said, with what it costs."""
    price = Money(product.price_minor, product.currency)
    said = {language: amount(price, language) for language in LANGUAGES}
    return wrong_field(PRICE, "price_changed", price=said)
