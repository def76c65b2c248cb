"""Money that came in from outside: the ledger first, then whatever waited for it."""

from datetime import datetime
from uuid import UUID

from sledi import profiles
from sledi.accounts.models import Business
from sledi.core.money import Money
from sledi.history import Actor
from sledi.ledger.operations.payments import receive_payment
from sledi.orders.automatic import events
from sledi.orders.models import Item, Order
from sledi.orders.money import postings
from sledi.orders.moving.moves import begun_again_when_met
from sledi.orders.refusals import NotYours

PAID, FAILED = "payment.paid", "payment.failed"


def payment_paid(
    business: Business, provider: str, reference: str, money: Money, order: UUID, at: datetime
) -> bool:
    """A payment for an order arrived; whether it is new. The order's waiting moves are tried each time.

    Raises NotYours for an order that is not of this business, the ledger's KeyUsedOtherwise when the same reference
    comes with another amount.
    """

    def act() -> bool:
        found = Order.objects.select_for_update(no_key=True).filter(business=business, pk=order).first()
        if found is None:
            raise NotYours
        posted = _receive(business, provider, reference, money, postings.payer_id(found), at, found)
        if posted and money.currency == found.currency:
            Order.objects.filter(pk=order).update(paid_minor=found.paid_minor + money.minor)
        return posted

    is_new = begun_again_when_met(act)
    _tell_order(business, order, PAID, provider, at)
    return is_new


def payment_failed(business: Business, provider: str, order: UUID, at: datetime) -> None:
    """A payment for an order was declined."""
    _tell_order(business, order, FAILED, provider, at)


def topped_up(
    business: Business, provider: str, reference: str, money: Money, person_id: UUID, at: datetime
) -> bool:
    """Money arrived on somebody's account; whether it is new. What waited for it goes on, oldest first."""
    is_new = begun_again_when_met(
        lambda: _receive(
            business,
            provider,
            reference,
            money,
            person_id,
            at,
            None,
        )
    )
    orders = Order.objects.filter(business=business, currency=money.currency)
    mine = orders.filter(reseller=person_id) | orders.filter(reseller=None, buyer=person_id)
    for order_id in mine.order_by("placed_at").values_list("pk", flat=True):
        _tell_order(business, order_id, PAID, provider, at)
    return is_new


def _receive(
    business: Business,
    provider: str,
    reference: str,
    money: Money,
    payer: UUID,
    at: datetime,
    order: Order | None,
) -> bool:
    return receive_payment(
        business,
        customer_id=payer,
        provider=provider,
        money=money,
        kind="payment" if order else "top_up",
        subject_level="order" if order else "",
        subject_id=order.pk if order else None,
        key=f"payment:{provider}:{reference}",
        actor=Actor("payment", id=provider, name=provider, role="payment"),
        created_at=at,
        reference=reference,
    ).is_new


def _tell_order(business: Business, order_id: UUID, event: str, provider: str, at: datetime) -> None:
    order = Order.objects.get(business=business, pk=order_id)
    workflow = profiles.workflow(order.profile, order.profile_version)
    events.tell(business, workflow, order, event, role="payment", name=provider, at=at)
    for item in Item.objects.filter(business=business, order=order).order_by("line", "number"):
        events.tell(business, workflow, item, event, role="payment", name=provider, at=at)
