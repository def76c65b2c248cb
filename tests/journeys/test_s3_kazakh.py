"""A Kazakh business in Kazakh: no word of its profile in another language, and tenge as Kazakhs write them."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from sledi import profiles
from sledi.accounts.models import Business
from sledi.orders.models import Order
from sledi.orders.tests.demo_world import built_world as built_world
from sledi.orders.tests.demo_world import demo_world as demo_world
from sledi.orders.tests.doors import member_of
from sledi.orders.tests.test_every_page import every_path
from tests.journeys.office import text_of

PROFILE = "forwarder"
ROLES = ("buyer", "operator", "supervisor")
MOVES = re.compile(r'href="(/[^"]*/moves/[^"]*/)"')
PEOPLES_WORDS = re.compile(r"<q>.*?</q>", re.DOTALL)


def said_otherwise() -> set[str]:
    """Every sentence of the profile in Russian, English, Bulgarian and Ukrainian that is not said so in Kazakh."""
    document, _lines = profiles.read(profiles.text(PROFILE), f"{PROFILE}.yaml")
    known = list(_words(document))
    kazakh = " ".join(one["kk"] for one in known)
    others = {one[language] for one in known for language in ("ru", "en", "bg", "uk")}
    return {text for text in others if len(text) > 3 and "{" not in text and text not in kazakh}


def _words(part: Any) -> Iterator[dict[str, str]]:
    if isinstance(part, dict) and "kk" in part and "ru" in part:
        yield part
    elif isinstance(part, dict):
        for inner in part.values():
            yield from _words(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _words(inner)


@pytest.mark.promise("S3.31")
def test_no_page_in_kazakh_has_a_word_of_the_profile_in_another_language(
    demo_world: dict[str, Business],
) -> None:
    business, foreign = demo_world[PROFILE], said_otherwise()
    assert len(foreign) > 500
    pattern = re.compile(
        "|".join(rf"(?<!\w){re.escape(text)}(?!\w)" for text in sorted(foreign, key=len, reverse=True))
    )
    found, visited = set(), 0
    for role in ROLES:
        client = member_of(business, role, "kk")
        todo = [f"/{PROFILE}/", f"/{PROFILE}/my/", f"/{PROFILE}/legend/", *every_path(business)]
        seen = set(todo)
        while todo:
            path = todo.pop()
            answer = client.get(path)
            if answer.status_code == 200:
                visited += 1
                # Notes are what people wrote, in their language.
                found |= {(path, hit) for hit in pattern.findall(text_of(PEOPLES_WORDS.sub("", answer.text)))}
                forms = set(MOVES.findall(answer.text)) - seen
                todo += forms
                seen |= forms
    assert visited > 100
    assert found == set()


@pytest.mark.promise("S3.31")
def test_amounts_are_tenge_in_the_format_of_the_reader(demo_world: dict[str, Business]) -> None:
    business = demo_world[PROFILE]
    order = Order.objects.filter(business=business, goods_minor=4590000).get()
    client = member_of(business, "supervisor", "kk")
    said = text_of(client.get(f"/{PROFILE}/orders/{order.number}/").text)
    assert "45\xa0900,00\xa0₸" in client.get(f"/{PROFILE}/orders/{order.number}/").text
    assert "KZT" not in said
    listed = text_of(client.get(f"/{PROFILE}/orders/").text)
    assert "₸" in listed
    assert "KZT" not in listed
    russian = text_of(member_of(business, "supervisor", "ru").get(f"/{PROFILE}/orders/{order.number}/").text)
    assert "45 900,00 ₸" in russian.replace("\xa0", " ")
