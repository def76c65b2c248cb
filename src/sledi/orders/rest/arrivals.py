"""The REST interface of what comes in: scans, and arrivals that wait to be identified."""

from typing import Any

from django.http import HttpRequest
from ninja import Schema
from pydantic import ConfigDict, Field, JsonValue

from sledi.accounts import scopes
from sledi.api.problems import documented
from sledi.orders import reading
from sledi.orders.moving import scanning
from sledi.orders.rest.asking import (
    SEEN,
    WRITTEN,
    access_of,
    attempted,
    language_of,
    may,
    now,
    orders_router,
    workflow_of,
)
from sledi.orders.rest.order_json import arrival_json, moved_json
from sledi.orders.rest.schemas_of_moves import MovedOut
from sledi.orders.rest.shapes import Fields, Moment, Reference, Shape

router = orders_router()


class ScanIn(Schema):
    model_config = ConfigDict(extra="forbid")
    number: str = Field(max_length=100)
    fields: Fields = {}


class IdentificationIn(Schema):
    model_config = ConfigDict(extra="forbid")
    item: Reference


class ArrivalOut(Shape):
    number: str
    at: Moment
    scanned_by: str
    fields: dict[str, JsonValue]


class ArrivalsOut(Shape):
    arrivals: list[ArrivalOut]


class ScannedOut(Shape):
    moved: list[MovedOut] = Field(description="What carried the number; nothing when it waits")
    arrival: ArrivalOut | None


@router.post(
    "/businesses/{business}/scans",
    response=ScannedOut,
    by_alias=True,
    openapi_extra=documented(*WRITTEN),
    summary="Scan the number of something that has come",
)
def post_scan(request: HttpRequest, business: str, body: ScanIn) -> Any:
    """What carries the number is received; a number that nothing carries waits among the arrivals."""
    access = may(request, scopes.ORDERS_WRITE)
    found = attempted(request, lambda: scanning.scan(access, body.number, body.fields, at=now(), cause="api"))
    return _scanned(request, found)


@router.get(
    "/businesses/{business}/arrivals",
    response=ArrivalsOut,
    openapi_extra=documented(*SEEN),
    summary="What has come and is not identified, the longest waiting first",
)
def get_arrivals(request: HttpRequest, business: str) -> Any:
    """Of the staff's eyes alone."""
    access = may(request, scopes.ORDERS_READ)
    return {"arrivals": [arrival_json(one) for one in scanning.waiting_arrivals(access)[: reading.SIZE_MAX]]}


@router.post(
    "/businesses/{business}/arrivals/{number}/identifications",
    response=ScannedOut,
    by_alias=True,
    openapi_extra=documented(*WRITTEN),
    summary="Say which item an arrival is",
)
def post_identification(request: HttpRequest, business: str, number: str, body: IdentificationIn) -> Any:
    """The number becomes the item's, and the item is received."""
    access = may(request, scopes.ORDERS_WRITE)
    found = attempted(request, lambda: scanning.attach(access, number, body.item, at=now(), cause="api"))
    return _scanned(request, found)


def _scanned(request: HttpRequest, found: scanning.Scanned) -> dict[str, Any]:
    access, workflow, language = access_of(request), workflow_of(request), language_of(request)
    return {
        "moved": [moved_json(one, access, workflow, language) for one in found.moved],
        "arrival": arrival_json(found.arrival) if found.arrival else None,
    }
