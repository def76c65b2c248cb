"""What a shop's buyer finds without searching: all his orders, and the way of the parcel beside the order."""

from typing import Any

import pytest

from tests.browser.test_orders import ABROAD
from tests.browser.test_orders import desk as desk  # the fixture
from tests.browser.visits import HEIGHT, NARROW, WIDE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SHORT = 640
PAGES = ("", "my/", "orders/", "legend/", "account/")


@pytest.fixture
def shop(db: None) -> Any:
    from sledi.orders.tests.stage import new_stage

    return new_stage("retail")


@pytest.mark.promise("S1.7")
def test_all_orders_stand_at_the_top_right_of_every_page_and_in_the_narrow_menu(desk: Any, shop: Any) -> None:
    order = shop.order()
    with desk(shop, "buyer") as page:
        for path in PAGES:
            page.set_viewport_size({"width": WIDE, "height": HEIGHT})
            page.goto(f"{page.base}/{path}")
            link = page.get_by_role("navigation", name="Main").get_by_role("link", name="All orders").first
            box = link.bounding_box()
            assert box["x"] > WIDE / 2, path
            assert box["y"] < HEIGHT / 8, path
            page.set_viewport_size({"width": NARROW, "height": SHORT})
            opened = page.locator("header summary, nav summary").first
            narrow = page.get_by_role("link", name="All orders").first
            if not narrow.is_visible():
                opened.click()
            assert narrow.is_visible(), path
            narrow.click()
            page.wait_for_url(f"{page.base}/orders/")
            assert order.number in page.locator("main").inner_text()


@pytest.mark.promise("S1.25")
def test_the_track_button_stands_in_the_right_column_and_in_the_first_screen_of_a_telephone(
    desk: Any, shop: Any
) -> None:
    order = shop.order(reseller_id=None)
    _ship(shop, order)
    with desk(shop, "buyer") as page:
        page.set_viewport_size({"width": WIDE, "height": HEIGHT})
        page.goto(f"{page.base}/orders/{order.number}/")
        box = _visible(page).bounding_box()
        assert box["x"] > WIDE / 2
        page.set_viewport_size({"width": NARROW, "height": SHORT})
        page.goto(f"{page.base}/orders/{order.number}/")
        box = _visible(page).bounding_box()
        assert box["y"] + box["height"] <= SHORT
        _visible(page).click()
        page.wait_for_url(f"{page.base}/orders/{order.number}/tracking/")
        assert ABROAD in page.locator("main").inner_text().replace("\xa0", "").replace(" ", "")


def _visible(page: Any) -> Any:
    buttons = page.locator("main a[href$='/tracking/']")
    return next(one for one in buttons.all() if one.is_visible())


def _ship(shop: Any, order: Any) -> None:
    """As the platform and the warehouse do; their own pages are tried in the journeys."""
    from sledi.core.money import Money
    from sledi.orders.models import Item
    from sledi.orders.money.payments import payment_paid

    total = Money(order.total_minor, "RUB")
    payment_paid(shop.business, "card", "C1", total, order.pk, shop.now)
    shop.move("platform", "order", order.pk, "confirm_payment", {"safety_check": "passed"})
    shop.move("operator", "order", order.pk, "start_packing")
    item = Item.objects.get(order=order)
    for move, field in (("prepare", "prepared"), ("check_quality", "quality_checked"), ("pack", "packed")):
        shop.move("operator", "item", item.pk, move, {field: True})
    shop.move("operator", "order", order.pk, "ship", {"tracking_number": ABROAD})
