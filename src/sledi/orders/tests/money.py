"""What the tests of money ask: balances in minor units, lines of statements, and that nothing is broken."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from sledi.core.money import Money
from sledi.history import Actor
from sledi.history.queries import verify
from sledi.ledger import charts, queries
from sledi.ledger.charts import Ref
from sledi.ledger.operations import save_bank_account
from sledi.orders.models import Item, Order
from sledi.orders.money import payments
from sledi.orders.money.audit import audit
from sledi.orders.moving.making import Line
from sledi.orders.tests.stage import Stage
from sledi.parcels.models import Parcel

IBAN = "BG80BNBG96611020345678"


def held_by(stage: Stage, kind: str, person: str = "", provider: str = "") -> int:
    """What lies on an account, in minor units."""
    owner = stage.person(person).pk if person else None
    return queries.balance(stage.business, Ref(kind, owner, stage.business.currency, provider)).minor


def balance(stage: Stage, person: str = "reseller") -> int:
    return held_by(stage, charts.CUSTOMER_BALANCE, person)


def lines(
    stage: Stage, kind: str = charts.CUSTOMER_BALANCE, person: str = "reseller"
) -> list[tuple[Any, ...]]:
    """A statement, oldest first: what, minor units, goods, whose act."""
    ref = Ref(kind, stage.person(person).pk, stage.business.currency)
    page = queries.statement(stage.business, ref)
    return [(line.words_key, line.money.minor, line.item, line.actor.name) for line in reversed(page.lines)]


def top_up(stage: Stage, amount: int, reference: str = "T1", person: str = "reseller") -> bool:
    money = Money(amount, stage.business.currency)
    return payments.topped_up(stage.business, "bank", reference, money, stage.person(person).pk, stage.now)


def pay(stage: Stage, order: Order, amount: int, reference: str = "P1") -> bool:
    money = Money(amount, stage.business.currency)
    return payments.payment_paid(stage.business, "card", reference, money, order.pk, stage.now)


def queued(stage: Stage, line: Line | None = None) -> Item:
    """An item that its reseller has sent for buyout."""
    order = stage.order(line or Line("Kettle", unit_price_minor=3000, fee_minor=300))
    stage.move("reseller", "order", order.pk, "note_payment", {"paid_on": "2026-09-27"})
    item = Item.objects.get(order=order)
    stage.move("reseller", "item", item.pk, "send")
    return item


def bank_account(stage: Stage, person: str = "seller", number: str = IBAN) -> None:
    """Somebody says where he is to be paid."""
    save_bank_account(
        stage.business,
        stage.person(person).pk,
        number,
        hold=timedelta(days=3),
        actor=Actor("system", role="system"),
        cause="system",
        at=stage.now,
    )


def sale(stage: Stage, *things: Line, **facts: Any) -> Order:
    """An order from the seller of the business: of goods for 100.00, if nothing else is said, and shipping for 5.00.

    The seller has said where he is to be paid.
    """
    bank_account(stage)
    people = {"seller_id": stage.person("seller").pk, "reseller_id": None}
    things = things or (Line("Shawl", unit_price_minor=10000),)
    return stage.order(*things, shipping_minor=500, **{**people, **facts})


def shipped(stage: Stage, order: Order) -> Parcel:
    """The seller has sent it; the parcel that it made."""
    stage.move("seller", "order", order.pk, "start")
    papers = {"warranty_card": "yes", "invoice": "yes", "return_form": "yes"}
    stage.move("seller", "order", order.pk, "ship", {"tracking_number": "RR123456785CN", **papers})
    return Parcel.objects.get(profile="marketplace", pk__in=_parcels(order))


def _parcels(order: Order) -> list[UUID]:
    from sledi.orders.models import Content

    return list(Content.objects.filter(item__order=order).values_list("parcel_id", flat=True))


def verified(stage: Stage, order: Order) -> None:
    """Delivered by the platform's own record, and verified by that: the window is open."""
    parcel = shipped(stage, order)
    stage.move("seller", "order", order.pk, "complete")
    delivered = {"delivered_on": stage.now.date().isoformat(), "evidence": "signed"}
    stage.move("platform", "parcel", parcel.pk, "record_delivery", delivered)
    order.refresh_from_db()


def written() -> tuple[Any, ...]:
    """How much there is of what moves write, and every version: one query."""
    tables = (
        "history_record",
        "ledger_entry",
        "orders_outbox",
        "orders_task",
        "orders_timer",
        "orders_order",
    )
    counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)
    moving = ("orders_order", "orders_item", "orders_case", "parcels_parcel", "parcels_haul")
    versions = " + ".join(f"(SELECT coalesce(sum(version), 0) FROM {table})" for table in moving)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}, {versions}")
        return tuple(cursor.fetchone() or ())


def assert_sound(stage: Stage) -> None:
    found = [*queries.audit(), *audit(stage.now)]
    assert not found, found
    assert verify(stage.business.pk) is None
