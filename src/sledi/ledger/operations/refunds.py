"""Giving back what a subject cost, wherever the money is: held, debited, or with a seller."""

from typing import Unpack
from uuid import UUID

from sledi.accounts.models import Business
from sledi.core.money import Money, share
from sledi.ledger.charts import CUSTOMER_HELD, SELLER_PENDING
from sledi.ledger.errors import AlreadyResolved, WrongLegs
from sledi.ledger.models import Charge, EntrySet, Hold
from sledi.ledger.operations.debits import WHOLE, refund_debit
from sledi.ledger.operations.holds import void_hold
from sledi.ledger.operations.posting import Facts, Posted, money_of
from sledi.ledger.operations.sales import refund_sale


def refund_subject(
    business: Business,
    *,
    subject_id: UUID,
    subject_level: str = "item",
    per_mille: int = WHOLE,
    **facts: Unpack[Facts],
) -> Posted:
    """Give back what a subject cost; when nothing is left to give back, nothing is done and there is no set.

    The whole (1000 per mille) is everything that is left: a pending hold is freed, debits are reversed exactly, a
    sale is taken back from its seller. A share is one of what was debited or sold, and raises TooMuch when less
    than that is left. Raises WrongLegs, KeyUsedOtherwise.
    """
    if type(per_mille) is not int or not 0 < per_mille <= WHOLE:
        raise WrongLegs("wrong_share", per_mille)
    holds = Hold.objects.filter(business=business, subject_level=subject_level, subject_id=subject_id)
    if holds.filter(account__kind=SELLER_PENDING).exists():
        return _refund_sale(business, subject_level, subject_id, per_mille, facts)
    freed = Posted(None, is_new=False)
    own = Facts(**{**facts, "key": f"{facts['key']}:hold"})
    if per_mille == WHOLE and (
        holds.filter(account__kind=CUSTOMER_HELD, status=Hold.PENDING).exists()
        or EntrySet.objects.filter(business=business, key=own["key"]).exists()
    ):
        freed = void_hold(business, subject_id=subject_id, subject_level=subject_level, **own)
    posted = refund_debit(
        business, subject_id=subject_id, subject_level=subject_level, per_mille=per_mille, **facts
    )
    return posted if posted.set_id else freed


def _refund_sale(business: Business, level: str, subject_id: UUID, per_mille: int, facts: Facts) -> Posted:
    money = None
    if per_mille != WHOLE:
        sale = Charge.objects.get(business=business, subject_level=level, subject_id=subject_id)
        gross = money_of(sale.debited, sale.currency)
        money = Money(share(gross.minor, per_mille), gross.currency)
    try:
        return refund_sale(business, subject_id=subject_id, subject_level=level, money=money, **facts)
    except AlreadyResolved:
        return Posted(None, is_new=False)
