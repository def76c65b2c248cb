"""Every question of the orders' audit gives nothing in sound data, and finds what is planted."""

from collections.abc import Callable

import pytest
from django.db import connection

from sledi.core.money import Money
from sledi.core.workflow import Workflow
from sledi.ledger.operations import debit_item
from sledi.orders.automatic import deadlines
from sledi.orders.models import Item
from sledi.orders.money import payouts
from sledi.orders.money.audit import QUESTIONS, _acts, _refunded, audit
from sledi.orders.moving.moves import as_machine
from sledi.orders.tests.money import assert_sound, pay, queued, sale, shipped, top_up, verified
from sledi.orders.tests.stage import Stage, new_stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyout() -> Stage:
    """A buyout with an item that could not be supplied, and another that is being bought."""
    stage = new_stage("buyout")
    top_up(stage, 10000)
    refused, bought = queued(stage), queued(stage)
    for item in (refused, bought):
        stage.move("operator", "item", item.pk, "take")
    stage.move("operator", "item", refused.pk, "refuse", {"reason": "sold_out"})
    return stage


@pytest.fixture
def marketplace() -> Stage:
    """A marketplace with a sale that is paid out, one that is on its way, and one whose money goes back."""
    stage = new_stage("marketplace")
    paid_out, on_its_way, refunded = (sale(stage) for _ in range(3))
    for number, order in enumerate((paid_out, on_its_way, refunded)):
        pay(stage, order, 10500, f"P{number}")
        stage.move("platform", "order", order.pk, "process")
    verified(stage, paid_out)
    shipped(stage, on_its_way)
    stage.later(days=16)
    deadlines.run_due_timers(stage.now)
    stage.later(days=20)
    payouts.run(stage.business, stage.now)
    stage.move("platform", "order", refunded.pk, "cancel", {"cancel_reason": "late"})
    return stage


def sql(statement: str) -> Callable[[Stage], None]:
    def plant(_stage: Stage) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            for part in statement.split("; "):
                cursor.execute(part)

    return plant


def debited_again(stage: Stage) -> None:
    item = Item.objects.get(state="cannot_supply")
    debit_item(
        stage.business,
        customer_id=stage.person("reseller").pk,
        goods=Money(100, "RUB"),
        subject_id=item.pk,
        key="again",
        actor=as_machine(stage.business, "system").actor,
        created_at=stage.now,
    )


def a_month_later(stage: Stage) -> None:
    stage.later(days=15)


PLANTED: dict[str, tuple[str, Callable[[Stage], None]]] = {
    "what a move gave back in full has cost nothing": ("buyout", debited_again),
    "only orders that a move released are paid out": (
        "marketplace",
        sql("UPDATE orders_order SET is_released = false"),
    ),
    "an order's sale is in one payout": (
        "marketplace",
        sql(
            "DROP INDEX ledger_payout_line_sale_once; ALTER TABLE ledger_payoutline DROP CONSTRAINT"
            " ledger_payoutline_entry_id_key; INSERT INTO ledger_payout SELECT gen_random_uuid(), seller_id, currency,"
            " total, cut_off_at, pays_on, status, created_at, settled_at, business_id FROM ledger_payout;"
            " INSERT INTO ledger_payoutline SELECT gen_random_uuid(), amount, words_key, subject_level, subject_id,"
            " l.business_id, entry_id, p.id FROM ledger_payoutline l JOIN ledger_payout p ON p.id <> l.payout_id"
        ),
    ),
    "what a row says was debited or held is what the ledger says": (
        "buyout",
        sql("UPDATE orders_item SET debited_fee_minor = debited_fee_minor + 1"),
    ),
    "an order is released exactly when the ledger released its sale": (
        "marketplace",
        sql("UPDATE orders_order SET is_released = true"),
    ),
    "what an order says was paid is what payments brought": (
        "marketplace",
        sql("UPDATE orders_order SET paid_minor = paid_minor + 1"),
    ),
    "no buyer waits longer for his refund than the law allows, none got too much": (
        "marketplace",
        a_month_later,
    ),
    "a row's state is the last its history tells": (
        "buyout",
        sql("UPDATE orders_item SET state = 'ordered' WHERE state = 'buying'"),
    ),
    "a payout's state is the last its history tells": (
        "marketplace",
        sql("UPDATE ledger_payout SET status = 'failed', settled_at = created_at"),
    ),
    "a derived state is what its rules say now": (
        "buyout",
        sql("UPDATE orders_order SET state = 'delivered'"),
    ),
    "nothing was sent without the number its move asks for": (
        "marketplace",
        sql("UPDATE orders_order SET fields = fields - 'tracking_number'"),
    ),
}


def test_every_question_has_a_plant() -> None:
    assert {question.rule for question in QUESTIONS} == set(PLANTED)


@pytest.mark.parametrize("kind", ["buyout", "marketplace"])
def test_sound_data_answer_nothing(kind: str, request: pytest.FixtureRequest) -> None:
    assert_sound(request.getfixturevalue(kind))


@pytest.mark.parametrize("rule", sorted(PLANTED))
def test_what_is_planted_is_found(rule: str, request: pytest.FixtureRequest) -> None:
    kind, plant = PLANTED[rule]
    stage: Stage = request.getfixturevalue(kind)
    plant(stage)
    found = {finding.rule: finding for finding in audit(stage.now)}
    assert rule in found
    assert found[rule].count == len(found[rule].sample) >= 1


def test_a_state_forged_where_refunds_end_is_found_by_its_money(buyout: Stage) -> None:
    Item.objects.filter(state="buying").update(state="cannot_supply")
    assert "what a move gave back in full has cost nothing" in {one.rule for one in audit(buyout.now)}


def test_which_moves_and_states_give_back_is_read_from_the_profile() -> None:
    from sledi import profiles

    workflow: Workflow = profiles.workflow("buyout")
    assert set(_acts(workflow, "item", "ledger.refund_full")) == {"refuse", "decline_price"}
    assert _refunded(workflow, "item") == ["cannot_supply"]
