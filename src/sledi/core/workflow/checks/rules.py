"""Every CEL expression compiles, names only what its level has, and yields on sample data what is asked of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sledi.core.workflow import contexts
from sledi.core.workflow.building import (
    WHEN,
    effect_of,
    field_of,
    fields_by_level,
    guards_of,
    levels_of,
    settings_of,
    when_of,
)
from sledi.core.workflow.checks import effects
from sledi.core.workflow.checks.finding import Finding
from sledi.core.workflow.contexts import Type
from sledi.core.workflow.document import Draft, TransitionPart
from sledi.core.workflow.expressions import (
    BUILT_IN,
    FUNCTIONS,
    Expression,
    Unevaluable,
    WrongExpression,
    compiled,
    scope_of,
)
from sledi.core.workflow.faulty import Path
from sledi.core.workflow.naming import misnamed

BOOLEAN, LIST, SHARE = "true or false", "a list", "a whole number per mille"


@dataclass(frozen=True, slots=True)
class _Rule:
    """An expression of the document: where, its text, what it may name, and what it must yield."""

    path: Path
    source: str
    level: str
    names: Mapping[str, Type]
    yields: str = BOOLEAN


def check(draft: Draft) -> Iterator[Finding]:
    for rule in _rules(draft):
        try:
            expression = compiled(rule.source)
        except WrongExpression as problem:
            yield rule.path, "cel-syntax", f"`{rule.source}`: {problem}"
            continue
        names = list(_names(rule, expression))
        yield from names
        if not names:
            yield from _tried(draft, rule, expression)


def _names(rule: _Rule, expression: Expression) -> Iterator[Finding]:
    for name in sorted(expression.functions - BUILT_IN - set(FUNCTIONS)):
        yield rule.path, "cel-function", f"`{rule.source}`: there is no function {name}"
    for words in misnamed(rule.source, rule.names):
        yield rule.path, "cel-name", f"`{rule.source}`: {words}"
    if _FRACTION.search(_TEXT.sub("", rule.source)):
        yield (
            rule.path,
            "cel-result",
            f"`{rule.source}`: a fraction; count in whole minor units and per mille",
        )


def _tried(draft: Draft, rule: _Rule, expression: Expression) -> Iterator[Finding]:
    """The rule on sample data, once for each state of its level, so that no branch on the state is left out."""
    for state in draft.all_leaves(rule.level):
        sample = {name: contexts.sample(of, state) for name, of in rule.names.items()}
        try:
            value = expression.evaluate(scope_of([expression], sample, {}))
        except Unevaluable as problem:
            yield rule.path, "cel-result", f"`{rule.source}` fails on sample data: {problem!s:.160}"
            return
        if not _is_as_asked(value, rule.yields):
            yield rule.path, "cel-result", f"`{rule.source}` yields {value!r:.60}, not {rule.yields}"
            return


def _is_as_asked(value: Any, yields: str) -> bool:
    match yields:
        case "true or false":
            return isinstance(value, bool)
        case "a list":
            return isinstance(value, list)
    return isinstance(value, int) and not isinstance(value, bool)


def _rules(draft: Draft) -> Iterator[_Rule]:
    known = [level for level in draft.levels if level in contexts.ATTRIBUTES]
    for level in known:
        yield from _of_transitions(draft, level)
        names = _variables(draft, level)
        for index, derivation in draft.derive.get(level, {}).items():
            yield _Rule(("derive", level, index, "when"), derivation.when, level, names)
        for index, notice in draft.notices.get(level, {}).items():
            yield _Rule(("notices", level, index, "when"), notice.when, level, names)
        for name, timer in draft.timers.get(level, {}).items():
            if timer.unless:
                yield _Rule(("timers", level, name, "unless"), timer.unless, level, names)
    for path, level, entry in effects.entries(draft):
        if level in known:
            yield from _of_effect(draft, path, level, entry)


def _of_transitions(draft: Draft, level: str) -> Iterator[_Rule]:
    for name, part in draft.transitions.get(level, {}).items():
        names = _names_of(draft, level, part)
        path = ("transitions", level, name)
        offset = 1 if part.guard else 0
        for index, guard in enumerate(guards_of(name, part)):
            here: Path = (*path, "guard") if index < offset else (*path, "guards", index - offset)
            yield _Rule(here, guard.rule, level, names)
            if guard.missing:
                yield _Rule((*here, "missing"), guard.missing, level, names, LIST)


def _of_effect(draft: Draft, path: Path, level: str, entry: str | Mapping[str, Any]) -> Iterator[_Rule]:
    """The share of a refund, and when an effect is meant. A fault in the effect's form is told elsewhere."""
    if isinstance(entry, str) or len(entry) != 1 + (WHEN in entry):
        return
    for rule, yields in ((effect_of(entry)[1].get("share"), SHARE), (when_of(entry), BOOLEAN)):
        if rule and isinstance(rule, str):
            part = draft.transitions[level][str(path[2])] if path[0] == "transitions" else None
            names = _names_of(draft, level, part) if part else _variables(draft, level)
            yield _Rule(path, rule, level, names, yields)


def _names_of(draft: Draft, level: str, part: TransitionPart) -> dict[str, Type]:
    supplied = contexts.fields_type(field_of(key, field) for key, field in part.requires.items())
    return {**_variables(draft, level, creates=not part.from_), "input": supplied}


def _variables(draft: Draft, level: str, *, creates: bool = False) -> dict[str, Type]:
    fields = {kind: known.values() for kind, known in fields_by_level(draft).items()}
    return contexts.variables(level, levels_of(draft), fields, settings_of(draft), creates=creates)


_TEXT = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*\"""")
_FRACTION = re.compile(r"\d\.\d|\d[eE]")
