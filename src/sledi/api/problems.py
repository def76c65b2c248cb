"""Errors as RFC 9457 problem details: a stable type, a title, and the fields at fault."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

KINDS = {
    "malformed": "The body is not JSON.",
    "invalid": "The body or a parameter does not fit the schema; `errors` names the fields.",
    "no-number": "The text holds no tracking number.",
    "unknown-carrier": "No carrier has this slug; GET /carriers lists them.",
    "unknown-country": "This is no country of ISO 3166-1.",
    "key": "The request has no valid key or session.",
    "scope": "The key is not good for this; its scopes are told when it is made.",
    "forged": "A session may write only with its CSRF token.",
    "second-factor": "This role has to prove a second factor first; a browser is sent there.",
    "not-found": "There is nothing at this address, or nothing that the list's token opens.",
    "not-followed": "The number looks mistyped, so nobody was asked; name its carrier to follow it all the same.",
    "method": "The address does not take this method; the header Allow names those it takes.",
    "media-type": "The body has to be application/json.",
    "too-large": "The body is longer than a megabyte.",
    "too-many-numbers": "The numbers of this hour are used up; Retry-After says when more are left.",
    "too-many-lookups": "Too many orders were asked for from here, or for this address; Retry-After says when again.",
    "link-over": "The link was opened before, or its time is over; ask for a new one.",
    "unknown-move": "The profile has no such move at this level; GET …/moves lists what there is.",
    "wrong-role": "The move belongs to another role; GET …/profile says to which.",
    "wrong-state": "The move does not begin in the present state.",
    "missing-field": "A field of the move is empty; `errors` names it.",
    "unknown-field": "The move has no such field; `errors` names it.",
    "wrong-field": "A field does not hold what it should; `errors` names it and `reason` says what is wrong.",
    "guard": "A condition of the move is not met; `guard` names it and `listed` what stands in the way.",
    "guard-error": "A condition could not be checked, so nothing was done; the request_id finds it in the log.",
    "one-at-a-time": "The move is done one at a time, not with many at once.",
    "stale": "Somebody changed it since it was read; read it again.",
    "busy": "Somebody else did this very thing first; `since` says when.",
    "key-used-otherwise": "The Idempotency-Key belongs to another request; take a new one.",
    "not-enough-money": "The account lacks `missing`.",
    "not-printable": "The document cannot be made now; `reason` says why. No number was used.",
    "not-payable": "There is nothing to pay, or nobody to pay through.",
    "no-answer": "The payment provider gives no answer; nothing was taken. Retry-After says when to ask again.",
    "money-refused": "The ledger does not allow this, so nothing was done.",
    "unknown-flag": "No deadline of the profile raises such a flag.",
    "unknown-state": "The profile has no such state or level; GET …/profile lists them.",
    "wrong-cursor": "The cursor is none that this list gave.",
    "wrong-file": "The file cannot be read as a table; `reason` says why.",
    "wrong-photo": "The file is no photo that is kept; `reason` says why.",
    "broken": "Something broke on our side; the request_id finds it in the log.",
}
"""Every kind of problem, by the last part of its type address, and what it means."""


class Problem(Exception):
    """An answer that is an error. ``kind`` is one of ``KINDS``, never translated; ``more`` are members of its own."""

    def __init__(
        self,
        status: int,
        kind: str,
        title: str = "",
        *,
        errors: Sequence[dict[str, str]] = (),
        headers: dict[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(title or KINDS[kind])
        self.status = status
        self.kind = kind
        self.errors = list(errors)
        self.headers = headers or {}
        self.more = dict(more or {})


def respond(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The problem as ``application/problem+json``."""
    body: dict[str, Any] = {
        "type": f"/api/v1/problems#{problem.kind}",
        "title": str(problem),
        "status": problem.status,
        "instance": request.path,
        "request_id": getattr(request, "request_id", ""),
    }
    if problem.errors:
        body["errors"] = problem.errors
    body |= problem.more
    return JsonResponse(
        body,
        status=problem.status,
        headers=problem.headers,
        content_type=MEDIA_TYPE,
        json_dumps_params={"ensure_ascii": False},
    )


def documented(*statuses: int) -> dict[str, Any]:
    """What an operation's ``openapi_extra`` says of the problems it may answer with."""
    content = {MEDIA_TYPE: {"schema": _SCHEMA}}
    responses = {s: {"description": HTTPStatus(s).phrase, "content": content} for s in (*statuses, 500)}
    if 304 in responses:
        responses[304] = {"description": "Not Modified: what the reader has is what there is."}
    return {"responses": responses}


_SCHEMA = {
    "title": "Problem",
    "description": "An error as of RFC 9457.",
    "type": "object",
    "required": ["type", "title", "status", "instance", "request_id"],
    "properties": {
        "type": {"type": "string", "enum": [f"/api/v1/problems#{kind}" for kind in KINDS]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "instance": {"type": "string", "description": "The address that was asked."},
        "request_id": {"type": "string", "description": "Finds this request in our log."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "A JSON pointer (RFC 6901), or a parameter.",
                    },
                    "detail": {"type": "string"},
                },
            },
        },
        "reason": {"type": "string", "description": "What is wrong with a field or file, for programs."},
        "guard": {"type": "string", "description": "The condition that is not met."},
        "listed": {
            "type": "array",
            "items": {"type": "string"},
            "description": "What stands in the way, by number and name.",
        },
        "missing": {
            "type": "object",
            "required": ["amount", "currency"],
            "properties": {"amount": {"type": "string"}, "currency": {"type": "string"}},
        },
        "version": {"type": "integer", "description": "The present version of what was changed meanwhile."},
        "who": {"type": "string", "description": "Who was first, where the reader may know it."},
        "since": {"type": "string", "format": "date-time"},
    },
}


def attach(api: NinjaAPI) -> None:
    """Have every error of this API answered as a problem."""

    @api.exception_handler(Problem)
    def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
        return respond(request, problem)

    @api.exception_handler(ValidationError)
    def _invalid(request: HttpRequest, problem: ValidationError) -> HttpResponse:
        errors = [{"pointer": _pointer(error["loc"]), "detail": error["msg"]} for error in problem.errors]
        return respond(request, Problem(422, "invalid", errors=errors))

    @api.exception_handler(HttpError)
    def _http(request: HttpRequest, problem: HttpError) -> HttpResponse:
        return respond(request, Problem(problem.status_code, "malformed"))

    @api.exception_handler(Http404)
    def _not_found(request: HttpRequest, problem: Http404) -> HttpResponse:
        return respond(request, Problem(404, "not-found"))

    @api.exception_handler(RequestDataTooBig)
    def _too_large(request: HttpRequest, problem: RequestDataTooBig) -> HttpResponse:
        return respond(request, Problem(413, "too-large"))

    @api.exception_handler(TooManyFilesSent)
    def _too_many_files(request: HttpRequest, problem: TooManyFilesSent) -> HttpResponse:
        return respond(request, Problem(413, "too-large", "There are too many files in one request."))

    @api.exception_handler(MultiPartParserError)
    def _parts(request: HttpRequest, problem: MultiPartParserError) -> HttpResponse:
        return respond(request, Problem(400, "malformed", "The parts of the body cannot be read."))

    @api.exception_handler(Exception)
    def _broken(request: HttpRequest, fault: Exception) -> HttpResponse:
        # The route and not the path: tokens of lists are as good as keys, and never stand in a log.
        route = request.resolver_match.route if request.resolver_match else ""
        log.error("%s %s broke", request.method, route, exc_info=fault)
        response = respond(request, Problem(500, "broken"))
        response._has_been_logged = True  # type: ignore[attr-defined]  # Django would log the path
        return response


def _pointer(where: Sequence[object]) -> str:
    """Of ``("body", "body", "numbers", 3)`` the JSON pointer, of ``("query", "lang")`` the parameter."""
    place, *path = (str(part).replace("~", "~0").replace("/", "~1") for part in where)
    return "/" + "/".join(path[1:]) if place == "body" else "/".join(path)
