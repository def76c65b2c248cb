"""Which posts are asked about a number, in which order, and what each of them tells."""

import re
from typing import Any

import pytest
from django.test import Client

from tests.journeys.markup import by_id, links, read, section, text, with_class
from tests.journeys.world import Stories, ask_everybody, command, follow, paste

pytestmark = pytest.mark.django_db

FROM_SINGAPORE = "LM660045924SG"
IN_RUSSIA = "RB913682965CN"
IN_LVIV = "RB573797434CN"
IN_UKRAINE = "0562501126057"
IN_BELARUS = "RB721536632BY"
LANE_CN_RU = "LX407119306CN"
LANE_CN_UA = "LX407119368CN"
NAMES = {
    "ukrposhta": {
        "ru": "Укрпочта",
        "bg": "Укрпошта",
        "kk": "Укрпошта",
        "uk": "Укрпошта",
        "en": "Ukrposhta",
    },
    "belpost": {"ru": "Белпочта", "bg": "Белпочта", "kk": "Белпочта", "uk": "Білпошта", "en": "Belpost"},
}
ACCEPTED = {
    "ru": "Принята у отправителя",
    "bg": "Приета от подателя",
    "kk": "Жөнелтушіден қабылданды",
    "uk": "Прийнята у відправника",
    "en": "Accepted from the sender",
}
LANGUAGES = ("ru", "bg", "kk", "uk", "en")


def told_by(page: Any, name: str) -> list[str]:
    """The events on a page that a carrier told."""
    events = [event for events in with_class(page, "events") for event in events]
    return [text(event.find("b")) for event in events if text(event.find("small")).endswith(f"· {name}")]


def asked_in_order(page: Any) -> list[str]:
    """The carriers in the diagnostics, in the order of asking, with the reason."""
    return [text(line).partition(";")[0] for line in with_class(by_id(page, "diagnostics"), "plain")[0]]


@pytest.mark.promise("S2.18")
def test_a_parcel_of_singapore_post_is_followed(client: Client, stories: Stories) -> None:
    page = read(client, stories.page(FROM_SINGAPORE))
    assert set(told_by(page, "Почта Сингапура")) >= {"Принята у отправителя", "Покинула страну отправителя"}
    assert links(section(page, "sites"))["Почта Сингапура"] == "https://www.singpost.com/track-items"


@pytest.mark.promise("S2.18")
def test_singapore_post_is_heard_by_the_api_and_the_command(client: Client, stories: Stories) -> None:
    events = client.get(stories.api(FROM_SINGAPORE)).json()["events"]
    assert {"singapore_post", "russian_post"} == {event["carrier"] for event in events}
    code, said = command("track", FROM_SINGAPORE, "--lang", "ru")
    assert code == 0
    assert re.search(r"Принята у отправителя \([A-Z]*SINGAPORE[A-Z ]*, SG\)", said), said


@pytest.mark.promise("S2.19")
def test_the_origin_post_is_asked_first_and_the_destination_post_when_it_is_known(
    client: Client, stories: Stories, simulator: Any
) -> None:
    simulator.world.clear_counts()
    address = paste(client, LANE_CN_RU)
    ask_everybody()
    assert [carrier for carrier, number in simulator.world.asked() if number == LANE_CN_RU] == [
        "seventeentrack",
        "russian_post",
    ]
    assert asked_in_order(read(client, f"{address}{LANE_CN_RU}/")) == [
        "Почта Китая через 17TRACK: эта почта выдала номер, поэтому её спрашиваем первой",
        "Почта России: посылка едет в страну этой почты",
    ]


@pytest.mark.promise("S2.19")
def test_with_a_destination_given_the_order_is_the_same(client: Client, stories: Stories) -> None:
    token = follow(LANE_CN_UA, destination="UA")
    assert [line.partition(":")[0] for line in asked_in_order(read(client, f"/t/{token}/{LANE_CN_UA}/"))] == [
        "Почта Китая через 17TRACK",
        "Укрпочта",
    ]
    (row,) = client.get(f"/api/v1/lists/{token}").json()["rows"]
    assert [(asked["carrier"], asked["why"]) for asked in row["asked"]] == [
        ("china_post", "origin_post"),
        ("ukrposhta", "destination_post"),
    ]


@pytest.mark.promise("S2.22")
def test_on_its_russian_leg_the_page_shows_what_the_russian_post_tells(
    client: Client, stories: Stories
) -> None:
    page = read(client, stories.page(IN_RUSSIA))
    told = told_by(page, "Почта России")
    assert told[0] == "Покинула сортировочный центр"
    assert "Прибыла в страну получателя" in told
    official = f"https://www.pochta.ru/tracking?barcode={IN_RUSSIA}"
    assert links(section(page, "sites"))["Почта России"] == official
    assert links(section(page, "carrier")) == {"на страницу перевозчика": official}


@pytest.mark.promise("S2.22")
def test_the_api_gives_the_russian_leg_with_its_official_link(client: Client, stories: Stories) -> None:
    parcel = client.get(stories.api(IN_RUSSIA)).json()
    last = parcel["legs"][-1]
    assert (last["kind"], last["carrier"], last["state"]) == ("last", "russian_post", "now")
    assert last["events"] > 0
    sites = {site["slug"]: site["tracking"] for site in parcel["official_sites"]}
    assert sites["russian_post"] == f"https://www.pochta.ru/tracking?barcode={IN_RUSSIA}"


@pytest.mark.promise("S2.24")
def test_a_parcel_to_ukraine_is_followed_by_ukrposhta_on_its_last_leg(
    client: Client, stories: Stories
) -> None:
    parcel = client.get(stories.api(IN_LVIV)).json()
    assert parcel["destination"] == "UA"
    assert (parcel["legs"][-1]["kind"], parcel["legs"][-1]["carrier"]) == ("last", "ukrposhta")
    page = read(client, stories.page(IN_LVIV))
    assert text(section(page, "carrier").find("h2")) == "Сейчас везёт: Укрпочта"
    assert told_by(page, "Укрпочта")[0] == "Ждёт получателя"


@pytest.mark.promise("S2.24")
def test_a_guest_who_names_the_destination_has_its_post_asked(
    client: Client, stories: Stories, simulator: Any
) -> None:
    address = paste(client, LANE_CN_UA)
    client.post(f"{address}destination/", {"country": "UA"})
    simulator.world.clear_counts()
    ask_everybody()
    asked = {carrier for carrier, number in simulator.world.asked() if number == LANE_CN_UA}
    assert asked == {"seventeentrack", "ukrposhta"}


@pytest.mark.promise("S2.24")
def test_the_api_and_the_command_take_the_destination_too(client: Client, stories: Stories) -> None:
    opened = client.post(
        "/api/v1/lists", {"numbers": [LANE_CN_UA], "destination": "UA"}, "application/json"
    ).json()
    (row,) = client.get(f"/api/v1/lists/{opened['token']}").json()["rows"]
    assert [asked["carrier"] for asked in row["asked"]] == ["china_post", "ukrposhta"]
    _, said = command("track", LANE_CN_UA, "--destination", "UA", "--json")
    assert '"carrier": "ukrposhta"' in said


@pytest.mark.promise("S2.25")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("number", "slug"), [(IN_UKRAINE, "ukrposhta"), (IN_BELARUS, "belpost")])
def test_ukrposhta_and_belpost_are_shown_under_their_own_names(
    client: Client, stories: Stories, number: str, slug: str, language: str
) -> None:
    page = read(client, stories.page(number), language)
    told = told_by(page, NAMES[slug][language])
    assert len(told) == sum(len(events) for events in with_class(page, "events"))
    assert told[-2] == ACCEPTED[language]
    assert NAMES[slug][language] in links(section(page, "sites"))


@pytest.mark.promise("S2.25")
def test_the_api_names_ukrposhta_and_belpost_in_the_language_asked_for(
    client: Client, stories: Stories
) -> None:
    for number, slug in ((IN_UKRAINE, "ukrposhta"), (IN_BELARUS, "belpost")):
        for language in LANGUAGES:
            parcel = client.get(stories.api(number), {"language": language}).json()
            assert {leg["carrier_name"] for leg in parcel["legs"]} == {NAMES[slug][language]}
            assert {event["carrier"] for event in parcel["events"]} == {slug}
