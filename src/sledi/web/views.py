"""Pages of the frame itself: for crawlers, for people who found a hole, and the sheet of all components."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sledi.web.indexing import noindex
from sledi.web.sheet import sheet

CONTACT_VALID_FOR = timedelta(days=180)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Articles may be found; lists, parcels and everything behind a sign-in may not."""
    lines = [
        "User-agent: *",
        "Allow: /$",
        "Allow: /help/",
        "Allow: /privacy/",
        "Allow: /static/",
        "Disallow: /",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Where to report a hole (RFC 9116); missing while the operator named no address."""
    contact = getattr(settings, "SECURITY_CONTACT", "")
    if not contact:
        raise Http404
    expires = (datetime.now(UTC) + CONTACT_VALID_FOR).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {contact}",
        f"Expires: {expires.isoformat().replace('+00:00', 'Z')}",
        f"Preferred-Languages: {', '.join(code for code, _ in settings.LANGUAGES)}",
        f"Canonical: {request.build_absolute_uri()}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
@noindex
def look(request: HttpRequest) -> HttpResponse:
    """Every component in every state, for developers and tests; nobody else needs it."""
    user = getattr(request, "user", None)
    if not settings.DEBUG and not getattr(user, "is_operator", False):
        raise Http404
    return render(request, "web/look.html", sheet())
