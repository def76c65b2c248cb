"""Since when a deadline counts, and what stays of it while the subject moves between the deadline's states."""

from datetime import datetime, timedelta

import pytest

from sledi import profiles
from sledi.core.workflow import load
from sledi.orders.automatic import deadlines
from sledi.orders.models import Item, Order, Task, Timer
from sledi.orders.moving.making import Line, create_container
from sledi.orders.moving.moves import as_machine
from sledi.orders.moving.scene import Scene
from sledi.orders.tests.stage import Stage
from sledi.parcels.models import Parcel

BOUGHT = {"marketplace": "taobao", "external_order_no": "123456", "actual_price": "30.00"}


def planned_at(row: Order | Item | Parcel, name: str) -> datetime:
    found: datetime = Timer.objects.get(subject_id=row.pk, name=name).planned_at
    return found


def paid(stage: Stage, *lines: Line) -> Order:
    """A paid order that nobody has confirmed yet."""
    order = stage.order(*lines, reseller_id=None)
    stage.fund(10000, person="buyer")
    Order.objects.filter(pk=order.pk).update(state="pending", paid_minor=order.total_minor)
    Item.objects.update(state="pending")
    stage.move("payment", "order", order.pk, "receive_payment", access=as_machine(stage.business, "payment"))
    return order


def held(stage: Stage) -> Order:
    """A paid order that the platform looks at more closely after 20 hours."""
    order = paid(stage)
    stage.later(hours=20)
    stage.move("platform", "order", order.pk, "hold", {"hold_reason": "payer"})
    return order


@pytest.mark.parametrize("stage", ["retail"], indirect=True)
class TestAcrossStates:
    def test_moving_between_two_states_of_a_deadline_keeps_its_time(self, stage: Stage) -> None:
        paid_at = stage.now
        order = held(stage)
        assert planned_at(order, "confirmation_late") == paid_at + timedelta(hours=24)

    def test_it_strikes_at_its_first_time_once_and_keeps_its_flag(self, stage: Stage) -> None:
        order = held(stage)
        stage.later(hours=4, minutes=1)
        assert deadlines.run_due_timers(stage.now) == 1
        order.refresh_from_db()
        assert order.flags == ["confirmation_late"]
        back = "correct_on_hold_payment_received"
        stage.move("supervisor", "order", order.pk, back, {"note": "the payer is known"})
        order.refresh_from_db()
        assert (order.state, order.flags) == ("payment_received", ["confirmation_late"])
        stage.later(hours=1)
        deadlines.run_due_timers(stage.now)
        assert Timer.objects.get(subject_id=order.pk, name="confirmation_late").due_at is None

    def test_leaving_the_states_ends_it_and_coming_back_begins_anew(self, stage: Stage) -> None:
        order = held(stage)
        stage.put(order, "payment_confirmed")
        Order.objects.filter(pk=order.pk).update(entered={})
        stage.move("operator", "order", order.pk, "start_packing")
        assert not Timer.objects.filter(subject_id=order.pk, name="confirmation_late").exists()
        order.refresh_from_db()
        assert set(order.entered) <= {"dispatch_late"}

    def test_the_processing_clock_of_an_item_runs_on_while_it_is_packed(self, stage: Stage) -> None:
        order = paid(stage, Line("Cup", unit_price_minor=1000, processing_days=5))
        item = Item.objects.get()
        stage.move("platform", "order", order.pk, "confirm_payment", {"safety_check": "passed"})
        before = planned_at(item, "free_cancellation_over")
        stage.later(hours=3)
        stage.move("operator", "order", order.pk, "start_packing")
        item.refresh_from_db()
        assert item.state == "packaging"
        assert planned_at(item, "free_cancellation_over") == before


@pytest.mark.parametrize("stage", ["tracker"], indirect=True)
def test_what_has_no_order_counts_from_its_own_beginning(stage: Stage) -> None:
    track = create_container(as_machine(stage.business, "system"), "track", at=stage.now, cause="system")
    assert isinstance(track, Parcel)
    assert planned_at(track, "dispatch_overdue") > stage.now


def test_a_deadlines_effects_are_reckoned_like_those_of_a_move(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A window whose length is a setting, opened by a deadline, and an effect whose condition does not hold."""
    document, lines = profiles.read(profiles.text("buyout"), "buyout.yaml")
    document["timers"]["item"]["stalled"]["effects"] = [
        {"window.open": {"days": "answer_days"}},
        {"task.create": {"queue": "logist"}, "when": "item.quantity > 5"},
    ]
    workflow = load(document, lines=lines)
    monkeypatch.setattr(Scene, "workflow", lambda *_: workflow)
    stage.business.settings = {"answer_days": 14}
    stage.business.save()
    order = stage.order()
    item = Item.objects.get()
    stage.put(item, "buying")
    stage.move("operator", "item", item.pk, "buy", BOUGHT)
    stage.now = planned_at(item, "stalled")
    Timer.objects.exclude(name="stalled").delete()
    assert deadlines.run_due_timers(stage.now) == 1
    order.refresh_from_db()
    assert order.window_ends_at is not None
    assert not Task.objects.exists()
