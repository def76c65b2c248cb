"""The shapes of moves: what may be done, what was done, what hindered it. ``order_json`` makes them."""

from ninja import Schema
from pydantic import ConfigDict, Field

from sledi.orders.rest.shapes import Fields, Moment, MoneyOut, Shape


class MoveIn(Schema):
    model_config = ConfigDict(extra="forbid")
    fields: Fields = {}
    quantity: int | None = Field(None, description="So many pieces of an item; they are parted from the rest")


class ChoiceOut(Shape):
    key: str
    label: str


class FieldOut(Shape):
    key: str
    type: str
    label: str
    required: bool
    recommended: bool = Field(description="Optional, and better not left empty")
    document: str | None = Field(
        None, description="Of the order's documents the one that is said to be there"
    )
    max_length: int | None
    min: int | None
    max: int | None
    currency: str | None
    choices: list[ChoiceOut]


class RefusalOut(Shape):
    reason: str = Field(description="A kind of GET /problems")
    guard: str
    words: str
    listed: list[str]


class MoveOut(Shape):
    name: str
    level: str
    label: str
    to: str | None = Field(description="Null when the state stays")
    is_open: bool = Field(
        description="False while a condition is not met; those that need input are tried later"
    )
    is_bulk: bool
    is_correction: bool
    makes: bool = Field(description="It makes something of this level for the order")
    fields: list[FieldOut]
    refusals: list[RefusalOut]


class MovesOut(Shape):
    version: int
    state: str
    moves: list[MoveOut]


class AlsoOut(Shape):
    level: str
    id: str
    from_: str = Field(alias="from")
    to: str


class InsteadOut(Shape):
    move: str
    guard: str
    words: str


class MovedOut(Shape):
    level: str
    id: str
    move: str
    from_: str = Field(alias="from")
    to: str
    version: int
    at: Moment
    instead: InsteadOut | None = Field(
        description="What was done in its place, and why, where a profile says so"
    )
    also: list[AlsoOut] = Field(description="What moved with it")


class RowProblemOut(Shape):
    type: str
    title: str
    field: str
    reason: str
    guard: str
    listed: list[str]
    missing: MoneyOut | None
    version: int | None
