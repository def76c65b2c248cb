"""The number is the key: one forgiving box for all carriers, mistakes named, nothing searched behind one's back."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from sledi.tracking.models import Link, Trace, TrackList, Watch
from tests.journeys.markup import by_id, groups, lead, read, row_of, text, with_class
from tests.journeys.world import Stories, ask_everybody, command, paste

pytestmark = pytest.mark.django_db

ONE_OF_EACH_POST = {
    "RB556626341CN": "Вручена %, Санкт-Петербург, Россия",
    "RB229602824SG": "Вручена %, Москва, Россия",
    "63009993259029": "В пути, последняя отметка %, Казань, Россия",
    "0562501126057": "Можно забрать с %, Киев, Украина",
    "RB721536632BY": "Вручена %, Минск, Беларусь",
}
POST_BY_NUMBER = {
    "LP123456785SG": ("singapore_post", "Почта Сингапура"),
    "RR123456785CN": ("china_post", "Почта Китая"),
    "RR123456785RU": ("russian_post", "Почта России"),
    "RR123456785UA": ("ukrposhta", "Укрпочта"),
    "RR123456785BY": ("belpost", "Белпочта"),
    "RR123456785KZ": ("kazpost", "Казпочта"),
    "RR123456785BG": ("bulgarian_posts", "Почта Болгарии"),
}
MISTYPED = "RR123456784CN"  # the check digit of 12345678 is 5


@pytest.mark.promise("S2.5")
def test_numbers_of_five_posts_resolve_in_the_same_box(
    client: Client, stories: Stories, any_day: Callable[[str], str]
) -> None:
    page = read(client, paste(client, ", ".join(ONE_OF_EACH_POST)))
    assert {number: any_day(lead(page, number)) for number in ONE_OF_EACH_POST} == ONE_OF_EACH_POST


@pytest.mark.promise("S2.5")
def test_numbers_of_five_posts_resolve_in_one_call_of_the_api(client: Client, stories: Stories) -> None:
    opened = client.post("/api/v1/lists", {"numbers": list(ONE_OF_EACH_POST)}, "application/json").json()
    rows = client.get(f"/api/v1/lists/{opened['token']}").json()["rows"]
    assert {row["number"]: (row["status"], row["country"]) for row in rows} == {
        "RB556626341CN": ("DELIVERED", "RU"),
        "RB229602824SG": ("DELIVERED", "RU"),
        "63009993259029": ("IN_TRANSIT", "RU"),
        "0562501126057": ("READY_FOR_PICKUP", "UA"),
        "RB721536632BY": ("DELIVERED", "BY"),
    }


@pytest.mark.promise("S2.5")
def test_numbers_of_five_posts_resolve_in_one_command(stories: Stories) -> None:
    code, said = command("track", *ONE_OF_EACH_POST, "--json")
    assert code == 0
    assert [json.loads(line)["status"] for line in said.splitlines()] == [
        "DELIVERED",
        "DELIVERED",
        "IN_TRANSIT",
        "READY_FOR_PICKUP",
        "DELIVERED",
    ]


@pytest.mark.promise("S2.6")
def test_a_wrong_check_digit_is_called_probably_mistyped_and_shown_in_groups(
    client: Client, stories: Stories
) -> None:
    page = read(client, paste(client, MISTYPED))
    row = row_of(page, MISTYPED)
    assert lead(page, MISTYPED) == "Похоже на опечатку"
    assert groups(row) == ["RR", "123", "456", "784", "CN"]
    assert "С контрольной цифрой 5 номер сошёлся бы." in text(row)


@pytest.mark.promise("S2.6")
def test_a_mistyped_number_is_asked_of_nobody_until_the_guest_insists(
    client: Client, stories: Stories, simulated_carriers: Any
) -> None:
    world = simulated_carriers.world
    world.clear_counts()
    address = paste(client, MISTYPED)
    assert (ask_everybody(), dict(world.asked())) == (0, {})
    assert not Trace.objects.filter(number=MISTYPED).exists()

    client.post(f"{address}{MISTYPED}/following/")
    assert ask_everybody() > 0
    assert {number for _, number in world.asked()} == {MISTYPED}
    assert lead(read(client, address), MISTYPED) == "У перевозчика пока нет сведений об этом номере"


@pytest.mark.promise("S2.6")
def test_the_number_that_was_meant_takes_the_place_of_the_mistyped_one(
    client: Client, stories: Stories
) -> None:
    address = paste(client, f"{MISTYPED} RB556626341CN")
    button = next(
        button
        for button in row_of(read(client, address), MISTYPED).iter("button")
        if button.get("formaction", "").endswith("/meant/")
    )
    assert text(button) == "Имелся в виду RR123456785CN"
    client.post(button.get("formaction", ""), {"number": button.get("value", "")})
    page = read(client, address)
    assert [text(row.find(".//*[@class='num']")) for row in with_class(page, "rows")[0]] == [
        "RB556626341CN",
        "RR123456785CN",
    ]


@pytest.mark.promise("S2.6")
def test_the_api_names_the_mistake_and_follows_only_on_insistence(
    client: Client, stories: Stories, simulated_carriers: Any
) -> None:
    world = simulated_carriers.world
    world.clear_counts()
    opened = client.post("/api/v1/lists", {"numbers": [MISTYPED]}, "application/json").json()
    (row,) = client.get(f"/api/v1/lists/{opened['token']}").json()["rows"]
    assert (row["is_followed"], row["asked"]) == (False, [])
    assert row["recognition"]["errors"] == [{"reason": "check_digit", "expected": "5"}]
    assert client.get(f"/api/v1/lists/{opened['token']}/numbers/{MISTYPED}").status_code == 409
    assert (ask_everybody(), dict(world.asked())) == (0, {})

    insisted = client.put(
        f"/api/v1/lists/{opened['token']}/numbers/{MISTYPED}/carrier", {"carrier": ""}, "application/json"
    )
    assert insisted.json()["is_followed"] is True
    assert ask_everybody() > 0


@pytest.mark.promise("S2.6")
def test_the_command_names_the_mistake_and_asks_nobody(stories: Stories, simulated_carriers: Any) -> None:
    world = simulated_carriers.world
    world.clear_counts()
    assert "! check_digit, expected 5" in command("detect", MISTYPED)[1]
    code, said = command("track", MISTYPED)
    assert (code, dict(world.asked())) == (1, {})
    assert "RR 123 456 784 CN" in said
    assert not Trace.objects.filter(number=MISTYPED).exists()


@pytest.mark.promise("S2.17")
@pytest.mark.parametrize("number", POST_BY_NUMBER)
def test_the_suffix_of_an_international_number_names_its_post_on_the_page(
    client: Client, stories: Stories, number: str
) -> None:
    slug, name = POST_BY_NUMBER[number]
    address = paste(client, number)
    diagnostics = by_id(read(client, f"{address}{number}/"), "diagnostics")
    asked_first, guessed_first = (text(items[0]) for items in with_class(diagnostics, "plain"))
    assert asked_first.startswith(name)
    assert guessed_first.startswith(f"{name}, ")
    first_link = Link.objects.filter(trace__number=number).order_by("rank")[0]
    assert first_link.on_behalf_of == slug


@pytest.mark.promise("S2.17")
def test_the_suffix_names_the_post_in_the_api_and_in_the_command(client: Client) -> None:
    expected = {number: slug for number, (slug, _) in POST_BY_NUMBER.items()}
    found = client.post("/api/v1/detect", {"numbers": list(expected)}, "application/json").json()["numbers"]
    assert {one["normalized"]: one["candidates"][0]["carrier"] for one in found} == expected
    code, said = command("detect", "--jsonl", *expected)
    lines = [json.loads(line) for line in said.splitlines()]
    assert code == 0
    assert {one["normalized"]: one["candidates"][0]["carrier"] for one in lines} == expected


FORGIVEN = (
    " rr 123 456 785 cn\n",
    "Rr 123 456 785 cN",
    "RR 123 456 785 СN",  # С of Ukrainian keyboards
    "трек: rr-123-456-785-сn, спасибо!",
    "RR\u00a0123\u2009456\u202f785\u00a0CN.",
)


@pytest.mark.promise("S2.26")
@pytest.mark.parametrize("pasted", FORGIVEN)
def test_a_number_is_read_from_whatever_was_pasted(client: Client, stories: Stories, pasted: str) -> None:
    page = read(client, paste(client, pasted))
    assert [row.get("data-lead") for row in with_class(page, "lead")] == ["RR123456785CN"]
    assert client.post("/t/count/", {"numbers": pasted}, headers={"accept-language": "ru"}).text.startswith(
        "Распознан 1 номер"
    )


@pytest.mark.promise("S2.26")
@pytest.mark.parametrize("pasted", FORGIVEN)
def test_the_api_and_the_command_are_as_forgiving(client: Client, stories: Stories, pasted: str) -> None:
    opened = client.post("/api/v1/lists", {"numbers": [pasted]}, "application/json").json()
    assert opened["numbers"] == ["RR123456785CN"]
    if not pasted.startswith("трек"):  # detect takes one number a line, not a letter
        assert json.loads(command("detect", "--jsonl", pasted)[1])["normalized"] == "RR123456785CN"


@pytest.mark.promise("S2.26")
def test_a_number_pasted_twice_in_two_spellings_is_one_row(client: Client, stories: Stories) -> None:
    page = read(client, paste(client, "RB556626341CN\nrb 556 626 341 cn\nRВ556626341СN"))
    assert len(with_class(page, "rows")[0]) == 1


@pytest.mark.promise("S2.6")
def test_a_text_without_a_number_is_refused_everywhere_and_changes_nothing(
    client: Client, stories: Stories, simulated_carriers: Any
) -> None:
    world = simulated_carriers.world
    world.clear_counts()
    before = (TrackList.objects.count(), Trace.objects.count(), Watch.objects.count())
    refused = client.post("/t/", {"numbers": "где моя посылка?"}, headers={"accept-language": "ru"})
    assert refused.status_code == 422
    assert client.post("/api/v1/lists", {"numbers": ["где?"]}, "application/json").status_code == 422
    assert command("track", "где?")[0] == 1
    assert (TrackList.objects.count(), Trace.objects.count(), Watch.objects.count()) == before
    assert (ask_everybody(), dict(world.asked())) == (0, {})


def test_the_diagnostics_say_what_was_changed_to_read_the_number(client: Client, stories: Stories) -> None:
    address = paste(client, "RR 123 456 785 СN")
    assert "С прочитана как латинская C" in text(
        by_id(read(client, f"{address}RR123456785CN/"), "diagnostics")
    )
