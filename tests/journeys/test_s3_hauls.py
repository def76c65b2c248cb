"""A truck brings many orders at once: one manifest, one action, and a list of what was missing when it was unloaded."""

import re

import pytest

from tests.journeys.forwarding import bulk, depart, made, mails, many_orders, new_order, state_of, told, truck
from tests.journeys.office import Office, text_of

pytestmark = pytest.mark.django_db

PROFILE = "forwarder"
MANY = 200


def states(office: Office, haul: str) -> list[str]:
    """The states of the orders on a truck, as REST tells the operator."""
    return [order["state"]["key"] for order in office.see("operator", f"hauls/{haul}")["orders"]]


@pytest.mark.promise("S3.15", "S3.16")
def test_two_hundred_orders_depart_in_one_action_and_the_two_that_are_missing_stand_on_a_list(
    office: Office,
) -> None:
    from sledi.history.models import Record

    orders = many_orders(office, MANY)
    haul = truck(office, *orders)
    before = Record.objects.count()
    moved = depart(office, haul)
    assert len(moved["also"]) == MANY
    assert states(office, haul) == ["left_china"] * MANY
    lines = Record.objects.filter(act="depart", level="order")
    assert lines.count() == lines.values("subject_id").distinct().count() == MANY
    assert Record.objects.count() == before + MANY + 1
    assert mails("depart").count(["buyer"]) == MANY
    assert state_of(office, f"orders/{orders[7]}", "buyer") == "Отправлен со склада из Китая"

    scanned, short = orders[:198], orders[198:]
    office.do("operator", f"hauls/{haul}", "arrive")
    bulk(office, scanned, "arrive")
    office.do("operator", f"hauls/{haul}", "close")
    assert sorted(states(office, haul)) == ["at_almaty"] * 198 + ["left_china"] * 2
    assert state_of(office, f"orders/{scanned[0]}", "buyer") == "На складе в Алматы"
    tasks = office.see("operator", "tasks?reason=report_short")["tasks"]
    assert sorted(task["number"] for task in tasks) == sorted(short)
    assert {task["label"] for task in tasks} == {"Missing when unloaded"}
    desk = office.read("operator", "")
    assert re.findall(r"Заказ (\w+) Не хватило при приёмке", desk) == sorted(
        short, key=lambda order: desk.index(f"Заказ {order} Не хватило")
    )
    arrived = mails("arrive")
    assert arrived.count(["buyer"]) == 198
    assert mails("report_short") == [[], []]
    for order in short:
        assert state_of(office, f"orders/{order}", "buyer") == "Отправлен со склада из Китая"
        assert "arrive" not in told(office, f"orders/{order}")


def test_what_comes_later_is_received_and_leaves_the_list(office: Office) -> None:
    order = new_order(office, "at_china_warehouse")
    haul = truck(office, order)
    depart(office, haul)
    office.do("operator", f"hauls/{haul}", "arrive")
    office.do("operator", f"hauls/{haul}", "close")
    assert [task["number"] for task in office.see("operator", "tasks")["tasks"]] == [order]
    office.do("operator", f"orders/{order}", "arrive")
    assert office.see("operator", "tasks")["tasks"] == []
    assert "Не хватило при приёмке" not in office.read("operator", "")


def test_a_missing_order_that_somebody_has_seen_to_leaves_the_list(office: Office) -> None:
    order = new_order(office, "at_china_warehouse")
    haul = truck(office, order)
    depart(office, haul)
    office.do("operator", f"hauls/{haul}", "arrive")
    office.do("operator", f"hauls/{haul}", "close")
    (task,) = office.see("operator", "tasks")["tasks"]
    assert office.api("logist", "post", f"tasks/{task['id']}/done").status == 404
    assert office.api("operator", "post", f"tasks/{task['id']}/done").status == 204
    assert office.see("operator", "tasks")["tasks"] == []


def test_orders_are_scanned_against_the_manifest_on_the_trucks_page(office: Office) -> None:
    here, short = new_order(office, "at_china_warehouse"), new_order(office, "at_china_warehouse")
    haul, (stranger,) = truck(office, here, short), [new_order(office, "left_china")]
    depart(office, haul)
    office.do("operator", f"hauls/{haul}", "arrive")
    client, address = office.browser("operator"), f"/{PROFILE}/hauls/{haul}/contents/"
    scanned = {"numbers": f"{here}\n{stranger}\n77777777", "act": "move:arrive"}
    said = text_of(client.post(address, scanned, follow=True).content.decode())
    assert "Готово: Принять в Алматы · 1 заказ" in said
    assert f"Таких заказов здесь нет: {stranger}, 77777777" in said
    assert state_of(office, f"orders/{here}", "buyer") == "На складе в Алматы"
    assert [state_of(office, f"orders/{one}") for one in (short, stranger)] == [
        "Отправлен со склада из Китая"
    ] * 2
    assert client.post(address, {**scanned, "act": "move:pack_up"}).status_code in (403, 404)
    said = text_of(
        client.post(address, {"numbers": here, "act": "move:arrive"}, follow=True).content.decode()
    )
    assert f"{here}: " in said


def test_a_truck_leaves_only_with_orders_that_are_at_the_warehouse(office: Office) -> None:
    here, elsewhere = new_order(office, "at_china_warehouse"), new_order(office, "processing")
    empty = made(office, "logist", "hauls", "open", vehicle="MAN")
    refusal = office.refused("logist", f"hauls/{empty}", "depart", expected_at="2026-10-10")
    assert refusal.body["guard"] == "has_orders"
    haul = truck(office, here, elsewhere)
    refusal = office.refused("logist", f"hauls/{haul}", "depart", expected_at="2026-10-10")
    assert (refusal.body["guard"], refusal.body["listed"]) == ("all_at_warehouse", [elsewhere])
    office.api("logist", "post", f"hauls/{haul}/unloadings", {"orders": [elsewhere]})
    said = office.press("logist", f"hauls/{haul}", "depart", expected_at="2026-10-10")
    assert "В пути в Алматы" in said
    assert states(office, haul) == ["left_china"]


def test_the_buyer_never_sees_the_truck(office: Office) -> None:
    order = new_order(office, "left_china")
    haul = office.see("operator", f"orders/{order}")["hauls"][0]["number"]
    assert office.api("buyer", "get", f"hauls/{haul}").status == 404
    assert office.browser("buyer").get(f"/{PROFILE}/hauls/{haul}/").status_code == 404
    assert office.see("buyer", f"orders/{order}")["hauls"] == []
