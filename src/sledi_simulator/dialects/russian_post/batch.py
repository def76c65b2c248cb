"""Russian Post, batch access (fc): a ticket for up to 3000 numbers now, the answer to it later.

Times are local wall clocks without an offset, and there are no places but an index, no names of
attributes, no masses. How the service answers a client that polls too often is not published: here it is
error 6, "not ready".
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from sledi_simulator.bad_days import BadDay, Today
from sledi_simulator.dialects.russian_post.operations import TYPES, spoken
from sledi_simulator.dialects.russian_post.soap import SOAP11, Branch, document, read_document
from sledi_simulator.wire import Answer, Ask
from sledi_simulator.world import LOGIN, SECRET, World

SERVER_NS = "http://fclient.russianpost.org/postserver"
CLIENT_NS = "http://fclient.russianpost.org"
CONTENT_TYPE = "text/xml; charset=UTF-8"
MOSCOW = ZoneInfo("Europe/Moscow")
NUMBERS_MAX = 3000
NUMBER_LENGTH_MAX = 14
FILE_NAME_LENGTH_MAX = 255
TICKETS_MAX = 10_000

ERRORS = {
    2: "Запрос не соответствует формату",
    3: "Ошибка авторизации",
    6: "Ответ ещё не готов",
    12: "Нет информации об отправлении",
    16: "Внутренняя ошибка сервиса",
    17: "Ответ удалён или билет не существует",
    18: "Превышено количество отправлений в запросе",
    20: "Язык не поддерживается",
    21: "Превышена длина идентификатора отправления",
    22: "Превышена длина имени файла",
}


@dataclass(slots=True)
class Ticket:
    """What was asked for, when, and when the answer was last asked for."""

    numbers: tuple[str, ...]
    language: str
    made_at: datetime
    polled_at: datetime | None = None


class BatchAccess:
    """The fc service. Safe to use from several threads."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._lock = threading.Lock()
        self._tickets: dict[str, Ticket] = {}

    def numbers(self, ask: Ask) -> Sequence[str]:
        request = _request(ask)
        if request is None:
            return ()
        with self._lock:
            ticket = self._tickets.get(request.findtext("ticket", ""))
        return ticket.numbers if ticket else _barcodes(request)

    def newly_asked(self, ask: Ask) -> Sequence[str]:
        request = _request(ask)
        return _barcodes(request) if request is not None else ()

    def answer(self, ask: Ask, today: Today) -> Answer:
        request = _request(ask)
        if request is None:
            return _error("ticketResponse", 2)
        response = "ticketResponse" if _is_new(request) else "answerByTicketResponse"
        if (request.findtext("login"), request.findtext("password")) != (LOGIN, SECRET):
            return _error(response, 3)
        if _is_new(request):
            return self._make_ticket(request)
        return self._collect(request.findtext("ticket", ""), today)

    def refuse(self, day: BadDay, ask: Ask) -> Answer:
        request = _request(ask)
        is_new = request is None or _is_new(request)
        response = "ticketResponse" if is_new else "answerByTicketResponse"
        match day:
            case BadDay.DENIED:
                return _error(response, 3)
            case BadDay.THROTTLED:
                return _error(response, 16 if is_new else 6)
            case BadDay.BATCH_LIMIT:
                return _error(response, 18)
            case BadDay.MALFORMED_NUMBER:
                return _error(response, 21)
            case _:
                return self._value(dict.fromkeys(self.numbers(ask)))

    def _make_ticket(self, request: ET.Element) -> Answer:
        numbers = _barcodes(request)
        error = _fault_of(request, numbers)
        if error:
            return _error("ticketResponse", error)
        now = self.world.clock.now()
        with self._lock:
            self._drop_expired(now)
            token = _token(now)
            while token in self._tickets:
                now += timedelta(milliseconds=1)
                token = _token(now)
            self._tickets[token] = Ticket(
                numbers, request.findtext("language", "RUS"), self.world.clock.now()
            )
        response = Branch("ticketResponse", SERVER_NS)
        response.leaf("value", token, "")
        return Answer(200, document(SOAP11, response.element), CONTENT_TYPE)

    def _collect(self, token: str, today: Today) -> Answer:
        now, limits = self.world.clock.now(), self.world.limits
        with self._lock:
            self._drop_expired(now)
            ticket = self._tickets.get(token)
            if ticket is None:
                return _error("answerByTicketResponse", 17)
            ready_at = ticket.made_at + timedelta(seconds=limits.ticket_ready_s)
            rested_at = (ticket.polled_at or ticket.made_at) + timedelta(seconds=limits.ticket_spacing_s)
            ticket.polled_at = now
        if now < ready_at or now < rested_at:
            return _error("answerByTicketResponse", 6)
        return self._value(dict.fromkeys(ticket.numbers, today), is_english=ticket.language == "ENG")

    def _drop_expired(self, now: datetime) -> None:
        kept = timedelta(seconds=self.world.limits.ticket_kept_s)
        for token in [token for token, ticket in self._tickets.items() if ticket.made_at + kept <= now]:
            del self._tickets[token]
        while len(self._tickets) > TICKETS_MAX:
            del self._tickets[next(iter(self._tickets))]

    def _value(self, days: dict[str, Today | None], *, is_english: bool = False) -> Answer:
        """The answer about numbers; a number without a day is one nothing is known of."""
        response = Branch("answerByTicketResponse", SERVER_NS)
        prepared_at = f"{self.world.clock.now().astimezone(MOSCOW):%d.%m.%Y %H:%M:%S}"
        value = response.branch("value", "").attributes(
            FileName="F", FileTypeID=1, FileNumber=1, RecipientID=1, DatePreparation=prepared_at
        )
        for number, today in days.items():
            self._item(value, number, today, is_english=is_english)
        return Answer(200, document(SOAP11, response.element), CONTENT_TYPE)

    def _item(self, value: Branch, number: str, today: Today | None, *, is_english: bool) -> None:
        telling = self.world.told("russian_post", number, today) if today else None
        operations = spoken(telling) if telling else []
        item = value.branch("Item", CLIENT_NS)
        item.attributes(Barcode=telling.number if telling else number)
        if not operations:
            item.branch("Error").attributes(ErrorTypeID=12, ErrorName=ERRORS[12])
        for scan, at, (kind, attribute) in operations:
            item.branch("Operation").attributes(
                OperTypeID=kind,
                OperCtgID=attribute,
                OperName=TYPES[kind][1 if is_english else 0],
                DateOper=f"{at.astimezone(scan.place.zone):%d.%m.%Y %H:%M:%S}",
                IndexOper=scan.place.index if scan.place.country == "RU" else "",
            )


def _request(ask: Ask) -> ET.Element | None:
    envelope = read_document(ask.body) if ask.method == "POST" else None
    body = envelope.find(f"{{{SOAP11}}}Body") if envelope is not None else None
    if body is None:
        return None
    new = body.find(f"{{{SERVER_NS}}}ticketRequest")
    return new if new is not None else body.find(f"{{{SERVER_NS}}}answerByTicketRequest")


def _is_new(request: ET.Element) -> bool:
    return request.tag == f"{{{SERVER_NS}}}ticketRequest"


def _barcodes(request: ET.Element) -> tuple[str, ...]:
    items = request.findall(f"request/{{{CLIENT_NS}}}Item")
    return tuple(item.get("Barcode", "") for item in items)


def _fault_of(request: ET.Element, numbers: Sequence[str]) -> int:
    """The error a new ticket is refused with, 0 when it is none."""
    if not numbers or not all(numbers):
        return 2
    if len(numbers) > NUMBERS_MAX:
        return 18
    if request.findtext("language", "RUS") not in ("RUS", "ENG"):
        return 20
    if any(len(number) > NUMBER_LENGTH_MAX for number in numbers):
        return 21
    content = request.find("request")
    return 22 if content is not None and len(content.get("FileName", "")) > FILE_NAME_LENGTH_MAX else 0


def _token(moment: datetime) -> str:
    local = moment.astimezone(MOSCOW)
    return f"{local:%Y%m%d%H%M%S}{local.microsecond // 1000:03d}{LOGIN.upper()}"


def _error(response: str, code: int) -> Answer:
    branch = Branch(response, SERVER_NS)
    branch.branch("error", "").attributes(ErrorTypeID=code, ErrorName=ERRORS[code])
    return Answer(200, document(SOAP11, branch.element), CONTENT_TYPE)
