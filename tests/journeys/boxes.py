"""Purchases that come to the warehouse and leave it in one parcel, each step by who has to do it, over REST."""

from collections.abc import Mapping
from typing import Any

from tests.journeys.office import Office
from tests.journeys.purchases import KETTLE, LAMP, RUG, ordered

THREE = (KETTLE, LAMP, RUG)
IN_CHINA = ("YT8825498020044", "SF1234567890123", "YT8825498020051")
"""A domestic number for each line of an order."""
ABROAD = "RR123456785CN"
BOX: Mapping[str, Any] = {"weight_g": 1240, "length_mm": 300, "width_mm": 200, "height_mm": 100}


def dispatched(office: Office, *items: Mapping[str, Any], **facts: Any) -> str:
    """An order, all of it bought and on its way to the warehouse; its number."""
    order = ordered(office, *(items or THREE), **facts)
    for at, number in enumerate(IN_CHINA[: len(items or THREE)], start=1):
        office.do("operator", f"items/{order}.{at}", "dispatch", domestic_number=number)
    return order


def receive(office: Office, order: str, *lines: int) -> None:
    """The warehouse scans what came."""
    for line in lines:
        office.do("operator", f"items/{order}.{line}", "receive", scanned_number=IN_CHINA[line - 1])


def refuse(office: Office, order: str, *lines: int) -> None:
    """An operator finds that these cannot be supplied."""
    for line in lines:
        office.do("operator", f"items/{order}.{line}", "refuse", reason="sold_out")


def formed(office: Office, order: str) -> str:
    """The Logist begins to pack; the parcel's number."""
    office.do("logist", f"parcels/{order}", "form")
    return str(office.see("logist", f"orders/{order}")["parcels"][0]["number"])


def packed(office: Office, *items: Mapping[str, Any], **more: Any) -> tuple[str, str]:
    """An order of which everything came, in its parcel; the numbers of both."""
    order = dispatched(office, *(items or (KETTLE,)), destination="RU")
    receive(office, order, *range(1, len(items or (KETTLE,)) + 1))
    parcel = formed(office, order)
    office.do("logist", f"parcels/{parcel}", "pack", **{**BOX, "declared_contents": "Kettle", **more})
    return order, parcel


def states(office: Office, order: str, role: str = "reseller") -> list[str]:
    return [item["state"]["key"] for item in office.see(role, f"orders/{order}")["items"]]


def scanned(office: Office, number: str, code: str, **facts: Any) -> None:
    """A carrier's scan of a followed number, now."""
    from sledi.tracking.tests.scans import scan

    at = {"occurred_at": office.now, "raw_time": office.now.isoformat()}
    office.scan(number, scan(code, **{**at, **facts}))


def in_russian(office: Office, role: str, path: str) -> Any:
    """What REST shows to somebody who reads Russian."""
    answer = office.api(role, "get", path, accept_language="ru")
    assert answer.status == 200, answer.body
    return answer.body


def answered(office: Office, number: str, code: str, other: str) -> None:
    """The carrier's adapter answers for a followed number: an event, and the number it goes abroad under."""
    from sledi.core.carrier import Alias, Outcome, Report
    from sledi.database.keys import uuid7
    from sledi.tracking import watching
    from sledi.tracking.ingest import Arrival, ingest
    from sledi.tracking.models import Link, Watch
    from sledi.tracking.tests.scans import scan

    watch = Watch.objects.filter(number=number).earliest("created_at", "pk")
    alias = Alias(other, "china_post", "international")
    event = scan(code, occurred_at=office.now, raw_time=office.now.isoformat())
    report = Report(number, Outcome.FOUND, events=(event,), aliases=(alias,))
    ingest([Arrival(watch.pk, watch.carrier, report, uuid7(), office.now)], office.now)
    traces = [link.trace_id for link in Link.objects.filter(watch=watch)]
    watching.learn(traces, [(trace, alias) for trace in traces], office.now)
    office.work()
