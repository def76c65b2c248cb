"""A marketplace's boxes: whose each one is, which number it has, and from when the return window counts."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from sledi.orders.automatic import carrier_news
from sledi.orders.models import Content, Item, Loading, News, Order
from sledi.orders.moving.making import Line
from sledi.orders.tests.stage import Stage
from sledi.orders.tests.test_what_follows import scanned
from sledi.parcels.models import Alias, Parcel

pytestmark = pytest.mark.parametrize("stage", ["marketplace"], indirect=True)

ENCLOSED = {"warranty_card": "yes", "invoice": "yes", "return_form": "yes"}
FIRST, SECOND = "RR123456785CN", "RR987654323CN"


def sold(stage: Stage) -> Order:
    order = stage.order(Line("Lamp", unit_price_minor=3000), seller_id=stage.person("seller").pk)
    stage.put(order, "processing")
    return order


def shipped(stage: Stage) -> tuple[Order, Parcel]:
    order = sold(stage)
    stage.move(
        "seller", "order", order.pk, "ship", {"tracking_number": FIRST, "number_checked": "yes", **ENCLOSED}
    )
    return order, Parcel.objects.get()


def second(stage: Stage, order: Order) -> Parcel:
    supplied = {"tracking_number": SECOND, "number_checked": "yes"}
    return Parcel.objects.get(pk=stage.move("seller", "parcel", order.pk, "add", supplied).id)


def recorded(stage: Stage, parcel: Parcel, day: str) -> None:
    supplied = {"delivered_on": day, "evidence": "the carrier's page says so"}
    stage.move("platform", "parcel", parcel.pk, "record_delivery", supplied)


def last_day(order: Order) -> date:
    """The last day of the window, by the clocks of Bulgaria."""
    order.refresh_from_db()
    assert order.window_ends_at is not None
    ends = order.window_ends_at.astimezone(ZoneInfo("Europe/Sofia"))
    assert (ends.hour, ends.minute) == (0, 0)
    return date.fromordinal(ends.toordinal() - 1)


def test_the_number_of_a_shipment_belongs_to_the_parcel_it_makes(stage: Stage) -> None:
    order, parcel = shipped(stage)
    alias = Alias.objects.get()
    assert (alias.level, alias.subject_id, alias.number) == ("parcel", parcel.pk, FIRST)
    assert Content.objects.get().parcel_id == parcel.pk
    assert order.pk == Loading.objects.get().order_id


def test_the_carrier_delivers_the_parcel_of_the_shipment(stage: Stage) -> None:
    _, parcel = shipped(stage)
    scanned(FIRST, "DELIVERED", stage.now)
    assert carrier_news.follow_news(stage.now) == 1
    parcel.refresh_from_db()
    assert parcel.state == "delivered"
    assert not News.objects.exclude(problem="").exists()


def test_a_second_box_belongs_to_the_order_though_everything_is_packed_already(stage: Stage) -> None:
    order, first = shipped(stage)
    another = second(stage, order)
    assert set(Loading.objects.filter(order=order).values_list("parcel_id", flat=True)) == {
        first.pk,
        another.pk,
    }
    assert not Content.objects.filter(parcel=another).exists()
    recorded(stage, first, "2026-09-20")
    stage.move("seller", "order", order.pk, "complete", {})
    order.refresh_from_db()
    assert order.state == "complete_to_verify"  # the second box is still on its way
    recorded(stage, another, "2026-09-21")
    order.refresh_from_db()
    assert order.state == "complete_verified"


@pytest.mark.parametrize("order_of_delivery", [(0, 1), (1, 0)])
def test_the_window_counts_from_the_last_good_received(
    stage: Stage, order_of_delivery: tuple[int, int]
) -> None:
    stage.now = datetime(2026, 11, 20, 9, tzinfo=UTC)
    order, first = shipped(stage)
    boxes = [first, second(stage, order)]
    stage.now = datetime(2026, 12, 9, 15, tzinfo=UTC)
    stage.move("seller", "order", order.pk, "complete", {})
    for index in order_of_delivery:
        recorded(stage, boxes[index], ("2026-12-01", "2026-12-09")[index])
    assert last_day(order) == date(2026, 12, 23)


def test_the_window_counts_from_delivery_not_from_the_click_and_ends_on_a_working_day(stage: Stage) -> None:
    stage.now = datetime(2026, 12, 1, 9, tzinfo=UTC)
    order, parcel = shipped(stage)
    stage.now = datetime(2026, 12, 14, 9, tzinfo=UTC)
    stage.move("seller", "order", order.pk, "complete", {})
    recorded(stage, parcel, "2026-12-10")
    assert last_day(order) == date(2026, 12, 29)


def test_a_carriers_delivery_late_in_the_evening_counts_by_the_clocks_of_the_country(stage: Stage) -> None:
    stage.now = datetime(2026, 12, 1, 9, tzinfo=UTC)
    order, _ = shipped(stage)
    stage.move("seller", "order", order.pk, "complete", {})
    at = datetime(2026, 12, 8, 22, 30, tzinfo=UTC)  # 0:30 of the 9th in Sofia
    scanned(FIRST, "DELIVERED", at)
    carrier_news.follow_news(at)
    assert last_day(order) == date(2026, 12, 23)


def test_an_exchange_ships_a_second_parcel_and_moves_no_money(stage: Stage) -> None:
    order, first = shipped(stage)
    stage.put(first, "delivered")
    Order.objects.filter(pk=order.pk).update(state="goods_exchanged")
    Item.objects.update(state="shipped")
    supplied = {"tracking_number": SECOND, "number_checked": "yes", **ENCLOSED}
    moved = stage.move("seller", "parcel", order.pk, "send_replacement", supplied)
    order.refresh_from_db()
    assert order.state == "shipped"
    assert Loading.objects.get(parcel=moved.id).order_id == order.pk
    assert Alias.objects.get(number=SECOND).subject_id == moved.id


def test_a_corrected_number_takes_the_place_of_the_mistyped_one(stage: Stage) -> None:
    _, parcel = shipped(stage)
    stage.later(days=1)
    corrected = {"tracking_number": SECOND, "number_checked": "yes"}
    stage.move("seller", "parcel", parcel.pk, "renumber", corrected)
    stage.later(days=1)
    stage.move("seller", "parcel", parcel.pk, "renumber", {**corrected, "tracking_number": FIRST})
    assert set(Alias.objects.filter(until=None).values_list("number", flat=True)) == {FIRST}
