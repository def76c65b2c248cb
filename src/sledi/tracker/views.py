"""The pages of lists and parcels. Every act is a plain form that leads back to its page."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import wraps
from hashlib import blake2b
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sledi import carriers
from sledi.core.numbers import find
from sledi.tracker.operations import correct_number
from sledi.tracker.parcels import parcel_view
from sledi.tracker.rows import RowView, Show, views
from sledi.tracker.uploads import NotText, TooLarge, of_limited_size, pasted
from sledi.tracking import operations, queries
from sledi.tracking.clients import address_of
from sledi.tracking.routing import is_postal
from sledi.web import errors
from sledi.web.countries import country_name
from sledi.web.indexing import noindex

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

COUNTED_CHARACTERS_MAX = 20_000
"""Of a text still being typed; the whole text is read when it is sent."""

SHOWN_AGAIN_MAX = 2000
"""Characters of a refused text that stand in the box again."""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The box."""
    return render(request, "tracker/home.html", _box())


def too_large(request: HttpRequest, token: str = "") -> HttpResponse:
    """The box again, for a form that was not read."""
    problem = _(
        "That is too much to read: a text may have up to one megabyte, a file up to 250 KB. "
        "Keep the numbers alone."
    )
    return _box_again(request, problem, token, status=413)


@of_limited_size(too_large)
@require_http_methods(["GET", "POST"])
def open_list(request: HttpRequest) -> HttpResponse:
    """Make a list of what was pasted and go there. The address holds the list's token and no number.

    Whoever comes back to this address (another language for an error page) gets the box.
    """
    if request.method == "GET":
        return redirect("tracker:home")
    return _taken(
        request, lambda text: operations.open_list(text, client=address_of(request), at=_now()).token
    )


@require_POST
def count(request: HttpRequest) -> HttpResponse:
    """How many numbers a text holds, for the line under the box. Nothing is stored and nobody is asked."""
    found_in = find(request.POST.get("numbers", "")[:COUNTED_CHARACTERS_MAX], limit=operations.NUMBERS_MAX)
    found = len(found_in.numbers)
    said = ngettext("%(count)s number recognised", "%(count)s numbers recognised", found) % {"count": found}
    if found_in.beyond:
        more = ngettext("%(count)s more is too many", "%(count)s more are too many", found_in.beyond)
        said = f"{said}; {more % {'count': found_in.beyond}}"
    if found_in.dropped:
        said = _("%(counted)s. Repetitions and other text are left out.") % {"counted": said}
    return HttpResponse(said, content_type="text/plain; charset=utf-8")


def of_a_list(view: View[P]) -> View[P]:
    """A page or act behind a list's token: 404 for a list that is not there, and nothing for crawlers."""

    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except operations.NotInList:
            raise Http404 from None

    return noindex(answer)


@require_safe
@of_a_list
def track_list(request: HttpRequest, token: str) -> HttpResponse:
    """The rows of a list; for a page that is open already, only the rows, and nothing when they are the same."""
    now = _now()
    page = queries.open_page(token, now)
    rows = views(page, token, _language(), now)
    show = request.GET.get("show", Show.ALL)
    shown = [row for row in rows if row.is_shown(show)]
    facts = {
        "token": token,
        "rows": shown,
        "total": len(rows),
        "show": show,
        "chips": _chips(rows, show),
        "is_waiting": page.is_waiting,
        "here": request.get_full_path(),
    }
    if not request.headers.get("HX-Request"):
        facts |= _box() | _list_facts(page, rows)
    return _live(request, facts, "tracker/parts/rows.html", "tracker/list.html")


@require_safe
@of_a_list
def parcel(request: HttpRequest, token: str, number: str) -> HttpResponse:
    """One parcel with its whole way; for a page that is open already, only what changes."""
    now = _now()
    page = queries.parcel_page(token, number, now)
    facts = {
        "token": token,
        "parcel": parcel_view(page, token, _language(), now),
        "is_waiting": page.row.is_waiting,
        "show_originals": "originals" in request.GET,
        "here": request.get_full_path(),
    }
    return _live(request, facts, "tracker/parts/parcel.html", "tracker/parcel.html")


@of_limited_size(too_large)
@require_http_methods(["GET", "POST"])
@of_a_list
def numbers(request: HttpRequest, token: str) -> HttpResponse:
    """Add numbers to a list."""
    if request.method == "GET":
        return redirect("tracker:list", token)

    def extend(text: str) -> str:
        operations.extend_list(token, text, client=address_of(request), at=_now())
        return token

    return _taken(request, extend, token)


@require_POST
@of_a_list
def destination(request: HttpRequest, token: str) -> HttpResponse:
    """Say where the parcels of a list go."""
    country = request.POST.get("country", "")
    if country not in _destinations():
        return errors.bad_request(request)
    operations.set_destination(token, country, at=_now())
    return redirect("tracker:list", token)


@require_POST
@of_a_list
def carrier(request: HttpRequest, token: str, number: str) -> HttpResponse:
    """Say who carries a number; empty means whoever may."""
    chosen = request.POST.get("carrier", "")
    if chosen and chosen not in carriers.directory():
        return errors.bad_request(request)
    operations.choose_carrier(token, number, chosen, at=_now())
    return _back(request, token)


@require_POST
@of_a_list
def following(request: HttpRequest, token: str, number: str) -> HttpResponse:
    """Follow a number although it looks mistyped."""
    operations.insist(token, number, at=_now())
    return _back(request, token)


@require_POST
@of_a_list
def meant(request: HttpRequest, token: str, number: str) -> HttpResponse:
    """Put the number that was meant in the place of a mistyped one."""
    try:
        correct_number(
            token, number, request.POST.get("number", "")[:64], client=address_of(request), at=_now()
        )
    except operations.NothingFound:
        return errors.bad_request(request)
    except operations.TooMany as problem:
        return errors.too_many(request, round((problem.retry_at - _now()).total_seconds()))
    return redirect("tracker:list", token)


@require_POST
@of_a_list
def removal(request: HttpRequest, token: str, number: str) -> HttpResponse:
    """Take a number out of a list."""
    operations.remove_row(token, number)
    return redirect("tracker:list", token)


@require_POST
@of_a_list
def asking(request: HttpRequest, token: str, number: str) -> HttpResponse:
    """Ask the carriers of a number now, as far as their rules allow."""
    operations.ask_again(token, number, at=_now())
    return _back(request, token)


def _taken(request: HttpRequest, act: Callable[[str], str], token: str = "") -> HttpResponse:
    """Do something with the numbers a form brought, and go to the list; or the box again with what is wrong."""
    try:
        return redirect("tracker:list", act(pasted(request)))
    except TooLarge:
        return too_large(request, token)
    except NotText:
        problem = _(
            "This file is not plain text. Save the table as CSV or the list as text, or paste the numbers."
        )
    except operations.NothingFound:
        problem = _nothing_found(request)
    except operations.TooMany as refusal:
        return errors.too_many(request, round((refusal.retry_at - _now()).total_seconds()))
    return _box_again(request, problem, token, text=request.POST.get("numbers", "")[:SHOWN_AGAIN_MAX])


def _box_again(
    request: HttpRequest, problem: str, token: str, *, text: str = "", status: int = 422
) -> HttpResponse:
    page = _box() | {"text": text, "problem": problem, "token": token}
    return render(request, "tracker/home.html", page, status=status)


def _live(request: HttpRequest, facts: dict[str, object], part: str, whole: str) -> HttpResponse:
    """A page around its living part, or that part alone for htmx; 304 when the reader has the same part."""
    inner = render_to_string(part, facts, request)
    etag = f'"{blake2b(inner.encode(), digest_size=12).hexdigest()}"'
    if not request.headers.get("HX-Request"):
        return render(request, whole, facts | {"living": inner, "etag": etag})
    if request.headers.get("If-None-Match") == etag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = render(request, "tracker/parts/live.html", facts | {"living": inner, "etag": etag})
    response.headers["ETag"] = etag
    patch_vary_headers(response, ("HX-Request",))
    return response


def _chips(rows: Sequence[RowView], show: str) -> list[dict[str, object]]:
    """The filters that hold anything, with their counts."""
    names = {
        Show.ALL: _("All %(count)s"),
        Show.MINE: _("Your move: %(count)s"),
        Show.UNCLEAR: _("Unclear: %(count)s"),
    }
    counts = {one: sum(row.is_shown(one) for row in rows) for one in Show}
    return [
        {"show": one, "name": name % {"count": counts[one]}, "is_current": one == show}
        for one, name in names.items()
        if counts[one] or one == show
    ]


def _list_facts(page: queries.ListPage, rows: Sequence[RowView]) -> dict[str, object]:
    """What stands around the rows."""
    return {
        "dropped": page.dropped,
        "has_room": len(rows) < operations.NUMBERS_MAX,
        "is_destination_open": not page.destination and any(_lacks_destination(row) for row in page.rows),
        "destinations": sorted(
            ((code, country_name(code, _language())) for code in _destinations()), key=lambda one: one[1]
        ),
    }


def _lacks_destination(row: queries.Row) -> bool:
    """Whether the post of the destination would be asked too if somebody named it."""
    trace = row.trace
    return trace is not None and not trace.is_final and not trace.destination and is_postal(row.detection)


def _box() -> dict[str, object]:
    return {"numbers_max": operations.NUMBERS_MAX}


def _destinations() -> set[str]:
    """Countries whose posts we know."""
    return {entry.post_of for entry in carriers.directory().values() if entry.post_of}


def _nothing_found(request: HttpRequest) -> str:
    if not request.POST.get("numbers", "").strip() and not request.FILES:
        return _("The box is empty. Paste a tracking number, or a text with numbers in it.")
    return _(
        "There is no tracking number in this text that we recognise. "
        "It has letters and digits, for example RR123456785CN."
    )


def _back(request: HttpRequest, token: str) -> HttpResponse:
    """To the page the act was done on, if it is one of this list."""
    here = request.POST.get("next", "")
    home = reverse("tracker:list", args=[token])
    return redirect(here if here.startswith(home) else home)


def _now() -> datetime:
    return datetime.now(UTC)


def _language() -> str:
    return get_language() or "en"
