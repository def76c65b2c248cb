"""The guide with its comments, the directory of postal sites, the page on privacy, and the operators' desks."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sledi import carriers
from sledi.accounts.views import operators_only
from sledi.carriers import Entry
from sledi.tracker import operations, queries
from sledi.tracker.models import OfficialLink
from sledi.tracking.allowance import TooMany
from sledi.tracking.clients import address_of
from sledi.tracking.operations import NUMBERS_MAX
from sledi.web import errors
from sledi.web.carrier_cards import CarrierCard, card_of
from sledi.web.countries import country_name

GUIDE = "guide"


@dataclass(frozen=True, slots=True)
class Post:
    """One line of the directory; ``link`` tells how its page answered us last, None before it was asked."""

    country: str
    entry: Entry
    card: CarrierCard
    link: OfficialLink | None


class CommentForm(forms.Form):
    """A name and some words. ``site`` is a trap: people do not see it, programs fill it in."""

    name = forms.CharField(max_length=40)
    text = forms.CharField(max_length=2000)
    site = forms.CharField(required=False)


@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """How to follow a parcel, in the reader's language, with the box in it."""
    return _guide(request, is_kept="kept" in request.GET)


@require_http_methods(["GET", "POST"])
def comment(request: HttpRequest) -> HttpResponse:
    """Take a comment and hold it until an operator reads it."""
    if request.method == "GET":
        return redirect("tracker:guide")
    form = CommentForm(request.POST)
    if not form.is_valid():
        return _guide(request, status=422, problem=_problem(form))
    if not form.cleaned_data["site"]:
        try:
            operations.leave_comment(
                GUIDE,
                _language(),
                form.cleaned_data["name"],
                form.cleaned_data["text"],
                client=address_of(request),
                at=datetime.now(UTC),
            )
        except TooMany as problem:
            return errors.too_many(request, round((problem.retry_at - datetime.now(UTC)).total_seconds()))
        except operations.TooManyHeld:
            return _guide(
                request, status=503, problem=_("Too many comments wait to be read. Try again in a few days.")
            )
    return redirect(f"{reverse('tracker:guide')}?kept=1#comments")


@require_safe
def posts(request: HttpRequest) -> HttpResponse:
    """The official postal sites by destination country."""
    language, links = _language(), queries.official_links()
    known = [
        Post(
            country_name(entry.post_of, language), entry, card_of(entry, "", language), links.get(entry.slug)
        )
        for entry in carriers.directory().values()
        if entry.post_of
    ]
    known.sort(key=lambda post: (post.country, post.card.name))
    return render(request, "tracker/posts.html", {"posts": known})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept, for how long, and who sees what."""
    return render(request, "tracker/privacy.html", {"numbers_max": NUMBERS_MAX})


@never_cache
@require_safe
@operators_only
def moderation(request: HttpRequest) -> HttpResponse:
    """Comments that wait to be read."""
    return render(request, "tracker/moderation.html", {"comments": queries.held()})


@require_POST
@operators_only
def judge(request: HttpRequest, comment_id: UUID) -> HttpResponse:
    """Let a comment through, or not."""
    act = {"approve": operations.approve, "refuse": operations.refuse}.get(request.POST.get("verdict", ""))
    if act is None:
        return errors.bad_request(request)
    try:
        act(comment_id, at=datetime.now(UTC))
    except operations.NotHeld:
        raise Http404 from None
    return redirect("tracker:moderation")


@never_cache
@require_safe
@operators_only
def links(request: HttpRequest) -> HttpResponse:
    """How the official pages answered, those that fail first."""
    language = _language()
    checked = [(carriers.name(link.slug, language), link) for link in queries.official_links().values()]
    is_off = not getattr(settings, "CHECK_LINKS", True)
    return render(request, "tracker/links.html", {"links": checked, "is_off": is_off})


def _guide(
    request: HttpRequest, *, status: int = 200, problem: str = "", is_kept: bool = False
) -> HttpResponse:
    page = {
        "article": f"tracker/guide/{_language()}.html",
        "comments": queries.comments(GUIDE, _language()),
        "numbers_max": NUMBERS_MAX,
        "problem": problem,
        "is_kept": is_kept,
        "name": request.POST.get("name", "")[:40],
        "text": request.POST.get("text", "")[:2000],
    }
    return render(request, "tracker/guide.html", page, status=status)


def _problem(form: CommentForm) -> str:
    if "name" in form.errors:
        return _("Write a name of up to 40 letters; it need not be your own.")
    return _("Write up to 2,000 letters.")


def _language() -> str:
    return get_language() or "en"
