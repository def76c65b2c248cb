"""How much each carrier bears: the published limits, and a generous set for demos."""

import threading
from collections import defaultdict, deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits by carrier; none = no limit.

    Limits per second count real time, all others the simulator's time.
    """

    russian_post_per_day: int | None
    ticket_ready_s: float
    ticket_spacing_s: float
    ticket_kept_s: float
    ukrposhta_per_s: int | None
    belpost_spacing_s: float
    kazpost_per_s: int | None
    seventeentrack_per_s: int | None
    seventeentrack_quota: int
    seventeentrack_per_day: int
    seventeentrack_first_sync_s: float
    seventeentrack_refresh_s: float
    kuaidi100_lock_s: float
    push_retries_s: tuple[float, ...]


STRICT = Limits(
    russian_post_per_day=100,
    ticket_ready_s=15 * 60,
    ticket_spacing_s=15 * 60,
    ticket_kept_s=32 * 3600,
    ukrposhta_per_s=10,
    belpost_spacing_s=60,
    kazpost_per_s=1,
    seventeentrack_per_s=3,
    seventeentrack_quota=100,
    seventeentrack_per_day=100,
    seventeentrack_first_sync_s=300,
    seventeentrack_refresh_s=6 * 3600,
    kuaidi100_lock_s=30 * 60,
    push_retries_s=(10 * 60, 30 * 60, 60 * 60),
)
"""The limits of the contracts. Ukrposhta publishes none, and how soon 17TRACK asks a post is its own affair:
these figures are ours."""

GENEROUS = Limits(
    russian_post_per_day=None,
    ticket_ready_s=60,
    ticket_spacing_s=0,
    ticket_kept_s=32 * 3600,
    ukrposhta_per_s=None,
    belpost_spacing_s=0,
    kazpost_per_s=None,
    seventeentrack_per_s=None,
    seventeentrack_quota=1_000_000,
    seventeentrack_per_day=1_000_000,
    seventeentrack_first_sync_s=0,
    seventeentrack_refresh_s=20,
    kuaidi100_lock_s=0,
    push_retries_s=(10 * 60, 30 * 60, 60 * 60),
)


class Gate:
    """Counts calls by key and refuses those above a limit. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: defaultdict[str, deque[float]] = defaultdict(deque)

    def admits(self, key: str, most: int | None, per_s: float, at_s: float) -> bool:
        """Whether one more call fits into ``most`` per ``per_s`` seconds; a refused call is not counted."""
        if most is None or per_s <= 0:
            return True
        with self._lock:
            calls = self._calls[key]
            while calls and calls[0] <= at_s - per_s:
                calls.popleft()
            if len(calls) >= most:
                return False
            calls.append(at_s)
            return True
