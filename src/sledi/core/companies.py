"""Numbers of companies and of payers of value added tax: whether one can be right.

    >>> company("831 641 791", "BG")
    '831641791'
    >>> vat("bg831641791", "BG")
    'BG831641791'

Sources: BULSTAT register, structure and check digits of the ЕИК (nine digits, thirteen for a branch); the shapes of
VAT identification numbers, European Commission, VIES frequently asked questions, question 11.
"""

import re
from collections.abc import Sequence
from types import MappingProxyType

LENGTH_MAX = 20


class WrongNumber(ValueError):
    """A text is no such number. ``reason``: not_a_number, wrong_length, wrong_check_digit, wrong_country.

    ``limit``: the letters of the country that it has to begin with.
    """

    def __init__(self, reason: str, limit: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.limit = limit


def company(text: str, country: str) -> str:
    """The number of a company in its country's register, without what stands between its signs. Raises WrongNumber.

    Where the country's rule is not known, any short number is taken.
    """
    plain = _plain(text)
    if country == "BG":
        _demand_eik(plain)
    return plain


def vat(text: str, country: str) -> str:
    """The VAT number with the letters of its country in front. Raises WrongNumber."""
    plain = _plain(text)
    letters = VAT_LETTERS.get(country, country)
    if not plain.startswith(letters):
        raise WrongNumber("wrong_country", letters)
    rest = plain.removeprefix(letters)
    if not 2 <= len(rest) <= 12:
        raise WrongNumber("wrong_length")
    if country == "BG" and not (len(rest) == 10 and rest.isdecimal()):  # ten: a person's number
        _demand_eik(rest)
    return plain


def _plain(text: str) -> str:
    plain = _BETWEEN.sub("", text).upper()
    if len(plain) > LENGTH_MAX:
        raise WrongNumber("wrong_length")
    if not _SHAPE.fullmatch(plain):
        raise WrongNumber("not_a_number")
    return plain


def _demand_eik(plain: str) -> None:
    if not plain.isdecimal():
        raise WrongNumber("not_a_number")
    if len(plain) not in (9, 13):
        raise WrongNumber("wrong_length")
    digits = [int(sign) for sign in plain]
    if digits[8] != _check(digits[:8], range(1, 9), range(3, 11)):
        raise WrongNumber("wrong_check_digit")
    if len(digits) == 13 and digits[12] != _check(digits[8:12], (2, 7, 3, 5), (4, 9, 5, 7)):
        raise WrongNumber("wrong_check_digit")


def _check(digits: Sequence[int], first: Sequence[int], second: Sequence[int]) -> int:
    """The weighted sum over 11; ten is weighed anew, and ten again counts as nought."""
    for weights in (first, second):
        rest = sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 11
        if rest < 10:
            return rest
    return 0


VAT_LETTERS = MappingProxyType({"GR": "EL"})
"""Letters of VAT numbers where they are not those of the country."""
_BETWEEN = re.compile(r"[\s\u00a0\u2009\u202f./-]+")
_SHAPE = re.compile(r"[A-Z0-9]{2,20}", re.ASCII)
