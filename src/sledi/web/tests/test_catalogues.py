"""The gettext catalogues: everything said in the sources is said in every language, whole."""

import re

import pytest

from sledi.web.catalogues import PLURALS, TRANSLATED, incomplete, path_of, sources, stored

LETTERS = {
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "bg": "абвгдежзийклмнопрстуфхцчшщъьюяѝ",
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "kk": "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
}
BLANK = re.compile(r"%\(\w+\)s")
MARK_UP = re.compile(r"</?\w+>")


def pairs(language):
    """Each text of the sources with what the language says for it, form by form."""
    for message in stored(language):
        if message.id:
            said = message.string if message.pluralizable else (message.string,)
            yield (message.id[-1] if message.pluralizable else message.id), said


def test_there_is_something_to_translate():
    assert len(list(sources())) > 200


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated_in_all_its_plural_forms(language):
    assert [message.id for message in incomplete(language)] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_text_is_kept_that_nobody_says(language):
    wanted = {message.id[0] if message.pluralizable else message.id for message in sources()}
    kept = {message.id[0] if message.pluralizable else message.id for message in stored(language)}
    assert kept - wanted == set()


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_plural_rule_is_djangos(language):
    number, rule = PLURALS[language]
    assert f"nplurals={number}; plural={rule};" in path_of(language).read_text()


@pytest.mark.parametrize("language", TRANSLATED)
def test_blanks_and_marks_stay_what_they_are(language):
    for text, said in pairs(language):
        for form in said:
            assert sorted(BLANK.findall(form)) == sorted(BLANK.findall(text)), text
            assert sorted(MARK_UP.findall(form)) == sorted(MARK_UP.findall(text)), text


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_language_uses_its_own_letters(language):
    """A Russian ы in Ukrainian, or a Latin letter inside a Cyrillic word, is a slip."""
    for _, said in pairs(language):
        for form in said:
            for word in re.findall(r"[^\W\d_]+", MARK_UP.sub("", BLANK.sub("", form))):
                if re.search(r"[а-яёіїєґәғқңөұүһ]", word, re.I):
                    assert set(word.lower()) <= set(LETTERS[language]), word
