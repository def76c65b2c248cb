"""The REST interface of items across all orders, and of the timeline of each."""

from typing import Any

from django.http import HttpRequest

from sledi.accounts import scopes
from sledi.api.problems import documented
from sledi.orders import reading
from sledi.orders.rest import schemas
from sledi.orders.rest.asking import (
    SEEN,
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
    "/businesses/{business}/items",
    response=schemas.RowsOut,
    by_alias=True,
    openapi_extra=documented(*SEEN, 422),
    summary="Items of all orders, the newest first",
)
def get_all_items(
    request: HttpRequest,
    business: str,
    state: str = "",
    search: str = "",
    flag: str = "",
    cursor: str = "",
    size: int = 50,
) -> Any:
    """``search``: number, tracking number, a marketplace's order number. ``flag``: one that a deadline raised."""
    access = may(request, scopes.ORDERS_READ)
    asked = {"state": state, "search": search, "flag": flag, "cursor": cursor}
    page = listed(lambda: reading.item_list(access, **asked, size=page_size(size)))
    return {"rows": [writer_of(request).row(row) for row in page.rows], "next_cursor": page.next_cursor}


@router.get(
    "/businesses/{business}/items/{reference}/timeline",
    response=schemas.TimelineOut,
    by_alias=True,
    openapi_extra=documented(*SEEN),
    summary="The one timeline of an item, across both legs",
)
def get_timeline(request: HttpRequest, business: str, reference: str) -> Any:
    """Purchase, scans within the country, receipt, packing, scans of its parcels, delivery: the oldest first."""
    access = may(request, scopes.ORDERS_READ)
    return writer_of(request).timeline(sought(lambda: reading.item_page(access, reference, now())))
