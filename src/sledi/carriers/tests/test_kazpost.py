import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sledi.carriers import kazpost
from sledi.core.carrier import Account, Denied, Direction, Outcome, Reply, Unreadable, ZoneBasis
from sledi.core.vocabularies import coarse_words

CONTRACT = Path(__file__).parents[4] / "tests" / "contracts" / "kazpost"
OWN, INBOUND = "CC000123455KZ", "RB481503678CN"


def rows(name):
    with (CONTRACT / name).open(encoding="utf-8", newline="") as lines:
        return [tuple(row) for row in csv.reader(lines)][1:]


def example(name, *numbers, kind="events", status=200):
    return Reply(status, (CONTRACT / name).read_bytes(), kind, numbers)


def activity(*codes, time="16:20", **fields):
    plain = {
        "time": time,
        "zip": "050010",
        "city": "г. Алматы",
        "name": "ОПС № 10",
        "x_dep_id": "000000",
        "status": list(codes),
        "dep_code": "050000/10",
        "nondlv_reason": None,
        "return_reason": None,
        "forward_reason": None,
    }
    return plain | fields


def read(*activities, number=OWN, date="17.05.2026"):
    answer = {"trackid": number, "timestamp": "", "events": [{"date": date, "activity": activities}]}
    return kazpost.read(Reply(200, json.dumps(answer).encode(), "events", (number,))).reports[0]


def test_history_and_summary_are_two_addresses():
    assert kazpost.ask([OWN], Account(), "events").url == "https://track.post.kz/api/v2/CC000123455KZ/events"
    assert kazpost.ask([OWN], Account(), "summary").url == "https://track.post.kz/api/v2/CC000123455KZ"


def test_a_number_cannot_leave_its_place_in_the_address():
    request = kazpost.ask(["../admin?x=#\nй"], Account(), "events")
    assert request.url == "https://track.post.kz/api/v2/..%2Fadmin%3Fx%3D%23%0A%D0%B9/events"


def test_the_services_hour_of_caching_is_respected():
    assert [(c.kind, c.role, c.spacing_s, c.again_after_s) for c in kazpost.CALLS] == [
        ("events", "history", 1.0, 3600),
        ("summary", "state", 1.0, 3600),
    ]


def test_the_example_is_a_release_and_a_parcel_in_store():
    (report,) = kazpost.read(example("composed_events.json", OWN)).reports
    released, stored = report.events
    assert (released.code, released.raw_code) == ("imp.customs_out", "SNDZONE_T")
    assert (stored.code, stored.place, stored.country) == ("last.ready", "г. Алматы, ОПС № 10", "KZ")
    assert (stored.raw_time, stored.zone) == ("17.05.2026 16:20", "Asia/Almaty")
    assert stored.occurred_at == datetime(2026, 5, 17, 11, 20, tzinfo=UTC)


def test_a_hand_out_is_put_behind_a_transit_scan_of_the_same_minute():
    (report,) = kazpost.read(example("composed_same_minute.json", INBOUND)).reports
    assert [(e.raw_code, e.code) for e in report.events[-2:]] == [
        ("TRANSITSND", "last.sort_out"),
        ("ISSPAY", "done.delivered"),
    ]


def test_an_operation_taken_back_withdraws_the_code():
    (report,) = kazpost.read(example("composed_same_minute.json", INBOUND)).reports
    assert [(e.raw_code, e.withdraws, e.reason) for e in report.events if e.raw_code == "NONDLV"] == [
        ("NONDLV", False, "consignee_not_home"),
        ("NONDLV", True, ""),
    ]


def test_a_withdrawn_return_turns_nothing_back():
    (event,) = read(activity("RET_UNDO")).events
    assert (event.withdraws, event.direction) == (True, Direction.FORWARD)


@pytest.mark.parametrize(("code", "group"), rows("codes.csv"))
def test_every_code_stays_in_its_class(code, group):
    (event,) = read(activity(code)).events
    assert event.code in coarse_words()[group].codes
    assert (event.raw_code, event.country, event.zone_basis) == (code, "KZ", ZoneBasis.CARRIER_RULE)


@pytest.mark.parametrize(("code", "canonical"), rows("upu_codes.csv"))
def test_every_upu_code_is_the_standards(code, canonical):
    assert read(activity(code)).events[0].code == canonical


@pytest.mark.parametrize(
    ("code", "number", "country"),
    [
        ("EMC", INBOUND, "CN"),
        ("EMD", INBOUND, "KZ"),
        ("EMJ", INBOUND, ""),
        ("EMC", OWN, "KZ"),
        ("EMD", OWN, ""),
        ("EMD", "1234567890", ""),
        ("STR", "1234567890", "KZ"),
    ],
)
def test_an_upu_event_happens_where_the_numbers_country_says(code, number, country):
    (event,) = read(activity(code), number=number).events
    basis = ZoneBasis.CARRIER_RULE if country == "KZ" else ZoneBasis.UNKNOWN
    assert (event.country, event.zone_basis, bool(event.zone)) == (country, basis, country == "KZ")


def test_an_unknown_code_is_shown_and_counted():
    report = read(activity("QZT_X9"))
    assert (report.events[0].code, report.events[0].raw_text, report.unmapped) == (
        "sys.unmapped",
        "QZT_X9",
        1,
    )


def test_several_codes_of_one_activity_are_several_events_and_doubles_are_one():
    report = read(activity("TRN", "STR"), activity("STR"))
    assert sorted(e.raw_code for e in report.events) == ["STR", "TRN"]


def test_a_sorting_centre_is_the_destinations_for_a_foreign_parcel():
    assert read(activity("TRNSRT"), number=INBOUND).events[0].code == "last.sort_in"
    assert read(activity("TRNSRT"), number=OWN).events[0].code == "line.hub_in"


@pytest.mark.parametrize(("date", "utc_hour"), [("29.02.2024", 6), ("01.03.2024", 7)])
def test_kazakhstan_changed_its_zone_in_march_2024(date, utc_hour):
    (event,) = read(activity("STR", time="12:00"), date=date).events
    assert event.occurred_at.hour == utc_hour


@pytest.mark.parametrize(
    ("field", "words", "reason"),
    [
        ("nondlv_reason", "Отсутствие адресата", "consignee_not_home"),
        ("return_reason", "Отказ адресата", "consignee_refused"),
        ("nondlv_reason", "Неверный адрес", "consignee_incorrect_address"),
        ("forward_reason", "Заявление адресата", ""),
    ],
)
def test_the_carriers_reason_stands_beside_the_code(field, words, reason):
    (event,) = read(activity("NONDLV", **{field: words})).events
    assert (event.raw_text, event.reason, event.text_language) == (f"NONDLV {words}", reason, "ru")


def test_after_a_return_began_everything_is_on_the_way_back():
    report = read(
        activity("ISSPAY", time="18:00"), activity("RET", time="17:00"), activity("STR", time="16:00")
    )
    assert [(e.raw_code, e.direction) for e in report.events] == [
        ("STR", Direction.FORWARD),
        ("RET", Direction.RETURN),
        ("ISSPAY", Direction.RETURN),
    ]


@pytest.mark.parametrize("status", [200, 404])
@pytest.mark.parametrize("kind", ["events", "summary"])
def test_an_unknown_number_comes_with_200_or_404(status, kind):
    (report,) = kazpost.read(example("composed_not_found.json", OWN, kind=kind, status=status)).reports
    assert (report.outcome, report.events) == (Outcome.NOT_FOUND, ())
    assert report.message.startswith("Информация о почтовом отправлении")


def test_another_error_in_the_answer_is_no_statement_on_the_number():
    body = json.dumps({"trackid": OWN, "error": "Сервис временно недоступен"}).encode()
    (report,) = kazpost.read(Reply(200, body, "events", (OWN,))).reports
    assert report.outcome is Outcome.TEMPORARY


def test_a_history_without_events_is_not_found():
    body = json.dumps({"trackid": OWN, "events": []}).encode()
    assert kazpost.read(Reply(200, body, "events", (OWN,))).reports[0].outcome is Outcome.NOT_FOUND


def test_a_blocked_address_is_for_the_operator():
    with pytest.raises(Denied):
        kazpost.read(Reply(403, b"<html>403</html>", "events", (OWN,)))


def test_the_summary_tells_weight_countries_and_the_last_scan():
    (report,) = kazpost.read(example("composed_summary.json", INBOUND, kind="summary")).reports
    assert (report.weight_g, report.origin, report.destination) == (450, "CN", "KZ")
    assert report.service == "Мелкий пакет"
    (event,) = report.events
    assert (event.code, event.raw_code, event.raw_text) == ("done.delivered", "ISSPAY", "Вручено")
    assert event.occurred_at == datetime(2026, 5, 17, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "pair",
    [{"x_status": "STR", "x_status_code": "Хранение"}, {"x_status": "Хранение", "x_status_code": "STR"}],
)
def test_the_swapped_pair_is_understood_either_way(pair):
    answer = {"trackid": OWN, "status": "Хранение", "last": {"date": "2026-05-17 16:20:00.000"}, **pair}
    (report,) = kazpost.read(Reply(200, json.dumps(answer).encode(), "summary", (OWN,))).reports
    assert [(e.raw_code, e.code) for e in report.events] == [("STR", "last.ready")]


@pytest.mark.parametrize(
    ("answer", "events", "weight_g"),
    [
        ({"status_code": "STR", "last": None}, 0, None),
        ({"status_code": "STR", "last": {"date": ""}, "weight": 0}, 0, None),
        ({"status_code": None, "last": {"date": "2026-05-17 16:20:00"}, "weight": 1e300}, 0, None),
        ({"status_code": "STR", "sender": {"country": "Китай"}, "weight": 2}, 0, 2000),
    ],
)
def test_a_poor_summary_says_what_it_can(answer, events, weight_g):
    body = json.dumps({"trackid": OWN, **answer}).encode()
    (report,) = kazpost.read(Reply(200, body, "summary", (OWN,))).reports
    assert (report.outcome, len(report.events), report.weight_g) == (Outcome.FOUND, events, weight_g)
    assert report.origin == ""


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"time": "25:00"}, "events[0].activity[0].time"),
        ({"time": None}, "events[0].activity[0].time"),
        ({"status": "STR"}, "events[0].activity[0].status"),
        ({"city": 1}, "events[0].activity[0].city"),
    ],
)
def test_a_broken_field_is_named(change, where):
    with pytest.raises(Unreadable) as caught:
        read(activity("STR") | change)
    assert caught.value.where == where


def test_an_answer_without_events_or_error_is_named():
    with pytest.raises(Unreadable) as caught:
        kazpost.read(Reply(200, b'{"trackid":"CC000123455KZ"}', "events", (OWN,)))
    assert caught.value.where == "events"


def test_another_parcels_number_is_named():
    with pytest.raises(Unreadable) as caught:
        kazpost.read(example("composed_events.json", INBOUND))
    assert caught.value.where == "trackid"


PEOPLE = ("AIGERIM", "SEITKALI", "Сейткали", "Абая", "Bantian", "SHENZHEN", "123 45 67", "518129")


def test_no_person_survives_a_whole_body_or_any_half_of_it():
    body = (CONTRACT / "composed_summary.json").read_bytes()
    for end in (*range(0, len(body), 11), len(body)):
        kept = kazpost.mask(Reply(200, body[:end], "summary")).body
        assert not [name for name in PEOPLE if name.encode() in kept]


@pytest.mark.parametrize(
    "receiver",
    [
        '"AIGERIM SEITKALI, Абая 10"',
        '{"name":{"first":"AIGERIM","last":{"x":"SEITKALI"}},"country":"KZ"}',
        '{"country":"KZ","name":"A \\" } AIGERIM","address":["Абая 10"]}',
        '{"name":"AIGERIM',
        '{"name":"AIGERIM\\',
    ],
)
def test_no_person_survives_an_unexpected_shape(receiver):
    body = f'{{"trackid":"{OWN}","receiver":{receiver},"weight":1}}'.encode()
    kept = kazpost.mask(Reply(200, body, "summary")).body
    assert not [name for name in PEOPLE if name.encode() in kept]


@pytest.mark.parametrize("phone", ["+7 701 123 45 67", "87011234567", "+77011234567", "8 (701) 123-45-67"])
def test_no_telephone_survives_in_a_text(phone):
    body = json.dumps(activity("NONDLV", nondlv_reason=f"тел. {phone}"), ensure_ascii=False).encode()
    kept = kazpost.mask(Reply(200, body, "events")).body
    assert phone.encode() not in kept
    assert "тел. ***".encode() in kept
