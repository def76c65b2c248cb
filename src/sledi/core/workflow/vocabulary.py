"""The closed lists a profile chooses from: kinds of level, phases, roles, events, units."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from sledi.core.statuses import PublicStatus


class Kind(StrEnum):
    """What can have a state."""

    ORDER = "order"
    ITEM = "item"  # so many pieces of one product
    PARCEL = "parcel"
    HAUL = "haul"  # a truck or container with parcels' worth of orders
    TRACK = "track"  # a number that is only followed
    CASE = "case"  # a complaint or return
    PAYOUT = "payout"


class Phase(StrEnum):
    """Where an entity stands, comparable across all kinds of business; in this order."""

    DRAFT = "draft"
    AWAITING_PAYMENT = "awaiting_payment"
    PAID = "paid"
    PROCURING = "procuring"  # being bought or made
    INBOUND = "inbound"  # on its way to the warehouse
    AT_WAREHOUSE = "at_warehouse"
    PACKING = "packing"
    OUTBOUND = "outbound"  # on its way to the recipient
    ARRIVED = "arrived"  # near the recipient
    DELIVERED = "delivered"
    CLOSED = "closed"
    FAILED = "failed"


class Tone(StrEnum):
    """How a state looks: a word, a shape and a colour."""

    NEUTRAL = "neutral"
    INFO = "info"
    ACTION = "action"
    OK = "ok"
    PROBLEM = "problem"


class Trigger(StrEnum):
    """What starts a transition."""

    ACTION = "action"
    EVENT = "event"
    TIMER = "timer"


PEOPLE = (
    "owner",
    "platform",
    "supervisor",
    "logist",
    "operator",
    "support",
    "seller",
    "reseller",
    "buyer",
    "end_buyer",
)
MACHINES = ("carrier", "payment", "timer", "system")
ROLES = (*PEOPLE, *MACHINES)

PAYMENT_EVENTS = ("payment.paid", "payment.failed")
EVENTS = (*(str(status) for status in PublicStatus), *PAYMENT_EVENTS)

ANCHORS = ("state_entry", "last_change", "delivery", "placed", "window_end", "expected")
UNITS = ("hours", "days", "working_days", "full_days", "full_working_days")

TEMPLATES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "warranty_card": {"serials": "text", "months": "integer"},
        "invoice": {"vat_percent": "choice"},
        "credit_note": {},
        "return_form": {"days": "setting"},
    }
)
"""The kinds of documents that can be printed, each with the facts it takes: from a field of items of this type, or
from a setting."""
ALL_DOCUMENTS = "all"
"""What stands in an address in the place of a document's key for all of them together."""

RESERVED_COLUMNS = frozenset(
    (*Kind, "id", "move", "quantity", "version", "key", "at", "file", "json", "lang", "help")
)
"""Columns and flags that every table and command of moves has: the entity by its kind, how many pieces of it, of
which version. No field to be supplied may be called so."""

HIDEABLE = ("account", "internal_note")
"""What a role may be kept from seeing beside attributes and supplied fields."""
