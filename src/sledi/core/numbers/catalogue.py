"""All formats, and the candidates a compact number has by them.

A format with a rule of its own joins by its module's name in ``_MODULES``; one that is prefixes and lengths
joins as a row of a file in ``data/formats``, or as a new file there.

Recognition must cost next to nothing, so everything that does not depend on the number is made here, at
import: a rule per shape with its candidates ready, and a table that leads from a number's length and first
two characters to the few rules that can fit.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from sledi.core.numbers import (
    check_digits,
    dhl_express,
    dpd,
    fedex,
    russian_post_14,
    s10,
    sscc,
    ups,
    usps,
)
from sledi.core.numbers.answer import Candidate, Check, Remark
from sledi.core.numbers.datafiles import load, names
from sledi.core.numbers.format import CONFIDENCE, CheckRule, Evidence, Format, Look, looks

_MODULES = (s10, russian_post_14, sscc, dhl_express, ups, usps, fedex, dpd)

# A rival whose leading digits say this much contests a confirmation below the other figure.
_RIVAL = 0.4
_CERTAIN = 0.9

_confidence = attrgetter("confidence")


def candidates_of(number: str) -> tuple[Candidate, ...]:
    """Whom a compact number (capitals and digits) may belong to, best first, each carrier once."""
    claimed = [claims(number) for fits, claims in _RULES.get((len(number), number[:2]), ()) if fits(number)]
    if len(claimed) < 2:
        return claimed[0] if claimed else ()
    found = sorted(chain.from_iterable(claimed), key=_confidence, reverse=True)
    best: dict[str, Candidate] = {}
    for candidate in found:
        best.setdefault(candidate.carrier, candidate)
    return _contested(list(best.values()))


def is_known(number: str) -> bool:
    """Whether a format fits that says more than "letters and digits"."""
    return is_telling(candidates_of(number))


def is_telling(candidates: tuple[Candidate, ...]) -> bool:
    """Whether the best of ``candidates`` rests on more than a shape that fits almost anything."""
    return bool(candidates) and candidates[0].confidence > CONFIDENCE[Evidence.LOOSE]


def _contested(ranked: list[Candidate]) -> tuple[Candidate, ...]:
    """A confirmation by the check digit alone falls when another carrier's leading digits fit as well."""
    if len(ranked) > 1 and ranked[0].confirmed:
        first, rival = ranked[0], ranked[1]
        if first.confidence < _CERTAIN and rival.confidence >= _RIVAL:
            ranked[0] = msgspec.structs.replace(first, confirmed=False)
    return tuple(ranked)


# --- formats from data files ----------------------------------------------------------------------------


class _LookRow(msgspec.Struct, forbid_unknown_fields=True):
    evidence: Evidence
    starts: tuple[str, ...] = ("",)
    then: str = ""
    ends: tuple[str, ...] = ("",)
    confidence: float | None = None

    def looks(self) -> tuple[Look, ...]:
        notations = (start + self.then + end for start in self.starts for end in self.ends)
        return looks(*notations, evidence=self.evidence, confidence=self.confidence)


class _FormatRow(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    carriers: tuple[str, ...]
    source: str
    looks: tuple[_LookRow, ...]
    countries: tuple[str, ...] = ()
    groups: tuple[int, ...] = ()
    samples: tuple[str, ...] = ()
    check: str = ""
    passed: float = 0.0
    failed: float = 0.0
    confirms: bool = True

    def format(self, as_of: str) -> Format:
        return Format(
            id=self.id,
            carriers=self.carriers,
            looks=tuple(look for row in self.looks for look in row.looks()),
            check=self._check_rule(),
            countries=self.countries,
            groups=self.groups,
            samples=self.samples,
            source=self.source,
            as_of=as_of,
        )

    def _check_rule(self) -> CheckRule | None:
        if not self.check:
            return None
        digit_after = check_digits.BY_NAME[self.check]
        return CheckRule(
            expected=lambda number: digit_after(number[:-1]),
            passed=self.passed,
            failed=self.failed,
            confirms=self.confirms,
        )


class _FormatFile(msgspec.Struct, forbid_unknown_fields=True):
    as_of: str
    format: list[_FormatRow]


def _formats() -> Iterator[Format]:
    for module in _MODULES:
        yield from module.FORMATS
    for name in names("formats"):
        file = load(name, _FormatFile)
        for row in file.format:
            yield row.format(file.as_of)


FORMATS: Mapping[str, Format] = MappingProxyType({format_.id: format_ for format_ in _formats()})


# --- rules, ready to be applied -------------------------------------------------------------------------


class _Rule(NamedTuple):
    """``fits`` says whether a number has the shape, ``claims`` who then claims it."""

    fits: Callable[[str], object]
    claims: Callable[[str], tuple[Candidate, ...]]


def _rule(format_: Format, look: Look) -> _Rule:
    shape = look.shape
    if format_.claims:
        return _Rule(shape.fits, format_.claims)
    if format_.check is None:
        confirms = look.evidence is Evidence.PREFIX
        fitting = _claimants(format_, look, look.confidence, Check.NONE, confirmed=confirms)
        return _Rule(shape.fits, lambda _: fitting)
    passes = format_.check.passes
    passed = _claimants(format_, look, format_.check.passed, Check.PASSED, confirmed=format_.check.confirms)
    failed = _claimants(format_, look, format_.check.failed, Check.FAILED, confirmed=False)
    return _Rule(shape.fits, lambda number: passed if passes(number) else failed)


def _claimants(
    format_: Format, look: Look, confidence: float, check: Check, *, confirmed: bool
) -> tuple[Candidate, ...]:
    """A candidate per carrier of the format; only the first can be confirmed."""
    return tuple(
        Candidate(
            carrier=carrier,
            format=format_.id,
            confidence=confidence / 2**rank,
            check=check,
            confirmed=confirmed and rank == 0,
            reasons=(*_check_remarks(check), *_look_remarks(look)),
            countries=format_.countries,
        )
        for rank, carrier in enumerate(format_.carriers)
    )


def _check_remarks(check: Check) -> Iterator[Remark]:
    if check is not Check.NONE:
        yield Remark("check_passes" if check is Check.PASSED else "check_fails")


def _look_remarks(look: Look) -> Iterator[Remark]:
    """What the shape says: a prefix, an ending, leading digits, or the bare length."""
    shape = look.shape
    if shape.prefix.isdigit():
        yield Remark("leading", {"leading": shape.prefix})
    elif shape.prefix:
        yield Remark("prefix", {"prefix": shape.prefix})
    if shape.suffix:
        yield Remark("ending", {"ending": shape.suffix})
    if not shape.prefix and not shape.suffix:
        length = str(shape.least) if shape.least == shape.most else f"{shape.least}-{shape.most}"
        yield Remark("length", {"length": length})


def _table() -> dict[tuple[int, str], tuple[_Rule, ...]]:
    table: dict[tuple[int, str], list[_Rule]] = {}
    for format_ in FORMATS.values():
        for look in format_.looks:
            rule = _rule(format_, look)
            for length in range(look.shape.least, look.shape.most + 1):
                for head in look.shape.heads:
                    table.setdefault((length, head), []).append(rule)
    return {key: tuple(rules) for key, rules in table.items()}


_RULES = _table()
