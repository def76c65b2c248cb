"""How long each stretch of a journey usually takes between two countries, with the source of every figure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any


class Stretch(StrEnum):
    """A part of the journey that has its own usual length."""

    ANNOUNCED = "announced"  # the carrier knows of it, and waits to get it
    ORIGIN = "origin_leg"  # accepted, not yet out of the country
    CROSSING = "crossing"  # from the export to the import: the silence at the border
    CUSTOMS = "customs"  # arrived, not yet released
    LAST = "last"  # released, on the way to the delivery office
    DELIVERY = "delivery"  # with the courier
    PICKUP = "pickup"  # waits for the recipient
    DOMESTIC = "domestic"  # a parcel that leaves no country
    BACK = "back"  # on the way back to the sender


@dataclass(frozen=True, slots=True)
class Usual:
    """From ``low`` to ``high`` days are usual; ``limit`` days without a scan are too long, 0 = no limit.

    ``source`` names where the figures come from, or says "assumption".
    """

    low: int
    high: int
    limit: int
    source: str

    @property
    def is_assumed(self) -> bool:
        return self.source.startswith("assumption")


@dataclass(frozen=True, slots=True)
class Storage:
    """For how many days an office keeps a parcel for its recipient."""

    days: int
    source: str


@dataclass(frozen=True, slots=True)
class Lane:
    """What is usual between two countries: each stretch, and the whole way from acceptance to delivery."""

    origin: str
    destination: str
    stretches: Mapping[Stretch, Usual]
    total: Usual


@lru_cache(maxsize=4096)
def lane(origin: str, destination: str) -> Lane:
    """The lane between two countries (ISO 3166-1 alpha-2, each may be empty): nearest figures that are known."""
    rows = [_DATA["default"], *_between(origin, destination), *_exact(origin, destination)]
    figures: dict[str, Any] = {}
    for row in rows:
        figures.update(row)
    stretches = {stretch: _usual(figures[stretch]) for stretch in Stretch}
    return Lane(origin, destination, stretches, _usual(figures["total"]))


def days_after(moment: datetime, days: int) -> datetime:
    """``moment`` and some days; the end of all time where a carrier's clock went beyond it."""
    return moment + timedelta(days=days) if moment < _END_OF_TIME else _END_OF_TIME


_END_OF_TIME = datetime(9900, 1, 1, tzinfo=UTC)


def storage(country: str) -> Storage:
    """How long an office in ``country`` keeps a parcel."""
    row = _DATA["storage"].get(country) or _DATA["storage"]["default"]
    return Storage(row["days"], row["source"])


_DATA: dict[str, Any] = tomllib.loads(files(__package__).joinpath("lanes.toml").read_text("utf-8"))

DATED: date = _DATA["dated"]
"""The day of the figures."""

_REGION_OF = {country: region for region, countries in _DATA["regions"].items() for country in countries}


def _exact(origin: str, destination: str) -> list[dict[str, Any]]:
    return [row for row in _DATA["lane"] if (row["origin"], row["destination"]) == (origin, destination)]


def _between(origin: str, destination: str) -> list[dict[str, Any]]:
    regions = (_REGION_OF.get(origin), _REGION_OF.get(destination))
    return [row for row in _DATA["between"] if (row["from"], row["to"]) == regions]


def _usual(row: Mapping[str, Any]) -> Usual:
    low, high = row["usual"]
    return Usual(low, high, row.get("limit", 0), row["source"])
