"""News for an open page as server-sent events, so that it changes without being loaded again.

The stream carries no parcel data, only "something changed": the page then asks for its own rows with the
permission it has. A page without scripting, or a reader behind a proxy that holds streams back, loses nothing.

However many pages are open, each process looks into the database once in a while for all of them.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import close_old_connections, connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from sledi.tracking.ingest import DATABASE_AWAY
from sledi.tracking.models import ListRow
from sledi.tracking.operations import token_hash

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.5
STREAM_LIVES_S = 600
"""Then the browser comes back by itself: a closed laptop must not hold a stream for ever."""

STREAMS_MAX = 500
"""Open streams of one process; beyond that pages fall back to asking now and then."""

_THREAD = ThreadPoolExecutor(1, thread_name_prefix="live")
"""With the one database connection for all streams of this process."""


async def list_changes(request: HttpRequest, token: str) -> HttpResponseBase:
    """A stream of changes of one list. 404 for an unknown list, 503 when too many streams are open."""
    lookout = Lookout.of_this_loop()
    if len(lookout.watched) >= STREAMS_MAX:
        return HttpResponse(status=503, headers={"Retry-After": "60"})
    traces = await _traces(token)
    if not traces:
        return HttpResponse(status=404)
    # A browser that comes back says what it heard last, so that nothing in between is missed.
    last = request.headers.get("last-event-id", "")
    seen = int(last) if last.isascii() and last.isdigit() and len(last) < 20 else sum(traces.values())
    response = StreamingHttpResponse(_changes(lookout, list(traces), seen), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"  # nginx would hold the events back
    response["Content-Encoding"] = "identity"  # and so would whoever compresses answers
    return response


async def _changes(lookout: "Lookout", trace_ids: Sequence[UUID], seen: int) -> AsyncIterator[bytes]:
    with lookout.watching(trace_ids):
        yield f"retry: 5000\nid: {seen}\n\n".encode()
        for _ in range(int(STREAM_LIVES_S / LOOK_EVERY_S)):
            now = await lookout.next_revision(trace_ids)
            # A comment line keeps proxies from closing a stream in which nothing happens.
            yield (
                f"event: change\nid: {now}\ndata: {now}\n\n".encode() if now != seen else b": still here\n\n"
            )
            seen = now


class Lookout:
    """Looks for changes of all traces that open streams watch, as long as there are any."""

    _by_loop: dict[asyncio.AbstractEventLoop, "Lookout"] = {}

    def __init__(self) -> None:
        self.watched: dict[object, Sequence[UUID]] = {}
        self.revisions: dict[UUID, int] = {}
        self.looked = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    @classmethod
    def of_this_loop(cls) -> "Lookout":
        loop = asyncio.get_running_loop()
        cls._by_loop = {known: lookout for known, lookout in cls._by_loop.items() if not known.is_closed()}
        return cls._by_loop.setdefault(loop, cls())

    @contextmanager
    def watching(self, trace_ids: Sequence[UUID]) -> Iterator[None]:
        stream = object()
        self.watched[stream] = trace_ids
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._look())
        try:
            yield
        finally:
            del self.watched[stream]

    async def next_revision(self, trace_ids: Collection[UUID]) -> int:
        """A number that differs from the last one when any of the traces has changed; waits for the next look."""
        await self.looked.wait()
        if not self.revisions.keys() >= set(trace_ids):  # that look began before this stream did
            await self.looked.wait()
        return sum(self.revisions.get(trace_id, 0) for trace_id in trace_ids)

    async def _look(self) -> None:
        while self.watched:
            try:
                self.revisions = await _revisions({one for ids in self.watched.values() for one in ids})
            except (
                DATABASE_AWAY
            ) as problem:  # as far as anybody knows, nothing changed: the streams stay open
                log.warning("the database is away: %s", str(problem).strip())
            except Exception:  # the outer edge: streams wait for a next look, whatever became of this one
                log.exception("looking for changes failed")
            looked, self.looked = self.looked, asyncio.Event()
            looked.set()
            await asyncio.sleep(LOOK_EVERY_S)
            if not self.watched:
                await _close()  # and look whether anybody came meanwhile


def _traces_now(token: str) -> dict[UUID, int]:
    """The traces of a list, each with its revision."""
    close_old_connections()  # this thread outlives requests and, with its connection, perhaps the database
    rows = ListRow.objects.filter(track_list__token_hash=token_hash(token), trace__isnull=False)
    return dict(rows.values_list("trace_id", "trace__revision"))


def _revisions_now(trace_ids: Collection[UUID]) -> dict[UUID, int]:
    close_old_connections()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, revision FROM tracking_trace WHERE id = ANY(%s)", [list(trace_ids)])
            return dict(cursor.fetchall())
    except DATABASE_AWAY:
        connection.close()
        raise


def _close_now() -> None:
    connection.close()


_traces = sync_to_async(_traces_now, thread_sensitive=False, executor=_THREAD)
_revisions = sync_to_async(_revisions_now, thread_sensitive=False, executor=_THREAD)
_close = sync_to_async(_close_now, thread_sensitive=False, executor=_THREAD)
