"""Slips of eye and finger that can be put right.

A letter becomes a digit only where a check digit then proves it, and every repair is told. What is likely but
not proven is offered by ``likely_meant`` and left to the user.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from sledi.core.numbers.answer import Check, Remark
from sledi.core.numbers.catalogue import FORMATS, candidates_of
from sledi.core.numbers.format import CheckRule
from sledi.core.numbers.shape import Shape

# Letters that stand for a digit in print and in haste; only where a digit must be, only if the check then passes.
_MISREAD = {"O": "0", "I": "1", "L": "1", "S": "5", "B": "8"}
# At most one place in so many: what needs more is a word, and passes by chance.
_PLACES_PER_REPAIR = 3

_S10_SUFFIX = re.compile(r"([A-Z]{2}[0-9]{9}DE)([0-9]{3})").fullmatch


class Repair(NamedTuple):
    number: str
    remarks: tuple[Remark, ...]


def repaired(number: str) -> Repair | None:
    """What ``number`` becomes without a post's extra digits or misread letters, or None."""
    if suffix := _S10_SUFFIX(number):
        # Deutsche Post prints three more digits after DE on some labels.
        return Repair(suffix[1], (Remark("suffix_dropped", {"dropped": suffix[2], "ending": "DE"}),))
    return _without_misread_letters(number)


def likely_meant(number: str) -> tuple[str, ...]:
    """Numbers with a right check digit that differ from a wrong one by a usual slip: two neighbours swapped.

    The last is ``number`` with the expected check digit. Empty when no check digit fails.

    >>> likely_meant("RR437124829CN")
    ('RR473124829CN', 'RR437124826CN')
    """
    candidates = candidates_of(number)
    if not candidates or candidates[0].check is not Check.FAILED:
        return ()
    format_ = FORMATS[candidates[0].format]
    swapped = (other for other in _neighbours_swapped(number) if format_.is_valid(other))
    return (*dict.fromkeys(swapped), format_.complete(number))


def _neighbours_swapped(number: str) -> Iterator[str]:
    for place, (left, right) in enumerate(pairwise(number)):
        if left != right and left.isdigit() and right.isdigit():
            yield number[:place] + right + left + number[place + 2 :]


def _without_misread_letters(number: str) -> Repair | None:
    """``number`` with O, I, L, S, B read as digits, by the most trusted format whose check digit then passes."""
    if not number.isascii() or number.isdigit() or not _MISREAD.keys() & set(number):
        return None
    for check, shape in _CHECKED_SHAPES.get(len(number), ()):
        read = _digits_in_place(number, shape)
        if shape.fits(read) and check.passes(read):
            changes = [place for place, one in enumerate(number) if one != read[place]]
            if len(changes) * _PLACES_PER_REPAIR <= len(number):
                return Repair(read, tuple(_misread(number, read, place) for place in changes))
    return None


def _digits_in_place(number: str, shape: Shape) -> str:
    return "".join(
        _MISREAD.get(character, character) if slot == "#" or slot.isdigit() else character
        for character, slot in zip(number, shape.slots, strict=True)
    )


def _misread(number: str, read: str, place: int) -> Remark:
    return Remark("misread", {"written": number[place], "read": read[place], "position": str(place + 1)})


def _checked_shapes() -> dict[int, list[tuple[CheckRule, Shape]]]:
    """By length, the shapes whose numbers carry a check digit, the most trusted first."""
    checked = [
        (format_.check, look.shape) for format_ in FORMATS.values() if format_.check for look in format_.looks
    ]
    by_length: dict[int, list[tuple[CheckRule, Shape]]] = {}
    for check, shape in sorted(checked, key=lambda pair: -pair[0].passed):
        by_length.setdefault(len(shape.slots), []).append((check, shape))
    return by_length


_CHECKED_SHAPES = _checked_shapes()
