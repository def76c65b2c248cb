import csv
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sledi.carriers import seventeentrack
from sledi.core.carrier import (
    Account,
    Alias,
    Denied,
    Direction,
    Outcome,
    Refused,
    Reply,
    Unavailable,
    Unreadable,
    ZoneBasis,
)

CONTRACT = Path(__file__).parents[4] / "tests" / "contracts" / "seventeentrack"
NUMBER = "RB481503678CN"


def example(name, *numbers, kind="gettrackinfo"):
    return Reply(200, (CONTRACT / name).read_bytes(), kind, numbers)


def scan(description="", sub_status=None, *, at="2026-05-04T11:20:11", **fields):
    plain = {
        "time_iso": f"{at}+00:00",
        "time_utc": f"{at}Z",
        "description": description,
        "location": "SHENZHEN",
        "stage": None,
        "sub_status": sub_status,
        "address": None,
    }
    return plain | fields


def post(*scans, key=3011, name="China Post"):
    return {"provider": {"key": key, "name": name, "alias": name, "country": "CN"}, "events": list(scans)}


def info(*posts, **members):
    return {"tracking": {"providers_hash": 1, "providers": list(posts)}, **members}


def read(track_info, number=NUMBER):
    accepted = [{"number": number, "carrier": 3011, "param": None, "tag": None, "track_info": track_info}]
    body = json.dumps({"code": 0, "data": {"accepted": accepted, "rejected": []}}).encode()
    return seventeentrack.read(Reply(200, body, "gettrackinfo", (number,))).reports[0]


def meaning(*scans, **members):
    """Codes of one post's scans, given newest first as the service does."""
    return [event.code for event in read(info(post(*reversed(scans)), **members)).events]


def refused(code, kind="gettrackinfo"):
    rejected = [{"number": NUMBER, "tag": None, "error": {"code": code, "message": "no"}}]
    body = json.dumps({"code": 0, "data": {"accepted": [], "rejected": rejected}}).encode()
    return seventeentrack.read(Reply(200, body, kind, (NUMBER,)))


# Asking


def test_registering_carries_the_wishes_for_all_and_for_one():
    hints = {
        "carrier_key": "3011",
        "lang": "en",
        f"{NUMBER}:tag": "order-1042",
        f"{NUMBER}:final_carrier": "18031",
    }
    request = seventeentrack.ask(
        [NUMBER, "LP1"], Account(secrets={"key": "new, old"}), "register", hints=hints
    )
    assert request.url == "https://api.17track.net/track/v2.2/register"
    assert request.headers["17token"] == "new"
    assert json.loads(request.body) == [
        {"number": NUMBER, "carrier": 3011, "final_carrier": 18031, "tag": "order-1042", "lang": "en"},
        {"number": "LP1", "carrier": 3011, "lang": "en"},
    ]


def test_asking_names_numbers_only_and_forty_at_once():
    request = seventeentrack.ask([NUMBER], Account(secrets={"key": "k"}), "gettrackinfo", hints={"tag": "x"})
    assert json.loads(request.body) == [{"number": NUMBER}]
    assert [(c.kind, c.role, c.batch, c.after) for c in seventeentrack.CALLS] == [
        ("gettrackinfo", "history", 40, "register"),
        ("register", "register", 40, ""),
        ("push", "push", 1, ""),
    ]


# Registering


def test_accepted_and_already_registered_numbers_are_registered():
    body = {
        "code": 0,
        "data": {
            "accepted": [{"origin": 1, "number": NUMBER, "carrier": 3011, "tag": None}],
            "rejected": [
                {"number": "LP1", "error": {"code": -18019901, "message": "registered"}},
                {"number": "LP2", "error": {"code": -18019903, "message": "no carrier"}},
                {"number": "LP3", "error": {"code": -18019908, "message": "quota"}},
            ],
        },
    }
    asked = (NUMBER, "lp1", "LP2", "LP3")
    reading = seventeentrack.read(Reply(200, json.dumps(body).encode(), "register", asked))
    assert reading.registered == (NUMBER, "lp1")
    assert [(r.number, r.outcome, r.message) for r in reading.reports] == [
        ("LP2", Outcome.NOT_FOUND, "no carrier"),
        ("LP3", Outcome.DENIED, "quota"),
    ]


@pytest.mark.parametrize("code", [-18019907, -18019908, -18010002])
def test_when_the_account_is_refused_for_every_number_an_operator_must_act(code):
    with pytest.raises(Denied):
        refused(code, kind="register")


# Refusals


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (-18019909, Outcome.NOT_FOUND),
        (-18019903, Outcome.NOT_FOUND),
        (-18019902, Outcome.TEMPORARY),
        (-18019911, Outcome.TEMPORARY),
        (-18019912, Outcome.TEMPORARY),
        (-18010012, Outcome.DENIED),
        (-18010018, Outcome.DENIED),
        (-18019910, Outcome.DENIED),
        (-1, Outcome.DENIED),
    ],
)
def test_a_refused_number_has_an_outcome_and_the_services_words(code, outcome):
    (report,) = refused(code).reports
    assert (report.number, report.outcome, report.message) == (NUMBER, outcome, "no")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (-18010001, Denied),
        (-18010002, Denied),
        (-18010004, Denied),
        (-18010005, Denied),
        (-18019908, Denied),
        (-18010003, Unavailable),
        (-18010013, Refused),
        (-18010014, Refused),
        (-18010010, Refused),
    ],
)
def test_a_refused_call_is_sorted_by_who_must_act(code, error):
    for body in (
        {"code": code, "data": {"errors": [{"code": code, "message": "no"}]}},
        {"code": 0, "data": {"errors": [{"code": code, "message": "no"}]}},
        {"code": code},
    ):
        with pytest.raises(error, match=str(code)):
            seventeentrack.read(Reply(200, json.dumps(body).encode(), "gettrackinfo", (NUMBER,)))


def test_success_without_data_is_named():
    with pytest.raises(Unreadable) as caught:
        seventeentrack.read(Reply(200, b'{"code":0,"data":null}', "gettrackinfo", (NUMBER,)))
    assert caught.value.where == "data"


def test_a_wrong_key_is_denied_with_either_status():
    for status in (200, 401):
        with pytest.raises(Denied):
            seventeentrack.read(
                Reply(status, (CONTRACT / "composed_wrong_key.json").read_bytes(), "register")
            )


def test_a_number_the_reply_leaves_out_has_no_answer_yet():
    reports = seventeentrack.read(example("composed_two_posts.json", NUMBER, "LP1")).reports
    assert [(r.number, r.outcome) for r in reports] == [(NUMBER, Outcome.FOUND), ("LP1", Outcome.TEMPORARY)]


def test_another_parcels_number_is_named():
    with pytest.raises(Unreadable) as caught:
        seventeentrack.read(example("composed_two_posts.json", "LP1"))
    assert caught.value.where == "data.accepted[0].number"
    with pytest.raises(Unreadable) as caught:
        seventeentrack.read(example("composed_register.json", NUMBER, kind="register"))
    assert caught.value.where == "data.accepted[0].number"


def test_in_a_batch_one_unreadable_number_steps_aside():
    good = {"number": NUMBER, "track_info": info(post(scan("Accepted")))}
    for broken in ({"number": "LP1", "track_info": {"tracking": 7}}, {"number": "LP9", "track_info": None}):
        body = json.dumps({"code": 0, "data": {"accepted": [broken, good], "rejected": []}}).encode()
        reports = seventeentrack.read(Reply(200, body, "gettrackinfo", (NUMBER, "LP1"))).reports
        assert [(r.number, r.outcome) for r in reports] == [
            (NUMBER, Outcome.FOUND),
            ("LP1", Outcome.TEMPORARY),
        ]
        assert reports[1].message.startswith("data.accepted[0].")


# Histories


def test_the_examples_latest_event_and_milestone_stand_for_a_missing_history():
    known, unregistered = seventeentrack.read(example("composed_gettrackinfo.json", NUMBER, "ZZ999")).reports
    assert (known.origin, known.destination) == ("CN", "BG")
    assert [(e.code, e.raw_code, e.raw_text) for e in known.events] == [
        ("pre.info", "InfoReceived", ""),
        ("imp.customs_in", "InTransit_CustomsProcessing", "Presented to import customs"),
    ]
    latest = known.events[1]
    assert (latest.raw_time, latest.zone, latest.zone_basis) == (
        "2026-05-14T09:10:00+03:00",
        "+03:00",
        ZoneBasis.GIVEN,
    )
    assert (latest.occurred_at, latest.place) == (datetime(2026, 5, 14, 6, 10, tzinfo=UTC), "SOFIA")
    assert unregistered.outcome is Outcome.TEMPORARY


def test_two_posts_tell_one_journey():
    (report,) = seventeentrack.read(example("composed_two_posts.json", NUMBER)).reports
    assert [(e.code, e.carrier, e.country, e.text_language) for e in report.events] == [
        ("orig.accepted", "china_post", "CN", "zh"),
        ("exp.customs_in", "china_post", "CN", "zh"),
        ("exp.departed", "china_post", "CN", "zh"),
        ("imp.office_in", "russian_post", "RU", "ru"),
        ("imp.customs_in", "russian_post", "RU", "ru"),
        ("done.delivered", "china_post", "RU", "zh"),
        ("done.delivered", "russian_post", "RU", "ru"),
    ]
    assert (report.origin, report.destination, report.unmapped) == ("CN", "RU", 0)
    assert (report.weight_g, report.service) == (350, "Registered")
    assert report.aliases == (Alias("80085590000018", "russian_post", "local"),)
    assert report.expected_from == datetime(2026, 5, 17, 21, 0, tzinfo=UTC)
    assert report.expected_until == datetime(2026, 5, 22, 20, 59, 59, tzinfo=UTC)


def sub_statuses():
    with (CONTRACT / "sub_statuses.csv").open(encoding="utf-8", newline="") as lines:
        return [tuple(row) for row in csv.reader(lines)][1:]


@pytest.mark.parametrize(("sub_status", "status", "code", "reason"), sub_statuses())
def test_every_sub_status_has_its_code(sub_status, status, code, reason):
    (event,) = read(info(post(scan("?", sub_status)))).events
    assert (event.code, event.reason, event.raw_code) == (code, reason, sub_status)


@pytest.mark.parametrize(
    ("status", "code"),
    sorted({(status, code) for s, status, code, _ in sub_statuses() if s.endswith("_Other")}),
)
def test_an_unknown_sub_status_falls_back_to_its_status_and_is_counted(status, code):
    report = read(info(post(scan("?", f"{status}_Brandnew"))))
    assert (report.events[0].code, report.unmapped) == (code, 1)


@pytest.mark.parametrize(
    ("stage", "code"),
    [
        ("InfoReceived", "pre.info"),
        ("PickedUp", "orig.accepted"),
        ("Departure", "exp.departed"),
        ("Arrival", "imp.office_in"),
        ("AvailableForPickup", "last.ready"),
        ("OutForDelivery", "last.out"),
        ("Delivered", "done.delivered"),
        ("Returning", "ret.started"),
        ("Returned", "ret.done"),
    ],
)
def test_an_event_without_sub_status_goes_by_its_stage(stage, code):
    (event,) = read(info(post(scan("?", stage=stage)))).events
    assert (event.code, event.raw_code) == (code, stage)


TEXTS = [
    # UPU EMSEVT names and the public EMS texts
    ("Posting/Collection", "orig.accepted"),
    ("Accepted", "orig.accepted"),
    ("Accepted, GUANGZHOU", "orig.accepted"),
    ("Acceptance", "orig.accepted"),
    ("Posted", "orig.accepted"),
    ("Accepted by airline", "sys.unmapped"),
    ("Arrival at outward office of exchange", "exp.office_in"),
    ("Arrived at export office", "exp.office_in"),
    ("Departure from outward office of exchange", "exp.departed"),
    ("Departed from export office", "exp.departed"),
    ("Presented to export Customs/Security", "exp.customs_in"),
    ("Held by export Customs/Security", "exp.customs_held"),
    ("Returned from export Customs/Security", "exp.customs_out"),
    ("Held at outward office of exchange", "exp.held"),
    ("Arrival at transit office of exchange", "line.transit_in"),
    ("Departure from transit office of exchange", "line.transit_out"),
    ("Arrival at inward office of exchange", "imp.office_in"),
    ("Arrived at destination import office", "imp.office_in"),
    ("Presented to import customs", "imp.customs_in"),
    ("Held by import Customs", "imp.customs_held"),
    ("Held for customs inspection", "imp.customs_held"),
    ("Released from import customs", "imp.customs_out"),
    ("Returned from import Customs", "imp.customs_out"),
    ("Held at inward office of exchange", "imp.held"),
    ("Departure from inward office of exchange", "imp.office_out"),
    ("Departed from destination import office", "imp.office_out"),
    ("Arrival at delivery office", "last.office_in"),
    ("Arrived at post office", "last.office_in"),
    ("Out for physical delivery", "last.out"),
    ("Arrival at collection point for pick-up (by recipient)", "last.ready"),
    ("Attempted/Unsuccessful (physical) delivery", "last.failed"),
    ("Final delivery", "done.delivered"),
    ("Delivered", "done.delivered"),
    ("Delivered to airline", "sys.unmapped"),
    # IPS, as Bulgarian Posts show it
    ("Receive item from customer (Otb)", "orig.accepted"),
    ("Receive item at office of exchange (Otb)", "exp.office_in"),
    ("Insert item into bag (Otb)", "line.moving"),
    ("Send item abroad (EDI-received)", "exp.departed"),
    ("Send item to customs (Otb)", "exp.customs_in"),
    ("Return item from customs (Otb)", "exp.customs_out"),
    ("Receive item at office of exchange (Inb)", "imp.office_in"),
    ("Send item to customs (Inb)", "imp.customs_in"),
    ("Record item customs information (Inb)", "imp.customs_held"),
    ("Held by customs (Inb)", "imp.customs_held"),
    ("Return item from customs (Inb)", "imp.customs_out"),
    ("Send item to domestic location (Inb)", "imp.office_out"),
    ("Receive item at delivery office (Inb)", "last.office_in"),
    ("Receive item at collection point for pick-up", "last.ready"),
    ("Send item out for physical delivery (Inb)", "last.out"),
    ("Attempted/Unsuccessful delivery (Inb)", "last.failed"),
    ("Deliver item (Inb)", "done.delivered"),
    ("Return item to sender", "ret.started"),
    ("Send item back", "ret.started"),
    # Singapore Post
    ("Information Received", "pre.info"),
    ("Item received at SingPost", "orig.accepted"),
    ("Despatched to overseas (Country code: RU)", "exp.departed"),
    ("Arrived at overseas processing centre", "imp.office_in"),
    ("With delivery courier", "last.out"),
    ("Unsuccessful delivery attempt", "last.failed"),
    ("Return to sender", "ret.started"),
    # China Post
    ("【广州国际】已收寄", "orig.accepted"),
    ("离开【深圳市】,下一站【广州市】", "line.hub_out"),
    ("到达【广州国际邮件处理中心】", "line.hub_in"),
    ("【广州】已出口直封", "exp.office_in"),
    ("送交出口海关", "exp.customs_in"),
    ("出口海关/留存待验", "exp.customs_in"),
    ("【北京】出口海关/扣留", "exp.customs_held"),
    ("进口海关留存", "imp.customs_held"),
    ("Held by export security screening", "exp.customs_held"),
    ("出口海关/放行", "exp.customs_out"),
    ("离开【北京】出口互换局", "exp.departed"),
    ("到达【广州国际邮件互换局】", "exp.office_in"),
    ("【WARSZAWA】到达境外经转局", "line.transit_in"),
    ("离开境外经转局【WARSZAWA】", "line.transit_out"),
    ("航空公司启运", "line.flight_out"),
    ("飞机进港", "line.flight_in"),
    ("到达境外进口互换局", "imp.office_in"),
    ("送交进口海关", "imp.customs_in"),
    ("进口海关/放行", "imp.customs_out"),
    ("离开进口互换局", "imp.office_out"),
    ("安排投递", "last.out"),
    ("未妥投", "last.failed"),
    ("已妥投", "done.delivered"),
    ("退回寄件人", "ret.started"),
    ("邮件查询中", "sys.unmapped"),
]


@pytest.mark.parametrize(("text", "code"), TEXTS)
def test_a_text_speaks_where_no_status_does(text, code):
    report = read(info(post(scan(text, location=""))))
    assert report.events[0].code == code
    assert report.unmapped == (code == "sys.unmapped")


def test_a_text_makes_a_vague_status_finer_and_leaves_a_telling_one():
    assert meaning(scan("Departure from outward office of exchange", "InTransit_Other")) == ["exp.departed"]
    assert meaning(scan("Something new", "InTransit_Other")) == ["line.moving"]
    assert meaning(scan("Delivered", "Exception_Damage")) == ["bad.damaged"]


def test_customs_are_the_exports_until_something_has_left():
    assert meaning(
        scan("收", "InTransit_PickedUp", at="2026-05-01T00:00:00"),
        scan("关", "InTransit_CustomsProcessing", at="2026-05-02T00:00:00"),
        scan("放", "InTransit_CustomsReleased", at="2026-05-03T00:00:00"),
        scan("走", "InTransit_Departure", at="2026-05-04T00:00:00"),
        scan("关", "InTransit_CustomsProcessing", at="2026-05-05T00:00:00"),
        scan("关", "InTransit_CustomsRequiringInformation", at="2026-05-06T00:00:00"),
        scan("放", "InTransit_CustomsReleased", at="2026-05-07T00:00:00"),
    ) == [
        "orig.accepted",
        "exp.customs_in",
        "exp.customs_out",
        "exp.departed",
        "imp.customs_in",
        "imp.customs_docs",
        "imp.customs_out",
    ]


def test_a_text_that_names_the_side_wins():
    assert meaning(scan("【北京】出口海关/扣留", "InTransit_CustomsRequiringInformation")) == [
        "exp.customs_held"
    ]
    assert meaning(
        scan("Accepted", "InTransit_PickedUp", at="2026-05-01T00:00:00"),
        scan("Held by import customs", "InTransit_CustomsRequiringInformation", at="2026-05-02T00:00:00"),
    ) == ["orig.accepted", "imp.customs_docs"]


def test_customs_go_by_the_country_of_the_scan_where_it_is_known():
    ends = {"shipper_address": {"country": "CN"}, "recipient_address": {"country": "ru"}}
    customs = [
        scan("?", "InTransit_CustomsProcessing", at=f"2026-05-0{day}T00:00:00", address={"country": country})
        for day, country in enumerate(("CN", "RU"), start=1)
    ]
    assert meaning(*customs, shipping_info=ends) == ["exp.customs_in", "imp.customs_in"]


@pytest.mark.parametrize(
    ("shipping", "countries"),
    [
        (
            {"shipper_address": {"country": "CN"}, "recipient_address": {"country": "RU"}},
            ["CN", "", "RU", "RU", "", ""],
        ),
        ({"shipper_address": None, "recipient_address": None}, ["CN", "", "", "", "", ""]),
    ],
)
def test_a_scan_without_a_country_stands_where_such_scans_are_made(shipping, countries):
    codes = ("InTransit_PickedUp", "InTransit_Other", "InTransit_Arrival", "DeliveryFailure_Other")
    way_back = ("Exception_Returning", "AvailableForPickup_Other")
    scans = [
        scan("?", code, at=f"2026-05-0{day}T00:00:00")
        for day, code in enumerate((*codes, *way_back), start=1)
    ]
    assert [e.country for e in read(info(post(*scans), shipping_info=shipping)).events] == countries


def test_the_latest_status_explains_only_the_newest_silent_event():
    silent = [scan("甲", at="2026-05-01T00:00:00"), scan("乙", at="2026-05-02T00:00:00")]
    delivered = {"status": "Delivered", "sub_status": "Delivered_Other"}
    assert meaning(*silent, latest_status=delivered) == ["sys.unmapped", "done.delivered"]
    assert (
        meaning(*silent, latest_status={"status": "Delivered", "sub_status": "Delivered_X"})[1]
        == "done.delivered"
    )


@pytest.mark.parametrize("status", ["Exception", "Expired", "NotFound", "Nonsense", None])
def test_a_status_that_follows_from_inactivity_explains_nothing(status):
    latest = {"status": status, "sub_status": f"{status}_Other"}
    assert meaning(scan("甲"), latest_status=latest) == ["sys.unmapped"]


def test_events_are_oldest_first_doubles_once_and_a_return_turns_the_rest():
    report = read(
        info(
            post(
                scan("d", "Exception_Returned", at="2026-05-09T00:00:00"),
                scan("b", "Exception_Returning", at="2026-05-05T00:00:00"),
                scan("c", "AvailableForPickup_Other", at="2026-05-08T00:00:00"),
                scan("c", "AvailableForPickup_Other", at="2026-05-08T00:00:00"),
                scan("a", "InTransit_PickedUp", at="2026-05-01T00:00:00"),
            )
        )
    )
    assert [(e.code, e.direction) for e in report.events] == [
        ("orig.accepted", Direction.FORWARD),
        ("ret.started", Direction.RETURN),
        ("last.ready", Direction.RETURN),
        ("ret.done", Direction.RETURN),
    ]


@pytest.mark.parametrize(
    ("latest", "outcome"),
    [
        (None, Outcome.NOT_FOUND),
        ({"status": "NotFound", "sub_status": "NotFound_Other"}, Outcome.NOT_FOUND),
        ({"status": "NotFound", "sub_status": "NotFound_InvalidCode"}, Outcome.WRONG_NUMBER),
        ({"status": "InTransit", "sub_status": "InTransit_Other"}, Outcome.FOUND),
    ],
)
def test_without_events_the_latest_status_gives_the_outcome(latest, outcome):
    report = read(info(post(), latest_status=latest))
    assert (report.outcome, report.events) == (outcome, ())


def test_a_number_with_nothing_known_is_not_found():
    assert read(None).outcome is Outcome.NOT_FOUND
    assert read({}).outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize(
    ("key", "name", "slug"),
    [
        (3011, "China Post", "china_post"),
        (3013, "China EMS", "china_ems"),
        (19131, "Singapore Post", "singapore_post"),
        (18031, "Russian Post", "russian_post"),
        (11011, "Kaz Post", "kazpost"),
        (21021, "Ukrposhta", "ukrposhta"),
        (2051, "Belpost", "belpost"),
        (2171, "Bulgarian Post", "bulgarian_posts"),
        (1, "Почта России", "russian_post"),
        (None, "SingPost", "singapore_post"),
        (0, "Bulgarian Posts", "bulgarian_posts"),
        (100012, "SF Express", "sf_express"),
        (190008, "YunExpress", "yunexpress"),
        (190012, "Yanwen", "yanwen"),
        (987654, "Pony of the Steppe", ""),
    ],
)
def test_a_scan_names_the_post_that_made_it(key, name, slug):
    assert read(info(post(scan("Accepted"), key=key, name=name))).events[0].carrier == slug


def test_a_scan_of_nobody_in_particular_names_no_post():
    assert read(info({"provider": None, "events": [scan("Accepted")]})).events[0].carrier == ""


@pytest.mark.parametrize(
    ("times", "utc", "zone", "basis"),
    [
        (("2026-07-01T12:00:00+01:00", "2026-07-01T11:00:00Z"), 11, "+01:00", ZoneBasis.GIVEN),
        (("2026-01-01T12:00:00+01:00", None), 11, "+01:00", ZoneBasis.GIVEN),
        ((None, "2026-01-01T11:00:00Z"), 11, "+00:00", ZoneBasis.GIVEN),
        (("2026-01-01T12:00:00", "2026-01-01T04:00:00"), 4, "", ZoneBasis.GIVEN),
        (("2026-01-01T12:00:00", None), 12, "", ZoneBasis.UNKNOWN),
    ],
)
def test_the_moment_is_utc_where_the_service_gives_it(times, utc, zone, basis):
    (event,) = read(info(post(scan("Accepted", time_iso=times[0], time_utc=times[1])))).events
    assert (event.occurred_at.hour, event.zone, event.zone_basis) == (utc, zone, basis)


@pytest.mark.parametrize(
    ("raw", "written", "basis"),
    [
        (
            {"date": "2026-05-14", "time": "09:10:00", "timezone": "+03:00"},
            "2026-05-14T09:10:00+03:00",
            ZoneBasis.GIVEN,
        ),
        (
            {"date": "2026-05-14", "time": "09:10:00", "timezone": None},
            "2026-05-14T09:10:00",
            ZoneBasis.UNKNOWN,
        ),
        ({"date": "2026-05-14", "time": None, "timezone": None}, "2026-05-14T00:00:00", ZoneBasis.UNKNOWN),
    ],
)
def test_the_raw_time_stands_in_where_nothing_was_computed(raw, written, basis):
    (event,) = read(info(post(scan("Accepted", time_iso=None, time_utc=None, time_raw=raw)))).events
    assert (event.raw_time, event.zone_basis) == (written, basis)


@pytest.mark.parametrize("nothing", [None, "", 0, "0", NUMBER])
def test_no_local_number_is_written_in_many_ways(nothing):
    assert read(info(post(scan("Accepted")), misc_info={"local_number": nothing})).aliases == ()


@pytest.mark.parametrize(
    ("weight", "grams"),
    [("0.35", 350), (1.5, 1500), ("", None), (None, None), ("0", None), ("heavy", None), ("nan", None)],
)
def test_the_weight_is_a_text_of_kilograms(weight, grams):
    assert read(info(post(scan("Accepted")), misc_info={"weight_kg": weight})).weight_g == grams


@pytest.mark.parametrize(
    ("promised", "at"),
    [(None, None), ("", None), ("2026-05-20", datetime(2026, 5, 20, tzinfo=UTC))],
)
def test_a_promise_may_be_missing_or_a_day(promised, at):
    window = {"estimated_delivery_date": {"source": None, "from": promised, "to": promised}}
    report = read(info(post(scan("Accepted")), time_metrics=window))
    assert (report.expected_from, report.expected_until) == (at, at)


@pytest.mark.parametrize(
    ("track_info", "where"),
    [
        ({"tracking": {"providers": 7}}, "data.accepted[0].track_info.tracking.providers"),
        (
            info(post(scan("x", time_iso="soon"))),
            "data.accepted[0].track_info.tracking.providers[0].events[0].time_iso",
        ),
        (info(post(scan("x", time_iso=None, time_utc=None))), "events[].time_iso"),
        (info(post(scan("x", time_utc="0001-01-01T00:00:00+14:00"))), "events[].time_utc"),
        (
            info(post(scan("x")), time_metrics={"estimated_delivery_date": {"from": "soon"}}),
            "time_metrics.estimated_delivery_date.earliest",
        ),
    ],
)
def test_a_broken_field_is_named(track_info, where):
    with pytest.raises(Unreadable) as caught:
        read(track_info)
    assert caught.value.where == where


# Pushes


def sign(body, key):
    return hashlib.sha256(body + b"/" + key.encode()).hexdigest()


PUSH = (CONTRACT / "composed_push_updated.json").read_bytes()
KEYS = Account(secrets={"key": "new-key, old-key"})


@pytest.mark.parametrize("key", ["new-key", "old-key"])
def test_a_push_signed_with_either_of_our_keys_is_ours(key):
    assert seventeentrack.verify({"sign": sign(PUSH, key)}, PUSH, KEYS)


def test_a_push_signed_otherwise_is_refused():
    good = sign(PUSH, "new-key")
    reworded = json.dumps(json.loads(PUSH)).encode()
    for headers, body in (
        ({}, PUSH),
        ({"sign": ""}, PUSH),
        ({"sign": sign(PUSH, "guess")}, PUSH),
        ({"sign": sign(PUSH, "")}, PUSH),
        ({"sign": sign(PUSH, "new-key, old-key")}, PUSH),
        ({"sign": good.upper()}, PUSH),
        ({"sign": good[:-1]}, PUSH),
        ({"sign": "\udcff" + good[1:]}, PUSH),
        ({"sign": good}, PUSH + b" "),
        ({"sign": good}, reworded),
        ({"sign": good}, b""),
    ):
        assert not seventeentrack.verify(headers, body, KEYS)


@pytest.mark.parametrize("secrets", [{}, {"key": ""}, {"key": " , "}])
def test_without_a_key_no_push_is_ours(secrets):
    assert not seventeentrack.verify({"sign": sign(PUSH, "")}, PUSH, Account(secrets=secrets))


def test_a_push_reads_like_the_answer_to_a_question():
    (pushed,) = seventeentrack.read(Reply(200, PUSH, "push")).reports
    (asked,) = seventeentrack.read(example("composed_two_posts.json", NUMBER)).reports
    assert pushed == asked
    assert seventeentrack.ACKNOWLEDGEMENT == b""


def test_a_stopped_number_leaves_what_is_known():
    (report,) = seventeentrack.read(example("composed_push_stopped.json", kind="push")).reports
    assert (report.number, report.outcome, report.message) == (NUMBER, Outcome.TEMPORARY, "TRACKING_STOPPED")


def test_a_push_of_an_unknown_sort_is_named():
    with pytest.raises(Unreadable) as caught:
        seventeentrack.read(Reply(200, b'{"event":"TRACKING_DANCED","data":{"number":"RB1"}}', "push"))
    assert caught.value.where == "event"


# People

PEOPLE = (
    *("Tverskaya", "Bantian", "125009", "518129", "114.06", "55.76", "79161234567", "916 123-45-67"),
    *("13800138000", "伊万", "Борис", "Петров", "C-7"),
)


def test_no_person_survives_a_whole_body_or_any_half_of_it():
    body = (CONTRACT / "composed_two_posts.json").read_bytes()
    for end in (*range(0, len(body), 13), len(body)):
        kept = seventeentrack.mask(Reply(200, body[:end], "gettrackinfo")).body.decode("utf-8", "ignore")
        assert not [name for name in PEOPLE if name in kept]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Delivered, signed by: IVAN PETROV. Thank you", "Delivered, signed by ***. Thank you"),
        ("Signed for by BORIS", "Signed for by ***"),
        ("Courier: Boris, call 89161234567", "Courier: ***, call ***"),
        ("Получатель: Борис Петров, вручено", "Получатель: ***, вручено"),
        ("【深圳】投递员:王小明,电话:13800138000", "【深圳】投递员:***,电话:***"),
        ("投递员 王小明 正在投递", "投递员 *** 正在投递"),
        ("王小明(0755-12345678)派件", "***(***)派件"),
        ("ask boris@example.com", "ask ***"),
        ("Flight SU205 left 2026-05-10 02:00", "Flight SU205 left 2026-05-10 02:00"),
        ("Accepted by RB481503678CN", "Accepted by RB481503678CN"),
    ],
)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_names_and_telephones_leave_the_texts(text, kept, ascii_only):
    body = json.dumps({"description": text}, ensure_ascii=ascii_only).encode()
    assert json.loads(seventeentrack.mask(Reply(200, body, "push")).body) == {"description": kept}
