"""Money of a customer set apart for a subject, until it is debited or given free. A hold ends exactly once."""

from datetime import datetime
from typing import Unpack
from uuid import UUID

from django.db import transaction

from sledi.accounts.models import Business
from sledi.core.money import Money
from sledi.ledger.charts import CUSTOMER_BALANCE, CUSTOMER_HELD, Ref
from sledi.ledger.errors import AlreadyResolved, TooMuch, Unknown
from sledi.ledger.models import Account, Hold
from sledi.ledger.operations import charges
from sledi.ledger.operations.debits import debit_legs
from sledi.ledger.operations.posting import Facts, Leg, Posted, money_of, positive, post, replayed


def hold(
    business: Business,
    *,
    customer_id: UUID,
    money: Money,
    subject_id: UUID,
    subject_level: str = "order",
    **facts: Unpack[Facts],
) -> Posted:
    """Set money of the customer apart. Raises NotEnough, AlreadyResolved when the subject has a hold, WrongLegs."""
    positive(money)
    balance = Ref(CUSTOMER_BALANCE, customer_id, money.currency)
    held = Ref(CUSTOMER_HELD, customer_id, money.currency)
    subject = (subject_level, subject_id, "hold.amount")
    with transaction.atomic():
        legs = [Leg(balance, -money, *subject), Leg(held, money, *subject)]
        posted = post(business, kind="hold", legs=legs, **facts)
        if posted.is_new:
            begin(business, held, money, subject_level, subject_id, facts["created_at"])
    return posted


def capture_hold(
    business: Business,
    *,
    subject_id: UUID,
    subject_level: str = "order",
    goods: Money,
    fee: Money | None = None,
    item: str = "",
    **facts: Unpack[Facts],
) -> Posted:
    """Debit the subject from what was held for it; what is over goes back to the balance.

    Raises TooMuch when it costs more than was held, Unknown, AlreadyResolved, WrongLegs, KeyUsedOtherwise.
    """
    positive(goods, fee, is_zero_allowed=True)
    cost = goods + fee if fee else goods
    asked = ["capture", subject_level, subject_id, goods.minor, fee.minor if fee else 0, goods.currency]
    with transaction.atomic():
        found, amount = locked_hold(business, subject_level, subject_id, CUSTOMER_HELD)
        if repeated := replayed(business, facts["key"], "capture_hold", asked):
            return repeated
        positive(amount, cost, is_zero_allowed=True)
        if cost > amount:
            raise TooMuch(f"{subject_level} {subject_id}", amount)
        end(found, Hold.CAPTURED, facts["created_at"])
        owner = found.account.owner_id
        assert owner is not None
        legs = _free(found, amount) + debit_legs(owner, goods, fee, (subject_level, subject_id), item)
        links = {"hold": found.pk}
        posted = post(business, kind="capture_hold", legs=legs, asked=asked, links=links, **facts)
        charges.debited(business, subject_level, subject_id, cost)
        return posted


def void_hold(
    business: Business,
    *,
    subject_id: UUID,
    subject_level: str = "order",
    is_expired: bool = False,
    **facts: Unpack[Facts],
) -> Posted:
    """Give the held money back to the customer's balance. Raises Unknown, AlreadyResolved, KeyUsedOtherwise."""
    asked = ["void", subject_level, subject_id]
    with transaction.atomic():
        found, amount = locked_hold(business, subject_level, subject_id, CUSTOMER_HELD)
        if repeated := replayed(business, facts["key"], "void_hold", asked):
            return repeated
        end(found, Hold.EXPIRED if is_expired else Hold.VOIDED, facts["created_at"])
        links = {"hold": found.pk}
        return post(business, kind="void_hold", legs=_free(found, amount), asked=asked, links=links, **facts)


def begin(
    business: Business, account: Ref, money: Money, level: str, subject_id: UUID, created_at: datetime
) -> None:
    """Write that money on this (locked) account is held. Raises AlreadyResolved when the subject has a hold."""
    row = Account.objects.get(business=business, name=account.name)
    if Hold.objects.filter(
        account=row, subject_level=level, subject_id=subject_id, status=Hold.PENDING
    ).exists():
        raise AlreadyResolved(f"{level} {subject_id} has a hold already")
    Hold.objects.create(
        business=business,
        account=row,
        subject_level=level,
        subject_id=subject_id,
        amount=money.decimal,
        created_at=created_at,
    )


def locked_hold(business: Business, level: str, subject_id: UUID, kind: str) -> tuple[Hold, Money]:
    """The newest hold of a subject, locked, ended or not, and its amount. Raises Unknown."""
    found = (
        Hold.objects.select_for_update(of=("self",))
        .select_related("account")
        .filter(business=business, subject_level=level, subject_id=subject_id, account__kind=kind)
        .order_by("-created_at", "-pk")
        .first()
    )
    if found is None:
        raise Unknown(f"nothing is held for {level} {subject_id}")
    return found, money_of(found.amount, found.account.currency)


def end(found: Hold, status: str, at: datetime) -> None:
    """End a locked hold. Raises AlreadyResolved; whatever gets past that, the database's trigger refuses."""
    if found.status != Hold.PENDING:
        raise AlreadyResolved(f"the hold for {found.subject_level} {found.subject_id} is {found.status}")
    found.status, found.resolved_at = status, at
    found.save(update_fields=["status", "resolved_at"])


def _free(found: Hold, amount: Money) -> list[Leg]:
    subject = (found.subject_level, found.subject_id, "release.amount")
    owner = found.account.owner_id
    held = Ref(CUSTOMER_HELD, owner, amount.currency)
    return [
        Leg(held, -amount, *subject),
        Leg(Ref(CUSTOMER_BALANCE, owner, amount.currency), amount, *subject),
    ]
