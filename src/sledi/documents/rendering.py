"""From composed sheets to a PDF: typst, our own fonts, nothing of the network or the machine.

The text of a sheet is data to the template, so no markup of it is ever read. The same sheets give the same bytes.
"""

import json
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

HERE = Path(__file__).parent
FONTS, TEMPLATES = HERE / "fonts", HERE / "typst"
MISSING = "\ufffd"
"""Stands for what the fonts do not draw: a sign of another script, a picture."""
STANDARD = "a-2a"
"""PDF/A-2a: for archives, with tags for those who have it read to them."""


def pdf(sheets: Sequence[Mapping[str, Any]], *, title: str, author: str, made_at: datetime) -> bytes:
    """The sheets one after the other, each on pages of its own. ``made_at`` is told as the moment of making."""
    given = _given(sheets, title, author)
    content: bytes = _compiled(given, made_at, "pdf", pdf_standards=[STANDARD])
    return content


def pictures(sheets: Sequence[Mapping[str, Any]], *, made_at: datetime) -> list[bytes]:
    """The same as a PNG a page, for looking at."""
    found: Any = _compiled(_given(sheets, "", ""), made_at, "png", ppi=100.0)
    return found if isinstance(found, list) else [found]


def printable(text: str) -> str:
    """What can be printed of a text: signs without a glyph are marked, those without a shape or direction leave."""
    composed = unicodedata.normalize("NFC", text.replace("\u2212", "\u2013"))
    return "".join(_drawn(sign) for sign in composed)


def _given(sheets: Sequence[Mapping[str, Any]], title: str, author: str) -> str:
    given = {"title": title, "author": author, "sheets": list(sheets)}
    return json.dumps(_every_text(given), ensure_ascii=False)


def _compiled(given: str, made_at: datetime, format: Any, **options: Any) -> Any:  # noqa: A002  typst's word
    return typst.compile(
        TEMPLATES / "print.typ",
        root=TEMPLATES,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"given": given},
        timestamp=int(made_at.timestamp()),
        format=format,
        **options,
    )


def _every_text(found: Any) -> Any:
    match found:
        case str():
            return printable(found)
        case Mapping():
            return {key: _every_text(value) for key, value in found.items()}
        case list() | tuple():
            return [_every_text(value) for value in found]
    return found


def _drawn(sign: str) -> str:
    if sign == "\n":
        return sign
    if unicodedata.category(sign) in _WITHOUT_SHAPE:
        return " " if sign == "\t" else ""
    return sign if _is_covered(ord(sign)) else MISSING


def _is_covered(point: int) -> bool:
    starts, ends = _covered()
    place = bisect_right(starts, point) - 1
    return place >= 0 and point <= ends[place]


@cache
def _covered() -> tuple[list[int], list[int]]:
    pairs = [line.split("-") for line in (FONTS / "covered.txt").read_text().split()]
    return [int(first, 16) for first, _last in pairs], [int(last, 16) for _first, last in pairs]


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])


_WITHOUT_SHAPE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"})
