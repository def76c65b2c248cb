"""Every address of the site is visited by a test, or the reason why not stands here."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(__file__).parents[2]
HOLE = "\0"  # what an f-string fills in

NOT_VISITED = {
    "api/v1/": "a name for the API's root, which answers nothing itself",
    "livez": "another name of healthz",
}
VISITED_UNDER_MADE_UP_PATHS = {
    # The tests take these addresses from a form, a link or a helper, and never spell them.
    "t/<str:token>/": "tests/journeys/world.py::paste",
    "t/<str:token>/<str:number>/": "tests/journeys/world.py::Stories.page",
    "^api/": "tests/journeys/test_s2_page.py",
    "api/v1/lists/<token>": "tests/journeys/test_s2_numbers.py",
    "api/v1/lists/<token>/numbers/<number>": "tests/journeys/world.py::Stories.api",
    "api/v1/carriers/<slug>": "tests/journeys/test_s2_sites.py",
    "live/lists/<str:token>": "tests/browser/test_live.py",
    "api/v1/businesses/<business>/import-rules/<destination>/<category>": "tests/journeys/test_s0_refusing.py",
    "<slug:business>/accounts/<uuid:person>/": "tests/journeys/test_s0_account.py",
    "api/v1/businesses/<business>/checkouts/<checkout>": "tests/journeys/test_payments.py",
    "api/v1/businesses/<business>/payouts/<payout>": "tests/journeys/test_s4_payouts.py",
    "api/v1/businesses/<business>/payouts/<payout>/moves/<name>": "tests/journeys/test_s4_payouts.py",
    "api/v1/businesses/<business>/orders/<number>/links/<link>": "tests/journeys/test_s0_notices.py",
    "api/v1/businesses/<business>/me/addresses/<id>": "tests/journeys/test_s1_account.py",
    "<slug:business>/doubtful-payments/<uuid:checkout>/": "tests/journeys/test_doubtful_payments.py",
    "<slug:business>/doubtful-payments/<uuid:checkout>/settlement/<slug:outcome>/": (
        "tests/journeys/test_doubtful_payments.py"
    ),
    "api/v1/businesses/<business>/doubtful-checkouts/<checkout>": "tests/journeys/test_doubtful_payments.py",
    "sign-in/<str:token>/": "tests/journeys/world.py::sign_in",
}


def routes(resolver: URLResolver | None = None, above: str = "") -> Iterator[str]:
    for entry in (resolver or get_resolver()).url_patterns:
        route = above + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from routes(entry, route)


def addresses() -> set[str]:
    """Texts of all tests that look like addresses, with a mark where something is filled in."""
    found: set[str] = set()
    files = [
        *ROOT.glob("tests/**/test_*.py"),
        *ROOT.glob("tests/**/site.py"),
        *ROOT.glob("src/**/tests/test_*.py"),
    ]
    for file in files:
        if file == Path(__file__):
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.JoinedStr):
                found.add(
                    "".join(
                        str(part.value) if isinstance(part, ast.Constant) else HOLE for part in node.values
                    )
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return {text.partition("?")[0] for text in found}


def is_visited(route: str, spelled: set[str]) -> bool:
    """Whether a test spells this address, or its end after the last thing that is filled in."""
    whole = re.compile(
        "/" + re.sub(r"<[^>]+>", "[^/]+", re.escape(route).replace(r"\<", "<").replace(r"\>", ">"))
    )
    tail = re.split(r"<[^>]+>", route)[-1].lstrip("/") if "<" in route else ""
    return any(whole.fullmatch(text) or (tail and text.endswith(tail)) for text in spelled)


def test_every_address_is_visited_by_a_test() -> None:
    spelled = addresses()
    assert [
        route
        for route in sorted(set(routes()))
        if route not in NOT_VISITED
        and route not in VISITED_UNDER_MADE_UP_PATHS
        and not is_visited(route, spelled)
    ] == []


def test_every_exception_is_still_an_address_and_still_an_exception() -> None:
    known = set(routes())
    assert [route for route in (*NOT_VISITED, *VISITED_UNDER_MADE_UP_PATHS) if route not in known] == []
    for where in VISITED_UNDER_MADE_UP_PATHS.values():
        assert (ROOT / where.partition("::")[0]).is_file()
