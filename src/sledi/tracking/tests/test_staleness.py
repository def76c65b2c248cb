"""Silence beyond what is usual is announced once."""

from datetime import datetime, timedelta

import pytest
from django.db import connection

from sledi.history.tests.side_by_side import side_by_side
from sledi.tracking.ingest import ingest
from sledi.tracking.models import Outbox, Trace
from sledi.tracking.staleness import announce_stale
from sledi.tracking.tests.scans import T0, arrival, scan, watched

LEFT = scan("exp.departed", 0)


def silent_parcel(number: str = "RB1") -> tuple[Trace, datetime]:
    trace, (watch,) = watched(number, "russian_post")
    ingest([arrival(watch, LEFT, hours=1, origin="CN", destination="RU")], T0 + timedelta(hours=1))
    trace.refresh_from_db()
    assert trace.stale_at is not None
    Outbox.objects.all().delete()
    return trace, trace.stale_at


@pytest.mark.django_db
class TestAnnouncing:
    def test_it_is_announced_when_the_moment_has_come_and_not_before(self) -> None:
        _, stale_at = silent_parcel()
        assert announce_stale(stale_at - timedelta(seconds=1)) == 0
        assert announce_stale(stale_at) == 1
        told = Outbox.objects.get()
        assert (told.status, told.previous_status, told.code, told.previous_code) == (
            "STALE", "IN_TRANSIT", "sys.stale", "exp.departed",
        )  # fmt: skip

    def test_it_is_announced_once(self) -> None:
        _, stale_at = silent_parcel()
        assert [announce_stale(stale_at + timedelta(days=n)) for n in range(3)] == [1, 0, 0]

    def test_the_page_changes_by_it(self) -> None:
        trace, stale_at = silent_parcel()
        announce_stale(stale_at)
        assert Trace.objects.get().revision == trace.revision + 1

    def test_a_scan_ends_the_silence_and_a_new_one_is_announced_again(self) -> None:
        trace, stale_at = silent_parcel()
        announce_stale(stale_at)
        watch = trace.links.get().watch
        days = (stale_at - T0).days + 2
        ingest(
            [arrival(watch, scan("line.transit_in", 24 * days), hours=24 * days)], T0 + timedelta(days=days)
        )
        trace.refresh_from_db()
        assert trace.stale_at > stale_at
        assert announce_stale(T0 + timedelta(days=days)) == 0
        assert announce_stale(trace.stale_at) == 1

    def test_a_delivered_parcel_is_never_silent(self) -> None:
        _, (watch,) = watched("RB1", "russian_post")
        ingest([arrival(watch, LEFT, scan("done.delivered", 300, country="RU"))], T0 + timedelta(days=20))
        assert announce_stale(T0 + timedelta(days=900)) == 0

    def test_what_was_announced_is_looked_at_no_more(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(
                "EXPLAIN SELECT id FROM tracking_trace WHERE stale_at <= now() AND NOT is_final"
                " AND (stale_told_at IS NULL OR stale_told_at < stale_at) ORDER BY stale_at LIMIT 5"
            )
            assert "trace_stale" in " ".join(row[0] for row in cursor.fetchall())


@pytest.mark.django_db(transaction=True)
def test_two_workers_announce_it_once() -> None:
    stale_at = max(silent_parcel(f"RB{n}")[1] for n in range(30))
    announced = side_by_side([lambda: announce_stale(stale_at)] * 3)
    assert sum(announced) == 30  # type: ignore[arg-type]
    assert Outbox.objects.filter(status="STALE").count() == 30
