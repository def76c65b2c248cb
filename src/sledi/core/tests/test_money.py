"""Amounts are whole minor units: read as people write them, split without losing a unit."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sledi.core import money
from sledi.core.money import Money, OtherCurrency, WrongAmount


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12", "EUR", 1200),
        ("12.5", "EUR", 1250),
        ("12,50", "EUR", 1250),
        ("12.", "EUR", 1200),
        (",50", "EUR", 50),
        ("0", "KZT", 0),
        ("1 234,56", "KZT", 123456),
        ("1\u00a0234\u202f567.8", "RUB", 123456780),
        ("1,234.50", "USD", 123450),
        ("1.234,50", "EUR", 123450),
        ("1.234.567", "EUR", 123456700),
        ("1,234,567", "USD", 123456700),
        ("1'234.50", "CHF", 123450),
        ("1’234.50", "CHF", 123450),
        ("１２．５０", "CNY", 1250),
        ("¥12.50", "CNY", 1250),
        ("12,50 €", "EUR", 1250),
        ("EUR 12,50", "EUR", 1250),
        ("500 ₸", "KZT", 50000),
        ("100 руб.", "RUB", 10000),
        ("+5", "EUR", 500),
        ("1,234", "KWD", 1234),
        ("1500", "JPY", 1500),
        ("9999999999999.99", "EUR", 999999999999999),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, currency: str, minor: int) -> None:
    assert money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency", "reason", "limit"),
    [
        ("", "EUR", "not_a_number", 0),
        ("twelve", "EUR", "not_a_number", 0),
        ("1e5", "EUR", "not_a_number", 0),
        ("12 34", "EUR", "not_a_number", 0),
        ("1,23,4.5", "EUR", "not_a_number", 0),
        ("-x", "EUR", "not_a_number", 0),
        ("12 EUR", "USD", "not_a_number", 0),
        ("12.345", "EUR", "too_many_decimals", 2),
        ("1.234", "EUR", "too_many_decimals", 2),
        ("1.5", "JPY", "too_many_decimals", 0),
        ("-5", "EUR", "negative", 0),
        ("−5,00", "EUR", "negative", 0),
        ("10000000000000", "EUR", "too_large", 9999999999999),
        ("9" * 60, "EUR", "too_large", 9999999999999),
        ("5", "XXX", "unknown_currency", 0),
        ("5", "", "unknown_currency", 0),
    ],
)
def test_what_is_no_amount_is_refused_with_its_reason(
    text: str, currency: str, reason: str, limit: int
) -> None:
    with pytest.raises(WrongAmount) as refused:
        money.parse(text, currency)
    assert (refused.value.reason, refused.value.limit) == (reason, limit)


@given(st.integers(0, money.LARGEST_MINOR), st.sampled_from(["JPY", "EUR", "KZT", "KWD"]))
def test_an_amount_reads_back_from_its_decimals(minor: int, currency: str) -> None:
    amount = Money(minor, currency)
    assert money.parse(f"{amount.decimal:f}", currency) == amount


def test_decimals_are_those_of_the_currency() -> None:
    assert Money(123450, "KZT").decimal == Decimal("1234.50")
    assert Money(-5, "KWD").decimal == Decimal("-0.005")
    assert str(Money(1500, "JPY").decimal) == "1500"


def test_amounts_add_and_compare_within_a_currency() -> None:
    ten, four = Money(1000, "EUR"), Money(400, "EUR")
    assert ten + four == Money(1400, "EUR")
    assert ten - four == Money(600, "EUR")
    assert -four == Money(-400, "EUR")
    assert (four < ten, four <= four, ten > four, ten >= ten) == (True, True, True, True)
    assert (ten < four, ten <= four, four > ten, four >= ten) == (False, False, False, False)


def test_amounts_of_two_currencies_neither_add_nor_compare() -> None:
    euro, lev = Money(100, "EUR"), Money(100, "BGN")
    assert euro != lev
    with pytest.raises(OtherCurrency):
        euro + lev
    with pytest.raises(OtherCurrency):
        euro - lev
    with pytest.raises(OtherCurrency):
        euro < lev  # noqa: B015


def test_a_share_is_rounded_half_away_from_zero() -> None:
    assert money.share(10001, 500) == 5001
    assert money.share(-10001, 500) == -5001
    assert money.share(999, 1000) == 999
    assert money.share(999, 0) == 0


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
def test_parts_sum_exactly_and_differ_less_than_a_unit_from_their_due(minor: int, weights: list[int]) -> None:
    parts = money.split(minor, weights)
    due = weights if any(weights) else [1] * len(weights)
    assert sum(parts) == minor
    assert all(
        abs(part - Fraction(minor * weight, sum(due))) < 1 for part, weight in zip(parts, due, strict=True)
    )


def test_the_earlier_part_gets_the_odd_unit() -> None:
    assert money.split(100, [1, 1, 1]) == [34, 33, 33]
    assert money.split(-100, [1, 1, 1]) == [-34, -33, -33]
    assert money.split(5, [0, 0]) == [3, 2]


@pytest.mark.parametrize("weights", [[], [1, -1]])
def test_an_amount_is_not_split_in_nothing_or_less(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="split"):
        money.split(100, weights)


@pytest.mark.parametrize(
    ("lev", "euro"), [(100, 51), (195583, 100000), (195, 100), (196, 100), (-100, -51), (1, 1)]
)
def test_lev_become_euro_at_the_fixed_rate_half_up(lev: int, euro: int) -> None:
    assert money.to_euro(Money(lev, "BGN")) == Money(euro, "EUR")


def test_only_lev_become_euro_at_that_rate() -> None:
    with pytest.raises(OtherCurrency):
        money.to_euro(Money(100, "KZT"))
