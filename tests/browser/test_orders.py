"""Orders worked from the first move to the last in a browser without scripting, each step by who has to do it."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import pytest

from tests.browser.visits import window

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

IN_CHINA = "YT8825498020044"
ABROAD = "LB377973125CN"


@pytest.fixture
def desk(browser: Any, live_site: str) -> Any:
    """Opens a window for somebody of a business: ``desk(stage, role)``."""
    from sledi.orders.tests.doors import signed_in

    @contextmanager
    def opened(stage: Any, role: str) -> Iterator[Any]:
        session = signed_in(stage, role).cookies["sessionid"].value
        cookie = {
            "name": "sessionid",
            "value": session,
            "domain": "localhost",
            "path": "/",
            "sameSite": "Lax",
        }
        state = {"cookies": [cookie], "origins": []}
        with window(browser, "en", storage_state=state, java_script_enabled=False) as page:
            page.base = f"{live_site}/{stage.business.slug}"
            yield page

    return opened


def press(page: Any, button: str, **filled: str) -> None:
    """Find a move on the page by its name, fill in what it asks for, and send it."""
    link = page.locator("main a.btn", has_text=re.compile(rf"^{re.escape(button)}\b"))
    if link.count():
        link.first.click()
    folded = page.locator("main details:not([open]) > summary.btn", has_text=button)
    if folded.count():
        folded.first.click()
    form = page.locator(
        "main form", has=page.get_by_role("button", name=re.compile(rf"^{re.escape(button)}\b"))
    )
    for name, text in filled.items():
        control = form.locator(f"[name={name}]")
        match control.evaluate("one => one.type"):
            case "select-one":
                control.select_option(text)
            case "checkbox":
                control.check()
            case _:
                control.fill(text)
    with page.expect_navigation():
        form.get_by_role("button", name=re.compile(rf"^{re.escape(button)}\b")).first.click()
    assert page.locator("main [role=status]").first.inner_text().startswith("Done: "), page.locator(
        "main"
    ).inner_text()


def status(page: Any) -> str:
    return str(page.locator("main .pill").first.inner_text())


def called(stage: Any, level: str, move: str) -> str:
    from sledi import profiles

    return str(profiles.workflow(stage.business.profile).transitions(level)[move].label["en"])


def state_named(stage: Any, level: str, state: str) -> str:
    from sledi import profiles

    return str(profiles.workflow(stage.business.profile).states(level)[state].label["en"])


def test_a_purchase_in_china_goes_from_the_order_to_the_buyer(desk: Any) -> None:
    from sledi.orders.tests.stage import new_stage

    stage = new_stage("buyout")
    stage.fund(10000)
    with desk(stage, "reseller") as page:
        number = placed(page, name="Kettle", unit_price="30")
        page.goto(f"{page.base}/orders/{number}/")
        press(page, called(stage, "order", "note_payment"), paid_on="2026-09-28")
        press(page, called(stage, "item", "send"))
    with desk(stage, "operator") as page:
        page.goto(f"{page.base}/orders/{number}/")
        press(page, called(stage, "item", "take"))
        press(
            page,
            called(stage, "item", "buy"),
            marketplace="taobao",
            external_order_no="3620",
            actual_price="30",
        )
        press(page, called(stage, "item", "dispatch"), domestic_number=IN_CHINA)
        scanned(page, IN_CHINA, f"{number}.1 Kettle: {state_named(stage, 'item', 'received')}")
        page.goto(f"{page.base}/orders/{number}/")
        assert status(page) == state_named(stage, "order", "at_warehouse")
    with desk(stage, "logist") as page:
        page.goto(f"{page.base}/orders/{number}/")
        press(page, called(stage, "parcel", "form"))
        page.locator("main li a[href*='/parcels/']").first.click()
        press(
            page,
            called(stage, "parcel", "pack"),
            weight_g="1500",
            length_mm="300",
            width_mm="200",
            height_mm="200",
            declared_contents="Kettle",
        )
        press(page, called(stage, "parcel", "hand_over"), international_number=ABROAD)
        assert status(page) == state_named(stage, "parcel", "handed_over")
    deliver(stage)
    with desk(stage, "reseller") as page:
        page.goto(f"{page.base}/orders/{number}/")
        assert status(page) == state_named(stage, "order", "delivered")
        assert ABROAD in page.locator("main").inner_text().replace(" ", "")


def placed(page: Any, facts: Mapping[str, str] = MappingProxyType({}), **item: str) -> str:
    """Place an order of one item by the form; its number, from the page that follows."""
    page.goto(f"{page.base}/orders/new/")
    if facts:
        page.locator("#more-order > summary").click()
    for name, text in {**{f"items-0-{key}": text for key, text in item.items()}, **facts}.items():
        page.locator(f"[name={name}]").fill(text)
    with page.expect_navigation():
        page.locator("main button[value=place]").last.click()
    found = re.search(r"/orders/([A-Z0-9-]{8,9})/$", page.url)
    assert found, page.locator("main").inner_text()
    return found[1]


def scanned(page: Any, number: str, said: str) -> None:
    """Scan a number at the warehouse's desk."""
    page.locator("nav a[href$='/scans/']").first.click()
    page.locator("[name=scanned_number]").fill(number)
    with page.expect_navigation():
        page.get_by_role("button", name="Received").click()
    assert said in page.locator("main").inner_text()


def deliver(stage: Any) -> None:
    """What the carrier's last scan does."""
    from sledi.orders.moving.moves import as_machine, move
    from sledi.parcels.models import Parcel

    access = as_machine(stage.business, "carrier", "russian_post")
    move(access, "parcel", Parcel.objects.get().pk, "deliver", at=stage.now, cause="carrier")


def test_a_shop_order_goes_from_the_placing_to_the_buyer(desk: Any) -> None:
    from sledi.core.money import Money
    from sledi.orders.models import Order
    from sledi.orders.money.payments import payment_paid
    from sledi.orders.moving.moves import as_machine, move
    from sledi.orders.tests.stage import new_stage

    stage = new_stage("retail")
    with desk(stage, "buyer") as page:
        number = placed(page, name="Teapot", unit_price="2190")
        page.goto(f"{page.base}/my/")
        page.locator("main a", has_text=number).first.click()
        assert status(page) == state_named(stage, "order", "pending")
    order = Order.objects.get(number=number)
    payment_paid(stage.business, "card", "C1", Money(219000, "RUB"), order.pk, stage.now)
    with desk(stage, "platform") as page:
        page.goto(f"{page.base}/orders/{order.number}/")
        press(page, called(stage, "order", "confirm_payment"), safety_check="passed")
    with desk(stage, "operator") as page:
        page.goto(f"{page.base}/orders/{order.number}/")
        press(page, called(stage, "order", "start_packing"))
        press(page, called(stage, "item", "prepare"), prepared="true")
        press(page, called(stage, "item", "check_quality"), quality_checked="true")
        press(page, called(stage, "item", "pack"), packed="true")
        press(page, called(stage, "order", "ship"), tracking_number=ABROAD)
        assert status(page) == state_named(stage, "order", "shipped")
    move(
        as_machine(stage.business, "carrier", "post"),
        "order",
        order.pk,
        "deliver",
        at=stage.now,
        cause="carrier",
    )
    with desk(stage, "buyer") as page:
        page.goto(f"{page.base}/orders/{order.number}/")
        assert status(page) == state_named(stage, "order", "delivered")
