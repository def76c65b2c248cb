"""Keeps the processes of one installation running, and ends all of them together."""

import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sledi.cli.parent import marked

PROGRAM = (sys.executable, "-P", "-m", "sledi.cli")
"""How we start ourselves; -P, because the folder we are started in may hold anybody's modules."""

STEADY_S = 60
"""A child that ran this long had a good start; the next pause after a fall is short again."""

PAUSE_S_MAX = 30
STOP_S = 8


@dataclass(slots=True)
class Child:
    """One process. It stays in the supervisor's process group, so that Ctrl-C reaches all of them at once."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0
    starts_at: float = 0
    falls: int = field(default=0)

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command, env=marked(dict(self.environment)), stdin=subprocess.DEVNULL
        )
        self.started_at = time.monotonic()

    def look_after(self) -> None:
        """Start the child when it is due; when it fell, say so and let it come back after a pause."""
        if self.process is None:
            if time.monotonic() >= self.starts_at:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        self.process = None
        self.falls = 1 if time.monotonic() - self.started_at > STEADY_S else self.falls + 1
        pause_s = min(2 ** (self.falls - 1), PAUSE_S_MAX)
        self.starts_at = time.monotonic() + pause_s
        print(
            f"sledi: {self.name} ended {_how(code)}; it starts again in {pause_s} s",
            file=sys.stderr,
            flush=True,
        )


def _how(code: int) -> str:
    return f"by signal {-code}" if code < 0 else f"with code {code}"


def look_after(children: Sequence[Child], stop: threading.Event) -> None:
    """One round; sleeps a little."""
    for child in children:
        child.look_after()
    stop.wait(0.2)


def end(children: Sequence[Child]) -> None:
    """Stop all children within ``STOP_S`` seconds, in order by asking, and otherwise by force."""
    running = [child.process for child in children if child.process]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + STOP_S
    for process in running:
        try:
            process.wait(max(deadline - time.monotonic(), 0.01))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
