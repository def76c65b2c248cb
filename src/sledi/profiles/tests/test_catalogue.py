"""Who describes goods, and what the processing time of marked goods is called: told by the profile, checked with it."""

import pytest

from sledi import profiles
from sledi.profiles.tests.test_faults import SHOP

CATALOGUE = "catalogue: {roles: [owner, seller]}\n"
TIMES = """marks:
  item:
    sewn: {label: {en: Sewn, ru: Шьётся}, time: {en: 'Sewing: {days}', ru: 'Пошив: {days}'}}
"""


def faults(text: str) -> list[tuple[str, str]]:
    return [(one.rule, one.words) for one in profiles.faults_of(text, "shop.yaml")]


def test_a_catalogue_and_times_are_no_fault() -> None:
    assert faults(SHOP + CATALOGUE + TIMES) == []


@pytest.mark.parametrize(
    ("more", "rule", "words"),
    [
        ("catalogue: {roles: []}\n", "no-role", "nobody may describe goods"),
        ("catalogue: {roles: [carrier]}\n", "unknown-role", "there is no role of people `carrier`"),
        ("catalogue: {rolls: [owner]}\n", "document", ""),
        ("catalogue: [owner]\n", "document", ""),
        (TIMES.replace(", ru: 'Пошив: {days}'", ""), "missing-words", "marks.item.sewn.time: no words in ru"),
        (TIMES.replace("Пошив: {days}", "Пошив"), "missing-words", "the ru words do not say {days}"),
        (TIMES.replace("Пошив: {days}", "Пошив: {days} {weeks}"), "unknown-blank", ""),
        (
            TIMES.replace("item:", "order:"),
            "unknown-level",
            "there is no level with a time of its own `order`",
        ),
    ],
)
def test_a_slip_in_them_is_told(more: str, rule: str, words: str) -> None:
    found = faults(SHOP + more)
    assert [one for one, _said in found] == [rule]
    assert words in found[0][1]


def test_goods_are_copied_to_items_of_orders() -> None:
    bare = """
profile: shop
version: 1
languages: [en]
name: {en: Shop}
levels: {track: {}}
states:
  track:
    under_way: {phase: outbound, initial: true, label: {en: Under way}}
    over: {phase: closed, final: true, label: {en: Over}}
transitions: {track: {end: {label: {en: End}, from: [under_way], to: over, roles: [owner]}}}
"""
    assert faults(bare) == []
    assert [rule for rule, _words in faults(bare + CATALOGUE)] == ["unknown-level", "unknown-level"]


def test_the_workflow_knows_them() -> None:
    assert profiles.workflow("retail").describers == {"owner", "platform"}
    assert profiles.workflow("marketplace").describers == {"owner", "platform", "seller"}
    assert profiles.workflow("buyout").describers == frozenset()
    assert profiles.workflow("retail").item_times["made_to_order"]["ru"] == "Время пошива: {days}"
