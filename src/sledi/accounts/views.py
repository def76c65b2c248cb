"""Signing in by link, and out."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps

from django.contrib.auth import login, logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from sledi.accounts import operations


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest, token: str) -> HttpResponse:
    """A button that signs in. Not the link itself: mail programs open links to look at them."""
    now = datetime.now(UTC)
    try:
        if request.method == "GET":
            return render(request, "accounts/sign_in.html", {"person": operations.person_of(token, now)})
        person = operations.redeem(token, now)
    except operations.LinkInvalid:
        return render(request, "accounts/link_invalid.html", status=410)
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("tracking:health")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("/")


View = Callable[..., HttpResponse]


def operators_only(view: View) -> View:
    """The page exists for operators; for everybody else it is not found."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not getattr(request.user, "is_operator", False):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded
