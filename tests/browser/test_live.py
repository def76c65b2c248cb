"""An open page changes by itself when a carrier has news, and says so to those who do not see it."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.browser.site import send
from tests.browser.visits import window
from tests.journeys.world import control

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

KNOWN = "RB556626341CN"
ON_ITS_WAY = "LB316292485CN"
PATIENCE_MS = 20_000


def test_answers_and_news_appear_without_a_reload(
    browser: Any, live_site: str, live_worker: None, simulator: Any
) -> None:
    with window(browser) as page:
        page.goto(live_site)
        page.locator("#numbers").fill(f"{KNOWN} {ON_ITS_WAY}")
        send(page, "form:has(#numbers)")
        page.evaluate("window.isTheSamePage = true")
        lead = page.locator(f"[data-lead='{ON_ITS_WAY}']")
        wait_for(lead, "Доставляется")
        wait_for(page.locator(f"[data-lead='{KNOWN}']"), "Вручена")

        it_is_delivered(simulator)
        wait_for(lead, "Вручена")
        wait_for(page.locator("#live"), "Вручена")
        assert page.evaluate("window.isTheSamePage") is True
        assert page.locator("#live").get_attribute("role") == "status"


def test_what_the_reader_opened_stays_open_when_news_come(
    browser: Any, live_site: str, live_worker: None, simulator: Any
) -> None:
    with window(browser) as page:
        address = a_parcel_out_for_delivery(page, live_site)
        with page.expect_response("**/live/**"):
            page.goto(address)
        page.locator("#diagnostics > summary").click()
        it_is_delivered(simulator)
        wait_for(page.locator(f"[data-lead='{ON_ITS_WAY}']"), "Вручена")
        assert page.locator("#diagnostics").get_attribute("open") is not None


def test_news_that_come_before_the_stream_opens_are_not_missed(
    browser: Any, live_site: str, live_worker: None, simulator: Any
) -> None:
    with window(browser) as page:
        address = a_parcel_out_for_delivery(page, live_site)
        held: list[Any] = []
        page.route("**/live/**", lambda route: held.append(route))
        page.goto(address)
        while not held:
            page.wait_for_timeout(50)
        it_is_delivered(simulator)
        wait_until_told("DELIVERED")
        held[0].continue_()
        wait_for(page.locator(f"[data-lead='{ON_ITS_WAY}']"), "Вручена")


def a_parcel_out_for_delivery(page: Any, live_site: str) -> str:
    """Paste its number and wait for the first answer; the address of its page."""
    page.goto(live_site)
    page.locator("#numbers").fill(ON_ITS_WAY)
    send(page, "form:has(#numbers)")
    wait_for(page.locator(f"[data-lead='{ON_ITS_WAY}']"), "Доставляется")
    wait_until_told("OUT_FOR_DELIVERY")
    return f"{page.url}{ON_ITS_WAY}/"


def it_is_delivered(simulator: Any) -> None:
    control(simulator, f"journeys/{ON_ITS_WAY}/advance", to="EMI")
    control(simulator, "clock", advance_s=60)
    everything_is_due()


def wait_until_told(status: str) -> None:
    """Until the worker has asked everybody who is due, and knows this status."""
    from sledi.tracking.models import Trace, Watch

    deadline = time.monotonic() + PATIENCE_MS / 1000
    while time.monotonic() < deadline:
        is_asking = Watch.objects.filter(due_at__lte=datetime.now(UTC)).exists()
        if not is_asking and Trace.objects.get(number=ON_ITS_WAY).status == status:
            return
        time.sleep(0.1)
    pytest.fail(f"the worker did not learn that it is {status}")


def test_a_number_somebody_follows_already_is_answered_at_once(
    browser: Any, live_site: str, live_worker: None, simulator: Any
) -> None:
    with window(browser) as page:
        for _ in range(2):  # the second guest
            page.goto(live_site)
            page.locator("#numbers").fill(KNOWN)
            send(page, "form:has(#numbers)")
            first_words = page.locator(f"[data-lead='{KNOWN}']").inner_text()
            wait_for(page.locator(f"[data-lead='{KNOWN}']"), "Вручена")
        assert first_words.startswith("Вручена")


def wait_for(found: Any, words: str) -> None:
    found.filter(has_text=words).wait_for(state="attached", timeout=PATIENCE_MS)


def everything_is_due() -> None:
    """As if the time had come to ask again, and somebody waited for it."""
    from sledi.tracking.models import CarrierLine, Watch

    now = datetime.now(UTC)
    Watch.objects.update(due_at=now, is_urgent=True)
    CarrierLine.objects.update(next_call_at=now)
