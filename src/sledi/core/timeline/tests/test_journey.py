"""Legs, hand-over, milestones and the steps of the trace."""

import pytest

from sledi.core.timeline import Leg, Mark, Sighting, StepState, Timeline, derive
from sledi.core.timeline.tests.scans import (
    arrived_in_almaty,
    china,
    delivered_in_karaganda,
    exported,
    kazakhstan,
    moment,
    russia,
    scan,
)


def to_kazakhstan(*sightings: Sighting) -> Timeline:
    return derive(sightings, origin="CN", destination="KZ")


def leg(timeline: Timeline, kind: str) -> Leg:
    return next(leg for leg in timeline.legs if leg.kind == kind)


# --- legs ---


def test_the_legs_of_a_whole_journey_in_order_with_their_countries() -> None:
    found = to_kazakhstan(*delivered_in_karaganda())
    assert [
        (leg.kind.value, leg.carrier, leg.country, leg.state.value, len(leg.lines)) for leg in found.legs
    ] == [
        ("origin", "china_post", "CN", "done", 4),
        ("export", "china_post", "CN", "done", 3),
        ("between", "", "", "done", 0),
        ("import", "kazpost", "KZ", "done", 3),
        ("last", "kazpost", "KZ", "done", 5),
    ]


def test_everything_before_export_customs_is_the_leg_of_the_origin_post() -> None:
    told = [*exported(), china("line.hub_in", "11-08 12:00", "Urumqi"), china("sys.note", "11-09 12:00")]
    found = to_kazakhstan(*told)
    origin = leg(found, "origin")
    assert origin.carrier == "china_post"
    assert [line.event.code for line in origin.lines] == [
        "pre.info",
        "orig.accepted",
        "line.hub_in",
        "sys.note",
        "orig.departed",
        "exp.office_in",
    ]
    customs_at = found.milestones[Mark.EXPORT_CUSTOMS].at
    assert {line.leg for line in found.lines if line.at < customs_at} == {"origin"}


def test_the_stretch_between_the_posts_is_a_leg_although_nobody_scans_there() -> None:
    between = leg(to_kazakhstan(*arrived_in_almaty()), "between")
    assert (between.lines, between.started_at, between.ended_at) == (
        (),
        moment("11-11 15:05"),
        moment("11-20 01:30"),
    )


def test_the_leg_reached_is_now_and_those_of_the_destination_are_ahead() -> None:
    found = to_kazakhstan(*exported())
    assert [(leg.kind.value, leg.state) for leg in found.legs] == [
        ("origin", StepState.DONE),
        ("export", StepState.DONE),
        ("between", StepState.NOW),
        ("import", StepState.AHEAD),
        ("last", StepState.AHEAD),
    ]


@pytest.mark.parametrize(
    ("destination", "carrier"),
    [("RU", "russian_post"), ("UA", "ukrposhta"), ("BY", "belpost"), ("KZ", "kazpost"), ("NO", "post_no")],
)
def test_the_last_leg_belongs_to_the_post_of_the_destination(destination: str, carrier: str) -> None:
    last = leg(derive(exported(), origin="CN", destination=destination), "last")
    assert (last.carrier, last.country, last.state) == (carrier, destination, StepState.AHEAD)


def test_a_leg_knows_the_numbers_its_lines_were_found_under() -> None:
    found = to_kazakhstan(
        *exported(),
        kazakhstan("last.sort_in", "11-26 10:00", number="KZ777"),
        kazakhstan("last.out", "11-27 10:00"),
    )
    assert leg(found, "origin").numbers == ("RR123456785CN",)
    assert leg(found, "last").numbers == ("KZ777", "RR123456785CN")


def test_a_domestic_courier_has_its_own_leg_before_the_origin_post() -> None:
    courier = {"source": "kuaidi100", "carrier": "yto", "number": "YT8812345678901"}
    found = to_kazakhstan(
        scan("orig.accepted", "11-01 08:00", "Shenzhen", **courier),
        scan("orig.hub", "11-02 08:00", "Shenzhen", **courier),
        scan("done.signed", "11-03 11:00", "Guangzhou", **courier),
        *exported(),
    )
    first = found.legs[0]
    assert (first.kind.value, first.carrier, first.numbers, len(first.lines)) == (
        "domestic",
        "yto",
        ("YT8812345678901",),
        3,
    )
    assert found.legs[1].carrier == "china_post"


def test_a_parcel_within_one_country_has_no_border_legs() -> None:
    found = derive(
        [
            russia("orig.accepted", "11-07 08:00"),
            russia("line.moving", "11-08 08:00"),
            russia("last.ready", "11-12 08:00", "Kazan", number=""),
        ]
    )
    assert [leg.kind.value for leg in found.legs] == ["origin", "last"]
    assert (found.summary.origin, found.summary.destination) == ("RU", "RU")


def test_a_return_is_a_leg_of_its_own_and_nothing_is_ahead() -> None:
    found = to_kazakhstan(
        *delivered_in_karaganda()[:-1], kazakhstan("ret.started", "12-29 07:00", "Karaganda")
    )
    assert [leg.kind.value for leg in found.legs][-1] == "return"
    assert leg(found, "return").state is StepState.NOW
    assert StepState.AHEAD not in {leg.state for leg in found.legs}


def test_every_line_of_a_journey_is_in_exactly_one_leg() -> None:
    found = to_kazakhstan(*delivered_in_karaganda(), kazakhstan("bad.other", "11-30 01:00"))
    assert sum(len(leg.lines) for leg in found.legs) == len(found.lines)


def test_asking_is_in_no_leg() -> None:
    found = to_kazakhstan(kazakhstan("sys.not_found", "11-07 08:00"))
    assert found.legs == ()
    assert len(found.lines) == 1


# --- hand-over ---


def test_with_the_first_event_of_the_destination_post_the_active_carrier_switches() -> None:
    before, after = to_kazakhstan(*exported()), to_kazakhstan(*arrived_in_almaty()[:-1])
    assert (before.summary.carrier, after.summary.carrier) == ("china_post", "kazpost")
    assert {line.carrier for line in after.lines} == {"china_post", "kazpost"}


def test_a_late_scan_of_the_origin_post_does_not_take_the_parcel_back() -> None:
    assert (
        to_kazakhstan(*arrived_in_almaty(), china("line.moving", "11-23 08:00")).summary.carrier == "kazpost"
    )


def test_an_announcement_to_the_destination_post_hands_nothing_over() -> None:
    assert to_kazakhstan(*exported(), kazakhstan("pre.info", "11-12 08:00")).summary.carrier == "china_post"


def test_an_arrival_that_only_the_origin_post_tells_is_the_destination_posts() -> None:
    """China Post shows what the destination's post reported, often without a country."""
    found = to_kazakhstan(*exported(), china("imp.office_in", "11-20 01:30", ""))
    assert (found.summary.carrier, found.summary.country) == ("kazpost", "KZ")


def test_a_delivery_that_only_the_origin_post_tells_without_a_country_is_a_delivery() -> None:
    assert to_kazakhstan(*exported(), china("done.delivered", "12-02 01:30", "")).summary.is_final


def test_foreign_scans_that_a_post_tells_are_the_foreign_posts() -> None:
    told = [russia("orig.accepted", "11-07 08:00", "Guangzhou"), russia("imp.office_in", "11-20 08:00")]
    found = derive(told, origin="CN", destination="RU")
    assert [line.carrier for line in found.lines] == ["china_post", "russian_post"]


def test_the_local_courier_takes_over_from_the_destination_post() -> None:
    found = derive(
        [
            russia("imp.customs_out", "11-20 08:00"),
            russia("last.handover", "11-21 08:00"),
            scan("last.out", "11-22 08:00", "Moscow", source="cdek"),
        ],
        origin="CN",
        destination="RU",
    )
    assert found.summary.carrier == "cdek"


def test_the_two_histories_of_a_parcel_to_russia_are_one_timeline() -> None:
    """China Post until the border, Russian Post behind it; the border itself is told by both."""
    told = [
        *exported(),
        russia("exp.departed", "11-11 15:30", "Khorgos"),
        russia("imp.office_in", "11-24 05:00"),
        russia("imp.customs_in", "11-24 09:00"),
        russia("imp.customs_out", "11-24 18:00"),
        russia("last.sort_out", "11-25 20:00"),
        russia("last.ready", "11-30 09:00", "Kazan"),
    ]
    found = derive(told, origin="CN", destination="RU")
    assert len(found.lines) == len(told) - 1
    assert [leg.carrier for leg in found.legs] == [
        "china_post",
        "china_post",
        "",
        "russian_post",
        "russian_post",
    ]
    assert found.summary.carrier == "russian_post"
    assert [step.at for step in found.steps] == [
        moment("11-07 07:48"),
        moment("11-11 15:05"),
        moment("11-24 05:00"),
        moment("11-30 09:00"),
        None,
    ]


# --- the route ---


def test_a_route_is_learnt_from_the_scans() -> None:
    found = derive(arrived_in_almaty())
    assert (found.summary.origin, found.summary.destination) == ("CN", "KZ")


def test_the_only_other_post_that_tells_of_a_parcel_is_its_destinations() -> None:
    told = russia("exp.departed", "11-11 15:05", "Khorgos")
    assert derive([told]).summary.destination == "RU"
    both = [told, kazakhstan("exp.customs_out", "11-11 03:00", "Khorgos")]
    assert derive(both).summary.destination == ""


def test_a_given_route_wins_over_what_scans_say() -> None:
    found = derive(arrived_in_almaty(), origin="HK", destination="RU")
    assert (found.summary.origin, found.summary.destination) == ("HK", "RU")


def test_the_way_back_teaches_no_destination() -> None:
    back = [kazakhstan("ret.started", "12-20 08:00"), china("imp.office_in", "12-29 08:00", "Guangzhou")]
    assert derive([*arrived_in_almaty(), *back]).summary.destination == "KZ"


def test_a_parcel_that_left_china_is_not_for_china() -> None:
    courier = scan("done.signed", "11-03 11:00", "Guangzhou", source="kuaidi100", carrier="yto")
    found = derive([courier, *exported()])
    assert (found.summary.origin, found.summary.destination) == ("CN", "")
    late = scan("done.signed", "12-03 11:00", "Guangzhou", source="kuaidi100", carrier="yto")
    found = derive([*exported(), russia("last.sort_in", "12-01 08:00"), late])
    assert (found.summary.origin, found.summary.destination) == ("CN", "RU")


# --- milestones ---


def test_milestones_are_set_once_by_the_first_line_that_proves_them() -> None:
    found = to_kazakhstan(*delivered_in_karaganda(), kazakhstan("imp.customs_in", "11-30 08:00"))
    assert {mark.value: f"{reached.at:%m-%d %H:%M}" for mark, reached in found.milestones.items()} == {
        "accepted": "11-07 07:48",
        "export_customs": "11-10 09:00",
        "left_origin": "11-11 15:05",
        "arrived": "11-20 01:30",
        "import_customs": "11-21 13:12",
        "released": "11-25 06:00",
        "at_office": "11-29 05:00",
        "delivered": "12-02 12:30",
    }


def test_a_joined_line_proves_the_marks_of_all_its_sightings() -> None:
    own = kazakhstan("last.sort_in", "11-20 08:30")
    told = scan("imp.customs_out", "11-20 08:00", "", source="seventeentrack", country="KZ")
    found = to_kazakhstan(own, told)
    assert len(found.lines) == 1
    assert {Mark.ARRIVED, Mark.RELEASED} <= set(found.milestones)


def test_a_return_adds_its_marks_and_takes_none() -> None:
    journey = [*delivered_in_karaganda()[:-1], kazakhstan("ret.started", "12-29 07:00")]
    found = to_kazakhstan(*journey, china("ret.done", "2027-01-20 07:00"))
    assert found.furthest is Mark.RETURNED
    assert Mark.AT_OFFICE in found.milestones
    assert Mark.DELIVERED not in found.milestones


def test_the_furthest_mark_is_none_before_acceptance() -> None:
    assert to_kazakhstan(china("pre.info", "11-06 08:00")).furthest is None


# --- the trace ---


def test_the_trace_has_five_steps_with_their_dates() -> None:
    found = to_kazakhstan(*arrived_in_almaty())
    assert [(step.key, step.state.value, step.at) for step in found.steps] == [
        ("accepted", "done", moment("11-07 07:48")),
        ("left_origin", "done", moment("11-11 15:05")),
        ("arrived", "now", moment("11-20 01:30")),
        ("at_office", "ahead", None),
        ("delivered", "ahead", None),
    ]


def test_the_trace_is_there_before_anything_happened() -> None:
    assert {step.state for step in derive([]).steps} == {StepState.AHEAD}
    assert len(derive([]).steps) == 5


def test_a_step_that_nobody_scanned_is_passed_without_a_date() -> None:
    found = to_kazakhstan(china("orig.accepted", "11-07 08:00"), kazakhstan("imp.office_in", "11-20 08:00"))
    assert [(step.state.value, step.at is not None) for step in found.steps[:3]] == [
        ("done", True),
        ("done", False),
        ("now", True),
    ]


def test_a_parcel_within_one_country_has_the_three_steps_it_can_take() -> None:
    found = derive([russia("orig.accepted", "11-07 08:00")], origin="RU", destination="RU")
    assert [step.key for step in found.steps] == ["accepted", "at_office", "delivered"]


def test_a_parcel_on_its_way_back_ends_with_its_return() -> None:
    found = to_kazakhstan(*arrived_in_almaty(), kazakhstan("ret.started", "12-01 08:00"))
    assert found.steps[-1].key == "returned"
    assert found.steps[-1].state is StepState.AHEAD


# --- days ---


def test_days_in_transit_run_from_acceptance_to_the_end() -> None:
    now = moment("2027-02-01 00:00")
    assert to_kazakhstan(*delivered_in_karaganda()).days_in_transit(now) == 25
    assert to_kazakhstan(*arrived_in_almaty()).days_in_transit(moment("11-24 10:00")) == 17
    assert to_kazakhstan(china("pre.info", "11-06 08:00")).days_in_transit(now) is None


def test_first_and_last_event_are_those_of_carriers_not_of_asking() -> None:
    found = to_kazakhstan(*exported(), kazakhstan("sys.not_found", "11-15 08:00"))
    assert (found.first_event_at, found.summary.last_event_at) == (
        moment("11-06 02:00"),
        moment("11-11 15:05"),
    )
