"""Transitions and corrections: from where, to where, by whom, at what."""

from collections.abc import Iterator

from sledi.core.workflow.building import correction_name, field_of, otherwise_of
from sledi.core.workflow.checks.finding import Finding, unknown, unknown_states, wrong_key
from sledi.core.workflow.document import CorrectionPart, Draft, OtherwisePart, TransitionPart
from sledi.core.workflow.faulty import Path
from sledi.core.workflow.vocabulary import EVENTS, PAYMENT_EVENTS, PEOPLE, ROLES, Trigger


def check(draft: Draft) -> Iterator[Finding]:
    for level, transitions in draft.transitions.items():
        for name, part in transitions.items():
            path = ("transitions", level, name)
            yield from wrong_key(path, "transition", name)
            yield from _states(draft, path, level, name, part)
            yield from _roles(path, name, part)
            yield from _trigger(draft, path, level, name, part)
            yield from _guards(path, part)
            yield from _otherwise(draft, path, level, part)
    for index, correction in draft.corrections.items():
        yield from _correction(draft, ("policy", "corrections", index), correction)


def _states(draft: Draft, path: Path, level: str, name: str, part: TransitionPart) -> Iterator[Finding]:
    yield from unknown_states(draft, (*path, "from"), level, part.from_)
    if part.to:
        yield from _target(draft, (*path, "to"), level, name, part.to)
    elif not part.from_:
        yield path, "no-target", f"{name} starts from nothing, so it must say `to` which state"
    if part.to and level in draft.derive and not _begins(draft, level, part):
        yield (
            path,
            "derived-move",
            f"{name} sets a state of {level}, but that level follows from its rules alone",
        )


def _begins(draft: Draft, level: str, part: TransitionPart) -> bool:
    """Whether it only makes the entity, in the state in which all of them begin."""
    state = draft.states.get(level, {}).get(part.to)
    return not part.from_ and state is not None and state.initial


def _target(draft: Draft, path: Path, level: str, name: str, target: str) -> Iterator[Finding]:
    yield from unknown_states(draft, path, level, [target])
    if draft.is_parent(level, target):
        yield path, "parent-target", f"{name} leads to {target}, which is a parent: name one of its children"


def _roles(path: Path, name: str, part: TransitionPart) -> Iterator[Finding]:
    if not part.roles:
        yield path, "no-role", f"nobody may do {name}"
    for role in part.roles:
        yield from unknown((*path, "roles"), "unknown-role", "role", role, ROLES)


def _trigger(draft: Draft, path: Path, level: str, name: str, part: TransitionPart) -> Iterator[Finding]:
    yield from unknown((*path, "trigger"), "unknown-trigger", "trigger", part.trigger, Trigger)
    for event in part.on:
        yield from unknown((*path, "on"), "unknown-event", "event", event, EVENTS)
    if part.on and part.trigger != Trigger.EVENT:
        yield (*path, "on"), "trigger", f"{name} waits for events, so its trigger is event"
    for role, is_missing in (
        ("carrier", not set(part.on) - set(PAYMENT_EVENTS)),
        ("payment", not set(part.on) & set(PAYMENT_EVENTS)),
    ):
        if part.trigger == Trigger.EVENT and role in part.roles and is_missing:
            yield path, "trigger", f"{name} is open to {role}, but `on` names no event of it"
    fired = {timer.fire for timer in draft.timers.get(level, {}).values()}
    if part.trigger == Trigger.TIMER and name not in fired:
        yield path, "trigger", f"{name} waits for a timer, but no timer of {level} fires it"


def _guards(path: Path, part: TransitionPart) -> Iterator[Finding]:
    names = [guard.name for guard in part.guards]
    for index, guard in enumerate(part.guards):
        yield from wrong_key((*path, "guards", index), "guard", guard.name)
        if guard.name in names[:index]:
            yield (*path, "guards", index), "duplicate", f"two guards are named {guard.name}"


def _otherwise(draft: Draft, path: Path, level: str, part: TransitionPart) -> Iterator[Finding]:
    """Whoever may do the refused move may do the other one, from where he is and with what he supplied."""
    for index, guard in enumerate(part.guards):
        named = otherwise_of(guard)
        if named is None:
            continue
        here = (*path, "guards", index, "otherwise")
        other = draft.transitions.get(level, {}).get(named.move)
        if other is None or other is part:
            yield here, "unknown-move", f"level {level} has no other transition `{named.move}`"
            continue
        if nobody := [role for role in part.roles if role not in other.roles]:
            yield here, "no-role", f"`{named.move}` is not open to {', '.join(nobody)}"
        sources, theirs = draft.sources(level, part.from_), draft.sources(level, other.from_)
        if not sources or sources - theirs:
            states = ", ".join(sorted(sources - theirs)) or "nothing"
            yield here, "otherwise", f"`{named.move}` does not start from {states}"
        yield from _handed_on(here, part, other, named)


def _handed_on(
    path: Path, part: TransitionPart, other: TransitionPart, named: OtherwisePart
) -> Iterator[Finding]:
    """Each field of the other move comes from one of this move, of the same type and just as surely supplied."""
    ours = {key: field_of(key, field) for key, field in part.requires.items()}
    for key, written in other.requires.items():
        field, source = field_of(key, written), ours.get(named.with_.get(key, key))
        if source is None and field.is_optional and key not in named.with_:
            continue
        if source is None or source.type != field.type or (source.is_optional and not field.is_optional):
            yield (
                path,
                "otherwise",
                f"`{named.move}` needs {key}, which nothing supplied here can be: say `with`",
            )
    for key in named.with_.keys() - other.requires.keys():
        yield path, "otherwise", f"`{named.move}` has no field {key}"


def _correction(draft: Draft, path: Path, part: CorrectionPart) -> Iterator[Finding]:
    yield from unknown((*path, "level"), "unknown-level", "level", part.level, draft.levels)
    yield from unknown_states(draft, (*path, "from"), part.level, part.from_)
    if not part.from_ or not part.targets:
        yield path, "no-target", "a correction needs `from` and `to`"
    if part.level in draft.derive:
        yield (
            path,
            "derived-move",
            f"the state of {part.level} follows from its rules and cannot be corrected",
        )
    if not part.roles:
        yield path, "no-role", "nobody may make this correction"
    for role in part.roles:
        yield from unknown((*path, "roles"), "unknown-role", "role of people", role, PEOPLE)
    for target in part.targets:
        yield from _target(draft, (*path, "to"), part.level, "the correction", target)
    yield from _pairs(draft, path, part)


def _pairs(draft: Draft, path: Path, part: CorrectionPart) -> Iterator[Finding]:
    states = draft.states.get(part.level, {})
    for source in sorted(draft.sources(part.level, part.from_)):
        if source in states and states[source].final:
            yield (*path, "from"), "final-correction", f"state {source} is final and stays as it is"
        for target in part.targets:
            name = correction_name(source, target)
            if source == target:
                yield path, "correction", f"a correction from {source} to itself corrects nothing"
            if name in draft.transitions.get(part.level, {}) or _is_repeated(draft, path, part.level, name):
                yield path, "duplicate", f"level {part.level} already has a move {name}"


def _is_repeated(draft: Draft, path: Path, level: str, name: str) -> bool:
    """Whether an earlier correction makes a move of the same name."""
    return any(
        correction_name(source, target) == name
        for index, other in draft.corrections.items()
        if index < int(path[-1]) and other.level == level
        for source in draft.sources(level, other.from_)
        for target in other.targets
    )
