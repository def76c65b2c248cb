"""Numbers of companies and of payers of VAT: right ones in one form, wrong ones refused by name."""

import pytest

from sledi.core.companies import WrongNumber, company, vat

# Of the public commercial register of Bulgaria: large companies and a ministry.
RIGHT = ("831641791", "121817309", "000695235", "130460283", "175133827")


@pytest.mark.parametrize("number", RIGHT)
def test_a_right_number_is_kept_without_what_stands_between(number: str) -> None:
    spaced = f" {number[:3]} {number[3:6]}-{number[6:]} "
    assert company(spaced, "BG") == number
    assert vat(f"bg {spaced}", "BG") == f"BG{number}"


@pytest.mark.parametrize("number", RIGHT[:3])
def test_any_one_wrong_digit_is_found(number: str) -> None:
    """Where the first sum yields ten the second may hide a digit; those numbers are left out here."""
    for place in range(9):
        other = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
        with pytest.raises(WrongNumber, match="wrong_check_digit"):
            company(other, "BG")


def test_a_branch_has_four_digits_more_with_a_check_of_their_own() -> None:
    # Of the digits 1 (the check of the company), 0, 0, 1: 1 · 2 + 0 · 7 + 0 · 3 + 1 · 5 is 7.
    assert company("8316417910017", "BG") == "8316417910017"
    with pytest.raises(WrongNumber, match="wrong_check_digit"):
        company("8316417910012", "BG")
    with pytest.raises(WrongNumber, match="wrong_length"):
        company("83164179100", "BG")


@pytest.mark.parametrize(
    ("text", "country", "reason"),
    [
        ("", "BG", "not_a_number"),
        ("83164179A", "BG", "not_a_number"),
        ("8316", "BG", "wrong_length"),
        ("8" * 40, "BG", "wrong_length"),
        ("٨٣١٦٤١٧٩١", "BG", "not_a_number"),
        ("<b>", "DE", "not_a_number"),
    ],
)
def test_what_is_no_company_number_is_refused_by_name(text: str, country: str, reason: str) -> None:
    with pytest.raises(WrongNumber) as refused:
        company(text, country)
    assert refused.value.reason == reason


def test_elsewhere_any_short_number_is_taken() -> None:
    assert company("HRB 12345", "DE") == "HRB12345"
    assert vat("DE 136695976", "DE") == "DE136695976"
    assert vat("EL094014201", "GR") == "EL094014201"


@pytest.mark.parametrize(
    ("text", "country", "reason"),
    [
        ("831641791", "BG", "wrong_country"),
        ("GR094014201", "GR", "wrong_country"),
        ("BG831641792", "BG", "wrong_check_digit"),
        ("BG83164179", "BG", "wrong_length"),
        ("DE1", "DE", "wrong_length"),
    ],
)
def test_what_is_no_vat_number_is_refused_by_name(text: str, country: str, reason: str) -> None:
    with pytest.raises(WrongNumber) as refused:
        vat(text, country)
    assert refused.value.reason == reason


def test_a_person_who_pays_vat_has_ten_digits() -> None:
    assert vat("BG7523169263", "BG") == "BG7523169263"
