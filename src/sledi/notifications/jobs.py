"""What the worker does for followers: turn news into due mails, then send what is due."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from sledi.core.statuses import EVENT_CODES, PublicStatus
from sledi.database.due import DueRows
from sledi.database.keys import uuid7
from sledi.notifications import letters, sending
from sledi.notifications.models import Mail

BATCH = 200
SETTLE_S = 30
"""News of one parcel that come in a burst (a carrier's whole history) are one mail, about the newest."""
MAILS = DueRows("notifications_mail", lease_s=120)


def fan_out(now: datetime) -> int:
    """Make a due mail for every follower of every piece of untold news; how many. One transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TAKE, [BATCH, now])
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


def send_due(now: datetime) -> int:
    """Send the mails to followers that are due; how many were sent."""
    return sending.send_due(MAILS, _send, now)


def _send(mail_id: UUID, now: datetime) -> bool:
    mail = Mail.objects.select_related("follow__track_list", "news__trace").get(pk=mail_id)
    if reason := _why_not(mail):
        Mail.objects.filter(pk=mail.pk).update(due_at=None, problem=reason)
        return False
    return sending.tried(mail, lambda: letters.send(mail, now), now)


_TAKE = """
WITH chosen AS (
    SELECT id FROM tracking_outbox WHERE told_at IS NULL ORDER BY created_at LIMIT %s FOR UPDATE SKIP LOCKED)
UPDATE tracking_outbox t SET told_at = %s FROM chosen WHERE t.id = chosen.id
RETURNING t.id, trace_id, status, previous_status, code
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
