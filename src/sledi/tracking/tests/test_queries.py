"""Reads of the tracker: what they say, and in how many queries."""

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import psycopg
import pytest

from sledi.tracking import operations, queries
from sledi.tracking.models import ListRow, Trace
from sledi_simulator import stories

pytestmark = pytest.mark.django_db

READY, SILENT, MISTYPED = "RB372813271CN", "RB298431881CN", "RB556626391CN"


def counted(read: Callable[[], Any]) -> int:
    """How many statements the database gets, past Django as well."""
    made = 0

    def execute(cursor: Any, *arguments: Any, **named: Any) -> Any:
        nonlocal made
        made += 1
        return through(cursor, *arguments, **named)

    through = psycopg.Cursor.execute
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", execute)
        read()
    return made


def test_a_list_of_forty_takes_as_many_queries_as_a_list_of_one(follow: Any, ask: Any, clock: Any) -> None:
    one = follow(READY)
    forty = follow("\n".join([story.number for story in stories.stories()][:40]))
    ask()
    assert ListRow.objects.count() == 41
    assert counted(lambda: queries.open_page(one, clock())) == 3
    assert counted(lambda: queries.open_page(forty, clock())) == 3


def test_a_parcel_takes_as_many_queries_with_no_event_as_with_many(follow: Any, ask: Any, clock: Any) -> None:
    token = follow(f"{READY} LP640831192CN")
    empty = counted(lambda: queries.parcel_page(token, READY, clock()))
    ask()
    assert Trace.objects.get(number="LP640831192CN").event_count > 10
    assert counted(lambda: queries.parcel_page(token, "LP640831192CN", clock())) == empty == 5


def test_the_pages_themselves_take_a_constant_number_of_queries(
    follow: Any, ask: Any, clock: Any, client: Any
) -> None:
    one = follow(READY)
    forty = follow("\n".join([story.number for story in stories.stories()][:40]))
    ask()
    client.get(f"/t/{one}/")
    assert counted(lambda: client.get(f"/t/{one}/")) == counted(lambda: client.get(f"/t/{forty}/")) <= 8
    assert counted(lambda: client.get(f"/api/v1/lists/{one}")) == counted(
        lambda: client.get(f"/api/v1/lists/{forty}")
    )


def test_a_row_waits_until_a_first_answer_has_come(follow: Any, ask: Any, clock: Any) -> None:
    token = follow(READY)
    assert queries.open_page(token, clock()).is_waiting
    ask()
    page = queries.open_page(token, clock())
    assert not page.is_waiting
    assert [row.status for row in page.rows] == ["READY_FOR_PICKUP"]


def test_a_number_that_is_not_followed_says_so_apart_from_one_that_is_not_there(
    follow: Any, clock: Any
) -> None:
    token = follow(MISTYPED)
    with pytest.raises(operations.NotFollowed):
        queries.parcel_page(token, MISTYPED, clock())
    for number in (READY, "", "\0", "\udc00"):
        with pytest.raises(operations.NotInList) as refused:
            queries.parcel_page(token, number, clock())
        assert not isinstance(refused.value, operations.NotFollowed)


def test_without_the_token_there_is_nothing(follow: Any, clock: Any) -> None:
    follow(READY)
    for token in ("", READY, "A" * 22, "\0"):
        with pytest.raises(operations.NotInList):
            queries.open_page(token, clock())
        with pytest.raises(operations.NotInList):
            queries.parcel_page(token, READY, clock())


def test_silence_turns_into_stale_by_the_clock_alone(follow: Any, ask: Any, clock: Any) -> None:
    token = follow(SILENT)
    ask()
    assert queries.open_page(token, clock()).rows[0].status == "IN_TRANSIT"
    clock.advance(days=80)
    assert queries.open_page(token, clock()).rows[0].status == "STALE"
    assert Trace.objects.get().status == "IN_TRANSIT"


def test_the_revision_changes_with_the_page_and_is_the_same_in_every_process(
    follow: Any, ask: Any, clock: Any
) -> None:
    token = follow(READY)
    before = queries.open_page(token, clock()).revision
    assert queries.open_page(token, clock()).revision == before
    ask()
    assert queries.open_page(token, clock()).revision != before


def test_the_revision_is_the_same_in_every_process_that_serves_a_reader() -> None:
    assert queries._revision(()) == int.from_bytes(blake2b(b"[]", digest_size=7).digest())


def test_a_carrier_without_access_is_shown_as_not_configured(
    follow: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SLEDI_CARRIER_KUAIDI100_KEY")
    token = follow("YT8827682104284")
    (asking,) = queries.open_page(token, clock()).rows[0].askings
    assert (asking.adapter, asking.is_configured, asking.is_waiting) == ("kuaidi100", False, False)
