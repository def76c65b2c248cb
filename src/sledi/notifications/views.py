"""Following a list by e-mail: ask, confirm, stop."""

from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from sledi.notifications import operations, silencing
from sledi.tracking.allowance import TooMany
from sledi.tracking.clients import address_of
from sledi.tracking.operations import NotInList, token_of


@require_POST
def follow(request: HttpRequest) -> HttpResponse:
    """Ask an address whether it wants news of a list."""
    token, email = request.POST.get("list", ""), request.POST.get("mail", "")
    page = {"token": token, "email": email.strip()}
    try:
        operations.follow(
            token,
            email,
            language=translation.get_language() or "en",
            client=address_of(request),
            at=datetime.now(UTC),
        )
    except NotInList:
        raise Http404 from None
    except ValidationError:
        problem = _("This is not an e-mail address. Write it like name@example.org.")
        return render(request, "notifications/follow_again.html", page | {"problem": problem}, status=422)
    except operations.ListFull:
        problem = _("This list has as many followers as a list may have. Make a list of your own.")
        return render(request, "notifications/follow_again.html", page | {"problem": problem}, status=409)
    except TooMany:
        problem = _("Too many mails were asked for from here. Try again in an hour.")
        return render(request, "notifications/follow_again.html", page | {"problem": problem}, status=429)
    return render(request, "notifications/asked.html", page)


@never_cache
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """A button that starts the mails: mail programs open links by themselves, people press buttons."""
    try:
        found = operations.follow_of(token)
        if request.method == "POST":
            found = operations.confirm(token, at=datetime.now(UTC))
    except operations.LinkInvalid:
        raise Http404 from None
    page = {"follow": found, "list": token_of(found.track_list_id)}
    return render(request, "notifications/confirm_page.html", page)


@csrf_exempt  # RFC 8058: mail programs post here without our cookie; the signed token is the proof
@never_cache
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the mails, by a button or by the mail program's own."""
    try:
        found = operations.follow_of(token)
        if request.method == "POST":
            found = operations.stop(token, at=datetime.now(UTC))
    except operations.LinkInvalid:
        raise Http404 from None
    return render(request, "notifications/stop_page.html", {"follow": found})


@csrf_exempt  # as above
@never_cache
@require_http_methods(["GET", "POST"])
def letters(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the mails of a business to an address, by a button or by the mail program's own; or begin again."""
    try:
        business, email = silencing.named_in(token)
        if request.method == "POST" and request.POST.get("again"):
            silencing.go_on(token)
        elif request.method == "POST":
            silencing.stop(token, datetime.now(UTC))
    except silencing.LinkInvalid:
        raise Http404 from None
    page = {"business": business, "email": email, "is_silent": silencing.is_silent(business, email)}
    return render(request, "notifications/letters_page.html", page)
