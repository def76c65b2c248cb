"""Many numbers by a ticket: the access fc, SOAP 1.1."""

from collections.abc import Sequence
from dataclasses import replace
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from sledi.carriers.russian_post.journey import (
    Journey,
    Record,
    country_of_index,
    home_of,
    is_ems,
    origin_of,
    report_of,
)
from sledi.carriers.russian_post.soap import SOAP_11, escape, integer
from sledi.carriers.russian_post.tables import ZONES
from sledi.core.carrier import (
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
from sledi.core.replies import moment_in, one_line

PAUSE_S = 900  # between two questions about one ticket
_LONGEST = 14  # one longer number, and the whole ticket is refused
_BATCH = "http://fclient.russianpost.org/postserver"
_ITEM = "http://fclient.russianpost.org"
# Signs that the item has entered Russia to stay: the batch answer names no destination.
_ENTRIES = frozenset({(8, 13), (9, 1), (9, 2)})


def ticket_request(numbers: Sequence[str], login: str, password: str, language: str) -> str:
    """The envelope that orders an answer about ``numbers``. ``language`` is RUS or ENG."""
    fitting = [number for number in numbers if len(number) <= _LONGEST]
    items = "\n".join(f'    <fcl:Item Barcode="{escape(number.upper())}"/>' for number in fitting)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="{SOAP_11}" xmlns:pos="{_BATCH}" xmlns:fcl="{_ITEM}">
 <soapenv:Header/>
 <soapenv:Body>
  <pos:ticketRequest>
   <request>
{items}
   </request>
   <login>{escape(login)}</login>
   <password>{escape(password)}</password>
   <language>{language}</language>
  </pos:ticketRequest>
 </soapenv:Body>
</soapenv:Envelope>"""


def answer_request(ticket: str, login: str, password: str) -> str:
    """The envelope that collects what a ticket ordered."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="{SOAP_11}" xmlns:pos="{_BATCH}">
 <soapenv:Header/>
 <soapenv:Body>
  <pos:answerByTicketRequest>
   <ticket>{escape(ticket)}</ticket>
   <login>{escape(login)}</login>
   <password>{escape(password)}</password>
  </pos:answerByTicketRequest>
 </soapenv:Body>
</soapenv:Envelope>"""


def read_ticket(reply: Reply, payload: ElementTree.Element) -> Reading:
    """The ticket, and the numbers left out of it. Raises Denied, Refused, Unavailable or Unreadable."""
    if payload.tag != f"{{{_BATCH}}}ticketResponse":
        raise Unreadable("Envelope.Body", payload.tag)
    error = payload.find("error")
    if error is not None:
        raise _error(error, "ticketResponse.error@ErrorTypeID")
    token = (payload.findtext("value") or "").strip()
    if not token:
        raise Unreadable("ticketResponse.value", token)
    left_out = tuple(_unanswered(number) for number in reply.numbers if len(number) > _LONGEST)
    return Reading(left_out, Ticket(token, "answer", PAUSE_S))


def _error(error: ElementTree.Element, where: str) -> CarrierError:
    code, words = error.get("ErrorTypeID", ""), error.get("ErrorName", "")
    if code == "3":
        return Denied(words)
    if code == "16":
        return Unavailable(words)
    if code in {"2", "18", "20", "21", "22"}:
        return Refused(f"{code}: {words}")
    return Unreadable(where, code)


def read_answer(reply: Reply, payload: ElementTree.Element) -> Reading:
    """A report per item, or the ticket again while it is not ready. Raises as ``read_ticket``."""
    if payload.tag != f"{{{_BATCH}}}answerByTicketResponse":
        raise Unreadable("Envelope.Body", payload.tag)
    error = payload.find("error")
    if error is not None and error.get("ErrorTypeID") == "6":
        return Reading(ticket=Ticket("", "answer", PAUSE_S))
    if error is not None and error.get("ErrorTypeID") == "17":
        return Reading(tuple(_temporary(number, error.get("ErrorName", "")) for number in reply.numbers))
    if error is not None:
        raise _error(error, "answerByTicketResponse.error@ErrorTypeID")
    value = payload.find("value")
    if value is None:
        raise Unreadable("answerByTicketResponse.value", "missing")
    return Reading(tuple(_items(reply, value.findall(f"{{{_ITEM}}}Item"))))


def _items(reply: Reply, items: Sequence[ElementTree.Element]) -> list[Report]:
    """A report for each number asked for, or, when that is not known, for each item.

    One item that breaks the contract must not hide five hundred others: it is TEMPORARY and its message names
    the field. When no item can be read the contract is broken.
    """
    reports: dict[str, Report] = {}
    broken: list[Unreadable] = []
    for i, item in enumerate(items):
        number = item.get("Barcode", "")
        try:
            reports[number] = _item(number, item, f"value.Item[{i}]")
        except Unreadable as error:
            broken.append(error)
            reports[number] = _temporary(number, str(error))
    if broken and len(broken) == len(items):
        raise broken[0]
    if not reply.numbers:
        return list(reports.values())
    return [
        replace(reports.get(number.upper()) or _unanswered(number), number=number) for number in reply.numbers
    ]


def _item(number: str, item: ElementTree.Element, where: str) -> Report:
    if not number:
        raise Unreadable(f"{where}@Barcode", number)
    operations = item.findall(f"{{{_ITEM}}}Operation")
    error = item.find(f"{{{_ITEM}}}Error")
    if error is not None and not operations:
        outcome = Outcome.NOT_FOUND if error.get("ErrorTypeID") == "12" else Outcome.TEMPORARY
        return Report(number, outcome, message=error.get("ErrorName", ""))
    if not operations:
        return Report(number, Outcome.NOT_FOUND)
    records = [_record(operation, f"{where}.Operation[{i}]") for i, operation in enumerate(operations)]
    entered = any(record.pair in _ENTRIES for record in records)
    journey = Journey(origin_of(number), "RU" if entered else home_of(number), is_ems(number))
    return report_of(number, records, journey)


def _unanswered(number: str) -> Report:
    if len(number) > _LONGEST:
        return Report(number, Outcome.WRONG_NUMBER)
    return _temporary(number, "not in the answer")


def _temporary(number: str, message: str) -> Report:
    return Report(number, Outcome.TEMPORARY, message=message)


def _record(operation: ElementTree.Element, where: str) -> Record:
    raw_time, index = operation.get("DateOper", ""), operation.get("IndexOper", "").strip()
    zone = ZONES.get(index[:3], "") if country_of_index(index) else ""
    # An unknown zone is read as Moscow's, between those where such items are scanned.
    clock = ZoneInfo(zone or "Europe/Moscow")
    return Record(
        pair=(
            integer(operation.get("OperTypeID", ""), f"{where}@OperTypeID"),
            integer(operation.get("OperCtgID") or "0", f"{where}@OperCtgID"),
        ),
        type_name=one_line(operation.get("OperName")),
        attribute_name="",
        raw_time=raw_time,
        occurred_at=moment_in(clock, raw_time, f"{where}@DateOper", "%d.%m.%Y %H:%M:%S"),
        zone_basis=ZoneBasis.CARRIER_RULE if zone else ZoneBasis.UNKNOWN,
        zone=zone,
        index=index,
        place="",  # an index is no place to show, and would make two of one scan beside the single access
        country=country_of_index(index),
    )
