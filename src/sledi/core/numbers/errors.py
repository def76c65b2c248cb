"""Why a text is not a number of a given format.

    InvalidNumber          ``reason`` is one of the five below, ``expected`` what would have been right
    ├── WrongAlphabet      a character the format cannot contain
    ├── WrongLength        characters are missing or too many; expected: the length
    ├── WrongStructure     the right characters in the wrong places
    ├── WrongCountry       a UPU number whose last two letters are no country
    └── WrongCheckDigit    everything fits but the check digit; expected: the digit

Only ``validate`` of a format raises these. ``detect`` never raises: it lists the same reasons in its answer,
because a number that fails its rule may still be somebody's parcel. Asking again does not help with any.
"""

from enum import StrEnum


class ErrorReason(StrEnum):
    ALPHABET = "alphabet"
    LENGTH = "length"
    STRUCTURE = "structure"
    COUNTRY = "country"
    CHECK_DIGIT = "check_digit"


class InvalidNumber(ValueError):
    reason: ErrorReason = ErrorReason.STRUCTURE

    def __init__(self, expected: str | None = None) -> None:
        super().__init__(self.reason.value + (f", expected {expected}" if expected else ""))
        self.expected = expected


class WrongAlphabet(InvalidNumber):
    reason = ErrorReason.ALPHABET


class WrongLength(InvalidNumber):
    reason = ErrorReason.LENGTH


class WrongStructure(InvalidNumber):
    reason = ErrorReason.STRUCTURE


class WrongCountry(InvalidNumber):
    reason = ErrorReason.COUNTRY


class WrongCheckDigit(InvalidNumber):
    reason = ErrorReason.CHECK_DIGIT
