"""Signing in by link, signing out, and a person's own page. The ways in by code and passkey are in ``entrance``."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import RequestLoginCodeView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from sledi.accounts import operations, queries
from sledi.accounts.forms import AccountForm
from sledi.accounts.models import Person
from sledi.web.languages import keep


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
    """End the session, or a sign-in that was begun; then to ``next``, a page of ours."""
    logout(request)
    onward = request.POST.get("next", "/")
    is_ours = url_has_allowed_host_and_scheme(onward, {request.get_host()}, require_https=request.is_secure())
    return redirect(onward if is_ours else "/")


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """A person's own page: name, language, ways to sign in, businesses."""
    person = request.user
    assert isinstance(person, Person)
    form = AccountForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        form.save()
        response = redirect("accounts:account")
        keep(response, settings.LANGUAGE_COOKIE_NAME, person.language)
        return response
    page = {"form": form, "ways": queries.ways_in(person), "memberships": queries.memberships_of(person)}
    return render(request, "accounts/account.html", page, status=422 if form.is_bound else 200)


class AskForCode(RequestLoginCodeView):  # type: ignore[misc]  # allauth has no types
    """The entrance. Who came from a business's pages finds the way to an order of his without an account there."""

    template_name = "accounts/entrance.html"

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        onward = get_next_redirect_url(self.request) or ""
        business = queries.open_business(onward.strip("/").partition("/")[0].partition("?")[0])
        can_find = business is not None and "order" in business.workflow.levels
        return {**super().get_context_data(**named), "business": business, "can_find": can_find}


class TurnOnAppCodes(ActivateTOTPView):  # type: ignore[misc]  # allauth has no types
    """Codes from an app, with the picture to scan."""

    template_name = "accounts/app_codes.html"

    def form_valid(self, form: Any) -> HttpResponse:
        """The person has just typed a code."""
        response: HttpResponse = super().form_valid(form)
        _has_proved(self.request, Authenticator.Type.TOTP)
        return response

    def get_success_url(self) -> str:
        address, onward = super().get_success_url(), get_next_redirect_url(self.request)
        return f"{address}?{urlencode({'next': onward})}" if onward else address


class RecoveryCodes(ViewRecoveryCodesView):  # type: ignore[misc]  # allauth has no types
    """The codes for the day the phone is lost."""

    template_name = "accounts/recovery_codes.html"

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**named),
            "onward": get_next_redirect_url(self.request) or "/account/",
        }


class AddPasskey(AddWebAuthnView):  # type: ignore[misc]  # allauth has no types
    """A passkey: it signs in alone, so it must know its person by a finger, a face or a PIN."""

    template_name = "accounts/passkey.html"

    def form_valid(self, form: Any) -> HttpResponse:
        """The person has just shown a finger, a face or a PIN."""
        response: HttpResponse = super().form_valid(form)
        _has_proved(self.request, Authenticator.Type.WEBAUTHN)
        return response

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        context = super().get_context_data(**named)
        return {
            **context,
            "js_data": {"creation_options": webauthn.begin_registration(self.request.user, True)},
        }


def _has_proved(request: HttpRequest, way: str) -> None:
    """What was just set up is proof enough for this session: nobody is asked for it twice in a row."""
    record_authentication(request, request.user, "mfa", type=way, reauthenticated=True)


View = Callable[..., HttpResponse]


def operators_only(view: View) -> View:
    """The page exists for operators; for everybody else it is not found."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not getattr(request.user, "is_operator", False):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded
