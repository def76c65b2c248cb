"""Carriers that want to be told a number first, and those that then send news by themselves."""

from typing import Any

import pytest

from sledi.tracking import operations
from sledi.tracking.models import CarrierLine, Trace, Watch
from sledi_simulator.bad_days import BadDay, Switch

pytestmark = pytest.mark.django_db

READY_IN_BURGAS = "RB102240029BG"
IN_GUANGZHOU = "YT8827682104284"
WAITS = "75870132531594"


def calls(simulator: Any, slug: str) -> dict[str, int]:
    """How often each address of a carrier was called, by the last part of its path."""
    made = simulator.world.calls().items()
    return {call.rpartition("/")[2]: times for (carrier, call), times in made if carrier == slug}


def test_17track_is_told_the_number_and_then_asked(follow: Any, ask: Any, simulator: Any) -> None:
    follow(READY_IN_BURGAS)
    assert ask("seventeentrack", seconds=1) == 1
    watch = Watch.objects.get()
    assert watch.registered_at is not None
    assert watch.answered_at is None
    assert ask("seventeentrack", seconds=1) == 1
    assert Trace.objects.get().status == "READY_FOR_PICKUP"
    assert calls(simulator, "seventeentrack") == {"register": 1, "gettrackinfo": 1}


def test_forty_numbers_are_two_calls(follow: Any, ask: Any, simulator: Any) -> None:
    from sledi_simulator import stories

    numbers = [s.number for s in stories.stories() if s.number.endswith(("CN", "SG", "BG"))][:40]
    follow("\n".join(numbers))
    assert ask("seventeentrack") == 2
    assert Watch.objects.filter(carrier="seventeentrack", registered_at__isnull=False).count() == len(numbers)


def test_the_limit_of_three_calls_a_second_is_kept_over_all_kinds(
    follow: Any, ask: Any, clock: Any, simulator: Any
) -> None:
    follow(READY_IN_BURGAS)
    made = []
    for _ in range(6):
        Watch.objects.update(due_at=clock(), registered_at=None)
        made.append(ask("seventeentrack", seconds=1))
        clock.advance(seconds=-0.9)
    assert sum(made) == 2  # in half a second


def test_a_number_that_cannot_be_registered_steps_aside(
    follow: Any, ask: Any, clock: Any, simulator: Any
) -> None:
    follow(READY_IN_BURGAS)
    simulator.world.bad_days.switch_on(Switch(BadDay.MALFORMED_NUMBER, "seventeentrack"))
    ask("seventeentrack", seconds=1)
    watch = Watch.objects.get()
    assert watch.problem
    assert watch.registered_at is None
    assert 50 < (watch.due_at - clock()).total_seconds() < 70


def test_a_number_17track_has_forgotten_is_told_again(
    follow: Any, ask: Any, clock: Any, simulator: Any
) -> None:
    follow(READY_IN_BURGAS)
    ask("seventeentrack")
    simulator.simulator.seventeentrack._registrations.clear()
    Watch.objects.update(due_at=clock())
    ask("seventeentrack", seconds=1)
    assert Watch.objects.get().problem.startswith("temporary: ")
    clock.advance(seconds=70)
    assert ask("seventeentrack") == 2
    assert (Watch.objects.get().problem, Watch.objects.get().outcome) == ("", "found")
    assert calls(simulator, "seventeentrack") == {"register": 2, "gettrackinfo": 3}


class TestKuaidi100:
    """Asked number by number; subscribed to once it knows a number, where our address is public."""

    def test_without_a_public_address_nothing_is_subscribed_to(
        self, follow: Any, ask: Any, clock: Any, simulator: Any
    ) -> None:
        follow(IN_GUANGZHOU)
        ask("kuaidi100")
        clock.advance(hours=9)
        ask("kuaidi100")
        assert set(calls(simulator, "kuaidi100")) == {"query.do"}

    def test_a_known_number_is_subscribed_to_when_it_comes_due_again(
        self, follow: Any, ask: Any, clock: Any, simulator: Any, settings: Any
    ) -> None:
        settings.PUSH_URL = "http://127.0.0.1:1"
        follow(WAITS)
        Watch.objects.update(hints={"carrier_key": "zhongtong", "phone": "8211"})
        ask("kuaidi100")
        assert calls(simulator, "kuaidi100") == {"query.do": 1}
        clock.advance(hours=9)
        ask("kuaidi100")
        assert calls(simulator, "kuaidi100") == {"query.do": 2, "poll": 1}
        assert Watch.objects.get(carrier="kuaidi100").registered_at is not None
        clock.advance(hours=9)
        ask("kuaidi100")
        assert calls(simulator, "kuaidi100") == {"query.do": 3, "poll": 1}

    def test_a_refused_subscription_takes_nothing_away(
        self, follow: Any, ask: Any, clock: Any, simulator: Any, settings: Any
    ) -> None:
        settings.PUSH_URL = "http://127.0.0.1:1"
        follow(WAITS)
        Watch.objects.update(hints={"carrier_key": "zhongtong", "phone": "8211"})
        ask("kuaidi100")
        simulator.world.bad_days.switch_on(Switch(BadDay.MALFORMED_NUMBER, "kuaidi100", left=1))
        clock.advance(hours=9)
        ask("kuaidi100", seconds=1)
        watch = Watch.objects.get(carrier="kuaidi100")
        assert (watch.outcome, watch.registered_at) == ("found", None)
        assert watch.problem
        clock.advance(seconds=70)
        ask("kuaidi100", seconds=1)
        assert calls(simulator, "kuaidi100") == {"query.do": 2, "poll": 1}
        assert Watch.objects.get(carrier="kuaidi100").problem == ""

    def test_a_parcel_that_asks_for_a_telephone_says_so(
        self, follow: Any, ask: Any, clock: Any, simulator: Any
    ) -> None:
        follow(WAITS)
        ask("kuaidi100", seconds=1)
        watch = Watch.objects.get(carrier="kuaidi100")
        assert (watch.outcome, watch.problem) == ("denied", "")
        assert watch.message
        assert Trace.objects.get().code == "sys.pending"
        assert CarrierLine.objects.get(carrier="kuaidi100", kind="query").failures_in_row == 0


def test_a_person_who_asks_again_does_not_break_the_carriers_rule(
    follow: Any, ask: Any, clock: Any, simulator: Any
) -> None:
    token = follow(IN_GUANGZHOU)
    ask("kuaidi100", seconds=1)
    clock.advance(minutes=29)
    assert not operations.ask_again(token, IN_GUANGZHOU, at=clock())
    clock.advance(minutes=2)
    assert operations.ask_again(token, IN_GUANGZHOU, at=clock())
