"""Without a pointer, and with a clumsy one: every control is reached, seen and big enough."""

from typing import Any

import pytest

from tests.browser.site import Shown
from tests.browser.visits import window

pytestmark = pytest.mark.browser

STOPS_MAX = 150
PAGES = ("home", "list", "list, unclear", "parcel, duty to pay", "guide", "operator, health")

FOCUSABLE = """() => [...document.querySelectorAll(
        "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
    .filter(one => one.checkVisibility({visibilityProperty: true}) && one.tabIndex >= 0 && !one.disabled)
    .map((one, n) => { one.dataset.stop = n; return one.outerHTML.slice(0, 90); })"""

STOP = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    const x = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1);
    const y = Math.min(Math.max(box.top + Math.min(box.height / 2, 20), 0), innerHeight - 1);
    const top = document.elementFromPoint(x, y);
    return {
        stop: one.dataset.stop ?? one.outerHTML.slice(0, 90),
        html: one.outerHTML.slice(0, 90),
        ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        uncovered: !!top && (one.contains(top) || top.contains(one)),
        inside: box.bottom > 0 && box.top < innerHeight,
    };
}"""

TOO_SMALL = """least => [...document.querySelectorAll(
        "a[href], button, input:not([type=hidden]), select, textarea, summary")]
    .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.closest(".trap"))
    .filter(one => getComputedStyle(one).display !== "inline" && !one.classList.contains("skip"))
    .map(one => [one, one.getBoundingClientRect()])
    .filter(([, box]) => box.height < least - 0.5 || box.width < least - 0.5)
    .map(([one, box]) => `${Math.round(box.width)}×${Math.round(box.height)} ${one.outerHTML.slice(0, 80)}`)"""
"""Links inside sentences are exempt (WCAG 2.5.8)."""


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("name", PAGES)
def test_tab_reaches_every_control_and_shows_where_it_is(
    browser: Any, shown: Shown, operators_cookies: Any, name: str, width: int
) -> None:
    with window(browser, viewport={"width": width, "height": 700}, storage_state=operators_cookies) as page:
        shown.pages(every_state=True)[name](page)
        wanted = page.evaluate(FOCUSABLE)
        reached, problems = set(), []
        for _ in range(STOPS_MAX):
            page.keyboard.press("Tab")
            stop = page.evaluate(STOP)
            if stop is None or stop["stop"] in reached:
                break
            reached.add(stop["stop"])
            problems += [
                f"{what}: {stop['html']}" for what in ("ring", "uncovered", "inside") if not stop[what]
            ]
        assert problems == []
        assert [html for n, html in enumerate(wanted) if str(n) not in reached] == []


def test_the_first_stop_leads_past_the_frame(browser: Any, shown: Shown) -> None:
    with window(browser) as page:
        page.goto(shown.list_page())
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "К содержанию"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")


def test_the_language_menu_opens_closes_and_works_by_keyboard(browser: Any, shown: Shown) -> None:
    with window(browser) as page:
        page.goto(shown.list_page())
        menu = page.locator("details.menu > summary")
        menu.focus()
        page.keyboard.press("Enter")
        assert page.locator("details.menu").get_attribute("open") is not None
        page.keyboard.press("Escape")
        assert page.locator("details.menu").get_attribute("open") is None
        assert page.evaluate("document.activeElement.localName") == "summary"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.locator("html").get_attribute("lang") == "bg"
        assert page.url == shown.list_page()


def test_a_number_is_tracked_without_touching_the_mouse(browser: Any, shown: Shown) -> None:
    with window(browser) as page:
        page.goto(shown.address)
        page.locator("#numbers").focus()
        page.keyboard.type("RR123456785CN")
        with page.expect_navigation():
            page.keyboard.press("Control+Enter")
        assert "/t/" in page.url


@pytest.mark.parametrize("name", [*PAGES, "posts", "privacy", "404", "follow confirm", "list, adding"])
def test_targets_are_big_enough_for_a_pointer_and_for_a_thumb(
    browser: Any, shown: Shown, operators_cookies: Any, name: str
) -> None:
    """24 px by WCAG 2.2 (2.5.8); 44 px on touch screens."""
    visit = shown.pages(every_state=True)[name]
    with window(browser, storage_state=operators_cookies) as page:
        visit(page)
        assert page.evaluate(TOO_SMALL, 24) == []
    phone: dict[str, Any] = {"viewport": {"width": 360, "height": 700}, "has_touch": True, "is_mobile": True}
    with window(browser, storage_state=operators_cookies, **phone) as page:
        visit(page)
        assert page.evaluate(TOO_SMALL, 44) == []
