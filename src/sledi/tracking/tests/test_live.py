"""Open pages hear that something changed, and no more than that."""

import asyncio
import re
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import RequestFactory

from sledi.tracking import live
from sledi.tracking.models import Trace

pytestmark = pytest.mark.django_db(transaction=True)

REQUEST = RequestFactory().get("/live/lists/x")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(live, "STREAM_LIVES_S", 0.2)


async def told(token: str, act: Any = None) -> list[bytes]:
    response = await live.list_changes(REQUEST, token)
    assert isinstance(response, StreamingHttpResponse)
    assert response["Content-Type"] == "text/event-stream"
    assert response["Cache-Control"] == "no-store"
    heard = []
    async for piece in response:
        heard.append(piece)
        if len(heard) == 2 and act:
            await sync_to_async(act, thread_sensitive=False)()
    return heard


def listen(*tokens: str, act: Any = None) -> list[list[bytes]]:
    """What open pages of these lists hear, side by side."""

    async def together() -> list[list[bytes]]:
        heard = await asyncio.gather(*(told(token, act) for token in tokens))
        lookout = live.Lookout.of_this_loop()
        assert not lookout.watched
        assert lookout.task is not None
        await lookout.task  # it ends by itself when nobody watches any more
        return heard

    return asyncio.run(together())


def change() -> None:
    Trace.objects.update(revision=41)
    connection.close()


def test_nobody_on_the_way_holds_the_events_back(follow: Any) -> None:
    from django.middleware.gzip import GZipMiddleware

    async def headers() -> Any:
        response = await live.list_changes(REQUEST, token)
        await live._close()
        browser = RequestFactory().get("/live/lists/x", headers={"accept-encoding": "gzip, br"})
        return GZipMiddleware(lambda _: response)(browser)

    token = follow("RB372813271CN")
    response = asyncio.run(headers())
    assert (response["Content-Encoding"], response["X-Accel-Buffering"]) == ("identity", "no")


def test_a_change_is_told_once_and_says_nothing_of_the_parcel(follow: Any) -> None:
    (heard,) = listen(follow("RB372813271CN"), act=change)
    assert re.fullmatch(rb"retry: 5000\nid: \d+\n\n", heard[0])
    changes = [piece for piece in heard if piece.startswith(b"event:")]
    assert changes == [b"event: change\nid: 41\ndata: 41\n\n"]


def test_a_stream_in_which_nothing_happens_stays_open_and_ends_some_time(follow: Any) -> None:
    (heard,) = listen(follow("RB372813271CN"))
    assert heard[1:] == [b": still here\n\n"] * 10


def test_who_comes_back_hears_of_what_changed_in_between(
    follow: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = follow("RB372813271CN")
    revision = Trace.objects.get().revision
    for last, changes in ((str(revision), 0), ("3", 1), ("", 0), ("nonsense", 0), ("9" * 5000, 0)):
        returning = RequestFactory().get("/live/lists/x", headers={"last-event-id": last})
        monkeypatch.setitem(globals(), "REQUEST", returning)
        (heard,) = listen(token)
        assert sum(piece.startswith(b"event: change") for piece in heard) == changes, last


def test_an_unknown_list_has_no_stream(simulator: Any) -> None:
    async def refused() -> Any:
        response = await live.list_changes(REQUEST, "no-such-list")
        await live._close()
        return response

    response = asyncio.run(refused())
    assert (response.status_code, response.content) == (404, b"")


def test_too_many_streams_are_refused_and_the_page_goes_on_without(
    follow: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "STREAMS_MAX", 0)
    response = asyncio.run(live.list_changes(REQUEST, follow("RB372813271CN")))
    assert (response.status_code, response["Retry-After"]) == (503, "60")


def test_all_streams_together_ask_the_database_once_a_round(
    follow: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    async def counted(trace_ids: Any) -> Any:
        asked.append(len(trace_ids))
        return await revisions(trace_ids)

    revisions = live._revisions
    monkeypatch.setattr(live, "_revisions", counted)
    tokens = [follow("RB372813271CN"), follow("RB298431881CN")] * 10
    listen(*tokens)
    assert len(asked) <= 14
    assert max(asked) == 2


def break_the_connection() -> None:
    """As a restart of the database does, to the connection of the streams alone."""
    backend = live._THREAD.submit(lambda: connection.connection.info.backend_pid).result()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
    change()


def test_a_stream_outlives_the_connection_to_the_database(follow: Any) -> None:
    (heard,) = listen(follow("RB372813271CN"), act=break_the_connection)
    assert len(heard) == 11
    assert b"event: change\nid: 41\ndata: 41\n\n" in heard
