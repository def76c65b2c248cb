import csv
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from sledi.carriers import russian_post
from sledi.carriers.tests.russian_post_replies import (
    EXAMPLES,
    answer,
    batch,
    example,
    history,
    item,
    operation,
    record,
)
from sledi.core.carrier import (
    Account,
    CarrierError,
    Denied,
    Outcome,
    Reading,
    Refused,
    Reply,
    Report,
    Ticket,
    Unavailable,
    Unreadable,
    ZoneBasis,
)

ACCOUNT = Account(secrets={"batch_login": "my_login", "batch_password": "my_password"})
TICKET = "20150917162048476CLIENTID"


def same_xml(left, right):
    return ElementTree.canonicalize(left, strip_text=True, rewrite_prefixes=True) == ElementTree.canonicalize(
        right, strip_text=True, rewrite_prefixes=True
    )


# Asking


def test_the_ticket_request_is_the_published_example():
    numbers = ["RA123456788RU", "RA123456789RU", "RA123456780RU"]
    request = russian_post.ask(numbers, ACCOUNT, "ticket", language="ru")
    assert (request.method, request.url) == ("POST", "https://tracking.russianpost.ru/fc")
    assert request.headers == {"content-type": "text/xml; charset=UTF-8", "soapaction": '""'}
    assert same_xml(request.body, example("published_ticket_request.xml").decode().replace("...", ""))


def test_the_answer_request_is_the_published_example():
    request = russian_post.ask([], ACCOUNT, "answer", ticket=TICKET)
    assert same_xml(request.body, example("published_answer_request.xml"))


def test_a_number_cannot_leave_its_attribute():
    request = russian_post.ask(['"/><x a="'], ACCOUNT, "ticket")
    root = ElementTree.fromstring(request.body)
    [barcode] = root.iter("{http://fclient.russianpost.org}Item")
    assert barcode.attrib == {"Barcode": '"/><X A="'}


def test_an_unknown_kind_of_call_is_refused():
    with pytest.raises(ValueError, match="push"):
        russian_post.ask([], ACCOUNT, "push")


# Tickets


def test_the_published_ticket():
    reply = Reply(200, example("published_ticket_answer.xml"), "ticket", ("RA123456788RU",))
    assert russian_post.read(reply) == Reading(ticket=Ticket(TICKET, "answer", 900))


def test_a_number_too_long_for_a_ticket_is_left_out_and_called_wrong():
    numbers = ("RA123456788RU", "YT8827682104284")
    assert b"YT8827682104284" not in russian_post.ask(numbers, ACCOUNT, "ticket").body
    reading = russian_post.read(batch("ticket", f"<value>{TICKET}</value>", *numbers))
    wrong = Report("YT8827682104284", Outcome.WRONG_NUMBER)
    assert reading == Reading((wrong,), Ticket(TICKET, "answer", 900))
    assert russian_post.read(answer(item("RA123456788RU"), numbers=numbers)).reports[1] == wrong


def test_an_empty_ticket_breaks_the_contract():
    with pytest.raises(Unreadable) as error:
        russian_post.read(batch("ticket", "<value> </value>"))
    assert error.value.where == "ticketResponse.value"


MEANINGS = {
    "2": Refused,
    "3": Denied,
    "16": Unavailable,
    "18": Refused,
    "20": Refused,
    "21": Refused,
    "22": Refused,
}


def published_errors():
    with (EXAMPLES / "published_errors.csv").open(encoding="utf-8", newline="") as lines:
        return [tuple(row.values()) for row in csv.DictReader(lines)]


@pytest.mark.parametrize(
    ("kind", "code", "words"), [row for row in published_errors() if row[1] not in {"6", "12", "17"}]
)
def test_each_published_error_has_its_meaning(kind, code, words):
    with pytest.raises(CarrierError) as error:
        russian_post.read(batch(kind, f'<error ErrorTypeID="{code}" ErrorName="{words}"/>', "RA123456788RU"))
    assert type(error.value) is MEANINGS[code]
    assert words in str(error.value)


def test_an_unknown_error_breaks_the_contract():
    with pytest.raises(Unreadable) as error:
        russian_post.read(batch("answer", '<error ErrorTypeID="99" ErrorName="?"/>'))
    assert error.value.where == "answerByTicketResponse.error@ErrorTypeID"


def test_an_answer_that_is_not_ready_keeps_its_ticket_for_a_quarter_of_an_hour():
    reply = batch(
        "answer", '<error ErrorTypeID="6" ErrorName="Ответ по билету ещё не готов"/>', "RA123456788RU"
    )
    assert russian_post.read(reply) == Reading(ticket=Ticket("", "answer", 900))


def test_an_expired_ticket_leaves_every_number_to_be_asked_again():
    reply = batch("answer", '<error ErrorTypeID="17" ErrorName="удален"/>', "RA123456788RU", "RA123456789RU")
    reports = russian_post.read(reply).reports
    assert [(r.number, r.outcome, r.message) for r in reports] == [
        ("RA123456788RU", Outcome.TEMPORARY, "удален"),
        ("RA123456789RU", Outcome.TEMPORARY, "удален"),
    ]


# Answers


def test_the_published_answer_as_printed_is_half_a_body():
    with pytest.raises(Unavailable):
        russian_post.read(Reply(200, example("published_answer_answer.xml"), "answer"))


def test_the_published_answer_repaired():
    body = example("published_answer_answer.xml").decode()
    body = body.replace(
        '            <ns3:Item Barcode="RA123456789RU">', '</ns3:Item><ns3:Item Barcode="RA123456789RU">'
    )
    first, second, third = russian_post.read(Reply(200, body.encode(), "answer")).reports
    assert [event.code for event in first.events] == [
        "orig.accepted",
        "line.hub_out",
        "line.hub_in",
        "line.hub_out",
        "line.hub_out",
        "last.ready",
        "line.misrouted",
        "last.ready",
    ]
    assert first.events[0].occurred_at == datetime(2015, 9, 8, 12, 7, tzinfo=UTC)
    assert first.events[0].zone == "Asia/Yekaterinburg"
    assert [event.code for event in second.events] == [
        "orig.accepted",
        "orig.departed",
        "line.hub_out",
        "last.out",
        "done.delivered",
    ]
    assert second.events[-1].raw_text == "Вручение: Адресату курьером"
    assert (third.number, third.outcome, third.message) == (
        "RA123456789RU",
        Outcome.NOT_FOUND,
        "Сообщение не найдено",
    )


def test_the_composed_items():
    content = example("composed_answer_items.xml").decode()
    first, second = russian_post.read(batch("answer", f"<value>{content}</value>")).reports
    [event] = first.events
    assert (event.code, event.raw_text) == ("last.ready", "Обработка: Прибыло в место вручения")
    assert (event.occurred_at, event.zone_basis) == (
        datetime(2026, 3, 12, 6, 41, tzinfo=UTC),
        ZoneBasis.CARRIER_RULE,
    )
    assert (event.place, event.country, event.raw_time) == ("", "RU", "12.03.2026 09:41:00")
    assert second.outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize(
    ("index", "zone", "hour"),
    [
        ("236006", "Europe/Kaliningrad", 10),
        ("190000", "Europe/Moscow", 9),
        ("400005", "Europe/Volgograd", 9),
        ("443099", "Europe/Samara", 8),
        ("450083", "Asia/Yekaterinburg", 7),
        ("644099", "Asia/Omsk", 6),
        ("630099", "Asia/Novosibirsk", 5),
        ("663300", "Asia/Krasnoyarsk", 5),
        ("664000", "Asia/Irkutsk", 4),
        ("672000", "Asia/Chita", 3),
        ("677000", "Asia/Yakutsk", 3),
        ("690000", "Asia/Vladivostok", 2),
        ("685000", "Asia/Magadan", 1),
        ("693000", "Asia/Sakhalin", 1),
        ("683000", "Asia/Kamchatka", 0),
        ("689000", "Asia/Anadyr", 0),
    ],
)
def test_the_index_of_the_office_tells_its_clock(index, zone, hour):
    [report] = russian_post.read(
        answer(item("80123456789018", operation("8:3", "12.03.2026 12:00:00", index)))
    ).reports
    [event] = report.events
    assert (event.zone, event.zone_basis) == (zone, ZoneBasis.CARRIER_RULE)
    assert event.occurred_at == datetime(2026, 3, 12, hour, tzinfo=UTC)


@pytest.mark.parametrize("index", ["", "678170", "990000", "10100", "GUANGZHOU"])
def test_without_a_known_office_the_clock_is_a_guess(index):
    [report] = russian_post.read(answer(item("RB481503678CN", operation("1:1", index=index)))).reports
    [event] = report.events
    assert (event.zone, event.zone_basis) == ("", ZoneBasis.UNKNOWN)
    assert event.occurred_at == datetime(2026, 3, 12, 6, 41, tzinfo=UTC)


def test_a_foreign_parcel_is_at_its_destination_once_it_entered_russia():
    scans = [operation("8:3", "11.03.2026 09:00:00"), operation("9:1", "10.03.2026 09:00:00", "102975")]
    [report] = russian_post.read(answer(item("RB481503678CN", *scans))).reports
    assert [event.code for event in report.events] == ["imp.office_in", "last.sort_in"]
    assert (report.origin, report.destination) == ("CN", "RU")


def test_a_foreign_parcel_seen_in_russia_may_still_be_in_transit():
    [report] = russian_post.read(answer(item("RB481503678CN", operation("8:3")))).reports
    assert (report.events[0].code, report.destination) == ("line.hub_in", "")


def test_an_ending_that_is_no_country_is_no_origin():
    [report] = russian_post.read(answer(item("UB123456789YP", operation("8:3")))).reports
    assert report.origin == ""


def test_reports_come_as_asked_and_a_missing_item_is_temporary():
    reply = answer(
        item("RA123456788RU", operation("1:1")),
        item("XX000000000XX", operation("2:1")),
        numbers=("RA000000000RU", "ra123456788ru"),
    )
    reports = russian_post.read(reply).reports
    assert [(r.number, r.outcome) for r in reports] == [
        ("RA000000000RU", Outcome.TEMPORARY),
        ("ra123456788ru", Outcome.FOUND),
    ]


def test_an_item_without_operations_is_not_found():
    assert russian_post.read(answer(item("RA123456788RU"))).reports[0].outcome is Outcome.NOT_FOUND


def test_another_error_on_an_item_is_temporary():
    reply = answer(item("RA123456788RU", '<ns3:Error ErrorTypeID="16" ErrorName="сбой"/>'))
    [report] = russian_post.read(reply).reports
    assert (report.outcome, report.message) == (Outcome.TEMPORARY, "сбой")


def test_one_broken_item_steps_aside_and_names_the_field():
    good, bad = item("RA123456788RU", operation("1:1")), item("RA123456789RU", operation("1:1", "2026-03-12"))
    first, second = russian_post.read(answer(good, bad)).reports
    assert (first.outcome, second.outcome) == (Outcome.FOUND, Outcome.TEMPORARY)
    assert second.message == "value.Item[1].Operation[0]@DateOper: '2026-03-12'"


@pytest.mark.parametrize(
    ("broken", "where"),
    [
        (item("", operation("1:1")), "value.Item[0]@Barcode"),
        (item("R", operation("one:1")), "value.Item[0].Operation[0]@OperTypeID"),
        (item("R", operation("1:one")), "value.Item[0].Operation[0]@OperCtgID"),
        (item("R", operation("1:1", "01.01.0001 00:00:00")), "value.Item[0].Operation[0]@DateOper"),
        (item("R", operation("1:1", "")), "value.Item[0].Operation[0]@DateOper"),
    ],
)
def test_nothing_readable_breaks_the_contract(broken, where):
    with pytest.raises(Unreadable) as error:
        russian_post.read(answer(broken))
    assert error.value.where == where


def test_an_answer_without_a_value_breaks_the_contract():
    with pytest.raises(Unreadable) as error:
        russian_post.read(batch("answer", ""))
    assert error.value.where == "answerByTicketResponse.value"


@pytest.mark.parametrize(("kind", "other"), [("ticket", "answer"), ("answer", "ticket")])
def test_the_answer_to_another_question_breaks_the_contract(kind, other):
    reply = batch(other, "<value>x</value>")
    with pytest.raises(Unreadable) as error:
        russian_post.read(Reply(200, reply.body, kind))
    assert error.value.where == "Envelope.Body"


def test_a_soap_fault_is_asked_again_later():
    body = (
        b'<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body><S:Fault>'
        b"<faultcode>S:Server</faultcode><faultstring>oops</faultstring></S:Fault></S:Body></S:Envelope>"
    )
    with pytest.raises(Unavailable):
        russian_post.read(Reply(500, body, "ticket"))


def test_both_accesses_tell_of_a_scan_alike():
    [single] = russian_post.read(
        history(
            record("8:2", "2026-03-12T09:41:00.000+03:00", barcode="80123456789018"), number="80123456789018"
        )
    ).reports
    [many] = russian_post.read(answer(item("80123456789018", operation("8:2")))).reports
    assert many.events[0] == replace(
        single.events[0],
        raw_time="12.03.2026 09:41:00",
        zone="Europe/Moscow",
        zone_basis=ZoneBasis.CARRIER_RULE,
        country="RU",
    )
