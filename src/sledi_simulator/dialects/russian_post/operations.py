"""What the Russian Post calls things: pairs of OperType and OperAttr with their names.

Codes and Russian names: the dictionary of the tracking.pochta.ru specification, as in lapaygroup/RussianPost.
"""

from collections.abc import Mapping
from datetime import datetime

from sledi_simulator.journeys import Scan
from sledi_simulator.telling import Telling, word_for

Operation = tuple[int, int]
"""OperType and OperAttr."""

OPERATIONS: Mapping[str, Operation] = {
    "PRE": (28, 0),
    "EMA": (1, 1),
    "ORO": (8, 1),
    "ORI": (8, 3),
    "EMB": (8, 5),
    "EXA": (11, 0),
    "EXB": (14, 25),
    "EXC": (14, 26),
    "EMC": (10, 0),
    "FLO": (31, 24),
    "FLI": (31, 21),
    "EMJ": (8, 7),
    "EMK": (8, 8),
    "EMD": (9, 1),
    "EDB": (11, 0),
    "EME documents": (24, 1054),
    "EME duty": (14, 6),
    "EME inspection": (14, 7),
    "EDC": (14, 1),
    "EDC paid": (14, 13),
    "NEW": (8, 26),
    "EMF": (8, 6),
    "EDD": (8, 3),
    "EDE": (8, 4),
    "EMG": (8, 22),
    "EDG": (8, 15),
    "EDH": (8, 2),
    "EMH": (12, 8),
    "EMH not_home": (12, 1),
    "EMH address": (12, 4),
    "EMI": (2, 1),
    "EMI courier": (2, 8),
    "<EMI": (2, 2),
    "RET": (3, 9),
    "RET unclaimed": (3, 1),
    "RET refused": (3, 4),
    "LOS": (18, 0),
    "UNK": (77, 9),
}

WITHDRAWAL: Operation = (26, 2)

TYPES: Mapping[int, tuple[str, str]] = {
    1: ("Прием", "Acceptance"),
    2: ("Вручение", "Delivery"),
    3: ("Возврат", "Return"),
    8: ("Обработка", "Processing"),
    9: ("Импорт международной почты", "Import of international mail"),
    10: ("Экспорт международной почты", "Export of international mail"),
    11: ("Прием на таможню", "Handed over to customs"),
    12: ("Неудачная попытка вручения", "Unsuccessful delivery attempt"),
    14: ("Таможенное оформление", "Customs clearance"),
    18: ("Регистрация утраты", "Registration of loss"),
    24: ("Продление срока выпуска таможней", "Customs release extended"),
    26: ("Отмена", "Cancellation"),
    28: ("Присвоение идентификатора", "Identifier assigned"),
    31: ("Обработка перевозчиком", "Processing by the carrier"),
    77: ("Операция 77", "Operation 77"),
}

ATTRIBUTES: Mapping[Operation, tuple[str, str]] = {
    (1, 1): ("Единичный", "Single"),
    (2, 1): ("Вручение адресату", "Delivered to the addressee"),
    (2, 2): ("Вручение отправителю", "Delivered to the sender"),
    (2, 8): ("Адресату курьером", "To the addressee by courier"),
    (3, 1): ("Истёк срок хранения", "Storage period expired"),
    (3, 4): ("Отказ адресата", "Refused by the addressee"),
    (3, 9): ("Иные обстоятельства", "Other circumstances"),
    (8, 1): ("Покинуло место приёма", "Left the office of acceptance"),
    (8, 2): ("Прибыло в место вручения", "Arrival at delivery office"),
    (8, 3): ("Прибыло в сортировочный центр", "Arrived at the sorting centre"),
    (8, 4): ("Покинуло сортировочный центр", "Left the sorting centre"),
    (8, 5): ("Прибыло в место международного обмена", "Arrival at office of exchange"),
    (8, 6): ("Покинуло место международного обмена", "Departure from office of exchange"),
    (8, 7): ("Прибыло в место транзита", "Arrival at transit office"),
    (8, 8): ("Покинуло место транзита", "Departure from transit office"),
    (8, 15): ("Передано курьеру", "Handed to the courier"),
    (8, 22): ("Ожидает курьерской доставки", "Awaits courier delivery"),
    (8, 26): ("Зарегистрировано с новым номером", "Registered under a new number"),
    (9, 1): ("Поступило приписано", "Arrived as listed"),
    (12, 1): ("Временное отсутствие адресата", "Addressee temporarily absent"),
    (12, 4): ("Неправильный адрес", "Wrong address"),
    (12, 8): ("Иная", "Other"),
    (14, 1): ("Выпущено таможней", "Released by customs"),
    (14, 6): ("Направлено с обязательной уплатой таможенных платежей", "Customs payments are due"),
    (14, 7): ("Требуется досмотр", "Inspection required"),
    (14, 13): ("Выпуск разрешен. Таможенные платежи уплачены", "Released. Customs payments made"),
    (14, 25): ("В убытии отказано", "Departure refused"),
    (14, 26): ("Убытие разрешено", "Departure permitted"),
    (24, 1054): (
        "Таможенная декларация отсутствует или некорректна",
        "Customs declaration missing or incorrect",
    ),
    (26, 2): ("Ошибка оператора", "Operator's mistake"),
    (31, 21): ("Доставлено", "Delivered"),
    (31, 24): ("Погружено на борт", "Loaded on board"),
    (77, 9): ("Признак 9", "Attribute 9"),
}


def spoken(telling: Telling) -> list[tuple[Scan, datetime, Operation]]:
    """The operations of a telling with their moments; a withdrawal follows what it withdraws."""
    operations: list[tuple[Scan, datetime, Operation]] = []
    for scan in telling.scans:
        operation = word_for(scan, OPERATIONS, "RU")
        if operation is None:
            continue
        operations.append((scan, scan.at, operation))
        if scan.withdrawn_at and scan.withdrawn_at <= telling.now:
            operations.append((scan, scan.withdrawn_at, WITHDRAWAL))
    return operations


def operation_text(operation: Operation, *, is_english: bool = False) -> str:
    """An operation in one line, as web pages print it."""
    column = 1 if is_english else 0
    kind, attribute = TYPES[operation[0]][column], ATTRIBUTES.get(operation, ("", ""))[column]
    return f"{kind}, {attribute}" if attribute else kind
