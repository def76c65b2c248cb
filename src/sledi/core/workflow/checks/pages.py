"""What pages show of a profile: progress, stages, marks, ways of sending, and what a role does not see."""

from collections.abc import Iterator

from sledi.core.workflow.checks.finding import Finding, unknown, unknown_states, wrong_key
from sledi.core.workflow.contexts import ATTRIBUTES, KINDS
from sledi.core.workflow.document import Draft
from sledi.core.workflow.faulty import Path
from sledi.core.workflow.vocabulary import HIDEABLE, PEOPLE, Kind


def check(draft: Draft) -> Iterator[Finding]:
    yield from _progress(draft)
    yield from _stages(draft)
    yield from _marks_and_methods(draft)
    yield from _catalogue(draft)
    for level in draft.notices:
        yield from unknown(("notices", level), "unknown-level", "level", level, draft.levels)
    for role, seen in draft.visibility.items():
        path = ("policy", "visibility", role)
        yield from unknown(path, "unknown-role", "role of people", role, PEOPLE)
        for level, states in seen.items():
            if level == "hide":
                yield from _hidden(draft, (*path, level), states)
            else:
                yield from unknown((*path, level), "unknown-level", "level", level, draft.levels)
                yield from unknown_states(draft, (*path, level), level, states)


def _progress(draft: Draft) -> Iterator[Finding]:
    for level, parts in draft.progress.items():
        yield from unknown(("progress", level), "unknown-level", "level with progress", level, ["order"])
        for index, part in parts.items():
            path = ("progress", level, index)
            counted = [name for name in ("items", "parcels") if KINDS[name] in draft.levels]
            yield from unknown(path, "unknown-level", "list to count", part.of, counted)
            yield from unknown_states(draft, path, KINDS.get(part.of, ""), (*part.states, *part.without))
            if both := sorted(set(part.states) & set(part.without)):
                yield path, "duplicate", f"{both[0]} is counted as done and left out as well"
            yield from unknown_states(draft, path, level, part.shown_in)


def _stages(draft: Draft) -> Iterator[Finding]:
    keys = [stage.key for stage in draft.stages.values()]
    for position, (index, stage) in enumerate(draft.stages.items()):
        path = ("stages", index)
        yield from wrong_key(path, "stage", stage.key)
        if stage.key in keys[:position]:
            yield path, "duplicate", f"two stages are named {stage.key}"
        if not any(stage.states.values()):
            yield path, "unknown-state", f"stage {stage.key} stands for no state"
        for level, states in stage.states.items():
            yield from unknown(path, "unknown-level", "level", level, draft.levels)
            yield from unknown_states(draft, path, level, states)


def _marks_and_methods(draft: Draft) -> Iterator[Finding]:
    for level, marks in draft.marks.items():
        yield from unknown(("marks", level), "unknown-level", "level placed with marks", level, _MARKED)
        raised = {timer.flag for timer in draft.timers.get(level, {}).values()}
        for key, mark in marks.items():
            yield from wrong_key(("marks", level, key), "mark", key)
            yield from _time(("marks", level, key, "time"), level, mark.time)
            if key in raised:
                yield ("marks", level, key), "duplicate", f"{key} is a flag that a timer raises"
    for key in draft.methods:
        yield from wrong_key(("methods", key), "way of sending", key)


def _time(path: Path, level: str, said: dict[str, str]) -> Iterator[Finding]:
    if said:
        yield from unknown(path, "unknown-level", "level with a time of its own", level, [Kind.ITEM])
    for language, text in said.items():
        if "{days}" not in text:
            yield path, "missing-words", f"the {language} words do not say {{days}}"


def _catalogue(draft: Draft) -> Iterator[Finding]:
    """Goods are described for orders with items to copy from."""
    path = ("catalogue",)
    if draft.catalogue is None:
        return
    if not draft.catalogue.roles:
        yield path, "no-role", "nobody may describe goods"
    for role in draft.catalogue.roles:
        yield from unknown(path, "unknown-role", "role of people", role, PEOPLE)
    for level in (Kind.ORDER, Kind.ITEM):
        yield from unknown(path, "unknown-level", "level to copy goods to", level, draft.levels)


_MARKED = (Kind.ORDER, Kind.ITEM)


def _hidden(draft: Draft, path: Path, keys: tuple[str, ...]) -> Iterator[Finding]:
    """A slip here would show what was to be hidden."""
    supplied = {
        key for parts in draft.transitions.values() for part in parts.values() for key in part.requires
    }
    known = {*HIDEABLE, *supplied, *(key for kind in ATTRIBUTES.values() for key in kind)}
    for key in keys:
        if key not in known:
            yield (
                path,
                "unknown-field",
                f"there is no `{key}` to hide: neither an attribute nor a supplied field",
            )
