"""Tasks that moves and deadlines leave to a queue: closed when what was asked for is answered, or by hand."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sledi.accounts.access import Access
from sledi.core.workflow import Workflow
from sledi.orders.models import Task
from sledi.orders.moving.scene import level_of, workflow_of
from sledi.orders.refusals import NotYours

if TYPE_CHECKING:
    from sledi.orders.moving.motion import Motion


def close_answered(motion: "Motion") -> None:
    """Close the tasks about what has left the states it was asked in. One query while none is open, else two."""
    moved = {told.subject_id for told in motion.happened if told.from_state not in ("", told.to_state)}
    if not moved:
        return
    known = Task.objects.filter(business=motion.scene.business, subject_id__in=moved, closed_at=None)
    answered = [task.pk for task in known if not _stands(motion, task)]
    if answered:
        Task.objects.filter(pk__in=answered).update(closed_at=motion.at)


def done(access: Access, task_id: UUID, at: datetime) -> None:
    """Somebody of the queue has seen to it. Twice is harmless. Raises NotYours."""
    mine = Task.objects.filter(business=access.business, queue=access.role, pk=task_id)
    if not mine.exists():
        raise NotYours
    mine.filter(closed_at=None).update(closed_at=at, closed_by=access.person_id)


def _stands(motion: "Motion", task: Task) -> bool:
    subject = motion.scene.subjects.get(task.subject_id)
    if subject is None:
        return True
    states = _asked_in(workflow_of(motion.scene, subject), level_of(subject), task.reason)
    return states is None or subject.state in states


def _asked_in(workflow: Workflow, level: str, reason: str) -> frozenset[str] | None:
    """The states in which it is still a question; None for what no move or deadline of the profile asked."""
    if timer := workflow.timers(level).get(reason):
        return timer.states
    move = workflow.transitions(level).get(reason)
    if move is None:
        return None
    return move.sources if move.target is None else frozenset({move.target})
