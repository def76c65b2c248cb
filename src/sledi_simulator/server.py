"""The HTTP server in front of a simulator: a path prefix per carrier, /_control for the simulator itself."""

import contextlib
import ipaddress
import logging
import select
import socket
import struct
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from sledi_simulator.bad_days import BadDay, Switch
from sledi_simulator.control import Control
from sledi_simulator.simulator import Options, Simulator
from sledi_simulator.wire import Answer, Ask, json_answer
from sledi_simulator.world import World

BODY_MAX = 4 * 1024 * 1024
IDLE_S = 60.0
TICK_S = 0.2
STOP_POLL_S = 0.02
ENDLESS_CHUNK = b" " * 65_536
ENDLESS_CHUNKS_MAX = 16 * 8 * 1024  # 8 GiB

HTML_PAGE = (
    "<!DOCTYPE html><html><head><title>Технические работы</title></head>"
    "<body><h1>Ведутся технические работы</h1><p>Попробуйте зайти позже.</p></body></html>"
)

log = logging.getLogger(__name__)


class Running:
    """A simulator that answers at ``url`` until it is stopped."""

    def __init__(self, simulator: Simulator, host: str, port: int) -> None:
        """Raises OSError when the port cannot be had."""
        self.simulator = simulator
        self._stopping = threading.Event()
        self._server = _Server((host, port), simulator, self._stopping)
        self.url = f"http://{host}:{self._server.server_address[1]}"
        serve_forever = threading.Thread(
            target=self._server.serve_forever, args=(STOP_POLL_S,), name="simulator", daemon=True
        )
        self._threads = [
            serve_forever,
            threading.Thread(target=self._tick, name="simulator tick", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def world(self) -> World:
        return self.simulator.world

    def stop(self) -> None:
        """Stops answering, breaks what is still open, keeps the state. May be called twice."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.break_connections()
        for thread in self._threads:
            thread.join()
        self.simulator.close()

    def wait(self) -> None:
        """Waits until somebody stops it."""
        self._stopping.wait()

    def _tick(self) -> None:
        while not self._stopping.wait(TICK_S):
            try:
                self.simulator.tick()
            except Exception:  # the outer edge of what runs by itself
                log.exception("the simulator's tick failed")


@contextlib.contextmanager
def running(port: int = 0, options: Options | None = None, *, host: str = "127.0.0.1") -> Iterator[Running]:
    """A simulator in threads of this process, for tests. ``port`` 0 takes a free one."""
    run = Running(Simulator(options), host, port)
    try:
        yield run
    finally:
        run.stop()


def serve(port: int = 8001, options: Options | None = None, *, host: str = "127.0.0.1") -> None:
    """Runs a simulator until it is interrupted. Raises OSError or ValueError when it cannot start."""
    with running(port, options, host=host) as run:
        print(f"carriers' simulator: {run.url}/_control", flush=True)
        run.wait()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], simulator: Simulator, stopping: threading.Event) -> None:
        self.simulator = simulator
        self.control = Control(simulator)
        self.stopping = stopping
        self.connections: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def break_connections(self) -> None:
        """Ends idle and hanging connections, and waits a moment for their threads to notice."""
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        patience_until = time.monotonic() + 2
        while self.connections and time.monotonic() < patience_until:
            time.sleep(0.005)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no error of ours."""
        log.debug("connection of %s broke", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "sledi-simulator"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = 65_536
    timeout = IDLE_S

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        try:
            super().finish()
        finally:
            self.server.connections.discard(self.connection)

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_GET  # noqa: N815  names of http.server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  name of http.server
        log.debug(format, *args)

    def _serve(self) -> None:
        ask = self._ask()
        if ask is None:
            return
        prefix, _, rest = ask.path.lstrip("/").partition("/")
        below = Ask(ask.method, f"/{rest}" if rest else "", ask.query, ask.headers, ask.body)
        try:
            if prefix == "_control":
                self._send(self._control(below))
            elif prefix in self.server.simulator.dialects:
                reaction = self.server.simulator.react(prefix, below)
                self._suffer(reaction.answer, reaction.trouble)
            elif prefix == "payments":
                host = f"http://{self.headers.get('Host', '')}"
                self._suffer(*self.server.simulator.payments.react(below, host))
            else:
                carriers = sorted(self.server.simulator.dialects)
                self._send(json_answer({"error": f"no carrier {prefix!r}", "carriers": carriers}, 404))
        except ConnectionError:
            self.close_connection = True
        except Exception:  # the outer edge of a request
            log.exception("%s %s failed", self.command, self.path)
            self._send(json_answer({"error": "the simulator itself failed; see its log"}, 500))

    def _ask(self) -> Ask | None:
        """The request, read whole; nothing when it was answered already because it cannot be."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal() or int(length) > BODY_MAX:
            self.close_connection = True
            status = 413 if length.isdecimal() and int(length) > BODY_MAX else 411
            self._send(json_answer({"error": "a body needs its length, of 4 MiB at most"}, status))
            return None
        url = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Ask(self.command, unquote(url.path), query, headers, self.rfile.read(int(length)))

    def _control(self, ask: Ask) -> Answer:
        if not ipaddress.ip_address(self.client_address[0]).is_loopback:
            return json_answer({"error": "the control answers this machine only"}, 403)
        return self.server.control.answer(ask)

    def _send(self, answer: Answer, *, announced: int | None = None) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body) if announced is None else announced))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    # Bad days of the wire.

    def _suffer(self, answer: Answer, trouble: Switch | None) -> None:
        match trouble.day if trouble else None:
            case None:
                self._send(answer)
            case BadDay.SLOW:
                self._wait(trouble.delay_s if trouble else 0)
                self._send(answer)
            case BadDay.TRUNCATED:
                half = answer.body[: len(answer.body) // 2]
                self._send(Answer(answer.status, half, answer.content_type, answer.headers))
            case BadDay.CUT_OFF:
                self.close_connection = True
                half = answer.body[: len(answer.body) // 2]
                cut = Answer(answer.status, half, answer.content_type, answer.headers)
                self._send(cut, announced=len(answer.body))
            case BadDay.HTML:
                self._send(Answer(200, HTML_PAGE.encode(), "text/html; charset=utf-8"))
            case BadDay.EMPTY:
                self._send(Answer(200, b"", "application/json"))
            case BadDay.HTTP_500:
                self._send(Answer(500, b"Internal Server Error", "text/plain"))
            case BadDay.HTTP_503:
                self._send(Answer(503, b"Service Unavailable", "text/plain", {"Retry-After": "120"}))
            case BadDay.GIGABYTES:
                self._pour()
            case BadDay.RESET:
                self._reset()

    def _wait(self, seconds: float) -> None:
        """Says nothing for so long, or until the client goes away or the simulator stops."""
        until = time.monotonic() + seconds
        while not self.server.stopping.wait(min(0.2, max(0.0, until - time.monotonic()))):
            if time.monotonic() >= until:
                return
            readable, _, _ = select.select([self.connection], [], [], 0)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                raise ConnectionAbortedError
        raise ConnectionAbortedError

    def _pour(self) -> None:
        """A body that opens like JSON and goes on with blanks, for gigabytes."""
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"1\r\n[\r\n")
        for _ in range(ENDLESS_CHUNKS_MAX):
            if self.server.stopping.is_set():
                return
            self.wfile.write(f"{len(ENDLESS_CHUNK):x}\r\n".encode() + ENDLESS_CHUNK + b"\r\n")

    def _reset(self) -> None:
        """Closes so that the client is told of a reset, not of an end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
