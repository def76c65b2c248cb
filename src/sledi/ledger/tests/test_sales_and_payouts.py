"""A seller's money: pending, released, paid out once, and taken back."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from sledi.accounts.models import Business
from sledi.core.money import Money
from sledi.database.keys import uuid7
from sledi.ledger.charts import CLEARING, FEE, IN_TRANSIT, SELLER_AVAILABLE, Ref
from sledi.ledger.errors import AlreadyResolved, TooMuch, Unknown, WrongLegs
from sledi.ledger.models import Payout, PayoutLine
from sledi.ledger.operations import (
    hold_sale,
    owe_commission,
    pay_debt,
    payout_run,
    refund_sale,
    refund_subject,
    release,
    settle_payout,
)
from sledi.ledger.tests.world import (
    AIGERIM,
    AT,
    CASH_EUR,
    OKSANA,
    VESELA,
    assert_sound,
    available,
    eur,
    facts,
    holdings,
    pending,
    rows,
    sold,
)

FEE_EUR, CLEARING_EUR = Ref(FEE, None, "EUR"), Ref(CLEARING, None, "EUR")
TRANSIT = Ref(IN_TRANSIT, VESELA, "EUR")


def run(shop: Business, days: int = 1, key: str = "run", **given: Any) -> list[Payout]:
    return payout_run(
        shop,
        key=key,
        cut_off_at=AT + timedelta(days=days),
        pays_on=date(2026, 10, 16),
        actor=AIGERIM,
        created_at=AT + timedelta(days=days),
        **given,
    )


def lines(payout: Payout) -> list[tuple[str, int]]:
    found = PayoutLine.objects.filter(payout=payout).order_by("entry__account_version")
    return [(line.words_key, int(line.amount * 100)) for line in found]


def test_a_sale_is_held_without_its_commission(shop: Business) -> None:
    sold(shop)
    assert holdings(shop, CASH_EUR, pending(), FEE_EUR, available()) == [-10500, 9000, 1500, 0]
    assert_sound()


def test_a_commission_that_takes_everything_is_refused(shop: Business) -> None:
    with pytest.raises(WrongLegs, match="too_large"):
        sold(shop, goods=10, shipping=0, commission=10)


def test_an_order_is_sold_once(shop: Business) -> None:
    order = sold(shop)
    before = rows()
    with pytest.raises(AlreadyResolved):
        hold_sale(
            shop,
            seller_id=VESELA,
            goods=eur(1),
            commission=eur(0),
            subject_id=order,
            source=CASH_EUR,
            **facts(),
        )
    assert rows() == before


def test_a_release_makes_it_available_line_by_line_and_once(shop: Business) -> None:
    order = sold(shop)
    first = release(shop, subject_id=order, **facts(key="r"))
    assert release(shop, subject_id=order, **facts(key="r")).set_id == first.set_id
    with pytest.raises(AlreadyResolved):
        release(shop, subject_id=order, **facts())
    assert holdings(shop, pending(), available()) == [0, 9000]
    assert_sound()


def test_what_was_not_sold_is_not_released(shop: Business) -> None:
    with pytest.raises(Unknown):
        release(shop, subject_id=uuid7(), **facts())


class TestPayout:
    def test_the_statement_reads_goods_shipping_commission_and_net(self, shop: Business) -> None:
        release(shop, subject_id=sold(shop), **facts())
        (payout,) = run(shop)
        assert lines(payout) == [("sale.goods", 10000), ("sale.shipping", 500), ("sale.commission", -1500)]
        assert (int(payout.total), payout.seller_id, payout.currency) == (90, VESELA, "EUR")
        assert holdings(shop, available(), TRANSIT) == [0, 9000]
        assert_sound()

    def test_an_order_that_was_not_released_is_in_no_payout(self, shop: Business) -> None:
        sold(shop)
        assert run(shop) == []
        assert_sound()

    def test_an_order_is_in_exactly_one_payout(self, shop: Business) -> None:
        release(shop, subject_id=sold(shop), **facts())
        (payout,) = run(shop)
        assert run(shop) == []
        assert run(shop, key="next") == []
        release(shop, subject_id=sold(shop), **facts())
        (following,) = run(shop, key="next")
        assert following.pk != payout.pk
        assert PayoutLine.objects.count() == 6
        assert_sound()

    def test_a_run_made_again_under_its_key_answers_the_same(self, shop: Business) -> None:
        release(shop, subject_id=sold(shop), **facts())
        (payout,) = run(shop)
        release(shop, subject_id=sold(shop), **facts())
        assert [again.pk for again in run(shop)] == [payout.pk]
        assert holdings(shop, available()) == [9000]

    def test_what_is_released_after_the_cut_off_waits(self, shop: Business) -> None:
        release(shop, subject_id=sold(shop), **facts(created_at=AT + timedelta(days=1)))
        assert run(shop, days=1) == []
        (payout,) = run(shop, days=2, key="next")
        assert int(payout.total) == 90

    def test_a_seller_who_is_held_back_waits(self, shop: Business) -> None:
        release(shop, subject_id=sold(shop), **facts())
        assert run(shop, held_back=[VESELA]) == []
        assert len(run(shop, held_back=[OKSANA])) == 1

    def test_paid_money_leaves_by_the_till(self, shop: Business) -> None:
        release(shop, subject_id=sold(shop), **facts())
        (payout,) = run(shop)
        settled = {"payout_id": payout.pk, "is_paid": True, "provider": "card"}
        first = settle_payout(shop, **settled, **facts(key="s"))
        assert settle_payout(shop, **settled, **facts(key="s")).set_id == first.set_id
        assert holdings(shop, TRANSIT, CASH_EUR) == [0, -1500]
        with pytest.raises(AlreadyResolved):
            settle_payout(shop, payout_id=payout.pk, is_paid=False, provider="card", **facts())
        assert_sound()

    def test_what_the_bank_sends_back_is_a_line_of_the_next_payout(self, shop: Business) -> None:
        release(shop, subject_id=sold(shop), **facts())
        (payout,) = run(shop)
        settle_payout(shop, payout_id=payout.pk, is_paid=False, provider="card", **facts())
        assert holdings(shop, TRANSIT, available()) == [0, 9000]
        (following,) = run(shop, key="next")
        assert lines(following) == [("payout.returned", 9000)]
        assert_sound()

    def test_an_unknown_payout_is_not_settled(self, shop: Business) -> None:
        with pytest.raises(Unknown):
            settle_payout(shop, payout_id=uuid7(), is_paid=True, provider="card", **facts())


class TestRefund:
    def test_before_the_release_it_comes_from_what_is_pending(self, shop: Business) -> None:
        order = sold(shop)
        first = refund_sale(shop, subject_id=order, **facts(key="r"))
        assert refund_sale(shop, subject_id=order, **facts(key="r")).set_id == first.set_id
        assert holdings(shop, pending(), CLEARING_EUR, FEE_EUR) == [0, 10500, 0]
        with pytest.raises(AlreadyResolved):
            release(shop, subject_id=order, **facts())
        with pytest.raises(AlreadyResolved):
            refund_sale(shop, subject_id=order, **facts())
        assert_sound()

    def test_a_part_leaves_the_rest_to_be_released(self, shop: Business) -> None:
        order = sold(shop)
        refund_sale(shop, subject_id=order, money=eur(35), **facts())
        assert holdings(shop, pending(), CLEARING_EUR, FEE_EUR) == [9000 - 3500 + 500, 3500, 1000]
        release(shop, subject_id=order, **facts())
        (payout,) = run(shop)
        assert (int(payout.total), sum(amount for _, amount in lines(payout))) == (60, 6000)
        assert_sound()

    def test_after_the_payout_the_seller_owes_and_the_next_payout_nets_it(self, shop: Business) -> None:
        order = sold(shop)
        release(shop, subject_id=order, **facts())
        run(shop)
        refund_sale(shop, subject_id=order, **facts())
        assert holdings(shop, available(), CLEARING_EUR, FEE_EUR) == [-9000, 10500, 0]
        assert run(shop, key="second") == []
        release(shop, subject_id=sold(shop, goods=200, shipping=0, commission=30), **facts())
        (payout,) = run(shop, key="third")
        assert int(payout.total) == 80
        assert sum(amount for _, amount in lines(payout)) == 8000
        assert_sound()

    def test_a_debt_from_after_the_cut_off_counts_at_once(self, shop: Business) -> None:
        order = sold(shop)
        release(shop, subject_id=order, **facts())
        run(shop)
        release(shop, subject_id=sold(shop, goods=200, shipping=0, commission=30), **facts())
        refund_sale(shop, subject_id=order, **facts(created_at=AT + timedelta(days=5)))
        (payout,) = run(shop, key="second")
        assert int(payout.total) == 80
        assert holdings(shop, available()) == [0]
        assert_sound()

    @pytest.mark.parametrize(
        "parts", [[1, 2, 102], [35, 35, 35], [0.01, 104.98, 0.01], [33.33, 33.33, 38.34]]
    )
    def test_parts_that_sum_to_the_whole_leave_nothing(self, shop: Business, parts: list[float]) -> None:
        order = sold(shop)
        for part in parts:
            refund_sale(shop, subject_id=order, money=eur(part), **facts())
        assert holdings(shop, pending(), CLEARING_EUR, FEE_EUR) == [0, 10500, 0]
        assert_sound()

    def test_a_refund_of_the_subject_takes_a_sale_back_once(self, shop: Business) -> None:
        told = {"subject_id": sold(shop), "subject_level": "order"}
        refund_subject(shop, **told, per_mille=200, **facts())
        assert holdings(shop, pending(), CLEARING_EUR, FEE_EUR) == [7200, 2100, 1200]
        assert refund_subject(shop, **told, **facts()).is_new
        assert refund_subject(shop, **told, **facts()).set_id is None
        assert holdings(shop, pending(), CLEARING_EUR, FEE_EUR) == [0, 10500, 0]
        assert_sound()

    @pytest.mark.parametrize("money", [eur(105.01), Money(10**14, "EUR")])
    def test_more_than_the_sale_is_refused(self, shop: Business, money: Money) -> None:
        order = sold(shop)
        before = rows()
        with pytest.raises(TooMuch):
            refund_sale(shop, subject_id=order, money=money, **facts())
        assert rows() == before


def test_who_was_paid_on_delivery_owes_the_commission_and_may_pay_it(shop: Business) -> None:
    order: UUID = uuid7()
    owe_commission(shop, seller_id=VESELA, commission=eur(15), subject_id=order, **facts())
    assert holdings(shop, available(), FEE_EUR) == [-1500, 1500]
    assert run(shop) == []
    pay_debt(shop, seller_id=VESELA, provider="card", money=eur(15), **facts())
    assert holdings(shop, Ref(SELLER_AVAILABLE, VESELA, "EUR"), CASH_EUR) == [0, -1500]
    assert_sound()
