"""The tables of names: complete in every language, and whole."""

import re
import tomllib

import pytest

from sledi.core.carrier import Outcome
from sledi.core.numbers.answer import SENTENCES
from sledi.core.numbers.errors import ErrorReason
from sledi.core.statuses import EVENT_CODES, REASONS, PublicStatus
from sledi.core.timeline import RULES, LegKind, Stretch
from sledi.web import words
from sledi.web.looks import LOOKS, icon

LANGUAGES = ("ru", "bg", "kk", "uk", "en")
CYRILLIC = {
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "bg": "абвгдежзийклмнопрстуфхцчшщъьюяѝ",
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "kk": "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
}


def table(language):
    return tomllib.loads((words.LOCALE / language / "statuses.toml").read_text(encoding="utf-8"))


def keys(found, above=()):
    for key, value in found.items():
        yield from keys(value, (*above, key)) if isinstance(value, dict) else [(*above, key)]


def flat(found, above=()):
    for key, value in found.items():
        yield from flat(value, (*above, key)) if isinstance(value, dict) else [((*above, key), value)]


def texts(found):
    for value in found.values():
        yield from texts(value) if isinstance(value, dict) else [value]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_name_in_every_language(language):
    found = table(language)
    assert set(found["event"]) == set(EVENT_CODES)
    assert set(found["reason"]) == set(REASONS)
    assert set(found["status"]) == set(found["headline"]) == {status.value for status in PublicStatus}
    assert set(found["outcome"]) == {outcome.value for outcome in Outcome}
    assert set(found["remark"]) == set(SENTENCES)
    assert set(found["rule"]) == set(RULES)
    assert set(found["leg"]) == {kind.value for kind in LegKind}
    assert set(found["stretch"]) == {stretch.value for stretch in Stretch}
    assert set(found["number_error"]) == {reason.value for reason in ErrorReason}
    assert {row.owes or "nobody" for row in EVENT_CODES.values()} <= set(found["owes"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_languages_have_the_same_names(language):
    assert set(keys(table(language))) == set(keys(table("en")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_name_is_empty_or_glued(language):
    for text in texts(table(language)):
        assert text
        assert text == text.strip()
        assert "  " not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_keeps_the_blanks_that_are_filled_in(language):
    english = dict(flat(table("en")))
    for key, text in flat(table(language)):
        assert sorted(re.findall(r"{\w*}", text)) == sorted(re.findall(r"{\w*}", english[key])), key


@pytest.mark.parametrize("language", sorted(CYRILLIC))
def test_a_language_uses_its_own_letters_only(language):
    """Finds a Russian ы in Ukrainian, a Latin e in Cyrillic, an English word left over."""
    allowed = set(CYRILLIC[language]) | set(" ,.;:?–—’-\u00a0") | set("0123456789")
    for text in texts(table(language)):
        assert set(re.sub(r"{\w+}", "", text).lower()) <= allowed, text


@pytest.mark.parametrize("language", LANGUAGES)
def test_headlines_say_the_day(language):
    for status in PublicStatus:
        said = words.headline(status, "<day>", language)
        assert ("<day>" in said) == (status != PublicStatus.NOT_FOUND)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_stretch_says_which_day_of_it_this_is(language):
    for stretch in Stretch:
        assert "9" in words.stretch_day(stretch, 9, language)


def test_what_the_buyer_must_do_has_advice_of_its_own():
    for row in EVENT_CODES.values():
        if row.owes == "buyer":
            assert row.code in table("en")["move"], row.code


def test_a_move_falls_back_to_the_status_and_then_to_nothing():
    assert words.move("imp.customs_pay", "CUSTOMS", "en").title == "Pay the customs duty"
    assert words.move("bad.damaged", "PROBLEM", "en").title == "Ask the carrier what stopped it"
    assert words.move("line.moving", "IN_TRANSIT", "en").title == "Nothing for you to do"


def test_a_language_without_a_table_reads_english():
    assert words.status_name("CUSTOMS", "de") == "With customs"


def test_every_status_has_a_tone_and_a_shape():
    assert set(LOOKS) == set(PublicStatus)
    assert {look.tone for look in LOOKS.values()} == {"neutral", "info", "action", "ok", "problem"}
    for look in LOOKS.values():
        assert "<path" in icon(look.icon) or "<circle" in icon(look.icon)
