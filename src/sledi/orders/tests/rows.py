"""A row of each level in any state, of an order that everybody of the business has a part in; and who may do what."""

from typing import Any

from django.db import transaction

from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.core.workflow import Transition, Workflow, visible_states
from sledi.orders.models import Case, Item, Order
from sledi.orders.moving import moves
from sledi.orders.moving.making import Line, create_container, create_order
from sledi.orders.moving.motion import Motion
from sledi.orders.moving.packing import new_parcel
from sledi.orders.moving.scene import open_scene
from sledi.orders.moving.writing import write
from sledi.orders.tests.stage import NOW, Stage
from sledi.parcels.models import Haul, Parcel

PEOPLE = sorted(roles.NAMES)
MACHINES = ["carrier", "payment", "timer", "system"]
EVERYBODY = [*PEOPLE, *MACHINES]
CUSTOMERS = (roles.BUYER, roles.RESELLER, roles.SELLER, roles.END_BUYER)


def why_refused(workflow: Workflow, transition: Transition, state: str, role: str) -> str:
    """Why the operation must refuse; "" when the table lets it through."""
    if not is_visible(workflow, transition.level, state, role):
        return "not_yours"
    if role not in transition.roles:
        return "wrong_role"
    return "" if transition.starts_in(state) else "wrong_state"


def is_visible(workflow: Workflow, level: str, state: str, role: str) -> bool:
    if role in MACHINES:
        return True
    if level in ("haul", "track") and role in CUSTOMERS:
        return level == "track" and role == _maker(workflow, level)[1]
    seen = visible_states(workflow, level, role)
    return seen is None or state in seen


def access_of(stage: Stage, role: str) -> Access:
    return moves.as_machine(stage.business, role) if role in MACHINES else stage.access(role)


def leaves(workflow: Workflow, level: str) -> list[str]:
    parents = {state.parent for state in workflow.states(level).values()}
    return [state for state in workflow.states(level) if state not in parents]


def row_in(stage: Stage, workflow: Workflow, level: str, state: str) -> Any:
    """A row of this level in a state, of an order that everybody of the business has a part in."""
    row = _new(stage, workflow, level)
    type(row).objects.filter(pk=row.pk).update(state=state)
    return row


def _new(stage: Stage, workflow: Workflow, level: str) -> Any:
    if level in ("haul", "track"):
        name, role = _maker(workflow, level)
        return container(stage, workflow, level, name, role)
    order = order_of_all(stage, workflow)
    match level:
        case "order":
            return order
        case "item":
            return Item.objects.get(order=order)
        case "case":
            return Case.objects.create(
                business=stage.business, order=order, state="", state_since=NOW, changed_at=NOW, opened_at=NOW
            )
    return _parcel(stage, workflow, order)


def order_of_all(stage: Stage, workflow: Workflow) -> Order:
    people: dict[str, Any] = {f"{role}_id": stage.person(role).pk for role in ("buyer", "reseller", "seller")}
    makers = [one for one in workflow.transitions("order").values() if one.creates]
    return create_order(
        access_of(stage, min(makers[0].roles) if makers else "system"),
        [Line("Kettle", unit_price_minor=3000, fee_minor=300)],
        at=NOW,
        cause="system",
        recipient_id=stage.person("end_buyer").pk,
        **people,
    )


def _parcel(stage: Stage, workflow: Workflow, order: Order) -> Parcel:
    with transaction.atomic():
        scene = open_scene(moves.as_machine(stage.business, "system"), "order", [order.pk])
        motion = Motion(scene, NOW, "system")
        parcel = new_parcel(motion, scene.orders[order.pk], workflow.initial("parcel"))
        motion.begin(parcel)
        write(motion)
    return parcel


def container(stage: Stage, workflow: Workflow, level: str, name: str, role: str) -> Parcel | Haul:
    samples = {"tracking_number": "RR123456785CN", "text": "KZ 123", "date": "2026-10-01"}
    fields = workflow.transitions(level)[name].fields if name else ()
    supplied = {field.key: _sample(field, samples) for field in fields if not field.is_optional}
    return create_container(access_of(stage, role), level, supplied, at=NOW, cause="system", name=name)


def _sample(field: Any, samples: dict[str, str]) -> str:
    return next(iter(field.choices)) if field.choices else samples[field.type]


def _maker(workflow: Workflow, level: str) -> tuple[str, str]:
    """A move that makes a row of this level, and somebody who may do it."""
    makers = [one for one in workflow.transitions(level).values() if one.creates]
    return (makers[0].name, min(makers[0].roles)) if makers else ("", "system")
