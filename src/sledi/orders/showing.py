"""How things of a profile stand on a page: levels, states, stages and money in the reader's words.

Nothing here names a profile: every word about a state or a move comes out of its document.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from babel.numbers import format_currency
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sledi.accounts import roles
from sledi.core.money import Money
from sledi.core.workflow import State, Workflow, legend
from sledi.core.workflow.vocabulary import Kind, Phase
from sledi.web.dates import NO_BREAK

if TYPE_CHECKING:
    from sledi.orders.reading.shapes import Processing

LEVELS: Mapping[str, "str | Promise"] = MappingProxyType(
    {
        Kind.ORDER: gettext_lazy("Orders"),
        Kind.ITEM: gettext_lazy("Items"),
        Kind.PARCEL: gettext_lazy("Parcels"),
        Kind.HAUL: gettext_lazy("Hauls"),
        Kind.TRACK: gettext_lazy("Tracked parcels"),
        Kind.CASE: gettext_lazy("Cases"),
        Kind.PAYOUT: gettext_lazy("Payouts"),
    }
)
"""What the things of a level are called."""

ACTORS: Mapping[str, "str | Promise"] = MappingProxyType(
    {
        **roles.NAMES,
        "carrier": gettext_lazy("the carrier"),
        "payment": gettext_lazy("the payment"),
        "timer": gettext_lazy("the deadline"),
        "system": gettext_lazy("by itself"),
    }
)
"""People and machines that move things."""

_ONE: Mapping[str, "str | Promise"] = MappingProxyType(
    {
        Kind.ORDER: gettext_lazy("Order %(name)s"),
        Kind.ITEM: gettext_lazy("Item: %(name)s"),
        Kind.PARCEL: gettext_lazy("Parcel %(name)s"),
        Kind.HAUL: gettext_lazy("Haul %(name)s"),
        Kind.TRACK: gettext_lazy("Tracked parcel %(name)s"),
        Kind.CASE: gettext_lazy("Case %(name)s"),
    }
)

_ICONS: Mapping[str, str] = MappingProxyType(
    {
        Phase.DRAFT: "circle-dashed",
        Phase.AWAITING_PAYMENT: "wallet",
        Phase.PAID: "arrow-right",
        Phase.PROCURING: "store",
        Phase.INBOUND: "truck",
        Phase.AT_WAREHOUSE: "warehouse",
        Phase.PACKING: "package",
        Phase.OUTBOUND: "plane",
        Phase.ARRIVED: "map-pin",
        Phase.DELIVERED: "check",
        Phase.CLOSED: "archive",
        Phase.FAILED: "x",
    }
)


_PHASES: Mapping[str, int] = MappingProxyType({str(phase): index for index, phase in enumerate(Phase)})


def preparation(found: "Processing", language: str) -> str:
    """«Срок обработки: 2–4 рабочих дня», or what the profile calls the time, with ``{days}``."""
    if found.is_in_working_days:
        words = ngettext("%(days)s working day", "%(days)s working days", found.days)
    else:
        words = ngettext("%(days)s day", "%(days)s days", found.days)
    least = found.days_min
    said = words % {"days": f"{least}–{found.days}" if least and least < found.days else found.days}
    if found.called:
        return (found.called.get(language) or next(iter(found.called.values()))).replace("{days}", said)
    return _("Processing time: %(days)s") % {"days": said}


@dataclass(frozen=True, slots=True)
class Pill:
    """A state as word, shape and tone together."""

    tone: str
    icon: str
    word: str


@dataclass(frozen=True, slots=True)
class Way:
    """A way out of a state, for the legend."""

    label: str
    target: str
    anchor: str
    who: str


@dataclass(frozen=True, slots=True)
class Explained:
    """A state in the legend."""

    pill: Pill
    parent: str
    about: str
    anchor: str
    ways: tuple[Way, ...]
    is_final: bool
    actors: str  # who brings it on


@dataclass(frozen=True, slots=True)
class ExplainedLevel:
    """All states of a level."""

    key: str
    name: str
    states: tuple[Explained, ...]


@dataclass(frozen=True, slots=True)
class ExplainedStage:
    """A stage with its states by level: (name of the level, states)."""

    key: str
    name: str
    about: str
    groups: tuple[tuple[str, tuple[Explained, ...]], ...]


def pill_of(workflow: Workflow, state: State | None, language: str) -> Pill:
    """The look of a state; a state the profile does not know any more stands as unknown."""
    if state is None:
        return Pill("neutral", "circle-dashed", _("Unknown state"))
    icon = _ICONS[state.phase]
    if state.tone == "problem" and state.phase != Phase.FAILED:
        icon = "triangle-alert"
    if state.tone == "ok":
        icon = "check"
    return Pill(state.tone, icon, workflow.words(state.label, language))


def leads_on(workflow: Workflow, level: str, source: str, target: str | None) -> bool:
    """Whether a move goes on from a state: to the same phase or a later one.

    Giving up is no way on, nor is ending what has not been delivered.
    """
    if target is None or target == source:
        return False
    states = workflow.states(level)
    before, after = states[source].phase, states[target].phase
    gives_up = after == Phase.FAILED or (after == Phase.CLOSED and _PHASES[before] < _PHASES[Phase.DELIVERED])
    return not gives_up and _PHASES[after] >= _PHASES[before]


def named(level: str, name: str) -> str:
    """One thing with its name: «Заказ 7KQM3XF4»."""
    return str(_ONE[level]) % {"name": name}


def level_name(level: str) -> str:
    """The things of a level: «Заказы»."""
    return str(LEVELS[level])


_SIGNS: Mapping[str, str] = MappingProxyType({"KZT": "₸"})
"""Signs that everybody of the country reads, though the locales of its neighbours write the code (CLDR)."""


def amount(money: Money, language: str) -> str:
    """An amount as the reader writes it: «4 480,00 ₽». It never breaks over a line."""
    said = format_currency(money.decimal, money.currency, locale=language).replace(" ", NO_BREAK)
    return said.replace(money.currency, _SIGNS.get(money.currency, money.currency))


def who(names: tuple[str, ...]) -> str:
    """Roles in words, separated by commas."""
    return ", ".join(str(ACTORS.get(name, name)) for name in names)


def explained_levels(workflow: Workflow, language: str) -> list[ExplainedLevel]:
    """Every level with its states by phase, and who takes which way out of them."""
    return [
        ExplainedLevel(level, level_name(level), tuple(_explained(workflow, level, language)))
        for level in workflow.levels
    ]


def explained_stages(workflow: Workflow, levels: list[ExplainedLevel], language: str) -> list[ExplainedStage]:
    """The stages of the bar with the states that belong to each, level by level."""
    states = {state.anchor: state for level in levels for state in level.states}
    return [
        ExplainedStage(
            stage.key,
            workflow.words(stage.label, language),
            workflow.words(stage.about, language),
            tuple(
                (
                    level_name(level),
                    tuple(
                        states[anchor(level, key)]
                        for key in workflow.states(level)
                        if key in keys and anchor(level, key) in states
                    ),
                )
                for level, keys in stage.states.items()
            ),
        )
        for stage in workflow.stages
    ]


def anchor(level: str, state: str) -> str:
    """Where the legend explains a state."""
    return f"{level}-{state}"


def _explained(workflow: Workflow, level: str, language: str) -> Iterator[Explained]:
    known = workflow.states(level)
    for entry in legend(workflow, level, language):
        state = known[entry.state]
        parent = known[state.parent].label if state.parent else {}
        yield Explained(
            pill=pill_of(workflow, state, language),
            parent=workflow.words(parent, language),
            about=entry.about,
            anchor=anchor(level, entry.state),
            ways=tuple(
                Way(
                    way.label,
                    way.target_label,
                    anchor(level, way.target) if way.target else "",
                    who(tuple(role for role in ACTORS if role in way.roles)),
                )
                for way in entry.ways
                if not way.is_correction
            ),
            is_final=entry.is_final,
            actors=_actors(role for way in entry.ways if not way.is_correction for role in way.roles),
        )


def _actors(acting: Iterable[str]) -> str:
    """People and machines that act in a state, each once. What a move of something else takes along is no actor."""
    found = set(acting) - {"system"}
    return who(tuple(role for role in ACTORS if role in found))
