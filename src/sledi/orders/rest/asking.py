"""Who asks over REST, and what he hears: scopes, languages, and every refusal as a problem in his words."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from django.http import HttpRequest

from sledi.accounts import scopes
from sledi.accounts.access import Access
from sledi.accounts.authentication import MEMBERS
from sledi.api.problems import Problem
from sledi.api.router import Router
from sledi.catalogue.refusals import NoSuchProduct, StaleProduct
from sledi.core.workflow import Workflow
from sledi.orders import reading
from sledi.orders.moving import placing
from sledi.orders.moving.idempotency import KEY_LENGTH_MAX
from sledi.orders.moving.scene import LinksChanged
from sledi.orders.reasons import REFUSALS, Refusal, explain
from sledi.orders.refusals import NotYours, Stale
from sledi.orders.rest.order_json import Writer

T = TypeVar("T")

SEEN = (401, 403, 404)
WRITTEN = (400, 401, 403, 404, 409, 413, 415, 422)
"""What a reading and a writing operation may answer besides their own."""

IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "maxLength": KEY_LENGTH_MAX},
    "description": "The same request with the same key is done once and answered alike.",
}
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "schema": {"type": "string", "pattern": '^"v[0-9]+"$'},
    "description": "The version that was read; 412 when somebody changed it since.",
}


def orders_router() -> Router:
    """A router of what a business's orders are made of, for its members and their keys."""
    return Router(tags=["orders"], auth=list(MEMBERS), ids="sledi_orders_rest_api")


# --- who asks -------------------------------------------------------------------------------------------------


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


def writer_of(request: HttpRequest) -> Writer:
    """Writes for who asks, in his language."""
    return Writer(access_of(request), language_of(request))


def workflow_of(request: HttpRequest) -> Workflow:
    """The profile of the business that is asked."""
    business = access_of(request).business
    return business.workflow


# --- what is asked for ----------------------------------------------------------------------------------------


def level_of(levels: str) -> str:
    """The level that an address names in the plural."""
    return levels.removesuffix("s")


def scope_of(level: str, *, is_write: bool) -> str:
    """What a key must be good for to read or change something of a level."""
    if level in ("order", "item", "case"):
        return scopes.ORDERS_WRITE if is_write else scopes.ORDERS_READ
    return scopes.PARCELS_WRITE if is_write else scopes.PARCELS_READ


def page_size(size: int) -> int:
    """How many rows of a list. Raises Problem (422)."""
    if not 1 <= size <= reading.SIZE_MAX:
        detail = f"from 1 to {reading.SIZE_MAX}"
        raise Problem(422, "invalid", errors=[{"pointer": "size", "detail": detail}])
    return size


def idempotency_key(request: HttpRequest) -> str:
    """By which the same request is known again; empty for none. Raises Problem (422)."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > KEY_LENGTH_MAX or not key.isprintable():
        detail = f"at most {KEY_LENGTH_MAX} printable characters"
        raise Problem(422, "invalid", errors=[{"pointer": "Idempotency-Key", "detail": detail}])
    return key


def etag(version: int) -> str:
    """A version as ETag and If-Match write it."""
    return f'"v{version}"'


def version_read(request: HttpRequest) -> int | None:
    """The version that the caller has read; None when he does not care. Raises Problem (422)."""
    wanted = request.headers.get("If-Match", "").strip()
    if wanted in ("", "*"):
        return None
    found = _ETAG.fullmatch(wanted)
    if found is None:
        raise Problem(422, "invalid", errors=[{"pointer": "If-Match", "detail": 'as "v3"'}])
    return int(found[1])


_ETAG = re.compile(r'"v([0-9]{1,9})"')


# --- what he hears --------------------------------------------------------------------------------------------


def listed(act: Callable[[], T]) -> T:
    """A page of a list; what it cannot be narrowed by is a Problem (422)."""
    try:
        return sought(act)
    except reading.UnknownFlag:
        raise Problem(422, "unknown-flag", errors=[{"pointer": "flag", "detail": "unknown"}]) from None
    except reading.UnknownState:
        raise Problem(422, "unknown-state", errors=[{"pointer": "state", "detail": "unknown"}]) from None
    except reading.WrongCursor:
        raise Problem(422, "wrong-cursor", errors=[{"pointer": "cursor", "detail": "unknown"}]) from None


def sought(act: Callable[[], T]) -> T:
    """Read something; what is hidden and what is not there have one answer. Raises Problem (404)."""
    try:
        return act()
    except (NotYours, NoSuchProduct):
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
    status = 412 if isinstance(refusal, Stale | StaleProduct) else reason.status
    errors = [{"pointer": _pointer(reason.field, pointer), "detail": reason.words}] if reason.field else []
    return Problem(status, reason.kind, reason.words, errors=errors, more=reason.members())


def _pointer(field: str, below: str) -> str:
    """Where in the body a field stands; of an order's items ``placing`` says so itself."""
    if below == "/" or field == "quantity":
        return f"/{field}"
    return f"{below}{placing.escaped(field)}"
