"""Errors as RFC 9457 problem details: a stable type, a title, what happened, and the fields at fault."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError


class Problem(Exception):
    """An answer that is an error. ``kind`` is the last part of the type address and never translated."""

    def __init__(
        self,
        status: int,
        kind: str,
        title: str,
        *,
        errors: Sequence[dict[str, str]] = (),
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(title)
        self.status = status
        self.kind = kind
        self.title = title
        self.errors = list(errors)
        self.retry_after_s = retry_after_s


def respond(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The problem as ``application/problem+json``."""
    body: dict[str, Any] = {
        "type": f"/api/v1/problems#{problem.kind}",
        "title": problem.title,
        "status": problem.status,
        "instance": request.path,
        "request_id": str(uuid.uuid4()),
    }
    if problem.errors:
        body["errors"] = problem.errors
    response = JsonResponse(
        body,
        status=problem.status,
        content_type="application/problem+json",
        json_dumps_params={"ensure_ascii": False},
    )
    if problem.retry_after_s is not None:
        response["Retry-After"] = str(problem.retry_after_s)
    return response


def attach(api: NinjaAPI) -> None:
    """Have every error of this API answered as a problem."""

    @api.exception_handler(Problem)
    def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
        return respond(request, problem)

    @api.exception_handler(ValidationError)
    def _invalid(request: HttpRequest, problem: ValidationError) -> HttpResponse:
        errors = [
            {"pointer": "/" + "/".join(str(part) for part in error["loc"][2:]), "detail": error["msg"]}
            for error in problem.errors
        ]
        return respond(
            request, Problem(422, "invalid", "The request does not fit the schema.", errors=errors)
        )

    @api.exception_handler(HttpError)
    def _http(request: HttpRequest, problem: HttpError) -> HttpResponse:
        return respond(request, Problem(problem.status_code, "http", str(problem)))
