"""What the people of a queue are asked to look at, the longest waiting first."""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.core.workflow import Words
from sledi.orders.models import Task
from sledi.orders.money.accounts import LOOK
from sledi.orders.money.words import task_words
from sledi.orders.reading.finding import visible_rows
from sledi.orders.reading.seeing import Eyes

TASKS_MAX = 500
PERSON = "person"


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task, with what it is about: an order, or a parcel or haul of many orders. ``words`` say why."""

    task: Task
    level: str
    number: str
    words: Words


def open_tasks(access: Access, *, reason: str = "", size: int = TASKS_MAX) -> tuple[OpenTask, ...]:
    """The open tasks of this access's role that are about something it may see: a query, and one a level."""
    if access.role not in roles.STAFF:
        return ()
    rows = Task.objects.filter(business=access.business, queue=access.role, closed_at=None)
    found = list((rows.filter(reason=reason) if reason else rows).order_by("opened_at", "pk")[:size])
    numbers, workflow = _numbers(access, found), Eyes(access).present
    told = []
    for task in found:
        if task.root_id in numbers:
            known = workflow.levels.keys() & {task.level}
            moves, timers = (
                (workflow.transitions(task.level), workflow.timers(task.level)) if known else ({}, {})
            )
            asked = moves.get(task.reason) or timers.get(task.reason)
            said = asked.label if asked else task_words(task.reason)
            told.append(OpenTask(task, _level(task), numbers[task.root_id], said))
    return tuple(told)


def _level(task: Task) -> str:
    """Of what is told under itself its own level, else that of the order."""
    return task.level if task.root_id == task.subject_id else "order"


def _numbers(access: Access, found: list[Task]) -> dict[UUID, str]:
    by_level: dict[str, set[UUID]] = defaultdict(set)
    for task in found:
        by_level[_level(task)].add(task.root_id)
    numbers: dict[UUID, str] = {}
    people = by_level.pop(PERSON, set())
    numbers |= {pk: str(pk) for pk in people if access.role in LOOK}  # about somebody's account
    for level, ids in by_level.items():
        numbers |= dict(visible_rows(access, level).filter(pk__in=ids).values_list("pk", "number"))
    return numbers
