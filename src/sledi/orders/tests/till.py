"""A shop at the simulated payment provider: the buyer presses its buttons, its callbacks are caught and delivered."""

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
from django.test import Client

import sledi_simulator.payments
from sledi.accounts.models import Person
from sledi.ledger import queries as ledger
from sledi.ledger.charts import CASH, CUSTOMER_BALANCE, Ref
from sledi.orders.models import Checkout, Order, Task
from sledi.orders.money import checkouts, postings
from sledi.orders.tests.stage import Stage, new_stage

SLUG = "kassa"


class Catcher:
    """Stands in for the network between the provider and us: keeps every callback as it came."""

    def __init__(self) -> None:
        self.caught: queue.Queue[tuple[dict[str, str], bytes]] = queue.Queue()
        caught = self.caught

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                caught.put((dict(self.headers), body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                return

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@dataclass
class Till:
    """A business on the retail profile, an order of 33.00, and the provider."""

    stage: Stage
    provider: Any
    catcher: Catcher
    client: Client
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def order(self) -> Order:
        return self.stage.order(reseller_id=None)

    def buyer(self) -> Person:
        return self.stage.person("buyer")

    def checkout(self, order: Order) -> Checkout:
        return checkouts.for_order(self.stage.business, SLUG, order.pk, self.now)

    def day(self, day: str, **more: Any) -> None:
        self.provider.control("POST", ["days"], {"day": day, **more})

    def press(self, checkout: Checkout, act: str = "pay") -> httpx.Response:
        return httpx.post(checkout.address, data={"act": act}, timeout=5, verify=False)

    def callback(self) -> tuple[dict[str, str], bytes]:
        return self.catcher.caught.get(timeout=5)

    def deliver(self, callback: tuple[dict[str, str], bytes] | None = None) -> int:
        """Hand a callback (the next one) to our address; the status of the answer."""
        headers, body = callback or self.callback()
        named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
        named = {name: value for name, value in named.items() if name.startswith("HTTP_PAY")}
        answer = self.client.post("/hooks/payments/kassa/", body, content_type="application/json", **named)
        return answer.status_code

    def later(self, **duration: float) -> int:
        """Time passes and the worker's chore comes by; how many providers answered."""
        self.now += timedelta(**duration)
        return checkouts.ask_due(self.now)

    def page(self, checkout: Checkout) -> str:
        answer = self.client.get(f"/account/payments/{checkout.pk}/")
        assert answer.status_code == 200
        return answer.content.decode()

    def books(self, order: Order) -> dict[str, Any]:
        """What the order and the ledger hold, in minor units."""
        order.refresh_from_db()
        business = self.stage.business
        payer = Ref(CUSTOMER_BALANCE, postings.payer_id(order), "RUB")
        assert ledger.audit() == []
        return {
            "state": order.state,
            "paid": order.paid_minor,
            "balance": ledger.balance(business, payer).minor,
            "cash": ledger.balance(business, Ref(CASH, None, "RUB", SLUG)).minor,
        }

    def tasks(self) -> list[str]:
        return list(Task.objects.filter(queue="support").values_list("reason", flat=True))


UNPAID = {"state": "pending", "paid": 0, "balance": 0, "cash": 0}
PAID_ONCE = {"state": "payment_received", "paid": 3300, "balance": 0, "cash": -3300}


@pytest.fixture
def till(
    db: None, simulator: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, client: Client
) -> Iterator[Till]:
    catcher = Catcher()
    settings.PUSH_URL = catcher.url
    for name, text in sledi_simulator.payments.settings(simulator.url).items():
        monkeypatch.setenv(name, text)
    yield Till(new_stage("retail"), simulator.simulator.payments, catcher, client)
    catcher.close()
