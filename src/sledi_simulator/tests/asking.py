"""How a client asks each carrier, written from the contracts and not from the simulator's own code."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

import httpx

from sledi_simulator import Limits, Options, Running
from sledi_simulator.limits import GENEROUS

START = datetime(2026, 5, 14, 9, 0, tzinfo=UTC)  # a Thursday

SOAP12 = "{http://www.w3.org/2003/05/soap-envelope}"
SOAP11 = "{http://schemas.xmlsoap.org/soap/envelope/}"
OPER = "{http://russianpost.org/operationhistory}"
DATA = "{http://russianpost.org/operationhistory/data}"
POSTSERVER = "{http://fclient.russianpost.org/postserver}"
FCLIENT = "{http://fclient.russianpost.org}"

BEARER = {"Authorization": "Bearer secret"}
TOKEN = {"17token": "secret"}


def standing_still(limits: Limits = GENEROUS) -> Options:
    """A simulator whose clock moves only when it is told to."""
    return Options(speed=0, start=START, limits=limits)


def client_of(run: Running) -> httpx.Client:
    """A client of a simulator; without TLS there are no certificates to load."""
    return httpx.Client(base_url=run.url, timeout=5, verify=False)


def history(
    client: httpx.Client,
    number: str,
    *,
    language: str = "RUS",
    password: str = "secret",
    message_type: int = 0,
) -> httpx.Response:
    envelope = f"""<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope"
  xmlns:oper="http://russianpost.org/operationhistory"
  xmlns:data="http://russianpost.org/operationhistory/data"
  xmlns:se="http://schemas.xmlsoap.org/soap/envelope/">
 <soap:Header/>
 <soap:Body>
  <oper:getOperationHistory>
   <data:OperationHistoryRequest>
    <data:Barcode>{number}</data:Barcode>
    <data:MessageType>{message_type}</data:MessageType>
    <data:Language>{language}</data:Language>
   </data:OperationHistoryRequest>
   <data:AuthorizationHeader se:mustUnderstand="1">
    <data:login>demo</data:login><data:password>{password}</data:password>
   </data:AuthorizationHeader>
  </oper:getOperationHistory>
 </soap:Body>
</soap:Envelope>"""
    headers = {"Content-Type": "application/soap+xml; charset=UTF-8"}
    return client.post("/russian_post/rtm34", content=envelope.encode(), headers=headers)


def records(response: httpx.Response) -> list[ET.Element]:
    return ET.fromstring(response.content).findall(
        f"{SOAP12}Body/{OPER}getOperationHistoryResponse/{DATA}OperationHistoryData/{DATA}historyRecord"
    )


def operations(response: httpx.Response) -> list[str]:
    """The operations as "8:2", in the order of the answer."""
    path = f"{DATA}OperationParameters/{DATA}"
    return [
        f"{record.findtext(f'{path}OperType/{DATA}Id')}:{record.findtext(f'{path}OperAttr/{DATA}Id')}"
        for record in records(response)
    ]


def fault(response: httpx.Response) -> str:
    """The name of the one element in a fault's detail."""
    detail = ET.fromstring(response.content).find(f"{SOAP12}Body/{SOAP12}Fault/{SOAP12}Detail")
    assert detail is not None
    (reason,) = detail
    return reason.tag.removeprefix(DATA)


def ticket(
    client: httpx.Client, numbers: Sequence[str], *, password: str = "secret", extra: str = ""
) -> ET.Element:
    items = "".join(f'<fcl:Item Barcode="{number}"/>' for number in numbers)
    return _batch(
        client,
        f"<pos:ticketRequest><request>{items}</request><login>demo</login>"
        f"<password>{password}</password><language>RUS</language>{extra}</pos:ticketRequest>",
    )


def collect(client: httpx.Client, token: str) -> ET.Element:
    return _batch(
        client,
        f"<pos:answerByTicketRequest><ticket>{token}</ticket><login>demo</login>"
        "<password>secret</password></pos:answerByTicketRequest>",
    )


def error(response: ET.Element) -> str:
    """The number of the error at the root of an answer of fc."""
    found = response.find("error")
    assert found is not None
    return found.attrib["ErrorTypeID"]


def _batch(client: httpx.Client, body: str) -> ET.Element:
    envelope = (
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns:pos="http://fclient.russianpost.org/postserver" xmlns:fcl="http://fclient.russianpost.org">'
        f"<soapenv:Header/><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    )
    headers = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": ""}
    response = client.post("/russian_post/fc", content=envelope.encode(), headers=headers)
    found = ET.fromstring(response.content).find(f"{SOAP11}Body")
    assert found is not None
    return found[0]


def statuses(client: httpx.Client, number: str, language: str = "UA") -> httpx.Response:
    query = {"barcode": number, "lang": language}
    return client.get("/ukrposhta/status-tracking/0.0.1/statuses", params=query, headers=BEARER)


def belpost(client: httpx.Client, number: str) -> httpx.Response:
    return client.post("/belpost/api/v1/tracking", data={"number": number})


def seventeentrack(client: httpx.Client, method: str, content: object, version: str = "v2.2") -> Any:
    response = client.post(f"/seventeentrack/track/{version}/{method}", json=content, headers=TOKEN)
    assert response.status_code == 200
    return response.json()


def send(client: httpx.Client, number: str, *scans: tuple[str, str, str]) -> None:
    """Puts a parcel into the world, scan by scan: kind, place, moment."""
    rows = [{"kind": kind, "place": place, "at": at} for kind, place, at in scans]
    response = client.post("/_control/journeys", json={"number": number, "scans": rows})
    assert response.status_code == 200, response.text


def registered_info(client: httpx.Client, number: str, **fields: object) -> Any:
    """Registers a number and gives its one accepted item of gettrackinfo."""
    seventeentrack(client, "register", [{"number": number, **fields}])
    (item,) = seventeentrack(client, "gettrackinfo", [{"number": number}])["data"]["accepted"]
    return item


def md5(*parts: str) -> str:
    return hashlib.md5("".join(parts).encode()).hexdigest().upper()


def query(client: httpx.Client, **param: str) -> Any:
    text = json.dumps(param, ensure_ascii=False)
    form = {"customer": "demo", "sign": md5(text, "secret", "demo"), "param": text}
    return client.post("/kuaidi100/poll/query.do", data=form).json()


def subscribe(client: httpx.Client, company: str, number: str, **parameters: str) -> Any:
    param = {"company": company, "number": number, "key": "secret", "parameters": parameters}
    return client.post("/kuaidi100/poll", data={"schema": "json", "param": json.dumps(param)}).json()


def shape(document: object) -> object:
    """The fields and types of a JSON document; of lists the shape of the first element."""
    if isinstance(document, Mapping):
        return {name: shape(value) for name, value in document.items()}
    if isinstance(document, list):
        return [shape(document[0])] if document else []
    return type(document).__name__
