"""How a process of ours ends: when it is asked to, and when its parent was killed and could tell nobody."""

import os
import signal
import threading
import time

VARIABLE = "SLEDI_PARENT"
GRACE_S = 5


def stop_on_signals() -> threading.Event:
    """Set when the process is asked to stop: by a service, by Ctrl-C, by a closed terminal."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    return stop


def marked(environment: dict[str, str]) -> dict[str, str]:
    """The environment for a child that is to end with this process."""
    return {**environment, VARIABLE: str(os.getpid())}


def end_with_parent() -> None:
    """Ask this process to stop when the parent that started it is gone. Nothing happens to an unmarked one."""
    parent = os.environ.get(VARIABLE, "")
    if parent:
        threading.Thread(target=_watch, args=(int(parent),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os._exit(1)
