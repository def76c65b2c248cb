"""Every question of the audit gives nothing in a sound ledger, and finds what is planted with the triggers off."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from sledi.accounts.models import Business
from sledi.core.money import Money
from sledi.database.keys import uuid7
from sledi.history.tests.unlocked import unlocked
from sledi.ledger.audit import AUDITS, audit
from sledi.ledger.charts import GOODS, Ref
from sledi.ledger.models import EntrySet
from sledi.ledger.operations import (
    Leg,
    exchange,
    hold,
    payout_run,
    post,
    refund_payment,
    refund_subject,
    release,
    reverse,
)
from sledi.ledger.tests.world import (
    AIGERIM,
    AT,
    BORIS,
    CASH_RUB,
    assert_sound,
    debited,
    facts,
    of,
    rub,
    sold,
    topped_up,
)

TABLES = ("ledger_entry", "ledger_entryset", "ledger_hold", "ledger_payout")
NO_CONSTRAINT = "ALTER TABLE ledger_{} DROP CONSTRAINT ledger_{}; "

PLANTED = {
    "the entries of a set are zero in each currency and of one business": (
        "UPDATE ledger_entry SET amount = amount + 1 WHERE words_key = 'debit.fee' AND amount > 0"
    ),
    "all entries together are zero in each currency": (
        "DELETE FROM ledger_entry WHERE words_key = 'debit.fee' AND amount > 0"
    ),
    "a balance is the sum of its entries, its version their number": (
        "UPDATE ledger_account SET balance = balance + 1 WHERE kind = 'customer.balance'"
    ),
    "the balances after each entry follow from each other, without a gap": (
        "UPDATE ledger_entry SET balance_after = balance_after + 1 WHERE words_key = 'debit.fee' AND amount < 0"
    ),
    "no amount has more decimals than its currency": (
        "UPDATE ledger_entry SET amount = amount + 0.001 WHERE words_key = 'debit.fee' AND amount < 0"
    ),
    "no balance is below its floor": (
        NO_CONSTRAINT.format("account", "account_floor")
        + "UPDATE ledger_account SET balance = -1 WHERE kind = 'customer.balance'"
    ),
    "a key stands for one set": (
        NO_CONSTRAINT.format("entryset", "set_key") + "UPDATE ledger_entryset SET key = 'same'"
    ),
    "no more is refunded for a subject than was debited": (
        NO_CONSTRAINT.format("charge", "charge_refunded") + "UPDATE ledger_charge SET refunded = debited + 1"
    ),
    "what was charged and refunded is what the entries say": "DELETE FROM ledger_charge WHERE refunded > 0",
    "no more is refunded of a payment than was captured, or captured than authorised": (
        NO_CONSTRAINT.format("payment", "payment_refunded")
        + "UPDATE ledger_payment SET refunded = captured + 1"
    ),
    "a payment's cash is what was captured without what was refunded": (
        "UPDATE ledger_payment SET refunded = refunded + 1"
    ),
    "a payout is the sum of its lines, each an entry as it was": (
        "UPDATE ledger_payoutline SET amount = amount + 1 WHERE words_key = 'sale.goods'"
    ),
    "a payout took exactly its total from what was available": "UPDATE ledger_payout SET total = total + 1",
    "an entry, and a line of an order's sale, is in one payout only": (
        "DROP INDEX ledger_payout_line_sale_once; INSERT INTO ledger_payoutline"
        " SELECT gen_random_uuid(), 1, 'sale.goods', subject_level, subject_id, business_id, gen_random_uuid(),"
        " payout_id FROM ledger_payoutline"
    ),
    "no payout is more than was available at its cut-off": "UPDATE ledger_payout SET total = total + 1",
    "a hold that ended has one set that ended it, a pending one none": (
        "UPDATE ledger_entryset SET hold_id = NULL WHERE kind = 'release'"
    ),
    "what a customer has held is what his pending holds say": (
        "UPDATE ledger_hold SET amount = amount + 1 WHERE status = 'pending'"
    ),
    "the triggers that refuse changes are there and always fire": (
        "ALTER TABLE history_record DISABLE TRIGGER history_record_append_only"
    ),
    "no set was written before the one it reverses, and it reverses exactly that": (
        "UPDATE ledger_entryset SET created_at = created_at - interval '1 day' WHERE reverses_id IS NOT NULL"
    ),
    "no set is without entries": "DELETE FROM ledger_entry WHERE words_key = 'gift'",
    "the rounding of an exchange is one minor unit at most": (
        "UPDATE ledger_entry SET amount = amount * 2 WHERE words_key = 'exchange.rounding'"
    ),
    "only released sales are in payouts": "UPDATE ledger_hold SET status = 'voided' WHERE status = 'captured'",
}


@pytest.fixture
def busy(shop: Business) -> Business:
    """A business in which something of every kind happened."""
    topped_up(shop, rub(1000))
    debited(shop, rub(30), rub(3))
    refund_subject(shop, subject_id=debited(shop, rub(20), rub(2)), **facts())
    hold(shop, customer_id=BORIS, money=rub(40), subject_id=uuid7(), **facts())
    payment = EntrySet.objects.get(kind="top_up").payment_id
    assert payment
    refund_payment(shop, payment_id=payment, money=rub(10), **facts())
    goods = Ref(GOODS, None, "CNY")
    said = Money(886, "CNY")
    exchange(
        shop, source=of(BORIS), target=goods, sold=rub(100), rate=Decimal("0.0885"), bought=said, **facts()
    )
    release(shop, subject_id=sold(shop), **facts())
    later = AT + timedelta(days=1)
    payout_run(shop, key="run", cut_off_at=later, pays_on=later.date(), actor=AIGERIM, created_at=later)
    legs = [Leg(CASH_RUB, -rub(1), words_key="gift"), Leg(of(BORIS), rub(1), words_key="gift")]
    gift = post(shop, kind="gift", legs=legs, **facts())
    assert gift.set_id
    reverse(shop, gift.set_id, **facts())
    return shop


def test_a_sound_ledger_answers_nothing(busy: Business) -> None:
    assert_sound()


def test_an_empty_ledger_is_sound(shop: Business) -> None:
    assert_sound()


def test_every_question_has_a_plant() -> None:
    assert {question.rule for question in AUDITS} == set(PLANTED)
    assert {question.invariant for question in AUDITS} == set(range(1, 15)) - {12}


@pytest.mark.parametrize("rule", sorted(PLANTED))
def test_what_is_planted_is_found(busy: Business, rule: str) -> None:
    with unlocked(*TABLES), connection.cursor() as cursor:
        for statement in PLANTED[rule].split("; "):
            cursor.execute(statement)
    found = {finding.rule: finding for finding in audit()}
    assert rule in found
    assert found[rule].count >= 1
    assert found[rule].sample


def test_the_sample_is_small_and_the_count_is_whole(busy: Business) -> None:
    for _ in range(30):
        topped_up(busy, rub(1))
    with unlocked(*TABLES), connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_payment SET refunded = refunded + 1 WHERE captured = 1")
    (finding,) = audit()
    assert (finding.invariant, finding.count, len(finding.sample)) == (6, 30, 20)
