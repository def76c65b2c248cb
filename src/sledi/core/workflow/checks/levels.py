"""Kinds of level and what they contain, states and their parents, the initial state."""

from collections.abc import Iterator

from sledi.core.workflow.checks.finding import Finding, unknown, wrong_key
from sledi.core.workflow.document import Draft, LevelPart, StatePart
from sledi.core.workflow.vocabulary import Kind, Phase, Tone

_MAY_HOLD = {"parcel": ("item", "order"), "haul": ("order",)}


def check(draft: Draft) -> Iterator[Finding]:
    yield from wrong_key(("profile",), "profile", draft.profile)
    if draft.version < 1:
        yield ("version",), "version", "versions count from 1"
    for kind, part in draft.levels.items():
        yield from _level(draft, kind, part)
    for section, levels in _sections(draft).items():
        for kind in levels:
            yield from unknown((section, kind), "unknown-level", "level", kind, draft.levels)
    for level, states in draft.states.items():
        for key, state in states.items():
            yield from _state(draft, level, key, state)
        yield from _initial(draft, level)


def _sections(draft: Draft) -> dict[str, list[str]]:
    return {
        "states": list(draft.states),
        "transitions": list(draft.transitions),
        "derive": list(draft.derive),
        "progress": list(draft.progress),
        "timers": list(draft.timers),
    }


def _level(draft: Draft, kind: str, level: LevelPart) -> Iterator[Finding]:
    path = ("levels", kind)
    yield from unknown(path, "unknown-level", "kind of level", kind, Kind)
    for other in level.contains:
        yield from unknown(
            path, "unknown-level", "level", other, (one for one in draft.levels if one != kind)
        )
    if level.holds and level.holds not in _MAY_HOLD.get(kind, ()):
        yield (
            path,
            "unknown-level",
            f"a {kind} cannot hold `{level.holds}`: parcels hold item or order, hauls order",
        )
    elif level.holds:
        yield from unknown(path, "unknown-level", "level", level.holds, draft.levels)
    if level.max_per_order < 0:
        yield path, "document", "max_per_order counts from 1, or is left out"
    if not draft.states.get(kind):
        yield path, "no-states", f"level {kind} has no states"


def _state(draft: Draft, level: str, key: str, state: StatePart) -> Iterator[Finding]:
    path = ("states", level, key)
    yield from wrong_key(path, "state", key)
    yield from unknown((*path, "phase"), "unknown-phase", "phase", state.phase, Phase)
    yield from unknown((*path, "tone"), "unknown-tone", "tone", state.tone, Tone)
    if state.parent and state.parent not in draft.states[level]:
        yield (
            (*path, "parent"),
            "unknown-state",
            f"level {level} has no state `{state.parent}` to be a parent",
        )
    if _is_own_ancestor(draft, level, key):
        yield (*path, "parent"), "parent-circle", f"state {key} is its own parent, by way of others"
    if draft.is_parent(level, key) and (state.initial or state.final):
        yield (
            path,
            "parent-flags",
            f"state {key} is a parent and never entered: its children are initial or final",
        )
    if state.initial and state.final:
        yield path, "initial-state", f"state {key} cannot be both the beginning and the end"


def _is_own_ancestor(draft: Draft, level: str, key: str) -> bool:
    seen, above = set[str](), draft.states[level][key].parent
    while above in draft.states[level] and above not in seen:
        seen.add(above)
        above = draft.states[level][above].parent
    return key in seen


def _initial(draft: Draft, level: str) -> Iterator[Finding]:
    initial = [key for key, state in draft.states[level].items() if state.initial]
    if len(initial) != 1:
        found = ", ".join(initial) or "none"
        yield ("states", level), "initial-state", f"level {level} needs one initial state, found {found}"
