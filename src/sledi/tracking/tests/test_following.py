"""From a pasted text to a timeline, over the carriers' real protocols."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from sledi.core.numbers import s10
from sledi.tracking import lines, operations, queries, wire
from sledi.tracking.models import Event, Outbox, Reply, Trace, Watch
from sledi.tracking.poller import poll_once
from sledi.tracking.rebuild import rebuild

pytestmark = pytest.mark.django_db(transaction=True)

DELIVERED_IN_ST_PETERSBURG = "RB556626341CN"
SILENT_NINE_DAYS = "RB298431881CN"
UNKNOWN_TO_ALL = "RB542030041CN"


def follow(text: str, **hints: str) -> str:
    return operations.open_list(text, client=None, at=datetime.now(UTC), **hints).token


def ask_everybody() -> int:
    async def ask() -> int:
        async with wire.client() as http:
            return await poll_once([module.SLUG for module in lines.configured()], http)

    made = 0
    for _ in range(4):
        made += async_to_sync(ask)()
        time.sleep(0.35)  # the spacing that the contract of 17TRACK demands
    return made


def test_a_delivered_parcel_is_asked_at_both_posts_and_known_as_delivered(simulator: Any) -> None:
    token = follow(f"мой номер {DELIVERED_IN_ST_PETERSBURG.lower()}")
    assert ask_everybody() > 0
    page = queries.parcel_page(token, DELIVERED_IN_ST_PETERSBURG, datetime.now(UTC))
    assert page.timeline.status == "DELIVERED"
    assert page.row.trace is not None
    assert (page.row.trace.origin, page.row.trace.destination) == ("CN", "RU")
    assert [asking.adapter for asking in page.row.askings] == ["seventeentrack", "russian_post"]
    assert page.timeline.summary.carrier == "russian_post"


def test_silence_at_the_border_is_explained(simulator: Any) -> None:
    token = follow(SILENT_NINE_DAYS)
    ask_everybody()
    page = queries.parcel_page(token, SILENT_NINE_DAYS, datetime.now(UTC))
    assert page.silence is not None
    assert page.silence.days == 9
    assert page.silence.level == "normal"


def test_a_number_nobody_knows_is_not_found_and_stays_followed(simulator: Any) -> None:
    token = follow(UNKNOWN_TO_ALL)
    ask_everybody()
    (row,) = queries.open_page(token, datetime.now(UTC)).rows
    assert (row.status, row.is_waiting) == ("NOT_FOUND", False)
    assert Watch.objects.filter(number=UNKNOWN_TO_ALL, due_at__isnull=False).exists()


def test_asking_twice_doubles_nothing(simulator: Any) -> None:
    follow(DELIVERED_IN_ST_PETERSBURG)
    ask_everybody()
    before = (Event.objects.count(), Outbox.objects.count())
    Watch.objects.update(due_at=datetime.now(UTC))
    assert ask_everybody() > 0
    assert (Event.objects.count(), Outbox.objects.count()) == before


def test_a_rebuild_from_the_raw_replies_changes_nothing(simulator: Any) -> None:
    for number in (DELIVERED_IN_ST_PETERSBURG, SILENT_NINE_DAYS, UNKNOWN_TO_ALL):
        follow(number)
    ask_everybody()
    rows = list(Event.objects.order_by("watch_id", "key").values_list())
    found = rebuild(datetime.now(UTC))
    assert found.is_identical
    assert found.events == len(rows) > 0
    assert list(Event.objects.order_by("watch_id", "key").values_list()) == rows


def test_a_rebuild_puts_right_what_was_changed_by_hand(simulator: Any) -> None:
    follow(DELIVERED_IN_ST_PETERSBURG)
    ask_everybody()
    before = list(Event.objects.order_by("watch_id", "key").values_list())
    Event.objects.filter(code__startswith="done.").update(code="orig.accepted")
    Trace.objects.update(status="LOST", code="bad.lost")
    found = rebuild(datetime.now(UTC))
    assert found.changed > 0
    assert found.traces_changed == 1
    assert list(Event.objects.order_by("watch_id", "key").values_list()) == before
    assert Trace.objects.get().status == "DELIVERED"


def test_a_number_that_looks_mistyped_is_asked_of_nobody_until_the_person_insists(simulator: Any) -> None:
    wrong = DELIVERED_IN_ST_PETERSBURG[:10] + "9" + DELIVERED_IN_ST_PETERSBURG[11:]
    assert not s10.is_valid(wrong)
    token = follow(wrong)
    assert (Trace.objects.count(), Watch.objects.count(), ask_everybody()) == (0, 0, 0)
    operations.insist(token, wrong, at=datetime.now(UTC))
    assert ask_everybody() > 0
    assert Trace.objects.get().number == wrong


def test_every_reply_is_kept_and_none_is_kept_with_a_problem(simulator: Any) -> None:
    follow(DELIVERED_IN_ST_PETERSBURG)
    made = ask_everybody()
    assert Reply.objects.count() == made
    assert not Reply.objects.exclude(problem="").exists()
