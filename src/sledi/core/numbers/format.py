"""A number format: what it looks like, how it is checked, who uses it, and the verbs every format offers.

    compact(text)    the number without separators, in capitals
    validate(text)   the compact number, or one of the five errors
    is_valid(text)   whether ``validate`` would be content
    format(text)     grouped for the eye
    about(text)      carriers, service, country, and whether scans are to be expected

A format with a check digit or parts of its own is a module that ends in its ``FORMAT``; one that is only
prefixes and lengths is a row in ``data/formats``. Both are the same object here.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import msgspec

from sledi.core.numbers.answer import Candidate
from sledi.core.numbers.cleaning import compact
from sledi.core.numbers.errors import (
    InvalidNumber,
    WrongAlphabet,
    WrongCheckDigit,
    WrongLength,
    WrongStructure,
)
from sledi.core.numbers.shape import Shape


class Evidence(StrEnum):
    """What a fitting shape says about the carrier, strongest first."""

    PREFIX = "prefix"  # letters nobody else uses: enough to confirm
    SHARED = "shared"  # letters that others use too, or of which no more than one source knows
    LEADING = "leading"  # digits at the front, which drift from year to year
    LENGTH = "length"  # nothing but the number of characters
    LOOSE = "loose"  # fits almost anything: never first, never pulled out of a running text


CONFIDENCE = MappingProxyType(
    {
        Evidence.PREFIX: 0.9,
        Evidence.SHARED: 0.7,
        Evidence.LEADING: 0.4,
        Evidence.LENGTH: 0.2,
        Evidence.LOOSE: 0.05,
    }
)


@dataclass(frozen=True, slots=True)
class Look:
    """One shape of a format and how much it says. ``confidence`` counts where nothing is checked."""

    shape: Shape
    evidence: Evidence
    confidence: float


def looks(*notations: str, evidence: Evidence, confidence: float | None = None) -> tuple[Look, ...]:
    """A ``Look`` for every notation, all saying equally much."""
    says = CONFIDENCE[evidence] if confidence is None else confidence
    return tuple(Look(Shape.parse(notation), evidence, says) for notation in notations)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRule:
    """How a format's check digit is computed and what it is worth.

    ``expected`` takes the whole number and gives the character that ought to stand at ``position``.
    ``passed`` and ``failed`` are confidences. A digit that passes by chance once in seven does not confirm.
    """

    expected: Callable[[str], str]
    passed: float
    failed: float
    confirms: bool
    position: int = -1

    def passes(self, number: str) -> bool:
        return self.expected(number) == number[self.position]


class About(msgspec.Struct, frozen=True):
    """What a number tells about its parcel. ``country`` is ISO 3166-1 or empty, ``service`` a key or empty.

    ``tracked`` is False where the service has few or no scans, which the reader must know before waiting.
    """

    format: str
    carriers: tuple[str, ...]
    country: str = ""
    service: str = ""
    tracked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One kind of number.

    Of several ``carriers`` the first is the likeliest. ``countries`` are their home. ``groups`` are the
    lengths in which people read the number. ``claims`` replaces the usual candidates where who is meant
    follows from the number itself.
    """

    id: str
    carriers: tuple[str, ...]
    looks: tuple[Look, ...]
    source: str
    as_of: str
    check: CheckRule | None = None
    countries: tuple[str, ...] = ()
    groups: tuple[int, ...] = ()
    samples: tuple[str, ...] = ()
    claims: Callable[[str], tuple[Candidate, ...]] | None = None

    def compact(self, text: str) -> str:
        return compact(text)

    def validate(self, text: str) -> str:
        """The compact number. Raises one of the errors of ``sledi.core.numbers.errors``."""
        number = compact(text)
        if not self.fits(number):
            raise _misfit(number, [look.shape for look in self.looks])
        if self.check and not self.check.passes(number):
            raise WrongCheckDigit(self.check.expected(number))
        return number

    def is_valid(self, text: str) -> bool:
        try:
            self.validate(text)
        except InvalidNumber:
            return False
        return True

    def format(self, text: str) -> str:
        """The number in groups: ``RR 123 456 785 CN``. A number of another length is cut into fours."""
        return in_groups(compact(text), self.groups)

    def about(self, text: str) -> About:
        """Who carries the number, from where. Raises as ``validate`` does."""
        self.validate(text)
        return self.described()

    def described(self) -> About:
        """What every number of this format tells."""
        return About(self.id, self.carriers, self.countries[0] if len(self.countries) == 1 else "")

    def fits(self, number: str) -> bool:
        """Whether a compact number has one of this format's shapes; the check digit is not looked at."""
        return any(look.shape.fits(number) for look in self.looks)

    def complete(self, number: str) -> str:
        """``number`` with its check digit put right, whatever stood there. Raises when the shape is wrong."""
        number = compact(number)
        if self.check is None:
            return self.validate(number)
        if not self.fits(number):
            raise _misfit(number, [look.shape for look in self.looks])
        characters = list(number)
        characters[self.check.position] = self.check.expected(number)
        return "".join(characters)


@dataclass(frozen=True, slots=True)
class Family:
    """Several formats of one carrier behind the same verbs; the shape decides which one is meant."""

    formats: tuple[Format, ...]

    def compact(self, text: str) -> str:
        return compact(text)

    def validate(self, text: str) -> str:
        """The compact number. Raises one of the errors of ``sledi.core.numbers.errors``."""
        return self._kind_of(text).validate(text)

    def is_valid(self, text: str) -> bool:
        try:
            self.validate(text)
        except InvalidNumber:
            return False
        return True

    def format(self, text: str) -> str:
        """The number in groups. Raises when its shape is none of the family's."""
        return self._kind_of(text).format(text)

    def about(self, text: str) -> About:
        return self._kind_of(text).about(text)

    def _kind_of(self, text: str) -> Format:
        number = compact(text)
        for kind in self.formats:
            if kind.fits(number):
                return kind
        raise _misfit(number, [look.shape for kind in self.formats for look in kind.looks])


def lengths(shapes: Iterable[Shape]) -> str:
    """The lengths that ``shapes`` allow, for people: "15 or 18", "14-17"."""
    spans: list[tuple[int, int]] = []
    for least, most in sorted({(shape.least, shape.most) for shape in shapes}):
        if spans and least <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], max(most, spans[-1][1]))
        else:
            spans.append((least, most))
    return " or ".join(str(least) if least == most else f"{least}-{most}" for least, most in spans)


def _misfit(number: str, shapes: Sequence[Shape]) -> InvalidNumber:
    """Why ``number`` has none of ``shapes``: the plainest reason first."""
    if not set(number) <= frozenset[str]().union(*(shape.alphabet for shape in shapes)):
        return WrongAlphabet()
    if not any(shape.least <= len(number) <= shape.most for shape in shapes):
        return WrongLength(lengths(shapes))
    return WrongStructure()


def in_groups(number: str, groups: tuple[int, ...] = ()) -> str:
    """``number`` cut into groups of these sizes, or into fours where they do not add up to its length."""
    return " ".join(_cut(number, groups if sum(groups) == len(number) else _fours(number)))


def _cut(number: str, groups: tuple[int, ...]) -> Iterator[str]:
    start = 0
    for size in groups:
        yield number[start : start + size]
        start += size


def _fours(number: str) -> tuple[int, ...]:
    """Letters at the front on their own, the rest in fours."""
    letters = len(number) - len(number.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    fours, rest = divmod(len(number) - letters, 4)
    return tuple(size for size in (letters, *[4] * fours, rest) if size)
