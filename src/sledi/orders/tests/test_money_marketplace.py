"""Money of a sale: pending with the seller, his own after the window, the buyer's again when the sale fails."""

from datetime import UTC, datetime, timedelta

import pytest

from sledi.core.workflow import Refused
from sledi.ledger import charts, queries
from sledi.ledger.models import EntrySet, Payment, Payout, PayoutLine
from sledi.ledger.operations import send_back
from sledi.orders.automatic import deadlines
from sledi.orders.models import Order
from sledi.orders.money import payouts
from sledi.orders.moving.moves import as_machine
from sledi.orders.tests.money import (
    assert_sound,
    balance,
    held_by,
    lines,
    pay,
    sale,
    shipped,
    top_up,
    verified,
)
from sledi.orders.tests.stage import Stage

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.parametrize("stage", ["marketplace"], indirect=True),
]
WINDOW = timedelta(days=16)


def seller(stage: Stage) -> tuple[int, int, int]:
    """What is pending, available and on its way to the seller."""
    kinds = (charts.SELLER_PENDING, charts.SELLER_AVAILABLE, charts.IN_TRANSIT)
    pending, available, in_transit = (held_by(stage, kind, "seller") for kind in kinds)
    return pending, available, in_transit


def processed(stage: Stage, reference: str = "P1", **facts: object) -> Order:
    order = sale(stage, **facts)
    pay(stage, order, 10500, reference)
    stage.move("platform", "order", order.pk, "process")
    return order


def closed(stage: Stage, reference: str = "P1") -> Order:
    order = processed(stage, reference)
    verified(stage, order)
    stage.later(days=WINDOW.days)
    deadlines.run_due_timers(stage.now)
    order.refresh_from_db()
    assert order.state == "closed"
    return order


def paid_out(stage: Stage, expected: int = 1) -> list[Payout]:
    """The run of the next day of payment, sent and paid by the bank."""
    stage.later(days=20)
    made = payouts.run(stage.business, stage.now)
    assert len(made) == expected
    for payout in made:
        payouts.move(
            stage.access("platform"),
            payout.pk,
            "settle",
            {"bank_reference": "B-7"},
            at=stage.now,
            cause="web",
        )
    return made


def test_of_105_the_seller_has_90_pending_and_the_platform_its_15(stage: Stage) -> None:
    order = processed(stage)
    assert seller(stage) == (9000, 0, 0)
    assert held_by(stage, charts.FEE) == 1500
    assert balance(stage, "buyer") == 0
    order.refresh_from_db()
    assert (order.held_minor, order.commission_minor, order.paid_minor) == (10500, 1500, 10500)
    told = [line[:2] for line in lines(stage, charts.SELLER_PENDING, "seller")]
    assert told == [("sale.goods", 10000), ("sale.shipping", 500), ("sale.commission", -1500)]
    assert_sound(stage)


def test_nothing_is_released_before_the_window_is_over(stage: Stage) -> None:
    order = processed(stage)
    verified(stage, order)
    assert order.window_ends_at is not None
    stage.now = order.window_ends_at - timedelta(seconds=1)
    deadlines.run_due_timers(stage.now)
    assert seller(stage) == (9000, 0, 0)
    assert payouts.run(stage.business, stage.now) == []
    stage.now = order.window_ends_at
    deadlines.run_due_timers(stage.now)
    assert seller(stage) == (0, 9000, 0)
    order.refresh_from_db()
    assert (order.state, order.is_released) == ("closed", True)
    assert_sound(stage)


def test_a_payout_of_90_has_the_lines_100_5_and_minus_15_and_pays_once(stage: Stage) -> None:
    order = closed(stage)
    (payout,) = paid_out(stage)
    assert payout.total == 90
    told = PayoutLine.objects.filter(payout=payout).values_list("words_key", "amount")
    assert sorted(told, key=lambda line: -line[1]) == [
        ("sale.goods", 100),
        ("sale.shipping", 5),
        ("sale.commission", -15),
    ]
    assert seller(stage) == (0, 0, 0)
    assert held_by(stage, charts.CASH, provider="bank") == 9000
    assert payouts.order_ids(payout) == [order.pk]
    stage.later(days=20)
    assert payouts.run(stage.business, stage.now) == []
    assert_sound(stage)


def test_a_run_pays_on_the_sixteenth_what_was_released_by_the_fifteenth(stage: Stage) -> None:
    order = processed(stage)
    verified(stage, order)
    stage.now = datetime(2026, 11, 15, 12, tzinfo=UTC)
    deadlines.run_due_timers(stage.now)
    assert payouts.run(stage.business, stage.now) == []
    stage.now = datetime(2026, 11, 16, 6, tzinfo=UTC)
    (payout,) = payouts.run(stage.business, stage.now)
    assert (payout.pays_on.isoformat(), payout.total) == ("2026-11-16", 90)
    assert payouts.run(stage.business, stage.now) == []
    assert seller(stage) == (0, 0, 9000)


def test_a_payout_the_bank_sends_back_is_available_again_and_in_the_next_run(stage: Stage) -> None:
    closed(stage)
    stage.later(days=20)
    (payout,) = payouts.run(stage.business, stage.now)
    platform = stage.access("platform")
    moved = payouts.move(platform, payout.pk, "fail", {"note": "account closed"}, at=stage.now, cause="web")
    assert (moved.from_state, moved.to_state) == ("in_transit", "failed")
    assert seller(stage) == (0, 9000, 0)
    (again,) = paid_out(stage)
    assert again.total == 90
    assert [line.words_key for line in PayoutLine.objects.filter(payout=again)] == ["payout.returned"]
    assert_sound(stage)


@pytest.mark.parametrize(("role", "reason"), [("seller", "wrong_role"), ("buyer", "wrong_role")])
def test_only_the_platform_settles_a_payout(stage: Stage, role: str, reason: str) -> None:
    closed(stage)
    stage.later(days=20)
    (payout,) = payouts.run(stage.business, stage.now)
    with pytest.raises(Refused) as refused:
        payouts.move(
            stage.access(role), payout.pk, "settle", {"bank_reference": "B"}, at=stage.now, cause="web"
        )
    assert refused.value.reason == reason
    payout.refresh_from_db()
    assert payout.status == Payout.IN_TRANSIT


def test_a_payout_ends_once(stage: Stage) -> None:
    closed(stage)
    (payout,) = paid_out(stage)
    with pytest.raises(Refused) as refused:
        payouts.move(stage.access("platform"), payout.pk, "fail", {"note": "x"}, at=stage.now, cause="web")
    assert refused.value.reason == "wrong_state"


def test_a_refund_before_the_payout_goes_back_by_the_card_it_was_paid_with(stage: Stage) -> None:
    order = processed(stage)
    shipped(stage, order)
    stage.move("seller", "order", order.pk, "refund_without_case", {"note": "broken"})
    assert seller(stage) == (0, 0, 0)
    assert held_by(stage, charts.FEE) == 0
    assert balance(stage, "buyer") == 0
    (due,) = queries.returns(stage.business)
    assert (due.subject_id, due.due.minor, due.state) == (order.pk, 10500, "due")
    settle(stage, order)
    (done,) = queries.returns(stage.business)
    assert (done.due.minor, done.settled.minor, done.state) == (0, 10500, "settled")
    payment = Payment.objects.get(reference="P1")
    assert (payment.captured, payment.refunded) == (105, 105)
    assert held_by(stage, charts.CASH, provider="card") == 0
    settle(stage, order)
    assert EntrySet.objects.filter(kind="refund_payment").count() == 1
    assert_sound(stage)


def settle(stage: Stage, order: Order) -> None:
    actor = as_machine(stage.business, "payment").actor
    send_back(stage.business, subject_id=order.pk, key=f"{order.pk}:sent", actor=actor, created_at=stage.now)


def test_a_buyer_who_agreed_gets_it_on_his_balance_at_once(stage: Stage) -> None:
    order = processed(stage)
    shipped(stage, order)
    order.refresh_from_db()
    Order.objects.filter(pk=order.pk).update(fields={**order.fields, "refund_to_balance": True})
    stage.move("seller", "order", order.pk, "refund_without_case", {"note": "broken"})
    assert balance(stage, "buyer") == 10500
    assert held_by(stage, charts.CLEARING) == 0
    assert_sound(stage)


def test_each_of_two_payments_gets_its_own_back(stage: Stage) -> None:
    top_up(stage, 700, person="buyer")
    order = sale(stage)
    pay(stage, order, 10000)
    pay(stage, order, 500, "P2")
    stage.move("platform", "order", order.pk, "process")
    stage.move("platform", "order", order.pk, "cancel", {"cancel_reason": "late"})
    settle(stage, order)
    assert balance(stage, "buyer") == 700
    assert sorted(Payment.objects.values_list("reference", "refunded")) == [("P1", 100), ("P2", 5), ("T1", 0)]
    assert_sound(stage)


def test_a_share_is_one_of_the_whole_price_and_no_more_than_is_left(stage: Stage) -> None:
    order = processed(stage)
    shipped(stage, order)
    for percent in (20, 30):
        supplied = {"refund_percent": percent, "note": "scratched"}
        stage.move("seller", "order", order.pk, "refund_part", supplied)
    order.refresh_from_db()
    assert (order.held_minor, order.commission_minor, order.refunded_minor) == (5250, 750, 5250)
    assert seller(stage) == (4500, 0, 0)
    assert queries.charged(stage.business, "order", [order.pk])[order.pk, "RUB"].state == "partially_refunded"
    assert_sound(stage)


def test_a_refund_after_the_payout_is_owed_and_the_next_payout_nets_it(stage: Stage) -> None:
    order = closed(stage)
    paid_out(stage)
    stage.move("seller", "order", order.pk, "refund_without_case", {"note": "came back"})
    assert seller(stage) == (0, -9000, 0)
    assert held_by(stage, charts.CLEARING) == 10500
    settle(stage, order)
    closed(stage, "P2")
    assert seller(stage) == (0, 0, 0)
    assert paid_out(stage, expected=0) == []
    closed(stage, "P3")
    (payout,) = paid_out(stage)
    assert payout.total == 90
    assert_sound(stage)


def test_paid_at_the_door_the_seller_owes_the_commission_alone(stage: Stage) -> None:
    order = sale(stage, is_cash_on_delivery=True)
    stage.move("platform", "order", order.pk, "process")
    assert seller(stage) == (0, -1500, 0)
    assert held_by(stage, charts.FEE) == 1500
    assert_sound(stage)


def test_paid_at_the_door_and_cancelled_nothing_is_owed(stage: Stage) -> None:
    order = sale(stage, is_cash_on_delivery=True)
    stage.move("platform", "order", order.pk, "process")
    stage.move("platform", "order", order.pk, "cancel", {"cancel_reason": "late"})
    assert seller(stage) == (0, 0, 0)
    assert held_by(stage, charts.FEE) == 0
    assert_sound(stage)


def test_a_payment_that_is_not_confirmed_goes_back(stage: Stage) -> None:
    order = sale(stage)
    pay(stage, order, 10500)
    stage.move("platform", "order", order.pk, "reject_order", {"note": "stolen card"})
    assert balance(stage, "buyer") == 0
    assert held_by(stage, charts.CLEARING) == 10500
    settle(stage, order)
    assert held_by(stage, charts.CASH, provider="card") == 0
    assert_sound(stage)


def test_an_exchange_moves_no_money(stage: Stage) -> None:
    order = processed(stage)
    verified(stage, order)
    before = EntrySet.objects.count(), seller(stage)
    stage.move("seller", "order", order.pk, "exchange_without_case", {"note": "another colour"})
    assert (EntrySet.objects.count(), seller(stage)) == before
    assert_sound(stage)
