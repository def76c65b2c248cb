"""Posting: zero together, once per key, never below a floor, and a refusal writes nothing."""

from typing import Any
from uuid import UUID

import pytest

from sledi.accounts.models import Business
from sledi.core.money import LARGEST_MINOR, Money
from sledi.ledger.charts import CASH, FEE, GOODS, Ref, named
from sledi.ledger.errors import AlreadyResolved, KeyUsedOtherwise, NotEnough, Unknown, WrongLegs
from sledi.ledger.models import Account, Entry, EntrySet
from sledi.ledger.operations import Leg, post, reverse
from sledi.ledger.queries import balance
from sledi.ledger.tests.world import (
    AIGERIM,
    AT,
    BORIS,
    CASH_RUB,
    OKSANA,
    a_business,
    assert_sound,
    debited,
    facts,
    holdings,
    of,
    rows,
    rub,
    topped_up,
)


def legs(*pairs: tuple[Ref, Any]) -> list[Leg]:
    return [Leg(ref, money, words_key="test") for ref, money in pairs]


def move(amount: Any, source: Ref = CASH_RUB, target: Ref | None = None) -> list[Leg]:
    return legs((source, -amount), (target or of(BORIS), amount))


def test_a_posting_moves_an_amount_and_writes_both_sides(shop: Business) -> None:
    posted = post(shop, kind="gift", legs=move(rub(100)), **facts(key="g1", reference="R-1"))
    assert posted.is_new
    stored = EntrySet.objects.get()
    assert (stored.pk, stored.key, stored.kind, stored.reference) == (posted.set_id, "g1", "gift", "R-1")
    assert (stored.actor, stored.effective_at, stored.created_at) == (AIGERIM, AT, AT)
    assert holdings(shop, CASH_RUB, of(BORIS)) == [-10000, 10000]
    entries = Entry.objects.order_by("amount").values_list("amount", "balance_after", "account_version")
    assert [tuple(map(int, row)) for row in entries] == [(-100, -100, 1), (100, 100, 1)]
    assert_sound()


def test_several_legs_on_one_account_follow_each_other(shop: Business) -> None:
    post(
        shop,
        kind="gift",
        legs=legs((CASH_RUB, -rub(3)), (of(BORIS), rub(1)), (of(BORIS), rub(2))),
        **facts(),
    )
    found = Entry.objects.filter(account__kind="customer.balance").order_by("account_version")
    assert [int(entry.balance_after) for entry in found] == [1, 3]
    assert_sound()


WRONG = {
    "zero": move(rub(0)),
    "too_large": move(Money(LARGEST_MINOR + 1, "RUB")),
    "too_few": legs((CASH_RUB, rub(1))),
    "unbalanced": legs((CASH_RUB, -rub(2)), (of(BORIS), rub(1))),
    "other_currency": legs((CASH_RUB, -rub(1)), (of(BORIS, "EUR"), rub(1))),
    "unknown_currency": legs(
        (Ref(CASH, None, "XXX"), Money(-1, "XXX")), (Ref(FEE, None, "XXX"), Money(1, "XXX"))
    ),
    "unknown_account": legs((Ref("piggy.bank", None, "RUB"), -rub(1)), (of(BORIS), rub(1))),
    "wrong_owner": legs((Ref(CASH, BORIS, "RUB"), -rub(1)), (of(BORIS), rub(1))),
    "wrong_provider": legs((Ref(CASH, None, "RUB", "a/b"), -rub(1)), (of(BORIS), rub(1))),
    "not_whole": legs((CASH_RUB, Money(-1.5, "RUB")), (of(BORIS), Money(1.5, "RUB"))),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("reason", sorted(WRONG))
def test_wrong_legs_are_refused_by_name_and_nothing_is_written(shop: Business, reason: str) -> None:
    with pytest.raises(WrongLegs) as refused:
        post(shop, kind="gift", legs=WRONG[reason], **facts())
    assert refused.value.reason == reason
    assert set(rows().values()) == {0}


def test_two_currencies_must_each_be_zero(shop: Business) -> None:
    crossed = legs((CASH_RUB, -rub(1)), (Ref(CASH, None, "EUR"), Money(100, "EUR")))
    with pytest.raises(WrongLegs, match="unbalanced"):
        post(shop, kind="gift", legs=crossed, **facts())


@pytest.mark.parametrize("key", ["", "x" * 201, "a\0b"])
def test_a_key_that_is_none_is_refused(shop: Business, key: str) -> None:
    with pytest.raises(WrongLegs, match="wrong_key"):
        post(shop, kind="gift", legs=move(rub(1)), **facts(key=key))


@pytest.mark.parametrize(("currency", "exponent"), [("KZT", 2), ("JPY", 0), ("KWD", 3), ("BGN", 2)])
def test_amounts_keep_the_decimals_of_their_currency(shop: Business, currency: str, exponent: int) -> None:
    cash = Ref(CASH, None, currency)
    post(shop, kind="gift", legs=move(Money(1, currency), cash, of(BORIS, currency)), **facts())
    account = Account.objects.get(kind="customer.balance")
    assert (account.exponent, str(account.balance)) == (exponent, str(Money(1, currency).decimal))
    assert balance(shop, of(BORIS, currency)) == Money(1, currency)
    assert_sound()


def test_a_balance_does_not_go_below_its_floor_and_the_missing_is_told(shop: Business) -> None:
    topped_up(shop, rub(10))
    before = rows()
    with pytest.raises(NotEnough) as refused:
        post(shop, kind="spend", legs=move(rub(30), of(BORIS), Ref(GOODS, None, "RUB")), **facts())
    assert (refused.value.account, refused.value.missing) == (of(BORIS), rub(20))
    assert rows() == before
    assert holdings(shop, of(BORIS)) == [1000]


def test_a_refused_key_may_be_used_again(shop: Business) -> None:
    spend = {"kind": "spend", "legs": move(rub(30), of(BORIS), Ref(GOODS, None, "RUB"))}
    with pytest.raises(NotEnough):
        post(shop, **spend, **facts(key="k"))
    topped_up(shop, rub(30))
    assert post(shop, **spend, **facts(key="k")).is_new


class TestKeys:
    def test_the_same_key_gives_the_same_answer_and_one_set(self, shop: Business) -> None:
        first = post(shop, kind="gift", legs=move(rub(5)), **facts(key="k"))
        again = [post(shop, kind="gift", legs=move(rub(5)), **facts(key="k")) for _ in range(5)]
        assert {answer.set_id for answer in again} == {first.set_id}
        assert not any(answer.is_new for answer in again)
        assert EntrySet.objects.count() == 1
        assert holdings(shop, of(BORIS)) == [500]

    @pytest.mark.parametrize(
        ("kind", "changed"),
        [("gift", move(rub(6))), ("other", move(rub(5))), ("gift", move(rub(5), target=of(OKSANA)))],
    )
    def test_the_same_key_for_something_else_is_refused(
        self, shop: Business, kind: str, changed: list[Leg]
    ) -> None:
        post(shop, kind="gift", legs=move(rub(5)), **facts(key="k"))
        before = rows()
        with pytest.raises(KeyUsedOtherwise):
            post(shop, kind=kind, legs=changed, **facts(key="k"))
        assert rows() == before

    def test_a_key_belongs_to_its_business(self, shop: Business) -> None:
        other = a_business("other")
        assert post(shop, kind="gift", legs=move(rub(5)), **facts(key="k")).is_new
        assert post(other, kind="gift", legs=move(rub(7)), **facts(key="k")).is_new
        assert (balance(shop, of(BORIS)), balance(other, of(BORIS))) == (rub(5), rub(7))
        assert_sound()


class TestReversal:
    def test_a_reversal_is_a_set_of_its_own_and_exact(self, shop: Business) -> None:
        first = post(shop, kind="gift", legs=move(rub(5)), **facts())
        assert first.set_id
        back = reverse(shop, first.set_id, **facts(key="r"))
        assert EntrySet.objects.get(pk=back.set_id).reverses_id == first.set_id
        assert holdings(shop, CASH_RUB, of(BORIS)) == [0, 0]
        assert Entry.objects.count() == 4
        assert reverse(shop, first.set_id, **facts(key="r")) == type(back)(back.set_id, is_new=False)
        assert_sound()

    def test_a_set_is_reversed_once(self, shop: Business) -> None:
        first = post(shop, kind="gift", legs=move(rub(5)), **facts())
        assert first.set_id
        reverse(shop, first.set_id, **facts())
        with pytest.raises(AlreadyResolved):
            reverse(shop, first.set_id, **facts())

    def test_money_that_is_gone_cannot_be_taken_back(self, shop: Business) -> None:
        first = post(shop, kind="gift", legs=move(rub(5)), **facts())
        debited(shop, rub(4))
        assert first.set_id
        with pytest.raises(NotEnough):
            reverse(shop, first.set_id, **facts())
        assert holdings(shop, of(BORIS)) == [100]

    def test_another_business_cannot_reverse_it(self, shop: Business) -> None:
        first = post(shop, kind="gift", legs=move(rub(5)), **facts())
        assert first.set_id
        with pytest.raises(Unknown):
            reverse(a_business("other"), first.set_id, **facts())

    def test_what_counts_its_refunds_is_not_reversed_past_them(self, shop: Business) -> None:
        topped_up(shop, rub(5))
        with pytest.raises(WrongLegs, match="own_way_back"):
            reverse(shop, EntrySet.objects.get().pk, **facts())


def test_an_account_is_known_by_its_name() -> None:
    ref = Ref(CASH, None, "EUR", "card")
    assert ref.name == "platform.cash/card//EUR"
    assert named(ref.name) == ref
    assert named(f"customer.balance//{BORIS}/RUB") == of(BORIS)


@pytest.mark.parametrize(
    "name", ["", "cash", "platform.cash/a/b/c/d", "customer.balance//nobody/RUB", "customer.balance///RUB"]
)
def test_what_is_no_name_of_an_account_is_refused(name: str) -> None:
    with pytest.raises(WrongLegs):
        named(name)


def test_a_posting_costs_three_statements(shop: Business, django_assert_num_queries: Any) -> None:
    post(shop, kind="gift", legs=move(rub(5)), **facts())
    with django_assert_num_queries(5):  # and a savepoint, made and released
        post(shop, kind="gift", legs=move(rub(5)), **facts())


def test_unknown_set(shop: Business) -> None:
    with pytest.raises(Unknown):
        reverse(shop, UUID(int=1), **facts())
