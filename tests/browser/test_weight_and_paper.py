"""What a first visit costs, and what stays on paper."""

from typing import Any

import pytest

from tests.browser.site import Shown
from tests.browser.visits import window

pytestmark = pytest.mark.browser

PAGE_BYTES_MAX = 110 * 1024
SCRIPT_BYTES_MAX = 25 * 1024


@pytest.mark.parametrize("name", ["home", "list", "parcel, handed over under another number"])
def test_a_first_visit_is_light(browser: Any, shown: Shown, name: str) -> None:
    with window(browser) as page:
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        bytes_of: dict[str, float] = {}
        kinds: dict[str, str] = {}
        network.on(
            "Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]})
        )
        network.on(
            "Network.loadingFinished",
            lambda event: bytes_of.update({event["requestId"]: event["encodedDataLength"]}),
        )
        shown.pages(every_state=True)[name](page)
        page.wait_for_load_state("networkidle" if name == "home" else "load")
        page.wait_for_timeout(300)
        assert sum(bytes_of.values()) <= PAGE_BYTES_MAX
        assert sum(size for one, size in bytes_of.items() if kinds.get(one) == "Script") < SCRIPT_BYTES_MAX
        assert {"Document", "Stylesheet", "Font", "Script"} <= set(kinds.values())


def test_paper_shows_the_way_and_neither_map_nor_forms(browser: Any, shown: Shown) -> None:
    with window(browser) as page:
        page.goto(shown.parcel("ready to collect"))
        assert page.locator(".map").is_visible()
        page.emulate_media(media="print")
        assert not page.locator(".map").is_visible()
        assert [form for form in page.locator("form").all() if form.is_visible()] == []
        assert page.locator("#way").is_visible()
        assert page.locator("h1").is_visible()


def test_paper_shows_every_leg_opened(browser: Any, shown: Shown) -> None:
    with window(browser) as page:
        page.goto(shown.parcel("delivered"))
        page.emulate_media(media="print")
        events = page.locator("ol.events > li").all()
        assert len(events) > 10
        assert [event for event in events if not event.is_visible()] == []
