"""What the effects of a profile do: one function a name of ``core.workflow.effects.REGISTRY``, and no others.

An effect changes rows of the motion's scene and adds to what the motion will store. Those of the ledger post at
once, under a key that belongs to this move alone, because only the ledger knows whether the money is there.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sledi.core import clock
from sledi.core.workflow import Effect, Refused
from sledi.database.keys import uuid7
from sledi.orders.models import Item, Order, Task
from sledi.orders.money import postings
from sledi.orders.moving.packing import new_parcel
from sledi.orders.moving.scene import Subject, level_of, workflow_of
from sledi.parcels.models import Haul, Parcel

if TYPE_CHECKING:
    from sledi.orders.moving.motion import Step

CODE_DIGITS = 6


def run(step: "Step", index: int, effect: Effect) -> None:
    """Carry out the effect with this place in the move's list. Raises what the ledger raises, and Refused."""
    _EFFECTS[effect.name](step, index, effect.parameters)


# --- telling --------------------------------------------------------------------------------------------------


def _notify(step: "Step", _index: int, parameters: Mapping[str, Any]) -> None:
    """Have the row of the outbox that tells of this move reach these roles."""
    told = next(
        row
        for row in reversed(step.motion.outbox)
        if row.subject_id == step.subject.pk and row.act == step.decision.transition.name
    )
    told.who = sorted({*told.who, *parameters["who"]})
    if words := parameters.get("words"):
        told.words = {**told.words, **dict.fromkeys(parameters["who"], words)}


def _create_task(step: "Step", _index: int, parameters: Mapping[str, Any]) -> None:
    step.motion.tasks.append(
        Task(
            id=uuid7(),
            business=step.motion.scene.business,
            queue=parameters["queue"],
            reason=step.decision.transition.name,
            level=level_of(step.subject),
            subject_id=step.subject.pk,
            root_id=step.motion.told_under(step.subject),
            opened_at=step.motion.at,
        )
    )


# --- numbers and parcels --------------------------------------------------------------------------------------


def _start_tracking(step: "Step", _index: int, _parameters: Mapping[str, Any]) -> None:
    """Follow the tracking numbers this move supplied: those of the parcel it made, else of what it moved."""
    subject = step.made[-1] if step.made else step.subject
    for field in step.decision.transition.fields:
        number = step.decision.supplied.get(field.key)
        if field.type == "tracking_number" and number:
            replaced = "" if step.made else str(step.before.get(field.key, ""))
            step.motion.give_number(subject, field.key, str(number), replaced)


def _create_parcel(step: "Step", _index: int, _parameters: Mapping[str, Any]) -> None:
    """Make the parcel of an order; a move that makes a parcel by itself has done so already."""
    motion = step.motion
    order = motion.scene.order_of(step.subject)
    if order is None or isinstance(step.subject, Parcel):
        return
    workflow = step.workflow
    most = workflow.levels["parcel"].max_per_order
    if not most or len(motion.scene.parcels_of[order.pk]) < most:
        parcel = new_parcel(motion, order, workflow.initial("parcel"))
        step.made.append(parcel)
        motion.begin(parcel)
        motion.tell(parcel, step.decision.transition.name, step.actor, "")


def _open_window(step: "Step", _index: int, parameters: Mapping[str, Any]) -> None:
    """Set until when the goods may be sent back, counted from the day the last of them was delivered."""
    motion = step.motion
    order = motion.scene.order_of(step.subject)
    if order is None:
        return
    country = motion.scene.business.country
    delivered_at = motion.delivered_at(order) or motion.at
    last_day = clock.withdrawal_ends_on(
        delivered_at.astimezone(clock.zone_of(country)).date(), country, parameters["days"]
    )
    motion.touch_root(order)
    # The whole last day still counts: the window ends where the next day begins.
    next_day = datetime.combine(last_day + timedelta(days=1), time(), clock.zone_of(country))
    order.window_ends_at = next_day.astimezone(UTC)


def _issue_code(step: "Step", _index: int, parameters: Mapping[str, Any]) -> None:
    """Draw the code that whoever fetches the goods will say. It is told in no history: only its owner reads it."""
    field, subject = parameters["field"], step.subject
    if not subject.fields.get(field):
        subject.fields = {**subject.fields, field: f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"}
        step.motion.marked[subject.pk] = (
            subject  # stored also where a deadline issues it, which changes nothing else
        )


# --- moves that set off moves ---------------------------------------------------------------------------------


def _fire_children(step: "Step", _index: int, parameters: Mapping[str, Any]) -> None:
    """Move every child that stands where the move may begin; the others are not meant.

    Raises Refused when a guard holds one of them back: then the parent does not move either.
    """
    for child in _children(step, parameters["name"], parameters.get("level", "")):
        step.motion.fire(child, parameters["name"], _filled(step, parameters))


def _fire_parent(step: "Step", _index: int, parameters: Mapping[str, Any]) -> None:
    """Try a move of what contains or holds the subject; that it is not its time yet is no fault."""
    name, motion = parameters["name"], step.motion
    for parent in _parents(step, parameters.get("level", "")):
        if name not in workflow_of(motion.scene, parent).transitions(level_of(parent)):
            continue
        try:
            decision = motion.decide(parent, name, "system", _filled(step, parameters))
        except Refused:
            continue
        motion.perform_fired(parent, decision)


def _filled(step: "Step", parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What the fired move is supplied with, of what this one was."""
    supplied, filled = step.decision.supplied, parameters.get("with", {})
    return {key: supplied[source] for key, source in filled.items() if source in supplied}


def _children(step: "Step", name: str, level: str) -> Iterator[Subject]:
    scene, subject = step.motion.scene, step.subject
    for child in list(_below(step, subject)):
        workflow, kind = workflow_of(scene, child), level_of(child)
        if level and kind != level:
            continue
        transition = workflow.transitions(kind).get(name)
        if transition is not None and transition.starts_in(child.state):
            yield child


def _below(step: "Step", subject: Subject) -> Iterator[Subject]:
    scene = step.motion.scene
    if isinstance(subject, Order):
        yield from scene.items[subject.pk]
        yield from (scene.parcels[pk] for pk in sorted(scene.parcels_of[subject.pk]) if pk in scene.locked)
        yield from scene.cases[subject.pk]
    elif isinstance(subject, Parcel | Haul):
        holds = workflow_of(scene, subject).levels[level_of(subject)].holds
        if holds == "item" and isinstance(subject, Parcel):
            yield from scene.items_in(subject)
        else:
            yield from (scene.orders[pk] for pk in sorted(scene.orders_in[subject.pk]))


def _parents(step: "Step", level: str) -> list[Subject]:
    scene, subject = step.motion.scene, step.subject
    order = scene.order_of(subject)
    above: list[Subject] = [order] if order and order is not subject else []
    if isinstance(subject, Order):
        above += scene.containers_of(subject)
    if isinstance(subject, Item):
        packed = {content.parcel_id for content in scene.contents if content.item_id == subject.pk}
        above += [scene.parcels[pk] for pk in sorted(packed)]
    return [parent for parent in above if scene.is_writable(parent) and level in ("", level_of(parent))]


Run = Callable[["Step", int, Mapping[str, Any]], None]
_EFFECTS: Mapping[str, Run] = MappingProxyType(
    {
        "ledger.hold": postings.hold,
        "ledger.debit": postings.debit,
        "ledger.capture": postings.capture,
        "ledger.refund_full": postings.refund_full,
        "ledger.refund": postings.refund,
        "ledger.refund_shipping": postings.refund_shipping,
        "ledger.release": postings.release,
        "notify": _notify,
        "track.start": _start_tracking,
        "window.open": _open_window,
        "task.create": _create_task,
        "children.fire": _fire_children,
        "parent.fire": _fire_parent,
        "parcel.create": _create_parcel,
        "code.issue": _issue_code,
    }
)
"""The registry's names, each with its function."""
