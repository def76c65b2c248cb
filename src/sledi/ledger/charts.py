"""The chart of accounts: which kinds there are, whose, how far below zero they may go; and how one is named.

An account of what we owe somebody is positive when we owe; of what came in from outside (cash), negative. So an
entry moves an amount from one account to another, and everything together is zero.
"""

from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from sledi.core.money import WrongAmount, exponent
from sledi.ledger.errors import WrongLegs

CUSTOMER_BALANCE = "customer.balance"
CUSTOMER_HELD = "customer.held"
CASH = "platform.cash"
FEE = "platform.revenue.fee"
FX = "platform.fx"
GOODS = "goods.purchase"
CARRIER = "carrier.payable"
SELLER_PENDING = "seller.pending"
SELLER_AVAILABLE = "seller.available"
IN_TRANSIT = "seller.payout_in_transit"
CLEARING = "refunds.clearing"
CLAIMS = "loss.claims"

OWNED = frozenset({CUSTOMER_BALANCE, CUSTOMER_HELD, SELLER_PENDING, SELLER_AVAILABLE, IN_TRANSIT})
FLOORS = MappingProxyType(
    {
        CUSTOMER_BALANCE: 0,
        CUSTOMER_HELD: 0,
        CASH: None,
        FEE: None,
        FX: None,
        GOODS: None,
        CARRIER: None,
        SELLER_PENDING: 0,
        SELLER_AVAILABLE: None,  # a refund after the payout takes it below zero; the next payout nets it
        IN_TRANSIT: 0,
        CLEARING: None,
        CLAIMS: None,
    }
)
"""The lowest balance in minor units, by kind; None = no floor."""


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """The name of an account within a business. ``provider`` tells tills apart: a bank, a card processor."""

    kind: str
    owner_id: UUID | None
    currency: str
    provider: str = ""

    @property
    def name(self) -> str:
        """As it is stored and as ``sledi ledger explain`` takes it: ``customer.balance//<owner>/RUB``."""
        return f"{self.kind}/{self.provider}/{self.owner_id or ''}/{self.currency}"

    def checked(self) -> "Ref":
        """Itself. Raises WrongLegs for a kind nobody knows, an owner too many or missing, an unknown currency."""
        if self.kind not in FLOORS:
            raise WrongLegs("unknown_account", self.kind)
        if (self.kind in OWNED) != (self.owner_id is not None) or (self.provider and self.kind != CASH):
            raise WrongLegs("wrong_owner", self.name)
        if "/" in self.provider or len(self.provider) > 40:
            raise WrongLegs("wrong_provider", self.provider)
        try:
            exponent(self.currency)
        except WrongAmount:
            raise WrongLegs("unknown_currency", self.currency) from None
        return self


def named(name: str) -> Ref:
    """The account of this name. Raises WrongLegs when it is none."""
    try:
        kind, provider, owner, currency = name.split("/")
        return Ref(kind, UUID(owner) if owner else None, currency, provider).checked()
    except ValueError:
        raise WrongLegs("unknown_account", name) from None
