"""Moves that meet: the same click eight times, a server that dies, many at once, and what it costs."""

import threading
from uuid import UUID

import psycopg
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from sledi.core.workflow import Refused
from sledi.history.models import Record
from sledi.history.queries import verify
from sledi.history.tests.side_by_side import side_by_side
from sledi.ledger.models import Entry, EntrySet
from sledi.orders.models import Item, Order
from sledi.orders.moving import moves, writing
from sledi.orders.moving.making import Line, create_container, load
from sledi.orders.refusals import NotMoved
from sledi.orders.tests.stage import Stage, new_stage


def bought(stage: Stage) -> Item:
    stage.fund(10000)
    stage.order()
    item = Item.objects.get()
    stage.put(item, "queued")
    stage.move("operator", "item", item.pk, "take")
    return item


def test_of_eight_refusals_at_once_one_gives_the_money_back(committed_stage: Stage) -> None:
    stage = committed_stage
    item = bought(stage)
    access = stage.access("operator")

    def refuse() -> moves.Moved:
        return moves.move(
            access, "item", item.pk, "refuse", {"reason": "sold_out"}, at=stage.now, cause="web"
        )

    outcomes = side_by_side([refuse] * 8)
    assert sum(isinstance(one, moves.Moved) for one in outcomes) == 1
    assert sum(isinstance(one, Refused | NotMoved) for one in outcomes) == 7
    assert EntrySet.objects.filter(kind="refund").count() == 1
    assert verify(stage.business.pk) is None


def test_of_eight_logists_one_forms_the_parcel(committed_stage: Stage) -> None:
    stage = committed_stage
    order = stage.order()
    stage.put(Item.objects.get(), "received")
    people = [stage.access("logist", f"logist{n}") for n in range(8)]

    outcomes = side_by_side(
        [
            lambda access=access: moves.move(access, "parcel", order.pk, "form", at=stage.now, cause="web")
            for access in people
        ]
    )
    assert sum(isinstance(one, moves.Moved) for one in outcomes) == 1, outcomes
    assert Record.objects.filter(act="form").count() == 1


def test_the_same_key_eight_times_at_once_is_one_move_and_eight_answers(committed_stage: Stage) -> None:
    stage = committed_stage
    item = bought(stage)
    access = stage.access("operator")

    def refuse() -> moves.Moved:
        return moves.move(
            access, "item", item.pk, "refuse", {"reason": "sold_out"}, at=stage.now, cause="api", key="K"
        )

    outcomes = side_by_side([refuse] * 8)
    assert {one.version for one in outcomes if isinstance(one, moves.Moved)} == {3}
    assert [isinstance(one, moves.Moved) for one in outcomes] == [True] * 8, outcomes
    assert EntrySet.objects.filter(kind="refund").count() == 1


def test_a_server_process_killed_between_money_and_state_leaves_neither(
    monkeypatch: pytest.MonkeyPatch, committed_stage: Stage
) -> None:
    stage = committed_stage
    stage.fund(10000)
    stage.order()
    item = Item.objects.get()
    stage.put(item, "queued")
    before = Entry.objects.count(), Record.objects.count()
    written = writing.record

    def die(happened: list[object]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()[0]
        _in_another_session(f"SELECT pg_terminate_backend({pid}, 5000)")
        written(happened)  # type: ignore[arg-type]

    monkeypatch.setattr(writing, "record", die)
    with pytest.raises(Exception, match=r"terminat|closed|lost"):
        stage.move("operator", "item", item.pk, "take")
    connection.close()
    assert (Entry.objects.count(), Record.objects.count()) == before
    assert Item.objects.get().state == "queued"


def _in_another_session(statement: str) -> None:
    ours = connection.settings_dict

    def run() -> None:
        with psycopg.connect(
            dbname=ours["NAME"],
            user=ours["USER"],
            password=ours["PASSWORD"] or None,
            host=ours["HOST"],
            port=ours["PORT"] or None,
            autocommit=True,
        ) as session:
            session.execute(statement)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(10)


@pytest.mark.django_db
def test_of_many_rows_a_bad_one_steps_aside() -> None:
    stage = new_stage("buyout")
    orders = [stage.order(Line(f"Cup {n}")) for n in range(5)]
    items = list(Item.objects.order_by("pk"))
    for item in items:
        stage.put(item, "ordered")
    stage.put(items[2], "draft")
    stranger = UUID(int=7)
    rows = [moves.Row(item.pk, {"domestic_number": f"YT123456789{n}"}) for n, item in enumerate(items)]
    outcomes = moves.move_many(
        stage.access("operator"), "item", [*rows, moves.Row(stranger)], "dispatch", at=stage.now, cause="csv"
    )
    assert [one.moved is not None for one in outcomes] == [True, True, False, True, True, False]
    assert outcomes[2].refusal.reason == "wrong_state"  # type: ignore[union-attr]
    assert sorted(Item.objects.values_list("state", flat=True)) == ["domestic_transit"] * 4 + ["draft"]
    assert Record.objects.filter(act="dispatch").count() == 4
    assert len(orders) == 5
    assert verify(stage.business.pk) is None


@pytest.mark.django_db
def test_a_move_costs_the_same_number_of_queries_whatever_the_order_holds() -> None:
    stage = new_stage("buyout")
    stage.fund(1_000_000)
    counts = []
    for lines in (1, 1, 30):  # the first makes the ledger's accounts
        order = stage.order(*[Line(f"Cup {n}", unit_price_minor=100) for n in range(lines)])
        for item in Item.objects.filter(order=order).order_by("line")[:2]:
            stage.put(item, "queued")
        first = Item.objects.filter(order=order).earliest("line")
        access = stage.access("operator")
        with (
            CaptureQueriesContext(
                connection,
            ) as queries,
            transaction.atomic(),
        ):
            moves.move(access, "item", first.pk, "take", at=stage.now, cause="web")
        counts.append(len(queries))
    assert counts[1] == counts[2], counts
    assert counts[1] <= 30
    assert Order.objects.count() == 3


@pytest.mark.django_db
def test_a_haul_takes_its_orders_along_in_a_constant_number_of_queries() -> None:
    stage = new_stage("forwarder")
    access, counts = stage.access("logist"), []
    for size in (2, 20):
        orders = [stage.order() for _ in range(size)]
        Order.objects.filter(pk__in=[order.pk for order in orders]).update(state="at_china_warehouse")
        haul = create_container(access, "haul", {"vehicle": "KZ 1"}, at=stage.now, cause="web", name="open")
        assert load(access, "haul", haul.pk, [o.pk for o in orders], at=stage.now, cause="csv") == size
        with CaptureQueriesContext(connection) as queries:
            moved = stage.move(
                "logist", "haul", haul.pk, "depart", {"expected_at": "2026-10-20"}, access=access
            )
        assert len(moved.also) == size
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert Order.objects.filter(state="left_china").count() == 22
    assert verify(stage.business.pk) is None


def test_of_two_resellers_with_one_order_number_at_once_the_second_hears_of_the_first(
    committed_stage: Stage,
) -> None:
    stage = committed_stage
    items = []
    for reseller in ("aigerim", "boris"):
        order = stage.order(reseller_id=stage.person(reseller).pk)
        items.append(Item.objects.get(order=order))
        stage.put(items[-1], "buying")
    access = stage.access("operator")
    supplied = {"marketplace": "taobao", "external_order_no": "123456", "actual_price": "30.00"}

    outcomes = side_by_side(
        [
            lambda pk=item.pk: moves.move(access, "item", pk, "buy", supplied, at=stage.now, cause="web")
            for item in items
        ]
    )
    assert sum(isinstance(one, moves.Moved) for one in outcomes) == 1
    assert [one.guard for one in outcomes if isinstance(one, Refused)] == ["order_of_one_reseller"]
