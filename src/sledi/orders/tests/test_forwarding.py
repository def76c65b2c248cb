"""A forwarder's truck and warehouse: codes for those who fetch, dates that move, and cases that hold an order back."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sledi.core.workflow import Refused
from sledi.history.models import Record
from sledi.orders.models import Case, Order, Outbox
from sledi.orders.moving.making import create_container, load
from sledi.orders.refusals import NotYours
from sledi.orders.tests.stage import Stage
from sledi.parcels.models import Haul, Parcel

INSPECTED = {"inspection": "as_ordered", "weight_g": "700"}

pytestmark = pytest.mark.parametrize("stage", ["forwarder"], indirect=True)


def placed(stage: Stage, state: str, **facts: Any) -> Order:
    order = stage.order(reseller_id=None, **facts)
    stage.put(order, state)
    return order


def arrived(stage: Stage, mode: str) -> Order:
    order = placed(stage, "left_china", mode=mode)
    stage.move("operator", "order", order.pk, "arrive")
    order.refresh_from_db()
    return order


# --- codes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "has_code"), [("pickup", True), ("", True), ("kazakhstan", False)])
def test_who_fetches_gets_a_code_of_six_digits(stage: Stage, mode: str, has_code: bool) -> None:
    code = arrived(stage, mode).fields.get("pickup_code", "")
    assert (len(code), code.isdigit()) == ((6, True) if has_code else (0, False))


def test_the_code_stands_in_no_history_and_two_orders_have_two(stage: Stage) -> None:
    codes = {arrived(stage, "pickup").fields["pickup_code"] for _ in range(3)}
    assert len(codes) == 3
    told = " ".join(f"{row.before} {row.after} {row.note}" for row in Record.objects.all())
    assert not [code for code in codes if code in told]


def test_goods_are_handed_out_for_the_right_code_alone(stage: Stage) -> None:
    order = arrived(stage, "pickup")
    code = order.fields["pickup_code"]
    wrong = f"{(int(code) + 1) % 10**6:06}"
    with pytest.raises(Refused) as refused:
        stage.move("operator", "order", order.pk, "hand_out", {"shown_code": wrong})
    assert refused.value.guard == "code_matches"
    moved = stage.move("operator", "order", order.pk, "hand_out", {"shown_code": code})
    assert moved.to_state == "delivered"
    assert Record.objects.get(act="hand_out").actor_name == "Operator"


def test_who_chooses_to_fetch_later_gets_the_code_then(stage: Stage) -> None:
    order = arrived(stage, "almaty")
    stage.move("buyer", "order", order.pk, "choose_mode", {"mode": "pickup"})
    order.refresh_from_db()
    assert len(order.fields["pickup_code"]) == 6


# --- dates ----------------------------------------------------------------------------------------------------


def truck(stage: Stage, *orders: Order) -> Haul:
    supplied = {"vehicle": "KZ 123 ABC"}
    haul = create_container(stage.access("logist"), "haul", supplied, at=stage.now, cause="web", name="open")
    assert isinstance(haul, Haul)
    load(stage.access("logist"), "haul", haul.pk, [order.pk for order in orders], at=stage.now, cause="web")
    return haul


def departed(stage: Stage) -> Haul:
    haul = truck(stage, placed(stage, "at_china_warehouse"))
    stage.move("logist", "haul", haul.pk, "depart", {"expected_at": "2026-10-10"})
    haul.refresh_from_db()
    return haul


def test_the_expected_date_of_a_truck_is_a_day_of_the_business(stage: Stage) -> None:
    haul = departed(stage)
    assert haul.expected_at == datetime(2026, 10, 10, tzinfo=ZoneInfo("Asia/Almaty"))


@pytest.mark.parametrize(
    ("day", "is_told"),
    [("2026-10-12", False), ("2026-10-13", True), ("2026-10-08", False), ("2026-10-07", True)],
)
def test_buyers_are_told_when_the_date_moves_by_more_than_the_setting(
    stage: Stage, day: str, is_told: bool
) -> None:
    haul = departed(stage)
    stage.move("logist", "haul", haul.pk, "change_eta", {"expected_at": day})
    haul.refresh_from_db()
    assert haul.expected_at is not None
    assert haul.expected_at.astimezone(ZoneInfo("Asia/Almaty")).date().isoformat() == day
    assert [row.who for row in Outbox.objects.filter(act="eta_moved")] == ([["buyer"]] if is_told else [])


def test_a_parcel_is_made_with_the_way_it_is_to_be_received(stage: Stage) -> None:
    supplied = {"mode": "kazakhstan"}
    made = create_container(
        stage.access("operator"), "parcel", supplied, at=stage.now, cause="web", name="open"
    )
    assert Parcel.objects.get(pk=made.pk).mode == "kazakhstan"


# --- cases ----------------------------------------------------------------------------------------------------


def test_an_open_case_holds_the_order_at_the_inspection_and_asks_once(stage: Stage) -> None:
    order = placed(stage, "to_china_warehouse")
    supplied = {"finding": "wrong_colour", "note": "blue, not red"}
    case = stage.move("operator", "case", order.pk, "open", supplied)
    with pytest.raises(Refused) as refused:
        stage.move("operator", "case", order.pk, "open", supplied)
    assert refused.value.guard == "no_open_case"
    with pytest.raises(Refused) as refused:
        stage.move("operator", "order", order.pk, "receive", INSPECTED)
    assert "открыт вопрос" in refused.value.words["ru"]
    Case.objects.filter(pk=case.id).update(state="accepted")
    moved = stage.move("operator", "order", order.pk, "receive", INSPECTED)
    assert moved.to_state == "at_china_warehouse"


def test_a_truck_is_nothing_that_an_order_makes(stage: Stage) -> None:
    order, before = placed(stage, "at_china_warehouse"), Record.objects.count()
    with pytest.raises(NotYours):
        stage.move("operator", "haul", order.pk, "open")
    assert (Case.objects.count(), Haul.objects.count(), Record.objects.count()) == (0, 0, before)
