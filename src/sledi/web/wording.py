"""Sentences about parcels on their way: where, since when, how long, by the clocks of the place."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from babel.core import get_global
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sledi import carriers
from sledi.core.timeline import Usual
from sledi.web import dates, words
from sledi.web.countries import country_name
from sledi.web.places import Place, find_on_lanes, find_place, spelling

NO_BREAK = dates.NO_BREAK


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a carrier says that a parcel was, in its own spelling, and the countries of its way.

    Carriers leave the country out, or give their own for a scan abroad; the name of a city on the way tells.
    """

    place: str
    country: str
    origin: str = ""
    destination: str = ""

    @property
    def city(self) -> Place | None:
        """The city on the map, as far as we are sure of it."""
        countries = dict.fromkeys(code for code in (self.country, self.destination, self.origin) if code)
        found = next((found for code in countries if (found := find_place(self.place, code))), None)
        return found or (None if self.country else find_on_lanes(self.place))

    def city_words(self, language: str) -> str:
        """The city in the reader's language, else as the carrier spells it, if the reader can read that at all."""
        city = self.city
        if city is not None:
            own = city.called(language)
            if own != city.name or language == "en" or not _CYRILLIC.search(self.place):
                return own
            return spelling(self.place, city.country)
        return "" if _CHINESE.search(self.place) else _POST_CODE.sub("", self.place).strip()

    def words(self, language: str) -> str:
        """City and country."""
        city = self.city
        code = city.country if city else self.country
        parts = (self.city_words(language), country_name(code, language) if code else "")
        return ", ".join(dict.fromkeys(part for part in parts if part))


def headline(status: str, day: date | None, where: Whereabouts, language: str, today: date) -> str:
    """Where the parcel is and since when: «На таможне с 20 ноября, Алматы, Казахстан»."""
    if day is None:
        return words.status_name(status, language)
    said = words.headline(status, dates.day(day, language, today), language)
    place = where.words(language)
    return f"{said}, {place}" if place else said


def local_day(at: datetime, country: str) -> date:
    """The day of a moment by the clocks of a country, of the capital where it has several."""
    return dates.in_zone(at, zone_of(country)).date()


def zone_of(country: str) -> str:
    """The zone a country lives by, as far as one can be named; empty otherwise."""
    zones = get_global("territory_zones").get(country, ())
    return _MAIN_ZONES.get(country) or (zones[0] if len(zones) == 1 else "")


def usual_days(usual: Usual) -> str:
    """«3–14 дней»."""
    if usual.low == usual.high:
        return ngettext("%(days)s day", "%(days)s days", usual.high) % {"days": usual.high}
    return ngettext("%(low)s–%(days)s day", "%(low)s–%(days)s days", usual.high) % {
        "low": usual.low,
        "days": usual.high,
    }


def days_without_scan(days: int) -> str:
    return ngettext("%(days)s day without a scan", "%(days)s days without a scan", days) % {"days": days}


def way(origin: str, destination: str, language: str) -> str:
    """«Китай → Казахстан»: no language declines an arrow. A parcel that leaves no country has no such way."""
    if not origin or not destination or origin == destination:
        return ""
    return f"{country_name(origin, language)}{NO_BREAK}→ {country_name(destination, language)}"


def names_of(slugs: Iterable[str], language: str) -> str:
    """Carriers' names, each once."""
    return ", ".join(dict.fromkeys(carriers.name(slug, language) for slug in slugs))


def ago(at: datetime, now: datetime) -> str:
    """«5 минут назад»; a day and time when it was longer ago."""
    minutes = max(0, round((now - at).total_seconds() / 60))
    if minutes < 1:
        return _("just now")
    if minutes < MINUTES_MAX:
        return ngettext("%(minutes)s minute ago", "%(minutes)s minutes ago", minutes) % {"minutes": minutes}
    hours = round(minutes / 60)
    if hours < HOURS_MAX:
        return ngettext("%(hours)s hour ago", "%(hours)s hours ago", hours) % {"hours": hours}
    days = (now - at).days
    return ngettext("%(days)s day ago", "%(days)s days ago", days) % {"days": days}


def ahead(at: datetime, now: datetime) -> str:
    """«через 12 минут»."""
    minutes = max(1, round((at - now).total_seconds() / 60))
    if minutes < MINUTES_MAX:
        return ngettext("in %(minutes)s minute", "in %(minutes)s minutes", minutes) % {"minutes": minutes}
    hours = round(minutes / 60)
    return ngettext("in %(hours)s hour", "in %(hours)s hours", hours) % {"hours": hours}


MINUTES_MAX = 90
HOURS_MAX = 36
_POST_CODE = re.compile(r"^\s*\d{5,6}\b[\s,]*(?=\S)")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_MAIN_ZONES = {
    "CN": "Asia/Shanghai",
    "RU": "Europe/Moscow",
    "KZ": "Asia/Almaty",
    "UA": "Europe/Kyiv",
    "US": "America/New_York",
    "AU": "Australia/Sydney",
    "CA": "America/Toronto",
    "BR": "America/Sao_Paulo",
    "ES": "Europe/Madrid",
    "PT": "Europe/Lisbon",
    "DE": "Europe/Berlin",
    "UZ": "Asia/Tashkent",
    "MN": "Asia/Ulaanbaatar",
    "MY": "Asia/Kuala_Lumpur",
    "ID": "Asia/Jakarta",
}
