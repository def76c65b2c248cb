"""A forwarder's order in a browser without scripting, from its placing to the recipient; its date, wide and narrow."""

from typing import Any

import pytest

from tests.browser.test_orders import called, placed, press, state_named, status
from tests.browser.test_orders import desk as desk  # the fixture
from tests.browser.visits import HEIGHT, NARROW, WIDE, width_problems, window

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PROFILE = "forwarder"
IN_CHINA = "YT8825498020044"
EMS = "EE495977191KZ"


def test_an_order_goes_from_the_shop_in_china_to_a_door_in_kazakhstan(desk: Any) -> None:
    from sledi.orders.tests.stage import new_stage

    stage = new_stage(PROFILE)
    stage.fund(10000, person="buyer")

    def stands(page: Any, state: str) -> None:
        page.goto(f"{page.base}/{here}")
        assert status(page) == state_named(stage, "order", state)

    with desk(stage, "buyer") as page:
        number = placed(page, name="Kettle", unit_price="33.00")
        here = f"orders/{number}/"
        page.goto(f"{page.base}/my/")
        page.locator("main a", has_text=number).first.click()
        press(page, called(stage, "order", "pay"))
        stands(page, "paid")
    with desk(stage, "operator") as page:
        page.goto(f"{page.base}/orders/?state=paid&sort=oldest")
        page.locator("main a", has_text=number).first.click()
        press(page, called(stage, "order", "take"))
        press(page, called(stage, "order", "buy"), external_order_no="3620")
        press(page, called(stage, "order", "dispatch"), domestic_number=IN_CHINA)
        stands(page, "to_china_warehouse")
        press(page, called(stage, "order", "receive"), inspection="as_ordered", weight_g="1310")
        stands(page, "at_china_warehouse")
    with desk(stage, "logist") as page:
        page.goto(f"{page.base}/hauls/")
        press(page, called(stage, "haul", "open"), vehicle="MAN 18.440")
        put_inside(page, number)
        press(page, called(stage, "haul", "depart"), expected_at="2027-01-10")
        haul = page.url
        stands(page, "left_china")
    with desk(stage, "operator") as page:
        page.goto(haul)
        press(page, called(stage, "haul", "arrive"))
        page.goto(f"{page.base}/{here}")
        press(page, called(stage, "order", "arrive"))
        page.goto(haul)
        press(page, called(stage, "haul", "close"))
        page.goto(f"{page.base}/parcels/")
        press(page, called(stage, "parcel", "open"), mode="almaty")
        put_inside(page, number)
        parcel = page.url
    with desk(stage, "buyer") as page:
        page.goto(f"{page.base}/my/")
        page.locator("main a", has_text="Details").first.click()
        assert page.url == parcel
        press(page, called(stage, "parcel", "choose_mode"), mode="kazakhstan")
    with desk(stage, "operator") as page:
        page.goto(f"{page.base}/{here}")
        press(page, called(stage, "order", "pack"), mode="kazakhstan")
        page.goto(parcel)
        press(page, called(stage, "parcel", "dispatch"), local_number=EMS)
        stands(page, "sent")
    deliver(stage)
    with desk(stage, "buyer") as page:
        stands(page, "delivered")
        page.goto(parcel)
        assert status(page) == state_named(stage, "parcel", "delivered")
        assert EMS in page.locator("main").inner_text().replace(" ", "").replace("\u202f", "").replace(
            "\xa0", ""
        )


def test_an_order_is_handed_out_for_its_code(desk: Any) -> None:
    from sledi.orders.tests.stage import new_stage

    stage = new_stage(PROFILE)
    order = stage.order(reseller_id=None)
    stage.put(order, "left_china")
    with desk(stage, "operator") as page:
        page.goto(f"{page.base}/orders/{order.number}/")
        press(page, called(stage, "order", "arrive"))
    with desk(stage, "buyer") as page:
        page.goto(f"{page.base}/orders/{order.number}/")
        code = (
            page.locator("dt", has_text="Pick-up code").locator("xpath=following-sibling::dd[1]").inner_text()
        )
    with desk(stage, "operator") as page:
        page.goto(f"{page.base}/orders/{order.number}/")
        press(page, called(stage, "order", "hand_out"), shown_code=code)
        assert status(page) == state_named(stage, "order", "delivered")


def put_inside(page: Any, number: str) -> None:
    """Type an order's number into the page of a haul or parcel."""
    page.locator("main [name=numbers]").fill(number)
    with page.expect_navigation():
        page.get_by_role("button", name="Put inside").click()


def deliver(stage: Any) -> None:
    """What the carrier's last scan does."""
    from sledi.orders.moving.moves import as_machine, move
    from sledi.parcels.models import Parcel

    access = as_machine(stage.business, "carrier", "kazpost")
    move(access, "parcel", Parcel.objects.get().pk, "deliver", at=stage.now, cause="carrier")


# --- the expected date, wide and narrow -----------------------------------------------------------------------


@pytest.fixture
def on_the_road(transactional_db: None) -> tuple[Any, str]:
    """A parcel of four orders on a truck that is expected on a day to come; its number."""
    from sledi.orders.moving.making import create_container, load
    from sledi.orders.tests.stage import new_stage

    stage = new_stage(PROFILE)
    orders = [stage.order(reseller_id=None) for _ in range(4)]
    for order in orders:
        stage.put(order, "at_china_warehouse")
    made = {}
    for level, supplied in (("haul", {"vehicle": "MAN"}), ("parcel", {"mode": "almaty"})):
        access = stage.access("operator")
        made[level] = create_container(access, level, supplied, at=stage.now, cause="web", name="open")
        load(access, level, made[level].pk, [order.pk for order in orders], at=stage.now, cause="web")
    stage.move("operator", "haul", made["haul"].pk, "depart", {"expected_at": "2030-10-10"})
    return stage, made["parcel"].number


DATE = "Ожидается 10 октября 2030 г."


@pytest.mark.promise("S3.28")
def test_the_date_of_every_order_is_seen_on_the_full_site_without_scrolling(
    browser: Any, live_site: str, on_the_road: Any
) -> None:
    with parcel_page(browser, live_site, on_the_road, WIDE) as page:
        said = page.get_by_text(DATE, exact=False)
        rows = page.locator("table[aria-labelledby=orders] tbody tr")
        assert rows.count() == 4
        for row in rows.all():
            date = row.get_by_text(DATE, exact=False)
            box = date.bounding_box()
            assert date.is_visible()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= WIDE
            assert box["y"] + box["height"] <= HEIGHT, "has to be scrolled to"
        assert said.count() >= 4
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDE


@pytest.mark.promise("S3.29")
def test_the_date_of_every_order_is_seen_on_the_mobile_site_without_scrolling_sideways(
    browser: Any, live_site: str, on_the_road: Any
) -> None:
    with parcel_page(browser, live_site, on_the_road, NARROW) as page:
        rows = page.locator("table[aria-labelledby=orders] tbody tr")
        assert rows.count() == 4
        for row in rows.all():
            date = row.get_by_text(DATE, exact=False)
            box = date.bounding_box()
            assert date.is_visible()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= NARROW
        assert width_problems(page, "parcel") == []


def parcel_page(browser: Any, live_site: str, on_the_road: Any, width: int) -> Any:
    """The buyer's page of the parcel, in a window of this width."""
    from contextlib import contextmanager

    from sledi.orders.tests.doors import signed_in

    stage, number = on_the_road

    @contextmanager
    def opened() -> Any:
        session = signed_in(stage, "buyer").cookies["sessionid"].value
        cookie = {
            "name": "sessionid",
            "value": session,
            "domain": "localhost",
            "path": "/",
            "sameSite": "Lax",
        }
        state = {"cookies": [cookie], "origins": []}
        with window(browser, "ru", storage_state=state, viewport={"width": width, "height": HEIGHT}) as page:
            page.goto(f"{live_site}/{PROFILE}/parcels/{number}/")
            yield page

    return opened()
