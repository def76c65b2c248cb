"""Parcels of a forwarder: several orders in one, each with its own status, found in the buyer's cabinet."""

from typing import Any

import pytest

from tests.journeys.forwarding import EMS, bring, depart, made, new_order, parcel, state_of, truck
from tests.journeys.markup import by_id, text, tree, with_class
from tests.journeys.office import Office

pytestmark = pytest.mark.django_db

PROFILE = "forwarder"


def rows(page: Any, heading: str) -> list[Any]:
    """The rows of the card that has this heading: of its table or its list."""
    card = page.find(f".//*[@aria-labelledby='{heading}']")
    assert card is not None, f"no card is headed {heading}"
    return list(card.find(".//tbody") or with_class(card, "rows")[0])


def parcels_shown(page: Any) -> list[str]:
    """The headings of the parcels in the cabinet."""
    return [text(card.find(".//h2")) for card in page.iter("article")]


@pytest.fixture
def four(office: Office) -> tuple[str, list[str], str]:
    """A parcel with four paid orders, and one order in no parcel."""
    orders = [new_order(office, "paid") for _ in range(4)]
    return parcel(office, "almaty", orders), orders, new_order(office, "paid")


@pytest.mark.promise("S3.2")
def test_the_cabinet_stands_at_my_and_lists_the_parcels(office: Office, four: Any) -> None:
    number, _orders, _loose = four
    client = office.browser("buyer")
    for address in (f"/{PROFILE}/my/", f"/{PROFILE}/my"):
        answer = client.get(address, follow=True)
        assert answer.status_code == 200
        assert answer.wsgi_request.path == f"/{PROFILE}/my/"
        assert parcels_shown(tree(answer.content.decode())) == [f"Посылка {number}"]


def test_a_stranger_is_asked_to_sign_in_at_my(office: Office, four: Any) -> None:
    from django.test import Client

    answer = Client().get(f"/{PROFILE}/my/")
    assert answer.status_code in (302, 403, 404)
    assert four[0] not in answer.content.decode()


@pytest.mark.promise("S3.3")
def test_the_list_counts_the_orders_of_a_parcel_and_names_the_loose_one(office: Office, four: Any) -> None:
    number, orders, loose = four
    page = tree(office.html("buyer", "my/"))
    assert parcels_shown(page) == [f"Посылка {number}"]
    (card,) = page.iter("article")
    assert "4 заказа" in text(card)
    assert text(by_id(page, "loose")) == "Заказы, которых ещё нет в посылке"
    (only,) = rows(page, "loose")
    assert f"Заказ {loose}" in text(only)

    found = tree(office.html("buyer", f"my/?q={orders[2]}"))
    assert parcels_shown(found) == [f"Посылка {number}"]
    shown = text(next(iter(found.iter("article"))))
    assert f"Заказ {orders[2]}" in shown
    assert f"Заказ {orders[1]}" not in shown
    assert found.find(".//*[@id='loose']") is None
    row = next(row for row in office.see("buyer", "parcels")["rows"] if row["number"] == number)
    assert sorted(row["orders"]) == sorted(orders)


@pytest.mark.promise("S3.4", "S3.5")
def test_the_number_and_the_details_lead_to_the_parcels_page(office: Office, four: Any) -> None:
    number, _orders, _loose = four
    (card,) = tree(office.html("buyer", "my/")).iter("article")
    address = f"/{PROFILE}/parcels/{number}/"
    by_words = {text(link): link.get("href") for link in card.iter("a")}
    assert by_words[f"Посылка {number}"] == address
    assert by_words[f"Подробнее : Посылка {number}".replace(" :", ":")] == address
    assert f"Посылка {number}" in office.read("buyer", f"parcels/{number}/")


@pytest.mark.promise("S3.6")
def test_a_parcel_shows_its_four_orders_and_no_others(office: Office, four: Any) -> None:
    number, orders, loose = four
    page = tree(office.html("buyer", f"parcels/{number}/"))
    shown = [text(row) for row in rows(page, "orders")]
    assert len(shown) == 4
    assert all(any(f"Заказ {order}" in row for row in shown) for order in orders)
    assert loose not in text(page)
    seen = office.see("buyer", f"parcels/{number}")
    assert sorted(order["number"] for order in seen["orders"]) == sorted(orders)


def test_somebody_elses_orders_in_the_parcel_stay_unseen(office: Office) -> None:
    mine, theirs = new_order(office, "paid"), new_order(office, "paid", name="stranger")
    number = parcel(office, "pickup", [mine, theirs])
    assert theirs not in office.html("buyer", f"parcels/{number}/")
    assert [one["number"] for one in office.see("buyer", f"parcels/{number}")["orders"]] == [mine]
    other = parcel(office, "pickup", [new_order(office, "paid", name="stranger")])
    assert office.api("buyer", "get", f"parcels/{other}").status == 404


@pytest.mark.promise("S3.7")
def test_each_order_of_a_parcel_has_its_own_status_and_the_parcel_follows(office: Office) -> None:
    orders = [
        new_order(office, "paid"),
        new_order(office, "at_china_warehouse"),
        new_order(office, "at_almaty"),
    ]
    number = parcel(office, "almaty", orders)
    page = tree(office.html("buyer", f"parcels/{number}/"))
    pills = [text(with_class(row, "pill")[0]) for row in rows(page, "orders")]
    assert sorted(pills) == ["На складе в Алматы", "На складе в Китае", "Оплачен"]
    assert text(with_class(page, "pill")[0]) == "Собирается в Алматы"
    assert state_of(office, f"parcels/{number}", "buyer") == "Собирается в Алматы"
    assert not office.see("operator", f"parcels/{number}")["moves"] or "dispatch" in {
        move["name"] for move in office.see("operator", f"parcels/{number}")["moves"]
    }


def test_a_parcel_follows_its_orders_to_the_end(office: Office) -> None:
    orders = [new_order(office, "at_china_warehouse") for _ in range(2)]
    number = parcel(office, "almaty", orders)
    path, seen = f"parcels/{number}", []
    seen.append(state_of(office, path))
    depart(office, truck(office, *orders))
    seen.append(state_of(office, path))
    for order in orders:
        bring(office, order, "left_china", "at_almaty")
        office.do("operator", f"orders/{order}", "pack", mode="almaty")
        seen.append(state_of(office, path))
    office.do("operator", path, "dispatch")
    seen.append(state_of(office, path))
    office.do("operator", path, "courier_delivered")
    seen.append(state_of(office, path))
    assert seen == [
        "Заказы едут в Алматы",
        "Заказы едут в Алматы",
        "Собирается в Алматы",
        "Упакована",
        "У курьера по Алматы",
        "Вручена",
    ]
    assert {state_of(office, f"orders/{order}") for order in orders} == {"Доставлен"}


def test_an_order_lies_in_one_parcel(office: Office) -> None:
    order = new_order(office, "paid")
    first, second = (
        parcel(office, "almaty", [order]),
        made(office, "operator", "parcels", "open", mode="almaty"),
    )
    answer = office.api("operator", "post", f"parcels/{second}/loadings", {"orders": [order]})
    assert answer.status == 409, answer.body
    assert [one["number"] for one in office.see("buyer", f"orders/{order}")["parcels"]] == [first]


def test_an_order_in_a_parcel_is_received_as_the_parcel_is(office: Office) -> None:
    order = new_order(office, "at_almaty")
    path = f"orders/{order}"
    parcel(office, "kazakhstan", [order])
    assert office.refused("buyer", path, "choose_mode", mode="pickup").body["guard"] == "lies_in_no_parcel"
    assert office.refused("operator", path, "pack", mode="almaty").body["guard"] == "buyers_choice"
    office.do("operator", path, "pack", mode="kazakhstan")
    refusal = office.refused("operator", path, "send", local_number="EE495977191KZ")
    assert refusal.body["guard"] == "lies_in_no_parcel"


@pytest.mark.promise("S3.1")
@pytest.mark.parametrize(
    ("mode", "number", "said"), [("almaty", "", "У курьера по Алматы"), ("kazakhstan", EMS, EMS)]
)
def test_an_order_is_followed_to_almaty_and_its_parcel_from_there_on_one_page(
    office: Office, mode: str, number: str, said: str
) -> None:
    order = new_order(office, "at_almaty")
    path = f"orders/{order}/"
    inside = parcel(office, mode, [order])
    office.do("operator", f"orders/{order}", "pack", mode=mode)
    page = tree(office.html("buyer", path))
    steps = [text(step) for step in with_class(page, "trace")[0]]
    assert steps == ["Выкуп", "Склад в Китае", "В пути в Алматы", "В Алматы", "У получателя"]
    assert said not in text(page)
    office.do("operator", f"parcels/{inside}", "dispatch", **({"local_number": number} if number else {}))
    page = tree(office.html("buyer", path))
    assert text(with_class(page, "pill")[0]) == "Отправлен получателю"
    assert [text(step) for step in with_class(page, "trace")[0]] == steps
    assert said in text(by_id(page, "shipment") if number else page)
    assert f"Посылка {inside}" in text(page)
