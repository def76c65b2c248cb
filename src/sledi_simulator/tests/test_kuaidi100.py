import json

import pytest

from sledi_simulator import STRICT, running
from sledi_simulator.tests.asking import client_of, md5, query, send, shape, standing_still, subscribe

SIGNED = "YT8827682104284"
SF = "SF1466512559452"
STATION = "75870132531594"
ABROAD = "RB298431881CN"
UNKNOWN = "YT8812345678900"

COMPOSED_ROW = {
    "time": "2026-03-10 08:22:10",
    "ftime": "2026-03-10 08:22:10",
    "context": "【深圳市】快件派送中,派件员:张**",
    "areaCode": "CN440300000000",
    "areaName": "广东,深圳市",
    "status": "派件",
    "statusCode": "5",
}


def test_an_answer_has_the_fields_and_types_of_the_composed_example(client):
    answer = query(client, com="yuantong", num=SIGNED, resultv2="1")
    assert shape(COMPOSED_ROW).items() <= shape(answer["data"][0]).items()
    assert {
        name: answer[name] for name in ("message", "nu", "ischeck", "com", "status", "state", "isLoop")
    } == {
        "message": "ok",
        "nu": SIGNED,
        "ischeck": "1",
        "com": "yuantong",
        "status": "200",
        "state": "3",
        "isLoop": False,
    }


def test_rows_come_newest_first_in_beijings_time_and_in_chinese(client):
    data = query(client, com="yuantong", num=SIGNED)["data"]
    assert [row["time"] for row in data] == sorted((row["time"] for row in data), reverse=True)
    assert data[0]["context"] == "【广州市】快件已签收，签收人:集运仓前台，感谢使用圆通速递"
    assert data[-1]["context"] == "【杭州市】【杭州滨江营业部】已揽收，揽收员:王**"


def test_beijings_time_is_eight_hours_ahead(client):
    row = {"kind": "EMA", "place": "couriers.hangzhou", "at": "2026-03-10T00:22:10+00:00", "post": "yuantong"}
    both = {"origin_post": "yuantong", "destination_post": "yuantong"}
    client.post("/_control/journeys", json={"number": "YT8812345678901", "scans": [row], **both})
    assert query(client, com="yuantong", num="YT8812345678901")["data"][0]["time"] == "2026-03-10 08:22:10"


def test_rows_may_be_asked_for_oldest_first_and_in_english(client):
    data = query(client, com="yuantong", num=SIGNED, order="asc", lang="en")["data"]
    assert data[0]["context"] == "[HANGZHOU] Collected"


def test_states_are_fine_only_when_asked_for(client):
    assert query(client, com="yuantong", num=SIGNED)["state"] == "3"
    assert "statusCode" not in query(client, com="yuantong", num=SIGNED)["data"][0]
    assert query(client, com="yuantong", num=SIGNED, resultv2="4")["state"] == "303"
    assert "arrivalTime" in query(client, com="yuantong", num=SIGNED, resultv2="8")


def test_a_pick_up_station_is_no_signature(client):
    answer = query(client, com="zhongtong", num=STATION, phone="8211", resultv2="4")
    assert (answer["state"], answer["ischeck"]) == ("501", "0")


@pytest.mark.parametrize("phone", ["", "0000"])
def test_sf_and_zto_ask_for_the_telephone(client, phone):
    assert query(client, com="shunfeng", num=SF, phone=phone)["returnCode"] == "408"
    assert query(client, com="shunfeng", num=SF, phone="13800138211")["state"] == "5"


def test_china_post_abroad_is_one_of_the_couriers(client):
    answer = query(client, com="youzhengguoji", num=ABROAD)
    assert answer["data"][0]["context"] == "【广州国际邮件互换局】已出口直封，发往俄罗斯"


def test_a_wrong_signature_an_unknown_number_and_a_bad_request_have_their_codes(client):
    param = json.dumps({"com": "yuantong", "num": SIGNED})
    wrong = {"customer": "demo", "param": param, "sign": md5(param, "secret", "demo").lower()}
    assert client.post("/kuaidi100/poll/query.do", data=wrong).json() == {
        "result": False,
        "returnCode": "503",
        "message": "验证签名失败",
    }
    assert query(client, com="yuantong", num=UNKNOWN)["returnCode"] == "500"
    assert query(client, com="nobody", num=SIGNED)["returnCode"] == "400"
    assert client.post("/kuaidi100/poll/query.do", data={"param": "{"}).json()["returnCode"] == "400"


def test_strict_kuaidi100_locks_a_number_for_30_minutes():
    with running(options=standing_still(STRICT)) as run, client_of(run) as client:
        assert query(client, com="yuantong", num=SIGNED)["status"] == "200"
        assert query(client, com="yuantong", num=SIGNED)["returnCode"] == "502"
        assert query(client, com="jtexpress", num="JT5343908375834")["status"] == "200"
        run.world.clock.advance(1800)
        assert query(client, com="yuantong", num=SIGNED)["status"] == "200"


def test_numbers_are_recognised_by_their_looks(client):
    def recognised(number, key="secret"):
        return client.get("/kuaidi100/autonumber/auto", params={"num": number, "key": key}).json()

    assert recognised(SF)[0]["comCode"] == "shunfeng"
    assert list(recognised(SIGNED)[0]) == ["comCode", "lengthPre", "noCount", "noPre", "startTime"]
    assert recognised("HELLO") == []
    assert recognised(SF, key="wrong")["returnCode"] == "601"


def test_a_subscription_is_taken_once(client):
    url = "http://127.0.0.1:1/"
    assert subscribe(client, "yuantong", SIGNED, callbackurl=url) == {
        "result": True,
        "returnCode": "200",
        "message": "提交成功",
    }
    assert subscribe(client, "yuantong", SIGNED, callbackurl=url)["returnCode"] == "501"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"key": "wrong"}, "601"),
        ({"company": "nobody"}, "700"),
        ({"parameters": {}}, "400"),
        ({"parameters": 1}, "400"),
    ],
)
def test_a_bad_subscription_has_its_code(client, change, code):
    param = {
        "company": "yuantong",
        "number": SIGNED,
        "key": "secret",
        "parameters": {"callbackurl": "http://x/"},
    }
    form = {"schema": "json", "param": json.dumps({**param, **change})}
    assert client.post("/kuaidi100/poll", data=form).json()["returnCode"] == code


def test_a_courier_tells_nothing_of_a_number_with_another_courier(client):
    send(client, "RB481503678CN", ("EMA", "CN.yiwu", "2026-05-01T00:00:00+00:00"))
    assert query(client, com="yuantong", num="RB481503678CN")["returnCode"] == "500"
