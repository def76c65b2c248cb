"""The frame's addresses alone, and one view that fails, for tests of pages and error pages."""

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from sledi.web import errors


def breaks(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


def refuses(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def suspects(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


def limits(request: HttpRequest) -> HttpResponse:
    return errors.too_many(request, 300)


urlpatterns = [
    path("", include("sledi.web.urls")),
    path("breaks/", breaks),
    path("refuses/", refuses),
    path("suspects/", suspects),
    path("limits/", limits),
]
handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.broken
