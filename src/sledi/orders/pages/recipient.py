"""The page behind an end buyer's link, and the page on which people of the business give such a link out."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from sledi.accounts.access import Access, members_only
from sledi.orders import links, reading
from sledi.orders.pages import acts, places
from sledi.orders.pages.cards import Card, Sheet
from sledi.orders.pages.views import reader_of
from sledi.orders.reasons import REFUSALS
from sledi.orders.refusals import NotYours
from sledi.web.indexing import noindex


@require_safe
@noindex
def order(request: HttpRequest, token: str) -> HttpResponse:
    """One order for whoever holds its link. A link that is forged, over or taken back has nothing behind it."""
    now = datetime.now(UTC)
    try:
        access, found = links.opened(token, now)
        page = reading.order_page(access, str(found.pk), now)
    except (links.LinkInvalid, NotYours):
        raise Http404 from None
    sheet = reader_of(access, found.currency).order_sheet(page)
    facts = {"access": access, "page": only_read(sheet)}
    return render(request, "orders/recipient.html", facts)


@require_http_methods(["GET", "POST"])
@noindex
@members_only
def sharing(request: HttpRequest, access: Access, number: str) -> HttpResponse:
    """The link of an order for its end buyer: shown, made, and taken back."""
    found = places.find(access, "orders", number)
    order, at = found.subject, datetime.now(UTC)
    here = reverse("orders:sharing", args=[access.business.slug, order.number])
    try:
        if request.method == "POST":
            if link_id := _uuid(request.POST.get("revoke", "")):
                links.revoke(access, order.number, link_id, at, "web")
            else:
                links.make(access, order.number, at, "web")
            return redirect(here)
        given = links.of_order(access, order.number)
    except NotYours:
        raise Http404 from None
    except REFUSALS as refusal:
        reason = acts.reason_of(refusal, access)
        return render(
            request, "orders/sharing.html", _frame(access, order.number, reason.words), status=reason.status
        )
    good = next((link for link in given if not link.revoked_at and link.role == "end_buyer"), None)
    facts = {"link": good, "href": links.address(good) if good else "", "here": here}
    return render(request, "orders/sharing.html", _frame(access, order.number) | facts)


def only_read(sheet: Sheet) -> Sheet:
    """A sheet without anything that leads to pages of members."""
    groups = tuple(
        replace(group, cards=tuple(_plain(card) for card in group.cards)) for group in sheet.groups
    )
    numbers = tuple(replace(one, way="") for one in sheet.numbers)
    history = tuple(replace(line, photos=()) for line in sheet.history)
    earlier = tuple(replace(line, photos=()) for line in sheet.earlier)
    shown = replace(sheet, groups=groups, numbers=numbers, history=history, earlier=earlier, photos=())
    return replace(shown, track="", acts=(), not_yet=(), corrections=())


def _plain(card: Card) -> Card:
    numbers = tuple(replace(one, way="") for one in card.numbers)
    return replace(card, address="", numbers=numbers, photos=(), track="", acts=(), not_yet=())


def _frame(access: Access, number: str, problem: str = "") -> dict[str, object]:
    back = reverse("orders:thing", args=[access.business.slug, "orders", number])
    return {**places.frame_of(access, "orders"), "number": number, "back": back, "problem": problem}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
