"""What became of things, and why: how often each reason that people chose was given in a time."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count
from django.db.models.fields.json import KT

from sledi.accounts.access import Access
from sledi.core import clock
from sledi.core.workflow import State, Words, Workflow
from sledi.orders.reading.finding import visible_rows
from sledi.orders.reading.seeing import Eyes

REASON = "reason"
"""The choice field of a move by which people say why."""


@dataclass(frozen=True, slots=True)
class Counted:
    """So many things of a level came to a state for a reason."""

    level: str
    state: State
    reason: str
    words: Words
    count: int


def reasons(access: Access, since: date, until: date) -> list[Counted]:
    """Every reason that the profile offers on the way into a state, with how many things came there for it.

    From ``since`` to ``until``, both days included, by the business's own clock; of what this access may see. One
    query a level that has reasons.
    """
    eyes = Eyes(access)
    zone = clock.zone_of(access.business.country)
    first = datetime.combine(since, time(), zone)
    behind = datetime.combine(until + timedelta(days=1), time(), zone)
    found: list[Counted] = []
    for level in eyes.present.levels:
        offered = {} if REASON in eyes.hidden(eyes.present) else _offered(eyes.present, level)
        if not offered:
            continue
        counts = _counts(access, level, {state for state, _ in offered}, first, behind)
        found += [
            Counted(level, eyes.present.states(level)[state], reason, words, counts.get((state, reason), 0))
            for (state, reason), words in offered.items()
        ]
    return found


def has_reasons(access: Access) -> bool:
    """Whether the profile asks for any reason that this access may read."""
    eyes = Eyes(access)
    is_hidden = REASON in eyes.hidden(eyes.present)
    return not is_hidden and any(_offered(eyes.present, level) for level in eyes.present.levels)


def _offered(workflow: Workflow, level: str) -> dict[tuple[str, str], Words]:
    """The reasons by the state they lead to, in the profile's order."""
    found: dict[tuple[str, str], Words] = {}
    for move in workflow.transitions(level).values() if level != "payout" else ():
        for field in move.fields:
            if field.key == REASON and field.type == "choice" and move.target:
                for choice, words in field.choices.items():
                    found.setdefault((move.target, choice), words)
    return found


def _counts(
    access: Access, level: str, states: set[str], first: datetime, behind: datetime
) -> dict[tuple[str, str], int]:
    rows: Any = visible_rows(access, level).filter(
        state__in=sorted(states), state_since__gte=first, state_since__lt=behind
    )
    counted = rows.order_by().values("state", reason=KT("fields__reason")).annotate(count=Count("pk"))
    return {(row["state"], row["reason"]): row["count"] for row in counted}
