"""One workflow engine for every kind of business: a profile's table decides, nothing here knows which profile it is.

    load(document, lines=, source=)   a profile's document -> Workflow; raises FaultyProfile with every fault at once
    faults(document, lines=, source=) the same, as a list
    possible_actions(...)             what a role may do in a state, and what still stands in the way
    decide(...)                       one move: what it leads to, with cleaned input; raises Refused
    derived_state(...)                the state of a level that nobody sets
    progress(...)                     "2 of 3"
    notices(...)                      what a page says while a rule holds
    due_at(...)                       when a timer is due
    struck(...)                       what it does then, unless its ``unless`` lets it be
    visible_states(...)               in which states a role sees an entity
    diagram(...), legend(...)         the same table for people

Pure: no clock, no database. A caller brings the context (plain values, see ``contexts``), the moment and the input.

Where things are, in the order of reading: ``model`` says what a workflow is; ``deciding`` executes it;
``fields`` cleans input; ``expressions`` evaluates CEL; ``refusals`` says no in five languages; ``document``,
``reading`` and ``checks`` turn a document into a workflow; ``vocabulary``, ``contexts`` and ``effects`` are the
closed lists a profile chooses from.
"""

from sledi.core.workflow.deciding import (
    Decision,
    Possible,
    decide,
    derived_state,
    export,
    holds,
    notices,
    out_of_state,
    possible_actions,
    progress,
    struck,
    visible_states,
)
from sledi.core.workflow.diagram import diagram, legend
from sledi.core.workflow.due import due_at
from sledi.core.workflow.model import (
    Derivation,
    Effect,
    Field,
    Guard,
    Level,
    Paper,
    Progress,
    Setting,
    Stage,
    State,
    Timer,
    Transition,
    Words,
    Workflow,
)
from sledi.core.workflow.reading import Fault, FaultyProfile, faults, load
from sledi.core.workflow.refusals import Refused

__all__ = [
    "Decision",
    "Derivation",
    "Effect",
    "Fault",
    "FaultyProfile",
    "Field",
    "Guard",
    "Level",
    "Paper",
    "Possible",
    "Progress",
    "Refused",
    "Setting",
    "Stage",
    "State",
    "Timer",
    "Transition",
    "Words",
    "Workflow",
    "decide",
    "derived_state",
    "diagram",
    "due_at",
    "export",
    "faults",
    "holds",
    "legend",
    "load",
    "notices",
    "out_of_state",
    "possible_actions",
    "progress",
    "struck",
    "visible_states",
]
