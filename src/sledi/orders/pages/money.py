"""The pages of money: paying for an order, a person's account, the payouts of sellers and where they go.

Everything works without scripting. Whoever presses twice is sent to the same page of the payment provider.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sledi.accounts import roles
from sledi.accounts.access import Access, confirmed_again, members_only
from sledi.core.iban import WrongIban
from sledi.core.money import Money, WrongAmount
from sledi.ledger.operations.bank_accounts import bank_accounts
from sledi.ledger.payout_calendar import NoSchedule
from sledi.orders.models import Checkout, Order
from sledi.orders.money import accounts, checkouts, payout_statements, payouts, where_paid
from sledi.orders.money.checkouts import NotPayable
from sledi.orders.money.payment_provider import ProviderError
from sledi.orders.money.refusals import said_of
from sledi.orders.money.words import line_name
from sledi.orders.pages import places
from sledi.orders.pages.acts import reason_of
from sledi.orders.pages.forms import move_form, supplied_in
from sledi.orders.reasons import REFUSALS
from sledi.orders.refusals import NotYours
from sledi.orders.showing import ACTORS, Pill, amount, pill_of
from sledi.web.indexing import noindex

AMOUNT_LENGTH_MAX, IBAN_LENGTH_MAX = 60, 60

# --- paying for an order --------------------------------------------------------------------------------------


@require_POST
@noindex
@members_only
def pay(request: HttpRequest, access: Access, number: str) -> HttpResponse:
    """To the provider's page for what the order lacks; pressed twice, to the same one."""
    found = places.find(access, "orders", number)
    assert isinstance(found.subject, Order)
    try:
        checkout = accounts.begin_payment(access, found.subject, _now())
    except NotPayable:
        messages.warning(request, _("There is nothing to pay for this order now."))
    except ProviderError:
        messages.error(request, _no_answer())
    else:
        return redirect("orders:onward", access.business.slug, checkout.pk)
    return redirect(places.address_of(access, found))


@require_safe
@never_cache
@noindex
@members_only
def onward(request: HttpRequest, access: Access, checkout: UUID) -> HttpResponse:
    """The step to the provider's page. A form of ours may only lead to ourselves; from here a link goes on."""
    found = Checkout.objects.filter(business=access.business, pk=checkout).select_related("order").first()
    if found is None or not checkouts.is_of(access, found):
        raise Http404
    if found.state not in checkouts.STILL_PAYABLE or not found.address:
        return redirect("payment-return", found.pk)
    page = {"checkout": found, "sum": _amount(Money(found.amount_minor, found.currency))}
    response = render(request, "orders/onward.html", places.frame_of(access) | page)
    response["Refresh"] = f"0; url={found.address}"
    return response


# --- accounts -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a statement as it stands on the page."""

    name: str
    item: str
    order: str
    address: str
    reference: str
    who: str
    at: datetime
    amount: str
    is_in: bool
    after: str


@dataclass(frozen=True, slots=True)
class Part:
    """All lines of a kind: what they come to, and the address that shows them alone."""

    name: str
    amount: str
    address: str
    is_shown: bool


@require_safe
@noindex
@members_only
def account(request: HttpRequest, access: Access) -> HttpResponse:
    """One's own account."""
    return _account_page(request, access, "")


@require_safe
@noindex
@members_only
def person_account(request: HttpRequest, access: Access, person: UUID) -> HttpResponse:
    """The account of somebody else, for those of the staff whom he may ask about it."""
    return _account_page(request, access, str(person))


@require_POST
@noindex
@members_only
def top_up(request: HttpRequest, access: Access) -> HttpResponse:
    """To the provider's page for putting an amount onto one's account."""
    text = request.POST.get("amount", "")[:AMOUNT_LENGTH_MAX]
    try:
        checkout = accounts.begin_top_up(access, text, "", _now())
    except NotYours:
        raise Http404 from None
    except WrongAmount as wrong:
        said = said_of(wrong, access.business.currency)
        return _account_page(request, access, "", {"typed": text, "error": said}, status=422)
    except NotPayable:
        messages.warning(request, _("Top-ups are not possible here now."))
    except ProviderError:
        messages.error(request, _no_answer())
    else:
        return redirect("orders:onward", access.business.slug, checkout.pk)
    return redirect("orders:account", access.business.slug)


def _account_page(
    request: HttpRequest, access: Access, person: str, more: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    asked = {key: request.GET.get(key, "")[:40] for key in ("currency", "before", "only")}
    try:
        owner = accounts.owner_of(access, person)
        found = accounts.statement(
            access.business,
            owner,
            currency=asked["currency"],
            before=_number(asked["before"]),
            only=asked["only"],
        )
    except NotYours:
        raise Http404 from None
    here = (
        reverse("orders:person-account", args=[access.business.slug, owner.pk])
        if person
        else reverse("orders:account", args=[access.business.slug])
    )
    currency = found.currency
    page = {
        "owner": owner if person else None,
        "here": here,
        "balance": found.balance,
        "available": _amount(found.balance.available),
        "held": _amount(found.balance.held) if found.balance.held.minor else "",
        "others": [
            (_amount(one.available), f"{here}?currency={one.available.currency}")
            for one in found.balances
            if one.available.currency != currency
        ],
        "parts": [
            Part(
                line_name(part.words_key),
                _signed(part.money),
                f"{here}?currency={currency}&only={part.words_key}#statement",
                asked["only"] == part.words_key,
            )
            for part in found.parts
        ],
        "only": line_name(asked["only"]) if asked["only"] else "",
        "rows": [_row(access, entry) for entry in found.entries],
        "first": here if asked["before"] else "",
        "later": f"{here}?currency={currency}&only={asked['only']}&before={found.next_before}#statement"
        if found.next_before
        else "",
        "can_top_up": not person and accounts.is_kept(access.business) and accounts.can_pay(),
        "currency": access.business.currency,
        **(more or {}),
    }
    return render(request, "orders/account.html", places.frame_of(access, "account") | page, status=status)


def _row(access: Access, entry: accounts.Entry) -> Row:
    line = entry.line
    address = ""
    if entry.order_number:
        address = reverse("orders:thing", args=[access.business.slug, "orders", entry.order_number])
        address += f"#item-{entry.item_id}" if entry.item_id else ""
    return Row(
        name=line_name(line.words_key, line.kind),
        item=line.item,
        order=entry.order_number,
        address=address,
        reference="" if line.reference == entry.order_number else line.reference,
        who=line.actor.name or str(ACTORS.get(line.actor.role or line.actor.kind, "")),
        at=line.effective_at,
        amount=_signed(line.money),
        is_in=line.money.minor > 0,
        after=_amount(line.balance_after),
    )


# --- payouts --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seller:
    """What waits for a seller, with why it would not be paid."""

    name: str
    pending: str
    available: str
    in_transit: str
    iban: str
    held: str
    held_until: datetime | None


@dataclass(frozen=True, slots=True)
class PayoutRow:
    """A payout in the list, and above its statement."""

    pill: Pill
    amount: str
    seller: str
    orders: str
    pays_on: Any
    address: str
    iban: str


@require_safe
@noindex
@members_only
def payout_list(request: HttpRequest, access: Access) -> HttpResponse:
    """A seller's payouts, or everybody's for the platform: what comes next, what is held, what was paid."""
    at = _now()
    try:
        board = payout_statements.board(access, at, before=request.GET.get("before", "")[:40])
    except NotYours:
        raise Http404 from None
    slug, is_platform = access.business.slug, access.role in payout_statements.RUN
    here = reverse("orders:payouts", args=[slug])
    page = {
        "is_platform": is_platform,
        "next_run": board.next_run,
        "sellers": [_seller(one) for one in board.sellers],
        "payouts": [_payout(access, one, board.workflow, is_platform) for one in board.payouts],
        "first": here if request.GET.get("before") else "",
        "later": f"{here}?before={_escaped(board.next_before)}" if board.next_before else "",
        "run_address": reverse("orders:payout-run", args=[slug]),
        "documents": bool(access.business.workflow.documents),
        "bank_address": "" if is_platform else reverse("orders:bank-account", args=[slug]),
    }
    return render(request, "orders/payouts.html", places.frame_of(access, "payouts") | page)


@require_safe
@noindex
@members_only
def payout(request: HttpRequest, access: Access, payout: UUID) -> HttpResponse:
    """The statement of one payout."""
    return _payout_page(request, access, payout)


@require_POST
@noindex
@members_only
def payout_move(request: HttpRequest, access: Access, payout: UUID, name: str) -> HttpResponse:
    """What the bank did with a payout, as the profile's move."""
    try:
        found = payout_statements.statement(access, payout)
    except NotYours:
        raise Http404 from None
    move = next((one.transition for one in found.moves if one.transition.name == name), None)
    if move is None:
        messages.warning(request, _("This has been done already."))
        return redirect("orders:payout", access.business.slug, payout)
    try:
        payouts.move(access, payout, name, supplied_in(move, request.POST), at=_now(), cause="web")
    except REFUSALS as refusal:
        reason = reason_of(refusal, access)
        return _payout_page(request, access, payout, (name, reason.words, reason.field), reason.status)
    messages.success(request, _("Done: %(move)s") % {"move": found.workflow.words(move.label, _language())})
    return redirect("orders:payout", access.business.slug, payout)


@require_POST
@noindex
@members_only
def payout_run(request: HttpRequest, access: Access) -> HttpResponse:
    """Make the newest run's payouts now. Again: nothing more is paid."""
    if access.role not in payout_statements.RUN:
        raise Http404
    try:
        made = payouts.run(access.business, _now())
    except NoSchedule:
        raise BadRequest("no payout schedule is in force") from None
    if made:
        said = ngettext("%(count)s payout was made", "%(count)s payouts were made", len(made))
        messages.success(request, said % {"count": len(made)})
    else:
        messages.info(request, _("Nothing is due: everything that may be paid has been paid."))
    return redirect("orders:payouts", access.business.slug)


def _payout_page(
    request: HttpRequest,
    access: Access,
    payout_id: UUID,
    refused: tuple[str, str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    try:
        found = payout_statements.statement(access, payout_id)
    except NotYours:
        raise Http404 from None
    slug = access.business.slug
    forms = []
    for possible in found.moves:
        move = possible.transition
        address = reverse("orders:payout-move", args=[slug, payout_id, move.name])
        form = move_form(
            found.workflow,
            move,
            address=address,
            language=_language(),
            currency=found.told.money.currency,
            version=None,
            pieces=1,
            typed={field.key: request.POST.get(field.key, "") for field in move.fields},
        )
        if refused and refused[0] == move.name:
            known = {control.key for control in form.controls}
            form = form.refused(refused[1], refused[2] if refused[2] in known else "", ())
        forms.append(form)
    page = {
        "payout": _payout(access, found.told, found.workflow, access.role in payout_statements.RUN),
        "about": found.workflow.words(found.told.state.about, _language()),
        "parts": [(_KIND_NAMES[part.kind], _signed(part.money)) for part in found.parts],
        "orders": [
            (
                one.number,
                reverse("orders:thing", args=[slug, "orders", one.number]) if one.number else "",
                [(_KIND_NAMES[part.kind], _signed(part.money)) for part in one.parts],
                _signed(one.net),
            )
            for one in found.orders
        ],
        "forms": forms,
        "refusal": refused[1] if refused else "",
    }
    return render(request, "orders/payout.html", places.frame_of(access, "payouts") | page, status=status)


def _seller(one: payout_statements.Waiting) -> Seller:
    return Seller(
        name=one.seller.name or one.seller.email,
        pending=_amount(one.pending),
        available=_signed(one.available),
        in_transit=_amount(one.in_transit),
        iban=one.bank_account.masked if one.bank_account else "",
        held=str(_HELD[one.held_because]) if one.held_because else "",
        held_until=one.bank_account.held_until
        if one.bank_account and one.held_because == payout_statements.NEW_ACCOUNT
        else None,
    )


def _payout(access: Access, told: payout_statements.Told, workflow: Any, is_platform: bool) -> PayoutRow:
    return PayoutRow(
        pill=pill_of(workflow, told.state, _language()),
        amount=_amount(told.money),
        seller=told.seller.name if is_platform else "",
        orders=ngettext("%(count)s order", "%(count)s orders", told.orders) % {"count": told.orders}
        if told.orders
        else "",
        pays_on=told.payout.pays_on,
        address=reverse("orders:payout", args=[access.business.slug, told.payout.pk]),
        iban=told.payout.bank_account.masked if told.payout.bank_account else "",
    )


# --- where a seller is paid -----------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@never_cache
@noindex
@members_only
def bank_account(request: HttpRequest, access: Access) -> HttpResponse:
    """A seller's own IBAN. Whoever changes it has just proved again who he is; then payouts wait some days."""
    if access.role != roles.SELLER or access.person_id is None:
        raise Http404
    try:
        payout_statements.board(access, _now(), size=1)
    except NotYours:
        raise Http404 from None
    if (first := confirmed_again(request)) is not None:
        return first
    error, text, status = "", request.POST.get("iban", "")[:IBAN_LENGTH_MAX], 200
    hold = payout_statements.hold_of(access.business)
    if request.method == "POST":
        try:
            where_paid.save(access, text, at=_now(), cause="web")
        except WrongIban as wrong:
            error, status = said_of(wrong), 422
        else:
            messages.success(request, _("The bank account is saved."))
            return redirect("orders:payouts", access.business.slug)
    found = bank_accounts(access.business, [access.person_id]).get(access.person_id)
    days = hold.days
    page = {
        "present": found.masked if found else "",
        "typed": text,
        "error": error,
        "hold": ngettext(
            "After a change nothing is paid out for %(count)s day.",
            "After a change nothing is paid out for %(count)s days.",
            days,
        )
        % {"count": days}
        if days
        else "",
        "back": reverse("orders:payouts", args=[access.business.slug]),
    }
    return render(
        request, "orders/bank_account.html", places.frame_of(access, "payouts") | page, status=status
    )


# --- words ----------------------------------------------------------------------------------------------------


def _amount(money: Money) -> str:
    return amount(money, _language())


def _signed(money: Money) -> str:
    """With its sign, the true minus: «−15,00 €»."""
    said = _amount(Money(abs(money.minor), money.currency))
    return f"−{said}" if money.minor < 0 else said


def _number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise Http404
    return int(text)


def _escaped(text: str) -> str:
    return text.replace("+", "%2B")


def _language() -> str:
    return get_language() or "en"


def _now() -> datetime:
    return datetime.now(UTC)


def _no_answer() -> str:
    return _("The payment service does not answer. Nothing was taken; try again in a minute.")


_KIND_NAMES = {
    "goods": gettext_lazy("Goods"),
    "shipping": gettext_lazy("Shipping"),
    "commission": gettext_lazy("Commission"),
    "refunds": gettext_lazy("Refunds"),
    "returned": gettext_lazy("Payout sent back by the bank"),
    "corrections": gettext_lazy("Corrections"),
}
_HELD = {
    payout_statements.NO_ACCOUNT: gettext_lazy("Waits: no bank account was given"),
    payout_statements.NEW_ACCOUNT: gettext_lazy("Held: the bank account was changed"),
    payout_statements.OWES: gettext_lazy("Owes money: the next payout is reduced by it"),
}
