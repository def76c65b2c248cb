"""Every state can be entered, and from every state an end can be reached; derived levels always have a state."""

from collections.abc import Iterable, Iterator, Mapping

from sledi.core.workflow.checks.finding import Finding, unknown_states
from sledi.core.workflow.document import Draft

_Edges = Mapping[str, set[str]]


def check(draft: Draft) -> Iterator[Finding]:
    for level in draft.states:
        if level in draft.derive:
            yield from _derived(draft, level)
        else:
            yield from _reachable(draft, level)
            yield from _exits_of_final_states(draft, level)


def _reachable(draft: Draft, level: str) -> Iterator[Finding]:
    """Corrections do not count: a state only a correction leads to has no way in."""
    ahead, entered = _edges(draft, level)
    back = _reversed(ahead)
    final = {key for key in draft.all_leaves(level) if draft.states[level][key].final}
    reached, ending = _closure(entered, ahead), _closure(final, back)
    for state in draft.all_leaves(level):
        path = ("states", level, state)
        if state not in reached:
            yield path, "unreachable-state", f"no transition leads to state {state} of {level}"
        if state not in ending:
            yield path, "dead-end", f"from state {state} of {level} no final state can be reached"


def _edges(draft: Draft, level: str) -> tuple[_Edges, set[str]]:
    """Where each state leads, and the states in which an entity begins."""
    ahead: dict[str, set[str]] = {state: set() for state in draft.all_leaves(level)}
    entered = {key for key, state in draft.states[level].items() if state.initial}
    for part in draft.transitions.get(level, {}).values():
        if part.to:
            for source in draft.sources(level, part.from_):
                ahead.setdefault(source, set()).add(part.to)
            entered |= set() if part.from_ else {part.to}
    return ahead, entered


def _reversed(edges: _Edges) -> _Edges:
    back: dict[str, set[str]] = {}
    for source, targets in edges.items():
        for target in targets:
            back.setdefault(target, set()).add(source)
    return back


def _closure(start: Iterable[str], edges: _Edges) -> set[str]:
    reached, waiting = set[str](), list(start)
    while waiting:
        state = waiting.pop()
        if state not in reached:
            reached.add(state)
            waiting.extend(edges.get(state, ()))
    return reached


def _exits_of_final_states(draft: Draft, level: str) -> Iterator[Finding]:
    for name, part in draft.transitions.get(level, {}).items():
        for source in sorted(draft.sources(level, part.from_)):
            state = draft.states[level].get(source)
            if state and state.final and part.to and part.to != source:
                path = ("transitions", level, name)
                yield path, "final-exit", f"{name} leaves state {source}, which is final"


def _derived(draft: Draft, level: str) -> Iterator[Finding]:
    rules = list(draft.derive[level].items())
    for index, rule in rules:
        path = ("derive", level, index)
        yield from unknown_states(draft, path, level, [rule.state])
        if draft.is_parent(level, rule.state):
            yield (
                path,
                "parent-target",
                f"a rule leads to {rule.state}, which is a parent: name one of its children",
            )
        if _is_true(rule.when) and index != rules[-1][0]:
            yield path, "derive-total", f"the rule for {rule.state} always holds: those after it never do"
    if not rules or not _is_true(rules[-1][1].when):
        yield (
            ("derive", level),
            "derive-total",
            f"the last rule of {level} must be 'true', so that one always holds",
        )
    named = {rule.state for _, rule in rules}
    for state in draft.all_leaves(level):
        if state not in named:
            yield ("states", level, state), "unreachable-state", f"no rule of {level} leads to state {state}"
    if not any(draft.states[level][key].final for key in named if key in draft.states[level]):
        yield ("states", level), "dead-end", f"no rule of {level} leads to a final state"


def _is_true(rule: str) -> bool:
    return rule.strip() == "true"
