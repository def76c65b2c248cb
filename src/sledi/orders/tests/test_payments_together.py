"""Payments that meet: callbacks at the same moment, buyers who press at once. Real commits, one effect each."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

import sledi_simulator.payments
from sledi.core.money import Money
from sledi.history.queries import verify
from sledi.history.tests.side_by_side import side_by_side
from sledi.history.tests.unlocked import empty
from sledi.ledger import queries as ledger
from sledi.ledger.charts import CASH, CUSTOMER_BALANCE, Ref
from sledi.orders.models import Checkout, Order, Task
from sledi.orders.money import checkouts, payments
from sledi.orders.money.payment_provider import Paid, Told
from sledi.orders.tests.stage import Stage, new_stage

NOW = datetime(2026, 9, 28, 9, tzinfo=UTC)
PRICE = Money(3300, "RUB")


@pytest.fixture
def shop(transactional_db: None) -> Iterator[Stage]:
    yield new_stage("retail")
    empty()


def opened(shop: Stage) -> tuple[Order, Checkout]:
    order = shop.order(reseller_id=None)
    checkout = Checkout.objects.create(
        business=shop.business,
        provider="kassa",
        reference=f"co_{uuid4().hex}",
        order=order,
        amount_minor=3300,
        currency="RUB",
        state="open",
        created_at=NOW,
        updated_at=NOW,
    )
    return order, checkout


def told(checkout: Checkout, payment: str = "pm_1") -> Told:
    assert checkout.reference is not None
    return Told(checkout.reference, checkout.pk, "paid", PRICE, (Paid(payment, PRICE),))


def books(shop: Stage, order: Order) -> tuple[int, int, int, str]:
    order.refresh_from_db()
    assert ledger.audit() == []
    assert verify(shop.business.pk) is None
    cash = ledger.balance(shop.business, Ref(CASH, None, "RUB", "kassa")).minor
    payer = ledger.balance(shop.business, Ref(CUSTOMER_BALANCE, order.buyer_id, "RUB")).minor
    return order.paid_minor, payer, cash, order.state


def test_the_same_callback_eight_times_at_once_is_one_payment(shop: Stage) -> None:
    order, checkout = opened(shop)
    outcomes = side_by_side([lambda: checkouts.hear("kassa", told(checkout), NOW)] * 8)
    assert outcomes == [True] * 8
    assert books(shop, order) == (3300, 0, -3300, "payment_received")


def test_two_payments_at_once_pay_the_order_once(shop: Stage) -> None:
    """Whichever is second is not believed before the provider was asked, or goes onto the account."""
    order, checkout = opened(shop)
    acts = [lambda name=name: checkouts.hear("kassa", told(checkout, name), NOW) for name in ("pm_1", "pm_2")]
    assert side_by_side(acts) == [True, True]
    found = books(shop, order)
    assert found in [(3300, 0, -3300, "payment_received"), (3300, 3300, -6600, "payment_received")]
    if found[1]:
        assert Task.objects.filter(reason="paid_twice").count() == 1
    else:
        assert Checkout.objects.get().due_at == NOW


def test_two_checkouts_of_one_order_pay_it_once(shop: Stage) -> None:
    """The first was declined, the buyer opened a second one, and then both were paid."""
    order, first = opened(shop)
    Checkout.objects.update(state="failed")
    second = Checkout.objects.create(
        business=shop.business,
        provider="kassa",
        reference="co_second",
        order=order,
        amount_minor=3300,
        currency="RUB",
        state="open",
        created_at=NOW,
        updated_at=NOW,
    )
    acts = [
        lambda: checkouts.hear("kassa", told(first, "pm_1"), NOW),
        lambda: checkouts.hear("kassa", told(second, "pm_2"), NOW),
    ]
    assert side_by_side(acts) == [True, True]
    assert books(shop, order) == (3300, 3300, -6600, "payment_received")
    assert list(Task.objects.filter(queue="support").values_list("reason", flat=True)) == ["paid_twice"]


def test_a_fault_after_the_booking_leaves_neither_money_nor_state(
    shop: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, checkout = opened(shop)

    def die(*_: object, **__: object) -> None:
        raise RuntimeError("the machine goes down")

    with monkeypatch.context() as fault:
        fault.setattr(payments, "_tell_order", die)
        with pytest.raises(RuntimeError):
            checkouts.hear("kassa", told(checkout), NOW)
    assert books(shop, order) == (0, 0, 0, "pending")
    checkout.refresh_from_db()
    assert checkout.state == "open"
    assert checkouts.hear("kassa", told(checkout), NOW)
    assert books(shop, order) == (3300, 0, -3300, "payment_received")


def test_eight_presses_at_once_lead_to_one_page(
    shop: Stage, simulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in sledi_simulator.payments.settings(simulator.url).items():
        monkeypatch.setenv(name, text)
    order = shop.order(reseller_id=None)
    outcomes = side_by_side([lambda: checkouts.for_order(shop.business, "kassa", order.pk, NOW).address] * 8)
    assert len(set(outcomes)) == 1, outcomes
    assert len(simulator.simulator.payments.checkouts()) == 1
    assert Checkout.objects.get().state == "open"
