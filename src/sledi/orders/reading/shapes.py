"""The values a door shows. Rows are the database's own; words have all their languages; money is Money."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sledi.core.money import Money
from sledi.core.timeline import Line, Timeline
from sledi.core.workflow import Possible, Stage, State, Words, Workflow
from sledi.core.workflow.deciding import Progressed
from sledi.history.models import Record
from sledi.orders.models import Case, ImportRule, Order
from sledi.orders.moving.scene import Subject, level_of
from sledi.parcels.models import Alias, AliasKind, Haul, Parcel
from sledi.tracking.queries import Followed


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A field that a move supplied. ``words`` name a choice; ``money`` is an amount; else ``value`` says it all."""

    key: str
    type: str
    label: Words
    value: Any
    words: Words = field(default_factory=dict)
    money: Money | None = None


@dataclass(frozen=True, slots=True)
class Amounts:
    """What an order costs; None for what the profile hides from the reader."""

    goods: Money | None
    fee: Money | None
    shipping: Money | None
    total: Money | None
    paid: Money | None
    refunded: Money | None


@dataclass(frozen=True, slots=True)
class Told:
    """One record of the history, as its reader may see it. ``number`` is the subject's, "" when it is out of sight."""

    record: Record
    number: str
    label: Words
    from_state: State | None
    to_state: State | None
    note: str
    fields: tuple[FieldValue, ...]
    actor_name: str  # "" when the reader is not meant to know who it was; the record's role stays
    before: tuple[FieldValue, ...] = ()  # what those fields held until then, where they held anything


@dataclass(frozen=True, slots=True)
class Deadline:
    """When something of the profile is due, and whether it has struck."""

    name: str
    label: Words
    level: str
    number: str
    planned_at: datetime
    day: date  # the last one that counts whole or in part, where the business is
    has_struck: bool
    ahead: Words = field(default_factory=dict)  # what is expected until then, with {date}


@dataclass(frozen=True, slots=True)
class Packed:
    """So many pieces of an item lie in a parcel."""

    item_number: str
    parcel_number: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Thing:
    """One row with what its profile says of it; ``actions`` are the moves open to the reader, and what hinders them."""

    subject: Subject
    workflow: Workflow
    numbers: tuple[Alias, ...] = ()
    fields: tuple[FieldValue, ...] = ()
    actions: tuple[Possible, ...] = ()
    hidden: frozenset[str] = frozenset()
    currency: str = ""  # of its order; else of the business
    order_number: str = ""  # of the one order it belongs to or holds; "" where it is not read
    volumetric_g: int | None = None  # of a parcel that was measured, where the business counts it
    import_rule: ImportRule | None = None  # that forbids to bring it where its order goes
    refunded: Money | None = None  # of an item, when anything of it was given back

    @property
    def level(self) -> str:
        return level_of(self.subject)

    @property
    def id(self) -> UUID:
        return self.subject.pk

    @property
    def number(self) -> str:
        return self.subject.number

    @property
    def state(self) -> State | None:
        """None for a state that the profile does not know any more."""
        return self.workflow.states(self.level).get(self.subject.state)

    @property
    def parent(self) -> State | None:
        """The state that stands above its state: what a list says."""
        state = self.state
        return self.workflow.states(self.level)[state.parent] if state and state.parent else None

    @property
    def flags(self) -> tuple[tuple[str, Words], ...]:
        """The flags that deadlines raised, with their words: of the deadline that runs in its state, if several do."""
        timers = sorted(
            self.workflow.timers(self.level).values(), key=lambda one: self.subject.state in one.states
        )
        labels = {timer.flag: timer.label for timer in timers}
        marks = self.workflow.marks(self.level)
        return tuple((flag, labels.get(flag, {})) for flag in self.subject.flags if flag not in marks)

    @property
    def marks(self) -> tuple[tuple[str, Words], ...]:
        """The marks it was placed with, in words."""
        marks = self.workflow.marks(self.level)
        return tuple((flag, marks[flag]) for flag in self.subject.flags if flag in marks)


@dataclass(frozen=True, slots=True)
class Carried:
    """A carrier's number that a thing has or had, and what the carriers say of it; None while nobody is asked."""

    thing: Thing
    alias: Alias
    followed: Followed | None

    @property
    def is_current(self) -> bool:
        return self.alias.until is None

    @property
    def is_to_recipient(self) -> bool:
        """Whether it leads to who ordered, not only to a warehouse. Without parcels the items go there themselves."""
        if self.alias.kind == AliasKind.DOMESTIC:
            return self.thing.level == "item" and "parcel" not in self.thing.workflow.levels
        return True

    @property
    def has_events(self) -> bool:
        return self.followed is not None and bool(self.followed.timeline.lines)


@dataclass(frozen=True, slots=True)
class Expected:
    """When an order is expected where it is handed out; ``on`` is None while nobody knows."""

    on: date | None

    def is_past(self, today: date) -> bool:
        return self.on is not None and self.on < today


@dataclass(frozen=True, slots=True)
class Processing:
    """The days promised for preparing something, and the day it leaves by; None before they have begun to count."""

    days: int
    ships_by: date | None = None
    is_in_working_days: bool = True
    days_min: int | None = None  # where a range was promised
    called: Words = field(default_factory=dict)  # by a mark of the item: tailoring time


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list of parcels, hauls or cases. ``orders`` are the visible orders it holds or belongs to."""

    thing: Thing
    orders: tuple[str, ...]
    change: Told | None = None
    contents: tuple[tuple[str, int], ...] = ()  # of a parcel of items: names and pieces
    expected: Expected | None = None


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One line of a list of orders."""

    thing: Thing
    amounts: Amounts
    items: int
    pieces: int
    states: tuple[tuple[State | None, int], ...]  # of its items, with pieces, in the profile's order
    progress: tuple[Progressed, ...]
    change: Told | None
    changed_item: str = ""  # the name of the item that the change is about
    expected: Expected | None = None
    processing: Processing | None = None
    can_be_tracked: bool = False

    @property
    def order(self) -> Order:
        assert isinstance(self.thing.subject, Order)
        return self.thing.subject


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of the bar: ``done``, ``current`` or ``ahead``."""

    stage: Stage
    standing: str


@dataclass(frozen=True, slots=True)
class Happening:
    """A moment of an item's way: a record of its history, or a scan. ``number`` is the thing's or the carrier's."""

    at: datetime
    number: str
    told: Told | None = None
    scan: Line | None = None
    timeline: Timeline | None = None  # the scan's


@dataclass(frozen=True, slots=True)
class ItemPage:
    """An item with its one timeline, the oldest first, through everything it lay in."""

    item: Thing
    order: Thing
    parcels: tuple[Thing, ...]
    deadlines: tuple[Deadline, ...]
    carried: tuple[Carried, ...]
    happenings: tuple[Happening, ...]


@dataclass(frozen=True, slots=True)
class OrderPage:
    """An order. ``makes`` are the moves that make something for it: a parcel, a case."""

    order: Thing
    amounts: Amounts
    items: tuple[Thing, ...]
    parcels: tuple[Thing, ...]
    hauls: tuple[Thing, ...]
    cases: tuple[Thing, ...]
    packed: tuple[Packed, ...]
    makes: tuple[Possible, ...]
    progress: tuple[Progressed, ...]
    stages: tuple[Step, ...]
    deadlines: tuple[Deadline, ...]
    history: tuple[Told, ...]  # the newest first, HISTORY_SHOWN of them
    carried: tuple[Carried, ...] = ()
    expected: Expected | None = None
    processing: Processing | None = None
    sender: str = ""
    notices: tuple[tuple[Words, Words], ...] = ()  # label and words that the profile tells now


@dataclass(frozen=True, slots=True)
class ContainerPage:
    """A parcel, a haul or a case with the orders it holds or belongs to, as far as the reader may see them."""

    thing: Thing
    orders: tuple[Thing, ...]
    items: tuple[Thing, ...]
    packed: tuple[Packed, ...]
    deadlines: tuple[Deadline, ...]
    history: tuple[Told, ...]
    notices: tuple[tuple[Words, Words], ...] = ()
    carried: tuple[Carried, ...] = ()
    sender: str = ""
    expected: Mapping[UUID, Expected] = field(default_factory=dict)  # of its orders

    @property
    def subject(self) -> Parcel | Haul | Case:
        assert isinstance(self.thing.subject, Parcel | Haul | Case)
        return self.thing.subject
