"""Moves of orders as the people of a buyout make them: one at a time with money, and many at once from a table.

Each order has three lines, as the service's page shows them; the business has ``ORDERS`` of them, so the indexes
have something to find. Single moves are timed one after another, each with its own transaction and a durable commit.
"""

import json
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

ORDERS = 400
LINES = 3
SINGLE = 300
WARMING = 20
EPOCH = datetime(2026, 9, 28, 9, tzinfo=UTC)


def run() -> dict[str, Any]:
    """Milliseconds of single moves and rows a second of a bulk move."""
    world = _World()
    items = world.queued()
    figures: dict[str, Any] = {"orders": ORDERS, "lines_each": LINES}
    # With the ledger: goods and fee are debited, then all of it is given back.
    figures["take_ms"] = _percentiles(lambda pk: world.move("operator", pk, "take"), items)
    figures["refuse_ms"] = _percentiles(
        lambda pk: world.move("operator", pk, "refuse", {"reason": "sold_out"}), items
    )
    # Without: a number is entered, and goods come to the warehouse by a table of rows.
    waiting = world.ordered(2)[: SINGLE + WARMING]
    figures["dispatch_ms"] = _percentiles(
        lambda pk: world.move("operator", pk, "dispatch", {"domestic_number": _number(pk)}), waiting
    )
    figures["bulk_receive_rows_per_s"] = world.receive(waiting)
    return figures


class _World:
    """A business, its people, and orders in it."""

    def __init__(self) -> None:
        from sledi.accounts.access import Access
        from sledi.accounts.models import Business, Person
        from sledi.core.money import Money
        from sledi.history import Actor
        from sledi.ledger.operations.payments import top_up

        self.business = Business.objects.create(
            slug="bench", name="Bench", profile="buyout", profile_version=1, country="RU", currency="RUB",
            language="ru", created_at=EPOCH,
        )  # fmt: skip
        self.people = {
            role: Person.objects.create(email=f"{role}@example.com", name=role.capitalize(), created_at=EPOCH)
            for role in ("reseller", "operator")
        }
        self.access = {
            role: Access(
                self.business, Actor("person", str(one.pk), one.name, role), role, one.pk, frozenset()
            )
            for role, one in self.people.items()
        }
        top_up(
            self.business, customer_id=self.people["reseller"].pk, provider="bank", reference="B1",
            money=Money(10**10, "RUB"), key="topup:B1", actor=Actor("payment", "bank"), created_at=EPOCH,
        )  # fmt: skip
        for _ in range(ORDERS):
            self._order()

    def _order(self) -> None:
        from sledi.orders.moving import moves
        from sledi.orders.moving.making import Line, create_order

        lines = [Line(f"Thing {n}", unit_price_minor=3000, fee_minor=300) for n in range(LINES)]
        person = self.people["reseller"].pk
        system = moves.as_machine(self.business, "system")
        create_order(system, lines, at=EPOCH, cause="system", reseller_id=person, recipient_name="Vesela")

    def queued(self) -> list[Any]:
        return self._placed("queued", 1)

    def ordered(self, line: int) -> list[Any]:
        return self._placed("ordered", line)

    def _placed(self, state: str, line: int) -> list[Any]:
        from sledi.orders.models import Item

        rows = Item.objects.filter(business=self.business, line=line)
        rows.update(state=state, state_since=EPOCH, changed_at=EPOCH)
        return list(rows.values_list("pk", flat=True))

    def move(self, role: str, pk: Any, name: str, supplied: dict[str, Any] | None = None) -> None:
        from sledi.orders.moving import moves

        moves.move(self.access[role], "item", pk, name, supplied, at=EPOCH, cause="web")

    def receive(self, items: Sequence[Any]) -> int:
        """Rows a second of a table of arrivals."""
        from sledi.orders.moving import moves

        rows = [moves.Row(pk, {"scanned_number": _number(pk), "weight_g": 700}) for pk in items]
        operator = self.access["operator"]
        started = time.perf_counter()
        outcomes = moves.move_many(operator, "item", rows, "receive", at=EPOCH, cause="csv")
        taken = time.perf_counter() - started
        refused = [outcome.refusal for outcome in outcomes if outcome.refusal]
        assert not refused, refused[0]
        return round(len(rows) / taken)


def _number(pk: UUID) -> str:
    return f"YT{pk.int % 10**13:013}"


def _percentiles(move: Callable[[Any], None], items: Sequence[Any]) -> dict[str, float]:
    taken = []
    for pk in items[: SINGLE + WARMING]:
        started = time.perf_counter()
        move(pk)
        taken.append((time.perf_counter() - started) * 1000)
    counted = taken[WARMING:]
    return {
        "p50": round(statistics.median(counted), 1),
        "p95": round(statistics.quantiles(counted, n=20)[-1], 1),
    }


if __name__ == "__main__":
    from benchmarks.database import running_database

    with running_database():
        print(json.dumps(run(), indent=2))
