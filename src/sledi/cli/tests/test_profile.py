"""``sledi profile``: what it prints and with which code it ends."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sledi import core, profiles
from sledi.cli import main

SHOP = Path(core.__file__).parent / "workflow" / "tests" / "shop.yaml"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own with the small shop in it."""
    file = tmp_path / "shop.yaml"
    file.write_text(SHOP.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setenv("SLEDI_PROFILES", str(tmp_path))
    return file


def test_check_says_that_a_sound_file_is_sound(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", "check", str(shop)]) == 0
    assert capsys.readouterr().out == f"{shop}: no faults\n"


def test_check_prints_each_fault_of_each_file(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shop.write_text(
        SHOP.read_text(encoding="utf-8").replace("calendar: CN", "calendar: ZZ"), encoding="utf-8"
    )
    assert main(["profile", "check", str(SHOP), str(shop)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"{SHOP}: no faults", f"{shop}:163: unknown-calendar: no calendar of `ZZ` is known"]


def test_check_without_a_file_checks_all_that_are_known(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["profile", "check"])
    checked = {Path(line.partition(":")[0]).stem for line in capsys.readouterr().out.splitlines()}
    assert checked == set(profiles.names())


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_check_refuses_what_cannot_be_read(
    content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.yaml"
    if content:
        file.write_bytes(content)
    assert main(["profile", "check", str(file)]) == 1
    assert capsys.readouterr().err.startswith(f"sledi: {file} cannot be read: ")


def test_show_prints_the_document(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", "show", "shop"]) == 0
    assert capsys.readouterr().out == SHOP.read_text(encoding="utf-8")


def test_show_prints_the_table_of_moves(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", "show", "shop", "--json"]) == 0
    table = json.loads(capsys.readouterr().out)
    moves = {move["name"]: move for move in table["levels"]["item"]["moves"]}
    assert moves["buy"] == {
        "name": "buy",
        "from": ["buying"],
        "to": "packaging",
        "trigger": "action",
        "roles": ["operator"],
        "requires": {"actual_price": "money", "shop_code": "code"},
        "guards": ["price_agreed"],
        "effects": [],
        "is_bulk": True,
    }


def test_diagram_draws_the_first_level_or_the_one_asked_for(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, title in ([], "Shop: order"), (["--level", "item", "--lang", "ru"], "Лавка: item"):
        assert main(["profile", "diagram", "shop", *arguments]) == 0
        picture = ElementTree.fromstring(capsys.readouterr().out)
        assert picture.findtext("{http://www.w3.org/2000/svg}title") == title


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["show", "florist"], "there is no profile florist: there are "),
        (["diagram", "florist"], "there is no profile florist: there are "),
        (["show", "shop", "--json"], "shop.yaml:3: version: versions count from 1"),
        (["diagram", "buyout", "--level", "moon"], "profile buyout has no level moon: "),
        (["diagram", "buyout", "--lang", "tlh"], "profile buyout does not speak tlh: "),
    ],
)
def test_what_is_not_there_or_faulty_is_refused(
    arguments: list[str], reason: str, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.write_text(SHOP.read_text(encoding="utf-8").replace("version: 2", "version: 0"), encoding="utf-8")
    assert main(["profile", *arguments]) == 1
    assert capsys.readouterr().err.startswith(f"sledi: {reason}")


def test_wrong_use_ends_with_2() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["profile", "burn"])
    assert ended.value.code == 2
