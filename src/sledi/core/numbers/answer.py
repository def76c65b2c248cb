"""What recognition answers: candidates with reasons, errors, repairs, at most one question.

Every sentence in an answer is a ``Remark``: a stable key with parameters, so that a page can say it in the
reader's language, and the same in English for terminals and the API. ``SENTENCES`` lists all keys.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import msgspec

from sledi.core.numbers.errors import ErrorReason

NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        # Why a carrier is a candidate.
        "check_passes": "check digit passes",
        "check_fails": "check digit wrong",
        "prefix": "prefix {prefix}",
        "ending": "ending {ending}",
        "leading": "starts with {leading}",
        "length": "{length} characters",
        "country": "country {country}",
        "service": "service {service}",
        "withdrawn": "country code {old} was withdrawn, now {country}",
        "wrong_length": "looks like {format}, but has {length} characters instead of {expected}",
        "origin": "origin {country}",
        "destination": "destination {country}",
        "seller": "named by the seller",
        "expected_carrier": "usual for this shop or shipping method",
        "learned": "corrected so before for numbers of this shape",
        "shape_unknown": "no format of this carrier is known to fit",
        "guessed": "letters had to be guessed",
        # What was changed in the number.
        "look_alike": "{written} read as Latin {read}",
        "sounds_like": "{written} read by sound as {read}",
        "keyboard": "{written} typed on a Cyrillic keyboard, read as {read}",
        "misread": "{written} read as {read} at position {position}",
        "suffix_dropped": "{dropped} after {ending} dropped",
        # What the user may be asked.
        "which_carrier": "Which carrier is it: {carriers}?",
        "which_number": "The text holds several numbers: {numbers}. Which one?",
        "which_country": "Is {written} meant as {first} or {second}?",
    }
)


class Remark(msgspec.Struct, frozen=True, gc=False):
    """One thing to tell the user. ``key`` is one of ``SENTENCES``."""

    key: str
    params: Mapping[str, str] = NO_PARAMETERS

    @property
    def words(self) -> str:
        return SENTENCES[self.key].format_map(self.params)


class Check(StrEnum):
    """What the check digit says of a candidate."""

    PASSED = "passed"
    FAILED = "failed"
    NONE = "none"  # the format has no check digit, or its rule is not public


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """A carrier the number may belong to. ``confidence`` is between 0 and 1.

    ``confirmed`` holds only where a unique prefix or a passing check digit agrees with structure and country.
    ``countries`` are the carrier's home as ISO codes, against which hints are held.
    """

    carrier: str
    format: str
    confidence: float
    check: Check
    confirmed: bool
    reasons: tuple[Remark, ...]
    countries: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """Why, in English: "check digit passes, country CN"."""
        return ", ".join(remark.words for remark in self.reasons)


class Mistake(msgspec.Struct, frozen=True, gc=False):
    """A named reason why the number is not quite right, and what would be, where that is known."""

    reason: ErrorReason
    expected: str | None = None


class Option(msgspec.Struct, frozen=True, gc=False):
    """One answer to a question: choosing it means this number and, unless empty, this carrier."""

    carrier: str
    number: str


class Question(msgspec.Struct, frozen=True, gc=False):
    """The one thing worth asking the user; nobody has to answer it."""

    remark: Remark
    options: tuple[Option, ...]


class Detection(msgspec.Struct, frozen=True, gc=False):
    """What is known about one number.

    ``raw`` is the input untouched; ``normalized`` is empty when the input holds no number, or several, and the
    question then is which. ``candidates`` are ranked, best first; none means: unknown carrier, free choice.
    """

    raw: str
    normalized: str
    candidates: tuple[Candidate, ...] = ()
    errors: tuple[Mistake, ...] = ()
    repairs: tuple[Remark, ...] = ()
    question: Question | None = None

    @property
    def carrier(self) -> str:
        """Slug of the best candidate, or empty."""
        return self.candidates[0].carrier if self.candidates else ""

    @property
    def confirmed(self) -> bool:
        return bool(self.candidates) and self.candidates[0].confirmed

    def to_dict(self) -> dict[str, Any]:
        """The JSON of ``sledi detect``."""
        return {
            "raw": self.raw,
            "normalized": self.normalized,
            "candidates": [
                {
                    "carrier": candidate.carrier,
                    "format": candidate.format,
                    "confidence": round(candidate.confidence, 2),
                    "check": candidate.check.value,
                    "confirmed": candidate.confirmed,
                    "reason": candidate.reason,
                }
                for candidate in self.candidates
            ],
            "errors": [{"reason": error.reason.value, "expected": error.expected} for error in self.errors],
            "repairs": [repair.words for repair in self.repairs],
            "question": self.question.remark.words if self.question else None,
        }


class Pasted(msgspec.Struct, frozen=True):
    """The numbers found in a pasted text, in its order, and an account of everything else in it.

    ``beyond`` counts the numbers above the limit, ``duplicates`` the repeated ones, ``words`` what is no
    number, ``phones`` telephone numbers. ``unsure`` shows the first figures that might have been numbers but
    were not taken, so that the user can add one by hand; they are also counted in ``words``.
    """

    numbers: tuple[Detection, ...] = ()
    beyond: int = 0
    duplicates: int = 0
    words: int = 0
    phones: int = 0
    unsure: tuple[str, ...] = ()

    @property
    def dropped(self) -> int:
        return self.duplicates + self.words + self.phones

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[Detection]:
        return iter(self.numbers)
