from dataclasses import replace
from datetime import timedelta

import pytest

from sledi_simulator import journeys, lanes
from sledi_simulator.journeys import EXCHANGE_DELAY, Kind
from sledi_simulator.lanes import Pinned
from sledi_simulator.tests.asking import START


@pytest.fixture
def journey():
    """A parcel that left China an hour ago."""
    route = lanes.route_between("CN", "shenzhen", "RU", "kazan")
    return lanes.plan("RB481503678CN", route, "pickup", Pinned(7, START))


def kinds(scans):
    return [scan.kind for scan in scans]


def test_a_post_knows_its_own_scans_at_once(journey):
    exported_at = journey.scans[7].at
    assert kinds(journey.told_by("china_post", journey.number, exported_at))[-1] is Kind.EXPORTED


def test_the_other_post_hears_of_exchanged_scans_late_and_of_the_others_never(journey):
    exported_at = journey.scans[7].at
    before = journey.told_by("russian_post", journey.number, exported_at)
    after = journey.told_by("russian_post", journey.number, exported_at + EXCHANGE_DELAY)
    assert kinds(before) == [Kind.POSTED, Kind.EXPORT_OFFICE]
    assert kinds(after) == [Kind.POSTED, Kind.EXPORT_OFFICE, Kind.EXPORTED]


def test_news_come_when_a_scan_is_made_and_when_the_other_post_hears_of_it(journey):
    at = journey.scans[7].at
    second = timedelta(seconds=1)
    assert journey.has_news(at - second, at)
    assert not journey.has_news(at, at + second)
    assert journey.has_news(at + EXCHANGE_DELAY - second, at + EXCHANGE_DELAY)


def test_advancing_makes_the_next_scan_now_and_keeps_the_pace_of_the_rest(journey):
    moved = journeys.advanced(journey, START)
    assert moved.happened(START)[-1].kind is Kind.FLIGHT_LEFT
    assert moved.scans[9].at - moved.scans[8].at == journey.scans[9].at - journey.scans[8].at


def test_advancing_to_a_kind_makes_all_scans_up_to_it(journey):
    moved = journeys.advanced(journey, START, Kind.READY)
    assert kinds(moved.happened(START)) == kinds(journey.scans)[:-1]
    assert moved.happened(START)[-1].at == START


def test_advancing_twice_at_one_moment_keeps_the_order(journey):
    moved = journeys.advanced(journeys.advanced(journey, START), START, Kind.READY)
    assert kinds(moved.happened(START)) == kinds(journey.scans)[:-1]


def test_nothing_is_advanced_beyond_the_end(journey):
    with pytest.raises(ValueError, match="no EXA lies ahead"):
        journeys.advanced(journey, START, Kind.EXPORT_CUSTOMS)


def test_a_turned_parcel_goes_back_to_where_it_was_posted(journey):
    turned = journeys.turned_back(journey, START)
    back = turned.scans[-2:]
    assert kinds(back) == [Kind.SENT_BACK, Kind.DELIVERED]
    assert {scan.direction for scan in back} == {"return"}
    assert back[-1].place == journey.scans[0].place


def test_a_mistaken_delivery_stands_for_an_hour(journey):
    mistaken = journeys.corrected(journey, START)
    mistake = next(scan for scan in mistaken.scans if scan.withdrawn_at)
    assert mistake.kind is Kind.DELIVERED
    assert mistake.is_standing(START)
    assert not mistake.is_standing(START + timedelta(hours=1))


def test_after_a_hand_over_each_number_tells_its_own_part(journey):
    arrived = journeys.advanced(journey, START, Kind.IMPORT_OFFICE)
    handed = journeys.handed_over(arrived, START, "80123456789018")
    late = START + timedelta(days=60)
    main = handed.told_by("russian_post", journey.number, late)
    local = handed.told_by("russian_post", "80123456789018", late)
    assert kinds(main)[-1] is Kind.RENUMBERED
    assert kinds(local)[0] is Kind.IMPORT_CUSTOMS
    assert kinds(local)[-1] is Kind.DELIVERED
    assert handed.told_by("china_post", "80123456789018", late) == ()


def test_a_parcel_nothing_has_happened_to_cannot_be_lost(journey):
    with pytest.raises(ValueError, match="nothing has happened"):
        journeys.lost(journey, journey.scans[0].at - timedelta(days=1))


def test_the_place_of_delivery_is_not_where_a_return_ends(journey):
    assert replace(journeys.turned_back(journey, START)).delivery_place == journey.scans[7].place
    assert journey.delivery_place.name == "Казань 111"
