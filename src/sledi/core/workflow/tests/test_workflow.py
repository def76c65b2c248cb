"""A workflow answers for its profile: initial states, final ones, leaves, settings, words."""

import pytest

from sledi.core.workflow import FaultyProfile, faults, load
from sledi.core.workflow.tests.shop import document, shop


def test_a_profile_is_what_its_document_says() -> None:
    found = shop()
    assert (found.profile, found.version, found.languages) == ("shop", 2, ("en", "ru"))
    assert found.levels["order"].children == ("item", "parcel", "case")
    assert found.levels["parcel"].children == ("item",)
    assert found.levels["parcel"].max_per_order == 1
    assert {level: known.is_derived for level, known in found.levels.items()} == {
        "order": True,
        "item": False,
        "parcel": False,
        "case": False,
    }


def test_states_begin_and_end() -> None:
    assert shop().initial("item") == "queued"
    assert shop().is_final("item", "refused")
    assert not shop().is_final("item", "queued")
    assert shop().leaves("item", "queued") == ("queued",)
    assert shop().states("item")["packaging"].parent == "processing"


def test_a_level_the_profile_has_not_is_a_mistake_of_the_caller() -> None:
    for ask in (shop().states, shop().transitions, shop().timers):
        with pytest.raises(KeyError):
            ask("haul")


def test_words_fall_back_to_the_original_language() -> None:
    name = shop().name
    assert shop().words(name, "ru") == "Лавка"
    assert shop().words(name, "kk") == "Shop"
    assert shop().words({}, "kk") == ""


def test_settings_are_what_was_chosen_else_the_default() -> None:
    chosen = shop().settings_with({"stall_days": 7, "unknown": 1})
    assert chosen == {
        "stall_days": 7,
        "window_days": 14,
        "is_strict": True,
        "delivery": "post",
        "greeting": "Hello",
    }


def test_stages_and_timers_stand_for_leaves() -> None:
    assert shop().stages[0].states == {"order": {"open"}, "item": {"buying", "packaging"}}
    assert shop().timers("item")["stalled"].states == {"buying", "packaging"}


def test_a_faulty_document_is_refused_with_all_its_faults() -> None:
    changed = document()
    changed["version"] = 0
    changed["timers"]["item"]["stalled"]["calendar"] = "ZZ"
    lines = {(): 1, ("version",): 3, ("timers", "item"): 90}
    with pytest.raises(FaultyProfile) as refused:
        load(changed, lines=lines, source="shop.yaml")
    assert refused.value.faults == faults(changed, lines=lines, source="shop.yaml")
    assert [(fault.line, fault.rule) for fault in refused.value.faults] == [
        (3, "version"),
        (90, "unknown-calendar"),
    ]
    assert str(refused.value).splitlines()[0] == "shop.yaml:3: version: versions count from 1"


@pytest.mark.parametrize("nothing", [{}, {"profile": "x"}, [], None, "text"])
def test_what_is_no_profile_at_all_is_one_fault(nothing: object) -> None:
    [fault] = faults(nothing, source="x")  # type: ignore[arg-type]
    assert (fault.line, fault.rule) == (1, "document")
    with pytest.raises(FaultyProfile):
        load(nothing)  # type: ignore[arg-type]
