"""What waits: how many things stand in which state, since when the oldest, and what people were asked to look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import ngettext

from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.core.workflow import Workflow
from sledi.orders import queries, showing
from sledi.orders.models import Task
from sledi.orders.pages import places
from sledi.orders.pages.places import LEVEL_OF
from sledi.orders.reading.finding import visible_rows

TASKS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Queue:
    """What stands in one state. ``is_mine``: this reader can move it."""

    pill: showing.Pill
    count: int
    oldest: str
    address: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Level:
    """The queues of a level, in the order of the way."""

    key: str
    name: str
    address: str
    queues: tuple[Queue, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Something somebody of a queue is to look at."""

    name: str
    said: str
    address: str
    at: datetime


def levels(access: Access, at: datetime, language: str) -> list[Level]:
    """What is under way, level by level; one query each. What has ended is not counted."""
    workflow = places.workflow_of(access)
    found = []
    for place, level in LEVEL_OF.items():
        if level in workflow.levels and (level != "haul" or access.role in places.SEE_HAULS):
            address = reverse("orders:things", args=[access.business.slug, place])
            queues = tuple(_queues(access, workflow, level, address, at, language))
            found.append(Level(level, showing.level_name(level), address, queues))
    return found


def tasks(access: Access, language: str) -> list[Asked]:
    """What the people of this role are asked to look at, the longest waiting first. At most two queries."""
    if access.role not in roles.STAFF:
        return []
    workflow = places.workflow_of(access)
    rows = Task.objects.filter(business=access.business, queue=access.role, closed_at=None)
    asked = list(rows.order_by("opened_at")[:TASKS_SHOWN])
    orders = dict(
        queries.visible(access).filter(pk__in={task.root_id for task in asked}).values_list("pk", "number")
    )
    return [
        Asked(
            name=showing.named("order", orders[task.root_id]),
            said=_said(workflow, task, language),
            address=reverse("orders:thing", args=[access.business.slug, "orders", orders[task.root_id]]),
            at=task.opened_at,
        )
        for task in asked
        if task.root_id in orders
    ]


def _queues(
    access: Access, workflow: Workflow, level: str, address: str, at: datetime, language: str
) -> Iterator[Queue]:
    states = {key: state for key, state in workflow.states(level).items() if not state.is_final}
    counted = (
        visible_rows(access, level)
        .filter(state__in=list(states))
        .order_by()
        .values_list("state")
        .annotate(Count("pk"), Min("state_since"))
    )
    standing = {state: (count, since) for state, count, since in counted}
    for key, state in states.items():
        if key in standing:
            count, since = standing[key]
            yield Queue(
                pill=showing.pill_of(workflow, state, language),
                count=count,
                oldest=_oldest((at - since).days),
                address=f"{address}?state={key}&sort=oldest",
                is_mine=any(
                    access.role in move.roles and key in move.sources and move.target not in (None, key)
                    for move in workflow.transitions(level).values()
                    if not move.is_correction
                ),
            )


def _oldest(days: int) -> str:
    if days < 1:
        return ""
    return ngettext("the oldest for %(days)s day", "the oldest for %(days)s days", days) % {"days": days}


def _said(workflow: Workflow, task: Task, language: str) -> str:
    """Why somebody should look: the words of the move or deadline that asked."""
    if task.level not in workflow.levels:
        return task.reason
    known = workflow.transitions(task.level).get(task.reason) or workflow.timers(task.level).get(task.reason)
    return (workflow.words(known.label, language) if known else "") or task.reason
