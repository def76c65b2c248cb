"""The tracker's REST interface: the same acts, limits and permission as the pages.

A list is opened by its numbers and read by its token; a number alone opens nothing.
"""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from sledi.api.problems import Problem
from sledi.carriers import UnknownCarrier, directory, entry
from sledi.core.numbers import Hints, detect
from sledi.tracking import operations, queries
from sledi.tracking.clients import address_of
from sledi.tracking.timeline_json import carrier_json, parcel_json, row_json

router = Router(tags=["tracking"])

TEXT_MAX = 100_000


class DetectIn(Schema):
    numbers: list[str] = Field(min_length=1, max_length=1000)
    origin: str = Field("", pattern="^([A-Z]{2})?$")
    destination: str = Field("", pattern="^([A-Z]{2})?$")


class ListIn(Schema):
    numbers: list[str] = Field(min_length=1, max_length=operations.NUMBERS_MAX)
    origin: str = Field("", pattern="^([A-Z]{2})?$")
    destination: str = Field("", pattern="^([A-Z]{2})?$")


class CarrierIn(Schema):
    carrier: str = Field("", max_length=40)


class ProblemOut(Schema):
    type: str
    title: str
    status: int
    instance: str
    request_id: str
    errors: list[dict[str, str]] = []


@router.post("/detect", response={200: dict[str, Any], 422: ProblemOut}, summary="Whose numbers are these?")
def post_detect(request: HttpRequest, body: DetectIn) -> Any:
    """Recognise numbers; nothing is stored and nobody is asked."""
    hints = Hints(origin=body.origin, destination=body.destination)
    return {"numbers": [detect(number[:200], hints).to_dict() for number in body.numbers]}


@router.post(
    "/lists",
    response={201: dict[str, Any], 422: ProblemOut, 429: ProblemOut},
    summary="Follow up to 40 numbers",
)
def post_list(request: HttpRequest, body: ListIn) -> Any:
    """Open a list. Its token is in this answer and nowhere else."""
    try:
        opened = operations.open_list(
            "\n".join(number[:200] for number in body.numbers),
            client=address_of(request),
            at=datetime.now(UTC),
            origin=body.origin,
            destination=body.destination,
        )
    except operations.NothingFound:
        raise Problem(
            422,
            "no-number",
            "The text holds no tracking number.",
            errors=[{"pointer": "/numbers", "detail": "structure"}],
        ) from None
    except operations.TooMany as problem:
        raise _too_many(problem) from None
    return 201, {"token": opened.token, "numbers": list(opened.numbers), "dropped": opened.dropped}


@router.get("/lists/{token}", response={200: dict[str, Any], 404: ProblemOut}, summary="A list")
def get_list(request: HttpRequest, response: HttpResponse, token: str) -> Any:
    """All rows of a list with what is known of each."""
    page = _page(token)
    return {
        "created_at": page.created_at,
        "origin": page.origin,
        "destination": page.destination,
        "dropped": page.dropped,
        "rows": [row_json(row) for row in page.rows],
    }


@router.get(
    "/lists/{token}/numbers/{number}",
    response={200: dict[str, Any], 404: ProblemOut},
    summary="One number with its whole timeline",
)
def get_number(request: HttpRequest, token: str, number: str, lang: str = "en") -> Any:
    """The timeline of one number of a list."""
    now = datetime.now(UTC)
    try:
        return parcel_json(queries.parcel_page(token, number, now), lang, now)
    except operations.NotInList:
        raise _not_in_list() from None


@router.put(
    "/lists/{token}/numbers/{number}/carrier",
    response={200: dict[str, Any], 404: ProblemOut, 422: ProblemOut},
    summary="Say who carries a number",
)
def put_carrier(request: HttpRequest, token: str, number: str, body: CarrierIn) -> Any:
    """Choose the carrier (empty = whoever may be), also for a number that looks mistyped."""
    if body.carrier and body.carrier not in directory():
        raise Problem(
            422,
            "unknown-carrier",
            "No carrier has this slug.",
            errors=[{"pointer": "/carrier", "detail": "unknown"}],
        )
    try:
        operations.choose_carrier(token, number, body.carrier, at=datetime.now(UTC))
    except operations.NotInList:
        raise _not_in_list() from None
    row = next(row for row in _page(token).rows if row.number == number)
    return row_json(row)


@router.get("/carriers", response=dict[str, Any], summary="The directory of carriers")
def get_carriers(request: HttpRequest) -> Any:
    """Every carrier known by name, and whether it can be asked here."""
    return {"carriers": [carrier_json(known) for known in directory().values()]}


@router.get("/carriers/{slug}", response={200: dict[str, Any], 404: ProblemOut}, summary="One carrier")
def get_carrier(request: HttpRequest, slug: str) -> Any:
    """Names, contacts and tracking link of one carrier."""
    try:
        return carrier_json(entry(slug))
    except UnknownCarrier:
        raise Problem(404, "unknown-carrier", "No carrier has this slug.") from None


def _page(token: str) -> queries.ListPage:
    try:
        return queries.open_page(token, datetime.now(UTC))
    except operations.NotInList:
        raise _not_in_list() from None


def _not_in_list() -> Problem:
    return Problem(404, "not-found", "There is no such list, or it does not hold this number.")


def _too_many(problem: operations.TooMany) -> Problem:
    wait_s = max(1, int((problem.retry_at - datetime.now(UTC)).total_seconds()))
    return Problem(
        429,
        "too-many-numbers",
        f"{problem.left} new numbers are left for this hour.",
        retry_after_s=wait_s,
    )
