"""The schema of a business's interface tells the truth: whatever is asked, what comes back stands in it."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from ninja import Schema

from sledi.orders.models import Item
from sledi.orders.moving.making import Line
from sledi.orders.tests.stage import new_stage
from tests.api.orders_world import Doors
from tests.api.test_frame import addresses_of, operations_of

pytestmark = pytest.mark.django_db

BODIES: list[Any] = [
    None,
    b"{",
    b"[]",
    b" " * 1_048_577,
    {"fields": {"x": 1}},
    {"fields": {"reason": "sold_out"}},
    {"rows": [{"number": "AAAAAAAA.1"}]},
    {"items": [{"name": "Cup"}]},
    {"orders": ["AAAAAAAA"]},
    {"move": "open"},
]


OPEN = [
    "/api/v1/businesses/{business}/order-lookups",
    "/api/v1/businesses/{business}/order-lookups/{token}",
]
"""For whoever has no account: the mailbox is the proof."""
LEVELS = ["orders", "items", "parcels", "nothing"]


@pytest.fixture
def schema(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/v1/openapi.json").json()
    return found


def test_every_status_that_is_answered_is_documented(schema: dict[str, Any], client: Client) -> None:
    doors = Doors(new_stage("buyout"), client)
    order = doors.stage.order(Line("Kettle", unit_price_minor=100))
    doors.stage.put(Item.objects.get(order=order), "buying")
    values = {
        "business": ["buyout", "nobody"],
        "number": [order.number, f"{order.number}.1", "none"],
        "name": ["refuse", "take"],
        "state": ["buying", "flying"],
        "destination": ["KZ", "nowhere"],
        "category": ["gas"],
        "code": ["KETTLE", "none"],
        "token": ["none"],
        "key": ["invoice", "none"],
        "checkout": [str(UUID(int=1)), "none"],
        "payout": [str(UUID(int=1)), "none"],
        "link": [str(UUID(int=1)), "none"],
        "reference": [f"{order.number}.1", "none"],
        "id": [str(UUID(int=1)), "none"],
    }
    key, paths = f"Bearer {doors.key('operator')}", schema["paths"]
    seen: set[int] = set()
    for method, template, one in operations_of(schema):
        if "{business}" not in template:
            continue
        documented = set(map(int, one["responses"])) - {500}
        # Where a level has an address of its own, that one answers for all methods.
        of_its_own = {
            level for level in LEVELS if method not in paths.get(_at(template, level), {method: ""})
        }
        levels = [level for level in LEVELS if level not in of_its_own]
        for address in addresses_of(template, values | {"levels": levels}):
            asked = BODIES if "requestBody" in one and "nobody" not in address else BODIES[:1]
            for authorization, body in [("Bearer none", None), *((key, body) for body in asked)]:
                content = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
                response = client.generic(
                    method.upper(),
                    address,
                    content if "requestBody" in one else b"",
                    content_type="application/json",
                    headers={"authorization": authorization},
                )
                assert response.status_code in documented, (method, address, body, response.content)
                seen.add(response.status_code)
    assert seen >= {200, 201, 400, 401, 404, 409, 413, 415, 422}


def test_no_address_names_a_kind_of_business(schema: dict[str, Any]) -> None:
    from sledi import profiles

    told = json.dumps({path: one for path, one in schema["paths"].items() if "{business}" in path})
    assert [name for name in profiles.names() if f'"{name}"' in told or f"/{name}" in told] == []


def test_every_operation_of_a_business_asks_for_a_key_or_a_session(schema: dict[str, Any]) -> None:
    found = [(path, one) for _method, path, one in operations_of(schema) if "{business}" in path]
    assert [path for path, one in found if "security" not in one] == OPEN
    of_business = [one for path, one in found if path not in OPEN]
    assert len(of_business) == 70
    assert all(len(one["security"]) == 2 for one in of_business)
    assert all("401" in one["responses"] and "404" in one["responses"] for one in of_business)


def test_no_two_shapes_share_a_name() -> None:
    """The document knows shapes by name alone: one of two namesakes would be told in the place of the other."""
    names = Counter(name for _module, name in {(one.__module__, one.__name__) for one in _shapes(Schema)})
    assert [name for name, count in names.items() if count > 1] == []


def _shapes(above: type[Schema]) -> Iterator[type[Schema]]:
    for one in above.__subclasses__():
        if one.__module__.startswith("sledi."):
            yield one
        yield from _shapes(one)


def _at(template: str, level: str) -> str:
    return template.replace("{levels}", level)
