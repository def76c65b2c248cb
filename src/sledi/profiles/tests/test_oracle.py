"""An interpreter that shares no code with ours, python-statemachine, walks the same tables: both must agree.

It gets the plain rows of ``export``. Roles and guards are booleans told to both: every move of ours asks one guard,
whether the flag of this event is up. A walk is random events by random roles, most of them refused; after each both
say whether it was done and where they stand.
"""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from statemachine import State, StateMachine
from statemachine.exceptions import TransitionNotAllowed

from sledi import profiles
from sledi.core.workflow import Guard, Refused, Workflow, decide, export, possible_actions
from sledi.core.workflow.expressions import compiled
from sledi.core.workflow.vocabulary import ROLES

EVENTS = int(os.environ.get("TEST_ORACLE_EVENTS", "100000"))
SEED = int(os.environ.get("TEST_SEED", "0")) or random.SystemRandom().randrange(1, 2**32)
STEPS = 20
"""Events of one walk; the next one begins anew."""

NOTHING = "nothing"
"""The oracle's name for an entity that is not there yet: its states need one."""

FLAG = Guard("flag", compiled("now == 1"), {})


@dataclass(frozen=True)
class Level:
    """A level of a profile as both interpreters see it."""

    name: str
    workflow: Workflow
    machine: type[StateMachine]
    starts: tuple[str, ...]
    moves: tuple[str, ...]


def levels() -> list[Level]:
    return [
        Level(
            level,
            workflow,
            _machine(workflow, level),
            _starts(workflow, level),
            (*workflow.transitions(level), "no_such_move"),
        )
        for name in profiles.names()
        for workflow in [_with_flags(profiles.workflow(name))]
        for level in workflow.levels
    ]


def _with_flags(workflow: Workflow) -> Workflow:
    """A boolean in place of every guard, and moves that ask for no fields and have no effects."""
    plain = {
        level: {
            name: replace(move, fields=(), guards=(FLAG,), effects=())
            for name, move in workflow.transitions(level).items()
        }
        for level in workflow.levels
    }
    return replace(workflow, transitions_by_level=plain)


def _starts(workflow: Workflow, level: str) -> tuple[str, ...]:
    """Where a walk may begin: anywhere, so that states that only follow from others are walked from as well."""
    parents = {state.parent for state in workflow.states(level).values()}
    return ("", *(key for key in workflow.states(level) if key not in parents))


def _machine(workflow: Workflow, level: str) -> type[StateMachine]:
    rows = [row[1:] for row in export(workflow) if row[0] == level]
    leaving = {source for source, *_ in rows}
    states = {
        key: State(value=key, initial=not key, final=bool(key) and key not in leaving)
        for key in _starts(workflow, level)
    }
    attributes: dict[str, Any] = {f"s_{key or NOTHING}": state for key, state in states.items()}
    for source, name, target, roles in rows:
        leads = states[source].to(states[target], cond=[_may(roles), _is_up])
        event = f"e_{name}"
        attributes[event] = attributes[event] | leads if event in attributes else leads
    unchecked = dict.fromkeys(
        ("validate_disconnected_states", "validate_trap_states", "validate_final_reachability"), False
    )
    return type("Machine", (StateMachine,), {**attributes, **unchecked})


def _may(roles: frozenset[str]) -> Callable[[str], bool]:
    def may(role: str) -> bool:
        return role in roles

    return may


def _is_up(flag: bool) -> bool:
    return flag


@pytest.mark.slow
def test_an_independent_interpreter_agrees_on_every_event() -> None:
    print(f"TEST_SEED={SEED}")  # noqa: T201  a failed run is repeated with it
    chance, everything = random.Random(SEED), levels()
    done = count = 0
    while count < EVENTS:
        level = chance.choice(everything)
        start = chance.choice(level.starts)
        machine, state = level.machine(start_value=start), start
        for _ in range(STEPS):
            name, role, flag = _event(chance, level, state)
            ours = _ours(level, name, state, role, flag=flag)
            theirs = _theirs(machine, name, role, flag=flag)
            told = (
                f"seed {SEED}: {level.workflow.profile} {level.name}: {name} by {role} in {state!r}, {flag}"
            )
            assert ours == theirs, told
            count, done = count + 1, done + (ours is not None)
            state = state if ours is None else ours
    assert count >= EVENTS
    assert EVENTS // 20 < done < EVENTS * 19 // 20, "walks get nowhere, or everywhere"


def _event(chance: random.Random, level: Level, state: str) -> tuple[str, str, bool]:
    """Most of the events are ones that somebody may do here, so that walks get somewhere."""
    moves = level.workflow.transitions(level.name).values()
    here = [move for move in moves if move.starts_in(state)]
    if here and chance.random() < 0.7:
        move = chance.choice(here)
        return move.name, chance.choice(sorted(move.roles)), chance.random() < 0.8
    return chance.choice(level.moves), chance.choice(ALL_ROLES), chance.random() < 0.8


ALL_ROLES = sorted(ROLES)


def _ours(level: Level, name: str, state: str, role: str, *, flag: bool) -> str | None:
    """The state our table leads to, None when it refuses; both of its readings say the same."""
    context = {"now": int(flag), "settings": {}}
    try:
        decision = decide(
            level.workflow, level.name, name, state=state, role=role, supplied={}, context=context
        )
    except Refused:
        reached = None
    else:
        reached = decision.target
    shown = [one.transition.name for one in possible_actions(level.workflow, level.name, state, role)]
    assert (reached is not None) == (flag and name in shown), (name, state, role, flag)
    return reached


def _theirs(machine: StateMachine, name: str, role: str, *, flag: bool) -> str | None:
    try:
        machine.send(f"e_{name}", role=role, flag=flag)
    except TransitionNotAllowed:
        return None
    (state,) = machine.configuration_values
    return str(state)


def test_the_oracle_is_no_mirror() -> None:
    """It refuses what our table would have to refuse, and it finds a table that says something else."""
    level = next(one for one in levels() if len(one.moves) > 5)
    source, name, target, roles = next(
        row[1:] for row in export(level.workflow) if row[0] == level.name and row[1]
    )
    machine = level.machine(start_value=source)
    assert _theirs(machine, name, min(roles), flag=False) is None
    assert _theirs(machine, name, "nobody", flag=True) is None
    assert _theirs(machine, name, min(roles), flag=True) == target
    moved = replace(level.workflow.transitions(level.name)[name], sources=frozenset({"elsewhere"}))
    changed = {**level.workflow.transitions_by_level, level.name: {name: moved}}
    other = replace(level, workflow=replace(level.workflow, transitions_by_level=changed))
    assert _ours(other, name, source, min(roles), flag=True) is None
