"""What an end buyer reaches of a business: every page and every address of REST, made from their own tables."""

import itertools
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from sledi import profiles
from sledi.orders.models import Item, Order, RecipientLink, Task
from sledi.orders.pages import urls
from sledi.orders.pages.places import PLACE_OF
from sledi.project.api import api
from tests.journeys.boxes import packed
from tests.journeys.office import Office, written
from tests.journeys.purchases import KETTLE, ordered

PROFILE = "buyout"
WORKFLOW = profiles.workflow("buyout", 1)
LEVELS = list(WORKFLOW.levels)
MOVES = sorted({name for level in LEVELS for name in WORKFLOW.transitions(level)})
MOVES_OF = {PLACE_OF[level]: frozenset(WORKFLOW.transitions(level)) for level in LEVELS if level in PLACE_OF}
THINGS = {"number", "reference", "person", "checkout", "payout", "task", "id", "link", "arrival"}
"""Parameters of addresses that name a thing; the others name a kind, a move or a state."""

SECRET = "Secret samovar"
"""The name of the other's goods, and an internal note on his own."""


@pytest.fixture
def world(office: Office) -> tuple[str, str]:
    """The end buyer's own order, and one of another reseller's end buyer, both in parcels with tasks and links."""
    own, _ = packed(office)
    office.person("end_buyer", "stranger")
    item = {**KETTLE, "name": SECRET}
    other = ordered(office, item, reseller="rival")
    Order.objects.filter(number=other).update(recipient_id=office.stage.person("stranger").pk)
    office.do("operator", f"items/{other}.1", "dispatch", domestic_number="YT9925498020044")
    office.do("operator", f"items/{other}.1", "receive", scanned_number="YT9925498020044")
    office.do("logist", f"parcels/{other}", "form")
    for noted in (Order.objects.get(number=own), *Item.objects.filter(order__number=own)):
        noted.fields["internal_note"] = SECRET
        noted.save(update_fields=["fields"])
    for order in (own, other):
        row = Order.objects.get(number=order)
        name = "rival" if order == other else ""
        assert office.api("reseller", "post", f"orders/{order}/links", name=name).status == 201
        Task.objects.create(
            business=office.business, queue="support", reason="ask_logist", level="order",
            subject_id=row.pk, root_id=row.pk, opened_at=office.now,
        )  # fmt: skip
    return own, other


def values_of(order: str) -> dict[str, list[Any]]:
    """What each parameter of an address may stand for, around one order. A new parameter has to be added here."""
    row = Order.objects.get(number=order)
    item = Item.objects.get(order=row)
    parcels = [content.parcel for content in item.contents.select_related("parcel")]
    numbers = [order, f"{order}.{item.number}", *(parcel.number for parcel in parcels)]
    task, link = Task.objects.get(root_id=row.pk).pk, RecipientLink.objects.get(order=row).pk
    return {
        "business": ["buyout"],
        "number": numbers,
        "reference": [numbers[1], str(item.pk)],
        "place": list(PLACE_OF.values()),
        "levels": list(PLACE_OF.values()),
        "made": ["parcels", "cases"],
        "level": LEVELS,
        "name": MOVES,
        "state": ["ordered"],
        "destination": ["RU"],
        "category": ["toys"],
        "person": [row.reseller_id],
        "checkout": [uuid4()],
        "payout": [uuid4()],
        "photo": [uuid4()],
        "task": [task],
        "id": [task],
        "pk": [task],
        "token": ["none"],
        "code": ["KETTLE"],
        "key": ["invoice"],
        "outcome": ["paid"],
        "link": [link],
    }


def filled(names: list[str], values: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """Every way to fill an address; of moves those of the level it names, and one that is another level's."""
    for chosen in itertools.product(*(values[name] for name in names)):
        named = dict(zip(names, chosen, strict=True))
        kind = named.get("made") or named.get("place") or named.get("levels")
        moves = MOVES_OF.get(str(kind), frozenset(MOVES))
        if "name" not in named or named["name"] in moves or named["name"] == MOVES[0]:
            yield named


def pages() -> list[tuple[str, list[str]]]:
    """Each page of a business by name, with its parameters."""
    found = [one for one in urls.urlpatterns if isinstance(one, URLPattern)]
    assert len(found) == len(urls.urlpatterns)
    return [(str(one.name), list(one.pattern.converters)) for one in found]


@cache
def schema() -> dict[str, Any]:
    """The description of REST."""
    found: dict[str, Any] = api.get_openapi_schema()
    return found


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Each address of REST below a business, with its method and its description."""
    return [
        (path, method, described)
        for path, methods in schema()["paths"].items()
        for method, described in methods.items()
        if "{business}" in path
    ]


def query_of(described: Any, order: str) -> str:
    """What has to stand behind the question mark."""
    needed = [one for one in described.get("parameters", ()) if one["in"] == "query" and one.get("required")]
    return "".join(
        f"{'&' if at else '?'}{one['name']}={example(one['schema'], order)}" for at, one in enumerate(needed)
    )


def body_of(described: Any, order: str) -> Any:
    """A body of the right shape that names this order wherever a text is asked for."""
    content = described.get("requestBody", {}).get("content", {}).get("application/json")
    return example(content["schema"], order) if content else None


def example(shape: Any, order: str) -> Any:
    """Something of this shape."""
    if "$ref" in shape:
        return example(schema()["components"]["schemas"][shape["$ref"].rpartition("/")[2]], order)
    if "anyOf" in shape or "enum" in shape:
        return shape["enum"][0] if "enum" in shape else example(shape["anyOf"][0], order)
    match shape.get("type"):
        case "object":
            return {key: example(shape["properties"][key], order) for key in shape.get("required", ())}
        case "array":
            return [example(shape["items"], order)]
        case "integer" | "number":
            return 1
        case "boolean":
            return True
    return "2026-09-01" if shape.get("format") == "date" else order


def asked_pages(office: Office, order: str) -> Iterator[tuple[str, str, int, str, set[str]]]:
    """(what was asked, move, status, text, its parameters) of every page around an order, read and written to."""
    browser = office.browser("end_buyer")
    values = values_of(order)
    for name, parameters in pages():
        for chosen in filled(parameters, values):
            path = reverse(f"orders:{name}", kwargs={"business": "buyout", **chosen})
            for method in ("get", "post"):
                answer = getattr(browser, method)(path)
                text = answer.content.decode()
                yield f"{method} {path}", str(chosen.get("name", "")), answer.status_code, text, {*parameters}


def asked_rest(office: Office, order: str) -> Iterator[tuple[str, str, int, str, set[str]]]:
    """The same of every operation of REST, with bodies of the right shape."""
    values = values_of(order)
    office.person("end_buyer")
    for path, method, described in operations():
        parameters = re.findall(r"{(\w+)}", path)
        for chosen in filled(parameters, values):
            below = path.format(**chosen).partition("/businesses/buyout/")[2] + query_of(described, order)
            answer = office.api("end_buyer", method, below, body_of(described, order))
            text = json.dumps(answer.body, ensure_ascii=False)
            yield f"{method} {below}", str(chosen.get("name", "")), answer.status, text, {*parameters}


def is_harmless(asked: str, status: int, text: str) -> bool:
    """Whether an answer is one to somebody who may read some things and write nothing."""
    if asked.startswith("get "):
        return status in (200, 302, 403, 404, 405, 422)
    # Whoever follows an order may try to pay it: there is no provider here, and he is told so on the order's page.
    is_paying = status == 302 and asked.endswith("/payment/")
    is_bulk_of_nothing = status == 200 and '"done": 0' in text
    is_his_own = (
        status in (200, 302) and re.search(r"[ /]me(/|$)", asked) is not None
    )  # his name, his book, his mails
    return status in (403, 404, 405, 409, 415, 422) or is_paying or is_bulk_of_nothing or is_his_own


DOORS = [asked_pages, asked_rest]


@pytest.mark.promise("S0.36")
@pytest.mark.parametrize("door", DOORS)
def test_what_is_not_his_is_not_there_and_what_his_role_lacks_is_forbidden(
    office: Office, world: tuple[str, str], door: Any
) -> None:
    own, other = world
    assert office.api("end_buyer", "get", "profile").status == 200  # making his key is a line of history
    before = written()
    for asked, move, status, text, parameters in door(office, other):
        assert SECRET not in text, asked
        assert is_harmless(asked, status, text), f"{status} {asked}"
        if parameters & THINGS:
            # 405 and 422 are said of the address alone; an act that his role lacks is refused as that, whatever is
            # named: no answer says anything of the thing.
            assert status in (404, 405, 422) or (status == 403 and (move or "get " not in asked)), (
                f"{status} {asked}"
            )
    forbidden = set()
    for asked, move, status, text, _parameters in door(office, own):
        assert not any(hidden in text for hidden in (SECRET, "30.00", "30,00", "967.00", "967,00")), asked
        assert is_harmless(asked, status, text), f"{status} {asked}"
        if status == 403 and move and f"/moves/{move}" in asked:
            forbidden.add(move)
    lacking = {
        (level, name)
        for level in ("order", "item", "parcel")
        for name, transition in WORKFLOW.transitions(level).items()
        if "end_buyer" not in transition.roles
    }
    assert forbidden == {name for _level, name in lacking}
    assert written() == before, "something was written"


def test_the_balance_and_internal_notes_are_on_no_page_of_his(office: Office, world: tuple[str, str]) -> None:
    own, _ = world
    browser = office.browser("end_buyer")
    assert browser.get("/buyout/account/").status_code == 404
    assert office.api("end_buyer", "get", "account").status == 404
    for path in (f"orders/{own}/", f"items/{own}.1/", "my/", "orders/", ""):
        page = office.read("end_buyer", path)
        assert SECRET not in page


def test_the_link_without_an_account_shows_the_same_and_takes_nothing(
    office: Office, world: tuple[str, str]
) -> None:
    own, other = world
    stranger = Client()
    for order in (own, other):
        links = office.see("operator", f"orders/{order}/links")["links"]
        path = next(link["address"] for link in links if link["address"]).removeprefix(
            "http://localhost:8000"
        )
        page = stranger.get(path).content.decode()
        assert order in page
        assert (own if order == other else other) not in page
        assert (stranger.post(path).status_code, stranger.put(path).status_code) == (405, 405)
