"""Where sellers are paid: each number they gave, the newest of which counts."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from sledi.accounts.models import Business
from sledi.core import iban
from sledi.history import Actor, Happened
from sledi.history.operations import record
from sledi.ledger.models import BankAccount

LEVEL = "bank_account"
"""In the history: the rows about it stand under the seller."""


def bank_accounts(business: Business, seller_ids: Collection[UUID]) -> dict[UUID, BankAccount]:
    """The present bank account of each of these sellers who has one; one query."""
    rows = BankAccount.objects.filter(business=business, seller_id__in=seller_ids)
    newest = rows.order_by("seller_id", "-created_at", "-pk").distinct("seller_id")
    return {row.seller_id: row for row in newest}


def save_bank_account(
    business: Business,
    seller_id: UUID,
    text: str,
    *,
    hold: timedelta,
    actor: Actor,
    cause: str,
    at: datetime,
) -> BankAccount:
    """Take another number in the place of the one before; nothing is paid to a changed one for ``hold``.

    The first one waits for nothing: there was nobody's account to be taken over. The same number again changes
    nothing. Raises WrongIban. Whether he who asks is the seller, and has just proved it, the caller has seen to.
    """
    number = iban.parse(text)
    with transaction.atomic():
        Business.objects.select_for_update(no_key=True).get(
            pk=business.pk
        )  # two who save wait for each other
        before = bank_accounts(business, [seller_id]).get(seller_id)
        if before is not None and before.iban == number:
            return before
        saved = BankAccount.objects.create(
            business=business,
            seller_id=seller_id,
            iban=number,
            held_until=at + hold if before else None,
            created_at=at,
        )
        happened = Happened(
            business_id=business.pk,
            level=LEVEL,
            subject_id=saved.pk,
            root_id=seller_id,
            act="changed" if before else "given",
            actor=actor,
            cause=cause,
            at=at,
            before={"iban": before.masked} if before else {},
            after={"iban": saved.masked},
        )
        record([happened])
    return saved
