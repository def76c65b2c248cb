"""The daily run of payouts, by several workers at once, on a bad day, and who is passed over."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from sledi.core.iban import WrongIban
from sledi.history import Actor
from sledi.history.models import Record
from sledi.history.tests.side_by_side import side_by_side
from sledi.history.tests.unlocked import empty
from sledi.ledger import charts
from sledi.ledger.models import BankAccount, EntrySet, Payout
from sledi.ledger.operations import save_bank_account
from sledi.orders.automatic import deadlines
from sledi.orders.models import PayoutDay
from sledi.orders.money import payouts
from sledi.orders.tests.money import IBAN, assert_sound, bank_account, held_by, pay, sale, verified
from sledi.orders.tests.stage import Stage, new_stage

RUN = datetime(2026, 10, 16, 9, tzinfo=UTC)
OTHER = "BG18RZBB91550123456789"


@pytest.fixture
def market(transactional_db: None) -> Iterator[Stage]:
    yield new_stage("marketplace")
    empty()


def closed(stage: Stage) -> None:
    order = sale(stage)
    pay(stage, order, 10500)
    stage.move("platform", "order", order.pk, "process")
    verified(stage, order)
    stage.later(days=16)
    deadlines.run_due_timers(stage.now)
    assert held_by(stage, charts.SELLER_AVAILABLE, "seller") == 9000


def test_eight_workers_at_once_pay_once(market: Stage) -> None:
    closed(market)
    outcomes = side_by_side([lambda: payouts.run_due(RUN)] * 8)
    assert sorted(map(str, outcomes)) == ["0"] * 7 + ["1"]
    assert EntrySet.objects.filter(kind="payout").count() == Payout.objects.count() == 1
    # 06:00 in Sofia on the next day
    assert PayoutDay.objects.get().due_at == datetime(2026, 10, 17, 3, tzinfo=UTC)
    assert_sound(market)


def test_the_run_itself_eight_times_at_once_pays_once(market: Stage) -> None:
    closed(market)
    outcomes = side_by_side([lambda: len(payouts.run(market.business, RUN))] * 8)
    assert sorted(map(str, outcomes)) == ["0"] * 7 + ["1"]
    assert Record.objects.filter(level="payout", act="send").count() == 1
    assert_sound(market)


def test_the_same_change_of_a_bank_account_eight_times_at_once_is_one(market: Stage) -> None:
    bank_account(market)
    market.later(hours=1)
    side_by_side([lambda: bank_account(market, number=OTHER)] * 8)
    assert BankAccount.objects.count() == 2
    assert Record.objects.filter(level="bank_account").count() == 2


@pytest.mark.django_db
def test_a_business_that_fails_steps_aside_and_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    stage, other = new_stage("marketplace"), new_stage("marketplace", "bazaar")
    closed(stage)
    with monkeypatch.context() as fault:
        fault.setattr(payouts, "last_run", lambda *_: 1 / 0)
        assert payouts.run_due(RUN) == 0
    days = PayoutDay.objects.in_bulk()
    assert {day.attempts for day in days.values()} == {1}
    assert "ZeroDivisionError" in days[other.business.pk].problem
    assert payouts.run_due(RUN) == 0
    assert payouts.run_due(RUN + timedelta(minutes=5)) == 1
    assert PayoutDay.objects.get(pk=stage.business.pk).problem == ""
    assert_sound(stage)


@pytest.mark.django_db
def test_businesses_that_pay_nobody_and_closed_ones_have_no_day() -> None:
    new_stage("buyout")
    shut = new_stage("marketplace").business
    shut.is_open = False
    shut.save()
    assert payouts.run_due(RUN) == 0
    assert PayoutDay.objects.count() == 0


@pytest.mark.django_db
def test_a_changed_account_waits_to_the_second_and_a_wrong_one_changes_nothing() -> None:
    stage = new_stage("marketplace")
    bank_account(stage)
    bank_account(stage)
    (first,) = BankAccount.objects.all()
    assert (first.iban, first.held_until) == (IBAN, None)
    bank_account(stage, number=OTHER)
    second = BankAccount.objects.get(iban=OTHER)
    assert payouts.is_held(second, stage.now + timedelta(days=3, seconds=-1))
    assert not payouts.is_held(second, stage.now + timedelta(days=3))
    with pytest.raises(WrongIban):
        save_bank_account(
            stage.business,
            stage.person("seller").pk,
            "BG81BNBG96611020345678",
            hold=timedelta(0),
            actor=Actor("system"),
            cause="system",
            at=stage.now,
        )
    assert BankAccount.objects.count() == 2
