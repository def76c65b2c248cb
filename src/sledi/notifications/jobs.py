"""What the worker does for followers: turn news into due mails, then send what is due."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from sledi.core.statuses import EVENT_CODES, PublicStatus
from sledi.database.keys import uuid7
from sledi.notifications import letters
from sledi.notifications.models import Mail
from sledi.tracking.answers import storable

log = logging.getLogger(__name__)

BATCH = 200
SETTLE_S = 30
"""News of one parcel that come in a burst (a carrier's whole history) are one mail, about the newest."""
LEASE_S = 120
RETRY_S = (60, 300, 1800, 7200, 21600)


def fan_out(now: datetime) -> int:
    """Make a due mail for every follower of every piece of untold news; how many. One transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TAKE, [now, BATCH])
        news = [
            (news_id, trace_id)
            for news_id, trace_id, *change in cursor.fetchall()
            if is_worth_a_mail(*change)
        ]
        followers = _followers({trace_id for _, trace_id in news})
        pairs = [
            (news_id, follow_id) for news_id, trace_id in news for follow_id in followers.get(trace_id, ())
        ]
        if pairs:
            cursor.execute(
                "INSERT INTO notifications_mail (id, follow_id, news_id, created_at, due_at, attempts, problem)"
                " SELECT m.id, m.follow_id, m.news_id, %s, %s, 0, ''"
                " FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[]) AS m (id, news_id, follow_id)"
                " ON CONFLICT DO NOTHING",
                [
                    now,
                    now + timedelta(seconds=SETTLE_S),
                    [uuid7() for _ in pairs],
                    *(list(column) for column in zip(*pairs, strict=True)),
                ],
            )
        return len(pairs)


def is_worth_a_mail(status: str, previous_status: str, code: str) -> bool:
    """Whether followers hear of a change: another public status, or a scan that asks the buyer to act.

    That a carrier does not know the number yet is no news to anybody.
    """
    if status == PublicStatus.NOT_FOUND:
        return False
    known = EVENT_CODES.get(code)
    return status != previous_status or (known is not None and known.owes == "buyer")


def send_due(now: datetime, most: int = 50) -> int:
    """Send the mails that are due; how many were sent.

    A mail taken and not reported back is due again when its lease ends. A crash between the mail server's yes
    and our commit sends it a second time with the same Message-ID, which mail programs show once.
    """
    sent = 0
    for _ in range(most):
        mail_id = _claim(now)  # one at a time: a slow mail server must not use up the lease of the others
        if mail_id is None:
            break
        sent += _send(mail_id, now)
    return sent


def _send(mail_id: UUID, now: datetime) -> bool:
    mail = Mail.objects.select_related("follow__track_list", "news__trace").get(pk=mail_id)
    if reason := _why_not(mail):
        Mail.objects.filter(pk=mail.pk).update(due_at=None, problem=reason)
        return False
    try:
        letters.send(mail, now)
    except OSError as problem:  # smtplib's errors are OSErrors
        log.warning("a mail could not be sent: %s", problem)
        _postpone(mail, f"{type(problem).__name__}: {problem}", now)
        return False
    except Exception as fault:  # the outer edge of one mail: it steps aside, the others go out
        log.exception("a mail could not be written")
        _postpone(mail, f"Fault: {type(fault).__name__}: {fault}", now)
        return False
    Mail.objects.filter(pk=mail.pk).update(due_at=None, sent_at=now, problem="")
    return True


_TAKE = """
UPDATE tracking_outbox SET told_at = %s WHERE id IN (
    SELECT id FROM tracking_outbox WHERE told_at IS NULL ORDER BY created_at LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING id, trace_id, status, previous_status, code
"""
_FOLLOWERS = """
SELECT r.trace_id, f.id FROM tracking_listrow r JOIN notifications_follow f ON f.track_list_id = r.track_list_id
WHERE r.trace_id = ANY(%s) AND f.confirmed_at IS NOT NULL AND f.stopped_at IS NULL
"""


def _followers(trace_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    followers: dict[UUID, list[UUID]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOWERS, [list(trace_ids)])
        for trace_id, follow_id in cursor.fetchall():
            followers.setdefault(trace_id, []).append(follow_id)
    return followers


def _claim(now: datetime) -> UUID | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_mail SET due_at = %s WHERE id IN (SELECT id FROM notifications_mail"
            " WHERE due_at <= %s ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id",
            [now + timedelta(seconds=LEASE_S), now],
        )
        claimed = cursor.fetchone()
    return claimed[0] if claimed else None


def _why_not(mail: Mail) -> str:
    """Why a due mail is not sent after all; empty when it is."""
    if mail.news is None:
        return ""
    if not mail.follow.is_active:
        return "stopped by the follower"
    newer = Q(news__created_at__gt=mail.news.created_at) | Q(
        news__created_at=mail.news.created_at, news__gt=mail.news_id
    )
    same = Mail.objects.filter(newer, follow=mail.follow_id, news__trace=mail.news.trace_id)
    return "newer news were sent instead" if same.exists() else ""


def _postpone(mail: Mail, words: str, now: datetime) -> None:
    due_at = None
    if mail.attempts < len(RETRY_S):
        due_at = now + timedelta(seconds=RETRY_S[mail.attempts])
    Mail.objects.filter(pk=mail.pk).update(
        due_at=due_at, attempts=mail.attempts + 1, problem=storable(words)[:500]
    )
