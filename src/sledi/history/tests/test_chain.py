"""One spelling for one record, and nothing recorded that would come back otherwise."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sledi.history.chain import NotRecordable, digest, spelling
from sledi.history.tests.told import AT

TEXT = some.text(some.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
VALUES = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**63) + 1, 2**63 - 1) | TEXT,
    lambda parts: some.lists(parts, max_size=4) | some.dictionaries(TEXT, parts, max_size=4),
    max_leaves=10,
)


def test_the_spelling_is_sorted_and_without_spaces() -> None:
    assert spelling({"b": [1, None], "a": "Ёлка"}) == '{"a":"Ёлка","b":[1,null]}'.encode()


@pytest.mark.parametrize(
    "zone", [ZoneInfo("Asia/Almaty"), ZoneInfo("America/St_Johns"), timezone(timedelta(hours=-11))]
)
def test_the_same_moment_in_another_zone_is_spelt_the_same(zone: Any) -> None:
    assert spelling({"at": AT.astimezone(zone)}) == b'{"at":"2026-10-05T09:30:15.123456+00:00"}'


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1.0, "record.x: a float"),
        (float("nan"), "record.x: a float"),
        (Decimal("1.5"), "record.x: a Decimal"),
        ({"deep": [1, {"er": 0.5}]}, "record.x.deep[1].er: a float"),
        (datetime(2026, 1, 1), "record.x: a moment without a zone"),  # noqa: DTZ001
        ({1: "one"}, "record.x: the key 1 is no text"),
        (2**63, "record.x: 9223372036854775808… has more than 64 bits"),
        ("a\0b", "record.x: text with a character that cannot be stored"),
        ("\ud83d", "record.x: text with a character that cannot be stored"),
        ({"\0": 1}, "record.x: text with a character that cannot be stored"),
        ({1, 2}, "record.x: a set"),
    ],
)
def test_what_would_come_back_otherwise_is_refused(value: object, words: str) -> None:
    with pytest.raises(NotRecordable) as refused:
        digest({"x": value})
    assert str(refused.value) == words


def test_a_value_nested_without_end_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(NotRecordable, match="nested deeper than 20 levels"):
        digest({"x": endless})


@given(some.dictionaries(TEXT, VALUES, min_size=1, max_size=5))
def test_the_order_of_the_fields_does_not_matter(fields: dict[str, Any]) -> None:
    assert digest(dict(reversed(fields.items()))) == digest(fields)
