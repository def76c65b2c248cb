"""``sledi up``: one command, all processes, and a clean end in every case."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from sledi.cli.ports import any_free
from sledi.cli.supervisor import PROGRAM
from sledi.database import folder

pytestmark = pytest.mark.slow

START_S = 40
STOP_S = 10


@dataclass
class Up:
    process: subprocess.Popen[bytes]
    port: int
    data_dir: Path
    log: Path

    @property
    def words(self) -> str:
        return self.log.read_text()

    def page(self, path: str = "/") -> tuple[int, bytes]:
        with urllib.request.urlopen(f"http://localhost:{self.port}{path}", timeout=10) as answer:
            return answer.status, answer.read()

    def wait_for(self, words: str, seconds: float = START_S) -> None:
        deadline = time.monotonic() + seconds
        while words not in self.words:
            assert self.process.poll() is None, self.words
            assert time.monotonic() < deadline, self.words
            time.sleep(0.05)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(STOP_S)
        return time.monotonic() - began


@contextmanager
def up(data_dir: Path, *arguments: str, **environment: str) -> Iterator[Up]:
    port = any_free()
    log = data_dir.parent / "up.log"
    with log.open("wb") as words:
        process = subprocess.Popen(
            [
                *PROGRAM,
                "up",
                "--port",
                str(port),
                "--data-dir",
                str(data_dir),
                *arguments,
            ],
            env={**clean_environment(), **environment},
            stdout=words,
            stderr=words,
            start_new_session=True,
        )
    started = Up(process, port, data_dir, log)
    try:
        started.wait_for("Ctrl-C stops everything")
        yield started
    finally:
        if process.poll() is None:
            started.stop()


def clean_environment() -> dict[str, str]:
    return {
        name: text
        for name, text in os.environ.items()
        if not name.startswith("SLEDI_") and name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    }


def processes_below(data_dir: Path) -> list[str]:
    """Living processes, of whatever parent, that were started for this data folder."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            words = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if str(data_dir).encode() in words and int(process.name) != os.getpid():
            found.append(words.split(b"\0\0")[0][:200].decode(errors="replace"))
    return found


def wait_for_none(data_dir: Path, seconds: float = STOP_S) -> None:
    deadline = time.monotonic() + seconds
    while left := processes_below(data_dir):
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes under /proc")


@on_linux
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_page_comes_and_a_stop_leaves_no_process(open_folder: Path, number: signal.Signals) -> None:
    with up(open_folder / "data") as started:
        assert started.page()[0] == 200
        assert json.loads(started.page("/readyz")[1])["ready"] is True
        assert len(processes_below(open_folder / "data")) >= 5
        assert started.stop(number) < STOP_S
        assert started.process.returncode == 0
        assert processes_below(open_folder / "data") == []


@on_linux
def test_ctrl_c_in_the_terminal_stops_all_at_once(open_folder: Path) -> None:
    with up(open_folder / "data") as started:
        os.killpg(started.process.pid, signal.SIGINT)  # as a terminal does: everybody in the group gets it
        started.process.wait(STOP_S)
        assert started.process.returncode == 0
        assert "starts again" not in started.words
        assert "Traceback" not in started.words
        assert processes_below(open_folder / "data") == []


def test_an_open_live_stream_does_not_hold_up_the_stop(open_folder: Path) -> None:
    with up(open_folder / "data") as started:
        path = live_path(started)
        with urllib.request.urlopen(f"http://localhost:{started.port}{path}", timeout=10) as stream:
            assert stream.readline().startswith(b"retry:")
            assert started.stop() < 5


def live_path(started: Up) -> str:
    """The live stream of the list that the demo world told about."""
    listed = next(word for word in started.words.split() if "/t/" in word)
    return f"/live/lists/{listed.rstrip('/').rpartition('/')[2]}"


def test_a_second_up_on_the_same_folder_is_refused(open_folder: Path) -> None:
    with up(open_folder / "data") as started:
        second = sledi("up", "--port", str(any_free()), "--data-dir", str(open_folder / "data"))
        assert second.returncode == 1
        assert second.stderr.strip() == (
            f"sledi: sledi already runs on {open_folder}/data (process {started.process.pid}):"
            " stop it first, or give another --data-dir"
        )
        assert started.page("/healthz")[0] == 200


def sledi(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *arguments],
        env={**clean_environment(), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_taken_port_is_refused_before_anything_is_made(open_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = sledi("up", "--port", str(port), "--data-dir", str(open_folder / "data"))
    assert refused.returncode == 1
    assert (
        refused.stderr.strip()
        == f"sledi: port {port} is taken by another program: give another one with --port"
    )
    assert not (open_folder / "data").exists()


@on_linux
def test_a_child_that_dies_comes_back_and_it_is_said(open_folder: Path) -> None:
    with up(open_folder / "data") as started:
        for name in ("worker", "web", "simulator"):
            os.kill(pid_of(started, name), signal.SIGKILL)
            started.wait_for(f"sledi: {name} ended by signal 9; it starts again in 1 s", 10)
        deadline = time.monotonic() + 20
        while True:
            try:
                assert started.page("/healthz")[0] == 200
                assert pid_of(started, "worker")
                assert pid_of(started, "simulator")
                break
            except (OSError, StopIteration):
                assert time.monotonic() < deadline
                time.sleep(0.1)
        assert started.stop() < STOP_S
        wait_for_none(open_folder / "data")


def pid_of(started: Up, command: str) -> int:
    children = Path(f"/proc/{started.process.pid}/task/{started.process.pid}/children").read_text().split()
    return next(
        int(child)
        for child in children
        if f"sledi.cli\0{command}".encode() in Path(f"/proc/{child}/cmdline").read_bytes()
    )


@on_linux
def test_a_killed_database_comes_back_under_running_pages(open_folder: Path) -> None:
    with up(open_folder / "data") as started:
        children = (
            Path(f"/proc/{started.process.pid}/task/{started.process.pid}/children").read_text().split()
        )
        server = next(
            int(child) for child in children if Path(f"/proc/{child}/comm").read_text() == "postgres\n"
        )
        os.kill(server, signal.SIGKILL)
        started.wait_for("sledi: the database ended with code -9; it starts again", 10)
        deadline = time.monotonic() + 20
        while True:
            try:
                assert json.loads(started.page("/readyz")[1])["ready"] is True
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.1)


@on_linux
def test_nothing_is_lost_when_everything_is_killed(open_folder: Path) -> None:
    with up(open_folder / "data") as started:
        with psycopg.connect(folder.address(open_folder / "data"), autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        for process in list(Path("/proc").iterdir()):
            if process.name.isdigit() and int(process.name) != os.getpid() and belongs(process, open_folder):
                os.kill(int(process.name), signal.SIGKILL)
        started.process.wait()
    with up(open_folder / "data"), psycopg.connect(folder.address(open_folder / "data")) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)


def belongs(process: Path, open_folder: Path) -> bool:
    try:
        words = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        return str(open_folder).encode() in words or str(open_folder) in str((process / "cwd").readlink())
    except OSError:
        return False


@on_linux
def test_a_killed_supervisor_takes_everything_with_it(open_folder: Path) -> None:
    with up(open_folder / "data") as started:
        started.process.kill()
        started.process.wait()
        wait_for_none(open_folder / "data")


def test_a_second_run_keeps_key_and_data(open_folder: Path) -> None:
    with up(open_folder / "data", "--no-simulator", "--no-demo"):
        key = (open_folder / "data" / "secret_key").read_text()
        assert (open_folder / "data" / "secret_key").stat().st_mode & 0o777 == 0o600
        with psycopg.connect(folder.address(open_folder / "data"), autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    with up(open_folder / "data", "--no-simulator", "--no-demo"):
        assert (open_folder / "data" / "secret_key").read_text() == key
        with psycopg.connect(folder.address(open_folder / "data")) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (7,)


def test_a_database_of_ones_own_is_used_and_none_is_started(open_folder: Path, database_server: str) -> None:
    with psycopg.connect(database_server, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS ones_own")
        connection.execute("CREATE DATABASE ones_own")
    own = database_server.replace("/sledi?", "/ones_own?", 1)
    with up(open_folder / "data", DATABASE_URL=own) as started:
        assert started.page()[0] == 200
        assert not (open_folder / "data" / "postgres").exists()
    with psycopg.connect(own) as connection:
        assert connection.execute("SELECT count(*) > 0 FROM django_migrations").fetchone() == (True,)


def test_a_database_that_is_away_is_said_in_one_line(open_folder: Path) -> None:
    refused = sledi(
        "up",
        "--port",
        str(any_free()),
        "--data-dir",
        str(open_folder / "data"),
        DATABASE_URL="postgresql://x@127.0.0.1:1/x",
    )
    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == 1
    assert "does not answer" in refused.stderr
