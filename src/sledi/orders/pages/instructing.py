"""How orders go, as an instruction: stage by stage which statuses there are, who sets each, and what is mandatory.

It is made of the profile at every reading, so it cannot tell of another one than the one that decides.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sledi.core.workflow import Field, Stage, Transition, Workflow
from sledi.orders import showing


@dataclass(frozen=True, slots=True)
class Setting:
    """A move that sets a status: what it is called, whose it is, and the fields it asks for."""

    label: str
    who: str
    mandatory: tuple[str, ...]
    recommended: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """A status of a stage."""

    pill: showing.Pill
    about: str
    anchor: str
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A stage, with its statuses by level."""

    key: str
    name: str
    about: str
    levels: tuple[tuple[str, tuple[Status, ...]], ...]


def chapters(workflow: Workflow, language: str) -> list[Chapter]:
    """The stages of a profile in their order, in a language."""
    return [_chapter(workflow, stage, language) for stage in workflow.stages]


def _chapter(workflow: Workflow, stage: Stage, language: str) -> Chapter:
    levels = (
        (showing.level_name(level), tuple(_statuses(workflow, level, keys, language)))
        for level, keys in stage.states.items()
    )
    return Chapter(
        stage.key,
        workflow.words(stage.label, language),
        workflow.words(stage.about, language),
        tuple((name, statuses) for name, statuses in levels if statuses),
    )


def _statuses(workflow: Workflow, level: str, keys: frozenset[str], language: str) -> Iterator[Status]:
    for key, state in workflow.states(level).items():
        if key in keys:
            yield Status(
                pill=showing.pill_of(workflow, state, language),
                about=workflow.words(state.about, language),
                anchor=showing.anchor(level, key),
                settings=tuple(_settings(workflow, level, key, language)),
            )


def _settings(workflow: Workflow, level: str, key: str, language: str) -> Iterator[Setting]:
    """The moves into a status. Corrections of mistakes are no part of the way."""
    for move in workflow.transitions(level).values():
        if move.target == key and not move.is_correction:
            yield Setting(
                label=workflow.words(move.label, language),
                who=showing.who(tuple(role for role in showing.ACTORS if role in move.roles)),
                mandatory=_names(workflow, move, language, lambda field: not field.is_optional),
                recommended=_names(workflow, move, language, lambda field: field.is_recommended),
            )


def _names(
    workflow: Workflow, move: Transition, language: str, is_meant: Callable[[Field], bool]
) -> tuple[str, ...]:
    return tuple(workflow.words(field.label, language) for field in move.fields if is_meant(field))
