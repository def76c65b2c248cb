"""Paying sellers what is available to them: every entry of it in exactly one payout."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Unpack
from uuid import UUID

from django.db import connection, transaction

from sledi.accounts.models import Business
from sledi.core.money import Money
from sledi.database.keys import uuid7
from sledi.history import Actor
from sledi.ledger.charts import CASH, IN_TRANSIT, SELLER_AVAILABLE, Ref
from sledi.ledger.errors import AlreadyResolved, Unknown
from sledi.ledger.models import Account, BankAccount, Payout, PayoutLine
from sledi.ledger.operations.posting import Facts, Leg, Posted, lock, money_of, post, replayed


def payout_run(
    business: Business,
    *,
    key: str,
    cut_off_at: datetime,
    pays_on: date,
    actor: Actor,
    created_at: datetime,
    held_back: Collection[UUID] = (),
) -> list[Payout]:
    """Pay every seller what became available before the cut-off; a payout per seller and currency, in turn.

    Each is a transaction of its own: a run that is killed is run again under its key. Sellers ``held_back`` (a new
    bank account, a suspicion) wait for the next run, and so does who owes more than he has.
    """
    made = []
    for seller_id, currency in waiting(business):
        if seller_id not in held_back:
            facts = Facts(key=f"{key}:{seller_id}:{currency}", actor=actor, created_at=created_at)
            made.append(pay_seller(business, seller_id, currency, cut_off_at, pays_on, facts))
    return [payout for payout in made if payout]


def waiting(business: Business) -> list[tuple[UUID, str]]:
    """The sellers who have something available, each with its currency."""
    found = Account.objects.filter(business=business, kind=SELLER_AVAILABLE, balance__gt=0)
    rows = found.order_by("owner_id", "currency").values_list("owner_id", "currency")
    return [(seller_id, currency) for seller_id, currency in rows if seller_id is not None]


def pay_seller(
    business: Business,
    seller_id: UUID,
    currency: str,
    cut_off_at: datetime,
    pays_on: date,
    facts: Facts,
    *,
    bank_account: BankAccount | None = None,
) -> Payout | None:
    """Pay a seller what became available before the cut-off; None when he owes more than he has.

    The same key again is the same payout. Raises KeyUsedOtherwise.
    """
    available, in_transit = (Ref(kind, seller_id, currency) for kind in (SELLER_AVAILABLE, IN_TRANSIT))
    asked = ["payout", seller_id, currency, cut_off_at]
    with transaction.atomic():
        locked = lock(business, [available, in_transit])
        if repeated := replayed(business, facts["key"], "payout", asked):
            return Payout.objects.get(sets=repeated.set_id)
        lines = _unpaid(locked[available.name].id, cut_off_at)
        total = money_of(
            sum((amount for _, amount, *_ in lines), start=locked[available.name].balance * 0), currency
        )
        if total.minor <= 0:
            return None
        payout = Payout.objects.create(
            business=business,
            seller_id=seller_id,
            bank_account=bank_account,
            currency=currency,
            total=total.decimal,
            cut_off_at=cut_off_at,
            pays_on=pays_on,
            created_at=facts["created_at"],
        )
        _write_lines(business, payout, lines)
        subject = ("payout", payout.pk, "payout.sent")
        legs = [Leg(available, -total, *subject), Leg(in_transit, total, *subject)]
        post(business, kind="payout", legs=legs, asked=asked, links={"payout": payout.pk}, **facts)
        return payout


def _unpaid(account_id: UUID, cut_off_at: datetime) -> list[tuple[Any, ...]]:
    """Entries no payout took yet. What a seller owes counts at once, also from after the cut-off."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, amount, words_key, subject_level, subject_id FROM ("
            " SELECT e.*, s.effective_at, sum(e.amount) OVER (PARTITION BY e.entry_set_id) AS of_set"
            " FROM ledger_entry e JOIN ledger_entryset s ON s.id = e.entry_set_id"
            " WHERE e.account_id = %s AND s.kind <> 'payout'"
            " AND NOT EXISTS (SELECT FROM ledger_payoutline l WHERE l.entry_id = e.id)) AS unpaid"
            " WHERE effective_at < %s OR of_set < 0 ORDER BY account_version",
            [account_id, cut_off_at],
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _write_lines(business: Business, payout: Payout, lines: list[tuple[Any, ...]]) -> None:
    PayoutLine.objects.bulk_create(
        PayoutLine(
            id=uuid7(),
            business=business,
            payout=payout,
            entry_id=entry_id,
            amount=amount,
            words_key=words,
            subject_level=level,
            subject_id=subject_id,
        )
        for entry_id, amount, words, level, subject_id in lines
    )


def settle_payout(
    business: Business, *, payout_id: UUID, is_paid: bool, provider: str, **facts: Unpack[Facts]
) -> Posted:
    """The bank has paid it, or sent it back: then it is available again and a line of the next payout.

    Raises Unknown, AlreadyResolved when it ended otherwise, KeyUsedOtherwise.
    """
    asked = ["settle", payout_id, is_paid, provider]
    with transaction.atomic():
        payout = Payout.objects.select_for_update().filter(business=business, pk=payout_id).first()
        if payout is None:
            raise Unknown(f"no payout {payout_id}")
        if repeated := replayed(business, facts["key"], "settle_payout", asked):
            return repeated
        if payout.status != Payout.IN_TRANSIT:
            raise AlreadyResolved(f"payout {payout_id} is {payout.status}")
        payout.status, payout.settled_at = (Payout.PAID if is_paid else Payout.FAILED), facts["created_at"]
        payout.save(update_fields=["status", "settled_at"])
        legs = _settled(payout, is_paid=is_paid, provider=provider)
        return post(
            business, kind="settle_payout", legs=legs, asked=asked, links={"payout": payout.pk}, **facts
        )


def _settled(payout: Payout, *, is_paid: bool, provider: str) -> list[Leg]:
    total: Money = money_of(payout.total, payout.currency)
    there = (
        Ref(CASH, None, payout.currency, provider)
        if is_paid
        else Ref(SELLER_AVAILABLE, payout.seller_id, payout.currency)
    )
    subject = ("payout", payout.pk, "payout.paid" if is_paid else "payout.returned")
    return [
        Leg(Ref(IN_TRANSIT, payout.seller_id, payout.currency), -total, *subject),
        Leg(there, total, *subject),
    ]
