"""Whatever the order, however often and in whatever words events are told: one status.

The generator is seeded; its seed is printed, and SLEDI_SEED=… repeats a run.
"""

import os
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sledi.core.carrier import Direction, Event, ZoneBasis
from sledi.core.statuses import EVENT_CODES
from sledi.core.timeline import Mark, Sighting, Summary, derive, identity, summarise, summary

SEED = int(os.environ.get("SLEDI_SEED", "20261121"))
SETS, VARIATIONS = 1_000, 100

CODES = tuple(EVENT_CODES)
JOURNEY = tuple(code for code in CODES if code.split(".")[0] not in ("sys", "ret", "bad"))
ASKING = tuple(code for code in CODES if code.startswith("sys."))
WITH_STATUS = tuple(code for code, row in EVENT_CODES.items() if row.public is not None)
POOLS = (JOURNEY, JOURNEY, JOURNEY, CODES, CODES, ASKING)
VOICES = (
    ("china_post", ""),
    ("kazpost", ""),
    ("seventeentrack", "china_post"),
    ("seventeentrack", "kazpost"),
    ("kuaidi100", "yto"),
)
PLACES = (("Guangzhou", "CN"), ("Khorgos", "CN"), ("Almaty", "KZ"), ("Karaganda", "KZ"), ("", "KZ"), ("", ""))
BASES = (ZoneBasis.GIVEN, ZoneBasis.GIVEN, ZoneBasis.CARRIER_RULE, ZoneBasis.UNKNOWN)
ENDS = ({"origin": "CN", "destination": "KZ"}, {"origin": "CN"}, {"destination": "KZ"}, {})


@pytest.fixture
def dice() -> random.Random:
    print(f"SLEDI_SEED={SEED}")  # noqa: T201
    return random.Random(SEED)


def random_set(dice: random.Random) -> list[Sighting]:
    """Up to 20 events: mostly a journey, with bursts, problems, returns, unknown codes and withdrawals."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    sightings: list[Sighting] = []
    codes = dice.choice(POOLS)
    for _ in range(dice.randint(0, 20)):
        at += timedelta(minutes=dice.choice((0, 1, 20, 55, 80, 200, 1500, 6000)))
        sightings.append(random_sighting(dice, at, codes if dice.random() < 0.9 else CODES))
        if dice.random() < 0.06:
            sightings.append(withdrawal(sightings[-1]))
    return sightings


def random_sighting(dice: random.Random, at: datetime, codes: tuple[str, ...] = CODES) -> Sighting:
    source, carrier = dice.choice(VOICES)
    place, country = dice.choice(PLACES)
    code = dice.choice(codes)
    event = Event(
        code=code,
        raw_code=f"{code}:{dice.randint(1, 2)}",
        raw_text=f"text of {code}",
        raw_time=at.isoformat(),
        occurred_at=at,
        zone_basis=dice.choice(BASES),
        place=place,
        country=country,
        carrier=carrier,
        direction=Direction.RETURN if dice.random() < 0.01 else Direction.FORWARD,
    )
    return Sighting(event, source, at + timedelta(hours=2), f"reply {dice.random()}", identity(source, event))


def withdrawal(sighting: Sighting) -> Sighting:
    later = sighting.event.occurred_at + timedelta(minutes=30)
    event = replace(sighting.event, withdraws=True, occurred_at=later, raw_time=later.isoformat())
    return replace(sighting, event=event, key=identity(sighting.source, event))


def told_again(sighting: Sighting, dice: random.Random) -> Sighting:
    """The same scan in other words and another language, seen at another time in another reply."""
    event = replace(sighting.event, raw_text=f"слова {dice.random()}", text_language="ru")
    seen_at = sighting.seen_at + timedelta(minutes=dice.randint(-90, 9_000))
    again = replace(sighting, event=event, seen_at=seen_at, reply=f"reply {dice.random()}")
    assert identity(again.source, again.event) == sighting.key
    return again


def variation(sightings: list[Sighting], others: list[list[Sighting]], dice: random.Random) -> list[Sighting]:
    """Each scan at least once: as it was, in other words, or both, perhaps doubled; in any order."""
    told: list[Sighting] = []
    for sighting, again in zip(sightings, others, strict=True):
        told += dice.choices((sighting, *again), k=dice.choice((1, 1, 2, 3)))
    dice.shuffle(told)
    return told


@pytest.mark.slow
def test_100_000_orders_doublings_and_rewordings_of_event_sets_give_one_status(dice: random.Random) -> None:
    tried = 0
    statuses = set()
    for _ in range(SETS):
        sightings, ends = random_set(dice), dice.choice(ENDS)
        others = [[told_again(sighting, dice) for _ in range(3)] for sighting in sightings]
        expected = summary(sightings, **ends)
        statuses.add(expected.status)
        for _ in range(VARIATIONS):
            assert summary(variation(sightings, others, dice), **ends) == expected
            tried += 1
    assert tried == 100_000
    assert len(statuses) == 15  # all but STALE, which only time brings


def test_2_000_whole_timelines_do_not_depend_on_the_order_either(dice: random.Random) -> None:
    for _ in range(1_000):
        sightings, ends = random_set(dice), dice.choice(ENDS)
        expected = derive(sightings, **ends)
        told = [*sightings, *dice.choices(sightings, k=5)] if sightings else []
        dice.shuffle(told)
        assert derive(told, **ends) == expected


def test_the_summary_for_ingest_is_the_summary_of_the_page(dice: random.Random) -> None:
    for _ in range(1_000):
        sightings, ends = random_set(dice), dice.choice(ENDS)
        assert summary(sightings, **ends) == summarise(derive(sightings, **ends))


def test_a_scan_told_by_an_aggregator_too_changes_no_status(dice: random.Random) -> None:
    """Another voice tells the same scan up to 90 minutes off: the double joins its own scan."""
    for _ in range(1_000):
        sightings = spaced_journey(dice)
        expected = summary(sightings, origin="CN", destination="KZ")
        told = [*sightings, *(by_aggregator(sighting, dice) for sighting in sightings if dice.random() < 0.5)]
        dice.shuffle(told)
        found = summary(told, origin="CN", destination="KZ")
        assert (found.status, found.code, found.since) == (expected.status, expected.code, expected.since)


def spaced_journey(dice: random.Random) -> list[Sighting]:
    """One carrier's scans of known meaning, each more than three hours after the one before."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    told = []
    for _ in range(dice.randint(1, 12)):
        at += timedelta(minutes=dice.randint(190, 5_000))
        sighting = random_sighting(dice, at, WITH_STATUS)
        event = replace(
            sighting.event, carrier="", country="KZ", zone_basis=ZoneBasis.GIVEN, direction=Direction.FORWARD
        )
        told.append(replace(sighting, event=event, source="kazpost", key=identity("kazpost", event)))
    return told


def by_aggregator(sighting: Sighting, dice: random.Random) -> Sighting:
    at = sighting.event.occurred_at + timedelta(minutes=dice.randint(-90, 90))
    event = replace(
        sighting.event, carrier="kazpost", raw_code="17T", occurred_at=at, raw_time=at.isoformat()
    )
    return replace(sighting, event=event, source="seventeentrack", key=identity("seventeentrack", event))


def test_milestones_never_go_back_as_events_are_added_one_by_one_in_any_order(dice: random.Random) -> None:
    for _ in range(500):
        sightings = possible_journey(dice)
        dice.shuffle(sightings)
        before = derive([], origin="CN", destination="KZ")
        for count in range(1, len(sightings) + 1):
            after = derive(sightings[:count], origin="CN", destination="KZ")
            assert place_of(after.furthest) >= place_of(before.furthest)
            for mark, milestone in before.milestones.items():
                if mark in after.milestones:
                    assert after.milestones[mark].at <= milestone.at + CLOCKS_APART
                else:
                    assert Mark.RETURN_STARTED in after.milestones  # it was the return that reached it
            before = after


def possible_journey(dice: random.Random) -> list[Sighting]:
    """Scans in any order of stages, each made where such a scan can be made and told by who may know."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    told = []
    for _ in range(dice.randint(1, 16)):
        at += timedelta(minutes=dice.choice((1, 20, 55, 80, 200, 1500, 6000)))
        sighting = random_sighting(dice, at, dice.choice((JOURNEY, JOURNEY, CODES)))
        hand, country = HANDS.get(sighting.event.code.rpartition("_")[0]) or HANDS.get(
            sighting.event.code.partition(".")[0], ("kazpost", "KZ")
        )
        source = dice.choice((hand, hand, "seventeentrack"))
        event = replace(sighting.event, carrier=hand if source == "seventeentrack" else "", country=country)
        told.append(replace(sighting, event=event, source=source, key=identity(source, event)))
    return told


HANDS = {
    "pre": ("china_post", "CN"),
    "orig": ("china_post", "CN"),
    "exp": ("china_post", "CN"),
    "line.transit": ("uzpost", "UZ"),
}

CLOCKS_APART = timedelta(minutes=90) * (len(VOICES) - 1)
"""A double may bring a better clock: each voice may be 90 minutes off the next."""


def place_of(mark: Mark | None) -> int:
    return -1 if mark is None else list(Mark).index(mark)


def test_a_final_status_is_never_undone_by_scans_that_happened_before_it(dice: random.Random) -> None:
    for _ in range(500):
        sightings = [
            one
            for one in random_set(dice)
            if not one.event.code.startswith(("done", "ret", "bad", "sys"))
            and one.event.direction is Direction.FORWARD
            and not one.event.withdraws
        ]
        end = datetime(2027, 6, 1, tzinfo=UTC)
        final = random_sighting(dice, end)
        event = replace(final.event, code="done.signed", country="KZ", direction=Direction.FORWARD)
        told = [*sightings, replace(final, event=event)]
        dice.shuffle(told)
        found: Summary = summary(told, origin="CN", destination="KZ")
        assert (found.status.value, found.is_final) == ("DELIVERED", True)
