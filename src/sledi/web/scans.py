"""One scan of a carrier as a person reads it: what, where, when by the clocks of the place, and who says so."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from sledi import carriers
from sledi.core.carrier import ZoneBasis
from sledi.core.statuses import REASONS
from sledi.core.timeline import Line, Timeline
from sledi.web import dates, words
from sledi.web.wording import Whereabouts, zone_of

NOTE = "sys.note"


@dataclass(frozen=True, slots=True)
class LineView:
    """One scan. ``original`` is empty where it would only repeat the name; ``is_raw`` when the name is raw.

    ``number`` is the other number under which the parcel goes on from here; empty everywhere else.
    """

    name: str
    reason: str
    at: datetime
    zone: str
    is_zone_sure: bool
    where: str
    by: str
    original: str
    language: str
    is_raw: bool
    number: str = ""


def line_view(line: Line, timeline: Timeline, language: str, number: str = "") -> LineView:
    """A scan in the reader's words. ``number``: the other one under which the parcel goes on from here."""
    event = line.event
    is_raw = line.code == "sys.unmapped" and bool(event.raw_text)
    name = event.raw_text if is_raw else words.event_name(line.code, language)
    if number and line.code == NOTE:
        name = _("Goes on under another number")
    return LineView(
        name=name,
        reason=words.reason_name(event.reason, language) if _adds(event.reason, line.code) else "",
        at=line.at,
        zone=zone_of_scan(line),
        is_zone_sure=event.zone_basis is not ZoneBasis.UNKNOWN,
        where=where_of(line, timeline).words(language),
        by=carriers.name(line.carrier, language) if line.carrier else "",
        original="" if is_raw or event.raw_text.strip() in {"", name} else event.raw_text,
        language=event.text_language,
        is_raw=is_raw,
        number=number,
    )


def where_of(line: Line, timeline: Timeline) -> Whereabouts:
    """Where a scan was made."""
    return Whereabouts(line.place, line.country, timeline.summary.origin, timeline.summary.destination)


def day_of(line: Line) -> date:
    """The day of a scan by the clocks of its place, as the page shows its time."""
    return dates.in_zone(line.at, zone_of_scan(line)).date()


def zone_of_scan(line: Line) -> str:
    """The zone of a scan's clocks; empty when nobody knows it: then it stands as the carrier wrote it."""
    if line.event.zone_basis is ZoneBasis.UNKNOWN:
        return ""
    return line.event.zone or zone_of(line.country)


def number_at(timeline: Timeline, carrier: str, number: str) -> str:
    """The number under which a carrier spoke of the parcel last; ``number`` where it knows no other."""
    last = next((line for line in reversed(timeline.lines) if line.carrier == carrier), None)
    told = {sighting.number for sighting in last.sightings if sighting.number} if last else set()
    return number if number in told or not told else min(told)


def _adds(reason: str, code: str) -> bool:
    """Whether a reason says more than the event: customs that wait for papers need papers."""
    return (
        bool(reason)
        and reason != "unknown"
        and not (reason.startswith("customs_") and REASONS[reason] == code)
    )
