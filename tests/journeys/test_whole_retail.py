"""One order of an international shop from its placing to its end, over REST, each step by whom it belongs to."""

import pytest

from sledi.tracking.tests.scans import scan
from tests.journeys.office import Office
from tests.journeys.paying import Kassa
from tests.journeys.paying import kassa as kassa
from tests.journeys.shop import ABROAD, STEPS

PROFILE = "retail"


def state(office: Office, order: str, role: str = "buyer") -> str:
    return str(office.see(role, f"orders/{order}")["state"]["key"])


@pytest.mark.promise("S1.14")
def test_the_signed_word_of_the_payment_service_starts_processing_without_anybody(
    office: Office, kassa: Kassa
) -> None:
    order = office.place("buyer")
    asked = office.api("buyer", "post", f"orders/{order}/checkouts")
    assert asked.status == 201, asked.body
    kassa.press(asked.body["address"])
    assert state(office, order) == "pending"
    assert kassa.deliver(kassa.callback()) == 200
    shown = office.see("buyer", f"orders/{order}")
    assert (shown["state"]["key"], shown["state"]["parent"]) == ("payment_received", "processing")
    assert [item["state"]["key"] for item in shown["items"]] == ["payment_received"]
    told = next(
        told for told in shown["history"] if told["act"] == "receive_payment" and told["level"] == "order"
    )
    assert (told["actor"]["kind"], told["cause"]) == ("payment", "payment")


def test_a_shop_order_from_the_placing_to_the_end_of_its_returns(office: Office, kassa: Kassa) -> None:
    order = office.place(
        "buyer",
        {"name": "Teapot", "unit_price": "21.90", "quantity": 2},
        {"name": "Scarf", "unit_price": "14.90"},
        recipient_name="Анна Белова",
        city="Казань",
        street="Баумана, 5",
        destination="RU",
    )
    path = f"orders/{order}"
    assert office.see("buyer", path)["amounts"]["total"] == {"amount": "58.70", "currency": "RUB"}
    kassa.press(office.api("buyer", "post", f"{path}/checkouts").body["address"])
    assert kassa.deliver(kassa.callback()) == 200
    assert state(office, order) == "payment_received"
    office.wait(hours=3)
    office.do("platform", path, "confirm_payment", safety_check="passed")
    office.wait(hours=20)
    office.do("operator", path, "start_packing")
    for line in (1, 2):
        for move, field in STEPS:
            office.do("operator", f"items/{order}.{line}", move, **{field: True})
    office.do("operator", path, "ship", tracking_number=ABROAD)
    assert state(office, order) == "shipped"
    office.wait(days=9)
    office.scan(ABROAD, scan("orig.accepted", occurred_at=office.now))
    assert state(office, order) == "shipped"
    office.wait(days=12)
    office.scan(ABROAD, scan("done.delivered", occurred_at=office.now, country="RU", place="Казань"))
    shown = office.see("buyer", path)
    assert (shown["state"]["key"], shown["state"]["is_final"]) == ("delivered", True)
    assert {item["state"]["key"] for item in shown["items"]} == {"delivered"}
    # Delivered on Tuesday 20 October 2026 in Russia: fourteen days of returns, and the last of them whole.
    assert shown["window_ends_at"] == "2026-11-03T21:00:00+00:00"
    assert shown["amounts"]["paid"]["amount"] == "58.70"
    assert [told["to"] for told in reversed(shown["history"]) if told["level"] == "order"] == [
        "pending",
        "payment_received",
        "payment_confirmed",
        "packaging",
        "shipped",
        "delivered",
    ]
    assert office.see("operator", path)["moves"] == []
