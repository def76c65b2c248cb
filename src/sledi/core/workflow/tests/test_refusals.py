"""Every refusal has its sentence in five languages, with the same blanks in each."""

import re

import pytest

from sledi.core.workflow import Refused
from sledi.core.workflow.refusals import FIELD_LABELS, SENTENCES, filled, words

LANGUAGES = ["ru", "bg", "kk", "uk", "en"]


@pytest.mark.parametrize("key", [*SENTENCES])
def test_a_sentence_is_there_in_every_language_with_the_same_blanks(key: str) -> None:
    said = SENTENCES[key]
    assert list(said) == LANGUAGES
    assert len({tuple(sorted(re.findall(r"\{\w+\}", text))) for text in said.values()}) == 1
    assert len(set(said.values())) == len(LANGUAGES)


@pytest.mark.parametrize("key", [*FIELD_LABELS])
def test_a_usual_field_is_labelled_in_every_language(key: str) -> None:
    assert list(FIELD_LABELS[key]) == LANGUAGES


def test_a_blank_is_filled_in_the_readers_language_and_its_braces_stay() -> None:
    assert words("missing_field", field={"en": "Name", "ru": "Имя"})["ru"] == "Заполните поле «Имя»."
    assert words("missing_field", field={"en": "Name"})["kk"] == "«Name» өрісін толтырыңыз."
    assert filled("{a} {b}", "en", {"a": "{x}", "b": {}}) == "{x} b"


def test_a_refusal_speaks_english_in_a_log_or_what_there_is() -> None:
    assert str(Refused("guard", words={"ru": "Нет.", "en": "No."})) == "No."
    assert str(Refused("guard", words={"ru": "Нет."})) == "Нет."
    assert str(Refused("guard", words={})) == "guard"
