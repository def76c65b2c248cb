"""Where the numbers are in a pasted text: a chat message, a label, a link, a table, a list.

    text    is cut into lines;
    line    into links, telephones, dates, and cells between commas and other marks no number contains;
    cell    is one number in groups ("RR 123 456 785 CN"), several numbers, or a sentence with numbers in it;
    word    is a number, may be one, or is none.

A figure that is alone on its line is taken whatever it looks like; in a sentence it has to look like a number:
of "order 55021 sent by 9400111206213400000000" only the second is one. What might have been a number and was
not taken is reported, never lost. Each step looks at a character a bounded number of times, so the work grows
with the length of the text and no faster.
"""

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple
from urllib.parse import unquote

from sledi.core.numbers.answer import Check
from sledi.core.numbers.catalogue import candidates_of, is_known
from sledi.core.numbers.cleaning import by_look, fold
from sledi.core.numbers.mistakes import LONGEST, comes_near
from sledi.core.numbers.reading import Meant, meant_by

_LONGEST_WRITTEN = 3 * LONGEST  # with separators and all
_SHORTEST = 5
_MOST_LETTERS = (
    6  # standing apart from the digits, as in RR ... CN or CNUSUP ...; more are words of a sentence
)
_SHORTEST_IN_SENTENCE = 10  # shorter figures in a sentence are prices, years, orders


class Kind(Enum):
    NUMBER = auto()
    UNSURE = auto()  # could be a number: a person has to say so
    PHONE = auto()
    WORD = auto()


class Piece(NamedTuple):
    """A part of the text. ``meant`` is the number, for pieces that are one."""

    kind: Kind
    text: str
    meant: Meant = Meant("")


_LINK = r"(?:https?://|www\.)[^\s<>\"']+"
_PHONE = (
    r"(?<![\w+])(?:"
    r"\+ ?[0-9][0-9 ()./-]{6,18}[0-9]"  # a leading plus means a telephone
    r"|[78][ -]?\(?[0-9]{3}\)?[ -]?[0-9]{3}[ -][0-9]{2}[ -][0-9]{2}"
    r"|\([0-9]{3,5}\)[ -]?[0-9]{2,3}[ -][0-9]{2}[ -][0-9]{2}"
    r")(?!\w)"
)
_MONTH, _DAY = r"(?:1[0-2]|0?[1-9])", r"(?:[12][0-9]|3[01]|0?[1-9])"
_DATE = (
    rf"(?<![\w-])(?:(?:19|20)[0-9]{{2}}[-./]{_MONTH}[-./]{_DAY}|{_DAY}[-./]{_MONTH}[-./](?:20)?[0-9]{{2}})"
    r"(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?(?![\w-])"
)
_NOT_NUMBERS = re.compile(f"(?P<link>{_LINK})|(?P<phone>{_PHONE})|(?P<date>{_DATE})")

# Marks that stand between numbers and never inside one.
_BETWEEN = re.compile(r"[\t,;|:=，；、：…]+")
# Letters and digits that may be part of a number; Chinese text around it is not.
_ATOM = re.compile(r"[0-9A-Za-z\u0370-\u052F]+")
_LATIN = re.compile(r"[0-9A-Za-z]+")
_DIGIT = re.compile(r"[0-9]")
# Numbers in groups inside a sentence. Every alternative is bounded, so no text makes the search slow.
_IN_GROUPS = re.compile(
    r"(?<![0-9A-Z])(?:"
    r"[A-Z]{2}[ -]?(?:[0-9][ -]?){9}[A-Z]{2}"  # UPU S10
    r"|1Z(?:[ -]?[0-9A-Z]){16}"  # UPS
    r"|[0-9]{2,34}(?:[ -][0-9]{1,20}){1,12}"  # digits
    r")(?![0-9A-Z])",
    re.IGNORECASE,
)
# Links end in all kinds of digits (an article, a user); a tracking page says what it is.
_TRACKING_LINK = re.compile(
    r"track|trace|parcel|barcode|awb|waybill|shipment|nums?=|otslezh|posyl|pratk", re.IGNORECASE
)
# How people in our countries write a telephone without its plus; alone on a line it may still be a number.
_BARE_PHONE = re.compile(r"[78][0-9]{10}|(?:380|375|359)[0-9]{9}").fullmatch


def pieces(text: str) -> Iterator[Piece]:
    """Every number, telephone and word of ``text``, in its order."""
    for line in text.splitlines():
        if line.isascii() and line.isalnum():  # a number a line is by far the commonest paste
            yield _piece(line, alone=True)
        else:
            yield from _line(line)


def _line(line: str) -> Iterator[Piece]:
    parts = list(_parts(line))
    for part in parts:
        if isinstance(part, str):
            yield from _cell(part, alone=len(parts) == 1)
        elif part.lastgroup == "link":
            yield from _link(part[0])
        else:
            yield Piece(Kind.PHONE if part.lastgroup == "phone" else Kind.WORD, part[0])


def _parts(line: str) -> Iterator[str | re.Match[str]]:
    """The cells of a line, and between them the matches of what is certainly no number."""
    end = 0
    for other in _NOT_NUMBERS.finditer(line):
        yield from _cells(line[end : other.start()])
        yield other
        end = other.end()
    yield from _cells(line[end:])


def _cells(text: str) -> Iterator[str]:
    if "\t" in text and _one_number(text, text.split()):  # one number, its groups in columns of a table
        return iter((text,))
    return (cell for cell in _BETWEEN.split(text) if cell and not cell.isspace())


def _link(link: str) -> Iterator[Piece]:
    """The numbers a link carries. One that does not speak of tracking must be sure of its number."""
    says_tracking = _TRACKING_LINK.search(link) is not None
    is_held = _stands_by_itself if says_tracking else _is_sure
    parts = ((part, _meant_by(part)) for part in re.split(r"[/?&#=;,]", unquote(link)))
    held = [Piece(Kind.NUMBER, part, meant) for part, meant in parts if is_held(meant)]
    yield from held or [Piece(Kind.WORD, link)]


def _cell(cell: str, *, alone: bool) -> Iterator[Piece]:
    words = cell.split()
    if not _DIGIT.search(fold(cell)):
        yield from (Piece(Kind.WORD, word) for word in words)
    elif len(words) == 1:
        yield from _word(words[0], alone=alone)
    elif grouped := _one_number(cell, words):
        yield Piece(Kind.NUMBER, cell.strip(), grouped)
    else:
        yield from _sentence(fold(cell))


def _one_number(cell: str, words: list[str]) -> Meant | None:
    """The number that the words of a cell are the groups of, if they are."""
    if len(cell) > _LONGEST_WRITTEN or sum(len(word) for word in words if word.isalpha()) > _MOST_LETTERS:
        return None
    whole, single = _meant_by(cell), [_stands_by_itself(_meant_by(word)) for word in words]
    if any(single):
        # "2 1106321645" is a quantity and a number; "00 123456789012345675" is one number after all.
        return whole if _is_sure(whole) and not all(single) else None
    return whole if _is_recognised(whole) else None


def _sentence(text: str) -> Iterator[Piece]:
    """Numbers in groups first, then word by word what is between them."""
    end = 0
    for group in _IN_GROUPS.finditer(by_look(text)):
        written = text[group.start() : group.end()]
        meant = _meant_by(written)
        if _is_checked(meant) or (written[:2].isalpha() and written.isupper() and is_known(meant.number)):
            yield from _words(text[end : group.start()])
            yield Piece(Kind.NUMBER, written, meant)
            end = group.end()
    yield from _words(text[end:])


def _words(text: str) -> Iterator[Piece]:
    for word in text.split():
        yield from _word(word, alone=False)


def _word(word: str, *, alone: bool) -> Iterator[Piece]:
    """A word as a whole, or the parts that punctuation and other scripts cut it into."""
    if len(word) < _SHORTEST or not _DIGIT.search(fold(word)):
        yield Piece(Kind.WORD, word)
        return
    whole = _piece(word, alone=alone)
    if _is_recognised(whole.meant):
        yield whole
        return
    parts = [part for atom in _ATOM.findall(fold(word)) for part in _unstuck(atom)]
    if parts == [word] or (whole.meant.number.isalnum() and not any(map(_is_number, parts))):
        yield whole
    else:
        for part in parts:
            yield _piece(part, alone=alone and len(parts) == 1)


def _is_number(word: str) -> bool:
    return _is_recognised(_meant_by(word))


def _unstuck(atom: str) -> list[str]:
    """The Latin part of "трекRR123456785CN" where that is a number, else the atom as it is."""
    runs = (run for run in _LATIN.findall(atom) if run != atom)
    return [run for run in runs if _is_number(run)] or [atom]


def _piece(word: str, *, alone: bool) -> Piece:
    """What a single word is, going by the number it was meant to be."""
    meant = _meant_by(word)
    digits = len(_DIGIT.findall(meant.number))
    if not digits or len(meant.number) > LONGEST:
        return Piece(Kind.WORD, word)
    if not alone and _BARE_PHONE(meant.number):
        return Piece(Kind.PHONE, word)
    if _is_recognised(meant) or (alone and len(meant.number) >= _SHORTEST):
        return Piece(Kind.NUMBER, word, meant)
    return Piece(Kind.UNSURE if digits >= _SHORTEST else Kind.WORD, word)


def _is_recognised(meant: Meant) -> bool:
    """Whether a number is taken even from a sentence: as a known one, or one plainly meant with a slip."""
    return len(meant.number) >= _SHORTEST_IN_SENTENCE and (is_known(meant.number) or comes_near(meant.number))


def _meant_by(text: str) -> Meant:
    """The number ``text`` was meant to be; nothing where it is too long to be one, whatever stands in it."""
    return meant_by(text) if len(text) <= _LONGEST_WRITTEN else Meant("")


def _stands_by_itself(meant: Meant) -> bool:
    """Whether a number is taken wherever it stands: a known format, and too long for a price or a year."""
    return len(meant.number) >= _SHORTEST_IN_SENTENCE and is_known(meant.number)


def _is_sure(meant: Meant) -> bool:
    """Whether the number names its carrier: by a prefix of its own, or a check digit that counts."""
    return any(candidate.confirmed for candidate in candidates_of(meant.number))


def _is_checked(meant: Meant) -> bool:
    return any(
        candidate.confirmed and candidate.check is Check.PASSED for candidate in candidates_of(meant.number)
    )
