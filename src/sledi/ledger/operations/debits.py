"""What a customer pays from his account for an item, and how he gets it back."""

from typing import Any, Unpack
from uuid import UUID

from django.db import connection, transaction

from sledi.accounts.models import Business
from sledi.core.money import Money, share
from sledi.ledger.charts import CUSTOMER_BALANCE, FEE, GOODS, Ref, named
from sledi.ledger.errors import TooMuch
from sledi.ledger.operations import charges
from sledi.ledger.operations.posting import Facts, Leg, Posted, lock, money_of, positive, post, replayed

WHOLE = 1000


def debit_item(
    business: Business,
    *,
    customer_id: UUID,
    goods: Money,
    fee: Money | None = None,
    subject_id: UUID,
    subject_level: str = "item",
    item: str = "",
    **facts: Unpack[Facts],
) -> Posted:
    """Take the goods and the fee of an item from the customer's balance: two lines, each naming the item.

    Raises NotEnough, WrongLegs, KeyUsedOtherwise.
    """
    positive(goods, fee, is_zero_allowed=True)
    legs = debit_legs(customer_id, goods, fee, (subject_level, subject_id), item)
    with transaction.atomic():
        posted = post(business, kind="debit", legs=legs, **facts)
        if posted.is_new:
            charges.debited(business, subject_level, subject_id, goods + fee if fee else goods)
    return posted


def debit_legs(
    customer_id: UUID, goods: Money, fee: Money | None, subject: tuple[str, UUID], item: str
) -> list[Leg]:
    """From the balance to the goods and to the fee."""
    balance = Ref(CUSTOMER_BALANCE, customer_id, goods.currency)
    legs = []
    for kind, money, words in ((GOODS, goods, "debit.goods"), (FEE, fee, "debit.fee")):
        if money and money.minor:
            there = Ref(kind, None, money.currency)
            legs += [Leg(balance, -money, *subject, words, item), Leg(there, money, *subject, words, item)]
    return legs


def refund_debit(
    business: Business,
    *,
    subject_id: UUID,
    subject_level: str,
    per_mille: int,
    **facts: Unpack[Facts],
) -> Posted:
    """Give back what was debited for a subject, each amount from the account it went to.

    The whole (1000 per mille) is everything still debited, so nothing of the subject stays on any account; when
    nothing is left to give back, nothing is done and there is no set. A share is one of what was debited first,
    and raises TooMuch when less than that is left. Raises KeyUsedOtherwise.
    """
    asked: list[object] = ["refund", subject_level, subject_id, per_mille]
    with transaction.atomic():
        # What is left counts only once nobody else can move it.
        lock(business, [named(name) for name in _accounts(business, subject_level, subject_id)])
        if repeated := replayed(business, facts["key"], "refund", asked):
            return repeated
        legs = _refund_legs(business, subject_level, subject_id, per_mille)
        if not legs:
            return Posted(None, is_new=False)
        _count(business, subject_level, subject_id, legs)
        return post(business, kind="refund", legs=legs, asked=asked, **facts)


_PARTS = (
    "SELECT a.name, split_part(e.words_key, '.', 2) AS part, max(e.item), sum(e.amount),"
    " coalesce(sum(e.amount) FILTER (WHERE e.words_key LIKE 'debit.%%'), 0)"
    " FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id"
    " WHERE e.business_id = %s AND e.subject_level = %s AND e.subject_id = %s"
    " AND (e.words_key LIKE 'debit.%%' OR e.words_key LIKE 'refund.%%')"
    " GROUP BY a.name, part ORDER BY part DESC, a.name"
)


def _refund_legs(business: Business, level: str, subject_id: UUID, per_mille: int) -> list[Leg]:
    legs = []
    for name, part, item, still, at_first in _parts(business, level, subject_id):
        ref = named(name)
        left, due = money_of(still, ref.currency), money_of(at_first, ref.currency)
        if per_mille != WHOLE:
            due = Money(share(due.minor, per_mille), ref.currency)
            if abs(due.minor) > abs(left.minor):
                raise TooMuch(f"{level} {subject_id}", Money(abs(left.minor), left.currency))
            left = due
        if left.minor:
            legs.append(Leg(ref, -left, level, subject_id, f"refund.{part}", item))
    return legs


def _parts(business: Business, level: str, subject_id: UUID) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_PARTS, [business.pk, level, subject_id])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _accounts(business: Business, level: str, subject_id: UUID) -> list[str]:
    return [name for name, *_ in _parts(business, level, subject_id)]


def _count(business: Business, level: str, subject_id: UUID, legs: list[Leg]) -> None:
    back: dict[str, int] = {}
    for leg in legs:
        if leg.money.minor > 0:
            back[leg.money.currency] = back.get(leg.money.currency, 0) + leg.money.minor
    for currency, minor in sorted(back.items()):
        charges.refunded(business, level, subject_id, Money(minor, currency))
