"""With scripting off: from the pasted text to the mail that tells of news, all by plain forms."""

import re
from typing import Any

import pytest

from tests.browser.site import AMBIGUOUS, MISTYPED, send
from tests.browser.visits import window

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

KNOWN = "RB556626341CN"


def test_everything_a_guest_does_works_without_scripting(
    browser: Any, live_site: str, live_worker: None, simulator: Any
) -> None:
    with window(browser, java_script_enabled=False) as page:
        page.goto(live_site)
        page.locator("#numbers").fill(f"Посылки: {KNOWN}, {MISTYPED} и {AMBIGUOUS}")
        send(page, "form:has(#numbers)")
        list_page = page.url
        assert [lead.get_attribute("data-lead") for lead in page.locator("[data-lead]").all()] == [
            KNOWN,
            MISTYPED,
            AMBIGUOUS,
        ]

        page.get_by_role("button", name="Всё равно следить").click()
        page.wait_for_url(list_page)
        assert page.get_by_role("button", name="Всё равно следить").count() == 0

        page.get_by_role("button", name="Укрпочта").click()
        page.wait_for_url(list_page)
        assert page.get_by_role("button", name="Укрпочта").count() == 0

        page.locator("#country").select_option("RU")
        send(page, "form:has(#country)")
        assert page.locator("#country").count() == 0

        wait_for_the_answer(page, list_page)
        page.locator(f'a[href$="/{KNOWN}/"]').click()
        assert "Вручена" in page.locator("#living").inner_text()
        page.locator("details[id^=leg-]").first.locator("summary").first.click()
        page.get_by_role("link", name="Показать все оригиналы").click()
        assert page.locator("details.orig[open]").count() > 3
        page.get_by_role("button", name="Спросить ещё раз").click()
        page.wait_for_url(re.compile(rf"/{KNOWN}/"))

        page.goto(list_page)
        page.locator("#mail").fill("aigerim@example.org")
        send(page, "form:has(#mail)")
        assert "aigerim@example.org" in page.locator("main").inner_text()


def wait_for_the_answer(page: Any, list_page: str) -> None:
    """A waiting page loads itself again without scripting; here we are the ones who load it."""
    for _ in range(40):
        page.goto(list_page)
        if re.search("Вручена", page.locator(f"[data-lead='{KNOWN}']").inner_text()):
            return
        page.wait_for_timeout(250)
    pytest.fail("no answer within ten seconds")


def test_a_waiting_page_loads_itself_again_without_scripting(
    browser: Any, live_site: str, simulator: Any
) -> None:
    with window(browser, java_script_enabled=False) as page:
        page.goto(live_site)
        page.locator("#numbers").fill(KNOWN)
        send(page, "form:has(#numbers)")
        assert page.locator('noscript meta[http-equiv="refresh"], meta[http-equiv="refresh"]').count() == 1


def test_colours_and_language_change_without_scripting(browser: Any, live_site: str) -> None:
    with window(browser, java_script_enabled=False) as page:
        page.goto(f"{live_site}/help/")
        page.get_by_role("button", name="Тёмные").click()
        assert page.locator("html").get_attribute("data-theme") == "dark"
        page.locator("details.menu > summary").click()
        page.locator("details.menu").get_by_role("link", name="Қазақша").click()
        assert page.locator("html").get_attribute("lang") == "kk"
        assert page.url == f"{live_site}/help/"
