"""Effects are in the registry, with the parameters it lists; what they fire exists."""

from collections.abc import Iterator, Mapping
from typing import Any

from sledi.core.workflow.building import WHEN, effect_of, fields_by_level, when_of
from sledi.core.workflow.checks.finding import Finding, unknown
from sledi.core.workflow.document import Draft
from sledi.core.workflow.effects import REGISTRY, letter_blank_is_hidden
from sledi.core.workflow.faulty import Path
from sledi.core.workflow.refusals import BLANK
from sledi.core.workflow.vocabulary import PEOPLE


def check(draft: Draft) -> Iterator[Finding]:
    for path, level, entry in entries(draft):
        if isinstance(entry, str) or len(entry) == 1 + (WHEN in entry):
            name, given = effect_of(entry)
            yield from unknown(path, "unknown-effect", "effect", name, REGISTRY)
            if name in REGISTRY:
                yield from _effect(draft, path, level, name, given)
            if not isinstance(when_of(entry), str):
                yield path, "effect-parameters", f"{name}: `when` is a rule, so a text"
        else:
            yield (
                path,
                "effect-parameters",
                "an effect is a name, or one name with its parameters (and `when`)",
            )


def entries(draft: Draft) -> Iterator[tuple[Path, str, str | Mapping[str, Any]]]:
    """Every effect of the document: its path, its level, and as written."""
    for section, levels in (("transitions", draft.transitions), ("timers", draft.timers)):
        for level, parts in levels.items():
            for name, part in parts.items():
                for index, entry in enumerate(part.effects):
                    yield (section, level, name, "effects", index), level, entry


def _effect(draft: Draft, path: Path, level: str, name: str, given: Mapping[str, Any]) -> Iterator[Finding]:
    parameters, needs = REGISTRY[name].parameters, REGISTRY[name].needs
    if needs and needs not in draft.levels:
        yield path, "unknown-level", f"{name} needs a level {needs}"
    for key in given:
        if key not in parameters:
            yield (
                path,
                "effect-parameters",
                f"{name} takes no `{key}`; it takes {', '.join(parameters) or 'nothing'}",
            )
    for key, parameter in parameters.items():
        if key in given:
            yield from _parameter(draft, path, level, parameter.kind, f"{name}, {key}", given[key])
        elif not parameter.is_optional:
            yield path, "effect-parameters", f"{name} needs `{key}`"
    if name == "notify" and isinstance(given.get("words"), dict) and isinstance(given.get("who"), list):
        yield from _told(draft, path, given)
    if name in _RELATIVES and isinstance(given.get("name"), str):
        yield from _fired(draft, path, level, name, given)


def _parameter(draft: Draft, path: Path, level: str, kind: str, where: str, value: Any) -> Iterator[Finding]:
    match kind:
        case "roles":
            roles = value if isinstance(value, list) and value else None
            if roles is None:
                yield path, "effect-parameters", f"{where}: a list of roles"
            for role in roles or ():
                yield from unknown(path, "unknown-role", "role of people", str(role), PEOPLE)
        case "queue":
            yield from unknown(path, "unknown-role", "role of people", str(value), PEOPLE)
        case "days":
            yield from _days(draft, path, where, value)
        case "level":
            yield from unknown(path, "unknown-level", "level", str(value), draft.levels)
        case "code":
            fields = fields_by_level(draft).get(level, {}).values()
            codes = [field.key for field in fields if field.type == "code"]
            yield from unknown(path, "unknown-field", f"code of {level}", str(value), codes)
        case "words" | "fields":
            if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
                of = (
                    "sentence by language"
                    if kind == "words"
                    else "field of this move by field of the fired one"
                )
                yield path, "effect-parameters", f"{where}: a {of}"
        case _:  # move, share
            if not isinstance(value, str):
                yield path, "effect-parameters", f"{where}: a text, not {value!r}"


def _days(draft: Draft, path: Path, where: str, value: Any) -> Iterator[Finding]:
    if isinstance(value, str):
        whole = [key for key, setting in draft.settings.items() if setting.type == "integer"]
        yield from unknown(path, "unknown-setting", "setting with a whole number", value, whole)
    elif not isinstance(value, int) or isinstance(value, bool) or value < 1:
        yield path, "effect-parameters", f"{where}: a number of days or the name of a setting"


def _fired(draft: Draft, path: Path, level: str, name: str, given: Mapping[str, Any]) -> Iterator[Finding]:
    relatives = _RELATIVES[name](draft, level)
    chosen = given.get("level")
    levels = [one for one in relatives if chosen in (None, one)]
    having = [one for one in levels if given["name"] in draft.transitions.get(one, {})]
    if not having:
        there = ", ".join(levels) or "no level"
        yield path, "unknown-move", f"{name}: {there} beside {level} has no transition `{given['name']}`"
    if len(having) > 1:
        yield (
            path,
            "effect-parameters",
            f"{name}: {' and '.join(having)} have `{given['name']}`: say which level",
        )
    for one in having:
        yield from _filled(draft, path, level, one, given)
        if "system" not in draft.transitions[one][given["name"]].roles:
            yield (
                path,
                "no-role",
                f"{name}: `{given['name']}` of {one} is not open to system, so it cannot be fired",
            )


def _told(draft: Draft, path: Path, given: Mapping[str, Any]) -> Iterator[Finding]:
    """Nobody is written what his role does not see."""
    blanks = {blank for text in given["words"].values() for blank in BLANK.findall(str(text))}
    for role in map(str, given["who"]):
        hidden = draft.visibility.get(role, {}).get("hide", ())
        for blank in sorted(blanks):
            if letter_blank_is_hidden(blank, hidden):
                yield path, "hidden-blank", f"notify: {{{blank}}} is hidden from {role}"


def _filled(draft: Draft, path: Path, level: str, other: str, given: Mapping[str, Any]) -> Iterator[Finding]:
    """What the fired move is filled with stands on both sides; a timer has nothing to give."""
    filled = given.get("with")
    own = draft.transitions[level][str(path[2])].requires if path[0] == "transitions" else {}
    for key, source in filled.items() if isinstance(filled, dict) else ():
        theirs = draft.transitions[other][given["name"]].requires
        yield from unknown(path, "unknown-field", f"field of {other}.{given['name']}", key, theirs)
        yield from unknown(path, "unknown-field", "field of this move", str(source), own)


def _children(draft: Draft, level: str) -> list[str]:
    part = draft.levels.get(level)
    return [*part.contains, *([part.holds] if part.holds else [])] if part else []


def _parents(draft: Draft, level: str) -> list[str]:
    return [other for other in draft.levels if level in _children(draft, other)]


_RELATIVES = {"children.fire": _children, "parent.fire": _parents}
