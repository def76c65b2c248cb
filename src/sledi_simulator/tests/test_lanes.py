from datetime import timedelta
from random import Random

import pytest

from sledi_simulator import barcodes, lanes
from sledi_simulator.journeys import Kind
from sledi_simulator.lanes import Pinned
from sledi_simulator.tests.asking import START


def s10(indicator, serial, country):
    return f"{indicator}{serial}{barcodes.s10_check_digit(serial)}{country}"


def numbers(country, count=60):
    chance = Random(country)
    serials = (f"{chance.randrange(10**8):08d}" for _ in range(count))
    return [s10("RB", serial, country) for serial in serials if not serial.endswith("00")]


@pytest.mark.parametrize(
    ("country", "serial", "lane"),
    [
        ("CN", "48150361", "CN-RU"),
        ("CN", "48150365", "CN-KZ"),
        ("CN", "48150366", "CN-UA"),
        ("CN", "48150367", "CN-BY"),
        ("CN", "48150368", "CN-BG"),
        ("SG", "48150368", "SG-RU"),
        ("BY", "48150361", "BY-BY"),
    ],
)
def test_the_eighth_digit_says_where_a_parcel_goes(country, serial, lane):
    journey = lanes.ordinary(s10("RB", serial, country), START)
    assert journey is not None
    assert f"{journey.origin}-{journey.destination}" == lane


@pytest.mark.parametrize("country", ["CN", "SG", "RU", "UA", "BY", "KZ", "BG"])
def test_any_good_number_has_a_journey_in_order_of_time(country):
    for number in numbers(country):
        journey = lanes.ordinary(number, START)
        assert journey is not None
        moments = [scan.at for scan in journey.scans]
        assert moments == sorted(moments)
        assert moments[0] < START


@pytest.mark.parametrize("number", [s10("RB", "48150300", "CN"), "YT8812345678900", "RB481503679CN", "HELLO"])
def test_a_serial_ending_in_00_and_a_bad_number_are_known_to_nobody(number):
    assert lanes.ordinary(number, START) is None


def test_the_same_number_always_travels_the_same_way():
    for number in numbers("CN"):
        assert lanes.ordinary(number, START) == lanes.ordinary(number, START)


def test_numbers_are_found_at_all_stages():
    stages = {
        lanes.ordinary(number, START).happened(START)[-1].kind
        for number in numbers("CN", 400)
        if lanes.ordinary(number, START).happened(START)
    }
    assert stages >= {
        Kind.POSTED,
        Kind.EXPORTED,
        Kind.IMPORT_OFFICE,
        Kind.READY,
        Kind.DELIVERED,
        Kind.SENT_BACK,
    }


@pytest.mark.parametrize("course", [course for course in lanes.courses() if not course.startswith("home")])
def test_scans_are_made_in_the_hours_and_on_the_weekdays_of_their_work(course):
    route = lanes.route_between("CN", "yiwu", "RU", "vladivostok")
    steps = lanes.course_steps(course)
    for day in range(14):
        pinned = Pinned(len(steps) // 2, START + timedelta(days=day))
        journey = lanes.plan("RB481503678CN", route, course, pinned)
        for step, scan in zip(steps, journey.scans, strict=True):
            assert step.hours[0] <= scan.local_time.hour < step.hours[1]
            assert scan.local_time.weekday() < step.weekdays


def test_a_plan_without_a_lane_is_refused():
    with pytest.raises(KeyError):
        lanes.route_between("SG", "singapore", "BG", "sofia")
