"""A purchase followed over REST from the day it was bought to the counter where it is collected."""

from datetime import timedelta
from typing import Any

import pytest

from tests.journeys.boxes import in_russian, scanned
from tests.journeys.office import Office

PROFILE = "tracker"
pytestmark = pytest.mark.django_db

NUMBER = "RB298431997CN"
WAY = (
    # What the carrier scans, where, and what the buyer then reads.
    ("orig.accepted", "CN", "Принята"),
    ("orig.hub", "CN", "В стране отправителя"),
    ("exp.customs_in", "CN", "На таможне отправителя"),
    ("exp.departed", "CN", "Между почтами"),
    ("imp.office_in", "RU", "В стране получателя"),
    ("imp.customs_in", "RU", "На таможне"),
    ("imp.customs_out", "RU", "Едет к получателю"),
    ("last.ready", "RU", "Можно забрать"),
    ("done.collected", "RU", "Вручена"),
)


def status_of(office: Office, track: str) -> str:
    return str(in_russian(office, "buyer", f"tracks/{track}")["state"]["label"])


def watched(office: Office, **more: Any) -> str:
    """A purchase of yesterday that has no number yet; the number of its track."""
    bought = (office.now - timedelta(days=1)).date().isoformat()
    body = {"move": "watch", "fields": {"purchased_on": bought, "shop": "AliExpress", **more}}
    made = office.api("buyer", "post", "tracks", body)
    assert made.status == 201, made.body
    return str(made.body["number"])


def test_a_purchase_goes_from_its_order_to_the_counter_where_it_is_collected(office: Office) -> None:
    track = watched(office, destination="RU")
    assert status_of(office, track) == "Ждёт отправки"
    office.wait(days=3)
    office.do("buyer", f"tracks/{track}", "give_number", tracking_number=NUMBER)
    assert status_of(office, track) == "Ещё не передана"
    read = []
    for code, country, _ in WAY:
        office.wait(days=2)
        scanned(office, NUMBER, code, country=country)
        read.append(status_of(office, track))
    assert read == [said for _, _, said in WAY]
    shown = office.see("buyer", f"tracks/{track}")
    assert shown["state"]["is_final"]
    assert shown["moves"] == []
    told = [
        (one["act"], one["actor"]["role"]) for one in reversed(shown["history"]) if one["from"] != one["to"]
    ]
    assert told[:2] == [("watch", "buyer"), ("give_number", "buyer")]
    assert {role for _, role in told[2:]} == {"carrier"}
    assert len(told) == 2 + len(WAY)


def test_nobody_moves_a_followed_parcel_by_hand(office: Office) -> None:
    track = watched(office)
    office.do("buyer", f"tracks/{track}", "give_number", tracking_number=NUMBER)
    for role in ("buyer", "support", "platform", "owner"):
        assert office.see(role, f"tracks/{track}")["moves"] == []
        assert office.refused(role, f"tracks/{track}", "deliver").kind == "wrong-role"


def test_a_late_scan_never_takes_a_parcel_back_along_its_way(office: Office) -> None:
    track = watched(office)
    office.do("buyer", f"tracks/{track}", "give_number", tracking_number=NUMBER)
    begun = office.now
    office.wait(days=9)
    scanned(office, NUMBER, "imp.office_in", country="RU")
    assert status_of(office, track) == "В стране получателя"
    late = begun + timedelta(days=1)
    scanned(office, NUMBER, "orig.accepted", occurred_at=late, raw_time=late.isoformat())
    assert status_of(office, track) == "В стране получателя"
