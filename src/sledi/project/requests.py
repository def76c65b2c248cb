"""Every request gets an id; the access log says what was asked without anything secret in it."""

import json
import logging
import secrets
import time
from contextvars import ContextVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

access = logging.getLogger("sledi.access")
_request_id: ContextVar[str] = ContextVar("request_id", default="")


class RequestMiddleware(MiddlewareMixin):
    """Sets ``request.request_id``, answers it as ``X-Request-Id`` and writes the access log.

    The log names the route, not the path: the paths of lists and signed links are as good as keys, and numbers
    in them are somebody's. Query strings never appear either.
    """

    def process_request(self, request: HttpRequest) -> None:
        request.request_id = secrets.token_hex(8)  # type: ignore[attr-defined]
        request.began_s = time.perf_counter()  # type: ignore[attr-defined]
        _request_id.set(request.request_id)  # type: ignore[attr-defined]

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        route = f"/{request.resolver_match.route}" if request.resolver_match else "-"
        access.info(
            "%s %s %d %.1f ms",
            request.method,
            route,
            response.status_code,
            (time.perf_counter() - request.began_s) * 1000,  # type: ignore[attr-defined]
        )
        return response


class RequestFilter(logging.Filter):
    """Gives every log record the id of the request it was written in."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = _request_id.get()
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", ""),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps({key: value for key, value in line.items() if value}, ensure_ascii=False)
