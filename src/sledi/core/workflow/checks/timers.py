"""Timers: how long, from when, by whose calendar, and what then."""

from collections.abc import Iterator

from sledi.core import clock
from sledi.core.workflow.building import after_of, fields_by_level
from sledi.core.workflow.checks.finding import Finding, unknown, unknown_states, wrong_key
from sledi.core.workflow.contexts import ATTRIBUTES, entity_type
from sledi.core.workflow.document import Draft, TimerPart
from sledi.core.workflow.faulty import Path
from sledi.core.workflow.vocabulary import ANCHORS, UNITS


def check(draft: Draft) -> Iterator[Finding]:
    for level, timers in draft.timers.items():
        for name, timer in timers.items():
            path = ("timers", level, name)
            yield from wrong_key(path, "timer", name)
            yield from unknown_states(draft, (*path, "in"), level, timer.in_)
            yield from unknown((*path, "anchor"), "unknown-anchor", "anchor", timer.anchor, ANCHORS)
            yield from _length(draft, path, level, timer)
            yield from _calendar(path, timer)
            yield from _outcome(draft, path, level, name, timer)


def _length(draft: Draft, path: Path, level: str, timer: TimerPart) -> Iterator[Finding]:
    after, path = after_of(timer.after), (*path, "after")
    if after is None:
        yield (
            path,
            "timer-length",
            f"`{timer.after}` is no length of time: as `5 working_days`, `24 hours`, `2 days`",
        )
        return
    yield from unknown(path, "timer-length", "unit", after.unit, UNITS)
    if not isinstance(timer.after, str) and bool(after.setting) == bool(after.field):
        yield path, "timer-length", "either `setting` or `field` says how long"
    if after.setting:
        whole = [key for key, setting in draft.settings.items() if setting.type == "integer"]
        yield from unknown(path, "unknown-setting", "setting with a whole number", after.setting, whole)
    if after.field and level in ATTRIBUTES:
        yield from unknown(path, "unknown-field", f"number of {level}", after.field, _numbers(draft, level))


def _numbers(draft: Draft, level: str) -> list[str]:
    entity = entity_type(level, fields_by_level(draft).get(level, {}).values())
    known = {**entity.attributes, **entity.attributes["fields"].attributes}
    return [key for key, of in known.items() if of.kind == "number"]


def _calendar(path: Path, timer: TimerPart) -> Iterator[Finding]:
    after = after_of(timer.after)
    if timer.calendar and not clock.knows(timer.calendar):
        yield (*path, "calendar"), "unknown-calendar", f"no calendar of `{timer.calendar}` is known"
    if after and after.unit in ("working_days", "full_working_days") and not timer.calendar:
        yield path, "unknown-calendar", "working days are those of a country: say which, as `calendar: CN`"


def _outcome(draft: Draft, path: Path, level: str, name: str, timer: TimerPart) -> Iterator[Finding]:
    if not (timer.effects or timer.fire or timer.flag or timer.ahead):
        yield path, "timer-idle", f"timer {name} does nothing: give it effects, fire, flag or ahead"
    if timer.flag:
        yield from wrong_key((*path, "flag"), "flag", timer.flag)
    if not timer.fire:
        return
    fired = draft.transitions.get(level, {}).get(timer.fire)
    path = (*path, "fire")
    if fired is None:
        yield path, "unknown-move", f"level {level} has no transition `{timer.fire}`"
        return
    if "timer" not in fired.roles:
        yield path, "no-role", f"`{timer.fire}` is not open to timer, so timer {name} cannot fire it"
    if not draft.sources(level, timer.in_) & draft.sources(level, fired.from_):
        yield path, "unknown-move", f"`{timer.fire}` starts in none of the states in which timer {name} runs"
