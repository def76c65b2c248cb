"""Bank accounts' numbers: what is right is kept in one form, what is wrong is refused by name."""

import pytest

from sledi.core.iban import LENGTHS, WrongIban, masked, parse

RIGHT = (
    "BG80BNBG96611020345678",
    "DE89370400440532013000",
    "GB82WEST12345698765432",
    "GR1601101250000000012300695",
    "NO9386011117947",
    "KZ86125KZT5004100100",
    "MT84MALT011000012345MTLCAST001S",
)


@pytest.mark.parametrize("number", RIGHT)
def test_a_right_number_is_kept_without_spaces_in_capitals(number: str) -> None:
    spaced = " ".join(number[at : at + 4] for at in range(0, len(number), 4)).lower()
    assert parse(number) == parse(spaced) == parse(f"IBAN: {spaced}") == number


@pytest.mark.parametrize("number", RIGHT)
def test_any_one_wrong_digit_and_any_two_swapped_are_found(number: str) -> None:
    for at in range(4, len(number)):
        if number[at].isdigit():
            other = str((int(number[at]) + 1) % 10)
            with pytest.raises(WrongIban, match="wrong_check_digits"):
                parse(number[:at] + other + number[at + 1 :])
        if at + 1 < len(number) and number[at] != number[at + 1]:
            with pytest.raises(WrongIban, match="wrong_check_digits"):
                parse(number[:at] + number[at + 1] + number[at] + number[at + 2 :])


@pytest.mark.parametrize(
    ("text", "reason", "limit"),
    [
        ("", "not_an_iban", 0),
        ("5401 2345", "not_an_iban", 0),
        ("BG80BNBG9661102034567Б", "not_an_iban", 0),
        ("BG٨٠BNBG96611020345678", "not_an_iban", 0),
        ("BG80BNBG96611020345678" * 3, "not_an_iban", 0),
        ("ZZ80BNBG96611020345678", "unknown_country", 0),
        ("US64SVBKUS6S3300958879", "unknown_country", 0),
        ("BG80BNBG966110203456", "wrong_length", 22),
        ("DE8937040044053201300012", "wrong_length", 22),
        ("BG81BNBG96611020345678", "wrong_check_digits", 0),
        # 00, 01 and 99 satisfy the remainder alone, and are no check digits.
        ("BG00BNBG96611020345678", "wrong_check_digits", 0),
    ],
)
def test_what_is_no_iban_is_refused_by_name(text: str, reason: str, limit: int) -> None:
    with pytest.raises(WrongIban) as refused:
        parse(text)
    assert (refused.value.reason, refused.value.limit) == (reason, limit)


def test_people_are_shown_the_country_and_four_characters() -> None:
    assert masked("BG80BNBG96611020345678") == "BG… 5678"


def test_lengths_are_those_a_number_can_have() -> None:
    assert all(len(country) == 2 and 15 <= length <= 34 for country, length in LENGTHS.items())
