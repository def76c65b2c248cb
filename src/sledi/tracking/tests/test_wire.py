"""Sending: what leaves, and what is taken for an answer."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sledi.core.carrier import Reply, Request, Unavailable
from sledi.tracking import wire


@contextmanager
def server(answer: bytes, heard: list[bytes] | None = None) -> Iterator[str]:
    """Answers one request with these bytes and closes."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            told = connection.recv(65_536)
            while told.endswith(b"Content-Length: 3\r\n\r\n"):
                told += connection.recv(65_536)
            if heard is not None:
                heard.append(told)
            connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/x"
    finally:
        listening.close()
        thread.join(2)


def send(url: str, body: bytes = b"", timeout_s: float = 2) -> Reply:
    async def exchange() -> Reply:
        async with wire.client() as http:
            request = Request("POST", url, {"x-token": "t"}, body)
            return await wire.send(http, request, kind="history", numbers=("RB1",), timeout_s=timeout_s)

    return asyncio.run(exchange())


def test_an_answer_comes_back_whole_with_its_headers_in_lower_case() -> None:
    heard: list[bytes] = []
    with server(b"HTTP/1.1 404 Not Found\r\nX-One: 1\r\nContent-Length: 2\r\n\r\nhi", heard) as url:
        reply = send(url, b"ask")
    assert (reply.status, reply.body, reply.kind, reply.numbers) == (404, b"hi", "history", ("RB1",))
    assert reply.headers["x-one"] == "1"
    assert heard[0].startswith(b"POST /x HTTP/1.1\r\n")
    assert b"accept-encoding: identity" in heard[0].lower()
    assert heard[0].endswith(b"ask")


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    with server(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n") as url:
        assert send(url).status == 302


def test_a_compressed_answer_is_refused_before_it_is_unpacked() -> None:
    with (
        server(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b") as url,
        pytest.raises(Unavailable, match="compressed"),
    ):
        send(url)


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"]
)
def test_what_is_no_whole_http_answer_is_unavailable(answer: bytes) -> None:
    with server(answer) as url, pytest.raises(Unavailable):
        send(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://[::bad/",
        "gopher://carrier.example/",
        "http:///x",
        "http://no.such.host.invalid/",
    ],
)
def test_an_address_where_nobody_answers_is_unavailable(url: str) -> None:
    with pytest.raises(Unavailable):
        send(url)


def test_a_slow_answer_is_waited_for_no_longer_than_allowed() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        pytest.raises(Unavailable, match=r"within 0\.1 s"),
    ):
        send(f"http://127.0.0.1:{listening.getsockname()[1]}/", timeout_s=0.1)


def test_a_cookie_of_a_carrier_is_not_sent_back() -> None:
    async def twice(url: str) -> int:
        async with wire.client() as http:
            await wire.send(http, Request("GET", url), kind="history", numbers=(), timeout_s=2)
            return len(http.cookies.jar)

    with server(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n") as url:
        assert asyncio.run(twice(url)) == 0


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with server(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as url:
        assert send(url).status == 200
