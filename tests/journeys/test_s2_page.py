"""What a guest gets: the button, the place first, his own language, no account and nobody's name."""

import re
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from sledi.tracking import wire
from sledi.tracking.models import Reply
from tests.journeys.markup import by_id, lead, read, text, with_class
from tests.journeys.world import (
    Stories,
    ask_everybody,
    command,
    follow,
    let_everything_be_due,
    paste,
    sign_in,
)

pytestmark = pytest.mark.django_db

LEFT_CHINA = "RB298431881CN"
ENGLISH_TEXTS = "LM660045924SG"
UNKNOWN_CODE = "RB302232031CN"
DELIVERED_IN_ASTANA = "RB541330946CN"
READY_IN_LVIV = "RB573797434CN"
ASKS_FOR_THE_TELEPHONE = "SF1466512559452"
LANGUAGES = ("ru", "bg", "kk", "uk", "en")

FIRST_LINES = {
    "RB556626341CN": "Вручена %, Санкт-Петербург, Россия",
    "RB372813271CN": "Можно забрать с %, Казань, Россия",
    "CP598464168CN": "На таможне с %, Внуково, Россия",
    "RB298431881CN": "В пути, последняя отметка %, Гуанчжоу, Китай",
    "RB931014049CN": "В стране получателя с %, Шымкент, Казахстан",
    "RB535873285CN": "На таможне с %, Минск, Беларусь",
    "LB417523926CN": "Доставляется с %, Пловдив, Болгария",
    "RB708257094CN": "Возвращена отправителю %, Иу, Китай",
}


@pytest.mark.promise("S2.27")
def test_the_button_says_track_and_stands_in_a_plain_form(client: Client) -> None:
    page = read(client, "/")
    (form,) = (form for form in page.iter("form") if form.find(".//textarea") is not None)
    assert (form.get("action"), form.get("method")) == ("/t/", "post")
    (button,) = form.iter("button")
    assert (text(button), button.get("type")) == ("Отследить", "submit")


@pytest.mark.promise("S2.27")
@pytest.mark.browser
def test_without_javascript_the_button_works(browser: Any, live_site: str, simulator: Any) -> None:
    context = browser.new_context(java_script_enabled=False, locale="ru")
    page = context.new_page()
    page.goto(live_site)
    page.get_by_label("Номера для отслеживания").fill("RR123456785CN")
    page.get_by_role("button", name="Отследить").click()
    assert re.fullmatch(rf"{live_site}/t/[\w-]{{22}}/", page.url)
    assert page.locator("[data-lead]").get_attribute("data-lead") == "RR123456785CN"
    context.close()


@pytest.mark.promise("S2.28")
@pytest.mark.parametrize("number", FIRST_LINES)
def test_the_first_line_says_where_it_is_and_since_when(
    client: Client, stories: Stories, any_day: Callable[[str], str], number: str
) -> None:
    row = read(client, stories.list_page(number))
    assert any_day(lead(row, number)) == FIRST_LINES[number]
    page = read(client, stories.page(number))
    head = next(iter(by_id(page, "living")))
    assert any_day(text(next(iter(head)))).endswith(FIRST_LINES[number])


@pytest.mark.promise("S2.28")
def test_the_api_and_the_command_begin_with_the_place(client: Client, stories: Stories) -> None:
    parcel = client.get(stories.api(READY_IN_LVIV)).json()
    assert (parcel["status"], parcel["place"], parcel["country"]) == ("READY_FOR_PICKUP", "LVIV", "UA")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT.*", parcel["since"])
    said = command("track", READY_IN_LVIV, "--lang", "ru")[1].splitlines()
    assert said[0] == f"{READY_IN_LVIV}  Можно забрать"
    assert said[1].startswith("  LVIV, UA, 2")


CHINESE = "【广州国际邮件互换局】出口海关/放行"
RELEASED = {
    "ru": "Выпущена таможней в стране отправителя",
    "bg": "Освободена от митницата в страната на подателя",
    "kk": "Жөнелтуші елінің кеденінен шығарылды",
    "uk": "Випущена митницею у країні відправника",
}
ENGLISH = "Presented to export customs"
PRESENTED = {
    "ru": "Передана таможне в стране отправителя",
    "bg": "Предадена на митницата в страната на подателя",
    "kk": "Жөнелтуші елінің кеденіне берілді",
    "uk": "Передана митниці у країні відправника",
}


@pytest.mark.promise("S2.29")
@pytest.mark.parametrize("language", RELEASED)
def test_chinese_and_english_events_are_told_in_the_readers_language(
    client: Client, stories: Stories, language: str
) -> None:
    chinese = event_with(read(client, stories.page(LEFT_CHINA), language), CHINESE)
    assert text(chinese.find("b")) == RELEASED[language]
    english = event_with(read(client, stories.page("LP640831192CN"), language), ENGLISH)
    assert text(english.find("b")) == PRESENTED[language]


@pytest.mark.promise("S2.29")
def test_the_original_opens_on_demand_in_its_own_language(client: Client, stories: Stories) -> None:
    event = event_with(read(client, stories.page(LEFT_CHINA)), CHINESE)
    original = event.find("details")
    assert original is not None
    assert original.get("open") is None
    assert text(original.find("summary")) == "Оригинал"
    words = original.find("p")
    assert words is not None
    assert (text(words), words.get("lang", "")[:2]) == (CHINESE, "zh")
    opened = event_with(read(client, f"{stories.page(LEFT_CHINA)}?originals=1"), CHINESE).find("details")
    assert opened is not None
    assert opened.get("open") == ""


@pytest.mark.promise("S2.29")
@pytest.mark.parametrize(
    ("language", "whose"),
    [
        ("ru", "(слова перевозчика)"),
        ("bg", "(думите на превозвача)"),
        ("kk", "(тасымалдаушының өз сөзі)"),
        ("uk", "(слова перевізника)"),
    ],
)
def test_an_unknown_text_is_shown_as_the_carrier_wrote_it(
    client: Client, stories: Stories, language: str, whose: str
) -> None:
    page = read(client, stories.page(UNKNOWN_CODE), language)
    (event,) = (
        event
        for events in with_class(page, "events")
        for event in events
        if text(event.find("b")) == "Operation 77: Attribute 9"
    )
    assert event.find("b").get("lang") == "en"  # type: ignore[union-attr]
    assert whose in text(event)


@pytest.mark.promise("S2.29")
def test_unknown_texts_are_counted_for_the_operator(client: Client, stories: Stories) -> None:
    sign_in(client)
    page = read(client, "/operator/mapping/")
    rows = [[text(cell) for cell in row.iter("td")] for row in page.iter("tr")]
    (unknown,) = (cells for cells in rows if "Operation 77: Attribute 9" in cells)
    assert unknown[:4] == ["Почта России", "77:9", "Operation 77: Attribute 9", "1"]


@pytest.mark.promise("S2.29")
def test_the_api_and_the_command_speak_the_readers_language(client: Client, stories: Stories) -> None:
    parcel = client.get(stories.api(LEFT_CHINA), {"language": "uk"}).json()
    event = next(event for event in parcel["events"] if event["code"] == "exp.customs_out")
    assert event["name"] == RELEASED["uk"]
    assert CHINESE in {told["raw_text"] for told in event["explanation"]["evidence"]}
    assert RELEASED["kk"] in command("track", LEFT_CHINA, "--lang", "kk")[1]


def event_with(page: Any, original: str) -> Any:
    """The event whose original words these are."""
    (found,) = (
        event
        for events in with_class(page, "events")
        for event in events
        if any(text(words) == original for words in event.iter("p"))
    )
    return found


@pytest.mark.promise("S2.31")
def test_a_guest_sees_the_result_without_an_account(client: Client, stories: Stories) -> None:
    address = paste(client, DELIVERED_IN_ASTANA)
    page = read(client, f"{address}{DELIVERED_IN_ASTANA}/")
    assert "Астана, Казахстан" in lead(page, DELIVERED_IN_ASTANA)
    assert "sessionid" not in client.cookies


PERSONAL = ("+380500001122", "138****8211", "张**")
"""What carriers tell with these numbers: telephones of a recipient and of a courier, a courier's name."""
TOLD_WITH_TELEPHONES = ("LP873114632CN", "0526441639384", "YT8827682104284", "RB541330946CN")


@pytest.mark.promise("S2.31")
def test_nothing_personal_that_a_carrier_tells_is_kept_or_shown(
    client: Client, stories: Stories, simulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = listen(monkeypatch)
    token = follow(" ".join(TOLD_WITH_TELEPHONES))
    let_everything_be_due()
    ask_everybody()
    assert [word for word in PERSONAL if word not in "".join(told)] == []

    kept = "".join(zlib.decompress(bytes(reply.body)).decode() for reply in Reply.objects.all())
    doors = {"the stored replies": kept, "the command": command("track", *TOLD_WITH_TELEPHONES, "--json")[1]}
    for door in ("", "list.csv", "list.ics", "list.atom", *(f"{one}/" for one in TOLD_WITH_TELEPHONES)):
        doors[f"/t/…/{door}"] = client.get(f"/t/{token}/{door}").text
    for number in TOLD_WITH_TELEPHONES:
        doors[f"API {number}"] = client.get(f"/api/v1/lists/{token}/numbers/{number}").text
    assert all(number in kept for number in TOLD_WITH_TELEPHONES)
    assert [(name, word) for name, said in doors.items() for word in PERSONAL if word in said] == []


def listen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Write down what carriers answer, as it comes over the wire."""
    told: list[str] = []
    send = wire.send

    async def send_and_listen(*arguments: Any, **named: Any) -> Any:
        reply = await send(*arguments, **named)
        told.append(reply.body.decode())
        return reply

    monkeypatch.setattr(wire, "send", send_and_listen)
    return told


@pytest.mark.promise("S2.31")
def test_a_number_alone_opens_nothing(client: Client, stories: Stories) -> None:
    assert client.get(f"/t/{DELIVERED_IN_ASTANA}/").status_code == 404
    assert client.get(f"/t/x/{DELIVERED_IN_ASTANA}/").status_code == 404
    for address in (f"lists/x/numbers/{DELIVERED_IN_ASTANA}", f"numbers/{DELIVERED_IN_ASTANA}"):
        answer = client.get(f"/api/v1/{address}")
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.promise("S2.14")
def test_the_number_stands_on_the_page_in_groups_with_a_copy_button(client: Client, stories: Stories) -> None:
    page = read(client, stories.page(READY_IN_LVIV))
    (button,) = (button for button in page.iter("button") if button.get("data-copy"))
    assert (text(button), button.get("data-copy")) == ("Скопировать", READY_IN_LVIV)


@pytest.mark.promise("S2.14")
@pytest.mark.browser
def test_the_copy_button_puts_exactly_the_number_on_the_clipboard(
    browser: Any, live_site: str, simulator: Any
) -> None:
    token = follow("RB 573 797 434 CN")
    context = browser.new_context(locale="ru", permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{live_site}/t/{token}/RB573797434CN/")
    page.get_by_role("button", name="Скопировать").click()
    page.get_by_role("button", name="Скопировано").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "RB573797434CN"
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_story_has_a_page_in_every_language(client: Client, stories: Stories, language: str) -> None:
    for number in stories.tokens:
        assert lead(read(client, stories.page(number), language), number)
