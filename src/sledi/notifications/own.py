"""Which mails of a business a member wants: his own page, and its twin over REST."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from ninja import Schema
from pydantic import ConfigDict, Field

from sledi.accounts import queries, scopes
from sledi.accounts.access import Access, members_only
from sledi.accounts.authentication import MEMBERS
from sledi.api.problems import documented
from sledi.api.router import Router
from sledi.notifications import silencing
from sledi.orders.pages import places
from sledi.orders.rest.asking import now
from sledi.orders.rest.own import myself
from sledi.web.indexing import noindex

router = Router(tags=["own"], auth=list(MEMBERS))


class LettersIn(Schema):
    model_config = ConfigDict(extra="forbid")
    email: bool = Field(description="Whether news of orders and money come by e-mail")


class LettersOut(Schema):
    model_config = ConfigDict(extra="forbid")
    email: bool
    address: str = Field(description="Where they go")


@never_cache
@require_http_methods(["GET", "POST"])
@noindex
@members_only
def letters(request: HttpRequest, access: Access) -> HttpResponse:
    """News by e-mail on or off; what always comes is said beside it."""
    assert request.user.is_authenticated
    email = request.user.email
    chosen = request.POST.get("email")
    if chosen in _CHOICES:
        choose(access, email, is_wanted=_CHOICES[chosen], at=datetime.now(UTC))
        return redirect("notifications:own", access.business.slug)
    page = {
        "email": email,
        "is_silent": silencing.is_silent(access.business, email),
        "back": reverse("orders:own", args=[access.business.slug]),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "notifications/own.html", places.frame_of(access, "own") | page, status=status)


@router.get(
    "/businesses/{business}/me/letters",
    response=LettersOut,
    openapi_extra=documented(401, 403, 404),
    summary="Which mails one gets",
)
def get_letters(request: HttpRequest, business: str) -> Any:
    """Codes to sign in, notices about signing in, and links one asks for always come; they are not listed."""
    access = myself(request, scopes.PEOPLE_READ)
    return _shown(access)


@router.put(
    "/businesses/{business}/me/letters",
    response=LettersOut,
    openapi_extra=documented(400, 401, 403, 404, 413, 415, 422),
    summary="Choose which mails one gets",
)
def put_letters(request: HttpRequest, business: str, body: LettersIn) -> Any:
    """Off holds up letters under way, too."""
    access = myself(request, scopes.PEOPLE_WRITE)
    choose(access, _email(access), is_wanted=body.email, at=now())
    return _shown(access)


def choose(access: Access, email: str, *, is_wanted: bool, at: datetime) -> None:
    """Have the business write to this member, or not."""
    if is_wanted:
        silencing.write_again(access.business, email)
    else:
        silencing.silence(access.business, email, at)


_CHOICES = {"true": True, "false": False}


def _shown(access: Access) -> dict[str, Any]:
    email = _email(access)
    return {"email": not silencing.is_silent(access.business, email), "address": email}


def _email(access: Access) -> str:
    return queries.person_of(access).email
