"""One move: what it writes, what it refuses, and that a refusal leaves nothing."""

from pathlib import Path
from typing import Any

import pytest

from sledi import profiles
from sledi.core.workflow import Refused
from sledi.history.models import Record
from sledi.history.queries import verify
from sledi.ledger.models import Entry, EntrySet
from sledi.orders import queries
from sledi.orders.models import Content, Item, Order, Outbox, Timer
from sledi.orders.money import postings
from sledi.orders.moving import moves
from sledi.orders.moving.making import Line
from sledi.orders.refusals import Busy, KeyUsedOtherwise, NotYours, Stale
from sledi.orders.tests.stage import Stage, new_stage
from sledi.parcels import short_number
from sledi.parcels.models import Alias, Parcel

BOUGHT = {"marketplace": "taobao", "external_order_no": "123456", "actual_price": "30.00"}


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


def test_without_money_nothing_is_debited_and_the_item_waits_for_it(stage: Stage) -> None:
    item = queued(stage)
    moved = stage.move("operator", "item", item.pk, "take", key="K")
    assert (moved.name, moved.to_state, Entry.objects.count()) == ("take", "awaiting_funds", 0)
    assert moved.instead is not None
    assert (moved.instead.name, moved.instead.guard) == ("await_funds", "enough_funds")
    assert "ждёт пополнения счёта" in moved.instead.words["ru"]
    assert [row.act for row in Record.objects.filter(subject_id=item.pk)][-1] == "await_funds"
    assert Outbox.objects.get(act="await_funds").who == ["reseller"]
    again = stage.move("operator", "item", item.pk, "take", key="K")
    assert (again.is_repeat, again.instead) == (True, moved.instead)


@pytest.mark.parametrize(("price", "state"), [("33.00", "ordered"), ("33.01", "price_changed")])
def test_a_price_above_the_threshold_asks_the_reseller_by_itself(
    stage: Stage, price: str, state: str
) -> None:
    item = queued(stage)
    stage.put(item, "buying")
    moved = stage.move("operator", "item", item.pk, "buy", {**BOUGHT, "actual_price": price})
    item.refresh_from_db()
    assert (item.state, moved.to_state) == (state, state)
    assert item.fields.get("offered_price") == (3301 if state == "price_changed" else None)
    assert (moved.instead is None) == (state == "ordered")


def test_what_is_refused_as_well_leaves_the_first_refusal_and_nothing_else(stage: Stage) -> None:
    item = queued(stage)
    stage.put(item, "buying")
    before = written()
    with pytest.raises(Refused) as refused:  # another field is wrong, so nothing is done instead
        stage.move(
            "operator", "item", item.pk, "buy", {**BOUGHT, "actual_price": "99", "marketplace": "ebay"}
        )
    assert refused.value.field == "marketplace"
    assert written() == before


def test_many_rows_without_money_all_wait_for_it(stage: Stage) -> None:
    stage.fund(3300)
    first, second = queued(stage), queued(stage)
    outcomes = moves.move_many(
        stage.access("operator"),
        "item",
        [moves.Row(first.pk), moves.Row(second.pk)],
        "take",
        at=stage.now,
        cause="csv",
    )
    assert [outcome.moved.to_state for outcome in outcomes if outcome.moved] == ["buying", "awaiting_funds"]


# --- one number, two payers -----------------------------------------------------------------------------------


def bought(stage: Stage, reseller: str, **supplied: str) -> Item:
    item = queued(stage)
    Order.objects.filter(pk=item.order_id).update(reseller=stage.person(reseller))
    stage.put(item, "buying")
    stage.move("operator", "item", item.pk, "buy", {**BOUGHT, **supplied})
    return item


def test_an_order_number_of_another_reseller_needs_a_confirmation(stage: Stage) -> None:
    bought(stage, "aigerim")
    bought(stage, "aigerim")  # one payer may have it on as many items as he likes
    told = Record.objects.filter(act="buy").count()
    with pytest.raises(Refused) as refused:
        bought(stage, "boris")
    assert refused.value.guard == "order_of_one_reseller"
    assert "другого посредника" in refused.value.words["ru"]
    assert Record.objects.filter(act="buy").count() == told == 2
    shared = bought(stage, "boris", shared_order_confirmed="yes")
    shared.refresh_from_db()
    assert (shared.state, shared.fields["external_order_no"]) == ("ordered", "123456")


def test_another_business_may_have_the_same_order_number(stage: Stage) -> None:
    bought(stage, "aigerim")
    elsewhere = bought(new_stage("buyout", "elsewhere"), "boris")
    elsewhere.refresh_from_db()
    assert elsewhere.state == "ordered"


def test_of_many_rows_the_second_payers_is_refused(stage: Stage) -> None:
    first, second = queued(stage), queued(stage)
    Order.objects.filter(pk=second.order_id).update(reseller=stage.person("boris"))
    stage.put(first, "buying")
    stage.put(second, "buying")
    outcomes = moves.move_many(
        stage.access("operator"),
        "item",
        [moves.Row(first.pk, BOUGHT), moves.Row(second.pk, BOUGHT)],
        "buy",
        at=stage.now,
        cause="csv",
    )
    assert [outcome.moved is not None for outcome in outcomes] == [True, False]


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


# --- versions -------------------------------------------------------------------------------------------------


def test_an_order_is_seen_by_the_version_it_began_with(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Version 2 shows an end buyer what is queued; an order of version 1 goes on hiding it."""
    first = profiles.text("buyout")
    (tmp_path / "buyout.v1.yaml").write_text(first, encoding="utf-8")
    second = first.replace("version: 1\n", "version: 2\n", 1)
    second = second.replace(
        "      item: [ordered, domestic_transit,", "      item: [queued, ordered, domestic_transit,", 1
    )
    (tmp_path / "buyout.yaml").write_text(second, encoding="utf-8")
    older = queued(stage)
    monkeypatch.setenv("SLEDI_PROFILES", str(tmp_path))
    stage.business.profile_version = 2
    stage.business.save()
    newer = queued(stage)
    assert newer.order.profile_version == 2
    seen = queries.visible_items(stage.access("end_buyer")).values_list("pk", flat=True)
    assert set(seen) == {newer.pk}
    assert set(queries.visible_items(stage.access("reseller")).values_list("pk", flat=True)) == {
        older.pk,
        newer.pk,
    }


# --- many -----------------------------------------------------------------------------------------------------


def test_each_row_of_many_tells_of_its_own_order_alone(stage: Stage) -> None:
    items = [queued(stage) for _ in range(3)]
    for item in items:
        stage.put(item, "domestic_transit")
        Item.objects.filter(pk=item.pk).update(fields={"domestic_number": "YT1234567890"})
        Alias.objects.create(
            business=stage.business, level="item", subject_id=item.pk, number="YT1234567890", kind="domestic",
            since=stage.now,
        )  # fmt: skip
    outcomes = moves.move_many(
        stage.access("operator"),
        "item",
        [moves.Row(item.pk, {"scanned_number": "YT1234567890"}) for item in items],
        "receive",
        at=stage.now,
        cause="csv",
    )
    assert [outcome.moved.also for outcome in outcomes if outcome.moved] == [
        (("order", item.order_id, "ordering", "at_warehouse"),) for item in items
    ]
