"""A buyer's orders at an international shop: what the list says, and what each status of the page means."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sledi.history import Actor, Happened
from sledi.history.operations import record
from sledi.orders.models import Item, Order
from tests.journeys.office import Office, moment
from tests.journeys.shop import ABROAD, bring, confirm, pay, place, ship, start_packing, tick

PROFILE = "retail"

KETTLE = {"name": "Kettle", "unit_price": "30.00"}
MANY, A_PAGE, QUERIES_MAX = 3000, 50, 8


# --- the list -------------------------------------------------------------------------------------------------


@pytest.fixture
def many(office: Office) -> list[str]:
    """So many orders of one buyer, the oldest first. Reading them is the promise, so they are laid down in bulk."""
    from sledi import profiles

    buyer = office.person("buyer")
    version = profiles.workflow(PROFILE).version
    facts: dict[str, Any] = {
        "business": office.business,
        "state": "pending",
        "state_since": office.now,
        "changed_at": office.now,
    }
    orders = [
        Order(
            **facts,
            profile=PROFILE,
            profile_version=version,
            buyer=buyer,
            currency="RUB",
            goods_minor=3000,
            processing_days=3,
            number=f"M{serial:07}".translate(_SHORT),
            placed_at=office.now - timedelta(minutes=MANY - serial),
        )
        for serial in range(MANY)
    ]
    Order.objects.bulk_create(orders, batch_size=1000)
    Item.objects.bulk_create(
        [
            Item(**facts, order=order, line=1, number="1", name="Kettle", unit_price_minor=3000, quantity=1)
            for order in orders
        ],
        batch_size=1000,
    )
    record(
        [
            Happened(
                business_id=office.business.pk,
                level="order",
                subject_id=order.pk,
                root_id=order.pk,
                act="made",
                actor=Actor("person", str(buyer.pk), buyer.name, "buyer"),
                cause="web",
                at=order.placed_at,
                from_state="",
                to_state="pending",
            )
            for order in orders
        ]
    )
    return [order.number for order in orders]


_SHORT = str.maketrans("01", "XY")
"""Short numbers have neither 0 nor 1."""


@pytest.mark.slow
@pytest.mark.promise("S1.8")
def test_every_one_of_3000_orders_is_reached_by_paging_and_by_search_in_eight_queries(
    office: Office, many: list[str]
) -> None:
    client, address, seen = office.browser("buyer"), f"/{office.business.slug}/orders/", []
    while address:
        with CaptureQueriesContext(connection) as asked:
            html = client.get(address).content.decode()
        assert len(_reads(asked)) <= QUERIES_MAX, "\n".join(query["sql"][:150] for query in _reads(asked))
        found = re.findall(rf'href="/{office.business.slug}/orders/(\w+)/"><strong>', html)
        assert len(found) == A_PAGE
        seen += found
        further = re.search(r'<a class="btn" href="([^"]+)">Дальше', html)
        address = further.group(1).replace("&amp;", "&") if further else ""
    assert seen == many[::-1]
    for number in (many[0], many[1234], many[-1]):
        html = office.html("buyer", f"orders/?q={number}")
        assert re.findall(r'/orders/(\w+)/"><strong>', html) == [number]
        shown = office.see("buyer", f"orders?search={number}")
        assert [order["number"] for order in shown["orders"]] == [number]


def _reads(asked: CaptureQueriesContext) -> list[dict[str, str]]:
    """What the page asks, without opening and closing its transaction."""
    return [query for query in asked if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]


@pytest.mark.promise("S1.9")
def test_the_row_says_the_status_of_order_and_items_and_what_changed_when(office: Office) -> None:
    order = place(office, KETTLE, {"name": "Teapot", "unit_price": "30.00"})
    pay(office, order, 6000)
    confirm(office, order)
    start_packing(office, order)
    tick(office, order, 1)
    office.do("operator", f"items/{order}.1", "ship", tracking_number=ABROAD)
    changed = office.now
    office.wait(minutes=5)
    (row,) = office.see("buyer", "orders")["orders"]
    assert row["state"]["key"] == "packaging"
    assert {one["state"]: one["pieces"] for one in row["item_states"]} == {"packaging": 1, "shipped": 1}
    change = row["last_change"]
    assert (change["number"], change["to"], change["at"]) == ("1", "shipped", changed.isoformat())
    said = office.read("buyer", "orders/")
    assert "Обрабатывается" in said
    assert "Kettle: Отправлен · 28 сентября, 12:00 UTC+3" in said
    assert re.search(r"Упаковка\D*1\D*Отправлен\D*1", said), said


@pytest.mark.promise("S1.23")
def test_the_row_counts_what_is_out_until_everything_is(office: Office) -> None:
    order = place(office, {**KETTLE, "quantity": 3})
    pay(office, order, 9000)
    confirm(office, order)
    start_packing(office, order)
    tick(office, order)
    office.do("operator", f"items/{order}.1", "ship", quantity=2, tracking_number=ABROAD)
    assert "Частично отправлен, 2/3" in office.read("buyer", "orders/")
    (row,) = office.see("buyer", "orders")["orders"]
    assert [(one["done"], one["all"]) for one in row["progress"]] == [(2, 3)]
    office.do("operator", f"items/{order}.1", "ship", tracking_number="RB556626995CN")
    (row,) = office.see("buyer", "orders")["orders"]
    assert (row["state"]["key"], row["progress"]) == ("shipped", [])
    said = office.read("buyer", "orders/")
    assert "Отправлен" in said
    assert "Частично отправлен" not in said


@pytest.mark.promise("S1.42")
def test_processing_finds_its_three_sub_statuses_and_the_page_names_both(office: Office) -> None:
    below = {
        "payment_received": "Оплата получена",
        "payment_confirmed": "Подтверждение оплаты",
        "packaging": "Упаковка",
    }
    orders = {state: bring(office, state) for state in below}
    bring(office, "pending")
    found = office.api("buyer", "get", "orders?state=processing", Accept_Language="ru").body["orders"]
    assert {row["number"] for row in found} == set(orders.values())
    assert {row["state"]["parent_label"] for row in found} == {"Обрабатывается"}
    html = office.html("buyer", "orders/?state=processing")
    assert set(re.findall(r'/orders/(\w+)/"><strong>', html)) == set(orders.values())
    pills = re.findall(r'<span class="pill"[^>]*>.*?</svg>([^<]+)</span>', html)
    assert pills.count("Обрабатывается") == len(below)
    assert not {*below.values()} & {*pills}
    for state, label in below.items():
        assert office.read("buyer", f"orders/{orders[state]}/").startswith(f"{label} Обрабатывается")


# --- waiting for the payment ----------------------------------------------------------------------------------


@pytest.mark.promise("S1.12")
def test_an_unpaid_order_is_in_nobodys_queue_and_does_not_outlive_its_72_hours(office: Office) -> None:
    order = place(office, KETTLE, seller=office.person("seller").email)
    for role in ("seller", "operator", "logist"):
        assert office.see(role, "orders")["orders"] == []
        assert office.see(role, "queues/orders/pending")["rows"] == []
        assert office.see(role, "queues/items/pending")["rows"] == []
        assert office.api(role, "get", f"orders/{order}").status == 404
        assert order not in office.read(role, "orders/") + office.read(role, "")
    assert "Ожидает" in office.read("buyer", f"orders/{order}/")
    office.wait(hours=71, minutes=59)
    assert office.see("buyer", f"orders/{order}")["state"]["key"] == "pending"
    office.wait(minutes=1)
    shown = office.see("buyer", f"orders/{order}")
    assert (shown["state"]["key"], shown["items"][0]["state"]["key"]) == ("cancelled", "cancelled")


# --- processing -----------------------------------------------------------------------------------------------


@pytest.mark.promise("S1.15")
def test_a_failed_check_holds_the_order_with_its_reason_and_tells_the_buyer(office: Office) -> None:
    order = bring(office, "payment_received")
    path = f"orders/{order}"
    refusal = office.refused("platform", path, "confirm_payment", safety_check="failed")
    assert refusal.body["guard"] == "safety_check_passed"
    office.press("platform", path, "hold", hold_reason="address")
    said = office.read("buyer", f"{path}/")
    assert said.startswith("Приостановлен")
    assert "Причина: Адрес вызывает сомнения" in said
    *_, letter = office.letters(office.person("buyer").email)
    assert order in letter.subject
    assert f"Order {order} is on hold: The address is doubtful." in letter.body
    office.press("platform", path, "confirm_payment", safety_check="passed")
    assert office.see("buyer", path)["state"]["key"] == "payment_confirmed"


@pytest.mark.promise("S1.16")
def test_once_the_check_is_passed_the_warehouse_is_asked_to_prepare_at_once(office: Office) -> None:
    order = bring(office, "payment_received")
    assert "Посмотреть" not in office.read("operator", "")
    confirm(office, order)
    desk = office.read("operator", "")
    assert f"Заказ {order} Подтвердить оплату 28 сентября, 12:00 UTC+3" in desk
    assert office.see("operator", "queues/orders/payment_confirmed")["rows"][0]["number"] == order


@pytest.mark.promise("S1.17")
def test_the_buyer_sees_each_ticked_step_and_nothing_leaves_while_one_is_open(office: Office) -> None:
    order = bring(office, "packaging")
    item = f"items/{order}.1"
    said = ("Товар подготовлен: да", "Качество проверено: да", "Товар упакован: да")
    for done, (move, field) in enumerate((("prepare", "prepared"), ("check_quality", "quality_checked"))):
        office.press("operator", item, move, **{field: "true"})
        page = office.read("buyer", f"orders/{order}/")
        assert [words in page for words in said] == [step <= done for step in range(3)]
        for path in (f"orders/{order}", item):
            refusal = office.refused("operator", path, "ship", tracking_number=ABROAD)
            assert refusal.body["guard"] == "steps_done"
    office.press("operator", item, "pack", packed="true")
    page = office.read("buyer", f"orders/{order}/")
    assert all(words in page for words in said)
    office.press("operator", f"orders/{order}", "ship", tracking_number=ABROAD)
    assert office.see("buyer", f"orders/{order}")["state"]["key"] == "shipped"


# --- processing time ------------------------------------------------------------------------------------------


@pytest.mark.promise("S1.18")
@pytest.mark.parametrize(
    ("confirmed", "said"),
    [("2026-11-20 09:00", "25 November 2026"), ("2026-09-30 02:00", "10 October 2026")],
)
def test_three_working_days_in_china_are_a_day_on_the_page(office: Office, confirmed: str, said: str) -> None:
    """1 to 7 October 2026 is a holiday, and Saturday the 10th is worked for it (State Council of China)."""
    office.go_to(moment(confirmed))
    order = place(office, {**KETTLE, "processing_days": 3})
    pay(office, order)
    confirm(office, order)
    assert f"ships by {said}" in office.read("buyer", f"orders/{order}/", language="en").replace("\xa0", " ")


@pytest.mark.promise("S1.21")
def test_a_guaranteed_item_not_sent_in_24_hours_is_a_breach_with_its_remedy_and_the_other_keeps_its_own_clock(
    office: Office,
) -> None:
    order = place(
        office,
        {"name": "Brooch", "unit_price": "900.00", "processing_days": 1, "marks": "ships_in_24_hours"},
        {"name": "Sweater", "unit_price": "4000.00", "processing_days": 6},
    )
    pay(office, order, 490000)
    confirm(office, order)
    start_packing(office, order)
    brooch, sweater = office.see("buyer", f"orders/{order}")["items"]
    assert [mark["key"] for mark in brooch["marks"]] == ["ships_in_24_hours"]
    assert "Отправка: 24 часа" in office.read("buyer", f"orders/{order}/")
    office.wait(hours=23, minutes=59)
    assert _flags(office, order) == [[], []]
    office.wait(minutes=1)
    assert _flags(office, order) == [["guarantee_broken"], []]
    acts = [(told["act"], told["number"]) for told in office.see("buyer", f"orders/{order}")["history"]]
    assert ("break_guarantee", "1") in acts
    assert f"Заказ {order} Отправка за 24 часа нарушена" in office.read("operator", "")
    assert office.see("buyer", f"orders/{order}")["amounts"]["refunded"]["amount"] == "90.00"
    assert sweater["flags"] == []


def _flags(office: Office, order: str) -> list[list[str]]:
    return [
        [flag["key"] for flag in item["flags"] if flag["key"] != "dispatch_late"]
        for item in office.see("operator", f"orders/{order}")["items"]
    ]


# --- shipped --------------------------------------------------------------------------------------------------


@pytest.mark.promise("S1.22")
def test_the_address_of_an_order_is_that_it_was_placed_with(office: Office) -> None:
    home = {"postcode": "101000", "city": "Москва", "street": "Мясницкая, 1"}
    whole = {**home, "recipient_name": "Анна Белова", "destination": "RU"}
    address = office.api("buyer", "post", "me/addresses", whole).body["id"]
    order = office.place("buyer", address=address)
    pay(office, order)
    confirm(office, order)
    start_packing(office, order)
    ship(office, order)
    before = office.see("buyer", f"orders/{order}")
    assert (before["state"]["key"], before["recipient"]["address"]) == ("shipped", home)
    moved = {**whole, "city": "Казань", "street": "Баумана, 5", "recipient_name": "Анна Орлова"}
    book = f"/{office.business.slug}/me/addresses/{address}/"
    edits = (
        lambda: office.browser("buyer").post(book, moved),
        lambda: office.api("buyer", "put", f"me/addresses/{address}", {**moved, "city": "Пермь"}),
        lambda: office.shell("buyer", "address", "remove", address),
    )
    for edit in edits:
        edit()
        assert office.see("buyer", f"orders/{order}") == before
        assert "Москва, Мясницкая, 1, 101000" in office.read("buyer", f"orders/{order}/")
        assert "Москва" in json.dumps(office.see("operator", f"orders/{order}"), ensure_ascii=False)
        assert "Мясницкая, 1" in office.shell("buyer", "order", "show", order, "--json")[1]
    assert office.see("buyer", "me/addresses")["addresses"] == []
