"""A reseller's account: top-up, debit of an item, refund in full and in part."""

from typing import Any
from uuid import UUID

import pytest

from sledi.accounts.models import Business
from sledi.core.money import Money
from sledi.database.keys import uuid7
from sledi.ledger.charts import CUSTOMER_HELD, FEE, GOODS, Ref
from sledi.ledger.errors import AlreadyResolved, KeyUsedOtherwise, NotEnough, TooMuch, Unknown, WrongLegs
from sledi.ledger.models import EntrySet, Hold
from sledi.ledger.operations import (
    capture_hold,
    debit_item,
    hold,
    refund_subject,
    top_up,
    void_hold,
)
from sledi.ledger.queries import charged, explain, sums
from sledi.ledger.tests.world import (
    AIGERIM,
    BORIS,
    CASH_RUB,
    OKSANA,
    assert_sound,
    debited,
    eur,
    facts,
    holdings,
    of,
    rows,
    rub,
    topped_up,
)

GOODS_RUB, FEE_RUB, HELD = Ref(GOODS, None, "RUB"), Ref(FEE, None, "RUB"), Ref(CUSTOMER_HELD, BORIS, "RUB")


def test_a_top_up_confirmed_twice_is_one_line_with_its_reference(shop: Business) -> None:
    confirmation = {"customer_id": BORIS, "provider": "bank", "money": rub(100)}
    first = top_up(shop, **confirmation, **facts(reference="TX-1"))
    again = top_up(shop, **confirmation, **facts(reference="TX-1"))  # another key: the provider's word counts
    assert (again.payment_id, again.set_id, again.is_new) == (first.payment_id, first.set_id, False)
    found = explain(shop, of(BORIS))
    assert found.balance == rub(100)
    assert [(line.words_key, line.reference) for line in found.lines] == [("top_up.in", "TX-1")]
    assert_sound()


@pytest.mark.parametrize("changed", [{"money": rub(101)}, {"customer_id": OKSANA}, {"money": eur(100)}])
def test_the_same_reference_for_another_payment_is_refused(shop: Business, changed: dict[str, Any]) -> None:
    confirmation: dict[str, Any] = {"customer_id": BORIS, "provider": "bank", "money": rub(100)}
    top_up(shop, **confirmation, **facts(reference="TX-1"))
    before = rows()
    with pytest.raises(KeyUsedOtherwise):
        top_up(shop, **{**confirmation, **changed}, **facts(reference="TX-1"))
    assert rows() == before


def test_taking_an_item_debits_goods_and_fee_in_two_lines(shop: Business) -> None:
    topped_up(shop, rub(100))
    item = uuid7()
    debit_item(
        shop,
        customer_id=BORIS,
        goods=rub(30),
        fee=rub(3),
        subject_id=item,
        item="Чайник",
        **facts(reference="K-7"),
    )
    assert holdings(shop, of(BORIS), GOODS_RUB, FEE_RUB) == [6700, 3000, 300]
    fee, goods, _ = explain(shop, of(BORIS)).lines
    assert [(line.words_key, line.money) for line in (goods, fee)] == [
        ("debit.goods", rub(-30)),
        ("debit.fee", rub(-3)),
    ]
    for line in (goods, fee):
        told = (line.item, line.subject_level, line.subject_id, line.reference, line.actor)
        assert told == ("Чайник", "item", item, "K-7", AIGERIM)
    assert_sound()


def test_an_item_that_costs_more_than_there_is_debits_nothing(shop: Business) -> None:
    topped_up(shop, rub(32))
    before = rows()
    with pytest.raises(NotEnough) as refused:
        debited(shop, rub(30), rub(3))
    assert refused.value.missing == rub(1)
    assert rows() == before


@pytest.mark.parametrize(
    ("goods", "fee", "reason"),
    [
        (rub(0), rub(0), "too_few"),
        (rub(-1), None, "negative"),
        (rub(1), rub(-1), "negative"),
        (rub(1), eur(1), "other_currency"),
        (Money(10**15, "RUB"), None, "too_large"),
        (Money(True, "RUB"), None, "not_whole"),
    ],
)
def test_wrong_amounts_are_refused(shop: Business, goods: Money, fee: Money | None, reason: str) -> None:
    topped_up(shop, rub(100))
    before = rows()
    with pytest.raises(WrongLegs) as refused:
        debited(shop, goods, fee)
    assert refused.value.reason == reason
    assert rows() == before


class TestRefund:
    def test_cannot_supply_gives_back_everything_fees_included(self, shop: Business) -> None:
        topped_up(shop, rub(100))
        item = debited(shop, rub(30), rub(3))
        assert refund_subject(shop, subject_id=item, **facts()).is_new
        assert holdings(shop, of(BORIS), GOODS_RUB, FEE_RUB) == [10000, 0, 0]
        assert sums(shop, "item", [item]) == {}
        lines = explain(shop, of(BORIS)).lines[:2]
        assert {(line.words_key, line.money, line.item) for line in lines} == {
            ("refund.goods", rub(30), "Чайник"),
            ("refund.fee", rub(3), "Чайник"),
        }
        assert_sound()

    def test_a_second_refund_under_any_key_gives_nothing(self, shop: Business) -> None:
        topped_up(shop, rub(100))
        item = debited(shop, rub(30), rub(3))
        first = refund_subject(shop, subject_id=item, **facts(key="r"))
        assert refund_subject(shop, subject_id=item, **facts(key="r")).set_id == first.set_id
        assert refund_subject(shop, subject_id=item, **facts()).set_id is None
        assert EntrySet.objects.filter(kind="refund").count() == 1
        assert holdings(shop, of(BORIS)) == [10000]

    def test_an_item_never_debited_gives_nothing(self, shop: Business) -> None:
        assert refund_subject(shop, subject_id=uuid7(), **facts()).set_id is None
        assert rows()["entryset"] == 0

    def test_other_items_are_not_touched(self, shop: Business) -> None:
        topped_up(shop, rub(100))
        item, other = debited(shop, rub(30)), debited(shop, rub(20))
        refund_subject(shop, subject_id=item, **facts())
        assert sums(shop, "item", [item, other]) == {other: rub(20)}

    def test_a_share_is_one_of_what_was_debited_and_the_state_is_seen(self, shop: Business) -> None:
        topped_up(shop, rub(100))
        item = debited(shop, rub(30.01), rub(3))
        refund_subject(shop, subject_id=item, per_mille=500, **facts())
        assert holdings(shop, of(BORIS), GOODS_RUB, FEE_RUB) == [10000 - 3301 + 1501 + 150, 1500, 150]
        assert charged(shop, "item", [item])[item, "RUB"].state == "partially_refunded"
        refund_subject(shop, subject_id=item, **facts())
        assert holdings(shop, of(BORIS), GOODS_RUB, FEE_RUB) == [10000, 0, 0]
        assert charged(shop, "item", [item])[item, "RUB"].state == "refunded"
        assert_sound()

    def test_shares_above_the_whole_are_refused(self, shop: Business) -> None:
        topped_up(shop, rub(100))
        item = debited(shop, rub(30))
        refund_subject(shop, subject_id=item, per_mille=600, **facts())
        before = rows()
        with pytest.raises(TooMuch) as refused:
            refund_subject(shop, subject_id=item, per_mille=600, **facts())
        assert refused.value.left == rub(12)
        assert rows() == before

    @pytest.mark.parametrize("per_mille", [0, -1, 1001, 0.5, True])
    def test_what_is_no_share_is_refused(self, shop: Business, per_mille: Any) -> None:
        with pytest.raises(WrongLegs, match="wrong_share"):
            refund_subject(shop, subject_id=uuid7(), per_mille=per_mille, **facts())


class TestHold:
    @pytest.fixture
    def order(self, shop: Business) -> UUID:
        topped_up(shop, rub(100))
        order = uuid7()
        hold(shop, customer_id=BORIS, money=rub(40), subject_id=order, **facts())
        return order

    def test_held_money_cannot_be_spent(self, shop: Business, order: UUID) -> None:
        assert holdings(shop, of(BORIS), HELD) == [6000, 4000]
        with pytest.raises(NotEnough):
            debited(shop, rub(61))
        assert_sound()

    def test_a_capture_debits_and_gives_back_what_is_over(self, shop: Business, order: UUID) -> None:
        captured = {"subject_id": order, "goods": rub(30), "fee": rub(3)}
        posted = capture_hold(shop, **captured, **facts(key="c"))
        assert holdings(shop, of(BORIS), HELD, GOODS_RUB, FEE_RUB) == [6700, 0, 3000, 300]
        assert capture_hold(shop, **captured, **facts(key="c")).set_id == posted.set_id
        assert Hold.objects.get().status == "captured"
        assert_sound()

    def test_what_was_captured_is_refunded_like_a_debit(self, shop: Business, order: UUID) -> None:
        capture_hold(shop, subject_id=order, goods=rub(30), fee=rub(3), **facts())
        refund_subject(shop, subject_id=order, subject_level="order", **facts())
        assert holdings(shop, of(BORIS), HELD, GOODS_RUB, FEE_RUB) == [10000, 0, 0, 0]
        assert_sound()

    @pytest.mark.parametrize(("is_expired", "status"), [(False, "voided"), (True, "expired")])
    def test_a_void_gives_it_free(self, shop: Business, order: UUID, is_expired: bool, status: str) -> None:
        void_hold(shop, subject_id=order, is_expired=is_expired, **facts())
        assert holdings(shop, of(BORIS), HELD) == [10000, 0]
        assert Hold.objects.get().status == status
        assert_sound()

    def test_a_hold_ends_once(self, shop: Business, order: UUID) -> None:
        void_hold(shop, subject_id=order, **facts())
        before = rows()
        for end in (
            lambda: void_hold(shop, subject_id=order, **facts()),
            lambda: capture_hold(shop, subject_id=order, goods=rub(1), **facts()),
        ):
            with pytest.raises(AlreadyResolved):
                end()
        assert rows() == before

    def test_a_refund_in_full_frees_what_is_only_held(self, shop: Business, order: UUID) -> None:
        told = {"subject_id": order, "subject_level": "order"}
        first = refund_subject(shop, **told, **facts(key="r"))
        assert (first.is_new, refund_subject(shop, **told, **facts(key="r")).set_id) == (True, first.set_id)
        assert refund_subject(shop, **told, **facts()).set_id is None
        assert holdings(shop, of(BORIS), HELD) == [10000, 0]
        assert_sound()

    def test_no_more_is_captured_than_was_held(self, shop: Business, order: UUID) -> None:
        with pytest.raises(TooMuch):
            capture_hold(shop, subject_id=order, goods=rub(40), fee=rub(0.01), **facts())
        assert Hold.objects.get().status == "pending"

    def test_a_subject_has_one_pending_hold(self, shop: Business, order: UUID) -> None:
        before = rows()
        with pytest.raises(AlreadyResolved):
            hold(shop, customer_id=BORIS, money=rub(1), subject_id=order, **facts())
        assert rows() == before

    def test_what_is_not_held_cannot_end(self, shop: Business) -> None:
        with pytest.raises(Unknown):
            void_hold(shop, subject_id=uuid7(), **facts())


def test_cash_and_customer_mirror_each_other(shop: Business) -> None:
    topped_up(shop, rub(100))
    assert holdings(shop, CASH_RUB, of(BORIS)) == [-10000, 10000]
