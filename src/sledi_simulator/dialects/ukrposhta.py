"""Ukrposhta: status-tracking 0.0.1, a bearer in the header.

Times are wall clocks of the place without a zone, steps do not grow with time, ``event`` is a number in
histories and a string in last events. A parcel is invisible until it is accepted. Sources:
tibezh/ukrposhta-php-sdk, itsvic-dev/parcel, public clients that cite Appendix Б.

The codes of customs and offices of exchange are listed without names in the sources: which of them
means what is our reading of their last digits (..700 in, ..800 out, as in 20700 and 20800). The body of
errors other than UPE02000 is ours too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sledi_simulator.bad_days import BadDay, Today
from sledi_simulator.dialects import Dialect
from sledi_simulator.journeys import Kind, Scan
from sledi_simulator.places import COUNTRIES, networks
from sledi_simulator.telling import Telling, word_for
from sledi_simulator.wire import Answer, Ask, json_answer
from sledi_simulator.world import SECRET

PREFIX = "/status-tracking/0.0.1"
HISTORY_BATCH = 50
LAST_BATCH = 100


@dataclass(frozen=True, slots=True)
class Word:
    """A code, its names, and the reason that comes with it."""

    event: int
    uk: str
    en: str
    reason: str | None = None
    reason_id: int | None = None


WORDS: Mapping[str, Word] = {
    "PRE": Word(10601, "Відправлення створено онлайн, очікує приймання", "Created online, awaits acceptance"),
    "EMA": Word(10100, "Відправлення прийняте у відділенні", "Accepted at the post office"),
    "ORO": Word(20800, "Відправлення відправлено", "Dispatched"),
    "ORI": Word(20700, "Відправлення прибуло до сортувального центру", "Arrived at the sorting centre"),
    "EMB": Word(
        60700, "Надходження до місця міжнародного поштового обміну", "Arrived at the office of exchange"
    ),
    "@EMB": Word(
        24100, "Надходження до місця міжнародного поштового обміну", "Arrived at the office of exchange"
    ),
    "EXA": Word(71200, "Передано на митний контроль (експорт)", "Handed to export customs"),
    "EXB": Word(71200, "Затримано митним контролем (експорт)", "Held by export customs"),
    "EXC": Word(70800, "Випущено митницею (експорт)", "Released by export customs"),
    "EMC": Word(80800, "Відправлено з України", "Departed from Ukraine"),
    "@EMC": Word(27200, "Відправлено з країни відправника", "Departed from the country of origin"),
    "@EMJ": Word(29200, "Надходження до країни транзиту", "Arrived in the transit country"),
    "@EMK": Word(29300, "Відправлено з країни транзиту", "Departed from the transit country"),
    "EMD": Word(82700, "Надходження до місця міжнародного поштового обміну (імпорт)", "Arrived in Ukraine"),
    "@EMD": Word(29500, "Надходження до країни призначення", "Arrived in the country of destination"),
    "EDB": Word(90700, "Передано на митний контроль", "Handed to customs"),
    "EME documents": Word(
        87500, "Затримано митницею: потрібні документи", "Held by customs: documents needed"
    ),
    "EME duty": Word(
        89000, "Затримано митницею: потрібна сплата платежів", "Held by customs: duty to be paid"
    ),
    "EME inspection": Word(87500, "Затримано митницею: огляд", "Held by customs: inspection"),
    "EDC": Word(90800, "Випущено митницею", "Released by customs"),
    "EMF": Word(82800, "Відправлено з місця міжнародного поштового обміну", "Left the office of exchange"),
    "EDD": Word(20700, "Відправлення прибуло до сортувального центру", "Arrived at the sorting centre"),
    "EDE": Word(20900, "Відправлення прямує до відділення", "Dispatched to the post office"),
    "EMG": Word(21500, "Відправлення надіслано до точки доставки", "Sent to the point of delivery"),
    "EDG": Word(21600, "Відправлення передано кур’єру", "Handed to the courier"),
    "EDH": Word(21700, "Відправлення у відділенні", "At the post office, ready for issue"),
    "EMH": Word(31100, "Не вручено під час доставки", "Not delivered", "неповна адреса", 5),
    "EMH not_home": Word(
        31400,
        "Невдала спроба вручення, передано на зберігання",
        "Failed attempt, put into storage",
        "відсутність адресата",
        3,
    ),
    "EMI": Word(41000, "Відправлення вручено", "Delivered", "особисто", 2),
    "<EMI": Word(41000, "Відправлення вручено", "Delivered", "повернено відправнику", 10),
    "@EMI": Word(
        48000, "Відправлення вручено в країні призначення", "Delivered in the country of destination"
    ),
    "RET": Word(31200, "Відправлення повертається", "Returning to the sender", "інші обставини", 9),
    "RET unclaimed": Word(
        31200, "Відправлення повертається", "Returning to the sender", "за закінченням терміну", 7
    ),
    "RET refused": Word(31200, "Відправлення повертається", "Returning to the sender", "відмова адресата", 8),
    "UNK": Word(99123, "Операція 99123", "Operation 99123"),
}


class Ukrposhta(Dialect):
    """The status tracking of www.ukrposhta.ua."""

    SLUG = "ukrposhta"
    REFUSES = frozenset(
        {BadDay.DENIED, BadDay.NOT_FOUND, BadDay.MALFORMED_NUMBER, BadDay.THROTTLED, BadDay.BATCH_LIMIT}
    )

    def numbers(self, ask: Ask) -> Sequence[str]:
        if ask.method == "GET":
            asked = ask.query.get("barcode") or _barcode_of_route(ask)
            return (asked,) if asked else ()
        return _batch(ask) or ()

    def answer(self, ask: Ask, today: Today) -> Answer:
        if not ask.path.startswith(PREFIX):
            return json_answer({"message": "No matching resource found"}, 404)
        if ask.headers.get("authorization") != f"Bearer {SECRET}":
            return self.refuse(BadDay.DENIED, ask)
        if not self.world.admits_per_second("ukrposhta", self.world.limits.ukrposhta_per_s):
            return self.refuse(BadDay.THROTTLED, ask)
        match ask.method, ask.path.removeprefix(PREFIX):
            case "GET", "/statuses":
                return self._history(ask, today)
            case "GET", "/statuses/last":
                return self._last(ask, today)
            case "POST", "/statuses/with-not-found" | "/statuses/last" | "/statuses/last/with-not-found":
                return self._many(ask, today)
            case "GET", path if path.startswith("/barcodes/"):
                return self._route(ask)
            case _:
                return json_answer({"message": "No matching resource found"}, 404)

    def refuse(self, day: BadDay, ask: Ask) -> Answer:
        match day:
            case BadDay.DENIED:
                return json_answer({"message": "Invalid Credentials"}, 401)
            case BadDay.THROTTLED:
                return json_answer({"message": "Message throttled out"}, 429)
            case BadDay.BATCH_LIMIT:
                return json_answer({"message": "Too many barcodes in the request"}, 400)
            case _:
                return json_answer({"code": "UPE02000", "message": "Shipment not found"}, 404)

    def _history(self, ask: Ask, today: Today) -> Answer:
        events = self._events(ask.query.get("barcode", ""), today, ask)
        return json_answer(events) if events else self.refuse(BadDay.NOT_FOUND, ask)

    def _last(self, ask: Ask, today: Today) -> Answer:
        events = self._events(ask.query.get("barcode", ""), today, ask)
        return json_answer(_as_last(events)) if events else self.refuse(BadDay.NOT_FOUND, ask)

    def _many(self, ask: Ask, today: Today) -> Answer:
        batch = _batch(ask)
        if batch is None:
            return json_answer({"message": "A list of barcodes is expected"}, 400)
        wants_last = "/last" in ask.path
        if len(batch) > (LAST_BATCH if wants_last else HISTORY_BATCH):
            return self.refuse(BadDay.BATCH_LIMIT, ask)
        told = {number: self._events(number, today, ask) for number in batch}
        found = {number: events for number, events in told.items() if events}
        missing = [number for number, events in told.items() if not events]
        if not ask.path.endswith("/with-not-found"):
            return json_answer([_as_last(events) for events in found.values()])
        if not found:
            return self.refuse(BadDay.NOT_FOUND, ask)
        if wants_last:
            return json_answer({"found": [_as_last(each) for each in found.values()], "notFound": missing})
        return json_answer({"found": found, "notFound": missing})

    def _route(self, ask: Ask) -> Answer:
        journey = self.world.journey(_barcode_of_route(ask))
        if journey is None:
            return self.refuse(BadDay.NOT_FOUND, ask)
        is_english = ask.path.endswith("/in-lang/EN")
        ends = (journey.scans[0].place, journey.scans[-1].place)
        start, end = (place.latin if is_english else place.town for place in ends)
        return json_answer({"from": start, "to": end})

    def _events(self, number: str, today: Today, ask: Ask) -> list[dict[str, Any]]:
        """The events of a number, oldest first; none while only the sender knows of the parcel."""
        telling = self.world.told("ukrposhta", number, today)
        if telling is None or all(scan.kind is Kind.ANNOUNCED for scan in telling.scans):
            return []
        language = ask.query.get("lang", "UA")
        spoken = [(scan, word_for(scan, WORDS, "UA")) for scan in telling.standing()]
        return [
            _event(telling, scan, word, order, language)
            for order, (scan, word) in enumerate(spoken, start=1)
            if word is not None
        ]


def _event(telling: Telling, scan: Scan, word: Word, order: int, language: str) -> dict[str, Any]:
    place, country = scan.place, COUNTRIES[scan.place.country]
    is_home = place.country == "UA"
    is_english = language == "EN"
    event: dict[str, Any] = {
        "barcode": telling.number,
        "step": (order * 7 + 3) % 29,
        "date": f"{scan.local_time:%Y-%m-%dT%H:%M:%S}",
        "index": place.index if is_home else None,
        "name": place.name if is_home and not is_english else place.latin,
        "event": word.event,
        "eventName": word.en if is_english else word.uk,
        "country": country.en if is_english else country.uk,
        "eventReason": word.reason,
        "eventReason_id": word.reason_id,
        "mailType": 4096,
        "indexOrder": order,
    }
    if scan.kind is Kind.POSTED and telling.number.isdigit():
        event |= {"weight": telling.journey.weight_g, "addresseePhoneNum": networks()["UA"].recipient.phone}
    return event


def _as_last(events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The newest event as the short calls give it: with its code as a string."""
    newest = events[-1]
    return {**newest, "event": str(newest["event"])}


def _batch(ask: Ask) -> list[str] | None:
    try:
        batch = ask.json()
    except ValueError:
        return None
    return batch if isinstance(batch, list) and all(isinstance(number, str) for number in batch) else None


def _barcode_of_route(ask: Ask) -> str:
    parts = ask.path.removeprefix(PREFIX).strip("/").split("/")
    return parts[1] if len(parts) >= 3 and parts[0] == "barcodes" and parts[2] == "route" else ""
