"""The values a door shows. Rows are the database's own; words have all their languages; money is Money."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sledi.core.money import Money
from sledi.core.workflow import Possible, Stage, State, Words, Workflow
from sledi.core.workflow.deciding import Progressed
from sledi.history.models import Record
from sledi.orders.models import Case, Order
from sledi.orders.moving.scene import Subject, level_of
from sledi.parcels.models import Alias, Haul, Parcel


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


@dataclass(frozen=True, slots=True)
class Deadline:
    """When something of the profile is due, and whether it has struck."""

    name: str
    label: Words
    level: str
    number: str
    planned_at: datetime
    has_struck: bool


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
        """The flags that deadlines raised, with their words."""
        labels = {timer.flag: timer.label for timer in self.workflow.timers(self.level).values()}
        return tuple((flag, labels.get(flag, {})) for flag in self.subject.flags)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list of parcels, hauls or cases. ``orders`` are the visible orders it holds or belongs to."""

    thing: Thing
    orders: tuple[str, ...]
    change: Told | None = None


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


@dataclass(frozen=True, slots=True)
class ContainerPage:
    """A parcel, a haul or a case with the orders it holds or belongs to, as far as the reader may see them."""

    thing: Thing
    orders: tuple[Thing, ...]
    items: tuple[Thing, ...]
    packed: tuple[Packed, ...]
    deadlines: tuple[Deadline, ...]
    history: tuple[Told, ...]

    @property
    def subject(self) -> Parcel | Haul | Case:
        assert isinstance(self.thing.subject, Parcel | Haul | Case)
        return self.thing.subject
