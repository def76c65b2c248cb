"""SIGKILL of the database, the worker and the site in the middle of ingest: nothing acknowledged is lost, nothing
is doubled, and what is derived is what a rebuild from the raw replies gives.

Real processes: an embedded server with durability on, ``sledi web``, ``sledi worker``, the carriers' simulator with
a fast clock, and pushes whose acknowledgement is written down like a carrier does.
"""

import hashlib
import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

import sledi_simulator
from sledi.cli.ports import any_free
from sledi.cli.simulator import simulated_lines
from sledi.database import folder, server
from sledi_simulator.barcodes import s10_check_digit

pytestmark = pytest.mark.slow

PUSHED_PARCELS, POLLED_PARCELS, PUSHERS = 24, 36, 4
WAY = (
    "InfoReceived", "InTransit_PickedUp", "InTransit_Other", "InTransit_Departure", "InTransit_CustomsProcessing",
    "InTransit_Arrival", "OutForDelivery_Other", "DeliveryFailure_NoBody", "AvailableForPickup_Other",
)  # fmt: skip
BEGAN = datetime(2026, 9, 1, 8, tzinfo=UTC)


@dataclass
class Installation:
    """The product's processes, each of which can be killed and started again."""

    claimed: folder.Folder
    environment: dict[str, str]
    port: int
    database: server.Server
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        if name == "database":
            self.database = server.start(self.claimed)
            return
        arguments = ["--port", str(self.port), "--processes", "1"] if name == "web" else []
        self.children[name] = subprocess.Popen(
            [sys.executable, "-m", "sledi.cli", name, *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        if name == "web":
            wait_until(self.answers)

    def kill(self, name: str) -> None:
        """As the machine would: no goodbye, children of the site included."""
        if name == "database":
            self.database.process.kill()
            self.database.process.wait()
            return
        os.killpg(self.children[name].pid, signal.SIGKILL)
        self.children[name].wait()

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://localhost:{self.port}/healthz", timeout=2):
                return True
        except OSError:
            return False

    def stop(self) -> None:
        for child in self.children.values():
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGTERM)
        for child in self.children.values():
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        self.children.clear()

    def sledi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "sledi.cli", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)

    def post(self, path: str, content: bytes, **headers: str) -> tuple[int, bytes]:
        """Status and body; 0 when nobody answered."""
        connection = http.client.HTTPConnection("localhost", self.port, timeout=10)
        try:
            connection.request("POST", path, content, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()


@pytest.fixture
def installation() -> Iterator[Installation]:
    home = Path(tempfile.mkdtemp(prefix="sledi-kill-", dir="/tmp"))
    home.chmod(0o711)  # the server's own user has to pass through
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        options = sledi_simulator.Options(speed=1800)
        simulator = stack.enter_context(sledi_simulator.running(options=options))
        claimed = stack.enter_context(folder.claim(home / "data"))
        database, port = server.start(claimed), any_free()
        environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith(("SLEDI_", "DJANGO_"))},
            **simulated_lines(simulator.url),
            "DATABASE_URL": database.url,
            "SLEDI_DATA_DIR": str(home / "data"),
            "SLEDI_SECRET_KEY": "of-the-kill-test-" * 3,
            "SLEDI_PUSH_URL": f"http://localhost:{port}",
            "SLEDI_NUMBERS_PER_HOUR": "100000",
        }
        running = Installation(claimed, environment, port, database)
        stack.callback(lambda: running.database.stop())
        stack.callback(running.stop)
        simulator.simulator.seventeentrack.webhook_url = f"http://localhost:{port}/hooks/seventeentrack/"
        assert running.sledi("prepare").returncode == 0
        for name in ("web", "worker"):
            running.start(name)
        yield running


def wait_until(condition: Callable[[], bool], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{condition} did not come true"
        time.sleep(0.05)


@dataclass
class Pusher:
    """Sends news of some parcels as 17TRACK does, each scan in a push of its own that comes again until it is
    acknowledged. ``acknowledged`` are the scans of a number that nobody will ever send again."""

    installation: Installation
    numbers: list[str]
    acknowledged: Counter[str] = field(default_factory=Counter)

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            number = random.choice(self.numbers)
            body = push(number, self.acknowledged[number])
            sign = hashlib.sha256(body + b"/secret").hexdigest()
            status, _ = self.installation.post("/hooks/seventeentrack/", body, sign=sign)
            if status == 200:
                self.acknowledged[number] += 1
            else:
                assert status in {0, 500, 502, 503}, status
                time.sleep(0.05)


def number(service: str, serial: int) -> str:
    """A valid number of China Post (UPU S10)."""
    return f"{service}{serial:08}{s10_check_digit(f'{serial:08}')}CN"


def push(number: str, n: int) -> bytes:
    """The news that the ``n``-th scan of a parcel has happened."""
    event = {
        "time_iso": (BEGAN + timedelta(hours=n)).isoformat(),
        "time_utc": (BEGAN + timedelta(hours=n)).isoformat(),
        "description": f"pushed {n}",
        "location": f"place {n}",
        "stage": None,
        "sub_status": WAY[n % len(WAY)],
    }
    tracking = {"providers": [{"provider": {"key": 3011, "name": "China Post"}, "events": [event]}]}
    latest = {"status": "InTransit", "sub_status": WAY[n % len(WAY)]}
    data = {"number": number, "carrier": 3011, "track_info": {"latest_status": latest, "tracking": tracking}}
    return json.dumps({"event": "TRACKING_UPDATED", "data": data}).encode()


@contextmanager
def busy(pushers: list[Pusher], installation: Installation) -> Iterator[None]:
    """Pushes from all sides, and every watch due again and again, so that there is always something to kill."""
    stop, problems = threading.Event(), []

    def guarded(act: Callable[[threading.Event], None]) -> None:
        try:
            act(stop)
        except BaseException as problem:  # noqa: BLE001  handed to the test
            problems.append(problem)

    def make_due(stop: threading.Event) -> None:
        while not stop.wait(0.3):
            try:
                with psycopg.connect(installation.database.url, connect_timeout=2) as connection:
                    connection.execute(
                        "UPDATE tracking_watch SET due_at = now(), attempts = 0, is_urgent = true WHERE id IN"
                        " (SELECT id FROM tracking_watch ORDER BY id FOR UPDATE SKIP LOCKED)"
                    )
                    connection.execute("UPDATE tracking_carrierline SET opens_at = NULL, failures_in_row = 0")
            except psycopg.OperationalError:
                continue

    acts = [pusher.run for pusher in pushers] + [make_due]
    threads = [threading.Thread(target=guarded, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)
    assert not problems, problems


@pytest.mark.parametrize("kills", [3, 20])
def test_kills_in_the_middle_of_ingest_lose_and_double_nothing(
    installation: Installation, kills: int
) -> None:
    pushed = [number("RB", 71_000_000 + 7_919 * n) for n in range(PUSHED_PARCELS)]
    polled = [number("LB", 31_000_000 + 104_729 * n) for n in range(POLLED_PARCELS)]
    for destination, numbers in (("UA", pushed), ("UA", polled[::2]), ("RU", polled[1::2])):
        body = json.dumps({"numbers": numbers, "destination": destination}).encode()
        assert installation.post("/api/v1/lists", body)[0] == 201
    pushers = [Pusher(installation, pushed[n::PUSHERS]) for n in range(PUSHERS)]
    victims = [("database", "worker", "web")[n % 3] for n in range(kills)]
    with busy(pushers, installation):
        for victim in victims:
            time.sleep(random.uniform(0.2, 1.2))
            installation.kill(victim)
            installation.start(victim)
        time.sleep(1)
        wait_until(lambda: all(pusher.acknowledged[n] for pusher in pushers for n in pusher.numbers))
    installation.stop()

    with psycopg.connect(installation.database.url) as connection:
        assert_everything_acknowledged_is_there(connection, pushers)
        assert_counts_fit(connection)
        assert_every_change_was_told_once(connection)
    compared = installation.sledi("tracking", "rebuild", "--check")
    assert compared.returncode == 0, compared.stdout + compared.stderr


def assert_everything_acknowledged_is_there(connection: Any, pushers: list[Pusher]) -> None:
    rows = connection.execute(
        "SELECT w.number, array_agg(e.raw_text) FROM tracking_event e JOIN tracking_watch w ON w.id = e.watch_id"
        " WHERE w.carrier = 'seventeentrack' AND e.raw_text LIKE 'pushed %' GROUP BY w.number"
    )
    told = {number: Counter(texts) for number, texts in rows}
    acknowledged = {number: n for pusher in pushers for number, n in pusher.acknowledged.items()}
    assert len(acknowledged) == PUSHED_PARCELS
    for number, n in acknowledged.items():
        # The last one may have arrived without its acknowledgement; nothing is there twice, nothing is missing.
        assert told[number] in [Counter(f"pushed {m}" for m in range(k)) for k in (n, n + 1)], number


def assert_counts_fit(connection: Any) -> None:
    differing = connection.execute(
        "SELECT t.number, t.event_count, count(e.key) FROM tracking_trace t"
        " LEFT JOIN tracking_link l ON l.trace_id = t.id LEFT JOIN tracking_event e ON e.watch_id = l.watch_id"
        " GROUP BY t.id HAVING t.event_count <> count(e.key)"
    ).fetchall()
    assert differing == []
    events, polled = connection.execute(
        "SELECT count(*), count(*) FILTER (WHERE w.carrier <> 'seventeentrack')"
        " FROM tracking_event e JOIN tracking_watch w ON w.id = e.watch_id"
    ).fetchone()
    assert events > 500
    assert polled > 0


def assert_every_change_was_told_once(connection: Any) -> None:
    """The told changes of a parcel are one way from where it began to where it is: none is missing, none is there
    twice."""
    now_at = {
        trace: (status, code)
        for trace, status, code in connection.execute("SELECT id, status, code FROM tracking_trace")
    }
    balance: dict[Any, Counter[tuple[str, str]]] = {trace: Counter() for trace in now_at}
    changes = connection.execute(
        "SELECT trace_id, previous_status, previous_code, status, code FROM tracking_outbox WHERE code <> 'sys.stale'"
    )
    for trace, before, before_code, after, after_code in changes:
        assert (before, before_code) != (after, after_code)
        balance[trace][before, before_code] += 1
        balance[trace][after, after_code] -= 1
    began = ("REGISTERED", "sys.pending")
    for trace, at in now_at.items():
        expected = Counter({began: 1})
        expected[at] -= 1
        assert {k: n for k, n in balance[trace].items() if n} == {k: n for k, n in expected.items() if n}, (
            trace
        )
