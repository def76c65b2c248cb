"""A marketplace's statuses: who sees an order when, who sets which status, and what the history keeps of it."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import get_resolver

from sledi.history.models import Record
from tests.journeys.office import Office, written
from tests.journeys.paying import Kassa
from tests.journeys.paying import kassa as kassa
from tests.journeys.sales import (
    paid,
    pay,
    processed,
    processing,
    shipped,
    sold,
    state,
)

pytestmark = pytest.mark.django_db
PROFILE = "marketplace"
PLATFORM, SELLER = "platform of the journeys", "seller of the journeys"


def listed(office: Office, role: str) -> list[str]:
    """Numbers of the orders somebody's list shows."""
    return [order["number"] for order in office.see(role, "orders")["orders"]]


# --- S4.1: an order reaches its seller with the confirmed payment ---------------------------------------------


@pytest.mark.promise("S4.1")
def test_the_seller_sees_an_order_once_its_payment_is_confirmed(office: Office, kassa: Kassa) -> None:
    order = sold(office)
    assert hidden_from_the_seller(office, order)
    checkout = office.api("buyer", "post", f"orders/{order}/checkouts")
    kassa.press(checkout.body["address"])
    assert hidden_from_the_seller(office, order), "pressing is not paying"
    assert kassa.deliver(kassa.callback()) == 200
    assert hidden_from_the_seller(office, order), "paid, and the platform has not confirmed it"
    office.do("platform", f"orders/{order}", "process")
    assert listed(office, "seller") == [order]
    assert office.see("seller", f"orders/{order}")["state"]["label"] == "PROCESSED"
    assert order in office.read("seller", "orders/", language="bg")
    assert "PROCESSED" in office.read("seller", f"orders/{order}/", language="bg")


def hidden_from_the_seller(office: Office, order: str) -> bool:
    """Whether list, page, API and their search know nothing of an order."""
    office.person("seller")
    missing = office.browser("seller", language="bg").get(f"/{office.business.slug}/orders/{order}/")
    return (
        listed(office, "seller") == []
        and office.api("seller", "get", f"orders/{order}").status == 404
        and office.see("seller", f"orders?search={order}")["orders"] == []
        and missing.status_code == 404
        and order not in office.read("seller", "orders/", language="bg")
        and order not in office.read("seller", "", language="bg")
    )


def test_what_was_never_confirmed_the_seller_never_sees(office: Office) -> None:
    order = sold(office)
    office.wait(hours=73)
    assert state(office, order) == "not_confirmed"
    assert hidden_from_the_seller(office, order)


# --- S4.2: PROCESSED belongs to the platform ------------------------------------------------------------------


@pytest.mark.promise("S4.2")
def test_processed_is_set_by_the_platform_after_the_payment_and_by_no_seller(office: Office) -> None:
    order = sold(office)
    assert office.refused("seller", f"orders/{order}", "process").status == 403
    refusal = office.refused("platform", f"orders/{order}", "process")
    assert (refusal.status, refusal.body["guard"]) == (409, "paid_or_on_delivery")
    pay(office, order)
    assert office.refused("seller", f"orders/{order}", "process").status == 403
    assert state(office, order) == "paid_unconfirmed"
    assert office.do("platform", f"orders/{order}", "process")["to"] == "processed"
    assert office.refused("seller", f"orders/{order}", "process").status == 403
    assert state(office, order) == "processed"


def test_processed_in_a_file_or_a_command_of_the_seller_is_refused_too(office: Office) -> None:
    order = paid(office)
    office.see("seller", "orders")
    before = written()
    code, _said = office.shell("seller", "order", "move", order, "process")
    assert (code, written()) == (1, before)
    answer = office.api("seller", "post", "orders/moves/process", {"rows": [{"number": order}]})
    assert (answer.body["done"], written()) == (0, before)


def test_cash_on_delivery_is_processed_without_a_payment(office: Office) -> None:
    order = sold(office, is_cash_on_delivery=True)
    office.do("platform", f"orders/{order}", "process")
    assert state(office, order, "seller") == "processed"


# --- S4.8: what the seller has to start -----------------------------------------------------------------------


@pytest.mark.promise("S4.8")
def test_the_seller_s_dashboard_tells_three_orders_to_start_with_their_ages_the_oldest_first(
    office: Office,
) -> None:
    oldest = processed(office)
    office.wait(days=2)
    second = processed(office)
    office.wait(days=1)
    newest = processed(office)
    page = office.read("seller", "", language="bg")
    assert "PROCESSED Вашият ход най-дълго чакащото е от 3 дни 3" in page
    ages = f"Поръчка {oldest} PROCESSED от 3 дни Поръчка {second} PROCESSED от 1 ден Поръчка {newest} PROCESSED от днес"
    assert f"Чакат вас {ages}" in page
    rows = office.see("seller", "queues/orders/processed")["rows"]
    assert [row["number"] for row in rows] == [oldest, second, newest]
    assert [row["since"][:10] for row in rows] == ["2026-09-28", "2026-09-30", "2026-10-01"]


# --- S4.9: the history ----------------------------------------------------------------------------------------


@pytest.mark.promise("S4.9")
def test_every_change_is_told_with_who_role_states_time_and_comment(office: Office) -> None:
    order = paid(office)
    office.do("platform", f"orders/{order}", "process", note="Платено")
    office.wait(hours=2)
    office.do("seller", f"orders/{order}", "start", note="Опаковаме")
    told = [
        one for one in office.see("platform", f"orders/{order}/history")["history"] if one["level"] == "order"
    ]
    assert [told_of(one) for one in reversed(told)] == [
        (PLATFORM, "platform", "", "paid_unconfirmed", "2026-09-28T09:00:00+00:00", ""),
        ("card", "payment", "paid_unconfirmed", "paid_unconfirmed", "2026-09-28T09:00:00+00:00", ""),
        (
            "platform of the journeys",
            "platform",
            "paid_unconfirmed",
            "processed",
            "2026-09-28T09:00:00+00:00",
            "Платено",
        ),
        (
            "seller of the journeys",
            "seller",
            "processed",
            "processing",
            "2026-09-28T11:00:00+00:00",
            "Опаковаме",
        ),
    ]
    page = office.read("platform", f"orders/{order}/", language="bg")
    assert re.search(
        r"Започнете обработката \(PROCESSING\) PROCESSED → PROCESSING Опаковаме "
        r"28 септември, 14:00 UTC\+3 · seller of the journeys, Продавач",
        page,
    ), page


def told_of(one: Any) -> tuple[str, ...]:
    return (one["actor"]["name"], one["actor"]["role"], one["from"], one["to"], one["at"], one["note"])


@pytest.mark.promise("S4.9")
def test_no_address_edits_or_deletes_what_the_history_keeps(office: Office) -> None:
    order = processing(office)
    paths = json.loads(Client().get("/api/v1/openapi.json").content)["paths"]
    methods = {
        path: set(found) & {"put", "patch", "delete"} for path, found in paths.items() if "histor" in path
    }
    assert methods
    assert set().union(*methods.values()) == set()
    changing = [path for path, found in paths.items() if {"put", "patch", "delete"} & set(found)]
    assert [
        path for path in changing if ("/orders" in path or "{levels}" in path) and "/links/" not in path
    ] == []
    assert [route for route in routes() if "histor" in route] == [
        "api/v1/businesses/<business>/<levels>/<number>/history"
    ]
    address = f"orders/{order}/history"
    assert {office.api("platform", verb, address).status for verb in ("put", "patch", "delete", "post")} == {
        405
    }
    for change in (
        "UPDATE history_record SET note = 'x'",
        "DELETE FROM history_record",
        "TRUNCATE history_record",
    ):
        with pytest.raises(Exception, match="refused"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)
    assert Record.objects.filter(note="x").count() == 0


def routes() -> list[str]:
    """Every address of the site, as its table of addresses has it."""

    def below(resolver: Any, prefix: str = "") -> list[str]:
        found = []
        for one in resolver.url_patterns:
            path = prefix + str(one.pattern)
            found += below(one, path) if hasattr(one, "url_patterns") else [path]
        return found

    return below(get_resolver())


# --- S4.10: a comment with any change -------------------------------------------------------------------------

EMPTY = "Полето „Коментар към статута, купувачът ще го прочете“ остана празно."


@pytest.mark.promise("S4.10")
def test_a_change_without_a_comment_is_accepted_with_a_hint_and_with_one_the_buyer_reads_it(
    office: Office,
) -> None:
    silent, told = processed(office), processed(office)
    said = office.press("seller", f"orders/{silent}", "start", language="bg")
    assert EMPTY in said
    assert state(office, silent) == "processing"
    said = office.press("seller", f"orders/{told}", "start", language="bg", note="Готова до петък")
    assert EMPTY not in said
    assert "Готова до петък" in office.read("buyer", f"orders/{told}/", language="bg")
    assert "Готова до петък" in [
        one["note"] for one in office.see("buyer", f"orders/{told}/history")["history"]
    ]


def test_every_change_of_a_status_by_people_takes_a_comment(office: Office) -> None:
    levels = office.see("platform", "profile")["levels"]
    moves = [
        move for level in levels if level["level"] in ("order", "parcel", "case") for move in level["moves"]
    ]
    people = {"platform", "seller", "supervisor"}
    changing = [move for move in moves if move["to"] and people & set(move["roles"])]
    texts = {
        move["name"]: {field["key"] for field in move["fields"]} & {"note", "evidence"} for move in changing
    }
    assert [name for name, found in texts.items() if not found] == []
    assert len(texts) > 15


# --- S4.11: PROCESSING ----------------------------------------------------------------------------------------


@pytest.mark.promise("S4.11")
def test_the_seller_sets_processing_from_processed_and_not_from_shipped(office: Office) -> None:
    order = processed(office)
    assert office.do("seller", f"orders/{order}", "start")["to"] == "processing"
    again = shipped(office)
    refusal = office.refused("seller", f"orders/{again}", "start")
    assert (refusal.status, refusal.kind) == (409, "wrong-state")
    assert state(office, again) == "shipped"
    answer = office.browser("seller").get(f"/{office.business.slug}/orders/{again}/moves/start/")
    assert "Променете статута" not in answer.content.decode()


def test_another_seller_neither_sees_nor_starts_it(office: Office) -> None:
    order = processed(office)
    assert office.refused("seller", f"orders/{order}", "start", name="another").status == 404
    assert state(office, order) == "processed"


assert timedelta
