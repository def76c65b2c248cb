"""The shop's profile says what its help page says: statuses, who may do what in each, and until when."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sledi import profiles
from sledi.core.workflow import Refused, decide, due_at, possible_actions, progress, visible_states
from sledi.core.workflow.vocabulary import PEOPLE

RETAIL = profiles.workflow("retail")
SUB_STATES = ("payment_received", "payment_confirmed", "packaging")
NUMBER = "RR123456785CN"
MISTYPED = "RR123456784CN"
DONE = {"prepared": True, "quality_checked": True, "packed": True}


def an_order(state: str, **facts: Any) -> dict[str, Any]:
    usual = {
        "total": 5000,
        "paid": 5000,
        "is_untracked": False,
        "processing_days": 3,
        "flags": [],
        "fields": {},
    }
    return {"state": state, "number": "8812", "currency": "EUR", **usual, **facts}


def an_item(number: str, state: str, **facts: Any) -> dict[str, Any]:
    usual = {"quantity": 1, "numbers": [], "flags": [], "fields": {}, "processing_days": 3}
    money = {"agreed_price": 4000, "fee": 0, "debited": 4000}
    return {"state": state, "number": number, "name": "dress", **usual, **money, **facts}


def asked(
    name: str,
    role: str,
    order: Mapping[str, Any],
    *items: Mapping[str, Any],
    supplied: Mapping[str, Any] | None = None,
    item: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Any:
    """Ask for a move of the order, or of ``item`` when one is given."""
    context = {"order": order, "items": list(items), "settings": settings or {}, "now": 0}
    level, subject = ("order", order) if item is None else ("item", item)
    return decide(
        RETAIL,
        level,
        name,
        state=subject["state"],
        role=role,
        supplied=supplied or {},
        context={**context, level: subject},
    )


def refusal(*question: Any, **more: Any) -> Refused:
    with pytest.raises(Refused) as refused:
        asked(*question, **more)
    return refused.value


def effects_of(decision: Any) -> list[str]:
    return [effect.name for effect in decision.effects]


# --- the page's words --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "label"),
    [
        ("pending", "Ожидает"),
        ("processing", "Обрабатывается"),
        ("payment_received", "Оплата получена"),
        ("payment_confirmed", "Подтверждение оплаты"),
        ("packaging", "Упаковка"),
        ("shipped", "Отправлен"),
        ("cancelled", "Отменен"),
    ],
)
@pytest.mark.parametrize("level", ["order", "item"])
def test_the_statuses_bear_the_labels_of_the_page(level: str, state: str, label: str) -> None:
    assert RETAIL.states(level)[state].label["ru"] == label


@pytest.mark.parametrize("level", ["order", "item"])
def test_processing_has_exactly_three_sub_statuses(level: str) -> None:
    assert RETAIL.leaves(level, "processing") == SUB_STATES


def test_every_status_of_order_and_item_is_explained_in_five_languages() -> None:
    for level in RETAIL.levels:
        for state in RETAIL.states(level).values():
            assert set(state.about) == {"ru", "bg", "kk", "uk", "en"}, state.key


# --- who may do what ---------------------------------------------------------------------------------------------

MOVES_OF_PEOPLE = {
    "order": {
        ("platform", "payment_received"): {
            "confirm_payment",
            "hold",
            "cancel_for_buyer",
            "cancel_with_part_refund",
        },
        ("platform", "payment_confirmed"): {"cancel_for_buyer", "cancel_with_part_refund"},
        ("platform", "packaging"): {"cancel_for_buyer", "cancel_with_part_refund"},
        ("platform", "on_hold"): {"confirm_payment", "reject_payment"},
        ("operator", "payment_confirmed"): {"start_packing"},
        ("operator", "packaging"): {"ship"},
        ("buyer", "pending"): {"cancel"},
        ("buyer", "payment_received"): {"request_cancellation"},
        ("buyer", "payment_confirmed"): {"request_cancellation"},
        ("buyer", "packaging"): {"request_cancellation"},
        ("buyer", "on_hold"): {"request_cancellation"},
        ("supervisor", "on_hold"): {"correct_on_hold_payment_received"},
        ("supervisor", "shipped"): {"correct_shipped_packaging"},
    },
    "item": {
        **{
            (role, state): {"extend_processing"}
            for role in ("seller", "operator", "platform")
            for state in ("payment_received", "payment_confirmed", "packaging")
        },
        ("operator", "packaging"): {"prepare", "check_quality", "pack", "ship", "extend_processing"},
        ("platform", "shipped"): {"give_up"},
        ("supervisor", "shipped"): {"correct_shipped_packaging"},
    },
}


@pytest.mark.parametrize("level", ["order", "item"])
def test_each_role_may_in_each_status_do_exactly_this(level: str) -> None:
    leaves = [key for key in RETAIL.states(level) if RETAIL.leaves(level, key) == (key,)]
    found = {
        (role, state): {possible.transition.name for possible in possible_actions(RETAIL, level, state, role)}
        for role in PEOPLE
        for state in leaves
    }
    assert {key: moves for key, moves in found.items() if moves} == MOVES_OF_PEOPLE[level]


@pytest.mark.parametrize("state", ["cancelled", "delivered", "not_delivered"])
def test_an_ended_order_can_only_be_read(state: str) -> None:
    assert RETAIL.is_final("order", state)
    assert all(possible_actions(RETAIL, "order", state, role) == [] for role in PEOPLE)


def test_the_warehouse_does_not_see_an_unpaid_order() -> None:
    for level in ("order", "item"):
        seen = visible_states(RETAIL, level, "operator")
        assert seen is not None
        assert "pending" not in seen
        assert set(SUB_STATES) < seen


# --- payment and the safety check --------------------------------------------------------------------------------


def test_a_payment_starts_processing_without_anybody() -> None:
    paid = asked("receive_payment", "payment", an_order("pending"))
    assert paid.target == "payment_received"
    assert effects_of(paid) == ["ledger.capture", "children.fire", "notify"]


def test_a_payment_short_by_one_cent_waits_for_the_rest() -> None:
    assert (
        refusal("receive_payment", "payment", an_order("pending", paid=4999)).guard == "amount_covers_order"
    )


def test_a_failed_check_confirms_nothing() -> None:
    order = an_order("payment_received")
    assert refusal("confirm_payment", "platform", order).field == "safety_check"
    failed = refusal("confirm_payment", "platform", order, supplied={"safety_check": "failed"})
    assert failed.guard == "safety_check_passed"


@pytest.mark.parametrize("state", ["payment_received", "on_hold"])
def test_a_passed_check_starts_preparation_with_a_task_for_the_warehouse(state: str) -> None:
    done = asked("confirm_payment", "platform", an_order(state), supplied={"safety_check": "passed"})
    assert done.target == "payment_confirmed"
    assert ("task.create", "operator") in [(one.name, one.parameters.get("queue")) for one in done.effects]


def test_a_hold_needs_a_reason_and_tells_the_buyer() -> None:
    order = an_order("payment_received")
    assert refusal("hold", "platform", order).field == "hold_reason"
    assert refusal("hold", "platform", order, supplied={"hold_reason": "other"}).guard == "reason_explained"
    held = asked("hold", "platform", order, supplied={"hold_reason": "address"})
    assert (held.target, held.effects[0].parameters["who"]) == ("on_hold", ("buyer",))


@pytest.mark.parametrize(
    ("allowed", "flags", "guard"),
    [(True, [], ""), (False, [], "nothing_suspicious"), (True, ["suspicious"], "nothing_suspicious")],
)
def test_time_confirms_a_payment_only_where_the_shop_allows_it(
    allowed: bool, flags: list[str], guard: str
) -> None:
    order, settings = an_order("payment_received", flags=flags), {"confirm_by_itself": allowed}
    if guard:
        assert refusal("confirm_by_itself", "timer", order, settings=settings).guard == guard
    else:
        assert asked("confirm_by_itself", "timer", order, settings=settings).target == "payment_confirmed"


# --- packing and shipping ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "tick"), [("prepare", "prepared"), ("check_quality", "quality_checked"), ("pack", "packed")]
)
def test_a_step_of_packing_is_ticked_and_the_status_stays(step: str, tick: str) -> None:
    item = an_item("1", "packaging")
    done = asked(step, "operator", an_order("packaging"), item, item=item, supplied={tick: True})
    assert (done.target, dict(done.supplied)) == ("packaging", {tick: True})


@pytest.mark.parametrize("open_step", ["prepared", "quality_checked", "packed"])
def test_shipping_is_refused_while_a_step_is_open(open_step: str) -> None:
    item = an_item("1", "packaging", fields={**DONE, open_step: False})
    order, supplied = an_order("packaging"), {"tracking_number": NUMBER}
    refused = refusal(
        "ship", "operator", order, an_item("2", "packaging", fields=DONE), item, supplied=supplied
    )
    assert (refused.guard, refused.listed) == ("steps_done", ("1 dress",))
    assert refusal("ship", "operator", order, item, item=item, supplied=supplied).guard == "steps_done"


def test_an_order_ships_with_its_number_and_tracking_starts() -> None:
    item = an_item("1", "packaging", fields=DONE)
    shipped = asked("ship", "operator", an_order("packaging"), item, supplied={"tracking_number": NUMBER})
    assert shipped.target == "shipped"
    assert effects_of(shipped) == ["track.start", "children.fire", "notify"]


def test_a_shipment_needs_a_number_unless_its_method_is_untracked() -> None:
    item = an_item("1", "packaging", fields=DONE)
    assert refusal("ship", "operator", an_order("packaging"), item).guard == "number_given"
    assert refusal("ship", "operator", an_order("packaging"), item, item=item).guard == "number_given"
    assert asked("ship", "operator", an_order("packaging", is_untracked=True), item).target == "shipped"


def test_a_mistyped_number_is_taken_only_after_it_was_compared() -> None:
    item, order = an_item("1", "packaging", fields=DONE), an_order("packaging")
    typed = {"tracking_number": MISTYPED}
    assert refusal("ship", "operator", order, item, supplied=typed).guard == "number_right"
    insisted = asked("ship", "operator", order, item, supplied={**typed, "number_checked": True})
    assert insisted.supplied["tracking_number"] == MISTYPED


def test_what_has_left_separately_is_not_shipped_again_with_the_order() -> None:
    rest = an_item("2", "packaging", fields=DONE)
    refused = refusal(
        "ship",
        "operator",
        an_order("packaging"),
        an_item("1", "shipped"),
        rest,
        supplied={"tracking_number": NUMBER},
    )
    assert (refused.guard, refused.listed) == ("all_items_here", ("2 dress",))


def test_the_order_is_shipped_when_the_last_item_is_out_and_not_before() -> None:
    order, gone = an_order("packaging"), an_item("1", "shipped")
    early = refusal("finish_shipping", "system", order, gone, an_item("2", "packaging"))
    assert (early.guard, early.listed) == ("all_items_out", ("2 dress",))
    assert asked("finish_shipping", "system", order, gone, an_item("2", "delivered")).target == "shipped"


def test_a_partly_shipped_order_counts_pieces() -> None:
    items = [an_item("1", "shipped", quantity=2), an_item("1b", "packaging", quantity=1)]
    (told,) = progress(RETAIL, {"order": an_order("packaging"), "items": items})
    assert (told.done, told.all) == (2, 3)
    assert told.words["ru"] == "Частично отправлен, 2/3"


# --- delivery ----------------------------------------------------------------------------------------------------


def test_the_carrier_delivers_and_the_return_window_opens() -> None:
    done = asked("deliver", "carrier", an_order("shipped"), an_item("1", "shipped"))
    assert done.target == "delivered"
    opened = [dict(one.parameters) for one in done.effects if one.name == "window.open"]
    assert opened == [{"days": 14}]


def test_an_order_in_two_boxes_is_delivered_with_the_second() -> None:
    order, here = an_order("shipped"), an_item("1", "delivered")
    early = refusal("finish_delivery", "system", order, here, an_item("2", "shipped"))
    assert (early.guard, early.listed) == ("all_items_arrived", ("2 dress",))
    assert (
        asked("finish_delivery", "system", order, here, an_item("2", "not_delivered")).target == "delivered"
    )


def test_only_an_untracked_shipment_counts_as_delivered_by_time() -> None:
    assert refusal("assume_delivered", "timer", an_order("shipped")).guard == "untracked"
    assert asked("assume_delivered", "timer", an_order("shipped", is_untracked=True)).target == "delivered"


# --- cancelling --------------------------------------------------------------------------------------------------


def test_a_buyer_cancels_an_unpaid_order_himself() -> None:
    done = asked("cancel", "buyer", an_order("pending", paid=0))
    assert (done.target, effects_of(done)) == ("cancelled", ["children.fire"])


@pytest.mark.parametrize("state", [*SUB_STATES, "on_hold"])
def test_after_payment_a_buyer_asks_support_and_the_status_stays(state: str) -> None:
    item = an_item("1", "payment_received" if state == "on_hold" else state)
    done = asked(
        "request_cancellation", "buyer", an_order(state), item, supplied={"request_note": "too slow"}
    )
    assert done.target == state
    assert ("task.create", "support") in [(one.name, one.parameters.get("queue")) for one in done.effects]


def test_nothing_is_cancelled_once_an_item_is_with_the_carrier() -> None:
    order, items = an_order("packaging"), [an_item("1", "shipped"), an_item("2", "packaging")]
    asking = refusal("request_cancellation", "buyer", order, *items, supplied={"request_note": "late"})
    assert asking.guard == "nothing_sent"
    for move in ("cancel_for_buyer", "cancel_with_part_refund"):
        refused = refusal(move, "platform", order, *items, supplied={"cancel_reason": "buyer_asked"})
        assert (refused.guard, refused.listed) == ("not_handed_over", ("1 dress",))


def test_a_cancelled_order_is_refunded_in_full() -> None:
    order, item = an_order("payment_confirmed"), an_item("1", "payment_confirmed", flags=["made_to_order"])
    done = asked("cancel_for_buyer", "platform", order, item, supplied={"cancel_reason": "buyer_asked"})
    assert (done.target, effects_of(done)) == ("cancelled", ["ledger.refund_full", "children.fire", "notify"])


def test_late_cancelling_of_made_to_order_goods_refunds_a_share() -> None:
    order = an_order("packaging")
    late = an_item("1", "packaging", flags=["made_to_order", "free_cancellation_over"])
    supplied = {"cancel_reason": "buyer_asked"}
    refused = refusal("cancel_for_buyer", "platform", order, late, supplied=supplied)
    assert (refused.guard, refused.listed) == ("refunded_in_full", ("1 dress",))
    assert asked("cancel_with_part_refund", "platform", order, late, supplied=supplied).target == "cancelled"


def test_goods_that_the_shop_cannot_supply_are_always_refunded_in_full() -> None:
    order = an_order("packaging")
    late = an_item("1", "packaging", flags=["made_to_order", "free_cancellation_over"])
    supplied = {"cancel_reason": "sold_out"}
    assert asked("cancel_for_buyer", "platform", order, late, supplied=supplied).target == "cancelled"
    refused = refusal("cancel_with_part_refund", "platform", order, late, supplied=supplied)
    assert refused.guard == "some_made_to_order"


@pytest.mark.parametrize(
    ("flags", "settings", "per_mille"),
    [
        ([], {}, 1000),
        (["made_to_order"], {}, 1000),
        (["made_to_order", "free_cancellation_over"], {}, 500),
        (["made_to_order", "free_cancellation_over"], {"made_to_order_refund": 250}, 250),
    ],
)
def test_the_refund_share_is_the_shops_setting(
    flags: list[str], settings: dict[str, int], per_mille: int
) -> None:
    item = an_item("1", "packaging", flags=flags)
    done = asked("cancel_with_refund", "system", an_order("cancelled"), item, item=item, settings=settings)
    assert [dict(one.parameters) for one in done.effects] == [{"share": per_mille}]


# --- clocks ------------------------------------------------------------------------------------------------------


def due(level: str, timer: str, anchor: datetime, **fields: int) -> datetime | None:
    rule = RETAIL.timers(level)[timer]
    return due_at(rule, {rule.anchor: anchor}, settings=RETAIL.settings_with({}), fields=fields)


def test_a_payment_is_to_be_confirmed_within_24_hours() -> None:
    paid_at = datetime(2026, 11, 20, 10, 2, tzinfo=UTC)
    assert due("order", "confirmation_late", paid_at) == datetime(2026, 11, 21, 10, 2, tzinfo=UTC)


def test_three_working_days_from_a_friday_end_on_wednesday() -> None:
    confirmed_at = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
    found = due("order", "dispatch_late", confirmed_at, processing_days=3)
    assert found is not None
    assert found.astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat() == "2026-11-25"


def test_the_guarantee_counts_hours_and_only_for_marked_goods() -> None:
    confirmed_at = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
    assert due("item", "guarantee_broken", confirmed_at) == datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
    unless = RETAIL.timers("item")["guarantee_broken"].unless
    assert unless is not None
    assert unless.source == '!("ships_in_24_hours" in item.flags)'


def test_a_broken_guarantee_pays_the_buyer_what_the_shop_set() -> None:
    item = an_item("1", "packaging", flags=["ships_in_24_hours"])
    done = asked(
        "break_guarantee", "timer", an_order("packaging"), item, item=item, settings={"guarantee_refund": 200}
    )
    assert (done.target, dict(done.effects[0].parameters)) == ("packaging", {"share": 200})
    assert effects_of(done) == ["ledger.refund", "task.create", "notify"]
