"""The pages of a business that are only read. Each is one reading of ``reading``, shown by ``reader``."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sledi.accounts import joining
from sledi.accounts.access import Access, members_only, of_request
from sledi.accounts.models import Person
from sledi.core import clock
from sledi.core.workflow import Workflow, visible_states
from sledi.orders import links, reading, showing
from sledi.orders.moving import import_bans
from sledi.orders.moving.making import may_place
from sledi.orders.pages import desk, places
from sledi.orders.pages.boxes import box_of
from sledi.orders.pages.cards import Card
from sledi.orders.pages.reader import Reader
from sledi.orders.refusals import NotYours
from sledi.web.indexing import noindex

PAGE_SIZE, NEWEST_SHOWN = 50, 10
QUERY_LENGTH_MAX = 64


@require_safe
@noindex
def home(request: HttpRequest, business: str) -> HttpResponse:
    """What waits in which state: of the whole business for staff, else of one's own, below one's newest orders.

    A visitor reads the name and finds the door.
    """
    access = of_request(request, business)
    if not access.is_member:
        return render(request, "orders/visitor.html", places.frame_of(access) | _door(request, access))
    now = _now()
    page: dict[str, object] = {
        "levels": desk.levels(access, now, _language()),
        "tasks": desk.tasks(access, _language()),
        "has_reasons": reading.has_reasons(access),
        "has_import_rules": import_bans.may_read(access),
        "waiting": desk.waiting(access, now, _language()),
    }
    if access.role not in places.SEE_HAULS and "order" in access.business.workflow.levels:
        newest, reader = reading.order_list(access, size=NEWEST_SHOWN), reader_of(access)
        page["orders"] = [reader.order_card(row) for row in newest.rows]
    return render(request, "orders/home.html", places.frame_of(access, "home") | page)


def _door(request: HttpRequest, access: Access) -> dict[str, object]:
    """What a visitor may do: become a buyer by himself, in a business that lets buyers in."""
    person = request.user if isinstance(request.user, Person) else None
    can_join = person is not None and joining.may_join(access.business, person)
    return {"takes_buyers": joining.takes_buyers(access.business), "can_join": can_join}


@require_safe
@noindex
@members_only
def cabinet(request: HttpRequest, access: Access) -> HttpResponse:
    """Somebody's own orders and parcels: parcels with the orders in them, then what is in no parcel yet."""
    query = request.GET.get("q", "")[:QUERY_LENGTH_MAX].strip()
    levels, reader = access.business.workflow.levels, reader_of(access)
    orders = (
        reading.order_list(access, search=query, size=PAGE_SIZE) if "order" in levels else reading.Page(())
    )
    cards = {row.thing.number: reader.order_card(row) for row in orders.rows}
    found = reading.container_list(access, "parcel", size=PAGE_SIZE).rows if "parcel" in levels else ()
    parcels = [row for row in found if not query or set(row.orders) & set(cards)]
    inside = {number for row in parcels for number in row.orders}
    page = {
        "query": query,
        "parcels": [
            (reader.card(row), [cards[number] for number in row.orders if number in cards]) for row in parcels
        ],
        "orders": [card for number, card in cards.items() if number not in inside],
        "is_more": bool(orders.next_cursor),
        "all_orders": reverse("orders:things", args=[access.business.slug, "orders"]),
    }
    return render(request, "orders/cabinet.html", places.frame_of(access, "cabinet") | page)


@require_safe
@noindex
@members_only
def things(request: HttpRequest, access: Access, place: str) -> HttpResponse:
    """A list of orders, items, parcels, hauls or cases: by state, by number, the newest or the longest waiting."""
    level = places.level_of(access, place)
    asked = {
        key: request.GET.get(key, "")[:limit].strip()
        for key, limit in (("state", 40), ("q", QUERY_LENGTH_MAX), ("flag", 40), ("from", 200), ("sort", 10))
    }
    workflow = access.business.workflow
    try:
        cards, next_cursor = _rows(access, level, asked)
    except reading.UnknownState:
        raise Http404 from None
    except reading.WrongCursor as problem:
        raise BadRequest(str(problem)) from problem
    address = reverse("orders:things", args=[access.business.slug, place])
    state = workflow.states(level).get(asked["state"])
    page = {
        "name": showing.level_name(level),
        "address": address,
        "cards": cards,
        "query": asked["q"],
        "state": asked["state"],
        "states": _states(access, workflow, level),
        "sort": asked["sort"],
        "about": workflow.words(state.about, _language()) if state else "",
        "flag": asked["flag"],
        "flagged": _flag_name(workflow, level, asked["flag"]),
        "bulk": _bulk(access, workflow, level, asked["state"]),
        "bulk_address": reverse("orders:bulk-choose", args=[access.business.slug, place]),
        "making": _making(access, workflow, level, place),
        "first": _address(address, {**asked, "from": ""}) if asked["from"] else "",
        "later": _address(address, {**asked, "from": next_cursor}) if next_cursor else "",
    }
    return render(request, "orders/list.html", places.frame_of(access, place) | page)


@require_safe
@noindex
@members_only
def thing(request: HttpRequest, access: Access, place: str, number: str) -> HttpResponse:
    """One order, item, parcel, haul, track or case."""
    level = places.level_of(access, place)
    reader, now, box = reader_of(access), _now(), None
    try:
        if level == "order":
            page = reading.order_page(access, number, now)
            box = box_of(access, page.order.subject)  # type: ignore[arg-type]
            sheet = reader_of(access, page.order.subject.currency).order_sheet(page)  # type: ignore[union-attr]
        elif level == "item":
            item = reading.item_page(access, number, now)
            sheet = reader_of(access, item.order.currency).item_sheet(item)
        else:
            sheet = reader.container_sheet(_PAGES[level](access, number, now))
    except NotYours:
        raise Http404 from None
    can_load = sheet.holds_orders and access.role in places.SEE_HAULS
    shared = level == "order" and links.may_give(access.role, access.business.workflow)
    facts = {
        "page": sheet,
        "box": box,
        "contents": f"{request.path}contents/" if can_load else "",
        "sharing": f"{request.path}link/" if shared else "",
        "documents": f"{request.path}documents/" if level == "order" and _has_documents(access) else "",
    }
    return render(request, "orders/sheet.html", places.frame_of(access, place) | facts)


def _has_documents(access: Access) -> bool:
    return any(access.role in one.roles for one in access.business.workflow.documents.values())


@require_safe
@noindex
@members_only
def tracking(request: HttpRequest, access: Access, number: str) -> HttpResponse:
    """The way of an order's parcels, scan by scan; before they are sent, when that will be."""
    try:
        page = reading.order_page(access, number, _now())
    except NotYours:
        raise Http404 from None
    facts = {"page": reader_of(access, page.order.currency).order_sheet(page), "number": page.order.number}
    return render(request, "orders/tracking.html", places.frame_of(access, "orders") | facts)


def reader_of(access: Access, currency: str = "") -> Reader:
    """For whom the page is made."""
    now = _now().astimezone(clock.zone_of(access.business.country))
    return Reader(
        slug=access.business.slug,
        role=access.role,
        language=_language(),
        today=now.date(),
        currency=currency or access.business.currency,
        now=now,
    )


def _rows(access: Access, level: str, asked: Mapping[str, str]) -> tuple[list[Card], str]:
    """The cards of a page of a list, and the cursor behind it. Raises UnknownState, WrongCursor."""
    reader = reader_of(access)
    state, search, cursor, flag = asked["state"], asked["q"], asked["from"], asked["flag"]
    if not search and (level == "item" or asked["sort"] == "oldest"):
        queue = reading.queue(access, level, state, cursor=cursor, flag=flag, size=PAGE_SIZE)
        return reader.queue_cards(queue), queue.next_cursor
    asked_for: dict[str, Any] = {"state": state, "search": search, "cursor": cursor, "flag": flag}
    if level == "order":
        orders = reading.order_list(access, **asked_for, size=PAGE_SIZE)
        return [reader.order_card(row) for row in orders.rows], orders.next_cursor
    if level == "item":
        found = reading.item_list(access, **asked_for, size=PAGE_SIZE)
    else:
        found = reading.container_list(access, level, **asked_for, size=PAGE_SIZE)
    return [reader.card(row) for row in found.rows], found.next_cursor


def _states(access: Access, workflow: Workflow, level: str) -> list[tuple[str, str, bool]]:
    """The states a list can be narrowed to: key, words, whether it stands under a parent."""
    seen = visible_states(workflow, level, access.role)
    return [
        (state.key, workflow.words(state.label, _language()), bool(state.parent))
        for state in workflow.states(level).values()
        if seen is None or seen & set(workflow.leaves(level, state.key))
    ]


def _flag_name(workflow: Workflow, level: str, flag: str) -> str:
    """What the list is narrowed to: a flag in words."""
    timers = workflow.timers(level).values() if flag else ()
    return next((workflow.words(timer.label, _language()) for timer in timers if timer.flag == flag), "")


def _bulk(access: Access, workflow: Workflow, level: str, state: str) -> list[tuple[str, str]]:
    """Moves that this reader may do with many at once, of those that fit the state the list is narrowed to."""
    leaves = set(workflow.leaves(level, state)) if state else set()
    return [
        (move.name, workflow.words(move.label, _language()))
        for move in workflow.transitions(level).values()
        if move.is_bulk and access.role in move.roles and not move.creates
        if not leaves or leaves & move.sources
    ]


def _making(access: Access, workflow: Workflow, level: str, place: str) -> list[tuple[str, str]]:
    """What makes a new one of a list: a move that makes an empty container, or the form of an order."""
    if level == "order" and may_place(workflow, access.role):
        return [(reverse("orders:placing", args=[access.business.slug]), _("New order"))]
    if level not in ("haul", "track") and not (level == "parcel" and workflow.levels[level].holds == "order"):
        return []
    return [
        (
            reverse("orders:making", args=[access.business.slug, place, move.name]),
            workflow.words(move.label, _language()),
        )
        for move in workflow.transitions(level).values()
        if move.creates and access.role in move.roles
    ]


def _address(address: str, query: Mapping[str, str]) -> str:
    kept = {key: text for key, text in query.items() if text}
    return f"{address}?{urlencode(kept)}" if kept else address


def _now() -> datetime:
    return datetime.now(UTC)


def _language() -> str:
    return get_language() or "en"


_PAGES: Mapping[str, Callable[..., reading.ContainerPage]] = {
    "parcel": reading.parcel_page,
    "track": lambda access, number, at: reading.parcel_page(access, number, at, level="track"),
    "haul": reading.haul_page,
    "case": reading.case_page,
}
