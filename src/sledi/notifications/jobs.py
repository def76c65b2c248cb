"""What the worker does for followers: turn news into due mails, then send what is due."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from sledi.database.keys import uuid7
from sledi.notifications import letters
from sledi.notifications.models import Mail

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
        news = cursor.fetchall()
        if not news:
            return 0
        cursor.execute(_FOLLOWERS, [[row[1] for row in news]])
        followers: dict[UUID, list[UUID]] = {}
        for trace_id, follow_id in cursor.fetchall():
            followers.setdefault(trace_id, []).append(follow_id)
        pairs = [(uuid7(), follow_id, row[0]) for row in news for follow_id in followers.get(row[1], ())]
        if pairs:
            due_at = now + timedelta(seconds=SETTLE_S)
            cursor.execute(
                "INSERT INTO notifications_mail (id, follow_id, news_id, created_at, due_at, attempts, problem)"
                " SELECT m.id, m.follow_id, m.news_id, %s, %s, 0, ''"
                " FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[]) AS m (id, follow_id, news_id)"
                " ON CONFLICT DO NOTHING",
                [now, due_at, *(list(column) for column in zip(*pairs, strict=True))],
            )
        return len(pairs)


def send_due(now: datetime, most: int = 50) -> int:
    """Send the mails that are due; how many were sent.

    A mail taken and not reported back is due again when its lease ends. A crash between the mail server's yes
    and our commit sends it a second time with the same Message-ID, which mail programs show once.
    """
    sent = 0
    for mail_id in _claim(now, most):
        mail = Mail.objects.select_related("follow__track_list", "news__trace").get(pk=mail_id)
        if _is_superseded(mail):
            Mail.objects.filter(pk=mail.pk).update(due_at=None, problem="newer news were sent instead")
            continue
        try:
            letters.send(mail, now)
        except OSError as problem:  # smtplib's errors are OSErrors
            log.warning("a mail could not be sent: %s", problem)
            _postpone(mail, str(problem), now)
            continue
        Mail.objects.filter(pk=mail.pk).update(due_at=None, sent_at=now, problem="")
        sent += 1
    return sent


_TAKE = """
UPDATE tracking_outbox SET told_at = %s WHERE id IN (
    SELECT id FROM tracking_outbox WHERE told_at IS NULL ORDER BY created_at LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING id, trace_id
"""
_FOLLOWERS = """
SELECT r.trace_id, f.id FROM tracking_listrow r JOIN notifications_follow f ON f.track_list_id = r.track_list_id
WHERE r.trace_id = ANY(%s) AND f.confirmed_at IS NOT NULL AND f.stopped_at IS NULL
"""


def _claim(now: datetime, most: int) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_mail SET due_at = %s WHERE id IN (SELECT id FROM notifications_mail"
            " WHERE due_at <= %s ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING id",
            [now + timedelta(seconds=LEASE_S), now, most],
        )
        return [mail_id for (mail_id,) in cursor.fetchall()]


def _is_superseded(mail: Mail) -> bool:
    if mail.news is None:
        return False
    return Mail.objects.filter(
        follow=mail.follow_id,
        news__trace=mail.news.trace_id,
        news__created_at__gt=mail.news.created_at,
        due_at__isnull=False,
    ).exists()


def _postpone(mail: Mail, words: str, now: datetime) -> None:
    due_at = None
    if mail.attempts < len(RETRY_S):
        due_at = now + timedelta(seconds=RETRY_S[mail.attempts])
    Mail.objects.filter(pk=mail.pk).update(due_at=due_at, attempts=mail.attempts + 1, problem=words[:500])
