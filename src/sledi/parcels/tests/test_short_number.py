"""Short numbers: what is drawn, what is read, and every slip of a finger that is noticed."""

import pytest

from sledi.parcels import short_number
from sledi.parcels.short_number import ALPHABET, LENGTH, compact, draw, is_valid


@pytest.fixture(scope="module")
def drawn() -> list[str]:
    return [draw() for _ in range(50)]


def test_what_is_drawn_is_valid_and_says_nothing_of_how_many_there_are(drawn: list[str]) -> None:
    assert all(is_valid(number) and len(number) == LENGTH for number in drawn)
    assert len(set(drawn)) == len(drawn)
    assert sorted(drawn) != drawn


@pytest.mark.parametrize("lookalike", "0O1IL")
def test_no_number_has_a_character_that_looks_like_another(drawn: list[str], lookalike: str) -> None:
    assert lookalike not in ALPHABET
    assert not is_valid(lookalike + drawn[0][1:])


def test_every_single_wrong_character_is_noticed(drawn: list[str]) -> None:
    for number in drawn[:5]:
        for place, right in enumerate(number):
            slips = [number[:place] + sign + number[place + 1 :] for sign in ALPHABET if sign != right]
            assert not any(map(is_valid, slips))


def test_every_swap_of_two_characters_is_noticed(drawn: list[str]) -> None:
    for number in drawn:
        for first in range(LENGTH):
            for second in range(first + 1, LENGTH):
                signs = list(number)
                signs[first], signs[second] = signs[second], signs[first]
                assert is_valid("".join(signs)) == (number[first] == number[second])


@pytest.mark.parametrize("spelling", ["{0}-{1}", "{0} {1}", " {0}{1} "])
def test_people_may_write_it_with_a_hyphen_in_small_letters_or_with_spaces(
    drawn: list[str], spelling: str
) -> None:
    number = drawn[0]
    written = spelling.format(number[:4], number[4:]).lower()
    assert compact(written) == number
    assert is_valid(written)


@pytest.mark.parametrize("text", ["", "7KQM", "7KQM3XF", "7KQM3XF44", "ЖЖЖЖЖЖЖЖ", "7KQM_3XF"])
def test_what_has_another_length_or_other_letters_is_none(text: str) -> None:
    assert not is_valid(text)


def test_the_check_is_the_weighted_sum_modulo_31() -> None:
    """By hand: in 2222222 every value is 0, so is the sum, and the check is the first character."""
    assert is_valid("22222222")
    # 3 has the value 1 and stands first, with weight 2: the check makes 2 up to 31, value 29, which is Y.
    assert ALPHABET[29] == "Y"
    assert is_valid("3222222Y")
    assert short_number.LENGTH == 8
