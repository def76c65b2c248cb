"""One voice tells a scan with its zone and again without: one line, at the surer moment."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

from sledi.core.carrier import Event, ZoneBasis
from sledi.core.timeline import Sighting, derive, identity
from sledi.core.timeline.tests.scans import moment, scan

# 12 March, 18:08 in Guangzhou: the single access says so, the batch gives the clock alone, read as Moscow's.
WITH = scan(
    "exp.customs_in", "03-12 10:08", "Guangzhou", source="russian_post", raw_code="14:0",
    raw_time="2026-03-12T18:08:00.000+08:00",
)  # fmt: skip
WITHOUT = scan(
    "imp.customs_in", "03-12 15:08", "", source="russian_post", raw_code="14:0", raw_time="12.03.2026 18:08:00",
    basis=ZoneBasis.UNKNOWN, country="", reply="reply-2",
)  # fmt: skip


def changed(sighting: Sighting, **facts: object) -> Sighting:
    event: Event = replace(sighting.event, **facts)
    return replace(sighting, event=event, key=identity(sighting.source, event))


def test_they_are_one_line_with_the_zone_and_the_side_of_the_border_that_are_known() -> None:
    for told in permutations([WITH, WITHOUT]):
        (line,) = derive(told, origin="CN", destination="RU").lines
        assert (line.code, line.at, line.place, line.country) == (
            "exp.customs_in", moment("03-12 10:08"), "Guangzhou", "CN",
        )  # fmt: skip
        assert {sighting.reply for sighting in line.sightings} == {"reply-1", "reply-2"}


def test_what_was_fetched_stays_as_it_was_fetched() -> None:
    (line,) = derive([WITH, WITHOUT]).lines
    assert {sighting.event.raw_time for sighting in line.sightings} == {
        "2026-03-12T18:08:00.000+08:00", "12.03.2026 18:08:00",
    }  # fmt: skip


def test_told_without_a_zone_alone_it_stays_a_guess() -> None:
    (line,) = derive([WITHOUT]).lines
    assert (line.at, line.event.zone_basis) == (moment("03-12 15:08"), ZoneBasis.UNKNOWN)


def test_another_code_another_minute_another_voice_or_two_places_are_two_scans() -> None:
    others = [
        changed(WITHOUT, raw_code="14:1"),
        changed(WITHOUT, raw_time="12.03.2026 18:09:00"),
        replace(WITHOUT, source="seventeentrack"),
        changed(WITHOUT, place="Shenzhen"),
        changed(WITHOUT, raw_code="", raw_text="other"),
    ]
    for other in others:
        assert len(derive([WITH, other], origin="CN", destination="RU").lines) == 2, other


def test_a_taking_back_told_without_a_zone_takes_back_the_same_scan() -> None:
    later = timedelta(hours=2)
    back = changed(
        WITH,
        withdraws=True,
        raw_time="2026-03-12T20:08:00.000+08:00",
        occurred_at=WITH.event.occurred_at + later,
    )
    back_without = changed(
        WITHOUT, withdraws=True, raw_time="12.03.2026 20:08:00", occurred_at=WITHOUT.event.occurred_at + later
    )
    for told in permutations([WITH, WITHOUT, back, back_without]):
        assert derive(told).lines == ()
