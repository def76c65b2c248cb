"""Who pays whom in the tests of the ledger."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from django.db import connection

from sledi.accounts.models import Business
from sledi.core.money import Money
from sledi.database.keys import uuid7
from sledi.history import Actor
from sledi.ledger.charts import CASH, CUSTOMER_BALANCE, SELLER_AVAILABLE, SELLER_PENDING, Ref
from sledi.ledger.operations import debit_item, hold_sale, top_up
from sledi.ledger.queries import audit, balance

AT = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
BORIS = UUID("01980000-0000-7000-8000-0000000000b0")  # the reseller who pays
OKSANA = UUID("01980000-0000-7000-8000-0000000000c0")  # another
VESELA = UUID("01980000-0000-7000-8000-0000000000d0")  # the seller
AIGERIM = Actor("person", "01980000-0000-7000-8000-0000000000a0", "Айгерім", "operator")
CASH_RUB = Ref(CASH, None, "RUB", "bank")
CASH_EUR = Ref(CASH, None, "EUR", "card")
_keys = count()


def a_business(slug: str = "shop") -> Business:
    return Business.objects.create(
        slug=slug,
        name="Лавка",
        profile="buyout",
        country="KZ",
        currency="RUB",
        language="ru",
        created_at=AT,
    )


def rub(major: float) -> Money:
    return Money(round(major * 100), "RUB")


def eur(major: float) -> Money:
    return Money(round(major * 100), "EUR")


def of(owner: UUID, currency: str = "RUB") -> Ref:
    return Ref(CUSTOMER_BALANCE, owner, currency)


def pending(currency: str = "EUR") -> Ref:
    return Ref(SELLER_PENDING, VESELA, currency)


def available(currency: str = "EUR") -> Ref:
    return Ref(SELLER_AVAILABLE, VESELA, currency)


def facts(**given: Any) -> Any:
    """An actor, a moment, and a key nobody used."""
    return {"key": f"key-{next(_keys)}", "actor": AIGERIM, "created_at": AT, **given}


def topped_up(shop: Business, money: Money, owner: UUID = BORIS) -> None:
    number = next(_keys)
    top_up(shop, customer_id=owner, provider="bank", money=money, **facts(reference=f"TOP-{number}"))


def debited(shop: Business, goods: Money, fee: Money | None = None, owner: UUID = BORIS) -> UUID:
    """An item taken into buyout; its id."""
    item = uuid7()
    debit_item(shop, customer_id=owner, goods=goods, fee=fee, subject_id=item, item="Чайник", **facts())
    return item


def sold(
    shop: Business, goods: float = 100, shipping: float = 5, commission: float = 15, days: int = 0
) -> UUID:
    """An order of the seller Vesela that was paid; its id."""
    order = uuid7()
    hold_sale(
        shop,
        seller_id=VESELA,
        goods=eur(goods),
        shipping=eur(shipping),
        commission=eur(commission),
        subject_id=order,
        source=CASH_EUR,
        item="Шал",
        **facts(created_at=AT + timedelta(days=days)),
    )
    return order


def holdings(shop: Business, *refs: Ref) -> list[int]:
    """Balances in minor units."""
    return [balance(shop, ref).minor for ref in refs]


def rows() -> dict[str, int]:
    """How many rows each table of the ledger has: to see that a refusal wrote nothing."""
    tables = ["account", "entryset", "entry", "hold", "payment", "charge", "payout", "payoutline"]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}', count(*) FROM ledger_{name}" for name in tables))
        return dict(cursor.fetchall())


def assert_sound() -> None:
    assert audit() == []
