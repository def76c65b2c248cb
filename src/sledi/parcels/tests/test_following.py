"""A number somebody entered is asked about, and shows at once what is known of it."""

from datetime import UTC, datetime

import pytest

from sledi.core.carrier import Outcome, Report
from sledi.database.keys import uuid7
from sledi.parcels.following import Sent, follow
from sledi.tracking.ingest import Arrival, ingest
from sledi.tracking.models import Trace, Watch
from sledi.tracking.projection import project
from sledi.tracking.tests.scans import scan

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 28, 9, tzinfo=UTC)
ABROAD, IN_CHINA = "RR123456785CN", "YT8825498020044"


@pytest.fixture(autouse=True)
def _lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody can be asked."""
    monkeypatch.setattr("sledi.tracking.lines.is_configured", lambda slug: True)


@pytest.mark.parametrize("number", [ABROAD, IN_CHINA])
def test_a_new_number_begins_as_it_would_be_projected(number: str) -> None:
    trace = follow({number: Sent("RU")}, NOW)[number]
    assert (trace.status, trace.origin, trace.destination) == (
        "REGISTERED",
        "CN" if number == ABROAD else "",
        "RU",
    )
    assert project([trace.pk], NOW) == 0, "the projection of nothing differs from how it began"
    watches = Watch.objects.filter(number=number)
    assert watches.exists()
    assert {watch.due_at for watch in watches} == {NOW}


def test_what_others_have_heard_of_a_number_is_known_at_once() -> None:
    follow({IN_CHINA: Sent()}, NOW)
    Trace.objects.filter(number=IN_CHINA).delete()  # nobody follows it any more; the answers stay
    watch = Watch.objects.get(number=IN_CHINA)
    report = Report(IN_CHINA, Outcome.FOUND, events=(scan("orig.accepted", occurred_at=NOW, raw_time=""),))
    ingest([Arrival(watch.pk, watch.carrier, report, uuid7(), NOW)], NOW)
    follow({IN_CHINA: Sent()}, NOW)
    assert Trace.objects.get(number=IN_CHINA).event_count == 1
