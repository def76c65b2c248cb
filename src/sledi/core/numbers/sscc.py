"""GS1 SSCC: the serial shipping container code of a parcel or pallet, eighteen digits.

    00 3 4043470 012345678 3
    │  │ └─────┬─────────┘ └─ check digit of GS1
    │  │       └───────────── company prefix and serial number
    │  └───────────────────── extension digit
    └──────────────────────── application identifier, in the barcode only; kept where it was given

It names a company, not a carrier, so the carrier stays unknown. Deutsche Post DHL parcels start 00340434 and
have a row of their own among the formats of the world.

Source: GS1 General Specifications; https://github.com/bwipp/postscriptbarcode/wiki/SSCC-18

>>> validate("(00) 123456789012345675")
'00123456789012345675'
>>> format("123456789012345675")
'1 2345678 901234567 5'
"""

from sledi.core.numbers.check_digits import gs1
from sledi.core.numbers.format import CheckRule, Evidence, Format, looks


def check_digit(number: str) -> str:
    """The digit that ought to stand last. The zeros of the identifier weigh nothing."""
    return gs1(number[:-1])


FORMAT = Format(
    id="sscc",
    carriers=("sscc",),
    looks=looks("#{18}", "00#{18}", evidence=Evidence.LENGTH),
    check=CheckRule(expected=check_digit, passed=0.8, failed=0.15, confirms=True),
    groups=(1, 7, 9, 1),
    samples=("123456789012345675", "00340434700123456783"),
    source="GS1 General Specifications",
    as_of="2026-11-21",
)
FORMATS = (FORMAT,)

compact = FORMAT.compact
validate = FORMAT.validate
is_valid = FORMAT.is_valid
format = FORMAT.format  # noqa: A001 - one of the four verbs of a number module
about = FORMAT.about
complete = FORMAT.complete
