"""Pages and API: Django's synchronous code in a few threads behind an asynchronous front.

The whole request is read before a thread is taken, and the whole answer is made before it is sent, so that a
slow or hostile client never holds one of them. Why not plain WSGI: docs/decisions/serving.md.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, cast

from django.conf import settings
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.db import connections
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

THREADS = 4
DOWNLOADS = 16
BODY_BYTES_MAX = 32 * 1024 * 1024
BODY_READ_S, FILES_READ_S = 60, 180
WHOLE_BYTES_MAX = 1024 * 1024
SEND_S = 60


class TooLarge(Exception):
    """The request's body is longer than any form here needs."""


class Pages(ASGIHandler):
    """An ASGI application for everything that is not a live stream."""

    def __init__(self) -> None:
        # Not the parent's __init__, which loads the middleware for coroutines.
        self.load_middleware(is_async=False)
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="pages")
        self.downloads = ThreadPoolExecutor(DOWNLOADS, thread_name_prefix="downloads")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await self.read_body(receive, _has_files(scope))
        except RequestAborted:
            return
        except TooLarge:
            await self.send_response(HttpResponse("413 Too large", status=413), send)
            return
        except TimeoutError:
            await self.send_response(HttpResponse("408 Too slow", status=408), send)
            return
        with body:
            loop = asyncio.get_running_loop()
            response = await loop.run_in_executor(self.threads, self.respond, scope, body)
            if isinstance(response, StreamingHttpResponse):
                await loop.run_in_executor(self.downloads, self.download, response, send, loop)
            else:
                await self.send_response(response, send)

    async def read_body(self, receive: Receive, has_files: bool = False) -> IO[bytes]:
        """The request's body; beyond some megabytes it lies on disk. One with files may be longer, and take longer.

        Raises RequestAborted when the client leaves, TooLarge and TimeoutError when it overdoes.
        """
        most = settings.REQUEST_BYTES_MAX if has_files else BODY_BYTES_MAX
        body = tempfile.SpooledTemporaryFile(settings.FILE_UPLOAD_MAX_MEMORY_SIZE)  # noqa: SIM115
        try:
            async with asyncio.timeout(FILES_READ_S if has_files else BODY_READ_S):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise RequestAborted
                    body.write(message.get("body", b""))
                    if body.tell() > most:
                        raise TooLarge
                    if not message.get("more_body", False):
                        break
        except BaseException:
            body.close()
            raise
        body.seek(0)
        return body

    def respond(self, scope: Scope, body: IO[bytes]) -> HttpResponseBase:
        """In a thread: the finished answer, or one that is too long to be held and still has to be streamed."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        response = self.get_response(request) if request else cast("HttpResponseBase", refusal)
        if isinstance(response, StreamingHttpResponse):
            if int(response.get("Content-Length") or WHOLE_BYTES_MAX + 1) > WHOLE_BYTES_MAX:
                return response
            response = _whole(response)
        response.close()
        return response

    def download(self, response: StreamingHttpResponse, send: Send, loop: asyncio.AbstractEventLoop) -> None:
        """In a thread of its own: make and send a long answer piece by piece, as fast as the client takes it."""

        async def send_one(message: Mapping[str, Any]) -> None:
            await send(message)

        def tell(message: Mapping[str, Any]) -> None:
            asyncio.run_coroutine_threadsafe(send_one(message), loop).result(SEND_S)

        try:
            tell(
                {"type": "http.response.start", "status": response.status_code, "headers": _headers(response)}
            )
            for piece in _pieces(response):
                tell({"type": "http.response.body", "body": piece, "more_body": True})
            tell({"type": "http.response.body"})
        finally:
            response.close()
            connections.close_all()

    def close(self) -> None:
        """Take no more work; what runs goes on."""
        self.threads.shutdown(wait=False, cancel_futures=True)
        self.downloads.shutdown(wait=False, cancel_futures=True)


def _has_files(scope: Scope) -> bool:
    return any(
        name == b"content-type" and value.startswith(b"multipart/form-data")
        for name, value in scope.get("headers", ())
    )


def _pieces(response: StreamingHttpResponse) -> Iterable[bytes]:
    if response.is_async:
        raise RuntimeError("an asynchronous stream belongs under /live/")
    return cast("Iterable[bytes]", response)


def _whole(stream: StreamingHttpResponse) -> HttpResponse:
    response = HttpResponse(b"".join(_pieces(stream)), status=stream.status_code)
    response.headers, response.cookies = stream.headers, stream.cookies
    stream.close()
    return response


def _headers(response: HttpResponseBase) -> list[tuple[bytes, bytes]]:
    headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
    cookies = (cookie.output(header="").strip() for cookie in response.cookies.values())
    return headers + [(b"Set-Cookie", cookie.encode("ascii")) for cookie in cookies]
