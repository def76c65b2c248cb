"""The REST interface of goods: listed, described, changed, taken off sale. Orders copy from them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Schema, Status
from pydantic import ConfigDict, Field, JsonValue

from sledi.accounts import scopes
from sledi.accounts.access import Access
from sledi.accounts.authentication import MEMBERS
from sledi.api.problems import Problem, documented
from sledi.api.router import Router
from sledi.catalogue import operations, queries
from sledi.catalogue.models import Product
from sledi.orders.reading import products as reading
from sledi.orders.rest.asking import (
    IF_MATCH,
    SEEN,
    WRITTEN,
    attempted,
    etag,
    language_of,
    may,
    now,
    page_size,
    sought,
    version_read,
)
from sledi.orders.rest.schemas import FlagOut, PromisedOut
from sledi.orders.rest.shapes import Moment, MoneyOut, Shape
from sledi.orders.showing import preparation

router = Router(tags=["products"], auth=list(MEMBERS))


class ProductChangeIn(Schema):
    """What is not said stays; null or "" clears what may be empty."""

    model_config = ConfigDict(extra="forbid")
    name: JsonValue = None
    price: JsonValue = Field(None, description="Of a piece, in major units; more than nothing")
    currency: JsonValue = Field(None, description="The business's own when not given; only with a price")
    description: JsonValue = None
    processing_days_min: JsonValue = Field(
        None, description="Of 2–4 days the 2; empty where one number says it"
    )
    processing_days_max: JsonValue = Field(None, description="What deadlines reckon with")
    marks: JsonValue = Field(None, description="Marks of items of the profile, separated by commas")
    category: JsonValue = None
    country: JsonValue = Field(None, description="ISO 3166-1 alpha-2")
    weight_g: JsonValue = Field(None, description="Of a piece")
    seller: JsonValue = Field(
        None, description="E-mail of a seller; not for sellers, whose goods are their own"
    )
    is_on_sale: JsonValue = None


class ProductIn(ProductChangeIn):
    code: JsonValue = Field(
        description="Yours; Latin letters, digits, dots, hyphens, underscores. It never changes"
    )


class ProductOut(Shape):
    code: str
    name: str
    description: str
    price: MoneyOut
    processing: PromisedOut | None
    marks: list[FlagOut]
    category: str
    country: str
    weight_g: int | None
    is_on_sale: bool
    seller: str | None = Field(description="E-mail, for those who may change it; else null")
    version: int
    changed_at: Moment


class ProductsOut(Shape):
    products: list[ProductOut]
    next_cursor: str = Field(description="Empty behind the last")


@router.get(
    "/businesses/{business}/products",
    response=ProductsOut,
    openapi_extra=documented(*SEEN, 422),
    summary="Products, the newest first",
)
def get_products(
    request: HttpRequest, business: str, search: str = "", cursor: str = "", size: int = 50
) -> Any:
    """``search``: the code, or a part of the name. What is off sale only the staff and its seller find."""
    access = _reading(request)
    try:
        found = queries.product_list(access, search=search, cursor=cursor, size=page_size(size))
    except queries.WrongCursor:
        raise Problem(422, "wrong-cursor", errors=[{"pointer": "cursor", "detail": "unknown"}]) from None
    rows = [product_json(product, access, language_of(request)) for product in found.rows]
    return {"products": rows, "next_cursor": found.next_cursor}


@router.post(
    "/businesses/{business}/products",
    response={201: ProductOut},
    openapi_extra=documented(*WRITTEN),
    summary="Describe a product",
)
def post_product(request: HttpRequest, business: str, body: ProductIn, response: HttpResponse) -> Any:
    """The same description again gives the product there is."""
    access = _writing(request)
    given = body.dict(exclude_unset=True)
    made = attempted(request, lambda: operations.describe(access, given, at=now(), cause="api"), pointer="/")
    response["ETag"] = etag(made.version)
    return Status(201, product_json(made, access, language_of(request)))


@router.get(
    "/businesses/{business}/products/{code}",
    response=ProductOut,
    openapi_extra=documented(*SEEN),
    summary="One product",
)
def get_product(request: HttpRequest, business: str, code: str, response: HttpResponse) -> Any:
    """Its ETag is what If-Match of a change takes."""
    access = _reading(request)
    found = sought(lambda: reading.product_of(access, code))
    response["ETag"] = etag(found.version)
    return product_json(found, access, language_of(request))


@router.patch(
    "/businesses/{business}/products/{code}",
    response=ProductOut,
    openapi_extra={**documented(*WRITTEN, 412), "parameters": [IF_MATCH]},
    summary="Change a product, or take it off sale",
)
def patch_product(
    request: HttpRequest, business: str, code: str, body: ProductChangeIn, response: HttpResponse
) -> Any:
    """Orders placed before keep the price and the time they copied."""
    access, given, version = _writing(request), body.dict(exclude_unset=True), version_read(request)
    changed = attempted(
        request,
        lambda: operations.change(access, code, given, at=now(), cause="api", expected_version=version),
        pointer="/",
    )
    response["ETag"] = etag(changed.version)
    return product_json(changed, access, language_of(request))


def product_json(product: Product, access: Access, language: str) -> dict[str, Any]:
    """A product as programs read it."""
    workflow = access.business.workflow
    promised = reading.promised_of(product, workflow)
    marks = workflow.marks("item")
    return {
        "code": product.code,
        "name": product.name,
        "description": product.description,
        "price": {"amount": str(product.price.decimal), "currency": product.currency},
        "processing": {
            "days": promised.days,
            "days_min": promised.days_min,
            "words": preparation(promised, language),
        }
        if promised
        else None,
        "marks": [
            {"key": key, "label": workflow.words(marks.get(key, {}), language) or key}
            for key in product.marks
        ],
        "category": product.category,
        "country": product.country,
        "weight_g": product.weight_g,
        "is_on_sale": product.is_on_sale,
        "seller": product.seller.email
        if product.seller_id and product.seller and queries.may_describe(access, product)
        else None,
        "version": product.version,
        "changed_at": product.changed_at.isoformat(),
    }


def _reading(request: HttpRequest) -> Access:
    return _with_catalogue(may(request, scopes.PRODUCTS_READ))


def _writing(request: HttpRequest) -> Access:
    return _with_catalogue(may(request, scopes.PRODUCTS_WRITE))


def _with_catalogue(access: Access) -> Access:
    """Where no goods are described there is no such address. Raises Problem (404)."""
    if not queries.has_catalogue(access.business):
        raise Problem(404, "not-found")
    return access
