"""A list to take along: table, calendar, feed."""

import csv
from datetime import date
from io import StringIO
from xml.etree import ElementTree

import pytest
from icalendar import Calendar

from sledi.tracker.tests import made
from sledi.tracker.tests.made import NUMBER, TOKEN
from sledi.tracking import queries

ATOM = "{http://www.w3.org/2005/Atom}"
LIST = f"/t/{TOKEN}/"


@pytest.fixture
def listed(monkeypatch):
    ready = made.trace("READY_FOR_PICKUP", "last.ready", place="=cmd()", country="KZ", carrier="kazpost")
    rows = (made.row(ready), made.row(number="RR123456784CN"))
    monkeypatch.setattr(queries, "open_page", lambda token, now: made.page(*rows))


def read(client, name):
    return client.get(f"{LIST}{name}", headers={"accept-language": "ru"})


def test_the_table_opens_in_any_spreadsheet(client, listed):
    reply = read(client, "list.csv")
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert reply.content.startswith(b"\xef\xbb\xbf")
    head, first, second = csv.reader(StringIO(reply.text.removeprefix("\ufeff")))
    assert head[0] == "Номер"
    assert first[:2] == [NUMBER, "Можно забрать"]
    assert second[:2] == ["RR123456784CN", "Не отслеживается"]


def test_no_cell_becomes_a_formula(client, listed):
    rows = list(csv.reader(StringIO(read(client, "list.csv").text)))
    assert rows[1][4] == "'=cmd()"
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_the_calendar_rings_before_the_storage_ends(client, listed):
    reply = read(client, "list.ics")
    assert reply.headers["Content-Type"] == "text/calendar; charset=utf-8"
    (event,) = Calendar.from_ical(reply.content).walk("VEVENT")
    assert event["UID"] == "00000000-0000-0000-0000-000000000001-pickup@sledi"
    assert event["SEQUENCE"] == 3
    assert event.decoded("DTSTART") > date(2026, 11, 20)
    assert len(event.walk("VALARM")) == 1


def test_the_feed_has_an_entry_a_number(client, listed):
    reply = read(client, "list.atom")
    assert reply.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    entries = ElementTree.fromstring(reply.content).findall(f"{ATOM}entry")
    assert len(entries) == 2
    assert entries[0].find(f"{ATOM}title").text.startswith("Можно забрать с 20\u00a0ноября")
    assert entries[0].find(f"{ATOM}updated").text.startswith("2026-11-23")


@pytest.mark.parametrize("name", ["list.csv", "list.ics", "list.atom"])
def test_what_is_taken_along_is_nobody_elses(client, listed, name):
    assert read(client, name).headers["X-Robots-Tag"] == "noindex, nofollow"
