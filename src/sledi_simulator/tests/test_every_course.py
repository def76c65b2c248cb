"""Whatever happens to a parcel, every carrier has something to say or says nothing, and never breaks."""

import httpx
import pytest

from sledi_simulator import lanes
from sledi_simulator.bad_days import DISTORTIONS
from sledi_simulator.tests.asking import BEARER, TOKEN, belpost, history, query

ABROAD = [course for course in lanes.courses() if not course.startswith("home")]


def replies(client, number) -> list[httpx.Response]:
    item = [{"number": number, "lang": "en"}]
    client.post("/seventeentrack/track/v2.2/register", json=item, headers=TOKEN)
    statuses = "/ukrposhta/status-tracking/0.0.1/statuses/with-not-found"
    return [
        history(client, number),
        history(client, number, language="ENG"),
        client.post(statuses, json=[number], headers=BEARER),
        belpost(client, number),
        client.get(f"/kazpost/api/v2/{number}"),
        client.get(f"/kazpost/api/v2/{number}/events"),
        client.post("/seventeentrack/track/v2.2/gettrackinfo", json=item, headers=TOKEN),
    ]


def add(client, course, lane):
    plan = {"number": "RB481503678CN", "lane": lane, "course": course, "stage": "PRE", "every_min": 1}
    assert client.post("/_control/journeys", json=plan).status_code == 200
    client.post("/_control/clock", json={"advance_s": 86_400})


@pytest.mark.parametrize("lane", ["CN-RU", "CN-KZ", "CN-UA", "CN-BY", "CN-BG", "SG-RU"])
def test_every_course_on_every_lane(client, lane):
    for course in ABROAD:
        if course in ("warehouse", "locker"):
            continue
        add(client, course, lane)
        for reply in replies(client, "RB481503678CN"):
            assert reply.status_code in (200, 404), reply.text


@pytest.mark.parametrize("day", sorted(DISTORTIONS))
def test_every_distortion(client, day):
    add(client, "second_try", "CN-RU")
    client.post("/_control/bad-days", json={"day": day})
    *posts, aggregator = replies(client, "RB481503678CN")
    assert all(reply.status_code in (200, 404) for reply in posts)
    (item,) = aggregator.json()["data"]["accepted"]
    assert len(item["track_info"]["tracking"]["providers"][0]["events"]) >= 10


def test_every_distortion_inside_china(client):
    for day in DISTORTIONS:
        client.post("/_control/bad-days", json={"day": day})
        for resultv2 in ("0", "1", "4", "8"):
            assert query(client, com="yuantong", num="YT8827682104284", resultv2=resultv2)["message"] == "ok"
