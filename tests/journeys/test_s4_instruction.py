"""The seller's instruction: made of the profile, it names exactly the statuses, roles and mandatory fields of it."""

import re
from html import unescape
from typing import Any

import pytest
import yaml

from sledi import profiles
from tests.journeys.office import Office, text_of

pytestmark = pytest.mark.django_db
PROFILE = "marketplace"

ROLES = {
    "bg": {"platform": "Платформа", "seller": "Продавач", "system": "автоматично", "timer": "срокът"},
    "en": {"platform": "Platform", "seller": "Seller", "system": "by itself", "timer": "the deadline"},
    "ru": {"platform": "Площадка", "seller": "Продавец", "system": "автоматически", "timer": "срок"},
}
STAGES = {
    "bg": [
        "Етап 1. Обработка",
        "Етап 2. Изпращане",
        "Етап 3. При получаване",
        "Етап 4. Връщане на пари или замяна",
    ],
    "en": ["Stage 1. Processing", "Stage 2. Shipping", "Stage 3. On receipt", "Stage 4. Refund or exchange"],
    "ru": [
        "Этап 1. Обработка",
        "Этап 2. Отправка",
        "Этап 3. При получении",
        "Этап 4. Возврат денег или обмен",
    ],
}


def document() -> Any:
    """The profile as it is written, read without the product."""
    return yaml.load(profiles.text(PROFILE), yaml.BaseLoader)


def promised(stage: Any, language: str) -> dict[str, list[tuple[str, frozenset[str], tuple[str, ...]]]]:
    """What the profile says: each status of a stage with its moves, their roles and mandatory fields."""
    said = document()
    states, moves = said["states"]["order"], said["transitions"]["order"]
    named = stage["states"]["order"]
    leaves = [
        key
        for key, one in states.items()
        if (key in named or one.get("parent") in named)
        and not any(other.get("parent") == key for other in states.values())
    ]
    return {
        states[key]["label"][language]: [
            (
                move["label"][language],
                frozenset(move["roles"]),
                tuple(
                    field["label"][language]
                    for field in move.get("requires", {}).values()
                    if field.get("optional") != "true" and field.get("recommended") != "true"
                ),
            )
            for move in moves.values()
            if move.get("to") == key
        ]
        for key in leaves
    }


def told(html: str, language: str) -> dict[str, list[tuple[str, frozenset[str], tuple[str, ...]]]]:
    """What the page says of a stage, read off its words."""
    roles = {words: role for role, words in ROLES[language].items()}
    found = {}
    for status in re.findall(r'<li id="order-\w+">.*?</ul>', html, re.DOTALL):
        pill = re.search(r'<span class="pill[^>]*>(.*?)</span>', status, re.DOTALL)
        assert pill
        found[plain(pill[1])] = [
            (
                plain(name),
                frozenset(roles[one] for one in plain(who).split(", ")),
                tuple(plain(fields).split("; ")) if fields else (),
            )
            for name, who, fields in re.findall(
                r'<b>(.*?)</b>.*?<span class="who">(.*?)</span>(?:<br>[^<]*<span class="mandatory">(.*?)</span>)?',
                status,
                re.DOTALL,
            )
        ]
    return found


def plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html)).strip()


@pytest.mark.promise("S4.39")
@pytest.mark.parametrize("language", ["bg", "en", "ru"])
def test_the_instruction_is_exactly_the_profile(office: Office, language: str) -> None:
    page = office.html("seller", "instruction/", language=language)
    sections = re.findall(r'<section class="card stack" id="stage-\w+".*?</section>', page, re.DOTALL)
    assert [plain(re.search("<h2.*?</h2>", one, re.DOTALL)[0]) for one in sections] == STAGES[language]  # type: ignore[index]
    for section, stage in zip(sections, document()["stages"], strict=True):
        assert told(section, language) == promised(stage, language)
        assert plain(stage["about"][language]) in plain(section)


@pytest.mark.promise("S4.39")
def test_it_names_the_number_at_shipped_and_the_note_at_refunded(office: Office) -> None:
    page = text_of(office.html("seller", "instruction/", language="bg"))
    assert "Изпратете (SHIPPED) Кой го прави: Продавач Задължително: Номер на пратката" in page
    assert "Потвърдете плащането (PROCESSED) Кой го прави: Платформа" in page
    for move in ("Върнете парите (refunded)", "Заменете стоката (refunded)"):
        assert f"{move} Кой го прави: Продавач Задължително: Забележка, какво направихте" in page
    assert "Промяната се запазва само с бутона „Променете статута на поръчката“." in page


@pytest.mark.promise("S4.39")
def test_another_profile_gives_another_page(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """The page is made at every reading: a changed profile cannot leave an old one behind."""
    changed = profiles.text(PROFILE).replace("bg: Номер на пратката", "bg: Товарителница")
    (tmp_path / "marketplace.yaml").write_text(changed, encoding="utf-8")
    monkeypatch.setenv(profiles.FOLDER_SETTING, str(tmp_path))
    page = text_of(office.html("seller", "instruction/", language="bg"))
    assert "Задължително: Товарителница" in page
    assert "Номер на пратката" not in page


def test_everybody_may_read_it_and_the_legend_leads_there(office: Office) -> None:
    from django.test import Client

    answer = Client(headers={"accept-language": "bg"}).get("/marketplace/instruction/")
    assert answer.status_code == 200
    assert "Инструкция за отследяване на поръчките" in answer.content.decode()
    assert 'href="/marketplace/instruction/"' in office.html("seller", "legend/")
