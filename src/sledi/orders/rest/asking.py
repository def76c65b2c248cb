"""Who asks over REST, and what he hears: scopes, languages, and every refusal as a problem in his words."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from django.http import HttpRequest

from sledi.accounts.access import Access
from sledi.api.problems import Problem
from sledi.orders.moving import placing
from sledi.orders.moving.scene import LinksChanged
from sledi.orders.reasons import REFUSALS, Refusal, explain
from sledi.orders.refusals import NotYours, Stale

T = TypeVar("T")


def access_of(request: HttpRequest) -> Access:
    """Who asks: the member of the key or session that was let in."""
    access: Access = request.auth  # type: ignore[attr-defined]
    return access


def may(request: HttpRequest, scope: str) -> Access:
    """Who asks, when this key is good for ``scope``. Raises Problem (403)."""
    access = access_of(request)
    access.require(scope)
    return access


def language_of(request: HttpRequest) -> str:
    """In which language he reads."""
    return str(getattr(request, "LANGUAGE_CODE", "en"))


def now() -> datetime:
    """The moment of the request; what is asked for gets it as an argument."""
    return datetime.now(UTC)


def sought(act: Callable[[], T]) -> T:
    """Read something; what is hidden and what is not there have one answer. Raises Problem (404)."""
    try:
        return act()
    except NotYours:
        raise Problem(404, "not-found") from None


def attempted(request: HttpRequest, act: Callable[[], T], pointer: str = "/fields/") -> T:
    """Do something; a refusal becomes a Problem in the reader's language. ``pointer``: where its fields stand."""
    try:
        return sought(act)
    except REFUSALS as refusal:
        raise _problem(request, refusal, pointer) from None
    except LinksChanged:
        raise Problem(409, "stale") from None


def _problem(request: HttpRequest, refusal: Refusal, pointer: str) -> Problem:
    reason = explain(refusal, access_of(request), language_of(request))
    status = 412 if isinstance(refusal, Stale) else reason.status
    errors = [{"pointer": _pointer(reason.field, pointer), "detail": reason.words}] if reason.field else []
    return Problem(status, reason.kind, reason.words, errors=errors, more=reason.members())


def _pointer(field: str, below: str) -> str:
    """Where in the body a field stands; of an order's items ``placing`` says so itself."""
    if below == "/" or field == "quantity":
        return f"/{field}"
    return f"{below}{placing.escaped(field)}"
