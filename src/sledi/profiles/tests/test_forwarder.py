"""The forwarder profile does what the knowledge base promises to buyers."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from sledi import profiles
from sledi.core.workflow import Decision, Refused, decide, derived_state, possible_actions
from sledi.core.workflow.contexts import empty_value

FORWARDER = profiles.workflow("forwarder")
LANGUAGES = {"ru", "en", "bg", "kk", "uk"}

LINE = {
    "unpaid": "Не оплачен",
    "paid": "Оплачен",
    "processing": "В обработке",
    "to_china_warehouse": "Доставка на склад в Китае",
    "at_china_warehouse": "На складе в Китае",
    "left_china": "Отправлен со склада из Китая",
    "at_almaty": "На складе в Алматы",
    "packed": "Упакован",
    "sent": "Отправлен получателю",
    "delivered": "Доставлен",
    "cancelled": "Отменен",
}
"""The knowledge base's table, in its order."""


def fields(level: str, **given: Any) -> dict[str, Any]:
    """Every field that moves of a level supply, empty, as an entity shows them."""
    moves = FORWARDER.transitions(level).values()
    return {field.key: empty_value(field) for move in moves for field in move.fields} | given


def order(state: str, number: str = "55021", **given: Any) -> dict[str, Any]:
    supplied = given.pop("fields", {})
    money = {"currency": "KZT", "total": 1_125_000, "paid": 0}
    facts = {"state": state, "number": number, "mode": "", "flags": [], "numbers": []}
    return {**facts, **money, "fields": fields("order", **supplied), **given}


def parcel(mode: str, **supplied: Any) -> dict[str, Any]:
    return {"number": "AL1187", "mode": mode, "numbers": [], "fields": fields("parcel", **supplied)}


def account(available: int) -> dict[str, Any]:
    return {"available": available, "held": 0, "currency": "KZT"}


def move_order(
    name: str,
    one: Mapping[str, Any],
    role: str = "operator",
    available: int = 0,
    lies_in: Mapping[str, Any] = MappingProxyType({}),
    **supplied: Any,
) -> Decision:
    context = {"order": one, "parcels": [], "account": account(available), "now": 0, **lies_in}
    return decide(FORWARDER, "order", name, state=one["state"], role=role, supplied=supplied, context=context)


def refused(name: str, one: Mapping[str, Any], *more: Any, **supplied: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        move_order(name, one, *more, **supplied)
    return caught.value


def move_container(
    level: str, name: str, state: str, orders: list[dict[str, Any]], one: Mapping[str, Any], **supplied: Any
) -> Decision:
    context = {level: {**one, "state": state}, "orders": orders, "account": account(0), "now": 0}
    return decide(FORWARDER, level, name, state=state, role="operator", supplied=supplied, context=context)


def move_case(name: str, state: str, role: str, of: Mapping[str, Any], **supplied: Any) -> Decision:
    context = {"case": {"state": state}, "order": of, "account": account(0), "now": 0}
    return decide(FORWARDER, "case", name, state=state, role=role, supplied=supplied, context=context)


def effects(decision: Decision) -> list[str]:
    return [effect.name for effect in decision.effects]


def may(state: str, role: str) -> set[str]:
    found = possible_actions(FORWARDER, "order", state, role)
    return {one.transition.name for one in found if not one.transition.is_correction}


# --- the eleven statuses --------------------------------------------------------------------------------------


def test_the_eleven_statuses_stand_in_the_order_of_the_table() -> None:
    told = {key: state.label["ru"] for key, state in FORWARDER.states("order").items()}
    assert list(told.items()) == list(LINE.items())


def test_every_status_is_explained_in_every_language() -> None:
    states = [state for level in FORWARDER.levels for state in FORWARDER.states(level).values()]
    for words in [*(state.label for state in states), *(state.about for state in states)]:
        assert set(words) == LANGUAGES
        assert all(words.values())


def test_every_status_but_cancelled_lies_in_exactly_one_stage() -> None:
    staged = [state for stage in FORWARDER.stages for state in stage.states.get("order", ())]
    assert sorted(staged) == sorted(set(LINE) - {"cancelled"})


def test_moves_only_lead_forward() -> None:
    place = {state: index for index, state in enumerate(LINE)}
    moves = [move for move in FORWARDER.transitions("order").values() if not move.is_correction]
    back = [
        (move.name, source)
        for move in moves
        for source in move.sources
        if move.target is not None and place[move.target] < place[source]
    ]
    assert back == []


# --- paying and cancelling ------------------------------------------------------------------------------------


def test_an_unpaid_order_is_paid_or_cancelled() -> None:
    assert may("unpaid", "buyer") == {"pay", "cancel"}
    assert may("unpaid", "operator") == set()


def test_the_payment_must_cover_the_order() -> None:
    done = move_order("payment_received", order("unpaid", paid=1_125_000), "payment")
    assert (done.target, effects(done)[0]) == ("paid", "ledger.debit")
    short = refused("payment_received", order("unpaid", paid=1_124_999), "payment")
    assert short.guard == "amount_covers_order"


def test_an_order_is_paid_from_the_balance_when_it_is_enough() -> None:
    assert move_order("pay", order("unpaid"), "buyer", 1_125_000).target == "paid"
    assert refused("pay", order("unpaid"), "buyer", 1_124_999).guard == "enough_funds"


@pytest.mark.parametrize("state", ["unpaid", "paid"])
def test_before_buying_the_buyer_cancels_and_has_the_money_back(state: str) -> None:
    done = move_order("cancel", order(state), "buyer")
    assert (done.target, effects(done)[0]) == ("cancelled", "ledger.refund_full")


def test_after_that_the_request_goes_to_an_operator() -> None:
    assert refused("cancel", order("processing"), "buyer").reason == "wrong_state"
    asked = move_order("request_cancel", order("processing"), "buyer")
    assert (asked.target, effects(asked)) == ("processing", ["task.create"])
    done = move_order("cancel_by_operator", order("processing"), reason="buyer_asked")
    assert (done.target, effects(done)[0]) == ("cancelled", "ledger.refund_full")


def test_what_was_sent_is_cancelled_only_when_it_was_lost() -> None:
    refusal = refused("cancel_by_operator", order("sent"), reason="buyer_asked")
    assert refusal.guard == "sent_only_when_lost"
    assert move_order("cancel_by_operator", order("sent"), reason="lost").target == "cancelled"


def test_another_reason_to_cancel_needs_words() -> None:
    assert refused("cancel_by_operator", order("paid"), reason="other").guard == "reason_explained"


# --- China ----------------------------------------------------------------------------------------------------


def test_a_paid_order_is_taken_by_an_operator() -> None:
    assert move_order("take", order("paid")).target == "processing"
    assert refused("take", order("processing")).reason == "wrong_state"


def test_the_way_to_the_warehouse_needs_the_domestic_number() -> None:
    bought = order("processing", fields={"external_order_no": "4711"})
    assert refused("dispatch", bought).field == "domestic_number"
    sent = move_order("dispatch", bought, domestic_number="SF1204467781930")
    assert (sent.target, effects(sent)[0]) == ("to_china_warehouse", "track.start")


def test_the_seller_cannot_have_sent_what_was_not_bought() -> None:
    number = "SF1204467781930"
    assert refused("dispatch", order("processing"), domestic_number=number).guard == "is_bought"
    given = move_order("dispatch", order("processing"), domestic_number=number, external_order_no="4711")
    assert given.target == "to_china_warehouse"


def test_receiving_in_china_needs_inspection_and_weight() -> None:
    coming = order("to_china_warehouse")
    assert refused("receive", coming, inspection="as_ordered").field == "weight_g"
    assert refused("receive", coming, weight_g=840).field == "inspection"
    assert move_order("receive", coming, inspection="as_ordered", weight_g=840).target == "at_china_warehouse"


def test_a_mismatch_asks_the_buyer_to_accept_exchange_or_refund() -> None:
    opened = move_case("open", "", "operator", order("to_china_warehouse"), finding="wrong_colour")
    assert (opened.target, effects(opened)) == ("asked", ["notify"])
    found = possible_actions(FORWARDER, "case", "asked", "buyer")
    assert [one.transition.name for one in found] == ["accept", "exchange", "refund"]


def test_an_order_with_an_open_mismatch_is_not_received() -> None:
    asked = order("to_china_warehouse", flags=["case_open"])
    assert refused("receive", asked, inspection="as_ordered", weight_g=840).guard == "no_open_case"
    with pytest.raises(Refused) as caught:
        move_case("open", "", "operator", asked, finding="damaged")
    assert caught.value.guard == "no_open_case"


def test_a_mismatch_is_reported_at_the_inspection_only() -> None:
    with pytest.raises(Refused) as caught:
        move_case("open", "", "operator", order("at_almaty"), finding="damaged")
    assert caught.value.guard == "is_being_inspected"


def test_a_refund_after_a_mismatch_cancels_the_order() -> None:
    refund = move_case("refund", "asked", "buyer", order("to_china_warehouse"))
    fired = refund.effects[0]
    assert (refund.target, fired.name) == ("refunded", "parent.fire")
    done = move_order(fired.parameters["name"], order("to_china_warehouse"), "system")
    assert (done.target, effects(done)[0]) == ("cancelled", "ledger.refund_full")


# --- the truck ------------------------------------------------------------------------------------------------


def test_the_truck_takes_its_orders_along() -> None:
    loaded = [order("at_china_warehouse", "1"), order("at_china_warehouse", "2")]
    gone = move_container("haul", "depart", "loading", loaded, {"number": "14K"}, expected_at="2026-12-01")
    assert gone.target == "departed"
    assert gone.effects[0].parameters == {"name": "depart", "with": {"told_eta": "expected_at"}}
    assert move_order("depart", loaded[0], "system", told_eta="2026-12-01").target == "left_china"


def test_the_truck_does_not_leave_with_what_is_not_there() -> None:
    loaded = [order("at_china_warehouse", "1"), order("to_china_warehouse", "2")]
    with pytest.raises(Refused) as caught:
        move_container("haul", "depart", "loading", loaded, {"number": "14K"}, expected_at="2026-12-01")
    assert (caught.value.guard, caught.value.listed) == ("all_at_warehouse", ("2",))
    assert caught.value.words["ru"].endswith("Примите их или уберите из манифеста: 2.")
    with pytest.raises(Refused) as empty:
        move_container("haul", "depart", "loading", [], {"number": "14K"}, expected_at="2026-12-01")
    assert empty.value.guard == "has_orders"


@pytest.mark.parametrize(
    ("day", "is_told"), [("2026-12-03", False), ("2026-12-04", True), ("2026-11-28", True)]
)
def test_a_new_date_is_told_when_it_is_far_from_the_one_told_last(day: str, is_told: bool) -> None:
    loaded = [order("left_china", fields={"told_eta": "2026-12-01"})]
    haul = {"number": "14K", "fields": fields("haul", expected_at="2026-12-02")}
    moved = move_container("haul", "change_eta", "departed", loaded, haul, expected_at=day)
    assert effects(moved) == (["children.fire"] if is_told else [])


def test_what_was_not_scanned_in_almaty_stays_on_its_way_and_becomes_a_task() -> None:
    closing = move_container("haul", "close", "unloading", [order("left_china")], {"number": "14K"})
    assert closing.effects[0].parameters["name"] == "report_short"
    short = move_order("report_short", order("left_china"), "system")
    assert (short.target, effects(short)) == ("left_china", ["task.create"])
    assert refused("report_short", order("at_almaty"), "system").reason == "wrong_state"


def test_an_order_arrives_in_almaty_by_scan() -> None:
    assert move_order("arrive", order("left_china")).target == "at_almaty"
    assert FORWARDER.transitions("order")["arrive"].is_bulk


# --- Almaty and on --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "words"), [("almaty", "Доставка по Алматы"), ("kazakhstan", "Доставка по Казахстану")]
)
def test_packing_needs_the_onward_mode(mode: str, words: str) -> None:
    assert refused("pack", order("at_almaty")).field == "mode"
    assert move_order("pack", order("at_almaty"), mode=mode).target == "packed"
    (chosen,) = FORWARDER.transitions("order")["pack"].fields
    assert chosen.choices[mode]["ru"] == words


def test_an_order_in_a_parcel_is_received_as_the_parcel_is() -> None:
    lies_in = {"parcels": [parcel("kazakhstan")]}
    assert refused("pack", order("at_almaty"), lies_in=lies_in, mode="almaty").guard == "buyers_choice"
    assert move_order("pack", order("at_almaty"), lies_in=lies_in, mode="kazakhstan").target == "packed"
    chosen = refused("choose_mode", order("at_almaty"), "buyer", lies_in=lies_in, mode="pickup")
    assert chosen.guard == "lies_in_no_parcel"
    alone = refused("send", order("packed", mode="almaty"), lies_in=lies_in)
    assert alone.guard == "lies_in_no_parcel"


def test_packing_follows_what_the_buyer_chose() -> None:
    assert refused("pack", order("at_almaty", mode="pickup"), mode="almaty").guard == "buyers_choice"
    assert move_order("pack", order("at_almaty", mode="almaty"), mode="almaty").target == "packed"


def test_within_kazakhstan_a_number_is_needed_and_in_almaty_not() -> None:
    assert refused("send", order("packed", mode="kazakhstan")).guard == "ems_has_number"
    far = move_order("send", order("packed", mode="kazakhstan"), local_number="EE123456785KZ")
    assert (far.target, effects(far)[0]) == ("sent", "track.start")
    assert move_order("send", order("packed", mode="almaty")).target == "sent"


def test_a_pick_up_goes_straight_to_delivered_with_its_code() -> None:
    waiting = order("at_almaty", mode="pickup", fields={"pickup_code": "4821"})
    assert move_order("hand_out", waiting, shown_code="4821").target == "delivered"
    assert refused("hand_out", waiting).field == "shown_code"
    assert refused("hand_out", waiting, shown_code="4822").guard == "code_matches"


def test_an_order_without_a_code_is_handed_out_to_nobody() -> None:
    refusal = refused("hand_out", order("at_almaty", mode="pickup"), shown_code="0000")
    assert refusal.guard == "code_matches"


def test_an_order_to_be_delivered_is_not_handed_out() -> None:
    going = order("at_almaty", mode="kazakhstan", fields={"pickup_code": "4821"})
    assert refused("hand_out", going, shown_code="4821").guard == "is_pickup"


def test_the_clerk_does_not_see_the_code() -> None:
    assert "pickup_code" in FORWARDER.hidden_fields("operator")
    assert "pickup_code" not in FORWARDER.hidden_fields("buyer")


def test_only_news_of_the_recipients_number_deliver_an_order() -> None:
    assert move_order("deliver", order("sent"), "carrier", local_number="EE123456785KZ").target == "delivered"
    assert refused("deliver", order("sent"), "carrier").reason == "missing_field"


def test_a_parcel_within_kazakhstan_needs_an_ems_number() -> None:
    packed = [order("packed")]
    for wrong in ({}, {"local_number": "RR123456785CN"}):
        with pytest.raises(Refused) as caught:
            move_container("parcel", "dispatch", "packed", packed, parcel("kazakhstan"), **wrong)
        assert caught.value.guard == "ems_has_number"
    number = {"local_number": "EE123456785KZ"}
    sent = move_container("parcel", "dispatch", "packed", packed, parcel("kazakhstan"), **number)
    assert effects(sent) == ["track.start", "children.fire"]


def test_a_parcel_in_almaty_is_asked_for_no_number() -> None:
    sent = move_container("parcel", "dispatch", "packed", [order("packed")], parcel("almaty"))
    assert sent.effects[1].parameters["name"] == "send_in_parcel"


def test_a_parcel_does_not_leave_before_all_its_orders_are_packed() -> None:
    orders = [order("packed", "1"), order("at_almaty", "2"), order("cancelled", "3")]
    with pytest.raises(Refused) as caught:
        move_container("parcel", "dispatch", "gathering", orders, parcel("almaty"))
    assert (caught.value.guard, caught.value.listed) == ("all_packed", ("2",))


@pytest.mark.parametrize(
    ("mode", "stage", "states", "expected"),
    [
        ("almaty", "", [], "on_the_way"),
        ("almaty", "", ["paid", "left_china"], "on_the_way"),
        ("almaty", "", ["at_almaty", "left_china"], "gathering"),
        ("pickup", "", ["at_almaty", "cancelled"], "waiting_pickup"),
        ("pickup", "", ["delivered", "at_almaty"], "waiting_pickup"),
        ("almaty", "", ["packed", "packed"], "packed"),
        ("almaty", "", ["sent"], "with_courier"),
        ("almaty", "on_way", ["sent"], "courier_on_way"),
        ("almaty", "missed", ["sent"], "courier_missed"),
        ("kazakhstan", "", ["sent"], "sent"),
        ("kazakhstan", "", ["delivered", "cancelled"], "delivered"),
        ("kazakhstan", "", ["cancelled"], "cancelled"),
    ],
)
def test_a_parcel_follows_its_orders(mode: str, stage: str, states: list[str], expected: str) -> None:
    orders = [order(state) for state in states]
    context = {"parcel": parcel(mode, courier_stage=stage), "orders": orders, "account": account(0), "now": 0}
    assert derived_state(FORWARDER, "parcel", context) == expected


def test_delivered_news_of_a_parcel_deliver_its_orders() -> None:
    delivering = FORWARDER.transitions("parcel")["deliver"]
    assert delivering.on == ("DELIVERED",)
    fired = delivering.effects[0].parameters["name"]
    assert move_order(fired, order("sent"), "system").target == "delivered"


# --- corrections ----------------------------------------------------------------------------------------------


def test_only_a_supervisor_takes_an_order_back_and_says_why() -> None:
    correction = FORWARDER.transitions("order")["correct_at_almaty_at_china_warehouse"]
    assert correction.roles == {"supervisor"}
    assert refused(correction.name, order("at_almaty")).reason == "wrong_role"
    assert refused(correction.name, order("at_almaty"), "supervisor").field == "note"
    back = move_order(correction.name, order("at_almaty"), "supervisor", note="скан чужого места")
    assert (back.target, back.effects) == ("at_china_warehouse", ())


def test_no_correction_leads_back_to_unpaid() -> None:
    targets = {move.target for move in FORWARDER.transitions("order").values() if move.is_correction}
    assert not targets & {"unpaid", "cancelled", "delivered"}
