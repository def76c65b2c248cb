import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sledi.carriers import belpost
from sledi.core.carrier import Account, Denied, Direction, Outcome, Refused, Reply, Unreadable, ZoneBasis
from sledi.core.vocabularies import coarse_words

CONTRACT = Path(__file__).parents[4] / "tests" / "contracts" / "belpost"
OWN, INBOUND = "RB123456785BY", "RB481503678CN"


def rows(name):
    with (CONTRACT / name).open(encoding="utf-8", newline="") as lines:
        return [tuple(row) for row in csv.reader(lines)][1:]


def step(event, code=None, *, at=1778745600, system="internal", place="220050 Минск 50", **fields):
    plain = {
        "system": system,
        "timestamp": at,
        "created_at": "2026-05-14 11:00:00",
        "place": place,
        "event": event,
        "is_border": False,
        "border_link": None,
        "place_index": None,
    }
    return plain | ({} if code is None else {"code": code}) | fields


def read(*steps, number="XX1"):
    body = json.dumps({"data": [{"number": number, "steps": steps}], "uuid": "5f1d"}).encode()
    return belpost.read(Reply(200, body, "tracking", (number,))).reports[0]


def test_one_number_is_asked_for_at_most_once_a_minute():
    request = belpost.ask([OWN], Account(), "tracking")
    assert (request.method, request.url) == ("POST", "https://api.belpost.by/api/v1/tracking")
    assert json.loads(request.body) == {"number": OWN}
    (call,) = belpost.CALLS
    assert (call.spacing_s, call.batch, call.secrets) == (60.0, 1, ())


def test_several_numbers_do_not_fit_into_one_request():
    with pytest.raises(ValueError):
        belpost.ask([OWN, INBOUND], Account(), "tracking")


def test_the_example_is_an_arrival():
    body = (CONTRACT / "composed_tracking.json").read_bytes()
    (report,) = belpost.read(Reply(200, body, "tracking", (OWN,))).reports
    (event,) = report.events
    assert (report.number, event.code, event.raw_code) == (OWN, "imp.office_in", "30")
    assert (event.place, event.country, event.text_language) == ("MINSK PCI-3", "BY", "ru")
    assert event.occurred_at == datetime(2026, 5, 14, 8, 0, tzinfo=UTC)
    assert (event.raw_time, event.zone, event.zone_basis) == (
        "2026-05-14 11:00:00",
        "Europe/Minsk",
        ZoneBasis.GIVEN,
    )


def test_an_event_told_by_both_systems_is_one_and_belposts_own_words_stay():
    body = (CONTRACT / "composed_told_twice.json").read_bytes()
    (report,) = belpost.read(Reply(200, body, "tracking", (INBOUND,))).reports
    assert [(e.code, e.place, e.country) for e in report.events] == [
        ("orig.accepted", "SHENZHEN", "CN"),
        ("exp.customs_in", "GUANGZHOU", "CN"),
        ("exp.departed", "GUANGZHOU", "CN"),
        ("imp.office_in", "200415 Минск Общий", "BY"),
        ("last.ready", "220050 Минск 50", "BY"),
        ("done.delivered", "220050 Минск 50", "BY"),
    ]
    assert report.unmapped == 0


@pytest.mark.parametrize("file", ["composed_unknown.json", "composed_no_steps.json"])
def test_an_unknown_number_has_two_shapes(file):
    (report,) = belpost.read(Reply(200, (CONTRACT / file).read_bytes(), "tracking", (OWN,))).reports
    assert (report.number, report.outcome) == (OWN, Outcome.NOT_FOUND)


def test_a_number_of_impossible_form_is_wrong():
    body = (CONTRACT / "composed_wrong_number_422.json").read_bytes()
    (report,) = belpost.read(Reply(422, body, "tracking", ("RB1",))).reports
    assert report.outcome is Outcome.WRONG_NUMBER
    assert report.message == "Поле number имеет ошибочный формат."


def test_another_complaint_than_the_numbers_is_our_mistake():
    with pytest.raises(Refused, match="lang"):
        belpost.read(Reply(422, b'{"message":"x","errors":{"lang":["?"]}}', "tracking", (OWN,)))


def test_a_blocked_address_is_for_the_operator():
    with pytest.raises(Denied):
        belpost.read(Reply(403, b"<html>403</html>", "tracking", (OWN,)))


@pytest.mark.parametrize(("code", "text", "group"), rows("codes.csv"))
def test_every_code_stays_in_its_class(code, text, group):
    for written in (int(code), float(code), code):
        (event,) = read(step(text, written)).events
        assert event.code in coarse_words()[group].codes
        assert event.raw_code == code


@pytest.mark.parametrize(("text", "group"), rows("texts.csv"))
def test_without_a_code_the_text_decides(text, group):
    (event,) = read(step(text)).events
    assert event.code in coarse_words()[group].codes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Передано почтальону для вручения", "last.out"),
        ("Не вручено", "last.failed"),
        ("Вручено отправителю", "ret.done"),
        ("Выдано", "done.delivered"),
        ("Истек срок хранения", "bad.unclaimed"),
        ("Отправление утрачено", "bad.lost"),
        ("Информация об отправлении получена", "pre.info"),
        ("Прибыло в учреждение международного почтового обмена", "imp.office_in"),
        ("Направлено   по\nназначению", "line.moving"),
        ("Передано на дополнительный осмотр", "sys.unmapped"),
        ("Выдача доверенности", "sys.unmapped"),
    ],
)
def test_texts_beyond_the_recorded_ones(text, code):
    assert read(step(text)).events[0].code == code


def test_code_21_is_a_delivery_only_where_the_text_says_so():
    assert read(step("Вручено", 21)).events[0].code == "done.delivered"
    assert read(step("Передано почтальону", 21)).events[0].code == "last.out"
    assert read(step("Отметка", 21)).events[0].code == "sys.unmapped"


def test_an_unknown_code_goes_by_its_text_or_is_counted():
    assert read(step("Возврат", 777)).events[0].code == "ret.started"
    report = read(step("Осмотр", 777))
    assert (report.events[0].code, report.events[0].raw_code, report.unmapped) == ("sys.unmapped", "777", 1)


def test_customs_before_the_border_are_the_exports():
    abroad = {"system": "external", "place": "GUANGZHOU"}
    events = read(
        step("Завершение таможенного контроля", 38, at=500),
        step("Передано для таможенного оформления", 31, at=400),
        step(
            "Прибыло в учреждение международного почтового обмена",
            30,
            at=300,
            system="external",
            place="BREST",
        ),
        step("Завершение таможенного контроля", 38, at=200, **abroad),
        step("Передано для таможенного оформления", 31, at=100, **abroad),
        number=INBOUND,
    ).events
    assert [e.code for e in events] == [
        "exp.customs_in",
        "exp.customs_out",
        "imp.office_in",
        "imp.customs_in",
        "imp.customs_out",
    ]


def test_our_own_parcel_is_exported_here_and_imported_abroad():
    events = read(
        step("Передано для таможенного оформления", 31, at=200, system="external", place="SOFIA"),
        step("Передано для таможенного оформления", 31, at=100),
        number=OWN,
    ).events
    assert [e.code for e in events] == ["exp.customs_in", "imp.customs_in"]


def test_a_sorting_centre_here_is_the_destinations_for_a_foreign_parcel():
    assert read(step("Поступило в обработку", 6), number=INBOUND).events[0].code == "last.sort_in"
    assert read(step("Поступило в обработку", 6), number=OWN).events[0].code == "line.hub_in"


def test_after_a_return_began_everything_is_on_the_way_back():
    report = read(
        step("Вручено отправителю", 21, at=300),
        step("Поступило в отделение", 70, at=250),
        step("Возврат", at=200),
    )
    assert [e.direction for e in report.events] == [Direction.RETURN] * 3
    assert report.events[-1].code == "ret.done"


def test_the_moment_is_the_epoch_in_summer_and_winter():
    winter, summer = read(step("Отправлено", at=1784116800), step("Отправлено", at=1768478400)).events
    assert (winter.occurred_at.isoformat(), summer.occurred_at.isoformat()) == (
        "2026-01-15T12:00:00+00:00",
        "2026-07-15T12:00:00+00:00",
    )


def test_without_a_local_time_the_epoch_is_the_text_of_the_time():
    (event,) = read(step("Отправлено", created_at=None)).events
    assert (event.raw_time, event.zone) == ("1778745600", "UTC")


@pytest.mark.parametrize(
    ("field", "value", "where"),
    [
        ("timestamp", "today", "data[0].steps[0].timestamp"),
        ("timestamp", 10**18, "data[].steps[].timestamp"),
        ("event", None, "data[0].steps[0].event"),
        ("system", 1, "data[0].steps[0].system"),
        ("place", ["Минск"], "data[0].steps[0].place"),
    ],
)
def test_a_broken_field_is_named(field, value, where):
    with pytest.raises(Unreadable) as caught:
        read(step("Отправлено") | {field: value})
    assert caught.value.where == where


def test_another_parcels_number_is_named():
    body = (CONTRACT / "composed_tracking.json").read_bytes()
    with pytest.raises(Unreadable) as caught:
        belpost.read(Reply(200, body, "tracking", (INBOUND,)))
    assert caught.value.where == "data[0].number"


@pytest.mark.parametrize("phone", ["+375291234567", "+375 (29) 123-45-67", "80291234567", "375 29 123 45 67"])
def test_no_telephone_survives(phone):
    reply = Reply(200, json.dumps(step(f"Вручено, тел. {phone}.")).encode(), "tracking")
    assert b"23" not in belpost.mask(reply).body.replace(b"1778745600", b"")
