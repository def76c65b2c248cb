"""One move of many things: tick rows, choose the move, fill in what it needs, read what became of each row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST

from sledi.accounts.access import Access, members_only
from sledi.core.workflow import Field, Transition
from sledi.orders import showing
from sledi.orders.moving import moves
from sledi.orders.moving.photos import TYPE as PHOTOS
from sledi.orders.pages import places
from sledi.orders.pages.acts import reason_of, transition_of
from sledi.orders.pages.forms import Control, control_of, whole
from sledi.web.indexing import noindex

ROWS_MAX = 100
"""As many as a page of a list has."""

_OF_EACH = frozenset({"tracking_number", "money", "weight_g", "length_mm", "code"})
"""Types of fields that differ from thing to thing; the others are asked once for all."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """A row of the form: what is moved, in which version, and the fields that are its own."""

    key: str
    name: str
    pill: showing.Pill
    version: int
    controls: tuple[Control, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a row: its new state, or why it was not moved; ``instead``: why something else was done."""

    name: str
    address: str
    pill: showing.Pill | None
    refusal: str
    instead: str = ""


@require_POST
@noindex
@members_only
def choose(request: HttpRequest, access: Access, place: str) -> HttpResponse:
    """The form of the chosen move for the ticked rows; back to the list when none is ticked."""
    name = request.POST.get("move", "")
    level = places.level_of(access, place)
    transition = transition_of(access.business.workflow, level, name, access.role)
    rows = _ticked(request, access, place, transition)
    if not rows:
        return redirect(reverse("orders:things", args=[access.business.slug, place]))
    return _form(request, access, place, transition, rows)


@require_http_methods(["GET", "POST"])
@noindex
@members_only
def move_ticked(request: HttpRequest, access: Access, place: str, name: str) -> HttpResponse:
    """Do the move with every row and tell of each. A row somebody else has changed meanwhile is left alone."""
    level = places.level_of(access, place)
    transition = transition_of(access.business.workflow, level, name, access.role)
    if request.method == "GET":
        return redirect(reverse("orders:things", args=[access.business.slug, place]))
    if not transition.is_bulk:
        raise Http404
    found = places.find_many(access, place, request.POST.getlist("id")[:ROWS_MAX])
    rows = [_row(request, transition, one) for one in found]
    outcomes = moves.move_many(access, level, rows, name, at=datetime.now(UTC), cause="web")
    after = {one.subject.pk: one for one in places.find_many(access, place, [str(one.id) for one in rows])}
    results = [
        _result(access, after.get(before.subject.pk, before), outcome)
        for before, outcome in zip(found, outcomes, strict=True)
    ]
    page = {
        "label": _label(access, transition),
        "results": results,
        "done": sum(not one.refusal for one in results),
        "back": reverse("orders:things", args=[access.business.slug, place]),
        "back_name": showing.level_name(level),
    }
    return render(request, "orders/results.html", places.frame_of(access, place) | page)


def _ticked(request: HttpRequest, access: Access, place: str, transition: Transition) -> list[Ticked]:
    language = get_language() or "en"
    return [
        Ticked(
            key=str(one.subject.pk),
            name=showing.named(one.level, one.name),
            pill=showing.pill_of(
                one.workflow, one.workflow.states(one.level).get(one.subject.state), language
            ),
            version=one.subject.version,
            controls=tuple(
                control_of(one.workflow, field, language, one.currency, {}, f"{field.key}.{one.subject.pk}")
                for field in _own(transition)
            ),
        )
        for one in places.find_many(access, place, request.POST.getlist("id")[:ROWS_MAX])
    ]


def _form(
    request: HttpRequest, access: Access, place: str, transition: Transition, rows: Sequence[Ticked]
) -> HttpResponse:
    workflow, language = access.business.workflow, get_language() or "en"
    page: dict[str, Any] = {
        "label": _label(access, transition),
        "rows": rows,
        "controls": [
            control_of(workflow, field, language, access.business.currency, {})
            for field in transition.fields
            if field not in _own(transition) and field.type != PHOTOS
        ],
        "address": reverse("orders:bulk", args=[access.business.slug, place, transition.name]),
        "back": reverse("orders:things", args=[access.business.slug, place]),
        "back_name": showing.level_name(transition.level),
    }
    return render(request, "orders/bulk.html", places.frame_of(access, place) | page)


def _own(transition: Transition) -> list[Field]:
    return [field for field in transition.fields if field.type in _OF_EACH]


def _row(request: HttpRequest, transition: Transition, found: places.Found) -> moves.Row:
    pk: UUID = found.subject.pk
    own = {field.key for field in _own(transition)}
    supplied = {
        field.key: request.POST.get(f"{field.key}.{pk}" if field.key in own else field.key, "")
        for field in transition.fields
        if field.type != PHOTOS  # of one thing alone, so nobody is asked for them here
    }
    return moves.Row(pk, supplied, whole(request.POST.get(f"version.{pk}", "")))


def _result(access: Access, found: places.Found, outcome: moves.Outcome) -> Result:
    state = found.workflow.states(found.level).get(found.subject.state)
    return Result(
        name=showing.named(found.level, found.name),
        address=places.address_of(access, found),
        pill=showing.pill_of(found.workflow, state, get_language() or "en") if outcome.moved else None,
        refusal=reason_of(outcome.refusal, access).words if outcome.refusal else "",
        instead=_words(outcome.moved.instead.words) if outcome.moved and outcome.moved.instead else "",
    )


def _words(said: Mapping[str, str]) -> str:
    return said.get(get_language() or "en") or next(iter(said.values()), "")


def _label(access: Access, transition: Transition) -> str:
    return access.business.workflow.words(transition.label, get_language() or "en") or transition.name
