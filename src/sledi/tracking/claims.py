"""Taking due work: what to ask a carrier next, within its budget, by exactly one worker.

One short transaction: the watches' due time moves ahead by a lease and the call is taken out of the budget, or
neither. A worker that dies leaves rows that come due again when the lease ends.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from sledi.core.carrier import Call, Carrier, Refused, Unreadable
from sledi.tracking import lines
from sledi.tracking.models import Errand

LEASE_S = 60
"""A claimed row comes due again so long after its call's time-out when nobody reports back."""

FAULT = "Fault"
"""How the problem of a watch begins when it was not the carrier who failed, but we."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A watch somebody has taken to ask about."""

    id: UUID
    number: str
    hints: dict[str, str]
    attempts: int


@dataclass(frozen=True, slots=True)
class Task:
    """One request to make: for claimed watches, or for a ticket whose answer is due."""

    call: Call
    watches: Sequence[Claimed]
    errand: Errand | None = None

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(self.errand.numbers if self.errand else (watch.number for watch in self.watches))


def next_task(module: Carrier, now: datetime, only: Collection[UUID] | None = None) -> Task | None:
    """The next request to make to this carrier, its watches claimed and its budget spent; None = nothing due."""
    calls = lines.usable_calls(module.SLUG)
    for call in (c for role in lines.ASKING_ROLES for c in calls if c.role == role):
        if call.role == "collect":
            task = _next_errand(module.SLUG, call, now) if only is None else None
        elif only is not None and call.role == "ticket":
            task = None
        else:
            task = _next_question(module.SLUG, call, calls, now, only)
        if task is not None:
            return task
    return None


@transaction.atomic
def _next_errand(slug: str, call: Call, now: datetime) -> Task | None:
    due = Errand.objects.filter(carrier=slug, kind=call.kind, due_at__lte=now).order_by("due_at")
    if not due.exists() or not lines.reserve(slug, call, now):
        return None
    errand = due.select_for_update(skip_locked=True).first()
    if errand is None:
        transaction.set_rollback(True)  # nothing to ask after all: give the call back
        return None
    errand.due_at = _lease(call, now)
    errand.save(update_fields=["due_at"])
    return Task(call, (), errand)


@transaction.atomic
def _next_question(
    slug: str, call: Call, calls: Sequence[Call], now: datetime, only: Collection[UUID] | None
) -> Task | None:
    which = _which(call, calls)
    if which is None or not _is_due(slug, which, now, only) or not lines.reserve(slug, call, now):
        return None
    # What a carrier could not answer is asked alone, so that it cannot spoil the answer of others again.
    watches = _claim(slug, f"{which} AND NOT {_SPOILS}", call, call.batch, now, only) or _claim(
        slug, which, call, 1, now, only
    )
    if not watches:
        transaction.set_rollback(True)  # somebody else took them: give the call back
        return None
    return Task(call, watches)


_SPOILING = (Refused.__name__, Unreadable.__name__, FAULT)
_SPOILS = f"problem ~ '^({'|'.join(_SPOILING)})'"


def _which(call: Call, calls: Sequence[Call]) -> str | None:
    """The condition on watches that this kind of call is for; None where it is for none."""
    needed = {c.after for c in calls if c.after}
    if call.role == "register":
        if call.kind in needed:
            return "registered_at IS NULL"
        # For pushes alone: once the carrier knows the number, and not again when it would not.
        return "registered_at IS NULL AND outcome = 'found' AND attempts = 0" if settings.PUSH_URL else None
    ready = "registered_at IS NOT NULL" if call.after else "TRUE"
    if call.role == "history" and any(c.role == "ticket" for c in calls):
        return f"is_urgent AND {ready}"
    return ready


def _is_due(slug: str, which: str, now: datetime, only: Collection[UUID] | None) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM tracking_watch WHERE {_DUE} AND {which} LIMIT 1",  # noqa: S608  constants
            {"carrier": slug, "now": now, "only": None if only is None else list(only)},
        )
        return cursor.fetchone() is not None


_DUE = (
    "carrier = %(carrier)s AND due_at <= %(now)s AND (%(only)s::uuid[] IS NULL OR id = ANY(%(only)s::uuid[]))"
)


def _claim(
    slug: str, which: str, call: Call, most: int, now: datetime, only: Collection[UUID] | None
) -> list[Claimed]:
    with connection.cursor() as cursor:
        cursor.execute(
            # Chosen in the WITH, once: a subquery could be planned to run again, and take more than a call may ask.
            f"""WITH chosen AS (
                SELECT id FROM tracking_watch WHERE {_DUE} AND {which}
                ORDER BY is_urgent DESC, due_at LIMIT %(most)s FOR UPDATE SKIP LOCKED)
            UPDATE tracking_watch t SET due_at = %(lease)s, asked_at = %(now)s
            FROM chosen WHERE t.id = chosen.id
            RETURNING t.id, number, hints::text, attempts""",  # noqa: S608  constants
            {
                "carrier": slug,
                "now": now,
                "lease": _lease(call, now),
                "most": most,
                "only": None if only is None else list(only),
            },
        )
        return [
            Claimed(i, number, json.loads(hints), attempts)
            for i, number, hints, attempts in cursor.fetchall()
        ]


def _lease(call: Call, now: datetime) -> datetime:
    return now + timedelta(seconds=call.timeout_s + LEASE_S)
