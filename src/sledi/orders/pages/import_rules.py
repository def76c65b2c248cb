"""What may not be brought into which country: the rules of a business, and the form of a new one."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sledi.accounts.access import Access, members_only
from sledi.orders.moving import import_bans
from sledi.orders.pages import places
from sledi.orders.pages.acts import reason_of
from sledi.orders.pages.forms import Control, Option
from sledi.orders.reasons import REFUSALS
from sledi.web.countries import countries, country_name
from sledi.web.indexing import noindex

FIELDS = ("destination", "category", "text", "source", "stated_on")
TEXT_LENGTH_MAX = 1000


@require_http_methods(["GET", "POST"])
@noindex
@members_only
def rules(request: HttpRequest, access: Access) -> HttpResponse:
    """The rules; for those who keep them the form of another one. The same country and category replaces a rule."""
    if not import_bans.may_read(access):
        raise Http404
    typed = {key: request.POST.get(key, "")[:TEXT_LENGTH_MAX] for key in FIELDS}
    if request.method == "GET":
        return _page(request, access, typed)
    try:
        import_bans.keep_rule(access, typed, at=datetime.now(UTC), cause="web")
    except REFUSALS as refusal:
        reason = reason_of(refusal, access)
        return _page(request, access, typed, reason.words, reason.field, reason.status)
    return redirect(reverse("orders:import-rules", args=[access.business.slug]))


@require_POST
@noindex
@members_only
def drop(request: HttpRequest, access: Access) -> HttpResponse:
    """Drop a rule; one that is gone already is no fault."""
    if not import_bans.may_keep(access):
        raise Http404
    destination, category = request.POST.get("destination", "")[:2], request.POST.get("category", "")[:80]
    import_bans.drop_rule(access, destination, category, at=datetime.now(UTC), cause="web")
    return redirect(reverse("orders:import-rules", args=[access.business.slug]))


def _page(
    request: HttpRequest,
    access: Access,
    typed: Mapping[str, str],
    refusal: str = "",
    field: str = "",
    status: int = 200,
) -> HttpResponse:
    language = get_language() or "en"
    page: dict[str, Any] = {
        "rules": [(country_name(rule.destination, language), rule) for rule in import_bans.rules_of(access)],
        "controls": _controls(typed, field, refusal, language) if import_bans.may_keep(access) else [],
        "refusal": refusal,
    }
    return render(request, "orders/import_rules.html", places.frame_of(access) | page, status=status)


def _controls(typed: Mapping[str, str], field: str, refusal: str, language: str) -> list[Control]:
    chosen = tuple(Option(code, name, code == typed["destination"]) for code, name in countries(language))
    asked = (
        ("destination", "choice", _("Country it goes to"), chosen),
        ("category", "line", _("Category of the goods"), ()),
        ("text", "box", _("What the rule says"), ()),
        ("source", "line", _("Source"), ()),
        ("stated_on", "date", _("Day of the source"), ()),
    )
    return [
        Control(
            key=key,
            kind=kind,
            label=label,
            is_required=True,
            value=typed[key],
            error=refusal if key == field else "",
            options=options,
        )
        for key, kind, label, options in asked
    ]
