"""A carrier's scan moves what carries the number: the parcel, the item, the order, the followed track.

``News`` rows come from tracking in the transaction of the scan. What is told is the status the number has *now*, so
stages that were skipped, scans out of order and news told twice come to the same end.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from sledi import profiles
from sledi.core.statuses import PublicStatus
from sledi.core.timeline import Mark, derive
from sledi.core.workflow import Refused
from sledi.orders.automatic import events
from sledi.orders.models import Case, Item, Order
from sledi.orders.moving.scene import Subject, level_of
from sledi.orders.refusals import NotYours
from sledi.parcels.models import Alias, Haul, Parcel
from sledi.tracking.ingest import DATABASE_AWAY
from sledi.tracking.models import Trace
from sledi.tracking.projection import read_facts

log = logging.getLogger(__name__)

BATCH = 200
LEASE_S = 120
RETRY_S = (30, 300, 1800, 7200)
"""How long news that could not be told rest, the first time and after; then they stay with their problem."""

REFUSED_RETRY_S = (300, 7200)
"""The same for news that guards refused. They also come up again whenever what they were told to has changed."""

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
            heard = hear(trace_id, status, at)
        except DATABASE_AWAY:
            raise
        except Exception as fault:  # the outer edge of one piece of news: it steps aside, the others go on
            log.exception("news of a number could not be told")
            _step_aside(news_id, attempts, RETRY_S, f"{type(fault).__name__}: {fault}", at)
        else:
            moved += heard.moved
            if heard.problems:
                _step_aside(news_id, attempts, REFUSED_RETRY_S, "; ".join(heard.problems), at)
            else:
                _settle(news_id)
    return moved


@dataclass(frozen=True, slots=True)
class Heard:
    """How many subjects moved, and why others did not though a move of theirs waits for such news."""

    moved: int = 0
    problems: tuple[str, ...] = ()


def hear(trace_id: UUID, status: str, at: datetime) -> Heard:
    """Tell a number's status to all that carry it now. Twice does nothing more.

    ``status`` is the one the news were about; what the number has come to since is told after it.
    """
    trace = Trace.objects.get(pk=trace_id)
    aliases = list(Alias.objects.filter(trace=trace, until=None).select_related("business"))
    moved, problems = 0, []
    for alias, subject in _subjects(aliases):
        for one in dict.fromkeys((status, trace.status)):
            told = _tell(alias, subject, trace, one, at)
            moved += told.moved is not None
            problems += [f"{level_of(subject)} {subject.number}: {_why(one)}" for one in told.refusals]
            subject.refresh_from_db()
    return Heard(moved, tuple(dict.fromkeys(problems)))


def _why(refusal: Refused | NotYours) -> str:
    if isinstance(refusal, NotYours):
        return "not there"
    return f"{refusal.guard or refusal.field or refusal.reason}: {refusal}"


def _tell(alias: Alias, subject: Subject, trace: Trace, status: str, at: datetime) -> events.Told:
    return events.tell(
        alias.business,
        profiles.workflow(*_pinned(subject)),
        subject,
        status,
        role="carrier",
        name=trace.carrier,
        at=at,
        supplied={"number": alias.number, f"{alias.kind}_number": alias.number},
        evidence=_evidence(alias, subject, trace, status),
    )


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
        seen["milestones"] = _milestones(subject, trace)
    return seen


def _milestones(track: Parcel, trace: Trace) -> list[str]:
    """The marks of the journey its events prove, the newest event among them. None is ever taken back."""
    facts = read_facts([trace.pk]).get(trace.pk)
    reached = derive(facts.sightings, origin=facts.origin, destination=facts.destination) if facts else None
    known = track.fields.get("milestones", [])
    proven = [str(mark) for mark in reached.milestones] if reached else []
    return [mark for mark in map(str, Mark) if mark in known or mark in proven]


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


def _step_aside(news_id: UUID, attempts: int, rests_s: Sequence[int], problem: str, at: datetime) -> None:
    due_at = at + timedelta(seconds=rests_s[attempts]) if attempts < len(rests_s) else None
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_news SET due_at = %s, attempts = attempts + 1, problem = %s WHERE id = %s",
            [due_at, problem[:500], news_id],
        )
