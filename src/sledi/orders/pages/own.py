"""A person's own area in a business: name and language, address book, what he is here; and becoming a buyer by oneself.

Nobody else comes here: everything is read and written by the person who is signed in, whatever else he may see.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from sledi.accounts import addresses, joining, queries
from sledi.accounts.access import Access, members_only, of_request
from sledi.accounts.forms import AccountForm
from sledi.accounts.models import Address, Person
from sledi.core.workflow import Refused
from sledi.orders.pages import places
from sledi.orders.pages.acts import reason_of
from sledi.orders.pages.forms import Control, labelled, whole
from sledi.orders.pages.placing import LABELS, line_of
from sledi.tracking import allowance
from sledi.tracking.clients import address_of
from sledi.web.countries import countries
from sledi.web.indexing import noindex
from sledi.web.languages import keep


@never_cache
@require_http_methods(["GET", "POST"])
@noindex
@members_only
def area(request: HttpRequest, access: Access) -> HttpResponse:
    """One's own page: name and language are changed here, everything else has a page of its own."""
    person = _person(request)
    form = AccountForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        form.save()
        with override(person.language):
            messages.success(request, _("Saved"))
        response = redirect("orders:own", access.business.slug)
        keep(response, settings.LANGUAGE_COOKIE_NAME, person.language)
        return response
    page = {
        "form": form,
        "ways": queries.ways_in(person),
        "roles": [one for one in queries.memberships_of(person) if one.business_id == access.business.pk],
        "count": len(addresses.book(access)),
    }
    return _page(request, access, "area", page, status=422 if form.is_bound else 200)


@never_cache
@require_http_methods(["GET"])
@noindex
@members_only
def address_book(request: HttpRequest, access: Access) -> HttpResponse:
    """One's own addresses, the usual one first."""
    lines = [line_of(one) for one in addresses.book(access)]
    page = {"lines": lines, "is_full": len(lines) >= addresses.ADDRESSES_MAX, "most": addresses.ADDRESSES_MAX}
    return _page(request, access, "addresses", page)


@never_cache
@require_http_methods(["GET", "POST"])
@noindex
@members_only
def new_address(request: HttpRequest, access: Access) -> HttpResponse:
    """The form of a new address. Sent twice it is there once."""
    if request.method == "GET":
        return _form(request, access, {"destination": access.business.country})
    try:
        addresses.add(access, _typed(request.POST), _now(), is_usual=_is_usual(request.POST))
    except Refused as refused:
        return _refused(request, access, refused)
    messages.success(request, _("The address is saved."))
    return redirect("orders:own-addresses", access.business.slug)


@never_cache
@require_http_methods(["GET", "POST"])
@noindex
@members_only
def address(request: HttpRequest, access: Access, pk: UUID) -> HttpResponse:
    """An address to be written anew. Orders placed with it keep what they were placed with."""
    try:
        if request.method == "POST":
            return _written(request, access, pk)
        found = addresses.one(access, pk)
    except addresses.NotInBook:
        return _gone(request, access)
    return _form(request, access, addresses.parts_of(found), found)


@require_POST
@noindex
@members_only
def usual_address(request: HttpRequest, access: Access, pk: UUID) -> HttpResponse:
    """From now on the form of a new order begins with this one."""
    try:
        addresses.make_usual(access, pk)
    except addresses.NotInBook:
        return _gone(request, access)
    return redirect("orders:own-addresses", access.business.slug)


@never_cache
@require_http_methods(["GET", "POST"])
@noindex
@members_only
def address_removal(request: HttpRequest, access: Access, pk: UUID) -> HttpResponse:
    """Asks once, then deletes. Pressed twice, the second finds it gone, and that is what was wanted."""
    try:
        found = line_of(addresses.one(access, pk))
        if request.method == "GET":
            return _page(request, access, "address_removal", {"line": found})
        addresses.remove(access, pk)
        messages.success(request, _("The address is deleted."))
    except addresses.NotInBook:
        if request.method == "GET":
            return _gone(request, access)
    return redirect("orders:own-addresses", access.business.slug)


@require_POST
def join(request: HttpRequest, business: str) -> HttpResponse:
    """Become a buyer here, by one's own press."""
    access = of_request(request, business)
    if not request.user.is_authenticated or not joining.takes_buyers(access.business):
        raise Http404
    try:
        if not access.is_member:
            allowance.spend_joining(address_of(request), _now())
            joining.join(access.business, _person(request), _now(), cause="web")
            messages.success(request, _("You are a buyer here now."))
    except joining.NotOpen:
        messages.error(request, _("Ask the people who run the business for an invitation."))
    except allowance.TooMany:
        messages.error(request, _("Too many people have joined from here. Try again in an hour."))
    return redirect("orders:home", access.business.slug)


def _written(request: HttpRequest, access: Access, pk: UUID) -> HttpResponse:
    """Raises NotInBook."""
    try:
        addresses.change(
            access,
            pk,
            _typed(request.POST),
            _now(),
            version=whole(request.POST.get("version", "")),
            is_usual=_is_usual(request.POST),
        )
    except addresses.ChangedMeanwhile:
        return _changed(request, access, pk)
    except Refused as refused:
        return _refused(request, access, refused, pk)
    messages.success(request, _("The address is saved."))
    return redirect("orders:own-addresses", access.business.slug)


def _form(
    request: HttpRequest,
    access: Access,
    values: Mapping[str, str],
    found: Address | None = None,
    wrong: Mapping[str, str] | None = None,
    *,
    version: str = "",
    status: int = 200,
) -> HttpResponse:
    faults = wrong or {}
    page = {
        "controls": list(_controls(values, faults)),
        "refusal": faults.get("", ""),
        "is_wrong": bool(faults),
        "found": found,
        "version": version or (str(found.version) if found else ""),
        "is_usual": found.is_usual if found and not faults else _is_usual(request.POST),
        "countries": countries(get_language() or "en"),
    }
    return _page(request, access, "address", page, status=status)


def _controls(values: Mapping[str, str], wrong: Mapping[str, str]) -> Iterable[Control]:
    for field in addresses.FIELDS:
        is_country = field.key == "destination"
        yield Control(
            key=field.key,
            kind="country" if is_country else "line",
            label=str(LABELS[field.key]),
            is_required=not field.is_optional,
            value=values.get(field.key, ""),
            hint=_("Two letters, as KZ; typing the name finds them.") if is_country else "",
            error=wrong.get(field.key, ""),
            length_max=field.max_length,
            takes_focus=field.key in wrong,
            autocomplete=_AUTOCOMPLETE[field.key],
        )


def _refused(request: HttpRequest, access: Access, refused: Refused, pk: UUID | None = None) -> HttpResponse:
    """The form once more, with what was typed."""
    reason = reason_of(refused, access)
    found = addresses.one(access, pk) if pk else None
    wrong = {reason.field: labelled(reason.words, reason.field, LABELS)}
    version = request.POST.get("version", "")[:9]
    return _form(request, access, _typed(request.POST), found, wrong, version=version, status=reason.status)


def _changed(request: HttpRequest, access: Access, pk: UUID) -> HttpResponse:
    """Another tab was quicker: what stands there now, to be changed or left."""
    found = addresses.one(access, pk)
    said = _("This address was changed in another window. Below is what stands there now.")
    return _form(request, access, addresses.parts_of(found), found, {"": said}, status=409)


def _gone(request: HttpRequest, access: Access) -> HttpResponse:
    """Deleted in another tab, or never there, or somebody else's: one answer."""
    return _page(request, access, "address_gone", {}, status=404)


def _page(
    request: HttpRequest, access: Access, name: str, page: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    frame = places.frame_of(access, "own")
    back = reverse("orders:own", args=[access.business.slug])
    return render(request, f"orders/own/{name}.html", {**frame, "back": back, **page}, status=status)


def _typed(data: QueryDict) -> dict[str, str]:
    return {key: data.get(key, "") for key in addresses.KEYS}


def _is_usual(data: QueryDict) -> bool:
    return data.get("is_usual") == "true"


_AUTOCOMPLETE = {
    "recipient_name": "name",
    "recipient_phone": "tel",
    "postcode": "postal-code",
    "region": "address-level1",
    "city": "address-level2",
    "street": "address-line1",
    "destination": "country",
}


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)
    return request.user


def _now() -> datetime:
    return datetime.now(UTC)
