"""The REST interface of payments whose provider says what does not fit: listed, asked about again, settled."""

from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Schema
from pydantic import ConfigDict, Field, JsonValue

from sledi.accounts import scopes
from sledi.accounts.authentication import MEMBERS
from sledi.api.problems import Problem, documented
from sledi.api.router import Router
from sledi.orders.money import doubtful
from sledi.orders.money.checkouts import NotPayable
from sledi.orders.money.payment_provider import ProviderError
from sledi.orders.rest import money_json
from sledi.orders.rest.asking import SEEN, WRITTEN, attempted, may, now, sought
from sledi.orders.rest.schemas_of_money import CheckoutOut
from sledi.orders.rest.shapes import Moment, MoneyOut, Shape

router = Router(tags=["money"], auth=list(MEMBERS))


class CheckoutActOut(Shape):
    act: Literal["asked", "received", "nothing"]
    at: Moment
    by: str
    note: str = Field(description="What was found out; of asking, what is still wrong")
    to: str
    money: MoneyOut | None = Field(description="What came; null for nothing")
    reference: str


class DoubtfulOut(CheckoutOut):
    provider: str
    reference: str = Field(description="The provider's; empty while it has named none")
    person: str = Field(description="Whose account was to be topped up; empty of an order")
    problem: str
    doubted_at: Moment
    acts: list[CheckoutActOut] = Field(description="The oldest first; empty in lists")


class DoubtfulsOut(Shape):
    checkouts: list[DoubtfulOut]


class SettlementIn(Schema):
    """``received`` takes amount (major units), reference and note, ``nothing`` a note alone."""

    model_config = ConfigDict(extra="forbid")
    outcome: Literal["received", "nothing"]
    amount: JsonValue = None
    currency: JsonValue = Field(None, description="The checkout's own when not given")
    reference: JsonValue = Field(None, description="The provider's own id of the payment")
    note: JsonValue = None


@router.get(
    "/businesses/{business}/doubtful-checkouts",
    response=DoubtfulsOut,
    openapi_extra=documented(*SEEN),
    summary="Payments that wait for people, the longest waiting first",
)
def get_doubtful_checkouts(request: HttpRequest, business: str) -> Any:
    """What the provider says of them does not fit what was asked for; nothing was booked. At most 500."""
    access = may(request, scopes.LEDGER_READ)
    return {"checkouts": [money_json.doubtful(one) for one in sought(lambda: doubtful.doubtful(access))]}


@router.get(
    "/businesses/{business}/doubtful-checkouts/{checkout}",
    response=DoubtfulOut,
    openapi_extra=documented(*SEEN, 422),
    summary="A payment that people look at, or have looked at",
)
def get_doubtful_checkout(request: HttpRequest, business: str, checkout: UUID) -> Any:
    """With everything that was done about it."""
    access = may(request, scopes.LEDGER_READ)
    found = sought(lambda: doubtful.find(access, checkout))
    return money_json.doubtful(found, doubtful.acts(found))


@router.post(
    "/businesses/{business}/doubtful-checkouts/{checkout}/questions",
    response=DoubtfulOut,
    openapi_extra=documented(*WRITTEN, 503),
    summary="Ask the provider once more",
)
def post_question(request: HttpRequest, business: str, checkout: UUID) -> Any:
    """What fits now is booked, else it stays doubtful."""
    access = may(request, scopes.LEDGER_WRITE)
    try:
        found = attempted(request, lambda: doubtful.ask(access, checkout, at=now(), cause="api"))
    except NotPayable as problem:
        raise Problem(409, "not-payable", str(problem)) from None
    except ProviderError:
        raise Problem(503, "no-answer", headers={"Retry-After": "60"}) from None
    return money_json.doubtful(found, doubtful.acts(found))


@router.post(
    "/businesses/{business}/doubtful-checkouts/{checkout}/settlement",
    response=DoubtfulOut,
    openapi_extra=documented(*WRITTEN),
    summary="Say what was found out",
)
def post_settlement(request: HttpRequest, business: str, checkout: UUID, body: SettlementIn) -> Any:
    """What came is booked as every payment is. The same once more changes nothing."""
    access = may(request, scopes.LEDGER_WRITE)
    given = body.dict(exclude_unset=True, exclude={"outcome"})
    found = attempted(
        request,
        lambda: doubtful.settle(access, checkout, body.outcome, given, at=now(), cause="api"),
        pointer="/",
    )
    return money_json.doubtful(found, doubtful.acts(found))
