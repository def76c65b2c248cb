import json
import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import httpx
import pytest

from sledi_simulator.bad_days import BadDay, BadDays, Switch, clock_put_back
from sledi_simulator.tests.asking import (
    BEARER,
    DATA,
    TOKEN,
    belpost,
    collect,
    error,
    fault,
    history,
    operations,
    query,
    records,
    registered_info,
    send,
    seventeentrack,
    statuses,
    subscribe,
    ticket,
)

IN_RUSSIA = "RB913682965CN"
IN_KAZAKHSTAN = "RB931014049CN"
IN_UKRAINE = "RB573797434CN"
IN_BELARUS = "RB463557649CN"
IN_CHINA = "YT8827682104284"


def switch_on(client, day, **where):
    response = client.post("/_control/bad-days", json={"day": day, **where})
    assert response.status_code == 200, response.text


def kazpost(client, number=IN_KAZAKHSTAN):
    return client.get(f"/kazpost/api/v2/{number}/events")


def codes(response):
    return [
        code
        for day in response.json()["events"]
        for activity in day["activity"]
        for code in activity["status"]
    ]


# When a bad day is met.


def test_a_bad_day_lasts_for_the_requests_given(client):
    switch_on(client, "http_503", carrier="kazpost", requests=2)
    assert [kazpost(client).status_code for _ in range(3)] == [503, 503, 200]
    assert (
        client.get("/_control/bad-days").json()[0]["day"] == "unknown_code"
    )  # only those of stories are left


def test_a_bad_day_without_a_count_stays_until_switched_off(client):
    switch_on(client, "http_500", carrier="kazpost")
    assert [kazpost(client).status_code for _ in range(5)] == [500] * 5
    client.request("DELETE", "/_control/bad-days", json={"carrier": "kazpost"})
    assert kazpost(client).status_code == 200


def test_a_bad_day_of_a_number_or_a_carrier_spares_the_others(client):
    switch_on(client, "http_500", number=IN_KAZAKHSTAN)
    switch_on(client, "http_503", carrier="belpost")
    assert kazpost(client).status_code == 500
    assert kazpost(client, "RB266107419CN").status_code == 200
    assert belpost(client, IN_BELARUS).status_code == 503
    assert statuses(client, IN_UKRAINE).status_code == 200


def test_a_push_takes_nothing_off_the_count():
    days = BadDays()
    days.switch_on(Switch(BadDay.DUPLICATES, left=1))
    days.switch_on(Switch(BadDay.UNKNOWN_CODE))
    assert [switch.day for switch in days.standing("seventeentrack", ["A"]).switches] == [BadDay.UNKNOWN_CODE]
    assert len(days.meet("seventeentrack", ["A"]).switches) == 2
    assert len(days.meet("seventeentrack", ["A"]).switches) == 1


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"day": "monday"},
        {"day": "html", "carrier": "dhl"},
        {"day": "html", "requests": 0},
        {"day": "html", "requests": "3"},
        {"day": "batch_limit", "carrier": "kazpost"},
    ],
)
def test_a_bad_day_that_cannot_be_is_refused_and_changes_nothing(client, content):
    before = client.get("/_control/bad-days").json()
    response = client.post("/_control/bad-days", json=content)
    assert response.status_code == 400
    assert response.json()["error"]
    assert client.get("/_control/bad-days").json() == before


# The wire.


def test_slow_says_nothing_for_the_delay(client):
    switch_on(client, "slow", carrier="kazpost", delay_s=0.15)
    began = time.monotonic()
    assert kazpost(client).status_code == 200
    assert time.monotonic() - began >= 0.15


def test_slow_is_an_hour_unless_said_otherwise(simulator, client):
    switch_on(client, "slow", carrier="kazpost")
    assert simulator.world.bad_days.all()[-1].delay_s == 3600
    with pytest.raises(httpx.ReadTimeout):
        client.get(f"/kazpost/api/v2/{IN_KAZAKHSTAN}", timeout=0.1)


def test_truncated_is_half_of_the_body(client):
    whole = kazpost(client)
    switch_on(client, "truncated", carrier="kazpost")
    half = kazpost(client)
    assert half.content == whole.content[: len(whole.content) // 2]
    with pytest.raises(json.JSONDecodeError):
        half.json()


def test_cut_off_breaks_the_promise_of_the_length(client):
    switch_on(client, "cut_off", carrier="kazpost")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        kazpost(client)


def test_html_is_a_page_for_people_with_status_200(client):
    switch_on(client, "html", carrier="russian_post")
    response = history(client, IN_RUSSIA)
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert response.text.startswith("<!DOCTYPE html>")


def test_gigabytes_never_end(client):
    switch_on(client, "gigabytes", carrier="kazpost", requests=1)
    received = 0
    with client.stream("GET", f"/kazpost/api/v2/{IN_KAZAKHSTAN}") as response:
        assert response.status_code == 200
        for chunk in response.iter_bytes():
            received += len(chunk)
            if received > 20 * 1024 * 1024:
                break
    assert received > 20 * 1024 * 1024
    assert kazpost(client).status_code == 200


def test_reset_is_an_error_of_the_connection(client):
    switch_on(client, "reset", carrier="kazpost", requests=1)
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        kazpost(client)
    assert kazpost(client).status_code == 200


def test_empty_is_status_200_without_a_body(client):
    switch_on(client, "empty", carrier="ukrposhta")
    response = statuses(client, IN_UKRAINE)
    assert (response.status_code, response.content) == (200, b"")


def test_what_never_reached_the_carrier_was_not_done_and_what_was_lost_on_the_way_back_was(client):
    url, number = "/seventeentrack/track/v2.2/register", [{"number": IN_RUSSIA}]
    switch_on(client, "http_503", carrier="seventeentrack", requests=1)
    client.post(url, json=number, headers=TOKEN)
    assert seventeentrack(client, "gettracklist", {})["page"]["data_total"] == 0
    switch_on(client, "truncated", carrier="seventeentrack", requests=1)
    client.post(url, json=number, headers=TOKEN)
    assert seventeentrack(client, "gettracklist", {})["page"]["data_total"] == 1


# Refusals.


def test_each_carrier_denies_in_its_own_words(client):
    switch_on(client, "denied")
    assert fault(history(client, IN_RUSSIA)) == "AuthorizationFaultReason"
    assert error(ticket(client, [IN_RUSSIA])) == "3"
    assert statuses(client, IN_UKRAINE).status_code == 401
    assert belpost(client, IN_BELARUS).status_code == 403
    assert kazpost(client).status_code == 403
    denied = client.post("/seventeentrack/track/v2.2/register", json=[], headers=TOKEN)
    assert (denied.status_code, denied.json()["code"]) == (401, -18010002)
    assert query(client, com="yuantong", num=IN_CHINA)["returnCode"] == "601"
    assert subscribe(client, "yuantong", IN_CHINA, callbackurl="http://localhost/")["returnCode"] == "601"


def test_each_carrier_throttles_in_its_own_words(client):
    switch_on(client, "throttled")
    assert fault(history(client, IN_RUSSIA)) == "AuthorizationFaultReason"
    assert error(collect(client, "20260514120000000DEMO")) == "6"
    assert statuses(client, IN_UKRAINE).status_code == 429
    assert belpost(client, IN_BELARUS).headers["retry-after"] == "60"
    assert kazpost(client).status_code == 429
    assert client.post("/seventeentrack/track/v2.2/register", json=[], headers=TOKEN).status_code == 429
    assert query(client, com="yuantong", num=IN_CHINA)["returnCode"] == "502"


def test_each_carrier_knows_nothing_in_its_own_words(client):
    token = ticket(client, [IN_RUSSIA]).findtext("value")
    switch_on(client, "not_found")
    assert records(history(client, IN_RUSSIA)) == []
    assert [
        found.attrib["ErrorTypeID"]
        for found in collect(client, token).iter()
        if "ErrorTypeID" in found.attrib
    ] == ["12"]
    assert statuses(client, IN_UKRAINE).json()["code"] == "UPE02000"
    assert belpost(client, IN_BELARUS).json()["data"] == []
    assert "error" in kazpost(client).json()
    answer = client.post(
        "/seventeentrack/track/v2.2/gettrackinfo", json=[{"number": IN_RUSSIA}], headers=TOKEN
    )
    assert answer.json()["data"]["rejected"][0]["error"]["code"] == -18019909
    assert query(client, com="yuantong", num=IN_CHINA)["returnCode"] == "500"


def test_each_carrier_calls_a_number_malformed_in_its_own_words(client):
    switch_on(client, "malformed_number")
    assert fault(history(client, IN_RUSSIA)) == "OperationHistoryFaultReason"
    assert error(ticket(client, [IN_RUSSIA])) == "21"
    assert belpost(client, IN_BELARUS).status_code == 422
    answer = client.post("/seventeentrack/track/v2.2/register", json=[{"number": IN_RUSSIA}], headers=TOKEN)
    assert answer.json()["data"]["rejected"][0]["error"]["code"] == -18010012
    assert query(client, com="yuantong", num=IN_CHINA)["returnCode"] == "400"


def test_each_carrier_with_batches_has_too_much_in_its_own_words(client):
    switch_on(client, "batch_limit")
    assert error(ticket(client, [IN_RUSSIA])) == "18"
    url = "/ukrposhta/status-tracking/0.0.1/statuses/last"
    assert client.post(url, json=[IN_UKRAINE], headers=BEARER).status_code == 400
    answer = client.post("/seventeentrack/track/v2.2/register", json=[{"number": IN_RUSSIA}], headers=TOKEN)
    assert answer.json()["code"] == -18010014


# Distortions.


def test_an_unknown_code_stands_in_no_table(client):
    switch_on(client, "unknown_code")
    assert operations(history(client, IN_RUSSIA))[-1] == "77:9"
    assert statuses(client, IN_UKRAINE).json()[-1]["event"] == 99123
    assert (
        belpost(client, IN_BELARUS).json()["data"][0]["steps"][0]["event"]
        == "Передано на дополнительный осмотр"
    )
    assert codes(kazpost(client))[0] == "QZT_X9"
    latest = registered_info(client, IN_RUSSIA)["track_info"]["latest_status"]
    assert latest["sub_status"] == "InTransit_Rescheduled"
    assert query(client, com="yuantong", num=IN_CHINA)["state"] == "999"


def test_another_parcel_bears_its_own_number_and_its_own_times(client):
    honest = operations(history(client, IN_RUSSIA))
    switch_on(client, "another_parcel")
    lying = history(client, IN_RUSSIA)
    assert operations(lying) == honest
    assert {record.findtext(f".//{DATA}Barcode") for record in records(lying)} == {"RB913683064CN"}
    assert kazpost(client).json()["trackid"] == "RB931014145CN"
    batch = "/ukrposhta/status-tracking/0.0.1/statuses/with-not-found"
    found = client.post(batch, json=[IN_UKRAINE], headers=BEARER).json()["found"]
    assert list(found) == [IN_UKRAINE]
    assert {event["barcode"] for event in found[IN_UKRAINE]} == {"RB573797536CN"}


def test_duplicates_are_told_twice(client):
    honest = operations(history(client, IN_RUSSIA))
    switch_on(client, "duplicates")
    assert operations(history(client, IN_RUSSIA)) == [operation for operation in honest for _ in range(2)]


def test_out_of_order_loses_nothing_but_the_order(client):
    honest = operations(history(client, IN_RUSSIA))
    switch_on(client, "out_of_order")
    mixed = operations(history(client, IN_RUSSIA))
    assert mixed != honest
    assert sorted(mixed) == sorted(honest)
    assert operations(history(client, IN_RUSSIA)) == mixed


def test_a_wrong_zone_moves_the_moment_by_the_offset(client):
    send(client, "RA314075228UA", ("EMA", "UA.kyiv", "2026-05-06T11:02:00+00:00"))
    switch_on(client, "wrong_zone")
    assert statuses(client, "RA314075228UA").json()[0]["date"] == "2026-05-06T17:02:00"


def test_the_hour_that_clocks_repeat_shows_one_wall_clock_twice(client):
    switch_on(client, "summer_winter", carrier="ukrposhta")
    dates = [event["date"] for event in statuses(client, IN_UKRAINE).json()[:2]]
    assert dates == ["2025-10-26T03:40:00", "2025-10-26T03:40:00"]


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("Europe/Sofia", datetime(2025, 10, 26, 1, tzinfo=UTC)),
        ("Asia/Almaty", datetime(2024, 2, 29, 18, tzinfo=UTC)),
        ("Europe/Moscow", datetime(2026, 5, 13, 9, tzinfo=UTC)),
    ],
)
def test_clocks_were_put_back_when_they_were(zone, moment):
    assert clock_put_back(datetime(2026, 5, 14, 9, tzinfo=UTC), ZoneInfo(zone)) == moment


def test_stories_bring_their_own_bad_days(client):
    assert operations(history(client, "RB302232031CN"))[-1] == "77:9"
    assert belpost(client, "RB243101660CN").headers["content-type"] == "text/html; charset=utf-8"
    first = records(history(client, "RB101985953CN"))[0]
    assert first.findtext(f".//{DATA}Barcode") != "RB101985953CN"
