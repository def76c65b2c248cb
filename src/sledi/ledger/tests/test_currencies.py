"""Exchange through platform.fx, and the lev's end."""

from decimal import Decimal
from typing import Any

import pytest

from sledi.accounts.models import Business
from sledi.core.money import Money
from sledi.database.keys import uuid7
from sledi.ledger.charts import FX, GOODS, Ref
from sledi.ledger.errors import WrongLegs
from sledi.ledger.models import Entry
from sledi.ledger.operations import exchange, owe_commission, to_euro, top_up
from sledi.ledger.tests.world import (
    BORIS,
    VESELA,
    assert_sound,
    available,
    facts,
    holdings,
    of,
    rows,
    rub,
    topped_up,
)

CNY = Ref(GOODS, None, "CNY")
FX_RUB, FX_CNY = Ref(FX, None, "RUB"), Ref(FX, None, "CNY")


def change(shop: Business, sold: Money, rate: str, bought: int | None = None, **given: Any) -> None:
    said = Money(bought, "CNY") if bought is not None else None
    exchange(shop, source=of(BORIS), target=CNY, sold=sold, rate=Decimal(rate), bought=said, **facts(**given))


def test_each_currency_is_zero_by_itself(shop: Business) -> None:
    topped_up(shop, rub(1000))
    change(shop, rub(100), "0.0885")
    assert holdings(shop, of(BORIS), FX_RUB, FX_CNY, CNY) == [90000, 10000, -885, 885]
    assert_sound()


@pytest.mark.parametrize(("said", "fx"), [(886, -886), (885, -885), (884, -884)])
def test_a_banks_own_rounding_is_booked_apart(shop: Business, said: int, fx: int) -> None:
    topped_up(shop, rub(1000))
    change(shop, rub(100), "0.0885", said)
    assert holdings(shop, FX_CNY, CNY) == [fx, said]
    booked = [int(e.amount * 100) for e in Entry.objects.filter(words_key="exchange.rounding")]
    assert booked == ([885 - said] if said != 885 else [])
    assert_sound()


@pytest.mark.parametrize(
    ("rate", "said"),
    [("0.0885", 887), ("0.0885", 883), ("0", None), ("-1", None), ("NaN", None), ("0.0000001", None)],
)
def test_another_rate_is_no_rounding(shop: Business, rate: str, said: int | None) -> None:
    topped_up(shop, rub(1000))
    before = rows()
    with pytest.raises(WrongLegs, match="wrong_rate"):
        change(shop, rub(100), rate, said)
    assert rows() == before


def test_a_rate_is_never_a_float(shop: Business) -> None:
    with pytest.raises(WrongLegs, match="wrong_rate"):
        exchange(shop, source=of(BORIS), target=CNY, sold=rub(1), rate=0.0885, **facts())  # type: ignore[arg-type]


class TestEuro:
    def test_the_lev_goes_over_at_the_fixed_rate_and_its_entries_stay(self, shop: Business) -> None:
        top_up(shop, customer_id=BORIS, provider="bank", money=Money(10000, "BGN"), **facts(reference="T"))
        first = to_euro(shop, account=of(BORIS, "BGN"), **facts(key="euro"))
        assert holdings(shop, of(BORIS, "BGN"), of(BORIS, "EUR")) == [0, 5113]
        assert to_euro(shop, account=of(BORIS, "BGN"), **facts(key="euro")).set_id == first.set_id
        assert to_euro(shop, account=of(BORIS, "BGN"), **facts()).set_id is None
        assert Entry.objects.filter(account__currency="BGN", words_key="top_up.in").count() == 2
        assert_sound()

    def test_a_debt_goes_over_too(self, shop: Business) -> None:
        debt = {"seller_id": VESELA, "commission": Money(1500, "BGN"), "subject_id": uuid7()}
        owe_commission(shop, **debt, **facts())
        to_euro(shop, account=available("BGN"), **facts())
        assert holdings(shop, available("BGN"), available("EUR")) == [0, -767]
        assert_sound()

    def test_only_the_lev(self, shop: Business) -> None:
        with pytest.raises(WrongLegs, match="other_currency"):
            to_euro(shop, account=of(BORIS), **facts())
