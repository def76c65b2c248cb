"""The REST interface of parcels, hauls, cases and tracks, and of the queues that wait in a state."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Status

from sledi.accounts import scopes
from sledi.api.problems import documented
from sledi.orders import reading
from sledi.orders.moving import doing, making
from sledi.orders.refusals import NotYours
from sledi.orders.rest import schemas
from sledi.orders.rest.asking import (
    SEEN,
    WRITTEN,
    attempted,
    etag,
    level_of,
    listed,
    may,
    now,
    orders_router,
    page_size,
    scope_of,
    sought,
    writer_of,
)

router = orders_router()


@router.get(
    "/businesses/{business}/queues/{levels}/{state}",
    response=schemas.RowsOut,
    by_alias=True,
    openapi_extra=documented(*SEEN, 422),
    summary="What waits in a state, the longest first",
)
def get_queue(
    request: HttpRequest,
    business: str,
    levels: schemas.Levels,
    state: str,
    flag: str = "",
    cursor: str = "",
    size: int = 50,
) -> Any:
    """Its place in the list is its place in the queue, ``since`` its age."""
    level = level_of(levels)
    access = may(request, scope_of(level, is_write=False))
    page = listed(lambda: reading.queue(access, level, state, flag=flag, cursor=cursor, size=page_size(size)))
    return {"rows": [writer_of(request).row(row) for row in page.rows], "next_cursor": page.next_cursor}


@router.get(
    "/businesses/{business}/{levels}",
    response=schemas.RowsOut,
    by_alias=True,
    openapi_extra=documented(*SEEN, 422),
    summary="Parcels, hauls, cases or tracks, the newest first",
)
def get_rows(
    request: HttpRequest,
    business: str,
    levels: schemas.Containers,
    state: str = "",
    search: str = "",
    flag: str = "",
    cursor: str = "",
    size: int = 50,
) -> Any:
    """``search``: number or tracking number. ``flag``: one that a deadline raised."""
    level = level_of(levels)
    access = may(request, scope_of(level, is_write=False))
    asked = {"state": state, "search": search, "flag": flag, "cursor": cursor}
    page = listed(lambda: reading.container_list(access, level, **asked, size=page_size(size)))
    return {"rows": [writer_of(request).row(row) for row in page.rows], "next_cursor": page.next_cursor}


@router.post(
    "/businesses/{business}/{levels}",
    response={201: schemas.PlacedOut},
    openapi_extra=documented(*WRITTEN),
    summary="Make a parcel for orders, a haul or a track",
)
def post_container(
    request: HttpRequest, business: str, levels: schemas.Containers, body: schemas.ContainerIn
) -> Any:
    """It is empty at first; loadings put orders into it."""
    level = level_of(levels)
    access = may(request, scope_of(level, is_write=True))
    made = attempted(
        request,
        lambda: doing.make_container(access, level, body.move, body.fields, at=now(), cause="api"),
    )
    return Status(201, {"id": str(made.pk), "number": made.number})


@router.get(
    "/businesses/{business}/{levels}/{number}",
    response=schemas.ContainerOut,
    by_alias=True,
    exclude_unset=True,
    openapi_extra=documented(*SEEN, 422),
    summary="A parcel, haul, case or track",
)
def get_container(
    request: HttpRequest, business: str, levels: schemas.Containers, number: str, response: HttpResponse
) -> Any:
    """With the orders it holds, its numbers, its moves and its history."""
    level = level_of(levels)
    access = may(request, scope_of(level, is_write=False))
    page = sought(lambda: reading.container_page(access, level, number, now()))
    response["ETag"] = etag(page.subject.version)
    return writer_of(request).container(page)


@router.post(
    "/businesses/{business}/{levels}/{number}/loadings",
    response=schemas.LoadedOut,
    openapi_extra=documented(*WRITTEN),
    summary="Put orders into a parcel or onto a haul",
)
def post_loading(
    request: HttpRequest, business: str, levels: schemas.Containers, number: str, body: schemas.LoadingIn
) -> Any:
    """All of them or none; those that are in it already stay."""
    return {"orders": _load(request, making.load, level_of(levels), number, body)}


@router.post(
    "/businesses/{business}/{levels}/{number}/unloadings",
    response=schemas.LoadedOut,
    openapi_extra=documented(*WRITTEN),
    summary="Take orders out of a parcel or off a haul",
)
def post_unloading(
    request: HttpRequest, business: str, levels: schemas.Containers, number: str, body: schemas.LoadingIn
) -> Any:
    """All of them or none; those that are not in it stay where they are."""
    return {"orders": _load(request, making.unload, level_of(levels), number, body)}


def _load(
    request: HttpRequest, act: Callable[..., int], level: str, number: str, body: schemas.LoadingIn
) -> int:
    access = may(request, scopes.PARCELS_WRITE)

    def both() -> int:
        known = reading.find_many(access, "order", body.orders)
        if set(body.orders) - known.keys():
            raise NotYours
        pk = reading.find(access, level, number)
        return act(access, level, pk, [known[one] for one in body.orders], at=now(), cause="api")

    return attempted(request, both)
