"""Role × state × move, generated from every profile there is: exactly the table passes, a refusal leaves nothing.

Each combination goes through the operation itself: what must be refused as a bulk move of one row per state, what
may pass one by one. Fields and guards come after role and state, so an empty request tells which of them refused.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from sledi import profiles
from sledi.core.workflow import Refused, Transition, Workflow, decide
from sledi.ledger.errors import LedgerRefused
from sledi.ledger.models import Payout
from sledi.orders.models import Order
from sledi.orders.money import payouts
from sledi.orders.moving import moves
from sledi.orders.moving.making import Line, create_order
from sledi.orders.refusals import NotYours
from sledi.orders.tests.money import written
from sledi.orders.tests.rows import (
    EVERYBODY,
    access_of,
    container,
    is_visible,
    leaves,
    order_of_all,
    row_in,
    why_refused,
)
from sledi.orders.tests.stage import NOW, Stage, new_stage

OTHERS = Path(profiles.__file__).parent / "tests"
"""Where a profile lies that is no business of ours: adding a file is enough."""
KINDS = [*profiles.names(), "flower_shop"]
DECIDED = {"", "missing_field", "wrong_field", "guard", "guard_error", "money"}
"""The table let it through: it was done, or a field, a guard or the ledger had a word."""


@pytest.fixture(autouse=True)
def _another_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(profiles.FOLDER_SETTING, str(OTHERS))


@pytest.mark.parametrize("profile", KINDS)
def test_the_table_alone_decides_who_may_do_what_where(profile: str) -> None:
    """Every combination there is, without a database."""
    workflow = profiles.workflow(profile)
    for level in workflow.levels:
        for transition in workflow.transitions(level).values():
            for state in ["", *leaves(workflow, level)]:
                for role in EVERYBODY:
                    reason = _decided(workflow, level, transition.name, state, role)
                    assert _is_right(reason, transition, state, role), (level, transition.name, state, role)


def _decided(workflow: Workflow, level: str, name: str, state: str, role: str) -> str:
    try:
        decide(workflow, level, name, state=state, role=role, supplied={}, context={})
    except Refused as refused:
        return refused.reason
    return ""


def _is_right(reason: str, transition: Transition, state: str, role: str) -> bool:
    if role not in transition.roles:
        return reason == "wrong_role"
    return reason in DECIDED if transition.starts_in(state) else reason == "wrong_state"


@pytest.mark.slow
@pytest.mark.parametrize("profile", KINDS)
@pytest.mark.django_db
def test_exactly_what_the_table_allows_passes_the_operation(
    profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is refused moves no money, so rows of moves that would may share a transaction here.
    monkeypatch.setattr(moves, "moves_money", lambda *_: False)
    workflow, stage = profiles.workflow(profile), new_stage(profile, profile.replace("_", "-"))
    order = order_of_all(stage, workflow) if "order" in workflow.levels else None
    for level in workflow.levels:
        if level == payouts.LEVEL:
            continue
        subjects = {state: row_in(stage, workflow, level, state) for state in leaves(workflow, level)}
        for transition in workflow.transitions(level).values():
            before = written()
            if transition.creates:
                _try_making(stage, workflow, transition, order)
            else:
                for role in EVERYBODY:
                    _try_refused(stage, workflow, transition, role, subjects)
            assert written() == before, (level, transition.name)
            for role in sorted(transition.roles):
                _try_allowed(stage, workflow, transition, role, subjects)


def _try_refused(
    stage: Stage, workflow: Workflow, transition: Transition, role: str, subjects: dict[str, Any]
) -> None:
    """All the states at once in which this role must not do it, or does not even see the subject."""
    expected = {
        subject.pk: reason
        for state, subject in subjects.items()
        if (reason := why_refused(workflow, transition, state, role))
    }
    rows = [moves.Row(pk) for pk in expected]
    access, level = access_of(stage, role), transition.level
    outcomes = moves.move_many(access, level, rows, transition.name, at=NOW, cause="api")
    found = {outcome.id: _why(outcome.refusal) for outcome in outcomes}
    assert found == expected, (level, transition.name, role)


def _try_allowed(
    stage: Stage, workflow: Workflow, transition: Transition, role: str, subjects: dict[str, Any]
) -> None:
    for state, subject in subjects.items():
        if transition.starts_in(state) and not why_refused(workflow, transition, state, role):
            reason = _refusal(stage, transition.level, subject.pk, transition.name, role)
            assert reason in DECIDED, (transition.level, transition.name, role, state, reason)


def _try_making(stage: Stage, workflow: Workflow, transition: Transition, order: Order | None) -> None:
    """Nobody else makes a row of this level either."""
    strangers = [role for role in EVERYBODY if role not in transition.roles]
    if transition.level == "order":
        for role in strangers:
            if not any(role in one.roles for one in workflow.transitions("order").values() if one.creates):
                with pytest.raises(Refused, match=""):
                    create_order(access_of(stage, role), [Line("Kettle")], at=NOW, cause="api")
    elif (
        order
        and transition.level in ("parcel", "case")
        and workflow.levels[transition.level].holds != "order"
    ):
        for role in strangers:
            sees = is_visible(workflow, "order", order.state, role)
            reason = _refusal(stage, transition.level, order.pk, transition.name, role)
            assert reason == ("wrong_role" if sees else "not_yours"), (transition.name, role)
    else:
        for role in strangers:
            with pytest.raises(Refused) as refused:
                container(stage, workflow, transition.level, transition.name, role)
            assert refused.value.reason == "wrong_role"


@pytest.mark.parametrize(
    "profile", [kind for kind in profiles.names() if payouts.LEVEL in profiles.workflow(kind).levels]
)
@pytest.mark.django_db
def test_a_payout_moves_by_its_table_as_well(profile: str) -> None:
    workflow, stage = profiles.workflow(profile), new_stage(profile, profile.replace("_", "-"))
    for status in (Payout.IN_TRANSIT, Payout.PAID, Payout.FAILED):
        payout = _payout(stage, status)
        state = payouts.state_of(workflow, payout)
        for transition in workflow.transitions(payouts.LEVEL).values():
            for role in EVERYBODY:
                before = written()
                reason = _payout_refusal(stage, payout, transition.name, role)
                assert _is_right(reason, transition, state, role), (transition.name, state, role, reason)
                assert not reason or written() == before
    with pytest.raises(NotYours):
        payouts.move(access_of(new_stage(profile, "other"), "system"), payout.pk, "send", at=NOW, cause="api")


def _payout_refusal(stage: Stage, payout: Payout, name: str, role: str) -> str:
    access = access_of(stage, role)
    return _tried(lambda: payouts.move(access, payout.pk, name, at=NOW, cause="api"))


# --- what comes of trying -------------------------------------------------------------------------------------


def _refusal(stage: Stage, level: str, pk: Any, name: str, role: str) -> str:
    access = access_of(stage, role)
    return _tried(lambda: moves.move(access, level, pk, name, {}, at=NOW, cause="api"))


def _tried(act: Callable[[], object]) -> str:
    """Why it was refused, "" when it was done; what was done is taken back, so that the rows stay where they are."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                act()
        except (NotYours, LedgerRefused, Refused) as refusal:
            return _why(refusal)
        transaction.set_rollback(True)
    return ""


def _why(refusal: object) -> str:
    match refusal:
        case None:
            return ""
        case NotYours():
            return "not_yours"
        case LedgerRefused():
            return "money"
        case Refused():
            return refusal.reason
    return type(refusal).__name__


def _payout(stage: Stage, status: str) -> Payout:
    return Payout.objects.create(
        business=stage.business,
        seller_id=stage.person("seller").pk,
        currency=stage.business.currency,
        total=90,
        cut_off_at=NOW,
        pays_on=NOW.date(),
        status=status,
        created_at=NOW,
        settled_at=None if status == Payout.IN_TRANSIT else NOW,
    )
