"""Where a carrier's place is: from its own spelling to a city on the map, or nothing when that is not sure.

The table is read country by country when it is first asked for; see README.md beside it for its sources.
"""

import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

DATA = Path(__file__).parent

RIVAL_SHARE = 0.25
"""Two cities of one name and country: the larger is meant if the other has less than this share of its people."""


@dataclass(frozen=True, slots=True)
class Place:
    """A city, or a hub on the way. ``name`` is GeoNames' own, in Latin letters."""

    name: str
    country: str
    latitude: float
    longitude: float

    def called(self, language: str) -> str:
        """Its name in a language where we know it, else the Latin one."""
        column = _COLUMNS.get(language)
        known = _native_names().get((self.country, self.name))
        return known[column] if known and column is not None else self.name


def load(countries: Iterable[str]) -> None:
    """Read the tables of these countries now: before a server divides into processes, or somebody waits."""
    _lane_cities()
    for country in countries:
        _cities(country)


@lru_cache(maxsize=4096)
def find_place(text: str, country: str) -> Place | None:
    """The city a carrier means by ``text`` («200415 Минск Общий», «GUANGZHOU EMS», «广州市») in a country.

    Conservative: a name must stand at the beginning, after post codes and words such as "city"; a name that
    two cities of the country share counts only if one of them is far larger.
    """
    names = _cities(country)
    if not names or not text:
        return None
    return next((names[key] for key, _ in _keys(text) if key in names), None)


@lru_cache(maxsize=4096)
def find_on_lanes(text: str) -> Place | None:
    """The city a carrier means that names no country: one of names.tsv whose name no other country there has."""
    cities = _lane_cities()
    return next((cities[key] for key, _ in _keys(text) if key in cities), None)


@lru_cache(maxsize=4096)
def spelling(text: str, country: str) -> str:
    """How the carrier itself writes the city that ``find_place`` finds, without codes of offices; else nothing."""
    names = _cities(country)
    said = next((said for key, said in _keys(text) if key in names), "")
    return said.title() if said.isupper() else said


@lru_cache(maxsize=256)
def largest_city(country: str) -> Place | None:
    """The largest city of a country; None for a country without any in the table."""
    cities = [(people, place) for people, place, _ in _read(country) if people < int(HUB_RANK)]
    return max(cities, key=lambda city: city[0])[1] if cities else None


def _keys(text: str) -> Iterator[tuple[str, str]]:
    """Possible keys of the table, surest first, each with the spelling it was read from."""
    plain = unicodedata.normalize("NFKC", text[:200])
    for run in _CHINESE.findall(plain):
        yield from ((key, key) for key in _chinese_keys(run))
    found = list(_WORDS.finditer(plain))
    words = [word for word in found if word[0].casefold() not in _NOT_NAMES]
    is_named_after = len(found) > 1 and not _FACILITIES.isdisjoint(word[0].casefold() for word in found[1:])
    for count in range(min(len(words), NAME_WORDS_MAX), 0, -1):
        *before, last = words[:count]
        head = "".join(word[0] for word in before)
        nouns = _nouns(last[0]) if is_named_after else []
        if before or not nouns:
            yield _key(head + last[0]), plain[words[0].start() : last.end()]
        for noun in nouns:
            yield _key(head + noun), plain[words[0].start() : last.start()] + noun


def _nouns(word: str) -> list[str]:
    """The cities an office may be called after: «Новосибирский МСЦ» stands in Новосибирск, «Пермский» in Пермь."""
    adjective = _ADJECTIVE.fullmatch(word)
    if not adjective:
        return []
    stem = adjective[1]
    return [f"{stem}{ending}" for ending in ("ск", "к", "ь", "", "а")]


def _chinese_keys(run: str) -> Iterator[str]:
    """Chinese has no spaces: the longest beginning that is a city, also after the province."""
    after_province = _PROVINCE.split(run, maxsplit=1)[-1]
    for part in dict.fromkeys((after_province, run)):
        for length in range(min(len(part), CHINESE_NAME_MAX), 1, -1):
            yield part[:length]


def _key(name: str) -> str:
    """The letters alone, small and without marks, so that Ürümqi and Urumqi, Королёв and Королев meet."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in plain if letter.isalnum())


@lru_cache(maxsize=64)
def _cities(country: str) -> Mapping[str, Place]:
    """All spellings of the cities of a country. An own name wins over another city's by-name."""
    own: dict[str, list[tuple[int, Place]]] = {}
    by_names: dict[str, list[tuple[int, Place]]] = {}
    for people, place, names in _read(country):
        own.setdefault(_key(names[0]), []).append((people, place))
        for name in {_key(name) for name in (*names[1:], *_native_names().get((country, place.name), ()))}:
            by_names.setdefault(name, []).append((people, place))
    return {key: found for key, rivals in (by_names | own).items() if (found := _largest(rivals))}


@lru_cache(maxsize=1)
def _lane_cities() -> Mapping[str, Place]:
    """All spellings of the cities of names.tsv, each with its city, without those that two countries share."""
    native = _native_names()
    found: dict[str, list[tuple[int, Place]]] = {}
    for country in dict.fromkeys(country for country, _ in native):
        for people, place, names in _read(country):
            if known := native.get((country, place.name)):
                for key in {_key(name) for name in (*names, *known)}:
                    found.setdefault(key, []).append((people, place))
    return {
        key: city
        for key, rivals in found.items()
        if len({place.country for _, place in rivals}) == 1 and (city := _largest(rivals))
    }


def _largest(rivals: list[tuple[int, Place]]) -> Place | None:
    ranked = sorted(rivals, key=lambda rival: -rival[0])
    if len(ranked) > 1 and ranked[1][0] > ranked[0][0] * RIVAL_SHARE:
        return None
    return ranked[0][1]


def _read(country: str) -> Iterator[tuple[int, Place, list[str]]]:
    for line in (DATA / "hubs.tsv").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{country}\t") and country:
            _, latitude, longitude, names = line.split("\t")
            yield _place(country, HUB_RANK, latitude, longitude, names)
    member = f"{country}.tsv"
    if member in _archive().NameToInfo:
        for line in _archive().read(member).decode().splitlines():
            yield _place(country, *line.split("\t"))


@lru_cache(maxsize=1)
def _archive() -> zipfile.ZipFile:
    """Held in memory: processes that divide would share one place in an open file."""
    return zipfile.ZipFile(BytesIO((DATA / "cities.zip").read_bytes()))


def _place(
    country: str, people: str, latitude: str, longitude: str, names: str
) -> tuple[int, Place, list[str]]:
    spellings = names.split("|")
    return int(people), Place(spellings[0], country, float(latitude), float(longitude)), spellings


@lru_cache(maxsize=1)
def _native_names() -> Mapping[tuple[str, str], tuple[str, ...]]:
    lines = (DATA / "names.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {(country, name): tuple(native) for country, name, *native in rows}


_COLUMNS = {"ru": 0, "bg": 1, "kk": 2, "uk": 3}
HUB_RANK = "99999999"  # a hub's name means the hub, however large the town that shares it
NAME_WORDS_MAX = 4
CHINESE_NAME_MAX = 8
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_PROVINCE = re.compile("省|自治区|特别行政区")
# «Новосибирский», «Тверской», «Липецкий»: the stem before the ending that makes an adjective of a town.
_ADJECTIVE = re.compile(r"(\w{2,}?)(?:ский|ской|кий)", re.IGNORECASE)
# A word with a digit in it is a post code or a number of an office.
_WORDS = re.compile(r"(?<![\w])[^\W\d_]+(?![\w])")
_NOISE = (
    "г гор город м мр лц місто гр град қ қаласы аг п пос с село ao "
    "city town shi office of exchange post postal mail sorting center centre international airport intl int "
    "ems pci pc cpo dc oe wer ммпо амп опс почтамт почта отделение цех гсп сц мсц лпц уопп укд общий пвз "
    "цсс аопп сортировочный сортировъчен център центр сортувальний пошта відділення вп рц пв ров bgr"
)
_NOT_NAMES = frozenset(_NOISE.split())
# Sorting centres and offices that are called after a town, with an adjective: «Московский АСЦ» is not Московский.
_FACILITIES = frozenset(
    {"асц", "мсц", "лпц", "лц", "сц", "ммпо", "аопп", "гсп", "цсс", "уопп", "опс", "почтамт"}
)
