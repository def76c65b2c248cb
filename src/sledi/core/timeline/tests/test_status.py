"""The public status: each rule of the statuses model, one test per rule."""

import pytest

from sledi.core.carrier import Direction
from sledi.core.statuses import EVENT_CODES, PublicStatus
from sledi.core.timeline import (
    Sighting,
    derive,
    expected,
    explain_status,
    next_move,
    silence,
    status_at,
    summarise,
    summary,
)
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

P = PublicStatus


def status(*sightings: Sighting, origin: str = "CN", destination: str = "KZ") -> PublicStatus:
    return summary(sightings, origin=origin, destination=destination).status


def test_nothing_known_is_registered() -> None:
    found = summary([])
    assert (found.status, found.code, found.since, found.is_final) == (
        P.REGISTERED,
        "sys.pending",
        None,
        False,
    )


def test_each_stage_of_a_journey_gives_its_status() -> None:
    journey = delivered_in_karaganda()
    seen = [status(*journey[: count + 1]) for count in range(len(journey))]
    assert seen == [
        P.REGISTERED,
        P.ACCEPTED,
        P.IN_TRANSIT,
        P.IN_TRANSIT,
        P.CUSTOMS,
        P.IN_TRANSIT,
        P.IN_TRANSIT,
        P.ARRIVED,
        P.CUSTOMS,
        P.ARRIVED,
        P.ARRIVED,
        P.ARRIVED,
        P.ARRIVED,
        P.READY_FOR_PICKUP,
        P.DELIVERED,
    ]


@pytest.mark.parametrize("code", EVENT_CODES)
def test_a_single_event_gives_the_status_of_its_code(code: str) -> None:
    expected = EVENT_CODES[code].public or P.REGISTERED
    if code == "sys.stale":
        expected = P.REGISTERED  # an aggregator's "expired" is only a hint
    assert status(scan(code, "11-07 10:00")) is expected


# --- the furthest stage ---


def test_a_late_scan_of_a_lower_stage_changes_nothing() -> None:
    found = derive([*arrived_in_almaty(), china("orig.hub", "11-22 08:00")], origin="CN", destination="KZ")
    assert found.lines[-1].rule == "late-scan"
    before = summary(arrived_in_almaty(), origin="CN", destination="KZ")
    after = found.summary
    assert (after.status, after.code, after.since, after.place, after.carrier) == (
        before.status,
        before.code,
        before.since,
        before.place,
        before.carrier,
    )


def test_a_late_origin_scan_after_delivery_changes_nothing() -> None:
    found = summary([*delivered_in_karaganda(), china("orig.accepted", "12-05 08:00")])
    assert (found.status, found.code, found.is_final) == (P.DELIVERED, "done.collected", True)
    assert found.since == moment("12-02 12:30")


def test_out_for_delivery_is_not_undone_by_a_depot_scan() -> None:
    assert status(kazakhstan("last.out", "11-29 08:00"), kazakhstan("last.sort_in", "11-29 11:00")) is (
        P.OUT_FOR_DELIVERY
    )


def test_of_one_stage_the_latest_scan_counts() -> None:
    out_then_locker = [kazakhstan("last.out", "11-29 08:00"), kazakhstan("last.ready", "11-29 11:00")]
    assert status(*out_then_locker) is P.READY_FOR_PICKUP
    assert status(kazakhstan("last.ready", "11-29 08:00"), kazakhstan("last.out", "11-29 11:00")) is (
        P.OUT_FOR_DELIVERY
    )


def test_a_movement_without_a_side_never_takes_the_parcel_back_over_the_border() -> None:
    moving = china("line.moving", "11-22 08:00", "")
    assert status(*arrived_in_almaty()[:-1], moving) is P.ARRIVED
    found = derive([*exported(), china("line.hub_out", "11-12 08:00", "Urumqi")], destination="KZ")
    assert found.lines[-1].rule == "late-scan"


def test_a_movement_within_the_destination_country_goes_on_there() -> None:
    hub = kazakhstan("line.moving", "11-27 08:00", "Karaganda")
    found = summary([*arrived_in_almaty()[:-1], hub], origin="CN", destination="KZ")
    assert (found.status, found.place) == (P.ARRIVED, "Karaganda")


def test_a_hub_scan_in_the_destination_country_has_arrived() -> None:
    found = derive([*exported(), kazakhstan("line.hub_in", "11-20 08:00")], origin="CN", destination="KZ")
    assert (found.status, found.lines[-1].code) == (P.ARRIVED, "last.sort_in")
    assert found.rule in ("hub-in-destination", "furthest-stage")


def test_being_sent_on_to_another_address_ends_the_waiting() -> None:
    ready = kazakhstan("last.ready", "11-29 08:00")
    assert status(ready, kazakhstan("line.redirected", "11-30 08:00")) is P.ARRIVED


# --- finals ---


@pytest.mark.parametrize("code", ["done.signed", "bad.lost", "bad.destroyed", "ret.done"])
def test_a_final_wins_over_every_late_scan_of_a_lower_stage(code: str) -> None:
    final = kazakhstan(code, "11-29 08:00")
    for late in (
        "orig.accepted",
        "exp.customs_held",
        "line.delayed",
        "imp.customs_pay",
        "last.failed",
        "bad.other",
    ):
        found = summary([final, kazakhstan(late, "12-01 08:00")], origin="CN", destination="KZ")
        assert (found.status, found.is_final) == (EVENT_CODES[code].public, True)


def test_a_lost_parcel_that_is_delivered_is_delivered() -> None:
    assert status(russia("bad.lost", "11-20 08:00"), russia("done.signed", "11-29 08:00")) is P.DELIVERED


def test_a_delivery_stands_against_a_later_word_of_a_loss() -> None:
    """The origin post closes an inquiry as lost; the destination post has the signature."""
    told = [kazakhstan("done.signed", "11-20 08:00"), china("bad.lost", "12-20 08:00", "")]
    assert status(*told) is P.DELIVERED


def test_carriers_that_contradict_each_other_give_one_status_by_the_rules() -> None:
    ready = kazakhstan("last.ready", "11-20 08:00")
    for said in (
        china("sys.not_found", "11-25 08:00", ""),
        china("line.moving", "11-25 08:00", ""),
        scan("sys.stale", "11-25 08:00", source="seventeentrack"),
        scan("imp.customs_out", "11-25 08:00", source="seventeentrack", country="KZ"),
        scan("exp.held", "11-25 08:00", source="seventeentrack", country="CN"),
    ):
        assert status(ready, said) is P.READY_FOR_PICKUP
    problem = scan("bad.other", "11-25 08:00", source="seventeentrack", country="KZ")
    assert status(ready, problem) is P.PROBLEM
    assert status(ready, problem, kazakhstan("done.collected", "11-26 08:00")) is P.DELIVERED


def test_a_cancellation_after_delivery_changes_nothing() -> None:
    assert status(*delivered_in_karaganda(), china("bad.cancelled", "12-06 08:00")) is P.DELIVERED


# --- what we know of asking ---


def test_asking_never_wins_over_a_scan() -> None:
    for code in ("sys.not_found", "sys.bad_number", "sys.pending", "sys.stale", "sys.error"):
        assert status(china("orig.accepted", "11-07 08:00"), russia(code, "11-09 08:00")) is P.ACCEPTED


def test_asking_never_wins_over_an_announcement() -> None:
    assert status(china("pre.info", "11-07 08:00"), russia("sys.not_found", "11-09 08:00")) is P.REGISTERED


def test_an_answer_wins_over_a_question() -> None:
    found = summary([china("sys.not_found", "11-07 08:00"), russia("sys.pending", "11-09 08:00")])
    assert (found.status, found.code) == (P.NOT_FOUND, "sys.not_found")


def test_a_parcel_that_only_aggregators_call_expired_is_not_stale() -> None:
    assert status(scan("sys.stale", "11-07 08:00", source="seventeentrack")) is P.REGISTERED


def test_an_unmapped_code_is_shown_and_the_status_stays() -> None:
    found = derive([china("orig.accepted", "11-07 08:00"), china("sys.unmapped", "11-08 08:00", text="神秘")])
    assert found.status is P.ACCEPTED
    assert (found.lines[-1].rule, found.lines[-1].event.raw_text) == ("unmapped", "神秘")


def test_a_code_that_no_table_knows_is_unmapped_and_raises_nothing() -> None:
    found = derive([china("orig.accepted", "11-07 08:00"), china("future.code", "11-08 08:00")])
    assert (found.status, found.lines[-1].code) == (P.ACCEPTED, "sys.unmapped")


def test_a_parcel_known_only_by_unmapped_scans_is_registered_not_not_found() -> None:
    found = summary([china("sys.unmapped", "11-08 08:00"), russia("sys.not_found", "11-09 08:00")])
    assert (found.status, found.code) == (P.REGISTERED, "sys.unmapped")


# --- problems stay ---


def test_a_customs_stay_remains_until_its_release() -> None:
    held = [*arrived_in_almaty(), kazakhstan("imp.customs_pay", "11-24 05:40")]
    found = summary(held, origin="CN", destination="KZ")
    assert (found.status, found.code, found.since) == (P.CUSTOMS, "imp.customs_pay", moment("11-21 13:12"))
    assert status(*held, kazakhstan("imp.office_in", "11-24 09:00")) is P.CUSTOMS
    assert status(*held, kazakhstan("line.moving", "11-24 09:00")) is P.CUSTOMS
    assert status(*held, kazakhstan("imp.customs_out", "11-25 06:00")) is P.ARRIVED
    assert status(*held, kazakhstan("last.sort_in", "11-25 06:00")) is P.ARRIVED


def test_another_customs_stop_counts_even_after_the_last_post_has_it() -> None:
    journey = delivered_in_karaganda()[:-3]
    again = [*journey, kazakhstan("imp.customs_docs", "11-28 06:00")]
    assert status(*journey) is P.ARRIVED
    assert status(*again) is P.CUSTOMS
    assert status(*again, kazakhstan("last.sort_out", "11-27 20:00")) is P.CUSTOMS
    assert status(*again, kazakhstan("imp.customs_out", "11-30 06:00")) is P.ARRIVED


def test_a_failed_attempt_remains_until_the_last_post_moves_on() -> None:
    failed = [*delivered_in_karaganda()[:-2], kazakhstan("last.failed", "11-29 08:00", "Karaganda")]
    assert status(*failed) is P.ATTEMPT_FAILED
    assert status(*failed, china("line.moving", "11-29 20:00", "")) is P.ATTEMPT_FAILED
    assert status(*failed, kazakhstan("last.office_in", "11-29 12:00", "Karaganda")) is P.ARRIVED
    assert status(*failed, kazakhstan("last.out", "11-30 04:00", "Karaganda")) is P.OUT_FOR_DELIVERY


def test_a_problem_without_a_leg_remains_until_its_leg_moves_on() -> None:
    delayed = [*exported(), china("line.delayed", "11-12 08:00", "", reason="weather_delay")]
    found = summary(delayed, origin="CN", destination="KZ")
    assert (found.status, found.reason) == (P.PROBLEM, "weather_delay")
    assert status(*delayed, china("orig.hub", "11-13 08:00")) is P.PROBLEM
    assert status(*delayed, china("line.resumed", "11-13 08:00", "")) is P.IN_TRANSIT
    assert status(*delayed, kazakhstan("imp.office_in", "11-20 08:00")) is P.ARRIVED


def test_a_parcel_resumed_after_arrival_is_still_in_the_destination_country() -> None:
    lost_way = [*arrived_in_almaty()[:-1], kazakhstan("line.misrouted", "11-22 08:00")]
    assert status(*lost_way) is P.PROBLEM
    assert status(*lost_way, kazakhstan("line.resumed", "11-23 08:00")) is P.ARRIVED


def test_a_stop_of_a_leg_that_the_parcel_has_left_is_a_late_scan() -> None:
    assert status(*arrived_in_almaty()[:-1], china("exp.customs_held", "11-22 08:00")) is P.ARRIVED
    assert status(*arrived_in_almaty()[:-1], china("line.delayed", "11-22 08:00")) is P.ARRIVED
    assert status(china("orig.accepted", "11-07 08:00"), china("pre.not_ready", "11-08 08:00")) is P.ACCEPTED


def test_an_export_that_is_cancelled_after_departure_is_a_problem() -> None:
    assert status(*exported(), china("exp.cancelled", "11-12 08:00", "Khorgos")) is P.PROBLEM


# --- closing codes ---


@pytest.mark.parametrize("code", ["bad.cancelled", "imp.terminated"])
def test_a_closed_parcel_opens_again_with_a_later_physical_scan(code: str) -> None:
    closed = [*arrived_in_almaty(), kazakhstan(code, "11-25 08:00")]
    found = summary(closed, origin="CN", destination="KZ")
    assert (found.status, found.is_closed, found.is_final) == (EVENT_CODES[code].public, True, False)
    opened = summary([*closed, kazakhstan("last.sort_in", "11-26 08:00")], origin="CN", destination="KZ")
    assert (opened.status, opened.is_closed) == (P.ARRIVED, False)


def test_a_late_lower_scan_opens_a_closed_parcel_where_it_stood() -> None:
    closed = [*arrived_in_almaty()[:-1], kazakhstan("bad.cancelled", "11-25 08:00")]
    opened = summary([*closed, china("orig.hub", "11-26 08:00")], origin="CN", destination="KZ")
    assert (opened.status, opened.code, opened.is_closed) == (P.ARRIVED, "imp.office_in", False)


def test_a_movement_elsewhere_opens_a_closed_parcel_where_it_stood_too() -> None:
    closed = [
        *arrived_in_almaty()[:-1],
        kazakhstan("bad.cancelled", "11-25 08:00"),
        kazakhstan("bad.cancelled", "11-25 09:00"),
    ]
    opened = summary([*closed, china("line.moving", "11-26 08:00")], origin="CN", destination="KZ")
    assert (opened.status, opened.code, opened.since) == (P.ARRIVED, "imp.office_in", moment("11-26 08:00"))


def test_a_closing_code_does_not_outrank_a_scan_after_it_even_when_nothing_was_known_before() -> None:
    announced = [china("pre.info", "11-06 08:00"), china("imp.terminated", "11-07 08:00", "")]
    assert status(*announced, china("orig.accepted", "11-08 08:00")) is P.ACCEPTED


def test_a_note_or_a_problem_in_words_does_not_open_a_closed_parcel() -> None:
    closed = [china("orig.accepted", "11-07 08:00"), china("bad.cancelled", "11-08 08:00")]
    assert status(*closed, china("bad.other", "11-09 08:00")) is P.CANCELLED
    assert status(*closed, china("sys.note", "11-09 08:00")) is P.CANCELLED
    assert status(*closed, china("pre.info", "11-09 08:00")) is P.CANCELLED


def test_a_label_voided_after_acceptance_changes_nothing() -> None:
    assert status(china("orig.accepted", "11-07 08:00"), china("pre.cancelled", "11-08 08:00")) is P.ACCEPTED


# --- the way back ---


def test_after_a_return_has_started_arrival_and_hand_over_are_the_senders() -> None:
    """Russian Post 8:2 and 2:2 after 3:1: the sender's office, and the sender."""
    back = [
        russia("imp.office_in", "11-10 08:00"),
        russia("last.ready", "11-15 08:00", "Kazan", raw_code="8:2"),
        russia("ret.started", "11-30 08:00", "Kazan", raw_code="3:1"),
    ]
    found = summary(back, origin="CN", destination="RU")
    assert (found.status, found.direction, found.code) == (P.RETURNING, Direction.RETURN, "ret.started")
    at_sender = [*back, russia("last.ready", "12-20 08:00", "Guangzhou", raw_code="8:2")]
    found = summary(at_sender, origin="CN", destination="RU")
    assert (found.status, found.place) == (P.RETURNING, "Guangzhou")
    home = [*at_sender, russia("ret.done", "12-22 08:00", "Guangzhou", raw_code="2:2")]
    found = summary(home, origin="CN", destination="RU")
    assert (found.status, found.is_final, found.since) == (P.RETURNED, True, moment("12-22 08:00"))


def test_delivered_on_the_way_back_means_that_the_sender_has_it() -> None:
    found = derive(
        [russia("ret.started", "11-30 08:00", "Kazan"), russia("done.delivered", "12-22 08:00", "Guangzhou")],
        origin="CN",
        destination="RU",
    )
    assert (found.status, found.summary.code) == (P.RETURNED, "ret.done")
    assert found.lines[-1].event.code == "done.delivered"


def test_problems_on_the_way_back_do_not_hide_that_it_goes_back() -> None:
    back = russia("ret.started", "11-30 08:00")
    for code in ("imp.customs_held", "bad.damaged", "bad.cancelled", "last.failed", "line.delayed"):
        assert status(back, russia(code, "12-02 08:00")) is P.RETURNING
    assert status(back, russia("bad.destroyed", "12-02 08:00")) is P.LOST


def test_an_event_that_its_carrier_calls_a_return_starts_the_way_back() -> None:
    found = summary([russia("last.ready", "12-02 08:00", direction=Direction.RETURN)], destination="RU")
    assert (found.status, found.code) == (P.RETURNING, "ret.started")


def test_a_note_on_the_way_back_is_of_the_way_back() -> None:
    told = [russia("ret.started", "11-30 08:00"), russia("sys.note", "12-01 08:00")]
    found = derive(told, destination="RU")
    assert (found.status, found.lines[-1].direction) == (P.RETURNING, Direction.RETURN)


def test_a_delivered_parcel_can_still_be_sent_back() -> None:
    journey = [russia("done.signed", "11-20 08:00"), russia("ret.started", "11-25 08:00")]
    assert status(*journey) is P.RETURNING
    assert status(russia("done.signed", "11-20 08:00"), russia("ret.done", "11-25 08:00")) is P.RETURNED


def test_a_returned_parcel_is_not_sent_back_again() -> None:
    assert status(russia("ret.done", "11-20 08:00"), russia("ret.started", "11-25 08:00")) is P.RETURNED


# --- domestic legs ---


def test_signed_on_a_chinese_domestic_leg_closes_that_leg_only() -> None:
    domestic = [
        scan("orig.accepted", "11-01 08:00", "Shenzhen", source="kuaidi100", carrier="yto", number="YT88"),
        scan("last.out", "11-03 08:00", "Guangzhou", source="kuaidi100", carrier="yto", number="YT88"),
        scan("done.signed", "11-03 11:00", "Guangzhou", source="kuaidi100", carrier="yto", number="YT88"),
    ]
    found = derive(domestic, origin="CN", destination="KZ")
    assert (found.status, found.summary.is_final, found.rule) == (P.IN_TRANSIT, False, "domestic-leg")
    assert status(*domestic, *exported()) is P.IN_TRANSIT


def test_signed_in_china_is_delivered_when_the_parcel_goes_nowhere_else() -> None:
    domestic = [scan("done.signed", "11-03 11:00", "Guangzhou", source="kuaidi100", carrier="yto")]
    assert status(*domestic, origin="", destination="") is P.DELIVERED
    assert status(*domestic, *exported(), origin="", destination="") is P.IN_TRANSIT


def test_a_delivery_abroad_that_a_courier_tells_without_a_country_is_a_delivery() -> None:
    done = scan("done.signed", "11-03 11:00", source="econt")
    assert status(
        scan("orig.accepted", "11-01 08:00", source="econt"), done, origin="BG", destination="RO"
    ) is (P.DELIVERED)


def test_a_failed_domestic_delivery_is_a_problem_and_not_the_buyers() -> None:
    failed = scan("last.failed", "11-03 11:00", "Guangzhou", source="kuaidi100", carrier="yto")
    found = summary([failed], origin="CN", destination="KZ")
    assert (found.status, found.code) == (P.PROBLEM, "line.delayed")


# --- where ---


def test_the_place_is_that_of_the_last_scan_that_counts() -> None:
    found = summary(arrived_in_almaty(), origin="CN", destination="KZ")
    assert (found.place, found.country) == ("Almaty", "KZ")


def test_a_stop_without_a_place_is_where_the_parcel_was() -> None:
    found = derive([*arrived_in_almaty(), kazakhstan("imp.customs_pay", "11-24 05:40", "")], destination="KZ")
    assert (found.summary.place, found.summary.country) == ("Almaty", "KZ")
    assert found.place_since == moment("11-20 01:30")


def test_a_parcel_that_has_left_is_not_where_it_was_before() -> None:
    journey = [kazakhstan("last.sort_in", "11-20 08:00"), kazakhstan("last.sort_out", "11-21 08:00", "")]
    assert summary(journey, origin="CN", destination="KZ").place == ""


def test_the_summary_of_a_timeline_is_the_summary() -> None:
    journey = delivered_in_karaganda()
    assert summarise(derive(journey, destination="KZ")) == summary(journey, destination="KZ")


# --- bad input ---


@pytest.mark.parametrize("when", ["0001-01-02 00:00", "9999-12-31 23:00"])
def test_a_carriers_mad_clock_breaks_nothing(when: str) -> None:
    now = moment("11-30 00:00")
    for code in EVENT_CODES:
        told = [*arrived_in_almaty(), kazakhstan(code, when, seen="11-29 00:00")]
        timeline = derive(told, origin="CN", destination="KZ")
        silence(timeline, now)
        expected(timeline, now)
        next_move(timeline, now)
        explain_status(timeline, now)
        assert status_at(timeline, now) in PublicStatus


def test_thousands_of_scans_of_one_minute_are_read() -> None:
    told = [
        kazakhstan("last.sort_in", "11-20 08:00", f"hall {number}", country="KZ", raw_code=f"S{number}")
        for number in range(3_000)
    ]
    assert len(derive(told, destination="KZ").lines) == 3_000
