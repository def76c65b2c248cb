from xml.etree import ElementTree as ET

import pytest

from sledi_simulator import STRICT, running
from sledi_simulator.tests.asking import (
    DATA,
    FCLIENT,
    POSTSERVER,
    SOAP12,
    client_of,
    collect,
    error,
    fault,
    history,
    operations,
    records,
    send,
    standing_still,
    ticket,
)

OUT_FOR_DELIVERY = "LB316292485CN"
READY_IN_KAZAN = "RB372813271CN"
DUTY = "CP598464168CN"
RETURNED = "RB708257094CN"
GOING_BACK = "RB401085808CN"
UNKNOWN = "RB542030041CN"
DOMESTIC = "63009993259029"
RENUMBERED, ITS_LOCAL_NUMBER = "LP640831192CN", "80149169554910"

COMPOSED = """<S:Envelope xmlns:S="http://www.w3.org/2003/05/soap-envelope"><S:Body>
<ns7:getOperationHistoryResponse xmlns:ns3="http://russianpost.org/operationhistory/data"
 xmlns:ns7="http://russianpost.org/operationhistory"><ns3:OperationHistoryData><ns3:historyRecord>
<ns3:AddressParameters>
 <ns3:OperationAddress><ns3:Description>GUANGZHOU</ns3:Description></ns3:OperationAddress>
 <ns3:MailDirect><ns3:Id>643</ns3:Id><ns3:Code2A>RU</ns3:Code2A><ns3:Code3A>RUS</ns3:Code3A>
  <ns3:NameRU>Российская Федерация</ns3:NameRU><ns3:NameEN>Russian Federation</ns3:NameEN></ns3:MailDirect>
 <ns3:CountryOper><ns3:Id>156</ns3:Id><ns3:Code2A>CN</ns3:Code2A><ns3:Code3A>CHN</ns3:Code3A>
  <ns3:NameRU>Китай</ns3:NameRU><ns3:NameEN>China</ns3:NameEN></ns3:CountryOper>
</ns3:AddressParameters>
<ns3:FinanceParameters><ns3:Payment>0</ns3:Payment><ns3:Value>0</ns3:Value></ns3:FinanceParameters>
<ns3:ItemParameters><ns3:Barcode>RB481503678CN</ns3:Barcode>
 <ns3:ComplexItemName>Мелкий пакет заказной</ns3:ComplexItemName></ns3:ItemParameters>
<ns3:OperationParameters>
 <ns3:OperType><ns3:Id>10</ns3:Id><ns3:Name>Экспорт международной почты</ns3:Name></ns3:OperType>
 <ns3:OperAttr><ns3:Id>0</ns3:Id></ns3:OperAttr>
 <ns3:OperDate>2026-03-02T21:14:00.000+08:00</ns3:OperDate>
</ns3:OperationParameters>
</ns3:historyRecord></ns3:OperationHistoryData></ns7:getOperationHistoryResponse></S:Body></S:Envelope>"""


def outline(element):
    """The elements of a document by name and order, without what they say and without users."""
    return [(child.tag, outline(child)) for child in element if not child.tag.endswith("UserParameters")]


def texts(record):
    return {child.tag: child.text for child in record.iter() if child.text and child.text.strip()}


def test_a_record_abroad_has_the_elements_of_the_specifications_example(client):
    (example,) = ET.fromstring(COMPOSED).iter(f"{DATA}historyRecord")
    response = history(client, READY_IN_KAZAN)
    exports = [
        record
        for record, operation in zip(records(response), operations(response), strict=True)
        if operation == "10:0"
    ]
    assert outline(exports[0]) == outline(example)
    assert exports[0].findtext(f".//{DATA}OperDate").endswith("+08:00")


def test_a_parcel_from_china_tells_its_whole_way_oldest_first(client):
    assert operations(history(client, READY_IN_KAZAN)) == [
        "1:1", "8:5", "10:0", "31:24", "31:21", "9:1", "11:0", "14:1", "8:6", "8:3", "8:4", "8:2",
    ]  # fmt: skip


def test_times_bear_milliseconds_and_the_offset_of_the_place(client):
    send(
        client,
        "RB481503678CN",
        ("EMC", "CN.guangzhou_exchange", "2026-03-02T13:14:00+00:00"),
        ("EDE", "RU.vladivostok_hub", "2026-03-12T08:08:05+00:00"),
    )
    dates = [record.findtext(f".//{DATA}OperDate") for record in records(history(client, "RB481503678CN"))]
    assert dates == ["2026-03-02T21:14:00.000+08:00", "2026-03-12T18:08:05.000+10:00"]


def test_a_record_at_home_has_index_money_mass_and_the_recipient(client):
    record = texts(records(history(client, DUTY))[-1])
    assert record[f"{DATA}CustomDuty"] == "84500"
    assert record[f"{DATA}Mass"].isdecimal()
    assert record[f"{DATA}Rcpn"] == "СОКОЛОВ Б. А."


def test_a_return_ends_at_the_sender(client):
    assert operations(history(client, GOING_BACK))[-1] == "3:1"
    assert operations(history(client, RETURNED))[-5:] == ["3:1", "8:3", "8:4", "10:0", "2:2"]


def test_after_the_hand_over_the_local_number_goes_on(client):
    assert operations(history(client, RENUMBERED))[-1] == "8:26"
    assert operations(history(client, ITS_LOCAL_NUMBER)) == ["8:6", "8:3", "8:4"]


def test_a_parcel_inside_the_country_never_names_another_one(client):
    countries = {
        record.findtext(f".//{DATA}CountryOper/{DATA}Code2A") for record in records(history(client, DOMESTIC))
    }
    assert countries == {"RU"}


def test_english_names_on_demand(client):
    names = [
        record.findtext(f".//{DATA}OperType/{DATA}Name")
        for record in records(history(client, DUTY, language="ENG"))
    ]
    assert names[0] == "Acceptance"


def test_an_unknown_number_has_no_records_and_no_fault(client):
    response = history(client, UNKNOWN)
    assert response.status_code == 200
    assert records(response) == []


def test_a_notification_of_receipt_has_no_records(client):
    assert records(history(client, DUTY, message_type=1)) == []


@pytest.mark.parametrize(
    ("number", "options", "reason"),
    [
        ("HELLO", {}, "OperationHistoryFaultReason"),
        ("rb372813271cn", {}, "OperationHistoryFaultReason"),
        (DUTY, {"password": "wrong"}, "AuthorizationFaultReason"),
        (DUTY, {"language": "BUL"}, "LanguageFaultReason"),
    ],
)
def test_a_fault_names_its_reason_with_status_500(client, number, options, reason):
    response = history(client, number, **options)
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/soap+xml; charset=UTF-8"
    assert fault(response) == reason
    assert ET.fromstring(response.content).findtext(f".//{SOAP12}Code/{SOAP12}Value") == "S:Receiver"


@pytest.mark.parametrize("body", [b"", b"{}", b"<a/>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"])
def test_a_body_that_is_no_question_is_a_fault(client, body):
    assert fault(client.post("/russian_post/rtm34", content=body)) == "OperationHistoryFaultReason"


def test_the_strict_account_has_a_hundred_calls_a_day():
    with running(options=standing_still(STRICT)) as run, client_of(run) as client:
        assert [history(client, DUTY).status_code for _ in range(100)] == [200] * 100
        assert fault(history(client, DUTY)) == "AuthorizationFaultReason"
        run.world.clock.advance(86_400)
        assert history(client, DUTY).status_code == 200


def items(response):
    return {item.attrib["Barcode"]: list(item) for item in response.iter(f"{FCLIENT}Item")}


def test_a_ticket_is_ready_after_its_time_and_answers_with_attributes(client, simulator):
    send(
        client,
        "RB481503678CN",
        ("EMC", "CN.guangzhou_exchange", "2026-03-02T13:14:00+00:00"),
        ("EDH", "RU.novosibirsk", "2026-03-12T05:41:00+00:00"),
    )
    made = ticket(client, ["RB481503678CN", UNKNOWN])
    token = made.findtext("value")
    assert made.tag == f"{POSTSERVER}ticketResponse"
    assert token == "20260514120000000DEMO"
    assert error(collect(client, token)) == "6"
    simulator.world.clock.advance(60)
    answer = collect(client, token)
    value = answer.find("value")
    assert value.attrib["DatePreparation"] == "14.05.2026 12:01:00"
    found = items(answer)
    exported, ready = (child.attrib for child in found["RB481503678CN"])
    assert (exported["DateOper"], exported["IndexOper"]) == ("02.03.2026 21:14:00", "")
    assert ready == {
        "OperTypeID": "8",
        "OperCtgID": "2",
        "OperName": "Обработка",
        "DateOper": "12.03.2026 12:41:00",
        "IndexOper": "630099",
    }
    assert [child.attrib["ErrorTypeID"] for child in found[UNKNOWN]] == ["12"]


def test_two_tickets_of_one_moment_differ(client):
    assert ticket(client, [DUTY]).findtext("value") != ticket(client, [DUTY]).findtext("value")


def test_a_ticket_is_kept_for_32_hours(client, simulator):
    token = ticket(client, [DUTY]).findtext("value")
    simulator.world.clock.advance(32 * 3600)
    assert error(collect(client, token)) == "17"


@pytest.mark.parametrize(
    ("numbers", "options", "code"),
    [
        ([], {}, "2"),
        ([DUTY], {"password": "wrong"}, "3"),
        ([DUTY] * 3001, {}, "18"),
        (["1" * 15], {}, "21"),
    ],
)
def test_a_bad_ticket_request_has_an_error_at_the_root(client, numbers, options, code):
    assert error(ticket(client, numbers, **options)) == code


def test_3000_numbers_fit_into_a_ticket(client):
    assert ticket(client, [DUTY] * 3000).findtext("value")


def test_strict_tickets_take_15_minutes_and_answer_once_in_15_minutes():
    with running(options=standing_still(STRICT)) as run, client_of(run) as client:
        token = ticket(client, [DUTY]).findtext("value")
        run.world.clock.advance(14 * 60)
        assert error(collect(client, token)) == "6"
        run.world.clock.advance(14 * 60)
        assert error(collect(client, token)) == "6"
        run.world.clock.advance(15 * 60)
        assert DUTY in items(collect(client, token))


def test_collecting_a_ticket_is_not_counted_as_asking_again(client, simulator):
    token = ticket(client, [DUTY]).findtext("value")
    collect(client, token)
    assert simulator.world.asked() == {("russian_post", DUTY): 1}
