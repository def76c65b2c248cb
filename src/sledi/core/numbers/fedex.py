"""FedEx: five kinds of digits with three rules between them.

    12 digits      Express: weights 3 1 7 repeating, sum modulo 11, then modulo 10
    15 digits      Ground: check digit of GS1
    18 digits      an SSCC
    20 or 22       SmartPost: 92, which may be left out, then 61...; check digit of GS1 over all 22
    22, 96 first   Ground 96: check digit of GS1 over the last fifteen
    34 digits      Express and Ground barcodes (1001..., 1002..., 96...): weights 1 7 3 over the last fourteen

Twelve and fifteen digits are also used by half of China's couriers, so those two never confirm.

Source: https://github.com/jkeen/tracking_number_data couriers/fedex.json

>>> validate("9865 7878 8855")
'986578788855'
>>> EXPRESS_12.check.expected("123456789010"), GROUND_15.check.expected("123456789012340")
('2', '3')
>>> is_valid("9611020987654312345672"), is_valid("9600000000000000000001")
(True, False)
"""

from sledi.core.numbers.check_digits import gs1, weighted_sum
from sledi.core.numbers.format import CheckRule, Evidence, Family, Format, looks

_SOURCE = "jkeen/tracking_number_data"
_AS_OF = "2026-11-21"


def _express_digit(number: str) -> str:
    return str(weighted_sum(number[:11], (3, 1, 7) * 4) % 11 % 10)


def _barcode_digit(number: str) -> str:
    return str(weighted_sum(number[20:33], (1, 7, 3) * 5) % 11 % 10)


def _smartpost_digit(number: str) -> str:
    return gs1(number[:-1] if len(number) == 22 else "92" + number[:-1])


def _last_fifteen_digit(number: str) -> str:
    return gs1(number[-15:-1])


EXPRESS_12 = Format(
    id="fedex_12",
    carriers=("fedex",),
    looks=looks("#{12}", evidence=Evidence.LENGTH),
    check=CheckRule(expected=_express_digit, passed=0.45, failed=0.08, confirms=False),
    groups=(4, 4, 4),
    samples=("986578788855", "477179081230", "799531274483", "790535312317", "974367662710"),
    source=_SOURCE,
    as_of=_AS_OF,
)
GROUND_15 = Format(
    id="fedex_15",
    carriers=("fedex",),
    looks=looks("#{15}", evidence=Evidence.LENGTH),
    check=CheckRule(expected=_last_fifteen_digit, passed=0.45, failed=0.06, confirms=False),
    groups=(4, 4, 4, 3),
    samples=("041441760228964", "568283610012000", "568283610012734"),
    source=_SOURCE,
    as_of=_AS_OF,
)
SSCC_18 = Format(
    id="fedex_18",
    carriers=("fedex",),
    looks=looks("#{18}", evidence=Evidence.LENGTH),
    check=CheckRule(expected=lambda number: gs1(number[:-1]), passed=0.3, failed=0.04, confirms=False),
    samples=("000123450000000027",),
    source=_SOURCE,
    as_of=_AS_OF,
)
SMARTPOST = Format(
    id="fedex_smartpost",
    carriers=("fedex", "usps"),
    looks=looks("61#{18}", "9261#{18}", evidence=Evidence.SHARED),
    check=CheckRule(expected=_smartpost_digit, passed=0.9, failed=0.5, confirms=True),
    samples=("61299998820821171811", "9261292700768711948021"),
    source=_SOURCE,
    as_of=_AS_OF,
)
GROUND_96 = Format(
    id="fedex_96",
    carriers=("fedex",),
    looks=looks("96#{20}", evidence=Evidence.LEADING),
    check=CheckRule(expected=_last_fifteen_digit, passed=0.97, failed=0.5, confirms=True),
    samples=("9611020987654312345672", "9611019012345612345671"),
    source=_SOURCE + ", jbittel/drogher",
    as_of=_AS_OF,
)
BARCODE_34 = Format(
    id="fedex_34",
    carriers=("fedex",),
    looks=looks("100#{31}", "96#{32}", evidence=Evidence.LEADING),
    check=CheckRule(expected=_barcode_digit, passed=0.97, failed=0.5, confirms=True),
    samples=(
        "1001921334250001000300779017972697",
        "1001921380360001000300639585804382",
        "1001901781990001000300617767839437",
        "1002297871540001000300790695517286",
        "9622001900000000000000776632517510",
        "9622001560000000000000794808390594",
        "9622001560001234567100794808390594",
        "9632001560123456789900794808390594",
        "9632001960000000000400152152152158",
    ),
    source=_SOURCE + ", jbittel/drogher",
    as_of=_AS_OF,
)
FORMATS = (EXPRESS_12, GROUND_15, SSCC_18, SMARTPOST, GROUND_96, BARCODE_34)

_NUMBERS = Family(FORMATS)

compact = _NUMBERS.compact
validate = _NUMBERS.validate
is_valid = _NUMBERS.is_valid
format = _NUMBERS.format  # noqa: A001 - one of the four verbs of a number module
about = _NUMBERS.about
