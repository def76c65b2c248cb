"""A list to take along: as a table, as a calendar, as a feed of news."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from icalendar import Alarm, Calendar, Event

from sledi import carriers
from sledi.core.timeline import storage
from sledi.tracker.rows import RowView, views
from sledi.tracker.views import of_a_list
from sledi.tracking import queries
from sledi.web import wording, words
from sledi.web.countries import country_name

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""Characters that make a spreadsheet take a cell for a formula (OWASP, CSV injection)."""


@require_safe
@of_a_list
def csv_file(request: HttpRequest, token: str) -> HttpResponse:
    """The list as a table for spreadsheets: RFC 4180, UTF-8 with a mark that Excel needs."""
    language = _language()
    page = queries.open_page(token, datetime.now(UTC))
    written = StringIO()
    table = csv.writer(written)
    table.writerow([_("Number"), _("Status"), _("Since"), _("Event"), _("Place"), _("Country"), _("Carrier")])
    for row in page.rows:
        table.writerow([_harmless(cell) for cell in _cells(row, language)])
    response = HttpResponse("\ufeff" + written.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="sledi.csv"'
    return response


@require_safe
@of_a_list
def atom(request: HttpRequest, token: str) -> HttpResponse:
    """The list as an Atom feed: one entry a number, renewed whenever its news change."""
    now, language = datetime.now(UTC), _language()
    page = queries.open_page(token, now)
    address = settings.SITE_URL + reverse("tracker:list", args=[token])
    feed = Atom1Feed(
        title=_("Parcels I follow"),
        link=address,
        description="",
        language=language,
        feed_url=settings.SITE_URL + request.path,
    )
    for row, view in zip(page.rows, views(page, token, language, now), strict=True):
        changed_at = row.trace.changed_at if row.trace and row.trace.changed_at else page.created_at
        feed.add_item(
            title=view.lead,
            link=settings.SITE_URL + view.href if view.href else address,
            description=f"{view.grouped}. {' '.join(note.text for note in view.notes)}",
            unique_id=f"{address}#{row.number}",
            updateddate=changed_at,
            pubdate=page.created_at,
        )
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


@require_safe
@of_a_list
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The list as a calendar: until when a parcel waits to be collected, and when one was delivered."""
    now, language = datetime.now(UTC), _language()
    page = queries.open_page(token, now)
    file = Calendar()
    file.add("prodid", "-//sledi//sledi//EN")
    file.add("version", "2.0")
    file.add("x-wr-calname", _("Parcels I follow"))
    file.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    for row, view in zip(page.rows, views(page, token, language, now), strict=True):
        for entry in _entries(row, view, now):
            file.add_component(entry)
    return HttpResponse(file.to_ical(), content_type="text/calendar; charset=utf-8")


def _entries(row: queries.Row, view: RowView, now: datetime) -> Iterator[Event]:
    trace = row.trace
    if trace is None or trace.since is None:
        return
    if row.status == "READY_FOR_PICKUP":
        kept = storage(trace.country or trace.destination)
        deadline = trace.since + timedelta(days=kept.days + 1)
        yield _event(
            row, view, "pickup", deadline, _("Collect the parcel by today: %(number)s"), now, alarm=True
        )
    if row.status == "DELIVERED":
        yield _event(row, view, "delivered", trace.since, _("Delivered: %(number)s"), now)


def _event(
    row: queries.Row,
    view: RowView,
    kind: str,
    at: datetime,
    summary: str,
    now: datetime,
    *,
    alarm: bool = False,
) -> Event:
    """An event of a whole day. Its id stays and its sequence grows, so that calendars replace the older one."""
    trace = row.trace
    assert trace is not None
    entry = Event()
    entry.add("uid", f"{trace.pk}-{kind}@sledi")
    entry.add("dtstamp", now)
    entry.add("sequence", trace.revision)
    day = wording.local_day(at, trace.country)
    entry.add("dtstart", day)
    entry.add("dtend", day + timedelta(days=1))
    entry.add("summary", summary % {"number": view.grouped})
    entry.add("description", view.lead)
    entry.add("url", settings.SITE_URL + view.href)
    entry.add("transp", "TRANSPARENT")
    if alarm:
        bell = Alarm()
        bell.add("action", "DISPLAY")
        bell.add("description", summary % {"number": view.grouped})
        bell.add("trigger", timedelta(days=-1, hours=9))
        entry.add_component(bell)
    return entry


def _cells(row: queries.Row, language: str) -> list[str]:
    trace = row.trace
    if trace is None:
        return [row.number, _("Not followed"), "", "", "", "", ""]
    return [
        row.number,
        words.status_name(row.status, language),
        trace.since.isoformat(timespec="minutes") if trace.since else "",
        words.event_name(trace.code, language),
        trace.place,
        country_name(trace.country, language) if trace.country else "",
        carriers.name(trace.carrier, language) if trace.carrier else "",
    ]


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(DANGEROUS) else cell


def _language() -> str:
    return get_language() or "en"
