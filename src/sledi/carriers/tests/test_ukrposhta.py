import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sledi.carriers import ukrposhta
from sledi.core.carrier import Account, Denied, Direction, Outcome, Reply, Unavailable, Unreadable, ZoneBasis
from sledi.core.vocabularies import coarse_words

CONTRACT = Path(__file__).parents[4] / "tests" / "contracts" / "ukrposhta"
DOMESTIC, INBOUND, OUTBOUND = "0500100031143", "RB481503678CN", "RA314075228UA"


def codes():
    with (CONTRACT / "codes.csv").open(encoding="utf-8", newline="") as lines:
        return [tuple(row) for row in csv.reader(lines)][1:]


def example(name, *numbers, kind="statuses"):
    return Reply(200, (CONTRACT / name).read_bytes(), kind, numbers)


def scan(event, number=DOMESTIC, **fields):
    plain = {
        "barcode": number,
        "step": 1,
        "date": "2026-03-04T09:20:30",
        "index": "01001",
        "name": "КИЇВ 1",
        "event": event,
        "eventName": "",
        "country": "Україна",
        "eventReason": None,
        "eventReason_id": None,
        "mailType": 4096,
        "indexOrder": 1,
    }
    return plain | fields


def events(*scans):
    number = scans[0]["barcode"]
    body = json.dumps({"found": {number: scans}, "notFound": []}).encode()
    return ukrposhta.read(Reply(200, body, "statuses", (number,))).reports[0].events


def test_a_history_is_asked_for_in_a_batch_that_names_the_unknown():
    request = ukrposhta.ask(
        [DOMESTIC, OUTBOUND], Account(secrets={"bearer": "b-1"}), "statuses", language="uk"
    )
    assert request.method == "POST"
    assert request.url == ("https://www.ukrposhta.ua/status-tracking/0.0.1/statuses/with-not-found?lang=UA")
    assert request.headers["authorization"] == "Bearer b-1"
    assert json.loads(request.body) == [DOMESTIC, OUTBOUND]


def test_the_last_event_is_its_own_call_and_other_languages_read_english():
    request = ukrposhta.ask([DOMESTIC], Account(secrets={"bearer": "b"}), "last", language="kk")
    assert request.url.endswith("/statuses/last/with-not-found?lang=EN")


def test_the_example_is_a_delivery_and_an_unknown_number():
    found, unknown = ukrposhta.read(example("composed_statuses.json", DOMESTIC, OUTBOUND)).reports
    accepted, delivered = found.events
    assert (accepted.code, accepted.raw_code, accepted.raw_text) == (
        "orig.accepted",
        "10100",
        "Відправлення прийняте у відділенні",
    )
    assert (accepted.place, accepted.country, accepted.text_language) == ("КИЇВ 1", "UA", "uk")
    assert (accepted.raw_time, accepted.zone) == ("2026-03-04T09:20:30", "Europe/Kyiv")
    assert (delivered.code, delivered.occurred_at) == (
        "done.delivered",
        datetime(2026, 3, 6, 12, 2, tzinfo=UTC),
    )
    assert (unknown.number, unknown.outcome) == (OUTBOUND, Outcome.NOT_FOUND)


def test_nothing_known_at_all_is_not_an_error():
    body = (CONTRACT / "composed_none_known_404.json").read_bytes()
    reading = ukrposhta.read(Reply(404, body, "statuses", (DOMESTIC, OUTBOUND)))
    assert [(r.number, r.outcome) for r in reading.reports] == [
        (DOMESTIC, Outcome.NOT_FOUND),
        (OUTBOUND, Outcome.NOT_FOUND),
    ]


def test_a_bearer_without_the_right_is_denied_but_a_page_of_the_gateway_is_temporary():
    with pytest.raises(Denied):
        ukrposhta.read(Reply(403, b'{"message":"forbidden"}', "statuses", (DOMESTIC,)))
    with pytest.raises(Unavailable):
        ukrposhta.read(Reply(403, b"<html>attention required</html>", "statuses", (DOMESTIC,)))


def test_a_number_the_reply_leaves_out_has_no_answer_yet():
    reports = ukrposhta.read(example("composed_statuses.json", DOMESTIC, OUTBOUND, INBOUND)).reports
    assert (reports[2].number, reports[2].outcome) == (INBOUND, Outcome.TEMPORARY)


def test_an_empty_history_is_not_found():
    body = json.dumps({"found": {DOMESTIC: []}, "notFound": []}).encode()
    assert ukrposhta.read(Reply(200, body, "statuses", (DOMESTIC,))).reports[0].outcome is Outcome.NOT_FOUND


def test_a_return_goes_by_time_not_by_step_and_ends_with_the_sender():
    report = ukrposhta.read(example("composed_returned.json", DOMESTIC)).reports[0]
    assert [(e.code, e.direction) for e in report.events] == [
        ("orig.accepted", Direction.FORWARD),
        ("last.ready", Direction.FORWARD),
        ("ret.started", Direction.RETURN),
        ("last.ready", Direction.RETURN),
        ("ret.done", Direction.RETURN),
    ]
    assert report.events[2].reason == "consignee_refused"


def test_both_shapes_of_last_events_are_read():
    reports = ukrposhta.read(example("composed_last.json", DOMESTIC, OUTBOUND, INBOUND, kind="last")).reports
    assert {r.number: [e.code for e in r.events] for r in reports} == {
        DOMESTIC: ["done.delivered"],
        INBOUND: ["exp.departed"],
        OUTBOUND: [],
    }


@pytest.mark.parametrize(("code", "group"), codes())
def test_every_code_stays_in_its_class(code, group):
    (event,) = events(scan(int(code)))
    assert event.code in coarse_words()[group].codes
    assert event.raw_code == code


@pytest.mark.parametrize("written", [41000, "41000", "41 000", " 41000 "])
def test_a_code_is_a_number_or_a_text_with_blanks(written):
    assert events(scan(written))[0].code == "done.delivered"


def test_handed_out_for_reason_ten_is_back_with_the_sender():
    assert events(scan(41000, eventReason_id=2))[0].code == "done.delivered"
    assert events(scan(41000, eventReason_id=10))[0].code == "ret.done"


def test_an_unknown_code_is_shown_and_counted():
    body = json.dumps({"found": {DOMESTIC: [scan(99123, eventName="Операція")]}, "notFound": []}).encode()
    report = ukrposhta.read(Reply(200, body, "statuses", (DOMESTIC,))).reports[0]
    assert report.unmapped == 1
    assert (report.events[0].code, report.events[0].raw_text) == ("sys.unmapped", "Операція")


def test_a_doubled_scan_is_one_event():
    assert len(events(scan(10100), scan(10100, step=9), scan(10100, date="2026-03-04T09:20:59"))) == 1


@pytest.mark.parametrize(
    ("date", "utc_hour"), [("2026-01-15T12:00:00", 10), ("2026-07-15T12:00:00", 9)], ids=["winter", "summer"]
)
def test_kyiv_has_summer_time(date, utc_hour):
    (event,) = events(scan(10100, date=date))
    assert (event.occurred_at.hour, event.zone_basis) == (utc_hour, ZoneBasis.CARRIER_RULE)


@pytest.mark.parametrize(
    ("name", "country"),
    [("Китай", "CN"), ("CHINA ", "CN"), ("Kazakhstan", "KZ"), ("Атлантида", ""), (None, "")],
)
def test_abroad_the_zone_is_unknown(name, country):
    (event,) = events(scan(24100, country=name))
    assert (event.country, event.zone_basis, event.zone) == (country, ZoneBasis.UNKNOWN, "")


@pytest.mark.parametrize(("name", "utc_hour"), [("Китай", 4), ("Польща", 11), ("Атлантида", 10)])
def test_a_time_abroad_is_read_by_the_clock_of_its_country(name, utc_hour):
    (event,) = events(scan(24100, country=name, date="2026-01-15T12:00:00"))
    assert event.occurred_at.hour == utc_hour


def test_an_offset_would_be_believed():
    (event,) = events(scan(10100, date="2026-03-04T09:20:30+08:00"))
    assert (event.occurred_at.hour, event.zone_basis) == (1, ZoneBasis.GIVEN)


@pytest.mark.parametrize(
    ("number", "country", "words", "code"),
    [
        (INBOUND, "China", "Handed to export customs", "exp.customs_in"),
        (INBOUND, "China", "Arrived at the office of exchange", "exp.office_in"),
        (INBOUND, "China", "Departed from the country of origin", "exp.departed"),
        (INBOUND, "Poland", "Arrived in the transit country", "line.transit_in"),
        (INBOUND, "Poland", "Departed from the transit country", "line.transit_out"),
        (INBOUND, "Україна", "Надійшло у ММПО України (імпорт)", "imp.office_in"),
        (INBOUND, "Ukraine", "Handed to customs", "imp.customs_in"),
        (INBOUND, "Ukraine", "Held by customs: documents needed", "imp.customs_docs"),
        (INBOUND, "Україна", "Затримано митницею: потрібна сплата платежів", "imp.customs_pay"),
        (INBOUND, "Україна", "Затримано митницею: огляд", "imp.customs_held"),
        (INBOUND, "Україна", "Випущено митницею", "imp.customs_out"),
        (INBOUND, "Україна", "Відправлено з місця міжнародного поштового обміну", "imp.office_out"),
        (OUTBOUND, "Україна", "Надходження до місця міжнародного поштового обміну", "exp.office_in"),
        (OUTBOUND, "Україна", "Відправлення передано на митний контроль", "exp.customs_in"),
        (OUTBOUND, "Україна", "Відправлено з місця міжнародного поштового обміну", "exp.departed"),
        (OUTBOUND, "Ukraine", "Departed from Ukraine", "exp.departed"),
        (OUTBOUND, "Germany", "Arrived in the country of destination", "imp.office_in"),
        (OUTBOUND, "Germany", "Handed to customs", "imp.customs_in"),
        (INBOUND, "Україна", "Відправлення передано кур’єру", "last.out"),
        (INBOUND, "", "Handed to customs", "line.moving"),
        (INBOUND, "Україна", "Операція 82700", "line.moving"),
        (INBOUND, "Україна", None, "line.moving"),
    ],
)
def test_the_words_explain_a_code_without_a_name(number, country, words, code):
    assert events(scan(82700, number, country=country, eventName=words))[0].code == code


def test_a_sorting_centre_is_the_destinations_for_a_foreign_parcel_only():
    assert [events(scan(20700, number))[0].code for number in (DOMESTIC, OUTBOUND, INBOUND)] == [
        "line.hub_in",
        "line.hub_in",
        "last.sort_in",
    ]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("відсутність адресата", "consignee_not_home"),
        ("відмова адресата", "consignee_refused"),
        ("неповна адреса", "consignee_incorrect_address"),
        ("немає адресата", ""),
        ("інші обставини", ""),
        (None, ""),
    ],
)
def test_a_failure_keeps_its_reason(words, reason):
    assert events(scan(31400, eventReason=words))[0].reason == reason


@pytest.mark.parametrize(
    ("field", "value", "where"),
    [
        ("date", "yesterday", "found.0500100031143[0].date"),
        ("date", None, "found.0500100031143[0].date"),
        ("event", True, "found.0500100031143[0].event"),
        ("barcode", 7, "found.0500100031143[0].barcode"),
        ("step", "3", "found.0500100031143[0].step"),
        ("date", "0001-01-01T00:00:00", "date"),
    ],
)
def test_a_broken_field_is_named(field, value, where):
    body = json.dumps({"found": {DOMESTIC: [scan(10100) | {field: value}]}, "notFound": []}).encode()
    with pytest.raises(Unreadable) as caught:
        ukrposhta.read(Reply(200, body, "statuses", (DOMESTIC,)))
    assert caught.value.where == where


def test_a_scan_of_another_parcel_under_our_number_is_not_taken():
    body = json.dumps({"found": {DOMESTIC: [scan(10100), scan(41000, INBOUND)]}, "notFound": []}).encode()
    with pytest.raises(Unreadable) as caught:
        ukrposhta.read(Reply(200, body, "statuses", (DOMESTIC,)))
    assert caught.value.where == f"found.{DOMESTIC}[1].barcode"


def test_in_a_batch_one_unreadable_number_steps_aside():
    for broken in ([scan(10100) | {"date": "soon"}], [scan(10100, INBOUND)], "?"):
        found = {DOMESTIC: broken, OUTBOUND: [scan(10100, OUTBOUND)], "RR000000005XX": []}
        body = json.dumps({"found": found, "notFound": []}).encode()
        reports = ukrposhta.read(Reply(200, body, "statuses", (DOMESTIC, OUTBOUND))).reports
        assert [(r.number, r.outcome) for r in reports] == [
            (OUTBOUND, Outcome.FOUND),
            (DOMESTIC, Outcome.TEMPORARY),
        ]
        assert reports[1].message.startswith(f"found.{DOMESTIC}")
        assert "barcode: 'RR000000005XX'" in reports[1].message


def test_no_telephone_survives_whole_half_or_garbled():
    body = (CONTRACT / "composed_returned.json").read_bytes()
    number = body.index(b"380671234567")
    for kept in (body, body[: number + 8], body.replace(b'"found"', b"found")):
        assert b"380671" not in ukrposhta.mask(Reply(200, kept, "statuses")).body
    text = json.dumps(scan(31400, eventReason="тел. +380671234567, 0671234567")).encode()
    assert b"671234567" not in ukrposhta.mask(Reply(200, text, "statuses")).body


def test_masking_touches_nothing_else():
    body = (CONTRACT / "composed_returned.json").read_bytes()
    masked = ukrposhta.mask(Reply(200, body, "statuses")).body
    assert masked == body.replace(b'"+380671234567"', b'""')
