"""Value added tax of prices that contain it.

    >>> included(12000, 20)
    2000

The tax of a rate is reckoned from the sum of everything at this rate, half a minor unit up: line by line it would
differ by a cent here and there. Union law leaves level and method of rounding to the member states (Court of
Justice, C-484/06 Ahold); each paper says how it was done.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Taxed:
    """What a paper has at one rate, in minor units: ``gross`` is ``base`` and ``vat``."""

    percent: int
    base: int
    vat: int
    gross: int


def included(gross: int, percent: int) -> int:
    """The tax in an amount that contains it. Negative amounts mirror positive ones."""
    sign = -1 if gross < 0 else 1
    whole = 100 + percent
    return sign * ((2 * abs(gross) * percent + whole) // (2 * whole))


def by_rate(lines: Iterable[tuple[int, int]]) -> list[Taxed]:
    """Of lines of (gross, per cent) what is taxed at each rate, the highest first."""
    sums: dict[int, int] = {}
    for gross, percent in lines:
        sums[percent] = sums.get(percent, 0) + gross
    return [
        Taxed(percent, gross - included(gross, percent), included(gross, percent), gross)
        for percent, gross in sorted(sums.items(), reverse=True)
    ]
