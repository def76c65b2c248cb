"""A carrier with its page for a number and how to reach it, as the directory knows it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from sledi import carriers
from sledi.carriers import Entry
from sledi.web.countries import country_name


@dataclass(frozen=True, slots=True)
class CarrierCard:
    """A carrier and how to reach it; empty where the directory does not say.

    ``link`` is its page for ``number``; without ``carries_number`` the number has to be typed there.
    """

    name: str
    number: str
    country: str
    link: str
    carries_number: bool
    phones: tuple[str, ...]
    hours: str

    @property
    def host(self) -> str:
        """Where the link leads, short enough for a table."""
        return urlsplit(self.link).netloc.removeprefix("www.")

    @property
    def can_be_reached(self) -> bool:
        """Whether there is anything to call or write to."""
        return bool(self.phones)


def card(slug: str, number: str, language: str) -> CarrierCard | None:
    """What the directory knows of a carrier; None where it is not in there."""
    try:
        return card_of(carriers.entry(slug), number, language)
    except carriers.UnknownCarrier:
        return None


def card_of(entry: Entry, number: str, language: str) -> CarrierCard:
    """A carrier of the directory."""
    link = entry.tracking_link(number)
    return CarrierCard(
        name=entry.name(language),
        number=number,
        country=country_name(entry.country, language) if entry.country else "",
        link=link.url if link else "",
        carries_number=bool(link and link.carries_number),
        phones=tuple(phone.value for phone in entry.phones),
        hours=entry.hours.value if entry.hours else "",
    )
