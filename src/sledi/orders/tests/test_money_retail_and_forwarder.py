"""Money of a shop and of a forwarder: one payment for one order, given back whole or in shares."""

from typing import Any

import pytest

from sledi.core.workflow import Refused
from sledi.history.models import Record
from sledi.ledger import charts, queries
from sledi.ledger.models import EntrySet
from sledi.ledger.operations import send_back
from sledi.orders.automatic import deadlines
from sledi.orders.models import Item, Order
from sledi.orders.moving.making import Line
from sledi.orders.moving.moves import as_machine
from sledi.orders.tests.money import assert_sound, balance, held_by, pay, top_up
from sledi.orders.tests.stage import Stage

pytestmark = pytest.mark.django_db
RETAIL = pytest.mark.parametrize("stage", ["retail"], indirect=True)
FORWARDER = pytest.mark.parametrize("stage", ["forwarder"], indirect=True)


def bought(stage: Stage, *lines: Line, **facts: Any) -> Order:
    """A shop's order of goods for 100.00 with shipping for 10.00, paid by card."""
    lines = lines or (Line("Dress", unit_price_minor=10000),)
    order = stage.order(*lines, reseller_id=None, shipping_minor=1000, **facts)
    pay(stage, order, 11000)
    order.refresh_from_db()
    assert order.state == "payment_received"
    return order


def to_balance(stage: Stage) -> None:
    """The business's buyers agreed to get their money back on their balance."""
    stage.business.settings = {"refund_means": "balance"}
    stage.business.save()


def confirmed(stage: Stage, order: Order) -> None:
    stage.move("platform", "order", order.pk, "confirm_payment", {"safety_check": "passed"})


# --- retail ---------------------------------------------------------------------------------------------------


@RETAIL
def test_a_payment_is_captured_for_goods_and_shipping(stage: Stage) -> None:
    order = bought(stage)
    assert balance(stage, "buyer") == 0
    assert held_by(stage, charts.GOODS) == 11000
    confirmed(stage, order)
    order.refresh_from_db()
    item = Item.objects.get()
    assert (order.state, order.debited_goods_minor, item.debited_goods_minor) == (
        "payment_confirmed",
        1000,
        10000,
    )
    assert balance(stage, "buyer") == 0
    assert_sound(stage)


@RETAIL
def test_too_small_a_payment_stays_the_buyers(stage: Stage) -> None:
    order = stage.order(Line("Dress", unit_price_minor=10000), reseller_id=None)
    pay(stage, order, 9999)
    order.refresh_from_db()
    assert (order.state, order.paid_minor, balance(stage, "buyer")) == ("pending", 9999, 9999)
    assert_sound(stage)


@RETAIL
def test_a_cancelled_order_is_given_back_whole(stage: Stage) -> None:
    to_balance(stage)
    order = bought(stage)
    confirmed(stage, order)
    stage.move("platform", "order", order.pk, "cancel_for_buyer", {"cancel_reason": "sold_out"})
    assert balance(stage, "buyer") == 11000
    assert held_by(stage, charts.GOODS) == 0
    order.refresh_from_db()
    assert (order.state, order.refunded_minor) == ("cancelled", 11000)
    assert_sound(stage)


@RETAIL
def test_a_buyer_without_an_account_gets_it_by_the_card_he_paid_with(stage: Stage) -> None:
    order = bought(stage, buyer_id=None)
    stage.move("platform", "order", order.pk, "cancel_for_buyer", {"cancel_reason": "sold_out"})
    (due,) = queries.returns(stage.business)
    assert (due.subject_id, due.due.minor, due.state) == (order.pk, 11000, "due")
    actor = as_machine(stage.business, "payment").actor
    send_back(stage.business, subject_id=order.pk, key="sent", actor=actor, created_at=stage.now)
    assert held_by(stage, charts.CASH, provider="card") == held_by(stage, charts.CLEARING) == 0
    assert_sound(stage)


@RETAIL
def test_a_payment_that_fails_the_check_is_given_back_whole(stage: Stage) -> None:
    to_balance(stage)
    order = bought(stage)
    stage.move("platform", "order", order.pk, "hold", {"hold_reason": "address"})
    assert balance(stage, "buyer") == 0
    stage.move("platform", "order", order.pk, "reject_payment", {"note": "stolen card"})
    assert balance(stage, "buyer") == 11000
    assert_sound(stage)


@RETAIL
def test_made_to_order_half_of_the_goods_comes_back_after_the_free_day(stage: Stage) -> None:
    to_balance(stage)
    order = bought(stage, Line("Dress", unit_price_minor=10000, flags=["made_to_order"]))
    confirmed(stage, order)
    stage.later(hours=25)
    deadlines.run_due_timers(stage.now)
    with pytest.raises(Refused):
        stage.move("platform", "order", order.pk, "cancel_for_buyer", {"cancel_reason": "buyer_asked"})
    stage.move("platform", "order", order.pk, "cancel_with_part_refund", {"cancel_reason": "buyer_asked"})
    assert balance(stage, "buyer") == 5000 + 1000  # and the shipping
    order.refresh_from_db()
    item = Item.objects.get()
    assert (order.refunded_minor, item.debited_goods_minor, item.state) == (6000, 5000, "cancelled")
    assert_sound(stage)


@RETAIL
def test_a_broken_guarantee_and_a_cancellation_are_shares_of_the_same_price(stage: Stage) -> None:
    to_balance(stage)
    line = Line("Dress", unit_price_minor=10001, flags=["made_to_order", "ships_in_24_hours"])
    order = stage.order(line, reseller_id=None)
    pay(stage, order, 10001)
    confirmed(stage, order)
    stage.later(hours=25)
    deadlines.run_due_timers(stage.now)
    assert balance(stage, "buyer") == 1000
    stage.move("platform", "order", order.pk, "cancel_with_part_refund", {"cancel_reason": "buyer_asked"})
    item, order = Item.objects.get(), Order.objects.get()
    assert balance(stage, "buyer") == order.refunded_minor == 1000 + 5001
    assert item.debited_goods_minor == 10001 - 6001
    assert_sound(stage)


@RETAIL
def test_part_of_a_partly_refunded_item_can_be_parted_and_given_back(stage: Stage) -> None:
    to_balance(stage)
    line = Line("Sock", quantity=3, unit_price_minor=1000, flags=["ships_in_24_hours"])
    order = stage.order(line, reseller_id=None)
    pay(stage, order, 3000)
    confirmed(stage, order)
    stage.later(hours=25)
    deadlines.run_due_timers(stage.now)
    assert balance(stage, "buyer") == 300
    stage.move("operator", "order", order.pk, "start_packing")
    item = Item.objects.get()
    stage.move("operator", "item", item.pk, "prepare", {"prepared": "yes"}, quantity=1)
    rows = Item.objects.order_by("quantity").values_list("quantity", "debited_goods_minor")
    assert list(rows) == [(1, 900), (2, 1800)]
    assert_sound(stage)
    stage.move("platform", "order", order.pk, "cancel_for_buyer", {"cancel_reason": "sold_out"})
    assert balance(stage, "buyer") == 3000
    assert_sound(stage)


@RETAIL
def test_by_the_law_money_goes_back_by_the_means_it_came(stage: Stage) -> None:
    order = bought(stage)
    stage.move("platform", "order", order.pk, "cancel_for_buyer", {"cancel_reason": "sold_out"})
    (due,) = queries.returns(stage.business)
    assert (due.due.minor, balance(stage, "buyer")) == (11000, 0)
    assert_sound(stage)


@RETAIL
def test_shipping_that_did_not_happen_comes_back_whole_whatever_the_goods_do(stage: Stage) -> None:
    dress = Line("Dress", unit_price_minor=10000, flags=["made_to_order"])
    order = bought(stage, dress)
    confirmed(stage, order)
    stage.later(hours=25)
    deadlines.run_due_timers(stage.now)
    stage.move("platform", "order", order.pk, "cancel_with_part_refund", {"cancel_reason": "buyer_asked"})
    order.refresh_from_db()
    assert (order.refunded_minor, order.debited_goods_minor) == (5000 + 1000, 0)
    assert queries.returns(stage.business)[0].due.minor == 6000
    assert_sound(stage)


@RETAIL
def test_a_broken_guarantee_is_paid_once_also_when_a_shipment_is_undone(stage: Stage) -> None:
    order = bought(stage, Line("Dress", unit_price_minor=10000, flags=["ships_in_24_hours"]))
    confirmed(stage, order)
    item = Item.objects.get()
    for time in range(3):
        stage.later(hours=25)
        deadlines.run_due_timers(stage.now)
        order.refresh_from_db()
        assert order.refunded_minor == 1000
        assert Record.objects.filter(act="break_guarantee").count() == 1 + time
        stage.put(item, "shipped")
        stage.move("supervisor", "item", item.pk, "correct_shipped_packaging", {"note": "a mistake"})
    assert_sound(stage)


# --- forwarder ------------------------------------------------------------------------------------------------


@FORWARDER
@pytest.mark.parametrize("by_card", [False, True])
def test_paid_and_cancelled_before_buying_is_on_the_balance(stage: Stage, by_card: bool) -> None:
    facts = {"reseller_id": None, "shipping_minor": 700}
    order = stage.order(Line("Phone", unit_price_minor=50000, fee_minor=2500), **facts)
    if by_card:
        pay(stage, order, 53200)
    else:
        top_up(stage, 53200, person="buyer")
        assert Order.objects.get().state == "unpaid"
        stage.move("buyer", "order", order.pk, "pay")
    assert balance(stage, "buyer") == 0
    assert (held_by(stage, charts.GOODS), held_by(stage, charts.FEE)) == (50700, 2500)
    assert_sound(stage)
    stage.move("buyer", "order", order.pk, "cancel")
    assert balance(stage, "buyer") == 53200
    assert held_by(stage, charts.GOODS) == held_by(stage, charts.FEE) == held_by(stage, charts.CLEARING) == 0
    assert Order.objects.get().refunded_minor == 53200
    assert_sound(stage)


@FORWARDER
def test_an_unpaid_order_is_cancelled_without_any_entry(stage: Stage) -> None:
    order = stage.order(Line("Phone", unit_price_minor=50000), reseller_id=None)
    stage.move("buyer", "order", order.pk, "cancel")
    assert not EntrySet.objects.exists()
    assert_sound(stage)


@FORWARDER
def test_without_the_money_nobody_pays(stage: Stage) -> None:
    order = stage.order(Line("Phone", unit_price_minor=50000), reseller_id=None)
    top_up(stage, 49999, person="buyer")
    with pytest.raises(Refused):
        stage.move("buyer", "order", order.pk, "pay")
    assert balance(stage, "buyer") == 49999
    assert_sound(stage)
