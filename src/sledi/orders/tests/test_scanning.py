"""Scans move what carries the number, all of it or nothing; lists find by flag and by a marketplace's number."""

from datetime import date

import pytest

from sledi.core.workflow import Refused
from sledi.orders import reading
from sledi.orders.models import Arrival, Item, Order
from sledi.orders.moving import scanning
from sledi.orders.moving.import_bans import keep_rule
from sledi.orders.moving.making import Line
from sledi.orders.refusals import NotYours
from sledi.orders.tests.stage import Stage

pytestmark = pytest.mark.django_db

NUMBER = "YT8825498020044"
RULE = {
    "destination": "KZ",
    "category": "Gas",
    "text": "No gas.",
    "source": "Rules",
    "stated_on": "2026-01-12",
}


def under_one_number(stage: Stage) -> Order:
    """Two items that the seller sent in one box."""
    order = stage.order(Line("Cup"), Line("Pot"))
    for item in Item.objects.filter(order=order):
        stage.put(item, "ordered")
        stage.move("operator", "item", item.pk, "dispatch", {"domestic_number": NUMBER})
    return order


def states(order: Order) -> list[str]:
    return list(Item.objects.filter(order=order).order_by("line").values_list("state", flat=True))


def scan(stage: Stage, number: str = NUMBER, **supplied: object) -> scanning.Scanned:
    return scanning.scan(stage.access("operator"), number, supplied, at=stage.now, cause="web")


def test_everything_that_came_under_one_number_is_received(stage: Stage) -> None:
    order = under_one_number(stage)
    assert len(scan(stage, "yt 8825 4980 20044").moved) == 2
    assert states(order) == ["received", "received"]


def test_a_second_scan_says_where_the_item_stands(stage: Stage) -> None:
    under_one_number(stage)
    scan(stage)
    with pytest.raises(Refused, match="Received at the warehouse"):
        scan(stage)
    assert not Arrival.objects.exists()


def test_of_a_number_that_nothing_carries_any_more_an_arrival_is_kept(stage: Stage) -> None:
    order = under_one_number(stage)
    for item in Item.objects.filter(order=order):
        stage.move("operator", "item", item.pk, "dispatch", {"domestic_number": "JT5343908375834"})
    assert scan(stage).moved == ()
    assert states(order) == ["domestic_transit", "domestic_transit"]


def test_wrong_measures_keep_no_arrival(stage: Stage) -> None:
    with pytest.raises(Refused) as caught:
        scan(stage, weight_g="heavy")
    assert (caught.value.reason, caught.value.field) == ("wrong_field", "weight_g")
    assert not Arrival.objects.exists()


def test_an_arrival_that_is_received_by_a_later_scan_waits_no_more(stage: Stage) -> None:
    arrival = scan(stage).arrival
    assert arrival is not None
    under_one_number(stage)
    scan(stage)
    arrival.refresh_from_db()
    assert (arrival.identified_at, arrival.item.name if arrival.item else "") == (stage.now, "Cup")


def test_another_business_neither_sees_nor_attaches_an_arrival(stage: Stage) -> None:
    from sledi.orders.tests.stage import new_stage

    scan(stage)
    other = new_stage("buyout", "other").access("operator")
    assert not scanning.waiting_arrivals(other).exists()
    with pytest.raises(NotYours):
        scanning.attach(other, NUMBER, "7KQM-3XF4.1", at=stage.now, cause="web")


@pytest.mark.parametrize("stage", ["retail", "marketplace"], indirect=True)
def test_where_the_profile_has_no_scans_nobody_scans(stage: Stage) -> None:
    assert not scanning.may_scan(stage.access("operator"))
    with pytest.raises(Refused) as caught:
        scan(stage)
    assert caught.value.reason == "unknown_move"


# --- lists and reports ----------------------------------------------------------------------------------------


def test_a_list_by_a_flag_that_no_deadline_raises_is_refused(stage: Stage) -> None:
    with pytest.raises(reading.UnknownFlag):
        reading.item_list(stage.access("operator"), flag="nothing")


@pytest.mark.parametrize("search", ["3620147750918", "{order}", "{order}.1", NUMBER])
def test_items_are_found_by_all_their_numbers(stage: Stage, search: str) -> None:
    stage.order()
    order = stage.order()
    item = Item.objects.get(order=order)
    Item.objects.filter(pk=item.pk).update(state="ordered", fields={"external_order_no": "3620147750918"})
    stage.move("operator", "item", item.pk, "dispatch", {"domestic_number": NUMBER})
    found = reading.item_list(stage.access("operator"), search=search.format(order=order.number))
    assert [row.thing.id for row in found.rows] == [item.pk]


def test_reasons_are_counted_on_the_days_of_the_business(stage: Stage) -> None:
    item = Item.objects.get(order=stage.order())
    stage.put(item, "queued")
    stage.later(hours=13)  # 22:00 UTC is the next day in Moscow
    stage.move("operator", "item", item.pk, "refuse", {"reason": "sold_out"})
    counts = {}
    for day in (date(2026, 9, 28), date(2026, 9, 29)):
        found = reading.reasons(stage.access("owner"), day, day)
        counts[day.day] = {one.reason: one.count for one in found}["sold_out"]
    assert counts == {28: 0, 29: 1}


def test_rules_of_import_stand_beside_what_is_not_bought_yet(stage: Stage) -> None:
    keep_rule(stage.access("owner"), RULE, at=stage.now, cause="web")
    order = stage.order(Line("Lighter", category=" gas "), Line("Cup", category="cups"), destination="KZ")
    page = reading.order_page(stage.access("reseller"), order.number, stage.now)
    assert [one.import_rule.text if one.import_rule else "" for one in page.items] == ["No gas.", ""]
    stage.put(Item.objects.get(order=order, line=1), "received")
    page = reading.order_page(stage.access("reseller"), order.number, stage.now)
    assert [one.import_rule for one in page.items] == [None, None]
