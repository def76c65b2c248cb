"""Explaining a balance: every line names what it is of, and they sum to it."""

from datetime import timedelta
from typing import Any

import pytest

from sledi.accounts.models import Business
from sledi.ledger.charts import GOODS, Ref
from sledi.ledger.operations import refund_subject, top_up
from sledi.ledger.queries import balance, balance_at, balances, explain, statement
from sledi.ledger.tests.world import AT, BORIS, OKSANA, a_business, debited, facts, of, rub, topped_up


def test_the_lines_sum_to_the_balance_and_carry_it_on(shop: Business) -> None:
    topped_up(shop, rub(100))
    item = debited(shop, rub(30), rub(3))
    refund_subject(shop, subject_id=item, **facts())
    found = explain(shop, of(BORIS))
    assert found.is_complete
    assert [line.balance_after for line in reversed(found.lines)] == [
        rub(100),
        rub(70),
        rub(67),
        rub(97),
        rub(100),
    ]
    assert all(line.words_key and line.reference + line.item and line.actor.name for line in found.lines)


def test_a_statement_comes_in_pages_of_one_query(shop: Business, django_assert_num_queries: Any) -> None:
    for _ in range(5):
        topped_up(shop, rub(1))
    with django_assert_num_queries(1):
        first = statement(shop, of(BORIS), size=2)
    assert [line.number for line in first.lines] == [5, 4]
    second = statement(shop, of(BORIS), before=first.next_before, size=2)
    assert [line.number for line in second.lines] == [3, 2]
    third = statement(shop, of(BORIS), before=second.next_before, size=2)
    assert ([line.number for line in third.lines], third.next_before) == ([1], None)


def test_an_account_nobody_used_is_empty(shop: Business) -> None:
    found = explain(shop, of(OKSANA))
    assert (found.balance, list(found.lines), found.is_complete) == (rub(0), [], True)


def test_a_past_balance_is_that_of_its_moment(shop: Business) -> None:
    for day in range(4):
        item_at = AT + timedelta(days=day)
        top_up(
            shop,
            customer_id=BORIS,
            provider="bank",
            money=rub(10),
            **facts(reference=f"D{day}", created_at=item_at),
        )
    moments = [AT - timedelta(seconds=1), AT, AT + timedelta(days=2.5), AT + timedelta(days=9)]
    assert [balance_at(shop, of(BORIS), moment) for moment in moments] == [rub(0), rub(10), rub(30), rub(40)]


def test_another_business_does_not_see_it(shop: Business) -> None:
    topped_up(shop, rub(1))
    other = a_business("other")
    assert balance(other, of(BORIS)) == rub(0)
    assert not statement(other, of(BORIS)).lines
    assert balances(other, BORIS) == {}


def test_somebodys_accounts_come_together(shop: Business) -> None:
    topped_up(shop, rub(5))
    debited(shop, rub(2))
    assert balances(shop, BORIS) == {of(BORIS): rub(3)}
    assert balance(shop, Ref(GOODS, None, "RUB")) == rub(2)


@pytest.mark.parametrize("size", [0, -5])
def test_a_page_has_at_least_one_line(shop: Business, size: int) -> None:
    topped_up(shop, rub(1))
    assert len(statement(shop, of(BORIS), size=size).lines) == 1
