"""From a shop's order to where it is: the button, what it leads to, and what stands there while nothing is known."""

import re

import pytest

from sledi.tracking.tests.scans import scan
from tests.journeys.office import Office, moment
from tests.journeys.shop import ABROAD, bring, confirm, pay, place, ship, start_packing, tick

PROFILE = "retail"

KETTLE = {"name": "Kettle", "unit_price": "30.00"}
JOURNEY = (
    ("orig.accepted", "china_post", "Guangzhou", "CN", "中国广州 已收寄"),
    ("orig.hub", "china_post", "Guangzhou", "CN", "广州 已处理"),
    ("exp.office_in", "china_post", "Beijing", "CN", "到达互换局"),
    ("exp.departed", "china_post", "Beijing", "CN", "已出口互换局"),
    ("line.transit_in", "singapore_post", "Singapore", "SG", "Arrived at transit office"),
    ("line.transit_out", "singapore_post", "Singapore", "SG", "Left transit office"),
    ("imp.office_in", "russian_post", "Москва", "RU", "Прибыло на территорию РФ"),
    ("imp.customs_in", "russian_post", "Москва", "RU", "Передано таможне"),
    ("imp.customs_out", "russian_post", "Москва", "RU", "Выпущено таможней"),
    ("last.sort_in", "russian_post", "Казань", "RU", "Сортировка"),
    ("last.office_in", "russian_post", "Казань", "RU", "Прибыло в место вручения"),
    ("done.delivered", "russian_post", "Казань", "RU", "Вручено адресату"),
)


def tracking(office: Office, order: str, language: str = "en") -> str:
    """What the page behind the button says."""
    return office.read("buyer", f"orders/{order}/tracking/", language=language).replace("\xa0", " ")


def shipped(office: Office, **facts: object) -> str:
    order = place(office, {**KETTLE, "processing_days": 3}, **facts)
    pay(office, order)
    confirm(office, order)
    start_packing(office, order)
    ship(office, order)
    return order


@pytest.mark.promise("S1.24")
def test_the_row_of_a_shipped_order_leads_to_its_tracking_and_no_other_row_does(office: Office) -> None:
    waiting = bring(office, "packaging")
    order = bring(office, "shipped")
    html = office.html("buyer", "orders/", language="en")
    buttons = re.findall(
        r'<a class="btn[^"]*" href="([^"]+/tracking/)"[^>]*>(?:<svg.*?</svg>)?\s*Track', html
    )
    assert buttons == [f"/{office.business.slug}/orders/{order}/tracking/"]
    assert waiting in html
    page = tracking(office, order)
    assert f"Order {order}" in page
    assert "LB 377 973 995 CN" in page


@pytest.mark.promise("S1.26")
def test_a_method_without_tracking_says_so_and_shows_events_that_come_nevertheless(office: Office) -> None:
    order = place(office, {**KETTLE, "processing_days": 3}, method="untracked_post")
    pay(office, order)
    confirm(office, order)
    start_packing(office, order)
    tick(office, order)
    office.do("operator", f"orders/{order}", "ship")
    for said in (tracking(office, order), office.read("buyer", f"orders/{order}/", language="en")):
        assert "There is no tracking for this delivery method" in said
        assert "27 November 2026" in said.replace("\xa0", " ")
        assert "Ask support" in said
    assert "/tracking/" not in office.html("buyer", f"orders/{order}/")
    numbered = place(office, {**KETTLE, "processing_days": 3}, method="untracked_post")
    pay(office, numbered)
    confirm(office, numbered)
    start_packing(office, numbered)
    ship(office, numbered)
    assert "There is no tracking for this delivery method" in tracking(office, numbered)
    office.scan(ABROAD, scan("orig.accepted", occurred_at=office.now))
    assert f"/orders/{numbered}/tracking/" in office.html("buyer", "orders/")
    assert "Guangzhou" in tracking(office, numbered)


@pytest.mark.promise("S1.27")
def test_twelve_events_of_three_carriers_are_twelve_rows_in_order(office: Office) -> None:
    order = shipped(office, destination="RU")
    office.wait(days=20)
    office.scan(
        ABROAD,
        *(
            scan(
                code,
                occurred_at=moment(f"2026-10-{day:02} 07:30"),
                raw_code=f"{code}-{day}",
                raw_text=text,
                carrier=carrier,
                place=where,
                country=country,
                zone={"CN": "+08:00", "SG": "+08:00", "RU": "+03:00"}[country],
            )
            for day, (code, carrier, where, country, text) in enumerate(JOURNEY, start=1)
        ),
    )
    html = office.html("buyer", f"orders/{order}/tracking/")
    rows = re.findall(r"<li><b.*?</li>", html.partition('class="events"')[2], re.DOTALL)
    assert len(rows) == len(JOURNEY)
    names = {"china_post": "Почта Китая", "singapore_post": "Почта Сингапура", "russian_post": "Почта России"}
    for row, (day, (_code, carrier, _where, country, text)) in zip(
        rows, reversed(list(enumerate(JOURNEY, start=1))), strict=True
    ):
        said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).replace("\xa0", " ")
        local = {"CN": "15:30", "SG": "15:30", "RU": "10:30"}[country]
        assert f"{day} октября" in said, said
        assert local in said, said
        assert names[carrier] in said, said
        assert text in said, said
        assert not re.search(r"<b[^>]*>[^<]*[a-z]{3}", row), row


@pytest.mark.promise("S1.29")
def test_a_carrier_without_contacts_is_named_so_and_support_is_offered(office: Office) -> None:
    order = shipped(office, destination="RU")
    office.scan(ABROAD, scan("orig.accepted", occurred_at=office.now, carrier="china_post"))
    html = office.html("buyer", f"orders/{order}/tracking/", language="en")
    page = tracking(office, order)
    assert "With the carrier now: China Post" in page
    assert "We know no telephone of this carrier. Ask support" in page
    assert not re.search(r"<dd>\s*</dd>", html)


# --- before it is sent ----------------------------------------------------------------------------------------


@pytest.mark.promise("S2.8")
@pytest.mark.promise("S2.12")
def test_before_it_is_sent_the_block_says_when_it_will_be(office: Office) -> None:
    order = place(office, {**KETTLE, "processing_days": 3})
    pay(office, order)
    confirm(office, order)
    for page in (tracking(office, order), office.read("buyer", f"orders/{order}/", language="en")):
        said = page.replace("\xa0", " ")
        assert "Not sent yet, so there is no number yet" in said
        assert "Ships by 8 October 2026" in said
        assert "not found" not in said.lower()


@pytest.mark.promise("S2.11")
def test_from_my_orders_two_clicks_lead_to_the_logistics_information(office: Office) -> None:
    order = shipped(office)
    client, base = office.browser("buyer", language="en"), f"/{office.business.slug}"
    home = client.get(f"{base}/").content.decode()
    assert f'href="{base}/my/"' in home
    cabinet = client.get(f"{base}/my/").content.decode()
    assert f'href="{base}/orders/{order}/"' in cabinet
    said = office.read("buyer", f"orders/{order}/", language="en").replace("\xa0", " ")
    block = said.partition("Shipment")[2]
    assert "Logistics Information" in block
    assert "LB 377 973 995 CN" in block


@pytest.mark.promise("S2.13")
def test_the_block_of_a_shipped_order_names_its_sender_with_country_and_service(office: Office) -> None:
    order = shipped(office, method="free_shipping")
    for language, said in {
        "en": "Sender Retail Sent from China Service Free Shipping",
        "ru": "Отправитель Retail Откуда Китай Услуга Free Shipping",
    }.items():
        page = office.read("buyer", f"orders/{order}/", language=language).replace("\xa0", " ")
        assert said in page.partition("Logistics Information" if language == "en" else "Логистическая")[2]


# --- how long it takes ----------------------------------------------------------------------------------------


@pytest.mark.promise("S2.9")
def test_the_row_says_the_processing_time_and_until_when_it_leaves(office: Office) -> None:
    order = place(office, {**KETTLE, "processing_days": 3})
    assert "Processing time: 3 working days" in office.read("buyer", "orders/", language="en")
    pay(office, order)
    confirm(office, order)
    said = office.read("buyer", "orders/", language="en").replace("\xa0", " ")
    assert "Processing time: 3 working days" in said
    assert "ships by 8 October 2026" in said


@pytest.mark.promise("S2.10")
def test_a_seller_who_needs_ten_days_gives_no_alarm_before(office: Office) -> None:
    order = place(office, {**KETTLE, "processing_days": 3}, seller=office.person("seller").email)
    pay(office, order)
    confirm(office, order)
    office.do("seller", f"items/{order}.1", "extend_processing", processing_days=10)
    said = office.read("buyer", "orders/", language="en").replace("\xa0", " ")
    assert "Processing time: 10 working days" in said
    assert "ships by 16 October 2026" in said
    office.go_to(moment("2026-10-16 08:59"))
    assert _alarms(office, order) == [[], []]
    office.go_to(moment("2026-10-16 09:00"))
    assert _alarms(office, order) == [["dispatch_late"], ["dispatch_late"]]


def _alarms(office: Office, order: str) -> list[list[str]]:
    shown = office.see("seller", f"orders/{order}")
    return [[flag["key"] for flag in thing["flags"]] for thing in (shown, *shown["items"])]


def test_each_item_has_its_own_processing_time_and_the_order_the_longest(office: Office) -> None:
    order = place(
        office,
        {"name": "Dress", "unit_price": "60.00", "processing_days": 12, "marks": "made_to_order"},
        {"name": "Shirt", "unit_price": "20.00", "processing_days": 2},
    )
    pay(office, order, 8000)
    confirm(office, order)
    page = office.read("buyer", f"orders/{order}/", language="en").replace("\xa0", " ")
    assert "Processing time: 12 working days" in page
    assert "Made to order" in page
    deadlines = office.see("buyer", f"orders/{order}")["deadlines"]
    days = {
        (one["level"], one["number"]): one["at"][:10] for one in deadlines if one["name"] == "dispatch_late"
    }
    assert days == {("order", order): "2026-10-20", ("item", "1"): "2026-10-20", ("item", "2"): "2026-09-30"}


# --- what has to be known -------------------------------------------------------------------------------------


@pytest.mark.promise("S2.7")
def test_the_audit_finds_what_was_sent_without_a_number_unless_its_method_has_none(office: Office) -> None:
    from sledi.orders.models import Order
    from tests.journeys.world import command

    order = shipped(office)
    untracked = place(office, KETTLE, method="untracked_post")
    pay(office, untracked)
    confirm(office, untracked)
    start_packing(office, untracked)
    tick(office, untracked)
    office.do("operator", f"orders/{untracked}", "ship")
    assert command("ledger", "audit")[0] == 0
    rows = Order.objects.filter(number=order)
    fields = rows.get().fields
    for state in ("shipped", "delivered"):
        rows.update(fields={key: value for key, value in fields.items() if key != "tracking_number"})
        code, said = command("ledger", "audit")
        assert code == 1
        assert "nothing was sent without the number its move asks for" in said
        assert (order in said, untracked in said) == (True, False)
        rows.update(fields=fields)
        if state == "shipped":
            office.scan(ABROAD, scan("done.delivered", occurred_at=office.now))
            fields = rows.get().fields
    assert rows.get().state == "delivered"


@pytest.mark.promise("S2.33")
def test_free_shipping_has_its_carriers_asked_first_and_says_why(office: Office) -> None:
    number = "123456789012"
    order = place(office, KETTLE, method="free_shipping")
    pay(office, order)
    confirm(office, order)
    start_packing(office, order)
    tick(office, order)
    office.do("operator", f"orders/{order}", "ship", tracking_number=number)
    asked = _diagnostics(office, number)
    why = "обычно возит заказы с таким способом доставки"
    posts = [line.partition(" через")[0] for line in asked[:2]]
    assert posts == ["Почта Китая", "Почта Сингапура"]
    assert all(why in line for line in asked[:2])
    assert not any(why in line for line in _diagnostics(office, "123456789023"))


def _diagnostics(office: Office, number: str) -> list[str]:
    """Whom the page of a pasted number says it asks, in their order, and why."""
    from django.test import Client

    from tests.journeys.world import paste

    client = Client(headers={"accept-language": "ru"})
    html = client.get(f"{paste(client, number)}{number}/").content.decode()
    listed = re.findall(r'<ol class="plain">(.*?)</ol>', html, re.DOTALL)[-1]
    return [re.sub(r"<[^>]+>", "", line).strip() for line in re.findall(r"<li>(.*?)</li>", listed, re.DOTALL)]
