"""From the records of either access to a report: the order of time, the side of the border, the way back."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sledi.carriers.russian_post.tables import OPERATIONS, TYPES, Operation, Pair
from sledi.core.carrier import Direction, Event, Outcome, Report, ZoneBasis
from sledi.core.numbers.countries import ASSIGNED
from sledi.core.replies import s10_country

_CANCELLATION = 26
_AT_DELIVERY = (8, 2)
_PROHIBITED = (24, 1019)
# A release refused for good: only then are prohibited contents (24:1019) the end of the import.
_REFUSALS = frozenset({(3, 7), (14, 4), (14, 17), (40, 3)})


@dataclass(frozen=True, slots=True)
class Record:
    """One operation, whichever access reported it."""

    pair: Pair
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
class Journey:
    """From where to where, and whether a courier brings it. Countries are empty when unknown."""

    origin: str
    destination: str
    courier: bool


def report_of(number: str, records: Sequence[Record], journey: Journey) -> Report:
    """A report of what is known: the events in the order of time, each repeated record once."""
    unique = {(record.pair, record.occurred_at, record.index, record.place): record for record in records}
    ordered = sorted(unique.values(), key=lambda record: record.occurred_at)
    cancels = _cancellations(ordered)
    return Report(
        number,
        Outcome.FOUND,
        events=tuple(_events(ordered, cancels, journey)),
        origin=journey.origin,
        destination=journey.destination,
        unmapped=sum(record.pair not in OPERATIONS for record in ordered),
    )


def _cancellations(ordered: Sequence[Record]) -> Mapping[int, int]:
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


def _events(ordered: Sequence[Record], cancels: Mapping[int, int], journey: Journey) -> Iterator[Event]:
    cancelled = frozenset(cancels.values())
    last_refusal = max((i for i, record in enumerate(ordered) if record.pair in _REFUSALS), default=-1)
    direction = Direction.FORWARD
    for position, record in enumerate(ordered):
        operation = OPERATIONS.get(record.pair) or TYPES.get(record.pair[0])
        if operation and operation.code == "ret.started" and position not in cancelled:
            direction = Direction.RETURN
        event = _event(record, operation, journey, direction)
        if record.pair == _PROHIBITED and event.code == "imp.customs_held" and position < last_refusal:
            event = replace(event, code="imp.terminated")
        if position in cancels:
            event = replace(event, raw_code=_code_text(ordered[cancels[position]].pair), withdraws=True)
        yield event


def _event(record: Record, operation: Operation | None, journey: Journey, direction: Direction) -> Event:
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


def _code_text(pair: Pair) -> str:
    return f"{pair[0]}:{pair[1]}"


def _code(record: Record, operation: Operation | None, journey: Journey, direction: Direction) -> str:
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


def _wording(record: Record, operation: Operation | None) -> tuple[str, str]:
    """The carrier's words and their language. The batch answer leaves the attribute to the dictionary."""
    kind, attribute = record.type_name, record.attribute_name
    language = "ru" if not kind or re.search("[а-яё]", kind, re.IGNORECASE) else "en"
    if operation:
        russian = language == "ru"
        kind = kind or operation.type_ru
        attribute = attribute or (operation.attribute_ru if russian else operation.attribute_en)
    return ": ".join(filter(None, (kind, attribute))) or _code_text(record.pair), language


def country(code: str) -> str:
    """A country of ISO 3166-1; empty for what is none."""
    return code if code in ASSIGNED else ""


def country_of_index(index: str) -> str:
    """Russia for a postal index of six digits."""
    return "RU" if re.fullmatch("[0-9]{6}", index) else ""


def origin_of(number: str) -> str:
    """The country whose post gave the number."""
    return country(s10_country(number)) or home_of(number)


def home_of(number: str) -> str:
    """Russia for a number of 14 digits, which never leaves it."""
    return "RU" if re.fullmatch("[0-9]{14}", number) else ""


def is_ems(number: str) -> bool:
    """Whether a courier brings the item, as far as its number says."""
    return number[:1].upper() == "E" and s10_country(number) != ""
