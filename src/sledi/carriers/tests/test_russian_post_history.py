from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from sledi.carriers import russian_post
from sledi.carriers.tests.russian_post_replies import example, history, record
from sledi.core.carrier import (
    Account,
    Alias,
    CarrierError,
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

ACCOUNT = Account(secrets={"login": "demo", "password": "secret"})


def read_one(*records, number="RB481503678CN"):
    [report] = russian_post.read(history(*records, number=number)).reports
    return report


def codes(*records, number="RB481503678CN"):
    return [event.code for event in read_one(*records, number=number).events]


def same_xml(left, right):
    return ElementTree.canonicalize(left, strip_text=True, rewrite_prefixes=True) == ElementTree.canonicalize(
        right, strip_text=True, rewrite_prefixes=True
    )


# Asking


def test_the_request_is_the_composed_example():
    request = russian_post.ask(["RB481503678CN"], ACCOUNT, "history", language="ru")
    assert request.method == "POST"
    assert request.url == "https://tracking.russianpost.ru/rtm34"
    assert request.headers == {"content-type": "application/soap+xml; charset=UTF-8"}
    assert same_xml(request.body, example("composed_history_request.xml"))


def test_the_request_is_the_published_example():
    account = Account(secrets={"login": "my_login", "password": "my_password"})
    request = russian_post.ask(["ra644000001ru"], account, "history", language="ru")
    assert same_xml(request.body, example("published_history_request.xml"))


@pytest.mark.parametrize(
    ("language", "word"), [("ru", "RUS"), ("kk", "RUS"), ("uk", "RUS"), ("bg", "ENG"), ("en", "ENG")]
)
def test_russian_words_are_asked_for_where_russian_is_read(language, word):
    request = russian_post.ask(["RB481503678CN"], ACCOUNT, "history", language=language)
    assert f"<data:Language>{word}</data:Language>".encode() in request.body


def test_another_address_replaces_the_public_one():
    account = Account("http://127.0.0.1:8001/russian_post/", ACCOUNT.secrets)
    assert russian_post.ask(["1"], account, "history").url == "http://127.0.0.1:8001/russian_post/rtm34"


def test_what_is_asked_is_escaped():
    account = Account(secrets={"login": "<a>&\"'\x00", "password": "]]>\ud800"})
    request = russian_post.ask(["<&>"], account, "history")
    root = ElementTree.fromstring(request.body)
    texts = [element.text for element in root.iter() if element.text and element.text.strip()]
    assert texts == ["<&>", "0", "ENG", "<a>&\"'", "]]>"]


def test_one_number_a_call():
    with pytest.raises(ValueError, match="unpack"):
        russian_post.ask(["RB481503678CN", "RA644000001RU"], ACCOUNT, "history")


# Reading


def test_the_composed_example_reads_as_a_parcel_that_left_china():
    report = russian_post.read(
        Reply(200, example("composed_history_answer.xml"), "history", ("RB481503678CN",))
    ).reports[0]
    assert (report.number, report.outcome, report.origin, report.destination) == (
        "RB481503678CN",
        Outcome.FOUND,
        "CN",
        "RU",
    )
    assert report.service == "Мелкий пакет заказной"
    assert report.unmapped == 0
    [event] = report.events
    assert (event.code, event.raw_code, event.raw_text) == (
        "exp.departed",
        "10:0",
        "Экспорт международной почты",
    )
    assert (event.place, event.country, event.text_language) == ("GUANGZHOU", "CN", "ru")
    assert event.occurred_at == datetime(2026, 3, 2, 13, 14, tzinfo=UTC)
    assert (event.raw_time, event.zone, event.zone_basis) == (
        "2026-03-02T21:14:00.000+08:00",
        "+08:00",
        ZoneBasis.GIVEN,
    )


def test_the_published_example_as_printed_is_half_a_body():
    with pytest.raises(Unavailable):
        russian_post.read(Reply(200, example("published_history_answer.xml"), "history", ("EA123456789RU",)))


def test_the_published_example_repaired():
    text = example("published_history_answer.xml").decode()
    text = text.replace(
        "<ns3:Name>Без отметки</ns3:Name>\n                  <ns3:MailRank>",
        "<ns3:Name>Без отметки</ns3:Name></ns3:PostMark><ns3:MailRank>",
    )
    text = text.replace(
        text[
            text.index("             <ns3:historyRecord>\n             …") : text.index(
                "         </ns3:OperationHistoryData>"
            )
        ],
        "",
    )
    report = russian_post.read(Reply(200, text.encode(), "history", ("EA123456789RU",))).reports[0]
    assert (report.origin, report.destination, report.weight_g) == ("RU", "RU", 2281)
    [event] = report.events
    assert (event.code, event.raw_text, event.place) == ("orig.accepted", "Прием: Единичный", "Москва 555")
    assert event.occurred_at == datetime(2015, 7, 9, 15, 8, tzinfo=UTC)


def test_no_records_means_not_yet():
    assert read_one().outcome is Outcome.NOT_FOUND


def test_the_number_is_read_from_the_records_when_nobody_says_what_was_asked():
    reply = history(record("1:1"))
    assert russian_post.read(Reply(200, reply.body, "history")).reports[0].number == "RB481503678CN"


def test_another_parcels_history_is_refused():
    with pytest.raises(Unreadable) as error:
        read_one(record("2:1", barcode="RA644000001RU"))
    assert error.value.where == "historyRecord.ItemParameters.Barcode"


def test_a_new_number_on_the_way_becomes_an_alias():
    report = read_one(
        record("8:26"), record("2:1", "2026-03-13T10:00:00.000+03:00", barcode="80123456789018")
    )
    assert report.aliases == (Alias("80123456789018", "russian_post"),)
    assert [event.code for event in report.events] == ["sys.note", "done.delivered"]


def test_the_latest_weighing_counts():
    records = [
        record("1:1", "2026-03-01T10:00:00.000+03:00", mass="100"),
        record("8:3", "2026-03-03T10:00:00.000+03:00", mass="0"),
        record("8:4", "2026-03-02T10:00:00.000+03:00", mass="120"),
    ]
    assert read_one(*records).weight_g == 120


def test_a_place_without_a_name_is_its_index():
    assert read_one(record("8:3", index="101000")).events[0].place == "101000"


def test_a_russian_index_tells_the_country():
    assert read_one(record("8:3", index="101000")).events[0].country == "RU"


def test_words_missing_in_the_reply_come_from_the_dictionary():
    [event] = read_one(record("8:2", name="", attribute="")).events
    assert (event.raw_text, event.text_language) == ("Обработка: Прибыло в место вручения", "ru")


def test_english_words_stay_english():
    [event] = read_one(record("8:2", name="Processing", attribute="")).events
    assert (event.raw_text, event.text_language) == ("Processing: Arrived at the place of handing over", "en")


# Sides of the border, and the way back


@pytest.mark.parametrize(
    ("pair", "in_origin", "in_destination", "elsewhere", "unknown"),
    [
        ("8:0", "orig.hub", "last.sort_in", "line.hub_in", "line.hub_in"),
        ("8:3", "orig.hub", "last.sort_in", "line.hub_in", "line.hub_in"),
        ("8:4", "orig.hub", "last.sort_out", "line.hub_out", "line.hub_out"),
        ("8:5", "exp.office_in", "imp.office_in", "line.transit_in", "line.hub_in"),
        ("8:6", "exp.departed", "imp.office_out", "line.transit_out", "line.hub_out"),
        ("11:0", "exp.customs_in", "imp.customs_in", "imp.customs_in", "imp.customs_in"),
        ("14:1", "exp.customs_out", "imp.customs_out", "imp.customs_out", "imp.customs_out"),
        ("14:4", "exp.customs_held", "imp.customs_held", "imp.customs_held", "imp.customs_held"),
        ("24:1050", "exp.customs_held", "imp.customs_docs", "imp.customs_docs", "imp.customs_docs"),
    ],
)
def test_the_side_of_the_border_follows_from_the_country_of_the_operation(
    pair, in_origin, in_destination, elsewhere, unknown
):
    route = {"origin": "CN", "destination": "RU"}
    found = [codes(record(pair, country=country, **route))[0] for country in ("CN", "RU", "DE", "")]
    assert found == [in_origin, in_destination, elsewhere, unknown]


def test_inside_one_country_the_side_stays_open():
    assert codes(record("8:3", country="RU", barcode="80123456789018"), number="80123456789018") == [
        "line.hub_in"
    ]


def test_the_route_is_that_of_the_first_record():
    records = [
        record("10:0", "2026-03-01T10:00:00.000+08:00", origin="CN", destination="RU", country="CN"),
        record("8:5", "2026-03-09T10:00:00.000+03:00", country="RU"),
    ]
    assert codes(*records) == ["exp.departed", "imp.office_in"]


def test_at_the_place_of_delivery_a_courier_item_waits_for_the_courier():
    assert codes(record("8:2")) == ["last.ready"]
    assert codes(record("8:2", kind="7")) == ["last.office_in"]
    assert codes(record("8:2", barcode="EA481503678CN"), number="EA481503678CN") == ["last.office_in"]


def test_after_a_return_everything_is_on_the_way_back():
    scans = [
        ("8:2", "03-01", "RU"),
        ("3:1", "04-01", "RU"),
        ("8:5", "04-03", "RU"),
        ("8:2", "05-01", "CN"),
        ("2:2", "05-02", "CN"),
    ]
    events = read_one(
        *(
            record(pair, f"2026-{day}T10:00:00.000+03:00", country=country, destination="RU")
            for pair, day, country in scans
        )
    ).events
    assert [event.direction for event in events] == [Direction.FORWARD] + 4 * [Direction.RETURN]
    assert [event.code for event in events] == [
        "last.ready",
        "ret.started",
        "exp.office_in",
        "last.ready",
        "ret.done",
    ]


def test_records_out_of_order_turn_at_the_same_moment():
    turned = record("3:1", "2026-04-01T10:00:00.000+03:00")
    before, after = (
        record("8:2", "2026-03-01T10:00:00.000+03:00"),
        record("8:2", "2026-05-01T10:00:00.000+03:00"),
    )
    assert [e.direction.value for e in read_one(after, turned, before).events] == [
        "forward",
        "return",
        "return",
    ]


def test_handed_to_the_sender_is_a_return_even_without_a_return_record():
    [event] = read_one(record("2:2")).events
    assert (event.code, event.direction) == ("ret.done", Direction.RETURN)


# Repeated, cancelled, unknown


def test_a_repeated_record_counts_once():
    twice = record("8:3", index="101000")
    assert len(read_one(twice, twice).events) == 1


def test_the_same_moment_at_two_offices_is_two_events():
    assert len(read_one(record("8:3", index="101000"), record("8:3", index="102000")).events) == 2


def test_a_cancellation_withdraws_the_nearest_earlier_record_at_the_same_index():
    records = [
        record("8:2", "2026-03-01T10:00:00.000+03:00", index="101000"),
        record("2:1", "2026-03-02T10:00:00.000+03:00", index="101000"),
        record("8:3", "2026-03-02T11:00:00.000+03:00", index="102000"),
        record(
            "26:2",
            "2026-03-02T12:00:00.000+03:00",
            index="101000",
            name="Отмена",
            attribute="Ошибка оператора",
        ),
    ]
    event = read_one(*records).events[-1]
    assert (event.withdraws, event.raw_code, event.code) == (True, "2:1", "sys.note")
    assert event.raw_text == "Отмена: Ошибка оператора"


def test_two_cancellations_withdraw_two_records():
    records = [
        record(pair, f"2026-03-0{day}T10:00:00.000+03:00", index="101000")
        for day, pair in enumerate(["8:2", "2:1", "26:1", "26:2"], 1)
    ]
    assert [(e.withdraws, e.raw_code) for e in read_one(*records).events][2:] == [
        (True, "2:1"),
        (True, "8:2"),
    ]


def test_a_cancellation_with_nothing_before_it_withdraws_nothing():
    [event] = read_one(record("26:1", index="101000")).events
    assert (event.withdraws, event.raw_code, event.code) == (False, "26:1", "sys.note")


def test_a_cancelled_return_turns_nothing():
    records = [
        record("3:1", "2026-04-01T10:00:00.000+03:00", index="101000"),
        record("26:2", "2026-04-01T10:05:00.000+03:00", index="101000"),
        record("2:1", "2026-04-02T10:00:00.000+03:00", index="101000"),
    ]
    assert {event.direction for event in read_one(*records).events} == {Direction.FORWARD}


def test_an_unknown_operation_keeps_its_own_words_and_is_counted():
    report = read_one(record("99:7", name="Телепортация", attribute="Удачная"))
    assert (report.events[0].code, report.events[0].raw_text, report.unmapped) == (
        "sys.unmapped",
        "Телепортация: Удачная",
        1,
    )


def test_an_unknown_attribute_takes_the_code_of_its_type_and_is_counted():
    report = read_one(record("12:99"))
    assert (report.events[0].code, report.unmapped) == ("last.failed", 1)


@pytest.mark.parametrize("pair", ["2:99", "5:99", "8:99", "14:99", "21:99"])
def test_an_unknown_attribute_is_unmapped_where_the_type_does_not_decide(pair):
    assert codes(record(pair)) == ["sys.unmapped"]


def test_an_operation_without_words_and_without_a_mapping_shows_its_code():
    assert read_one(record("99:7", name="")).events[0].raw_text == "99:7"


def test_prohibited_contents_end_the_import_only_when_a_refusal_follows():
    prohibited = record("24:1019", "2026-03-01T10:00:00.000+03:00")
    assert codes(prohibited) == ["imp.customs_held"]
    refused = record("14:4", "2026-03-02T10:00:00.000+03:00")
    assert codes(prohibited, refused) == ["imp.terminated", "imp.customs_held"]


# When things go wrong


def failure(body, status=200, kind="history", headers=None):
    with pytest.raises(CarrierError) as error:
        russian_post.read(Reply(status, body, kind, ("RB481503678CN",), headers or {}))
    return error.value


def test_the_malformed_number_fault_means_wrong_number():
    reply = Reply(500, example("composed_fault_operation_history.xml"), "history", ("RB48",))
    [report] = russian_post.read(reply).reports
    assert (report.number, report.outcome) == ("RB48", Outcome.WRONG_NUMBER)
    assert report.message == "Формат данных запроса не соответствует установленному в регламенте обмена"


def test_the_malformed_number_fault_in_english():
    body = example("composed_fault_operation_history.xml").decode()
    body = body.replace(
        "Формат данных запроса не соответствует установленному в регламенте обмена",
        "The format of the request data is invalid",
    )
    [report] = russian_post.read(Reply(500, body.encode(), "history", ("RB48",))).reports
    assert report.outcome is Outcome.WRONG_NUMBER


def test_another_fault_about_the_number_is_temporary():
    body = example("composed_fault_operation_history.xml").decode()
    error = failure(body.replace("Формат данных запроса", "Внутренняя ошибка").encode(), 500)
    assert isinstance(error, Unavailable)


def test_the_authorisation_fault_is_for_the_operator():
    error = failure(example("composed_fault_authorization.xml"), 500)
    assert isinstance(error, Denied)
    assert str(error) == "Неуспешная авторизация клиента"


def test_the_language_fault_is_our_mistake():
    assert isinstance(failure(example("composed_fault_language.xml"), 500), Refused)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b""),
        (503, b"<html><body>Service Unavailable</body></html>"),
        (200, b""),
        (200, b"<!DOCTYPE html><html><head></head><body>502</body></html>"),
        (200, b"<html><body>ok</body></html>"),
        (200, b'{"error": "maintenance"}'),
        (502, b"<nginx/>"),
        (500, b"<!DOCTYPE report><report/>"),
        (200, history(record("1:1")).body[:-40]),
        (200, b'<?xml version="1.0" encoding="klingon"?><a/>'),
        (404, history(record("1:1")).body),
    ],
)
def test_what_is_not_the_protocol_is_asked_again_later(status, body):
    error = failure(body, status)
    assert isinstance(error, Unavailable)
    assert error.retry


def test_a_gateway_that_refuses_us_is_for_the_operator():
    assert isinstance(failure(b"Forbidden", 403), Denied)


@pytest.mark.parametrize(
    ("header", "wait_s"), [({}, 900), ({"retry-after": "60"}, 60), ({"retry-after": "soon"}, 900)]
)
def test_too_many_calls_wait(header, wait_s):
    error = failure(b"", 429, headers=header)
    assert isinstance(error, Throttled)
    assert error.retry_after_s == wait_s


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"<rss/>", "Envelope"),
        (b'<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"/>', "Envelope.Body"),
        (
            b'<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><pong/></Body></Envelope>',
            "Envelope.Body",
        ),
        (
            history().body.replace(b"OperationHistoryData", b"Nothing"),
            "getOperationHistoryResponse.OperationHistoryData",
        ),
        (b'<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY l "&lol;&lol;">]><lolz>&l;</lolz>', "DOCTYPE"),
        (b"<a>" * 5000, "depth"),
        (history(record("1:1", "yesterday")).body, "historyRecord[0].OperationParameters.OperDate"),
        (
            history(record("1:1", "2026-03-12T18:08:00.000")).body,
            "historyRecord[0].OperationParameters.OperDate",
        ),
        (
            history(record("1:1", "0001-01-01T00:00:00+14:00")).body,
            "historyRecord[0].OperationParameters.OperDate",
        ),
        (history(record("1:1"), record("x:1")).body, "historyRecord[1].OperationParameters.OperType.Id"),
        (history(record("1:-1")).body, "historyRecord[0].OperationParameters.OperAttr.Id"),
        (history(record("1:")).body, "historyRecord[0].OperationParameters.OperAttr"),
    ],
)
def test_a_broken_contract_names_the_field(body, where):
    error = failure(body)
    assert isinstance(error, Unreadable)
    assert error.where == where


def test_prefixes_do_not_matter():
    reply = history(record("1:1"))
    other = ElementTree.canonicalize(reply.body, rewrite_prefixes=True).encode()
    assert b"d:historyRecord" not in other
    assert russian_post.read(replace(reply, body=other)) == russian_post.read(reply)
