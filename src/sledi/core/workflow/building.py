"""Makes the workflow of a draft that has been checked: nothing here looks for faults."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sledi.core.workflow.contexts import KINDS, empty_value
from sledi.core.workflow.document import (
    AfterPart,
    CorrectionPart,
    Draft,
    FieldPart,
    GuardPart,
    OtherwisePart,
    SettingPart,
    StatePart,
    TimerPart,
    TransitionPart,
)
from sledi.core.workflow.effects import REGISTRY
from sledi.core.workflow.expressions import compiled
from sledi.core.workflow.model import (
    After,
    Derivation,
    Effect,
    Field,
    Guard,
    Level,
    Method,
    Notice,
    Otherwise,
    Paper,
    Progress,
    Setting,
    SettingName,
    Stage,
    State,
    Timer,
    Transition,
    Visibility,
    Workflow,
)
from sledi.core.workflow.refusals import FIELD_LABELS, words


def built(draft: Draft) -> Workflow:
    """The workflow."""
    transitions = {level: _transitions(draft, level) for level in draft.levels}
    return Workflow(
        profile=draft.profile,
        version=draft.version,
        languages=draft.languages,
        name=draft.name,
        levels=levels_of(draft),
        settings={key: _setting(key, part) for key, part in draft.settings.items()},
        stages=tuple(
            Stage(part.key, part.label, part.about, _leaves_by_level(draft, part.states))
            for part in draft.stages.values()
        ),
        visibility={role: _visibility(draft, seen) for role, seen in draft.visibility.items()},
        progresses={level: _progresses(draft, level) for level in draft.progress},
        derivations={
            level: tuple(Derivation(part.state, compiled(part.when)) for part in parts.values())
            for level, parts in draft.derive.items()
        },
        states_by_level={
            level: {key: _state(key, level, part) for key, part in parts.items()}
            for level, parts in draft.states.items()
        },
        transitions_by_level=transitions,
        timers_by_level={level: _timers(draft, level) for level in draft.levels},
        notices_by_level={
            level: tuple(Notice(compiled(part.when), part.label, part.words) for part in parts.values())
            for level, parts in draft.notices.items()
        },
        empty_fields=_empty_fields(fields_by_level(draft)),
        marks_by_level={
            level: {key: part.label for key, part in parts.items()} for level, parts in draft.marks.items()
        },
        methods={
            key: Method(key, part.label, part.carriers, part.untracked) for key, part in draft.methods.items()
        },
        item_times={key: part.time for key, part in draft.marks.get("item", {}).items() if part.time},
        describers=frozenset(draft.catalogue.roles) if draft.catalogue else frozenset(),
        documents={
            key: Paper(
                key,
                part.template,
                part.label,
                frozenset(part.roles),
                draft.sources("order", part.states),
                part.language,
                part.facts,
            )
            for key, part in draft.documents.items()
        },
    )


def levels_of(draft: Draft) -> dict[str, Level]:
    return {
        kind: Level(kind, part.contains, part.holds, part.max_per_order, kind in draft.derive, part.save)
        for kind, part in draft.levels.items()
    }


def fields_by_level(draft: Draft) -> dict[str, dict[str, Field]]:
    """Every field that some move of the level asks for."""
    return {
        level: {
            key: field_of(key, part)
            for transition in draft.transitions.get(level, {}).values()
            for key, part in transition.requires.items()
        }
        for level in draft.levels
    }


def field_of(key: str, part: str | FieldPart) -> Field:
    """A field in its short form (a type) or its long one; usual fields bring their label."""
    long = FieldPart(type=part) if isinstance(part, str) else part
    return Field(
        key=key,
        type=long.type,
        label=long.label or FIELD_LABELS.get(key, {}),
        is_optional=long.optional or long.recommended,
        is_recommended=long.recommended,
        max_length=long.max_length,
        min=long.min,
        max=long.max,
        choices=long.choices,
        accepts_any=long.any,
        is_scanned=long.scanned,
        currency=long.currency,
        unique_for=long.unique_for,
        document=long.document,
    )


def settings_of(draft: Draft) -> list[Setting]:
    return [_setting(key, part) for key, part in draft.settings.items()]


def guards_of(name: str, part: TransitionPart) -> tuple[GuardPart, ...]:
    """The guards of a transition, the short form first."""
    short = (GuardPart(name=name, rule=part.guard),) if part.guard else ()
    return (*short, *part.guards)


def effect_of(entry: str | Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """An effect's name and its parameters as written, the short form resolved; without its ``when``."""
    if isinstance(entry, str):
        return entry, {}
    name, given = next((name, given) for name, given in entry.items() if name != WHEN)
    if isinstance(given, Mapping):
        return name, dict(given)
    short = REGISTRY[name].short if name in REGISTRY else ""
    return name, {short: given}


def when_of(entry: str | Mapping[str, Any]) -> Any:
    """The rule an effect depends on, as written; "" when it has none."""
    return "" if isinstance(entry, str) else entry.get(WHEN, "")


def otherwise_of(part: GuardPart) -> OtherwisePart | None:
    """What a guard says is done instead, in its long form."""
    return (
        OtherwisePart(part.otherwise)
        if part.otherwise and isinstance(part.otherwise, str)
        else part.otherwise or None
    )


def after_of(written: str | AfterPart) -> After | None:
    """``5 working_days`` or its long form; None when it is neither."""
    if isinstance(written, AfterPart):
        return After(written.unit, 0, written.setting, written.field)
    found = _AFTER.fullmatch(written)
    return After(found[2], int(found[1])) if found else None


def correction_name(source: str, target: str) -> str:
    return f"correct_{source}_{target}"


def _transitions(draft: Draft, level: str) -> dict[str, Transition]:
    made = [_transition(draft, level, name, part) for name, part in draft.transitions.get(level, {}).items()]
    corrections = (part for part in draft.corrections.values() if part.level == level)
    made += [one for part in corrections for one in _corrections(draft, part)]
    return {one.name: one for one in made}


def _transition(draft: Draft, level: str, name: str, part: TransitionPart) -> Transition:
    sources = draft.sources(level, part.from_)
    stays = not part.to or sources == {part.to}
    return Transition(
        name=name,
        level=level,
        sources=sources,
        target=None if stays else part.to,
        trigger=part.trigger,
        on=part.on,
        roles=frozenset(part.roles),
        label=part.label,
        fields=tuple(field_of(key, field) for key, field in part.requires.items()),
        guards=tuple(_guard(guard) for guard in guards_of(name, part)),
        effects=_effects(part.effects),
        is_bulk=part.bulk,
    )


def _corrections(draft: Draft, part: CorrectionPart) -> Iterable[Transition]:
    """One transition for each pair of states; a note is always asked for."""
    for source in sorted(draft.sources(part.level, part.from_)):
        for target in part.targets:
            yield Transition(
                name=correction_name(source, target),
                level=part.level,
                sources=frozenset({source}),
                target=target,
                trigger="action",
                on=(),
                roles=frozenset(part.roles),
                label=part.label,
                fields=(field_of("note", "text"),),
                is_correction=True,
            )


def _guard(part: GuardPart) -> Guard:
    missing = compiled(part.missing) if part.missing else None
    instead = otherwise_of(part)
    otherwise = Otherwise(instead.move, instead.with_) if instead else None
    return Guard(part.name, compiled(part.rule), part.words or words("guard"), missing, otherwise)


def _effects(entries: Iterable[str | Mapping[str, Any]]) -> tuple[Effect, ...]:
    return tuple(_effect(entry) for entry in entries)


def _effect(entry: str | Mapping[str, Any]) -> Effect:
    name, given = effect_of(entry)
    kinds = {key: parameter.kind for key, parameter in REGISTRY[name].parameters.items()}
    when = compiled(when_of(entry)) if when_of(entry) else None
    return Effect(name, {key: _parameter(kinds[key], value) for key, value in given.items()}, when)


def _parameter(kind: str, value: Any) -> Any:
    if kind == "share":
        return compiled(str(value))
    if kind == "days" and isinstance(value, str):
        return SettingName(value)
    if kind in ("fields", "words"):
        return dict(value)
    return tuple(value) if kind == "roles" else value


def _timers(draft: Draft, level: str) -> dict[str, Timer]:
    return {name: _timer(draft, level, name, part) for name, part in draft.timers.get(level, {}).items()}


def _timer(draft: Draft, level: str, name: str, part: TimerPart) -> Timer:
    after = after_of(part.after)
    assert after is not None
    return Timer(
        name=name,
        level=level,
        states=draft.sources(level, part.in_),
        anchor=part.anchor,
        after=after,
        calendar=part.calendar,
        unless=compiled(part.unless) if part.unless else None,
        effects=_effects(part.effects),
        fire=part.fire,
        flag=part.flag,
        label=part.label,
        ahead=part.ahead,
    )


def _state(key: str, level: str, part: StatePart) -> State:
    return State(
        key=key,
        level=level,
        phase=part.phase,
        label=part.label,
        parent=part.parent,
        about=part.about,
        tone=part.tone,
        is_initial=part.initial,
        is_final=part.final,
        is_hidden=part.hidden,
    )


def _setting(key: str, part: SettingPart) -> Setting:
    return Setting(key, part.type, part.default, part.label, part.min, part.max, part.choices)


def _visibility(draft: Draft, seen: Mapping[str, tuple[str, ...]]) -> Visibility:
    by_level = {level: states for level, states in seen.items() if level != "hide"}
    return Visibility(_leaves_by_level(draft, by_level), frozenset(seen.get("hide", ())))


def _leaves_by_level(draft: Draft, states: Mapping[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    return {level: draft.sources(level, keys) for level, keys in states.items()}


def _progresses(draft: Draft, level: str) -> tuple[Progress, ...]:
    return tuple(
        Progress(
            of=KINDS[part.of],
            states=draft.sources(KINDS[part.of], part.states),
            shown_in=draft.sources(level, part.shown_in),
            label=part.label,
            without=draft.sources(KINDS[part.of], part.without),
            notice=part.notice,
        )
        for part in draft.progress[level].values()
    )


def _empty_fields(fields: Mapping[str, Mapping[str, Field]]) -> dict[str, dict[str, Any]]:
    """By variable (``item``, ``items``): the fields of that kind of entity, empty."""
    return {
        variable: {key: empty_value(field) for key, field in fields.get(kind, {}).items()}
        for variable, kind in KINDS.items()
    }


WHEN = "when"
_AFTER = re.compile(r"(\d{1,5}) (hours|(?:full_)?(?:days|working_days))")
