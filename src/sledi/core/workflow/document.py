"""The shape of a profile's document: its keys and their types, and nothing of their meaning.

The document is taken apart first, so that one wrong key does not hide the faults of everything else.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from sledi.core.workflow.faulty import Found, Path

Said = dict[str, str]  # by language


class _Part(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A part of the document: a key it does not know is a fault."""


class LevelPart(_Part):
    contains: tuple[str, ...] = ()
    holds: str = ""
    max_per_order: int = 0
    save: Said = {}


class SettingPart(_Part):
    type: str
    default: int | bool | str
    label: Said = {}
    min: int | None = None
    max: int | None = None
    choices: dict[str, Said] = {}


class StatePart(_Part):
    phase: str
    label: Said = {}
    about: Said = {}
    parent: str = ""
    tone: str = "neutral"
    initial: bool = False
    final: bool = False
    hidden: bool = False


class FieldPart(_Part):
    type: str
    label: Said = {}
    optional: bool = False
    recommended: bool = False
    max_length: int = 0
    min: int | None = None
    max: int | None = None
    choices: dict[str, Said] = {}
    any: bool = False
    scanned: bool = False
    currency: str = ""
    unique_for: str = ""
    document: str = ""


class OtherwisePart(_Part):
    move: str
    with_: dict[str, str] = msgspec.field(name="with", default={})


class GuardPart(_Part):
    name: str
    rule: str
    words: Said = {}
    missing: str = ""
    otherwise: str | OtherwisePart = ""


class TransitionPart(_Part):
    from_: tuple[str, ...] = msgspec.field(name="from", default=())
    to: str = ""
    trigger: str = "action"
    on: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    label: Said = {}
    bulk: bool = False
    requires: dict[str, str | FieldPart] = {}
    guard: str = ""
    guards: tuple[GuardPart, ...] = ()
    effects: tuple[str | dict[str, Any], ...] = ()


class DerivationPart(_Part):
    state: str
    when: str


class ProgressPart(_Part):
    of: str
    states: tuple[str, ...]
    shown_in: tuple[str, ...]
    without: tuple[str, ...] = ()
    label: Said = {}
    notice: Said = {}


class AfterPart(_Part):
    unit: str
    setting: str = ""
    field: str = ""


class TimerPart(_Part):
    in_: tuple[str, ...] = msgspec.field(name="in")
    anchor: str
    after: str | AfterPart
    calendar: str = ""
    unless: str = ""
    effects: tuple[str | dict[str, Any], ...] = ()
    fire: str = ""
    flag: str = ""
    label: Said = {}
    ahead: Said = {}


class NoticePart(_Part):
    when: str
    label: Said = {}
    words: Said = {}


class CorrectionPart(_Part):
    level: str
    from_: tuple[str, ...] = msgspec.field(name="from")
    to: str | tuple[str, ...]
    roles: tuple[str, ...] = ()
    label: Said = {}

    @property
    def targets(self) -> tuple[str, ...]:
        return (self.to,) if isinstance(self.to, str) else self.to


class PolicyPart(_Part):
    corrections: list[Any] = []
    visibility: dict[str, Any] = {}


class MarkPart(_Part):
    label: Said = {}
    time: Said = {}


class CataloguePart(_Part):
    roles: tuple[str, ...]


class MethodPart(_Part):
    label: Said = {}
    carriers: tuple[str, ...] = ()
    untracked: bool = False


class PaperPart(_Part):
    template: str
    label: Said = {}
    roles: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    language: str = ""
    facts: dict[str, str] = {}


class StagePart(_Part):
    key: str
    label: Said = {}
    about: Said = {}
    states: dict[str, tuple[str, ...]] = {}


class _ProfilePart(_Part):
    profile: str
    version: int
    languages: tuple[str, ...]
    name: Said
    levels: dict[str, Any]
    states: dict[str, dict[str, Any]]
    transitions: dict[str, dict[str, Any]] = {}
    settings: dict[str, Any] = {}
    derive: dict[str, list[Any]] = {}
    progress: dict[str, list[Any]] = {}
    timers: dict[str, dict[str, Any]] = {}
    notices: dict[str, list[Any]] = {}
    policy: PolicyPart = msgspec.field(default_factory=PolicyPart)
    stages: list[Any] = []
    marks: dict[str, dict[str, Any]] = {}
    methods: dict[str, Any] = {}
    catalogue: CataloguePart | None = None
    documents: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Draft:
    """A document whose parts have the right shape; those that have not are left out. Keys as in the document."""

    profile: str
    version: int
    languages: tuple[str, ...]
    name: Said
    levels: dict[str, LevelPart] = field(default_factory=dict)
    settings: dict[str, SettingPart] = field(default_factory=dict)
    states: dict[str, dict[str, StatePart]] = field(default_factory=dict)
    transitions: dict[str, dict[str, TransitionPart]] = field(default_factory=dict)
    derive: dict[str, dict[int, DerivationPart]] = field(default_factory=dict)
    progress: dict[str, dict[int, ProgressPart]] = field(default_factory=dict)
    timers: dict[str, dict[str, TimerPart]] = field(default_factory=dict)
    notices: dict[str, dict[int, NoticePart]] = field(default_factory=dict)
    corrections: dict[int, CorrectionPart] = field(default_factory=dict)
    visibility: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    stages: dict[int, StagePart] = field(default_factory=dict)
    marks: dict[str, dict[str, MarkPart]] = field(default_factory=dict)
    methods: dict[str, MethodPart] = field(default_factory=dict)
    catalogue: CataloguePart | None = None
    documents: dict[str, PaperPart] = field(default_factory=dict)

    def leaves(self, level: str, state: str) -> tuple[str, ...]:
        """The children of a parent, their children too; the state itself when it is nobody's parent."""
        return self._leaves(level, state, frozenset())

    def is_parent(self, level: str, state: str) -> bool:
        return any(other.parent == state for other in self.states.get(level, {}).values())

    def all_leaves(self, level: str) -> tuple[str, ...]:
        return tuple(state for state in self.states.get(level, {}) if not self.is_parent(level, state))

    def sources(self, level: str, states: tuple[str, ...]) -> frozenset[str]:
        """The leaves of several states."""
        return frozenset(leaf for state in states for leaf in self.leaves(level, state))

    def _leaves(self, level: str, state: str, above: frozenset[str]) -> tuple[str, ...]:
        if state in above:  # a circle of parents, which is a fault of its own
            return ()
        children = [key for key, other in self.states.get(level, {}).items() if other.parent == state]
        if not children:
            return (state,)
        return tuple(leaf for child in children for leaf in self._leaves(level, child, above | {state}))


def drafted(document: object, found: Found) -> Draft | None:
    """The document in parts; every part of the wrong shape is a fault. None when nothing can be made of it."""
    whole = _part(document, _ProfilePart, (), found)
    if whole is None:
        return None
    return Draft(
        profile=whole.profile,
        version=whole.version,
        languages=whole.languages,
        name=whole.name,
        levels=_parts(whole.levels, LevelPart, ("levels",), found),
        settings=_parts(whole.settings, SettingPart, ("settings",), found),
        states=_by_level(whole.states, StatePart, "states", found),
        transitions=_by_level(whole.transitions, TransitionPart, "transitions", found),
        derive=_by_level(_numbered(whole.derive), DerivationPart, "derive", found),
        progress=_by_level(_numbered(whole.progress), ProgressPart, "progress", found),
        timers=_by_level(whole.timers, TimerPart, "timers", found),
        notices=_by_level(_numbered(whole.notices), NoticePart, "notices", found),
        corrections=_parts(
            dict(enumerate(whole.policy.corrections)), CorrectionPart, ("policy", "corrections"), found
        ),
        visibility=_parts(
            whole.policy.visibility, dict[str, tuple[str, ...]], ("policy", "visibility"), found
        ),
        stages=_parts(dict(enumerate(whole.stages)), StagePart, ("stages",), found),
        marks=_by_level(whole.marks, MarkPart, "marks", found),
        methods=_parts(whole.methods, MethodPart, ("methods",), found),
        catalogue=whole.catalogue,
        documents=_parts(whole.documents, PaperPart, ("documents",), found),
    )


K = TypeVar("K", str, int)
T = TypeVar("T")


def _by_level(
    whole: Mapping[str, Mapping[K, Any]], kind: type[T], where: str, found: Found
) -> dict[str, dict[K, T]]:
    return {level: _parts(parts, kind, (where, level), found) for level, parts in whole.items()}


def _parts(whole: Mapping[K, Any], kind: type[T], path: Path, found: Found) -> dict[K, T]:
    read = {key: _part(value, kind, (*path, key), found) for key, value in whole.items()}
    return {key: part for key, part in read.items() if part is not None}


def _part(value: object, kind: type[T], path: Path, found: Found) -> T | None:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as problem:
        words, _, place = str(problem).partition(" - at `$")
        steps = _steps(value, kind, place.rstrip("`"))
        found.add((*path, *steps), "document", f"{_said((*path, *steps))}: {words}")
        return None


def _numbered(lists: Mapping[str, list[Any]]) -> dict[str, dict[int, Any]]:
    return {key: dict(enumerate(entries)) for key, entries in lists.items()}


def _steps(value: object, kind: type[T], place: str) -> Path:
    """msgspec's place (``.requires[...].label``) as a path, as far as the first wrong key of a mapping.

    msgspec does not tell which key it was, so each is tried alone.
    """
    before, is_mapping, _ = place.partition("[...]")
    steps = tuple(int(step[1]) if step[1] else step[2] for step in _STEP.finditer(before))
    if not is_mapping:
        return steps
    wrong = (key for key in _at(value, steps) if not _fits(_with_only(value, steps, key), kind))
    return (*steps, *list(wrong)[:1])


def _fits(value: object, kind: type[T]) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def _at(value: Any, steps: Path) -> Any:
    for step in steps:
        value = value[step]
    return value


def _with_only(value: Any, steps: Path, key: Any) -> Any:
    """The value, where the mapping at ``steps`` has one key alone."""
    if not steps:
        return {key: value[key]}
    inner = _with_only(value[steps[0]], steps[1:], key)
    if isinstance(value, list):
        return [inner if index == steps[0] else one for index, one in enumerate(value)]
    return {**value, steps[0]: inner}


def _said(path: Path) -> str:
    return ".".join(map(str, path)) or "the document"


_STEP = re.compile(r"\[(\d+)\]|\.(\w+)")
