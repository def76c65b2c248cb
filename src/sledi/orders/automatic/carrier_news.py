"""A carrier's scan moves what carries the number: the parcel, the item, the order, the followed track.

``News`` rows come from tracking in the transaction of the scan. What is told is the status the number has *now*, so
stages that were skipped, scans out of order and news told twice come to the same end.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from sledi import profiles
from sledi.core.numbers import detect
from sledi.core.statuses import PublicStatus
from sledi.core.timeline import Mark, derive
from sledi.core.workflow import Refused
from sledi.database.due import DueRows, again_at
from sledi.orders.automatic import events
from sledi.orders.models import Case, Item, News, Order
from sledi.orders.moving.scene import Subject, level_of
from sledi.orders.refusals import NotYours
from sledi.parcels.models import Alias, AliasKind, Haul, Parcel
from sledi.tracking.ingest import DATABASE_AWAY
from sledi.tracking.models import Event, Link, Trace
from sledi.tracking.projection import read_facts

log = logging.getLogger(__name__)

BATCH = 200
NEWS = DueRows("orders_news", lease_s=120)
RETRY_S = (30, 300, 1800, 7200)
"""How long news that could not be told rest, the first time and after; then they stay with their problem."""

REFUSED_RETRY_S = (300, 7200)
"""The same for news that guards refused. They also come up again whenever what they were told to has changed."""


def follow_news(at: datetime) -> int:
    """Tell due news to everything that carries their number; how many moves that made.

    News are claimed for a while: a worker that dies leaves them to the next. Each is told in transactions of its own.
    """
    moved = 0
    for news in News.objects.filter(pk__in=NEWS.claim(at, BATCH)).order_by("created_at", "pk"):
        try:
            heard = hear(news.trace_id, news.status, at)
        except DATABASE_AWAY:
            raise
        except Exception as fault:  # the outer edge of one piece of news: it steps aside, the others go on
            log.exception("news of a number could not be told")
            _step_aside(news, RETRY_S, f"{type(fault).__name__}: {fault}", at)
        else:
            moved += heard.moved
            if heard.problems:
                _step_aside(news, REFUSED_RETRY_S, "; ".join(heard.problems), at)
            else:
                _settle(news)
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
    teller = (trace.carrier or _asked(trace)) if aliases else ""
    moved, problems = 0, []
    for alias, subject in _subjects(aliases):
        for one in dict.fromkeys((status, trace.status)):
            told = _tell(alias, subject, trace, one, teller, at)
            moved += told.moved is not None
            problems += [f"{level_of(subject)} {subject.number}: {_why(one)}" for one in told.refusals]
            subject.refresh_from_db()
    return Heard(moved, tuple(dict.fromkeys(problems)))


def _why(refusal: Refused | NotYours) -> str:
    if isinstance(refusal, NotYours):
        return "not there"
    return f"{refusal.guard or refusal.field or refusal.reason}: {refusal}"


def _asked(trace: Trace) -> str:
    """The carrier that was asked and told the newest scan: it speaks for itself, so the scan names nobody."""
    scans = Event.objects.filter(watch__links__trace=trace, code=trace.code)
    newest = scans.order_by(F("occurred_at").desc(nulls_last=True), "pk")
    return newest.values_list("watch__carrier", flat=True).first() or ""


def _tell(
    alias: Alias, subject: Subject, trace: Trace, status: str, teller: str, at: datetime
) -> events.Told:
    return events.tell(
        alias.business,
        profiles.workflow(*_pinned(subject)),
        subject,
        status,
        role="carrier",
        name=teller,
        at=at,
        supplied={
            **_international(alias, trace),
            "number": alias.number,
            f"{alias.kind}_number": alias.number,
        },
        evidence=_evidence(alias, subject, trace, status, teller),
    )


def _international(alias: Alias, trace: Trace) -> dict[str, str]:
    """The number for its way abroad that a carrier has told under a local one: of the posts' own form (UPU S10)."""
    if alias.kind != AliasKind.LOCAL:
        return {}
    told = (
        Link.objects.filter(trace=trace, why="alias").order_by("rank").values_list("watch__number", flat=True)
    )
    known = {number: detect(number).candidates[:1] for number in told if number != alias.number}
    found = next((number for number, best in known.items() if best and best[0].format == "upu_s10"), "")
    return {"international_number": found} if found else {}


def _evidence(alias: Alias, subject: Subject, trace: Trace, status: str, teller: str) -> dict[str, Any]:
    """What the carrier said, kept with what it moved: which number, which scan, when; when it was delivered."""
    seen: dict[str, Any] = {"heard_number": alias.number, "heard_status": status}
    if status == trace.status:
        seen |= {"heard_code": trace.code, "heard_from": teller}
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


def _settle(news: News) -> None:
    News.objects.filter(pk=news.pk).update(due_at=None, problem="")


def _step_aside(news: News, rests_s: Sequence[int], problem: str, at: datetime) -> None:
    News.objects.filter(pk=news.pk).update(
        due_at=again_at(at, news.attempts, rests_s), attempts=news.attempts + 1, problem=problem[:500]
    )
