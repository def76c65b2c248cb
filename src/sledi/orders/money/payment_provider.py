"""The port to those who take money for us, and the one shape it has: a page of theirs, signed callbacks, an API.

A provider is an account in the environment, ``SLEDI_PAYMENT_<SLUG>_URL``, ``_KEY`` and ``_SECRET``; whoever speaks
this shape is one, the simulator's ``/payments`` among them. Of it we use:

    POST {url}/v1/checkouts        → {"id", "address", …}: a page where the buyer pays; repeating the
                                     Idempotency-Key gives the same one again
    GET  {url}/v1/checkouts/{id}   → {"id", "merchant_id", "status", "amount", "currency",
                                      "payments": [{"id", "amount", "currency"}], "refunded"}
    a callback to us               Pay-Timestamp: seconds, Pay-Signature: v1=hex, and a JSON body with the checkout,
                                     one payment of it and its status

Amounts are whole minor units. The signature is HMAC-SHA256 with the secret over ``timestamp.body`` (the construction
of Standard Webhooks and of the large processors), good for five minutes.

    ProviderError
    ├── Unavailable   down, slow, half an answer: ask again later
    ├── Denied        key wrong or blocked: an operator must act
    └── Unreadable    the answer breaks the contract and names the field: a programmer must act
"""

import hashlib
import hmac
import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Protocol
from uuid import UUID

import httpx

from sledi.core.money import Money, WrongAmount, exponent

TOLERANCE_S = 5 * 60
TIMEOUT_S = 8.0
ANSWER_BYTES_MAX = 256 * 1024
REFERENCE_LENGTH_MAX = 200
PAID, FAILED, OPEN = "paid", "failed", "open"
PARTIALLY_REFUNDED, REFUNDED = "partially_refunded", "refunded"
STATUSES = frozenset({OPEN, PAID, FAILED, PARTIALLY_REFUNDED, REFUNDED})


class ProviderError(Exception):
    """The provider gave no answer that can be used; nothing is known of the money."""


class Unavailable(ProviderError):
    """Down, slow, or only a part of an answer. Trying again helps."""


class Denied(ProviderError):
    """The key is wrong or blocked. Helps: another key."""


class Unreadable(ProviderError):
    """The answer is not what the contract says; the words name the field."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A checkout at the provider: where the buyer pays, and the provider's own name of it."""

    address: str
    reference: str


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment of a checkout, under the provider's own id."""

    id: str
    money: Money


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider says of a checkout, asked by us or told by callback. ``checkout_id`` is our id of it.

    A callback tells of one payment, the API of all. ``money`` is what the checkout asks for.
    """

    reference: str
    checkout_id: UUID
    status: str
    money: Money
    payments: tuple[Paid, ...] = ()
    refunded_minor: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """What a buyer is to pay: ``checkout_id`` makes asking twice harmless."""

    checkout_id: UUID
    money: Money
    description: str
    return_url: str
    callback_url: str


class Provider(Protocol):
    """Somebody who takes money for us."""

    def create_checkout(self, request: Request) -> Opened:
        """A page to pay at; the same one for the same id. Raises ProviderError."""
        ...

    def fetch(self, reference: str) -> Told:
        """What became of it. Raises ProviderError."""
        ...

    def hear(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Told | None:
        """The news in a callback (header names in lower case); None without a good and fresh signature.

        Raises Unreadable.
        """
        ...


# --- accounts from the environment ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Account:
    """An account at a provider; from configuration, never from users."""

    slug: str
    url: str = ""
    key: str = ""
    secret: str = ""

    @property
    def problem(self) -> str:
        """What keeps it from working; empty when nothing does."""
        missing = [name.upper() for name in PARTS if not getattr(self, name)]
        if missing:
            return f"{', '.join(missing)} is missing"
        if not self.url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            return "URL must begin with https://"
        return ""


PARTS = ("url", "key", "secret")
_NAME = re.compile(r"SLEDI_PAYMENT_([A-Z0-9]+(?:_[A-Z0-9]+)*)_(URL|KEY|SECRET)")


def accounts(environment: Mapping[str, str] = os.environ) -> dict[str, Account]:
    """Every account that is configured, or begun to be, by its slug."""
    found: dict[str, dict[str, str]] = {}
    for name, value in environment.items():
        if match := _NAME.fullmatch(name):
            found.setdefault(match[1].lower(), {})[match[2].lower()] = value.rstrip("/")
    return {slug: Account(slug, **values) for slug, values in sorted(found.items())}


def configured(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The providers that can be used here."""
    return [slug for slug, account in accounts(environment).items() if not account.problem]


def provider(slug: str, environment: Mapping[str, str] = os.environ) -> "HostedCheckout | None":
    """The provider of this slug; None when it is not configured."""
    account = accounts(environment).get(slug)
    return HostedCheckout(account) if account and not account.problem else None


# --- the shape ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HostedCheckout:
    """A provider that speaks the shape above."""

    account: Account

    def create_checkout(self, request: Request) -> Opened:
        """See Provider."""
        answer = self._ask(
            "POST",
            "/v1/checkouts",
            {
                "merchant_id": str(request.checkout_id),
                "amount": request.money.minor,
                "currency": request.money.currency,
                "description": request.description,
                "return_url": request.return_url,
                "callback_url": request.callback_url,
            },
            {"idempotency-key": str(request.checkout_id)},
        )
        address, reference = _text(answer, "address"), _text(answer, "id")
        if not address.startswith(("https://", f"{self.account.url}/")):
            raise Unreadable("address: neither https nor the provider's own")
        return Opened(address, reference)

    def fetch(self, reference: str) -> Told:
        """See Provider."""
        if not _REFERENCE.fullmatch(reference):
            raise Unreadable("id: not fit for an address")
        told = _told(self._ask("GET", f"/v1/checkouts/{reference}"))
        if told.reference != reference:
            raise Unreadable("id: the answer is about another checkout")
        return told

    def hear(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Told | None:
        """See Provider."""
        timestamp = headers.get("pay-timestamp", "")
        if not _SECONDS.fullmatch(timestamp) or abs(at.timestamp() - int(timestamp)) > TOLERANCE_S:
            return None
        if not hmac.compare_digest(
            signature(self.account.secret, timestamp, body).encode(),
            headers.get("pay-signature", "").encode("utf-8", "replace"),
        ):
            return None
        return _told(_document(body))

    def _ask(
        self, method: str, path: str, content: object = None, headers: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        """One call, whole within its time and size. Nothing is followed, no proxy, no cookie."""
        try:
            with (
                httpx.Client(
                    timeout=TIMEOUT_S,
                    trust_env=False,
                    follow_redirects=False,
                    cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
                ) as http,
                http.stream(
                    method,
                    f"{self.account.url}{path}",
                    json=content,
                    headers={
                        "authorization": f"Bearer {self.account.key}",
                        "accept-encoding": "identity",
                        **(headers or {}),
                    },
                ) as response,
            ):
                body = _whole(response)
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            raise Unavailable(f"{type(problem).__name__}: {problem}"[:300]) from problem
        if response.status_code in (401, 403):
            raise Denied(f"status {response.status_code}")
        if response.status_code not in (200, 201):
            raise Unavailable(f"status {response.status_code}")
        return _document(body)


def _whole(response: httpx.Response) -> bytes:
    body, ends_at = b"", time.monotonic() + TIMEOUT_S
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > ANSWER_BYTES_MAX:
            raise Unavailable(f"the answer is longer than {ANSWER_BYTES_MAX} bytes")
        if time.monotonic() > ends_at:
            raise Unavailable(f"no whole answer within {TIMEOUT_S:g} s")
    return body


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What a callback is signed with."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1={digest.hexdigest()}"


# --- reading --------------------------------------------------------------------------------------------------

_SECONDS = re.compile(r"[0-9]{1,12}")
_REFERENCE = re.compile(rf"[A-Za-z0-9_-]{{1,{REFERENCE_LENGTH_MAX}}}")


def _document(body: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("the body is not JSON") from None
    if not isinstance(document, dict):
        raise Unreadable("the body is not an object")
    return document


def _told(document: Mapping[str, Any]) -> Told:
    status = _text(document, "status")
    if status not in STATUSES:
        raise Unreadable(f"status: {status[:40]!r}")
    payments = document.get("payments", [])
    if not isinstance(payments, list) or not all(isinstance(row, dict) for row in payments):
        raise Unreadable("payments: not a list of objects")
    try:
        checkout_id = UUID(_text(document, "merchant_id"))
    except ValueError:
        raise Unreadable("merchant_id: not one of ours") from None
    return Told(
        reference=_text(document, "id"),
        checkout_id=checkout_id,
        status=status,
        money=_money(document),
        payments=tuple(Paid(_text(row, "id"), _money(row)) for row in payments),
        refunded_minor=_whole_number(document, "refunded", 0),
    )


def _money(row: Mapping[str, Any]) -> Money:
    currency = _text(row, "currency")
    try:
        exponent(currency)
    except WrongAmount:
        raise Unreadable(f"currency: {currency[:10]!r}") from None
    return Money(_whole_number(row, "amount"), currency)


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value or len(value) > 2000 or "\0" in value:
        raise Unreadable(f"{name}: not a text")
    return value


def _whole_number(row: Mapping[str, Any], name: str, default: int | None = None) -> int:
    value = row.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10**15:
        raise Unreadable(f"{name}: not a whole number of minor units")
    return value
