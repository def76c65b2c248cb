"""From one currency into another through ``platform.fx``: each currency is zero by itself, the rounding is booked."""

from decimal import Decimal
from fractions import Fraction
from typing import Unpack

from django.db import transaction

from sledi.accounts.models import Business
from sledi.core import money as amounts
from sledi.core.money import Money, exponent
from sledi.ledger.charts import FX, Ref
from sledi.ledger.errors import WrongLegs
from sledi.ledger.operations.posting import Facts, Leg, Posted, lock, money_of, positive, post, replayed

ROUNDING_MAX = 1  # minor unit: more is another rate, not rounding


def exchange(
    business: Business,
    *,
    source: Ref,
    target: Ref,
    sold: Money,
    rate: Decimal,
    bought: Money | None = None,
    **facts: Unpack[Facts],
) -> Posted:
    """Sell an amount of ``source``'s currency for ``target``'s at ``rate`` (target units for one source unit).

    The amount bought is rounded half-up. A bank may round otherwise and say ``bought``; the difference, one minor
    unit at most, is a leg of its own. Raises WrongLegs (wrong_rate) when it is more, NotEnough, KeyUsedOtherwise.
    """
    positive(sold)
    expected = _at_rate(sold, target.currency, rate)
    bought = expected if bought is None else bought
    if bought.currency != target.currency or source.currency == target.currency:
        raise WrongLegs("other_currency", bought)
    if bought.minor <= 0 or abs(bought.minor - expected.minor) > ROUNDING_MAX:
        raise WrongLegs("wrong_rate", f"{sold} at {rate} is {expected}, not {bought}")
    asked = ["exchange", source.name, target.name, sold.minor, bought.minor, str(rate)]
    legs = exchange_legs(source, target, sold, bought, expected)
    return post(business, kind="exchange", legs=legs, asked=asked, **facts)


def exchange_legs(source: Ref, target: Ref, sold: Money, bought: Money, expected: Money) -> list[Leg]:
    """Out of the source, through platform.fx, into the target; the rounding apart."""
    rounding = expected - bought
    legs = [
        Leg(source, -sold, words_key="exchange.sold"),
        Leg(Ref(FX, None, sold.currency), sold, words_key="exchange.sold"),
        Leg(Ref(FX, None, bought.currency), -expected, words_key="exchange.bought"),
        Leg(target, bought, words_key="exchange.bought"),
        Leg(Ref(FX, None, bought.currency), rounding, words_key="exchange.rounding"),
    ]
    return [leg for leg in legs if leg.money.minor]


def _at_rate(sold: Money, currency: str, rate: Decimal) -> Money:
    if not isinstance(rate, Decimal) or not rate.is_finite() or rate <= 0:
        raise WrongLegs("wrong_rate", rate)
    Ref(FX, None, currency).checked()
    exact = Fraction(sold.decimal) * Fraction(rate) * 10 ** exponent(currency)
    return Money((2 * exact.numerator + exact.denominator) // (2 * exact.denominator), currency)


def to_euro(business: Business, *, account: Ref, **facts: Unpack[Facts]) -> Posted:
    """Carry the balance of a BGN account over to its owner's euro account at the fixed rate; the entries stay BGN.

    Nothing on it: nothing done, no set. Raises WrongLegs for another currency, KeyUsedOtherwise.
    """
    if account.checked().currency != "BGN":
        raise WrongLegs("other_currency", account.name)
    euro = Ref(account.kind, account.owner_id, "EUR", account.provider)
    with transaction.atomic():
        locked = lock(business, [account, euro, Ref(FX, None, "BGN"), Ref(FX, None, "EUR")])
        if repeated := replayed(business, facts["key"], "to_euro", ["to_euro", account.name]):
            return repeated
        lev = money_of(locked[account.name].balance, "BGN") if account.name in locked else Money(0, "BGN")
        legs = exchange_legs(account, euro, lev, amounts.to_euro(lev), amounts.to_euro(lev))
        if not lev.minor:
            return Posted(None, is_new=False)
        return post(business, kind="to_euro", legs=legs, asked=["to_euro", account.name], **facts)
