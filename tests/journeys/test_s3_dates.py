"""When an order comes to Almaty: its truck's date, told again when it moves, never a past day as future."""

from typing import Any

import pytest

from tests.journeys.forwarding import bring, depart, mails, new_order, parcel, told, truck
from tests.journeys.markup import text, tree, with_class
from tests.journeys.office import Office, moment

pytestmark = pytest.mark.django_db

PROFILE = "forwarder"
UNKNOWN = "Дата прибытия пока неизвестна"


def on_the_road(office: Office, count: int, expected_at: str = "2026-10-10") -> tuple[str, list[str]]:
    """A truck that has left with so many orders."""
    orders = [new_order(office, "at_china_warehouse") for _ in range(count)]
    haul = truck(office, *orders)
    depart(office, haul, expected_at)
    return haul, orders


def change(office: Office, haul: str, day: str) -> None:
    office.do("logist", f"hauls/{haul}", "change_eta", expected_at=day)


def expected(office: Office, orders: list[str], role: str = "buyer") -> list[Any]:
    return [office.see(role, f"orders/{order}")["expected_on"] for order in orders]


@pytest.mark.promise("S3.26")
def test_a_trucks_new_date_is_that_of_all_its_orders_and_a_large_change_is_told(office: Office) -> None:
    haul, orders = on_the_road(office, 3)
    other, (elsewhere,) = on_the_road(office, 1, "2026-10-20")
    assert expected(office, orders) == ["2026-10-10"] * 3
    change(office, haul, "2026-10-12")
    assert expected(office, orders) == ["2026-10-12"] * 3
    assert mails("eta_moved") == []
    change(office, haul, "2026-10-15")
    assert expected(office, orders) == ["2026-10-15"] * 3
    assert mails("eta_moved") == [["buyer"]] * 3
    assert expected(office, [elsewhere]) == ["2026-10-20"]
    assert all(told(office, f"orders/{order}")[-1] == "eta_moved" for order in orders)
    said = office.read("buyer", f"orders/{orders[0]}/")
    assert "Ожидается 15 октября 2026 г." in said
    office.press("logist", f"hauls/{haul}", "change_eta", expected_at="2026-10-09")
    assert expected(office, orders) == ["2026-10-09"] * 3
    assert mails("eta_moved") == [["buyer"]] * 6
    assert other != haul


@pytest.mark.promise("S3.26")
def test_many_small_changes_are_told_when_together_they_are_large(office: Office) -> None:
    haul, orders = on_the_road(office, 1)
    for day, times in (
        ("2026-10-11", 0),
        ("2026-10-12", 0),
        ("2026-10-13", 1),
        ("2026-10-15", 1),
        ("2026-10-16", 2),
    ):
        change(office, haul, day)
        assert len(mails("eta_moved")) == times, day
    newest = office.see("buyer", f"orders/{orders[0]}/history")["history"][0]
    assert [(one["label"], one["value"]) for one in newest["fields"]] == [
        ("Expected date as it was told", "2026-10-16")
    ]


@pytest.mark.promise("S3.26")
def test_the_letter_names_the_new_date(office: Office) -> None:
    haul, (order,) = on_the_road(office, 1)
    buyer = "buyer-forwarder@example.com"
    office.letters(buyer)
    change(office, haul, "2026-10-12")
    assert office.letters(buyer) == []
    change(office, haul, "2026-10-14")
    (letter,) = office.letters(buyer)
    said = f"The date of order {order} has changed: it is expected in Almaty on 14 October."
    assert said in letter.body.replace("\xa0", " ")


@pytest.mark.promise("S3.26")
def test_how_many_days_are_a_large_change_is_a_setting(office: Office) -> None:
    office.business.settings = {"eta_notice_days": 5}
    office.business.save(update_fields=["settings"])
    haul, _orders = on_the_road(office, 1)
    change(office, haul, "2026-10-15")
    assert mails("eta_moved") == []
    change(office, haul, "2026-10-16")
    assert mails("eta_moved") == [["buyer"]]


def test_the_same_date_again_is_no_change(office: Office) -> None:
    haul, _orders = on_the_road(office, 1)
    refusal = office.refused("logist", f"hauls/{haul}", "change_eta", expected_at="2026-10-10")
    assert refusal.body["guard"] == "is_another_date"


@pytest.fixture
def four(office: Office) -> tuple[str, list[str]]:
    """A parcel whose orders are: paid, on a truck of the tenth, on one of the twentieth, and in Almaty."""
    bought = new_order(office, "paid")
    _, (tenth,) = on_the_road(office, 1)
    _, (twentieth,) = on_the_road(office, 1, "2026-10-20")
    here = new_order(office, "at_almaty")
    orders = [bought, tenth, twentieth, here]
    return parcel(office, "almaty", orders), orders


def rows(html: str) -> dict[str, str]:
    """What is read in the row of each order: by its number."""
    page = tree(html)
    found = [text(row) for shown in (*with_class(page, "rows"), *page.iter("tbody")) for row in shown]
    return {row.split("Заказ ")[1].split()[0]: row for row in found if "Заказ " in row}


@pytest.mark.promise("S3.27")
@pytest.mark.parametrize("place", ["my/", "orders/", "parcel"])
def test_the_list_and_the_parcel_say_the_date_or_that_nobody_knows_it_yet(
    office: Office, four: Any, place: str
) -> None:
    number, (bought, tenth, twentieth, here) = four
    address = f"parcels/{number}/" if place == "parcel" else place
    shown = rows(office.html("buyer", address))
    assert UNKNOWN in shown[bought]
    assert "Ожидается 10 октября 2026 г." in shown[tenth]
    assert "Ожидается 20 октября 2026 г." in shown[twentieth]
    assert "Ожидается" not in shown[here]
    assert UNKNOWN not in shown[here]
    office.go_to(moment("2026-10-12 09:00"))
    shown = rows(office.html("buyer", address))
    assert "Ожидался 10 октября 2026 г., ещё не прибыл" in shown[tenth]
    assert "Ожидается" not in shown[tenth]
    assert "Ожидается 20 октября 2026 г." in shown[twentieth]


@pytest.mark.promise("S3.27")
def test_rest_tells_the_date_and_that_it_has_passed(office: Office, four: Any) -> None:
    number, orders = four
    office.go_to(moment("2026-10-12 09:00"))
    for listed in (
        office.see("buyer", "orders")["orders"],
        office.see("buyer", f"parcels/{number}")["orders"],
    ):
        by_number = {one["number"]: (one["expected_on"], one["is_expected_past"]) for one in listed}
        assert [by_number[order] for order in orders] == [
            (None, False),
            ("2026-10-10", True),
            ("2026-10-20", False),
            (None, False),
        ]


def test_a_truck_that_is_late_is_flagged_and_its_logist_asked_until_the_date_moves(office: Office) -> None:
    haul, _orders = on_the_road(office, 1)
    office.go_to(moment("2026-10-10 18:30"))
    assert office.see("logist", f"hauls/{haul}")["flags"] == []
    office.go_to(moment("2026-10-10 20:00"))  # past midnight in Almaty
    assert [flag["key"] for flag in office.see("logist", f"hauls/{haul}")["flags"]] == ["eta_passed"]
    assert [task["number"] for task in office.see("logist", "tasks")["tasks"]] == [haul]
    assert f"Рейс {haul} Должна была уже приехать" in office.read("logist", "")
    change(office, haul, "2026-10-14")
    assert office.see("logist", f"hauls/{haul}")["flags"] == []
    office.go_to(moment("2026-10-15 09:00"))
    assert [flag["key"] for flag in office.see("logist", f"hauls/{haul}")["flags"]] == ["eta_passed"]


def test_an_order_that_came_has_no_date_ahead(office: Office) -> None:
    _haul, (order,) = on_the_road(office, 1)
    bring(office, order, "left_china", "at_almaty")
    assert expected(office, [order]) == [None]
    assert UNKNOWN not in office.read("buyer", f"orders/{order}/")
