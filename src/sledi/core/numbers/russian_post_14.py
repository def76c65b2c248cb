"""Russian Post, items inside Russia: fourteen digits.

    190031 45 12345 8
    │      │  │     └─ check digit
    │      │  └─────── serial number in that office and month
    │      └────────── month, counted from 01 = January 2000 to 99 and over again
    └───────────────── index of the accepting office; 80.... for items dispatched online

The check digit is the one of GS1: digits in odd places three times, those in even places once, up to the
next ten. One number in ten passes by chance, so the digit raises the carrier but proves it only as long as
no other carrier's leading digits fit as well (Nova Poshta 20 and 59, ZTO 73 to 78).

Source: the description of the barcode in Russian Wikipedia; the rule holds for all nine real numbers printed
in public documentation of the Russian Post APIs and for none of the four placeholders.

>>> validate("190031 45 12345 8")
'19003145123458'
>>> format("80082240994512")
'800822 40 99451 2'
>>> validate("12345678901234")
Traceback (most recent call last):
sledi.core.numbers.errors.WrongCheckDigit: check_digit, expected 1
"""

from sledi.core.numbers.check_digits import gs1
from sledi.core.numbers.format import CheckRule, Evidence, Format, looks


def check_digit(number: str) -> str:
    """The digit that ought to stand last."""
    return gs1(number[:-1])


FORMAT = Format(
    id="russian_post_14",
    carriers=("russian_post",),
    looks=looks("#{14}", evidence=Evidence.LENGTH),
    check=CheckRule(expected=check_digit, passed=0.8, failed=0.3, confirms=True),
    countries=("RU",),
    groups=(6, 2, 5, 1),
    samples=(
        "10944022440321",
        "11172522364055",
        "10944022490302",
        "29014562148754",
        "14102192069353",
        "80082240994512",
    ),
    source="READMEs of lapaygroup/RussianPost and appwilio/russianpost-sdk",
    as_of="2026-11-21",
)
FORMATS = (FORMAT,)

compact = FORMAT.compact
validate = FORMAT.validate
is_valid = FORMAT.is_valid
format = FORMAT.format  # noqa: A001 - one of the four verbs of a number module
about = FORMAT.about
complete = FORMAT.complete
