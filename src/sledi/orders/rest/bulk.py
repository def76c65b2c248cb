"""The REST interface of moves done with many at once."""

from typing import Any

from django.http import HttpRequest
from ninja import Schema
from pydantic import ConfigDict, Field

from sledi.api.problems import documented
from sledi.orders.files import importing
from sledi.orders.moving import doing, moves
from sledi.orders.reasons import explain
from sledi.orders.rest import schemas
from sledi.orders.rest.asking import (
    WRITTEN,
    access_of,
    attempted,
    language_of,
    level_of,
    may,
    now,
    orders_router,
    scope_of,
    workflow_of,
)
from sledi.orders.rest.order_json import moved_json
from sledi.orders.rest.schemas_of_moves import MovedOut, MoveIn, RowProblemOut
from sledi.orders.rest.shapes import Reference, Shape

router = orders_router()

ROWS_MAX = 1000
"""Subjects of one bulk move."""


class BulkRowIn(MoveIn):
    number: Reference
    version: int | None = Field(None, description="Refused when the subject has another one")


class BulkIn(Schema):
    model_config = ConfigDict(extra="forbid")
    rows: list[BulkRowIn] = Field(min_length=1, max_length=ROWS_MAX)


class OutcomeOut(Shape):
    number: str
    moved: MovedOut | None
    problem: RowProblemOut | None


class OutcomesOut(Shape):
    done: int
    refused: int
    rows: list[OutcomeOut] = Field(description="In the order of the request")


@router.post(
    "/businesses/{business}/{levels}/moves/{name}",
    response=OutcomesOut,
    by_alias=True,
    openapi_extra=documented(*WRITTEN),
    summary="Do a move with many at once",
)
def post_bulk(request: HttpRequest, business: str, levels: schemas.Levels, name: str, body: BulkIn) -> Any:
    """A result for each row; a row that is refused holds up no other. For moves the profile marks as bulk."""
    level = level_of(levels)
    access = may(request, scope_of(level, is_write=True))
    asked = [doing.Asked(row.number, row.fields, row.quantity, row.version) for row in body.rows]
    outcomes = attempted(request, lambda: doing.do_many(access, level, name, asked, at=now(), cause="api"))
    rows = [_outcome(request, row.reference, outcome) for row, outcome in zip(asked, outcomes, strict=True)]
    done = sum(row["moved"] is not None for row in rows)
    return {"done": done, "refused": len(rows) - done, "rows": rows}


def _outcome(request: HttpRequest, reference: str, outcome: moves.Outcome) -> dict[str, Any]:
    access = access_of(request)
    language, refusal = language_of(request), outcome.refusal
    moved = moved_json(outcome.moved, access, workflow_of(request), language) if outcome.moved else None
    problem = importing.problem_json(explain(refusal, access, language)) if refusal else None
    return {"number": reference, "moved": moved, "problem": problem}
