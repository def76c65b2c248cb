"""Lists of orders as their pages and REST read them, in a shop with a million orders.

One order is placed by the operation that all doors use; the database makes the others from it, each with its own
number, age, telephone and state, one item and one line of history. What is timed is reading: the queries of a
list, with everything a row shows.
"""

import json
import statistics
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

ORDERS = 1_000_000
REPEATS = 40
EPOCH = datetime(2026, 9, 28, 9, tzinfo=UTC)
STATES = (
    "pending", "payment_received", "payment_confirmed", "packaging", "shipped", "delivered", "delivered",
    "delivered", "delivered", "delivered", "delivered", "cancelled",
)  # fmt: skip
EACH_BUYER = 300
"""Every so many orders one belongs to the buyer whose own list is read."""
RARE = 30
"""Orders in the rarest state."""


def run() -> dict[str, Any]:
    """Milliseconds of a list's first page, deep page, searches and queues; and of an order's page."""
    from sledi.orders import reading

    shop = _Shop()
    taken = shop.fill()
    number, deep = shop.number, shop.deep_cursor()
    platform, operator, buyer = (shop.access(role) for role in ("platform", "operator", "buyer"))
    acts: Mapping[str, Callable[[], object]] = {
        "all": lambda: reading.order_list(platform),
        "deep_page": lambda: reading.order_list(platform, cursor=deep),
        "operators": lambda: reading.order_list(operator),
        "rare_state": lambda: reading.order_list(platform, state="on_hold"),
        "parent_state": lambda: reading.order_list(platform, state="processing"),
        "parent_state_deep": lambda: reading.order_list(platform, state="processing", cursor=deep),
        "search_number": lambda: reading.order_list(platform, search=number),
        "search_phone": lambda: reading.order_list(platform, search=str(77010000000 + ORDERS // 2)),
        "buyers_own": lambda: reading.order_list(buyer),
        "queue_of_orders": lambda: reading.queue(platform, "order", "payment_received"),
        "queue_of_items": lambda: reading.queue(operator, "item", "packaging"),
        "order_page": lambda: reading.order_page(platform, number, EPOCH),
    }
    figures: dict[str, Any] = {"orders": ORDERS, "filled_in_s": round(taken)}
    return figures | {f"{name}_ms": _percentiles(act) for name, act in acts.items()}


class _Shop:
    """A shop, its people, and a great many orders."""

    def __init__(self) -> None:
        from sledi.accounts.models import Business, Person
        from sledi.orders.moving import moves
        from sledi.orders.moving.making import Line, create_order

        self.business = Business.objects.create(
            slug="lists", name="Lists", profile="retail", profile_version=1, country="RU", currency="RUB",
            language="ru", created_at=EPOCH,
        )  # fmt: skip
        self.buyer = Person.objects.create(email="buyer@lists.example.com", created_at=EPOCH)
        system = moves.as_machine(self.business, "system")
        order = create_order(
            system, [Line("Kettle", unit_price_minor=3000)], at=EPOCH, cause="system", buyer_id=self.buyer.pk
        )
        self.number = order.number

    def access(self, role: str) -> Any:
        from sledi.accounts.access import Access
        from sledi.history import Actor

        return Access(self.business, Actor("person", "", role, role), role, self.buyer.pk, frozenset())

    def fill(self) -> float:
        """Make the other orders; seconds."""
        started = time.perf_counter()
        states = ", ".join(f"'{state}'" for state in STATES)
        moment = "made.placed_at - n * interval '1 second'"
        self._copy("orders_order", "made.number = %s", f"generate_series(1, {ORDERS}) n", {
            "id": "gen_random_uuid()",
            "number": "upper(substr(md5(n::text), 1, 8))",
            "state": f"CASE WHEN n <= {RARE} THEN 'on_hold' ELSE (ARRAY[{states}])[1 + mod(n, {len(STATES)})] END",
            "placed_at": moment, "state_since": moment, "changed_at": moment,
            "buyer_id": f"CASE WHEN mod(n, {EACH_BUYER}) = 0 THEN made.buyer_id END",
            "recipient_phone": "(77010000000 + n)::text",
        })  # fmt: skip
        others = "orders_order others"
        mine = "others.business_id = made.business_id AND others.number <> %s"
        self._copy("orders_item", mine, others, {
            "id": "gen_random_uuid()", "order_id": "others.id", "state": "others.state",
        })  # fmt: skip
        self._copy("history_record", f"{mine} AND made.sequence = 1", others, {
            "id": "gen_random_uuid()", "root_id": "others.id", "subject_id": "others.id",
            "sequence": "1000 + row_number() OVER ()",
        })  # fmt: skip
        self._execute("ANALYZE")
        return time.perf_counter() - started

    def _copy(self, table: str, which: str, others: str, other: Mapping[str, str]) -> None:
        """Rows of a table like those ``made``, in what is ``other``; a number drawn twice is left out."""
        names = [name for (name,) in self._execute(_COLUMNS, [table])]
        chosen = ", ".join(other.get(name, f"made.{name}") for name in names)
        self._execute(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {chosen} FROM {table} made, {others}"
            f" WHERE made.business_id = %s AND {which} ON CONFLICT DO NOTHING",
            [self.business.pk, *([self.number] if "%s" in which else [])],
        )

    def deep_cursor(self) -> str:
        """Where a page far down the list begins."""
        from sledi.orders.models import Order
        from sledi.orders.reading.lists import _cursor_of

        row = Order.objects.filter(business=self.business).order_by("placed_at")[ORDERS // 2]
        return _cursor_of(row, "placed_at")

    def _execute(self, statement: str, parameters: Any = None) -> list[Any]:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []


_COLUMNS = (
    "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position"
)


def _percentiles(act: Callable[[], object]) -> dict[str, float]:
    act()
    taken = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        act()
        taken.append((time.perf_counter() - started) * 1000)
    return {
        "p50": round(statistics.median(taken), 1),
        "p95": round(statistics.quantiles(taken, n=20)[-1], 1),
    }


if __name__ == "__main__":
    from benchmarks.database import running_database

    with running_database():
        print(json.dumps(run(), indent=2))
