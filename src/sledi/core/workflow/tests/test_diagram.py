"""The table as a picture and as a list: everything that executes is there, and nothing else."""

from xml.etree import ElementTree

import pytest

from sledi.core.workflow import diagram, legend, load
from sledi.core.workflow.tests.shop import document, shop

SVG = "{http://www.w3.org/2000/svg}"


def drawn(level: str, language: str = "en") -> ElementTree.Element:
    return ElementTree.fromstring(diagram(shop(), level, language))


@pytest.mark.parametrize("level", [*shop().levels])
def test_a_picture_is_xml_with_words_for_who_cannot_see_it(level: str) -> None:
    picture = drawn(level, "ru")
    assert picture.get("role") == "img"
    assert picture.findtext(f"{SVG}title") == f"Лавка: {level}"
    assert picture.findtext(f"{SVG}desc")


def test_every_state_has_a_box_and_every_pair_of_states_an_arrow() -> None:
    picture = drawn("item")
    boxes = [group.get("data-state") for group in picture.iter(f"{SVG}g")]
    assert boxes == ["queued", "buying", "received", "packaging", "delivered", "refused"]
    moves = shop().transitions("item").values()
    pairs = {(source, move.target) for move in moves for source in move.sources if move.target}
    assert len(picture.findall(f"{SVG}path")) == len(pairs)
    assert "Queued → Being bought: Take" in str(picture.findtext(f"{SVG}desc"))


def test_final_states_have_a_double_border_and_the_initial_one_a_dot() -> None:
    boxes = {group.get("data-state"): group for group in drawn("item").iter(f"{SVG}g")}
    borders = {state: len(group.findall(f"{SVG}rect")) for state, group in boxes.items()}
    assert borders == {"queued": 1, "buying": 1, "packaging": 1, "received": 1, "delivered": 2, "refused": 2}
    assert [state for state, group in boxes.items() if group.findall(f"{SVG}circle")] == ["queued"]


def test_no_two_arrows_share_a_line() -> None:
    paths = [path.get("d", "") for path in drawn("item").findall(f"{SVG}path")]
    runs = [(path.split("H")[1].split("V")[0], sorted(map(int, _heights(path)))) for path in paths]
    for index, (lane, (low, high)) in enumerate(runs):
        for other, (from_, to) in runs[index + 1 :]:
            assert lane != other or high < from_ or to < low


def _heights(path: str) -> tuple[str, str]:
    return path.split(" ")[1].split("H")[0], path.split("V")[1].split("H")[0]


def test_words_of_a_profile_cannot_break_out_of_the_picture() -> None:
    changed = document()
    changed["states"]["item"]["queued"]["label"]["en"] = (
        "<script>&\"' a very long label that goes on and on forever"
    )
    picture = ElementTree.fromstring(diagram(load(changed), "item", "en"))
    assert picture.findall(f".//{SVG}script") == []


def test_the_legend_tells_every_state_and_the_ways_out_of_it() -> None:
    first = legend(shop(), "item", "ru")[0]
    assert (first.state, first.label, first.about, first.is_initial) == ("queued", "В очереди", "Ждёт.", True)
    assert [(way.label, way.target_label) for way in first.ways] == [
        ("Взять", "Выкупается"),
        ("Описать", ""),
        ("Невозможно поставить", "Отказано"),
        ("expire", "Отказано"),
    ]
    assert [entry.is_hidden for entry in legend(shop(), "item", "en")].count(True) == 1


def test_a_machines_move_is_called_by_its_event() -> None:
    assert [way.label for way in legend(shop(), "parcel", "en")[1].ways] == ["DELIVERED"]


def test_a_derived_level_is_described_by_its_states() -> None:
    assert drawn("order").findtext(f"{SVG}desc") == "Open; Partly sent; Done"


def test_a_level_the_profile_has_not_has_no_picture() -> None:
    with pytest.raises(KeyError):
        diagram(shop(), "haul", "en")
