"""The pages of payments whose provider says what does not fit: what waits, and what people found out about each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sledi.accounts.access import Access, members_only
from sledi.core.money import Money
from sledi.history.models import Record
from sledi.orders.models import Checkout
from sledi.orders.money import doubtful
from sledi.orders.money.checkouts import NotPayable
from sledi.orders.money.payment_provider import ProviderError
from sledi.orders.pages import places
from sledi.orders.pages.acts import reason_of
from sledi.orders.pages.forms import Control
from sledi.orders.reasons import REFUSALS, Reason
from sledi.orders.refusals import NotYours
from sledi.orders.showing import ACTORS, amount
from sledi.web.indexing import noindex

TEXT_LENGTH_MAX = 2000
_KINDS = {"amount": "amount", "note": "box"}


@dataclass(frozen=True, slots=True)
class Row:
    """A payment in the list, and in the head of its page."""

    id: UUID
    address: str
    amount: str
    about: str
    about_address: str
    state: str
    is_doubtful: bool
    problem: str
    provider: str
    reference: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Act:
    """Something people did about it."""

    name: str
    who: str
    at: datetime
    note: str
    came: str
    reference: str


@dataclass(frozen=True, slots=True)
class Form:
    """One way to settle it."""

    outcome: str
    name: str
    hint: str
    controls: list[Control]


@require_safe
@noindex
@members_only
def waiting(request: HttpRequest, access: Access) -> HttpResponse:
    """What waits for people, the longest waiting first."""
    try:
        rows = [_row(access, one) for one in doubtful.doubtful(access)]
    except NotYours:
        raise Http404 from None
    page = {"rows": rows}
    return render(request, "orders/doubtful_payments.html", places.frame_of(access, "doubtful") | page)


@require_safe
@noindex
@members_only
def checkout(request: HttpRequest, access: Access, checkout: UUID) -> HttpResponse:
    """One of them, with what was done about it, and the ways to settle it."""
    return _page(request, access, checkout)


@require_POST
@noindex
@members_only
def question(request: HttpRequest, access: Access, checkout: UUID) -> HttpResponse:
    """Ask the provider once more."""
    try:
        found = doubtful.ask(access, checkout, at=datetime.now(UTC), cause="web")
    except NotYours:
        raise Http404 from None
    except REFUSALS as refusal:
        return _page(request, access, checkout, reason_of(refusal, access))
    except (NotPayable, ProviderError):
        messages.error(
            request, _("The payment service does not answer. Nothing was booked; try again in a minute.")
        )
    else:
        if found.state == Checkout.DOUBTFUL:
            messages.warning(request, _("The payment service still says what does not fit."))
        else:
            messages.success(request, _("What the payment service says now fits, and is booked."))
    return redirect("orders:doubtful-payment", access.business.slug, checkout)


@require_POST
@noindex
@members_only
def settlement(request: HttpRequest, access: Access, checkout: UUID, outcome: str) -> HttpResponse:
    """Say what was found out."""
    typed = _typed(request, outcome)
    try:
        doubtful.settle(access, checkout, outcome, typed, at=datetime.now(UTC), cause="web")
    except NotYours:
        raise Http404 from None
    except REFUSALS as refusal:
        return _page(request, access, checkout, reason_of(refusal, access), outcome, typed)
    messages.success(request, _("Noted. The payment is settled."))
    return redirect("orders:doubtful-payment", access.business.slug, checkout)


def _typed(request: HttpRequest, outcome: str) -> dict[str, str]:
    keys = [field.key for field in doubtful.fields_of(outcome)]
    return {key: request.POST.get(key, "")[:TEXT_LENGTH_MAX] for key in keys}


def _page(
    request: HttpRequest,
    access: Access,
    checkout_id: UUID,
    reason: Reason | None = None,
    outcome: str = "",
    typed: Mapping[str, str] | None = None,
) -> HttpResponse:
    try:
        found = doubtful.find(access, checkout_id)
    except NotYours:
        raise Http404 from None
    row, may_settle = _row(access, found), access.role in doubtful.SETTLE
    errors = {outcome: {reason.field: reason.words}} if reason and reason.field else {}
    page: dict[str, Any] = {
        "row": row,
        "acts": [_act(one) for one in doubtful.acts(found)],
        "refusal": reason.words if reason else "",
        "forms": [_form(one, found, errors.get(one, {}), typed or {}) for one in _OUTCOMES]
        if row.is_doubtful and may_settle
        else [],
    }
    return render(
        request,
        "orders/doubtful_payment.html",
        places.frame_of(access, "doubtful") | page,
        status=reason.status if reason else 200,
    )


def _form(outcome: str, checkout: Checkout, errors: Mapping[str, str], typed: Mapping[str, str]) -> Form:
    controls = [
        Control(
            key=field.key,
            kind=_KINDS.get(field.key, "line"),
            label=field.label[_language()],
            is_required=not field.is_optional,
            value=typed.get(field.key, ""),
            hint=checkout.currency if field.key == "amount" else "",
            error=errors.get(field.key, ""),
            length_max=field.max_length,
        )
        for field in doubtful.fields_of(outcome)
    ]
    return Form(outcome, str(_OUTCOMES[outcome]), str(_HINTS[outcome]), controls)


def _row(access: Access, found: Checkout) -> Row:
    slug, order, person = access.business.slug, found.order, found.person
    about, about_address = "", ""
    if order is not None:
        about = _("Order %(number)s") % {"number": order.number}
        about_address = reverse("orders:thing", args=[slug, "orders", order.number])
    elif person is not None:
        about = _("Account of %(who)s") % {"who": person.name or person.email}
        about_address = reverse("orders:person-account", args=[slug, person.pk])
    return Row(
        id=found.pk,
        address=reverse("orders:doubtful-payment", args=[slug, found.pk]),
        amount=amount(Money(found.amount_minor, found.currency), _language()),
        about=about,
        about_address=about_address,
        state=str(_STATES[found.state]),
        is_doubtful=found.state == Checkout.DOUBTFUL,
        problem=found.problem,
        provider=found.provider,
        reference=found.reference or "",
        since=found.updated_at,
    )


def _act(one: Record) -> Act:
    came = Money(one.after["amount"], one.after["currency"]) if one.after else None
    return Act(
        name=str(_ACTS[one.act]),
        who=one.actor_name or str(ACTORS.get(one.actor_role, "")),
        at=one.at,
        note=one.note,
        came=amount(came, _language()) if came else "",
        reference=one.after.get("reference", ""),
    )


def _language() -> str:
    return get_language() or "en"


_OUTCOMES = {
    doubtful.RECEIVED: gettext_lazy("Money came"),
    doubtful.NOTHING: gettext_lazy("No money came"),
}
_HINTS = {
    doubtful.RECEIVED: gettext_lazy(
        "It is booked for the order as far as the order lacks it, else onto the account of who paid."
    ),
    doubtful.NOTHING: gettext_lazy("Nothing is booked, and whoever was to pay may try again."),
}
_ACTS = {
    doubtful.ASKED: gettext_lazy("The payment service was asked again"),
    doubtful.RECEIVED: gettext_lazy("Money came"),
    doubtful.NOTHING: gettext_lazy("No money came"),
}
_STATES = {
    Checkout.DOUBTFUL: gettext_lazy("Being looked at"),
    Checkout.PAID: gettext_lazy("Paid"),
    Checkout.FAILED: gettext_lazy("Not paid"),
    Checkout.OPEN: gettext_lazy("Being checked"),
    Checkout.OPENING: gettext_lazy("Being checked"),
    Checkout.PARTIALLY_REFUNDED: gettext_lazy("Partly given back"),
    Checkout.REFUNDED: gettext_lazy("Given back"),
}
