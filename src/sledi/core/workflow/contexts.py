"""What a rule may look at: the variables of each level, their attributes, and data to try a rule on.

All amounts are integers in minor units, moments are epoch seconds, ids and numbers are text, what is missing
is "" or 0. ``fields`` is what moves of that level have supplied so far; every field of the level is there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sledi.core.workflow.model import Field, Level, Setting


@dataclass(frozen=True, slots=True)
class Type:
    """The type of a value in a rule: text, number, boolean, record (with attributes), list (of), or any."""

    kind: str
    attributes: Mapping[str, "Type"] = field(default_factory=dict)
    of: "Type | None" = None


TEXT = Type("text")
NUMBER = Type("number")
BOOLEAN = Type("boolean")
ANY = Type("any")


def record(**attributes: Type) -> Type:
    return Type("record", attributes)


def many(of: Type) -> Type:
    return Type("list", of=of)


_TEXTS = many(TEXT)
_CONTENT = record(item=TEXT, quantity=NUMBER)

ATTRIBUTES: Mapping[str, Mapping[str, Type]] = MappingProxyType(
    {
        "order": {
            **dict.fromkeys(("state", "phase", "number", "currency", "destination", "method", "mode"), TEXT),
            **dict.fromkeys(
                ("quantity", "goods_total", "fee_total", "shipping_total", "total", "paid", "refunded"),
                NUMBER,
            ),
            **dict.fromkeys(("processing_days", "window_ends_at"), NUMBER),
            **dict.fromkeys(("is_untracked", "is_cash_on_delivery"), BOOLEAN),
            **dict.fromkeys(("flags", "numbers"), _TEXTS),
        },
        "item": {
            **dict.fromkeys(("state", "phase", "number", "name", "category", "country"), TEXT),
            **dict.fromkeys(("line", "quantity", "unit_price", "goods_total", "fee", "quote_total"), NUMBER),
            **dict.fromkeys(("agreed_price", "debited", "weight_g", "processing_days"), NUMBER),
            **dict.fromkeys(("flags", "numbers"), _TEXTS),
        },
        "parcel": {
            **dict.fromkeys(("state", "phase", "number", "mode"), TEXT),
            "weight_g": NUMBER,
            "contents": many(_CONTENT),
            **dict.fromkeys(("flags", "numbers"), _TEXTS),
        },
        "haul": {**dict.fromkeys(("state", "phase", "number"), TEXT), "numbers": _TEXTS},
        "track": {**dict.fromkeys(("state", "phase", "status"), TEXT), "milestones": _TEXTS},
        "case": {**dict.fromkeys(("state", "phase", "action"), TEXT)},
        "payout": {"state": TEXT, "phase": TEXT, "total": NUMBER},
    }
)
"""The attributes of each kind of entity, beside ``fields``."""

ACCOUNT = record(available=NUMBER, held=NUMBER, currency=TEXT)

ELSEWHERE = "elsewhere"
"""The keys of supplied fields that are ``unique_for`` somebody, and whose value something of somebody else has."""

IMPORT_BANS = "import_bans"
"""Texts of the rules that forbid to bring an item into the country its order goes to."""

_OF_FIELD = MappingProxyType(
    {
        **dict.fromkeys(("text", "tracking_number", "date", "choice", "code"), TEXT),
        **dict.fromkeys(("money", "weight_g", "length_mm", "integer"), NUMBER),
        "boolean": BOOLEAN,
        "photos": _TEXTS,
    }
)
_EMPTY: Mapping[str, Any] = MappingProxyType({"text": "", "number": 0, "boolean": False})


def empty_value(of: Field) -> str | int | bool | list[str]:
    """What stands in a rule for a field that was not supplied."""
    kind = _OF_FIELD[of.type].kind
    value: str | int | bool | list[str] = [] if kind == "list" else _EMPTY[kind]
    return value


def fields_type(fields: Iterable[Field]) -> Type:
    """The record of supplied fields."""
    return Type("record", {one.key: _OF_FIELD.get(one.type, ANY) for one in fields})


def settings_type(settings: Iterable[Setting]) -> Type:
    """The record of a profile's settings."""
    kinds = {"integer": NUMBER, "boolean": BOOLEAN}
    return Type("record", {setting.key: kinds.get(setting.type, TEXT) for setting in settings})


def entity_type(kind: str, fields: Iterable[Field]) -> Type:
    """The record of an entity; ``fields`` are those that the moves of its level ask for."""
    return Type("record", {**ATTRIBUTES[kind], "fields": fields_type(fields)})


def variables(
    kind: str,
    levels: Mapping[str, Level],
    fields: Mapping[str, Iterable[Field]],
    settings: Iterable[Setting],
    *,
    creates: bool = False,
) -> dict[str, Type]:
    """What a rule of the level ``kind`` may name, with types; ``input`` is added by who supplies it.

    ``creates``: the rule of a transition that makes the entity, which is not there yet.
    """
    names = {
        name: many(entity) if is_many else entity
        for name, (other, is_many) in _SEEN[_view(kind, levels)].items()
        if other in levels and not (creates and other == kind and not is_many)
        for entity in (entity_type(other, fields.get(other, ())),)
    }
    every = {"account": ACCOUNT, "settings": settings_type(settings), "now": NUMBER, ELSEWHERE: _TEXTS}
    return {**names, **every, IMPORT_BANS: _TEXTS}


def _view(kind: str, levels: Mapping[str, Level]) -> str:
    return "parcel of orders" if kind == "parcel" and levels[kind].holds == "order" else kind


_ORDER = {"order": ("order", False), "items": ("item", True), "parcels": ("parcel", True)}
_SEEN: Mapping[str, Mapping[str, tuple[str, bool]]] = MappingProxyType(
    {
        "order": _ORDER,
        "item": {"item": ("item", False), **_ORDER},
        "parcel": {"parcel": ("parcel", False), **_ORDER},
        "parcel of orders": {"parcel": ("parcel", False), "orders": ("order", True)},
        "haul": {"haul": ("haul", False), "orders": ("order", True)},
        "track": {"track": ("track", False)},
        "case": {"case": ("case", False), **_ORDER},
        "payout": {"payout": ("payout", False), "orders": ("order", True)},
    }
)
KINDS: Mapping[str, str] = {name: kind for seen in _SEEN.values() for name, (kind, _is_many) in seen.items()}
"""The level of each variable that is an entity or a list of them: ``items`` -> item."""


def sample(of: Type, state: str = "") -> Any:
    """A value of a type to try a rule on; an entity and all others beside it stand in ``state``."""
    match of.kind:
        case "record":
            return {key: _sample_of(key, inner, state) for key, inner in of.attributes.items()}
        case "list":
            assert of.of is not None
            return [sample(of.of, state), sample(of.of, state)]
        case "number":
            return 2
        case "boolean":
            return True
    return "sample"


def _sample_of(key: str, of: Type, state: str) -> Any:
    if key == "state":
        return state
    return _TELLING.get(key) if of is TEXT and key in _TELLING else sample(of, state)


_TELLING = {"currency": "KZT", "country": "CN", "destination": "KZ", "phase": "paid", "status": "IN_TRANSIT"}
