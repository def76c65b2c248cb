"""DPD: fourteen digits and a check character, or twenty-eight characters as in the barcode.

    0081827 09980000020033 350 276 C
    │       │              │   │   └─ check character, digit or letter
    │       │              │   └───── destination country, ISO 3166-1 numeric
    │       │              └───────── service
    │       └──────────────────────── parcel number
    └──────────────────────────────── destination

The check character is that of ISO 7064, MOD 37,36. Where it is a letter, fourteen digits and a letter are a
look of DPD's own; where it is a digit, fifteen digits look like several couriers of China. People often leave
it out and write the fourteen digits alone.

Source: DPD Parcel Label Specification 2.4.1, as used by https://github.com/jkeen/tracking_number_data

>>> PARCEL_DIGITS.complete("001234567890120")
'00123456789012K'
>>> validate("0081827 0998 0000 0200 33 350 276 C")
'008182709980000020033350276C'
>>> validate("008182709980000020033350276A")
Traceback (most recent call last):
sledi.core.numbers.errors.WrongCheckDigit: check_digit, expected C
"""

from string import ascii_uppercase, digits

from sledi.core.numbers.format import CheckRule, Evidence, Family, Format, looks

_ALPHABET = digits + ascii_uppercase
_SOURCE = "jkeen/tracking_number_data"
_AS_OF = "2026-11-21"


def check_character(number: str) -> str:
    """The character that ought to stand last."""
    rest = 36
    for character in number[:-1]:
        rest = (rest + _ALPHABET.index(character)) % 36 or 36
        rest = rest * 2 % 37
    return _ALPHABET[(37 - rest) % 36]


PARCEL = Format(
    id="dpd_15",
    carriers=("dpd",),
    looks=looks("#{14}@", evidence=Evidence.LENGTH),
    check=CheckRule(expected=check_character, passed=0.9, failed=0.4, confirms=True),
    groups=(4, 3, 4, 4),
    samples=("00123456789012K",),
    source=_SOURCE,
    as_of=_AS_OF,
)
PARCEL_DIGITS = Format(
    id="dpd_15_digits",
    carriers=("dpd",),
    looks=looks("#{15}", evidence=Evidence.LENGTH),
    check=CheckRule(expected=check_character, passed=0.4, failed=0.02, confirms=False),
    groups=(4, 3, 4, 4),
    source=_SOURCE,
    as_of=_AS_OF,
)
BARCODE = Format(
    id="dpd_28",
    carriers=("dpd",),
    looks=looks("#{27}*", evidence=Evidence.LENGTH),
    check=CheckRule(expected=check_character, passed=0.95, failed=0.4, confirms=True),
    groups=(7, 4, 4, 4, 2, 3, 3, 1),
    samples=("008182709980000020033350276C", "008182709980000020045327276N"),
    source=_SOURCE,
    as_of=_AS_OF,
)
FORMATS = (PARCEL, PARCEL_DIGITS, BARCODE)

_NUMBERS = Family(FORMATS)

compact = _NUMBERS.compact
validate = _NUMBERS.validate
is_valid = _NUMBERS.is_valid
format = _NUMBERS.format  # noqa: A001 - one of the four verbs of a number module
about = _NUMBERS.about
