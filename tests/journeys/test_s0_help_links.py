"""Every link of the help pages leads somewhere: pages and legends of all businesses, in all five languages."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client

from sledi.orders.tests.stage import new_stage
from tests.journeys.markup import Element, tree

pytestmark = pytest.mark.django_db

LANGUAGES = ("ru", "bg", "kk", "uk", "en")
PROFILES = ("buyout", "retail", "tracker", "forwarder", "marketplace")
HOST = "http://testserver"
HELP = ("/help/", "/help/posts/", "/privacy/")
PAGES_MAX = 200


def help_pages() -> list[str]:
    """Where help begins: the guide, and the legend of every kind of business."""
    return [*HELP, *(f"/{new_stage(profile).business.slug}/legend/" for profile in PROFILES)]


def is_help(path: str) -> bool:
    return path.startswith(HELP) or "/legend/" in path


def addresses(page: Element) -> Iterator[str]:
    for one in page.iter():
        for name in ("href", "src", "action"):
            if name in one.attrib:
                yield one.attrib[name]


def fault_of(address: str) -> str:
    """What is wrong with how an address is written; nothing when it is a good one."""
    parts = urlsplit(address)
    if not address or re.search(r'[\s<>"{}|\\^`)]', address) or address.count("#") > 1:
        return "malformed"
    if parts.scheme in ("mailto", "tel"):
        return ""
    if parts.scheme not in ("", "http", "https") or (parts.scheme and not parts.hostname):
        return "malformed"
    if parts.scheme and not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", parts.hostname or ""):
        return "malformed"
    return ""


class Checker:
    """Walks the help pages from link to link, as a reader of one language does who has not signed in."""

    def __init__(self, language: str) -> None:
        self.client, self.language = Client(headers={"accept-language": language}), language
        self.known: dict[str, Element | None] = {}
        self.problems: list[str] = []
        self.checked = 0

    def walk(self, starts: list[str]) -> None:
        todo, seen = list(starts), set(starts)
        while todo:
            here = todo.pop()
            page = self.page(here)
            assert page is not None, here
            for address in addresses(page):
                self.check(here, address)
                target = urlsplit(urljoin(HOST + here, address))
                if target.netloc == "testserver" and is_help(target.path) and target.path not in seen:
                    seen.add(target.path)
                    todo.append(target.path)
            assert len(seen) < PAGES_MAX

    def page(self, address: str) -> Element | None:
        """What stands at our address; None where nothing does. What is no page, or takes forms only, is empty."""
        if address not in self.known:
            answer: Any = self.client.get(address, follow=True)
            came_to = answer.redirect_chain[-1][0] if answer.redirect_chain else address
            is_turned_away = is_help(urlsplit(address).path) and not is_help(
                came_to
            )  # help asks nobody to sign in
            is_there = answer.status_code in (200, 405) and not is_turned_away
            is_page = is_there and "text/html" in answer.headers["content-type"] and answer.status_code == 200
            self.known[address] = tree(answer.text) if is_page else tree("<p></p>") if is_there else None
        return self.known[address]

    def check(self, here: str, address: str) -> None:
        """One link of a page: well-formed, and if it is ours, there, with what it points to."""
        self.checked += 1
        target = urlsplit(urljoin(HOST + here, address))
        if fault := fault_of(address):
            self.problems.append(f"{self.language} {here}: {fault}: {address!r}")
        elif target.netloc == "testserver" and not target.path.startswith("/static/"):
            page = self.page(target.path + (f"?{target.query}" if target.query else ""))
            if page is None:
                self.problems.append(f"{self.language} {here}: broken: {address!r}")
            elif target.fragment and page.find(f".//*[@id='{target.fragment}']") is None:
                self.problems.append(f"{self.language} {here}: nothing has the id: {address!r}")


@pytest.mark.promise("S0.22")
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_link_of_the_help_pages_is_broken_or_malformed(language: str) -> None:
    checker = Checker(language)
    checker.walk(help_pages())
    assert checker.problems == []
    assert checker.checked > 500


@pytest.mark.promise("S0.22")
@pytest.mark.parametrize(
    "address",
    [
        "https://s )hiptor.ru/#contact-us",
        "",
        "https://",
        "htp://example.com",
        "https://exa mple.com/",
        "javascript:x",
    ],
)
def test_the_checker_sees_a_malformed_address(address: str) -> None:
    assert fault_of(address) == "malformed"


@pytest.mark.promise("S0.22")
def test_the_checker_sees_a_broken_link_and_a_missing_place() -> None:
    checker = Checker("ru")
    for address in ("/help/no-such-page/", "/help/#no-such-place", "/help/#try", "https://www.pochta.ru/"):
        checker.check("/help/", address)
    assert checker.problems == [
        "ru /help/: broken: '/help/no-such-page/'",
        "ru /help/: nothing has the id: '/help/#no-such-place'",
    ]
