"""What waits: how many things stand in which state, since when the oldest, and what people were asked to look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Func, Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sledi.accounts.access import Access
from sledi.core.workflow import Workflow
from sledi.orders import reading, showing
from sledi.orders.pages import places
from sledi.orders.pages.places import LEVEL_OF
from sledi.orders.reading.finding import visible_rows
from sledi.orders.reading.tasks import PERSON

TASKS_SHOWN = 50
WAITING_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Queue:
    """What stands in one state. ``is_mine``: this reader can move it."""

    pill: showing.Pill
    count: int
    oldest: str
    address: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Flag:
    """What a deadline was missed for."""

    name: str
    count: int
    address: str


@dataclass(frozen=True, slots=True)
class Level:
    """The queues of a level, in the order of the way."""

    key: str
    name: str
    address: str
    queues: tuple[Queue, ...]
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """Something somebody of a queue is to look at."""

    name: str
    said: str
    address: str
    at: datetime
    done: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """An order whose next step is the reader's, and for how long it has been so."""

    name: str
    pill: showing.Pill
    age: str
    address: str


def waiting(access: Access, at: datetime, language: str) -> list[Waiting]:
    """Orders that this reader has to bring on, the longest waiting first. One query."""
    workflow = access.business.workflow
    if "order" not in workflow.levels:
        return []
    mine = [key for key in workflow.states("order") if _is_mine(workflow, "order", key, access.role)]
    rows = visible_rows(access, "order").filter(state__in=mine).order_by("state_since", "pk")[:WAITING_SHOWN]
    return [
        Waiting(
            name=showing.named("order", row.number),
            pill=showing.pill_of(workflow, workflow.states("order")[row.state], language),
            age=_age((at - row.state_since).days),
            address=reverse("orders:thing", args=[access.business.slug, "orders", row.number]),
        )
        for row in rows
    ]


def levels(access: Access, at: datetime, language: str) -> list[Level]:
    """What is under way, level by level; two queries each at most. What has ended is not counted."""
    workflow = access.business.workflow
    found = []
    for place, level in LEVEL_OF.items():
        if level in workflow.levels and (level != "haul" or access.role in places.SEE_HAULS):
            address = reverse("orders:things", args=[access.business.slug, place])
            queues = tuple(_queues(access, workflow, level, address, at, language))
            flags = tuple(_flags(access, workflow, level, address, language))
            found.append(Level(level, showing.level_name(level), address, queues, flags))
    return found


def tasks(access: Access, language: str) -> list[Asked]:
    """What the people of this role are asked to look at, the longest waiting first."""
    slug, workflow = access.business.slug, access.business.workflow
    return [
        Asked(
            name=_("Account") if one.level == PERSON else showing.named(one.level, one.number),
            said=workflow.words(one.words, language) or one.task.reason,
            address=reverse("orders:person-account", args=[slug, one.number])
            if one.level == PERSON
            else reverse("orders:thing", args=[slug, places.PLACE_OF[one.level], one.number]),
            at=one.task.opened_at,
            done=reverse("orders:task-done", args=[slug, one.task.pk]),
        )
        for one in reading.open_tasks(access, size=TASKS_SHOWN)
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
                is_mine=_is_mine(workflow, level, key, access.role),
            )


def _is_mine(workflow: Workflow, level: str, key: str, role: str) -> bool:
    """Whether somebody in this role can bring on what stands in a state. Giving up is no way on."""
    return any(
        role in move.roles and key in move.sources and showing.leads_on(workflow, level, key, move.target)
        for move in workflow.transitions(level).values()
        if not move.is_correction
    )


def _age(days: int) -> str:
    if days < 1:
        return _("since today")
    return ngettext("for %(days)s day", "for %(days)s days", days) % {"days": days}


def _flags(access: Access, workflow: Workflow, level: str, address: str, language: str) -> Iterator[Flag]:
    """The flags that deadlines raised, and at how many; one query where the profile has any."""
    timers = [timer for timer in workflow.timers(level).values() if timer.flag]
    if not timers:
        return
    # Several deadlines may raise one flag: it is called by the first of them.
    labels = {
        flag: next(one.label for one in timers if one.flag == flag) for flag in (t.flag for t in timers)
    }
    states = {state for timer in timers for state in timer.states}
    raised = (
        visible_rows(access, level)
        .exclude(flags=[])
        .filter(flags__overlap=list(labels), state__in=sorted(states))
        .order_by()
    )
    counted = raised.values(flag=Func("flags", function="unnest")).annotate(count=Count("pk"))
    counts = {row["flag"]: row["count"] for row in counted}
    for flag, label in labels.items():
        if flag in counts:
            yield Flag(workflow.words(label, language), counts[flag], f"{address}?flag={flag}")


def _oldest(days: int) -> str:
    if days < 1:
        return ""
    return ngettext("the oldest for %(days)s day", "the oldest for %(days)s days", days) % {"days": days}
