"""What was taken back for a buyer goes on to him: the way his money came, or to his balance where he agreed to that.

Until the provider has done it, the money lies in ``refunds.clearing`` under the order's name: that is what is due.
In the EU the trader refunds by the means the consumer paid with, unless he expressly agreed otherwise, within 14
days of being told (Directive 2011/83/EU, Art. 13 (1)).
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Unpack
from uuid import UUID

from django.db import connection, transaction

from sledi.accounts.models import Business
from sledi.core.money import Money
from sledi.ledger.charts import CASH, CLEARING, CUSTOMER_BALANCE, Ref
from sledi.ledger.errors import Unknown
from sledi.ledger.models import Payment
from sledi.ledger.operations.payments import refund_payment
from sledi.ledger.operations.posting import Facts, Leg, Posted, lock, money_of, positive, post


@dataclass(frozen=True, slots=True)
class Due:
    """What a buyer is still to get back for a subject, and what he got of it. ``since`` the oldest of it is due."""

    subject_level: str
    subject_id: UUID
    due: Money
    settled: Money
    since: datetime

    @property
    def state(self) -> str:
        """``due`` or ``settled``."""
        return "due" if self.due.minor else "settled"


def returns(business: Business, subject_ids: list[UUID] | None = None, *, is_open: bool = False) -> list[Due]:
    """What was taken back for buyers, of these subjects or of all, oldest first; ``is_open``: what is still due."""
    with connection.cursor() as cursor:
        cursor.execute(_RETURNS, [business.pk, subject_ids, subject_ids])
        rows = [_due(*row) for row in cursor.fetchall()]
    return [row for row in rows if row.due.minor or not is_open]


def make_due(
    business: Business,
    *,
    customer_id: UUID,
    money: Money,
    subject_id: UUID,
    subject_level: str = "order",
    **facts: Unpack[Facts],
) -> Posted:
    """Take what was given back to a balance off it again, to be sent the way it came. Raises NotEnough."""
    positive(money)
    subject = (subject_level, subject_id, "return.due")
    balance, clearing = (
        Ref(CUSTOMER_BALANCE, customer_id, money.currency),
        Ref(CLEARING, None, money.currency),
    )
    return post(
        business,
        kind="return_due",
        legs=[Leg(balance, -money, *subject), Leg(clearing, money, *subject)],
        **facts,
    )


def send_back(
    business: Business,
    *,
    subject_id: UUID,
    subject_level: str = "order",
    is_to_balance: bool = False,
    **facts: Unpack[Facts],
) -> list[Posted]:
    """Settle what is due to a buyer: to the payments he made for the subject, the oldest first, by their own means.

    What none of them brought, or all of it with ``is_to_balance``, goes to the balance it was paid from. Nothing
    due: nothing done. Raises Unknown when nobody paid, KeyUsedOtherwise.
    """
    key = facts["key"]
    done: list[Posted] = []
    with transaction.atomic():
        payments = [] if is_to_balance else _payments(business, subject_level, subject_id)
        _lock(business, returns(business, [subject_id], is_open=True), payments)
        for row in returns(business, [subject_id], is_open=True):
            left = row.due
            for payment in payments:
                own = money_of(payment.captured - payment.refunded, payment.currency)
                if payment.currency == left.currency and (part := min(own.minor, left.minor)) > 0:
                    facts["key"] = f"{key}:{payment.pk}"
                    money = Money(part, left.currency)
                    done.append(_to_payment(business, payment, money, row, facts))
                    left -= money
            if left.minor:
                facts["key"] = f"{key}:balance"
                done.append(_to_balance(business, left, row, facts))
    return done


def payments_left(business: Business, level: str, subject_id: UUID, currency: str) -> Money:
    """What payments for a subject brought and did not get back, without what is already due to them."""
    brought = sum(
        (
            row.captured - row.refunded
            for row in _payments(business, level, subject_id)
            if row.currency == currency
        ),
        start=Decimal(0),
    )
    due = sum(
        row.due.minor for row in returns(business, [subject_id], is_open=True) if row.due.currency == currency
    )
    return Money(max(0, money_of(brought, currency).minor - due), currency)


def _payments(business: Business, level: str, subject_id: UUID) -> list[Payment]:
    found = Payment.objects.filter(
        business=business,
        pk__in=Payment.objects.filter(
            sets__kind="payment",
            sets__entries__business=business,
            sets__entries__subject_level=level,
            sets__entries__subject_id=subject_id,
        ).values("pk"),
    )
    return list(found.select_for_update().order_by("created_at", "pk"))


def _lock(business: Business, due: list[Due], payments: list[Payment]) -> None:
    """So that two who send the same money wait for each other, and the second finds nothing due."""
    clearing = [Ref(CLEARING, None, row.due.currency) for row in due]
    cash = [Ref(CASH, None, payment.currency, payment.provider) for payment in payments]
    lock(business, [*clearing, *cash])


def _to_payment(business: Business, payment: Payment, money: Money, row: Due, facts: Facts) -> Posted:
    return refund_payment(
        business,
        payment_id=payment.pk,
        money=money,
        source=Ref(CLEARING, None, money.currency),
        subject_level=row.subject_level,
        subject_id=row.subject_id,
        **facts,
    )


def _to_balance(business: Business, money: Money, row: Due, facts: Facts) -> Posted:
    with connection.cursor() as cursor:
        cursor.execute(_PAYER, [business.pk, row.subject_level, row.subject_id, money.currency])
        found: tuple[Any, ...] | None = cursor.fetchone()
    if found is None:
        raise Unknown(f"nobody's balance paid for {row.subject_level} {row.subject_id}")
    subject = (row.subject_level, row.subject_id, "return.balance")
    legs = [
        Leg(Ref(CLEARING, None, money.currency), -money, *subject),
        Leg(Ref(CUSTOMER_BALANCE, found[0], money.currency), money, *subject),
    ]
    return post(business, kind="return_to_balance", legs=legs, **facts)


def _due(level: str, subject_id: UUID, currency: str, due: Decimal, settled: Decimal, since: datetime) -> Due:
    return Due(level, subject_id, money_of(due, currency), money_of(settled, currency), since)


_RETURNS = (
    "SELECT e.subject_level, e.subject_id, a.currency, sum(e.amount),"
    " -coalesce(sum(e.amount) FILTER (WHERE e.amount < 0), 0), min(s.created_at) AS since"
    " FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id"
    " JOIN ledger_entryset s ON s.id = e.entry_set_id"
    " WHERE a.business_id = %s AND a.kind = 'refunds.clearing' AND e.subject_id IS NOT NULL"
    " AND (%s::uuid[] IS NULL OR e.subject_id = ANY(%s::uuid[]))"
    " GROUP BY e.subject_level, e.subject_id, a.currency ORDER BY since, e.subject_id"
)
_PAYER = (
    "SELECT a.owner_id FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id"
    " WHERE e.business_id = %s AND e.subject_level = %s AND e.subject_id = %s AND a.currency = %s"
    " AND a.kind = 'customer.balance' AND e.amount < 0 ORDER BY e.account_version LIMIT 1"
)
