"""News for an open page as server-sent events, so that it changes without being loaded again.

The stream carries no parcel data, only "something changed": the page then asks for its own rows with the
permission it has. A page without scripting, or a reader behind a proxy that holds streams back, loses nothing.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from sledi.tracking.models import ListRow
from sledi.tracking.operations import token_hash

LOOK_EVERY_S = 1.5
STREAM_LIVES_S = 600
"""Then the browser comes back by itself: a closed laptop must not hold a stream for ever."""

STREAMS_MAX = 500
"""Open streams of one process; beyond that pages fall back to asking now and then."""

_open_streams = 0


async def list_changes(request: HttpRequest, token: str) -> HttpResponseBase:
    """A stream of changes of one list. 404 for an unknown list, 503 when too many streams are open."""
    trace_ids = await _traces(token)
    if not trace_ids:
        return HttpResponse(status=404)
    if _open_streams >= STREAMS_MAX:
        return HttpResponse(status=503, headers={"Retry-After": "60"})
    response = StreamingHttpResponse(_changes(trace_ids), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"  # nginx would hold the events back
    return response


async def _changes(trace_ids: list[UUID]) -> AsyncIterator[bytes]:
    async with _counted():
        seen = await _revision(trace_ids)
        yield b"retry: 5000\n\n"
        for _ in range(int(STREAM_LIVES_S / LOOK_EVERY_S)):
            await asyncio.sleep(LOOK_EVERY_S)
            now = await _revision(trace_ids)
            # A comment line keeps proxies from closing a stream in which nothing happens.
            yield f"event: change\ndata: {now}\n\n".encode() if now != seen else b": still here\n\n"
            seen = now


@asynccontextmanager
async def _counted() -> AsyncIterator[None]:
    global _open_streams
    _open_streams += 1
    try:
        yield
    finally:
        _open_streams -= 1


@sync_to_async(thread_sensitive=False)
def _traces(token: str) -> list[UUID]:
    rows = ListRow.objects.filter(track_list__token_hash=token_hash(token), trace__isnull=False)
    return list(rows.values_list("trace_id", flat=True))


@sync_to_async(thread_sensitive=False)
def _revision(trace_ids: list[UUID]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(revision), 0) FROM tracking_trace WHERE id = ANY(%s)", [trace_ids]
        )
        return int(cursor.fetchone()[0])
