"""A table out of a file somebody sent: CSV in the encodings and separators spreadsheets write, or XLSX.

Files are untrusted: bytes, unpacked bytes, rows, columns and the length of a cell have limits, formulas are refused
rather than evaluated, and a number that a spreadsheet has rounded is refused rather than guessed.

Sources: RFC 4180 for CSV; ECMA-376 for XLSX, which is a ZIP of XML.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

FILE_BYTES_MAX = 5_000_000
UNPACKED_BYTES_MAX = 50_000_000
ROWS_MAX = 1000
COLUMNS_MAX = 60
CELL_LENGTH_MAX = 4000
EXACT_MAX = 10**15
"""Spreadsheets keep fifteen digits of a number; a longer one has been rounded already."""

_ZIP = b"PK\x03\x04"
_ENCODINGS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SEPARATORS = ";,\t|"
FORMULA, ROUNDED, TOO_LONG = "formula", "rounded", "too_long"


class WrongFile(ValueError):
    """The file is no table. ``reason``: too_large, too_many_rows, too_many_columns, empty, unreadable, encoding,
    column_twice, unknown_column, missing_column; the message says it to a person."""

    def __init__(self, reason: str, words: str) -> None:
        super().__init__(words)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Line:
    """One row. ``number`` is its line in the file; ``problem`` and ``column`` say why it cannot be used."""

    number: int
    cells: dict[str, str]
    problem: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows under a header; cells that are empty are left out."""

    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    encoding: str


def read(content: bytes) -> Sheet:
    """The table in a file. Raises WrongFile."""
    if len(content) > FILE_BYTES_MAX:
        raise WrongFile("too_large", f"The file has more than {FILE_BYTES_MAX // 1_000_000} MB.")
    if not content.strip():
        raise WrongFile("empty", "The file is empty.")
    if content.startswith(_ZIP):
        return _sheet(_xlsx_rows(content), "xlsx")
    text, encoding = _decoded(content)
    return _sheet(_csv_rows(text), encoding)


def _sheet(rows: Iterable[tuple[int, Sequence[Any]]], encoding: str) -> Sheet:
    filled = ((number, cells) for number, cells in rows if any(cell not in ("", None) for cell in cells))
    header = next(filled, None)
    if header is None:
        raise WrongFile("empty", "The file is empty.")
    columns = _columns(header[1])
    lines: list[Line] = []
    for number, cells in filled:
        if len(lines) == ROWS_MAX:
            raise WrongFile("too_many_rows", f"The file has more than {ROWS_MAX} rows: send it in parts.")
        lines.append(_line(number, columns, cells))
    return Sheet(columns, tuple(lines), encoding)


def _columns(header: Sequence[Any]) -> tuple[str, ...]:
    names = [re.sub(r"[\s-]+", "_", str(cell or "").strip().lower()) for cell in header]
    while names and not names[-1]:
        names.pop()
    if len(names) > COLUMNS_MAX:
        raise WrongFile("too_many_columns", f"The file has more than {COLUMNS_MAX} columns.")
    if twice := next((name for name in names if name and names.count(name) > 1), ""):
        raise WrongFile("column_twice", f"The column {twice[:40]} is there twice.")
    return tuple(names)


def _line(number: int, columns: tuple[str, ...], cells: Sequence[Any]) -> Line:
    found: dict[str, str] = {}
    for index, cell in enumerate(cells):
        name = columns[index] if index < len(columns) else ""
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            continue
        if not name:
            return Line(number, {}, "no_header", f"column {index + 1}")
        text, problem = _text(cell)
        if problem:
            return Line(number, {}, problem, name)
        found[name] = text
    return Line(number, found)


def _text(cell: Any) -> tuple[str, str]:
    """A cell as text, or what is wrong with it."""
    match cell:
        case bool():
            return ("true" if cell else "false"), ""
        case datetime():
            return cell.date().isoformat(), ""
        case date():
            return cell.isoformat(), ""
        case int() | float():
            if abs(cell) >= EXACT_MAX:
                return "", ROUNDED
            return str(int(cell) if float(cell).is_integer() else cell), ""
    text = str(cell).strip()
    if text.startswith("="):
        return "", FORMULA
    return (text, "") if len(text) <= CELL_LENGTH_MAX else ("", TOO_LONG)


# --- CSV ------------------------------------------------------------------------------------------------------


def _decoded(content: bytes) -> tuple[str, str]:
    """The text and its encoding: by its mark, else UTF-8, else the Cyrillic one of older spreadsheets."""
    marked = next((name for mark, name in _ENCODINGS if content.startswith(mark)), "")
    for encoding in [marked] if marked else ["utf-8", "cp1251"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text.removeprefix("\ufeff"), encoding
    raise WrongFile("encoding", "The file is no text: save it as CSV in UTF-8, or as XLSX.")


def _csv_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    named = _SEPARATOR_NAMED.match(text)
    separator = named[1] if named else _separator(text)
    reader = csv.reader(io.StringIO(text[named.end() :] if named else text, newline=""), delimiter=separator)
    before = 1 if named else 0
    try:
        for row in reader:
            if len(row) > COLUMNS_MAX * 4:
                raise WrongFile("too_many_columns", f"The file has more than {COLUMNS_MAX} columns.")
            # A row in quotes may span lines; people look for the line where it ends.
            yield reader.line_num + before, row
    except csv.Error as problem:
        raise WrongFile("unreadable", f"Line {reader.line_num + before} cannot be read: {problem}.") from None


def _separator(text: str) -> str:
    """What parts the names of the first line that is not empty; quoted ones do not count."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    plain = re.sub(r'"[^"]*"', "", header)
    return max(_SEPARATORS, key=lambda sign: (plain.count(sign), -_SEPARATORS.index(sign)))


_SEPARATOR_NAMED = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


# --- XLSX -----------------------------------------------------------------------------------------------------


def _xlsx_rows(content: bytes) -> Iterator[tuple[int, list[Any]]]:
    """The rows of the first sheet. Formulas come as their text, never as what they once gave."""
    import openpyxl  # type: ignore[import-untyped]  # slow to load, and most processes read no spreadsheet

    _refuse_bombs(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its size need not be true
        for number, cells in enumerate(sheet.iter_rows(max_col=COLUMNS_MAX + 1, values_only=True), start=1):
            yield number, list(cells)
    except WrongFile:
        raise
    except (zipfile.BadZipFile, *_BROKEN) as problem:
        raise WrongFile("unreadable", f"The spreadsheet cannot be read: {problem!s:.100}.") from None


_BROKEN = (KeyError, ValueError, IndexError, TypeError, AttributeError, SyntaxError, OSError, EOFError)
"""What the reader of spreadsheets raises for files that are none; ElementTree's ParseError is a SyntaxError."""


def _refuse_bombs(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as problem:
        raise WrongFile("unreadable", f"The spreadsheet cannot be read: {problem!s:.100}.") from None
    if unpacked > UNPACKED_BYTES_MAX:
        raise WrongFile("too_large", "The spreadsheet is too large once it is unpacked.")
