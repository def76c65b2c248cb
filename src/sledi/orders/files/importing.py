"""New orders and moves out of a file, a result for each row. A dry run checks everything and leaves nothing.

A row goes the way a button goes: the same operation, the same checks, the same words. A row that is refused holds
up no other one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from sledi.accounts.access import Access
from sledi.core.workflow import Refused
from sledi.core.workflow.refusals import words
from sledi.orders.files import sheets
from sledi.orders.files.sheets import Line, Sheet, WrongFile
from sledi.orders.moving import placing
from sledi.orders.moving.doing import Asked, OneAtATime, do_many
from sledi.orders.moving.moved import Moved
from sledi.orders.reasons import REFUSALS, Reason, Refusal, explain
from sledi.orders.refusals import NotMoved

DONE, REPEATED, REFUSED = "done", "repeated", "refused"
LEVELS = ("order", "item", "parcel", "haul", "case", "track")
MOVE_COLUMNS = ("number", "move")
OWN_COLUMNS = ("level", "number", "move", "quantity", "version")
"""Columns of a file of moves; all others are fields of the moves."""

_FACTS = {one.key for one in placing.ORDER_FIELDS_OF_STAFF}
_FACTS_OF_BOTH = ("processing_days", "marks")
_OF_ITEM = {one.key: one.key for one in placing.ITEM_FIELDS_OF_STAFF} | {
    f"item_{key}": key for key in _FACTS_OF_BOTH
}
for _key in _FACTS_OF_BOTH:
    del _OF_ITEM[_key]  # the order's; an item's has its own column
ORDER_COLUMNS = frozenset(_FACTS | set(_OF_ITEM))
ROWS_TOGETHER = 200


class Unusable(NotMoved):
    """A row of a file cannot be read. ``problem`` is sheets' word, or ``conflict``: rows of one order disagree."""

    def __init__(self, problem: str, column: str) -> None:
        super().__init__(f"{column}: {problem}")
        self.problem, self.column = problem, column


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a row: ``done``, ``repeated`` (it had been done before) or ``refused``."""

    row: int
    reference: str
    outcome: str
    number: str = ""
    moved: Moved | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The results of a file, in its order."""

    is_dry_run: bool
    encoding: str
    results: tuple[Result, ...] = field(default_factory=tuple)

    def count(self, outcome: str) -> int:
        return sum(result.outcome == outcome for result in self.results)


def import_orders(
    access: Access, content: bytes, *, at: datetime, cause: str, is_dry_run: bool = False
) -> Report:
    """Place the orders of a file: one row an item, rows with the same reference are one order.

    A reference that was imported before gives the order it gave then. Raises WrongFile.
    """
    sheet = sheets.read(content)
    what = "product" if "product" in sheet.columns else "name"
    _demand(sheet, required=("reference", what), known=ORDER_COLUMNS)
    groups: dict[str, list[Line]] = {}
    for line in sheet.lines:
        groups.setdefault(line.cells.get("reference", f"\n{line.number}"), []).append(line)
    with _tried(is_dry_run):
        results = tuple(_place(access, lines, at, cause, is_dry_run) for lines in groups.values())
    return Report(is_dry_run, sheet.encoding, results)


def import_moves(
    access: Access, content: bytes, *, at: datetime, cause: str, is_dry_run: bool = False
) -> Report:
    """Do the moves of a file, in its order; neighbours with the same move go together. Raises WrongFile."""
    sheet = sheets.read(content)
    _demand(sheet, required=MOVE_COLUMNS, known=None)
    results: list[Result] = []
    with _tried(is_dry_run):
        for (level, name), lines in groupby(sheet.lines, key=_what):
            # In a dry run one by one: what the database itself refuses at a commit is asked for after each row.
            size = 1 if is_dry_run else ROWS_TOGETHER
            rows = list(lines)
            for start in range(0, len(rows), size):
                results += _move(access, level, name, rows[start : start + size], at, cause)
                _settle(is_dry_run)
    return Report(is_dry_run, sheet.encoding, tuple(results))


def report_json(report: Report, access: Access, language: str) -> dict[str, Any]:
    """The report for programs, with reasons in a language."""
    return {
        "is_dry_run": report.is_dry_run,
        "encoding": report.encoding,
        **{outcome: report.count(outcome) for outcome in (DONE, REPEATED, REFUSED)},
        "rows": [_result_json(result, access, language) for result in report.results],
    }


def problem_json(reason: Reason) -> dict[str, Any]:
    """Why a row was refused, for programs."""
    members = reason.members()
    return {
        "type": f"/api/v1/problems#{reason.kind}",
        "title": reason.words,
        "field": reason.field,
        "reason": reason.problem,
        "guard": reason.guard,
        "listed": list(reason.listed),
        "missing": members.get("missing"),
        "version": reason.version,
    }


def explain_row(refusal: Refusal, access: Access, language: str) -> Reason:
    """As ``reasons.explain``, for what can be wrong with a row of a file, too."""
    if not isinstance(refusal, Unusable):
        return explain(refusal, access, language)
    with translation.override(language):
        said = _UNUSABLE[refusal.problem]() % {"column": refusal.column}
    return Reason(422, "wrong-field", said, field=refusal.column, problem=refusal.problem)


_UNUSABLE: Mapping[str, Callable[[], str]] = {
    sheets.FORMULA: lambda: _("The cell in the column %(column)s is a formula. Put its value there instead."),
    sheets.ROUNDED: lambda: _(
        "The spreadsheet has rounded the number in the column %(column)s. Format the cell as text and type it again."
    ),
    sheets.TOO_LONG: lambda: _("The cell in the column %(column)s is too long."),
    "no_header": lambda: _("A cell stands where the first row names no column: %(column)s."),
    "conflict": lambda: _(
        "Rows of the same order say different things in the column %(column)s. Say it once, or the same everywhere."
    ),
}


# --- orders ---------------------------------------------------------------------------------------------------


def _place(access: Access, lines: Sequence[Line], at: datetime, cause: str, is_dry_run: bool) -> Result:
    reference = lines[0].cells.get("reference", "")
    try:
        facts, items = _order_of(lines)
        with transaction.atomic():
            placed = placing.place(access, facts, items, at=at, cause=cause)
            _settle(is_dry_run)
    except REFUSALS as refusal:
        return Result(lines[0].number, reference, REFUSED, refusal=refusal)
    outcome = REPEATED if placed.is_repeat else DONE
    return Result(lines[0].number, reference, outcome, number=placed.number)


def _order_of(lines: Sequence[Line]) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The facts of an order and its items. Raises Unusable, and Refused without a reference."""
    facts: dict[str, str] = {}
    items = []
    for line in lines:
        if line.problem:
            raise Unusable(line.problem, line.column)
        for key in line.cells.keys() & _FACTS:
            if facts.setdefault(key, line.cells[key]) != line.cells[key]:
                raise Unusable("conflict", key)
        items.append({_OF_ITEM[key]: text for key, text in line.cells.items() if key in _OF_ITEM})
    if "reference" not in facts:
        said = words("missing_field", field="reference")
        raise Refused("missing_field", field="reference", words=said)
    return facts, items


# --- moves ----------------------------------------------------------------------------------------------------


def _what(line: Line) -> tuple[str, str]:
    level = line.cells.get("level", "order").lower()
    return level.removesuffix("s"), line.cells.get("move", "")


def _move(
    access: Access, level: str, name: str, lines: Sequence[Line], at: datetime, cause: str
) -> list[Result]:
    """The same move for several lines, each with its result."""
    asked: dict[int, Asked] = {}
    refused: dict[int, Refusal] = {}
    for line in lines:
        try:
            asked[line.number] = _asked(level, name, line)
        except (Refused, Unusable) as refusal:
            refused[line.number] = refusal
    moved: dict[int, Moved] = {}
    try:
        outcomes = do_many(access, level, name, list(asked.values()), at=at, cause=cause)
    except OneAtATime as refusal:
        refused |= dict.fromkeys(asked, refusal)
    else:
        for number, outcome in zip(asked, outcomes, strict=True):
            if outcome.moved is not None:
                moved[number] = outcome.moved
            elif outcome.refusal is not None:
                refused[number] = outcome.refusal
    return [_result(line, moved.get(line.number), refused.get(line.number)) for line in lines]


def _result(line: Line, moved: Moved | None, refusal: Refusal | None) -> Result:
    reference = line.cells.get("number", "")
    return Result(line.number, reference, DONE if moved else REFUSED, reference, moved, refusal)


def _asked(level: str, name: str, line: Line) -> Asked:
    """What a line asks for. Raises Unusable; Refused for an empty number, a wrong level or quantity."""
    if line.problem:
        raise Unusable(line.problem, line.column)
    for key in MOVE_COLUMNS:
        if key not in line.cells:
            raise Refused("missing_field", field=key, words=words("missing_field", field=key))
    if level not in LEVELS:
        raise Refused("unknown_move", words=words("unknown_move"))
    supplied = {key: text for key, text in line.cells.items() if key not in OWN_COLUMNS}
    return Asked(line.cells["number"], supplied, _whole(line, "quantity"), _whole(line, "version"))


def _whole(line: Line, key: str) -> int | None:
    text = line.cells.get(key, "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        said = words("wrong_field.not_whole", field=key)
        raise Refused("wrong_field", field=key, problem="not_whole", words=said)
    return int(text)


# --- around ---------------------------------------------------------------------------------------------------


def _demand(sheet: Sheet, *, required: Sequence[str], known: frozenset[str] | None) -> None:
    if missing := next((name for name in required if name not in sheet.columns), ""):
        raise WrongFile("missing_column", f"The file has no column {missing}.")
    if known is None:
        return
    if unknown := next((name for name in sheet.columns if name and name not in known), ""):
        raise WrongFile("unknown_column", f"Nobody knows a column {unknown[:40]!r} here.")


@contextmanager
def _tried(is_dry_run: bool) -> Iterator[None]:
    """Of a dry run nothing stays; others of the business wait for it meanwhile, so files have few rows."""
    if not is_dry_run:
        yield
        return
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _settle(is_dry_run: bool) -> None:
    """Have the database check now what it would check at the commit that never comes."""
    if is_dry_run:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _result_json(result: Result, access: Access, language: str) -> dict[str, Any]:
    refusal = result.refusal
    return {
        "row": result.row,
        "reference": result.reference,
        "outcome": result.outcome,
        "number": result.number,
        "to": result.moved.to_state if result.moved else "",
        "instead": (instead.words.get(language) or instead.words.get(access.business.language, ""))
        if result.moved and (instead := result.moved.instead)
        else "",
        "problem": problem_json(explain_row(refusal, access, language)) if refusal else None,
    }
