"""The contract's tables as data: what operations mean, and the time zones of offices."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

Pair = tuple[int, int]
"""An operation: its type and its attribute."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What a pair of operation and attribute means; codes by side are empty where it does not matter."""

    code: str
    in_origin: str
    in_destination: str
    in_transit: str
    reason: str
    type_ru: str
    attribute_ru: str
    type_en: str
    attribute_en: str


def _operations() -> tuple[Mapping[Pair, Operation], Mapping[int, Operation]]:
    """The listed pairs, and what a type means whatever its attribute, where the type alone decides."""
    pairs: dict[Pair, Operation] = {}
    types: dict[int, Operation] = {}
    for kind, attribute, *rest in rows("operations.csv"):
        if attribute == "*":
            types[int(kind)] = Operation(*rest)
        else:
            pairs[int(kind), int(attribute)] = Operation(*rest)
    return MappingProxyType(pairs), MappingProxyType(types)


def _zones() -> Mapping[str, str]:
    """Time zone by the first three digits of an index. Those of regions with several zones are missing."""
    return MappingProxyType(
        {
            str(prefix): zone
            for first, last, zone in rows("zones.csv")
            for prefix in range(int(first), int(last) + 1)
        }
    )


def rows(name: str) -> Iterator[list[str]]:
    """The rows of a file beside this one, without its head."""
    with Path(__file__).with_name(name).open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        next(rows)
        yield from rows


OPERATIONS, TYPES = _operations()
ZONES = _zones()
