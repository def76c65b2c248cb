"""``sledi up``: the whole product on this machine, until Ctrl-C."""

import argparse
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sledi import __version__
from sledi.cli import Refused, supervisor
from sledi.cli.parent import marked, stop_on_signals
from sledi.cli.ports import any_free, require_free
from sledi.cli.reach import data_dir_of
from sledi.cli.simulator import simulated_lines
from sledi.cli.supervisor import PROGRAM, Child
from sledi.database import folder

if TYPE_CHECKING:
    from sledi.cli import Commands
    from sledi.database.server import Server


def register(commands: "Commands") -> None:
    parser = commands.add_parser(
        "up", help="run everything on this machine: database, pages, worker, simulator"
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
    )
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--data-dir", type=Path, help="where everything is kept (default: ./data)")
    parser.add_argument("--no-demo", action="store_true", help="start empty")
    parser.add_argument(
        "--no-simulator", action="store_true", help="ask the real carriers, not simulated ones"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Start all, keep it running, stop it on SIGINT, SIGTERM or SIGHUP. Raises Refused, DatabaseProblem."""
    stop = stop_on_signals()
    require_free(options.host, options.port)
    data_dir = data_dir_of(options.data_dir)
    print(f"sledi {__version__}, data in {data_dir}", flush=True)
    with folder.claim(data_dir) as claimed:
        _write_secret_key(claimed.path)
        began = time.monotonic()
        with _database(claimed) as (url, keeper):
            _say("database", began)
            simulator_port = None if options.no_simulator else any_free()
            environment = _environment(options, claimed.path, url, simulator_port)
            began = time.monotonic()
            demo = _prepare(options, environment, stop)
            _say("migrations, assets, demo", began)
            children = _children(options, environment, simulator_port)
            rest = [] if options.no_demo else [Child("demo", [*PROGRAM, "demo", "--rest"], environment)]
            try:
                _serve(children, keeper, options, stop, demo, rest)
            finally:
                supervisor.end([*children, *rest])
    print("sledi: stopped", flush=True)
    return 0


def _say(what: str, began: float) -> None:
    print(f"  {what:<26} {time.monotonic() - began:.1f} s", flush=True)


def _write_secret_key(data_dir: Path) -> None:
    key = data_dir / "secret_key"
    if key.exists():
        return
    partial = data_dir / "secret_key.partial"
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    partial.write_text(secrets.token_urlsafe(50) + "\n")
    partial.rename(key)


@contextmanager
def _database(claimed: folder.Folder) -> Iterator[tuple[str, "Keeper | None"]]:
    """The URL of the database, and the keeper of its server when we run it ourselves."""
    if url := os.environ.get("DATABASE_URL"):
        from sledi.database.address import check

        check(url)
        yield url, None
        return
    keeper = Keeper(claimed)
    try:
        yield keeper.server.url, keeper
    finally:
        keeper.server.stop()


class Keeper:
    """Starts the embedded server again when it dies."""

    def __init__(self, claimed: folder.Folder) -> None:
        self.claimed = claimed
        self.server = self._start()

    def _start(self) -> "Server":
        from sledi.database import server

        return server.start(self.claimed)

    def look_after(self) -> None:
        code = self.server.process.poll()
        if code is not None:
            print(f"sledi: the database ended with code {code}; it starts again", file=sys.stderr, flush=True)
            self.server = self._start()


def _environment(
    options: argparse.Namespace, data_dir: Path, url: str, simulator_port: int | None
) -> dict[str, str]:
    """What the children find in their environment. The user's own settings win, except over the simulator's."""
    environment = {
        "SLEDI_SITE_URL": f"http://localhost:{options.port}",
        **os.environ,
        "DATABASE_URL": url,
        "SLEDI_DATA_DIR": str(data_dir),
        "PYTHONUNBUFFERED": "1",
    }
    if simulator_port is None:
        return environment
    from sledi_simulator import payments

    url = f"http://127.0.0.1:{simulator_port}"
    lines = simulated_lines(url) | payments.settings(url)
    return environment | lines | {"SLEDI_PUSH_URL": f"http://{_own_address(options.host)}:{options.port}"}


def _own_address(host: str) -> str:
    """Where this machine reaches a server that listens on ``host``."""
    return "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104


def _prepare(options: argparse.Namespace, environment: Mapping[str, str], stop: threading.Event) -> list[str]:
    """Migrate and so on in a process of its own, so that this one stays small; what the demo world tells."""
    command = [*PROGRAM, "prepare", *([] if options.no_demo else ["--demo"])]
    with subprocess.Popen(
        command, env=marked(dict(environment)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as child:
        told, _ = child.communicate()
    if child.returncode and not stop.is_set():
        raise Refused("the database could not be prepared; the lines above say why")
    return told.splitlines()


def _children(
    options: argparse.Namespace, environment: Mapping[str, str], simulator_port: int | None
) -> list[Child]:
    web = ["web", "--host", options.host, "--port", str(options.port)]
    children = [
        Child("web", [*PROGRAM, *web], environment),
        Child("worker", [*PROGRAM, "worker"], environment),
    ]
    if simulator_port is not None:
        simulator = ["simulator", "--port", str(simulator_port)]
        simulator += ["--state", f"{environment['SLEDI_DATA_DIR']}/simulator.json"]
        simulator += ["--webhook", f"{environment['SLEDI_PUSH_URL']}/hooks/seventeentrack/"]
        children.insert(0, Child("simulator", [*PROGRAM, *simulator], environment))
    return children


def _serve(
    children: list[Child],
    keeper: Keeper | None,
    options: argparse.Namespace,
    stop: threading.Event,
    demo: list[str],
    rest: list[Child],
) -> None:
    """Look after everything until the stop; once the first page answers, tell so and build ``rest`` of the demo."""
    began = time.monotonic()
    is_told = False
    while not stop.is_set():
        supervisor.look_after(children, stop)
        if keeper:
            keeper.look_after()
        if not is_told and _answers(_own_address(options.host), options.port):
            _say("web, worker, simulator" if not options.no_simulator else "web, worker", began)
            _tell(options.port, demo)
            is_told = True
            for child in rest:
                child.start()


def _tell(port: int, demo: list[str]) -> None:
    print(f"\n  Open http://localhost:{port}/ — Ctrl-C stops everything, the data stay.")
    for line in demo:
        print(f"  {line}")
    print(flush=True)


def _answers(host: str, port: int) -> bool:
    from http.client import HTTPConnection, HTTPException

    line = HTTPConnection(host, port, timeout=2)
    try:
        line.request("GET", "/healthz", headers={"Host": "localhost"})
        return line.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        line.close()
