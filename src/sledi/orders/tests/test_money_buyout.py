"""Money of a buyout, to the smallest unit, through the moves people make."""

import pytest

from sledi.core.workflow import Refused
from sledi.history.tests.side_by_side import side_by_side
from sledi.ledger import charts, queries
from sledi.ledger.models import EntrySet
from sledi.orders.models import Item, Outbox
from sledi.orders.moving import moves
from sledi.orders.moving.making import Line
from sledi.orders.refusals import NotMoved
from sledi.orders.tests.money import assert_sound, balance, held_by, lines, queued, top_up
from sledi.orders.tests.stage import Stage, new_stage

pytestmark = pytest.mark.django_db


def test_a_top_up_told_twice_is_one(stage: Stage) -> None:
    assert [top_up(stage, 10000), top_up(stage, 10000)] == [True, False]
    assert balance(stage) == 10000
    assert lines(stage) == [("top_up.in", 10000, "", "bank")]


def test_taking_an_item_of_thirty_and_a_fee_of_three_leaves_sixty_seven_on_two_lines(stage: Stage) -> None:
    top_up(stage, 10000)
    item = queued(stage)
    stage.move("operator", "item", item.pk, "take")
    assert balance(stage) == 6700
    assert lines(stage)[1:] == [
        ("debit.goods", -3000, "Kettle", "Operator"),
        ("debit.fee", -300, "Kettle", "Operator"),
    ]
    with pytest.raises(NotMoved):
        stage.move("operator", "item", item.pk, "take", access=stage.access("operator", "oksana"))
    assert balance(stage) == 6700
    assert_sound(stage)


def test_with_too_little_the_item_waits_and_goes_on_when_the_rest_arrives(stage: Stage) -> None:
    top_up(stage, 1000)
    item = queued(stage)
    stage.move("operator", "item", item.pk, "take")
    item.refresh_from_db()
    assert (item.state, balance(stage)) == ("awaiting_funds", 1000)
    told = Outbox.objects.filter(subject_id=item.pk, to_state="awaiting_funds", who__contains="reseller")
    assert told.count() == 1
    top_up(stage, 5000, "T2")
    item.refresh_from_db()
    assert item.state == "queued"
    stage.move("operator", "item", item.pk, "take")
    assert balance(stage) == 2700
    assert_sound(stage)


def test_cannot_supply_gives_thirty_three_back_and_names_the_item(stage: Stage) -> None:
    top_up(stage, 10000)
    item = queued(stage)
    stage.move("operator", "item", item.pk, "take")
    stage.move("operator", "item", item.pk, "refuse", {"reason": "sold_out"})
    assert balance(stage) == 10000
    back = lines(stage)[3:]
    assert sorted(line[:3] for line in back) == [
        ("refund.fee", 300, "Kettle"),
        ("refund.goods", 3000, "Kettle"),
    ]
    assert held_by(stage, charts.GOODS) == held_by(stage, charts.FEE) == 0
    charged = queries.charged(stage.business, "item", [item.pk])[item.pk, "RUB"]
    assert (charged.debited.minor, charged.refunded.minor, charged.state) == (3300, 3300, "refunded")
    assert_sound(stage)


def test_cannot_supply_before_any_debit_moves_no_money(stage: Stage) -> None:
    top_up(stage, 10000)
    item = queued(stage)
    stage.move("operator", "item", item.pk, "refuse", {"reason": "import_banned"})
    assert balance(stage) == 10000
    assert EntrySet.objects.count() == 1
    assert_sound(stage)


@pytest.mark.django_db(transaction=True)
def test_eight_operators_at_once_give_back_once(committed_stage: Stage) -> None:
    stage = committed_stage
    top_up(stage, 10000)
    item = queued(stage)
    stage.move("operator", "item", item.pk, "take")
    people = [stage.access("operator", f"operator{number}") for number in range(8)]

    outcomes = side_by_side(
        [
            lambda access=access: moves.move(
                access, "item", item.pk, "refuse", {"reason": "sold_out"}, at=stage.now, cause="web"
            )
            for access in people
        ]
    )
    assert sum(isinstance(one, moves.Moved) for one in outcomes) == 1
    assert sum(isinstance(one, Refused | NotMoved) for one in outcomes) == 7, outcomes
    assert EntrySet.objects.filter(kind="refund").count() == 1
    assert balance(stage) == 10000
    assert_sound(stage)


def test_one_of_three_pieces_comes_back_with_its_third_of_the_fee(stage: Stage) -> None:
    top_up(stage, 10000)
    item = queued(stage, Line("Cup", quantity=3, unit_price_minor=1000, fee_minor=100))
    stage.move("operator", "item", item.pk, "take")
    assert balance(stage) == 10000 - 3100
    stage.move("operator", "item", item.pk, "refuse", {"reason": "sold_out"}, quantity=1)
    assert balance(stage) == 10000 - 2000 - 67  # a third of 1.00 is 0.33, so 0.67 stays
    rest = Item.objects.get(pk=item.pk)
    assert (rest.debited_goods_minor, rest.debited_fee_minor) == (2000, 67)
    stage.move("operator", "item", item.pk, "refuse", {"reason": "sold_out"})
    assert balance(stage) == 10000
    assert_sound(stage)


def test_a_higher_price_the_reseller_accepts_is_debited_and_comes_back_whole(stage: Stage) -> None:
    top_up(stage, 10000)
    item = queued(stage)
    stage.move("operator", "item", item.pk, "take")
    stage.move("operator", "item", item.pk, "ask_price", {"offered_price": "40.00"})
    stage.move("reseller", "item", item.pk, "accept_price", {"agreed_price": "40.00"})
    assert balance(stage) == 10000 - 4300
    stage.move("operator", "item", item.pk, "refuse", {"reason": "sold_out"})
    assert balance(stage) == 10000
    assert_sound(stage)


def test_two_resellers_have_two_balances() -> None:
    stage = new_stage("buyout")
    top_up(stage, 10000)
    top_up(stage, 700, "T2", "vesela")
    item = queued(stage)
    stage.move("operator", "item", item.pk, "take")
    assert (balance(stage), balance(stage, "vesela")) == (6700, 700)
