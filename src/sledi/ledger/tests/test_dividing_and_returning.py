"""An item that becomes two, what several items cost at once, and money that goes on to the buyer."""

from datetime import date
from uuid import UUID

import pytest

from sledi.accounts.models import Business
from sledi.database.keys import uuid7
from sledi.history.tests.side_by_side import side_by_side
from sledi.ledger import queries
from sledi.ledger.charts import CLEARING, FEE, GOODS, Ref
from sledi.ledger.errors import KeyUsedOtherwise, NotEnough, TooMuch, WrongLegs
from sledi.ledger.models import Charge, EntrySet, Payment
from sledi.ledger.operations import (
    Cost,
    debit_subjects,
    divide_subject,
    hold_sale,
    make_due,
    owe_commission,
    receive_payment,
    refund_sale,
    refund_subject,
    return_commission,
    send_back,
)
from sledi.ledger.operations.debits import Debited, still_debited
from sledi.ledger.payout_calendar import last_run
from sledi.ledger.tests.world import (
    BORIS,
    VESELA,
    assert_sound,
    available,
    debited,
    eur,
    facts,
    holdings,
    of,
    rows,
    rub,
    topped_up,
)

RUB_CLEARING, EUR_CLEARING = Ref(CLEARING, None, "RUB"), Ref(CLEARING, None, "EUR")
EUR_CASH = Ref("platform.cash", None, "EUR", "card")


# --- several at once ------------------------------------------------------------------------------------------


def test_several_items_are_debited_in_one_set_and_given_back_one_by_one(shop: Business) -> None:
    topped_up(shop, rub(100))
    cup, pan = uuid7(), uuid7()
    costs = [Cost("item", cup, rub(30), rub(3), "Cup"), Cost("item", pan, rub(20), None, "Pan")]
    told = facts()
    for is_new in (True, False):
        assert debit_subjects(shop, customer_id=BORIS, costs=costs, **told).is_new is is_new
    assert holdings(shop, of(BORIS)) == [4700]
    assert sorted(Charge.objects.values_list("debited", flat=True)) == [20, 33]
    refund_subject(shop, subject_id=cup, **facts())
    assert holdings(shop, of(BORIS)) == [8000]
    assert still_debited(shop, "item", [cup, pan], "RUB") == {cup: Debited(), pan: Debited(2000, 0)}
    assert_sound()


def test_without_money_for_all_none_is_debited(shop: Business) -> None:
    topped_up(shop, rub(40))
    costs = [Cost("item", uuid7(), rub(30)), Cost("item", uuid7(), rub(20))]
    before = rows()
    with pytest.raises(NotEnough):
        debit_subjects(shop, customer_id=BORIS, costs=costs, **facts())
    assert rows() == before


# --- dividing -------------------------------------------------------------------------------------------------


def test_dividing_moves_lines_and_no_balance(shop: Business) -> None:
    topped_up(shop, rub(100))
    item, parted = debited(shop, rub(30), rub(1)), uuid7()
    before = holdings(shop, of(BORIS), Ref(GOODS, None, "RUB"), Ref(FEE, None, "RUB"))
    divide_subject(shop, subject_id=item, parted_id=parted, weights=(1, 2), **facts())
    assert holdings(shop, of(BORIS), Ref(GOODS, None, "RUB"), Ref(FEE, None, "RUB")) == before
    assert still_debited(shop, "item", [item, parted], "RUB") == {
        item: Debited(2000, 67),
        parted: Debited(1000, 33),
    }
    assert_sound()


@pytest.mark.parametrize("per_mille", [1, 500, 999, 1000])
@pytest.mark.parametrize("weights", [(1, 1), (1, 2), (2, 1), (6, 1)])
def test_a_partly_refunded_item_is_divided_with_what_was_given_back(
    shop: Business, per_mille: int, weights: tuple[int, int]
) -> None:
    topped_up(shop, rub(100))
    item, parted = debited(shop, rub(33.33), rub(0.07)), uuid7()
    refund_subject(shop, subject_id=item, per_mille=per_mille, **facts())
    divide_subject(shop, subject_id=item, parted_id=parted, weights=weights, **facts())
    assert_sound()
    for subject in (item, parted):
        refund_subject(shop, subject_id=subject, **facts())
    assert holdings(shop, of(BORIS)) == [10000]
    assert {row.debited - row.refunded for row in Charge.objects.all()} == {0}
    assert_sound()


def test_dividing_again_under_the_same_key_changes_nothing(shop: Business) -> None:
    topped_up(shop, rub(100))
    item, parted, told = debited(shop, rub(30)), uuid7(), facts()
    first = divide_subject(shop, subject_id=item, parted_id=parted, weights=(1, 2), **told)
    before = rows()
    again = divide_subject(shop, subject_id=item, parted_id=parted, weights=(1, 2), **told)
    assert (again.set_id, again.is_new, rows()) == (first.set_id, False, before)
    with pytest.raises(KeyUsedOtherwise):
        divide_subject(shop, subject_id=item, parted_id=parted, weights=(2, 1), **told)
    assert_sound()


def test_what_cost_nothing_is_divided_without_a_set(shop: Business) -> None:
    posted = divide_subject(shop, subject_id=uuid7(), parted_id=uuid7(), weights=(1, 1), **facts())
    assert (posted.set_id, EntrySet.objects.count()) == (None, 0)
    with pytest.raises(WrongLegs):
        divide_subject(shop, subject_id=uuid7(), parted_id=uuid7(), weights=(0, 1), **facts())


# --- back to the buyer ----------------------------------------------------------------------------------------


def a_paid_sale(shop: Business, *parts: float) -> UUID:
    """An order sold for what these payments brought."""
    order = uuid7()
    for number, part in enumerate(parts):
        told = facts(reference=f"P{number}-{order}")
        receive_payment(
            shop,
            customer_id=BORIS,
            provider="card",
            money=eur(part),
            subject_level="order",
            subject_id=order,
            **told,
        )
    goods = eur(sum(parts))
    hold_sale(
        shop,
        seller_id=VESELA,
        goods=goods,
        commission=eur(1),
        subject_id=order,
        source=of(BORIS, "EUR"),
        **facts(),
    )
    return order


def test_a_refund_is_due_until_it_is_sent_by_the_payments_it_came_by(shop: Business) -> None:
    order = a_paid_sale(shop, 60, 40)
    refund_sale(shop, subject_id=order, money=eur(75), **facts())
    (due,) = queries.returns(shop)
    assert (due.due, due.settled, due.state) == (eur(75), eur(0), "due")
    assert len(send_back(shop, subject_id=order, **facts())) == 2
    assert sorted(Payment.objects.values_list("refunded", flat=True)) == [15, 60]
    (sent,) = queries.returns(shop)
    assert (sent.due, sent.settled, sent.state) == (eur(0), eur(75), "settled")
    assert queries.returns(shop, is_open=True) == []
    assert holdings(shop, EUR_CLEARING, EUR_CASH) == [0, -2500]
    assert_sound()


def test_what_the_balance_paid_goes_back_to_it(shop: Business) -> None:
    topped_up(shop, eur(60))
    told = facts(reference="P1")
    order = uuid7()
    receive_payment(
        shop,
        customer_id=BORIS,
        provider="card",
        money=eur(40),
        subject_level="order",
        subject_id=order,
        **told,
    )
    hold_sale(
        shop,
        seller_id=VESELA,
        goods=eur(100),
        commission=eur(1),
        subject_id=order,
        source=of(BORIS, "EUR"),
        **facts(),
    )
    refund_sale(shop, subject_id=order, **facts())
    send_back(shop, subject_id=order, **facts())
    assert holdings(shop, of(BORIS, "EUR"), EUR_CASH, EUR_CLEARING) == [6000, 0, 0]
    assert_sound()


def test_who_agreed_gets_it_on_his_balance(shop: Business) -> None:
    order = a_paid_sale(shop, 100)
    refund_sale(shop, subject_id=order, **facts())
    send_back(shop, subject_id=order, is_to_balance=True, **facts())
    assert holdings(shop, of(BORIS, "EUR"), EUR_CLEARING) == [10000, 0]
    assert_sound()


def test_sent_back_by_eight_at_once_it_is_sent_once(committed_shop: Business) -> None:
    order = a_paid_sale(committed_shop, 100)
    refund_sale(committed_shop, subject_id=order, **facts())
    outcomes = side_by_side([lambda: send_back(committed_shop, subject_id=order, **facts())] * 8)
    assert sorted(len(sent) for sent in outcomes if isinstance(sent, list)) == [0] * 7 + [1], outcomes
    assert holdings(committed_shop, EUR_CASH, EUR_CLEARING) == [0, 0]
    assert_sound()


def test_what_is_due_leaves_the_balance_at_once(shop: Business) -> None:
    topped_up(shop, rub(50))
    order = uuid7()
    make_due(shop, customer_id=BORIS, money=rub(50), subject_id=order, **facts())
    assert holdings(shop, of(BORIS), RUB_CLEARING) == [0, 5000]
    with pytest.raises(NotEnough):
        make_due(shop, customer_id=BORIS, money=rub(1), subject_id=order, **facts())


# --- commission, calendar -------------------------------------------------------------------------------------


def test_an_owed_commission_is_returned_once(shop: Business) -> None:
    order = uuid7()
    owe_commission(shop, seller_id=VESELA, commission=eur(15), subject_id=order, **facts())
    assert holdings(shop, available()) == [-1500]
    assert return_commission(shop, subject_id=order, **facts()).is_new
    assert not return_commission(shop, subject_id=order, **facts()).is_new
    assert holdings(shop, available()) == [0]
    assert not return_commission(shop, subject_id=uuid7(), **facts()).is_new
    assert_sound()


@pytest.mark.parametrize(
    ("today", "first", "pays_on"),
    [
        ("2026-11-15", "2026-10-16", "2026-11-02"),  # the 1st is a Sunday
        ("2026-11-16", "2026-11-01", "2026-11-16"),
        ("2026-11-30", "2026-11-01", "2026-11-16"),
        ("2026-12-01", "2026-11-16", "2026-12-01"),
        ("2027-01-01", "2026-12-01", "2026-12-16"),  # New Year: the run of the 1st waits
    ],
)
def test_the_newest_run_is_the_one_whose_day_has_come(today: str, first: str, pays_on: str) -> None:
    found = last_run(date.fromisoformat(today), "BG")
    assert (found.first.isoformat(), found.pays_on.isoformat()) == (first, pays_on)


def test_a_share_above_what_is_left_is_refused(shop: Business) -> None:
    topped_up(shop, rub(100))
    item = debited(shop, rub(30))
    refund_subject(shop, subject_id=item, per_mille=600, **facts())
    with pytest.raises(TooMuch):
        refund_subject(shop, subject_id=item, per_mille=500, **facts())
