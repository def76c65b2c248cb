"""What stands on the pages of orders, items, parcels, hauls and cases, ready for the templates.

Words, amounts and days are the reader's already: ``reader`` makes these values of what ``reading`` found.
"""

from dataclasses import dataclass
from datetime import datetime

from sledi.orders.pages.forms import MoveForm
from sledi.orders.showing import Pill


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a move is not possible yet, with the things in the way."""

    words: str
    listed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Act:
    """A move as the reader meets it: a form, or the reasons why not yet."""

    form: MoveForm
    reasons: tuple[Reason, ...] = ()
    leads_on: bool = False  # to a later phase: somebody waits for it
    is_next: bool = False  # the first of those on its page

    @property
    def label(self) -> str:
        return self.form.label


@dataclass(frozen=True, slots=True)
class Number:
    """A carrier's number, whether it is one of the way back, and what the carriers say of it now."""

    number: str
    is_return: bool
    status: Pill | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """One thing in a list or on a page."""

    key: str
    level: str
    name: str
    address: str
    pill: Pill
    quantity: int = 0
    price: str = ""
    sub: tuple[str, ...] = ()
    numbers: tuple[Number, ...] = ()
    flags: tuple[str, ...] = ()
    progress: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    changed: str = ""
    changed_at: datetime | None = None
    acts: tuple[Act, ...] = ()
    not_yet: tuple[Act, ...] = ()

    @property
    def anchor(self) -> str:
        return f"{self.level}-{self.key}"


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of the bar, with the way to its explanation."""

    name: str
    state: str
    address: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of history: what was done, to what, from where to where, by whom."""

    said: str
    about: str
    at: datetime
    who: str
    source: str
    target: str
    note: str
    fields: tuple[tuple[str, str], ...]
    is_correction: bool


@dataclass(frozen=True, slots=True)
class Planned:
    """When something is due."""

    said: str
    about: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Group:
    """Things of one level that stand together."""

    key: str
    name: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole page about one thing."""

    name: str
    pill: Pill
    parent: str
    about: str
    sub: tuple[str, ...]
    flags: tuple[str, ...]
    back: str
    back_name: str
    acts: tuple[Act, ...]
    not_yet: tuple[Act, ...]
    corrections: tuple[Act, ...]
    next_who: str
    groups: tuple[Group, ...]
    facts: tuple[tuple[str, str], ...]
    numbers: tuple[Number, ...]
    planned: tuple[Planned, ...]
    history: tuple[Line, ...]
    earlier: tuple[Line, ...]
    steps: tuple[Step, ...] = ()
    progress: tuple[str, ...] = ()
    money: tuple[tuple[str, str], ...] = ()
    holds_orders: bool = False

    @property
    def is_mine(self) -> bool:
        """Whether the next step is the reader's."""
        return any(act.leads_on for act in self.acts)

    @property
    def has_acts_below(self) -> bool:
        return any(card.acts for group in self.groups for card in group.cards)
