"""The interface languages and how a reader's language is chosen."""

from collections.abc import Mapping
from types import MappingProxyType

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin
from django.utils.http import escape_leading_slashes
from django.utils.translation import get_language_from_request

LANGUAGES: Mapping[str, str] = MappingProxyType(dict(settings.LANGUAGES))
"""Code and own name, in the order of the menu."""

REMEMBERED_FOR_S = 365 * 24 * 3600

INTERFACES = ("/api/",)
"""Addresses for programs: ``lang`` is a parameter of theirs there, and they keep no cookies."""


class LanguageMiddleware(MiddlewareMixin):
    """Chooses the language: ``?lang=``, then the reader's cookie, then Accept-Language, then English.

    ``?lang=`` is remembered in the cookie and taken out of the address, so that a link somebody passes on
    shows each reader his own language.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        wanted = request.GET.get("lang", "")
        is_page = request.method in {"GET", "HEAD"} and not request.path.startswith(INTERFACES)
        if is_page and wanted in LANGUAGES:
            return _remember(request, wanted)
        language = get_language_from_request(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        return None

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        return response


def address_in(request: HttpRequest, language: str) -> str:
    """The address of this page in another language, for the language menu."""
    query = request.GET.copy()
    query["lang"] = language
    return f"{request.path}?{query.urlencode()}"


def _remember(request: HttpRequest, language: str) -> HttpResponse:
    query = request.GET.copy()
    del query["lang"]
    path = escape_leading_slashes(request.path)  # //elsewhere/ would leave the site
    response = HttpResponseRedirect(f"{path}?{query.urlencode()}" if query else path)
    keep(response, settings.LANGUAGE_COOKIE_NAME, language)
    return response


def keep(response: HttpResponse, name: str, choice: str) -> None:
    """Remember a reader's choice of look or language for a year; an empty choice forgets it."""
    if not choice:
        response.delete_cookie(name, samesite="Lax")
        return
    response.set_cookie(
        name,
        choice,
        max_age=REMEMBERED_FOR_S,
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
        samesite="Lax",
    )
