"""The payment service of the journeys: the simulator's, whose signed callbacks are delivered to our own door."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx
import pytest
from django.test import Client

import sledi_simulator.payments
from sledi.orders.money import checkouts
from sledi.orders.tests.till import SLUG, Catcher
from tests.journeys.office import Office

Callback = tuple[dict[str, str], bytes]


@dataclass
class Kassa:
    """A business's payment service, on good days and bad."""

    office: Office
    provider: Any
    catcher: Catcher

    def day(self, day: str) -> None:
        """What goes wrong from now on."""
        self.provider.control("POST", ["days"], {"day": day})

    def page_after(self, answer: Any) -> str:
        """Where the browser is led by ``answer``: over a step of ours to the provider's page; its address."""
        assert answer.status_code == 302, answer.content
        step = answer.client.get(answer["Location"])
        assert step.status_code == 200
        found = re.fullmatch(r"0; url=(.+)", step["Refresh"])
        assert found
        assert f'href="{found[1]}"' in unescape(step.content.decode())
        return found[1]

    def press(self, address: str, act: str = "pay") -> str:
        """Pay (``decline``, ``close``) on the provider's page; where its page leads the buyer back to."""
        answer = httpx.post(address, data={"act": act}, timeout=5, verify=False)
        assert answer.status_code == 303
        return "/" + answer.headers["location"].partition("://")[2].partition("/")[2]

    def callback(self) -> Callback:
        """The next word of the provider, as it came over the network."""
        return self.catcher.caught.get(timeout=5)

    def deliver(self, callback: Callback) -> int:
        """Hand it to our door, as often as one likes; the status of our answer."""
        headers, body = callback
        named = {f"HTTP_{name.upper().replace('-', '_')}": text for name, text in headers.items()}
        pay = {name: text for name, text in named.items() if name.startswith("HTTP_PAY")}
        answer = Client().post(f"/hooks/payments/{SLUG}/", body, content_type="application/json", **pay)
        return answer.status_code

    def ask(self) -> int:
        """The worker's round: whom nobody told us of is asked about."""
        return checkouts.ask_due(self.office.now)

    def came(self) -> int:
        """How many checkouts were made at the provider."""
        return len(self.provider.checkouts())


@pytest.fixture
def kassa(office: Office, simulator: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kassa]:
    """A payment service for the business of the journey; its clock goes with the office's."""
    catcher = Catcher()
    settings.PUSH_URL = catcher.url
    for name, text in sledi_simulator.payments.settings(simulator.url).items():
        monkeypatch.setenv(name, text)
    yield Kassa(office, simulator.simulator.payments, catcher)
    catcher.close()
