"""Where a seller is paid, by his own word; and that he hears of every change, also of one he did not make."""

from datetime import datetime

from django.db import transaction

from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.accounts.models import Person
from sledi.ledger.models import BankAccount
from sledi.ledger.operations.bank_accounts import save_bank_account
from sledi.orders.models import Outbox
from sledi.orders.money.payout_statements import hold_of
from sledi.orders.refusals import NotYours

LEVEL = "account"
"""In the outbox: what a warning is about."""
GIVEN, CHANGED = "given", "changed"


def save(access: Access, text: str, *, at: datetime, cause: str) -> BankAccount:
    """Pay this seller to another IBAN from now on; the same again changes nothing, and nobody hears of it.

    The warning goes to the address the account has at this moment: whoever takes an account over changes that, too.
    That he has just proved who he is, the caller has seen to. Raises NotYours, WrongIban.
    """
    if access.role != roles.SELLER or access.person_id is None:
        raise NotYours
    with transaction.atomic():
        email = Person.objects.values_list("email", flat=True).get(pk=access.person_id)
        saved = save_bank_account(
            access.business,
            access.person_id,
            text,
            hold=hold_of(access.business),
            actor=access.actor,
            cause=cause,
            at=at,
        )
        if saved.created_at == at:  # an earlier one: it was this number already
            _warn(saved, email, at)
    return saved


def _warn(saved: BankAccount, email: str, at: datetime) -> None:
    Outbox.objects.create(
        business=saved.business,
        level=LEVEL,
        subject_id=saved.pk,
        root_id=saved.seller_id,
        act=CHANGED if saved.held_until else GIVEN,
        who=[roles.SELLER],
        email=email,
        created_at=at,
    )
