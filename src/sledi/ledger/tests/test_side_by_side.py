"""The same moment, several threads, each with a connection of its own: caps hold, nothing stops, nothing is half."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from sledi.accounts.models import Business
from sledi.database.keys import uuid7
from sledi.history.tests.side_by_side import side_by_side
from sledi.ledger.charts import CUSTOMER_BALANCE, Ref
from sledi.ledger.errors import AlreadyResolved, NotEnough, TooMuch
from sledi.ledger.models import EntrySet, Payment, Payout
from sledi.ledger.operations import (
    Leg,
    hold,
    payout_run,
    post,
    refund_payment,
    refund_sale,
    refund_subject,
    release,
    void_hold,
)
from sledi.ledger.tests.world import (
    AIGERIM,
    AT,
    BORIS,
    CASH_RUB,
    assert_sound,
    available,
    debited,
    facts,
    holdings,
    of,
    rub,
    sold,
    topped_up,
)

EIGHT = 8


def kinds(outcomes: list[Any]) -> Counter[str]:
    """How many of each: done, nothing to do, or the name of the refusal."""
    return Counter(
        type(outcome).__name__
        if isinstance(outcome, BaseException)
        else "done"
        if getattr(outcome, "is_new", True)
        else "nothing new"
        for outcome in outcomes
    )


def test_of_eight_refunds_of_sixty_out_of_a_hundred_one_is_done(committed_shop: Business) -> None:
    topped_up(committed_shop, rub(100))
    payment = Payment.objects.get()
    topped_up(committed_shop, rub(900))  # so that only the cap of the payment stands in the way

    def refund() -> Any:
        return refund_payment(committed_shop, payment_id=payment.pk, money=rub(60), **facts())

    assert kinds(side_by_side([refund] * EIGHT)) == {"done": 1, TooMuch.__name__: 7}
    assert holdings(committed_shop, of(BORIS)) == [94000]
    assert_sound()


def test_of_eight_cannot_supply_one_refunds_and_seven_do_nothing(committed_shop: Business) -> None:
    topped_up(committed_shop, rub(100))
    item = debited(committed_shop, rub(30), rub(3))
    outcomes = side_by_side([lambda: refund_subject(committed_shop, subject_id=item, **facts())] * EIGHT)
    assert kinds(outcomes) == {"done": 1, "nothing new": 7}
    assert EntrySet.objects.filter(kind="refund").count() == 1
    assert holdings(committed_shop, of(BORIS)) == [10000]
    assert_sound()


def test_eight_times_one_key_is_one_set(committed_shop: Business) -> None:
    def gift() -> Any:
        legs = [Leg(CASH_RUB, -rub(5), words_key="gift"), Leg(of(BORIS), rub(5), words_key="gift")]
        return post(committed_shop, kind="gift", legs=legs, **facts(key="one"))

    outcomes = side_by_side([gift] * EIGHT)
    assert kinds(outcomes) == {"done": 1, "nothing new": 7}
    assert len({outcome.set_id for outcome in outcomes}) == 1  # type: ignore[union-attr]
    assert holdings(committed_shop, of(BORIS)) == [500]
    assert_sound()


def test_of_eight_items_of_thirty_a_balance_of_a_hundred_pays_three(committed_shop: Business) -> None:
    topped_up(committed_shop, rub(100))
    outcomes = side_by_side([lambda: debited(committed_shop, rub(30))] * EIGHT)
    assert kinds(outcomes) == {"done": 3, NotEnough.__name__: 5}
    assert holdings(committed_shop, of(BORIS)) == [1000]
    assert_sound()


def test_a_hold_that_eight_want_to_end_ends_once(committed_shop: Business) -> None:
    topped_up(committed_shop, rub(100))
    order = uuid7()
    hold(committed_shop, customer_id=BORIS, money=rub(40), subject_id=order, **facts())
    outcomes = side_by_side([lambda: void_hold(committed_shop, subject_id=order, **facts())] * EIGHT)
    assert kinds(outcomes) == {"done": 1, AlreadyResolved.__name__: 7}
    assert holdings(committed_shop, of(BORIS)) == [10000]
    assert_sound()


def test_a_release_and_a_refund_at_once_lose_no_money(committed_shop: Business) -> None:
    orders = [sold(committed_shop) for _ in range(4)]
    acts: list[Callable[[], Any]] = []
    for order in orders:
        acts += [
            lambda order=order: release(committed_shop, subject_id=order, **facts()),  # type: ignore[misc]
            lambda order=order: refund_sale(committed_shop, subject_id=order, **facts()),  # type: ignore[misc]
        ]
    outcomes = kinds(side_by_side(acts))
    # Released first: the refund follows it. Refunded first: nothing is left to release.
    assert outcomes["done"] + outcomes[AlreadyResolved.__name__] == EIGHT
    assert outcomes["done"] >= 4
    assert holdings(committed_shop, available()) == [0]
    assert_sound()


def test_of_eight_payout_runs_one_pays(committed_shop: Business) -> None:
    for _ in range(3):
        release(committed_shop, subject_id=sold(committed_shop), **facts())
    later = AT + timedelta(days=1)

    def run() -> Any:
        told = {"cut_off_at": later, "pays_on": later.date(), "actor": AIGERIM, "created_at": later}
        return len(payout_run(committed_shop, key=str(uuid7()), **told))

    assert sorted(side_by_side([run] * EIGHT)) == [0] * 7 + [1]  # type: ignore[type-var]
    assert int(Payout.objects.get().total) == 270
    assert_sound()


def test_accounts_used_for_the_first_time_at_once_are_made_once(committed_shop: Business) -> None:
    owners = [uuid7() for _ in range(4)]

    def give(order: list[Any]) -> Callable[[], Any]:
        def act() -> Any:
            legs = [Leg(CASH_RUB, -rub(len(order)), words_key="gift")]
            legs += [Leg(Ref(CUSTOMER_BALANCE, owner, "RUB"), rub(1), words_key="gift") for owner in order]
            return post(committed_shop, kind="gift", legs=legs, **facts())

        return act

    acts = [give(random.Random(seed).sample(owners, 4)) for seed in range(EIGHT)]
    assert kinds(side_by_side(acts)) == {"done": EIGHT}
    assert holdings(committed_shop, *(Ref(CUSTOMER_BALANCE, owner, "RUB") for owner in owners)) == [800] * 4
    assert_sound()


@pytest.mark.slow
def test_ten_thousand_crossing_transfers_never_stop_each_other(committed_shop: Business) -> None:
    people = [uuid7() for _ in range(12)]
    for person in people:
        topped_up(committed_shop, rub(100_000), person)

    def transfers(seed: int) -> Callable[[], int]:
        chance = random.Random(seed)

        def act() -> int:
            for _ in range(1250):
                giver, taker = chance.sample(people, 2)
                amount = rub(chance.randint(1, 50))
                legs = [Leg(of(giver), -amount, words_key="move"), Leg(of(taker), amount, words_key="move")]
                post(committed_shop, kind="move", legs=legs, **facts())
            return 1250

        return act

    assert side_by_side([transfers(seed) for seed in range(EIGHT)]) == [1250] * EIGHT
    assert EntrySet.objects.filter(kind="move").count() == 10_000
    assert sum(holdings(committed_shop, *map(of, people))) == 12 * 100_000 * 100
    assert_sound()


class TestKilled:
    @pytest.mark.parametrize("is_posted", [False, True])
    def test_between_the_state_and_the_commit_leaves_neither(
        self, committed_shop: Business, is_posted: bool
    ) -> None:
        topped_up(committed_shop, rub(100))

        def move() -> None:
            with transaction.atomic():
                Business.objects.filter(pk=committed_shop.pk).update(name="changed state")
                if is_posted:
                    debited(committed_shop, rub(30))
                _kill_this_backend()
                debited(committed_shop, rub(30))

        (outcome,) = side_by_side([move])
        assert isinstance(outcome, DatabaseError)
        assert Business.objects.get(pk=committed_shop.pk).name == "Лавка"
        assert holdings(committed_shop, of(BORIS)) == [10000]
        assert EntrySet.objects.count() == 1
        assert_sound()


def _kill_this_backend() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    (killed,) = side_by_side([lambda: _kill(backend)])
    assert killed is True


def _kill(backend: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
        return bool(cursor.fetchone()[0])
