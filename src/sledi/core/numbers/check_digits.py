"""Check digits that several formats share. Each function gives the digit that ought to stand at the end.

They take the number *without* its check digit and trust the caller that it holds only what the rule allows.
Rules that one format has for itself live in that format's module.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import mul
from types import MappingProxyType

_ZERO = ord("0")
# Twice a digit, its own digits added up: 7 becomes 14 becomes 5.
_LUHN_DOUBLED = bytes.maketrans(b"0123456789", bytes(2 * d - 9 * (d > 4) for d in range(10)))
_VALUES = bytes.maketrans(b"0123456789", bytes(range(10)))
# UPS counts a letter as the last digit of (ASCII code - 3), so A is 2 and Z is 7.
_LETTER_VALUES = bytes.maketrans(
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    bytes(range(10)) + bytes((ord(letter) - 3) % 10 for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
)


def weighted_sum(digits: str, weights: Sequence[int]) -> int:
    """Each digit times its weight, added up; the shorter of the two ends the sum."""
    return sum(map(mul, digits.encode().translate(_VALUES), weights))


def gs1(body: str) -> str:
    """GS1 General Specifications, section 7.9: weights 3 1 3 1 from the right, up to the next ten.

    >>> gs1("12345678901234567")
    '5'
    """
    codes = body.encode()
    heavy, light = codes[-1::-2], codes[-2::-2]
    total = 3 * sum(heavy) + sum(light) - _ZERO * (3 * len(heavy) + len(light))
    return str(-total % 10)


def luhn(body: str) -> str:
    """ISO/IEC 7812-1, annex B: every second digit from the right doubled.

    >>> luhn("7992739871")
    '3'
    """
    codes = body.encode()
    total = sum(codes[-1::-2].translate(_LUHN_DOUBLED)) + sum(codes[-2::-2].translate(_VALUES))
    return str(-total % 10)


def ups(body: str) -> str:
    """UPS: letters count too, every second character twice, up to the next ten.

    OnTrac uses the same rule on its whole number, prefix letter included.

    >>> ups("45E7W8034001234")
    '2'
    """
    values = body.encode().translate(_LETTER_VALUES)
    return str(-(sum(values[0::2]) + 2 * sum(values[1::2])) % 10)


# The rules a data file may name.
BY_NAME: Mapping[str, Callable[[str], str]] = MappingProxyType({"gs1": gs1, "luhn": luhn, "ups": ups})
