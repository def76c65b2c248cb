"""Moves by form: GET shows the form alone, POST does it once, a refusal gives the form back with its input.

Everything works without scripting. The form carries the version that its reader saw and a key of its own: whoever
presses twice has it done once, and whoever was overtaken reads what changed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sledi.accounts.access import Access, members_only
from sledi.core.workflow import Refused, Transition, Workflow, out_of_state
from sledi.core.workflow.refusals import words
from sledi.orders import reading, showing
from sledi.orders.models import Item
from sledi.orders.moving import doing, idempotency, moves, tasks
from sledi.orders.moving.making import MADE_OF_AN_ORDER, create_container, load, unload
from sledi.orders.moving.moved import Moved
from sledi.orders.pages import photos, places
from sledi.orders.pages.cards import Line
from sledi.orders.pages.forms import QUANTITY, MoveForm, move_form, supplied_in, typed_in, whole, with_photos
from sledi.orders.pages.views import reader_of
from sledi.orders.reasons import REFUSALS, Reason, Refusal, explain
from sledi.orders.refusals import NotYours, Stale
from sledi.web.errors import NotForYou
from sledi.web.indexing import noindex

KEY_LENGTH_MAX = 64
HISTORY_LOOKED_AT, CHANGES_MAX = 50, 5
"""Of the newest lines of a history those that tell somebody who was overtaken what happened meanwhile."""

ORDERS_MAX = 500
"""Orders put into a parcel or onto a haul at once."""
SCANNED = "move:"
"""Before the name of a move that the orders scanned out of a container are to make."""
PROBLEMS_SHOWN = 20


@require_http_methods(["GET", "POST"])
@noindex
@members_only
def move(request: HttpRequest, access: Access, place: str, number: str, name: str) -> HttpResponse:
    """One move of one thing."""
    _demand_role(access, places.level_of(access, place), name)
    found = places.find(access, place, number)
    transition = transition_of(found.workflow, found.level, name, access.role)
    if transition.creates:
        raise Http404
    return _asked(request, access, found, transition)


@require_http_methods(["GET", "POST"])
@noindex
@members_only
def making_for(request: HttpRequest, access: Access, number: str, made: str, name: str) -> HttpResponse:
    """A move that makes something of an order: a parcel, a case."""
    level = places.LEVEL_OF.get(made, "")
    _demand_role(access, level, name)
    found = places.find(access, "orders", number)
    transition = transition_of(found.workflow, level, name, access.role)
    if not transition.creates or level not in MADE_OF_AN_ORDER:
        raise Http404
    return _asked(request, access, found, transition)


@require_http_methods(["GET", "POST"])
@noindex
@members_only
def making(request: HttpRequest, access: Access, place: str, name: str) -> HttpResponse:
    """A move that makes a parcel, haul or track with nothing in it yet."""
    level = places.level_of(access, place)
    workflow = access.business.workflow
    transition = transition_of(workflow, level, name, access.role)
    if not transition.creates or level not in _MADE_ALONE:
        raise Http404
    here = reverse("orders:making", args=[access.business.slug, place, name])
    back = reverse("orders:things", args=[access.business.slug, place])
    answers, problem = _answers(request, access, transition)
    form = _form(answers, access, workflow, transition, here, access.business.currency)
    page = {"back": back, "back_name": showing.level_name(level)}
    if request.method == "GET":
        return _page(request, access, form, page)
    if problem:
        return _refused(request, access, form, problem, page)
    try:
        made_number = _made(answers, access, transition)
    except REFUSALS as refusal:
        return _refused(request, access, form, reason_of(refusal, access), page)
    _tell(request, form.label)
    return redirect("orders:thing", access.business.slug, place, made_number)


def _made(answers: QueryDict, access: Access, transition: Transition) -> str:
    """Make a container, once for each form; its number."""
    supplied, at = supplied_in(transition, answers), _now()
    body = (transition.level, transition.name, supplied)
    with transaction.atomic(), idempotency.answered(access, key_in(answers), body, at) as answer:
        if answer.earlier is None:
            made = create_container(
                access, transition.level, supplied, at=at, cause="web", name=transition.name
            )
            answer.give(Moved(transition.level, made.pk, transition.name, "", made.state, made.version, at))
            return made.number
        place = places.PLACE_OF[transition.level]
        return places.find_many(access, place, [str(answer.earlier.id)])[0].subject.number


@require_POST
@noindex
@members_only
def contents(request: HttpRequest, access: Access, place: str, number: str) -> HttpResponse:
    """Put orders into a parcel or onto a haul, take them out, or move those that lie in it: as typed or scanned."""
    found = places.find(access, place, number)
    if found.workflow.levels[found.level].holds != "order":
        raise Http404
    written = list(dict.fromkeys(_WORD.findall(request.POST.get("numbers", ""))))[:ORDERS_MAX]
    known = reading.find_many(access, "order", written)
    chosen = request.POST.get("act", "")
    if chosen.startswith(SCANNED):
        _move_inside(request, access, found, chosen.removeprefix(SCANNED), written, known)
        return redirect(places.address_of(access, found))
    act = unload if chosen == "out" else load
    try:
        count = act(access, found.level, found.subject.pk, list(known.values()), at=_now(), cause="web")
    except REFUSALS as refusal:
        messages.error(request, reason_of(refusal, access).words)
        return redirect(places.address_of(access, found))
    if unknown := [text for text in written if text not in known]:
        messages.error(request, _("No such orders here: %(numbers)s") % {"numbers": ", ".join(unknown[:20])})
    if act is load:
        said = ngettext("%(count)s order put inside", "%(count)s orders put inside", count)
    else:
        said = ngettext("%(count)s order taken out", "%(count)s orders taken out", count)
    if count:
        messages.success(request, said % {"count": count})
    return redirect(places.address_of(access, found))


def _move_inside(
    request: HttpRequest,
    access: Access,
    found: places.Found,
    name: str,
    written: Sequence[str],
    known: Mapping[str, UUID],
) -> None:
    """A bulk move of the orders whose numbers were scanned; what does not lie in the container is told, not moved."""
    transition = transition_of(found.workflow, "order", name, access.role)
    if not transition.is_bulk:
        raise Http404
    inside = {order.id for order in reading.container_page(access, found.level, found.name, _now()).orders}
    numbers = [text for text in written if known.get(text) in inside]
    if strange := [text for text in written if text not in numbers]:
        said = _("No such orders here: %(numbers)s") % {"numbers": ", ".join(strange[:PROBLEMS_SHOWN])}
        messages.error(request, said)
    rows = [moves.Row(known[text]) for text in numbers]
    outcomes = moves.move_many(access, "order", rows, name, at=_now(), cause="web")
    refused = [(text, one.refusal) for text, one in zip(numbers, outcomes, strict=True) if one.refusal]
    for text, refusal in refused[:PROBLEMS_SHOWN]:
        messages.error(request, f"{text}: {reason_of(refusal, access).words}")
    if done := len(numbers) - len(refused):
        count = ngettext("%(count)s order", "%(count)s orders", done) % {"count": done}
        label = found.workflow.words(transition.label, get_language() or "en")
        messages.success(request, f"{_('Done: %(move)s') % {'move': label}} · {count}")


@require_POST
@noindex
@members_only
def task_done(request: HttpRequest, access: Access, task: UUID) -> HttpResponse:
    """Somebody of a queue has seen to what it was asked to look at."""
    try:
        tasks.done(access, task, _now())
    except NotYours:
        raise Http404 from None
    messages.success(request, _("Seen to"))
    return redirect("orders:home", access.business.slug)


def reason_of(refusal: Refusal, access: Access) -> Reason:
    """What the reader is told of a refusal; an amount as he writes it."""
    language = get_language() or "en"
    reason = explain(refusal, access, language)
    if reason.missing is None:
        return reason
    said = _("The money on the account is not enough: %(missing)s more is needed.")
    return replace(reason, words=said % {"missing": showing.amount(reason.missing, language)})


def _asked(request: HttpRequest, access: Access, found: places.Found, transition: Transition) -> HttpResponse:
    """Show the form of a move, or do the move."""
    answers, problem = _answers(request, access, transition)
    form = _form(
        answers,
        access,
        found.workflow,
        transition,
        request.path,
        found.currency,
        version=None if transition.creates else found.subject.version,
        pieces=found.subject.quantity if isinstance(found.subject, Item) else 1,
        order_address=places.address_of(access, found).partition("#")[0] if found.order else "",
    )
    page = _around(access, found)
    if request.method == "GET":
        if not transition.creates and not transition.starts_in(found.subject.state):
            refusal = out_of_state(found.workflow, transition, found.subject.state)
            return _refused(request, access, form, reason_of(refusal, access), page, is_over=True)
        return _page(request, access, form, page)
    if problem:
        return _refused(request, access, form, problem, page)
    return _done(request, access, found, transition, form, page, answers)


def _done(
    request: HttpRequest,
    access: Access,
    found: places.Found,
    transition: Transition,
    form: MoveForm,
    page: dict[str, Any],
    answers: QueryDict,
) -> HttpResponse:
    try:
        moved = moves.move(
            access,
            transition.level,
            found.subject.pk,
            transition.name,
            supplied_in(transition, answers),
            at=_now(),
            cause="web",
            expected_version=None if transition.creates else whole(request.POST.get("version", "")),
            quantity=_quantity(request, found),
            key=key_in(request.POST),
        )
    except NotYours:
        raise Http404 from None
    except Stale as stale:
        changes = _changes(access, found, stale)
        return _refused(request, access, form, reason_of(stale, access), page | {"changes": changes})
    except REFUSALS as refusal:
        is_over = isinstance(refusal, Refused) and refusal.reason in ("wrong_state", "wrong_role")
        return _refused(request, access, form, reason_of(refusal, access), page, is_over=is_over)
    _tell_of(request, form.label, moved)
    _recommend(request, form)
    return redirect(_onward(access, found, moved))


def _answers(request: HttpRequest, access: Access, transition: Transition) -> tuple[QueryDict, Reason | None]:
    """What a form brought, its photos taken in; what is wrong with one that cannot be kept."""
    return photos.taken_in(request, access, transition.fields, key_in(request.POST))


def _form(
    answers: QueryDict,
    access: Access,
    workflow: Workflow,
    transition: Transition,
    address: str,
    currency: str,
    *,
    version: int | None = None,
    pieces: int = 1,
    order_address: str = "",
) -> MoveForm:
    form = move_form(
        workflow,
        transition,
        address=address,
        language=get_language() or "en",
        currency=currency,
        version=version,
        pieces=pieces,
        typed=typed_in(transition, answers),
        order_address=order_address,
    )
    return replace(form, controls=with_photos(access, form.controls, answers))


def _page(
    request: HttpRequest,
    access: Access,
    form: MoveForm,
    page: Mapping[str, Any],
    *,
    status: int = 200,
    is_over: bool = False,
) -> HttpResponse:
    facts = {"form": form, "can_send": not is_over, **page}
    return render(request, "orders/move.html", places.frame_of(access) | facts, status=status)


def _refused(
    request: HttpRequest,
    access: Access,
    form: MoveForm,
    said: Reason,
    page: Mapping[str, Any],
    *,
    is_over: bool = False,
) -> HttpResponse:
    """The form again, with what was typed into it and why nothing happened."""
    known = {control.key for control in form.controls}
    field = said.field if said.field in known else ""
    again = form.refused(said.words, field, said.listed)
    return _page(
        request, access, again, {**page, "refused_field": field}, status=said.status, is_over=is_over
    )


def transition_of(workflow: Workflow, level: str, name: str, role: str) -> Transition:
    """A move of the profile. Raises Http404 when there is none, NotForYou when this role may not do it."""
    known = workflow.transitions(level).get(name) if level in workflow.levels else None
    if known is None:
        raise Http404
    if role not in known.roles:
        raise _of_others()
    return known


def _demand_role(access: Access, level: str, name: str) -> None:
    """As every door does, before anything is looked for. Raises NotForYou."""
    try:
        doing.demand_role(access, level, name)
    except Refused:
        raise _of_others() from None


def _of_others() -> NotForYou:
    return NotForYou(words("wrong_role").get(get_language() or "en", ""))


def _around(access: Access, found: places.Found) -> dict[str, Any]:
    """What stands above the form: the thing, its state, the way back."""
    language = get_language() or "en"
    state = found.workflow.states(found.level).get(found.subject.state)
    name = showing.named(found.level, found.name)
    return {
        "back": places.address_of(access, found),
        "back_name": showing.named("order", found.order.number) if found.order else name,
        "subject": showing.pill_of(found.workflow, state, language),
        "subject_name": name,
    }


def _changes(access: Access, found: places.Found, stale: Stale) -> list[Line]:
    """What happened between the version on the form and the present one, the newest first."""
    level, number = ("order", found.order.number) if found.order else (found.level, found.subject.number)
    told = reading.history(access, number, level=level, size=HISTORY_LOOKED_AT).rows
    about = [one for one in told if one.record.subject_id == found.subject.pk] or list(told)
    reader = reader_of(access, found.currency)
    return [
        reader.line(one, found.workflow) for one in about[: min(stale.found - stale.expected, CHANGES_MAX)]
    ]


def _onward(access: Access, found: places.Found, moved: Moved) -> str:
    """The page to go on with: of what was made, else of what moved; the list when it is out of sight now."""
    level, root_id = ("order", found.order.pk) if found.order else (found.level, found.subject.pk)
    if places.find_many(access, places.PLACE_OF[level], [str(root_id)]):
        return places.address_of(access, found)
    return reverse("orders:home", args=[access.business.slug])


def key_in(data: Mapping[str, str]) -> str:
    """The form's own key: what is sent twice under one key is done once."""
    key = data.get("key", "")[:KEY_LENGTH_MAX]
    return f"web:{key}" if _KEY.fullmatch(key) else ""


def _quantity(request: HttpRequest, found: places.Found) -> int | None:
    """How many pieces of an item; a text that is no number is no quantity of any item."""
    text = request.POST.get(QUANTITY, "").strip()
    if not text or not isinstance(found.subject, Item):
        return None
    return whole(text) or 0


def _tell(request: HttpRequest, label: str) -> None:
    messages.success(request, _("Done: %(move)s") % {"move": label})


def _tell_of(request: HttpRequest, label: str, moved: Moved) -> None:
    """What was done; or why the profile had something else done in its place."""
    if moved.instead is None:
        _tell(request, label)
    else:
        said = moved.instead.words
        messages.warning(request, said.get(get_language() or "en") or next(iter(said.values())))


def _recommend(request: HttpRequest, form: MoveForm) -> None:
    """Says once more, of what the profile recommends, that it was left empty; the move is done all the same."""
    said = _("“%(field)s” was left empty. That is allowed, but a few words help whoever reads the history.")
    for control in form.controls:
        if control.is_recommended and not control.value.strip():
            messages.info(request, said % {"field": control.label})


def _now() -> datetime:
    return datetime.now(UTC)


_MADE_ALONE = frozenset({"parcel", "haul", "track"})
_KEY = re.compile(r"[0-9a-f-]+")
_WORD = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
