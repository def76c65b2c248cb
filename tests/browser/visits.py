"""One walk over all pages in one language, and what was found wrong on the way."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT

from tests.browser.site import Shown

RULES_OF_COLOUR = ["color-contrast", "link-in-text-block"]
"""All that can differ by night: the page is the same one."""
RULES_OF_WIDTH = ["target-size", "scrollable-region-focusable", "color-contrast", "page-has-heading-one"]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE, NARROW, NARROWEST = 1280, 360, 320
HEIGHT = 800


@dataclass(slots=True)
class Findings:
    """What was wrong, a line each, by the gate it belongs to."""

    access: list[str] = field(default_factory=list)
    width: list[str] = field(default_factory=list)
    policy: list[str] = field(default_factory=list)
    language: list[str] = field(default_factory=list)


def walk(browser: Any, shown: Shown, cookies: Any, language: str) -> Findings:
    """Visit every page in a language: wide and narrow, by day and by night.

    Markup is looked at with every rule in every language. What a width or a night changes does not depend on the
    language, so there the full set runs in one language and the rules concerned in the others.
    """
    found = Findings()
    is_whole = language == "ru"
    with window(browser, language, storage_state=cookies) as page:
        page.context.add_init_script(AXE_SCRIPT)
        names = [""]
        listen(page, shown.address, found.policy, names)
        for names[0], visit in shown.pages(every_state=is_whole).items():
            page.set_viewport_size({"width": WIDE, "height": HEIGHT})
            visit(page)
            _look(page, names[0], found, is_whole=is_whole)
            if page.locator("html").get_attribute("lang") != language:
                found.language.append(names[0])
    return found


def _look(page: Any, name: str, found: Findings, *, is_whole: bool) -> None:
    found.access += access_problems(page, f"{name}, {WIDE} px", RULES)
    page.emulate_media(color_scheme="dark")
    if is_whole:
        found.access += access_problems(page, f"{name}, {WIDE} px, by night", RULES_OF_COLOUR)
    page.set_viewport_size({"width": NARROW, "height": HEIGHT})
    found.access += access_problems(page, f"{name}, {NARROW} px, by night", RULES_OF_COLOUR)
    page.emulate_media(color_scheme="light")
    found.access += access_problems(page, f"{name}, {NARROW} px", RULES if is_whole else RULES_OF_WIDTH)
    found.width += width_problems(page, name)


@contextmanager
def window(browser: Any, language: str = "ru", **more: Any) -> Iterator[Any]:
    """A window of a reader with this language."""
    context = browser.new_context(locale=language, **more)
    try:
        yield context.new_page()
    finally:
        context.close()


def listen(page: Any, address: str, found: list[str], names: list[str]) -> None:
    """Write down what the console says, errors of the page, and requests to anybody else."""
    ours = urlsplit(address).netloc

    def hear(message: Any) -> None:
        if not _is_expected(message.text):
            found.append(f"{names[0]}: console: {message.text}")

    def see(request: Any) -> None:
        if urlsplit(request.url).netloc not in {ours, ""}:
            found.append(f"{names[0]}: request to {request.url}")

    page.on("console", hear)
    page.on("request", see)
    page.on("pageerror", lambda error: found.append(f"{names[0]}: error: {error}"))


def _is_expected(message: str) -> bool:
    """The browser notes the status of an error page that we visit on purpose."""
    return message.startswith("Failed to load resource: the server responded with a status of 4")


def access_problems(page: Any, name: str, rules: list[str]) -> list[str]:
    """What axe finds on a page by some of its rules or groups of rules."""
    violations = page.evaluate(
        """rules => axe.run(document, {runOnly: rules, resultTypes: ["violations"]}).then(found => found.violations
            .map(one => [one.id, one.nodes.map(node => node.target.join(" ")).slice(0, 3)]))""",
        rules,
    )
    return [f"{name}: {rule} at {' and '.join(where)}" for rule, where in violations]


WIDE_SPACING = """() => {
    const spacing = new CSSStyleSheet();
    spacing.replaceSync(`
        * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
        p { margin-block-end: 2em !important; }`);
    document.adoptedStyleSheets = [spacing];
}"""
DOUBLE_TEXT = "document.documentElement.style.fontSize = '200%'"
USUAL = "document.adoptedStyleSheets = []; document.documentElement.style.fontSize = ''"
"""How a reader changes the text (WCAG 1.4.4 and 1.4.12); the policy allows no style sheets written into the page."""

OVERFLOW = """name => {
    const wide = document.documentElement.clientWidth;
    const over = document.documentElement.scrollWidth - wide;
    if (over <= 0) return "";
    const scrolls = one => one && one !== document.body
        && (getComputedStyle(one).overflowX !== "visible" || scrolls(one.parentElement));
    const last = [...document.body.querySelectorAll("*")]
        .filter(one => one.getBoundingClientRect().right > wide + 1 && !scrolls(one.parentElement)).at(-1);
    const where = last ? `${last.localName} «${last.textContent.trim().slice(0, 30)}»` : "?";
    return `${name}: ${over} px too wide at ${where}`;
}"""


def width_problems(page: Any, name: str) -> list[str]:
    """Where a page has to be scrolled sideways: narrow, with text at double size, with wide spacing."""
    found = [page.evaluate(OVERFLOW, f"{name}, {NARROW} px")]
    page.evaluate(DOUBLE_TEXT)
    found.append(page.evaluate(OVERFLOW, f"{name}, {NARROW} px with text at 200 %"))
    page.evaluate(USUAL)
    page.set_viewport_size({"width": NARROWEST, "height": HEIGHT})
    found.append(page.evaluate(OVERFLOW, f"{name}, {NARROWEST} px"))
    page.evaluate(WIDE_SPACING)
    found.append(page.evaluate(OVERFLOW, f"{name}, {NARROWEST} px with wide text spacing"))
    page.evaluate(USUAL)
    return [problem for problem in found if problem]
