"""What is wrong with a number, and whom it may belong to all the same.

Nothing here rejects: published examples fail their own check digits, and posts print letters the standard does
not know. A number that is not quite right keeps its candidates, loses their confirmation, and says why.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from sledi.core.numbers import s10
from sledi.core.numbers.answer import Candidate, Check, Mistake, Remark
from sledi.core.numbers.catalogue import FORMATS, is_known
from sledi.core.numbers.countries import ASSIGNED, CARRIER_ENDINGS, MISTAKEN, SUCCESSORS, post_of
from sledi.core.numbers.errors import ErrorReason
from sledi.core.numbers.format import Evidence, Format, lengths
from sledi.core.numbers.s10 import FORMAT as S10
from sledi.core.numbers.shape import Shape

_S10_LENGTH = "13"
_S10_OTHER_LENGTH = re.compile(r"[A-Z]{2}[0-9]{7,11}[A-Z]{2}").fullmatch
_S10_CUT_SHORT = re.compile(r"[A-Z]{2}[0-9]{9}").fullmatch
_S10_WITH_LETTERS = re.compile(r"[A-Z]{2}[0-9A-Z]{9}[A-Z]{2}").fullmatch

# A number that is nearly of a format: enough to offer the carrier, never enough to be sure.
_NEARLY = 0.3
_FAINTLY = 0.15
_FEWEST_DIGITS = 5
# Characters of a number in a shape nobody knows; the longest known format has 40.
LONGEST = 50


class Diagnosis(NamedTuple):
    candidates: tuple[Candidate, ...]
    mistakes: tuple[Mistake, ...]


def check_mistakes(candidate: Candidate, number: str) -> tuple[Mistake, ...]:
    """The mistake of a leading candidate: its check digit, with the right one, or its withdrawn country."""
    format_ = FORMATS.get(candidate.format)
    if format_ is S10 and number[11:] in SUCCESSORS:
        return (_country_mistake(number[11:]),)
    if candidate.check is Check.FAILED and format_ and format_.check:
        return (Mistake(ErrorReason.CHECK_DIGIT, format_.check.expected(number)),)
    return ()


def diagnosed(number: str) -> Diagnosis:
    """Why no format fits ``number``, and the carriers that come near."""
    if not number.isascii():
        return Diagnosis((), (Mistake(ErrorReason.ALPHABET),))
    if len(number) > LONGEST:
        return Diagnosis((), (Mistake(ErrorReason.STRUCTURE),))
    for finding in (_wrong_country, _letters_among_digits, _wrong_s10_length, _wrong_length):
        if diagnosis := finding(number):
            return diagnosis
    return Diagnosis((), (Mistake(ErrorReason.STRUCTURE),))


def comes_near(number: str) -> bool:
    """Whether a number no format fits is plainly meant as one: a UPU number with a slip, a carrier's prefix."""
    if len(number) > LONGEST or is_known(number):
        return False
    candidates, mistakes = diagnosed(number)
    return bool(candidates) or mistakes[0].reason is ErrorReason.COUNTRY


# --- findings, the most telling first -------------------------------------------------------------------


def _wrong_country(number: str) -> Diagnosis | None:
    ending = number[11:]
    if not S10.fits(number) or ending in ASSIGNED or ending in CARRIER_ENDINGS:
        return None
    meant = MISTAKEN.get(ending)
    likely = (_nearly(post_of(meant), S10, Remark("country", {"country": meant})),) if meant else ()
    return Diagnosis(likely, (_country_mistake(ending),))


def _country_mistake(ending: str) -> Mistake:
    successors = SUCCESSORS.get(ending, ())
    expected = successors[0] if len(successors) == 1 else MISTAKEN.get(ending)
    return Mistake(ErrorReason.COUNTRY, expected)


def _letters_among_digits(number: str) -> Diagnosis | None:
    """The look of a UPU number with a letter where only a digit can be."""
    if not _S10_WITH_LETTERS(number) or number[11:] not in ASSIGNED:
        return None
    if sum(character.isdigit() for character in number[2:11]) <= 5:
        return None  # more of a word than of a number
    post = _nearly(post_of(number[11:]), S10, Remark("country", {"country": number[11:]}))
    expected = s10.check_digit(number) if number[2:10].isdigit() else None
    return Diagnosis((post,), (Mistake(ErrorReason.ALPHABET, expected),))


def _wrong_s10_length(number: str) -> Diagnosis | None:
    mistakes = (Mistake(ErrorReason.LENGTH, _S10_LENGTH),)
    if _S10_OTHER_LENGTH(number) and number[-2:] in ASSIGNED:
        remark = _wrong_length_remark(S10, number, _S10_LENGTH)
        return Diagnosis((_nearly(post_of(number[-2:]), S10, remark),), mistakes)
    return Diagnosis((), mistakes) if _S10_CUT_SHORT(number) else None


def _wrong_length(number: str) -> Diagnosis | None:
    """A prefix that one carrier uses, and too few or too many characters after it."""
    if sum(map(str.isdigit, number)) < _FEWEST_DIGITS:
        return None
    for size in range(_LONGEST_PREFIX, 1, -1):
        users = _PREFIXES.get(number[:size], ())
        if any(set(number) <= shape.alphabet for _, shape in users):
            return _of_prefix(number, users)
    return None


def _of_prefix(number: str, users: Sequence[tuple[Format, Shape]]) -> Diagnosis:
    """The carriers that use a prefix, for a number that none of their shapes fits."""
    expected = lengths(shape for _, shape in users)
    if any(shape.least <= len(number) <= shape.most for _, shape in users):
        return _nearly_each(users, Mistake(ErrorReason.STRUCTURE), lambda _: _prefix_remark(users[0][1]))
    mistake = Mistake(ErrorReason.LENGTH, expected)
    return _nearly_each(users, mistake, lambda format_: _wrong_length_remark(format_, number, expected))


def _nearly_each(
    users: Sequence[tuple[Format, Shape]], mistake: Mistake, remark: Callable[[Format], Remark]
) -> Diagnosis:
    formats = {format_.id: format_ for format_, _ in users}.values()
    nearly = (_nearly(format_.carriers[0], format_, remark(format_), _FAINTLY) for format_ in formats)
    return Diagnosis(tuple(nearly), (mistake,))


def _prefix_remark(shape: Shape) -> Remark:
    return Remark("prefix", {"prefix": shape.prefix})


def _wrong_length_remark(format_: Format, number: str, expected: str) -> Remark:
    params = {"format": format_.id, "length": str(len(number)), "expected": expected}
    return Remark("wrong_length", params)


def _nearly(carrier: str, format_: Format, remark: Remark, confidence: float = _NEARLY) -> Candidate:
    return Candidate(
        carrier=carrier,
        format=format_.id,
        confidence=confidence,
        check=Check.NONE,
        confirmed=False,
        reasons=(remark,),
        countries=format_.countries,
    )


def _prefixes() -> dict[str, list[tuple[Format, Shape]]]:
    """The letters at the front that few carriers use, with the formats and shapes that start so."""
    found: dict[str, list[tuple[Format, Shape]]] = {}
    for format_ in FORMATS.values():
        for look in format_.looks:
            prefix = look.shape.prefix
            if (
                look.evidence in (Evidence.PREFIX, Evidence.SHARED)
                and len(prefix) > 1
                and not look.shape.suffix
            ):
                found.setdefault(prefix, []).append((format_, look.shape))
    return found


_PREFIXES = _prefixes()
_LONGEST_PREFIX = max(map(len, _PREFIXES))
