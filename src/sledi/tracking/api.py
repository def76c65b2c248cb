"""The tracker's REST interface: the same acts, limits and permission as the pages.

A list is opened by its numbers and read by its token; a number alone opens nothing. No session and no cookie is
looked at.
"""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.http import HttpRequest
from ninja import Status

from sledi.api.problems import KINDS, Problem, documented
from sledi.api.router import Router, with_etag
from sledi.carriers import UnknownCarrier, directory, entry
from sledi.core.numbers import Hints, detect
from sledi.core.numbers.countries import ASSIGNED
from sledi.tracking import operations, queries, schemas
from sledi.tracking.clients import address_of
from sledi.tracking.timeline_json import carrier_json, list_json, parcel_json, row_json

T = TypeVar("T")

router = Router(tags=["tracking"])

WITH_BODY = (400, 413, 415, 422)


@router.get("/", include_in_schema=False)
def get_index(request: HttpRequest) -> Any:
    """Where to read on."""
    return {"openapi": "/api/v1/openapi.json", "problems": "/api/v1/problems", "carriers": "/api/v1/carriers"}


@router.post(
    "/detect",
    response=schemas.DetectOut,
    openapi_extra=documented(*WITH_BODY),
    summary="Whose numbers are these?",
)
def post_detect(request: HttpRequest, body: schemas.DetectIn) -> Any:
    """Recognise numbers; nothing is stored and nobody is asked."""
    hints = Hints(origin=body.origin, destination=body.destination)
    return {"numbers": [detect(number, hints).to_dict() for number in body.numbers]}


@router.post(
    "/lists",
    response={201: schemas.OpenedOut},
    openapi_extra=documented(*WITH_BODY, 429),
    summary="Follow up to 40 numbers",
)
def post_list(request: HttpRequest, body: schemas.ListIn) -> Any:
    """Open a list. Its token is in this answer and nowhere else."""
    opened = _allowed(
        lambda: operations.open_list(
            "\n".join(body.numbers),
            client=address_of(request),
            at=_now(),
            origin=body.origin,
            destination=body.destination,
        )
    )
    return Status(201, {"token": opened.token, "numbers": list(opened.numbers), "dropped": opened.dropped})


@router.get("/lists/{token}", response=schemas.ListOut, openapi_extra=documented(304, 404), summary="A list")
@with_etag
def get_list(request: HttpRequest, token: str) -> Any:
    """All rows of a list with what is known of each."""
    return list_json(_page(token))


@router.post(
    "/lists/{token}/numbers",
    response=schemas.AddedOut,
    openapi_extra=documented(*WITH_BODY, 404, 429),
    summary="Follow more numbers",
)
def post_numbers(request: HttpRequest, token: str, body: schemas.NumbersIn) -> Any:
    """Add numbers to a list; those it holds already, or has no room for, are left out."""
    text, client = "\n".join(body.numbers), address_of(request)
    return {"added": _allowed(lambda: operations.extend_list(token, text, client=client, at=_now()))}


@router.put(
    "/lists/{token}/destination",
    response={204: None},
    openapi_extra=documented(*WITH_BODY, 404),
    summary="Say where the parcels go",
)
def put_destination(request: HttpRequest, token: str, body: schemas.DestinationIn) -> Any:
    """The posts of this country join the asking; what a carrier says wins over it."""
    if body.country not in ASSIGNED:
        raise Problem(422, "unknown-country", errors=[{"pointer": "/country", "detail": "unknown"}])
    _in_list(lambda: operations.set_destination(token, body.country, at=_now()))
    return Status(204, None)


@router.get(
    "/lists/{token}/numbers/{number}",
    response=schemas.FollowedOut,
    by_alias=True,
    openapi_extra=documented(304, 404, 409, 422),
    summary="One number with its whole timeline",
)
@with_etag
def get_number(request: HttpRequest, token: str, number: str, language: schemas.Language = "en") -> Any:
    """The timeline of one number of a list, with names in one of the languages."""
    now = _now()
    return parcel_json(_in_list(lambda: queries.parcel_page(token, number, now)), language, now)


@router.delete(
    "/lists/{token}/numbers/{number}",
    response={204: None},
    openapi_extra=documented(404),
    summary="Take a number out of a list",
)
def delete_number(request: HttpRequest, token: str, number: str) -> Any:
    """The list forgets the number."""
    _in_list(lambda: operations.remove_row(token, number))
    return Status(204, None)


@router.put(
    "/lists/{token}/numbers/{number}/carrier",
    response=schemas.ListRowOut,
    openapi_extra=documented(*WITH_BODY, 404),
    summary="Say who carries a number",
)
def put_carrier(request: HttpRequest, token: str, number: str, body: schemas.CarrierIn) -> Any:
    """Choose the carrier (empty = whoever may be), also for a number that looks mistyped."""
    if body.carrier and body.carrier not in directory():
        raise Problem(422, "unknown-carrier", errors=[{"pointer": "/carrier", "detail": "unknown"}])
    _in_list(lambda: operations.choose_carrier(token, number, body.carrier, at=_now()))
    return row_json(next(row for row in _page(token).rows if row.number == number))


@router.post(
    "/lists/{token}/numbers/{number}/asking",
    response={202: schemas.AskingOut},
    openapi_extra=documented(404),
    summary="Ask the carriers now",
)
def post_asking(request: HttpRequest, token: str, number: str) -> Any:
    """Have the carriers of a number asked, as far as their rules allow."""
    return Status(202, {"asked": _in_list(lambda: operations.ask_again(token, number, at=_now()))})


@router.get(
    "/carriers",
    response=schemas.CarriersOut,
    openapi_extra=documented(304),
    summary="The directory of carriers",
)
@with_etag
def get_carriers(request: HttpRequest) -> Any:
    """Every carrier known by name, and whether it can be asked here."""
    return {"carriers": [carrier_json(known) for known in directory().values()]}


@router.get(
    "/carriers/{slug}", response=schemas.CarrierOut, openapi_extra=documented(304, 404), summary="One carrier"
)
@with_etag
def get_carrier(request: HttpRequest, slug: str) -> Any:
    """Names, contacts and tracking link of one carrier."""
    try:
        return carrier_json(entry(slug))
    except UnknownCarrier:
        raise Problem(404, "unknown-carrier") from None


@router.get(
    "/problems", response=schemas.ProblemKindsOut, openapi_extra=documented(304), summary="What errors mean"
)
@with_etag
def get_problems(request: HttpRequest) -> Any:
    """Every kind of problem that this interface answers with, by the last part of its type."""
    return {"problems": KINDS}


def _now() -> datetime:
    return datetime.now(UTC)


def _page(token: str) -> queries.ListPage:
    return _in_list(lambda: queries.open_page(token, _now()))


def _in_list(act: Callable[[], T]) -> T:
    """Do something with a list or a number in it; the answer is the same for what is not there and not yours."""
    try:
        return act()
    except operations.NotFollowed:
        raise Problem(409, "not-followed") from None
    except operations.NotInList:
        raise Problem(404, "not-found") from None


def _allowed(act: Callable[[], T]) -> T:
    """Follow numbers, within the allowance of this hour."""
    try:
        return _in_list(act)
    except operations.NothingFound:
        raise Problem(422, "no-number", errors=[{"pointer": "/numbers", "detail": "structure"}]) from None
    except operations.TooMany as problem:
        wait_s = max(1, math.ceil((problem.retry_at - _now()).total_seconds()))
        title = f"{problem.left} new numbers are left for this hour."
        raise Problem(429, "too-many-numbers", title, headers={"Retry-After": str(wait_s)}) from None
