"""UPS: 1Z and sixteen letters or digits.

    1Z 45E7W8 03 4001234 2
    │  │      │  │       └─ check digit
    │  │      │  └───────── package
    │  │      └──────────── service
    │  └─────────────────── shipper's account
    └────────────────────── always 1Z

The check digit counts a letter as the last digit of its ASCII code minus 3, every second character twice, up
to the next ten. The numbers that UPS prints for tests partly fail it, and people paste them.

Source: https://github.com/jkeen/tracking_number_data couriers/ups.json; https://github.com/jbittel/drogher

>>> validate("1z 45e 7w8 03 4001 2342")
'1Z45E7W80340012342'
>>> format("1Z5R89390357567127")
'1Z 5R8 939 03 5756 7127'
>>> validate("1Z12345E0205271688")  # a published test number
Traceback (most recent call last):
sledi.core.numbers.errors.WrongCheckDigit: check_digit, expected 6
"""

from sledi.core.numbers import check_digits
from sledi.core.numbers.format import CheckRule, Evidence, Format, looks


def check_digit(number: str) -> str:
    """The digit that ought to stand last."""
    return check_digits.ups(number[2:-1])


FORMAT = Format(
    id="ups_1z",
    carriers=("ups",),
    looks=looks("1Z*{15}#", evidence=Evidence.PREFIX),
    check=CheckRule(expected=check_digit, passed=0.98, failed=0.6, confirms=True),
    groups=(2, 3, 3, 2, 4, 4),
    samples=(
        "1Z5R89390357567127",
        "1Z879E930346834440",
        "1Z410E7W0392751591",
        "1Z8V92A70367203024",
        "1ZXX3150YW44070023",
        "1Z999AA10123456784",
        "1ZWX0692YP40636269",
        "1Z648616E192760718",
    ),
    source="jkeen/tracking_number_data, jbittel/drogher, UPS developer guide",
    as_of="2026-11-21",
)
FORMATS = (FORMAT,)

compact = FORMAT.compact
validate = FORMAT.validate
is_valid = FORMAT.is_valid
format = FORMAT.format  # noqa: A001 - one of the four verbs of a number module
about = FORMAT.about
complete = FORMAT.complete
