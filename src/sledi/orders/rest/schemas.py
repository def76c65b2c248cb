"""The shapes of the REST interface of a business: what it takes, and what ``order_json`` makes for it."""

from typing import Annotated, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, JsonValue

from sledi.orders.moving.making import ITEMS_MAX
from sledi.tracking.schemas import EventOut

ROWS_MAX = 1000
"""Subjects of one bulk move, and rows of an import."""
ORDERS_MAX = 500
"""Orders loaded at once."""
FIELDS_MAX = 60

Day = Annotated[str, Field(json_schema_extra={"format": "date"})]
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
        description="name (required), quantity, unit_price, category, country, weight_g; staff: fee, processing_days, "
        "marks (of the profile, separated by commas)",
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
    processing_days: JsonValue = Field(
        None, description="Staff: as promised; at least the longest of its items"
    )
    marks: JsonValue = Field(None, description="Staff: marks of the profile, separated by commas")


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


class SiteOut(Shape):
    carrier: str
    name: str
    url: str
    carries_number: bool = Field(description="Otherwise the number has to be typed there")
    is_third_party: bool


class NumberOut(Shape):
    number: str
    kind: Literal["domestic", "international", "local", "return"]
    since: Moment
    until: Moment | None
    sites: list[SiteOut] = Field(description="Pages of carriers and others for it, while it is in force")


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
    flags: list[FlagOut] = Field(description="Raised by deadlines")
    marks: list[FlagOut] = Field(description="It was placed with them")
    numbers: list[NumberOut]
    fields: list[ValueOut]


class MissingOut(Shape):
    level: str
    number: str
    name: str
    state: str
    label: str
    numbers: list[str] = Field(description="Carriers' numbers in force")
    changed_at: Moment


class ProgressOut(Shape):
    done: int
    all: int
    words: str
    notice: str = Field(description="The rule for which those that are done wait, empty when there is none")
    missing: list[MissingOut] = Field(description="What is not done yet; empty in lists")


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
    before: list[ValueOut] = Field(description="What those fields held until then, where they held anything")
    is_correction: bool


class ProcessingOut(Shape):
    days: int
    ships_by: Day | None = Field(description="By the clocks the days are counted by; null before they count")


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
    expected_on: Day | None = Field(description="When it arrives by the next haul; null while nobody knows")
    is_expected_past: bool
    processing: ProcessingOut | None
    can_be_tracked: bool


class OrdersOut(Shape):
    orders: list[OrderRowOut]
    next_cursor: str = Field(description="Empty behind the last")


class ContentOfRowOut(Shape):
    name: str
    quantity: int


class RowOut(ThingOut):
    orders: list[str] = Field(description="Numbers of the orders in it, as far as this role sees them")
    expected_on: Day | None = Field(description="Of a parcel: when the last of its orders arrives")
    is_expected_past: bool
    contents: list[ContentOfRowOut] = Field(description="Items in a parcel of one order; empty of others")


class TaskOut(Shape):
    id: str
    reason: str
    label: str
    level: str
    number: str
    opened_at: Moment


class TasksOut(Shape):
    tasks: list[TaskOut]


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
    recommended: bool = Field(description="Optional, and better not left empty")
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


class ImportRuleOut(Shape):
    destination: str
    category: str
    text: str
    source: str
    stated_on: Day


class ItemOut(ThingOut):
    line: int
    name: str
    quantity: int
    unit_price: MoneyOut | None
    goods_total: MoneyOut | None
    fee: MoneyOut | None
    refunded: MoneyOut | None = Field(description="What was given back for an item that came to nothing")
    import_rule: ImportRuleOut | None = Field(description="That forbids to bring it where its order goes")
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
    volumetric_g: int | None = Field(
        description="What its size counts as, where the business has a divisor for it"
    )
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
    ahead: str


class NoticeOut(Shape):
    label: str
    words: str


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


class LineOut(Shape):
    name: str
    quantity: int


class OrderOut(ThingOut):
    reference: str
    lines: list[LineOut] = Field(description="What was ordered, where the business has no items")
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
    notices: list[NoticeOut] = Field(description="What the profile tells of it as it stands now")
    expected_on: Day | None = Field(description="When it arrives by the next haul; null while nobody knows")
    is_expected_past: bool
    processing: ProcessingOut | None
    moves: list[MoveOut]
    items: list[ItemOut]
    parcels: list[ParcelOut]
    hauls: list[ThingOut]
    cases: list[CaseOut]
    history: list[ToldOut] = Field(description="Newest first, the last hundred; GET …/history gives all")


class HappeningOut(Shape):
    at: Moment
    kind: Literal["record", "scan"]
    number: str = Field(description="The carrier's number of a scan; else of the order, item or parcel")
    source: str = Field(description="Who says so: the carrier, else the role that acted")
    record: ToldOut | None
    scan: EventOut | None


class TimelineOut(ItemOut):
    order: str
    happenings: list[HappeningOut] = Field(description="Oldest first")


class ItemsOut(Shape):
    items: list[ItemOut]


class ParcelsOut(Shape):
    parcels: list[ParcelOut]


class CasesOut(Shape):
    cases: list[CaseOut]


class OrderInsideOut(ThingOut):
    expected_on: Day | None
    is_expected_past: bool


class ContainerOut(ThingOut):
    """A parcel, haul, track or case; what its kind has not is missing."""

    mode: str | None = None
    destination: str | None = None
    weight_g: int | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    volumetric_g: int | None = None
    contents: list[ContentOut] | None = None
    opened_at: Moment | None = None
    moves: list[MoveOut]
    orders: list[OrderInsideOut]
    deadlines: list[DeadlineOut]
    notices: list[NoticeOut] = Field(description="What the profile tells of it as it stands now")
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


class ScanIn(Schema):
    model_config = ConfigDict(extra="forbid")
    number: str = Field(max_length=100)
    fields: Fields = {}


class IdentificationIn(Schema):
    model_config = ConfigDict(extra="forbid")
    item: Reference


class ImportRuleIn(Schema):
    model_config = ConfigDict(extra="forbid")
    destination: str = Field(description="ISO 3166-1, as KZ")
    category: str = Field(description="As items have it; upper and lower case are the same")
    text: str
    source: str
    stated_on: Day = Field(description="The day of the source")


class ImportRulesOut(Shape):
    rules: list[ImportRuleOut]


class ArrivalOut(Shape):
    number: str
    at: Moment
    scanned_by: str
    fields: dict[str, JsonValue]


class ArrivalsOut(Shape):
    arrivals: list[ArrivalOut]


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


class ScannedOut(Shape):
    moved: list[MovedOut] = Field(description="What carried the number; nothing when it waits")
    arrival: ArrivalOut | None


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
