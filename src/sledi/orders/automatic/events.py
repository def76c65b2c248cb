"""What happens outside (a carrier's scan, a payment) as moves of whatever the profile lets it move."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sledi.accounts.models import Business
from sledi.core.workflow import Refused, Transition, Workflow
from sledi.orders.moving.moved import Moved
from sledi.orders.moving.moves import as_machine, move
from sledi.orders.moving.scene import Subject, level_of
from sledi.orders.refusals import NotYours

HEARD = ("heard_number", "heard_status")
"""What a subject keeps of the last event that moved it."""


def waiting_for(workflow: Workflow, level: str, state: str, event: str, role: str) -> list[Transition]:
    """The moves of a level that this event sets off in a state, in the profile's order."""
    if level not in workflow.levels:
        return []
    return [
        transition
        for transition in workflow.transitions(level).values()
        if event in transition.on and role in transition.roles and transition.starts_in(state)
    ]


@dataclass(frozen=True, slots=True)
class Told:
    """What came of an event: the move it made, else why each move that waits for it did not happen."""

    moved: Moved | None = None
    refusals: tuple[Refused | NotYours, ...] = ()

    def __bool__(self) -> bool:
        return self.moved is not None


def tell(
    business: Business,
    workflow: Workflow,
    subject: Subject,
    event: str,
    *,
    role: str,
    name: str,
    at: datetime,
    supplied: Mapping[str, Any] | None = None,
    evidence: Mapping[str, Any] | None = None,
) -> Told:
    """Do the first of the subject's moves that waits for this event and is not refused.

    Of ``supplied`` each move gets the fields it asks for. Telling the same event twice is harmless: the state has
    moved on, or is the target already.
    """
    level, refusals = level_of(subject), []
    for transition in waiting_for(workflow, level, subject.state, event, role):
        if _stays(transition, subject, evidence) and _is_known(subject, evidence):
            continue
        asked = {field.key for field in transition.fields}
        given = {key: value for key, value in (supplied or {}).items() if key in asked}
        try:
            moved = move(
                as_machine(business, role, name),
                level,
                subject.pk,
                transition.name,
                given,
                at=at,
                cause=role,
                evidence=evidence,
            )
        except (Refused, NotYours) as refusal:
            refusals.append(refusal)
        else:
            return Told(moved)
    return Told(None, tuple(refusals))


def _stays(transition: Transition, subject: Subject, evidence: Mapping[str, Any] | None) -> bool:
    """Whether the move would only say again what the subject's state says; without evidence nobody could tell."""
    return transition.target == subject.state or (transition.target is None and bool(evidence))


def _is_known(subject: Subject, evidence: Mapping[str, Any] | None) -> bool:
    """Whether the event says nothing the subject has not heard: the same of the same number."""
    heard = {key: value for key, value in (evidence or {}).items() if key in HEARD}
    return all(subject.fields.get(key) == value for key, value in heard.items())
