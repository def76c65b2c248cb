"""Deadlines, carriers' news and payments: what moves without anybody pressing a button."""

from datetime import UTC, datetime

import pytest

from sledi.core.money import Money
from sledi.core.workflow import Refused
from sledi.history.models import Record
from sledi.orders.automatic import carrier_news, deadlines
from sledi.orders.models import Item, News, Order, Task, Timer
from sledi.orders.money import payments
from sledi.orders.tests.stage import Stage
from sledi.parcels.models import Alias, Parcel
from sledi.tracking.models import Outbox as TrackingOutbox
from sledi.tracking.models import Trace


def ordered(stage: Stage) -> Item:
    stage.order()
    item = Item.objects.get()
    stage.put(item, "buying")
    stage.move(
        "operator",
        "item",
        item.pk,
        "buy",
        {"marketplace": "taobao", "external_order_no": "123456", "actual_price": "30.00"},
    )
    item.refresh_from_db()
    return item


# --- deadlines ------------------------------------------------------------------------------------------------


def test_a_missing_number_is_flagged_after_two_days_and_only_once(stage: Stage) -> None:
    item = ordered(stage)
    stage.later(days=1, hours=23)
    assert deadlines.run_due_timers(stage.now) == 0
    stage.later(hours=2)
    assert deadlines.run_due_timers(stage.now) == 1
    assert deadlines.run_due_timers(stage.now) == 0
    item.refresh_from_db()
    assert item.flags == ["number_overdue"]
    assert [(task.queue, task.reason) for task in Task.objects.all()] == [("operator", "number_overdue")]
    assert Record.objects.filter(act="number_overdue", actor_kind="timer").count() == 1


def test_the_flag_goes_when_the_item_moves_on(stage: Stage) -> None:
    item = ordered(stage)
    stage.later(days=3)
    deadlines.run_due_timers(stage.now)
    stage.move("operator", "item", item.pk, "dispatch", {"domestic_number": "YT1234567890"})
    item.refresh_from_db()
    assert item.flags == []


@pytest.mark.parametrize(("days", "on"), [(4, "2026-10-12"), (5, "2026-10-13")])
def test_a_stall_counts_the_working_days_of_china(stage: Stage, days: int, on: str) -> None:
    stage.business.settings = {"stall_days": days}
    stage.business.save()
    stage.now = datetime(2026, 9, 30, 4, tzinfo=UTC)
    item = ordered(stage)
    planned_at = Timer.objects.get(subject_id=item.pk, name="stalled").planned_at
    assert planned_at.date().isoformat() == on


def test_a_deadline_that_fires_a_move_goes_through_the_table(stage: Stage) -> None:
    order = stage.order()
    Order.objects.filter(pk=order.pk).update(paid_minor=3300)
    item = Item.objects.get()
    stage.move("reseller", "item", item.pk, "send")
    stage.later(hours=2)
    assert deadlines.run_due_timers(stage.now) == 1
    item.refresh_from_db()
    assert item.state == "awaiting_funds"


# --- carriers' news -------------------------------------------------------------------------------------------


def scanned(number: str, status: str, at: datetime) -> None:
    """A carrier's scan, as tracking's ingest writes it."""
    trace = Trace.objects.get(number=number)
    previous = trace.status
    Trace.objects.filter(pk=trace.pk).update(status=status, carrier="china_post", since=at, event_count=1)
    TrackingOutbox.objects.create(
        trace=trace, created_at=at, status=status, previous_status=previous, code="", previous_code=""
    )


def handed_over(stage: Stage, number: str = "RR123456785CN") -> Parcel:
    order = stage.order()
    stage.put(Item.objects.get(), "received")
    parcel = Parcel.objects.get(pk=stage.move("logist", "parcel", order.pk, "form").id)
    stage.put(parcel, "packed")
    Item.objects.update(state="packed")
    stage.move("logist", "parcel", parcel.pk, "hand_over", {"international_number": number})
    return parcel


def test_a_number_given_in_a_move_is_followed(stage: Stage) -> None:
    parcel = handed_over(stage)
    alias = Alias.objects.get()
    assert (alias.number, alias.kind, alias.subject_id) == ("RR123456785CN", "international", parcel.pk)
    assert alias.trace is not None
    assert alias.trace.number == "RR123456785CN"


def test_a_delivery_closes_parcel_items_and_order_and_telling_it_twice_does_nothing(stage: Stage) -> None:
    handed_over(stage)
    stage.later(days=9)
    scanned("RR123456785CN", "DELIVERED", stage.now)  # the stages between were never seen
    carrier_news.follow_news(stage.now)
    assert (Parcel.objects.get().state, Item.objects.get().state, Order.objects.get().state) == (
        "delivered",
    ) * 3
    told = Record.objects.count()
    News.objects.update(due_at=stage.now)
    assert carrier_news.follow_news(stage.now) == 0
    assert Record.objects.count() == told
    assert {
        row.actor_kind for row in Record.objects.filter(subject_id=Item.objects.get().pk, act="deliver")
    } == {"system"}


def test_news_of_a_number_nobody_carries_are_not_kept(stage: Stage) -> None:
    Trace.objects.create(number="RR987654321CN", created_at=stage.now)
    scanned("RR987654321CN", "DELIVERED", stage.now)
    assert not News.objects.exists()


# --- payments -------------------------------------------------------------------------------------------------


def test_a_top_up_lets_what_waited_for_it_go_on(stage: Stage) -> None:
    stage.order()
    item = Item.objects.get()
    stage.put(item, "awaiting_funds")
    person = stage.person("reseller").pk
    assert payments.topped_up(stage.business, "bank", "T7", Money(5000, "RUB"), person, stage.now)
    item.refresh_from_db()
    assert item.state == "queued"
    assert not payments.topped_up(stage.business, "bank", "T7", Money(5000, "RUB"), person, stage.now)
    assert Record.objects.filter(act="funds_arrive").count() == 1


@pytest.mark.parametrize("stage", ["retail"], indirect=True)
def test_a_payment_told_twice_is_counted_once(stage: Stage) -> None:
    order = stage.order(reseller_id=None)
    for is_new in (True, False):
        assert (
            payments.payment_paid(stage.business, "card", "P1", Money(3300, "RUB"), order.pk, stage.now)
            is is_new
        )
    order.refresh_from_db()
    assert (order.paid_minor, order.state) == (3300, "payment_received")
    assert Item.objects.get().state == "payment_received"
    assert Record.objects.filter(level="order", actor_kind="payment").count() == 1


def test_a_correction_needs_its_note(stage: Stage) -> None:
    item = ordered(stage)
    stage.put(item, "received")
    with pytest.raises(Refused) as refused:
        stage.move("supervisor", "item", item.pk, "correct_received_domestic_transit")
    assert refused.value.field == "note"
    stage.move("supervisor", "item", item.pk, "correct_received_domestic_transit", {"note": "wrong shelf"})
    assert Record.objects.get(is_correction=True).note == "wrong shelf"
