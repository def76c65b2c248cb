"""Volumetric weight, as carriers' price lists count it."""

import pytest

from sledi.parcels.measures import volumetric_g


@pytest.mark.parametrize(
    ("size_mm", "divisor", "grams"),
    [
        ((300, 200, 100), 6000, 1000),
        ((300, 200, 100), 5000, 1200),
        ((301, 200, 100), 6000, 1004),
        ((1, 1, 1), 6000, 1),
    ],
)
def test_cubic_centimetres_over_the_divisor_are_kilograms(
    size_mm: tuple[int, int, int], divisor: int, grams: int
) -> None:
    assert volumetric_g(*size_mm, divisor) == grams
