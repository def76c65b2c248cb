"""When things are expected: orders where they are handed out, and goods out of the door. By the business's clocks."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from sledi.core import clock
from sledi.core.workflow import Timer as Rule
from sledi.core.workflow import Workflow
from sledi.core.workflow.vocabulary import Phase
from sledi.orders.models import Item, Loading, Order, Timer
from sledi.orders.moving.scene import level_of
from sledi.orders.reading.seeing import Eyes
from sledi.orders.reading.shapes import Expected, Processing

_DAYS = "processing_days"
_ON_THE_WAY = frozenset({Phase.OUTBOUND, Phase.ARRIVED, Phase.DELIVERED, Phase.CLOSED, Phase.FAILED})


def expected_of(eyes: Eyes, orders: Collection[Order]) -> dict[UUID, Expected]:
    """When each order arrives that a haul brings and that has not arrived yet. One query; none without hauls."""
    ahead = [
        order
        for order in orders
        if _is_before_arrival(eyes.workflow(order.profile, order.profile_version), order.state)
    ]
    if not ahead or "haul" not in eyes.present.levels:
        return {}
    loaded = Loading.objects.filter(business=eyes.business, order__in=ahead, haul__isnull=False)
    days = dict(loaded.order_by("loaded_at").values_list("order_id", "haul__expected_at"))
    zone = clock.zone_of(eyes.business.country)
    found = {}
    for order in ahead:
        moment = days.get(order.pk)
        found[order.pk] = Expected(moment.astimezone(zone).date() if moment else None)
    return found


def latest(expected: Collection[Expected]) -> Expected | None:
    """When all of several orders have come: the last of them; not known while one of them is not."""
    if not expected:
        return None
    days = [one.on for one in expected if one.on is not None]
    if len(days) < len(expected):
        return Expected(None)
    return max(expected, key=lambda one: one.on or days[0])


def processing_of(
    eyes: Eyes, things: Collection[Order | Item], workflow: Workflow | None = None
) -> dict[UUID, Processing]:
    """The processing time promised for orders, or for items of one workflow, with the day they leave by. One query."""
    promised = {thing.pk: thing.processing_days for thing in things if thing.processing_days}
    if not promised:
        return {}
    moments = {thing.pk: thing.leaves_at for thing in things if hasattr(thing, "leaves_at")}
    if unread := promised.keys() - moments:
        planned = Timer.objects.filter(
            business=eyes.business, subject_id__in=unread, name__in=_names(eyes, workflow)
        )
        moments |= dict(planned.values_list("subject_id", "planned_at"))
    found = {}
    for thing in things:
        if days := promised.get(thing.pk):
            own = workflow or _workflow_of(eyes, thing)
            ships_by = _ships_by(eyes, own, thing, moments.get(thing.pk))
            found[thing.pk] = Processing(
                days,
                ships_by,
                is_in_working_days=_counts_working_days(own),
                days_min=thing.processing_days_min,
            )
    return found


def promised_of(item: Item, workflow: Workflow) -> Processing | None:
    """The processing time promised for an item, and what it is called. No query: its deadline stands elsewhere."""
    return preparing(item.processing_days, item.processing_days_min, item.flags, workflow)


def preparing(
    days: int | None, days_min: int | None, marks: Collection[str], workflow: Workflow
) -> Processing | None:
    """So many days, and what they are called of goods with these marks; None where nobody said how many."""
    if not days:
        return None
    called = next((words for mark, words in workflow.item_times.items() if mark in marks), {})
    in_working_days = _counts_working_days(workflow)
    return Processing(days, is_in_working_days=in_working_days, days_min=days_min, called=called)


def has_left(workflow: Workflow, level: str, state: str) -> bool:
    """Whether what was to be prepared is out of the door, or never will be."""
    known = workflow.states(level).get(state)
    return known is not None and known.phase in _ON_THE_WAY


def departing(eyes: Eyes, orders: QuerySet[Order]) -> QuerySet[Order]:
    """The same orders, each with the moment it is to leave by, as ``leaves_at``: a list asks for it with the rows."""
    planned = Timer.objects.filter(
        business=eyes.business, subject_id=OuterRef("pk"), name__in=_names(eyes, None)
    )
    return orders.annotate(leaves_at=Subquery(planned.values("planned_at")[:1]))


def _ships_by(eyes: Eyes, workflow: Workflow, thing: Any, moment: datetime | None) -> date | None:
    """The last day, by the clocks it is counted by; nothing once the thing has left."""
    counted = (rule for rule in _rules(workflow, level_of(thing)) if rule.after.field == _DAYS)
    rule = next((rule for rule in counted if thing.state in rule.states), None)
    if moment is None or rule is None:
        return None
    return clock.last_day(moment, rule.calendar or eyes.business.country)


def _counts_working_days(workflow: Workflow) -> bool:
    """What the days are; where no deadline counts them, they are meant as people mean them."""
    rules = [rule for level in ("order", "item") for rule in _rules(workflow, level)]
    return all("working" in rule.after.unit for rule in rules if rule.after.field == _DAYS)


def _names(eyes: Eyes, workflow: Workflow | None) -> list[str]:
    """The deadlines that count the processing time."""
    known = workflow or eyes.present
    return [
        rule.name for level in ("order", "item") for rule in _rules(known, level) if rule.after.field == _DAYS
    ]


def _rules(workflow: Workflow, level: str) -> Collection[Rule]:
    timers: Mapping[str, Rule] = workflow.timers(level) if level in workflow.levels else {}
    return timers.values()


def _workflow_of(eyes: Eyes, thing: Any) -> Workflow:
    return eyes.workflow(thing.profile, thing.profile_version)


def _is_before_arrival(workflow: Workflow, state: str) -> bool:
    """Whether a state stands before the first in which things have arrived, in the profile's order."""
    for key, known in workflow.states("order").items():
        if known.phase == Phase.ARRIVED:
            return False
        if key == state:
            return True
    return False
