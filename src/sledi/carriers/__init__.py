"""Which carriers can be asked, and who all of them are.

A module of this package (itself a package where one file would be too long) is a carrier that can be asked; its name
is the slug. A file of ``directory/`` says who a carrier is: its names, its country, where it tracks and answers the
telephone, and through whose adapters it can be asked. Both are found by their names, so that a new carrier is a new
file and nothing else. Carrier modules never import this one.
"""

import pkgutil
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, cast
from urllib.parse import quote

import msgspec
from babel import Locale

from sledi.core.carrier import Carrier
from sledi.core.numbers.countries import ASSIGNED


class UnknownCarrier(LookupError):
    """No such carrier. Asking again does not help."""


class TrackingLink(NamedTuple):
    """A carrier's page for a number; where ``carries_number`` is false the number has to be typed there."""

    url: str
    carries_number: bool


class Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a carrier is called, complete in the five languages of the pages."""

    ru: str
    bg: str
    kk: str
    uk: str
    en: str


class Contact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An address, a telephone number or opening hours, and where we have it from."""

    value: str
    source: str


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who a carrier is. What no source says is left out.

    ``country`` is its home, ISO 3166-1 alpha-2, empty for those at home in many. ``post_of`` is the country whose
    designated postal operator it is. ``tracking`` has ``{number}`` where the page takes the number in its address.
    ``asked_through`` are adapters of others that can ask for it, best first, and ``keys`` how these call it.
    ``follows`` are the formats of numbers (``core.numbers``) that it looks up for everybody though they are not its
    own, ``*`` any.
    """

    slug: str
    names: Names
    native: str = ""
    country: str = ""
    post_of: str = ""
    site: Contact | None = None
    tracking: Contact | None = None
    phones: tuple[Contact, ...] = ()
    hours: Contact | None = None
    asked_through: tuple[str, ...] = ()
    keys: Mapping[str, str] = {}
    follows: tuple[str, ...] = ()

    def name(self, language: str) -> str:
        """The name in a language of the pages (``ru``, ``kk-KZ``); English in any other."""
        return str(getattr(self.names, language[:2].lower(), self.names.en))

    def tracking_link(self, number: str) -> TrackingLink | None:
        """Its page for ``number``, else its site; None where neither is known."""
        page = self.tracking or self.site
        if page is None:
            return None
        url = page.value.replace("{number}", quote(number, safe=""))
        return TrackingLink(url, "{number}" in page.value)


def carrier(slug: str) -> Carrier:
    """The module that asks this carrier. Raises UnknownCarrier where there is none."""
    if not has_adapter(slug):
        raise UnknownCarrier(slug)
    return cast("Carrier", import_module(f"{__name__}.{slug}"))


def has_adapter(slug: str) -> bool:
    """Whether the carrier can be asked directly."""
    return slug in _adapters()


def all_carriers() -> tuple[Carrier, ...]:
    """Every carrier that can be asked, by slug."""
    return tuple(carrier(slug) for slug in sorted(_adapters()))


def entry(slug: str) -> Entry:
    """Who this carrier is. A post without a file (``post_no``) is known by its country.

    Raises UnknownCarrier.
    """
    known = directory().get(slug)
    if known is not None:
        return known
    country = slug.removeprefix("post_").upper()
    if slug != f"post_{country.lower()}" or country not in ASSIGNED:
        raise UnknownCarrier(slug)
    return _post_without_file(country)


@cache
def directory() -> Mapping[str, Entry]:
    """All entries by slug."""
    files = sorted(Path(__file__).with_name("directory").glob("*.toml"))
    return MappingProxyType({file.stem: _load(file) for file in files})


def name(slug: str, language: str) -> str:
    """What the carrier is called in this language; the slug itself where nobody knows it."""
    try:
        return entry(slug).name(language)
    except UnknownCarrier:
        return slug


def tracking_link(slug: str, number: str) -> TrackingLink | None:
    """The carrier's own page for ``number``, else its site; None where neither is known.

    Raises UnknownCarrier.
    """
    return entry(slug).tracking_link(number)


def official_posts(country: str) -> tuple[Entry, ...]:
    """The designated postal operators of a country (ISO 3166-1 alpha-2); empty for no country."""
    if country not in ASSIGNED:
        return ()
    found = tuple(known for known in directory().values() if known.post_of == country)
    return found or (_post_without_file(country),)


@cache
def third_parties(number_format: str) -> tuple[Entry, ...]:
    """The services that look up numbers of this format for everybody; those made for it before those for any."""
    known = directory().values()
    special = [one for one in known if number_format in one.follows]
    return (*special, *(one for one in known if "*" in one.follows))


@cache
def _adapters() -> frozenset[str]:
    return frozenset(module.name for module in pkgutil.iter_modules(__path__))


def _load(file: Path) -> Entry:
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    return msgspec.convert({"slug": file.stem, **content}, Entry)


_POST = {"ru": "Почта ({})", "bg": "Поща ({})", "kk": "Пошта ({})", "uk": "Пошта ({})", "en": "Post ({})"}
_POSTS_OF_THE_WORLD = Contact(
    "https://www.upu.int/en/Universal-Postal-Union/About-UPU/Member-Countries",
    "Universal Postal Union: each member country with its designated operators",
)


@cache
def _post_without_file(country: str) -> Entry:
    names = {
        language: pattern.format(Locale(language).territories.get(country, country))
        for language, pattern in _POST.items()
    }
    return Entry(
        slug=f"post_{country.lower()}",
        names=Names(**names),
        country=country,
        post_of=country,
        site=_POSTS_OF_THE_WORLD,
        asked_through=("seventeentrack",),
    )
