"""Documents are read as YAML 1.2's core schema has it, strictly, and compiled once."""

import os
from pathlib import Path

import pytest

from sledi import core, profiles
from sledi.core.workflow import FaultyProfile
from sledi.profiles import UnknownProfile

SHOP = Path(core.__file__).parent / "workflow" / "tests" / "shop.yaml"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own with the small shop in it."""
    (tmp_path / "shop.yaml").write_text(SHOP.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setenv("SLEDI_PROFILES", str(tmp_path))
    return tmp_path


def test_words_that_look_like_something_else_stay_text() -> None:
    document, _ = profiles.read(
        "on: no\noff: 2026-11-22\ntime: 1:30\nhex: 0x1f\nempty:\nfraction: 1.5\n", "x"
    )
    assert document == {
        "on": "no",
        "off": "2026-11-22",
        "time": "1:30",
        "hex": "0x1f",
        "empty": None,
        "fraction": "1.5",
    }


def test_true_false_and_whole_numbers_are_read() -> None:
    document, _ = profiles.read("a: true\nb: False\nc: -12\nd: '5'\ne: 24 hours\nf: [1, {g: ~}]", "x")
    assert document == {"a": True, "b": False, "c": -12, "d": "5", "e": "24 hours", "f": [1, {"g": None}]}


def test_every_path_has_its_line() -> None:
    _, lines = profiles.read("a:\n  b:\n    - x\n    - {c: 1}\nd: 2", "x")
    expected = {
        (): 1,
        ("a",): 1,
        ("a", "b"): 2,
        ("a", "b", 0): 3,
        ("a", "b", 1): 4,
        ("a", "b", 1, "c"): 4,
        ("d",): 5,
    }
    assert lines == expected


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: 1\nb: 2\na: 3", "x:3: duplicate-key: `a` stands here twice"),
        ("a: {b: 1, b: 2}", "x:1: duplicate-key: `b` stands here twice"),
        ("5: a", "x:1: yaml: a key is a text; put other things in quotes"),
        ("[a]: b", "x:1: yaml: a key is a text; put other things in quotes"),
        (
            "a: !!python/name:os.system b",
            "x:1: yaml: tag:yaml.org,2002:python/name:os.system is not known here",
        ),
        ("- a", "x:1: document: a profile is a mapping of its parts"),
        ("", "x:1: document: a profile is a mapping of its parts"),
        ("a: [", "x:1: yaml: "),
        ("a: 1\n\tb: 2", "x:2: yaml: "),
        ("a: \x00", "x:1: yaml: "),
        ("a: " + "[" * 30 + "]" * 30, "x:1: yaml: nested too deep"),
        ("a: " + "[" * 3000 + "]" * 3000, "x:1: yaml: "),
        ("a: " + "b" * 2_000_001, "x:1: yaml: longer than 2000000 characters"),
        ("a: &x [*x]", "x:1: yaml: an alias repeats this elsewhere: write it out there"),
        ("a: &x [1]\nb: *x", "x:1: yaml: an alias repeats this elsewhere: write it out there"),
    ],
)
def test_what_cannot_be_read_safely_is_a_fault(text: str, fault: str) -> None:
    with pytest.raises(FaultyProfile) as refused:
        profiles.read(text, "x")
    assert str(refused.value.faults[0]).startswith(fault)


def test_a_sixth_profile_is_another_file(folder: Path) -> None:
    assert "shop" in profiles.names()
    assert profiles.workflow("shop").version == 2
    assert profiles.text("shop").startswith("# A small business")


def test_a_file_of_ones_own_stands_before_ours(folder: Path) -> None:
    own = SHOP.read_text(encoding="utf-8").replace("profile: shop", "profile: buyout")
    (folder / "buyout.yaml").write_text(own, encoding="utf-8")
    assert profiles.workflow("buyout").name["en"] == "Shop"
    assert profiles.names().count("buyout") == 1


def test_a_profile_is_compiled_once_until_its_file_changes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "LOOK_AGAIN_S", 0)
    first = profiles.workflow("shop")
    assert profiles.workflow("shop", 2) is first
    changed = SHOP.read_text(encoding="utf-8").replace("version: 2", "version: 3")
    (folder / "shop.yaml").write_text(changed, encoding="utf-8")
    os.utime(folder / "shop.yaml", ns=(1, 1))
    assert profiles.workflow("shop").version == 3


@pytest.mark.parametrize("name", ["florist", "", "../settings", "tests/shop"])
def test_a_name_nobody_knows_is_refused(name: str) -> None:
    for ask in (profiles.text, profiles.workflow):
        with pytest.raises(UnknownProfile):
            ask(name)


def test_another_version_is_refused(folder: Path) -> None:
    with pytest.raises(UnknownProfile, match="version 2, not 1"):
        profiles.workflow("shop", 1)


def test_an_older_version_stays_beside_the_present_one(folder: Path) -> None:
    older = SHOP.read_text(encoding="utf-8").replace("version: 2", "version: 1")
    (folder / "shop.v1.yaml").write_text(older, encoding="utf-8")
    assert profiles.workflow("shop", 1).version == 1
    assert profiles.workflow("shop").version == 2
    assert "shop.v1" not in profiles.names()
    (folder / "shop.v7.yaml").write_text(older, encoding="utf-8")
    with pytest.raises(UnknownProfile, match="says that it is version 1"):
        profiles.workflow("shop", 7)


def test_a_faulty_file_is_refused_with_its_name(folder: Path) -> None:
    (folder / "bad.yaml").write_text("profile: bad", encoding="utf-8")
    with pytest.raises(FaultyProfile, match=r"bad.yaml:1: document: "):
        profiles.workflow("bad")


def test_a_file_is_named_as_its_profile(folder: Path) -> None:
    (folder / "store.yaml").write_text(SHOP.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(FaultyProfile, match=r"store.yaml:2: profile-name: .* not shop"):
        profiles.workflow("store")
