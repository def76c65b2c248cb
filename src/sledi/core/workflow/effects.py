"""The closed registry of effects: what a move may set off, and the parameters each takes.

What they do belongs to the apps above; here is only what a profile may write. Each is idempotent with the key
(entity, move, index of the effect).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Parameter:
    """``kind``: roles (a list of people's roles), queue (one of them), days (a whole number or a setting's name),
    share (CEL, per mille), move (the name of a transition), level, code (a field of that type), fields (of the fired
    move: those of this move they are filled from), words (by language, with blanks: ``LETTER_BLANKS``)."""

    kind: str
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Registered:
    """An effect a profile may name. ``short`` is the parameter that may stand alone: ``{parent.fire: name}``."""

    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    short: str = ""
    needs: str = ""  # the level that must exist


_FIRE = {
    "name": Parameter("move"),
    "level": Parameter("level", is_optional=True),
    "with": Parameter("fields", is_optional=True),
}

REGISTRY: Mapping[str, Registered] = MappingProxyType(
    {
        "ledger.hold": Registered(),  # reserve the amount in the payer's account
        "ledger.debit": Registered(),  # take it
        "ledger.capture": Registered(),  # take what was held, or what the payment provider authorised
        "ledger.refund_full": Registered(),  # exact reversal of what is still debited
        "ledger.refund": Registered({"share": Parameter("share")}),  # a part of it
        "ledger.refund_shipping": Registered(),  # what stands at the order itself: nothing was sent
        "ledger.release": Registered(),  # held money becomes the seller's
        # Words are the letter's first sentence; without them it is made of what the state is called.
        "notify": Registered({"who": Parameter("roles"), "words": Parameter("words", is_optional=True)}),
        "track.start": Registered(),  # follow the numbers of the entity
        "window.open": Registered({"days": Parameter("days")}),  # the withdrawal window, from the delivery
        "task.create": Registered({"queue": Parameter("queue")}),  # for whoever holds that role
        "children.fire": Registered(_FIRE, short="name"),
        "parent.fire": Registered(_FIRE, short="name"),  # a guard that refuses is no fault
        "parcel.create": Registered(needs="parcel"),
        "code.issue": Registered(
            {"field": Parameter("code")}
        ),  # six digits at random, unless the field has some
    }
)

LETTER_BLANKS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "order": frozenset(),  # its number
        "thing": frozenset(),  # what moved, by name or number; several of one burst are all named
        "state": frozenset(),
        "number": frozenset({"tracking_number"}),
        "total": frozenset({"goods_total", "fee", "total"}),
        "paid": frozenset({"goods_total", "fee", "paid"}),
        "note": frozenset({"note"}),
    }
)
"""What the words of a letter may have filled in beside the fields of their level, with the keys of ``hide`` that take
it from a role."""


def letter_blank_is_hidden(blank: str, hidden: Collection[str]) -> bool:
    """Whether a role that does not see the fields ``hidden`` must not read this blank."""
    return not LETTER_BLANKS.get(blank, frozenset({blank})).isdisjoint(hidden)
