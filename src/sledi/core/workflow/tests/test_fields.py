"""What is supplied with a move is cleaned by its type; what cannot be cleaned is refused by its field."""

import math
from typing import Any

import pytest

from sledi.core.workflow import Field, Refused
from sledi.core.workflow.fields import clean, complete

LABEL = {"en": "It", "ru": "Оно"}
ONE, OTHER = "01a0e73e-1280-7f4a-9268-1000c04d6dc7", "01a0e73e-1280-7fb9-92ce-d646b096a971"


def field(type_: str, **options: Any) -> Field:
    return Field("it", type_, LABEL, **options)


def cleaned(one: Field, value: Any, currency: str = "EUR") -> Any:
    return clean((one,), {"it": value}, currency)["it"]


GOOD = [
    (field("text"), "  a\r\nb\rc ", "a\nb\nc"),
    (field("text"), 42, "42"),
    (field("text"), "ключ\t中文", "ключ\t中文"),
    (field("text", max_length=3), "abc", "abc"),
    (field("code"), " AB-12/3_x.9 ", "AB-12/3_x.9"),
    (field("code"), 7731, "7731"),
    (field("choice", choices={"a": LABEL}), " a ", "a"),
    (field("date"), " 2026-11-22", "2026-11-22"),
    (field("boolean"), True, True),
    (field("boolean"), "on", True),
    (field("boolean"), "Нет", False),
    (field("boolean"), 0, False),
    (field("integer"), "12", 12),
    (field("integer"), "-3", -3),
    (field("integer"), "１２", 12),
    (field("integer"), 12.0, 12),
    (field("integer", min=0, max=5), 5, 5),
    (field("weight_g"), "750", 750),
    (field("weight_g", max=2_000_000), 1_500_000, 1_500_000),
    (field("length_mm"), 1, 1),
    (field("money"), "1 234,50", 123450),
    (field("money"), 12.5, 1250),
    (field("money"), 12, 1200),
    (field("money", currency="JPY"), "500", 500),
    (field("tracking_number"), "rr 473 124 829 cn", "RR473124829CN"),
    (field("tracking_number"), "773012345678901", "773012345678901"),
    (field("tracking_number", accepts_any=True), "RR473124828CN", "RR473124828CN"),
    (field("tracking_number", accepts_any=True), 8831220075, "8831220075"),
    (field("photos"), [ONE, f" {OTHER.upper()} ", ONE, ""], [ONE, OTHER]),
    (field("photos"), f" {ONE}  {OTHER},\n{ONE}", [ONE, OTHER]),
    (field("photos"), f'["{ONE}", "{OTHER}"]', [ONE, OTHER]),
    (field("photos", max=2), [ONE, OTHER], [ONE, OTHER]),
]

WRONG = [
    (field("photos"), "box.jpg", "not_photos"),
    (field("photos"), [ONE, 7], "not_photos"),
    (field("photos"), {ONE: 1}, "not_photos"),
    (field("photos"), f'["{ONE}"', "not_photos"),
    (field("photos"), "[" * 100_000, "not_photos"),
    (field("photos"), True, "not_photos"),
    (field("photos"), f"{ONE}{OTHER}", "not_photos"),
    (field("photos"), [f"{ONE[:-2]}{number:02}" for number in range(11)], "too_many_photos"),
    (field("photos", max=1), [ONE, OTHER], "too_many_photos"),
    (field("text"), ["a"], "not_text"),
    (field("text"), True, "not_text"),
    (field("text"), "a\x00b", "control_characters"),
    (field("text"), "a\x1bb", "control_characters"),
    (field("text"), "a\ud800b", "control_characters"),
    (field("text", max_length=3), "abcd", "too_long"),
    (field("text"), "a" * 2001, "too_long"),
    (field("code"), "a b", "not_a_code"),
    (field("code"), "-a", "not_a_code"),
    (field("code"), "код", "not_a_code"),
    (field("code"), "a" * 65, "too_long"),
    (field("choice", choices={"a": LABEL}), "b", "not_a_choice"),
    (field("date"), "22.11.2026", "not_a_date"),
    (field("date"), "2026-02-30", "not_a_date"),
    (field("date"), "20261122", "not_a_date"),
    (field("boolean"), "maybe", "not_yes_or_no"),
    (field("integer"), "many", "not_a_number"),
    (field("integer"), "1.5", "not_whole"),
    (field("integer"), 1.5, "not_whole"),
    (field("integer"), math.nan, "not_a_number"),
    (field("integer"), True, "not_a_number"),
    (field("integer"), 10**30, "too_large"),
    (field("integer", min=2), 1, "too_small"),
    (field("weight_g"), 0, "too_small"),
    (field("weight_g"), 1_000_001, "too_large"),
    (field("length_mm"), 5001, "too_large"),
    (field("money"), "twelve", "not_a_number"),
    (field("money"), math.inf, "not_a_number"),
    (field("money"), [], "not_text"),
    (field("money"), "-1", "negative"),
    (field("money"), "1.234", "too_many_decimals"),
    (field("money"), "9" * 20, "too_large"),
    (field("money", min=100), "0.99", "too_small"),
    (field("tracking_number"), "RR473124828CN", "check_digit"),
    (field("tracking_number"), "hello world", "not_a_tracking_number"),
    (field("tracking_number"), "RR473124829XX", "not_a_tracking_number"),
    (field("tracking_number", accepts_any=True), "12", "not_a_tracking_number"),
    (field("tracking_number", accepts_any=True), "привет", "not_a_tracking_number"),
]


@pytest.mark.parametrize(("one", "value", "clean_value"), GOOD)
def test_a_value_is_cleaned_by_its_type(one: Field, value: Any, clean_value: Any) -> None:
    found = cleaned(one, value)
    assert found == clean_value
    assert type(found) is type(clean_value)


@pytest.mark.parametrize(("one", "value", "problem"), WRONG)
def test_a_wrong_value_is_refused_with_what_is_wrong(one: Field, value: Any, problem: str) -> None:
    with pytest.raises(Refused) as refused:
        cleaned(one, value)
    assert (refused.value.reason, refused.value.field, refused.value.problem) == (
        "wrong_field",
        "it",
        problem,
    )
    assert set(refused.value.words) == {"ru", "bg", "kk", "uk", "en"}
    assert all("{" not in text for text in refused.value.words.values())
    assert "«Оно»" in refused.value.words["ru"]


def test_limits_are_told() -> None:
    with pytest.raises(Refused) as refused:
        cleaned(field("text", max_length=3), "abcd")
    assert refused.value.words["en"].endswith("The most characters it takes: 3.")


def test_without_a_known_currency_no_amount_is_taken() -> None:
    with pytest.raises(Refused) as refused:
        cleaned(field("money"), "5", currency="")
    assert (refused.value.reason, refused.value.field) == ("guard_error", "it")


@pytest.mark.parametrize("empty", [None, "", "   "])
def test_an_empty_optional_field_is_left_out_and_empty_in_rules(empty: Any) -> None:
    asked = tuple(
        Field(type_, type_, LABEL, is_optional=True)
        for type_ in ("text", "integer", "boolean", "money", "date")
    )
    found = clean(asked, dict.fromkeys(["text", "integer", "boolean"], empty), "EUR")
    assert found == {}
    assert complete(asked, found) == {"text": "", "integer": 0, "boolean": False, "money": 0, "date": ""}


@pytest.mark.parametrize("empty", ["", [], ["", " "], "[]", " ", None, [""]])
def test_no_photo_at_all_is_an_empty_field(empty: Any) -> None:
    asked = (Field("it", "photos", LABEL, is_optional=True),)
    assert clean(asked, {"it": empty}, "") == {}
    assert complete(asked, {}) == {"it": []}
    with pytest.raises(Refused) as problem:
        clean((field("photos"),), {"it": empty}, "")
    assert problem.value.reason == "missing_field"


def test_false_and_zero_are_not_empty() -> None:
    asked = (Field("a", "boolean", LABEL), Field("b", "integer", LABEL))
    assert clean(asked, {"a": False, "b": 0}, "") == {"a": False, "b": 0}


def test_a_field_has_a_column_and_a_flag() -> None:
    assert (Field("weight_g", "weight_g", LABEL).column, Field("weight_g", "weight_g", LABEL).flag) == (
        "weight_g",
        "--weight-g",
    )


NUMBER, NOTE = field("tracking_number"), Field("note", "text", LABEL, is_optional=True)


def refused(text: str) -> Refused:
    with pytest.raises(Refused) as problem:
        clean((NUMBER, NOTE), {"note": text}, "EUR")
    return problem.value


def test_a_number_that_stands_only_in_a_text_is_shown_to_be_confirmed() -> None:
    problem = refused("sent today, RR 473 124 829 CN, call 0888 123 456")
    assert (problem.reason, problem.field, problem.listed[0]) == ("missing_field", "it", "RR473124829CN")
    assert problem.words["en"].startswith("The text holds the number RR473124829CN")


def test_of_several_numbers_in_a_text_the_likeliest_comes_first() -> None:
    assert refused("order 5300012345678, parcel RR473124829CN").listed[0] == "RR473124829CN"


def test_a_text_without_a_number_leaves_the_field_missing() -> None:
    problem = refused("sent today")
    assert (problem.listed, problem.words["en"]) == ((), "Fill in the field “It”.")


def test_other_fields_are_not_looked_for_in_texts() -> None:
    with pytest.raises(Refused) as problem:
        clean((field("code"), NOTE), {"note": "RR473124829CN"}, "EUR")
    assert problem.value.listed == ()
