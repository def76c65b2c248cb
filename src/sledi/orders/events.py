"""What happens outside (a carrier's scan, a payment) as moves of whatever the profile lets it move."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sledi.accounts.models import Business
from sledi.core.workflow import Refused, Transition, Workflow
from sledi.orders.moves import Moved, as_machine, move
from sledi.orders.refusals import NotYours
from sledi.orders.scene import Subject, level_of


def waiting_for(workflow: Workflow, level: str, state: str, event: str, role: str) -> list[Transition]:
    """The moves of a level that this event sets off in a state, in the profile's order."""
    if level not in workflow.levels:
        return []
    return [
        transition
        for transition in workflow.transitions(level).values()
        if event in transition.on and role in transition.roles and transition.starts_in(state)
    ]


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
) -> Moved | None:
    """Do the first of the subject's moves that waits for this event and is not refused; None when there is none.

    Of ``supplied`` each move gets the fields it asks for. Telling the same event twice is harmless: the state has
    moved on, or is the target already.
    """
    level = level_of(subject)
    for transition in waiting_for(workflow, level, subject.state, event, role):
        if transition.target == subject.state and _is_known(subject, evidence):
            continue
        asked = {field.key for field in transition.fields}
        given = {key: value for key, value in (supplied or {}).items() if key in asked}
        try:
            return move(
                as_machine(business, role, name),
                level,
                subject.pk,
                transition.name,
                given,
                at=at,
                cause=role,
                evidence=evidence,
            )
        except (Refused, NotYours):
            continue
    return None


def _is_known(subject: Subject, evidence: Mapping[str, Any] | None) -> bool:
    """Whether the event says nothing the subject does not hold already."""
    return all(subject.fields.get(key) == value for key, value in (evidence or {}).items())
