"""The pages of goods: how much they ask the database, and what an order's item remembers when it is parted."""

from typing import Any
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sledi.catalogue import operations
from sledi.orders.models import Item, Order
from sledi.orders.moving import placing
from sledi.orders.tests.doors import signed_in
from sledi.orders.tests.stage import NOW, Stage, new_stage

pytestmark = pytest.mark.django_db
TEAPOT = {"code": "T0", "name": "Teapot", "price": "30", "processing_days_min": 2, "processing_days_max": 4}


@pytest.fixture
def shop() -> Stage:
    return new_stage("retail")


def describe(shop: Stage, **said: Any) -> None:
    operations.describe(shop.access("platform"), {**TEAPOT, **said}, at=NOW, cause="web")


def asked(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize("role", ["", "buyer", "platform"])
def test_a_longer_list_asks_no_more(shop: Stage, role: str) -> None:
    client = signed_in(shop, role, "", "en") if role else Client()
    describe(shop)
    few = asked(client, "/retail/products/")
    for number in range(1, 20):
        describe(shop, code=f"T{number}")
    assert asked(client, "/retail/products/") == few


def test_a_second_page_leads_on_and_back(shop: Stage) -> None:
    for number in range(52):
        describe(shop, code=f"T{number}", name=f"Teapot {number}")
    client = Client()
    first = client.get("/retail/products/").content.decode()
    later = first.partition('href="/retail/products/?from=')[2].partition('"')[0]
    second = client.get(f"/retail/products/?from={later}").content.decode()
    assert (first.count("/products/T"), second.count("/products/T")) == (50, 2)
    assert client.get("/retail/products/?from=nonsense").status_code == 400


@pytest.mark.parametrize("code", ["%00", "%ED%A0%80", "a" * 300, "<b>", "..", "T0%20", "Ч"])
def test_an_odd_code_is_not_found(shop: Stage, code: str) -> None:
    describe(shop)
    for client in (Client(), signed_in(shop, "platform", "", "en")):
        assert client.get(f"/retail/products/{code}/").status_code in (301, 302, 404)


@pytest.mark.parametrize("code", ["%00", "%ED%A0%80", "a" * 300, "<b>", "NOBODY"])
def test_the_form_of_an_order_takes_no_odd_code(shop: Stage, code: str) -> None:
    describe(shop)
    client = signed_in(shop, "buyer", "", "en")
    html = client.get(f"/retail/orders/new/?product={code}").content.decode()
    assert 'name="items-0-product"' in html
    assert 'type="hidden" name="items-0-product"' not in html
    sent = {"items-0-product": unquote(code), "items-0-quantity": "1", "act": "place", "key": "k"}
    assert client.post("/retail/orders/new/", sent).status_code == 422
    assert not Order.objects.exists()


def test_pieces_that_part_keep_their_product_and_their_range(shop: Stage) -> None:
    describe(shop)
    placed = placing.place(shop.access("buyer"), {}, [{"product": "t0", "quantity": 3}], at=NOW, cause="web")
    item = Item.objects.get(order=placed.id)
    shop.put(Order.objects.get(pk=placed.id), "payment_confirmed")
    shop.put(item, "payment_confirmed")
    shop.move("operator", "item", item.pk, "extend_processing", {"processing_days": 9}, quantity=1)
    rows = Item.objects.filter(order=placed.id).order_by("processing_days")
    assert [
        (one.product_code, one.processing_days_min, one.processing_days, one.quantity) for one in rows
    ] == [
        ("T0", 2, 4, 2),
        ("T0", None, 9, 1),
    ]
    order = Order.objects.get(pk=placed.id)
    assert (order.processing_days_min, order.processing_days) == (9, 9)


def test_the_order_takes_from_its_slowest_to_its_slowest(shop: Stage) -> None:
    describe(shop)
    describe(shop, code="SLOW", processing_days_min=1, processing_days_max=6)
    placed = placing.place(
        shop.access("buyer"), {}, [{"product": "T0"}, {"product": "SLOW"}], at=NOW, cause="web"
    )
    order = Order.objects.get(pk=placed.id)
    assert (order.processing_days_min, order.processing_days) == (2, 6)
