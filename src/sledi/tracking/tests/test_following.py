"""From a pasted text to a timeline, over the carriers' real protocols."""

from collections.abc import Callable
from datetime import datetime

import pytest

from sledi.core.numbers import s10
from sledi.tracking import operations, queries
from sledi.tracking.models import Event, Outbox, Reply, Trace, Watch

pytestmark = pytest.mark.django_db

Follow = Callable[..., str]
Ask = Callable[..., int]
Now = Callable[[], datetime]

DELIVERED_IN_ST_PETERSBURG = "RB556626341CN"
SILENT_NINE_DAYS = "RB298431881CN"
UNKNOWN_TO_ALL = "RB542030041CN"


def test_a_delivered_parcel_is_asked_at_both_posts_and_known_as_delivered(
    follow: Follow, ask: Ask, clock: Now
) -> None:
    token = follow(f"мой номер {DELIVERED_IN_ST_PETERSBURG.lower()}")
    assert ask() > 0
    page = queries.parcel_page(token, DELIVERED_IN_ST_PETERSBURG, clock())
    assert page.timeline.status == "DELIVERED"
    assert page.row.trace is not None
    assert (page.row.trace.origin, page.row.trace.destination) == ("CN", "RU")
    assert [asking.adapter for asking in page.row.askings] == ["seventeentrack", "russian_post"]
    assert page.timeline.summary.carrier == "russian_post"


def test_silence_at_the_border_is_explained(follow: Follow, ask: Ask, clock: Now) -> None:
    token = follow(SILENT_NINE_DAYS)
    ask()
    page = queries.parcel_page(token, SILENT_NINE_DAYS, clock())
    assert page.silence is not None
    assert page.silence.days == 9
    assert page.silence.level == "normal"


def test_a_number_nobody_knows_is_not_found_and_stays_followed(follow: Follow, ask: Ask, clock: Now) -> None:
    token = follow(UNKNOWN_TO_ALL)
    ask()
    (row,) = queries.open_page(token, clock()).rows
    assert (row.status, row.is_waiting) == ("NOT_FOUND", False)
    assert Watch.objects.filter(number=UNKNOWN_TO_ALL, due_at__isnull=False).exists()


def test_asking_twice_doubles_nothing(follow: Follow, ask: Ask, clock: Now) -> None:
    follow(DELIVERED_IN_ST_PETERSBURG)
    ask()
    before = (Event.objects.count(), Outbox.objects.count())
    Watch.objects.update(due_at=clock())
    assert ask() > 0
    assert (Event.objects.count(), Outbox.objects.count()) == before


def test_a_number_that_looks_mistyped_is_asked_of_nobody_until_the_person_insists(
    follow: Follow, ask: Ask, clock: Now
) -> None:
    wrong = DELIVERED_IN_ST_PETERSBURG[:10] + "9" + DELIVERED_IN_ST_PETERSBURG[11:]
    assert not s10.is_valid(wrong)
    token = follow(wrong)
    assert (Trace.objects.count(), Watch.objects.count(), ask()) == (0, 0, 0)
    operations.insist(token, wrong, at=clock())
    assert ask() > 0
    assert Trace.objects.get().number == wrong


def test_every_reply_is_kept_and_none_is_kept_with_a_problem(follow: Follow, ask: Ask, clock: Now) -> None:
    follow(DELIVERED_IN_ST_PETERSBURG)
    made = ask()
    assert Reply.objects.count() == made
    assert not Reply.objects.exclude(problem="").exists()
