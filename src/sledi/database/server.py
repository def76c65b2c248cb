"""The embedded server: a direct child of whoever starts it, waited for, and ended with it."""

import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import psycopg
from psycopg import sql

from sledi.database import binaries, cluster, leftovers
from sledi.database.account import Account, server_account
from sledi.database.errors import NotStarted
from sledi.database.folder import Folder, address, home_of, settle_home, settle_socket

START_S = 120  # a server that died with much unwritten work replays it first
STOP_S = 10
LOG_BYTES_MAX = 10_000_000


class Server:
    """A running server. ``url`` is for the program, ``admin_url`` for what only the superuser may do."""

    def __init__(self, process: subprocess.Popen[bytes], url: str) -> None:
        self.process = process
        self.url = url
        self.admin_url = url.replace("//sledi@/sledi?", f"//{cluster.SUPERUSER}@/postgres?", 1)

    def is_healthy(self) -> bool:
        """Whether it answers a question within two seconds."""
        if self.process.poll() is not None:
            return False
        try:
            with psycopg.connect(self.url, connect_timeout=2) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    def stop(self) -> None:
        """End it, open connections too, in seconds; returns when no process of it is left."""
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast, immediate, last resort
            if self.process.poll() is None:
                self.process.send_signal(number)
            try:
                self.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                continue
            return


def start(folder: Folder, *, durable: bool = True) -> Server:
    """Start the server of a claimed data folder, making cluster, role and database when they are not there.

    Call it from the main thread: on Linux the server is ended when the thread that started it ends.
    ``durable`` is off only for tests, whose data may die with the machine. Raises DatabaseProblem.
    """
    account = server_account(home_of(folder.path) / "cluster")
    home = settle_home(folder, account)
    programs = binaries.usable_by(account, home)
    data = cluster.settle(home, programs, account, durable=durable)
    socket = settle_socket(home, account)
    leftovers.clear(data, socket, account)
    settings = cluster.configure(home, socket, account, durable=durable)
    with _open_log(home) as log:
        process = _spawn([programs / "postgres", "-D", data, *settings], account, log)
    server = Server(process, address(folder.path))
    try:
        _settle_role(_first_connection(server, home))
    except BaseException:
        server.stop()
        raise
    return server


def _open_log(home: Path) -> BinaryIO:
    log = home / "server.log"
    if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
        log.replace(home / "server.log.1")
    log.touch(mode=0o600)
    return log.open("ab")


def _spawn(command: list[str | Path], account: Account, log: BinaryIO) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C in the terminal is for the supervisor, which stops the database last.
    return subprocess.Popen(
        command,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        preexec_fn=_end_with_parent(),  # runs after the step down, which would undo it
        **account.step_down,
    )


def _end_with_parent() -> Callable[[], None] | None:
    """On Linux, ask the kernel to stop the server when its parent is killed."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(1, signal.SIGINT)  # PR_SET_PDEATHSIG


def _first_connection(server: Server, home: Path) -> psycopg.Connection[tuple[object, ...]]:
    deadline = time.monotonic() + START_S
    while True:
        try:
            return psycopg.connect(server.admin_url, autocommit=True, connect_timeout=5)
        except psycopg.OperationalError as problem:
            code = server.process.poll()
            if code is not None:
                raise NotStarted(
                    f"the database ended with code {code} at its start: {_last_words(home)}"
                ) from problem
            if time.monotonic() > deadline:
                raise NotStarted(
                    f"the database does not answer ({problem}): {_last_words(home)}"
                ) from problem
            time.sleep(0.02)


def _last_words(home: Path) -> str:
    log = home / "server.log"
    words = log.read_text(errors="replace").splitlines()[-3:]
    return " / ".join(line.strip() for line in words) + f" (all in {log})"


def _settle_role(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    with connection:
        if not connection.execute("SELECT FROM pg_roles WHERE rolname = 'sledi'").rowcount:
            connection.execute("CREATE ROLE sledi LOGIN")
        if not connection.execute("SELECT FROM pg_database WHERE datname = 'sledi'").rowcount:
            connection.execute(sql.SQL("CREATE DATABASE sledi OWNER sledi"))
