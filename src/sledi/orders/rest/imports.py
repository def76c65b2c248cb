"""The REST interface of files: orders placed and moves done from the rows of a CSV or XLSX."""

from collections.abc import Callable
from typing import Any, Literal

from django.http import HttpRequest
from pydantic import Field

from sledi.accounts import scopes
from sledi.accounts.access import Access
from sledi.api.problems import Problem, documented
from sledi.orders.files import importing
from sledi.orders.files.sheets import FILE_BYTES_MAX, WrongFile
from sledi.orders.rest.asking import WRITTEN, language_of, may, now, orders_router
from sledi.orders.rest.schemas_of_moves import RowProblemOut
from sledi.orders.rest.shapes import Shape

router = orders_router()

_FILE = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary"}},
}
A_FILE = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": _FILE},
            "text/csv": {"schema": {"type": "string"}},
        },
    }
}


class ImportedOut(Shape):
    row: int = Field(description="Line of the file; the first of the order")
    reference: str
    outcome: Literal["done", "repeated", "refused"]
    number: str
    to: str
    instead: str = Field(description="Why another move was done in its place; empty when none was")
    problem: RowProblemOut | None


class ImportOut(Shape):
    is_dry_run: bool
    encoding: str
    done: int
    repeated: int
    refused: int
    rows: list[ImportedOut]


@router.post(
    "/businesses/{business}/imports/orders",
    response=ImportOut,
    openapi_extra={**documented(*WRITTEN), **A_FILE},
    summary="Place the orders of a CSV or XLSX file",
)
def post_order_import(request: HttpRequest, business: str, dry_run: bool = False) -> Any:
    """One row an item; rows with the same reference are one order. With ``dry_run`` everything is only checked."""
    access = may(request, scopes.ORDERS_WRITE)
    return _imported(request, access, importing.import_orders, dry_run)


@router.post(
    "/businesses/{business}/imports/moves",
    response=ImportOut,
    openapi_extra={**documented(*WRITTEN), **A_FILE},
    summary="Do the moves of a CSV or XLSX file",
)
def post_move_import(request: HttpRequest, business: str, dry_run: bool = False) -> Any:
    """Columns: level, number, move, quantity, version and the fields of the moves."""
    access = may(request, scopes.ORDERS_WRITE)
    access.require(scopes.PARCELS_WRITE)
    return _imported(request, access, importing.import_moves, dry_run)


def _imported(
    request: HttpRequest, access: Access, act: Callable[..., importing.Report], dry_run: bool
) -> dict[str, Any]:
    try:
        report = act(access, _file(request), at=now(), cause="csv", is_dry_run=dry_run)
    except WrongFile as wrong:
        status = 413 if wrong.reason == "too_large" else 422
        raise Problem(status, "wrong-file", str(wrong), more={"reason": wrong.reason}) from None
    return importing.report_json(report, access, language_of(request))


def _file(request: HttpRequest) -> bytes:
    """The bytes of the file, however it was sent."""
    if request.content_type == "multipart/form-data":
        file = request.FILES.get("file")
        if file is None:
            raise Problem(422, "invalid", errors=[{"pointer": "/file", "detail": "missing"}])
        if (file.size or 0) > FILE_BYTES_MAX:
            raise Problem(413, "wrong-file", more={"reason": "too_large"})
        return bytes(file.read())
    if request.content_type == "text/csv":
        return request.body
    accepted = "text/csv, multipart/form-data"
    raise Problem(415, "media-type", f"Send {accepted}.", headers={"Accept-Post": accepted})
