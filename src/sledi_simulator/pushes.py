"""Pushes on their way to the subscribers: sent when due, repeated when not accepted, dropped in the end.

Only addresses of this machine are called: a simulator never sends anything into the world.
"""

import http.client
import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sledi_simulator.clock import Clock

ANSWER_WAIT_S = 5.0
ANSWER_READ_MAX = 65_536
SENDERS = 4
LOG_KEPT = 500
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(slots=True)
class Push:
    """One message to a subscriber. ``is_accepted`` judges the status and the body of the answer."""

    carrier: str
    number: str
    event: str
    url: str
    body: bytes
    headers: Mapping[str, str]
    is_accepted: Callable[[int, bytes], bool]
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt. ``status`` 0 means that nobody answered; ``outcome``: accepted, repeated or dropped."""

    carrier: str
    number: str
    event: str
    url: str
    attempt: int
    at: datetime
    status: int
    outcome: str


@dataclass(order=True, slots=True)
class _Waiting:
    due_at: datetime
    push: Push = field(compare=False)


class Outbox:
    """Pushes waiting to be sent. Safe to use from several threads."""

    def __init__(self, clock: Clock, retries_s: Callable[[], tuple[float, ...]]) -> None:
        """``retries_s`` gives the waits before the second and further attempts, in the simulator's time."""
        self._clock = clock
        self._retries_s = retries_s
        self._lock = threading.Lock()
        self._waiting: list[_Waiting] = []
        self._log: deque[Delivery] = deque(maxlen=LOG_KEPT)
        self._is_closed = False
        self._senders = ThreadPoolExecutor(SENDERS, thread_name_prefix="push")

    def add(self, push: Push) -> None:
        with self._lock:
            self._waiting.append(_Waiting(self._clock.now(), push))

    def send_due(self) -> None:
        """Hands everything that is due to the senders; does not wait for them."""
        now = self._clock.now()
        with self._lock:
            if self._is_closed:
                return
            due = sorted(waiting for waiting in self._waiting if waiting.due_at <= now)
            self._waiting = [waiting for waiting in self._waiting if waiting.due_at > now]
            for waiting in due:
                self._senders.submit(self._send, waiting.push)

    def log(self) -> list[Delivery]:
        with self._lock:
            return list(self._log)

    def waiting(self) -> int:
        with self._lock:
            return len(self._waiting)

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
        self._senders.shutdown(wait=False, cancel_futures=True)

    def _send(self, push: Push) -> None:
        push.attempt += 1
        status, body = post(push)
        retries_s = self._retries_s()
        outcome = "accepted" if push.is_accepted(status, body) else "repeated"
        if outcome == "repeated" and push.attempt > len(retries_s):
            outcome = "dropped"
        now = self._clock.now()
        with self._lock:
            self._log.append(
                Delivery(push.carrier, push.number, push.event, push.url, push.attempt, now, status, outcome)
            )
            if outcome == "repeated":
                due_at = now + timedelta(seconds=retries_s[push.attempt - 1])
                self._waiting.append(_Waiting(due_at, push))


def post(push: Push) -> tuple[int, bytes]:
    """Sends a push and returns the answer's status and body; status 0 when there is no answer."""
    url = urlsplit(push.url)
    if url.scheme != "http" or url.hostname not in LOCAL_HOSTS:
        return 0, b"not an address of this machine"
    connection = http.client.HTTPConnection(url.hostname, url.port or 80, timeout=ANSWER_WAIT_S)
    target = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
    try:
        connection.request("POST", target, push.body, dict(push.headers))
        answer = connection.getresponse()
        return answer.status, answer.read(ANSWER_READ_MAX)
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error).encode()
    finally:
        connection.close()
