"""A carrier's scan moves what carries the number: the parcel, the item, the order, the followed track.

``News`` rows come from tracking in the transaction of the scan. What is told is the status the number has *now*, so
stages that were skipped, scans out of order and news told twice come to the same end.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from sledi import profiles
from sledi.core.statuses import PublicStatus
from sledi.orders import events
from sledi.orders.models import Case, Item, Order
from sledi.orders.scene import Subject
from sledi.parcels.models import Alias, Haul, Parcel
from sledi.tracking.ingest import DATABASE_AWAY
from sledi.tracking.models import Trace

log = logging.getLogger(__name__)

BATCH = 200
LEASE_S = 120
RETRY_S = (30, 300, 1800, 7200)
"""How long news that could not be told rest, the first time and after; then they stay with their problem."""

_CLAIM = """
UPDATE orders_news SET due_at = %s WHERE id IN (
    SELECT id FROM orders_news WHERE due_at <= %s ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING id, trace_id, status, attempts
"""


def follow_news(at: datetime) -> int:
    """Tell due news to everything that carries their number; how many moves that made.

    News are claimed for a while: a worker that dies leaves them to the next. Each is told in transactions of its own.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [at + timedelta(seconds=LEASE_S), at, BATCH])
        claimed = cursor.fetchall()
    moved = 0
    for news_id, trace_id, status, attempts in claimed:
        try:
            moved += hear(trace_id, status, at)
        except DATABASE_AWAY:
            raise
        except Exception as fault:  # the outer edge of one piece of news: it steps aside, the others go on
            log.exception("news of a number could not be told")
            _step_aside(news_id, attempts, f"{type(fault).__name__}: {fault}", at)
        else:
            _settle(news_id)
    return moved


def hear(trace_id: UUID, status: str, at: datetime) -> int:
    """Tell a number's status to all that carry it now; how many moved. Twice does nothing more.

    ``status`` is the one the news were about; what the number has come to since is told after it.
    """
    trace = Trace.objects.get(pk=trace_id)
    aliases = list(Alias.objects.filter(trace=trace, until=None).select_related("business"))
    moved = 0
    for alias, subject in _subjects(aliases):
        for one in dict.fromkeys((status, trace.status)):
            moved += _tell(alias, subject, trace, one, at)
            subject.refresh_from_db()
    return moved


def _tell(alias: Alias, subject: Subject, trace: Trace, status: str, at: datetime) -> bool:
    workflow = profiles.workflow(*_pinned(subject))
    moved = events.tell(
        alias.business,
        workflow,
        subject,
        status,
        role="carrier",
        name=trace.carrier,
        at=at,
        supplied={"number": alias.number, f"{alias.kind}_number": alias.number},
        evidence=_evidence(alias, subject, trace, status),
    )
    return moved is not None


def _evidence(alias: Alias, subject: Subject, trace: Trace, status: str) -> dict[str, Any]:
    """What the carrier said, kept with what it moved: which number, which scan, when; when it was delivered."""
    seen: dict[str, Any] = {"heard_number": alias.number, "heard_status": status}
    if status == trace.status:
        seen |= {"heard_code": trace.code, "heard_from": trace.carrier}
        if trace.since:
            seen["heard_at"] = trace.since.isoformat()
    if status == PublicStatus.DELIVERED:
        seen["delivered_at"] = (trace.since or trace.changed_at or trace.created_at).isoformat()
    if isinstance(subject, Parcel) and subject.level == "track":
        seen["milestones"] = list(dict.fromkeys([*subject.fields.get("milestones", []), status]))
    return seen


_MODELS: dict[str, Any] = {
    "order": Order,
    "item": Item,
    "parcel": Parcel,
    "track": Parcel,
    "haul": Haul,
    "case": Case,
}


def _subjects(aliases: Iterable[Alias]) -> list[tuple[Alias, Subject]]:
    found: list[tuple[Alias, Subject]] = []
    for alias in aliases:
        rows = _MODELS[alias.level].objects.filter(business=alias.business)
        if alias.level in ("item", "case"):
            rows = rows.select_related("order")
        if subject := rows.filter(pk=alias.subject_id).first():
            found.append((alias, subject))
    return found


def _pinned(subject: Subject) -> tuple[str, int]:
    root = subject.order if isinstance(subject, Item | Case) else subject
    return root.profile, root.profile_version


def _settle(news_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders_news SET due_at = NULL, problem = '' WHERE id = %s", [news_id])


def _step_aside(news_id: UUID, attempts: int, problem: str, at: datetime) -> None:
    due_at = at + timedelta(seconds=RETRY_S[attempts]) if attempts < len(RETRY_S) else None
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_news SET due_at = %s, attempts = attempts + 1, problem = %s WHERE id = %s",
            [due_at, problem[:500], news_id],
        )
