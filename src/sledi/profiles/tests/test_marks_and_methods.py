"""Flags that orders are placed with, and ways of sending: told by the profile, and checked with it."""

import pytest

from sledi import carriers, profiles
from sledi.profiles.tests.test_faults import SHOP

MARKS = "marks:\n  item:\n    fragile: {label: {en: Fragile, ru: Хрупкое}}\n"
METHODS = "methods:\n  by_post: {label: {en: By post, ru: Почтой}, carriers: [china_post]}\n"


def faults(more: str) -> list[tuple[str, str]]:
    return [(one.rule, one.words) for one in profiles.faults_of(SHOP + more, "shop.yaml")]


def test_marks_and_methods_are_no_fault() -> None:
    assert faults(MARKS + METHODS) == []


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        (MARKS.replace("item", "parcel"), "unknown-level"),
        (MARKS.replace("fragile", "late"), "duplicate"),
        (MARKS.replace("fragile", "Fragile!"), "wrong-key"),
        (MARKS.replace(", ru: Хрупкое", ""), "missing-words"),
        (MARKS.replace("label", "labels"), "document"),
        (METHODS.replace("by_post", "By post"), "wrong-key"),
        (METHODS.replace(", ru: Почтой", ""), "missing-words"),
    ],
)
def test_a_slip_in_them_is_told(more: str, rule: str) -> None:
    assert [found for found, _words in faults(more)] == [rule]


def test_the_workflow_knows_them() -> None:
    retail = profiles.workflow("retail")
    assert retail.marks("item")["ships_in_24_hours"]["ru"] == "Отправка: 24 часа"
    assert retail.marks("parcel") == {}
    assert retail.methods["free_shipping"].carriers == ("china_post", "singapore_post")
    assert retail.methods["untracked_post"].is_untracked


@pytest.mark.parametrize("name", profiles.names())
def test_every_carrier_of_a_method_is_in_the_directory(name: str) -> None:
    for method in profiles.workflow(name).methods.values():
        assert set(method.carriers) <= carriers.directory().keys()
