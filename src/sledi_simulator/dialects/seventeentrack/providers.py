"""The posts that 17TRACK asks: their keys in its public carrier list, and the words it takes over from them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sledi_simulator import barcodes
from sledi_simulator.dialects import belpost, bulgarian_posts, china_post, kazpost, singapore_post, ukrposhta
from sledi_simulator.dialects.russian_post.operations import OPERATIONS, operation_text
from sledi_simulator.journeys import Place, Scan
from sledi_simulator.telling import Telling, word_for


@dataclass(frozen=True, slots=True)
class Provider:
    """A post as 17TRACK shows it. ``text`` and ``location`` are what it says of a scan, and of a place."""

    key: int
    name: str
    slug: str
    country: str
    homepage: str
    language: str
    text: Callable[[Telling, Scan], str | None]
    location: Callable[[Place], str]


def _belarusian(telling: Telling, scan: Scan) -> str | None:
    word = word_for(scan, belpost.WORDS, "BY")
    return word[1] if word else None


def _bulgarian(telling: Telling, scan: Scan) -> str | None:
    return bulgarian_posts.text(scan)


def _kazakh(telling: Telling, scan: Scan) -> str | None:
    word = word_for(scan, kazpost.WORDS, "KZ")
    return word[1] if word else None


def _russian(telling: Telling, scan: Scan) -> str | None:
    operation = word_for(scan, OPERATIONS, "RU")
    return operation_text(operation) if operation else None


def _ukrainian(telling: Telling, scan: Scan) -> str | None:
    word = word_for(scan, ukrposhta.WORDS, "UA")
    return word.uk if word else None


def _latin(place: Place) -> str:
    return place.latin


def _chinese_town(place: Place) -> str:
    return place.town if place.country == "CN" else place.latin


def _index_and_office(place: Place) -> str:
    return f"{place.index}, {place.name}" if place.country in ("RU", "BY") else place.latin


def _town_and_office(place: Place) -> str:
    return f"{place.town}, {place.name}" if place.country == "KZ" else place.latin


def _office(place: Place) -> str:
    return place.name if place.country == "UA" else place.latin


_CHINA, _EMS = "https://www.ems.com.cn/", "https://www.11183.com.cn/"
_ALL = (
    Provider(2051, "Belpost", "belpost", "BY", "http://belpost.by/", "ru", _belarusian, _index_and_office),
    Provider(
        2171, "Bulgarian Post", "bulgarian_posts", "BG", "http://www.bgpost.bg/", "en", _bulgarian, _latin
    ),
    Provider(3011, "China Post", "china_post", "CN", _CHINA, "zh-hans", china_post.text, _chinese_town),
    Provider(3013, "China EMS", "china_post", "CN", _EMS, "en", china_post.text, _latin),
    Provider(11011, "Kaz Post", "kazpost", "KZ", "https://post.kz/", "ru", _kazakh, _town_and_office),
    Provider(
        18031, "Russian Post", "russian_post", "RU", "https://pochta.ru/", "ru", _russian, _index_and_office
    ),
    Provider(
        19131,
        "Singapore Post",
        "singapore_post",
        "SG",
        "http://www.singpost.com/",
        "en",
        singapore_post.text,
        _latin,
    ),
    Provider(21021, "Ukrposhta", "ukrposhta", "UA", "http://ukrposhta.ua/", "uk", _ukrainian, _office),
)

PROVIDERS: Mapping[int, Provider] = {provider.key: provider for provider in _ALL}
KEY_OF_POST: Mapping[str, int] = {provider.slug: provider.key for provider in reversed(_ALL)}


def detected(number: str) -> int:
    """The carrier's key by the looks of a number, 0 when it looks like none."""
    if barcodes.S10_SHAPE.fullmatch(number):
        if number.endswith("CN") and number.startswith("E"):
            return 3013
        return KEY_OF_POST.get(barcodes.POST_OF_COUNTRY.get(number[11:], ""), 0)
    identity = barcodes.identify(number)
    return KEY_OF_POST.get(identity.post, 0) if identity else 0
