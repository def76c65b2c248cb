import csv
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, quote_plus, urlencode

import pytest

from sledi.carriers import kuaidi100
from sledi.core.carrier import (
    Account,
    Denied,
    Direction,
    Outcome,
    Refused,
    Reply,
    Throttled,
    Unavailable,
    Unreadable,
    ZoneBasis,
)
from sledi.core.vocabularies import coarse_words

CONTRACT = Path(__file__).parents[4] / "tests" / "contracts" / "kuaidi100"
NUMBER = "SF1234567890123"
ACCOUNT = Account(secrets={"customer": "C0FFEE", "key": "k-1", "salt": "new, old"})


def states():
    with (CONTRACT / "states.csv").open(encoding="utf-8", newline="") as lines:
        return [tuple(row) for row in csv.reader(lines)][1:]


def example(name, *numbers, kind="query"):
    return Reply(200, (CONTRACT / name).read_bytes(), kind, numbers)


def scan(code=None, context="快件", *, time="2026-03-10 08:00:00", **fields):
    plain = {
        "time": time,
        "ftime": time,
        "context": context,
        "areaCode": "CN440300000000",
        "areaName": "广东,深圳市",
    }
    return plain | ({} if code is None else {"statusCode": code}) | fields


def leg(*scans, **fields):
    return {
        "message": "ok",
        "nu": NUMBER,
        "com": "shunfeng",
        "status": "200",
        "state": "0",
        "data": scans,
    } | fields


def read(answer, kind="query"):
    return kuaidi100.read(Reply(200, json.dumps(answer).encode(), kind, (NUMBER,)))


def pushed(message, *numbers):
    body = urlencode({"sign": "0", "param": json.dumps(message, ensure_ascii=False)}).encode()
    return kuaidi100.read(Reply(200, body, "push", numbers)).reports[0]


# Asking


def test_a_query_is_signed_over_the_text_that_is_sent():
    request = kuaidi100.ask(
        [NUMBER], ACCOUNT, "query", hints={"com": "shunfeng", "phone": "+86 138 0013 8000"}
    )
    assert (request.method, request.url) == ("POST", "https://poll.kuaidi100.com/poll/query.do")
    form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
    assert form["customer"] == "C0FFEE"
    assert form["sign"] == hashlib.md5(f"{form['param']}k-1C0FFEE".encode()).hexdigest().upper()
    param = json.loads(form["param"])
    assert (param["com"], param["num"], param["phone"], param["resultv2"]) == (
        "shunfeng",
        NUMBER,
        "8000",
        "4",
    )


def test_a_subscription_carries_address_salt_and_the_courier_when_it_is_known():
    request = kuaidi100.ask(
        [NUMBER],
        ACCOUNT,
        "subscribe",
        callback_url="https://x.example/hooks/",
        hints={"carrier_key": "shunfeng"},
    )
    form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
    param = json.loads(form["param"])
    assert (request.url, form["schema"]) == ("https://poll.kuaidi100.com/poll", "json")
    assert (param["company"], param["number"], param["key"]) == ("shunfeng", NUMBER, "k-1")
    assert param["parameters"] == {
        "callbackurl": "https://x.example/hooks/",
        "salt": "new",
        "resultv2": "4",
        "autoCom": "0",
        "interCom": "1",
        "phone": "",
    }


def test_a_subscription_without_a_courier_lets_it_be_found():
    request = kuaidi100.ask([NUMBER], ACCOUNT, "subscribe")
    param = json.loads(parse_qs(request.body.decode())["param"][0])
    assert (param["company"], param["parameters"]["autoCom"]) == ("", "1")


def test_a_number_is_not_asked_for_again_within_half_an_hour():
    query = kuaidi100.CALLS[0]
    assert (query.kind, query.batch, query.again_after_s) == ("query", 1, 1800)


# Answers


def test_the_example_is_a_delivery_under_way_in_beijing_time():
    (report,) = kuaidi100.read(example("composed_query.json", "YT8812345678901")).reports
    moving, out = report.events
    assert (moving.code, moving.raw_code, moving.carrier) == ("line.moving", "0", "yto")
    assert (out.code, out.place, out.country) == ("last.out", "广东,深圳市", "CN")
    assert (out.raw_time, out.zone, out.zone_basis) == (
        "2026-03-10 08:22:10",
        "Asia/Shanghai",
        ZoneBasis.CARRIER_RULE,
    )
    assert out.occurred_at == datetime(2026, 3, 10, 0, 22, 10, tzinfo=UTC)
    assert out.raw_text == "【深圳市】快件派送中,派件员:***"


def test_signed_for_in_china_is_a_delivery_in_china_and_doubles_are_one():
    (report,) = kuaidi100.read(example("composed_signed_for.json", NUMBER)).reports
    assert [(e.code, e.country) for e in report.events] == [
        ("orig.accepted", "CN"),
        ("last.out", "CN"),
        ("done.signed", "CN"),
    ]


@pytest.mark.parametrize(("state", "word", "group"), states())
def test_every_state_stays_in_its_class(state, word, group):
    for written in (state, int(state)):
        (event,) = read(leg(scan(written, areaCode="US0"))).reports[0].events
        assert (event.code in coarse_words()[group].codes, event.raw_code) == (True, state)


@pytest.mark.parametrize(("state", "word", "group"), states())
def test_without_a_code_the_word_decides(state, word, group):
    report = read(leg(scan(status=word, areaCode="US0"))).reports[0]
    assert (report.events[0].code in coarse_words()[group].codes, report.unmapped) == (True, 0)


def test_without_code_and_word_the_legs_state_explains_the_newest_scan():
    report = read(leg(scan(time="2026-03-11 08:00:00"), scan(), state="3")).reports[0]
    assert [e.code for e in report.events] == ["sys.unmapped", "done.delivered"]
    assert report.unmapped == 1


@pytest.mark.parametrize(
    ("com", "slug"),
    [
        ("shunfeng", "sf_express"),
        ("zhongtong", "zto"),
        ("shentong", "sto"),
        ("yunda", "yunda"),
        ("jtexpress", "jt_express"),
        ("huitongkuaidi", "best"),
        ("ems", "china_ems"),
        ("youzhengguonei", "china_post"),
        ("jd", "jd_logistics"),
        ("debangkuaidi", "deppon"),
        ("unheardof", ""),
        (None, ""),
    ],
)
def test_a_scan_names_the_courier_that_made_it(com, slug):
    assert read(leg(scan("0"), com=com)).reports[0].events[0].carrier == slug


def test_an_unknown_code_is_shown_by_its_word_and_counted():
    report = read(
        leg(scan("777", status="派件"), scan("778", status="漂流", time="2026-03-09 08:00:00"))
    ).reports[0]
    assert [(e.code, e.raw_code) for e in report.events] == [("sys.unmapped", "778"), ("last.out", "777")]
    assert report.unmapped == 2


@pytest.mark.parametrize(
    ("state", "code"), [("8", "exp.customs_in"), ("12", "exp.customs_out"), ("13", "exp.customs_held")]
)
def test_customs_in_china_are_the_exports(state, code):
    assert read(leg(scan(state))).reports[0].events[0].code == code
    assert read(leg(scan(state, areaCode=None, areaName=None))).reports[0].events[0].code == code


def test_an_international_items_scan_without_an_area_may_be_abroad():
    nowhere = {"areaCode": None, "areaName": None, "location": "莫斯科"}
    answer = leg(
        scan("301", "【俄罗斯】已妥投", time="2026-03-20 08:00:00", **nowhere),
        scan("10", "送交进口海关", time="2026-03-18 08:00:00", **nowhere),
        scan("12", "出口海关/放行", **nowhere),
        nu="EA123456785CN",
        com="ems",
    )
    reply = Reply(200, json.dumps(answer).encode(), "query", ("EA123456785CN",))
    assert [(e.code, e.country, e.place) for e in kuaidi100.read(reply).reports[0].events] == [
        ("exp.customs_out", "", "莫斯科"),
        ("imp.customs_in", "", "莫斯科"),
        ("done.signed", "", "莫斯科"),
    ]


def test_after_a_return_began_everything_is_on_the_way_back():
    events = (
        read(leg(scan("4", time="2026-03-12 08:00:00"), scan("0", time="2026-03-11 08:00:00"), scan("6")))
        .reports[0]
        .events
    )
    assert [(e.code, e.direction) for e in events] == [
        ("ret.started", Direction.RETURN),
        ("line.moving", Direction.RETURN),
        ("ret.done", Direction.RETURN),
    ]


@pytest.mark.parametrize(
    ("time", "hour"), [("2026-01-15 12:00:00", 4), ("2026-07-15 12:00:00", 4), ("1990-07-15 12:00:00", 3)]
)
def test_china_has_no_summer_time_any_more(time, hour):
    assert read(leg(scan("0", time=time))).reports[0].events[0].occurred_at.hour == hour


def test_a_leg_without_scans_is_not_found():
    assert read(leg()).reports[0].outcome is Outcome.NOT_FOUND
    assert read(leg() | {"data": None}).reports[0].outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize(
    ("kind", "code", "outcome"),
    [
        ("query", "500", Outcome.NOT_FOUND),
        ("query", "408", Outcome.DENIED),
        ("subscribe", "700", Outcome.DENIED),
        ("subscribe", "701", Outcome.DENIED),
    ],
)
def test_some_refusals_speak_of_the_number(kind, code, outcome):
    (report,) = read({"result": False, "returnCode": code, "message": "不"}, kind).reports
    assert (report.number, report.outcome, report.message) == (NUMBER, outcome, "不")


@pytest.mark.parametrize(
    ("kind", "code", "error"),
    [
        ("query", "400", Refused),
        ("query", "501", Unavailable),
        ("query", "502", Throttled),
        ("query", "503", Denied),
        ("query", "601", Denied),
        ("query", 601, Denied),
        ("query", "999", Refused),
        ("subscribe", "500", Unavailable),
        ("subscribe", "503", Denied),
        ("subscribe", "600", Denied),
        ("subscribe", "601", Denied),
        ("subscribe", "400", Refused),
    ],
)
@pytest.mark.parametrize("result", [False, "false"])
def test_other_refusals_speak_of_the_call(kind, code, error, result):
    with pytest.raises(error, match=str(code)):
        read({"result": result, "returnCode": code, "message": "不"}, kind)


def test_a_subscription_made_before_is_as_good_as_a_new_one():
    assert kuaidi100.read(example("composed_subscribed.json", NUMBER, kind="subscribe")).registered == (
        NUMBER,
    )
    assert read({"result": False, "returnCode": "501", "message": "重复订阅"}, "subscribe").registered == (
        NUMBER,
    )


@pytest.mark.parametrize(("answer", "kind"), [({"result": True}, "subscribe"), ({"result": False}, "query")])
def test_an_answer_without_a_code_is_named(answer, kind):
    with pytest.raises(Unreadable) as caught:
        read(answer, kind)
    assert caught.value.where == "returnCode"


@pytest.mark.parametrize(
    ("answer", "where"),
    [
        (leg(nu="SF9999999999999"), "nu"),
        (leg(nu=None), "nu"),
        (leg(scan("0", time="soon")), "data[0].time"),
        (leg(scan("0", time="0001-01-01 00:00:00")), "data[0].time"),
        (leg(scan("0", time=None)), "data[0].time"),
        (leg(scan(1.5)), "data[0].statusCode"),
        (leg(scan("0", context=None)), "data[0].context"),
        (leg() | {"data": {}}, "data"),
    ],
)
def test_a_broken_field_is_named(answer, where):
    with pytest.raises(Unreadable) as caught:
        read(answer)
    assert caught.value.where == where


# Pushes


def form(param, salt, *, sign=None):
    made = hashlib.md5(param + salt.encode()).hexdigest().upper()
    return b"sign=" + (sign or made).encode() + b"&param=" + quote_plus(param).encode()


PARAM = (CONTRACT / "composed_push.json").read_bytes()


@pytest.mark.parametrize("salt", ["new", "old"])
def test_a_push_signed_with_either_of_our_salts_is_ours(salt):
    assert kuaidi100.verify({}, form(PARAM, salt), ACCOUNT)


def test_the_spelling_of_the_form_does_not_matter_to_the_signature():
    sign = hashlib.md5(PARAM + b"new").hexdigest().upper()
    lower = "".join(f"%{byte:02x}" for byte in PARAM)
    assert kuaidi100.verify({}, f"param={lower}&sign={sign}".encode(), ACCOUNT)


def test_a_push_signed_otherwise_is_refused():
    good = hashlib.md5(PARAM + b"new").hexdigest().upper()
    for body in (
        form(PARAM, "guess"),
        form(PARAM, ""),
        form(PARAM, "new, old"),
        form(PARAM, "new", sign=good.lower()),
        form(PARAM, "new", sign=good[:-1]),
        form(PARAM + b" ", "new", sign=good),
        form(json.dumps(json.loads(PARAM)).encode(), "new", sign=good),
        b"param=" + quote_plus(PARAM).encode(),
        b"sign=" + good.encode(),
        b"sign=%FF&param=%FF",
        PARAM,
        b"",
    ):
        assert not kuaidi100.verify({}, body, ACCOUNT)


@pytest.mark.parametrize("secrets", [{}, {"salt": ""}, {"salt": ","}])
def test_without_a_salt_no_push_is_ours(secrets):
    assert not kuaidi100.verify({}, form(PARAM, ""), Account(secrets=secrets))


def test_a_push_has_a_leg_in_china_and_one_abroad():
    report = pushed(json.loads(PARAM))
    assert [(e.code, e.country, e.zone_basis, e.carrier) for e in report.events] == [
        ("orig.accepted", "CN", ZoneBasis.CARRIER_RULE, "china_ems"),
        ("exp.customs_out", "CN", ZoneBasis.CARRIER_RULE, "china_ems"),
        ("imp.customs_held", "", ZoneBasis.UNKNOWN, ""),
    ]
    assert report.events[2].place == "Moscow"
    assert json.loads(kuaidi100.ACKNOWLEDGEMENT) == {"result": True, "returnCode": "200", "message": "成功"}


@pytest.mark.parametrize("status", ["polling", "updateall", "shutdown"])
def test_the_state_of_the_subscription_changes_nothing_about_the_leg(status):
    report = pushed({"status": status, "lastResult": leg(scan("301"))})
    assert ([e.code for e in report.events], report.message) == (["done.signed"], "")


def test_an_aborted_subscription_says_why():
    nothing = pushed(json.loads((CONTRACT / "composed_push_abort.json").read_bytes()))
    assert (nothing.outcome, nothing.message) == (Outcome.NOT_FOUND, "abort: 3天查询无记录")
    silent = pushed({"status": "abort", "message": "60天无变化", "lastResult": leg(scan("0"))})
    assert (silent.outcome, silent.message, len(silent.events)) == (Outcome.FOUND, "abort: 60天无变化", 1)


@pytest.mark.parametrize(
    ("message", "numbers", "where"),
    [
        ({"status": "dancing", "lastResult": leg()}, (), "status"),
        ({"status": "polling", "lastResult": leg(nu=None)}, (), "lastResult.nu"),
        ({"status": "polling", "lastResult": leg()}, ("SF9",), "lastResult.nu"),
        ({"status": "polling", "lastResult": leg(), "destResult": leg(nu="SF9")}, (), "destResult.nu"),
        ({"status": "polling"}, (), "reply"),
        ({"status": "polling", "lastResult": leg(scan(), nu=7)}, (), "lastResult.nu"),
        (
            {"status": "polling", "lastResult": leg(), "destResult": leg(scan(time="x"))},
            (),
            "destResult[0].time",
        ),
    ],
)
def test_a_broken_push_is_named(message, numbers, where):
    with pytest.raises(Unreadable) as caught:
        pushed(message, *numbers)
    assert caught.value.where == where


def test_a_push_that_is_no_form_is_named():
    with pytest.raises(Unreadable) as caught:
        kuaidi100.read(Reply(200, PARAM, "push"))
    assert caught.value.where == "param"


# People

PEOPLE = ("王小明", "李四", "张三丰", "13800138000", "0013", "12345678,", "张**", "916 123")


@pytest.mark.parametrize("file", ["composed_signed_for.json", "composed_query.json", "composed_push.json"])
def test_no_person_survives_a_whole_body_or_any_half_of_it(file):
    body = (CONTRACT / file).read_bytes()
    for end in (*range(0, len(body), 7), len(body)):
        kept = kuaidi100.mask(Reply(200, body[:end], "query")).body.decode("utf-8", "ignore")
        assert not [name for name in PEOPLE if name in json_text(kept)]


def json_text(text):
    return (
        text.encode().decode("unicode_escape", "ignore").encode("latin-1", "ignore").decode("utf-8", "ignore")
        + text
    )


def test_no_person_survives_a_push_or_any_half_of_it():
    body = form((CONTRACT / "composed_signed_for.json").read_bytes(), "new")
    for end in (*range(0, len(body), 17), len(body)):
        kept = kuaidi100.mask(Reply(200, body[:end], "push")).body.decode()
        plain = parse_qs(kept, errors="ignore").get("param", [""])[0]
        assert not [name for name in PEOPLE if name in json_text(plain)]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("派件员:张**", "派件员:***"),
        ("快递员【李四,电话13800138000】正在派件", "快递员【***,电话***】正在派件"),
        ("李四(138 0013 8000)正在派件", "***(***)正在派件"),
        ("由李四，电话：139-0013-9000 派送", "***，电话：*** 派送"),
        ("您的快件正在派件，联系电话13800138000", "您的快件正在派件，联系电话***"),
        ("派件员:张**，电话:138****8211", "派件员:***，电话:***"),
        ("客服热线95338", "客服热线95338"),
        ("已到达2026-03-10 08:22:10", "已到达2026-03-10 08:22:10"),
        ("单号YT8812345678901", "单号YT8812345678901"),
        ("Delivered, signed by: BORIS PETROV", "Delivered, signed by ***"),  # the leg abroad
    ],
)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_names_and_telephones_leave_the_texts(text, kept, ascii_only):
    body = json.dumps({"context": text}, ensure_ascii=ascii_only).encode()
    assert json.loads(kuaidi100.mask(Reply(200, body, "query")).body) == {"context": kept}


def test_fields_about_the_courier_are_emptied():
    body = b'{"courierInfo":{"deliveryManName":"\xe6\x9d\x8e","deliveryManPhone":13800138000},"nu":"13800138000"}'
    assert json.loads(kuaidi100.mask(Reply(200, body, "query")).body) == {
        "courierInfo": {"deliveryManName": "", "deliveryManPhone": ""},
        "nu": "13800138000",
    }
