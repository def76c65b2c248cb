"""When a watch is asked next (no database, no clock)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sledi.core.carrier import Call, Outcome
from sledi.core.statuses import PublicStatus
from sledi.tracking.schedule import INTERVAL_S, next_due, retry_due

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CALL = Call("history", role="history", again_after_s=600)


def wait_s(**changes: Any) -> float | None:
    facts: dict[str, Any] = {
        "call": CALL,
        "outcome": Outcome.FOUND,
        "status": "IN_TRANSIT",
        "is_over": False,
        "is_known": True,
        "last_news_at": NOW - timedelta(days=2),
        "now": NOW,
        "spread": 0.5,
    }
    due_at = next_due(**(facts | changes))
    return due_at and (due_at - NOW).total_seconds()


@pytest.mark.parametrize(
    ("status", "hours"), [("OUT_FOR_DELIVERY", 1), ("ARRIVED", 4), ("IN_TRANSIT", 8), ("STALE", 24)]
)
def test_the_nearer_the_door_the_sooner(status: str, hours: int) -> None:
    assert wait_s(status=status) == hours * 3600


def test_every_status_of_a_parcel_on_its_way_has_an_interval() -> None:
    over = {"DELIVERED", "RETURNED", "LOST", "CANCELLED"}
    assert set(INTERVAL_S) == {str(status) for status in PublicStatus} - over


def test_the_contracts_limit_counts_where_it_is_longer() -> None:
    assert (
        wait_s(status="OUT_FOR_DELIVERY", call=Call("query", role="history", again_after_s=7200), spread=0)
        == 7200
    )


@pytest.mark.parametrize(("spread", "share"), [(0.0, 0.9), (1.0, 1.1)])
def test_watches_of_one_minute_do_not_come_back_together(spread: float, share: float) -> None:
    assert wait_s(spread=spread) == pytest.approx(8 * 3600 * share)


def test_nothing_more_is_asked_when_the_journey_is_over() -> None:
    assert wait_s(is_over=True) is None


def test_an_impossible_number_is_asked_no_more_unless_the_carrier_told_of_it_before() -> None:
    assert wait_s(outcome=Outcome.WRONG_NUMBER, is_known=False) is None
    assert wait_s(outcome=Outcome.WRONG_NUMBER, is_known=True) == 8 * 3600


def test_a_number_without_news_for_ninety_days_is_given_up() -> None:
    assert wait_s(last_news_at=NOW - timedelta(days=90)) is not None
    assert wait_s(last_news_at=NOW - timedelta(days=90, seconds=1)) is None


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 60), (2, 300), (3, 900), (4, 3600), (5, 10_800), (6, 21_600), (99, 21_600)]
)
def test_failures_are_retried_later_and_later(attempts: int, seconds: int) -> None:
    assert retry_due(attempts, NOW, 0.5) - NOW == timedelta(seconds=seconds)


def test_the_pause_a_carrier_asks_for_is_never_cut_short() -> None:
    assert retry_due(1, NOW, 0.0, at_least_s=120) - NOW == timedelta(seconds=120)
    assert retry_due(6, NOW, 0.0, at_least_s=120) - NOW == timedelta(seconds=0.9 * 21_600)
