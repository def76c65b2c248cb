"""From what people write to ids: ``7KQM-3XF4`` is an order, a parcel, a haul or a case; ``7KQM-3XF4.2b`` an item."""

import re
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from sledi.accounts.access import Access
from sledi.orders import queries
from sledi.orders.refusals import NotYours
from sledi.parcels import short_number

REFERENCE_LENGTH_MAX = 60


def find(access: Access, level: str, reference: str) -> UUID:
    """The id of what a reference names. Raises NotYours when it is not there or not to be seen: one answer for both."""
    found = find_many(access, level, [reference]).get(reference)
    if found is None:
        raise NotYours
    return found


def find_many(access: Access, level: str, references: Collection[str]) -> dict[str, UUID]:
    """The same for many, in one query; what is not there is left out."""
    ids = {text: pk for text in references if (pk := _uuid(text)) is not None}
    named = {text: _named(text, level) for text in references if text not in ids}
    rows = visible_rows(access, level)
    numbers = [number for number in named.values() if number is not None]
    if level == "item":
        wanted = Q(pk__in=ids.values()) | Q(order__number__in={order for order, _ in numbers})
        keyed = rows.filter(wanted).values_list("pk", "order__number", "number")
    else:
        wanted = Q(pk__in=ids.values()) | Q(number__in={number for number, _ in numbers})
        keyed = rows.filter(wanted).values_list("pk", "number", "id")
    by_id, by_number = set(), {}
    for pk, number, part in keyed:
        by_id.add(pk)
        by_number[number, part if level == "item" else ""] = pk
    found = {text: pk for text, pk in ids.items() if pk in by_id}
    return found | {text: by_number[name] for text, name in named.items() if name in by_number}


def named(reference: str, level: str) -> Q | None:
    """The condition that only what a reference names fulfils; None when it can name nothing."""
    if pk := _uuid(reference):
        return Q(pk=pk)
    match _named(reference, level):
        case None:
            return None
        case order, line if level == "item":
            return Q(order__number=order, number=line)
        case number, _:
            return Q(number=number)


def visible_rows(access: Access, level: str) -> QuerySet[Any]:
    """The rows of a level that this access may see."""
    match level:
        case "order":
            return queries.visible(access)
        case "item":
            return queries.visible_items(access)
        case "case":
            return queries.visible_cases(access)
        case "haul":
            return queries.visible_hauls(access)
    return queries.visible_parcels(access).filter(level=level)


def _uuid(text: str) -> UUID | None:
    return UUID(text) if _UUID.fullmatch(text) else None


def _named(text: str, level: str) -> tuple[str, str] | None:
    """The number of the order or container, and of an item the number of its line; None for what is neither."""
    number, *line = _PARTS.split(text.strip(), maxsplit=1) if len(text) <= REFERENCE_LENGTH_MAX else [""]
    compact = short_number.compact(number)
    if not compact.isascii() or not compact.isalnum() or (level == "item") is not bool(line):
        return None
    part = line[0].strip().lower() if line else ""
    return (compact, part) if not line or _LINE.fullmatch(part) else None


_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PARTS = re.compile(r"[./]")
_LINE = re.compile(r"[0-9a-z]{1,12}")
