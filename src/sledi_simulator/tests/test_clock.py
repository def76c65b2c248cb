import time
from datetime import timedelta

import pytest

from sledi_simulator.clock import Clock
from sledi_simulator.tests.asking import START


def test_a_clock_at_speed_0_stands_still():
    clock = Clock(START, speed=0)
    time.sleep(0.01)
    assert clock.now() == START


def test_a_fast_clock_lives_an_hour_a_second():
    clock = Clock(START, speed=3600)
    time.sleep(0.02)
    assert timedelta(seconds=70) < clock.now() - START < timedelta(hours=1)


def test_advancing_jumps_by_the_simulators_time():
    clock = Clock(START, speed=0)
    clock.advance(86_400)
    assert clock.now() == START + timedelta(days=1)


def test_changing_the_speed_does_not_jump():
    clock = Clock(START, speed=0)
    clock.advance(60)
    clock.run_at(0.001)
    assert clock.now() - START < timedelta(seconds=61)


@pytest.mark.parametrize("wrong", [lambda clock: clock.run_at(-1), lambda clock: clock.advance(-1)])
def test_time_does_not_run_backwards(wrong):
    clock = Clock(START, speed=0)
    with pytest.raises(ValueError, match="backwards"):
        wrong(clock)
    assert clock.now() == START
