"""What a killed server left behind: processes without a parent, a pid file that names something else.

PostgreSQL itself refuses to start while the process named in its pid file exists, even when that is a zombie
nobody reaps (containers) or another program that was given the number since. Whoever holds the data folder's
lock may clear that up, because then no sledi runs a server there.
"""

import os
import signal
import subprocess
import time
from pathlib import Path

from sledi.database.account import Account
from sledi.database.errors import NotStarted
from sledi.database.folder import SOCKET_NAME

END_S = 20


def clear(cluster: Path, socket: Path, account: Account) -> None:
    """End the processes of an abandoned server on ``cluster`` and remove its pid and socket files.

    Raises NotStarted when one of them does not end.
    """
    _end_processes(cluster, account)
    for path in (cluster / "postmaster.pid", socket / SOCKET_NAME, socket / f"{SOCKET_NAME}.lock"):
        path.unlink(missing_ok=True)


def _end_processes(cluster: Path, account: Account) -> None:
    deadline = time.monotonic() + END_S
    strongest = deadline - END_S / 2
    while pids := living(cluster, account):
        if time.monotonic() > deadline:
            raise NotStarted(
                f"an earlier database server on {cluster} does not end (processes {pids}): end it by hand"
            )
        # SIGINT ends a server politely; a lone backend that computes on without its server ends by SIGQUIT.
        _signal_all(pids, signal.SIGINT if time.monotonic() < strongest else signal.SIGQUIT)
        time.sleep(0.2)


def _signal_all(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def living(cluster: Path, account: Account) -> list[int]:
    """Processes of a PostgreSQL server on ``cluster`` that are alive; zombies and foreign programs are not."""
    if Path("/proc/self/stat").exists():
        processes = (path for path in Path("/proc").iterdir() if path.name.isdigit())
        return [int(process.name) for process in processes if _works_in(process, cluster, account)]
    pid = _noted_pid(cluster)
    return [pid] if pid and _ps_says_postgres(pid, cluster) else []


def _works_in(process: Path, cluster: Path, account: Account) -> bool:
    """Every process of a server has the cluster as its working folder. A zombie has none any more."""
    try:
        if process.stat().st_uid != account.uid:
            return False
        return (process / "comm").read_text() == "postgres\n" and (process / "cwd").samefile(cluster)
    except OSError:  # gone, or not ours to look at
        return False


def _noted_pid(cluster: Path) -> int | None:
    try:
        return int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def _ps_says_postgres(pid: int, cluster: Path) -> bool:
    """Where there is no /proc (macOS)."""
    shown = subprocess.run(
        ["/bin/ps", "-o", "stat=,command=", "-p", str(pid)], check=False, capture_output=True, text=True
    ).stdout
    return bool(shown) and not shown.startswith("Z") and "postgres" in shown and str(cluster) in shown
