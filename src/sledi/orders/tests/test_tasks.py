"""Tasks of a queue: asked once, seen by the people of the queue, closed when answered or by hand."""

from uuid import uuid4

import pytest

from sledi.orders.automatic import deadlines
from sledi.orders.models import Order, Task
from sledi.orders.moving import tasks
from sledi.orders.moving.making import create_container, load
from sledi.orders.reading import open_tasks
from sledi.orders.refusals import NotYours
from sledi.orders.tests.doors import signed_in, text_of
from sledi.orders.tests.stage import Stage
from sledi.parcels.models import Haul

pytestmark = pytest.mark.parametrize("stage", ["forwarder"], indirect=True)


def asked(stage: Stage) -> Order:
    """An order on its way whose buyer asks to cancel it."""
    order = stage.order(reseller_id=None)
    stage.put(order, "to_china_warehouse")
    stage.move("buyer", "order", order.pk, "request_cancel")
    return order


def seen(stage: Stage, role: str = "operator") -> list[tuple[str, str, str]]:
    return [(one.level, one.number, one.task.reason) for one in open_tasks(stage.access(role))]


def test_only_the_people_of_the_queue_are_asked(stage: Stage) -> None:
    order = asked(stage)
    assert seen(stage) == [("order", order.number, "request_cancel")]
    assert seen(stage, "logist") == seen(stage, "buyer") == []


def test_a_question_stands_while_it_can_be_asked_and_goes_when_it_is_answered(stage: Stage) -> None:
    order = asked(stage)
    stage.move("operator", "order", order.pk, "receive", {"inspection": "as_ordered", "weight_g": "700"})
    assert len(seen(stage)) == 1
    stage.move("operator", "order", order.pk, "cancel_by_operator", {"reason": "buyer_asked"})
    assert seen(stage) == []
    task = Task.objects.get()
    assert (task.closed_at, task.closed_by) == (stage.now, None)


def test_somebody_of_the_queue_says_that_it_is_done(stage: Stage) -> None:
    asked(stage)
    task, access = Task.objects.get(), stage.access("operator")
    for stranger in (stage.access("logist"), stage.access("buyer")):
        with pytest.raises(NotYours):
            tasks.done(stranger, task.pk, stage.now)
    with pytest.raises(NotYours):
        tasks.done(access, uuid4(), stage.now)
    for _twice in range(2):
        tasks.done(access, task.pk, stage.now)
    task.refresh_from_db()
    assert (task.closed_at, task.closed_by_id) == (stage.now, access.person_id)
    assert seen(stage) == []


def test_the_overview_lists_it_with_a_button(stage: Stage) -> None:
    order = asked(stage)
    client = signed_in(stage, "operator")
    said = text_of(client.get("/forwarder/"))
    assert f"Order {order.number}" in said
    assert "Ask to cancel" in said
    answer = client.post(f"/forwarder/tasks/{Task.objects.get().pk}/done/", follow=True)
    assert "Ask to cancel" not in text_of(answer)
    assert client.post(f"/forwarder/tasks/{uuid4()}/done/").status_code == 404


def test_a_late_truck_is_its_logists_until_it_comes(stage: Stage) -> None:
    order = stage.order(reseller_id=None)
    stage.put(order, "at_china_warehouse")
    access, supplied = stage.access("logist"), {"vehicle": "MAN"}
    haul = create_container(access, "haul", supplied, at=stage.now, cause="web", name="open")
    load(access, "haul", haul.pk, [order.pk], at=stage.now, cause="web")
    stage.move("logist", "haul", haul.pk, "depart", {"expected_at": "2026-10-10"})
    stage.later(days=12)
    deadlines.run_due_timers(stage.now)
    assert deadlines.run_due_timers(stage.now) == 0
    stage.later(days=2)
    deadlines.run_due_timers(stage.now)
    assert Haul.objects.get().flags == ["eta_passed"]
    assert seen(stage, "logist") == [("haul", haul.number, "eta_passed")]
    stage.move("logist", "haul", haul.pk, "arrive")
    assert (seen(stage, "logist"), Haul.objects.get().flags) == ([], [])
