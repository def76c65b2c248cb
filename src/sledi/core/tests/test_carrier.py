"""The port of carriers: which errors may be tried again, and what they tell."""

from datetime import UTC, datetime

import pytest

from sledi.core.carrier import (
    CarrierError,
    Denied,
    Direction,
    Event,
    Outcome,
    Refused,
    Reply,
    Throttled,
    Unavailable,
    Unreadable,
    ZoneBasis,
)


@pytest.mark.parametrize(
    ("error", "retry"),
    [
        (Unavailable("503"), True),
        (Throttled("429", 60), True),
        (Denied("key"), False),
        (Refused("batch"), False),
        (Unreadable("data[0]", None), False),
    ],
)
def test_each_error_says_whether_a_retry_can_help(error: CarrierError, retry: bool) -> None:
    assert error.retry is retry


def test_a_throttled_call_says_when_to_ask_again() -> None:
    assert Throttled("too many calls", 1800).retry_after_s == 1800


def test_an_unreadable_reply_names_the_field_and_shows_little_of_it() -> None:
    error = Unreadable("data[0].steps[2].timestamp", "x" * 500)
    assert error.where == "data[0].steps[2].timestamp"
    assert str(error).startswith("data[0].steps[2].timestamp: 'xxx")
    assert len(str(error)) < 120


def test_an_event_is_forward_and_withdraws_nothing_unless_it_says_so() -> None:
    event = Event("orig.accepted", "1:1", "", "", datetime(2026, 11, 7, tzinfo=UTC), ZoneBasis.GIVEN)
    assert (event.direction, event.withdraws, event.reason, event.carrier) == (
        Direction.FORWARD,
        False,
        "",
        "",
    )


def test_events_and_replies_cannot_be_changed() -> None:
    reply = Reply(200, b"", "history")
    with pytest.raises(AttributeError):
        reply.status = 500  # type: ignore[misc]


def test_the_five_outcomes_are_spelt_as_the_command_line_prints_them() -> None:
    assert [outcome.value for outcome in Outcome] == [
        "found",
        "not_found",
        "wrong_number",
        "temporary",
        "denied",
    ]
