"""The REST interface of money: accounts, payments for orders and top-ups, payouts, where sellers are paid."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from django.http import HttpRequest
from django.utils import translation
from ninja import Status

from sledi.accounts import roles, scopes
from sledi.accounts.access import Access, confirmed_again
from sledi.accounts.authentication import MEMBERS
from sledi.api.problems import Problem, documented
from sledi.api.router import Router
from sledi.core.iban import WrongIban
from sledi.core.money import WrongAmount
from sledi.ledger.operations.bank_accounts import bank_accounts
from sledi.ledger.payout_calendar import NoSchedule
from sledi.orders import queries
from sledi.orders.models import Checkout
from sledi.orders.money import accounts, checkouts, payout_statements, payouts, where_paid
from sledi.orders.money.checkouts import NotPayable
from sledi.orders.money.payment_provider import ProviderError
from sledi.orders.money.refusals import said_of
from sledi.orders.reading import find
from sledi.orders.rest import money_json
from sledi.orders.rest import schemas_of_money as schemas
from sledi.orders.rest.asking import attempted, language_of, may, now, sought

T = TypeVar("T")

router = Router(tags=["money"], auth=list(MEMBERS))

SEEN = (401, 403, 404, 422)
WRITTEN = (400, 401, 403, 404, 409, 413, 415, 422)
TEXT_MAX = 100


# --- accounts -------------------------------------------------------------------------------------------------


@router.get(
    "/businesses/{business}/account",
    response=schemas.AccountOut,
    openapi_extra=documented(*SEEN),
    summary="What is on an account, and what it came from",
)
def get_account(request: HttpRequest, business: str, person: str = "") -> Any:
    """One's own; staff that customers turn to name the ``person`` by e-mail or id."""
    access = may(request, scopes.LEDGER_READ)
    found = _statement(access, person, "", None, "", 1)
    return money_json.account(found)


@router.get(
    "/businesses/{business}/account/statement",
    response=schemas.StatementOut,
    openapi_extra=documented(*SEEN),
    summary="The lines of an account, the newest first",
)
def get_statement(
    request: HttpRequest,
    business: str,
    person: str = "",
    currency: str = "",
    only: str = "",
    before: int | None = None,
    size: int = accounts.PAGE_SIZE,
) -> Any:
    """``before`` takes ``next_before`` of the page above, ``only`` the key of a kind of line."""
    access = may(request, scopes.LEDGER_READ)
    if not 1 <= size <= SIZE_MAX:
        raise Problem(422, "invalid", errors=[{"pointer": "size", "detail": f"from 1 to {SIZE_MAX}"}])
    return money_json.statement(
        _statement(access, person, currency, before, only, size), language_of(request)
    )


@router.post(
    "/businesses/{business}/account/top-ups",
    response={201: schemas.CheckoutOut},
    openapi_extra=documented(*WRITTEN, 503),
    summary="A page of the payment provider that tops up one's own account",
)
def post_top_up(request: HttpRequest, business: str, body: schemas.TopUpIn) -> Any:
    """The balance changes when the provider has confirmed the payment."""
    access = may(request, scopes.LEDGER_WRITE)
    currency = access.business.currency
    try:
        found = _opened(
            lambda: accounts.begin_top_up(access, str(body.amount), body.currency or currency, now())
        )
    except WrongAmount as wrong:
        raise _wrong(request, "amount", wrong.reason, wrong, currency) from None
    return Status(201, money_json.checkout(found))


# --- payments -------------------------------------------------------------------------------------------------


@router.post(
    "/businesses/{business}/orders/{number}/checkouts",
    response={201: schemas.CheckoutOut},
    openapi_extra=documented(*WRITTEN, 503),
    summary="A page of the payment provider for what an order lacks",
)
def post_checkout(request: HttpRequest, business: str, number: str) -> Any:
    """For the buyer or reseller who pays it. Asked again, it gives the same one."""
    access = may(request, scopes.ORDERS_WRITE)
    order = sought(lambda: queries.visible(access).get(pk=find(access, "order", number)))
    return Status(201, money_json.checkout(_opened(lambda: accounts.begin_payment(access, order, now()))))


@router.get(
    "/businesses/{business}/checkouts/{checkout}",
    response=schemas.CheckoutOut,
    openapi_extra=documented(*SEEN),
    summary="What became of a payment",
)
def get_checkout(request: HttpRequest, business: str, checkout: UUID) -> Any:
    """For whoever pays by it."""
    access = may(request, scopes.ORDERS_READ)
    mine = Checkout.objects.filter(business=access.business, pk=checkout).select_related("order").first()
    if mine is None or not checkouts.is_of(access, mine):
        raise Problem(404, "not-found")
    return money_json.checkout(mine)


# --- payouts --------------------------------------------------------------------------------------------------


@router.get(
    "/businesses/{business}/payouts",
    response=schemas.BoardOut,
    openapi_extra=documented(*SEEN),
    summary="Payouts, the newest first, and what waits for the next run",
)
def get_payouts(request: HttpRequest, business: str, before: str = "") -> Any:
    """A seller's own; everybody's for the platform."""
    access = may(request, scopes.LEDGER_READ)
    found = sought(lambda: payout_statements.board(access, now(), before=before[:TEXT_MAX]))
    return money_json.board(found, language_of(request))


@router.post(
    "/businesses/{business}/payout-runs",
    response=schemas.RunOut,
    openapi_extra=documented(*WRITTEN),
    summary="Make the newest run's payouts now",
)
def post_payout_run(request: HttpRequest, business: str) -> Any:
    """Again: nothing more is paid."""
    access = may(request, scopes.LEDGER_WRITE)
    sought(lambda: payout_statements.board(access, now(), size=1))
    if access.role not in payout_statements.RUN:
        raise Problem(403, "wrong-role")
    try:
        made = payouts.run(access.business, now())
    except NoSchedule:
        made = []
    return {"payouts": [str(payout.pk) for payout in made]}


@router.get(
    "/businesses/{business}/payouts/{payout}",
    response=schemas.PayoutOut,
    openapi_extra=documented(*SEEN),
    summary="The statement of a payout",
)
def get_payout(request: HttpRequest, business: str, payout: UUID) -> Any:
    """What it consists of, in all and order by order."""
    access = may(request, scopes.LEDGER_READ)
    found = sought(lambda: payout_statements.statement(access, payout))
    return money_json.payout(found, language_of(request))


@router.post(
    "/businesses/{business}/payouts/{payout}/moves/{name}",
    response=schemas.PayoutOut,
    openapi_extra=documented(*WRITTEN),
    summary="What the bank did with a payout",
)
def post_payout_move(
    request: HttpRequest, business: str, payout: UUID, name: str, body: schemas.PayoutMoveIn
) -> Any:
    """A move of the profile at the level payout."""
    access = may(request, scopes.LEDGER_WRITE)
    sought(lambda: payout_statements.statement(access, payout))
    attempted(request, lambda: payouts.move(access, payout, name, body.fields, at=now(), cause="api"))
    return money_json.payout(payout_statements.statement(access, payout), language_of(request))


# --- where a seller is paid -----------------------------------------------------------------------------------


@router.get(
    "/businesses/{business}/bank-account",
    response=schemas.BankAccountOut,
    openapi_extra=documented(401, 403, 404),
    summary="Where a seller is paid",
)
def get_bank_account(request: HttpRequest, business: str) -> Any:
    """His own, masked."""
    access = may(request, scopes.LEDGER_READ)
    found = bank_accounts(access.business, [_seller(access)])
    return money_json.bank_account(next(iter(found.values()), None))


@router.put(
    "/businesses/{business}/bank-account",
    response=schemas.BankAccountOut,
    openapi_extra=documented(*WRITTEN),
    summary="Say where a seller is paid",
)
def put_bank_account(request: HttpRequest, business: str, body: schemas.BankAccountIn) -> Any:
    """Only in a session that has just proved again who it is: a key cannot, and is sent to the page."""
    access = may(request, scopes.LEDGER_WRITE)
    _seller(access)
    is_key = access.actor.kind == "key"
    if is_key or confirmed_again(request) is not None:
        where = f"/{access.business.slug}/payouts/account/"
        raise Problem(403, "second-factor", f"A bank account is changed by its seller in person: {where}")
    try:
        saved = where_paid.save(access, body.iban, at=now(), cause="api")
    except WrongIban as wrong:
        raise _wrong(request, "iban", wrong.reason, wrong) from None
    return money_json.bank_account(saved)


# --- who asks, and what he hears ------------------------------------------------------------------------------

SIZE_MAX = 100


def _seller(access: Access) -> UUID:
    """The seller who asks; nobody else has a bank account here."""
    sought(lambda: payout_statements.board(access, now(), size=1))
    if access.role != roles.SELLER or access.person_id is None:
        raise Problem(404, "not-found")
    return access.person_id


def _statement(
    access: Access, person: str, currency: str, before: int | None, only: str, size: int
) -> accounts.Statement:
    owner = sought(lambda: accounts.owner_of(access, person[:254]))
    return sought(
        lambda: accounts.statement(
            access.business, owner, currency=currency, before=before, only=only[:TEXT_MAX], size=size
        )
    )


def _opened(act: Callable[[], Checkout]) -> Checkout:
    try:
        return sought(act)
    except NotPayable as problem:
        raise Problem(409, "not-payable", str(problem)) from None
    except ProviderError:
        raise Problem(503, "no-answer", headers={"Retry-After": "60"}) from None


def _wrong(
    request: HttpRequest, field: str, reason: str, wrong: WrongAmount | WrongIban, currency: str = ""
) -> Problem:
    with translation.override(language_of(request)):
        said = said_of(wrong, currency)
    errors: list[dict[str, str]] = [{"pointer": f"/{field}", "detail": said}]
    more: Mapping[str, Any] = {"reason": reason}
    return Problem(422, "wrong-field", said, errors=errors, more=more)
