"""People leave carriers' replies, whole and cut off, and nothing else does."""

import doctest
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sledi.core import privacy
from sledi.core.privacy import clean_text, private_fields, telephones, without_people

FIELDS = private_fields(r"phone|\w{0,9}Name", texts="text|place", people="sender|receiver")
PHONES = telephones(r"\+?380\d{9}")


def masked(body: str) -> str:
    return without_people(body.encode(), FIELDS).decode()


def test_the_examples_in_the_module_hold() -> None:
    found = doctest.testmod(privacy)
    assert found.attempted > 0
    assert found.failed == 0


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ('{"phone":"+380671234567","id":7}', '{"phone":"","id":7}'),
        ('{"phone" : 380671234567}', '{"phone" : ""}'),
        ('{"phone":null,"lastName":"Б \\"Борис\\" П"}', '{"phone":"","lastName":""}'),
        ('{"phone":{"lastName":"Борис"}}', '{"phone":{"lastName":""}}'),
        ('{"text":"派件员:张三"}', '{"text":"\\u6d3e\\u4ef6\\u5458:***"}'),
        ('{"text":"Прибыло","id":"+380671234567"}', '{"text":"Прибыло","id":"+380671234567"}'),
        ('{"text":7,"place":null}', '{"text":7,"place":null}'),
        ('{"sender":"Борис","id":1}', '{"sender":"","id":1}'),
        (
            '{"sender":{"name":"Б }","country":"KZ","address":{"city":"А"}},"id":1}',
            '{"sender":{"country":"KZ"},"id":1}',
        ),
        ('{"receiver":{"name":"Борис"}}', '{"receiver":{}}'),
    ],
)
def test_private_fields_are_emptied_and_texts_cleaned(body: str, kept: str) -> None:
    assert masked(body) == kept
    assert json.loads(kept)


@pytest.mark.parametrize(
    ("half", "kept"),
    [
        ('{"phone":"+38067', '{"phone":""'),
        ('{"lastName":"Бо\\', '{"lastName":""\\'),
        ('{"text":"派件员:张', '{"text":"***"'),
        ('{"sender":{"name":"Бо', '{"sender":{'),
        ('{"sender":{"country":"KZ","name":"Бо', '{"sender":{"country":"KZ"'),
        ('{"sender":{"address":{"street":"Абая', '{"sender":{'),
        ('{"sender":"Бо', '{"sender":""'),
    ],
)
def test_half_a_body_keeps_no_person(half: str, kept: str) -> None:
    assert masked(half) == kept


WHOLE = (
    '{"sender":{"name":"SECRET","more":{"x":"SECRET"},"country":"KZ"},"phone":"SECRET",'
    '"text":"signed by SECRET","lastName":"SECRET","place":"signed by: SECRET, then"}'
)


def test_no_half_of_a_body_keeps_a_person() -> None:
    for end in range(len(WHOLE) + 1):
        assert "SEC" not in masked(WHOLE[:end])


def test_fields_without_people_are_left_byte_for_byte() -> None:
    body = b'{"nu" : "13800138000",\n "a":[1.50, "\\u0430"], "phones":"x"}\xff'
    assert without_people(body, FIELDS) == body


@given(st.lists(st.sampled_from([*WHOLE.split('"'), '"', "\\", "{", "}", "派件员:张三", "a@b.example"])))
def test_masking_twice_is_masking_once(pieces: list[str]) -> None:
    once = masked("".join(pieces))
    assert masked(once) == once


@given(st.binary())
def test_any_bytes_can_be_masked(body: bytes) -> None:
    once = without_people(body, FIELDS)
    assert without_people(once, FIELDS) == once


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("тел. +380671234567, 380671234567", "тел. ***, ***"),
        ("3806712345678", "3806712345678"),
        ("RB380671234567", "RB380671234567"),
        ("1380671234567", "1380671234567"),
        ("-380671234567", "-380671234567"),
    ],
)
def test_telephones_leave_a_body_and_parts_of_longer_numbers_stay(text: str, kept: str) -> None:
    assert PHONES.sub(b"***", text.encode()).decode() == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("派件员:张**，电话:138****8211", "派件员:***，电话:***"),
        ("李四(138 0013 8000)正在派件", "***(***)正在派件"),
        ("您的快件正在派件，联系电话13800138000", "您的快件正在派件，联系电话***"),
        ("投递员 王小明 正在投递", "投递员 *** 正在投递"),
        ("call +7 916 123-45-67", "call ***"),
        ("ask boris@example.com", "ask ***"),
        ("Delivered, signed by: IVAN PETROV. Thank you", "Delivered, signed by ***. Thank you"),
        ("Получатель: Борис Петров, вручено", "Получатель: ***, вручено"),
        ("单号YT8812345678901", "单号YT8812345678901"),
        ("Flight SU205 left 2026-05-10 02:00", "Flight SU205 left 2026-05-10 02:00"),
        ("", ""),
    ],
)
def test_names_telephones_and_addresses_leave_a_text(text: str, kept: str) -> None:
    assert clean_text(text) == kept
    assert clean_text(kept) == kept
