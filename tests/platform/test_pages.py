"""The asynchronous front of synchronous pages, without a server."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path

from sledi.project import pages
from sledi.project.pages import Pages


def echo(request: HttpRequest) -> HttpResponseBase:
    response = HttpResponse(f"{len(request.body)} {threading.current_thread().name.partition('_')[0]}")
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return response


def short_stream(request: HttpRequest) -> HttpResponseBase:
    return StreamingHttpResponse(iter([b"one", b"two"]), headers={"Content-Length": "6"})


def long_stream(request: HttpRequest) -> HttpResponseBase:
    def made() -> Iterator[bytes]:
        for _ in range(3):
            yield threading.current_thread().name.partition("_")[0].encode()

    return StreamingHttpResponse(made())


def broken(request: HttpRequest) -> HttpResponseBase:
    raise RuntimeError("a mistake of ours")


urlpatterns = [path(view.__name__, view) for view in (echo, short_stream, long_stream, broken)]


def handler500(request: HttpRequest) -> HttpResponseBase:
    return HttpResponse("sorry", status=500)


@pytest.fixture
def site(settings: Any) -> Iterator[Pages]:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = ["sledi.project.requests.RequestMiddleware"]
    made = Pages()
    yield made
    made.close()


def talk(
    site: Pages, address: str, *incoming: dict[str, Any], headers: Sequence[tuple[bytes, bytes]] = ()
) -> list[dict[str, Any]]:
    """Everything the site sends when the client sends ``incoming``."""
    messages = [*incoming] or [{"type": "http.request", "body": b"", "more_body": False}]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else await asyncio.Event().wait()  # type: ignore[return-value]

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST" if incoming else "GET",
        "path": address,
        "query_string": b"",
        "headers": [(b"host", b"localhost"), *headers],
        "http_version": "1.1",
        "scheme": "http",
        "client": ("127.0.0.1", 5000),
        "server": ("localhost", 80),
    }
    asyncio.run(site(scope, receive, send))
    return sent


def body(sent: list[dict[str, Any]]) -> bytes:
    return b"".join(message.get("body", b"") for message in sent[1:])


def test_a_page_is_made_in_a_thread_from_the_whole_body(site: Pages) -> None:
    piece = {"type": "http.request", "body": b"x" * 1000, "more_body": True}
    sent = talk(site, "/echo", piece, piece, {"type": "http.request", "body": b"end", "more_body": False})
    assert sent[0]["status"] == 200
    assert body(sent) == b"2003 pages"


def test_every_cookie_gets_a_header_of_its_own(site: Pages) -> None:
    headers = talk(site, "/echo")[0]["headers"]
    assert [value for name, value in headers if name.lower() == b"set-cookie"] == [
        b"a=1; Path=/",
        b"b=2; Path=/",
    ]


def test_a_short_stream_is_sent_as_one_piece(site: Pages) -> None:
    sent = talk(site, "/short_stream")
    assert [message.get("body") for message in sent[1:]] == [b"onetwo"]
    assert (b"Content-Length", b"6") in sent[0]["headers"]


def test_a_long_stream_is_made_piece_by_piece_in_a_thread_of_its_own(site: Pages) -> None:
    sent = talk(site, "/long_stream")
    assert [message.get("body") for message in sent[1:]] == [b"downloads"] * 3 + [None]
    assert [message.get("more_body", False) for message in sent[1:]] == [True, True, True, False]


def test_a_body_beyond_all_measure_is_refused_unread(site: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "BODY_BYTES_MAX", 1500)
    piece = {"type": "http.request", "body": b"x" * 1000, "more_body": True}
    sent = talk(site, "/echo", piece, piece, piece)
    assert (sent[0]["status"], body(sent)) == (413, b"413 Too large")


def test_a_body_with_files_may_be_longer(site: Pages, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "BODY_BYTES_MAX", 1500)
    settings.REQUEST_BYTES_MAX = 2500
    piece = {"type": "http.request", "body": b"x" * 1000, "more_body": True}
    last = {"type": "http.request", "body": b""}
    form = [(b"content-type", b"multipart/form-data; boundary=y")]
    assert talk(site, "/echo", piece, piece, last, headers=form)[0]["status"] != 413
    assert talk(site, "/echo", piece, piece, piece, last, headers=form)[0]["status"] == 413


def test_a_body_that_never_ends_is_given_up(site: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "BODY_READ_S", 0.05)
    sent = talk(site, "/echo", {"type": "http.request", "body": b"x", "more_body": True})
    assert sent[0]["status"] == 408


def test_a_client_that_leaves_gets_no_answer(site: Pages) -> None:
    assert talk(site, "/echo", {"type": "http.disconnect"}) == []


def test_a_mistake_of_ours_is_a_500_with_the_requests_id(
    site: Pages, caplog: pytest.LogCaptureFixture
) -> None:
    sent = talk(site, "/broken")
    headers = dict(sent[0]["headers"])
    assert sent[0]["status"] == 500
    assert len(headers[b"X-Request-Id"]) == 16
    assert body(sent) == b"sorry"
    assert "a mistake of ours" in caplog.text
