"""The REST interface of reports: how sellers did, and which reasons were given."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from pydantic import Field

from sledi.accounts import scopes
from sledi.api.problems import documented
from sledi.orders import reading
from sledi.orders.rest.asking import (
    SEEN,
    may,
    orders_router,
    workflow_of,
    writer_of,
)
from sledi.orders.rest.schemas import FlagOut
from sledi.orders.rest.shapes import Day, Shape

router = orders_router()


class ReasonOut(Shape):
    level: str
    state: str
    state_label: str
    reason: str
    label: str
    count: int


class ReasonsOut(Shape):
    since: Day
    until: Day
    rows: list[ReasonOut]


class RaisedOut(FlagOut):
    orders: int = Field(description="In how many of the orders it was raised, whatever became of them")


class SellersRecordOut(Shape):
    id: str
    name: str
    email: str
    orders: int
    raised: list[RaisedOut]


class SellersOut(Shape):
    since: Day
    until: Day
    rows: list[SellersRecordOut]


@router.get(
    "/businesses/{business}/reports/sellers",
    response=SellersOut,
    openapi_extra=documented(*SEEN, 422),
    summary="How many orders each seller was given, and how many were late",
)
def get_sellers(request: HttpRequest, business: str, since: date, until: date) -> Any:
    """Of orders placed from one day to another. A deadline that has passed counts, also when it was made good."""
    access = may(request, scopes.ORDERS_READ)
    write, workflow = writer_of(request).sellers_record, workflow_of(request)
    rows = [write(one, workflow) for one in reading.sellers(access, since, until)]
    return {"since": since.isoformat(), "until": until.isoformat(), "rows": rows}


@router.get(
    "/businesses/{business}/reports/reasons",
    response=ReasonsOut,
    openapi_extra=documented(*SEEN, 422),
    summary="How often each reason was given",
)
def get_reasons(request: HttpRequest, business: str, since: date, until: date) -> Any:
    """Both days included, by the business's own clock; of what the asker may see."""
    access = may(request, scopes.ORDERS_READ)
    write, workflow = writer_of(request), workflow_of(request)
    rows = [write.counted(one, workflow) for one in reading.reasons(access, since, until)]
    return {"since": since.isoformat(), "until": until.isoformat(), "rows": rows}
