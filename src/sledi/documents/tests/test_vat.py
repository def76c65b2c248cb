"""Tax of prices that contain it: exact to the minor unit, and what is added up adds up."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sledi.documents.vat import Taxed, by_rate, included


@pytest.mark.parametrize(
    ("gross", "percent", "vat"),
    [
        (12000, 20, 2000),
        (10000, 20, 1667),
        (3, 20, 1),  # exactly half a unit goes up
        (10500, 20, 1750),
        (1000, 9, 83),
        (999, 0, 0),
        (0, 20, 0),
        (-12000, 20, -2000),
        (-3, 20, -1),
    ],
)
def test_the_tax_is_taken_out_of_the_price_half_up(gross: int, percent: int, vat: int) -> None:
    assert included(gross, percent) == vat


def test_the_tax_of_a_rate_is_that_of_its_sum_and_not_the_sum_of_the_lines() -> None:
    assert by_rate([(3, 20), (3, 20), (100, 9)]) == [Taxed(20, 5, 1, 6), Taxed(9, 92, 8, 100)]
    assert included(3, 20) * 2 == 2


@given(some.lists(some.tuples(some.integers(1, 10**12), some.sampled_from([0, 9, 20])), min_size=1))
def test_base_and_tax_are_what_was_paid(lines: list[tuple[int, int]]) -> None:
    found = by_rate(lines)
    assert all(tax.base + tax.vat == tax.gross for tax in found)
    assert sum(tax.gross for tax in found) == sum(gross for gross, _percent in lines)
    assert all(
        abs(2 * tax.vat * (100 + tax.percent) - 2 * tax.gross * tax.percent) <= 100 + tax.percent
        for tax in found
    )
