"""Whatever is done in whatever order: the invariants hold, retries change nothing, a refusal writes nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from sledi.accounts.models import Business
from sledi.core.money import Money
from sledi.database.keys import uuid7
from sledi.ledger import operations as act
from sledi.ledger.charts import CUSTOMER_HELD, GOODS, Ref
from sledi.ledger.errors import LedgerRefused
from sledi.ledger.queries import balance, balance_at, charged, explain
from sledi.ledger.tests.world import (
    AIGERIM,
    AT,
    BORIS,
    CASH_EUR,
    OKSANA,
    VESELA,
    assert_sound,
    available,
    of,
    pending,
    rows,
)

AMOUNTS = some.integers(1, 9999)
OWNERS = some.sampled_from([BORIS, OKSANA])
PICK = some.integers(0, 5)
ACTS = some.one_of(
    some.tuples(some.just("top_up"), OWNERS, AMOUNTS),
    some.tuples(some.just("debit"), OWNERS, AMOUNTS, some.integers(0, 500)),
    some.tuples(some.just("refund"), PICK, some.sampled_from([1000, 500, 333, 1])),
    some.tuples(some.just("refund_payment"), PICK, AMOUNTS),
    some.tuples(some.just("hold"), OWNERS, AMOUNTS),
    some.tuples(some.just("capture_hold"), PICK, AMOUNTS),
    some.tuples(some.just("void_hold"), PICK),
    some.tuples(some.just("sale"), AMOUNTS, some.integers(0, 500), some.integers(0, 1000)),
    some.tuples(some.just("release"), PICK),
    some.tuples(some.just("refund_sale"), PICK, some.none() | AMOUNTS),
    some.tuples(some.just("payout")),
    some.tuples(some.just("settle"), PICK, some.booleans()),
    some.tuples(some.just("exchange"), OWNERS, AMOUNTS, some.integers(1, 5000)),
)
WATCHED = [of(BORIS), of(OKSANA), Ref(CUSTOMER_HELD, BORIS, "RUB"), pending(), available()]


class World:
    """Does acts, each under its key as often as asked, and remembers what it made."""

    def __init__(self, shop: Business) -> None:
        self.shop = shop
        self.items: list[UUID] = []
        self.payments: list[UUID] = []
        self.holds: list[UUID] = []
        self.sales: list[UUID] = []
        self.payouts: list[UUID] = []

    def prepared(self, name: str, *told: Any, at: datetime, key: str) -> Callable[[], Any] | None:
        """The act, to be called again and again; None when there is nothing yet to do it to."""
        facts = {"actor": AIGERIM, "created_at": at, "key": key}
        return getattr(self, f"_{name}")(*told, facts)  # type: ignore[no-any-return]

    def _top_up(self, owner: UUID, amount: int, facts: Any) -> Callable[[], Any]:
        def do() -> Any:
            made = act.top_up(
                self.shop,
                customer_id=owner,
                provider="bank",
                money=rub(amount),
                reference=facts["key"],
                **facts,
            )
            self.payments.append(made.payment_id)
            return made.set_id

        return do

    def _debit(self, owner: UUID, goods: int, fee: int, facts: Any) -> Callable[[], Any]:
        item = uuid7()
        self.items.append(item)
        return lambda: (
            act.debit_item(
                self.shop, customer_id=owner, goods=rub(goods), fee=rub(fee), subject_id=item, **facts
            ).set_id
        )

    def _refund(self, pick: int, share: int, facts: Any) -> Callable[[], Any] | None:
        item = _picked(self.items, pick)
        return item and (
            lambda: act.refund_subject(self.shop, subject_id=item, per_mille=share, **facts).set_id
        )  # type: ignore[return-value]

    def _refund_payment(self, pick: int, amount: int, facts: Any) -> Callable[[], Any] | None:
        payment = _picked(self.payments, pick)
        return payment and (  # type: ignore[return-value]
            lambda: act.refund_payment(self.shop, payment_id=payment, money=rub(amount), **facts).set_id
        )

    def _hold(self, owner: UUID, amount: int, facts: Any) -> Callable[[], Any]:
        order = uuid7()
        self.holds.append(order)
        return lambda: (
            act.hold(self.shop, customer_id=owner, money=rub(amount), subject_id=order, **facts).set_id
        )

    def _capture_hold(self, pick: int, amount: int, facts: Any) -> Callable[[], Any] | None:
        order = _picked(self.holds, pick)
        return order and (
            lambda: act.capture_hold(self.shop, subject_id=order, goods=rub(amount), **facts).set_id
        )  # type: ignore[return-value]

    def _void_hold(self, pick: int, facts: Any) -> Callable[[], Any] | None:
        order = _picked(self.holds, pick)
        return order and (lambda: act.void_hold(self.shop, subject_id=order, **facts).set_id)  # type: ignore[return-value]

    def _sale(self, goods: int, shipping: int, commission: int, facts: Any) -> Callable[[], Any]:
        order = uuid7()
        self.sales.append(order)
        return lambda: (
            act.hold_sale(
                self.shop,
                seller_id=VESELA,
                goods=Money(goods, "EUR"),
                shipping=Money(shipping, "EUR"),
                commission=Money(commission, "EUR"),
                subject_id=order,
                source=CASH_EUR,
                **facts,
            ).set_id
        )

    def _release(self, pick: int, facts: Any) -> Callable[[], Any] | None:
        order = _picked(self.sales, pick)
        return order and (lambda: act.release(self.shop, subject_id=order, **facts).set_id)  # type: ignore[return-value]

    def _refund_sale(self, pick: int, amount: int | None, facts: Any) -> Callable[[], Any] | None:
        order, money = _picked(self.sales, pick), amount and Money(amount, "EUR")
        return order and (lambda: act.refund_sale(self.shop, subject_id=order, money=money, **facts).set_id)  # type: ignore[return-value, arg-type]

    def _payout(self, facts: Any) -> Callable[[], Any]:
        def do() -> Any:
            at = facts["created_at"]
            made = act.payout_run(self.shop, cut_off_at=at, pays_on=at.date(), **facts)
            self.payouts += [payout.pk for payout in made if payout.pk not in self.payouts]

        return do

    def _settle(self, pick: int, is_paid: bool, facts: Any) -> Callable[[], Any] | None:
        payout = _picked(self.payouts, pick)
        return payout and (  # type: ignore[return-value]
            lambda: (
                act.settle_payout(
                    self.shop, payout_id=payout, is_paid=is_paid, provider="card", **facts
                ).set_id
            )
        )

    def _exchange(self, owner: UUID, amount: int, rate: int, facts: Any) -> Callable[[], Any]:
        return lambda: (
            act.exchange(
                self.shop,
                source=of(owner),
                target=Ref(GOODS, None, "CNY"),
                sold=rub(amount),
                rate=Decimal(rate) / 10000,
                **facts,
            ).set_id
        )


def rub(minor: int) -> Money:
    return Money(minor, "RUB")


def _picked(made: list[UUID], pick: int) -> UUID | None:
    return made[pick % len(made)] if made else None


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=some.lists(ACTS, min_size=4, max_size=16))
def test_any_course_of_acts_leaves_a_sound_ledger(shop: Business, told: list[tuple[Any, ...]]) -> None:
    with transaction.atomic():
        _live(World(shop), told)
        transaction.set_rollback(True)


def _live(world: World, told: list[tuple[Any, ...]]) -> None:
    seen: dict[datetime, list[Money]] = {}
    # A start, so that later acts have something to work on.
    course = [("top_up", BORIS, 20000), ("sale", 5000, 500, 750), ("release", 0), *told]
    for number, (name, *rest) in enumerate(course):
        at = AT + timedelta(hours=number)
        do = world.prepared(name, *rest, at=at, key=f"{number}")
        if do:
            _done_twice(do)
        seen[at] = [balance(world.shop, ref) for ref in WATCHED]
    with transaction.atomic():
        assert_sound()
    for at, balances in seen.items():
        assert [balance_at(world.shop, ref, at) for ref in WATCHED] == balances
    assert all(explain(world.shop, ref).is_complete for ref in WATCHED)
    for row in charged(world.shop, "item", world.items).values():
        assert row.refunded.minor <= row.debited.minor


def _done_twice(do: Callable[[], Any]) -> None:
    """Do it, and again under the same key: the same answer and no row more. A refusal leaves no row at all."""
    before = rows()
    try:
        with transaction.atomic():
            first = do()
    except LedgerRefused:
        assert rows() == before
        return
    after = rows()
    assert do() == first
    assert rows() == after
