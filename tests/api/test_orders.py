"""Orders over REST: what is shown to whom, what every refusal says, and that it leaves nothing."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sledi.accounts.scopes import ORDERS_READ, PARCELS_READ
from sledi.core.workflow.refusals import words
from sledi.history.models import Record
from sledi.orders.models import Item, Order
from sledi.orders.moving.making import Line
from sledi.orders.tests.stage import Stage, new_stage
from sledi.parcels.models import Parcel
from tests.api.orders_world import Doors, written
from tests.api.test_tracking import problem

pytestmark = pytest.mark.django_db

DOMESTIC = "RR123456785CN"


@pytest.fixture
def doors(client: Client, request: pytest.FixtureRequest) -> Doors:
    return Doors(new_stage(getattr(request, "param", "buyout")), client)


def in_profile(*names: str) -> Any:
    return pytest.mark.parametrize("doors", names, indirect=True)


def item_in(stage: Stage, state: str, **line: Any) -> Item:
    order = stage.order(Line("Kettle", unit_price_minor=3000, fee_minor=300, **line))
    item = Item.objects.get(order=order)
    stage.put(item, state)
    return item


def three(stage: Stage, *states: str) -> Order:
    order = stage.order(*(Line(f"Cup {n}", unit_price_minor=1000) for n, _ in enumerate(states)))
    for item, state in zip(Item.objects.filter(order=order).order_by("line"), states, strict=True):
        stage.put(item, state)
    return order


def refused(doors: Doors, act: Callable[[], Any], status: int, kind: str) -> dict[str, Any]:
    """The body of a refusal, which left everything as it was."""
    for role in ("operator", "logist", "reseller", "supervisor", "seller", "platform"):
        doors.key(role)  # making one is told in the history
    before = written()
    response = act()
    assert problem(response) == (status, kind)
    assert written() == before
    found: dict[str, Any] = response.json()
    return {
        key: value for key, value in found.items() if key not in ("request_id", "instance", "status", "type")
    }


class TestReading:
    def test_a_list_tells_state_last_change_amounts_and_progress(self, doors: Doors) -> None:
        stage = doors.stage
        stage.fund(10**6)
        order = three(stage, "queued", "queued")
        stage.later(minutes=5)
        stage.move("operator", "item", Item.objects.filter(order=order).earliest("line").pk, "take")
        found = doors.ask("get", "orders", "reseller", accept_language="ru").json()
        assert found["next_cursor"] == ""
        row = found["orders"][0]
        assert (row["number"], row["state"]["key"]) == (order.number, "ordering")
        assert re.search("[а-я]", row["state"]["label"])
        assert row["last_change"]["act"] == "take"
        assert row["last_change"]["at"] == "2026-09-28T09:05:00+00:00"
        assert row["last_change"]["actor"]["name"] == ""
        assert row["amounts"]["total"] == {"amount": "20.00", "currency": "RUB"}
        assert (row["items"], row["pieces"]) == (2, 2)
        assert [(one["state"], one["pieces"]) for one in row["item_states"]] == [("queued", 1), ("buying", 1)]

    def test_fifty_rows_cost_at_most_eight_queries_beside_the_key(self, doors: Doors) -> None:
        for _ in range(51):
            doors.stage.order(Line("Kettle"), Line("Cup"))
        doors.ask("get", "orders", "reseller")
        with CaptureQueriesContext(connection) as captured:
            found = doors.ask("get", "orders", "reseller").json()
        assert len(found["orders"]) == 50
        assert len(captured) <= 8
        rest = doors.ask("get", f"orders?cursor={found['next_cursor']}", "reseller").json()
        assert len(rest["orders"]) == 1

    def test_a_list_is_filtered_by_state_and_searched_by_number(self, doors: Doors) -> None:
        wanted, _other = doors.stage.order(), doors.stage.order()
        doors.stage.put(wanted, "at_warehouse")
        for query in ("state=at_warehouse", f"search={wanted.number.lower()}"):
            found = doors.ask("get", f"orders?{query}", "operator").json()["orders"]
            assert [row["number"] for row in found] == [wanted.number]

    @pytest.mark.parametrize(
        ("query", "kind", "pointer"),
        [
            ("state=flying", "unknown-state", "state"),
            ("cursor=x", "wrong-cursor", "cursor"),
            ("size=0", "invalid", "size"),
            ("size=101", "invalid", "size"),
            ("size=many", "invalid", "size"),
        ],
    )
    def test_a_wrong_filter_is_named(self, doors: Doors, query: str, kind: str, pointer: str) -> None:
        response = doors.ask("get", f"orders?{query}", "operator")
        assert problem(response) == (422, kind)
        assert response.json()["errors"][0]["pointer"] == pointer

    def test_an_order_is_told_whole_with_its_version_as_etag(self, doors: Doors) -> None:
        order = three(doors.stage, "received", "ordered")
        response = doors.ask("get", f"orders/{order.number[:4]}-{order.number[4:]}", "logist")
        assert response["ETag"] == '"v1"'
        found = response.json()
        assert (found["id"], found["number"], found["version"]) == (str(order.pk), order.number, 1)
        assert [item["number"] for item in found["items"]] == ["1", "2"]
        assert found["items"][0]["unit_price"] == {"amount": "10.00", "currency": "RUB"}
        form = next(move for move in found["moves"] if move["name"] == "form")
        assert (form["level"], form["makes"], form["is_open"]) == ("parcel", True, False)
        assert form["refusals"][0]["listed"] == ["2 Cup 1"]
        assert doors.ask("get", f"orders/{order.number}/items", "logist").json()["items"] == found["items"]
        assert doors.ask("get", f"orders/{order.number}/parcels", "logist").json() == {"parcels": []}
        assert doors.ask("get", f"orders/{order.number}/cases", "logist").json() == {"cases": []}

    def test_an_order_of_thirty_items_costs_what_one_of_two_costs(self, doors: Doors) -> None:
        small, large = three(doors.stage, *["received"] * 2), three(doors.stage, *["received"] * 30)
        counts = []
        doors.key("logist")
        for order in (small, small, large):
            with CaptureQueriesContext(connection) as captured:
                assert doors.ask("get", f"orders/{order.number}", "logist").status_code == 200
            counts.append(len(captured))
        assert counts[1] == counts[2] <= 20

    def test_what_a_profile_hides_from_a_role_is_nowhere_in_the_answer(self, doors: Doors) -> None:
        doors.stage.fund(10**6)
        item = item_in(doors.stage, "queued")
        doors.stage.move("operator", "item", item.pk, "take")
        bought = {"marketplace": "taobao", "external_order_no": "SECRET-77", "actual_price": "30.00"}
        doors.stage.move("operator", "item", item.pk, "buy", bought)
        number = item.order.number
        for path in (f"orders/{number}", "orders", f"orders/{number}/history", f"orders/{number}/items"):
            text = doors.ask("get", path, "end_buyer").content.decode()
            assert "SECRET-77" not in text
            assert "30.00" not in text
            assert "33.00" not in text
            assert "taobao" not in text
        assert "SECRET-77" in doors.ask("get", f"orders/{number}", "operator").content.decode()

    @in_profile("marketplace")
    def test_a_seller_sees_an_order_when_its_payment_is_confirmed(self, doors: Doors) -> None:
        order = doors.stage.order(
            seller_id=doors.stage.person("seller").pk, is_cash_on_delivery=True, reseller_id=None
        )
        assert doors.ask("get", "orders", "seller").json()["orders"] == []
        assert problem(doors.ask("get", f"orders/{order.number}", "seller")) == (404, "not-found")
        assert doors.move("platform", f"orders/{order.number}", "process").status_code == 200
        assert [row["number"] for row in doors.ask("get", "orders", "seller").json()["orders"]] == [
            order.number
        ]

    def test_hidden_unknown_and_foreign_are_one_answer(self, doors: Doors) -> None:
        mine = doors.stage.order()
        theirs = new_stage("buyout", "other").order()
        strangers = doors.stage.order(reseller_id=doors.stage.person("stranger").pk, buyer_id=None)
        for path in ("orders/{}", "orders/{}/history", "orders/{}/moves", "orders/{}/items"):
            asked = [
                path.format(one)
                for one in (theirs.number, theirs.pk, strangers.number, "AAAAAAAA", "%00", "x" * 500)
            ]
            answers = [doors.ask("get", one, "reseller") for one in asked]
            bodies = {_anonymous(response) for response in answers}
            assert len(bodies) == 1
            assert {problem(response) for response in answers} == {(404, "not-found")}
        moved = [
            doors.move("reseller", f"orders/{one}", "note_payment", {"paid_on": "2026-09-28"})
            for one in (theirs.number, strangers.number, "AAAAAAAA")
        ]
        assert len({_anonymous(response) for response in moved}) == 1
        assert {problem(response) for response in moved} == {(404, "not-found")}
        assert doors.ask("get", f"orders/{mine.number}", "reseller").status_code == 200

    def test_a_key_of_another_business_opens_nothing_here(self, doors: Doors) -> None:
        order = doors.stage.order()
        other = Doors(new_stage("buyout", "other"), doors.client)
        response = doors.client.get(
            f"/api/v1/businesses/{doors.stage.business.slug}/orders/{order.number}",
            headers={"authorization": f"Bearer {other.key('owner')}"},
        )
        unknown = other.client.get(
            f"/api/v1/businesses/nobody/orders/{order.number}",
            headers={"authorization": f"Bearer {other.key('owner')}"},
        )
        assert problem(response) == problem(unknown) == (404, "not-found")
        assert _anonymous(response) == _anonymous(unknown)
        assert problem(doors.client.get("/api/v1/businesses/buyout/orders")) == (401, "key")

    def test_a_key_without_the_scope_is_refused(self, doors: Doors) -> None:
        item = item_in(doors.stage, "queued")
        key = doors.key("operator", frozenset({ORDERS_READ}))
        base = "/api/v1/businesses/buyout"
        headers = {"authorization": f"Bearer {key}"}
        before = written()
        response = doors.client.post(
            f"{base}/items/{item.pk}/moves/take", {}, content_type="application/json", headers=headers
        )
        assert problem(response) == (403, "scope")
        assert problem(doors.client.get(f"{base}/parcels", headers=headers)) == (403, "scope")
        assert written() == before
        assert doors.client.get(f"{base}/orders", headers=headers).status_code == 200
        only_parcels = {"authorization": f"Bearer {doors.key('operator', frozenset({PARCELS_READ}))}"}
        assert problem(doors.client.get(f"{base}/orders/{item.order.number}", headers=only_parcels)) == (
            403,
            "scope",
        )

    @in_profile("retail")
    def test_a_parent_state_finds_its_children_and_pages_show_both_labels(self, doors: Doors) -> None:
        orders = {
            state: doors.stage.order()
            for state in ("payment_received", "payment_confirmed", "packaging", "shipped")
        }
        for state, order in orders.items():
            doors.stage.put(order, state)
        found = doors.ask("get", "orders?state=processing", "buyer", accept_language="ru").json()["orders"]
        assert {row["state"]["key"] for row in found} == set(orders) - {"shipped"}
        assert {row["state"]["parent_label"] for row in found} == {"Обрабатывается"}
        shown = doors.ask(
            "get", f"orders/{orders['packaging'].number}", "buyer", accept_language="ru"
        ).json()["state"]
        assert (shown["parent_label"], shown["label"]) == ("Обрабатывается", "Упаковка")

    @in_profile("forwarder")
    def test_a_queue_shows_place_and_age(self, doors: Doors) -> None:
        orders = []
        for _ in range(3):
            order = doors.stage.order()
            doors.stage.put(order, "paid")
            Order.objects.filter(pk=order.pk).update(state_since=doors.stage.now)
            orders.append(order.number)
            doors.stage.later(hours=1)
        found = doors.client.get(
            "/api/v1/businesses/forwarder/queues/orders/paid",
            headers={"authorization": f"Bearer {doors.key('operator')}"},
        ).json()["rows"]
        assert [row["number"] for row in found] == orders
        assert [row["since"][11:16] for row in found] == ["09:00", "10:00", "11:00"]

    def test_the_profile_is_told_to_programs(self, doors: Doors) -> None:
        found = doors.ask("get", "profile", "reseller", accept_language="en").json()
        assert (found["profile"], found["version"]) == ("buyout", 1)
        item = next(level for level in found["levels"] if level["level"] == "item")
        refuse = next(move for move in item["moves"] if move["name"] == "refuse")
        assert (refuse["roles"], refuse["to"], refuse["is_bulk"]) == (["operator"], "cannot_supply", True)
        assert refuse["fields"][0]["choices"][0]["key"]
        assert {state["key"] for state in item["states"]} >= {"queued", "buying"}

    def test_history_is_paged(self, doors: Doors) -> None:
        doors.stage.fund(10**6)
        order = three(doors.stage, *["queued"] * 3)
        for item in Item.objects.filter(order=order):
            doors.stage.move("operator", "item", item.pk, "take")
        first = doors.ask("get", f"orders/{order.number}/history?size=3", "operator").json()
        rest = doors.ask(
            "get", f"orders/{order.number}/history?size=3&cursor={first['next_cursor']}", "operator"
        ).json()
        told = [*first["history"], *rest["history"]]
        assert [one["act"] for one in told] == ["take", "take", "take", "made"]
        assert told[0]["actor"] == {
            "kind": "person",
            "role": "operator",
            "role_label": "Operator",
            "name": "Operator",
        }
        assert problem(doors.ask("get", f"orders/{order.number}/history?cursor=abc", "operator")) == (
            422,
            "wrong-cursor",
        )


def _anonymous(response: Any) -> bytes:
    """An answer without what differs at every request: its id and the address asked."""
    import json

    found = response.json()
    return json.dumps({**found, "request_id": "", "instance": ""}, sort_keys=True).encode()


class TestMoving:
    def test_a_move_answers_state_version_and_what_moved_with_it(self, doors: Doors) -> None:
        doors.stage.fund(10**6)
        item = item_in(doors.stage, "queued")
        response = doors.move("operator", f"items/{item.pk}", "take")
        assert (response.status_code, response["ETag"]) == (200, '"v2"')
        found = response.json()
        assert {key: found[key] for key in ("level", "id", "move", "from", "to", "version", "also")} == {
            "level": "item",
            "id": str(item.pk),
            "move": "take",
            "from": "queued",
            "to": "buying",
            "version": 2,
            "also": [],
        }
        last = Record.objects.latest("sequence")
        assert (last.act, last.cause, last.actor_kind) == ("take", "api", "key")
        refused_ = doors.move(
            "operator", f"items/{item.order.number}.1", "refuse", {"reason": "sold_out"}
        ).json()
        assert refused_["also"] == [
            {"level": "order", "id": str(item.order_id), "from": "ordering", "to": "not_supplied"}
        ]

    def test_some_of_the_pieces_move_alone(self, doors: Doors) -> None:
        doors.stage.fund(10**7)
        item = item_in(doors.stage, "queued", quantity=3)
        found = doors.move("operator", f"items/{item.order.number}.1", "take", quantity=2).json()
        assert found["id"] != str(item.pk)
        item.refresh_from_db()
        assert (item.quantity, item.state) == (1, "queued")

    @in_profile("retail", "marketplace", "forwarder", "buyout")
    def test_moves_are_exactly_those_that_the_role_may_do(self, doors: Doors) -> None:
        from sledi import profiles

        order = doors.stage.order(seller_id=doors.stage.person("seller").pk)
        workflow = profiles.workflow(doors.stage.business.profile)
        leaves = {leaf for state in workflow.states("order") for leaf in workflow.leaves("order", state)}
        for state in sorted(leaves):
            doors.stage.put(order, state)
            response = doors.ask("get", f"orders/{order.number}/moves", "buyer")
            if response.status_code == 404:
                continue
            shown = [move["name"] for move in response.json()["moves"] if move["level"] == "order"]
            table = [
                move.name
                for move in workflow.transitions("order").values()
                if "buyer" in move.roles and move.starts_in(state) and not move.creates
            ]
            assert shown == table
            page = doors.ask("get", f"orders/{order.number}", "buyer").json()["moves"]
            assert [move["name"] for move in page if move["level"] == "order"] == table

    def test_a_move_that_makes_something_takes_the_orders_number(self, doors: Doors) -> None:
        order = three(doors.stage, "received", "received")
        made = doors.move("logist", f"parcels/{order.number}", "form").json()
        parcel = Parcel.objects.get(pk=made["id"])
        found = doors.ask("get", f"parcels/{parcel.number}", "logist").json()
        assert [one["number"] for one in found["orders"]] == [order.number]
        assert [one["item"] for one in found["contents"]] == ["1", "2"]
        assert [row["number"] for row in doors.ask("get", "parcels", "reseller").json()["rows"]] == [
            parcel.number
        ]
        assert (
            doors.ask("get", f"parcels/{parcel.number}/history", "logist").json()["history"][0]["act"]
            == "form"
        )


class TestRefusals:
    """Every kind, word for word; ``refused`` proves that nothing was written."""

    def test_unknown_move(self, doors: Doors) -> None:
        order = doors.stage.order()
        body = refused(
            doors, lambda: doors.move("operator", f"orders/{order.number}", "fly"), 404, "unknown-move"
        )
        assert body == {"title": words("unknown_move")["en"]}

    @in_profile("marketplace")
    def test_wrong_role(self, doors: Doors) -> None:
        order = doors.stage.order(seller_id=doors.stage.person("seller").pk)
        doors.stage.put(order, "processed")
        body = refused(
            doors,
            lambda: doors.move("seller", f"orders/{order.number}", "process", accept_language="bg"),
            403,
            "wrong-role",
        )
        assert body == {"title": words("wrong_role")["bg"]}

    def test_wrong_state(self, doors: Doors) -> None:
        item = item_in(doors.stage, "received")
        body = refused(
            doors,
            lambda: doors.move("operator", f"items/{item.pk}", "take", accept_language="kk"),
            409,
            "wrong-state",
        )
        assert body == {
            "title": "Қазір: «Қоймаға қабылданды». Бұл әрекетті тек мына күйлерден орындауға болады:"
            " «Сатып алу кезегінде»."
        }

    @in_profile("marketplace")
    def test_missing_field(self, doors: Doors) -> None:
        order = doors.stage.order(seller_id=doors.stage.person("seller").pk)
        doors.stage.put(order, "processing")
        body = refused(
            doors,
            lambda: doors.move("seller", f"orders/{order.number}", "ship", accept_language="ru"),
            422,
            "missing-field",
        )
        assert body["errors"] == [{"pointer": "/fields/tracking_number", "detail": body["title"]}]
        assert body["title"].startswith("Заполните поле «")

    def test_unknown_field(self, doors: Doors) -> None:
        item = item_in(doors.stage, "queued")
        body = refused(
            doors,
            lambda: doors.move("operator", f"items/{item.pk}", "take", {"x/~": 1}),
            422,
            "unknown-field",
        )
        assert body["errors"][0]["pointer"] == "/fields/x~1~0"

    @pytest.mark.parametrize(
        ("value", "reason"),
        [
            ("12,345", "too_many_decimals"),
            ("-1", "negative"),
            ("free", "not_a_number"),
            ([1], "not_text"),
            (10**20, "too_large"),
        ],
    )
    def test_wrong_field(self, doors: Doors, value: Any, reason: str) -> None:
        item = item_in(doors.stage, "buying")
        bought = {"marketplace": "taobao", "external_order_no": "T-1", "actual_price": value}
        body = refused(
            doors, lambda: doors.move("operator", f"items/{item.pk}", "buy", bought), 422, "wrong-field"
        )
        assert body["reason"] == reason
        assert body["errors"] == [{"pointer": "/fields/actual_price", "detail": body["title"]}]

    @pytest.mark.parametrize("quantity", [0, -1, 4, 10**12])
    def test_wrong_quantity(self, doors: Doors, quantity: int) -> None:
        item = item_in(doors.stage, "queued", quantity=3)
        body = refused(
            doors,
            lambda: doors.move("operator", f"items/{item.pk}", "take", quantity=quantity),
            422,
            "wrong-field",
        )
        assert body["errors"][0]["pointer"] == "/quantity"

    def test_guard(self, doors: Doors) -> None:
        order = three(doors.stage, "received", "ordered", "received")
        body = refused(
            doors,
            lambda: doors.move("logist", f"parcels/{order.number}", "form", accept_language="ru"),
            409,
            "guard",
        )
        assert (body["guard"], body["listed"]) == ("all_here", ["2 Cup 1"])
        assert "2 Cup 1" in body["title"]

    def test_stale(self, doors: Doors) -> None:
        doors.stage.fund(10**6)
        item = item_in(doors.stage, "queued")
        item.refresh_from_db()
        stale = f'"v{item.version + 6}"'
        body = refused(
            doors, lambda: doors.move("operator", f"items/{item.pk}", "take", if_match=stale), 412, "stale"
        )
        assert body["version"] == item.version
        assert (
            doors.move("operator", f"items/{item.pk}", "take", if_match=f'"v{item.version}"').status_code
            == 200
        )

    @pytest.mark.parametrize("tag", ["v1", "1", 'W/"v1"', '"v1", "v2"', '"vx"', "\x7f"])
    def test_a_version_that_is_none(self, doors: Doors, tag: str) -> None:
        item = item_in(doors.stage, "queued")
        body = refused(
            doors, lambda: doors.move("operator", f"items/{item.pk}", "take", if_match=tag), 422, "invalid"
        )
        assert body["errors"][0]["pointer"] == "If-Match"

    def test_busy(self, doors: Doors) -> None:
        order = three(doors.stage, "received")
        first = doors.stage.access("logist", "boris")
        doors.stage.move("logist", "parcel", order.pk, "form", access=first)
        body = refused(doors, lambda: doors.move("logist", f"parcels/{order.number}", "form"), 409, "busy")
        assert (body["who"], body["since"]) == ("Boris", "2026-09-28T09:00:00+00:00")

    def test_a_guard_without_anything_to_list(self, doors: Doors) -> None:
        item = item_in(doors.stage, "draft")
        body = refused(doors, lambda: doors.move("reseller", f"items/{item.pk}", "send"), 409, "guard")
        assert set(body) == {"title", "guard"}
        assert body["guard"] == "order_paid"

    def test_not_enough_money(self, doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
        """The guard asks first; the ledger refuses too, should the money go between them."""
        from sledi.core.money import Money
        from sledi.ledger.errors import NotEnough
        from sledi.ledger.operations import debits

        def poor(*_: Any, **__: Any) -> None:
            raise NotEnough("customer.balance", Money(1250, "RUB"))

        doors.stage.fund(10**6)
        item = item_in(doors.stage, "queued")
        monkeypatch.setattr(debits, "debit_subjects", poor)
        body = refused(
            doors, lambda: doors.move("operator", f"items/{item.pk}", "take"), 409, "not-enough-money"
        )
        assert body["missing"] == {"amount": "12.50", "currency": "RUB"}
        assert "12.50" in body["title"]

    @in_profile("marketplace")
    def test_a_refund_without_a_note(self, doors: Doors) -> None:
        order = doors.stage.order(seller_id=doors.stage.person("seller").pk)
        doors.stage.put(order, "complete_disputed")
        body = refused(
            doors,
            lambda: doors.move("seller", f"orders/{order.number}", "refund", {"note": "  "}),
            422,
            "missing-field",
        )
        assert body["errors"][0]["pointer"] == "/fields/note"

    @pytest.mark.parametrize(
        "body",
        [
            {"fields": []},
            {"fields": {}, "more": 1},
            {"quantity": "many"},
            {"fields": {str(n): 1 for n in range(61)}},
            [],
            "x",
        ],
    )
    def test_a_body_of_another_shape(self, doors: Doors, body: Any) -> None:
        item = item_in(doors.stage, "queued")
        refused(
            doors, lambda: doors.ask("post", f"items/{item.pk}/moves/take", "operator", body), 422, "invalid"
        )

    @pytest.mark.parametrize("levels", ["nothing", "payouts", "order", "%00"])
    def test_an_unknown_level(self, doors: Doors, levels: str) -> None:
        order = doors.stage.order()
        assert doors.move("operator", f"{levels}/{order.number}", "take").status_code in {404, 422}


class TestIdempotency:
    def test_the_same_key_is_done_once_and_answered_alike(self, doors: Doors) -> None:
        doors.stage.fund(10**6)
        item = item_in(doors.stage, "queued")
        first = doors.move("operator", f"items/{item.pk}", "take", idempotency_key="k1")
        before = written()
        again = doors.move("operator", f"items/{item.pk}", "take", idempotency_key="k1")
        assert (again.status_code, again.content) == (200, first.content)
        assert "Idempotency-Replayed" not in first
        assert again["Idempotency-Replayed"] == "true"
        assert written() == before

    def test_another_body_with_the_same_key_is_refused(self, doors: Doors) -> None:
        doors.stage.fund(10**6)
        item = item_in(doors.stage, "queued", quantity=3)
        doors.move("operator", f"items/{item.pk}", "take", idempotency_key="k1", quantity=1)
        refused(
            doors,
            lambda: doors.move("operator", f"items/{item.pk}", "take", idempotency_key="k1", quantity=2),
            409,
            "key-used-otherwise",
        )

    @pytest.mark.parametrize("key", ["k" * 201, "a\x7f"])
    def test_a_key_has_a_limit(self, doors: Doors, key: str) -> None:
        item = item_in(doors.stage, "queued")
        body = refused(
            doors,
            lambda: doors.move("operator", f"items/{item.pk}", "take", idempotency_key=key),
            422,
            "invalid",
        )
        assert body["errors"][0]["pointer"] == "Idempotency-Key"

    def test_an_order_is_placed_once_for_its_reference_or_key(self, doors: Doors) -> None:
        order = {"reference": "A-1", "items": [{"name": "Kettle", "unit_price": "12,50", "quantity": 2}]}
        first = doors.ask("post", "orders", "reseller", order)
        again = doors.ask("post", "orders", "reseller", order)
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.content == first.content
        assert again["Idempotency-Replayed"] == "true"
        found = doors.ask("get", f"orders/{first.json()['number']}", "reseller").json()
        assert (found["reference"], found["amounts"]["total"]["amount"]) == ("A-1", "25.00")
        refused(
            doors,
            lambda: doors.ask("post", "orders", "reseller", {**order, "mode": "air"}),
            409,
            "key-used-otherwise",
        )
        keyed = {"items": [{"name": "Cup"}]}
        one = doors.ask("post", "orders", "reseller", keyed, idempotency_key="k")
        assert doors.ask("post", "orders", "reseller", keyed, idempotency_key="k").content == one.content
        assert Order.objects.count() == 2


class TestPlacing:
    @pytest.mark.parametrize(
        ("order", "kind", "pointer"),
        [
            ({"items": []}, "missing-field", "/items"),
            ({"items": [{"quantity": 1}]}, "missing-field", "/items/0/name"),
            (
                {"items": [{"name": "Cup"}, {"name": "Cup", "quantity": 0}]},
                "wrong-field",
                "/items/1/quantity",
            ),
            ({"items": [{"name": "Cup", "fee": "1"}]}, "unknown-field", "/items/0/fee"),
            ({"items": [{"name": "Cup", "country": "XX"}]}, "wrong-field", "/items/0/country"),
            ({"items": [{"name": "Cup", "unit_price": "1.005"}]}, "wrong-field", "/items/0/unit_price"),
            ({"items": [{"name": "C\0p"}]}, "wrong-field", "/items/0/name"),
            ({"items": [{"name": "Cup"}], "buyer": "a@b.kz"}, "unknown-field", "/buyer"),
            ({"items": [{"name": "Cup"}], "recipient_email": "nobody"}, "wrong-field", "/recipient_email"),
            ({"items": [{"name": "Cup"}], "recipient": "a@b.kz"}, "wrong-field", "/recipient"),
            ({"items": [{"name": "Cup"}], "currency": "XYZ"}, "wrong-field", "/currency"),
            ({"items": [{"name": "Cup"}], "is_paid": True}, "invalid", "/is_paid"),
        ],
    )
    def test_what_is_wrong_is_named_and_nothing_is_placed(
        self, doors: Doors, order: Any, kind: str, pointer: str
    ) -> None:
        body = refused(doors, lambda: doors.ask("post", "orders", "reseller", order), 422, kind)
        assert body["errors"][0]["pointer"] == pointer

    def test_who_only_receives_orders_nothing(self, doors: Doors) -> None:
        doors.key("end_buyer")
        refused(
            doors,
            lambda: doors.ask("post", "orders", "end_buyer", {"items": [{"name": "Cup"}]}),
            403,
            "wrong-role",
        )

    def test_staff_place_for_others(self, doors: Doors) -> None:
        doors.key("reseller")
        order = {
            "reseller": doors.stage.person("reseller").email.upper(),
            "recipient_phone": "+7 701 555-01-23",
            "city": "Алматы",
            "shipping": "5",
            "items": [{"name": "Cup", "unit_price": 10, "fee": "1.50"}],
        }
        placed = doors.ask("post", "orders", "operator", order).json()
        found = doors.ask("get", f"orders/{placed['number']}", "reseller").json()
        assert found["amounts"]["total"] == {"amount": "16.50", "currency": "RUB"}
        assert found["recipient"] == {
            "name": "",
            "email": "",
            "phone": "77015550123",
            "address": {"city": "Алматы"},
        }


class TestBulk:
    def test_a_bad_row_steps_aside(self, doors: Doors) -> None:
        items = [item_in(doors.stage, state) for state in ("ordered", "buying", "ordered")]
        rows = [{"number": str(item.pk), "fields": {"domestic_number": DOMESTIC}} for item in items]
        rows += [
            {"number": "AAAAAAAA.1", "fields": {}},
            {"number": str(items[0].pk), "version": 1, "fields": rows[0]["fields"]},
        ]
        doors.key("operator")
        found = doors.client.post(
            "/api/v1/businesses/buyout/items/moves/dispatch",
            {"rows": rows},
            content_type="application/json",
            headers={"authorization": f"Bearer {doors.key('operator')}"},
        ).json()
        assert (found["done"], found["refused"]) == (2, 3)
        assert [
            row["moved"]["to"] if row["moved"] else row["problem"]["type"].partition("#")[2]
            for row in found["rows"]
        ] == [
            "domestic_transit",
            "wrong-state",
            "domestic_transit",
            "not-found",
            "stale",
        ]
        assert found["rows"][4]["problem"]["version"] == 2

    def test_what_is_done_one_at_a_time_is_not_done_with_many(self, doors: Doors) -> None:
        item = item_in(doors.stage, "queued")
        body = refused(
            doors,
            lambda: doors.ask("post", "items/moves/take", "operator", {"rows": [{"number": str(item.pk)}]}),
            409,
            "one-at-a-time",
        )
        assert body["title"]

    def test_a_thousand_rows_are_the_most(self, doors: Doors) -> None:
        rows = [{"number": "AAAAAAAA.1"}] * 1001
        refused(
            doors,
            lambda: doors.ask("post", "items/moves/dispatch", "operator", {"rows": rows}),
            422,
            "invalid",
        )
        refused(
            doors, lambda: doors.ask("post", "items/moves/dispatch", "operator", {"rows": []}), 422, "invalid"
        )


class TestLoading:
    @in_profile("forwarder")
    def test_orders_go_onto_a_haul_and_off_again(self, doors: Doors) -> None:
        orders = [doors.stage.order() for _ in range(2)]
        for order in orders:
            doors.stage.put(order, "at_china_warehouse")
        numbers = [order.number for order in orders]
        made = doors.ask("post", "hauls", "operator", {"move": "open", "fields": {"vehicle": "KZ 777"}})
        assert made.status_code == 201
        haul = f"hauls/{made.json()['number']}"
        assert doors.ask("post", f"{haul}/loadings", "operator", {"orders": numbers}).json() == {"orders": 2}
        assert doors.ask("post", f"{haul}/loadings", "operator", {"orders": numbers}).json() == {"orders": 0}
        assert sorted(one["number"] for one in doors.ask("get", haul, "operator").json()["orders"]) == sorted(
            numbers
        )
        assert doors.ask("post", f"{haul}/unloadings", "operator", {"orders": numbers[:1]}).json() == {
            "orders": 1
        }
        departed = doors.move("operator", haul, "depart", {"expected_at": "2026-10-10"}).json()
        assert {one["to"] for one in departed["also"]} == {"left_china"}
        refused(
            doors,
            lambda: doors.ask("post", f"{haul}/loadings", "operator", {"orders": ["AAAAAAAA"]}),
            404,
            "not-found",
        )
        doors.key("buyer")
        refused(
            doors,
            lambda: doors.ask("post", f"{haul}/loadings", "buyer", {"orders": numbers}),
            404,
            "not-found",
        )
        assert doors.ask("get", "hauls", "buyer").json()["rows"] == []
        assert problem(doors.ask("get", haul, "buyer")) == (404, "not-found")

    def test_a_level_that_the_profile_has_not(self, doors: Doors) -> None:
        assert problem(doors.ask("get", "hauls", "operator")) == (422, "unknown-state")
        refused(doors, lambda: doors.ask("post", "hauls", "operator", {"move": "open"}), 404, "unknown-move")
        refused(doors, lambda: doors.ask("post", "parcels", "logist", {"move": "form"}), 404, "unknown-move")
