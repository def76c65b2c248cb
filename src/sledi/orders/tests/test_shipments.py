"""The shipment block and the button that leads to it; days that are promised, and days gone by."""

from datetime import date, timedelta

import pytest
import time_machine

from sledi.core.carrier import Outcome, Report
from sledi.database.keys import uuid7
from sledi.orders import reading
from sledi.orders.models import Item, Order
from sledi.orders.moving.making import Line, create_container, load
from sledi.orders.tests.doors import signed_in, text_of
from sledi.orders.tests.stage import NOW, Stage, new_stage
from sledi.parcels.carrying import Carried, carry
from sledi.parcels.models import Haul
from sledi.tracking.ingest import Arrival, ingest
from sledi.tracking.models import Link, Trace, Watch
from sledi.tracking.tests.scans import scan

NUMBER = "RB372813271CN"


def numbered(stage: Stage, item: Item) -> None:
    """Somebody gave it the number; a carrier is asked about it."""
    trace = Trace.objects.create(number=NUMBER, created_at=NOW)
    watch = Watch.objects.create(carrier="seventeentrack", number=NUMBER, created_at=NOW)
    Link.objects.create(trace=trace, watch=watch, rank=0, on_behalf_of="china_post", why="chosen")
    carry(stage.business.pk, [Carried("item", item.pk, NUMBER, "domestic")], {NUMBER: trace}, stage.now)


def scanned(stage: Stage, *codes: str) -> None:
    watch = Watch.objects.get(number=NUMBER)
    events = tuple(
        scan(code, occurred_at=stage.now + timedelta(hours=n), carrier="china_post")
        for n, code in enumerate(codes)
    )
    ingest(
        [Arrival(watch.pk, watch.carrier, Report(NUMBER, Outcome.FOUND, events=events), uuid7(), NOW)], NOW
    )


def shipped(stage: Stage, **facts: object) -> Order:
    """A shop's order that is on its way to its buyer."""
    order = stage.order(Line("Kettle", unit_price_minor=3000), **facts)
    stage.put(order, "shipped")
    for item in Item.objects.filter(order=order):
        stage.put(item, "shipped")
    return order


pytestmark = pytest.mark.parametrize("stage", ["retail"], indirect=True)


def test_a_shipped_order_has_a_button_that_leads_to_its_way(stage: Stage) -> None:
    order = shipped(stage)
    numbered(stage, Item.objects.get(order=order))
    scanned(stage, "orig.accepted", "orig.departed")
    client = signed_in(stage, "buyer")
    link = f'href="/retail/orders/{order.number}/tracking/"'
    assert link in client.get("/retail/orders/").content.decode()
    assert link in client.get(f"/retail/orders/{order.number}/").content.decode()
    page = client.get(f"/retail/orders/{order.number}/tracking/")
    words = text_of(page)
    assert NUMBER in page.content.decode()
    assert words.count("words of orig.accepted") == 1
    assert words.index("words of orig.departed") < words.index("words of orig.accepted")
    assert "Logistics Information" in words
    assert "Sender Retail" in words


def test_an_unshipped_order_says_when_it_is_sent_and_has_no_button(stage: Stage) -> None:
    order = stage.order(processing_days=3)
    stage.put(order, "payment_confirmed")
    client = signed_in(stage, "buyer")
    assert "/tracking/" not in client.get("/retail/orders/").content.decode()
    assert "/tracking/" not in client.get(f"/retail/orders/{order.number}/").content.decode()
    words = text_of(client.get(f"/retail/orders/{order.number}/tracking/"))
    assert "Not sent yet, so there is no number yet" in words


def test_a_method_without_tracking_has_no_button_until_a_carrier_tells_something(stage: Stage) -> None:
    order = shipped(stage, is_untracked=True)
    numbered(stage, Item.objects.get(order=order))
    client = signed_in(stage, "buyer")
    page = client.get(f"/retail/orders/{order.number}/")
    assert "There is no tracking for this delivery method" in text_of(page)
    assert "/tracking/" not in client.get("/retail/orders/").content.decode()
    scanned(stage, "orig.accepted")
    assert "There is no tracking" not in text_of(client.get(f"/retail/orders/{order.number}/"))
    assert "/tracking/" in client.get("/retail/orders/").content.decode()


def test_the_own_page_stands_first_among_the_sites(stage: Stage) -> None:
    order = shipped(stage, destination="RU")
    item = Item.objects.get(order=order)
    numbered(stage, item)
    Trace.objects.filter(number=NUMBER).update(hinted_destination="RU")
    words = text_of(signed_in(stage, "buyer").get(f"/retail/orders/{order.number}/tracking/"))
    sites = words[words.index("Where it can be tracked") :]
    assert sites.index("Retail") < sites.index("China Post") < sites.index("Russian Post")


def test_a_row_says_the_processing_time_and_by_when_it_leaves(stage: Stage) -> None:
    with time_machine.travel(NOW, tick=False):
        order = stage.order(processing_days=3)
        rows = reading.order_list(stage.access("buyer")).rows
        assert rows[0].processing == reading.Processing(3, None)
        stage.put(order, "payment_received")
        stage.move("platform", "order", order.pk, "confirm_payment", {"safety_check": "passed"})
        found = reading.order_list(stage.access("buyer")).rows[0].processing
        assert found is not None
        # Three working days of China after Monday 28 September 2026: the holidays from 1 to 7 October are off.
        assert (found.days, found.ships_by) == (3, date(2026, 10, 8))
        words = text_of(signed_in(stage, "buyer").get("/retail/orders/"))
        assert "Processing time: 3 working days, ships by 8 October 2026" in words.replace("\xa0", " ")


@pytest.mark.parametrize(("day", "is_past"), [(date(2026, 9, 30), False), (date(2026, 9, 27), True)])
def test_an_order_on_a_truck_is_expected_with_it_and_a_day_gone_by_is_told_as_such(
    stage: Stage, day: date, is_past: bool
) -> None:
    forwarder = new_stage("forwarder")
    order, loose = forwarder.order(), forwarder.order()
    forwarder.put(order, "at_china_warehouse")
    operator = forwarder.access("operator")
    haul = create_container(operator, "haul", {"vehicle": "KZ 123"}, at=NOW, cause="web", name="open")
    load(operator, "haul", haul.pk, [order.pk], at=NOW, cause="web")
    Haul.objects.filter(pk=haul.pk).update(expected_at=f"{day} 00:00+05:00")
    rows = {row.thing.number: row.expected for row in reading.order_list(forwarder.access("operator")).rows}
    assert rows[loose.number] == reading.Expected(None)
    assert rows[order.number] == reading.Expected(day)
    assert reading.Expected(day).is_past(NOW.date()) is is_past
    with time_machine.travel(NOW, tick=False):
        words = text_of(signed_in(forwarder, "operator").get("/forwarder/orders/")).replace("\xa0", " ")
    said = (
        "Was expected on 27 September 2026, has not arrived yet"
        if is_past
        else "Expected on 30 September 2026"
    )
    assert said in words
    assert "Date of arrival: not known yet" in words
