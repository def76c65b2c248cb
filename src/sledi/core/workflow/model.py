"""What a workflow is, once its document has been read: levels, states, transitions, timers, rules.

Everything is immutable and holds compiled expressions; state sets are leaves (a parent stands for its children).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sledi.core.workflow.expressions import Expression

Words = Mapping[str, str]
"""The same words by language."""


@dataclass(frozen=True, slots=True)
class Level:
    """A kind of entity. ``contains``: belongs to it for life; ``holds``: lies in it. ``max_per_order`` 0 = any.

    ``save``: what the button says that changes its state, where that is not the move's own name.
    """

    kind: str
    contains: tuple[str, ...] = ()
    holds: str = ""
    max_per_order: int = 0
    is_derived: bool = False
    save: Words = field(default_factory=dict)

    @property
    def children(self) -> tuple[str, ...]:
        return (*self.contains, self.holds) if self.holds else self.contains


@dataclass(frozen=True, slots=True)
class State:
    """``phase`` is one of ``vocabulary.Phase``, ``tone`` of ``vocabulary.Tone``; ``about`` may be empty."""

    key: str
    level: str
    phase: str
    label: Words
    parent: str = ""
    about: Words = field(default_factory=dict)
    tone: str = "neutral"
    is_initial: bool = False
    is_final: bool = False
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """Something to be supplied with a move. ``type`` is a key of ``fields.TYPES``.

    ``accepts_any`` (tracking numbers): also what no known format fits. ``is_scanned`` (the same): whoever scans the
    number of a thing does this move with it. ``currency`` (money): fixed, else the order's. ``is_recommended``:
    optional, and whoever leaves it empty is told why he should not.
    ``document`` (boolean): whether this document of the order is there; its print link stands beside the tick.
    ``unique_for`` payer: rules learn (``elsewhere``) that something of another payer has the same value.
    """

    key: str
    type: str
    label: Words
    is_optional: bool = False
    is_recommended: bool = False
    max_length: int = 0
    min: int | None = None
    max: int | None = None
    choices: Mapping[str, Words] = field(default_factory=dict)
    accepts_any: bool = False
    is_scanned: bool = False
    currency: str = ""
    unique_for: str = ""
    document: str = ""

    @property
    def column(self) -> str:
        """Its column in a CSV file."""
        return self.key

    @property
    def flag(self) -> str:
        """Its flag on the command line."""
        return "--" + self.key.replace("_", "-")


@dataclass(frozen=True, slots=True)
class Otherwise:
    """The move that is done when a guard refuses. ``fields``: its field's key -> that of the refused move."""

    move: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Guard:
    """What must hold. ``missing`` lists the children that stand in the way; ``words`` is the refusal."""

    name: str
    rule: Expression
    words: Words
    missing: Expression | None = None
    otherwise: Otherwise | None = None

    @property
    def needs_input(self) -> bool:
        """Whether it can only be judged with the supplied fields at hand."""
        return not self.rule.names.isdisjoint(("input", "elsewhere", "import_bans"))


@dataclass(frozen=True, slots=True)
class Effect:
    """A name of ``effects.REGISTRY`` with its parameters, ready to be executed when it comes from ``decide``.

    ``when``: the rule without which it is left out.
    """

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    when: Expression | None = None

    @property
    def rules(self) -> tuple[Expression, ...]:
        """Everything in it that has to be evaluated."""
        shares = [value for value in self.parameters.values() if isinstance(value, Expression)]
        return (*shares, self.when) if self.when else tuple(shares)


@dataclass(frozen=True, slots=True)
class SettingName:
    """In an effect's parameters: stands for a setting's value until a move is decided."""

    key: str


@dataclass(frozen=True, slots=True)
class Transition:
    """A move of one level. ``sources`` are leaves; none = it creates the entity. ``target`` None = state stays."""

    name: str
    level: str
    sources: frozenset[str]
    target: str | None
    trigger: str
    on: tuple[str, ...]
    roles: frozenset[str]
    label: Words
    fields: tuple[Field, ...] = ()
    guards: tuple[Guard, ...] = ()
    effects: tuple[Effect, ...] = ()
    is_bulk: bool = False
    is_correction: bool = False

    @property
    def creates(self) -> bool:
        return not self.sources

    def starts_in(self, state: str) -> bool:
        """Whether it may start in ``state``; "" = the entity is not there yet."""
        return state in self.sources if self.sources else not state


@dataclass(frozen=True, slots=True)
class After:
    """A length of time: ``amount`` units, or as many as a setting or a field of the entity says."""

    unit: str
    amount: int = 0
    setting: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Timer:
    """What happens when an entity stays too long in ``states``. ``calendar`` is a country or empty.

    ``ahead`` says what is expected until then: «Трек-номер ожидается до {date}».
    """

    name: str
    level: str
    states: frozenset[str]
    anchor: str
    after: After
    calendar: str = ""
    unless: Expression | None = None
    effects: tuple[Effect, ...] = ()
    fire: str = ""
    flag: str = ""
    label: Words = field(default_factory=dict)
    ahead: Words = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Derivation:
    """One rule of a derived level: the state, when the rule holds."""

    state: str
    when: Expression


@dataclass(frozen=True, slots=True)
class Progress:
    """ "2 of 3": pieces of ``of`` that are in ``states``, told while the order is in ``shown_in``.

    Those in ``without`` are none of the three: they will not come. ``notice``: the rule for which the others wait.
    """

    of: str
    states: frozenset[str]
    shown_in: frozenset[str]
    label: Words
    without: frozenset[str] = frozenset()
    notice: Words = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notice:
    """What the page of an entity says while ``when`` holds; ``words`` may name settings: ``{pickup_address}``."""

    when: Expression
    label: Words
    words: Words


@dataclass(frozen=True, slots=True)
class Setting:
    """What a business may change: ``type`` integer, boolean, text or choice."""

    key: str
    type: str
    default: int | bool | str
    label: Words
    min: int | None = None
    max: int | None = None
    choices: Mapping[str, Words] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Method:
    """A way of sending: whose carriers it mostly goes with, likeliest first, and whether it goes without a number."""

    key: str
    label: Words
    carriers: tuple[str, ...] = ()
    is_untracked: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that goes with an order: who may print it, and in which states of the order it may be made.

    ``language``: the one it is printed in unless another is asked for; "" = that of the business. ``facts``: by what
    the template calls them (``vocabulary.TEMPLATES``), the fields and settings that supply them.
    """

    key: str
    template: str
    label: Words
    roles: frozenset[str]
    states: frozenset[str]
    language: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of the stage bar; ``states`` are leaves by level."""

    key: str
    label: Words
    about: Words
    states: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Visibility:
    """What a role sees: ``states`` by level (a level that is not named is seen whole), ``hidden`` field keys."""

    states: Mapping[str, frozenset[str]]
    hidden: frozenset[str]


@dataclass(frozen=True, eq=False)
class Workflow:
    """A profile, checked and compiled. There is one object of each, so it is equal to itself alone."""

    profile: str
    version: int
    languages: tuple[str, ...]
    name: Words
    levels: Mapping[str, Level]
    settings: Mapping[str, Setting]
    stages: tuple[Stage, ...]
    visibility: Mapping[str, Visibility]
    progresses: Mapping[str, tuple[Progress, ...]]
    derivations: Mapping[str, tuple[Derivation, ...]]
    states_by_level: Mapping[str, Mapping[str, State]]
    transitions_by_level: Mapping[str, Mapping[str, Transition]]
    timers_by_level: Mapping[str, Mapping[str, Timer]]
    notices_by_level: Mapping[str, tuple[Notice, ...]]
    empty_fields: Mapping[str, Mapping[str, Any]]
    """For each variable of a rule that is an entity, or several: its ``fields`` while nothing was supplied."""
    marks_by_level: Mapping[str, Mapping[str, Words]] = field(default_factory=dict)
    methods: Mapping[str, Method] = field(default_factory=dict)
    item_times: Mapping[str, Words] = field(default_factory=dict)
    """What the processing time of items with a mark is called, where it has a name of its own."""
    describers: frozenset[str] = frozenset()
    """Roles that describe goods for orders to copy from; none where the business has no catalogue."""
    documents: Mapping[str, Paper] = field(default_factory=dict)

    def states(self, level: str) -> Mapping[str, State]:
        """All states of a level, parents among them. Raises KeyError for a level the profile has not."""
        return self.states_by_level[level]

    def transitions(self, level: str) -> Mapping[str, Transition]:
        """All transitions of a level, corrections among them. Raises KeyError as ``states``."""
        return self.transitions_by_level[level]

    def timers(self, level: str) -> Mapping[str, Timer]:
        """The timers of a level. Raises KeyError as ``states``."""
        return self.timers_by_level[level]

    def marks(self, level: str) -> Mapping[str, Words]:
        """The flags an entity of the level may be placed with, in words."""
        return self.marks_by_level.get(level, {})

    def initial(self, level: str) -> str:
        """The state in which an entity of the level begins."""
        return next(state.key for state in self.states(level).values() if state.is_initial)

    def is_final(self, level: str, state: str) -> bool:
        """Whether nothing happens any more in a state. Raises KeyError for a state the level has not."""
        return self.states(level)[state].is_final

    def leaves(self, level: str, state: str) -> tuple[str, ...]:
        """The states an entity can be in when it is said to be in ``state``: itself, or a parent's children."""
        return leaves_of(self.states(level), state)

    def words(self, words: Words, language: str) -> str:
        """``words`` in a language, else in the profile's first, which is the original; "" when there are none."""
        return words.get(language) or words.get(self.languages[0], "")

    def hidden_fields(self, role: str) -> frozenset[str]:
        """Keys of fields that a role does not see."""
        seen = self.visibility.get(role)
        return seen.hidden if seen else frozenset()

    def settings_with(self, chosen: Mapping[str, Any]) -> dict[str, Any]:
        """Every setting: what a business chose, else the default. Unknown keys are left out."""
        return {key: chosen.get(key, setting.default) for key, setting in self.settings.items()}


def leaves_of(states: Mapping[str, State], key: str) -> tuple[str, ...]:
    """As ``Workflow.leaves``, before there is a workflow."""
    children = [state.key for state in states.values() if state.parent == key]
    if not children:
        return (key,)
    return tuple(leaf for child in children for leaf in leaves_of(states, child))
