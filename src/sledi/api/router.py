"""Addresses of the interface: what ninja's router does, with every refusal as a problem."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import conditional_page
from ninja import Router as NinjaRouter
from ninja.decorators import decorate_view
from ninja.operation import Operation, PathView

from sledi.api.problems import Problem, respond

with_etag = decorate_view(conditional_page)
"""The answer gets an ETag; who has the same one already gets 304 and no body."""


class Router(NinjaRouter):
    """Answers wrong methods and media types with problems, and HEAD wherever it answers GET.

    ``ids``: what the ids of its operations begin with instead of the module's name. Clients are generated from those
    ids, so they stay when the code behind them moves.
    """

    def __init__(self, *, ids: str = "", **options: Any) -> None:
        super().__init__(**options)
        self._ids = ids

    def add_api_operation(
        self, path: str, methods: list[str], view_func: Callable[..., Any], **options: Any
    ) -> None:
        if self._ids:
            options["operation_id"] = f"{self._ids}_{view_func.__name__}"
        self.path_operations.setdefault(path, _Address())
        super().add_api_operation(path, methods, view_func, **options)


class _Address(PathView):
    def clone(self) -> PathView:
        cloned = _Address()
        cloned.is_async, cloned.url_name = self.is_async, self.url_name
        cloned.operations = [operation.clone() for operation in self.operations]
        return cloned

    def _find_operation(self, request: HttpRequest) -> Operation | None:
        method = "GET" if request.method == "HEAD" else request.method
        return next((operation for operation in self.operations if method in operation.methods), None)

    def _sync_view(self, request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        operation = self._find_operation(request)
        if operation is not None and _takes_a_body(operation) and request.content_type != "application/json":
            return respond(request, Problem(415, "media-type", headers={"Accept-Post": "application/json"}))
        response = super()._sync_view(request, *args, **named)
        return response if operation else respond(request, _wrong_method(self.operations))


def _takes_a_body(operation: Operation) -> bool:
    return any(model.__ninja_param_source__ == "body" for model in operation.models)


def _wrong_method(operations: list[Operation]) -> Problem:
    allowed = {method for operation in operations for method in operation.methods}
    if "GET" in allowed:
        allowed.add("HEAD")
    return Problem(405, "method", headers={"Allow": ", ".join(sorted(allowed))})


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    """404 as a problem, for addresses below /api/ that are none."""
    return respond(request, Problem(404, "not-found"))
