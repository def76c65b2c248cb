"""``sledi doctor``: what is wrong on this machine, and what to do about it."""

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sledi.cli import Refused, start_django
from sledi.cli.ports import require_free
from sledi.cli.reach import data_dir_of, reached
from sledi.database import binaries, folder
from sledi.database.account import server_account
from sledi.database.errors import DatabaseProblem

if TYPE_CHECKING:
    from sledi.cli import Commands

PYTHON_MIN = (3, 11)
DISK_BYTES_MIN = 500_000_000
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the diagnosis. ``advice`` is empty when all is well; then it is wrong, or only worth knowing."""

    what: str
    state: str
    advice: str = ""
    is_wrong: bool = False


def register(commands: "Commands") -> None:
    parser = commands.add_parser("doctor", help="say what is wrong on this machine and what to do")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--data-dir", type=Path)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print every finding; 1 when something is wrong."""
    data_dir = data_dir_of(options.data_dir)
    os.environ["SLEDI_DATA_DIR"] = str(data_dir)
    findings = []
    for finding in _examine(data_dir, options.port):
        sign = "wrong" if finding.is_wrong else "note " if finding.advice else "ok   "
        print(f"{sign}  {finding.what}: {finding.state}{f' → {finding.advice}' if finding.advice else ''}")
        findings.append(finding)
    return 1 if any(finding.is_wrong for finding in findings) else 0


def _examine(data_dir: Path, port: int) -> Iterator[Finding]:
    yield _python()
    yield _zones()
    yield _disk(data_dir)
    if os.environ.get("DATABASE_URL"):
        yield from _database(os.environ["DATABASE_URL"])
        yield _port(port)
    else:
        yield _programs(data_dir)
        yield from _own_database(data_dir, port)
    yield from _carriers()
    yield _browser()


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < PYTHON_MIN:
        return Finding("Python", version, "install Python 3.11 or newer", is_wrong=True)
    return Finding("Python", f"{version} in {sys.prefix}")


def _zones() -> Finding:
    """Kazakhstan has had one time zone, UTC+5, since 1 March 2024: old zone data show its scans an hour late."""
    try:
        offset = datetime(2024, 6, 1, tzinfo=ZoneInfo("Asia/Almaty")).utcoffset()
    except ZoneInfoNotFoundError:
        return Finding("time zones", "no data", "pip install tzdata", is_wrong=True)
    if offset != timedelta(hours=5):
        return Finding("time zones", "older than 2024", "pip install --upgrade tzdata", is_wrong=True)
    return Finding("time zones", "newer than March 2024")


def _disk(data_dir: Path) -> Finding:
    existing = next(path for path in (data_dir, *data_dir.parents) if os.path.exists(path))  # noqa: PTH110  never raises
    free = shutil.disk_usage(existing).free
    state = f"{free / 1e9:.1f} GB free for {data_dir}"
    if free < DISK_BYTES_MIN:
        return Finding("disk", state, "make room, or give another --data-dir", is_wrong=True)
    return Finding("disk", state)


def _programs(data_dir: Path) -> Finding:
    try:
        programs = binaries.installed()
        account = server_account(folder.home_of(data_dir) / "cluster")
        if account.can_pass(programs / "postgres") and (problem := binaries.trial(programs, account)):
            return Finding(
                "PostgreSQL", problem, f"install what it lacks, {binaries.OTHERWISE}", is_wrong=True
            )
    except DatabaseProblem as problem:
        return Finding("PostgreSQL", "not usable", str(problem), is_wrong=True)
    return Finding("PostgreSQL", f"{programs}, run by {account.name}")


def _own_database(data_dir: Path, port: int) -> Iterator[Finding]:
    """The embedded server is started for the look when nobody runs it."""
    if not os.path.exists(data_dir) and os.access(data_dir.parent, os.W_OK):  # noqa: PTH110  never raises
        yield Finding("data folder", f"{data_dir} is not there yet", "`sledi up` makes it")
        yield _port(port)
        return
    try:
        with reached(data_dir) as (url, is_running):
            yield Finding("data folder", f"{data_dir}, {'sledi runs on it' if is_running else 'at rest'}")
            yield from _database(url)
            if not is_running:
                yield _port(port)
    except DatabaseProblem as problem:
        yield Finding("data folder", str(data_dir), str(problem), is_wrong=True)


def _database(url: str) -> Iterator[Finding]:
    from sledi.database.address import check

    try:
        yield Finding("database", f"PostgreSQL {check(url)}")
    except DatabaseProblem as problem:
        yield Finding("database", "not usable", str(problem), is_wrong=True)
        return
    os.environ["DATABASE_URL"] = url
    yield _migrations()


def _migrations() -> Finding:
    start_django()
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    connection.close()
    if waiting:
        return Finding("migrations", f"{len(waiting)} not applied", "run `sledi prepare`, or `sledi up`")
    return Finding("migrations", "all applied")


def _port(port: int) -> Finding:
    try:
        require_free("127.0.0.1", port)
    except Refused as problem:
        return Finding("port", str(port), str(problem), is_wrong=True)
    return Finding("port", f"{port} is free")


def _carriers() -> Iterator[Finding]:
    start_django()
    from sledi.carriers import all_carriers
    from sledi.tracking.lines import is_configured

    for module in all_carriers():
        if is_configured(module.SLUG):
            yield Finding("carrier", f"{module.SLUG} is configured")
        else:
            names = sorted({secret.upper() for call in module.CALLS for secret in call.secrets})
            variables = f"SLEDI_CARRIER_{module.SLUG.upper()}_{{{','.join(names)}}}"
            yield Finding("carrier", f"{module.SLUG} has no credentials", f"set {variables} to ask it")


def _browser() -> Finding:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found:
        return Finding("browser for tests", found)
    return Finding(
        "browser for tests", "none", "only `make test` needs it: apt-get install chromium fonts-noto-core"
    )
