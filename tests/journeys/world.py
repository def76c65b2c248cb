"""The world in which journeys take place: the simulator's stories, followed and asked about."""

import json
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from typing import Any
from urllib.request import Request, urlopen

from asgiref.sync import async_to_sync
from django.test import Client

from sledi.cli import main

ROUNDS_MAX = 20


@dataclass(frozen=True, slots=True)
class Stories:
    """Every story of the simulator, followed and asked about: ``tokens`` has the list of each number."""

    tokens: Mapping[str, str]

    def page(self, number: str) -> str:
        """The address of a parcel's page."""
        return f"/t/{self.tokens[number]}/{number}/"

    def list_page(self, number: str) -> str:
        """The address of the list that holds a number."""
        return f"/t/{self.tokens[number]}/"

    def api(self, number: str) -> str:
        """The address of a parcel in the API."""
        return f"/api/v1/lists/{self.tokens[number]}/numbers/{number}"


def story_numbers() -> list[str]:
    """The numbers of all stories, in the order of the simulator's table."""
    from sledi_simulator import stories

    return [story.number for story in stories.stories()]


def paste(client: Client, text: str, language: str = "ru") -> str:
    """Paste a text into the box on the front page as a guest does; the address of the list that opens."""
    answer = client.post("/t/", {"numbers": text}, headers={"accept-language": language})
    assert answer.status_code == 302, f"{answer.status_code} for {text[:80]!r}"
    return str(answer["Location"])


def command(*arguments: str) -> tuple[int, str]:
    """Run ``sledi …`` in this process: exit code, and what it says (a refusal too)."""
    said = StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        code = main(list(arguments))
    return code, said.getvalue()


def sign_in_page(email: str = "operator@localhost") -> str:
    """The address at which an operator signs in, once, from the link that the command gives."""
    code, said = command("operator", "link", "--email", email)
    assert code == 0, said
    return "/sign-in/" + said.strip().rpartition("/sign-in/")[2]


def sign_in(client: Client) -> None:
    """Become the operator."""
    assert client.post(sign_in_page()).status_code == 302


def control(simulated: Any, path: str, method: str = "POST", **content: object) -> Any:
    """Turn a knob of the simulator; what it answers."""
    body = json.dumps(content).encode() if method == "POST" else None
    request = Request(f"{simulated.url}/_control/{path}", data=body, method=method)
    with urlopen(request, timeout=10) as answer:
        return json.load(answer)


def let_everything_be_due() -> None:
    """As if enough time had passed for every carrier to be asked about every number again, and somebody waited."""
    from sledi.tracking.models import Watch

    Watch.objects.update(due_at=datetime.now(UTC), is_urgent=True)
    _let_pauses_pass()


def follow(text: str, destination: str = "") -> str:
    """Open a list as an operator does, without an allowance; its token."""
    from sledi.tracking import operations

    return operations.open_list(text, client=None, at=datetime.now(UTC), destination=destination).token


def ask_everybody() -> int:
    """Let the worker's poller ask whatever is due, and what answers make due; how many requests.

    Between two rounds the pause has passed that a carrier's contract demands between two calls.
    """
    made = 0
    for _ in range(ROUNDS_MAX):
        asked = _ask_once()
        made += asked
        if not asked:
            break
        _let_pauses_pass()
    return made


def _ask_once() -> int:
    from sledi.tracking import lines, wire
    from sledi.tracking.poller import poll_once

    async def ask() -> int:
        async with wire.client() as http:
            return await poll_once([module.SLUG for module in lines.configured()], http)

    return async_to_sync(ask)()


def _let_pauses_pass() -> None:
    from sledi.tracking.models import CarrierLine

    CarrierLine.objects.filter(opens_at=None).update(next_call_at=datetime.now(UTC))
