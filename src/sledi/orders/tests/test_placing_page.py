"""An order placed by form: several lines, a refusal that keeps what was typed, twice pressed is once."""

import re
from typing import Any

import pytest
from django.test import Client

from sledi.orders.models import Item, Order
from sledi.orders.tests.doors import signed_in, text_of
from sledi.orders.tests.stage import Stage

PATH = "/buyout/orders/new/"
KETTLE = {"items-0-name": "Чайник", "items-0-quantity": "2", "items-0-unit_price": "1 250,50"}
CUP = {"items-1-name": "Кружка", "items-1-quantity": "1", "items-1-unit_price": "90"}


def key_on(client: Client) -> str:
    """The key of a new form."""
    found = re.search(r'name="key" value="([^"]+)"', client.get(PATH).content.decode())
    assert found
    return found[1]


def sent(client: Client, *parts: dict[str, str], **more: str) -> Any:
    data = {key: value for part in parts for key, value in part.items()}
    return client.post(PATH, {"key": key_on(client), "act": "place", **data, **more})


def test_several_items_become_one_order_of_who_sent_the_form(stage: Stage) -> None:
    client = signed_in(stage, "reseller")
    answer = sent(client, KETTLE, CUP, recipient_name="Анна", city="Казань", destination="RU")
    order = Order.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/buyout/orders/{order.number}/")
    assert (order.reseller_id, order.recipient_name, order.destination) == (
        stage.person("reseller").pk,
        "Анна",
        "RU",
    )
    assert order.address == {"city": "Казань"}
    assert list(Item.objects.order_by("line").values_list("name", "quantity", "unit_price_minor")) == [
        ("Чайник", 2, 125050),
        ("Кружка", 1, 9000),
    ]
    assert order.goods_minor == 259100


def test_pressing_twice_places_one_order(stage: Stage) -> None:
    client = signed_in(stage, "reseller")
    data = {"key": key_on(client), "act": "place", **KETTLE}
    first, second = client.post(PATH, data), client.post(PATH, data)
    assert first["Location"] == second["Location"]
    assert Order.objects.count() == 1


def test_a_line_more_keeps_what_was_typed_and_places_nothing(stage: Stage) -> None:
    client = signed_in(stage, "reseller")
    page = client.post(PATH, {"key": key_on(client), "act": "add", **KETTLE}).content.decode()
    assert 'name="items-0-name" value="Чайник"' in page
    assert 'name="items-1-name"' in page
    assert 'name="items-2-name"' not in page
    gone = client.post(PATH, {"key": key_on(client), "act": "drop-0", **KETTLE, **CUP}).content.decode()
    assert 'name="items-0-name" value="Кружка"' in gone
    assert "Чайник" not in gone
    assert not Order.objects.exists()


def test_what_is_wrong_stands_beside_its_field_with_what_was_typed(stage: Stage) -> None:
    client = signed_in(stage, "reseller", language="ru")
    wrong = {**KETTLE, "items-0-unit_price": "дорого", "items-1-quantity": "3", "items-1-unit_price": "5"}
    answer = sent(client, wrong, destination="XX")
    page = answer.content.decode()
    assert answer.status_code == 422
    for name in ("items-0-unit_price", "items-1-name", "destination"):
        assert f'id="new-{name}-error"' in page, name
        assert f'href="#new-{name}"' in page, name
    assert 'value="дорого"' in page
    assert "«Название товара»" in text_of(answer)
    assert not Order.objects.exists()


def test_who_orders_for_himself_cannot_say_what_the_service_costs(stage: Stage) -> None:
    page = signed_in(stage, "reseller").get(PATH).content.decode()
    assert 'name="items-0-fee"' not in page
    assert 'name="items-0-fee"' in signed_in(stage, "operator").get(PATH).content.decode()
    sent(signed_in(stage, "reseller"), KETTLE, **{"items-0-fee": "1"})
    assert Item.objects.get().fee_minor == 0


def test_somebody_who_is_no_member_in_a_role_is_named_beside_the_field(stage: Stage) -> None:
    answer = sent(signed_in(stage, "operator", language="ru"), KETTLE, reseller="nobody@example.com")
    assert answer.status_code == 422
    assert 'id="new-reseller-error"' in answer.content.decode()
    assert not Order.objects.exists()


@pytest.mark.parametrize("role", ["end_buyer"])
def test_who_may_not_place_orders_has_no_such_page(stage: Stage, role: str) -> None:
    assert signed_in(stage, role).get(PATH).status_code == 404


@pytest.mark.parametrize("stage", ["tracker"], indirect=True)
def test_a_business_without_orders_has_no_such_page(stage: Stage) -> None:
    assert signed_in(stage, "support").get("/tracker/orders/new/").status_code == 404
