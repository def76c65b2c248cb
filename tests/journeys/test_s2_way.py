"""The way from sender to receiver: legs, milestones, the hand-over from post to post."""

import re
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client

from tests.journeys.markup import by_id, read, section, text, with_class
from tests.journeys.world import (
    Stories,
    ask_everybody,
    control,
    follow,
    let_everything_be_due,
)

pytestmark = pytest.mark.django_db

DELIVERED_IN_ST_PETERSBURG = "RB556626341CN"
LEFT_CHINA_NINE_DAYS_AGO = "RB298431881CN"
GOES_ON_AS_80149169554910 = "LP640831192CN"
OUT_OF_ORDER_AND_TWICE = "RB834186345CN"
LANE_CN_RU = "LX407119306CN"  # a number of no story, that goes from China to Russia


def legs(page: Any) -> list[str]:
    """The headings of the legs on a parcel's page, in the order of the way."""
    heads = with_class(section(page, "way"), "leg__head")
    return [f"{text(head.find('h3'))} | {text(head.find('span'))}" for head in reversed(heads)]


def scans(client: Client, token: str, number: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.get(f"/api/v1/lists/{token}/numbers/{number}").json()
    return answer


def goes_on(simulator: Any, to: str) -> None:
    """The parcel is scanned up to a kind of scan, and all carriers are asked again a minute later."""
    control(simulator, f"journeys/{LANE_CN_RU}/advance", to=to)
    control(simulator, "clock", advance_s=60)
    let_everything_be_due()
    ask_everybody()


@pytest.mark.promise("S2.4")
def test_the_page_shows_the_legs_from_sender_to_receiver_with_their_countries(
    client: Client, stories: Stories
) -> None:
    page = read(client, stories.page(DELIVERED_IN_ST_PETERSBURG))
    assert [heading.partition(" | ")[0] for heading in legs(page)] == [
        "Почта Китая, Шанхай",
        "Выезд из страны, Шанхай",
        "Граница и таможня, Внуково",
        "Почта России, Санкт-Петербург",
    ]
    countries = [set(re.findall("Китай|Россия", text(leg))) for leg in reversed(with_class(page, "events"))]
    assert countries == [{"Китай"}, {"Китай"}, {"Россия"}, {"Россия"}]
    assert text(next(section(page, "facts").iter("dd"))) == "Китай → Россия"


@pytest.mark.promise("S2.4")
def test_legs_that_lie_ahead_name_their_country(client: Client, stories: Stories) -> None:
    heads = legs(read(client, stories.page(LEFT_CHINA_NINE_DAYS_AGO)))
    assert heads[-2:] == ["Граница и таможня | впереди · Россия", "Почта России | впереди · Россия"]


@pytest.mark.promise("S2.4")
def test_the_api_gives_the_legs_in_order_with_their_countries(client: Client, stories: Stories) -> None:
    parcel = client.get(stories.api(DELIVERED_IN_ST_PETERSBURG)).json()
    assert [(leg["kind"], leg["country"]) for leg in parcel["legs"]] == [
        ("origin", "CN"),
        ("export", "CN"),
        ("between", ""),
        ("import", "RU"),
        ("last", "RU"),
    ]
    assert (parcel["origin"], parcel["destination"]) == ("CN", "RU")


@pytest.mark.promise("S2.16")
@pytest.mark.parametrize(
    "number", ["RB556626341CN", "RB151323935CN", "RB541330946CN", "RB164523572CN", "RB737987688CN"]
)
def test_everything_before_export_customs_belongs_to_the_first_leg_of_the_origin_post(
    client: Client, stories: Stories, number: str
) -> None:
    parcel = client.get(stories.api(number)).json()
    assert (parcel["legs"][0]["kind"], parcel["legs"][0]["carrier"]) == ("origin", "china_post")
    to_customs = next(event["at"] for event in parcel["events"] if event["code"] == "exp.customs_in")
    before = [event["leg"] for event in parcel["events"] if event["at"] < to_customs]
    after = [event["leg"] for event in parcel["events"] if event["at"] >= to_customs]
    assert len(before) >= 3
    assert set(before) == {"origin"}
    assert "origin" not in after


@pytest.mark.promise("S2.16")
def test_the_page_calls_the_first_leg_by_the_origin_post(client: Client, stories: Stories) -> None:
    page = read(client, stories.page("RB151323935CN"))
    assert legs(page)[0].startswith("Почта Китая, Шанхай | ")
    first = text(by_id(page, "leg-1"))
    assert "Принята у отправителя" in first
    assert "Передана таможне в стране отправителя" not in first


@pytest.mark.promise("S2.20")
def test_milestones_are_set_once_and_never_go_back(client: Client, stories: Stories, simulator: Any) -> None:
    control(simulator, "journeys", number=LANE_CN_RU, lane="CN-RU", stage="EXA", ago_h=2, holds_h=999)
    token = follow(LANE_CN_RU)
    ask_everybody()
    seen = [scans(client, token, LANE_CN_RU)["milestones"]]
    for stage in ("EMC", "EMD", "EDC"):
        goes_on(simulator, to=stage)
        seen.append(scans(client, token, LANE_CN_RU)["milestones"])
    assert [set(marks) for marks in seen] == [
        {"accepted", "export_customs"},
        {"accepted", "export_customs", "left_origin"},
        {"accepted", "export_customs", "left_origin", "arrived"},
        {"accepted", "export_customs", "left_origin", "arrived", "import_customs", "released"},
    ]
    for earlier, later in pairwise(seen):
        assert earlier.items() <= later.items()


@pytest.mark.promise("S2.20")
def test_scans_twice_and_in_no_order_make_the_same_milestones(
    client: Client, stories: Stories, simulator: Any
) -> None:
    control(simulator, "journeys", number=LANE_CN_RU, lane="CN-RU", stage="EMD", ago_h=2, holds_h=999)
    token = follow(LANE_CN_RU)
    ask_everybody()
    before = scans(client, token, LANE_CN_RU)
    for day in ("out_of_order", "duplicates"):
        control(simulator, "bad-days", day=day)
        let_everything_be_due()
        assert ask_everybody() > 0
        after = scans(client, token, LANE_CN_RU)
        assert after["milestones"] == before["milestones"]
        assert after["status"] == before["status"]


@pytest.mark.promise("S2.20")
def test_the_page_marks_the_border_as_crossed(client: Client, stories: Stories) -> None:
    trace = with_class(read(client, stories.page(LEFT_CHINA_NINE_DAYS_AGO)), "trace")[0]
    steps = [(text(step).split()[0], step.get("class", ""), step.get("aria-current", "")) for step in trace]
    assert steps == [
        ("Принята", "done", ""),
        ("Экспорт", "", "step"),
        ("В", "", ""),
        ("В", "", ""),
        ("Вручена", "", ""),
    ]


@pytest.mark.promise("S2.20")
def test_the_day_under_a_step_is_the_day_of_its_scan(client: Client, stories: Stories) -> None:
    page = read(client, stories.page("RB431817736CN"))
    step = text(list(with_class(page, "trace")[0])[1])
    scan = next(
        event
        for event in with_class(section(page, "way"), "events")[0]
        if text(event.find("b")) == "Покинула страну отправителя"
    )
    day = text(scan.find("small/time")).partition(",")[0]
    assert step == f"Экспорт {day}"


@pytest.mark.promise("S2.21")
def test_the_first_scan_of_the_destination_post_makes_it_the_active_carrier(
    client: Client, stories: Stories, simulator: Any
) -> None:
    control(simulator, "journeys", number=LANE_CN_RU, lane="CN-RU", stage="EMC", ago_h=30, holds_h=999)
    token = follow(LANE_CN_RU)
    ask_everybody()
    before = scans(client, token, LANE_CN_RU)
    page = read(client, f"/t/{token}/{LANE_CN_RU}/")
    assert before["carrier"] == "china_post"
    assert text(section(page, "carrier").find("h2")) == "Сейчас везёт: Почта Китая"

    goes_on(simulator, to="EMD")
    after = scans(client, token, LANE_CN_RU)
    page = read(client, f"/t/{token}/{LANE_CN_RU}/")
    assert after["carrier"] == "russian_post"
    assert text(section(page, "carrier").find("h2")) == "Сейчас везёт: Почта России"
    told_before = {(event["code"], event["at"]) for event in before["events"]}
    assert told_before < {(event["code"], event["at"]) for event in after["events"]}
    assert {event["carrier"] for event in after["events"]} == {"china_post", "russian_post"}


@pytest.mark.promise("S2.21")
def test_before_the_border_is_crossed_the_origin_post_has_it(client: Client, stories: Stories) -> None:
    parcel = client.get(stories.api(LEFT_CHINA_NINE_DAYS_AGO)).json()
    assert parcel["carrier"] == "china_post"
    page = read(client, stories.page(LEFT_CHINA_NINE_DAYS_AGO))
    assert text(section(page, "carrier").find("h2")) == "Сейчас везёт: Почта Китая"
    export = next(heading for heading in legs(page) if heading.startswith("Выезд из страны"))
    assert "Почта России" not in export


@pytest.mark.promise("S2.21")
def test_a_parcel_that_goes_on_under_another_number_keeps_one_timeline(
    client: Client, stories: Stories
) -> None:
    parcel = client.get(stories.api(GOES_ON_AS_80149169554910)).json()
    assert parcel["carrier"] == "russian_post"
    assert {number for leg in parcel["legs"] for number in leg["numbers"]} == {
        GOES_ON_AS_80149169554910,
        "80149169554910",
    }
    assert {event["carrier"] for event in parcel["events"]} == {"china_post", "russian_post"}
    page = read(client, stories.page(GOES_ON_AS_80149169554910))
    assert "80149169554910" in "".join(by_id(page, "living").itertext())


def test_scans_of_a_parcel_told_in_no_order_stand_newest_first(client: Client, stories: Stories) -> None:
    moments = [event["at"] for event in client.get(stories.api(OUT_OF_ORDER_AND_TWICE)).json()["events"]]
    assert moments == sorted(moments, reverse=True)
    assert len(moments) == len(set(moments))
