"""Numbers of bank accounts: whether one can be right, and how much of it people are shown.

    >>> parse("bg80 bnbg 9661 1020 3456 78")
    'BG80BNBG96611020345678'
    >>> masked("BG80BNBG96611020345678")
    'BG… 5678'

Sources: ISO 13616-1 (structure, check digits by ISO/IEC 7064 MOD 97-10); lengths by country, SWIFT IBAN Registry.
"""

import re
from types import MappingProxyType


class WrongIban(ValueError):
    """A text is no IBAN. ``reason``: not_an_iban, unknown_country, wrong_length, wrong_check_digits.

    ``limit`` is the length that the country's numbers have.
    """

    def __init__(self, reason: str, limit: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.limit = limit


def parse(text: str) -> str:
    """The number as banks write it: capitals, no spaces. Raises WrongIban."""
    plain = _BETWEEN.sub("", text).upper()
    plain = plain.removeprefix("IBAN")
    if not _SHAPE.fullmatch(plain):
        raise WrongIban("not_an_iban")
    length = LENGTHS.get(plain[:2])
    if length is None:
        raise WrongIban("unknown_country")
    if len(plain) != length:
        raise WrongIban("wrong_length", length)
    if not _checks(plain):
        raise WrongIban("wrong_check_digits")
    return plain


def masked(iban: str) -> str:
    """What a page shows of it: the country and the last four characters."""
    return f"{iban[:2]}… {iban[-4:]}"


def _checks(plain: str) -> bool:
    """Letters count from ten; with country and check digits at the end the whole leaves 1 over 97."""
    turned = plain[4:] + plain[:4]
    return 2 <= int(plain[2:4]) <= 98 and int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


_BETWEEN = re.compile(r"[\s\u00a0\u2009\u202f.:-]+")
_SHAPE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}", re.ASCII)

_BY_LENGTH = {
    15: "NO",
    16: "BE",
    18: "DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
LENGTHS = MappingProxyType(
    {country: length for length, countries in _BY_LENGTH.items() for country in countries.split()}
)
"""How many characters the numbers of a country have."""
