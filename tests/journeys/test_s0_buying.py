"""Buying for a reseller: he sends what is paid for, the price may rise, the purchase and its number are recorded."""

import re

import pytest

from tests.journeys.office import Office, hidden, text_of
from tests.journeys.purchases import KETTLE, LAMP, RUG, balance, buy, field_of, item_of, paid_order, taken

PROFILE = "buyout"
pytestmark = pytest.mark.django_db


def states(office: Office, order: str) -> dict[str, str]:
    items = office.see("operator", f"orders/{order}/items")["items"]
    return {item["name"]: item["state"]["key"] for item in items}


# --- sending for buyout ---------------------------------------------------------------------------------------


@pytest.mark.promise("S0.2")
def test_two_ticked_items_of_three_are_sent_and_the_third_stays(office: Office) -> None:
    order = paid_order(office, KETTLE, LAMP, RUG)
    office.wait(minutes=5)
    read = tick_and_send(office, "Kettle", "Rug")
    assert read.count("В очереди на выкуп") == 2
    assert states(office, order) == {"Kettle": "queued", "Lamp": "draft", "Rug": "queued"}
    told = [
        one for one in office.see("reseller", f"orders/{order}/history")["history"] if one["act"] == "send"
    ]
    assert {(one["number"], one["from"], one["to"]) for one in told} == {
        ("1", "draft", "queued"),
        ("3", "draft", "queued"),
    }
    assert {(one["actor"]["name"], one["actor"]["role"], one["cause"]) for one in told} == {
        ("Reseller", "reseller", "web")
    }
    assert {one["at"] for one in told} == {office.now.isoformat()}
    page = office.read("reseller", f"orders/{order}/")
    assert len(re.findall(r"Отправить на выкуп.{0,80}Reseller", page.partition("История")[2])) == 2


def tick_and_send(office: Office, *names: str) -> str:
    """Tick rows of the list of items as its page offers them, choose the move, send its form."""
    client, place = office.browser("reseller"), f"/{office.business.slug}/items/"
    listed = client.get(f"{place}?state=draft").content.decode()
    ticks = dict(re.findall(r'name="id" value="([^"]+)" aria-label="([^"]+)"', listed))
    chosen = [key for key, name in ticks.items() if name in names]
    form = client.post(f"{place}moves/", {"id": chosen, "move": "send"}).content.decode()
    address = f"{place}moves/send/"
    sent = client.post(address, {**hidden(form, address), "id": chosen})
    assert sent.status_code == 200
    return text_of(sent.content.decode())


# --- the purchase ---------------------------------------------------------------------------------------------


@pytest.mark.promise("S0.6")
def test_the_purchase_is_shown_at_its_item_and_found_by_the_marketplaces_number(office: Office) -> None:
    order, other = taken(office, KETTLE), taken(office, LAMP)
    office.press(
        "operator",
        f"items/{item_of(office, f'{order}.1')['id']}",
        "buy",
        marketplace="taobao",
        external_order_no="3620147750918",
        actual_price="29.50",
    )
    item = item_of(office, f"{order}.1", "reseller")
    assert (field_of(item, "marketplace")["words"], field_of(item, "external_order_no")["value"]) == (
        "Taobao",
        "3620147750918",
    )
    assert (field_of(item, "actual_price")["value"], field_of(item, "actual_price")["currency"]) == (
        "29.50",
        "RUB",
    )
    page = office.read("reseller", f"orders/{order}/")
    assert "Площадка: Taobao · Номер заказа на площадке: 3620147750918" in page
    assert "Цена у продавца за все штуки: 29,50 ₽" in page.replace("\xa0", " ")
    for place in ("orders", "items"):
        found = office.html("operator", f"{place}/?q=3620147750918")
        assert (order in found, other in found) == (True, False)
    assert [one["number"] for one in office.see("reseller", "orders?search=3620147750918")["orders"]] == [
        order
    ]
    assert [one["orders"] for one in office.see("operator", "items?search=3620147750918")["rows"]] == [
        [order]
    ]
    code, said = office.shell("operator", "order", "list", "--search", "3620147750918")
    assert (code, said.split()[0]) == (0, order)


@pytest.mark.promise("S0.6")
def test_the_number_at_two_resellers_items_needs_an_explicit_confirmation(office: Office) -> None:
    mine, theirs = taken(office, KETTLE), taken(office, KETTLE, reseller="oksana")
    buy(office, f"{mine}.1", "30.00", "3620147750918")
    again = {"marketplace": "taobao", "external_order_no": "3620147750918", "actual_price": "30.00"}
    problem = office.refused("operator", f"items/{theirs}.1", "buy", **again)
    assert (problem.status, problem.body["guard"]) == (409, "order_of_one_reseller")
    assert problem.body["title"].startswith("An item of another reseller has this order number already.")
    buy(office, f"{theirs}.1", "30.00", "3620147750918", shared_order_confirmed=True)
    found = office.see("operator", "items?search=3620147750918")["rows"]
    assert {order for one in found for order in one["orders"]} == {mine, theirs}


@pytest.mark.promise("S0.6")
def test_a_stranger_does_not_find_by_a_number_of_another_resellers_purchase(office: Office) -> None:
    order = taken(office, KETTLE)
    buy(office, f"{order}.1", "30.00", "3620147750918")
    assert office.see("reseller", "orders?search=3620147750918", name="oksana")["orders"] == []
    assert office.see("end_buyer", "orders?search=3620147750918")["orders"] == []


@pytest.mark.promise("S0.7")
def test_the_confirmed_purchase_makes_the_item_ordered_with_its_time(office: Office) -> None:
    order = taken(office, KETTLE)
    office.wait(hours=3)
    buy(office, f"{order}.1", "30.00")
    for who in ("reseller", "end_buyer"):
        item = item_of(office, f"{order}.1", who)
        assert (item["state"]["key"], item["state"]["label"]) == ("ordered", "Заказан")
        assert item["since"] == "2026-09-28T12:00:00+00:00"
        page = office.read(who, f"orders/{order}/")
        assert "Заказан" in page
        assert "Товар заказан Kettle Выкупается → Заказан" in page
        assert "28 сентября, 15:00 UTC+3" in page.replace("\xa0", " ")


@pytest.mark.promise("S0.7")
def test_the_end_buyer_sees_only_what_the_profile_lets_him_see(office: Office) -> None:
    order = taken(office, KETTLE)
    assert office.see("end_buyer", f"orders/{order}/items")["items"] == []
    assert "Kettle" not in office.read("end_buyer", f"orders/{order}/")


# --- the price ------------------------------------------------------------------------------------------------


@pytest.mark.promise("S0.17")
def test_at_33_00_the_buyout_of_an_agreed_30_00_goes_on(office: Office) -> None:
    order = taken(office, KETTLE)
    buy(office, f"{order}.1", "33.00")
    assert item_of(office, f"{order}.1")["state"]["key"] == "ordered"


@pytest.mark.promise("S0.17")
def test_at_33_01_the_item_stops_and_the_reseller_chooses(office: Office) -> None:
    order = taken(office, KETTLE)
    moved = buy(office, f"{order}.1", "33.01")
    assert (moved["to"], moved["instead"]["guard"]) == ("price_changed", "price_within_threshold")
    item = item_of(office, f"{order}.1", "reseller")
    assert item["state"]["label"] == "Цена выросла, решите"
    assert [move["label"] for move in item["moves"] if move["is_open"]] == [
        "Доплатить разницу",
        "Отказаться от товара",
    ]
    assert field_of(item, "offered_price")["value"] == "33.01"
    page = office.read("reseller", f"orders/{order}/")
    assert "Доплатить разницу" in page
    assert "Отказаться от товара" in page


@pytest.mark.promise("S0.17")
def test_who_pays_the_difference_is_debited_for_it_and_the_buyout_goes_on(office: Office) -> None:
    order = taken(office, KETTLE)
    buy(office, f"{order}.1", "33.01")
    key = item_of(office, f"{order}.1")["id"]
    office.press("reseller", f"items/{key}", "accept_price", agreed_price="33.01")
    assert item_of(office, f"{order}.1")["state"]["key"] == "buying"
    assert balance(office) == "963.99"
    buy(office, f"{order}.1", "33.01", "3620147750918")
    assert item_of(office, f"{order}.1")["state"]["key"] == "ordered"


@pytest.mark.promise("S0.17")
def test_who_gives_the_item_up_has_everything_back(office: Office) -> None:
    order = taken(office, KETTLE)
    buy(office, f"{order}.1", "33.01")
    office.do("reseller", f"items/{order}.1", "decline_price", reason="price_changed")
    assert item_of(office, f"{order}.1")["state"]["label"] == "Невозможно поставить"
    assert balance(office) == "1000.00"
