"""The simulator's own time: it starts where it is told and may run faster than the wall clock."""

import threading
import time
from datetime import UTC, datetime, timedelta


class Clock:
    """A clock that runs ``speed`` times as fast as real time. Safe to use from several threads."""

    def __init__(self, start: datetime | None = None, speed: float = 1.0) -> None:
        """``start`` is aware, the present when absent; ``speed`` 0 stands still, 3600 is an hour a second."""
        self._lock = threading.Lock()
        self._speed = speed
        self._anchor = start or datetime.now(UTC)
        self._anchor_real_s = time.monotonic()

    @property
    def speed(self) -> float:
        return self._speed

    @property
    def ahead_s(self) -> float:
        """How far the clock is ahead of the wall clock; negative when it is behind."""
        return (self.now() - datetime.now(UTC)).total_seconds()

    def now(self) -> datetime:
        with self._lock:
            return self._now()

    def run_at(self, speed: float) -> None:
        """Changes the speed from this moment on. Raises ValueError on a negative speed."""
        if speed < 0:
            raise ValueError("time does not run backwards: speed must be 0 or more")
        with self._lock:
            self._anchor, self._anchor_real_s = self._now(), time.monotonic()
            self._speed = speed

    def advance(self, seconds: float) -> None:
        """Jumps ahead. Raises ValueError on a jump backwards."""
        if seconds < 0:
            raise ValueError("time does not run backwards: advance_s must be 0 or more")
        with self._lock:
            self._anchor += timedelta(seconds=seconds)

    def _now(self) -> datetime:
        passed_s = (time.monotonic() - self._anchor_real_s) * self._speed
        return self._anchor + timedelta(seconds=passed_s)
