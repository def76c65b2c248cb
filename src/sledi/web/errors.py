"""Answers to what went wrong: plain, with a way on and the request's id for whoever is asked for help.

Named by the root URLs (``handler404 = "sledi.web.errors.not_found"`` and so on) and ``CSRF_FAILURE_VIEW``.
"""

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sledi.web.context import frame


class NotForYou(PermissionDenied):
    """403 with the reason, as a sentence in the reader's language."""


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request makes no sense; 413 where it is only too long."""
    if isinstance(exception, RequestDataTooBig):
        return answer(
            request,
            413,
            _("This text is too long"),
            _(
                "A form may have up to one megabyte. Nothing was changed; send less, or paste the numbers alone."
            ),
        )
    return answer(
        request,
        400,
        _("This request cannot be read"),
        _(
            "Something in the address or the form is not as we expect it. Nothing was changed. "
            "Go back and try once more, or paste the number here."
        ),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: not for this person."""
    advice = _("You are not signed in as a person who may see it. Everybody can follow a tracking number.")
    if isinstance(exception, NotForYou):
        advice = str(exception)
    return answer(request, 403, _("This page is for somebody else"), advice)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its token: mostly a page left open for too long."""
    return answer(
        request,
        403,
        _("The page was open for too long"),
        _(
            "The form could not be checked, so nothing was changed. Paste the number here once more; "
            "cookies of this site must be allowed."
        ),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: nothing here, or nothing this person may see; the page says the same for both."""
    return answer(
        request,
        404,
        _("This page is not here"),
        _("The link may be old or copied only in part. If you have the tracking number, paste it here."),
    )


def too_many(request: HttpRequest, retry_after_s: int) -> HttpResponse:
    """429: asked too often."""
    minutes = max(1, round(retry_after_s / 60))
    advice = ngettext(
        "So many numbers were asked from your address that we have to pause. "
        "Try again in %(minutes)s minute; lists you already opened stay open.",
        "So many numbers were asked from your address that we have to pause. "
        "Try again in %(minutes)s minutes; lists you already opened stay open.",
        minutes,
    )
    response = answer(request, 429, _("Too many requests"), advice % {"minutes": minutes})
    response.headers["Retry-After"] = str(retry_after_s)
    return response


def broken(request: HttpRequest) -> HttpResponse:
    """500: our fault."""
    return answer(
        request,
        500,
        _("Something broke on our side"),
        _(
            "It was not you, and it has been recorded. Try again in a minute; what was saved before is still there."
        ),
    )


def answer(request: HttpRequest, status: int, title: str, advice: str) -> HttpResponse:
    """An error page. Without the context processors: they may read the database, and that may be what failed."""
    context = {**frame(request), "problem": title, "advice": advice, "csrf_token": get_token(request)}
    response = HttpResponse(render_to_string("web/error.html", context), status=status)
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "no-store"
    return response
