"""Whatever is typed into the box gets a clear answer; nothing of it is ever run, and the page stays usable."""

import re
from typing import Any

import pytest

from tests.browser.site import Shown
from tests.browser.visits import listen, window

pytestmark = pytest.mark.browser

NOT_A_NUMBER = {
    "nothing": "   ",
    "words": "где моя посылка",
    "emoji": "📦📦📦 😀",
    "control characters": "\x00\x01\x02\x1b[31m\x7f",
    "marks of direction": "\u202e\u200f\u2067\u2069",
    "html": "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">",
    "sql": "'; DROP TABLE tracking_trace; --",
    "template": "{{ 7*7 }} {% debug %}",
}
HIDDEN_NUMBERS = {
    "marks of direction": "\u202e\u200fRB556626341CN\u202c",
    "invisible spaces": "RB\u200b556626\u2060341CN",
    "look-alike letters": "РВ556626341СN".replace("Р", "R"),
    "full-width letters": "ＲＢ５５６６２６３４１ＣＮ",
    "html around it": "<b onclick=\"document.title='run'\">RB556626341CN</b>",
    "sql around it": "RB556626341CN'; DROP TABLE tracking_trace; --",
}


def paste(page: Any, shown: Shown, text: str) -> Any:
    """Send a text by the form of the front page, past what the browser itself would refuse."""
    page.goto(shown.address)
    page.evaluate(
        """text => { const box = document.querySelector("#numbers"); box.removeAttribute("required");
            box.value = text; }""",
        text,
    )
    with page.expect_navigation() as answer:
        page.locator("form:has(#numbers) button[type=submit]").click()
    return answer.value


@pytest.mark.parametrize("what", NOT_A_NUMBER)
def test_a_text_without_numbers_is_kept_in_the_box_and_explained(
    browser: Any, shown: Shown, what: str
) -> None:
    with window(browser) as page:
        found: list[str] = []
        listen(page, shown.address, found, [what])
        assert paste(page, shown, NOT_A_NUMBER[what]).status == 422
        title = page.title()
        assert title.startswith("Ошибка: ")
        assert "run" not in title
        assert page.locator("[role=alert] a[href='#numbers']").is_visible()
        assert page.locator("#numbers").get_attribute("aria-invalid") == "true"
        assert found == []


@pytest.mark.parametrize("what", HIDDEN_NUMBERS)
def test_a_number_is_found_inside_hostile_text_and_the_text_is_not_kept(
    browser: Any, shown: Shown, what: str
) -> None:
    with window(browser) as page:
        found: list[str] = []
        listen(page, shown.address, found, [what])
        paste(page, shown, HIDDEN_NUMBERS[what])
        assert [lead.get_attribute("data-lead") for lead in page.locator("[data-lead]").all()] == [
            "RB556626341CN"
        ]
        assert page.title() != "run"
        assert "DROP TABLE" not in page.content()
        assert found == []


def test_a_hostile_text_stands_in_the_box_as_it_was_typed(browser: Any, shown: Shown) -> None:
    with window(browser) as page:
        paste(page, shown, NOT_A_NUMBER["html"])
        assert page.locator("#numbers").input_value() == NOT_A_NUMBER["html"]
        assert page.locator("img").count() == 0


def test_five_thousand_numbers_are_forty_and_the_limit_is_named(browser: Any, shown: Shown) -> None:
    with window(browser) as page:
        paste(page, shown, "\n".join(f"4100{n:09d}" for n in range(5000)))
        assert page.locator("[data-lead]").count() == 40
        words = page.locator("main").inner_text()
        assert "40" in words
        assert "4960" in words.replace("\u00a0", "").replace(" ", "")


def test_ten_megabytes_are_refused_with_the_limit_and_the_box_is_still_there(
    browser: Any, shown: Shown
) -> None:
    with window(browser) as page:
        answer = paste(page, shown, "word " * 2_000_000)
        assert answer.status == 413
        assert re.search("слишком|длинн|мегабайт", page.locator("main").inner_text())
        page.locator("main [name=numbers]").fill("RB556626341CN")
        with page.expect_navigation():
            page.locator("main form:has([name=numbers]) button[type=submit]").click()
        assert page.locator("[data-lead]").get_attribute("data-lead") == "RB556626341CN"


def test_an_empty_box_is_not_even_sent(browser: Any, shown: Shown) -> None:
    with window(browser) as page:
        page.goto(shown.address)
        page.locator("form:has(#numbers) button[type=submit]").click()
        assert page.url == f"{shown.address}/"
        assert page.locator("#numbers").evaluate("box => box.validity.valueMissing")
