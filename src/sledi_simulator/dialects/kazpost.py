"""Kazpost: GET /api/v2/{number} (summary) and /api/v2/{number}/events (history), no credentials.

All times are those of Kazakhstan, without a zone. The summary gives the recipient away, and its two inner
status fields are swapped. A withdrawn scan stays, followed by its code with ``_UNDO``. Sources: fixtures of
rpagyc/parcel, code dictionaries of public clients.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sledi_simulator import barcodes
from sledi_simulator.bad_days import BadDay, Today
from sledi_simulator.dialects import Dialect
from sledi_simulator.journeys import Scan
from sledi_simulator.places import COUNTRIES, networks
from sledi_simulator.telling import Telling, word_for
from sledi_simulator.wire import Answer, Ask, json_answer

ALMATY = ZoneInfo("Asia/Almaty")

WORDS: Mapping[str, tuple[str, str]] = {
    "PRE": ("REGPBT", "Регистрация"),
    "EMA": ("RCPOPS", "Приём"),
    "@EMA": ("EMA", "Приём от отправителя"),
    "ORO": ("SND", "Отправка"),
    "ORI": ("TRNSRT", "Поступление на сортировку"),
    "EMB": ("EMB", "Прибытие в учреждение обмена"),
    "EXA": ("EXA", "Передано на экспортный таможенный контроль"),
    "EXB": ("EXB", "Задержано экспортным таможенным контролем"),
    "EXC": ("EXC", "Выпущено экспортным таможенным контролем"),
    "EMC": ("EMC", "Отправлено из учреждения обмена"),
    "EMJ": ("EMJ", "Прибытие в транзитное учреждение обмена"),
    "EMK": ("EMK", "Отправлено из транзитного учреждения обмена"),
    "EMD": ("EMD", "Прибытие в учреждение обмена страны назначения"),
    "EDB": ("SRT_CUSTOM", "Передано таможне"),
    "EME": ("RPODELAY", "Задержка на таможне"),
    "EME duty": ("STRCUST", "Хранение на таможне"),
    "EDC": ("SNDZONE_T", "Выпущено таможней"),
    "EDC paid": ("CUSTSRT_SND", "Выпуск с хранения таможни"),
    "EMF": ("SRTSND", "Отправка из сортировочного центра"),
    "NEW": ("CORRECT", "Корректировка"),
    "EDD": ("TRNSRT", "Поступление на сортировку"),
    "EDE": ("SRTSND", "Отправка из сортировочного центра"),
    "EMG": ("TRNRPO", "Прибытие"),
    "EDG": ("DLV", "Выдача на доставку"),
    "EDH": ("STR", "Хранение, ожидает клиента"),
    "EMH": ("NONDLV", "Не доставлено"),
    "EMI": ("ISSPAY", "Вручено"),
    "@EMI": ("EMI", "Вручено"),
    "RET": ("RET", "Возврат"),
    "LOS": ("NONTRNOPS", "Неприбытие"),
    "UNK": ("QZT_X9", "Операция участка 9"),
}

FAILURES = {"not_home": "Отсутствие адресата", "address": "Неверный адрес"}
RETURNS = {"unclaimed": "Истёк срок хранения", "refused": "Отказ адресата"}


class Kazpost(Dialect):
    """The tracking service of track.post.kz."""

    SLUG = "kazpost"
    REFUSES = frozenset({BadDay.DENIED, BadDay.NOT_FOUND, BadDay.MALFORMED_NUMBER, BadDay.THROTTLED})

    def numbers(self, ask: Ask) -> Sequence[str]:
        number, _ = _path(ask)
        return (number,) if number else ()

    def call(self, ask: Ask) -> str:
        number, _ = _path(ask)
        return super().call(ask).replace(number, "{number}") if number else super().call(ask)

    def answer(self, ask: Ask, today: Today) -> Answer:
        number, call = _path(ask)
        if ask.method != "GET" or not number or call not in ("", "events"):
            return Answer(404, b"<html><body>404</body></html>", "text/html; charset=utf-8")
        if not self.world.admits_per_second("kazpost", self.world.limits.kazpost_per_s):
            return self.refuse(BadDay.THROTTLED, ask)
        telling = self.world.told("kazpost", number, today)
        spoken = _spoken(telling) if telling else []
        if telling is None or not spoken:
            return self.refuse(BadDay.NOT_FOUND, ask)
        return json_answer(_events(telling, spoken) if call else _summary(telling, spoken))

    def refuse(self, day: BadDay, ask: Ask) -> Answer:
        number, _ = _path(ask)
        match day:
            case BadDay.THROTTLED:
                return Answer(429, b"<html><body>Too Many Requests</body></html>", "text/html; charset=utf-8")
            case BadDay.DENIED:
                return Answer(403, b"<html><body>Forbidden</body></html>", "text/html; charset=utf-8")
            case _:
                return self._not_found(number, ask)

    def _not_found(self, number: str, ask: Ask) -> Answer:
        """One shape, two statuses: the service answers 200 or 404."""
        document = {
            "trackid": number,
            "timestamp": _stamp(self.world.clock.now()),
            "exectime": 12,
            "api": "v2",
            "data_name": "tracking",
            "error": f"Информация о почтовом отправлении {number} не найдена",
        }
        return json_answer(document, 404 if ask.path.endswith("/events") else 200)


Spoken = tuple[Scan, datetime, str, str]
"""A scan, when it was said, its code and its text."""


def _path(ask: Ask) -> tuple[str, str]:
    parts = ask.path.strip("/").split("/")
    if len(parts) not in (3, 4) or parts[:2] != ["api", "v2"]:
        return "", ""
    return parts[2], parts[3] if len(parts) == 4 else ""


def _spoken(telling: Telling) -> list[Spoken]:
    """Scans and withdrawals in the order told, oldest first."""
    spoken: list[Spoken] = []
    for scan in telling.scans:
        word = word_for(scan, WORDS, "KZ")
        if word is None:
            continue
        spoken.append((scan, scan.at, *word))
        if scan.withdrawn_at and scan.withdrawn_at <= telling.now:
            spoken.append((scan, scan.withdrawn_at, f"{word[0]}_UNDO", "Отмена операции"))
    return spoken


def _events(telling: Telling, spoken: Sequence[Spoken]) -> dict[str, Any]:
    newest_first = list(reversed(spoken))
    days = groupby(newest_first, key=lambda said: f"{said[1].astimezone(ALMATY):%d.%m.%Y}")
    return {
        "trackid": telling.number,
        "timestamp": _stamp(telling.now),
        "events": [{"date": day, "activity": list(_activities(said))} for day, said in days],
    }


def _activities(spoken: Iterator[Spoken]) -> Iterator[dict[str, Any]]:
    for scan, at, code, _ in spoken:
        place = scan.place
        is_home = place.country == "KZ"
        yield {
            "time": f"{at.astimezone(ALMATY):%H:%M}",
            "zip": place.index if is_home else "",
            "city": place.town if is_home else place.latin,
            "name": place.name if is_home else COUNTRIES[place.country].ru,
            "x_dep_id": "000000",
            "status": [code],
            "dep_code": place.unit if is_home else "",
            "nondlv_reason": FAILURES.get(scan.reason),
            "return_reason": RETURNS.get(scan.reason),
            "forward_reason": None,
        }


def _summary(telling: Telling, spoken: Sequence[Spoken]) -> dict[str, Any]:
    journey, recipient = telling.journey, networks()["KZ"].recipient
    last, last_at, code, text = spoken[-1]
    first, first_at, _, _ = spoken[0]
    office = journey.delivery_place
    return {
        "trackid": telling.number,
        "timestamp": _stamp(telling.now),
        "direction": _direction(telling),
        "status": text,
        "status_code": code,
        "x_status": code,
        "x_status_code": text,
        "sender": {"country": journey.origin, "name": "SHOP   LTD", "address": "", "x_postindex": ""},
        "origin": {
            "date": _long_date(first_at),
            "x_dep_id": "000000",
            "city": first.place.town if first.place.country == "KZ" else first.place.latin,
            "dep_name": first.place.name if first.place.country == "KZ" else "",
            "postindex": first.place.index,
        },
        "receiver": {
            "name": recipient.name,
            "name_fact": recipient.name if code == "ISSPAY" else "",
            "address": f"{office.town}, {recipient.street}",
            "country": journey.destination,
            "x_postindex": office.index,
        },
        "last": {
            "date": _long_date(last_at),
            "x_dep_id": "000000",
            "city": last.place.town if last.place.country == "KZ" else last.place.latin,
            "dep_name": last.place.name if last.place.country == "KZ" else "",
            "address": "",
            "postindex": last.place.index,
        },
        "delivery": {
            "date": "",
            "time": "",
            "period_fact": (last_at - first_at).days,
            "x_period": "",
            "x_dep_id": "000000",
            "city": office.town,
            "dep_name": office.name,
            "address": "",
            "gps": ["", ""],
            "phone": recipient.phone,
            "postindex": office.index,
        },
        "storage_period": "14",
        "package_type": "Мелкий пакет" if telling.number[0] in "LR" else "Посылка",
        "category": "Заказное",
        "delivery_method": "Воздушный",
        "dispute": "",
        "weight": round(journey.weight_g / 1000, 3),
    }


def _direction(telling: Telling) -> str:
    if telling.journey.origin == telling.journey.destination:
        return "INTERNAL"
    is_import = telling.journey.destination == "KZ"
    mistaken = barcodes.S10_SHAPE.fullmatch(telling.number) and telling.number[8] in "13579"
    return "IMPORT" if is_import and not mistaken else "EXPORT"


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(ALMATY):%H:%M:%S %d.%m.%Y}"


def _long_date(moment: datetime) -> str:
    return f"{moment.astimezone(ALMATY):%Y-%m-%d %H:%M:%S}.000"
