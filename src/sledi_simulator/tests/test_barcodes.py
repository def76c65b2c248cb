import pytest

from sledi_simulator import barcodes


@pytest.mark.parametrize(("serial", "digit"), [("47312482", "9"), ("48150367", "8"), ("12345678", "5")])
def test_the_s10_check_digit_is_that_of_published_numbers(serial, digit):
    assert barcodes.s10_check_digit(serial) == digit


@pytest.mark.parametrize("number", ["19003145123458", "80123456789018"])
def test_the_russian_check_digit_is_that_of_published_numbers(number):
    assert barcodes.russian_check_digit(number[:13]) == number[13]


@pytest.mark.parametrize(
    ("number", "post", "country"),
    [
        ("RB481503678CN", "china_post", "CN"),
        ("RN123456785SG", "singapore_post", "SG"),
        ("RB123456785BY", "belpost", "BY"),
        ("19003145123458", "russian_post", "RU"),
        ("0500100031143", "ukrposhta", "UA"),
        ("YT8812345678901", "yuantong", "CN"),
        ("75870132531594", "zhongtong", "CN"),
    ],
)
def test_a_number_says_who_issued_it(number, post, country):
    identity = barcodes.identify(number)
    assert identity is not None
    assert (identity.post, identity.country) == (post, country)


@pytest.mark.parametrize("number", ["RB481503679CN", "19003145123459", "RB481503678US", "", "PARCEL"])
def test_a_mistyped_or_foreign_number_was_issued_by_nobody(number):
    assert barcodes.identify(number) is None


@pytest.mark.parametrize(
    "number", ["RB481503678CN", "RB000000900CN", "19003145123458", "0500100031143", "YT8812345678901"]
)
def test_the_neighbour_is_another_good_number_of_the_same_post(number):
    other = barcodes.neighbour(number)
    assert other != number
    assert barcodes.identify(other) is not None
    assert barcodes.identify(other).post == (barcodes.identify(number) or barcodes.identify(other)).post
