from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from sledi_simulator import barcodes, stories
from sledi_simulator.journeys import Kind
from sledi_simulator.tests.asking import START

STORIES = stories.stories()


def test_every_story_has_a_number_of_its_own_with_a_good_check_digit():
    numbers = [story.number for story in STORIES] + [
        story.local_number for story in STORIES if story.local_number
    ]
    assert len(set(numbers)) == len(numbers)
    assert all(barcodes.identify(number) for number in numbers)


@pytest.mark.parametrize("hours", range(0, 168, 7))
def test_every_story_stands_at_its_stage_whenever_the_simulator_starts(hours):
    start = START + timedelta(hours=hours)
    for story in STORIES:
        journey = stories.journey(story, start)
        if journey is None or story.corrected:
            continue
        kind, _, reason = story.at.partition(" ")
        last = journey.happened(start)[-1]
        assert last.kind is Kind(kind), story.title
        assert not reason or last.reason == reason


def test_a_story_stays_where_it_is_as_long_as_it_holds():
    for story in STORIES:
        journey = stories.journey(story, START)
        if journey is None or story.every_min or story.corrected:
            continue
        until = START + timedelta(hours=story.holds_h)
        assert len(journey.happened(until)) == len(journey.happened(START)), story.title


def test_a_story_that_lives_fast_has_a_scan_every_three_minutes_until_delivered():
    (story, *_) = (story for story in STORIES if story.every_min)
    journey = stories.journey(story, START)
    ahead = [scan.at for scan in journey.scans if scan.at > START]
    assert {later - earlier for earlier, later in pairwise(ahead)} == {timedelta(minutes=3)}
    assert ahead[-1] <= START + timedelta(hours=1)


def test_all_lanes_and_all_ends_have_a_story():
    told = {
        f"{journey.origin}-{journey.destination}"
        for journey in (stories.journey(story, START) for story in STORIES)
        if journey
    }
    assert told >= {"CN-RU", "CN-KZ", "CN-UA", "CN-BY", "CN-BG", "SG-RU", "CN-CN"}


def test_a_step_that_a_course_has_not_is_refused():
    with pytest.raises(ValueError, match="has no step"):
        stories.step_of("pickup", "EDG", via=False)


def test_the_documentation_lists_every_story():
    page = Path(__file__).parents[3] / "docs" / "simulator.md"
    text = page.read_text(encoding="utf-8")
    assert [story.number for story in STORIES if f"`{story.number}`" not in text] == []
