"""What holds for every address of the interface: errors, methods, media types, limits, no cookies, the schema."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from sledi.api.problems import KINDS
from tests.api.test_tracking import problem

pytestmark = pytest.mark.django_db

READY = "RB372813271CN"


@pytest.fixture
def schema(client: Client) -> dict[str, Any]:
    return client.get("/api/v1/openapi.json").json()


@pytest.mark.parametrize(
    "path",
    [
        "/api/",
        "/api/v1/nothing",
        "/api/v2/lists",
        "/api/v1/lists/",
        "/api/v1/detect/",
        "/api/x/%00",
    ],
)
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options"])
def test_an_unknown_address_is_a_problem_too(client: Client, path: str, method: str) -> None:
    assert problem(getattr(client, method)(path)) == (404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("get", "/detect", "POST"),
        ("put", "/lists", "POST"),
        ("post", "/lists/x", "GET, HEAD"),
        ("options", "/carriers", "GET, HEAD"),
        ("patch", "/lists/x/numbers/y", "DELETE, GET, HEAD"),
        ("trace", "/carriers", "GET, HEAD"),
    ],
)
def test_a_wrong_method_names_the_right_ones(client: Client, method: str, path: str, allowed: str) -> None:
    response = getattr(client, method)(f"/api/v1{path}")
    assert problem(response) == (405, "method")
    assert response["Allow"] == allowed


def test_head_answers_as_get_without_a_body(client: Client) -> None:
    response = client.head("/api/v1/carriers")
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_a_body_that_does_not_call_itself_json_is_refused(client: Client, media_type: str) -> None:
    response = client.generic("POST", "/api/v1/detect", b'{"numbers": ["RB372813271CN"]}', media_type)
    assert problem(response) == (415, "media-type")


def test_a_charset_beside_the_media_type_is_fine(client: Client) -> None:
    response = client.generic(
        "POST", "/api/v1/detect", b'{"numbers": ["RB372813271CN"]}', "application/json; charset=utf-8"
    )
    assert response.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"numbers": [}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"numbers": [' + b"9" * 5000 + b"]}",
        b"numbers=1",
    ],
)
def test_a_body_that_is_no_json_is_refused(client: Client, body: bytes) -> None:
    assert problem(client.generic("POST", "/api/v1/detect", body, "application/json")) == (400, "malformed")


def test_an_empty_body_misses_its_fields(client: Client) -> None:
    response = client.generic("POST", "/api/v1/detect", b"", CONTENT_TYPE="application/json")
    assert problem(response) == (422, "invalid")


def test_a_body_of_more_than_a_megabyte_is_refused_unread(client: Client) -> None:
    body = b'{"numbers": ["' + b"x" * 1_048_576 + b'"]}'
    assert problem(client.generic("POST", "/api/v1/detect", body, "application/json")) == (413, "too-large")


def test_what_breaks_on_our_side_says_no_more_than_where_to_look(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from sledi.tracking import api

    def broken() -> Any:
        raise ZeroDivisionError("the inner workings")

    monkeypatch.setattr(api, "directory", broken)
    response = client.get("/api/v1/carriers")
    assert problem(response) == (500, "broken")
    assert "inner workings" not in response.content.decode()
    assert "ZeroDivisionError: the inner workings" in caplog.text


def test_no_cookie_is_set_or_needed_and_no_other_site_may_read(client: Client, simulator: Any) -> None:
    opened = client.post(
        "/api/v1/lists",
        {"numbers": [READY]},
        content_type="application/json",
        headers={"origin": "https://evil.example"},
    )
    read = client.get(f"/api/v1/lists/{opened.json()['token']}", headers={"origin": "https://evil.example"})
    for response in (opened, read):
        assert response.status_code in {200, 201}
        assert not response.cookies
        assert not [name for name, _ in response.items() if name.lower().startswith("access-control")]


def test_a_signed_in_operator_has_no_more_rights_here(client: Client, simulator: Any, clock: Any) -> None:
    from sledi.accounts.operations import appoint_operator

    client.force_login(appoint_operator("vesela@example.org", clock()))
    assert problem(client.get(f"/api/v1/lists/unknown/numbers/{READY}")) == (404, "not-found")


def test_pages_keep_their_protection_against_forged_forms(simulator: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/lists/", {"numbers": READY}).status_code in {403, 404}
    assert strict.post("/follow/", {"list": "x", "mail": "a@example.org"}).status_code == 403
    # No cookie speaks for anybody here, so there is nothing to forge.
    assert (
        strict.post("/api/v1/detect", {"numbers": [READY]}, content_type="application/json").status_code
        == 200
    )


class TestSchema:
    def test_it_is_openapi_3_1_with_the_version_of_the_product(self, schema: dict[str, Any]) -> None:
        from sledi import __version__

        assert schema["openapi"].startswith("3.1")
        assert (schema["info"]["title"], schema["info"]["version"]) == ("sledi", __version__)

    def test_every_operation_has_a_name_a_summary_and_its_own_id(self, schema: dict[str, Any]) -> None:
        operations = [one for path in schema["paths"].values() for one in path.values()]
        assert len({one["operationId"] for one in operations}) == len(operations) == 84
        assert all(one["summary"] and one["description"] for one in operations)

    def test_every_problem_is_documented_with_its_media_type_and_kinds(self, schema: dict[str, Any]) -> None:
        for path in schema["paths"].values():
            for one in path.values():
                errors = {status: told for status, told in one["responses"].items() if int(status) >= 400}
                assert "500" in errors
                for told in errors.values():
                    content = told["content"]["application/problem+json"]["schema"]
                    assert set(content["properties"]["type"]["enum"]) == {
                        f"/api/v1/problems#{kind}" for kind in KINDS
                    }

    def test_every_reference_leads_somewhere(self, schema: dict[str, Any]) -> None:
        for name in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(schema)):
            assert name in schema["components"]["schemas"]

    def test_every_status_that_is_answered_is_documented(
        self, schema: dict[str, Any], client: Client, follow: Any, ask: Any
    ) -> None:
        """Good and bad requests to every operation; what comes back must stand in the schema."""
        token = follow(f"{READY} RB556626391CN")
        ask()
        values = {
            "token": [token, "none"],
            "number": [READY, "RB556626391CN", "none"],
            "slug": ["belpost", "none"],
        }
        bodies = [None, b"{", b"{}", *map(json.dumps, GOOD_BODIES), b" " * 1_048_577]
        seen: set[tuple[str, str, int]] = set()
        public = [
            one for one in operations_of(schema) if "{business}" not in one[1]
        ]  # others: test_orders_schema
        for method, template, one in sorted(public, key=lambda one: one[0] == "delete"):
            documented = set(map(int, one["responses"]))
            for address in addresses_of(template, values):
                for body in bodies if "requestBody" in one else [None]:
                    for media_type in ("application/json", "text/plain"):
                        response = client.generic(method.upper(), address, body or b"", media_type)
                        assert response.status_code in documented, (method, address, body, response.content)
                        seen.add((method, template, response.status_code))
                if method == "get":
                    etag = {"if-none-match": client.get(address).get("ETag", "")}
                    assert client.get(address, headers=etag).status_code in documented
        assert {status for _, _, status in seen} >= {200, 201, 202, 204, 400, 404, 409, 413, 415, 422}


GOOD_BODIES = [
    {"numbers": [READY]},
    {"numbers": ["hello"]},
    {"country": "RU"},
    {"country": "XX"},
    {"carrier": "belpost"},
    {"carrier": "owl_post"},
]


def operations_of(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(method, path, one) for path, found in schema["paths"].items() for method, one in found.items()]


def addresses_of(template: str, values: dict[str, list[str]]) -> list[str]:
    name = re.search(r"\{(\w+)\}", template)
    if name is None:
        return [template]
    return [
        address
        for value in values[name[1]]
        for address in addresses_of(template.replace(name[0], value, 1), values)
    ]
