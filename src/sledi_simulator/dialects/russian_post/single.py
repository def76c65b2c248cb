"""Russian Post: single access (rtm34, SOAP 1.2) and, in ``batch``, batch access (fc, SOAP 1.1).

Written to the specification of single and batch access of tracking.pochta.ru and its WSDL. Oldest record
first; times with milliseconds and the offset of the place; money in kopecks, mass in grams; no index for
operations abroad. A withdrawn operation stays, followed by 26:2. The daily limit of an account without a
contract is an authorisation fault; its wording is ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET

from sledi_simulator import barcodes
from sledi_simulator.bad_days import BadDay, Today
from sledi_simulator.dialects import Dialect
from sledi_simulator.dialects.russian_post.batch import BatchAccess
from sledi_simulator.dialects.russian_post.operations import ATTRIBUTES, TYPES, Operation, spoken
from sledi_simulator.dialects.russian_post.soap import OPERATIONS_NS, SOAP12, Branch, document, read_document
from sledi_simulator.journeys import Scan
from sledi_simulator.places import COUNTRIES, networks
from sledi_simulator.telling import Telling
from sledi_simulator.wire import Answer, Ask
from sledi_simulator.world import LOGIN, SECRET, World

DATA_NS = "http://russianpost.org/operationhistory/data"
CONTENT_TYPE = "application/soap+xml; charset=UTF-8"
DAY_S = 24 * 3600

MALFORMED_TEXT = "Формат данных запроса не соответствует установленному в регламенте обмена"


@dataclass(frozen=True, slots=True)
class Question:
    """A request for the history of operations."""

    barcode: str
    message_type: str
    language: str
    login: str
    password: str


class RussianPost(Dialect):
    """The tracking services of tracking.russianpost.ru."""

    SLUG = "russian_post"
    REFUSES = frozenset(
        {BadDay.DENIED, BadDay.NOT_FOUND, BadDay.MALFORMED_NUMBER, BadDay.THROTTLED, BadDay.BATCH_LIMIT}
    )

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._batch = BatchAccess(world)

    def numbers(self, ask: Ask) -> Sequence[str]:
        if ask.path == "/fc":
            return self._batch.numbers(ask)
        question = _question(ask)
        return (question.barcode,) if question and question.barcode else ()

    def asked(self, ask: Ask) -> Sequence[str]:
        """Collecting the answer to a ticket is no second asking."""
        return self._batch.newly_asked(ask) if ask.path == "/fc" else self.numbers(ask)

    def answer(self, ask: Ask, today: Today) -> Answer:
        if ask.path == "/fc":
            return self._batch.answer(ask, today)
        if ask.path != "/rtm34":
            return Answer(404, b"<html><body>404</body></html>", "text/html; charset=UTF-8")
        if ask.method != "POST":
            return Answer(405, b"<html><body>405</body></html>", "text/html; charset=UTF-8")
        return self._history(_question(ask), today)

    def refuse(self, day: BadDay, ask: Ask) -> Answer:
        if ask.path == "/fc":
            return self._batch.refuse(day, ask)
        match day:
            case BadDay.DENIED:
                return _fault("AuthorizationFaultReason", "Неверный логин или пароль")
            case BadDay.THROTTLED:
                return _fault("AuthorizationFaultReason", "Превышен лимит обращений к сервису за сутки")
            case BadDay.NOT_FOUND:
                return _history_document(())
            case _:
                return _fault("OperationHistoryFaultReason", MALFORMED_TEXT)

    def _history(self, question: Question | None, today: Today) -> Answer:
        if question is None:
            return _fault("OperationHistoryFaultReason", MALFORMED_TEXT)
        if (question.login, question.password) != (LOGIN, SECRET):
            return _fault("AuthorizationFaultReason", "Неверный логин или пароль")
        if question.language not in ("RUS", "ENG"):
            return _fault("LanguageFaultReason", f"Язык {question.language} не поддерживается")
        if not _is_acceptable(question.barcode):
            return _fault("OperationHistoryFaultReason", MALFORMED_TEXT)
        if not self.world.admits("russian_post", self.world.limits.russian_post_per_day, DAY_S):
            return _fault("AuthorizationFaultReason", "Превышен лимит обращений к сервису за сутки")
        telling = self.world.told("russian_post", question.barcode, today)
        if telling is None or question.message_type != "0":
            return _history_document(())
        return _history_document(_records(telling, is_english=question.language == "ENG"))


def _question(ask: Ask) -> Question | None:
    envelope = read_document(ask.body)
    if envelope is None:
        return None
    body = envelope.find(f"{{{SOAP12}}}Body/{{{OPERATIONS_NS}}}getOperationHistory")
    if body is None:
        return None

    def text(path: str, default: str = "") -> str:
        return (
            body.findtext("/".join(f"{{{DATA_NS}}}{name}" for name in path.split("/"))) or default
        ).strip()

    return Question(
        barcode=text("OperationHistoryRequest/Barcode"),
        message_type=text("OperationHistoryRequest/MessageType", "0"),
        language=text("OperationHistoryRequest/Language", "RUS"),
        login=text("AuthorizationHeader/login"),
        password=text("AuthorizationHeader/password"),
    )


def _is_acceptable(barcode: str) -> bool:
    return bool(barcodes.RUSSIAN_DOMESTIC_SHAPE.fullmatch(barcode) or barcodes.S10_SHAPE.fullmatch(barcode))


def _records(telling: Telling, *, is_english: bool) -> list[ET.Element]:
    return [
        _record(telling, scan, at, operation, is_english=is_english)
        for scan, at, operation in spoken(telling)
    ]


def _record(
    telling: Telling, scan: Scan, at: datetime, operation: Operation, *, is_english: bool
) -> ET.Element:
    is_home = scan.place.country == "RU"
    record = Branch("historyRecord", DATA_NS)
    _addresses(record.branch("AddressParameters"), telling, scan, is_home=is_home)
    _finance(record.branch("FinanceParameters"), operation, is_home=is_home)
    _item(record.branch("ItemParameters"), telling, is_home=is_home)
    parameters = record.branch("OperationParameters")
    column = 1 if is_english else 0
    kind, attribute = operation
    parameters.branch("OperType").leaf("Id", kind).leaf("Name", TYPES[kind][column])
    oper_attr = parameters.branch("OperAttr").leaf("Id", attribute)
    if operation in ATTRIBUTES:
        oper_attr.leaf("Name", ATTRIBUTES[operation][column])
    parameters.leaf("OperDate", at.astimezone(scan.place.zone).isoformat(timespec="milliseconds"))
    users = record.branch("UserParameters")
    users.branch("SendCtg").leaf("Id", 1 if is_home else 0)
    users.leaf("Sndr", "").leaf("Rcpn", networks()["RU"].recipient.name if is_home else "")
    return record.element


def _addresses(addresses: Branch, telling: Telling, scan: Scan, *, is_home: bool) -> None:
    office = telling.journey.delivery_place
    if is_home and office.country == "RU":
        addresses.branch("DestinationAddress").leaf("Index", office.index).leaf("Description", office.name)
    operation = addresses.branch("OperationAddress")
    if is_home:
        operation.leaf("Index", scan.place.index)
    operation.leaf("Description", scan.place.name if is_home else scan.place.latin)
    _country(addresses.branch("MailDirect"), telling.journey.destination)
    if is_home:
        _country(addresses.branch("CountryFrom"), telling.journey.origin)
    _country(addresses.branch("CountryOper"), scan.place.country)


def _country(branch: Branch, code: str) -> None:
    country = COUNTRIES[code]
    branch.leaf("Id", country.number).leaf("Code2A", code).leaf("Code3A", country.code3)
    branch.leaf("NameRU", country.ru).leaf("NameEN", country.en)


def _finance(finance: Branch, operation: Operation, *, is_home: bool) -> None:
    finance.leaf("Payment", 0).leaf("Value", 0)
    if is_home:
        finance.leaf("MassRate", 0).leaf("InsrRate", 0).leaf("AirRate", 0).leaf("Rate", 0)
        finance.leaf("CustomDuty", 84_500 if operation in ((14, 6), (14, 13)) else 0)


def _item(item: Branch, telling: Telling, *, is_home: bool) -> None:
    kind, category, name = _item_names(telling.number)
    item.leaf("Barcode", telling.number)
    if is_home:
        item.leaf("ValidRuType", "true").leaf("ValidEnType", "false")
    item.leaf("ComplexItemName", name)
    if is_home:
        item.branch("MailRank").leaf("Id", 0).leaf("Name", "Без разряда")
        item.branch("PostMark").leaf("Id", 0).leaf("Name", "Без отметки")
        item.branch("MailType").leaf("Id", kind[0]).leaf("Name", kind[1])
        item.branch("MailCtg").leaf("Id", category[0]).leaf("Name", category[1])
        item.leaf("Mass", telling.journey.weight_g)


def _item_names(number: str) -> tuple[tuple[int, str], tuple[int, str], str]:
    ordinary = (3, "Обыкновенное")
    match number[0]:
        case "R":
            return (5, "Мелкий пакет"), (1, "Заказное"), "Мелкий пакет заказной"
        case "L" | "U":
            return (5, "Мелкий пакет"), ordinary, "Мелкий пакет"
        case "E":
            return (7, "Отправление EMS"), ordinary, "Отправление EMS обыкновенное"
        case _:
            return (4, "Посылка"), ordinary, "Посылка обыкновенная"


def _history_document(records: Sequence[ET.Element]) -> Answer:
    response = Branch("getOperationHistoryResponse", OPERATIONS_NS)
    history = response.branch("OperationHistoryData", DATA_NS)
    history.element.extend(records)
    return Answer(200, document(SOAP12, response.element), CONTENT_TYPE)


def _fault(reason: str, text: str) -> Answer:
    fault = Branch("Fault", SOAP12)
    fault.branch("Code").leaf("Value", "S:Receiver")
    fault.branch("Reason").leaf("Text", text)
    fault.branch("Detail").leaf(reason, text, DATA_NS)
    return Answer(500, document(SOAP12, fault.element), CONTENT_TYPE)
