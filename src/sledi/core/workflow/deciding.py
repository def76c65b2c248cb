"""Executes the table: what is possible, what a move leads to, what follows for levels that nobody sets.

Everything asks the same transitions, so a button that is shown is a move that is done, and the reverse.
"""

from collections import ChainMap
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import cel

from sledi.core.workflow import fields
from sledi.core.workflow.contexts import ELSEWHERE, IMPORT_BANS
from sledi.core.workflow.expressions import Expression, Unevaluable, scope_of
from sledi.core.workflow.model import Effect, Guard, Progress, SettingName, Timer, Transition, Words, Workflow
from sledi.core.workflow.refusals import BLANK, Refused, filled, words


@dataclass(frozen=True, slots=True)
class Possible:
    """A move that a role may do in a state, and the guards that still stand in its way."""

    transition: Transition
    refusals: tuple[Refused, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether asking for it does something: itself, or what the profile has done instead."""
        return all(refusal.otherwise for refusal in self.refusals[:1])


@dataclass(frozen=True, slots=True)
class Decision:
    """A move that is to be done: the state it leads to, the clean input, and what else happens.

    ``effects`` have their final parameters; the index in it makes each idempotent. ``supplied`` has only what was
    supplied, money in minor units.
    """

    transition: Transition
    target: str
    supplied: Mapping[str, fields.Value]
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Progressed:
    """ "2 of 3": ``words`` have both numbers filled in. ``notice`` is the rule for which the done ones wait.

    ``of`` is what is counted, ``missing`` the numbers of those that are not done, where the context has numbers.
    """

    done: int
    all: int
    words: Words
    notice: Words = field(default_factory=dict)
    of: str = ""
    missing: tuple[str, ...] = ()


def possible_actions(
    workflow: Workflow, level: str, state: str, role: str, context: Mapping[str, Any] | None = None
) -> list[Possible]:
    """The moves of ``level`` open to ``role`` in ``state`` ("" = not there yet), in the profile's order.

    With a context, the guards that need no input are tried, and what they refuse is told. Raises KeyError for a
    level the profile has not.
    """
    found = [
        transition
        for transition in workflow.transitions(level).values()
        if role in transition.roles and transition.starts_in(state)
    ]
    if context is None:
        return [Possible(transition) for transition in found]
    tried = {one.name: [guard for guard in one.guards if not guard.needs_input] for one in found}
    scope = _Scope(workflow, (guard for guards in tried.values() for guard in guards), context)
    return [Possible(one, tuple(scope.refusals(tried[one.name]))) for one in found]


def decide(
    workflow: Workflow,
    level: str,
    name: str,
    *,
    state: str,
    role: str,
    supplied: Mapping[str, Any],
    context: Mapping[str, Any],
) -> Decision:
    """One move of an entity in ``state``, asked for by ``role``; nothing is changed here.

    ``context`` are the plain values of ``contexts`` for the level, without ``input``; settings that a business
    has not changed may be left out. Raises Refused, and nothing else, whatever was supplied.
    """
    transition = _allowed(workflow, level, name, state, role)
    cleaned = fields.clean(transition.fields, supplied, _currency(context))
    # Laid over the context, not copied into it: what the rules do not look at is never made.
    on_top = {"input": fields.complete(transition.fields, cleaned)}
    whole = ChainMap(on_top, _beneath(context), {ELSEWHERE: [], IMPORT_BANS: []})
    scope = _Scope(workflow, transition.guards, whole, _rules_of(transition.effects))
    for refusal in scope.refusals(transition.guards):
        raise refusal
    return Decision(
        transition=transition,
        target=state if transition.target is None else transition.target,
        supplied=cleaned,
        effects=scope.resolved(transition.effects),
    )


def struck(workflow: Workflow, timer: Timer, *, state: str, context: Mapping[str, Any]) -> Decision | None:
    """What is to be done with an entity in ``state`` whose ``timer`` is due, as a move that leaves the state.

    None when the timer does not run in that state, or its ``unless`` holds. Raises Refused (guard_error).
    """
    if state not in timer.states or (timer.unless and holds(workflow, timer.unless, context)):
        return None
    scope = _Scope(workflow, (), context, _rules_of(timer.effects))
    transition = Transition(
        name=timer.name,
        level=timer.level,
        sources=timer.states,
        target=None,
        trigger="timer",
        on=(),
        roles=frozenset({"timer"}),
        label=timer.label,
        effects=timer.effects,
    )
    return Decision(transition, state, {}, scope.resolved(timer.effects))


def derived_state(workflow: Workflow, level: str, context: Mapping[str, Any]) -> str:
    """The state that follows from an entity's children: the first rule that holds.

    A rule that cannot be evaluated counts as not holding; the last one always holds, so there is always a state.
    Raises KeyError for a level that is not derived.
    """
    rules = workflow.derivations[level]
    scope = _Scope(workflow, (), context, [rule.when for rule in rules])
    return next((rule.state for rule in rules if scope.holds(rule.when)), rules[-1].state)


def progress(workflow: Workflow, order_context: Mapping[str, Any]) -> list[Progressed]:
    """How far an order is, in pieces: only while it is between two states, some pieces done and others not.

    Nothing done, or everything, is what the order's state says by itself.
    """
    state = order_context["order"]["state"]
    found = []
    for one in workflow.progresses.get("order", ()):
        if state in one.shown_in:
            entries = [entry for entry in order_context[f"{one.of}s"] if entry["state"] not in one.without]
            done, everything = _pieces(e for e in entries if e["state"] in one.states), _pieces(entries)
            if 0 < done < everything:
                found.append(_progressed(one, done, everything, entries))
    return found


def notices(workflow: Workflow, level: str, context: Mapping[str, Any]) -> list[tuple[Words, Words]]:
    """What the page of an entity says of it now: label and words, the settings they name filled in.

    Blanks with the name of a timer stay: whoever reads its day fills it in. A notice whose rule cannot be evaluated is
    not told, nor one that would name an empty setting.
    """
    known = workflow.notices_by_level.get(level, ())
    scope = _Scope(workflow, (), context, [notice.when for notice in known])
    chosen = {key: str(value) for key, value in scope.settings().items()}
    chosen = {**{name: f"{{{name}}}" for name in workflow.timers(level)}, **chosen}
    told = [notice for notice in known if scope.holds(notice.when)]
    return [
        (notice.label, {language: filled(text, language, chosen) for language, text in notice.words.items()})
        for notice in told
        if all(chosen[blank] for text in notice.words.values() for blank in BLANK.findall(text))
    ]


def holds(workflow: Workflow, rule: Expression, context: Mapping[str, Any]) -> bool:
    """Whether a rule (a timer's ``unless``) holds; one that cannot be evaluated does not."""
    return _Scope(workflow, (), context, [rule]).holds(rule)


def visible_states(workflow: Workflow, level: str, role: str) -> frozenset[str] | None:
    """The states in which ``role`` sees an entity of ``level``; None = in all of them."""
    seen = workflow.visibility.get(role)
    return seen.states.get(level) if seen else None


def export(workflow: Workflow) -> list[tuple[str, str, str, str, frozenset[str]]]:
    """The table as plain rows, for an independent interpreter to be compared with: level, source, name, target, roles.

    The source "" is nothing yet; a move that leaves the state has its source as target.
    """
    return [
        (level, source, move.name, source if move.target is None else move.target, move.roles)
        for level in workflow.levels
        for move in workflow.transitions(level).values()
        for source in sorted(move.sources) or [""]
    ]


def _allowed(workflow: Workflow, level: str, name: str, state: str, role: str) -> Transition:
    """The transition. Raises Refused: unknown_move, wrong_role, wrong_state; the role learns no state."""
    transition = workflow.transitions_by_level.get(level, {}).get(name)
    if transition is None:
        raise Refused("unknown_move", words=words("unknown_move"))
    if role not in transition.roles:
        raise Refused("wrong_role", words=words("wrong_role"))
    if not transition.starts_in(state):
        raise out_of_state(workflow, transition, state)
    return transition


def out_of_state(workflow: Workflow, transition: Transition, state: str) -> Refused:
    """Why a move does not begin in a state: the state, and those in which it does, in words."""
    known = workflow.states(transition.level)
    if state not in known or not transition.sources:
        return Refused("wrong_state", words=words("wrong_state"))
    sources = [one.label for key, one in known.items() if key in transition.sources]
    said = words(
        "out_of_state",
        state=known[state].label,
        states={
            language: ", ".join(_quoted(workflow.words(label, language), language) for label in sources)
            for language in workflow.languages
        },
    )
    return Refused("wrong_state", words=said)


def _quoted(text: str, language: str) -> str:
    before, after = _QUOTES.get(language, ("«", "»"))
    return f"{before}{text}{after}"


_QUOTES: Mapping[str, tuple[str, str]] = {"bg": ("„", "“"), "en": ("“", "”")}


class _Scope:
    """The values that a few rules need, converted once and only when the first rule is tried."""

    def __init__(
        self,
        workflow: Workflow,
        guards: Iterable[Guard],
        context: Mapping[str, Any],
        others: Sequence[Expression] = (),
    ) -> None:
        self._workflow = workflow
        self._context = context
        self._expressions = [*(guard.rule for guard in guards), *others]
        self._values: cel.Context | None = None

    def refusals(self, guards: Iterable[Guard]) -> Iterable[Refused]:
        """What each guard that does not hold says, one at a time."""
        for guard in guards:
            try:
                if not guard.rule.holds(self.values):
                    yield self._refusal(guard)
            except Unevaluable as problem:
                yield _unchecked(guard.name, problem)

    def holds(self, rule: Expression) -> bool:
        try:
            return rule.holds(self.values)
        except Unevaluable:
            return False

    def resolved(self, effects: Iterable[Effect]) -> tuple[Effect, ...]:
        """Those effects whose ``when`` holds, with numbers in place of rules and settings.

        Raises Refused (guard_error).
        """
        return tuple(
            Effect(
                effect.name, {key: self._number(effect, value) for key, value in effect.parameters.items()}
            )
            for effect in effects
            if self._is_meant(effect)
        )

    def _is_meant(self, effect: Effect) -> bool:
        try:
            return effect.when is None or effect.when.holds(self.values)
        except Unevaluable as problem:
            raise _unchecked(effect.name, problem) from None

    @property
    def values(self) -> cel.Context:
        """Raises Unevaluable when the context has a value that rules cannot have."""
        if self._values is None:
            self._values = self._converted(self._expressions)
        return self._values

    def _converted(
        self, expressions: Sequence[Expression], shown: frozenset[str] = frozenset()
    ) -> cel.Context:
        chosen = ChainMap({"settings": self.settings()}, _beneath(self._context))
        return scope_of(expressions, chosen, self._workflow.empty_fields, shown)

    def settings(self) -> dict[str, Any]:
        """Every setting, as the business has it."""
        chosen = self._context.get("settings")
        return self._workflow.settings_with(chosen if isinstance(chosen, Mapping) else {})

    def _refusal(self, guard: Guard) -> Refused:
        listed = self._listed(guard)
        blanks = {"missing": ", ".join(listed)}
        said = {language: filled(text, language, blanks) for language, text in guard.words.items()}
        return Refused(
            "guard",
            guard=guard.name,
            words=said or words("guard"),
            listed=listed,
            otherwise=guard.otherwise,
        )

    def _listed(self, guard: Guard) -> list[str]:
        """The children in the way, by number and name. Raises Unevaluable.

        They are converted only for a refusal: names would make every other evaluation dearer.
        """
        if guard.missing is None:
            return []
        children = guard.missing.evaluate(self._converted([guard.missing], _SHOWN))
        if not isinstance(children, list):
            raise Unevaluable(f"{children!r:.80} is no list")
        return [_called(child) for child in children]

    def _number(self, effect: Effect, value: Any) -> Any:
        """A parameter of an effect: a rule or a setting's name becomes its value."""
        if isinstance(value, Expression):
            return self._share(effect, value)
        if isinstance(value, SettingName):
            return self.settings()[value.key]
        return value

    def _share(self, effect: Effect, rule: Expression) -> int:
        try:
            share = rule.evaluate(self.values)
            if not isinstance(share, int) or isinstance(share, bool) or not 0 <= share <= 1000:
                raise Unevaluable(f"{share!r:.80} is no share per mille")
        except Unevaluable as problem:
            raise _unchecked(effect.name, problem) from None
        return share


def _unchecked(name: str, problem: Unevaluable) -> Refused:
    return Refused("guard_error", guard=name, words=words("guard_error"), detail=str(problem))


def _rules_of(effects: Iterable[Effect]) -> list[Expression]:
    return [rule for effect in effects for rule in effect.rules]


def _beneath(context: Mapping[str, Any]) -> MutableMapping[str, Any]:
    """A context as a layer of a ChainMap, which reads it and never writes to it."""
    return cast("MutableMapping[str, Any]", context)


def _called(child: Any) -> str:
    if not isinstance(child, Mapping):
        return str(child)
    return " ".join(str(child[key]) for key in ("number", "name") if child.get(key))


_SHOWN = frozenset({"number", "name"})


def _currency(context: Mapping[str, Any]) -> str:
    """The currency of the order, else of the account; "" when neither is there, which no amount fits."""
    for name in ("order", "account"):
        entity = context.get(name)
        if isinstance(entity, Mapping) and entity.get("currency"):
            return str(entity["currency"])
    return ""


def _pieces(entries: Iterable[Mapping[str, Any]]) -> int:
    return sum(entry.get("quantity", 1) for entry in entries)


def _progressed(
    one: Progress, done: int, everything: int, entries: Iterable[Mapping[str, Any]]
) -> Progressed:
    blanks = {"done": str(done), "all": str(everything)}
    said = {language: filled(text, language, blanks) for language, text in one.label.items()}
    missing = [entry["number"] for entry in entries if entry["state"] not in one.states and "number" in entry]
    return Progressed(done, everything, said, one.notice, one.of, tuple(missing))
