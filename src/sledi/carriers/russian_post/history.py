"""One number at once: the access rtm34, SOAP 1.2."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree

from sledi.carriers.russian_post.journey import (
    Journey,
    Record,
    country,
    country_of_index,
    home_of,
    is_ems,
    origin_of,
    report_of,
)
from sledi.carriers.russian_post.soap import SOAP_11, SOAP_12, escape, integer
from sledi.core.carrier import (
    Alias,
    Denied,
    Outcome,
    Reading,
    Refused,
    Reply,
    Report,
    Unavailable,
    Unreadable,
    ZoneBasis,
)
from sledi.core.replies import one_line

_HISTORY = "http://russianpost.org/operationhistory"
_DATA = "http://russianpost.org/operationhistory/data"
# Kinds of item (MailType) that a courier brings: EMS in its forms, "courier" parcels and letters.
_COURIER_KINDS = frozenset({"7", "24", "28", "30", "31", "33", "34", "41", "43", "49"})


def request(number: str, login: str, password: str, language: str) -> str:
    """The envelope that asks for one number's history. ``language`` is RUS or ENG."""
    # The attribute mustUnderstand belongs to SOAP 1.1 although the envelope is SOAP 1.2: so it is published.
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<soap:Envelope xmlns:soap="{SOAP_12}" xmlns:oper="{_HISTORY}"
 xmlns:data="{_DATA}" xmlns:soapenv="{SOAP_11}">
 <soap:Header/>
 <soap:Body>
  <oper:getOperationHistory>
   <data:OperationHistoryRequest>
    <data:Barcode>{escape(number.upper())}</data:Barcode>
    <data:MessageType>0</data:MessageType>
    <data:Language>{language}</data:Language>
   </data:OperationHistoryRequest>
   <data:AuthorizationHeader soapenv:mustUnderstand="1">
    <data:login>{escape(login)}</data:login>
    <data:password>{escape(password)}</data:password>
   </data:AuthorizationHeader>
  </oper:getOperationHistory>
 </soap:Body>
</soap:Envelope>"""


def read(reply: Reply, payload: ElementTree.Element) -> Reading:
    """The report in an answer. Raises Unreadable."""
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
    records = [_record(element, f"historyRecord[{i}]") for i, element in enumerate(elements)]
    journey = Journey(
        _first(elements, "AddressParameters.CountryFrom.Code2A") or origin_of(number),
        _first(elements, "AddressParameters.MailDirect.Code2A") or home_of(number),
        is_ems(number) or _last(elements, "ItemParameters.MailType.Id") in _COURIER_KINDS,
    )
    masses = (_value(elements[i], "ItemParameters.Mass") for i in _latest_first(records))
    report = replace(
        report_of(number, records, journey),
        aliases=tuple(Alias(other, "russian_post") for other in barcodes if other != number.upper()),
        service=_last(elements, "ItemParameters.ComplexItemName"),
        weight_g=next((int(mass) for mass in masses if re.fullmatch("0*[1-9][0-9]{0,6}", mass)), None),
    )
    return Reading((report,))


def _record(element: ElementTree.Element, where: str) -> Record:
    operation = f"{where}.OperationParameters"
    if element.find(_path("OperationParameters.OperAttr")) is None:
        raise Unreadable(f"{operation}.OperAttr", "missing")
    raw_time = _value(element, "OperationParameters.OperDate")
    occurred_at, zone = _moment(raw_time, f"{operation}.OperDate")
    index = _value(element, "AddressParameters.OperationAddress.Index")
    return Record(
        pair=(
            integer(_value(element, "OperationParameters.OperType.Id"), f"{operation}.OperType.Id"),
            integer(_value(element, "OperationParameters.OperAttr.Id") or "0", f"{operation}.OperAttr.Id"),
        ),
        type_name=_value(element, "OperationParameters.OperType.Name"),
        attribute_name=_value(element, "OperationParameters.OperAttr.Name"),
        raw_time=raw_time,
        occurred_at=occurred_at,
        zone_basis=ZoneBasis.GIVEN,
        zone=zone,
        index=index,
        place=_value(element, "AddressParameters.OperationAddress.Description") or index,
        country=country(_value(element, "AddressParameters.CountryOper.Code2A")) or country_of_index(index),
    )


def _path(dotted: str) -> str:
    return "/".join(f"{{{_DATA}}}{name}" for name in dotted.split("."))


def _value(element: ElementTree.Element, dotted: str) -> str:
    return one_line(element.findtext(_path(dotted)))


def _first(elements: Sequence[ElementTree.Element], dotted: str) -> str:
    return next((code for element in elements if (code := country(_value(element, dotted)))), "")


def _last(elements: Sequence[ElementTree.Element], dotted: str) -> str:
    return next((text for element in reversed(elements) if (text := _value(element, dotted))), "")


def _latest_first(records: Sequence[Record]) -> list[int]:
    return sorted(range(len(records)), key=lambda i: (records[i].occurred_at, i), reverse=True)


def _moment(text: str, where: str) -> tuple[datetime, str]:
    """The moment in UTC and the offset it was given with (``2026-03-12T18:08:00.000+03:00``)."""
    offset = re.search("T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})$", text)
    if offset is None:
        raise Unreadable(where, text)
    try:
        return datetime.fromisoformat(text).astimezone(UTC), offset[1].replace("Z", "+00:00")
    except (ValueError, OverflowError):
        raise Unreadable(where, text) from None


_MALFORMED = ("формат данных запроса не соответствует", "format of the request data is invalid")


def read_fault(reply: Reply, fault: ElementTree.Element) -> Reading:
    """A number called wrong. Raises Denied, Refused or, for all that is not known better, Unavailable."""
    details = {
        element.tag.removeprefix(f"{{{_DATA}}}").removesuffix("Reason"): one_line("".join(element.itertext()))
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
