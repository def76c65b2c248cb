"""The page of an item: one timeline across both legs, its numbers, and the same told by every door."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sledi.accounts.operations import create_key, invite
from sledi.accounts.scopes import SCOPES
from sledi.core.carrier import Outcome, Report
from sledi.database.keys import uuid7
from sledi.history import Actor
from sledi.orders import reading
from sledi.orders.models import Item, Order
from sledi.orders.moving.making import Line
from sledi.orders.refusals import NotYours
from sledi.orders.tests.doors import signed_in, text_of
from sledi.orders.tests.stage import NOW, Stage
from sledi.parcels.models import Alias, Parcel
from sledi.tracking.ingest import Arrival, ingest
from sledi.tracking.models import Watch
from sledi.tracking.tests.scans import scan

DOMESTIC, INTERNATIONAL = "RR123456785CN", "RB372813271CN"
QUERIES_MAX = 24


def seen(number: str, *scans: tuple[str, datetime]) -> None:
    """What a carrier tells of a number."""
    watch = Watch.objects.filter(number=number).order_by("created_at", "pk")[0]
    events = [scan(code, occurred_at=at, raw_time=at.isoformat()) for code, at in scans]
    report = Report(number, Outcome.FOUND, events=tuple(events))
    last = max(at for _, at in scans)
    ingest([Arrival(watch.pk, watch.carrier, report, uuid7(), last)], last)


def travelled(stage: Stage) -> Order:
    """A kettle that went under a domestic number, was received and packed, and went on in a parcel."""
    stage.fund(10**6)
    order = stage.order(Line("Kettle", unit_price_minor=3000), Line("Cup", unit_price_minor=100))
    kettle, cup = Item.objects.filter(order=order).order_by("line")
    stage.put(kettle, "ordered")
    stage.put(cup, "received")
    stage.later(hours=1)
    stage.move("operator", "item", kettle.pk, "dispatch", {"domestic_number": DOMESTIC})
    seen(DOMESTIC, ("orig.accepted", stage.now + timedelta(hours=1)))
    stage.later(hours=3)
    stage.put(kettle, "received")
    formed = stage.move("logist", "parcel", order.pk, "form")
    stage.later(hours=1)
    stage.put(Parcel.objects.get(pk=formed.id), "packed")
    stage.move("logist", "parcel", formed.id, "hand_over", {"international_number": INTERNATIONAL})
    seen(INTERNATIONAL, ("orig.accepted", stage.now + timedelta(hours=1)))
    stage.later(days=1)
    return order


def told(page: reading.ItemPage) -> list[tuple[str, str]]:
    """What the timeline tells: the act of a record or the code of a scan, and its number."""
    return [
        (one.told.record.act if one.told else one.scan.code if one.scan else "", one.number)
        for one in page.happenings
    ]


def test_one_timeline_tells_both_legs_in_order_each_with_its_number(stage: Stage) -> None:
    order = travelled(stage)
    page = reading.item_page(stage.access("reseller"), f"{order.number}.1", stage.now)
    parcel = page.parcels[0].number
    line = f"{order.number}.1"
    assert [one for one in told(page) if one[0] != "derived"] == [
        ("made", order.number),
        ("dispatch", line),
        ("orig.accepted", DOMESTIC),
        ("form", parcel),
        ("hand_over", parcel),
        ("orig.accepted", INTERNATIONAL),
    ]
    assert [one.at for one in page.happenings] == sorted(one.at for one in page.happenings)


def test_what_a_carrier_saw_before_the_item_was_packed_is_not_its_own(stage: Stage) -> None:
    order = travelled(stage)
    seen(INTERNATIONAL, ("orig.accepted", stage.now - timedelta(days=9)))
    page = reading.item_page(stage.access("reseller"), f"{order.number}.1", stage.now)
    assert [number for _, number in told(page)].count(INTERNATIONAL) == 1


def test_of_a_number_that_was_replaced_only_its_own_time_counts(stage: Stage) -> None:
    order = travelled(stage)
    Alias.objects.filter(number=DOMESTIC).update(until=stage.now)
    seen(DOMESTIC, ("orig.departed", stage.now + timedelta(hours=2)))
    stage.later(hours=5)
    page = reading.item_page(stage.access("reseller"), f"{order.number}.1", stage.now)
    assert [number for _, number in told(page)].count(DOMESTIC) == 1


def test_pieces_that_were_parted_keep_what_happened_before(stage: Stage) -> None:
    stage.fund(10**6)
    order = stage.order(Line("Cup", quantity=3, unit_price_minor=100))
    whole = Item.objects.get(order=order)
    stage.put(whole, "queued")
    stage.move("operator", "item", whole.pk, "take")
    stage.later(hours=1)
    moved = stage.move(
        "operator",
        "item",
        whole.pk,
        "buy",
        {"marketplace": "taobao", "external_order_no": "T-1", "actual_price": "1.00"},
        quantity=1,
    )
    parted = Item.objects.get(pk=moved.id)
    assert parted.pk != whole.pk
    acts = [act for act, _ in told(reading.item_page(stage.access("operator"), str(parted.pk), stage.now))]
    assert acts.index("take") < acts.index("split") < acts.index("buy")
    rest = [act for act, _ in told(reading.item_page(stage.access("operator"), str(whole.pk), stage.now))]
    assert "buy" not in rest


def test_it_costs_the_same_however_much_happened(stage: Stage) -> None:
    order = travelled(stage)
    access = stage.access("reseller")

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            reading.item_page(access, f"{order.number}.1", stage.now)
        return len(captured)

    first = cost()
    for hours in range(1, 20):
        seen(INTERNATIONAL, ("orig.departed", stage.now + timedelta(hours=hours)))
    assert cost() == first <= QUERIES_MAX


def test_others_do_not_find_it(stage: Stage) -> None:
    order = travelled(stage)
    with pytest.raises(NotYours):
        reading.item_page(stage.access("reseller", "stranger"), f"{order.number}.1", stage.now)
    client = signed_in(stage, "reseller", "stranger")
    assert client.get(f"/buyout/items/{order.number}.1/").status_code == 404


def test_the_page_tells_it_newest_first_with_places_and_carriers_numbers(stage: Stage) -> None:
    order = travelled(stage)
    words = text_of(signed_in(stage, "reseller").get(f"/buyout/items/{order.number}.1/"))
    timeline = words[words.index("The whole way") :]
    assert "RR 123 456 785 CN" in timeline.replace("  ", " ") or DOMESTIC in timeline.replace(" ", "")
    assert "Guangzhou" in timeline
    assert timeline.replace(" ", "").index(INTERNATIONAL) < timeline.replace(" ", "").index(DOMESTIC)


def test_the_api_gives_the_same_timeline_with_numbers_and_sources(stage: Stage) -> None:
    order = travelled(stage)
    invite(stage.business, stage.person("reseller").email, "reseller", NOW, by=Actor("system"), cause="cli")
    _key, secret = create_key(
        stage.business,
        "shop",
        "reseller",
        sorted(SCOPES),
        stage.now,
        person=stage.person("reseller"),
        by=Actor("system"),
        cause="cli",
    )
    answer = Client().get(
        f"/api/v1/businesses/buyout/items/{order.number}.1/timeline",
        headers={"authorization": f"Bearer {secret}", "accept-language": "ru"},
    )
    assert answer.status_code == 200, answer.content
    happenings = [one for one in answer.json()["happenings"] if (one["record"] or {}).get("act") != "derived"]
    assert [(one["kind"], one["number"]) for one in happenings if one["kind"] == "scan"] == [
        ("scan", DOMESTIC),
        ("scan", INTERNATIONAL),
    ]
    assert all(one["source"] for one in happenings)
    assert [one["at"] for one in happenings] == sorted(one["at"] for one in happenings)
