"""The places of ``places.toml``, and the ways through them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from sledi_simulator.journeys import Place


@dataclass(frozen=True, slots=True)
class Recipient:
    """An invented person, for the carriers that give away whom a parcel is for."""

    name: str
    phone: str
    street: str


@dataclass(frozen=True, slots=True)
class Country:
    """A country as carriers name it."""

    code: str
    code3: str
    number: int
    ru: str
    en: str
    uk: str
    zh: str


COUNTRIES: Mapping[str, Country] = {
    country.code: country
    for country in (
        Country("BG", "BGR", 100, "Болгария", "Bulgaria", "Болгарія", "保加利亚"),
        Country("BY", "BLR", 112, "Беларусь", "Belarus", "Білорусь", "白俄罗斯"),
        Country("CN", "CHN", 156, "Китай", "China", "Китай", "中国"),
        Country("KZ", "KAZ", 398, "Казахстан", "Kazakhstan", "Казахстан", "哈萨克斯坦"),
        Country("PL", "POL", 616, "Польша", "Poland", "Польща", "波兰"),
        Country("RU", "RUS", 643, "Российская Федерация", "Russian Federation", "Росія", "俄罗斯"),
        Country("SG", "SGP", 702, "Сингапур", "Singapore", "Сінгапур", "新加坡"),
        Country("UA", "UKR", 804, "Украина", "Ukraine", "Україна", "乌克兰"),
    )
}


@dataclass(frozen=True, slots=True)
class Network:
    """The places of one post (or of China's couriers) and its ways to and from the border, by name."""

    country: str
    places: Mapping[str, Place]
    ways_out: Mapping[str, Mapping[str, Place]]
    ways_in: Mapping[str, Mapping[str, Place]]
    recipient: Recipient


@cache
def networks() -> Mapping[str, Network]:
    """All networks, by the country code of the post; ``couriers`` are those inside China."""
    text = files("sledi_simulator").joinpath("places.toml").read_text(encoding="utf-8")
    return {key: _network(key, table) for key, table in tomllib.loads(text).items()}


@cache
def place(key: str) -> Place:
    """The place with a key such as ``RU.kazan``. Raises KeyError when there is none."""
    network, _, name = key.partition(".")
    return networks()[network].places[name]


def _network(key: str, table: Mapping[str, Any]) -> Network:
    places = {
        name: Place(
            key=f"{key}.{name}",
            country=table["country"],
            zone=ZoneInfo(row.get("zone", table["zone"])),
            town=row["town"],
            name=row["name"],
            latin=row["latin"],
            index=row["index"],
            unit=row.get("unit", ""),
        )
        for name, row in table["places"].items()
    }
    return Network(
        country=table["country"],
        places=places,
        ways_out=_ways(table.get("out", {}), places),
        ways_in=_ways(table.get("in", {}), places),
        recipient=Recipient(**table["recipient"]),
    )


def _ways(
    table: Mapping[str, Mapping[str, str]], places: Mapping[str, Place]
) -> Mapping[str, Mapping[str, Place]]:
    return {way: {role: places[name] for role, name in roles.items()} for way, roles in table.items()}
