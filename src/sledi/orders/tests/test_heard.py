"""What becomes of carriers' news that cannot be told at once, and what a followed number knows of its journey."""

from datetime import timedelta
from uuid import uuid4

import pytest

from sledi.history.models import Record
from sledi.orders.automatic import carrier_news
from sledi.orders.models import Item, News
from sledi.orders.moving.making import create_container
from sledi.orders.moving.motion import Motion
from sledi.orders.moving.moves import as_machine, begun_again_when_met
from sledi.orders.moving.scene import open_scene
from sledi.orders.moving.writing import write
from sledi.orders.tests.stage import Stage
from sledi.orders.tests.test_what_follows import scanned
from sledi.parcels.models import Alias, Parcel
from sledi.tracking.ingest import ingest
from sledi.tracking.models import Link, Trace, Watch
from sledi.tracking.tests.scans import T0, arrival, scan, watched

# --- refused news ---------------------------------------------------------------------------------------------


def waiting(stage: Stage) -> Item:
    """An item at the seller whose number the carrier delivers before anybody says that it was sent."""
    stage.order()
    item = Item.objects.get()
    stage.put(item, "ordered")
    stage.move("operator", "item", item.pk, "dispatch", {"domestic_number": "YT1234567890"})
    return item


@pytest.fixture
def refused(stage: Stage) -> Parcel:
    """A packed parcel whose carrier took it in before its number was found right."""
    order = stage.order()
    stage.put(Item.objects.get(), "received")
    parcel = Parcel.objects.get(pk=stage.move("logist", "parcel", order.pk, "form").id)
    stage.put(parcel, "packed")
    trace = Trace.objects.create(number="AB12", created_at=stage.now)
    Alias.objects.create(
        business=stage.business, level="parcel", subject_id=parcel.pk, number="AB12", kind="international",
        since=stage.now, trace=trace,
    )  # fmt: skip
    scanned("AB12", "ACCEPTED", stage.now)
    return parcel


def test_news_that_a_guard_refused_are_kept_with_the_reason(stage: Stage, refused: Parcel) -> None:
    assert carrier_news.follow_news(stage.now) == 0
    news = News.objects.get()
    assert news.problem.startswith(f"parcel {refused.number}: international_number: ")
    assert (news.attempts, news.due_at) == (1, stage.now + timedelta(seconds=300))


def test_refused_news_are_tried_a_few_times_and_then_rest(stage: Stage, refused: Parcel) -> None:
    for _ in range(5):
        carrier_news.follow_news(stage.now)
        stage.later(hours=3)
    news = News.objects.get()
    assert (news.attempts, news.due_at) == (3, None)
    assert news.problem


def test_refused_news_come_up_again_when_the_subject_has_changed(stage: Stage, refused: Parcel) -> None:
    for _ in range(5):
        carrier_news.follow_news(stage.now)
        stage.later(hours=3)
    with_number = {"international_number": "RR123456785CN"}
    stage.move("logist", "parcel", refused.pk, "hand_over", with_number)
    assert News.objects.get().due_at == stage.now
    scanned("AB12", "DELIVERED", stage.now)
    assert carrier_news.follow_news(stage.now) == 1
    assert not News.objects.exclude(problem="").exists()


def test_news_nobody_waits_for_are_settled(stage: Stage) -> None:
    waiting(stage)
    scanned("YT1234567890", "EXCEPTION", stage.now)
    assert carrier_news.follow_news(stage.now) == 0
    assert (News.objects.get().problem, News.objects.get().due_at) == ("", None)


# --- another number of the same parcel ------------------------------------------------------------------------


def booked(stage: Stage, other: str) -> Parcel:
    """A packed parcel, booked at a delivery service that tells of another number."""
    order = stage.order()
    stage.put(Item.objects.get(), "received")
    parcel = Parcel.objects.get(pk=stage.move("logist", "parcel", order.pk, "form").id)
    stage.put(parcel, "packed")
    stage.move("logist", "parcel", parcel.pk, "book", {"local_booking_number": "LP00123456789012"})
    trace = Trace.objects.get(number="LP00123456789012")
    watch = Watch.objects.create(carrier="china_post", number=other, created_at=stage.now)
    Link.objects.create(trace=trace, watch=watch, rank=7, on_behalf_of="china_post", why="alias")
    carrier_news.hear(trace.pk, "REGISTERED", stage.now)
    parcel.refresh_from_db()
    return parcel


@pytest.mark.parametrize(
    ("other", "taken"),
    [("RR123456785CN", "RR123456785CN"), ("RR123456784CN", None), ("80149169554910", None)],
)
def test_of_other_numbers_a_right_one_of_the_posts_is_taken(
    stage: Stage, other: str, taken: str | None
) -> None:
    parcel = booked(stage, other)
    assert parcel.state == "packed"
    assert parcel.fields.get("international_number") == taken
    assert Alias.objects.filter(subject_id=parcel.pk, number=other, until=None).exists() is bool(taken)


# --- a followed number ----------------------------------------------------------------------------------------

WAY = [
    scan("orig.accepted", 0),
    scan("orig.hub", 5),
    scan("exp.departed", 40),
    scan("imp.office_in", 90, place="Москва", country="RU"),
    scan("imp.office_out", 100, place="Москва", country="RU"),
    scan("done.delivered", 150, place="Казань", country="RU"),
]


def followed(stage: Stage, number: str) -> Parcel:
    access = as_machine(stage.business, "system")
    track = create_container(access, "track", at=stage.now, cause="system")

    def give() -> None:
        motion = Motion(open_scene(access, "track", [track.pk]), stage.now, "system")
        motion.give_number(motion.scene.parcels[track.pk], "number", number)
        write(motion)

    begun_again_when_met(give)
    return Parcel.objects.get(pk=track.pk)


@pytest.mark.parametrize("stage", ["tracker"], indirect=True)
def test_a_track_follows_the_marks_of_the_journey_scan_by_scan(stage: Stage) -> None:
    _, (watch,) = watched("RB000000016CN", "russian_post")
    track = followed(stage, "RB000000016CN")
    seen = []
    for event in WAY:
        ingest([arrival(watch, event, destination="RU")], T0 + timedelta(hours=200))
        carrier_news.follow_news(stage.now + timedelta(days=400))
        track.refresh_from_db()
        seen.append((track.state, track.fields["milestones"][-1]))
    assert seen == [
        ("accepted", "accepted"),
        ("origin_transit", "accepted"),
        ("border_silence", "left_origin"),
        ("arrived_destination", "arrived"),
        ("last_mile", "released"),
        ("delivered", "delivered"),
    ]


@pytest.mark.parametrize("stage", ["tracker"], indirect=True)
def test_the_same_silence_told_twice_is_told_once(stage: Stage) -> None:
    trace, _ = watched("RB000000016CN", "russian_post")
    track = followed(stage, "RB000000016CN")
    stage.put(track, "origin_transit")
    Trace.objects.filter(pk=trace.pk).update(status="STALE")
    for _ in range(2):
        carrier_news.hear(trace.pk, "STALE", stage.now)
    assert Record.objects.filter(subject_id=track.pk, act="fall_silent").count() == 1


def test_a_trace_that_is_gone_is_a_problem_of_its_news_alone(stage: Stage) -> None:
    with pytest.raises(Trace.DoesNotExist):
        carrier_news.hear(uuid4(), "DELIVERED", stage.now)
