"""CEL: rules compiled once, evaluated on plain values. Never Python, never ``eval``.

A context is converted to CEL's own values at every evaluation, which is what costs; so only those variables and,
of entities, only those attributes are handed over that the rules at hand can name.

Source of the language: https://github.com/google/cel-spec (Common Expression Language).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import cel

from sledi.core.numbers import detect, is_s10


class WrongExpression(ValueError):
    """A text is no CEL; the message says where."""


class Unevaluable(Exception):
    """A rule could not be evaluated on this context: a value is missing or of another type."""


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A compiled rule. ``names`` are the variables it needs, ``words`` everything it might read of a record."""

    source: str
    program: cel.Program
    names: frozenset[str]
    functions: frozenset[str]
    words: frozenset[str]

    def evaluate(self, scope: cel.Context) -> Any:
        """Its value. Raises Unevaluable."""
        try:
            return self.program.execute(scope)
        except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as problem:
            raise Unevaluable(str(problem)) from problem

    def holds(self, scope: cel.Context) -> bool:
        """Whether it is true. Raises Unevaluable, also when it is neither true nor false."""
        value = self.evaluate(scope)
        if not isinstance(value, bool):
            raise Unevaluable(f"{value!r:.80} is neither true nor false")
        return value


@lru_cache(maxsize=2048)
def compiled(source: str) -> Expression:
    """A rule's text, compiled. Raises WrongExpression."""
    try:
        program = cel.compile(source)
    except ValueError as problem:
        raise WrongExpression(_first_line(str(problem))) from problem
    bound = {match[1] for match in _BINDING.finditer(_without_texts(source))}
    functions = frozenset(name for name in program.functions() if name.isidentifier())
    words = frozenset(_WORD.findall(source)) | ({"quantity"} if "pieces" in functions else set())
    return Expression(source, program, frozenset(program.variables()) - bound, functions, words)


def scope_of(
    expressions: Iterable[Expression],
    context: Mapping[str, Any],
    records: Mapping[str, Mapping[str, Any]],
    also: frozenset[str] = frozenset(),
) -> cel.Context:
    """What ``expressions`` need of ``context``, in CEL's own values.

    ``records`` gives, for each variable that is an entity or a list of them, what an entity's ``fields`` are
    when nothing was supplied; ``also`` are attributes wanted beside those the rules name. Raises Unevaluable when
    a value is none that CEL has.
    """
    needed = tuple(expressions)
    names = frozenset().union(*(expression.names for expression in needed))
    words = frozenset().union(*(expression.words for expression in needed)) | also
    values = {
        name: _narrowed(context[name], words, records[name]) if name in records else context[name]
        for name in names
        if name in context
    }
    try:
        return cel.Context(values, FUNCTIONS)
    except (TypeError, ValueError, OverflowError) as problem:
        raise Unevaluable(str(problem)) from problem


def _narrowed(value: Any, words: frozenset[str], fields: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        kept = {key: value[key] for key in value if key in words}
        if "fields" in kept and isinstance(kept["fields"], Mapping):
            kept["fields"] = {**fields, **kept["fields"]}
        return kept
    if isinstance(value, list | tuple):
        return [_narrowed(one, words, fields) for one in value]
    return value


def number_valid(text: object) -> bool:
    """Whether a text is a tracking number that breaks no rule of its format."""
    if not isinstance(text, str):
        return False
    answer = detect(text)
    return bool(answer.candidates) and not answer.errors


def number_fits(text: object, carrier: object) -> bool:
    """Whether a number may be one of a carrier: its format is among those that fit, or none is known to fit."""
    if not isinstance(text, str):
        return False
    candidates = detect(text).candidates
    return not candidates or any(one.carrier == carrier for one in candidates)


def number_service(text: object) -> str:
    """The service letters of a UPU number (``EA``); "" for other numbers. Source: UPU S10-12 (2018)."""
    number = detect(text).normalized if isinstance(text, str) else ""
    return number[:2] if is_s10(number) else ""


def pieces(entries: object) -> int | None:
    """How many pieces a list of items has: the sum of quantities, not the number of lines.

    None where an entry has no quantity: a rule cannot compare it, so the move is refused instead of misjudged.
    """
    if not isinstance(entries, list):
        return None
    quantities = [entry.get("quantity") if isinstance(entry, dict) else None for entry in entries]
    whole = [one for one in quantities if isinstance(one, int) and not isinstance(one, bool)]
    return sum(whole) if len(whole) == len(quantities) else None


def days_between(first: object, second: object) -> int:
    """How many days the date ``second`` is after ``first``; 0 where one of them is none."""
    try:
        return (date.fromisoformat(str(second)) - date.fromisoformat(str(first))).days
    except ValueError:
        return 0


# Total, because the library prints what a function raises. A plain dict, because it takes no other mapping.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "number_valid": number_valid,
    "number_fits": number_fits,
    "number_service": number_service,
    "pieces": pieces,
    "days_between": days_between,
}
BUILT_IN = frozenset({"size", "contains", "startsWith", "endsWith", "matches", "int", "string", "has"})
"""The functions of CEL itself that rules may use; no ``double``: money and counts are whole numbers."""

MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})

_WORD = re.compile(r"[A-Za-z_]\w*")
_TEXT = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*\"""")
_BINDING = re.compile(r"\.\s*(?:all|exists|exists_one|filter|map)\s*\(\s*([A-Za-z_]\w*)\s*,")


def _without_texts(source: str) -> str:
    return _TEXT.sub("''", source)


def _first_line(problem: str) -> str:
    """The reason without the library's drawing of the place; a parser lost in brackets repeats the source."""
    found = _PLACE.search(problem)
    return f"character {found[1]}: {found[2]:.160}" if found else problem[:160]


_PLACE = re.compile(r"ERROR: <input>:\d+:(\d+): (.*)")
