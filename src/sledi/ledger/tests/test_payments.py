"""Payments from outside: authorised, captured, refunded, never beyond the cap."""

from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from sledi.accounts.models import Business
from sledi.database.keys import uuid7
from sledi.ledger.charts import CASH, CLEARING, Ref
from sledi.ledger.errors import KeyUsedOtherwise, NotEnough, TooMuch, Unknown, WrongLegs
from sledi.ledger.models import Payment
from sledi.ledger.operations import capture, receive_payment, refund_payment
from sledi.ledger.tests.world import (
    BORIS,
    a_business,
    assert_sound,
    debited,
    eur,
    facts,
    holdings,
    of,
    rows,
    rub,
)

CARD = Ref(CASH, None, "RUB", "card")


def received(shop: Business, major: float = 100, **given: Any) -> UUID:
    reference = given.pop("reference", f"PAY-{uuid7()}")
    paid = receive_payment(
        shop, customer_id=BORIS, provider="card", money=rub(major), **given, **facts(reference=reference)
    )
    return paid.payment_id


def test_a_payment_is_put_on_the_balance(shop: Business) -> None:
    received(shop)
    assert holdings(shop, CARD, of(BORIS)) == [-10000, 10000]
    assert_sound()


def test_a_payment_without_the_providers_reference_is_refused(shop: Business) -> None:
    with pytest.raises(WrongLegs, match="wrong_key"):
        receive_payment(shop, customer_id=BORIS, provider="card", money=rub(1), **facts())
    assert set(rows().values()) == {0}


def test_a_key_used_for_another_payment_is_refused(shop: Business) -> None:
    given = {"customer_id": BORIS, "provider": "card", "money": rub(1)}
    receive_payment(shop, **given, **facts(key="k", reference="A"))
    before = rows()
    with pytest.raises(KeyUsedOtherwise):
        receive_payment(shop, **given, **facts(key="k", reference="B"))
    assert rows() == before


class TestCapture:
    def test_authorised_money_moves_when_it_is_captured(self, shop: Business) -> None:
        payment = received(shop, is_captured=False)
        assert holdings(shop, of(BORIS)) == [0]
        capture(shop, payment_id=payment, money=rub(60), **facts())
        capture(shop, payment_id=payment, **facts(key="rest"))
        assert capture(shop, payment_id=payment, **facts(key="rest")).is_new is False
        assert holdings(shop, of(BORIS)) == [10000]
        assert_sound()

    def test_no_more_is_captured_than_was_authorised(self, shop: Business) -> None:
        payment = received(shop, is_captured=False)
        capture(shop, payment_id=payment, money=rub(60), **facts())
        before = rows()
        with pytest.raises(TooMuch) as refused:
            capture(shop, payment_id=payment, money=rub(40.01), **facts())
        assert refused.value.left == rub(40)
        assert rows() == before

    def test_nothing_is_left_to_capture(self, shop: Business) -> None:
        with pytest.raises(TooMuch):
            capture(shop, payment_id=received(shop), **facts())


class TestRefund:
    def test_a_refund_goes_back_the_way_the_money_came(self, shop: Business) -> None:
        payment = received(shop)
        first = refund_payment(shop, payment_id=payment, money=rub(30), **facts(key="r"))
        again = refund_payment(shop, payment_id=payment, money=rub(30), **facts(key="r"))
        assert (again.set_id, again.is_new) == (first.set_id, False)
        assert holdings(shop, CARD, of(BORIS)) == [-7000, 7000]
        assert_sound()

    def test_the_key_of_another_refund_is_refused(self, shop: Business) -> None:
        payment = received(shop)
        refund_payment(shop, payment_id=payment, money=rub(30), **facts(key="r"))
        with pytest.raises(KeyUsedOtherwise):
            refund_payment(shop, payment_id=payment, money=rub(31), **facts(key="r"))

    def test_no_more_is_refunded_than_was_captured(self, shop: Business) -> None:
        payment = received(shop)
        received(shop, 500)
        refund_payment(shop, payment_id=payment, money=rub(60), **facts())
        before = rows()
        with pytest.raises(TooMuch) as refused:
            refund_payment(shop, payment_id=payment, money=rub(60), **facts())
        assert refused.value.left == rub(40)
        assert rows() == before

    def test_what_the_customer_spent_is_not_refunded_from_his_balance(self, shop: Business) -> None:
        payment = received(shop)
        debited(shop, rub(30))
        before = rows()
        with pytest.raises(NotEnough) as refused:
            refund_payment(shop, payment_id=payment, money=rub(100), **facts())
        assert refused.value.missing == rub(30)
        assert rows() == before
        assert int(Payment.objects.get().refunded) == 0

    def test_a_refund_may_come_from_the_clearing_account(self, shop: Business) -> None:
        payment, clearing = received(shop), Ref(CLEARING, None, "RUB")
        refund_payment(shop, payment_id=payment, money=rub(100), source=clearing, **facts())
        assert holdings(shop, of(BORIS), clearing, CARD) == [10000, -10000, 0]
        assert_sound()

    @pytest.mark.parametrize("money", [rub(0), rub(-1), eur(1)])
    def test_wrong_amounts_are_refused(self, shop: Business, money: Any) -> None:
        payment = received(shop)
        with pytest.raises(WrongLegs):
            refund_payment(shop, payment_id=payment, money=money, **facts())

    def test_another_business_knows_no_such_payment(self, shop: Business) -> None:
        payment = received(shop)
        with pytest.raises(Unknown):
            refund_payment(a_business("other"), payment_id=payment, money=rub(1), **facts())


@pytest.mark.parametrize("change", [{"refunded": 101}, {"captured": 101}, {"refunded": -1}, {"captured": -1}])
def test_the_database_itself_refuses_what_is_beyond_the_cap(shop: Business, change: dict[str, int]) -> None:
    payment = received(shop)
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.filter(pk=payment).update(**change)
