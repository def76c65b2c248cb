"""Belpost: POST /api/v1/tracking, one number, no credentials.

The same event of the international exchange comes twice, from the inner and the outer system, with one
timestamp. Older parcels have no codes, newer ones sometimes a code with a fraction. Sources: recorded
answers in L-Eugene/BelpostTracker_bot, codes in itsvic-dev/parcel. Texts without a code are ours.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sledi_simulator import barcodes
from sledi_simulator.bad_days import BadDay, Today
from sledi_simulator.dialects import Dialect
from sledi_simulator.journeys import Kind, Scan
from sledi_simulator.telling import Telling, word_for
from sledi_simulator.wire import Answer, Ask, json_answer

MINSK = ZoneInfo("Europe/Minsk")

WORDS: Mapping[str, tuple[int | None, str]] = {
    "PRE": (None, "Информация об отправлении получена"),
    "EMA": (4, "Принято от отправителя"),
    "@EMA": (1, "Принято от отправителя"),
    "ORO": (15, "Отправлено"),
    "ORI": (6, "Поступило в обработку"),
    "EMB": (3, "Принято в обработку в учреждении международного почтового обмена"),
    "EMC": (8, "Направлено из страны по назначению"),
    "<EMC": (8, "Направлено по назначению"),
    "EMJ": (6, "Поступило в обработку"),
    "EMK": (15, "Направлено"),
    "EMD": (30, "Прибыло в учреждение международного почтового обмена"),
    "EXA": (31, "Передано для таможенного оформления"),
    "EXC": (38, "Завершение таможенного контроля"),
    "EDB": (31, "Передано для таможенного оформления"),
    "EME": (32, "Поступило на склад (таможня)"),
    "EDC": (38, "Завершение таможенного контроля"),
    "EMF": (15, "Отправлено"),
    "EDD": (6, "Поступило в обработку"),
    "EDE": (15, "Отправлено"),
    "EMG": (6, "Поступило в обработку"),
    "EDG": (None, "Передано почтальону для вручения"),
    "EDH": (70, "Поступило в отделение"),
    "EMH": (None, "Неудачная попытка вручения"),
    "EMI": (21, "Вручено"),
    "<EMI": (21, "Вручено отправителю"),
    "RET": (None, "Возврат"),
    "LOS": (None, "Отправление утрачено"),
    "UNK": (777, "Передано на дополнительный осмотр"),
}

TOLD_TWICE = frozenset({Kind.IMPORT_OFFICE, Kind.EXPORTED, Kind.DELIVERED})


class Belpost(Dialect):
    """The tracking service of api.belpost.by."""

    SLUG = "belpost"
    REFUSES = frozenset({BadDay.DENIED, BadDay.NOT_FOUND, BadDay.MALFORMED_NUMBER, BadDay.THROTTLED})

    def numbers(self, ask: Ask) -> Sequence[str]:
        number = _number(ask)
        return (number,) if number else ()

    def answer(self, ask: Ask, today: Today) -> Answer:
        if ask.path != "/api/v1/tracking":
            return json_answer({"message": ""}, 404)
        if ask.method != "POST":
            return json_answer({"message": f"The {ask.method} method is not supported for this route."}, 405)
        if not self.world.admits("belpost", 1, self.world.limits.belpost_spacing_s):
            return self.refuse(BadDay.THROTTLED, ask)
        number = _number(ask)
        if not _is_acceptable(number):
            return self.refuse(BadDay.MALFORMED_NUMBER, ask)
        telling = self.world.told("belpost", number, today)
        return json_answer(_document(telling)) if telling else _nothing(number)

    def refuse(self, day: BadDay, ask: Ask) -> Answer:
        match day:
            case BadDay.MALFORMED_NUMBER:
                errors = {"number": ["Поле number имеет ошибочный формат."]}
                return json_answer({"message": "The given data was invalid.", "errors": errors}, 422)
            case BadDay.THROTTLED:
                refusal = json_answer({"message": "Too Many Attempts."}, 429)
                return Answer(429, refusal.body, refusal.content_type, {"Retry-After": "60"})
            case BadDay.DENIED:
                return json_answer({"message": "Forbidden"}, 403)
            case _:
                return _nothing(_number(ask))


def _number(ask: Ask) -> str:
    try:
        document = ask.json()
    except ValueError:
        return ask.form().get("number", "")
    return str(document.get("number", "")) if isinstance(document, dict) else ""


def _is_acceptable(number: str) -> bool:
    return bool(barcodes.S10_SHAPE.fullmatch(number)) and number[10] == barcodes.s10_check_digit(number[2:10])


def _nothing(number: str) -> Answer:
    """An unknown number: no parcel at all, or a parcel without steps."""
    empty: list[dict[str, Any]] = [] if number[9:10] in "02468" else [{"number": number, "steps": []}]
    return json_answer({"data": empty, "uuid": _uuid(number), "barcode": number})


def _document(telling: Telling) -> dict[str, Any]:
    steps = [step for scan in reversed(telling.standing()) for step in _steps(telling, scan)]
    return {
        "data": [{"number": telling.number, "steps": steps}],
        "uuid": _uuid(telling.number),
        "barcode": telling.number,
    }


def _steps(telling: Telling, scan: Scan) -> list[dict[str, Any]]:
    word = word_for(scan, WORDS, "BY")
    if word is None:
        return []
    is_abroad = scan.place.country != "BY"
    told = [_step(telling, scan, word, is_external=True)] if is_abroad or scan.kind in TOLD_TWICE else []
    return told if is_abroad else [*told, _step(telling, scan, word, is_external=False)]


def _step(telling: Telling, scan: Scan, word: tuple[int | None, str], *, is_external: bool) -> dict[str, Any]:
    code, text = word
    place = scan.place
    step: dict[str, Any] = {
        "system": "external" if is_external else "internal",
        "timestamp": int(scan.at.timestamp()),
        "created_at": f"{scan.at.astimezone(MINSK):%Y-%m-%d %H:%M:%S}",
        "place": place.latin if is_external else f"{place.index} {place.name}",
        "event": text,
        "is_border": is_external and scan.kind in (Kind.EXPORTED, Kind.IMPORT_OFFICE),
        "border_link": None,
        "place_index": None if is_external else place.index,
    }
    age = int(telling.number[8]) % 4
    if code is not None and age:
        step["code"] = float(code) if age == 1 else code
    return step


def _uuid(number: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, number))
