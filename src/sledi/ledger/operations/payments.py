"""Money from outside and back there. A payment is known by its provider's own reference: confirmed twice, one set."""

from dataclasses import dataclass
from typing import Unpack
from uuid import UUID

from django.db import transaction
from django.db.models import F

from sledi.accounts.models import Business
from sledi.core.money import Money
from sledi.ledger.charts import CASH, CUSTOMER_BALANCE, Ref
from sledi.ledger.errors import KeyUsedOtherwise, TooMuch, Unknown, WrongLegs
from sledi.ledger.models import EntrySet, Payment
from sledi.ledger.operations.posting import Facts, Leg, Posted, money_of, positive, post, replayed


@dataclass(frozen=True, slots=True)
class Received:
    """The payment, and the set that put it on the balance (none while it is only authorised)."""

    payment_id: UUID
    set_id: UUID | None
    is_new: bool


def top_up(
    business: Business, *, customer_id: UUID, provider: str, money: Money, **facts: Unpack[Facts]
) -> Received:
    """Put a confirmed top-up on the customer's balance. As receive_payment."""
    return receive_payment(
        business, customer_id=customer_id, provider=provider, money=money, kind="top_up", **facts
    )


def receive_payment(
    business: Business,
    *,
    customer_id: UUID,
    provider: str,
    money: Money,
    is_captured: bool = True,
    kind: str = "payment",
    subject_level: str = "",
    subject_id: UUID | None = None,
    **facts: Unpack[Facts],
) -> Received:
    """Take in a payment from a provider; ``reference`` is the provider's own id of it and must be given.

    Captured money goes on the customer's balance; only authorised money waits for ``capture``. The same reference
    again changes nothing. Raises KeyUsedOtherwise when it comes with another amount or customer, WrongLegs.
    """
    positive(money)
    reference = facts.get("reference", "")
    if not reference or len(reference) > 200 or "\0" in reference:
        raise WrongLegs("wrong_key", "a payment has its provider's reference")
    Ref(CASH, None, money.currency, provider).checked()
    with transaction.atomic():
        payment, is_new = Payment.objects.get_or_create(
            business=business,
            provider=provider,
            reference=reference,
            defaults={
                "currency": money.currency,
                "customer_id": customer_id,
                "authorized": money.decimal,
                "captured": money.decimal if is_captured else 0,
                "created_at": facts["created_at"],
            },
        )
        if not is_new:
            return _known(payment, customer_id, money)
        if not is_captured:
            return Received(payment.pk, None, is_new=True)
        subject = (subject_level, subject_id)
        posted = post(
            business,
            kind=kind,
            legs=_in(payment, money, f"{kind}.in", subject),
            links={"payment": payment.pk},
            **facts,
        )
        if not posted.is_new:  # the key was used for a payment with another reference
            raise KeyUsedOtherwise(facts["key"])
        return Received(payment.pk, posted.set_id, is_new=True)


def _known(payment: Payment, customer_id: UUID, money: Money) -> Received:
    if (payment.customer_id, money_of(payment.authorized, payment.currency)) != (customer_id, money):
        raise KeyUsedOtherwise(f"{payment} was another payment")
    first = (
        EntrySet.objects.filter(payment=payment)
        .order_by("created_at", "pk")
        .values_list("pk", flat=True)
        .first()
    )
    return Received(payment.pk, first, is_new=False)


def capture(
    business: Business, *, payment_id: UUID, money: Money | None = None, **facts: Unpack[Facts]
) -> Posted:
    """Take authorised money in, all of it or a part. Raises TooMuch, Unknown, WrongLegs, KeyUsedOtherwise."""
    asked = ["capture", payment_id, money.minor if money else None]
    with transaction.atomic():
        payment = _locked(business, payment_id)
        if repeated := replayed(business, facts["key"], "capture", asked):
            return repeated
        left = money_of(payment.authorized - payment.captured, payment.currency)
        taken = money or left
        if taken != left:
            _check(payment, taken, left)
        elif not left.minor:
            raise TooMuch(f"{payment}", left)
        Payment.objects.filter(pk=payment.pk).update(captured=F("captured") + taken.decimal)
        legs = _in(payment, taken, "payment.in", ("", None))
        return post(business, kind="capture", legs=legs, asked=asked, links={"payment": payment.pk}, **facts)


def refund_payment(
    business: Business,
    *,
    payment_id: UUID,
    money: Money,
    source: Ref | None = None,
    subject_level: str = "",
    subject_id: UUID | None = None,
    **facts: Unpack[Facts],
) -> Posted:
    """Send money back the way it came, from the customer's balance or from ``source`` (``refunds.clearing``).

    Raises TooMuch above what was captured and not refunded, NotEnough, Unknown, WrongLegs, KeyUsedOtherwise.
    """
    asked = ["refund", payment_id, money.minor, money.currency, source.name if source else ""]
    with transaction.atomic():
        payment = _locked(business, payment_id)
        if repeated := replayed(business, facts["key"], "refund_payment", asked):
            return repeated
        _check(payment, money, money_of(payment.captured - payment.refunded, payment.currency))
        Payment.objects.filter(pk=payment.pk).update(refunded=F("refunded") + money.decimal)
        source = source or Ref(CUSTOMER_BALANCE, payment.customer_id, payment.currency)
        subject = (subject_level, subject_id, "payment.out")
        legs = [Leg(source, -money, *subject), Leg(_cash(payment), money, *subject)]
        links = {"payment": payment.pk}
        return post(business, kind="refund_payment", legs=legs, asked=asked, links=links, **facts)


def _locked(business: Business, payment_id: UUID) -> Payment:
    payment = Payment.objects.select_for_update().filter(business=business, pk=payment_id).first()
    if payment is None:
        raise Unknown(f"no payment {payment_id}")
    return payment


def _check(payment: Payment, money: Money, left: Money) -> None:
    positive(left, money, is_zero_allowed=True)
    positive(money)
    if money > left:
        raise TooMuch(str(payment), left)


def _cash(payment: Payment) -> Ref:
    return Ref(CASH, None, payment.currency, payment.provider)


def _in(payment: Payment, money: Money, words: str, subject: tuple[str, UUID | None]) -> list[Leg]:
    balance = Ref(CUSTOMER_BALANCE, payment.customer_id, payment.currency)
    return [Leg(_cash(payment), -money, *subject, words), Leg(balance, money, *subject, words)]
