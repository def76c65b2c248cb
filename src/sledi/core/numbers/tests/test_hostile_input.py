"""Whatever text comes, there is an answer, no exception, and no more work than its length allows."""

import json
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sledi.core.numbers import FORMATS, Detection, Hints, Pasted, about, detect, find, grouped, likely_meant

quick = settings(
    max_examples=1500, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)

any_text = st.text(st.characters(), max_size=60)  # surrogates and unassigned characters too
near_numbers = st.text(
    st.sampled_from("0123456789RRCNLPYTSFZEOILSBРУСНКАВЕТМХ \n\t-–,.;:/+()#№\u200b\u200f\u00a0ＣＮ１２ж中🙂"),
    max_size=80,
)
hints = st.builds(
    Hints,
    origin=st.sampled_from(["", "CN", "kz", "??", "ЖЖ"]),
    destination=st.sampled_from(["", "RU", "BG", "XX"]),
    carriers=st.lists(st.sampled_from(["cdek", "nobody", ""]), max_size=3).map(tuple),
    seller_carrier=st.sampled_from(["", "econt", "'; DROP TABLE carriers"]),
)


@quick
@given(any_text | near_numbers, hints)
def test_detect_is_total(text, known):
    detection = detect(text, known)
    assert isinstance(detection, Detection)
    assert detection.raw == text
    assert detection.candidates or detection.errors
    json.dumps(detection.to_dict())
    grouped(detection.normalized)
    about(detection.normalized)
    likely_meant(detection.normalized)


@quick
@given(any_text | near_numbers)
def test_find_is_total_and_accounts_for_repetition(text):
    pasted = find(text)
    assert isinstance(pasted, Pasted)
    found = [detection.normalized for detection in pasted]
    assert len(found) == len(set(found))
    assert all(found)


@quick
@given(any_text | near_numbers)
def test_normalising_is_idempotent(text):
    normalized = detect(text).normalized
    assert normalized == "" or detect(normalized).normalized == normalized


@quick
@given(near_numbers)
def test_nothing_is_confirmed_with_an_error(text):
    detection = detect(text)
    assert not (detection.confirmed and detection.errors)


@quick
@given(st.sampled_from(sorted(FORMATS)), st.data())
def test_every_verb_of_every_format_is_safe(format_id, data):
    format_ = FORMATS[format_id]
    text = data.draw(any_text | near_numbers)
    assert isinstance(format_.is_valid(text), bool)
    assert isinstance(format_.format(text), str)


HOSTILE = [
    "<script>alert('RR123456785CN')</script>",
    "<img src=x onerror=alert(1)>",
    "'; DROP TABLE parcels; --",
    "1' OR '1'='1",
    "{{ 7*7 }} ${7*7} #{7*7}",
    "%00%0a%0d../../etc/passwd",
    '=HYPERLINK("http://evil.example","RR123456785CN")',
    "\ud800\udfff",
    "\x00RR123456785CN\x00",
    "RR123456785CN\u202e",
    "Ð ÐŸ123456785 CN",
    "RR123456785CNâ€‹Ã",
    "à¸£à¸«à¸±à¸ªà¸žà¸±à¸ªà¸”à¸¸ RR123456785CN",
    "İIıi ſß ǅ ﬃ ㎏ ½ Ⅻ",
    "٠١٢٣٤٥٦٧٨٩ ०१२३४५६७८९",
    "🏴\U000e0067\U000e0062\U000e007f 👨‍👩‍👧‍👦",
    "\u0301" * 1000,
    "(" * 10_000,
    "9" * 10_000,
    "https://" * 1000,
    "+7" * 5000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_gets_an_answer(text):
    detection = detect(text)
    assert detection.normalized in {"", "RR123456785CN"}
    assert detection.raw == text
    assert {one.normalized for one in find(text)} <= {"RR123456785CN"}


def test_markup_never_reaches_the_normalized_number():
    for text in HOSTILE:
        assert not set("<>'\"&;=(){}$%\\/") & set(detect(text).normalized)


def calls_of(work: Callable[[], Any]) -> int:
    """How many functions, Python's and C's, ``work`` calls: a measure of work that no busy machine changes."""
    count = 0

    def counted(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


SHAPES_OF_TEXT = {
    "numbers": "RR123456785CN\n",
    "long chat": "Посылка от продавца, заказ номер 55021: отправлена; ждите, пожалуйста, сообщения 📦 \n",
    "chat": "заказ 55021 на RR 123 456 785 CN, тел. +7 701 123 45 67 до 12.10.2026 \n",
    "one line": "LX004921336CN и ",
    "digits": "1 ",
    "groups": "1234 5678 ",
    "no spaces": "RR12345678",
    "marks": "\u0300\u0316",
    "look-alikes": "РУ1234 ",
    "links": "https://a.example/track/1 ",
    "dashes": "12-",
    "almost": "RR 123 456 78 ",
    "pluses": "+1 ",
}


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES_OF_TEXT.values(), ids=SHAPES_OF_TEXT)
def test_ten_times_the_text_is_at_most_ten_times_the_work(shape):
    short = shape * (20_000 // len(shape))
    small = calls_of(lambda: find(short))
    large = calls_of(lambda: find(short * 10))
    assert large <= 10 * small + 2_000


@pytest.mark.slow
def test_ten_megabytes_of_a_long_chat_give_its_numbers():
    line = "Посылка от продавца, заказ номер 55021: отправлена; ждите, пожалуйста, сообщения о доставке 📦 \n"
    megabyte = line * (1_000_000 // len(line.encode())) + "RR123456785CN\n"
    pasted = find(megabyte * 10)
    assert ([one.normalized for one in pasted], pasted.duplicates) == (["RR123456785CN"], 9)
    assert pasted.unsure == ("55021",)
