"""What a customer pays from his account for an item, and how he gets it back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Unpack
from uuid import UUID

from django.db import connection, transaction

from sledi.accounts.models import Business
from sledi.core.money import Money, share, split
from sledi.ledger.charts import CUSTOMER_BALANCE, FEE, GOODS, Ref, named
from sledi.ledger.errors import TooMuch, WrongLegs
from sledi.ledger.operations import charges
from sledi.ledger.operations.posting import Facts, Leg, Posted, lock, money_of, positive, post, replayed

WHOLE = 1000


@dataclass(frozen=True, slots=True)
class Cost:
    """What a subject costs its customer."""

    subject_level: str
    subject_id: UUID
    goods: Money
    fee: Money | None = None
    item: str = ""  # the goods, as they are called today


@dataclass(frozen=True, slots=True)
class Debited:
    """What was debited for a subject and not given back, in minor units."""

    goods: int = 0
    fee: int = 0


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
    cost = Cost(subject_level, subject_id, goods, fee, item)
    return debit_subjects(business, customer_id=customer_id, costs=[cost], **facts)


def debit_subjects(
    business: Business, *, customer_id: UUID, costs: Sequence[Cost], **facts: Unpack[Facts]
) -> Posted:
    """As ``debit_item`` for several subjects of one customer in one set: all of them or none."""
    legs: list[Leg] = []
    for cost in costs:
        positive(cost.goods, cost.fee, is_zero_allowed=True)
        subject = (cost.subject_level, cost.subject_id)
        legs += debit_legs(customer_id, cost.goods, cost.fee, subject, cost.item)
    with transaction.atomic():
        posted = post(business, kind="debit", legs=legs, **facts)
        if posted.is_new:
            for cost in costs:
                amount = cost.goods + cost.fee if cost.fee else cost.goods
                charges.debited(business, cost.subject_level, cost.subject_id, amount)
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


def divide_subject(
    business: Business,
    *,
    subject_id: UUID,
    parted_id: UUID,
    weights: tuple[int, int],
    subject_level: str = "item",
    **facts: Unpack[Facts],
) -> Posted:
    """Part of a subject became one of its own: what was debited for it, and given back, is divided between them.

    ``weights`` are those of the parted one and of the rest. No balance changes: each line moves within its account.
    Nothing was debited: nothing is done, no set. Raises KeyUsedOtherwise, WrongLegs for a weight below one.
    """
    if min(weights) < 1:
        raise WrongLegs("wrong_share", weights)
    asked: list[object] = ["divide", subject_level, subject_id, parted_id, *weights]
    with transaction.atomic():
        lock(business, [named(name) for name in _accounts(business, subject_level, subject_id)])
        if repeated := replayed(business, facts["key"], "divide", asked):
            return repeated
        legs = _divide_legs(business, subject_level, subject_id, parted_id, weights)
        if not legs:
            return Posted(None, is_new=False)
        posted = post(business, kind="divide", legs=legs, asked=asked, **facts)
        for currency in sorted({leg.money.currency for leg in legs}):
            taken, back = (_moved(legs, parted_id, currency, words) for words in ("debit.", "refund."))
            charges.divided(business, subject_level, subject_id, parted_id, -taken, back)
    return posted


def still_debited(
    business: Business, level: str, subject_ids: Collection[UUID], currency: str
) -> dict[UUID, Debited]:
    """What stands debited for each subject, by its entries; one query. Subjects without entries are missing."""
    with connection.cursor() as cursor:
        cursor.execute(_STILL, [business.pk, level, list(subject_ids), currency])
        return {
            row_id: Debited(money_of(goods, currency).minor, money_of(fee, currency).minor)
            for row_id, goods, fee in cursor.fetchall()
        }


_STILL = (
    "SELECT e.subject_id, -coalesce(sum(e.amount) FILTER (WHERE e.words_key LIKE '%%.goods'), 0),"
    " -coalesce(sum(e.amount) FILTER (WHERE e.words_key LIKE '%%.fee'), 0)"
    " FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id"
    " WHERE e.business_id = %s AND e.subject_level = %s AND e.subject_id = ANY(%s) AND a.currency = %s"
    " AND a.kind = 'customer.balance' AND (e.words_key LIKE 'debit.%%' OR e.words_key LIKE 'refund.%%')"
    " GROUP BY e.subject_id"
)
_PARTS = (
    "SELECT a.name, split_part(e.words_key, '.', 2) AS part, max(e.item), sum(e.amount),"
    " coalesce(sum(e.amount) FILTER (WHERE e.words_key LIKE 'debit.%%'), 0)"
    " FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id"
    " WHERE e.business_id = %s AND e.subject_level = %s AND e.subject_id = %s"
    " AND (e.words_key LIKE 'debit.%%' OR e.words_key LIKE 'refund.%%')"
    " GROUP BY a.name, part ORDER BY part DESC, a.name"
)
_LINES = (
    "SELECT a.name, e.words_key, max(e.item), sum(e.amount)"
    " FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id"
    " WHERE e.business_id = %s AND e.subject_level = %s AND e.subject_id = %s"
    " AND (e.words_key LIKE 'debit.%%' OR e.words_key LIKE 'refund.%%')"
    " GROUP BY a.name, e.words_key ORDER BY e.words_key, a.name"
)


def _divide_legs(
    business: Business, level: str, subject_id: UUID, parted_id: UUID, weights: tuple[int, int]
) -> list[Leg]:
    """Each line by its own weight: a part of two never gives back more of a line than the part was debited."""
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [business.pk, level, subject_id])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    legs = []
    for name, words, item, amount in rows:
        ref = named(name)
        moved, _ = split(money_of(amount, ref.currency).minor, weights)
        if moved:
            money = Money(moved, ref.currency)
            legs.append(Leg(ref, -money, level, subject_id, words, item))
            legs.append(Leg(ref, money, level, parted_id, words, item))
    return legs


def _moved(legs: list[Leg], subject_id: UUID, currency: str, words: str) -> Money:
    """What the customer's lines of this kind come to, for a subject."""
    mine = (
        leg.money.minor
        for leg in legs
        if leg.subject_id == subject_id
        and leg.account.kind == CUSTOMER_BALANCE
        and leg.money.currency == currency
        and leg.words_key.startswith(words)
    )
    return Money(sum(mine), currency)


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
