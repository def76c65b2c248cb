"""Replies of Russian Post, built for the tests from the contract's words."""

from pathlib import Path
from xml.sax.saxutils import escape

from sledi.core.carrier import Reply

EXAMPLES = Path(__file__).parents[4] / "tests" / "contracts" / "russian_post"
DATA = "http://russianpost.org/operationhistory/data"


def example(name: str) -> bytes:
    return (EXAMPLES / name).read_bytes()


def record(
    pair: str,
    date: str = "2026-03-12T18:08:00.000+03:00",
    *,
    barcode: str = "RB481503678CN",
    country: str = "",
    origin: str = "",
    destination: str = "",
    index: str = "",
    place: str = "",
    kind: str = "",
    name: str = "Обработка",
    attribute: str = "",
    mass: str = "",
    item: str = "",
    receiver: str = "",
) -> str:
    """One historyRecord; empty values leave the element out."""
    kind_id, attribute_id = pair.split(":")
    return _e(
        "historyRecord",
        _e(
            "AddressParameters",
            _e("OperationAddress", _e("Index", index) + _e("Description", place)) or "<d:OperationAddress/>",
            _e("MailDirect", _e("Code2A", destination)),
            _e("CountryFrom", _e("Code2A", origin)),
            _e("CountryOper", _e("Code2A", country)),
        ),
        _e(
            "ItemParameters",
            _e("Barcode", barcode),
            _e("ComplexItemName", item),
            _e("MailType", _e("Id", kind)),
            _e("Mass", mass),
        ),
        _e(
            "OperationParameters",
            _e("OperType", _e("Id", kind_id) + _e("Name", name)),
            _e("OperAttr", _e("Id", attribute_id) + _e("Name", attribute)),
            _e("OperDate", date),
        ),
        _e("UserParameters", _e("Rcpn", receiver)),
    )


def _e(name: str, *content: str) -> str:
    inside = "".join(content)
    text = inside if inside.startswith("<d:") else escape(inside)
    return f"<d:{name}>{text}</d:{name}>" if inside else ""


def history(*records: str, number: str = "RB481503678CN", status: int = 200) -> Reply:
    body = (
        '<S:Envelope xmlns:S="http://www.w3.org/2003/05/soap-envelope"><S:Body>'
        f'<h:getOperationHistoryResponse xmlns:h="http://russianpost.org/operationhistory" xmlns:d="{DATA}">'
        f"<d:OperationHistoryData>{''.join(records)}</d:OperationHistoryData>"
        "</h:getOperationHistoryResponse></S:Body></S:Envelope>"
    )
    return Reply(status, body.encode(), "history", (number,))


def batch(kind: str, content: str, *numbers: str, status: int = 200) -> Reply:
    name = {"ticket": "ticketResponse", "answer": "answerByTicketResponse"}[kind]
    body = (
        '<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body>'
        f'<ns2:{name} xmlns:ns2="http://fclient.russianpost.org/postserver"'
        f' xmlns:ns3="http://fclient.russianpost.org">{content}</ns2:{name}></S:Body></S:Envelope>'
    )
    return Reply(status, body.encode(), kind, numbers)


def operation(
    pair: str, date: str = "12.03.2026 09:41:00", index: str = "101000", name: str = "Обработка"
) -> str:
    kind, attribute = pair.split(":")
    return (
        f'<ns3:Operation OperTypeID="{kind}" OperCtgID="{attribute}" OperName="{name}"'
        f' DateOper="{date}" IndexOper="{index}"/>'
    )


def item(number: str, *content: str) -> str:
    return f'<ns3:Item Barcode="{number}">{"".join(content)}</ns3:Item>'


def answer(*items: str, numbers: tuple[str, ...] = ()) -> Reply:
    return batch("answer", f"<value>{''.join(items)}</value>", *numbers)
