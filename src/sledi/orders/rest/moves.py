"""The REST interface of what was done and may be done: histories, and every move of the profile."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from sledi.api.problems import documented
from sledi.orders import reading
from sledi.orders.moving import doing
from sledi.orders.rest import schemas, schemas_of_moves
from sledi.orders.rest.asking import (
    IDEMPOTENCY_KEY,
    IF_MATCH,
    SEEN,
    WRITTEN,
    attempted,
    etag,
    idempotency_key,
    language_of,
    level_of,
    listed,
    may,
    now,
    orders_router,
    page_size,
    scope_of,
    sought,
    version_read,
    workflow_of,
    writer_of,
)
from sledi.orders.rest.order_json import moved_json

router = orders_router()


@router.get(
    "/businesses/{business}/{levels}/{number}/history",
    response=schemas.HistoryOut,
    by_alias=True,
    openapi_extra=documented(*SEEN, 422),
    summary="What happened, the newest first",
)
def get_history(
    request: HttpRequest,
    business: str,
    levels: schemas.Levels,
    number: str,
    cursor: str = "",
    size: int = 50,
) -> Any:
    """Of an order with everything in it; of a parcel, haul or case its own."""
    level = level_of(levels)
    access = may(request, scope_of(level, is_write=False))
    page = listed(lambda: reading.history(access, number, cursor=cursor, size=page_size(size), level=level))
    write, workflow = writer_of(request).told, workflow_of(request)
    return {"history": [write(told, workflow) for told in page.rows], "next_cursor": page.next_cursor}


@router.get(
    "/businesses/{business}/{levels}/{number}/moves",
    response=schemas_of_moves.MovesOut,
    by_alias=True,
    openapi_extra=documented(*SEEN, 422),
    summary="What may be done now",
)
def get_moves(
    request: HttpRequest, business: str, levels: schemas.Levels, number: str, response: HttpResponse
) -> Any:
    """Exactly the moves that this role may do in the present state, with their fields and what hinders them."""
    level = level_of(levels)
    access = may(request, scope_of(level, is_write=False))
    thing, makes = sought(lambda: reading.moves_of(access, level, number, now()))
    response["ETag"] = etag(thing.subject.version)
    return {
        "version": thing.subject.version,
        "state": thing.subject.state,
        "moves": writer_of(request).moves(thing, makes),
    }


@router.post(
    "/businesses/{business}/{levels}/{number}/moves/{name}",
    response=schemas_of_moves.MovedOut,
    by_alias=True,
    openapi_extra={**documented(*WRITTEN, 412), "parameters": [IDEMPOTENCY_KEY, IF_MATCH]},
    summary="Do a move",
)
def post_move(
    request: HttpRequest,
    business: str,
    levels: schemas.Levels,
    number: str,
    name: str,
    body: schemas_of_moves.MoveIn,
    response: HttpResponse,
) -> Any:
    """A move that makes a parcel or case takes the number of its order."""
    level = level_of(levels)
    access = may(request, scope_of(level, is_write=True))
    asked = doing.Asked(number, body.fields, body.quantity, version_read(request))
    moved = attempted(
        request,
        lambda: doing.do(access, level, name, asked, at=now(), cause="api", key=idempotency_key(request)),
        pointer="/fields/",
    )
    response["ETag"] = etag(moved.version)
    if moved.is_repeat:
        response["Idempotency-Replayed"] = "true"
    return moved_json(moved, access, workflow_of(request), language_of(request))
