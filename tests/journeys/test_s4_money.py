"""A seller's money as the command line tells it: 105 sold, 90 paid out once, and a buyer's refund on its way."""

from datetime import timedelta

import pytest

from sledi.accounts.models import Membership
from sledi.ledger.models import Payout
from sledi.orders.automatic import deadlines
from sledi.orders.models import Order
from sledi.orders.money import payouts
from sledi.orders.moving.making import Line
from sledi.orders.tests.money import assert_sound, pay, sale, verified
from sledi.orders.tests.stage import Stage, new_stage
from tests.journeys.world import command

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> Stage:
    return new_stage("marketplace")


def processed(stage: Stage) -> Order:
    order = sale(stage)
    pay(stage, order, 10500)
    stage.move("platform", "order", order.pk, "process")
    return order


@pytest.mark.promise("S4.6")
def test_the_newest_run_pays_the_seller_90_once(stage: Stage) -> None:
    order = processed(stage)
    assert paid_on("2026-10-01") == "0 payouts\n"
    verified(stage, order)
    stage.later(days=16)
    deadlines.run_due_timers(stage.now)
    assert "90.00 RUB  2026-10-16" in paid_on("2026-10-16")
    assert paid_on("2026-10-17") == "0 payouts\n"
    payout = Payout.objects.get()
    lines = payout.lines.order_by("-amount").values_list("words_key", "amount")
    assert list(lines) == [("sale.goods", 100), ("sale.shipping", 5), ("sale.commission", -15)]
    assert_sound(stage)


@pytest.mark.promise("S4.28")
def test_a_refund_after_the_payout_is_owed_and_reduces_the_next_one(stage: Stage) -> None:
    first = closed(stage, processed(stage))
    assert paid_on("2026-10-16").endswith("1 payouts\n")
    seller = stage.person("seller")
    Membership.objects.create(business=stage.business, person=seller, role="seller", created_at=stage.now)
    refund = ("order", "move", first.number, "refund_without_case", "--business", "marketplace")
    code, said = command(*refund, "--as", f"{seller.email}:seller", "--field", "note=came back")
    assert code == 0, said
    assert command("ledger", "refunds", "--business", "marketplace", "--sent", first.number)[0] == 0
    account = f"seller.available//{stage.person('seller').pk}/RUB"
    assert (
        "-90.00 RUB" in command("ledger", "explain", "--business", "marketplace", account)[1].splitlines()[0]
    )
    for goods in (10000, 30000):
        order = sale(stage, Line("Coat", unit_price_minor=goods))
        pay(stage, order, goods + 500, f"P{goods}")
        stage.move("platform", "order", order.pk, "process")
        closed(stage, order)
    (second,) = payouts.run(stage.business, stage.now + timedelta(days=20))
    assert second.total == -90 + 90 + 260  # 305 without 15 % of 300
    assert_sound(stage)


def paid_on(day: str) -> str:
    """What the payout run of a day says."""
    code, said = command("ledger", "payouts", "--business", "marketplace", "--on", day)
    assert code == 0
    return said


def closed(stage: Stage, order: Order) -> Order:
    verified(stage, order)
    stage.later(days=16)
    deadlines.run_due_timers(stage.now)
    order.refresh_from_db()
    assert order.is_released
    return order


def test_a_refund_is_listed_until_the_provider_has_sent_it(stage: Stage) -> None:
    order = processed(stage)
    stage.move("platform", "order", order.pk, "cancel", {"cancel_reason": "late"})
    code, said = command("ledger", "refunds", "--business", "marketplace")
    assert code == 0
    assert f"{order.number}  105.00 RUB" in said
    code, said = command("ledger", "refunds", "--business", "marketplace", "--sent", order.number)
    assert code == 0
    assert "0 refunds due" in said
    assert_sound(stage)


def test_a_wrong_order_and_a_wrong_business_are_told(stage: Stage) -> None:
    assert command("ledger", "refunds", "--business", "marketplace", "--sent", "NOSUCH")[0] == 1
    assert command("ledger", "payouts", "--business", "nowhere")[0] == 1
