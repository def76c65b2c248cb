"""Sending: the one place where sledi talks to carriers over the network."""

import asyncio
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from sledi.core.carrier import Reply, Request, Unavailable

REPLY_BYTES_MAX = 8 * 1024 * 1024
"""A batch of 500 Russian Post histories is about 1.5 MB; more than this is not an answer."""


def client() -> httpx.AsyncClient:
    """A client for carriers: no redirects (their addresses are configuration), no proxy, no cookies kept."""
    return httpx.AsyncClient(
        follow_redirects=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        trust_env=False,
        limits=httpx.Limits(max_connections=64, max_keepalive_connections=16),
        # Nothing compressed: a megabyte that unpacks to gigabytes is one of a carrier's bad days.
        headers={"user-agent": "sledi", "accept-encoding": "identity"},
    )


async def send(
    http: httpx.AsyncClient, request: Request, *, kind: str, numbers: tuple[str, ...], timeout_s: float
) -> Reply:
    """Send one request and wait for the whole reply, at most ``timeout_s`` seconds and 8 MiB.

    Raises Unavailable when nothing, too much, or only a part came back.
    """
    try:
        async with asyncio.timeout(timeout_s):
            return await _exchange(http, request, kind, numbers)
    except TimeoutError:
        raise Unavailable(f"no whole answer within {timeout_s:g} s") from None
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as problem:
        raise Unavailable(f"{type(problem).__name__}: {problem}"[:300]) from problem


async def _exchange(http: httpx.AsyncClient, request: Request, kind: str, numbers: tuple[str, ...]) -> Reply:
    async with http.stream(
        request.method, request.url, headers=dict(request.headers), content=request.body, timeout=None
    ) as response:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise Unavailable("the answer is compressed although we asked for plain text")
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.aiter_raw():
            size += len(chunk)
            if size > REPLY_BYTES_MAX:
                raise Unavailable(f"the answer is longer than {REPLY_BYTES_MAX} bytes")
            chunks.append(chunk)
        return Reply(
            status=response.status_code,
            body=b"".join(chunks),
            kind=kind,
            numbers=numbers,
            headers={name.lower(): value for name, value in response.headers.items()},
        )
