"""The REST interface of finding an order without an account. Whoever asks is nobody; the mailbox is the proof."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Schema, Status
from pydantic import ConfigDict, Field

from sledi.accounts import queries
from sledi.accounts.access import Access
from sledi.accounts.models import Business
from sledi.accounts.roles import VISITOR
from sledi.api.problems import Problem, documented
from sledi.api.router import Router
from sledi.core.workflow import Refused
from sledi.history import Actor
from sledi.orders import lookups, reading
from sledi.orders.reasons import explain
from sledi.orders.rest import schemas
from sledi.orders.rest.asking import language_of, now, sought
from sledi.orders.rest.order_json import Writer
from sledi.tracking.allowance import TooMany
from sledi.tracking.clients import address_of

router = Router(tags=["orders"])


class LookupIn(Schema):
    model_config = ConfigDict(extra="forbid")
    email: str = Field(max_length=1000, description="As it was given with the order")
    number: str = Field(max_length=1000, description="As people write it: 7KQM-3XF4")


class LookupOut(Schema):
    model_config = ConfigDict(extra="forbid")
    minutes: int = Field(description="How long the link works from the mail on, if one is sent")


@router.post(
    "/businesses/{business}/order-lookups",
    response={202: LookupOut},
    openapi_extra=documented(400, 404, 413, 415, 422, 429),
    summary="Have a link to an order mailed",
)
def post_lookup(request: HttpRequest, business: str, body: LookupIn) -> Any:
    """The same answer for a right pair and a wrong one. Whether a mail goes out, only its reader learns."""
    found, at = _business(business), now()
    try:
        lookups.ask(
            found,
            body.email,
            body.number,
            language=language_of(request),
            client=address_of(request),
            at=at,
        )
    except Refused as refused:
        reason = explain(refused, _nobody(found), language_of(request))
        errors = [{"pointer": f"/{reason.field}", "detail": reason.words}]
        raise Problem(
            reason.status, reason.kind, reason.words, errors=errors, more=reason.members()
        ) from None
    except TooMany as many:
        wait = {"Retry-After": str(int((many.retry_at - at).total_seconds()) + 1)}
        raise Problem(429, "too-many-lookups", headers=wait) from None
    return Status(202, {"minutes": int(lookups.LINK_VALID.total_seconds()) // 60})


@router.post(
    "/businesses/{business}/order-lookups/{token}",
    response=schemas.OrderOut,
    by_alias=True,
    openapi_extra=documented(404, 410),
    summary="Open the order behind a mailed link, this once",
)
def post_lookup_opening(request: HttpRequest, business: str, token: str, response: HttpResponse) -> Any:
    """What the holder may see of the order. The link is used up by it."""
    at = now()
    try:
        lookup = lookups.claim(_business(business), token, at)
    except lookups.LinkInvalid:
        raise Problem(404, "not-found") from None
    except lookups.LinkOver:
        raise Problem(410, "link-over") from None
    access = lookups.access_of(lookup)
    page = sought(lambda: reading.order_page(access, str(lookup.order_id), at))
    return Writer(access, language_of(request)).order(page)


def _business(slug: str) -> Business:
    found = queries.open_business(slug)
    if found is None or not lookups.is_offered(found):
        raise Problem(404, "not-found")
    return found


def _nobody(business: Business) -> Access:
    return Access(business, Actor("person", role=VISITOR), VISITOR, None, frozenset())
