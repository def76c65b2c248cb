"""A purchase followed in a browser without scripting, from the day it was bought to the door."""

from datetime import datetime
from typing import Any

import pytest

from tests.browser.test_orders import called, desk, press, state_named, status

__all__ = ["desk"]  # the fixture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NUMBER = "RB298431881CN"
WAY = (
    ("orig.accepted", "CN", "accepted"),
    ("exp.departed", "CN", "border_silence"),
    ("imp.office_in", "RU", "arrived_destination"),
    ("last.out", "RU", "last_mile"),
    ("done.delivered", "RU", "delivered"),
)


def scanned(code: str, country: str, at: datetime) -> None:
    """A carrier's scan of the number, taken in as its reply is, and told to whoever follows it."""
    from sledi.core.carrier import Outcome, Report
    from sledi.database.keys import uuid7
    from sledi.orders.automatic import carrier_news
    from sledi.tracking.ingest import Arrival, ingest
    from sledi.tracking.models import Watch
    from sledi.tracking.tests.scans import scan

    watch = Watch.objects.filter(number=NUMBER).earliest("created_at", "pk")
    event = scan(code, occurred_at=at, raw_time=at.isoformat(), country=country)
    report = Report(watch.number, Outcome.FOUND, events=(event,))
    ingest([Arrival(watch.pk, watch.carrier, report, uuid7(), at)], at)
    carrier_news.follow_news(at)


def test_a_purchase_is_followed_from_the_order_to_the_door(desk: Any) -> None:
    from datetime import UTC, timedelta

    from sledi.orders.tests.stage import new_stage

    stage = new_stage("tracker")
    now = datetime.now(UTC)
    with desk(stage, "buyer") as page:
        page.goto(f"{page.base}/tracks/")
        page.locator("main a.btn", has_text=called(stage, "track", "watch")).first.click()
        form = page.locator("main form", has=page.locator("[name=purchased_on]"))
        form.locator("[name=purchased_on]").fill((now - timedelta(days=4)).date().isoformat())
        form.locator("[name=shop]").fill("AliExpress")
        with page.expect_navigation():
            form.get_by_role("button", name=called(stage, "track", "watch")).click()
        assert status(page) == state_named(stage, "track", "expected")
        press(page, called(stage, "track", "give_number"), tracking_number=NUMBER)
        assert status(page) == state_named(stage, "track", "announced")
        assert NUMBER in page.locator("main").inner_text().replace(" ", "")
        for step, (code, country, state) in enumerate(WAY):
            scanned(code, country, now + timedelta(minutes=step - len(WAY)))
            page.reload()
            assert status(page) == state_named(stage, "track", state)
        assert page.locator("main form button", has_text=called(stage, "track", "give_number")).count() == 0
