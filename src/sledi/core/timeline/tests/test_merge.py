"""The same scan told twice is one line; the order of lines when clocks disagree; scans taken back."""

from dataclasses import replace

import pytest

from sledi.core.carrier import Direction, ZoneBasis
from sledi.core.statuses import PublicStatus
from sledi.core.timeline import Sighting, derive, identity
from sledi.core.timeline.tests.scans import china, exported, kazakhstan, moment, russia, scan


def lines(*sightings: Sighting, origin: str = "CN", destination: str = "KZ") -> list[str]:
    return [line.event.code for line in derive(sightings, origin=origin, destination=destination).lines]


# --- identity ---


def test_an_identity_has_16_bytes() -> None:
    assert len(china("orig.accepted", "11-07 08:00").key) == 16


def test_words_seconds_and_the_moment_of_asking_are_no_part_of_the_identity() -> None:
    told = china("orig.accepted", "11-07 08:00", text="Posted", raw_time="2026-11-07 16:00:12")
    again = china(
        "orig.accepted", "11-07 08:00", text="已收寄", raw_time="2026-11-07 16:00:59", seen="11-09 01:00"
    )
    assert told.key == again.key


def test_carrier_code_minute_and_place_are_the_identity() -> None:
    told = china("orig.hub", "11-07 08:00")
    assert (
        len(
            {
                told.key,
                russia("orig.hub", "11-07 08:00", "Guangzhou").key,
                china("orig.hub", "11-07 08:00", raw_code="other").key,
                china("orig.hub", "11-07 08:01").key,
                china("orig.hub", "11-07 08:00", "Urumqi").key,
            }
        )
        == 5
    )


def test_one_local_time_written_with_and_without_a_zone_is_one_event() -> None:
    """Russian Post tells a scan with its offset in the single call and as local time in the batch."""
    single = russia("last.ready", "11-20 06:41", raw_time="2026-11-20T09:41:00.000+03:00")
    batch = russia("last.ready", "11-20 09:41", raw_time="20.11.2026 09:41:00", basis=ZoneBasis.UNKNOWN)
    assert single.key == batch.key


def test_a_time_that_is_no_clock_time_is_taken_in_utc() -> None:
    assert scan("last.out", "11-20 06:41", raw_time="1795156860").key == (
        scan("last.out", "11-20 06:41", raw_time="1795156899").key
    )


def test_an_event_that_an_aggregator_tells_of_a_carrier_has_that_carriers_identity() -> None:
    event = scan("last.out", "11-20 06:41", carrier="kazpost").event
    assert identity("seventeentrack", event) == identity("kazpost", event)


def test_an_event_without_a_code_goes_by_its_words() -> None:
    told = china("sys.unmapped", "11-07 08:00", raw_code="", text="Arrived  at GATE")
    assert told.key == china("sys.unmapped", "11-07 08:00", raw_code="", text="arrived at gate").key
    assert told.key != china("sys.unmapped", "11-07 08:00", raw_code="", text="left the gate").key


def test_a_withdrawal_is_not_the_event_it_withdraws() -> None:
    assert china("orig.hub", "11-07 08:00").key != china("orig.hub", "11-07 08:00", withdraws=True).key


def test_any_text_has_an_identity() -> None:
    assert len(china("orig.hub", "11-07 08:00", "\ud800\x00\u202e", text="\udfff").key) == 16


# --- doubles within a carrier ---


def test_an_event_seen_twenty_times_is_one_line_with_its_first_sighting() -> None:
    told = [
        china("orig.hub", "11-07 08:00", seen=f"11-{day} 08:00", text=f"words {day}")
        for day in range(29, 9, -1)
    ]
    found = derive(told).lines
    assert len(found) == 1
    assert found[0].sightings == (told[-1],)


def test_of_two_sightings_at_one_moment_the_same_one_is_always_kept() -> None:
    told = [
        china("orig.hub", "11-07 08:00", text="b", reply="reply-2"),
        china("orig.hub", "11-07 08:00", text="a", reply="reply-1"),
    ]
    assert derive(told).lines[0].event.raw_text == derive(told[::-1]).lines[0].event.raw_text == "a"


def test_a_scan_that_gets_its_place_later_is_one_line() -> None:
    bare = china("orig.hub", "11-07 08:00", "", country="CN")
    enriched = china("orig.hub", "11-07 08:00", "Guangzhou", seen="11-08 08:00")
    found = derive([bare, enriched]).lines
    assert [(line.place, len(line.sightings)) for line in found] == [("Guangzhou", 2)]


def test_a_scan_whose_code_was_spelt_anew_is_one_line() -> None:
    assert lines(
        china("orig.hub", "11-07 08:00"), china("orig.hub", "11-07 08:00", raw_code="new spelling")
    ) == ["orig.hub"]


def test_scans_at_two_places_in_one_minute_are_two_lines() -> None:
    """Russian Post 8:0 and 8:4 at different offices must not collapse."""
    assert (
        len(lines(russia("last.sort_in", "11-20 08:00"), russia("last.sort_in", "11-20 08:00", "Kazan"))) == 2
    )


# --- doubles across carriers ---


def test_one_scan_told_by_two_carriers_is_shown_once_and_both_are_kept() -> None:
    own = kazakhstan("imp.customs_in", "11-21 13:12")
    foreign = china("imp.customs_in", "11-21 13:40", "", country="KZ")
    found = derive([foreign, own], origin="CN", destination="KZ").lines
    assert [line.sightings for line in found] == [(own, foreign)]


def test_carriers_that_agree_on_the_status_in_90_minutes_tell_of_one_scan() -> None:
    own = kazakhstan("imp.office_in", "11-20 08:00")
    at_90 = scan("last.sort_in", "11-20 09:30", "", source="seventeentrack", country="KZ")
    at_91 = scan("last.sort_in", "11-20 09:31", "", source="seventeentrack", country="KZ")
    assert len(lines(own, at_90)) == 1
    assert len(lines(own, at_91)) == 2


def test_another_status_or_another_country_is_another_scan() -> None:
    own = kazakhstan("imp.office_in", "11-20 08:00")
    assert len(lines(own, scan("last.out", "11-20 08:30", source="seventeentrack", country="KZ"))) == 2
    assert len(lines(own, scan("imp.office_in", "11-20 08:30", source="seventeentrack", country="RU"))) == 2
    assert len(lines(own, scan("imp.office_in", "11-20 08:30", source="seventeentrack", country=""))) == 2


def test_of_two_carriers_told_in_the_very_minute_the_country_may_be_missing_once() -> None:
    told = scan("exp.office_in", "11-10 02:20", "Guangzhou", source="seventeentrack", carrier="china_post")
    vague = scan("line.moving", "11-10 02:20", country="", source="seventeentrack", carrier="russian_post")
    later = scan("line.moving", "11-10 02:22", country="", source="seventeentrack", carrier="russian_post")
    assert [line.code for line in derive([told, vague]).lines] == ["exp.office_in"]
    assert [line.code for line in derive([told, later]).lines] == ["exp.office_in", "line.moving"]


def test_a_voice_that_only_says_moving_in_the_minute_of_a_precise_one_adds_nothing() -> None:
    own = russia("last.sort_in", "11-21 12:33")
    echo = scan("line.moving", "11-21 12:33", country="", source="seventeentrack", carrier="russian_post")
    unknown = russia("sys.unmapped", "11-21 12:40")
    echo_of_unknown = scan(
        "line.moving", "11-21 12:40", country="", source="seventeentrack", carrier="russian_post"
    )
    timeline = derive([own, echo, unknown, echo_of_unknown], origin="CN", destination="RU")
    assert [(line.code, len(line.sightings)) for line in timeline.lines] == [
        ("last.sort_in", 2),
        ("sys.unmapped", 2),
    ]
    assert timeline.summary.code == "last.sort_in"


def test_an_export_that_the_destination_post_tells_was_made_by_the_origin_post() -> None:
    told = scan("exp.departed", "11-12 22:05", country="", source="seventeentrack", carrier="russian_post")
    timeline = derive([told], origin="CN", destination="RU")
    assert (timeline.summary.carrier, timeline.summary.country) == ("china_post", "CN")
    own = russia("exp.departed", "11-12 22:05", country="CN")
    assert derive([told, own], origin="CN", destination="RU").summary.carrier == "china_post"


def test_of_one_carrier_told_twice_the_country_may_be_missing_once() -> None:
    own = kazakhstan("imp.office_in", "11-20 08:00")
    told = scan("imp.office_in", "11-20 08:30", "", source="seventeentrack", carrier="kazpost", country="")
    assert len(lines(own, told)) == 1


def test_doubles_with_a_wrong_winter_offset_pair_by_their_codes() -> None:
    """17TRACK told a summer scan with a winter offset: everything an hour late, and still the same scans."""
    own = [kazakhstan("last.sort_in", "07-20 08:00"), kazakhstan("last.sort_out", "07-20 08:50")]
    late = [
        scan("last.sort_in", "07-20 09:00", "", source="seventeentrack", country="KZ"),
        scan("last.sort_out", "07-20 09:50", "", source="seventeentrack", country="KZ"),
    ]
    found = derive([*late, *own], origin="CN", destination="KZ").lines
    assert [[told.event.code for told in line.sightings] for line in found] == [
        ["last.sort_in"] * 2,
        ["last.sort_out"] * 2,
    ]
    assert [line.at for line in found] == [moment("07-20 08:00"), moment("07-20 08:50")]


def test_two_scans_of_one_carrier_are_never_joined_through_another() -> None:
    told = [
        kazakhstan("last.sort_in", "11-20 08:00"),
        kazakhstan("last.sort_in", "11-20 08:40"),
        scan("last.sort_in", "11-20 08:20", source="seventeentrack", country="KZ"),
    ]
    assert sorted(len(line.sightings) for line in derive(told, destination="KZ").lines) == [1, 2]


def test_scans_of_unknown_meaning_are_never_joined_across_carriers() -> None:
    assert (
        len(lines(kazakhstan("sys.unmapped", "11-20 08:00"), russia("sys.unmapped", "11-20 08:00", "Almaty")))
        == 2
    )


def test_the_words_that_ask_for_an_act_come_first() -> None:
    vague = kazakhstan("imp.customs_in", "11-21 13:12")
    plain = scan("imp.customs_pay", "11-21 13:20", "", source="seventeentrack", country="KZ")
    found = derive([vague, plain], origin="CN", destination="KZ")
    assert found.summary.code == "imp.customs_pay"
    assert found.lines[0].sightings == (plain, vague)


def test_the_scanning_carriers_clock_counts_before_an_aggregators() -> None:
    own = kazakhstan("done.delivered", "11-29 08:00")
    told = scan("done.signed", "11-29 09:00", "", source="seventeentrack", carrier="kazpost", country="KZ")
    found = derive([own, told], origin="CN", destination="KZ").lines[0]
    assert (found.code, found.at) == ("done.signed", moment("11-29 08:00"))


@pytest.mark.parametrize("later", ["11-29 07:30", "11-29 08:30"])
def test_a_double_of_a_return_is_a_return(later: str) -> None:
    own = kazakhstan("last.office_in", "11-29 08:00", direction=Direction.RETURN)
    told = scan("last.sort_out", later, "", source="seventeentrack", country="KZ")
    found = derive([told, own], origin="CN", destination="KZ")
    assert (found.status, len(found.lines)) == (PublicStatus.RETURNING, 1)


# --- order ---


def test_between_sources_an_hour_decides_nothing_and_the_usual_order_does() -> None:
    out = kazakhstan("imp.customs_out", "11-25 06:00")
    handed_in = scan("imp.customs_in", "11-25 06:50", source="seventeentrack", country="KZ")
    assert lines(out, handed_in) == ["imp.customs_in", "imp.customs_out"]
    later = scan("imp.customs_in", "11-25 07:10", source="seventeentrack", country="KZ")
    assert lines(out, later) == ["imp.customs_out", "imp.customs_in"]


def test_within_one_source_its_own_clock_decides() -> None:
    assert lines(
        kazakhstan("imp.customs_out", "11-25 06:00"), kazakhstan("imp.customs_in", "11-25 06:10")
    ) == [
        "imp.customs_out",
        "imp.customs_in",
    ]


def test_a_time_of_an_unknown_zone_says_no_more_than_the_day() -> None:
    """Russian Post's batch tells Chinese scans in Chinese local time without saying so."""
    left = russia("exp.departed", "11-11 23:05", "Khorgos", basis=ZoneBasis.UNKNOWN)
    arrived = russia("imp.office_in", "11-11 19:00", basis=ZoneBasis.CARRIER_RULE)
    assert lines(arrived, left, destination="RU") == ["exp.departed", "imp.office_in"]


def test_local_times_of_one_country_are_comparable_even_if_their_zone_is_unknown() -> None:
    told = [
        russia("exp.customs_out", "11-10 09:00", "Khorgos", basis=ZoneBasis.UNKNOWN),
        russia("exp.customs_in", "11-10 12:00", "Khorgos", basis=ZoneBasis.UNKNOWN),
    ]
    assert lines(*told, destination="RU") == ["exp.customs_out", "exp.customs_in"]


def test_a_doubtful_clock_never_moves_a_scan_past_a_return() -> None:
    told = [
        russia("last.ready", "11-20 08:00"),
        russia("ret.started", "11-20 08:10"),
        scan("imp.office_in", "11-20 08:20", source="seventeentrack", country="RU"),
    ]
    assert lines(*told, destination="RU") == ["last.ready", "ret.started", "imp.office_in"]


def test_a_doubtful_clock_never_reorders_the_way_back() -> None:
    told = [
        russia("last.ready", "11-20 08:00"),
        scan(
            "imp.office_in", "11-20 08:20", source="seventeentrack", country="RU", direction=Direction.RETURN
        ),
    ]
    assert lines(*told, destination="RU") == ["last.ready", "imp.office_in"]


def test_scans_of_the_hour_that_comes_twice_keep_their_order() -> None:
    """Kyiv, 2026-10-25: 03:30 of summer time, and an hour later 03:30 of winter time."""
    summer = scan(
        "last.sort_in", "10-25 00:30", "Kyiv", source="ukrposhta", raw_time="2026-10-25T03:30:00+03:00"
    )
    winter = scan(
        "last.sort_out", "10-25 01:30", "Kyiv", source="ukrposhta", raw_time="2026-10-25T03:30:00+02:00"
    )
    assert lines(winter, summer, destination="UA") == ["last.sort_in", "last.sort_out"]


def test_kazakhstans_change_of_zone_moves_no_scan() -> None:
    """Almaty went from +6 to +5 on 2024-03-01; a source that still reckons with +6 is an hour early."""
    own = [
        kazakhstan("imp.customs_in", "2024-02-29 17:30", raw_time="29.02.2024 23:30"),
        kazakhstan("imp.customs_out", "2024-02-29 19:30", raw_time="01.03.2024 00:30"),
        kazakhstan("last.sort_in", "2024-02-29 20:00", raw_time="01.03.2024 01:00"),
    ]
    stuck_at_6 = [
        scan("imp.customs_out", "2024-02-29 18:30", source="seventeentrack", carrier="kazpost", country="KZ"),
        scan("last.sort_in", "2024-02-29 19:00", source="seventeentrack", carrier="kazpost", country="KZ"),
    ]
    found = derive([*stuck_at_6, *own], origin="CN", destination="KZ")
    assert [line.code for line in found.lines] == ["imp.customs_in", "imp.customs_out", "last.sort_in"]
    assert [line.at for line in found.lines] == [told.event.occurred_at for told in own]


# --- scans taken back ---


def test_a_withdrawn_event_counts_no_more_and_is_kept_apart() -> None:
    wrong = kazakhstan("done.collected", "11-29 08:00", raw_code="D1")
    undo = kazakhstan("done.collected", "11-29 08:30", raw_code="D1", withdraws=True)
    ready = kazakhstan("last.ready", "11-29 07:00")
    found = derive([undo, wrong, ready], origin="CN", destination="KZ")
    assert found.status is PublicStatus.READY_FOR_PICKUP
    assert [line.sightings for line in found.lines] == [(ready,)]
    assert [line.sightings for line in found.withdrawn] == [(wrong,), (undo,)]


def test_a_withdrawal_takes_back_the_nearest_earlier_event_of_its_code_only() -> None:
    told = [
        kazakhstan("last.failed", "11-27 08:00", raw_code="F"),
        kazakhstan("last.failed", "11-28 08:00", raw_code="F"),
        kazakhstan("last.failed", "11-28 09:00", raw_code="F", withdraws=True),
        kazakhstan("last.failed", "11-29 08:00", raw_code="F"),
    ]
    assert [line.at for line in derive(told).lines] == [moment("11-27 08:00"), moment("11-29 08:00")]


def test_a_withdrawal_told_twice_takes_back_once() -> None:
    told = [
        kazakhstan("last.failed", "11-27 08:00", raw_code="F"),
        kazakhstan("last.failed", "11-28 08:00", raw_code="F"),
        kazakhstan("last.failed", "11-28 09:00", raw_code="F", withdraws=True),
        kazakhstan(
            "last.failed", "11-28 09:00", raw_code="F", withdraws=True, seen="11-30 08:00", text="again"
        ),
    ]
    assert [line.at for line in derive(told).lines] == [moment("11-27 08:00")]


def test_a_carrier_takes_back_only_its_own_words_and_their_doubles() -> None:
    wrong = kazakhstan("done.collected", "11-29 08:00", raw_code="D1")
    double = scan("done.delivered", "11-29 08:05", source="seventeentrack", carrier="kazpost", country="KZ")
    undo = kazakhstan("done.collected", "11-29 08:30", raw_code="D1", withdraws=True)
    assert derive([wrong, double, undo], destination="KZ").lines == ()
    foreign_undo = russia("done.collected", "11-29 08:30", raw_code="D1", withdraws=True)
    assert len(derive([wrong, foreign_undo], destination="KZ").lines) == 1


def test_a_withdrawal_of_nothing_is_kept_and_changes_nothing() -> None:
    undo = kazakhstan("done.collected", "11-29 08:30", withdraws=True)
    found = derive([*exported(), undo], origin="CN", destination="KZ")
    assert found.status is PublicStatus.IN_TRANSIT
    assert len(found.withdrawn) == 1


# --- the set ---


def test_any_iterable_of_sightings_will_do() -> None:
    assert derive(iter(exported())) == derive(tuple(exported()))


def test_deriving_changes_no_sighting() -> None:
    told = exported()
    before = [replace(one) for one in told]
    derive(told)
    assert told == before
