"""PostgreSQL's own data folder: made once by initdb, configured anew at every start."""

import locale
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from sledi.database.account import Account
from sledi.database.errors import NotStarted, VersionRefused

SUPERUSER = "postgres"


def settle(home: Path, programs: Path, account: Account, *, durable: bool = True) -> Path:
    """The cluster in ``home``, made when it is not there.

    Raises VersionRefused when another major version of PostgreSQL made it, NotStarted when initdb fails.
    """
    cluster = home / "cluster"
    if cluster.exists():
        _check_version(cluster, programs)
    else:
        _initialise(home / "cluster.new", programs, account, durable=durable)
        (home / "cluster.new").rename(cluster)  # so that a killed initdb never leaves half a cluster
    return cluster


def _check_version(cluster: Path, programs: Path) -> None:
    made_by = (cluster / "PG_VERSION").read_text().strip()
    printed = subprocess.run(
        [programs / "postgres", "--version"], check=True, capture_output=True, text=True
    ).stdout
    ours = printed.split()[-1].split(".")[0]
    if made_by != ours:
        raise VersionRefused(
            f"{cluster} was made by PostgreSQL {made_by}, installed is {ours}:"
            " docs/how-to/upgrade.md tells how to carry the data over"
        )


def _initialise(cluster: Path, programs: Path, account: Account, *, durable: bool) -> None:
    shutil.rmtree(cluster, ignore_errors=True)
    cluster.mkdir(mode=0o700)
    os.chown(cluster, account.uid, account.gid)
    options = {
        "--username": SUPERUSER,
        "--encoding": "UTF8",
        "--locale": "C",
        "--locale-provider": "builtin",
        "--builtin-locale": "C.UTF-8",
        # pg_trgm asks the C library, not the provider, what a letter is: with plain C none is Cyrillic.
        "--lc-ctype": _character_type(),
        "--auth-local": "peer",
        "--auth-host": "reject",
    }
    command: list[str | Path] = [programs / "initdb", "--pgdata", cluster, "--data-checksums"]
    command += [part for option in options.items() for part in option]
    if not durable:
        command.append("--no-sync")
    made = subprocess.run(command, cwd="/", check=False, capture_output=True, text=True, **account.step_down)
    if made.returncode != 0:
        raise NotStarted(f"initdb failed in {cluster}: {made.stderr.strip()}")


def _character_type() -> str:
    """A UTF-8 character type that this system's C library knows (macOS and glibc name them differently)."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "en_US.UTF-8", "UTF-8"):
            try:
                return locale.setlocale(locale.LC_CTYPE, name)
            except locale.Error:
                continue
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    raise NotStarted("this system has no UTF-8 locale: install one (Debian: apt-get install locales)")


def configure(home: Path, socket: Path, account: Account, *, durable: bool = True) -> list[str]:
    """Write the server's configuration and return the arguments that make the server read it.

    It is reached by its socket only, and only by the user who runs sledi.
    """
    person = pwd.getpwuid(os.geteuid()).pw_name
    files = {
        "config_file": ("postgresql.conf", _settings(socket, durable=durable)),
        "hba_file": ("pg_hba.conf", "local all all peer map=sledi\n"),
        "ident_file": ("pg_ident.conf", f'sledi "{person}" sledi\nsledi "{person}" {SUPERUSER}\n'),
    }
    for name, text in files.values():
        (home / name).write_text(text)
        (home / name).chmod(0o640)
        os.chown(home / name, -1, account.gid)
    return [f"--{setting}={home / name}" for setting, (name, _) in files.items()]


def _settings(socket: Path, *, durable: bool) -> str:
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(socket),
        "unix_socket_permissions": "0700",
        "cluster_name": "sledi",
        "max_connections": "100",
        "shared_buffers": f"{min(max(memory_mb // 8, 32), 512)}MB",
        "effective_cache_size": f"{max(memory_mb // 2, 64)}MB",
        "work_mem": "8MB",
        "maintenance_work_mem": "128MB",
        "max_wal_size": "1GB",
        "wal_compression": "on",
        "random_page_cost": "1.1",  # solid-state disks
        "jit": "off",  # the wheel has no LLVM
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] ",
        "log_checkpoints": "off",
        "lc_messages": "C",
    }
    if not durable:
        settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
    lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in settings.items()]
    return (
        "# Written anew by sledi at every start. Settings of your own go into postgresql.local.conf beside it.\n"
        + "".join(lines)
        + "include_if_exists = 'postgresql.local.conf'\n"
    )
