"""What stands on the pages of orders, items, parcels, hauls and cases, ready for the templates.

Words, amounts and days are the reader's already: ``telling``, ``rows`` and ``reader`` make these values of what
``reading`` found.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sledi.orders.pages.forms import MoveForm
from sledi.orders.pages.photos import Strip
from sledi.orders.showing import Pill
from sledi.web.carrier_cards import CarrierCard
from sledi.web.scans import LineView


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
class Link:
    """A page for a number elsewhere; where it does not carry the number, that has to be typed there."""

    name: str
    address: str
    carries_number: bool
    is_third_party: bool


@dataclass(frozen=True, slots=True)
class Number:
    """A carrier's number, whether it is one of the way back, what the carriers say of it, where else to look."""

    number: str
    is_return: bool
    status: Pill | None = None
    way: str = ""  # the page that shows its scans
    sites: tuple[Link, ...] = ()


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
    photos: tuple[Strip, ...] = ()
    ahead: tuple[str, ...] = ()  # what is expected until when
    warnings: tuple[str, ...] = ()  # what may not be brought where the order goes
    changed: str = ""
    changed_at: datetime | None = None
    track: str = ""  # the address of its way, when there is anything to track
    expected: str = ""
    is_late: bool = False  # what was expected has not come
    processing: tuple[str, ...] = ()
    product: str = ""  # the address of what it was copied from
    states: tuple[str, ...] = ()  # of what is inside, where they differ
    place: int = 0  # in a queue, from 1
    age: str = ""  # since when it stands there
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
    photos: tuple[Strip, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """When something is due."""

    said: str
    about: str
    at: date


@dataclass(frozen=True, slots=True)
class Missing:
    """Something an order waits for. ``number`` is its own within the order, ``age`` how long it stands still."""

    number: str
    card: Card
    age: str


@dataclass(frozen=True, slots=True)
class Wait:
    """How far an order is; the profile's rule for which it rests, and what is missing until it holds."""

    of: str
    said: str
    notice: str
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Things of one level that stand together."""

    key: str
    name: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of the timeline: ``line`` of the history, or ``scan``, which stands under ``number``."""

    at: datetime
    number: str = ""
    line: Line | None = None
    scan: LineView | None = None


@dataclass(frozen=True, slots=True)
class Tracked:
    """One number: what of the order goes under it, what is known, its scans newest first, and where else to look.

    ``carrier_number`` is that under which the present carrier knows the parcel, where it is another one.
    """

    key: str
    number: str
    holder: str
    is_return: bool
    status: Pill
    window: str
    facts: tuple[tuple[str, str], ...]
    lines: tuple[LineView, ...]
    carrier: CarrierCard | None
    carrier_number: str
    is_over: bool
    sites: tuple[CarrierCard, ...]


@dataclass(frozen=True, slots=True)
class Shipment:
    """``said`` stands where there is nothing to track, ``ahead`` are the dates that are known all the same."""

    said: str
    about: str
    ahead: tuple[str, ...]
    needs_help: bool
    tracked: tuple[Tracked, ...]
    stages: tuple[tuple[str, datetime], ...] = ()  # of what no number tells of, newest first
    can_be_tracked: bool = False  # something of it goes to who ordered


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
    photos: tuple[Strip, ...] = ()
    steps: tuple[Step, ...] = ()
    waits: tuple[Wait, ...] = ()
    money: tuple[tuple[str, str], ...] = ()
    notices: tuple[tuple[str, str], ...] = ()
    scans: tuple[tuple[str, str], ...] = ()  # moves, with words, that its orders make when they are scanned
    holds_orders: bool = False
    shipment: Shipment | None = None
    track: str = ""
    expected: str = ""
    is_late: bool = False
    moments: tuple[Moment, ...] = ()
    product: str = ""  # the address of what an item was copied from
    tracked: tuple[Tracked, ...] = ()

    @property
    def is_mine(self) -> bool:
        """Whether the next step is the reader's."""
        return any(act.leads_on for act in self.acts)

    @property
    def has_acts_below(self) -> bool:
        return any(card.acts for group in self.groups for card in group.cards)
