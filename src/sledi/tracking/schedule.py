"""When a watch is asked next: from what is known of the parcel, never from a fixed interval.

Pure: time and state come in. Intervals follow the value of news (somebody at the door is worth more than a
box in a container), lie within the contract's limits, and are spread so that watches of one minute do not
come back together. "Back off with age" is left out on purpose: in simulation it lost to every other policy.
"""

from datetime import datetime, timedelta

from sledi.core.carrier import Call, Outcome

HOUR = 3600
INTERVAL_S = {
    "REGISTERED": 6 * HOUR,
    "NOT_FOUND": 6 * HOUR,
    "ACCEPTED": 8 * HOUR,
    "IN_TRANSIT": 8 * HOUR,
    "CUSTOMS": 6 * HOUR,
    "ARRIVED": 4 * HOUR,
    "OUT_FOR_DELIVERY": 1 * HOUR,
    "READY_FOR_PICKUP": 8 * HOUR,
    "ATTEMPT_FAILED": 4 * HOUR,
    "RETURNING": 12 * HOUR,
    "PROBLEM": 6 * HOUR,
    "STALE": 24 * HOUR,
}
"""Seconds between two questions by public status, unless a contract demands more."""

RETRY_S = (60, 300, 900, 3600, 3 * HOUR, 6 * HOUR)
"""After failures in a row. The last one repeats."""

GIVE_UP_AFTER_DAYS = 90
"""A number without news for so long is asked no more, until somebody asks again or pastes it anew."""


def next_due(
    *,
    call: Call,
    outcome: Outcome,
    status: str,
    is_over: bool,
    is_known: bool,
    last_news_at: datetime,
    now: datetime,
    spread: float,
) -> datetime | None:
    """The moment of the next question, or None when there is nothing more to ask.

    ``is_over``: delivered, returned, lost or cancelled. ``is_known``: the carrier has told of the parcel before, so
    that it contradicts itself when it calls the number impossible.
    ``last_news_at`` is the last event or the moment the watch was opened; ``spread`` (0..1) differs from
    watch to watch.
    """
    is_impossible = outcome is Outcome.WRONG_NUMBER and not is_known
    if is_over or is_impossible or now - last_news_at > timedelta(days=GIVE_UP_AFTER_DAYS):
        return None
    interval_s = INTERVAL_S.get(status, 6 * HOUR) * (0.9 + 0.2 * spread)
    return now + timedelta(seconds=max(interval_s, call.again_after_s * (1 + 0.1 * spread)))


def retry_due(attempts: int, now: datetime, spread: float, at_least_s: int = 0) -> datetime:
    """The moment to try again after the ``attempts``-th failure in a row (1 = the first).

    Never before ``at_least_s`` seconds have passed: a carrier asked for that pause.
    """
    wait_s = max(
        RETRY_S[min(attempts, len(RETRY_S)) - 1] * (0.9 + 0.2 * spread), at_least_s * (1 + 0.1 * spread)
    )
    return now + timedelta(seconds=wait_s)
