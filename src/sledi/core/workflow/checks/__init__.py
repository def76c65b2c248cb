"""Every static check of a profile. Each yields what it finds; none stops the others.

levels    kinds, states, parents, phases, the initial state
reach     every state can be entered, and left towards an end; derive rules are total
moves     sources, targets, roles, triggers, corrections
fields    types, limits, columns and flags; settings
effects   names and parameters
timers    anchors, lengths, calendars, what they fire
documents what is printed: templates, who, when, and the facts they take
pages     progress, stages, visibility
words     everything is said in every language of the profile
rules     every CEL expression compiles, knows its names, and yields what is asked of it
"""

from sledi.core.workflow.checks import (
    documents,
    effects,
    fields,
    levels,
    moves,
    pages,
    reach,
    rules,
    timers,
    words,
)
from sledi.core.workflow.document import Draft
from sledi.core.workflow.faulty import Found

_CHECKS = (
    levels.check,
    reach.check,
    moves.check,
    fields.check,
    effects.check,
    timers.check,
    documents.check,
    pages.check,
    words.check,
    rules.check,
)


def check(draft: Draft, found: Found) -> None:
    """Adds every fault of the draft to ``found``."""
    for one in _CHECKS:
        for path, rule, said in one(draft):
            found.add(path, rule, said)
