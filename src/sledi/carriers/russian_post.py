"""Russian Post (Почта России): one number at once (rtm34), many by a ticket (fc).

Contract: the specification of the tracking service, single and batch access, as published on
tracking.pochta.ru/specification (texts of 2021), and the WSDL of both services. Read in November 2026.
The operations, with our decision for each pair, are in ``russian_post_operations.csv``; the time zone of an
office, by the first three digits of its index, in ``russian_post_zones.csv``. What we decided where the
contract is silent: ``docs/carriers/russian_post.md``.
"""

import csv
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from sledi.core.carrier import (
    Account,
    Alias,
    Call,
    CarrierError,
    Denied,
    Direction,
    Event,
    Outcome,
    Reading,
    Refused,
    Reply,
    Report,
    Request,
    Throttled,
    Ticket,
    Unavailable,
    Unreadable,
    ZoneBasis,
)
from sledi.core.numbers.countries import ASSIGNED

SLUG = "russian_post"

CALLS = (
    Call("history", role="history", secrets=("login", "password"), per_day=100, timeout_s=30.0),
    Call(
        "ticket",
        role="ticket",
        batch=500,  # 3,000 are allowed; large answers are known to fail
        secrets=("batch_login", "batch_password"),
        timeout_s=60.0,
    ),
    Call(
        "answer",
        role="collect",
        batch=500,
        secrets=("batch_login", "batch_password"),
        again_after_s=900,
        timeout_s=120.0,
    ),
)

_ADDRESS = "https://tracking.russianpost.ru"
_PAUSE_S = 900  # between two questions about one ticket
_DEEPEST = 20
_LONGEST = 14  # one longer number, and the whole ticket is refused
_SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
_SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
_HISTORY = "http://russianpost.org/operationhistory"
_DATA = "http://russianpost.org/operationhistory/data"
_BATCH = "http://fclient.russianpost.org/postserver"
_ITEM = "http://fclient.russianpost.org"


@dataclass(frozen=True, slots=True)
class _Operation:
    """What a pair of operation and attribute means; codes by side are empty where it does not matter."""

    code: str
    in_origin: str
    in_destination: str
    in_transit: str
    reason: str
    type_ru: str
    attribute_ru: str
    type_en: str
    attribute_en: str


_Pair = tuple[int, int]


def _operations() -> tuple[Mapping[_Pair, _Operation], Mapping[int, _Operation]]:
    """The listed pairs, and what a type means whatever its attribute, where the type alone decides."""
    pairs: dict[_Pair, _Operation] = {}
    types: dict[int, _Operation] = {}
    for kind, attribute, *rest in _rows("russian_post_operations.csv"):
        if attribute == "*":
            types[int(kind)] = _Operation(*rest)
        else:
            pairs[int(kind), int(attribute)] = _Operation(*rest)
    return MappingProxyType(pairs), MappingProxyType(types)


def _zones() -> Mapping[str, str]:
    """Time zone by the first three digits of an index. Those of regions with several zones are missing."""
    return MappingProxyType(
        {
            str(prefix): zone
            for first, last, zone in _rows("russian_post_zones.csv")
            for prefix in range(int(first), int(last) + 1)
        }
    )


def _rows(name: str) -> Iterator[list[str]]:
    with Path(__file__).with_name(name).open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        next(rows)
        yield from rows


_OPERATIONS, _TYPES = _operations()
_ZONES = _zones()
_CANCELLATION = 26
_AT_DELIVERY = (8, 2)
_PROHIBITED = (24, 1019)
# A release refused for good: only then are prohibited contents (24:1019) the end of the import.
_REFUSALS = frozenset({(3, 7), (14, 4), (14, 17), (40, 3)})
# Signs that the item has entered Russia to stay: the batch answer names no destination.
_ENTRIES = frozenset({(8, 13), (9, 1), (9, 2)})
# Kinds of item (MailType) that a courier brings: EMS in its forms, "courier" parcels and letters.
_COURIER_KINDS = frozenset({"7", "24", "28", "30", "31", "33", "34", "41", "43", "49"})


def ask(
    numbers: Sequence[str],
    account: Account,
    kind: str,
    *,
    language: str = "en",
    ticket: str = "",
    callback_url: str = "",
    hints: Mapping[str, str] = MappingProxyType({}),
) -> Request:
    """One number (``history``), up to 500 (``ticket``), or the answer to ``ticket`` (``answer``)."""
    words = "RUS" if language in {"ru", "uk", "be", "kk"} else "ENG"
    address = (account.base_url or _ADDRESS).rstrip("/")
    secrets = account.secrets
    if kind == "history":
        [number] = numbers
        body = _history_request(number, secrets["login"], secrets["password"], words)
        return _post(f"{address}/rtm34", {"content-type": "application/soap+xml; charset=UTF-8"}, body)
    login, password = secrets["batch_login"], secrets["batch_password"]
    if kind == "ticket":
        body = _ticket_request(numbers, login, password, words)
    elif kind == "answer":
        body = _answer_request(ticket, login, password)
    else:
        raise ValueError(kind)
    return _post(f"{address}/fc", {"content-type": "text/xml; charset=UTF-8", "soapaction": '""'}, body)


# Nothing but the element's own end, or the end of half a body, stops a name.
_PERSON = re.compile(
    rb"(<(?:[^\s<>/:]+:)?(Sndr|Rcpn)(?:\s[^<>]*)?(?<!/)>).*?(</(?:[^\s<>/:]+:)?\2\s*>|\Z)", re.DOTALL
)


def mask(reply: Reply) -> Reply:
    """The reply without the names of sender and recipient (``Sndr``, ``Rcpn``), whole or cut off.

    A body with zero bytes is not the UTF-8 of the contract: names in it could not be found, so it is dropped.
    """
    body = b"" if b"\0" in reply.body else _PERSON.sub(rb"\1\3", reply.body)
    return replace(reply, body=body)


def read(reply: Reply) -> Reading:
    """What the reply says: one report (``history``), a ticket (``ticket``) or a report per item (``answer``).

    An answer that is not ready gives a ticket with an empty token, meaning the one asked with: the reply does
    not repeat it. A ticket that has expired gives TEMPORARY for each number, so that a new one is ordered.
    """
    if reply.status == 429:
        raise Throttled("too many calls", _retry_after_s(reply))
    if reply.status in {401, 403}:
        raise Denied(f"HTTP {reply.status}")
    # Masked first: a name with a bare "&" must not spoil the history it stands in.
    payload = _payload(mask(reply).body, reply.status)
    if payload.tag in _FAULTS:
        return _read_fault(reply, payload)
    return {"history": _read_history, "ticket": _read_ticket, "answer": _read_answer}[reply.kind](
        reply, payload
    )


def _post(url: str, headers: Mapping[str, str], body: str) -> Request:
    return Request("POST", url, headers, body.encode())


def _history_request(number: str, login: str, password: str, language: str) -> str:
    # The attribute mustUnderstand belongs to SOAP 1.1 although the envelope is SOAP 1.2: so it is published.
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<soap:Envelope xmlns:soap="{_SOAP_12}" xmlns:oper="{_HISTORY}"
 xmlns:data="{_DATA}" xmlns:soapenv="{_SOAP_11}">
 <soap:Header/>
 <soap:Body>
  <oper:getOperationHistory>
   <data:OperationHistoryRequest>
    <data:Barcode>{_escape(number.upper())}</data:Barcode>
    <data:MessageType>0</data:MessageType>
    <data:Language>{language}</data:Language>
   </data:OperationHistoryRequest>
   <data:AuthorizationHeader soapenv:mustUnderstand="1">
    <data:login>{_escape(login)}</data:login>
    <data:password>{_escape(password)}</data:password>
   </data:AuthorizationHeader>
  </oper:getOperationHistory>
 </soap:Body>
</soap:Envelope>"""


def _ticket_request(numbers: Sequence[str], login: str, password: str, language: str) -> str:
    fitting = [number for number in numbers if len(number) <= _LONGEST]
    items = "\n".join(f'    <fcl:Item Barcode="{_escape(number.upper())}"/>' for number in fitting)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="{_SOAP_11}" xmlns:pos="{_BATCH}" xmlns:fcl="{_ITEM}">
 <soapenv:Header/>
 <soapenv:Body>
  <pos:ticketRequest>
   <request>
{items}
   </request>
   <login>{_escape(login)}</login>
   <password>{_escape(password)}</password>
   <language>{language}</language>
  </pos:ticketRequest>
 </soapenv:Body>
</soapenv:Envelope>"""


def _answer_request(ticket: str, login: str, password: str) -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="{_SOAP_11}" xmlns:pos="{_BATCH}">
 <soapenv:Header/>
 <soapenv:Body>
  <pos:answerByTicketRequest>
   <ticket>{_escape(ticket)}</ticket>
   <login>{_escape(login)}</login>
   <password>{_escape(password)}</password>
  </pos:answerByTicketRequest>
 </soapenv:Body>
</soapenv:Envelope>"""


_FORBIDDEN_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _escape(text: str) -> str:
    return html.escape(_FORBIDDEN_IN_XML.sub("", text))


def _retry_after_s(reply: Reply) -> int:
    asked = reply.headers.get("retry-after", "")
    return int(asked) if re.fullmatch("[0-9]{1,6}", asked) else _PAUSE_S


class _Tree(ElementTree.TreeBuilder):
    """Refuses what SOAP forbids and a hostile reply may hold: a document type, depth without end."""

    depth = 0

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        if name.lower() == "html":
            raise Unavailable("an HTML page")
        raise Unreadable("DOCTYPE", name)

    def start(self, tag: str, attrs: dict[str, str], /) -> ElementTree.Element:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise Unreadable("depth", self.depth)
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> ElementTree.Element:
        self.depth -= 1
        return super().end(tag)


_ENVELOPES = MappingProxyType({f"{{{soap}}}Envelope": soap for soap in (_SOAP_11, _SOAP_12)})
_FAULTS = frozenset(f"{{{soap}}}Fault" for soap in (_SOAP_11, _SOAP_12))


def _payload(body: bytes, status: int) -> ElementTree.Element:
    """The element inside the envelope's Body: the answer, or a Fault."""
    root = _tree(body, status)
    soap = _ENVELOPES.get(root.tag, "")
    content = root.find(f"{{{soap}}}Body/*") if soap else None
    if content is not None and content.tag == f"{{{soap}}}Fault":
        return content
    if status != 200:
        raise Unavailable(f"HTTP {status} without a fault")
    if not soap:
        raise Unreadable("Envelope", root.tag)
    if content is None:
        raise Unreadable("Envelope.Body", "empty")
    return content


def _tree(body: bytes, status: int) -> ElementTree.Element:
    parser = ElementTree.XMLParser(target=_Tree())  # noqa: S314 - see _Tree
    try:
        parser.feed(body)
        root = parser.close()
    except (ElementTree.ParseError, ValueError, LookupError) as broken:  # the last two: odd encodings
        raise Unavailable(f"HTTP {status}, not XML: {broken}") from None
    except Unreadable as strange:
        if status == 200:
            raise
        raise Unavailable(f"HTTP {status}: {strange}") from None
    if root.tag.rpartition("}")[2].lower() == "html":
        raise Unavailable(f"HTTP {status}, an HTML page")
    return root


_MALFORMED = ("формат данных запроса не соответствует", "format of the request data is invalid")


def _read_fault(reply: Reply, fault: ElementTree.Element) -> Reading:
    details = {
        element.tag.removeprefix(f"{{{_DATA}}}").removesuffix("Reason"): " ".join(
            "".join(element.itertext()).split()
        )
        for element in fault.iter()
    }
    if "AuthorizationFault" in details:
        raise Denied(details["AuthorizationFault"])
    if "LanguageFault" in details:
        raise Refused(details["LanguageFault"])
    words = details.get("OperationHistoryFault", "")
    if any(known in words.lower() for known in _MALFORMED):
        return Reading((Report(_asked(reply), Outcome.WRONG_NUMBER, message=words),))
    raise Unavailable(words or "a SOAP fault without a known reason")


def _asked(reply: Reply) -> str:
    return reply.numbers[0] if reply.numbers else ""


@dataclass(frozen=True, slots=True)
class _Record:
    """One operation, whichever access reported it."""

    pair: _Pair
    type_name: str
    attribute_name: str
    raw_time: str
    occurred_at: datetime
    zone_basis: ZoneBasis
    zone: str
    index: str
    place: str
    country: str


@dataclass(frozen=True, slots=True)
class _Journey:
    """From where to where, and whether a courier brings it. Countries are empty when unknown."""

    origin: str
    destination: str
    courier: bool


def _read_history(reply: Reply, payload: ElementTree.Element) -> Reading:
    if payload.tag != f"{{{_HISTORY}}}getOperationHistoryResponse":
        raise Unreadable("Envelope.Body", payload.tag)
    data = payload.find(f"{{{_DATA}}}OperationHistoryData")
    if data is None:
        raise Unreadable("getOperationHistoryResponse.OperationHistoryData", "missing")
    elements = data.findall(f"{{{_DATA}}}historyRecord")
    barcodes = list(dict.fromkeys(filter(None, (_value(e, "ItemParameters.Barcode") for e in elements))))
    number = _asked(reply) or (barcodes[0] if barcodes else "")
    if not elements:
        return Reading((Report(number, Outcome.NOT_FOUND),))
    # An item may get a new number on its way, so others may stand beside ours; without ours it is another's.
    if barcodes and number.upper() not in barcodes:
        raise Unreadable("historyRecord.ItemParameters.Barcode", barcodes[0])
    records = [_history_record(element, f"historyRecord[{i}]") for i, element in enumerate(elements)]
    journey = _Journey(
        _first(elements, "AddressParameters.CountryFrom.Code2A") or _origin(number),
        _first(elements, "AddressParameters.MailDirect.Code2A") or _home(number),
        _is_ems(number) or _last(elements, "ItemParameters.MailType.Id") in _COURIER_KINDS,
    )
    masses = (_value(elements[i], "ItemParameters.Mass") for i in _latest_first(records))
    report = _report(number, records, journey)
    return Reading(
        (
            replace(
                report,
                aliases=tuple(Alias(other, SLUG) for other in barcodes if other != number.upper()),
                service=_last(elements, "ItemParameters.ComplexItemName"),
                weight_g=next(
                    (int(mass) for mass in masses if re.fullmatch("0*[1-9][0-9]{0,6}", mass)), None
                ),
            ),
        )
    )


def _history_record(element: ElementTree.Element, where: str) -> _Record:
    operation = f"{where}.OperationParameters"
    if element.find(_path("OperationParameters.OperAttr")) is None:
        raise Unreadable(f"{operation}.OperAttr", "missing")
    raw_time = _value(element, "OperationParameters.OperDate")
    occurred_at, zone = _moment(raw_time, f"{operation}.OperDate")
    index = _value(element, "AddressParameters.OperationAddress.Index")
    return _Record(
        pair=(
            _integer(_value(element, "OperationParameters.OperType.Id"), f"{operation}.OperType.Id"),
            _integer(_value(element, "OperationParameters.OperAttr.Id") or "0", f"{operation}.OperAttr.Id"),
        ),
        type_name=_value(element, "OperationParameters.OperType.Name"),
        attribute_name=_value(element, "OperationParameters.OperAttr.Name"),
        raw_time=raw_time,
        occurred_at=occurred_at,
        zone_basis=ZoneBasis.GIVEN,
        zone=zone,
        index=index,
        place=_value(element, "AddressParameters.OperationAddress.Description") or index,
        country=_country(_value(element, "AddressParameters.CountryOper.Code2A")) or _country_of_index(index),
    )


def _path(dotted: str) -> str:
    return "/".join(f"{{{_DATA}}}{name}" for name in dotted.split("."))


def _value(element: ElementTree.Element, dotted: str) -> str:
    return " ".join(element.findtext(_path(dotted), "").split())


def _first(elements: Sequence[ElementTree.Element], dotted: str) -> str:
    return next((code for element in elements if (code := _country(_value(element, dotted)))), "")


def _last(elements: Sequence[ElementTree.Element], dotted: str) -> str:
    return next((text for element in reversed(elements) if (text := _value(element, dotted))), "")


def _latest_first(records: Sequence[_Record]) -> list[int]:
    return sorted(range(len(records)), key=lambda i: (records[i].occurred_at, i), reverse=True)


def _integer(text: str, where: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", text):
        raise Unreadable(where, text)
    return int(text)


def _moment(text: str, where: str) -> tuple[datetime, str]:
    """The moment in UTC and the offset it was given with (``2026-03-12T18:08:00.000+03:00``)."""
    offset = re.search("T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})$", text)
    if offset is None:
        raise Unreadable(where, text)
    try:
        return datetime.fromisoformat(text).astimezone(UTC), offset[1].replace("Z", "+00:00")
    except (ValueError, OverflowError):
        raise Unreadable(where, text) from None


def _country(code: str) -> str:
    return code if code in ASSIGNED else ""


def _country_of_index(index: str) -> str:
    return "RU" if re.fullmatch("[0-9]{6}", index) else ""


_S10 = re.compile("[A-Z]{2}[0-9]{9}([A-Z]{2})")


def _origin(number: str) -> str:
    """The country whose post gave the number."""
    s10 = _S10.fullmatch(number.upper())
    return _country(s10[1]) if s10 else _home(number)


def _home(number: str) -> str:
    """Russia for a number of 14 digits, which never leaves it."""
    return "RU" if re.fullmatch("[0-9]{14}", number) else ""


def _is_ems(number: str) -> bool:
    return number[:1].upper() == "E" and _S10.fullmatch(number.upper()) is not None


def _read_ticket(reply: Reply, payload: ElementTree.Element) -> Reading:
    if payload.tag != f"{{{_BATCH}}}ticketResponse":
        raise Unreadable("Envelope.Body", payload.tag)
    error = payload.find("error")
    if error is not None:
        raise _batch_error(error, "ticketResponse.error@ErrorTypeID")
    token = (payload.findtext("value") or "").strip()
    if not token:
        raise Unreadable("ticketResponse.value", token)
    left_out = tuple(_unanswered(number) for number in reply.numbers if len(number) > _LONGEST)
    return Reading(left_out, Ticket(token, "answer", _PAUSE_S))


def _batch_error(error: ElementTree.Element, where: str) -> CarrierError:
    code, words = error.get("ErrorTypeID", ""), error.get("ErrorName", "")
    if code == "3":
        return Denied(words)
    if code == "16":
        return Unavailable(words)
    if code in {"2", "18", "20", "21", "22"}:
        return Refused(f"{code}: {words}")
    return Unreadable(where, code)


def _read_answer(reply: Reply, payload: ElementTree.Element) -> Reading:
    if payload.tag != f"{{{_BATCH}}}answerByTicketResponse":
        raise Unreadable("Envelope.Body", payload.tag)
    error = payload.find("error")
    if error is not None and error.get("ErrorTypeID") == "6":
        return Reading(ticket=Ticket("", "answer", _PAUSE_S))
    if error is not None and error.get("ErrorTypeID") == "17":
        return Reading(tuple(_temporary(number, error.get("ErrorName", "")) for number in reply.numbers))
    if error is not None:
        raise _batch_error(error, "answerByTicketResponse.error@ErrorTypeID")
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
    records = [_batch_record(operation, f"{where}.Operation[{i}]") for i, operation in enumerate(operations)]
    entered = any(record.pair in _ENTRIES for record in records)
    journey = _Journey(_origin(number), "RU" if entered else _home(number), _is_ems(number))
    return _report(number, records, journey)


def _unanswered(number: str) -> Report:
    if len(number) > _LONGEST:
        return Report(number, Outcome.WRONG_NUMBER)
    return _temporary(number, "not in the answer")


def _temporary(number: str, message: str) -> Report:
    return Report(number, Outcome.TEMPORARY, message=message)


def _batch_record(operation: ElementTree.Element, where: str) -> _Record:
    raw_time, index = operation.get("DateOper", ""), operation.get("IndexOper", "").strip()
    zone = _ZONES.get(index[:3], "") if _country_of_index(index) else ""
    return _Record(
        pair=(
            _integer(operation.get("OperTypeID", ""), f"{where}@OperTypeID"),
            _integer(operation.get("OperCtgID") or "0", f"{where}@OperCtgID"),
        ),
        type_name=" ".join(operation.get("OperName", "").split()),
        attribute_name="",
        raw_time=raw_time,
        occurred_at=_local_moment(raw_time, zone, f"{where}@DateOper"),
        zone_basis=ZoneBasis.CARRIER_RULE if zone else ZoneBasis.UNKNOWN,
        zone=zone,
        index=index,
        place="",  # an index is no place to show, and would make two of one scan beside the single access
        country=_country_of_index(index),
    )


def _local_moment(text: str, zone: str, where: str) -> datetime:
    """The moment in UTC; an unknown zone is read as Moscow's, between those where such items are scanned."""
    clock = ZoneInfo(zone or "Europe/Moscow")
    try:
        return datetime.strptime(text, "%d.%m.%Y %H:%M:%S").replace(tzinfo=clock).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable(where, text) from None


def _report(number: str, records: Sequence[_Record], journey: _Journey) -> Report:
    """The events in the order of time, each repeated record once."""
    unique = {(record.pair, record.occurred_at, record.index, record.place): record for record in records}
    ordered = sorted(unique.values(), key=lambda record: record.occurred_at)
    cancels = _cancellations(ordered)
    return Report(
        number,
        Outcome.FOUND,
        events=tuple(_events(ordered, cancels, journey)),
        origin=journey.origin,
        destination=journey.destination,
        unmapped=sum(record.pair not in _OPERATIONS for record in ordered),
    )


def _cancellations(ordered: Sequence[_Record]) -> Mapping[int, int]:
    """Positions of cancelling records and of what each cancels: the nearest earlier one at the same place."""
    cancels: dict[int, int] = {}
    standing: dict[tuple[str, str], list[int]] = {}
    for position, record in enumerate(ordered):
        here = standing.setdefault((record.index, record.place), [])
        if record.pair[0] != _CANCELLATION:
            here.append(position)
        elif here:
            cancels[position] = here.pop()
    return cancels


def _events(ordered: Sequence[_Record], cancels: Mapping[int, int], journey: _Journey) -> Iterator[Event]:
    cancelled = frozenset(cancels.values())
    last_refusal = max((i for i, record in enumerate(ordered) if record.pair in _REFUSALS), default=-1)
    direction = Direction.FORWARD
    for position, record in enumerate(ordered):
        operation = _OPERATIONS.get(record.pair) or _TYPES.get(record.pair[0])
        if operation and operation.code == "ret.started" and position not in cancelled:
            direction = Direction.RETURN
        event = _event(record, operation, journey, direction)
        if record.pair == _PROHIBITED and event.code == "imp.customs_held" and position < last_refusal:
            event = replace(event, code="imp.terminated")
        if position in cancels:
            event = replace(event, raw_code=_code_text(ordered[cancels[position]].pair), withdraws=True)
        yield event


def _event(record: _Record, operation: _Operation | None, journey: _Journey, direction: Direction) -> Event:
    code = _code(record, operation, journey, direction)
    text, language = _wording(record, operation)
    return Event(
        code=code,
        reason=operation.reason if operation else "",
        raw_code=_code_text(record.pair),
        raw_text=text,
        raw_time=record.raw_time,
        occurred_at=record.occurred_at,
        zone_basis=record.zone_basis,
        zone=record.zone,
        text_language=language,
        place=record.place,
        country=record.country,
        direction=Direction.RETURN if code == "ret.done" else direction,
    )


def _code_text(pair: _Pair) -> str:
    return f"{pair[0]}:{pair[1]}"


def _code(record: _Record, operation: _Operation | None, journey: _Journey, direction: Direction) -> str:
    if operation is None:
        return "sys.unmapped"
    if record.pair == _AT_DELIVERY and journey.courier:
        return "last.office_in"
    # On its way back an item leaves the country it was sent to.
    origin, destination = journey.origin, journey.destination
    if direction is Direction.RETURN:
        origin, destination = destination, origin
    if not record.country or origin == destination:
        return operation.code
    if record.country == origin:
        return operation.in_origin or operation.code
    if record.country == destination:
        return operation.in_destination or operation.code
    return (operation.in_transit if origin and destination else "") or operation.code


def _wording(record: _Record, operation: _Operation | None) -> tuple[str, str]:
    """The carrier's words and their language. The batch answer leaves the attribute to the dictionary."""
    kind, attribute = record.type_name, record.attribute_name
    language = "ru" if not kind or re.search("[а-яё]", kind, re.IGNORECASE) else "en"
    if operation:
        russian = language == "ru"
        kind = kind or operation.type_ru
        attribute = attribute or (operation.attribute_ru if russian else operation.attribute_en)
    return ": ".join(filter(None, (kind, attribute))) or _code_text(record.pair), language
