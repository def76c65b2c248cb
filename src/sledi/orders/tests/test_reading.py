"""Lists and pages: what they show, to whom, and that their queries do not grow."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sledi import profiles
from sledi.history.models import Record
from sledi.orders import reading
from sledi.orders.models import Item, Order
from sledi.orders.moving.making import Line, create_container, load
from sledi.orders.refusals import NotYours
from sledi.orders.tests.stage import NOW, Stage, new_stage

LIST_QUERIES_MAX = 8
PAGE_QUERIES_MAX = 18


def queries(act: Callable[[], Any]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        act()
    return len(captured)


def listed(stage: Stage, role: str, **filters: Any) -> list[str]:
    return [row.thing.number for row in reading.order_list(stage.access(role), **filters).rows]


def three_items(stage: Stage, *states: str) -> Order:
    order = stage.order(
        *(Line(f"Cup {n}", unit_price_minor=1000, fee_minor=100) for n, _ in enumerate(states))
    )
    for item, state in zip(Item.objects.filter(order=order).order_by("line"), states, strict=True):
        stage.put(item, state)
    return order


class TestList:
    def test_every_order_is_reached_by_paging_once(self, stage: Stage) -> None:
        made = []
        for n in range(7):
            stage.later(minutes=n // 3)  # some at the same moment
            made.append(stage.order().number)
        seen, cursor = [], ""
        while True:
            page = reading.order_list(stage.access("operator"), cursor=cursor, size=2)
            seen += [row.thing.number for row in page.rows]
            cursor = page.next_cursor
            if not cursor:
                break
        assert sorted(seen) == sorted(made)
        assert seen[0] == made[-1]

    @pytest.mark.parametrize("role", ["operator", "reseller", "buyer", "end_buyer"])
    @pytest.mark.parametrize("search", ["", "RR123456785CN"])
    def test_fifty_rows_cost_as_many_queries_as_one(self, stage: Stage, role: str, search: str) -> None:
        stage.fund(10**8)
        one = three_items(stage, "ordered", "received", "received")
        item = Item.objects.filter(order=one).earliest("line")
        stage.move("operator", "item", item.pk, "dispatch", {"domestic_number": "RR123456785CN"})
        access = stage.access(role)
        first = queries(lambda: reading.order_list(access, search=search))
        assert len(reading.order_list(access, search=search).rows) == 1
        for _ in range(49):
            stage.order(Line("Kettle"), Line("Cup", quantity=2))
        assert queries(lambda: reading.order_list(access, search=search)) == first <= LIST_QUERIES_MAX
        assert len(reading.order_list(access).rows) == 50

    @pytest.mark.parametrize("stage", ["retail"], indirect=True)
    def test_a_parent_state_finds_its_children_and_is_what_the_list_says(self, stage: Stage) -> None:
        states = ["payment_received", "payment_confirmed", "packaging"]
        orders = {state: stage.order() for state in [*states, "shipped"]}
        for state, order in orders.items():
            stage.put(order, state)
        rows = reading.order_list(stage.access("buyer"), state="processing").rows
        assert {row.thing.number for row in rows} == {orders[state].number for state in states}
        assert {row.thing.parent.label["ru"] for row in rows if row.thing.parent} == {"Обрабатывается"}
        assert listed(stage, "operator", state="processing") == [row.thing.number for row in rows]
        assert listed(stage, "buyer", state="packaging") == [orders["packaging"].number]

    @pytest.mark.parametrize("text", ["number", "phone", "tracking", "item", "parcel"])
    def test_an_order_is_found_by_all_its_numbers(self, stage: Stage, text: str) -> None:
        stage.fund(10**6)
        order = stage.order(recipient_phone="77015550123")
        item = Item.objects.get(order=order)
        stage.put(item, "ordered")
        stage.order()
        stage.move("operator", "item", item.pk, "dispatch", {"domestic_number": "RR123456785CN"})
        item.refresh_from_db()
        stage.put(item, "received")
        parcel = stage.move("logist", "parcel", order.pk, "form")
        number = stage_parcel_number(parcel.id)
        stage.put(parcel_row(parcel.id), "packed")
        stage.move("logist", "parcel", parcel.id, "hand_over", {"international_number": "RB372813271CN"})
        text = {
            "number": f"{order.number[:4]}-{order.number[4:]}".lower(),
            "phone": "+7 (701) 555-01-23",
            "tracking": " rr 123 456 785 cn",
            "item": "RR123456785CN",
            "parcel": "RB372813271CN",
        }[text]
        assert listed(stage, "operator", search=text) == [order.number]
        assert listed(stage, "reseller", search=text) == [order.number]
        assert listed(new_stage("buyout", "other"), "operator", search=text) == []
        assert number

    def test_a_row_says_what_changed_last_and_when(self, stage: Stage) -> None:
        stage.fund(10000)
        order = three_items(stage, "queued", "queued")
        item = Item.objects.filter(order=order).earliest("line")
        stage.later(minutes=5)
        stage.move("operator", "item", item.pk, "take")
        row = reading.order_list(stage.access("reseller")).rows[0]
        assert row.change is not None
        assert (row.change.record.act, row.change.number) == ("take", item.number)
        assert row.change.record.at == NOW + timedelta(minutes=5)
        assert row.change.to_state is not None
        assert row.change.to_state.key == "buying"
        assert [(state.key, pieces) for state, pieces in row.states if state] == [
            ("queued", 1),
            ("buying", 1),
        ]

    def test_what_a_role_does_not_see_is_not_told_as_a_change_either(self, stage: Stage) -> None:
        stage.fund(10000)
        order = three_items(stage, "queued")
        stage.move("operator", "item", Item.objects.get(order=order).pk, "take")
        row = reading.order_list(stage.access("end_buyer")).rows[0]
        assert row.change is not None
        assert row.change.record.level == "order"
        assert (row.items, row.states) == (0, ())
        assert (row.amounts.total, row.amounts.goods, row.amounts.fee, row.amounts.paid) == (None,) * 4

    def test_progress_counts_pieces(self, stage: Stage) -> None:
        stage.fund(10**6)
        order = stage.order(Line("Cup", quantity=3), Line("Plate", quantity=2))
        cup, plate = Item.objects.filter(order=order).order_by("line")
        stage.put(cup, "received")
        stage.put(plate, "ordered")
        stage.put(order, "at_warehouse")
        row = reading.order_list(stage.access("reseller")).rows[0]
        assert [one.words["ru"] for one in row.progress] == ["Получено 3 из 5"]

    @pytest.mark.parametrize("cursor", ["x", "AAAA", "é", "\0", "a" * 500, "MjAyNg"])
    def test_a_cursor_of_somebody_elses_making_is_refused(self, stage: Stage, cursor: str) -> None:
        with pytest.raises(reading.WrongCursor):
            reading.order_list(stage.access("operator"), cursor=cursor)

    def test_an_unknown_state_is_refused(self, stage: Stage) -> None:
        with pytest.raises(reading.UnknownState):
            reading.order_list(stage.access("operator"), state="flying")

    @pytest.mark.parametrize("search", ["\0", "%", "'; DROP TABLE orders_order; --", "я" * 5000, "0" * 90])
    def test_hostile_searches_find_nothing(self, stage: Stage, search: str) -> None:
        stage.order()
        assert listed(stage, "operator", search=search) == []

    def test_others_see_nothing_of_it(self, stage: Stage) -> None:
        stage.order()
        assert reading.order_list(stage.access("reseller", "stranger")).rows == ()
        assert reading.order_list(stage.access("carrier_friend")).rows == ()


class TestQueue:
    @pytest.mark.parametrize("stage", ["forwarder"], indirect=True)
    def test_who_waits_longest_stands_first(self, stage: Stage) -> None:
        waiting = []
        for _ in range(5):
            order = stage.order()
            stage.fund(10**6, order.number, "reseller")
            stage.put(order, "paid")
            Order.objects.filter(pk=order.pk).update(state_since=stage.now)
            waiting.append(order.number)
            stage.later(hours=1)
        access = stage.access("operator")
        first = reading.queue(access, "order", "paid", size=3)
        rest = reading.queue(access, "order", "paid", size=3, cursor=first.next_cursor)
        assert [row.thing.number for row in (*first.rows, *rest.rows)] == waiting
        assert rest.next_cursor == ""
        assert first.rows[0].thing.subject.state_since == NOW


class TestPage:
    @pytest.mark.parametrize("profile", [name for name in profiles.names() if name != "tracker"])
    @pytest.mark.django_db
    def test_a_page_lists_exactly_the_moves_of_the_table(self, profile: str) -> None:
        stage = new_stage(profile)
        order = stage.order(seller_id=stage.person("seller").pk)
        workflow = profiles.workflow(profile)
        leaves = {leaf for state in workflow.states("order") for leaf in workflow.leaves("order", state)}
        for role in ("operator", "logist", "platform", "supervisor", "buyer", "reseller", "seller"):
            for state in sorted(leaves):
                stage.put(order, state)
                try:
                    page = reading.order_page(stage.access(role), order.number, NOW)
                except NotYours:
                    continue
                assert [one.transition.name for one in page.order.actions] == [
                    move.name
                    for move in workflow.transitions("order").values()
                    if role in move.roles and move.starts_in(state) and not move.creates
                ]

    def test_what_hinders_a_move_is_told_with_the_items_in_the_way(self, stage: Stage) -> None:
        order = three_items(stage, "received", "ordered", "received")
        page = reading.order_page(stage.access("logist"), order.number, NOW)
        form = next(one for one in page.makes if one.transition.name == "form")
        assert [refusal.guard for refusal in form.refusals] == ["all_here"]
        assert form.refusals[0].listed == ("2 Cup 1",)

    @pytest.mark.parametrize("role", ["logist", "reseller", "end_buyer"])
    def test_a_page_costs_the_same_with_one_item_and_with_thirty(self, stage: Stage, role: str) -> None:
        small = three_items(stage, "ordered", "received")
        large = three_items(stage, *(["ordered", "received"] * 15))
        access = stage.access(role)
        cost = queries(lambda: reading.order_page(access, small.number, NOW))
        assert queries(lambda: reading.order_page(access, large.number, NOW)) == cost <= PAGE_QUERIES_MAX

    def test_a_page_takes_no_locks(self, stage: Stage) -> None:
        order = three_items(stage, "ordered")
        with CaptureQueriesContext(connection) as captured:
            reading.order_page(stage.access("logist"), order.number, NOW)
        assert not [one for one in captured if "FOR " in one["sql"] and "UPDATE" in one["sql"]]

    def test_hidden_fields_and_items_are_not_there(self, stage: Stage) -> None:
        stage.fund(10**6)
        order = three_items(stage, "queued", "queued")
        first, second = Item.objects.filter(order=order).order_by("line")
        stage.move("operator", "item", first.pk, "take")
        bought = {"marketplace": "taobao", "external_order_no": "T-77", "actual_price": "10.00"}
        stage.move("operator", "item", first.pk, "buy", bought)
        page = reading.order_page(stage.access("end_buyer"), order.number, NOW)
        assert [item.number for item in page.items] == [first.number]
        assert page.items[0].fields == ()
        assert {told.record.act for told in page.history} == {"made", "buy"}
        assert [told.fields for told in page.history if told.record.act == "buy"] == [()]
        seen = reading.order_page(stage.access("operator"), order.number, NOW)
        assert {value.key for value in seen.items[0].fields} == set(bought)
        assert second.number in [item.number for item in seen.items]

    def test_names_of_staff_are_told_to_staff_alone(self, stage: Stage) -> None:
        stage.fund(10**6)
        order = three_items(stage, "queued")
        stage.move("operator", "item", Item.objects.get(order=order).pk, "take")
        names = {
            role: {
                told.actor_name for told in reading.order_page(stage.access(role), order.number, NOW).history
            }
            for role in ("logist", "reseller")
        }
        assert "Operator" in names["logist"]
        assert "Operator" not in names["reseller"]

    @pytest.mark.parametrize("reference", ["", "nothing", "\0", "AAAAAAAA", "x" * 5000, "ＡＢＣ", "1.2.3"])
    def test_what_is_not_there_is_not_yours(self, stage: Stage, reference: str) -> None:
        with pytest.raises(NotYours):
            reading.order_page(stage.access("logist"), reference, NOW)

    def test_stages_before_the_present_one_are_done(self, stage: Stage) -> None:
        order = three_items(stage, "received")
        stage.put(order, "at_warehouse")
        page = reading.order_page(stage.access("reseller"), order.number, NOW)
        standing = [step.standing for step in page.stages]
        assert "current" in standing
        assert standing == sorted(standing, key=["done", "current", "ahead"].index)

    def test_history_is_paged_without_loss(self, stage: Stage) -> None:
        stage.fund(10**6)
        order = three_items(stage, "queued", "queued", "queued")
        for item in Item.objects.filter(order=order):
            stage.move("operator", "item", item.pk, "take")
        access, seen, cursor = stage.access("operator"), [], ""
        while True:
            page = reading.history(access, order.number, cursor=cursor, size=2)
            seen += [told.record.sequence for told in page.rows]
            cursor = page.next_cursor
            if not cursor:
                break
        everything = Record.objects.filter(root_id=order.pk).order_by("-sequence")
        assert seen == list(everything.values_list("sequence", flat=True))


class TestContainers:
    @pytest.mark.parametrize("stage", ["forwarder"], indirect=True)
    def test_a_haul_shows_its_orders_to_staff_alone(self, stage: Stage) -> None:
        order = stage.order()
        stage.put(order, "at_china_warehouse")
        operator = stage.access("operator")
        haul = create_container(operator, "haul", {"vehicle": "KZ 123"}, at=NOW, cause="web", name="open")
        load(operator, "haul", haul.pk, [order.pk], at=NOW, cause="web")
        page = reading.haul_page(operator, haul.number, NOW)
        assert [one.number for one in page.orders] == [order.number]
        assert {one.transition.name for one in page.thing.actions} == {"depart"}
        assert [row.orders for row in reading.container_list(operator, "haul").rows] == [(order.number,)]
        with pytest.raises(NotYours):
            reading.haul_page(stage.access("buyer"), haul.number, NOW)
        assert reading.container_list(stage.access("buyer"), "haul").rows == ()

    def test_a_parcel_shows_its_pieces_and_its_own_history(self, stage: Stage) -> None:
        order = three_items(stage, "received", "received")
        parcel = stage.move("logist", "parcel", order.pk, "form")
        number = stage_parcel_number(parcel.id)
        page = reading.parcel_page(stage.access("logist"), number, NOW)
        assert [(one.item_number, one.quantity) for one in page.packed] == [("1", 1), ("2", 1)]
        assert [told.record.act for told in page.history] == ["form"]
        assert [
            told.record.act for told in reading.history(stage.access("logist"), number, level="parcel").rows
        ] == ["form"]
        assert [row.orders for row in reading.container_list(stage.access("reseller"), "parcel").rows] == [
            (order.number,)
        ]


def parcel_row(pk: Any) -> Any:
    from sledi.parcels.models import Parcel

    return Parcel.objects.get(pk=pk)


def stage_parcel_number(pk: Any) -> str:
    return str(parcel_row(pk).number)
