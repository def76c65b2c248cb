"""What every test may use: a database server, the real site, the carriers' simulator, a browser.

The promises a run kept are written to ``test-results/promises.json`` (see ops/promises.py).
"""

import asyncio
import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from ops import promises
from sledi.cli.simulator import simulated_lines
from sledi.cli.supervisor import PROGRAM

SERVER = "TEST_DATABASE_URL"  # of the server that the first process of a run starts for the others
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_FLAGS = [
    "--no-sandbox",  # Chromium refuses to run as root otherwise; the pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

_run = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """With several test processes, the first one starts one database server for all."""
    if getattr(config.option, "numprocesses", None) and not _given_server():
        os.environ[SERVER] = _run.enter_context(_database_server())


def pytest_unconfigure(config: pytest.Config) -> None:
    _run.close()


# --- database -------------------------------------------------------------------------------------------------


def _given_server() -> str:
    return os.environ.get(SERVER) or os.environ.get("DATABASE_URL") or ""


@contextmanager
def _database_server() -> Iterator[str]:
    """An embedded server for one test run; its data need not survive the machine."""
    import psycopg

    from sledi.database import folder, server

    with folder.claim(Path(os.environ["TEST_RUN_FOLDER"]) / "database") as claimed:
        started = server.start(claimed, durable=False)
        try:
            with psycopg.connect(started.admin_url, autocommit=True) as connection:
                connection.execute("ALTER ROLE sledi CREATEDB")
            yield started.url
        finally:
            started.stop()


@pytest.fixture(scope="session")
def database_server() -> Iterator[str]:
    """The URL of a PostgreSQL server in which test databases may be made."""
    if _given_server():
        yield _given_server()
        return
    with _database_server() as url:
        yield url


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    database_server: str, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Point Django to the server of the run, which is started only when a test wants a database."""
    from django.db import connections

    from sledi.project.settings import database_settings

    ours = connections["default"].settings_dict
    ours.update({**database_settings(database_server), "TEST": ours["TEST"], "CONN_MAX_AGE": 0})


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Between tests what cannot be deleted goes too; at the end the sessions that threads and processes left behind."""
    import psycopg

    with _forgetful_after_tests():
        yield
    with psycopg.connect(_database_url()) as session:
        session.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@contextmanager
def _forgetful_after_tests() -> Iterator[None]:
    """Tables that refuse TRUNCATE while they hold rows are emptied before a transactional test's flush."""
    from django.test import TransactionTestCase

    from sledi.history.tests.unlocked import empty

    flush = TransactionTestCase._fixture_teardown

    def empty_and_flush(case: TransactionTestCase) -> None:
        empty()
        flush(case)

    TransactionTestCase._fixture_teardown = empty_and_flush
    try:
        yield
    finally:
        TransactionTestCase._fixture_teardown = flush


# --- the site and the simulator -------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def simulated_carriers() -> Iterator[Any]:
    """The simulator of this test process; ``simulator`` is what tests ask for."""
    import sledi_simulator

    with sledi_simulator.running() as running:
        yield running


@pytest.fixture
def simulator(simulated_carriers: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The carriers' simulator, as it was when it started; our lines to the carriers lead to it."""
    simulated_carriers.simulator.reset()
    for name, text in simulated_lines(simulated_carriers.url).items():
        monkeypatch.setenv(name, text)
    return simulated_carriers


@pytest.fixture(scope="session")
def site_environment(django_db_setup: None, simulated_carriers: Any) -> dict[str, str]:
    """What a process of the product needs to work on this test process's database and simulator."""
    return {
        **os.environ,
        **simulated_lines(simulated_carriers.url),
        "DJANGO_SETTINGS_MODULE": "sledi.project.settings",
        "DATABASE_URL": _database_url(),
        "PYTHONWARNINGS": "error",
    }


@pytest.fixture(scope="session")
def site_address(site_environment: dict[str, str]) -> Iterator[str]:
    """The real site on the test database of this test process, asking the simulator."""
    subprocess.run([*PROGRAM, "prepare"], env=site_environment, check=True)
    port = _free_port()
    with _child([*PROGRAM, "web", "--port", str(port), "--processes", "1"], site_environment) as site:
        _wait_for(f"http://localhost:{port}/healthz", site)
        yield f"http://localhost:{port}"


@pytest.fixture
def live_site(site_address: str, transactional_db: None) -> str:
    """The address of the real site; what a test writes into the database, the site sees, and the reverse."""
    return site_address


@pytest.fixture
def live_worker(live_site: str, site_environment: dict[str, str]) -> Iterator[None]:
    """The real worker beside the real site, for the time of one test."""
    with _child([*PROGRAM, "worker"], site_environment):
        yield


def _database_url() -> str:
    from urllib.parse import quote

    from django.db import connection

    ours = connection.settings_dict
    user = f"{quote(ours['USER'])}:{quote(ours['PASSWORD'])}@" if ours["PASSWORD"] else f"{ours['USER']}@"
    port = f"&port={ours['PORT']}" if ours["PORT"] else ""
    return f"postgresql://{user}/{ours['NAME']}?host={quote(ours['HOST'])}{port}"


def _free_port() -> int:
    from sledi.cli.ports import any_free

    return any_free()


@contextmanager
def _child(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"the site ended with code {process.returncode}; its words are above")
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    pytest.fail(f"{address} does not answer")


# --- browser --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def _chromium() -> Iterator[Any]:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if not found:
        pytest.fail(
            "no Chromium for the browser tests: apt-get install chromium fonts-noto-core", pytrace=False
        )
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=BROWSER_FLAGS)
        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        yield chromium, loop
        asyncio._set_running_loop(loop)
        chromium.close()


@pytest.fixture
def browser(_chromium: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Chromium, as Playwright drives it.

    Playwright leaves its event loop running in this thread. It may do so only during a test with a browser: beside
    it no other test could run a loop of its own, and Django would refuse every query.
    """
    chromium, loop = _chromium
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    asyncio._set_running_loop(loop)
    yield chromium
    asyncio._set_running_loop(None)


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A fresh window; a test that needs another size or language makes its own with ``browser.new_context``."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


# --- promises -------------------------------------------------------------------------------------------------

_outcomes: dict[str, list[str]] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A claimed promise must exist, and be claimed where `make docs` finds it: by a decorator."""
    known, claimed = promises.features(), promises.claims()
    for item in items:
        test = item.nodeid.partition("[")[0]
        for name in [name for mark in item.iter_markers("promise") for name in mark.args]:
            if name not in known:
                raise pytest.UsageError(f"{test} claims {name}, which docs/promises.toml does not list")
            if test not in claimed.get(name, ()):
                raise pytest.UsageError(f"{test} claims {name} otherwise than by @pytest.mark.promise on it")
            item.user_properties.append(("promise", name))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Collect in the first process how the tests of promises went, phase by phase."""
    if any(name == "promise" for name, _ in report.user_properties):
        is_news = report.when == "call" or report.outcome != "passed"
        _outcomes.setdefault(report.nodeid.partition("[")[0], []).extend([report.outcome] if is_news else [])


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """After a full run, write down which tests of promises passed."""
    if hasattr(session.config, "workerinput") or not _was_full(session.config) or exitstatus not in (0, 1):
        return
    promises.RESULTS.parent.mkdir(exist_ok=True)
    outcomes = {test: promises.worst(phases) for test, phases in sorted(_outcomes.items())}
    promises.RESULTS.write_text(json.dumps(outcomes, indent=1) + "\n")


def _was_full(config: pytest.Config) -> bool:
    chosen = config.option.keyword or config.option.markexpr or config.option.collectonly
    return config.args_source == pytest.Config.ArgsSource.TESTPATHS and not chosen
