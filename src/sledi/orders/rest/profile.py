"""The REST interface of a business's profile: levels, states, moves and stages, in words."""

from typing import Any

from django.http import HttpRequest
from pydantic import Field

from sledi.api.problems import documented
from sledi.orders.rest.asking import (
    SEEN,
    orders_router,
    workflow_of,
    writer_of,
)
from sledi.orders.rest.schemas_of_moves import FieldOut
from sledi.orders.rest.shapes import Shape

router = orders_router()


class StateInfoOut(Shape):
    key: str
    label: str
    about: str
    parent: str
    phase: str
    tone: str
    is_initial: bool
    is_final: bool


class MoveInfoOut(Shape):
    name: str
    label: str
    from_: list[str] = Field(alias="from")
    to: str | None
    roles: list[str]
    is_bulk: bool
    is_correction: bool
    fields: list[FieldOut]


class LevelOut(Shape):
    level: str
    contains: list[str]
    holds: str
    states: list[StateInfoOut]
    moves: list[MoveInfoOut]


class StageInfoOut(Shape):
    key: str
    label: str
    about: str
    states: dict[str, list[str]]


class ProfileOut(Shape):
    profile: str
    version: int
    name: str
    languages: list[str]
    levels: list[LevelOut]
    stages: list[StageInfoOut]


@router.get(
    "/businesses/{business}/profile",
    response=ProfileOut,
    by_alias=True,
    openapi_extra=documented(*SEEN),
    summary="How this business works",
)
def get_profile(request: HttpRequest, business: str) -> Any:
    """Levels, states, moves and stages: the table that decides."""
    return writer_of(request).profile(workflow_of(request))
