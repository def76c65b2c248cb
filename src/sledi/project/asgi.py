"""The application behind one address: ``/live/`` as coroutines, everything else in threads."""

import asyncio
import os
import signal
from typing import Any

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.exceptions import ImproperlyConfigured

from sledi.cli.parent import end_with_parent
from sledi.project.pages import Pages, Receive, Scope, Send

LIVE = "/live/"


class Site:
    """Sends every request to the half that suits it, and ends the streams when the process is asked to stop."""

    def __init__(self) -> None:
        self.streams = get_asgi_application()
        self.pages = Pages()
        self.stopping = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live_and_die(receive, send)
        elif scope["path"].startswith(LIVE):
            await self.streams(scope, self._until_stop(receive), send)
        else:
            await self.pages(scope, receive, send)

    async def _live_and_die(self, receive: Receive, send: Send) -> None:
        await receive()
        self._stop_on_signal(asyncio.get_running_loop())
        end_with_parent()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.pages.close()
        await send({"type": "lifespan.shutdown.complete"})

    def _stop_on_signal(self, loop: asyncio.AbstractEventLoop) -> None:
        """Learn of the stop at once: the server asks for our shutdown only after the last stream has ended.

        The server's own handlers hang on the loop and go on working beside these.
        """

        def stop(*_: object) -> None:
            loop.call_soon_threadsafe(self.stopping.set)

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
            signal.siginterrupt(number, False)

    def _until_stop(self, receive: Receive) -> Receive:
        """``receive`` that reports a disconnected client when the process stops."""

        async def receive_or_stop() -> Any:
            message = asyncio.ensure_future(receive())
            stop = asyncio.ensure_future(self.stopping.wait())
            try:
                await asyncio.wait({message, stop}, return_when=asyncio.FIRST_COMPLETED)
                return message.result() if message.done() else {"type": "http.disconnect"}
            finally:
                message.cancel()
                stop.cancel()

        return receive_or_stop


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sledi.project.settings")
if not settings.HAS_SECRET_KEY:
    raise ImproperlyConfigured("SLEDI_SECRET_KEY is not set: `sledi up` makes one, or set it")
application = Site()
