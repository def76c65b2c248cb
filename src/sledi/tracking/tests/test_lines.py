"""Budget and circuit breaker of our lines to the carriers."""

from datetime import UTC, datetime, timedelta

import pytest

from sledi.core.carrier import Call
from sledi.history.tests.side_by_side import side_by_side
from sledi.tracking import lines
from sledi.tracking.models import CarrierLine

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HISTORY = Call("history", role="history", per_day=100, timeout_s=30)
TRACKINFO = Call("gettrackinfo", role="history", spacing_s=0.34)
REGISTER = Call("register", role="register", spacing_s=0.34)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def trouble(times: int, since: float = 0, pause_s: int = 0) -> None:
    for n in range(times):
        lines.failed("russian_post", "history", at(since + n), "Unavailable: down", pause_s)


@pytest.mark.django_db
class TestBudget:
    def test_spacing_is_kept_between_two_calls(self) -> None:
        taken = [lines.reserve("seventeentrack", TRACKINFO, at(s)) for s in (0, 0.33, 0.34, 0.5, 0.68)]
        assert taken == [True, False, True, False, True]

    def test_spacing_is_kept_between_calls_of_different_kinds(self) -> None:
        assert lines.reserve("seventeentrack", REGISTER, NOW)
        assert not lines.reserve("seventeentrack", TRACKINFO, at(0.2))
        assert lines.reserve("seventeentrack", TRACKINFO, at(0.34))

    def test_one_carriers_calls_do_not_hold_up_another(self) -> None:
        assert lines.reserve("belpost", Call("tracking", role="history", spacing_s=60), NOW)
        assert lines.reserve("kazpost", Call("events", role="history", spacing_s=1), NOW)

    def test_calls_of_a_day_are_counted_and_begin_anew_the_next_day(self) -> None:
        taken = [lines.reserve("russian_post", HISTORY, at(n)) for n in range(101)]
        assert taken == [True] * 100 + [False]
        assert CarrierLine.objects.get(carrier="russian_post", kind="history").calls_today == 100
        assert lines.reserve("russian_post", HISTORY, NOW + timedelta(days=1))
        assert CarrierLine.objects.get(carrier="russian_post", kind="history").calls_today == 1


@pytest.mark.django_db(transaction=True)
class TestTwoWorkers:
    def test_together_they_never_exceed_the_calls_of_a_day(self) -> None:
        call = Call("history", role="history", per_day=10)

        def worker() -> int:
            return sum(lines.reserve("russian_post", call, NOW) for _ in range(8))

        assert sum(side_by_side([worker] * 4)) == 10  # type: ignore[arg-type]

    def test_together_they_keep_the_spacing_even_on_the_first_call_of_all(self) -> None:
        acts = [
            lambda call=call: lines.reserve("seventeentrack", call, NOW) for call in (REGISTER, TRACKINFO) * 3
        ]
        assert sorted(side_by_side(acts)) == [False] * 5 + [True]  # type: ignore[type-var]


@pytest.mark.django_db
class TestBreaker:
    def test_it_opens_after_five_failures_in_a_row_for_a_minute(self) -> None:
        lines.reserve("russian_post", HISTORY, NOW)
        trouble(4)
        assert lines.reserve("russian_post", HISTORY, at(5))
        trouble(1, since=5)
        assert not lines.reserve("russian_post", HISTORY, at(64.9))
        assert lines.reserve("russian_post", HISTORY, at(65))

    def test_half_open_it_lets_one_call_through_at_a_time(self) -> None:
        trouble(5)
        assert lines.reserve("russian_post", HISTORY, at(70))
        assert not lines.reserve("russian_post", HISTORY, at(71))
        # Should that one never be heard of again, another may try.
        assert lines.reserve("russian_post", HISTORY, at(70 + 30 + lines.TRIAL_GRACE_S))

    def test_a_success_closes_it(self) -> None:
        trouble(5)
        assert lines.reserve("russian_post", HISTORY, at(70))
        lines.succeeded("russian_post", "history", at(71))
        assert all(lines.reserve("russian_post", HISTORY, at(72 + n)) for n in range(4))
        line = CarrierLine.objects.get(carrier="russian_post", kind="history")
        assert (line.failures_in_row, line.opens_at, line.last_success_at) == (0, None, at(71))

    def test_each_further_failure_keeps_it_open_for_longer(self) -> None:
        pauses = []
        for n in range(9):
            trouble(1, since=n)
            line = CarrierLine.objects.get(carrier="russian_post", kind="history")
            pauses.append(line.opens_at and (line.opens_at - at(n)).total_seconds())
        assert pauses == [None] * 4 + [60, 300, 900, 1800, 1800]

    def test_a_carrier_that_asks_for_a_pause_gets_it_at_once(self) -> None:
        trouble(1, pause_s=120)
        assert not lines.reserve("russian_post", HISTORY, at(119))
        assert lines.reserve("russian_post", HISTORY, at(120))

    def test_a_short_pause_asked_for_does_not_shorten_a_longer_one(self) -> None:
        trouble(6, pause_s=1)
        assert not lines.reserve("russian_post", HISTORY, at(5 + 299))
        assert lines.reserve("russian_post", HISTORY, at(5 + 300))


class TestConfiguration:
    ENVIRONMENT = {
        "SLEDI_CARRIER_RUSSIAN_POST_LOGIN": "me",
        "SLEDI_CARRIER_RUSSIAN_POST_PASSWORD": "secret",
        "SLEDI_CARRIER_RUSSIAN_POST_URL": "https://sandbox.example/",
    }

    def test_credentials_and_address_come_from_the_environment(self) -> None:
        account = lines.account("russian_post", self.ENVIRONMENT)
        assert account.base_url == "https://sandbox.example"
        assert account.secrets == {"login": "me", "password": "secret"}

    def test_only_calls_with_all_their_credentials_are_usable(self) -> None:
        assert [call.kind for call in lines.usable_calls("russian_post", self.ENVIRONMENT)] == ["history"]
        assert lines.usable_calls("russian_post", {}) == ()

    def test_a_carrier_that_wants_no_credentials_is_always_usable(self) -> None:
        assert [call.kind for call in lines.usable_calls("belpost", {})] == ["tracking"]

    def test_a_carrier_without_an_adapter_is_not_configured(self) -> None:
        assert lines.usable_calls("china_post", self.ENVIRONMENT) == ()
        assert not lines.is_configured("no_such_carrier")
