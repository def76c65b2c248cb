"""Sending what is due: one mail after the other, each with its retries."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sledi.database.due import DueRows, again_at
from sledi.tracking.answers import storable

log = logging.getLogger(__name__)

RETRY_S = (60, 300, 1800, 7200, 21600)


def send_due(rows: DueRows, send_one: Callable[[UUID, datetime], bool], now: datetime, most: int = 50) -> int:
    """Send the mails of a table that are due; how many were sent.

    A mail taken and not reported back is due again when its lease ends. A crash between the mail server's yes
    and our commit sends it a second time with the same Message-ID, which mail programs show once.
    """
    sent = 0
    for _ in range(most):
        claimed = rows.claim(
            now, 1
        )  # one at a time: a slow mail server must not use up the lease of the others
        if not claimed:
            break
        sent += send_one(claimed[0], now)
    return sent


def tried(mail: Any, send: Callable[[], None], now: datetime) -> bool:
    """Try to send one mail (a row with ``due_at``, ``attempts``, ``problem``, ``sent_at``); whether it went out."""
    try:
        send()
    except OSError as problem:  # smtplib's errors are OSErrors
        log.warning("a mail could not be sent: %s", problem)
        _postpone(mail, f"{type(problem).__name__}: {problem}", now)
        return False
    except Exception as fault:  # the outer edge of one mail: it steps aside, the others go out
        log.exception("a mail could not be written")
        _postpone(mail, f"Fault: {type(fault).__name__}: {fault}", now)
        return False
    type(mail).objects.filter(pk=mail.pk).update(due_at=None, sent_at=now, problem="")
    return True


def _postpone(mail: Any, words: str, now: datetime) -> None:
    type(mail).objects.filter(pk=mail.pk).update(
        due_at=again_at(now, mail.attempts, RETRY_S),
        attempts=mail.attempts + 1,
        problem=storable(words)[:500],
    )
