"""Silence at the border and elsewhere, what is usual on a lane, and when a parcel is stale."""

import tomllib
from datetime import timedelta
from importlib.resources import files

import pytest

from sledi.core.statuses import PublicStatus
from sledi.core.timeline import (
    Level,
    Sighting,
    Silence,
    Stretch,
    derive,
    lane,
    silence,
    stale_at,
    status_at,
    storage,
)
from sledi.core.timeline.silence import stretch_began
from sledi.core.timeline.tests.scans import (
    arrived_in_almaty,
    china,
    delivered_in_karaganda,
    exported,
    kazakhstan,
    moment,
    russia,
)

EXPORTED_AT = moment("11-11 15:05")


def silence_after(days: float, *sightings: Sighting, destination: str = "RU") -> Silence | None:
    timeline = derive(sightings or exported(), origin="CN", destination=destination)
    assert timeline.summary.last_event_at is not None
    return silence(timeline, timeline.summary.last_event_at + timedelta(days=days))


# --- silence at the border ---


def test_nine_days_after_the_export_from_china_to_russia_silence_is_normal() -> None:
    found = silence_after(9)
    assert found is not None
    assert (found.days, found.day_of_stretch, found.level) == (9, 9, Level.NORMAL)
    assert (found.stretch, found.usual.low, found.usual.high) == (Stretch.CROSSING, 7, 20)
    assert found.since == EXPORTED_AT
    assert found.unusual_at == EXPORTED_AT + timedelta(days=20)


def test_beyond_what_is_usual_on_the_lane_silence_is_long_and_beyond_its_limit_stale() -> None:
    levels = {days: found.level for days in (1, 19.9, 20, 49.9, 50) if (found := silence_after(days))}
    assert levels == {
        1: Level.NORMAL,
        19.9: Level.NORMAL,
        20: Level.LONG,
        49.9: Level.LONG,
        50: Level.STALE,
    }


def test_before_a_whole_day_there_is_no_silence() -> None:
    assert silence_after(0.99) is None


def test_a_scan_from_the_future_is_no_silence() -> None:
    assert silence_after(-3) is None


def test_the_same_days_are_judged_by_their_lane() -> None:
    to_russia, to_kazakhstan = silence_after(17), silence_after(17, destination="KZ")
    assert to_russia is not None
    assert to_kazakhstan is not None
    assert (to_russia.level, to_kazakhstan.level) == (Level.NORMAL, Level.LONG)


def test_a_scan_on_the_way_breaks_the_silence_and_not_the_stretch() -> None:
    found = silence_after(3, *exported(), china("line.flight_in", "11-16 15:05", ""))
    assert found is not None
    assert (found.days, found.day_of_stretch) == (3, 8)


def test_an_unmapped_scan_breaks_the_silence_and_asking_does_not() -> None:
    told = derive([*exported(), russia("sys.unmapped", "11-20 08:00")], destination="RU")
    assert told.summary.last_event_at == moment("11-20 08:00")
    asked = derive([*exported(), russia("sys.not_found", "11-20 08:00")], destination="RU")
    assert asked.summary.last_event_at == EXPORTED_AT


# --- the stretches ---


@pytest.mark.parametrize(
    ("scans", "stretch"),
    [
        (1, Stretch.ANNOUNCED),
        (2, Stretch.ORIGIN),
        (6, Stretch.ORIGIN),
        (7, Stretch.CROSSING),
        (8, Stretch.CUSTOMS),
        (9, Stretch.CUSTOMS),
        (10, Stretch.LAST),
        (13, Stretch.LAST),
        (14, Stretch.PICKUP),
        (15, None),
    ],
)
def test_each_part_of_the_way_has_its_own_usual_time(scans: int, stretch: Stretch | None) -> None:
    assert derive(delivered_in_karaganda()[:scans], origin="CN", destination="KZ").stretch is stretch


@pytest.mark.parametrize(
    ("code", "stretch"),
    [
        ("last.out", Stretch.DELIVERY),
        ("last.failed", Stretch.DELIVERY),
        ("ret.started", Stretch.BACK),
        ("imp.customs_docs", Stretch.CUSTOMS),
        ("bad.other", Stretch.CUSTOMS),
        ("bad.cancelled", None),
        ("bad.lost", None),
    ],
)
def test_stops_and_returns_have_their_stretch(code: str, stretch: Stretch | None) -> None:
    told = [*arrived_in_almaty(), kazakhstan(code, "11-25 08:00")]
    assert derive(told, origin="CN", destination="KZ").stretch is stretch


def test_a_parcel_within_one_country_is_on_the_domestic_stretch() -> None:
    assert (
        derive([russia("orig.hub", "11-07 08:00")], origin="RU", destination="RU").stretch is Stretch.DOMESTIC
    )


def test_a_stretch_whose_beginning_nobody_scanned_begins_with_the_first_event() -> None:
    timeline = derive([china("exp.office_in", "11-10 04:00"), china("exp.customs_out", "11-11 03:00")])
    assert stretch_began(timeline) == moment("11-10 04:00")


def test_a_parcel_of_which_nothing_is_known_is_on_no_stretch() -> None:
    with pytest.raises(ValueError, match="no stretch"):
        stretch_began(derive([]))


# --- stale ---


def test_stale_is_known_beforehand_so_that_a_scheduler_can_store_it() -> None:
    timeline = derive(exported(), origin="CN", destination="RU")
    stale = stale_at(timeline)
    assert stale == EXPORTED_AT + timedelta(days=50)
    assert status_at(timeline, stale - timedelta(seconds=1)) is PublicStatus.IN_TRANSIT
    assert status_at(timeline, stale) is PublicStatus.STALE


def test_a_new_scan_ends_staleness() -> None:
    late = [*exported(), russia("imp.office_in", "2027-01-20 08:00")]
    timeline = derive(late, origin="CN", destination="RU")
    assert status_at(timeline, moment("2027-01-21 08:00")) is PublicStatus.ARRIVED


@pytest.mark.parametrize("code", ["done.signed", "ret.done", "bad.lost", "bad.cancelled", "imp.terminated"])
def test_what_has_ended_or_is_closed_never_gets_stale(code: str) -> None:
    timeline = derive([*arrived_in_almaty(), kazakhstan(code, "11-25 08:00")], origin="CN", destination="KZ")
    assert stale_at(timeline) is None
    assert status_at(timeline, moment("2036-01-01 00:00")) is timeline.status
    assert silence(timeline, moment("2036-01-01 00:00")) is None


def test_a_number_of_which_nothing_is_known_never_gets_stale() -> None:
    assert stale_at(derive([china("sys.not_found", "11-07 08:00")])) is None
    assert stale_at(derive([])) is None


# --- the table of lanes ---


@pytest.mark.parametrize(
    ("origin", "destination"),
    [("CN", "RU"), ("CN", "KZ"), ("CN", "UA"), ("CN", "BY"), ("CN", "BG"), ("SG", "RU")],
)
def test_each_of_the_six_lanes_has_its_own_crossing(origin: str, destination: str) -> None:
    exact = lane(origin, destination)
    region = lane("HK" if origin == "CN" else "TH", "AM" if destination != "BG" else "RO")
    assert exact.stretches[Stretch.CROSSING] is not region.stretches[Stretch.CROSSING]
    assert exact.total.high >= exact.stretches[Stretch.CROSSING].high


def test_a_pair_without_a_lane_has_its_regions_figures_and_else_the_defaults() -> None:
    assert lane("HK", "KG").total == lane("JP", "UZ").total
    assert lane("HK", "KG").total != lane("", "").total
    assert lane("US", "BR").stretches == lane("", "").stretches


def test_every_figure_of_every_lane_has_a_source_and_sense() -> None:
    for pair in (
        ("CN", "RU"),
        ("CN", "KZ"),
        ("CN", "UA"),
        ("CN", "BY"),
        ("CN", "BG"),
        ("SG", "RU"),
        ("HK", "AM"),
        ("", ""),
    ):
        for stretch, usual in lane(*pair).stretches.items():
            assert usual.source, stretch
            assert 0 <= usual.low <= usual.high < usual.limit, stretch
        assert lane(*pair).total.source


def test_every_row_of_the_table_names_its_source() -> None:
    table = tomllib.loads(files("sledi.core.timeline").joinpath("lanes.toml").read_text("utf-8"))
    rows = [*table["lane"], *table["between"], table["default"]]
    figures = [figure for row in rows for figure in row.values() if isinstance(figure, dict)]
    assert len(figures) > 40
    assert all(figure["source"] for figure in figures)
    assert all(row["source"] for row in table["storage"].values())


def test_an_assumption_says_so() -> None:
    assert lane("CN", "BG").stretches[Stretch.CROSSING].is_assumed
    assert not lane("CN", "RU").stretches[Stretch.CROSSING].is_assumed


def test_how_long_an_office_keeps_a_parcel_is_known_by_country() -> None:
    assert (storage("BY").days, storage("RU").days, storage("XX").days) == (30, 15, 15)
