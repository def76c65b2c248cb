"""Every page of the five businesses of the demo, for every role: it is there or not to be seen, and never broken."""

import re
from typing import Any

import pytest

from sledi import profiles
from sledi.accounts.models import Business
from sledi.catalogue.models import Product
from sledi.core.workflow.vocabulary import PEOPLE
from sledi.orders.models import Case, Order
from sledi.orders.tests.demo_world import built_world as built_world
from sledi.orders.tests.demo_world import demo_world as demo_world
from sledi.orders.tests.doors import member_of, text_of
from sledi.parcels.models import Haul, Parcel

BUSINESSES = ("buyout", "retail", "tracker", "forwarder", "marketplace")
PLACES: dict[Any, str] = {Order: "orders", Haul: "hauls", Case: "cases"}
LANGUAGES = ("ru", "bg", "kk", "uk", "en")


@pytest.mark.parametrize("slug", BUSINESSES)
def test_every_role_gets_every_page_of_its_business(demo_world: dict[str, Business], slug: str) -> None:
    """What a role may see is there, what it may not see is not found; nothing breaks."""
    business = demo_world[slug]
    for role in PEOPLE:
        client = member_of(business, role)
        for path in every_path(business):
            answer = client.get(path)
            assert answer.status_code in (200, 404), (role, path)
        assert client.get(f"/{slug}/").status_code == 200
        assert client.get(f"/{slug}/my/").status_code == 200


def every_path(business: Business) -> list[str]:
    """The lists of a business, and of each level one thing in each state."""
    levels = profiles.workflow(business.profile).levels
    places = {"orders": "order", "items": "item", "parcels": "parcel", "tracks": "track", "cases": "case"}
    lists = [place for place, level in {**places, "hauls": "haul"}.items() if level in levels]
    models: tuple[Any, ...] = (Order, Parcel, Haul, Case)
    things = [
        f"{PLACES.get(model) or row.level + 's'}/{row.number}"
        for model in models
        for row in model.objects.filter(business=business).order_by("state", "pk").distinct("state")
    ]
    goods = [
        f"products/{code}"
        for code in Product.objects.filter(business=business).values_list("code", flat=True)
    ]
    lists += ["products"] if goods else []
    return [f"/{business.slug}/{path}/" for path in (*lists, *things, *goods)]


@pytest.mark.parametrize("slug", BUSINESSES)
def test_an_operator_of_the_business_sees_every_order_and_parcel(
    demo_world: dict[str, Business], slug: str
) -> None:
    client = member_of(demo_world[slug], "owner")
    for path in every_path(demo_world[slug]):
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_shows_a_key_in_the_place_of_words(demo_world: dict[str, Business], language: str) -> None:
    """Every word of a state or move comes from the profile, in the reader's language."""
    business = demo_world["buyout"]
    client = member_of(business, "supervisor", language)
    number = Order.objects.filter(business=business, state="at_warehouse").get().number
    answer = client.get(f"/buyout/orders/{number}/")
    workflow = profiles.workflow("buyout")
    assert answer["Content-Language"] == language
    words = text_of(answer)
    assert workflow.states("order")["at_warehouse"].label[language] in words
    assert workflow.transitions("item")["receive"].label[language] in words
    assert not re.search(r"\b[a-z]+_[a-z_]+\b", words)
