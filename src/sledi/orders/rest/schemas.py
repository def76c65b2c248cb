"""The shapes of the REST interface of a business: what it takes, and what ``order_json`` makes for it."""

from typing import Literal

from ninja import Schema
from pydantic import ConfigDict, Field, JsonValue

from sledi.orders.moving.making import ITEMS_MAX
from sledi.orders.rest.schemas_of_moves import MoveOut
from sledi.orders.rest.shapes import Day, Fields, Moment, MoneyOut, PhotoOut, Reference, Shape
from sledi.tracking.schemas import EventOut

ORDERS_MAX = 500
"""Orders loaded at once."""

Levels = Literal["orders", "items", "parcels", "hauls", "cases", "tracks"]
Containers = Literal["parcels", "hauls", "cases", "tracks"]


class OrderIn(Schema):
    """Amounts are in major units, as text or a number. What only staff may say is refused to others as unknown."""

    model_config = ConfigDict(extra="forbid")
    items: list[dict[str, JsonValue]] = Field(
        max_length=ITEMS_MAX,
        description="product (a code, whose facts are copied) or name; quantity, unit_price (with a product: the one "
        "that was seen), category, country, weight_g; staff: fee, processing_days, marks (of the profile, separated "
        "by commas)",
    )
    reference: JsonValue = Field(None, description="Yours; the same one gives the same order again")
    currency: JsonValue = Field(None, description="The business's own when not given")
    address: JsonValue = Field(None, description="Id of an address of one's own book, in place of its parts")
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
    value: str | bool | int | list[PhotoOut]
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


class PromisedOut(Shape):
    days: int = Field(description="What deadlines reckon with")
    days_min: int | None = Field(description="Where a range was promised: of 2–4 days the 2")
    words: str = Field(description="What it is called, and the days, as the page says it")


class ProcessingOut(PromisedOut):
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


class RowsOut(Shape):
    rows: list[RowOut]
    next_cursor: str


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
    product: str = Field(description="The code of the product that it was copied from")
    processing: PromisedOut | None
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
