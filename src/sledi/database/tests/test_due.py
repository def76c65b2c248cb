"""Taking rows that are due: each by one worker, none for ever."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections, transaction

from sledi.database.due import DueRows, again_at

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LEASE_S = 120


@pytest.fixture
def rows(transactional_db: None) -> Iterator[DueRows]:
    """Eight letters of the alphabet, due one minute apart up to now; ``z`` is not due yet, ``never`` never."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE due_example (name text PRIMARY KEY, due_at timestamptz)")
        due = [(name, NOW - timedelta(minutes=7 - place)) for place, name in enumerate("abcdefgh")]
        more = [("z", NOW + timedelta(seconds=1)), ("never", None)]
        cursor.executemany("INSERT INTO due_example VALUES (%s, %s)", [*due, *more])
    yield DueRows("due_example", lease_s=LEASE_S, key="name")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE due_example")


def test_the_oldest_come_first_and_what_is_not_due_stays(rows: DueRows) -> None:
    assert rows.claim(NOW, 3) == ["a", "b", "c"]
    assert rows.claim(NOW, 50) == ["d", "e", "f", "g", "h"]
    assert rows.claim(NOW, 50) == []


def test_two_workers_at_once_take_different_rows_and_wait_for_nobody(rows: DueRows) -> None:
    taken: list[str] = []

    def other_worker() -> None:
        taken.extend(rows.claim(NOW, 50))
        connections.close_all()

    with transaction.atomic():
        mine = rows.claim(NOW, 3)
        thread = threading.Thread(target=other_worker)
        thread.start()
        thread.join(10)  # while our rows are still locked
        assert not thread.is_alive()
    assert (mine, taken) == (["a", "b", "c"], ["d", "e", "f", "g", "h"])


def test_rows_of_a_worker_that_died_are_due_again_when_its_lease_ends(rows: DueRows) -> None:
    assert rows.claim(NOW, 2) == ["a", "b"]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE due_example SET due_at = NULL WHERE name IN ('b', 'c', 'd', 'e', 'f', 'g', 'h')"
        )
    before_its_end = NOW + timedelta(seconds=LEASE_S - 1)
    assert rows.claim(before_its_end, 50) == ["z"]
    assert rows.claim(NOW + timedelta(seconds=LEASE_S), 50) == ["a"]


def test_a_claim_that_is_rolled_back_never_was(rows: DueRows) -> None:
    with transaction.atomic():
        rows.claim(NOW, 50)
        transaction.set_rollback(True)
    assert rows.claim(NOW, 1) == ["a"]


@pytest.mark.parametrize(("attempts", "rest_s"), [(0, 60), (1, 300), (2, None), (9, None)])
def test_rests_grow_and_end(attempts: int, rest_s: int | None) -> None:
    expected = None if rest_s is None else NOW + timedelta(seconds=rest_s)
    assert again_at(NOW, attempts, (60, 300)) == expected
