"""The seller's page of an order in a browser: its status at the top left, and the one button that saves another."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.browser.test_marketplace_order import (
    ENCLOSED,
    NUMBER,
    SAVE,
    bought,
    form_of,
    states_in_history,
    status,
)
from tests.browser.test_marketplace_order import desk as desk  # the fixture
from tests.browser.visits import HEIGHT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.promise("S4.3")
def test_the_status_stands_at_the_top_left_and_is_read_first(desk: Any) -> None:
    stage, order = bought(desk, datetime.now(UTC))
    stage.move("platform", "order", order.pk, "process")
    for role in ("seller", "buyer", "platform"):
        with desk(stage, role) as page:
            page.goto(f"{page.base}/orders/{order.number}/")
            badge, title = page.locator("main .pill").first, page.locator("main h1")
            box, head, main = badge.bounding_box(), title.bounding_box(), page.locator("main").bounding_box()
            assert page.viewport_size["width"] == 1280
            assert badge.inner_text() == "PROCESSED"
            assert box["x"] == head["x"] <= main["x"] + 40, "at the left edge of what the page says"
            assert box["x"] + box["width"] < 1280 / 3
            assert box["y"] + box["height"] <= head["y"] < HEIGHT / 3, "above everything else of the order"
            assert page.locator("main").inner_text().startswith("PROCESSED")
            snapshot = page.locator("main").aria_snapshot()
            assert re.match(r"- main:\s+- paragraph:\s+- text: PROCESSED", snapshot), snapshot[:200]


@pytest.mark.promise("S4.29")
def test_only_the_button_saves_a_status_and_a_double_click_saves_it_once(desk: Any) -> None:
    from sledi.parcels.models import Parcel

    stage, order = bought(desk, datetime.now(UTC))
    stage.move("platform", "order", order.pk, "process")
    stage.move("seller", "order", order.pk, "start")
    for has_scripting in (True, False):
        with desk(stage, "seller", has_scripting=has_scripting) as page:
            address = f"{page.base}/orders/{order.number}/"
            page.goto(address)
            form = form_of(page, "Изпратете (SHIPPED)")
            form.locator("[name=tracking_number]").fill(NUMBER)
            for tick in ENCLOSED:
                form.locator(f"[name={tick}]").check()
            page.goto(f"{page.base}/")
            page.goto(address)
            assert status(page) == "PROCESSING"
            assert states_in_history(order)[-1] == "processing"
    with desk(stage, "seller", has_scripting=True) as page:
        page.goto(address)
        form = form_of(page, "Изпратете (SHIPPED)")
        form.locator("[name=tracking_number]").fill(NUMBER)
        for tick in ENCLOSED:
            form.locator(f"[name={tick}]").check()
        button = form.get_by_role("button", name=SAVE)
        assert button.inner_text().startswith(SAVE)
        button.dblclick(no_wait_after=True)  # the second press may break off the answer to the first
        page.locator("main .pill", has_text="SHIPPED").first.wait_for()
        page.wait_for_load_state("networkidle")
        page.goto(address)
        assert status(page) == "SHIPPED"
    assert states_in_history(order)[-2:] == ["processing", "shipped"]
    assert Parcel.objects.count() == 1
