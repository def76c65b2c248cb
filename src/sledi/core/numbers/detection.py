"""The two questions everybody asks: whose number is this, and which numbers are in this text."""

import re
from collections.abc import Iterator
from itertools import islice

import msgspec

from sledi.core.numbers import s10
from sledi.core.numbers.answer import (
    Candidate,
    Detection,
    Mistake,
    Pasted,
    Remark,
)
from sledi.core.numbers.catalogue import FORMATS, candidates_of, is_telling
from sledi.core.numbers.errors import ErrorReason
from sledi.core.numbers.format import About, in_groups
from sledi.core.numbers.hints import NO_HINTS, Hints, ranked
from sledi.core.numbers.mistakes import LONGEST, check_mistakes, diagnosed
from sledi.core.numbers.paste import Kind, pieces
from sledi.core.numbers.question import question_about, which_number
from sledi.core.numbers.reading import Meant, meant_by
from sledi.core.numbers.s10 import FORMAT as S10

PASTE_LIMIT = 40  # numbers on the public page
_SEVERAL_SHOWN = 5
_LONGEST_WRITTEN = 150  # characters of a number with all its separators
_UNSURE_SHOWN = 20

_DIGIT = re.compile(r"[0-9]")
_NO_STRUCTURE = (Mistake(ErrorReason.STRUCTURE),)

# What is left of a candidate whose letters were guessed, and of the other way to read them.
_GUESSED, _INSTEAD = 0.6, 0.4


def detect(text: str, hints: Hints = NO_HINTS) -> Detection:
    """Whose number ``text`` is.

    ``text`` may be the number in any spelling, or a link, a label, a message with one number in it. Never
    raises: a text without a number, or with several, has the error ``structure`` and no candidate.
    """
    written = text.strip()
    if written.isascii() and written.isalnum():
        return _plain(text, written.upper(), hints)
    if len(text) <= _LONGEST_WRITTEN:
        meant = meant_by(text)
        candidates = candidates_of(meant.number)
        if candidates and candidates[0].confirmed and not meant.is_guess:
            return _detection(text, meant, candidates, hints)
    found = list(islice(_distinct(text), _SEVERAL_SHOWN))
    if len(found) == 1:
        return _recognised(text, found[0], hints)
    question = which_number([meant.number for meant in found]) if found else None
    return Detection(text, "", errors=_NO_STRUCTURE, question=question)


def _plain(raw: str, number: str, hints: Hints) -> Detection:
    """Nothing but letters and digits: what scanners, lists and programs send, and in great numbers."""
    candidates = candidates_of(number)
    if not is_telling(candidates):
        return _recognised(raw, meant_by(number), hints)
    if candidates[0].confirmed and hints is NO_HINTS:
        return Detection(raw, number, candidates)
    return _detection(raw, Meant(number), candidates, hints)


def find(text: str, *, limit: int = PASTE_LIMIT, hints: Hints = NO_HINTS) -> Pasted:
    """The numbers in ``text``, at most ``limit`` of them, in its order; what is beyond is counted.

    Never raises. The work grows with the length of the text and no faster.
    """
    seen: set[str] = set()
    numbers: list[Detection] = []
    unsure: dict[str, None] = {}
    beyond = duplicates = words = phones = 0
    for piece in pieces(text):
        if piece.kind is Kind.PHONE:
            phones += 1
        elif piece.kind is not Kind.NUMBER:
            words += 1
            if piece.kind is Kind.UNSURE and len(unsure) < _UNSURE_SHOWN:
                unsure[piece.text] = None
        elif piece.meant.number in seen:
            duplicates += 1
        else:
            seen.add(piece.meant.number)
            if len(numbers) < limit:
                numbers.append(_recognised(piece.text, piece.meant, hints))
            else:
                beyond += 1
    return Pasted(tuple(numbers), beyond, duplicates, words, phones, tuple(unsure))


def grouped(number: str) -> str:
    """A number in the groups in which people read it, for comparing it with a label.

    >>> grouped("RR123456785CN"), grouped("LP00123456789012"), grouped("55021")
    ('RR 123 456 785 CN', 'LP 0012 3456 7890 12', '5502 1')
    """
    candidates = candidates_of(number)
    return in_groups(number, FORMATS[candidates[0].format].groups if candidates else ())


def about(number: str) -> About | None:
    """What a compact number tells of its parcel by its leading format; None where no format fits.

    A wrong check digit does not matter here: the parcel may be followed all the same.
    """
    candidates = candidates_of(number)
    if not candidates:
        return None
    format_ = FORMATS[candidates[0].format]
    return s10.described(number) if format_ is S10 else format_.described()


def _distinct(text: str) -> Iterator[Meant]:
    seen: set[str] = set()
    for piece in pieces(text):
        if piece.kind is Kind.NUMBER and piece.meant.number not in seen:
            seen.add(piece.meant.number)
            yield piece.meant


def _recognised(raw: str, meant: Meant, hints: Hints) -> Detection:
    """All that is to be said of one number, whether or not a format knows it."""
    candidates = candidates_of(meant.number)
    if is_telling(candidates):
        return _detection(raw, meant, candidates, hints)
    if len(meant.number) > LONGEST or not _DIGIT.search(meant.number):
        return Detection(raw, "", errors=_NO_STRUCTURE)
    near, mistakes = diagnosed(meant.number)
    if candidates and mistakes == _NO_STRUCTURE:
        mistakes = ()  # the loosest rules fit, which is little to say, but no mistake
    return _detection(raw, meant, near + candidates, hints, mistakes)


def _detection(
    raw: str,
    meant: Meant,
    candidates: tuple[Candidate, ...],
    hints: Hints,
    mistakes: tuple[Mistake, ...] = (),
) -> Detection:
    number = meant.number
    if meant.is_guess:
        candidates = _guessed(candidates, meant)
    if hints is not NO_HINTS:
        candidates = ranked(candidates, number, hints)
    if candidates and not mistakes:
        mistakes = check_mistakes(candidates[0], number)
    return Detection(
        raw=raw,
        normalized=number,
        candidates=candidates,
        errors=mistakes,
        repairs=meant.repairs,
        question=question_about(candidates, meant),
    )


def _guessed(candidates: tuple[Candidate, ...], meant: Meant) -> tuple[Candidate, ...]:
    """Candidates of a number whose letters were guessed: none is confirmed, the other reading is among them."""
    present = {candidate.carrier for candidate in candidates}
    likelier = [_doubted(candidate, _GUESSED, Remark("guessed")) for candidate in candidates]
    instead = [
        _doubted(candidate, _INSTEAD)
        for candidate in candidates_of(meant.instead)[:1]
        if candidate.carrier not in present
    ]
    return tuple(sorted(likelier + instead, key=lambda candidate: -candidate.confidence))


def _doubted(candidate: Candidate, share: float, *remarks: Remark) -> Candidate:
    return msgspec.structs.replace(
        candidate,
        confidence=candidate.confidence * share,
        confirmed=False,
        reasons=candidate.reasons + remarks,
    )
