"""The REST interface of orders: listed, placed, and each with everything in it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Status

from sledi.accounts import scopes
from sledi.api.problems import documented
from sledi.orders import reading
from sledi.orders.moving import placing
from sledi.orders.rest import schemas
from sledi.orders.rest.asking import (
    IDEMPOTENCY_KEY,
    SEEN,
    WRITTEN,
    attempted,
    etag,
    idempotency_key,
    listed,
    may,
    now,
    orders_router,
    page_size,
    sought,
    writer_of,
)

router = orders_router()


@router.get(
    "/businesses/{business}/orders",
    response=schemas.OrdersOut,
    by_alias=True,
    openapi_extra=documented(*SEEN, 422),
    summary="Orders, the newest first",
)
def get_orders(
    request: HttpRequest,
    business: str,
    state: str = "",
    search: str = "",
    flag: str = "",
    cursor: str = "",
    size: int = 50,
) -> Any:
    """A parent state finds its children. ``search``: number, recipient's phone, tracking number, a marketplace's."""
    access = may(request, scopes.ORDERS_READ)
    asked = {"state": state, "search": search, "flag": flag, "cursor": cursor}
    page = listed(lambda: reading.order_list(access, **asked, size=page_size(size)))
    write = writer_of(request).order_row
    return {"orders": [write(row) for row in page.rows], "next_cursor": page.next_cursor}


@router.post(
    "/businesses/{business}/orders",
    response={201: schemas.PlacedOut},
    openapi_extra={**documented(*WRITTEN), "parameters": [IDEMPOTENCY_KEY]},
    summary="Place an order",
)
def post_order(request: HttpRequest, business: str, body: schemas.OrderIn, response: HttpResponse) -> Any:
    """The same ``reference``, or Idempotency-Key, gives the same order again."""
    access = may(request, scopes.ORDERS_WRITE)
    facts = body.dict(exclude_unset=True, exclude={"items"})
    placed = attempted(
        request,
        lambda: placing.place(access, facts, body.items, at=now(), cause="api", key=idempotency_key(request)),
        pointer="/",
    )
    if placed.is_repeat:
        response["Idempotency-Replayed"] = "true"
    return Status(201, {"id": str(placed.id), "number": placed.number})


@router.get(
    "/businesses/{business}/orders/{number}",
    response=schemas.OrderOut,
    by_alias=True,
    openapi_extra=documented(*SEEN),
    summary="An order with everything in it",
)
def get_order(request: HttpRequest, business: str, number: str, response: HttpResponse) -> Any:
    """Its ETag is what If-Match of a move takes."""
    page = _order(request, number)
    response["ETag"] = etag(page.order.subject.version)
    return writer_of(request).order(page)


@router.get(
    "/businesses/{business}/orders/{number}/items",
    response=schemas.ItemsOut,
    by_alias=True,
    openapi_extra=documented(*SEEN),
    summary="The items of an order",
)
def get_items(request: HttpRequest, business: str, number: str) -> Any:
    """Each with its state and what may be done with it."""
    return {"items": [writer_of(request).item(item) for item in _order(request, number).items]}


@router.get(
    "/businesses/{business}/orders/{number}/parcels",
    response=schemas.ParcelsOut,
    by_alias=True,
    openapi_extra=documented(*SEEN),
    summary="The parcels of an order",
)
def get_order_parcels(request: HttpRequest, business: str, number: str) -> Any:
    """Each with its contents and numbers."""
    page = _order(request, number)
    return {"parcels": [writer_of(request).parcel(parcel, page.packed) for parcel in page.parcels]}


@router.get(
    "/businesses/{business}/orders/{number}/cases",
    response=schemas.CasesOut,
    by_alias=True,
    openapi_extra=documented(*SEEN),
    summary="The cases of an order",
)
def get_order_cases(request: HttpRequest, business: str, number: str) -> Any:
    """Returns, exchanges and disputes."""
    return {"cases": [writer_of(request).case(case) for case in _order(request, number).cases]}


def _order(request: HttpRequest, number: str) -> reading.OrderPage:
    access = may(request, scopes.ORDERS_READ)
    return sought(lambda: reading.order_page(access, number, now()))
