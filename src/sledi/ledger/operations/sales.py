"""A seller's sale on the marketplace: pending until it is released, available until it is paid out."""

from dataclasses import dataclass
from typing import Any, Unpack
from uuid import UUID

from django.db import connection, transaction

from sledi.accounts.models import Business
from sledi.core.money import Money, split
from sledi.ledger.charts import CASH, CLEARING, FEE, SELLER_AVAILABLE, SELLER_PENDING, Ref, named
from sledi.ledger.errors import AlreadyResolved, TooMuch, WrongLegs
from sledi.ledger.models import Hold
from sledi.ledger.operations import charges
from sledi.ledger.operations.holds import begin, end, locked_hold
from sledi.ledger.operations.posting import Facts, Leg, Posted, lock, money_of, positive, post, replayed


def hold_sale(
    business: Business,
    *,
    seller_id: UUID,
    goods: Money,
    shipping: Money | None = None,
    commission: Money,
    subject_id: UUID,
    subject_level: str = "order",
    source: Ref,
    item: str = "",
    **facts: Unpack[Facts],
) -> Posted:
    """Keep what was paid for an order for its seller, and take the commission from it.

    ``source`` is where the buyer's money is: ``platform.cash`` of a provider, or his balance.
    Raises WrongLegs when the commission takes all of it, NotEnough, AlreadyResolved for a second sale.
    """
    positive(goods, shipping, commission, is_zero_allowed=True)
    gross = goods + shipping if shipping else goods
    if commission >= gross:
        raise WrongLegs("too_large", commission)
    pending, subject = Ref(SELLER_PENDING, seller_id, gross.currency), (subject_level, subject_id)
    legs = []
    for money, words in ((goods, "sale.goods"), (shipping, "sale.shipping")):
        if money and money.minor:
            legs += [Leg(source, -money, *subject, words, item), Leg(pending, money, *subject, words, item)]
    legs += _commission(pending, -commission, subject, "sale.commission", item)
    with transaction.atomic():
        posted = post(business, kind="sale", legs=legs, **facts)
        if posted.is_new:
            begin(business, pending, gross - commission, *subject, facts["created_at"])
            charges.debited(business, *subject, gross)
    return posted


def release(
    business: Business, *, subject_id: UUID, subject_level: str = "order", **facts: Unpack[Facts]
) -> Posted:
    """Make what is left of a sale available to its seller, line by line, so that a payout takes it.

    Raises Unknown without a sale, AlreadyResolved when it was released or refunded, KeyUsedOtherwise.
    """
    asked = ["release", subject_level, subject_id]
    with transaction.atomic():
        found, amount = locked_hold(business, subject_level, subject_id, SELLER_PENDING)
        if repeated := replayed(business, facts["key"], "release", asked):
            return repeated
        end(found, Hold.CAPTURED, facts["created_at"])
        pending = Ref(SELLER_PENDING, found.account.owner_id, amount.currency)
        available = Ref(SELLER_AVAILABLE, found.account.owner_id, amount.currency)
        legs = []
        for part, (money, item) in _parts(business, pending, subject_level, subject_id).items():
            if money.minor:
                line = (subject_level, subject_id, f"sale.{part}", item)
                legs += [Leg(pending, -money, *line), Leg(available, money, *line)]
        return post(business, kind="release", legs=legs, asked=asked, links={"hold": found.pk}, **facts)


def refund_sale(
    business: Business,
    *,
    subject_id: UUID,
    subject_level: str = "order",
    money: Money | None = None,
    **facts: Unpack[Facts],
) -> Posted:
    """Take a sale back from its seller, all that is left or a part, to ``refunds.clearing``; the commission with it.

    Before the release it comes from what is pending, afterwards from what is available, which may go below zero:
    the next payout nets it. Raises TooMuch, Unknown, AlreadyResolved, WrongLegs, KeyUsedOtherwise.
    """
    asked = ["refund", subject_level, subject_id, money.minor if money else None]
    with transaction.atomic():
        found, amount = locked_hold(business, subject_level, subject_id, SELLER_PENDING)
        if repeated := replayed(business, facts["key"], "refund_sale", asked):
            return repeated
        left = charges.left(business, subject_level, subject_id, amount.currency)
        money = left if money is None else money
        _check(found, money, left)
        is_pending = found.status == Hold.PENDING
        seller = Ref(
            SELLER_PENDING if is_pending else SELLER_AVAILABLE, found.account.owner_id, amount.currency
        )
        legs = _refund_legs(business, seller, (subject_level, subject_id), money, left)
        charges.refunded(business, subject_level, subject_id, money)
        if ends := is_pending and money == left:
            end(found, Hold.VOIDED, facts["created_at"])
        links = {"hold": found.pk if ends else None}
        return post(business, kind="refund_sale", legs=legs, asked=asked, links=links, **facts)


def _check(found: Hold, money: Money, left: Money) -> None:
    if not left.minor:
        raise AlreadyResolved(f"{found.subject_level} {found.subject_id} was refunded in full")
    positive(left, money)
    if money > left:
        raise TooMuch(f"{found.subject_level} {found.subject_id}", left)


@dataclass(frozen=True, slots=True)
class Sold:
    """What is left of a sale after its refunds, in minor units: the whole, and the commission in it."""

    gross: int
    commission: int


def sold(business: Business, subject_id: UUID, seller: Ref, subject_level: str = "order") -> Sold:
    """What is left of a sale, by its charge and its entries. ``seller`` is his pending account."""
    left = charges.left(business, subject_level, subject_id, seller.currency)
    available = Ref(SELLER_AVAILABLE, seller.owner_id, seller.currency)
    parts = _parts_left(business, (seller, available), subject_level, subject_id)
    commission, _ = parts.get("commission", (Money(0, seller.currency), ""))
    return Sold(left.minor, -commission.minor)


def owe_commission(
    business: Business,
    *,
    seller_id: UUID,
    commission: Money,
    subject_id: UUID,
    subject_level: str = "order",
    **facts: Unpack[Facts],
) -> Posted:
    """The commission of an order paid to the seller on delivery: he owes it, his next payout nets it."""
    positive(commission)
    available = Ref(SELLER_AVAILABLE, seller_id, commission.currency)
    legs = _commission(available, -commission, (subject_level, subject_id), "owed.commission", "")
    return post(business, kind="commission", legs=legs, **facts)


def return_commission(
    business: Business, *, subject_id: UUID, subject_level: str = "order", **facts: Unpack[Facts]
) -> Posted:
    """Of an order paid on delivery that came to nothing, the seller owes no commission any more.

    None is owed, or no more: nothing is done, no set. Raises KeyUsedOtherwise.
    """
    asked: list[object] = ["return_commission", subject_level, subject_id]
    with transaction.atomic():
        seller, owed = _owed(business, subject_level, subject_id)
        if seller is None:
            return Posted(None, is_new=False)
        lock(business, [seller, Ref(FEE, None, seller.currency)])
        if repeated := replayed(business, facts["key"], "commission_returned", asked):
            return repeated
        _, owed = _owed(business, subject_level, subject_id)
        legs = _commission(seller, -owed, (subject_level, subject_id), "owed_refund.commission", "")
        if not legs:
            return Posted(None, is_new=False)
        return post(business, kind="commission_returned", legs=legs, asked=asked, **facts)


_OWED = (
    "SELECT a.name, sum(e.amount) FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id"
    " WHERE e.business_id = %s AND e.subject_level = %s AND e.subject_id = %s AND a.kind = 'seller.available'"
    " AND e.words_key IN ('owed.commission', 'owed_refund.commission') GROUP BY a.name"
)


def _owed(business: Business, level: str, subject_id: UUID) -> tuple[Ref | None, Money]:
    """Whose debt the commission of an order is, and how much of it stands (below zero)."""
    with connection.cursor() as cursor:
        cursor.execute(_OWED, [business.pk, level, subject_id])
        row: tuple[Any, ...] | None = cursor.fetchone()
    if row is None:
        return None, Money(0, business.currency)
    ref = named(row[0])
    return ref, money_of(row[1], ref.currency)


def pay_debt(
    business: Business, *, seller_id: UUID, provider: str, money: Money, **facts: Unpack[Facts]
) -> Posted:
    """A seller pays what he owes from outside."""
    positive(money)
    cash, available = (
        Ref(CASH, None, money.currency, provider),
        Ref(SELLER_AVAILABLE, seller_id, money.currency),
    )
    legs = [Leg(cash, -money, words_key="debt.paid"), Leg(available, money, words_key="debt.paid")]
    return post(business, kind="debt_paid", legs=legs, **facts)


def _commission(seller: Ref, money: Money, subject: tuple[str, UUID], words: str, item: str) -> list[Leg]:
    if not money.minor:
        return []
    fee = Ref(FEE, None, seller.currency)
    return [Leg(seller, money, *subject, words, item), Leg(fee, -money, *subject, words, item)]


def _refund_legs(
    business: Business, seller: Ref, subject: tuple[str, UUID], money: Money, left: Money
) -> list[Leg]:
    # The sale itself stands on the pending account, wherever the money is by now.
    pending = Ref(SELLER_PENDING, seller.owner_id, seller.currency)
    clearing, fee = Ref(CLEARING, None, seller.currency), Ref(FEE, None, seller.currency)
    lock(business, [pending, seller, clearing, fee])
    parts = _parts_left(
        business, (pending, Ref(SELLER_AVAILABLE, seller.owner_id, seller.currency)), *subject
    )
    commission, _ = parts.pop("commission", (Money(0, seller.currency), ""))
    legs = []
    amounts = split(money.minor, [part.minor for part, _ in parts.values()])
    for (name, (_, item)), minor in zip(parts.items(), amounts, strict=True):
        if minor:
            line, amount = (*subject, f"sale_refund.{name}", item), Money(minor, seller.currency)
            legs += [Leg(seller, -amount, *line), Leg(clearing, amount, *line)]
    # In proportion to what is refunded of what is left: the last refund returns the last of the commission.
    back = (2 * -commission.minor * money.minor + left.minor) // (2 * left.minor)
    return legs + _commission(seller, Money(back, seller.currency), subject, "sale_refund.commission", "")


_SUMS = (
    "SELECT split_part(e.words_key, '.', 2) AS part, max(e.item), sum(e.amount)"
    " FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id"
    " WHERE e.business_id = %s AND a.name = ANY(%s::text[]) AND e.subject_level = %s AND e.subject_id = %s"
    " AND (e.words_key LIKE 'sale.%%' OR e.words_key LIKE 'sale_refund.%%') GROUP BY part ORDER BY part"
)


def _parts(business: Business, account: Ref, level: str, subject_id: UUID) -> dict[str, tuple[Money, str]]:
    """What of a subject lies on an account: goods, shipping, and the commission (below zero)."""
    return _parts_left(business, (account,), level, subject_id)


def _parts_left(
    business: Business, accounts: tuple[Ref, ...], level: str, subject_id: UUID
) -> dict[str, tuple[Money, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, [business.pk, [ref.name for ref in accounts], level, subject_id])
        rows: list[Any] = cursor.fetchall()
    currency = accounts[0].currency
    order = ["goods", "shipping", "commission"]
    rows.sort(key=lambda row: order.index(row[0]))
    return {part: (money_of(amount, currency), item) for part, item, amount in rows}
