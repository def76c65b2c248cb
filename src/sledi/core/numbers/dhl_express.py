"""DHL Express waybill: ten digits, rarely eleven, the last being the others modulo 7.

A rule that any number passes once in seven: the digit raises DHL Express but never confirms it. CDEK has ten
digits as well, and the 1234567890 that DHL itself prints as an example fails.

Source: https://github.com/jkeen/tracking_number_data couriers/dhl.json; https://github.com/jbittel/drogher

>>> validate("123 456 789 1")
'1234567891'
>>> validate("1234567890")
Traceback (most recent call last):
sledi.core.numbers.errors.WrongCheckDigit: check_digit, expected 1
"""

from sledi.core.numbers.format import CheckRule, Evidence, Format, looks


def check_digit(number: str) -> str:
    """The digit that ought to stand last."""
    return str(int(number[:-1]) % 7)


FORMAT = Format(
    id="dhl_express_10",
    carriers=("dhl_express",),
    looks=looks("#{10}", evidence=Evidence.LENGTH),
    check=CheckRule(expected=check_digit, passed=0.5, failed=0.21, confirms=False),
    groups=(2, 4, 4),
    samples=(
        "3318810025",
        "8487135506",
        "1099255990",
        "3821724944",
        "3318810036",
        "3318810014",
        "1656740256",
    ),
    source="jkeen/tracking_number_data, jbittel/drogher",
    as_of="2026-11-21",
)
ELEVEN_DIGITS = Format(
    id="dhl_express_11",
    carriers=("dhl_express",),
    looks=looks("#{11}", evidence=Evidence.LENGTH),
    check=CheckRule(expected=check_digit, passed=0.25, failed=0.03, confirms=False),
    samples=("73891051146",),
    source="jkeen/tracking_number_data",
    as_of="2026-11-21",
)
FORMATS = (FORMAT, ELEVEN_DIGITS)

compact = FORMAT.compact
validate = FORMAT.validate
is_valid = FORMAT.is_valid
format = FORMAT.format  # noqa: A001 - one of the four verbs of a number module
about = FORMAT.about
complete = FORMAT.complete
