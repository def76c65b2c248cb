"""Countries by the short names people say."""

from collections.abc import Mapping

from babel import Locale, UnknownLocaleError

from sledi.core.numbers.countries import ASSIGNED


def country_name(code: str, language: str) -> str:
    """A country (ISO 3166-1 alpha-2) in a language; the code itself when nobody knows it."""
    short = _SHORT.get(code, {}).get(language)
    if short:
        return short
    try:
        return str(Locale.parse(language).territories.get(code, code))
    except (UnknownLocaleError, ValueError):
        return code


def countries(language: str) -> list[tuple[str, str]]:
    """All of them by code and name, in the order of the names."""
    return sorted(((code, country_name(code, language)) for code in ASSIGNED), key=lambda one: one[1])


# CLDR's full names are those of a map's legend.
_SHORT: Mapping[str, Mapping[str, str]] = {
    "HK": {"ru": "Гонконг", "bg": "Хонконг", "kk": "Гонконг", "uk": "Гонконг", "en": "Hong Kong"},
    "MO": {"ru": "Макао", "bg": "Макао", "kk": "Макао", "uk": "Макао", "en": "Macau"},
}
