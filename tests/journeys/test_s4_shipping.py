"""A marketplace's shipping: the time to prepare, the mandatory number, the chosen carrier, the promised delivery."""

import re
from datetime import timedelta
from typing import Any

import pytest

from sledi.orders.models import Outbox
from tests.journeys.office import Answer, Office, moment, written
from tests.journeys.sales import (
    BY_ECONT,
    ENCLOSED,
    NUMBER,
    SHIPMENT,
    disputed,
    handed_over,
    pay,
    processed,
    processing,
    sold,
    state,
)

pytestmark = pytest.mark.django_db
PROFILE = "marketplace"


def flags(office: Office, order: str, role: str = "platform") -> list[str]:
    return [one["key"] for one in office.see(role, f"orders/{order}")["flags"]]


def told(office: Office, act: str) -> list[str]:
    """Whom the last thing of this name reached."""
    return list(Outbox.objects.filter(act=act, level="order").latest("id").who)


# --- S4.12: the time to prepare -------------------------------------------------------------------------------


@pytest.mark.promise("S4.12")
def test_on_the_fourth_day_of_three_the_order_is_late_and_the_buyer_may_ask_to_cancel(office: Office) -> None:
    order, other = processed(office, processing_days=3), processed(office, processing_days=9)
    office.do("seller", f"orders/{order}", "start")
    assert "Изпращане до 1 октомври" in office.read("seller", f"orders/{order}/", language="bg").replace(
        "\xa0", " "
    )
    office.go_to(moment("2026-10-01 20:59"))  # the last minute of the third day in Sofia
    assert flags(office, order) == []
    refusal = office.refused("buyer", f"orders/{order}", "request_cancellation")
    assert (refusal.status, refusal.body["guard"]) == (409, "seller_is_late")
    office.go_to(moment("2026-10-01 21:00"))
    assert (flags(office, order), flags(office, other)) == (["handling_late"], [])
    assert told(office, "handling_late") == ["buyer", "seller"]
    assert "Изпращането закъснява" in office.read("seller", f"orders/{order}/", language="bg")
    assert "Изпращането закъснява" in office.read("buyer", f"orders/{order}/", language="bg")
    assert metric(office, "platform") == metric(office, "seller") == [("Seller", 2, 1, 0)]
    office.do("buyer", f"orders/{order}", "request_cancellation")
    assert "Поискайте отказ на поръчката" in office.read("platform", "", language="bg")
    office.do("platform", f"orders/{order}", "cancel", cancel_reason="late")
    seen = office.see("buyer", f"orders/{order}")
    assert (seen["state"]["key"], seen["amounts"]["refunded"]["amount"]) == ("cancelled", "105.00")
    assert metric(office, "platform") == [("Seller", 2, 1, 0)], "what was late stays counted"


def metric(office: Office, role: str) -> list[tuple[str, int, int, int]]:
    """Of each seller: orders, shipped late, delivered late."""
    report = office.see(role, "reports/sellers?since=2026-09-01&until=2026-12-31")
    return [
        (one["name"], one["orders"], *(flag["orders"] for flag in one["raised"])) for one in report["rows"]
    ]


def test_the_time_to_prepare_is_the_longest_of_the_goods(office: Office) -> None:
    lamp = {"name": "Лампа", "unit_price": "50.00", "processing_days": 1}
    table = {"name": "Маса", "unit_price": "50.00", "processing_days": 5}
    order = processed(office, lamp, table)
    office.go_to(moment("2026-10-03 20:59"))
    assert flags(office, order) == []
    office.go_to(moment("2026-10-03 21:00"))
    assert flags(office, order) == ["handling_late"]


def test_nobody_else_reads_how_sellers_keep_their_word(office: Office) -> None:
    processed(office)
    processed(office, seller="ivan")
    assert metric(office, "buyer") == []
    assert [row[:2] for row in metric(office, "platform")] == [("Ivan", 1), ("Seller", 1)]
    own = office.api("seller", "get", "reports/sellers?since=2026-09-01&until=2026-12-31", name="ivan")
    assert [(one["name"], one["orders"]) for one in own.body["rows"]] == [("Ivan", 1)]


# --- S4.14: the tracking number is mandatory ------------------------------------------------------------------

IN_TEXT = "Тръгна днес с пощата, номер RR 123 456 785 BG, поздрави"
FOUND = (
    f"В текста има номер {NUMBER}. Проверете го, въведете го в полето „Номер на пратката“ и запазете отново."
)


@pytest.mark.promise("S4.14")
def test_shipped_without_a_number_is_refused_by_page_api_file_and_command(office: Office) -> None:
    order = processing(office)
    refusal = office.refused("seller", f"orders/{order}", "ship", **ENCLOSED)
    assert (refusal.status, refusal.kind) == (422, "missing-field")
    assert refusal.body["errors"][0]["pointer"] == "/fields/tracking_number"
    said = untouched(
        office, lambda: office.press("seller", f"orders/{order}", "ship", language="bg", **ticked())
    )
    assert "Попълнете полето „Номер на пратката“." in said
    code, said = untouched(office, lambda: office.shell("seller", "order", "move", order, "ship", *ticks()))
    assert (code, "Fill in the field “Tracking number”." in said) == (1, True)
    answer = untouched(office, lambda: by_file(office, order))
    assert (answer.body["done"], answer.body["refused"]) == (0, 1)
    assert answer.body["rows"][0]["problem"]["field"] == "tracking_number"
    answer = untouched(office, lambda: many(office, order))
    assert (answer.body["done"], answer.body["refused"]) == (0, 1)
    assert state(office, order) == "processing"


@pytest.mark.promise("S4.14")
def test_a_number_typed_only_in_the_comment_is_taken_out_and_shown_for_confirmation(office: Office) -> None:
    order = processing(office)
    refusal = office.refused("seller", f"orders/{order}", "ship", note=IN_TEXT, **ENCLOSED)
    assert (refusal.kind, refusal.body["listed"]) == ("missing-field", [NUMBER])
    code, said = untouched(
        office,
        lambda: office.shell(
            "seller", "order", "move", order, "ship", "--field", f"note={IN_TEXT}", *ticks()
        ),
    )
    assert (code, NUMBER in said) == (1, True)
    answer = untouched(office, lambda: by_file(office, order, note=IN_TEXT))
    assert answer.body["rows"][0]["problem"]["listed"] == [NUMBER]
    client = office.browser("seller", language="bg")
    address = f"/{office.business.slug}/orders/{order}/moves/ship/"
    page = untouched(office, lambda: client.post(address, {"note": IN_TEXT, **ticked()})).content.decode()
    assert FOUND in page
    assert f'name="tracking_number" value="{NUMBER}"' in page
    assert state(office, order) == "processing"
    office.press(
        "seller", f"orders/{order}", "ship", language="bg", note=IN_TEXT, tracking_number=NUMBER, **ticked()
    )
    assert state(office, order) == "shipped"
    assert [one["number"] for one in parcels(office, order)[0]["numbers"]] == [NUMBER]


def untouched(office: Office, act: Any) -> Any:
    """What an act came to that must leave nothing behind."""
    office.see("seller", "orders")
    office.browser("seller", language="bg")
    before = written()
    answer = act()
    assert written() == before, "a refused move left something behind"
    return answer


def ticked() -> dict[str, str]:
    return dict.fromkeys(ENCLOSED, "true")


def ticks() -> list[str]:
    return [part for key in ENCLOSED for part in ("--field", f"{key}=yes")]


def by_file(office: Office, order: str, **fields: str) -> Answer:
    """A row of a CSV file of moves."""
    from django.test import Client

    cells = {"level": "order", "number": order, "move": "ship", **dict.fromkeys(ENCLOSED, "yes"), **fields}
    quoted = ",".join('"' + text + '"' for text in cells.values())
    answer = Client().post(
        f"/api/v1/businesses/{office.business.slug}/imports/moves",
        ",".join(cells) + "\n" + quoted + "\n",
        content_type="text/csv",
        headers={"authorization": f"Bearer {office._key('seller', '')}"},
    )
    return Answer(answer.status_code, answer.json(), answer.headers)


def many(office: Office, order: str, **fields: Any) -> Answer:
    """The same by the API for many at once."""
    row = {"number": order, "fields": {**ENCLOSED, **fields}}
    return office.api("seller", "post", "orders/moves/ship", {"rows": [row]})


def parcels(office: Office, order: str, role: str = "seller") -> list[Any]:
    found: list[Any] = office.see(role, f"orders/{order}/parcels")["parcels"]
    return found


# --- S4.13: SHIPPED with its number ---------------------------------------------------------------------------


def test_the_seller_ships_with_a_number_that_the_buyer_can_follow(office: Office) -> None:
    order = processing(office)
    assert office.do("seller", f"orders/{order}", "ship", **SHIPMENT)["to"] == "shipped"
    assert told(office, "ship") == ["buyer"]
    assert [one["number"] for one in parcels(office, order, "buyer")[0]["numbers"]] == [NUMBER]


# --- S4.15: the carrier the buyer chose -----------------------------------------------------------------------

OTHER_CARRIER = (
    "Купувачът избра друг превозвач, а номерът не е негов. "
    "Изпратете с избрания или напишете защо изпращате с друг."
)


def chosen(office: Office, **option: Any) -> str:
    """An order in preparation, with what its buyer chose for the delivery."""
    order = sold(office)
    office.do("platform", f"orders/{order}", "set_delivery_option", **option)
    pay(office, order)
    office.do("platform", f"orders/{order}", "process")
    office.do("seller", f"orders/{order}", "start")
    return order


@pytest.mark.promise("S4.15")
def test_a_number_of_another_carrier_than_the_chosen_one_is_warned_of_and_takes_a_reason(
    office: Office,
) -> None:
    order = chosen(office, chosen_carrier="econt")
    refusal = office.refused("seller", f"orders/{order}", "ship", **SHIPMENT)
    assert (refusal.status, refusal.body["guard"]) == (409, "carrier_as_chosen")
    asked = {**ticked(), "tracking_number": NUMBER}
    said = untouched(
        office, lambda: office.press("seller", f"orders/{order}", "ship", language="bg", **asked)
    )
    assert OTHER_CARRIER in said
    answer = untouched(office, lambda: by_file(office, order, tracking_number=NUMBER))
    assert answer.body["rows"][0]["problem"]["guard"] == "carrier_as_chosen"
    office.do("seller", f"orders/{order}", "ship", **SHIPMENT, carrier_reason="Еконт не приема стъкло")
    assert state(office, order) == "shipped"
    assert "Еконт не приема стъкло" in office.read("platform", f"orders/{order}/", language="bg")
    fits = chosen(office, chosen_carrier="econt")
    office.do("seller", f"orders/{fits}", "ship", **{**SHIPMENT, "tracking_number": BY_ECONT})
    assert state(office, fits) == "shipped"


def test_another_carrier_that_the_seller_names_himself_is_warned_of_too(office: Office) -> None:
    order = chosen(office, chosen_carrier="econt")
    fields = {**SHIPMENT, "tracking_number": BY_ECONT, "carrier": "speedy"}
    assert office.refused("seller", f"orders/{order}", "ship", **fields).body["guard"] == "carrier_as_chosen"


# --- S4.16: the period of the chosen option -------------------------------------------------------------------


@pytest.mark.promise("S4.16")
@pytest.mark.parametrize(
    ("option", "begins", "until"),
    [
        # Shipped on Monday 28 September 2026 in Sofia, three hours ahead of UTC until 25 October.
        ({"delivery_days": 7}, "2026-10-05 21:00", "5 октомври"),
        ({"delivery_working_days": 7}, "2026-10-07 21:00", "7 октомври"),
    ],
)
def test_when_the_eighth_day_after_shipping_begins_the_delivery_is_late(
    office: Office, option: dict[str, int], begins: str, until: str
) -> None:
    order = chosen(office, **option)
    office.do("seller", f"orders/{order}", "ship", **SHIPMENT)
    assert f"Доставка до {until}" in office.read("buyer", f"orders/{order}/", language="bg").replace(
        "\xa0", " "
    )
    office.go_to(moment(begins) - timedelta(minutes=1))
    assert flags(office, order) == []
    office.go_to(moment(begins))
    assert flags(office, order) == ["delivery_late"]
    assert told(office, "delivery_late" if "delivery_days" in option else "delivery_late_working") == [
        "buyer",
        "platform",
    ]
    assert "Доставката закъснява" in office.read("buyer", f"orders/{order}/", language="bg")
    assert f"Поръчка {order} Доставката закъснява" in office.read("platform", "", language="bg")


def test_what_was_delivered_in_time_is_never_late(office: Office) -> None:
    order = chosen(office, delivery_days=7)
    office.do("seller", f"orders/{order}", "ship", **SHIPMENT)
    office.wait(days=6)
    office.scan(NUMBER, handed_over(office.now))
    office.do("seller", f"orders/{order}", "complete")
    office.wait(days=5)
    assert flags(office, order) == []


def test_what_was_delivered_in_time_is_not_late_because_the_seller_has_not_said_so(office: Office) -> None:
    order = chosen(office, delivery_days=7)
    office.do("seller", f"orders/{order}", "ship", **SHIPMENT)
    office.wait(days=6)
    office.scan(NUMBER, handed_over(office.now))
    office.wait(days=3)
    assert flags(office, order) == []


# --- S4.38: what lies in the package --------------------------------------------------------------------------

DOCUMENTS = {
    "warranty_card": ("Гаранционната карта е в пакета", "Отпечатайте: Гаранционна карта"),
    "invoice": ("Фактурата или разписката е в пакета", "Отпечатайте: Фактура или разписка"),
    "return_form": ("Формулярът за връщане на английски е в пакета", "Отпечатайте: Формуляр за връщане"),
}


@pytest.mark.promise("S4.38")
def test_the_shipping_form_lists_the_three_documents_each_with_its_print_link_and_a_tick(
    office: Office,
) -> None:
    order = processing(office)
    client = office.browser("seller", language="bg")
    details = {"legal_name": "„Светлина“ ЕООД", "address": "София", "company_number": "831641791"}
    client.post(f"/{office.business.slug}/seller-details/", details)
    assert_links_and_ticks(office, f"orders/{order}/moves/ship/", order)
    (ship,) = (one for one in office.see("seller", f"orders/{order}/moves")["moves"] if one["name"] == "ship")
    assert [one["document"] for one in ship["fields"] if one["document"]] == list(DOCUMENTS)
    assert_links_and_ticks(office, f"orders/{order}/", order)


def assert_links_and_ticks(office: Office, path: str, order: str) -> None:
    html, read = office.html("seller", path, language="bg"), office.read("seller", path, language="bg")
    for key, (tick, link) in DOCUMENTS.items():
        assert re.search(rf'<input type="checkbox" id="[\w-]+" name="{key}" value="true"', html)
        assert f"{tick} {link}" in read
        address = f"/{office.business.slug}/orders/{order}/documents/{key}/"
        assert f'href="{address}"' in html
        answer = office.browser("seller", language="bg").get(address)
        assert (answer.status_code, answer["Content-Type"], answer.content[:5]) == (
            200,
            "application/pdf",
            b"%PDF-",
        )


@pytest.mark.promise("S4.38")
def test_a_missing_enclosure_takes_a_reason_and_both_are_in_the_history(office: Office) -> None:
    order = processing(office)
    partly = {"tracking_number": NUMBER, "warranty_card": True, "invoice": True}
    assert office.refused("seller", f"orders/{order}", "ship", **partly).body["guard"] == "enclosures"
    some = dict.fromkeys(("warranty_card", "invoice"), "true")
    said = untouched(
        office,
        lambda: office.press(
            "seller", f"orders/{order}", "ship", language="bg", tracking_number=NUMBER, **some
        ),
    )
    assert "Отбележете трите документа в пакета или напишете защо някой липсва." in said
    answer = untouched(office, lambda: by_file(office, order, tracking_number=NUMBER, return_form="no"))
    assert answer.body["rows"][0]["problem"]["guard"] == "enclosures"
    arguments = [part for key in some for part in ("--field", f"{key}=yes")]
    ship = ("order", "move", order, "ship", "--field", f"tracking_number={NUMBER}", *arguments)
    assert untouched(office, lambda: office.shell("seller", *ship))[0] == 1
    office.press(
        "seller",
        f"orders/{order}",
        "ship",
        language="bg",
        tracking_number=NUMBER,
        enclosure_reason="Принтерът е счупен",
        **some,
    )
    assert state(office, order) == "shipped"
    kept = office.see("platform", f"orders/{order}/history")["history"]
    shipping = next(one for one in kept if one["act"] == "ship" and one["level"] == "order")
    fields = {one["key"]: one["value"] for one in shipping["fields"]}
    assert (fields["warranty_card"], fields["invoice"]) == (True, True)
    assert fields["enclosure_reason"] == "Принтерът е счупен"
    assert fields.get("return_form", False) is False
    assert "Принтерът е счупен" in office.read("platform", f"orders/{order}/", language="bg")


def test_a_replacement_has_the_same_three_with_their_links(office: Office) -> None:
    order = disputed(office)
    details = {"legal_name": "„Светлина“ ЕООД", "address": "София", "company_number": "831641791"}
    office.browser("seller", language="bg").post(f"/{office.business.slug}/seller-details/", details)
    office.do("seller", f"orders/{order}", "exchange", note="Пращам нова")
    assert_links_and_ticks(office, f"orders/{order}/parcels/moves/send_replacement/", order)
