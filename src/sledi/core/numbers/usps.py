"""USPS: the Intelligent Mail package barcode, twenty to thirty-four digits.

    420 22153 91 01 02 68373310 0003952 1
    │   │     │  │  │  │        │       └─ check digit of GS1
    │   │     │  │  │  └────────┴───────── mailer and package
    │   │     │  └──┴───────────────────── source and service
    │   │     └─────────────────────────── 91 to 95; numbers of twenty digits leave it out
    │   └───────────────────────────────── ZIP code, five or nine digits
    └───────────────────────────────────── the destination's prefix, only in the barcode

The check digit covers what follows the ZIP code; where both lengths of ZIP code can be read, either digit
passes. Twenty-digit numbers exist in two ages, of which one counts a 91 that is not written: here too, either.

Source: https://github.com/jkeen/tracking_number_data couriers/usps.json

>>> validate("9205 5901 2345 6123 4567 81")
'9205590123456123456781'
>>> is_valid("420 22153 9101026837331000039521"), is_valid("7196 9010 7560 0307 7385")
(True, True)
"""

from sledi.core.numbers.check_digits import gs1
from sledi.core.numbers.format import CheckRule, Evidence, Family, Format, looks

_PREFIXES = ("91", "92", "93", "94", "95")
_SOURCE = "jkeen/tracking_number_data"
_AS_OF = "2026-11-21"


def _digit(number: str) -> str:
    """The digit that ought to stand last, for the reading of the ZIP code by which it does, if there is one."""
    expected = [gs1(number[start:-1]) for start in _starts_of_parcel(number)]
    return number[-1] if number[-1] in expected else expected[0]


def _starts_of_parcel(number: str) -> list[int]:
    """Where the part that names the parcel may begin: behind a ZIP code of nine or of five digits."""
    if not number.startswith("420"):
        return [0]
    return [start for start in (12, 8) if number[start : start + 2] in _PREFIXES]


def _digit_of_twenty(number: str) -> str:
    with_prefix = gs1("91" + number[:-1])
    return with_prefix if with_prefix == number[-1] else gs1(number[:-1])


IMPB = Format(
    id="usps_impb",
    carriers=("usps",),
    looks=looks(
        *(f"{prefix}#{{20}}" for prefix in _PREFIXES),
        *(f"{prefix}#{{24}}" for prefix in _PREFIXES),
        *(f"420#{{5}}{prefix}#{{20}}" for prefix in _PREFIXES),
        *(f"420#{{5}}{prefix}#{{24}}" for prefix in _PREFIXES),
        *(f"420#{{9}}{prefix}#{{20}}" for prefix in _PREFIXES),
        evidence=Evidence.LEADING,
    ),
    check=CheckRule(expected=_digit, passed=0.97, failed=0.55, confirms=True),
    samples=(
        "9505511069605048600624",
        "9101123456789000000013",
        "92748931507708513018050063",
        "9400111201080805483016",
        "9361289878700317633795",
        "9405803699300124287899",
        "420221539101026837331000039521",
        "4201002334249200190132607600833457",
        "4201028200009261290113185417468510",
        "9102084383041101186729",
    ),
    source=_SOURCE,
    as_of=_AS_OF,
)
TWENTY_DIGITS = Format(
    id="usps_20",
    carriers=("usps",),
    looks=looks(*(f"{service:02}#{{18}}" for service in range(1, 100)), evidence=Evidence.LENGTH),  # 00: SSCC
    check=CheckRule(expected=_digit_of_twenty, passed=0.5, failed=0.16, confirms=False),
    samples=("03071790000523483741", "71123456789123456787", "71969010756003077385"),
    source=_SOURCE,
    as_of=_AS_OF,
)
FORMATS = (IMPB, TWENTY_DIGITS)

_NUMBERS = Family(FORMATS)

compact = _NUMBERS.compact
validate = _NUMBERS.validate
is_valid = _NUMBERS.is_valid
format = _NUMBERS.format  # noqa: A001 - one of the four verbs of a number module
about = _NUMBERS.about
