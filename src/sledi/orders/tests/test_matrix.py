"""Role × state × move, generated from every profile there is: exactly the table passes, a refusal leaves nothing."""

from typing import Any

import pytest
from django.db import transaction

from sledi import profiles
from sledi.accounts import roles
from sledi.core.workflow import Refused, Transition, Workflow, visible_states
from sledi.history.models import Record
from sledi.ledger.errors import LedgerRefused
from sledi.ledger.models import Entry
from sledi.orders import moves
from sledi.orders.making import Line, create_container, create_order
from sledi.orders.models import Case, Item, Order, Outbox
from sledi.orders.refusals import NotYours
from sledi.orders.tests.stage import NOW, Stage, new_stage
from sledi.parcels.models import Haul, Parcel

PEOPLE = sorted(roles.NAMES)
MACHINES = ["carrier", "payment", "timer", "system"]
SOUND = [name for name in profiles.names() if not profiles.faults_of(profiles.text(name), name)]


def counted() -> tuple[int, int, int, int]:
    return Record.objects.count(), Entry.objects.count(), Outbox.objects.count(), sum_of_versions()


def sum_of_versions() -> int:
    return sum(
        version
        for model in (Order, Item, Parcel, Haul, Case)
        for version in model._default_manager.values_list("version", flat=True)  # type: ignore[attr-defined]
    )


@pytest.mark.slow
@pytest.mark.parametrize("profile", SOUND)
@pytest.mark.parametrize("level", ["order", "item", "parcel", "haul", "track", "case"])
@pytest.mark.django_db
def test_exactly_what_the_table_allows_passes_role_and_state(profile: str, level: str) -> None:
    """Fields and guards come after role and state, so an empty request tells which of them refused it."""
    workflow = profiles.workflow(profile)
    if level not in workflow.levels:
        pytest.skip("a level this profile has not")
    stage = new_stage(profile)
    subject = _subject(stage, workflow, level)
    leaves = {leaf for state in workflow.states(level) for leaf in workflow.leaves(level, state)}
    tried = 0
    for state in sorted(leaves):
        type(subject).objects.filter(pk=subject.pk).update(state=state)
        before = counted()
        for transition in workflow.transitions(level).values():
            for role in _roles(transition, state):
                tried += 1
                reason = _refusal(stage, level, subject, transition.name, role)
                may = _is_visible(workflow, level, state, role)
                if not may:
                    assert reason == "not_yours", (state, transition.name, role)
                elif role not in transition.roles:
                    assert reason == "wrong_role", (state, transition.name, role)
                elif not transition.starts_in(state):
                    assert reason == "wrong_state", (state, transition.name, role)
                else:
                    assert reason in DECIDED, (state, transition.name, role, reason)
        assert counted() == before, state
    assert tried >= len(leaves)


DECIDED = {"", "missing_field", "guard", "guard_error", "money"}
"""The table let it through: it was done, or a field, a guard or the ledger had a word."""


def _roles(transition: Transition, state: str) -> list[str]:
    """Everybody where the move may begin; elsewhere those who have it, and one who has not.

    The role is judged before the state, so the others would hear the same there.
    """
    if transition.creates:
        return []
    everybody = [*PEOPLE, *MACHINES]
    if transition.starts_in(state):
        return everybody
    others = [role for role in everybody if role not in transition.roles]
    return [*sorted(transition.roles), *others[:1]]


def _refusal(stage: Stage, level: str, subject: Any, name: str, role: str) -> str:
    """Why a move was refused, "" when it was done; afterwards everything is as it was."""
    access = moves.as_machine(stage.business, role) if role in MACHINES else stage.access(role)
    reason = ""
    with transaction.atomic():
        try:
            with transaction.atomic():
                moves.move(access, level, subject.pk, name, {}, at=NOW, cause="api")
        except NotYours:
            reason = "not_yours"
        except LedgerRefused:
            reason = "money"
        except Refused as refused:
            reason = "wrong_state" if refused.reason == "wrong_state" else refused.reason
        transaction.set_rollback(not reason)  # what was refused must have left nothing by itself
    return reason


def _is_visible(workflow: Workflow, level: str, state: str, role: str) -> bool:
    if role in MACHINES:
        return True
    if level == "haul" and role in (roles.BUYER, roles.RESELLER, roles.SELLER, roles.END_BUYER):
        return False
    if level == "track" and role in (roles.BUYER, roles.RESELLER, roles.SELLER, roles.END_BUYER):
        return False
    seen = visible_states(workflow, level, role)
    return seen is None or state in seen


def _subject(stage: Stage, workflow: Workflow, level: str) -> Any:
    """A row of this level, of an order that everybody of the business has a part in."""
    if level in ("haul", "track"):
        name, role = _maker(workflow, level)
        supplied = _supplied(workflow, level, name)
        access = moves.as_machine(stage.business, role) if role in MACHINES else stage.access(role)
        return create_container(access, level, supplied, at=NOW, cause="system", name=name)
    people = {f"{role}_id": stage.person(role).pk for role in ("buyer", "reseller", "seller")}
    placer = _placer(workflow)
    access = moves.as_machine(stage.business, placer) if placer in MACHINES else stage.access(placer)
    order = create_order(
        access,
        [Line("Kettle", unit_price_minor=3000, fee_minor=300)],
        at=NOW,
        cause="system",
        recipient_id=stage.person("end_buyer").pk,
        **people,
    )
    if level == "order":
        return order
    if level == "item":
        return Item.objects.get(order=order)
    if level == "case":
        return Case.objects.create(
            business=stage.business,
            order=order,
            state=workflow.initial("case"),
            state_since=NOW,
            changed_at=NOW,
            opened_at=NOW,
        )
    return _parcel(stage, workflow, order)


def _parcel(stage: Stage, workflow: Workflow, order: Order) -> Parcel:
    from sledi.orders.making import new_parcel
    from sledi.orders.motion import Motion
    from sledi.orders.scene import open_scene
    from sledi.orders.writing import write

    with transaction.atomic():
        motion = Motion(
            open_scene(moves.as_machine(stage.business, "system"), "order", [order.pk]), NOW, "system"
        )
        parcel = new_parcel(motion, motion.scene.orders[order.pk], workflow.initial("parcel"))
        motion.begin(parcel)
        write(motion)
    return parcel


def _maker(workflow: Workflow, level: str) -> tuple[str, str]:
    """A move that makes a row of this level, and somebody who may do it."""
    makers = [one for one in workflow.transitions(level).values() if one.creates]
    return (makers[0].name, min(makers[0].roles)) if makers else ("", "system")


def _supplied(workflow: Workflow, level: str, name: str) -> dict[str, str]:
    samples = {"tracking_number": "RR123456785CN", "text": "KZ 123", "date": "2026-10-01"}
    fields = workflow.transitions(level)[name].fields if name else ()
    return {field.key: samples[field.type] for field in fields if not field.is_optional}


def _placer(workflow: Workflow) -> str:
    makers = [one for one in workflow.transitions("order").values() if one.creates]
    return sorted(makers[0].roles)[0] if makers else "system"
