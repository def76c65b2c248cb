"""The shapes of the REST interface of a business: what it takes, and what ``order_json`` makes for it."""

from typing import Annotated, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, JsonValue

from sledi.orders.moving.making import ITEMS_MAX

ROWS_MAX = 1000
"""Subjects of one bulk move, and rows of an import."""
ORDERS_MAX = 500
"""Orders loaded at once."""
FIELDS_MAX = 60

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Reference = Annotated[
    str,
    Field(max_length=60, description="A number as people write it (an item: 7KQM-3XF4.2), or an id"),
]
Fields = Annotated[
    dict[str, JsonValue],
    Field(max_length=FIELDS_MAX, description="By key, as GET …/moves describes them; amounts in major units"),
]
Levels = Literal["orders", "items", "parcels", "hauls", "cases", "tracks"]
Containers = Literal["parcels", "hauls", "cases", "tracks"]


class MoveIn(Schema):
    model_config = ConfigDict(extra="forbid")
    fields: Fields = {}
    quantity: int | None = Field(None, description="So many pieces of an item; they are parted from the rest")


class BulkRowIn(MoveIn):
    number: Reference
    version: int | None = Field(None, description="Refused when the subject has another one")


class BulkIn(Schema):
    model_config = ConfigDict(extra="forbid")
    rows: list[BulkRowIn] = Field(min_length=1, max_length=ROWS_MAX)


class OrderIn(Schema):
    """Amounts are in major units, as text or a number. What only staff may say is refused to others as unknown."""

    model_config = ConfigDict(extra="forbid")
    items: list[dict[str, JsonValue]] = Field(
        max_length=ITEMS_MAX,
        description="name (required), quantity, unit_price, category, country, weight_g; staff: fee, processing_days",
    )
    reference: JsonValue = Field(None, description="Yours; the same one gives the same order again")
    currency: JsonValue = Field(None, description="The business's own when not given")
    recipient_name: JsonValue = None
    recipient_email: JsonValue = None
    recipient_phone: JsonValue = None
    postcode: JsonValue = None
    region: JsonValue = None
    city: JsonValue = None
    street: JsonValue = None
    destination: JsonValue = Field(None, description="ISO 3166-1 alpha-2")
    mode: JsonValue = None
    method: JsonValue = None
    is_cash_on_delivery: JsonValue = None
    recipient: JsonValue = Field(None, description="E-mail of an end buyer of the business")
    seller: JsonValue = Field(None, description="E-mail of a seller of the business")
    buyer: JsonValue = Field(None, description="Staff: e-mail of a buyer of the business")
    buyer_email: JsonValue = Field(None, description="Staff: of a buyer without an account")
    reseller: JsonValue = Field(None, description="Staff: e-mail of a reseller of the business")
    shipping: JsonValue = Field(None, description="Staff: what sending costs")
    is_untracked: JsonValue = Field(None, description="Staff: goes without a number")
    processing_days: JsonValue = Field(None, description="Staff: as promised")


class ContainerIn(Schema):
    model_config = ConfigDict(extra="forbid")
    move: str = Field("", max_length=60, description="The move that makes it, where the profile has one")
    fields: Fields = {}


class LoadingIn(Schema):
    model_config = ConfigDict(extra="forbid")
    orders: list[Reference] = Field(min_length=1, max_length=ORDERS_MAX)


class Shape(Schema):
    """An answer; a field that is not listed is a fault of ours, and a test finds it."""

    model_config = ConfigDict(extra="forbid")


class MoneyOut(Shape):
    amount: str = Field(description="In major units")
    currency: str


class AmountsOut(Shape):
    """Null for what this role does not see."""

    goods: MoneyOut | None
    fee: MoneyOut | None
    shipping: MoneyOut | None
    total: MoneyOut | None
    paid: MoneyOut | None
    refunded: MoneyOut | None


class StateOut(Shape):
    key: str
    label: str
    parent: str = Field(description="The state above it, empty when there is none")
    parent_label: str
    tone: str
    phase: str
    is_final: bool


class FlagOut(Shape):
    key: str
    label: str


class NumberOut(Shape):
    number: str
    kind: Literal["domestic", "international", "local", "return"]
    since: Moment
    until: Moment | None


class ValueOut(Shape):
    key: str
    label: str
    type: str
    value: str | bool | int
    currency: str | None
    words: str = Field(description="Of a choice")


class ThingOut(Shape):
    id: str
    number: str
    version: int = Field(description='Grows with every change; If-Match takes it as "v3"')
    state: StateOut
    since: Moment
    changed_at: Moment
    flags: list[FlagOut]
    numbers: list[NumberOut]
    fields: list[ValueOut]


class ProgressOut(Shape):
    done: int
    all: int
    words: str


class ItemStateOut(Shape):
    state: str
    label: str
    pieces: int


class ActorOut(Shape):
    kind: str
    role: str
    role_label: str
    name: str = Field(description="Empty when this role is not told who it was")


class ToldOut(Shape):
    sequence: int
    at: Moment
    level: str
    number: str
    act: str
    label: str
    from_: str = Field(alias="from")
    to: str
    to_label: str
    actor: ActorOut
    cause: str
    note: str
    fields: list[ValueOut]
    is_correction: bool


class OrderRowOut(ThingOut):
    placed_at: Moment
    destination: str
    recipient_name: str
    amounts: AmountsOut
    items: int
    pieces: int
    item_states: list[ItemStateOut]
    progress: list[ProgressOut]
    last_change: ToldOut | None


class OrdersOut(Shape):
    orders: list[OrderRowOut]
    next_cursor: str = Field(description="Empty behind the last")


class RowOut(ThingOut):
    orders: list[str] = Field(description="Numbers of the orders in it, as far as this role sees them")


class RowsOut(Shape):
    rows: list[RowOut]
    next_cursor: str


class ChoiceOut(Shape):
    key: str
    label: str


class FieldOut(Shape):
    key: str
    type: str
    label: str
    required: bool
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


class ItemOut(ThingOut):
    line: int
    name: str
    quantity: int
    unit_price: MoneyOut | None
    goods_total: MoneyOut | None
    fee: MoneyOut | None
    category: str
    country: str
    weight_g: int | None
    moves: list[MoveOut]


class ContentOut(Shape):
    item: str
    quantity: int


class ParcelOut(ThingOut):
    mode: str
    destination: str
    weight_g: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    contents: list[ContentOut]
    moves: list[MoveOut]


class CaseOut(ThingOut):
    opened_at: Moment
    moves: list[MoveOut]


class DeadlineOut(Shape):
    name: str
    label: str
    level: str
    number: str
    at: Moment
    has_struck: bool


class StepOut(Shape):
    key: str
    label: str
    about: str
    standing: Literal["done", "current", "ahead"]


class RecipientOut(Shape):
    name: str
    email: str
    phone: str
    address: dict[str, str]


class OrderOut(ThingOut):
    reference: str
    placed_at: Moment
    window_ends_at: Moment | None
    recipient: RecipientOut
    destination: str
    mode: str
    method: str
    is_cash_on_delivery: bool
    amounts: AmountsOut
    progress: list[ProgressOut]
    stages: list[StepOut]
    deadlines: list[DeadlineOut]
    moves: list[MoveOut]
    items: list[ItemOut]
    parcels: list[ParcelOut]
    hauls: list[ThingOut]
    cases: list[CaseOut]
    history: list[ToldOut] = Field(description="Newest first, the last hundred; GET …/history gives all")


class ItemsOut(Shape):
    items: list[ItemOut]


class ParcelsOut(Shape):
    parcels: list[ParcelOut]


class CasesOut(Shape):
    cases: list[CaseOut]


class ContainerOut(ThingOut):
    """A parcel, haul, track or case; what its kind has not is missing."""

    mode: str | None = None
    destination: str | None = None
    weight_g: int | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    contents: list[ContentOut] | None = None
    opened_at: Moment | None = None
    moves: list[MoveOut]
    orders: list[ThingOut]
    deadlines: list[DeadlineOut]
    history: list[ToldOut]


class HistoryOut(Shape):
    history: list[ToldOut]
    next_cursor: str


class PlacedOut(Shape):
    id: str
    number: str


class LoadedOut(Shape):
    orders: int = Field(description="How many were not there, or were there, before")


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


class OutcomeOut(Shape):
    number: str
    moved: MovedOut | None
    problem: RowProblemOut | None


class OutcomesOut(Shape):
    done: int
    refused: int
    rows: list[OutcomeOut] = Field(description="In the order of the request")


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
