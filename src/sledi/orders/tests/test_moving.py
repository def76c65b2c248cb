"""One move: what it writes, what it refuses, and that a refusal leaves nothing."""

from typing import Any

import pytest

from sledi.core.workflow import Refused
from sledi.history.models import Record
from sledi.history.queries import verify
from sledi.ledger.models import Entry, EntrySet
from sledi.orders import postings
from sledi.orders.making import Line
from sledi.orders.models import Content, Item, Order, Outbox, Timer
from sledi.orders.refusals import Busy, KeyUsedOtherwise, NotYours, Stale
from sledi.orders.tests.stage import Stage, new_stage
from sledi.parcels import short_number
from sledi.parcels.models import Parcel


def queued(stage: Stage, *lines: Line) -> Item:
    order = stage.order(*lines)
    item = Item.objects.filter(order=order).earliest("line")
    stage.put(item, "queued")
    return item


def written() -> tuple[Any, ...]:
    """How much there is of everything a move writes, and every version."""
    return (
        Record.objects.count(),
        Entry.objects.count(),
        Outbox.objects.count(),
        sorted(Order.objects.values_list("pk", "version", "state")),
        sorted(Item.objects.values_list("pk", "version", "state")),
        sorted(Parcel.objects.values_list("pk", "version", "state")),
    )


def available(stage: Stage, order: Order) -> int:
    found: int = postings.account(stage.business, order)["available"]
    return found


def test_an_order_begins_with_a_number_that_can_be_checked(stage: Stage) -> None:
    order = stage.order()
    assert short_number.is_valid(order.number)
    assert [(r.act, r.to_state) for r in Record.objects.order_by("sequence")] == [("made", "ordering")]
    assert Item.objects.get(order=order).state == "draft"


def test_taking_an_item_debits_goods_and_fee_in_the_same_transaction(stage: Stage) -> None:
    stage.fund(10000)
    item = queued(stage)
    moved = stage.move("operator", "item", item.pk, "take")
    assert (moved.from_state, moved.to_state, moved.version) == ("queued", "buying", 2)
    assert available(stage, item.order) == 6700
    lines = Entry.objects.filter(subject_id=item.pk, account__kind="customer.balance")
    assert sorted(int(entry.amount) for entry in lines) == [-30, -3]
    assert {entry.entry_set.actor_name for entry in lines} == {"Operator"}
    assert verify(stage.business.pk) is None


def test_without_money_nothing_is_debited_and_nothing_moves(stage: Stage) -> None:
    item = queued(stage)
    before = written()
    with pytest.raises(Refused) as refused:
        stage.move("operator", "item", item.pk, "take")
    assert (refused.value.reason, refused.value.guard) == ("guard", "enough_funds")
    assert written() == before


def test_cannot_supply_gives_everything_back(stage: Stage) -> None:
    stage.fund(10000)
    item = queued(stage)
    stage.move("operator", "item", item.pk, "take")
    moved = stage.move("operator", "item", item.pk, "refuse", {"reason": "sold_out"})
    assert available(stage, item.order) == 10000
    assert moved.to_state == "cannot_supply"
    assert ("order", item.order_id, "ordering", "not_supplied") in moved.also
    item.refresh_from_db()
    assert item.debited_goods_minor == item.debited_fee_minor == 0


def test_the_second_operator_hears_who_was_first(stage: Stage) -> None:
    stage.fund(10000)
    item = queued(stage)
    stage.move("operator", "item", item.pk, "take", access=stage.access("operator", "boris"))
    with pytest.raises(Busy) as busy:
        stage.move("operator", "item", item.pk, "take", access=stage.access("operator", "oksana"))
    assert busy.value.who == "Boris"


def test_a_stale_version_is_refused(stage: Stage) -> None:
    stage.fund(10000)
    item = queued(stage)
    before = written()
    with pytest.raises(Stale) as stale:
        stage.move("operator", "item", item.pk, "take", expected_version=7)
    assert (stale.value.expected, stale.value.found) == (7, 1)
    assert written() == before


def test_the_same_key_gives_the_same_answer_and_one_effect(stage: Stage) -> None:
    stage.fund(10000)
    item = queued(stage)
    first = stage.move("operator", "item", item.pk, "take", key="K1")
    again = stage.move("operator", "item", item.pk, "take", key="K1")
    assert (again.is_repeat, again.id, again.version, again.also) == (
        True,
        first.id,
        first.version,
        first.also,
    )
    assert EntrySet.objects.filter(kind="debit").count() == 1
    with pytest.raises(KeyUsedOtherwise):
        stage.move("operator", "item", item.pk, "refuse", {"reason": "sold_out"}, key="K1")


def test_what_is_of_another_business_is_not_there(stage: Stage) -> None:
    item = queued(new_stage("buyout", "elsewhere"))
    before = written()
    with pytest.raises(NotYours):
        stage.move("operator", "item", item.pk, "take")
    assert written() == before


def test_an_end_buyer_sees_his_own_order_alone(stage: Stage) -> None:
    stage.order()
    stranger = stage.access("reseller", "vesela")
    item = Item.objects.get()
    with pytest.raises(NotYours):
        stage.move("reseller", "item", item.pk, "send", access=stranger)


def test_moving_two_of_three_pieces_splits_the_row_and_its_money(stage: Stage) -> None:
    stage.fund(20000)
    item = queued(stage, Line("Cup", quantity=3, unit_price_minor=1000, fee_minor=100))
    stage.move("operator", "item", item.pk, "take")
    moved = stage.move("operator", "item", item.pk, "refuse", {"reason": "sold_out"}, quantity=2)
    parted, rest = Item.objects.get(pk=moved.id), Item.objects.get(pk=item.pk)
    assert (parted.number, parted.quantity, parted.line, parted.origin_id) == ("1b", 2, 1, item.pk)
    assert (rest.quantity, rest.state, rest.debited_goods_minor) == (1, "buying", 1000)
    assert parted.fee_minor + rest.fee_minor == 100
    assert available(stage, item.order) == 20000 - 1000 - rest.fee_minor


@pytest.mark.parametrize("quantity", [0, -1, 4])
def test_no_more_pieces_move_than_there_are(stage: Stage, quantity: int) -> None:
    stage.fund(20000)
    item = queued(stage, Line("Cup", quantity=3, unit_price_minor=1000))
    before = written()
    with pytest.raises(Refused) as refused:
        stage.move("operator", "item", item.pk, "take", quantity=quantity)
    assert refused.value.field == "quantity"
    assert written() == before


def test_the_parcel_waits_for_all_items_and_lists_the_missing(stage: Stage) -> None:
    order = stage.order(Line("Cup"), Line("Pan"))
    cup, pan = Item.objects.filter(order=order).order_by("line")
    stage.put(cup, "received")
    stage.put(pan, "ordered")
    with pytest.raises(Refused) as refused:
        stage.move("logist", "parcel", order.pk, "form")
    assert refused.value.listed == ("2 Pan",)
    stage.put(pan, "cannot_supply")
    moved = stage.move("logist", "parcel", order.pk, "form")
    assert [content.item_id for content in Content.objects.filter(parcel=moved.id)] == [cup.pk]
    assert Order.objects.get().state == "sending"


def test_one_parcel_an_order_and_the_second_logist_hears_whose(stage: Stage) -> None:
    order = stage.order()
    stage.put(Item.objects.get(), "received")
    stage.move("logist", "parcel", order.pk, "form", access=stage.access("logist", "aigerim"))
    before = written()
    with pytest.raises(Busy) as busy:
        stage.move("logist", "parcel", order.pk, "form", access=stage.access("logist", "boris"))
    assert busy.value.who == "Aigerim"
    assert written() == before


def test_deadlines_follow_the_state(stage: Stage) -> None:
    stage.fund(10000)
    item = queued(stage)
    stage.move("operator", "item", item.pk, "take")
    names = set(Timer.objects.filter(subject_id=item.pk).values_list("name", flat=True))
    assert names == {"stalled"}
    stage.move("operator", "item", item.pk, "refuse", {"reason": "sold_out"})
    assert not Timer.objects.filter(subject_id=item.pk).exists()
