"""Reading our own pages: HTML as an element tree, texts as a reader sees them."""

from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from django.test import Client

VOID = frozenset({"meta", "link", "input", "br", "hr", "img", "source", "wbr"})


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tree = ET.TreeBuilder()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tree.start(tag, {name: value or "" for name, value in attrs})
        if tag in VOID:
            self.tree.end(tag)
        else:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tree.start(tag, {name: value or "" for name, value in attrs})
        self.tree.end(tag)

    def handle_endtag(self, tag: str) -> None:
        expected = self.open.pop()
        assert tag == expected, f"</{tag}> where </{expected}> belongs"
        self.tree.end(tag)

    def handle_data(self, data: str) -> None:
        if self.open:
            self.tree.data(data)


def read(client: Client, address: str, language: str = "ru") -> Element:
    """The page at an address in a language."""
    answer = client.get(address, headers={"accept-language": language})
    assert answer.status_code == 200, f"{answer.status_code} for {address}"
    page = tree(answer.text)
    assert page.get("lang") == language
    return page


def tree(html: str) -> Element:
    """The page as a tree. Fails where an element is closed that is not open."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    assert builder.open == []
    return builder.tree.close()


BLOCKS = frozenset(
    {"br", "p", "li", "div", "section", "h1", "h2", "h3", "dt", "dd", "small", "summary", "td", "th"}
)


def text(element: Element | None) -> str:
    """What a reader reads in an element: white space as one blank, and a blank between blocks."""
    assert element is not None
    return " ".join("".join(_words(element)).split())


def _words(element: Element) -> Iterator[str]:
    gap = " " if element.tag in BLOCKS else ""
    yield gap + (element.text or "")
    for child in element:
        yield from _words(child)
        yield child.tail or ""
    yield gap


def with_class(element: Element, name: str) -> list[Element]:
    """Every element below that has this class."""
    return [found for found in element.iter() if name in found.get("class", "").split()]


def by_id(element: Element, wanted: str) -> Element:
    """The element with this id."""
    found = element.find(f".//*[@id='{wanted}']")
    assert found is not None, f"nothing has the id {wanted}"
    return found


def section(element: Element, heading_id: str) -> Element:
    """The section that a heading names (aria-labelledby)."""
    found = element.find(f".//*[@aria-labelledby='{heading_id}']")
    assert found is not None, f"no section is labelled by {heading_id}"
    return found


def links(element: Element) -> dict[str, str]:
    """Address by the text of each link."""
    return {text(link): link.get("href", "") for link in element.iter("a")}


def row_of(page: Element, number: str) -> Element:
    """The row of a list that is about a number."""
    for row in with_class(page, "rows")[0]:
        if row.find(f".//*[@data-lead='{number}']") is not None:
            return row
    raise AssertionError(f"no row is about {number}")


def lead(page: Element, number: str) -> str:
    """The first line about a number: of its row in a list, or of its own page."""
    return text(page.find(f".//*[@data-lead='{number}']"))


def groups(element: Element) -> list[str]:
    """The groups in which a number is shown."""
    return [text(group) for group in with_class(element, "num")[0]]
