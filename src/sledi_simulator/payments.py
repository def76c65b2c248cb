"""A payment provider of our own under ``/payments``: a page to pay at, an API, callbacks with retries, bad days.

Its shape is that of docs/how-to/payments.md. The key of its API is ``secret``, and so is what it signs with. Times in
signatures are the simulator's.
"""

import hashlib
import hmac
import html
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sledi_simulator.bad_days import BadDay, Switch
from sledi_simulator.clock import Clock
from sledi_simulator.pushes import Outbox, Push, post
from sledi_simulator.wire import Answer, Ask, json_answer, to_json
from sledi_simulator.world import SECRET

SLUG = "payments"
REPEATS = 5
SLOW_S = 60.0
OTHER_CURRENCY = "XAF"


class PaymentDay(StrEnum):
    """What can go wrong with a payment. Each stays on until it is switched off."""

    LIES = "lies"  # the callback tells of another amount than the API
    LIES_EVERYWHERE = "lies_everywhere"  # the API too
    OTHER_CURRENCY = "other_currency"  # both tell of another currency
    REPEATS = "repeats"  # every callback five times
    WRONG_SIGNATURE = "wrong_signature"
    CALLBACK_FIRST = "callback_first"  # heard before the buyer is sent back
    NEVER_CALLS_BACK = "never_calls_back"
    PAYS_TWICE = "pays_twice"  # two payments for one press of the button
    TIMES_OUT = "times_out"  # the API does what it is asked, and says nothing for a minute


@dataclass(slots=True)
class Checkout:
    """One page to pay at. Amounts are whole minor units."""

    id: str
    merchant_id: str
    amount: int
    currency: str
    description: str
    return_url: str
    callback_url: str
    status: str = "open"
    payments: list[str] = field(default_factory=list)
    refunded: int = 0


class Payments:
    """The provider. Safe to use from several threads."""

    def __init__(self, clock: Clock, outbox: Outbox) -> None:
        self._clock = clock
        self._outbox = outbox
        self._lock = threading.Lock()
        self._checkouts: dict[str, Checkout] = {}
        self._by_key: dict[str, str] = {}  # idempotency key to checkout
        self._days: set[PaymentDay] = set()
        self.delay_s = SLOW_S

    def react(self, ask: Ask, base_url: str) -> tuple[Answer, Switch | None]:
        """The answer to a request below ``/payments``, and what befalls it on the way."""
        parts = [part for part in ask.path.split("/") if part]
        trouble = None
        if parts[:1] == ["v1"] and PaymentDay.TIMES_OUT in self._days:
            trouble = Switch(BadDay.SLOW, delay_s=self.delay_s)
        with self._lock:
            match ask.method, parts:
                case "POST", ["v1", "checkouts"]:
                    return self._create(ask, base_url), trouble
                case "GET", ["v1", "checkouts", name]:
                    return self._fetch(ask, name), trouble
                case "GET", ["pay", name] if name in self._checkouts:
                    return _page(self._checkouts[name]), None
                case "POST", ["pay", name] if name in self._checkouts:
                    return self._press(self._checkouts[name], ask.form().get("act", "")), None
                case _:
                    return json_answer({"error": "not found"}, 404), None

    # --- the API --------------------------------------------------------------------------------------------------

    def _create(self, ask: Ask, base_url: str) -> Answer:
        if refusal := _refusal(ask):
            return refusal
        key = ask.headers.get("idempotency-key", "")
        if key in self._by_key:
            return json_answer(self._created(self._checkouts[self._by_key[key]], base_url), 200)
        try:
            made = _asked_for(ask.json())
        except (ValueError, KeyError, TypeError) as wrong:
            return json_answer({"error": f"wrong or missing: {wrong}"}, 400)
        self._checkouts[made.id] = made
        if key:
            self._by_key[key] = made.id
        return json_answer(self._created(made, base_url), 201)

    def _created(self, checkout: Checkout, base_url: str) -> dict[str, Any]:
        return self._document(checkout) | {"address": f"{base_url}/{SLUG}/pay/{checkout.id}"}

    def _fetch(self, ask: Ask, name: str) -> Answer:
        if refusal := _refusal(ask):
            return refusal
        if name not in self._checkouts:
            return json_answer({"error": "no such checkout"}, 404)
        return json_answer(self._document(self._checkouts[name]))

    def _document(self, checkout: Checkout) -> dict[str, Any]:
        """What the API says of a checkout today."""
        amount, currency = checkout.amount, checkout.currency
        if PaymentDay.LIES_EVERYWHERE in self._days:
            amount *= 10
        if PaymentDay.OTHER_CURRENCY in self._days:
            currency = OTHER_CURRENCY
        return {
            "id": checkout.id,
            "merchant_id": checkout.merchant_id,
            "status": checkout.status,
            "amount": amount,
            "currency": currency,
            "payments": [{"id": name, "amount": amount, "currency": currency} for name in checkout.payments],
            "refunded": checkout.refunded,
        }

    # --- the page -------------------------------------------------------------------------------------------------

    def _press(self, checkout: Checkout, act: str) -> Answer:
        """Pay, decline, or close the page; then back to the shop."""
        if checkout.status in ("open", "failed"):
            if act == "pay":
                self._pay(checkout)
            elif act == "decline":
                checkout.status = "failed"
                self._call_back(checkout, [])
        return Answer(303, b"", "text/plain", {"Location": checkout.return_url})

    def _pay(self, checkout: Checkout) -> None:
        checkout.status = "paid"
        for _ in range(2 if PaymentDay.PAYS_TWICE in self._days else 1):
            checkout.payments.append(f"pm_{secrets.token_hex(8)}")
            self._call_back(checkout, checkout.payments[-1:])

    def refund(self, name: str, amount: int) -> Checkout:
        """Give a part of a paid checkout back, and tell of it. Raises KeyError, ValueError."""
        with self._lock:
            checkout = self._checkouts[name]
            if not checkout.payments or not 0 < amount <= checkout.amount - checkout.refunded:
                raise ValueError("amount: more than was paid and not refunded")
            checkout.refunded += amount
            checkout.status = "refunded" if checkout.refunded == checkout.amount else "partially_refunded"
            self._call_back(checkout, checkout.payments[:1])
            return checkout

    # --- callbacks ------------------------------------------------------------------------------------------------

    def _call_back(self, checkout: Checkout, told: list[str]) -> None:
        """Tell the shop of these payments of a checkout, in the way of the day."""
        if PaymentDay.NEVER_CALLS_BACK in self._days:
            return
        document = self._document(checkout)
        document["payments"] = [row for row in document["payments"] if row["id"] in told]
        if PaymentDay.LIES in self._days:
            document["amount"] *= 10
            document["payments"] = [row | {"amount": row["amount"] * 10} for row in document["payments"]]
        for _ in range(REPEATS if PaymentDay.REPEATS in self._days else 1):
            push = self._push(checkout, document)
            if PaymentDay.CALLBACK_FIRST in self._days:
                post(push)
            else:
                self._outbox.add(push)

    def _push(self, checkout: Checkout, document: Mapping[str, Any]) -> Push:
        body = to_json(document)
        secret = f"not {SECRET}" if PaymentDay.WRONG_SIGNATURE in self._days else SECRET
        return Push(
            carrier=SLUG,
            number=checkout.id,
            event=document["status"],
            url=checkout.callback_url,
            body=body,
            headers=_Signed(secret, body, self._clock.now),
            is_accepted=lambda status, _: 200 <= status < 300,
        )

    # --- control and state ----------------------------------------------------------------------------------------

    def control(self, method: str, parts: list[str], content: Mapping[str, Any]) -> object:
        """``/_control/payments``: the checkouts and days; ``days`` switches them, ``{id}/refund`` gives back.

        Raises KeyError, ValueError.
        """
        match method, parts:
            case "GET", []:
                return {"days": sorted(self._days), "checkouts": self.checkouts()}
            case "POST", ["days"]:
                self._days.add(PaymentDay(content["day"]))
                self.delay_s = float(content.get("delay_s", SLOW_S))
                return sorted(self._days)
            case "DELETE", ["days"]:
                self._days -= {PaymentDay(content["day"])} if "day" in content else set(PaymentDay)
                return sorted(self._days)
            case "POST", [name, "refund"]:
                return asdict(self.refund(name, int(content["amount"])))
            case _:
                raise ValueError(f"there is no {method} of payments/{'/'.join(parts)}")

    def checkouts(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(checkout) for checkout in self._checkouts.values()]

    def remembered(self) -> Mapping[str, Any]:
        """What is kept over a restart."""
        return {"checkouts": self.checkouts(), "keys": dict(self._by_key)}

    def remember(self, kept: Mapping[str, Any]) -> None:
        """Takes back what ``remembered`` gave."""
        self._checkouts = {row["id"]: Checkout(**row) for row in kept.get("checkouts", ())}
        self._by_key = dict(kept.get("keys", {}))


class _Signed(Mapping[str, str]):
    """Headers of a callback, signed anew at every attempt: a signature is good for five minutes."""

    def __init__(self, secret: str, body: bytes, now: Callable[[], datetime]) -> None:
        self._secret, self._body, self._now = secret, body, now
        self._headers: dict[str, str] = {}

    def __iter__(self) -> Iterator[str]:
        timestamp = str(int(self._now().timestamp()))
        signed = hmac.new(self._secret.encode(), f"{timestamp}.".encode() + self._body, hashlib.sha256)
        self._headers = {
            "Content-Type": "application/json",
            "Pay-Timestamp": timestamp,
            "Pay-Signature": f"v1={signed.hexdigest()}",
        }
        return iter(self._headers)

    def __getitem__(self, name: str) -> str:
        return self._headers[name]

    def __len__(self) -> int:
        return 3


def settings(url: str) -> dict[str, str]:
    """The environment that leads a shop to this provider, as its account ``kassa``."""
    prefix = "SLEDI_PAYMENT_KASSA"
    return {f"{prefix}_URL": f"{url}/{SLUG}", f"{prefix}_KEY": SECRET, f"{prefix}_SECRET": SECRET}


def _refusal(ask: Ask) -> Answer | None:
    if ask.headers.get("authorization") != f"Bearer {SECRET}":
        return json_answer({"error": "unknown key"}, 401)
    return None


def _asked_for(content: Any) -> Checkout:
    amount = content["amount"]
    if not isinstance(amount, int) or amount <= 0:
        raise ValueError("amount")
    return Checkout(
        id=f"co_{secrets.token_hex(12)}",
        merchant_id=str(content["merchant_id"]),
        amount=amount,
        currency=str(content["currency"]),
        description=str(content["description"]),
        return_url=str(content["return_url"]),
        callback_url=str(content["callback_url"]),
    )


_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pay {amount}</title></head>
<body><h1>Pay {amount}</h1><p>{description}</p><p>Status: {status}. No real money: this is a simulator.</p>
<form method="post"><button name="act" value="pay">Pay</button> <button name="act" value="decline">Decline</button>
<button name="act" value="close">Close</button></form></body></html>"""


def _page(checkout: Checkout) -> Answer:
    """The page a buyer pays at. It shows two decimals: no other currencies are tried here."""
    text = _PAGE.format(
        amount=html.escape(f"{checkout.amount // 100}.{checkout.amount % 100:02} {checkout.currency}"),
        description=html.escape(checkout.description),
        status=html.escape(checkout.status),
    )
    return Answer(200, text.encode(), "text/html; charset=utf-8")


__all__ = ["Checkout", "PaymentDay", "Payments", "settings"]
