"""Which number a piece of text was meant to be: foreign letters decided, slips repaired.

Look-alikes are taken as they look as long as that gives a number of a known format. Otherwise letters may have
been typed by sound or on a Cyrillic keyboard. Where both make sense, as РУ does (PY is Paraguay, RU is Russia),
the likelier one is taken, nothing is confirmed, and the user is asked.
"""

from typing import NamedTuple, Self

from sledi.core.numbers.answer import Remark
from sledi.core.numbers.catalogue import candidates_of, is_known
from sledi.core.numbers.cleaning import Reading, readings
from sledi.core.numbers.countries import NAMED_POSTS
from sledi.core.numbers.repairs import Repair, repaired
from sledi.core.numbers.s10 import FORMAT as S10

_BY_NAME = 2


class Meant(NamedTuple):
    """The number a text stands for. ``instead`` is another one it may stand for, to be asked about."""

    number: str
    repairs: tuple[Remark, ...] = ()
    is_guess: bool = False
    instead: str = ""


def meant_by(text: str) -> Meant:
    """The likeliest number that ``text``, taken as a whole, was meant to be."""
    ways = map(_Way.of, readings(text))
    by_look = next(ways)
    if not by_look.reading.how:  # Latin letters: nothing to decide
        return by_look.meant()
    makes_sense = by_look.plausibility()
    if makes_sense == _BY_NAME:
        return by_look.meant()
    best = max((by_look, *ways), key=_Way.plausibility)  # the first of equals: when in doubt, by look
    if best is by_look:
        return by_look.meant()
    return best.meant()._replace(is_guess=True, instead=by_look.number if makes_sense else "")


class _Way(NamedTuple):
    """A reading and the repair its number needs, if any."""

    reading: Reading
    repair: Repair | None

    @classmethod
    def of(cls, reading: Reading) -> Self:
        return cls(reading, None if is_known(reading.number) else repaired(reading.number))

    @property
    def number(self) -> str:
        return self.repair.number if self.repair else self.reading.number

    def plausibility(self) -> int:
        """0 no known number, 1 a number of some post, 2 one of a post or carrier we know by name."""
        number = self.number
        if not candidates_of(number):
            return 0
        return 1 if S10.fits(number) and number[11:] not in NAMED_POSTS else _BY_NAME

    def meant(self) -> Meant:
        changes = self.reading.changes() if self.reading.how else ()
        return Meant(self.number, changes + self.repair.remarks if self.repair else changes)
