"""The marketplace's profile says what its seller's instruction says: who sets which status, and with what."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from sledi import profiles
from sledi.core.workflow import Refused, decide, due_at, possible_actions, progress, visible_states
from sledi.core.workflow.vocabulary import PEOPLE

MARKETPLACE = profiles.workflow("marketplace")
ORDER_STATES = [key for key in MARKETPLACE.states("order") if MARKETPLACE.leaves("order", key) == (key,)]
NUMBER = "CP319072651BG"
MISTYPED = "CP319072652BG"
ENCLOSED = {"warranty_card": True, "invoice": True, "return_form": True}
SHIPMENT = {"tracking_number": NUMBER, **ENCLOSED}
NOTED = {"note": "The cup was cracked, the money goes back today."}
WINDOW_ENDS_AT = 1_798_524_000
SENT, ARRIVED = ({"state": state, "number": "P1", "numbers": [NUMBER]} for state in ("sent", "delivered"))


def an_order(state: str, **facts: Any) -> dict[str, Any]:
    usual = {
        "total": 10500,
        "paid": 10500,
        "is_cash_on_delivery": False,
        "processing_days": 3,
        "window_ends_at": 0,
        "flags": [],
        "fields": {},
    }
    return {"state": state, "number": "20417", "currency": "EUR", **usual, **facts}


def asked(
    name: str,
    role: str,
    order: Mapping[str, Any],
    *parcels: Mapping[str, Any],
    level: str = "order",
    state: str | None = None,
    supplied: Mapping[str, Any] | None = None,
    now: int = 0,
) -> Any:
    """Ask for a move of the order, or of a parcel or case of it that stands in ``state``."""
    context = {"order": order, "items": [], "parcels": list(parcels), "settings": {}, "now": now}
    return decide(
        MARKETPLACE,
        level,
        name,
        state=order["state"] if state is None else state,
        role=role,
        supplied=supplied or {},
        context=context if level == "order" else {**context, level: {"state": state, "fields": {}}},
    )


def refusal(*question: Any, **more: Any) -> Refused:
    with pytest.raises(Refused) as refused:
        asked(*question, **more)
    return refused.value


def effects_of(decision: Any) -> list[str]:
    return [effect.name for effect in decision.effects]


def queues_of(decision: Any) -> list[str]:
    return [effect.parameters["queue"] for effect in decision.effects if effect.name == "task.create"]


# --- the page's words --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "label"),
    [
        ("processed", "PROCESSED"),
        ("processing", "PROCESSING"),
        ("shipped", "SHIPPED"),
        ("complete", "COMPLETE"),
        ("refunded", "refunded"),
    ],
)
def test_the_statuses_bear_the_labels_of_the_page_in_every_language(state: str, label: str) -> None:
    found = MARKETPLACE.states("order")[state]
    assert found.label == dict.fromkeys(("bg", "ru", "kk", "uk", "en"), label)
    assert set(found.about) == {"bg", "ru", "kk", "uk", "en"}


def test_complete_and_refunded_say_below_their_label_what_they_mean() -> None:
    assert MARKETPLACE.leaves("order", "complete") == (
        "complete_to_verify",
        "complete_verified",
        "complete_disputed",
    )
    assert MARKETPLACE.leaves("order", "refunded") == ("money_returned", "goods_exchanged")


def test_the_stage_bar_has_the_four_stages_of_the_instruction() -> None:
    assert [(stage.label["bg"], stage.states["order"]) for stage in MARKETPLACE.stages] == [
        ("Обработка", {"processed", "processing"}),
        ("Изпращане", {"shipped"}),
        ("При получаване", {"complete_to_verify", "complete_verified", "complete_disputed", "closed"}),
        ("Връщане на пари или замяна", {"money_returned", "goods_exchanged"}),
    ]


# --- who sets which status ---------------------------------------------------------------------------------------

DELIVERED_OR_LATER = {"shipped", "complete_to_verify", "complete_verified"}
WHO_SETS_WHAT = {
    # move: role, from, to ("" = the status stays)
    "set_delivery_option": ("platform", {"paid_unconfirmed"}, ""),
    "process": ("platform", {"paid_unconfirmed"}, "processed"),
    "reject_order": ("platform", {"paid_unconfirmed"}, "not_confirmed"),
    "verify": ("platform", {"complete_to_verify"}, "complete_verified"),
    "reject_completion": ("platform", {"complete_to_verify"}, "shipped"),
    "cancel": ("platform", {"processed", "processing"}, "cancelled"),
    "start": ("seller", {"processed"}, "processing"),
    "ship": ("seller", {"processing"}, "shipped"),
    "complete": ("seller", {"shipped"}, "complete_to_verify"),
    "refund": ("seller", {"complete_disputed"}, "money_returned"),
    "refund_without_case": ("seller", {*DELIVERED_OR_LATER, "closed"}, "money_returned"),
    "exchange": ("seller", {"complete_disputed"}, "goods_exchanged"),
    "exchange_without_case": ("seller", DELIVERED_OR_LATER, "goods_exchanged"),
    "refund_part": ("seller", {*DELIVERED_OR_LATER, "complete_disputed", "closed"}, ""),
    "request_cancellation": ("buyer", {"processed", "processing"}, ""),
    "report_not_received": ("buyer", {"shipped", "complete_to_verify"}, ""),
    "correct_processing_processed": ("supervisor", {"processing"}, "processed"),
}


@pytest.mark.parametrize("role", PEOPLE)
def test_each_role_sets_exactly_its_own_statuses(role: str) -> None:
    allowed, wanted = set(), set()
    for name in MARKETPLACE.transitions("order"):
        for state in ORDER_STATES:
            if _is_open(name, role, state):
                allowed.add((name, state))
    for name, (owner, sources, _target) in WHO_SETS_WHAT.items():
        wanted |= {(name, state) for state in sources if owner == role}
    assert allowed == wanted


def _is_open(name: str, role: str, state: str) -> bool:
    """Whether neither the role nor the state is what refuses the move."""
    try:
        asked(name, role, an_order(state))
    except Refused as refused:
        return refused.reason not in {"wrong_role", "wrong_state"}
    return True


def test_each_move_leads_where_the_instruction_says() -> None:
    moves = MARKETPLACE.transitions("order")
    assert {name: moves[name].target or "" for name in WHO_SETS_WHAT} == {
        name: target for name, (_owner, _sources, target) in WHO_SETS_WHAT.items()
    }


def test_a_buyer_sets_no_status() -> None:
    of_buyer = [move for move in MARKETPLACE.transitions("order").values() if "buyer" in move.roles]
    assert [(move.name, move.target) for move in of_buyer] == [
        ("request_cancellation", None),
        ("report_not_received", None),
    ]


def test_a_seller_sees_an_order_from_processed_on() -> None:
    seen = visible_states(MARKETPLACE, "order", "seller")
    assert seen is not None
    assert set(ORDER_STATES) - seen == {"paid_unconfirmed", "not_confirmed"}


# --- payment -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paid", "is_cash_on_delivery", "guard"),
    [
        (10500, False, ""),
        (0, True, ""),
        (10499, False, "paid_or_on_delivery"),
        (0, False, "paid_or_on_delivery"),
    ],
)
def test_processed_needs_the_money_or_cash_on_delivery(
    paid: int, is_cash_on_delivery: bool, guard: str
) -> None:
    order = an_order("paid_unconfirmed", paid=paid, is_cash_on_delivery=is_cash_on_delivery)
    if guard:
        assert refusal("process", "platform", order).guard == guard
    else:
        done = asked("process", "platform", order)
        assert (done.target, effects_of(done)) == ("processed", ["ledger.hold", "notify"])
        assert done.effects[1].parameters["who"] == ("seller",)


def test_a_seller_cannot_confirm_his_own_payment() -> None:
    assert refusal("process", "seller", an_order("paid_unconfirmed")).reason == "wrong_role"


def test_an_arriving_payment_is_confirmed_by_the_platform_not_by_itself() -> None:
    noted = asked("note_payment", "payment", an_order("paid_unconfirmed"))
    assert (noted.target, queues_of(noted)) == ("paid_unconfirmed", ["platform"])


# --- shipping ----------------------------------------------------------------------------------------------------


def test_shipped_is_refused_without_a_tracking_number() -> None:
    for supplied in (
        ENCLOSED,
        {**ENCLOSED, "note": f"sent as {NUMBER}"},
        {**ENCLOSED, "tracking_number": " "},
    ):
        refused = refusal("ship", "seller", an_order("processing"), supplied=supplied)
        assert (refused.reason, refused.field) == ("missing_field", "tracking_number")


def test_shipped_makes_a_parcel_follows_it_and_tells_the_buyer() -> None:
    shipped = asked("ship", "seller", an_order("processing"), supplied=SHIPMENT)
    assert shipped.target == "shipped"
    assert effects_of(shipped) == ["parcel.create", "track.start", "notify"]
    assert shipped.effects[2].parameters["who"] == ("buyer",)


@pytest.mark.parametrize("state", ["processed", "shipped", "complete_verified"])
def test_shipped_follows_processing_alone(state: str) -> None:
    assert refusal("ship", "seller", an_order(state), supplied=SHIPMENT).reason == "wrong_state"


@pytest.mark.parametrize("missing", sorted(ENCLOSED))
def test_a_missing_enclosure_needs_a_reason(missing: str) -> None:
    order, supplied = (
        an_order("processing"),
        {key: value for key, value in SHIPMENT.items() if key != missing},
    )
    assert refusal("ship", "seller", order, supplied=supplied).guard == "enclosures"
    explained = asked("ship", "seller", order, supplied={**supplied, "enclosure_reason": "sent by e-mail"})
    assert explained.supplied["enclosure_reason"] == "sent by e-mail"
    assert missing not in explained.supplied


def test_another_carrier_than_the_buyer_chose_needs_a_reason() -> None:
    order = an_order("processing", fields={"chosen_carrier": "speedy"})
    other = {**SHIPMENT, "carrier": "bulgarian_posts"}
    assert refusal("ship", "seller", order, supplied=other).guard == "carrier_as_chosen"
    assert asked("ship", "seller", order, supplied={**other, "carrier_reason": "strike"}).target == "shipped"
    assert refusal("ship", "seller", order, supplied=SHIPMENT).guard == "carrier_as_chosen"
    chosen = {**SHIPMENT, "tracking_number": "63212345678", "number_checked": True}
    for named in ({}, {"carrier": "speedy"}):
        assert asked("ship", "seller", order, supplied={**chosen, **named}).target == "shipped"


def test_a_mistyped_number_is_taken_only_after_it_was_compared() -> None:
    order, typed = an_order("processing"), {**SHIPMENT, "tracking_number": MISTYPED}
    assert refusal("ship", "seller", order, supplied=typed).guard == "number_right"
    assert asked("ship", "seller", order, supplied={**typed, "number_checked": True}).target == "shipped"


def test_another_parcel_joins_an_order_that_is_shipped() -> None:
    number = {"tracking_number": NUMBER}
    early = refusal("add", "seller", an_order("processing"), level="parcel", state="", supplied=number)
    assert early.guard == "order_is_shipped"
    added = asked("add", "seller", an_order("shipped"), SENT, level="parcel", state="", supplied=number)
    assert (added.target, effects_of(added)) == ("sent", ["track.start", "notify"])


# --- receipt -----------------------------------------------------------------------------------------------------


def test_complete_waits_for_the_platform_and_is_not_the_end() -> None:
    done = asked("complete", "seller", an_order("shipped"), SENT)
    assert (done.target, queues_of(done)) == ("complete_to_verify", ["platform"])
    assert not MARKETPLACE.is_final("order", "complete_to_verify")


@pytest.mark.parametrize("move", ["verify", "verify_by_evidence"])
def test_a_delivery_is_verified_by_evidence_for_every_parcel(move: str) -> None:
    role, order = ("platform" if move == "verify" else "system"), an_order("complete_to_verify")
    assert refusal(move, role, order).guard == "evidence"
    early = refusal(move, role, order, ARRIVED, {**SENT, "number": "P2"})
    assert (early.guard, early.listed) == ("evidence", ("P2",))
    verified = asked(move, role, order, ARRIVED, ARRIVED)
    assert verified.target == "complete_verified"
    assert (verified.effects[0].name, dict(verified.effects[0].parameters)) == ("window.open", {"days": 14})


def test_the_carriers_delivery_tries_to_verify_the_order() -> None:
    arrived = asked("arrive", "carrier", an_order("complete_to_verify"), SENT, level="parcel", state="sent")
    assert arrived.target == "delivered"
    assert dict(arrived.effects[0].parameters) == {"name": "verify_by_evidence", "level": "order"}


def test_complete_without_evidence_goes_back_with_a_reason() -> None:
    order = an_order("complete_to_verify")
    assert refusal("reject_completion", "platform", order, SENT).field == "rejection"
    back = asked("reject_completion", "platform", order, SENT, supplied={"rejection": "no_scan"})
    assert (back.target, back.effects[0].parameters["who"]) == ("shipped", ("seller",))
    proved = refusal("reject_completion", "platform", order, ARRIVED, supplied={"rejection": "no_scan"})
    assert proved.guard == "no_evidence"


def test_a_delivery_recorded_by_hand_names_its_day_and_its_evidence() -> None:
    order = an_order("complete_to_verify")
    more = {"level": "parcel", "state": "sent"}
    assert refusal("record_delivery", "platform", order, SENT, **more).field == "delivered_on"
    dated = {"delivered_on": "2026-12-10"}
    assert refusal("record_delivery", "platform", order, SENT, supplied=dated, **more).field == "evidence"


def test_an_order_closes_when_its_window_is_over_and_the_money_is_released() -> None:
    order = an_order("complete_verified", window_ends_at=WINDOW_ENDS_AT)
    assert refusal("close", "timer", order, ARRIVED, now=WINDOW_ENDS_AT - 1).guard == "window_over"
    closed = asked("close", "timer", order, ARRIVED, now=WINDOW_ENDS_AT)
    assert (closed.target, effects_of(closed)) == ("closed", ["ledger.release", "children.fire", "notify"])
    assert refusal("close", "timer", an_order("complete_verified"), now=WINDOW_ENDS_AT).guard == "window_over"


def test_an_open_case_keeps_an_order_from_closing() -> None:
    order = an_order("complete_disputed", window_ends_at=WINDOW_ENDS_AT)
    assert refusal("close", "timer", order, ARRIVED, now=WINDOW_ENDS_AT).reason == "wrong_state"
    assert asked("resume", "system", order, ARRIVED).target == "complete_verified"


# --- refunded ----------------------------------------------------------------------------------------------------

OF_REFUNDED = [
    ("refund", "complete_disputed"),
    ("exchange", "complete_disputed"),
    ("refund_without_case", "shipped"),
    ("exchange_without_case", "complete_verified"),
]


@pytest.mark.parametrize(("move", "state"), OF_REFUNDED)
def test_refunded_needs_a_note(move: str, state: str) -> None:
    refused = refusal(move, "seller", an_order(state), ARRIVED)
    assert (refused.reason, refused.field) == ("missing_field", "note")


@pytest.mark.parametrize(("move", "state"), OF_REFUNDED)
def test_buyer_and_platform_hear_of_refunded(move: str, state: str) -> None:
    done = asked(move, "seller", an_order(state), ARRIVED, supplied=NOTED)
    assert done.effects[-1].parameters["who"] == ("buyer", "platform")


@pytest.mark.parametrize(("move", "state"), OF_REFUNDED)
def test_refunded_without_a_case_is_flagged_to_the_platform(move: str, state: str) -> None:
    done = asked(move, "seller", an_order(state), ARRIVED, supplied=NOTED)
    assert queues_of(done) == (["platform"] if move.endswith("_without_case") else [])


@pytest.mark.parametrize(("move", "state"), OF_REFUNDED)
def test_a_refund_moves_money_and_an_exchange_does_not(move: str, state: str) -> None:
    done = asked(move, "seller", an_order(state), ARRIVED, supplied=NOTED)
    money = [name for name in effects_of(done) if name.startswith("ledger.")]
    assert money == (["ledger.refund_full"] if move.startswith("refund") else [])


def test_money_can_be_returned_even_after_the_payout() -> None:
    assert (
        asked("refund_without_case", "seller", an_order("closed"), supplied=NOTED).target == "money_returned"
    )


@pytest.mark.parametrize(("percent", "problem"), [(0, "too_small"), (100, "too_large")])
def test_a_part_is_neither_nothing_nor_everything(percent: int, problem: str) -> None:
    order, supplied = an_order("shipped"), {"refund_percent": percent, **NOTED}
    assert refusal("refund_part", "seller", order, supplied=supplied).problem == problem


def test_a_part_of_the_money_goes_back_and_the_status_stays() -> None:
    done = asked("refund_part", "seller", an_order("shipped"), supplied={"refund_percent": 15, **NOTED})
    assert (done.target, dict(done.effects[0].parameters)) == ("shipped", {"share": 150})


def test_exchanged_goods_leave_under_the_conditions_of_the_first_shipment() -> None:
    order, more = an_order("goods_exchanged"), {"level": "parcel", "state": ""}
    assert refusal("send_replacement", "seller", order, ARRIVED, **more).field == "tracking_number"
    bare = {"tracking_number": NUMBER}
    assert refusal("send_replacement", "seller", order, ARRIVED, supplied=bare, **more).guard == "enclosures"
    sent = asked("send_replacement", "seller", order, ARRIVED, supplied=SHIPMENT, **more)
    assert (sent.target, effects_of(sent)) == ("sent", ["track.start", "parent.fire", "notify"])
    assert asked("resume_shipping", "system", order).target == "shipped"


def test_a_replacement_is_sent_only_after_an_exchange() -> None:
    refused = refusal(
        "send_replacement", "seller", an_order("shipped"), SENT, level="parcel", state="", supplied=SHIPMENT
    )
    assert refused.guard == "goods_are_exchanged"


# --- cancelling before shipping ----------------------------------------------------------------------------------


def test_a_buyer_may_ask_for_cancellation_once_the_seller_is_late() -> None:
    assert refusal("request_cancellation", "buyer", an_order("processing")).guard == "seller_is_late"
    done = asked("request_cancellation", "buyer", an_order("processing", flags=["handling_late"]))
    assert (done.target, queues_of(done)) == ("processing", ["platform"])


@pytest.mark.parametrize("state", ["processed", "processing"])
def test_the_platform_cancels_with_a_reason_and_refunds(state: str) -> None:
    assert refusal("cancel", "platform", an_order(state)).field == "cancel_reason"
    assert refusal("cancel", "platform", an_order(state), supplied={"cancel_reason": "other"}).guard == (
        "reason_explained"
    )
    done = asked("cancel", "platform", an_order(state), supplied={"cancel_reason": "late"})
    assert (done.target, effects_of(done)[0]) == ("cancelled", "ledger.refund_full")


# --- cases -------------------------------------------------------------------------------------------------------

CLAIM = {"complaint": "damaged", "action": "refund"}


def opened(order: Mapping[str, Any], *parcels: Mapping[str, Any], **more: Any) -> Any:
    return asked("open", "buyer", order, *parcels, level="case", state="", supplied=CLAIM, **more)


@pytest.mark.parametrize("state", ["shipped", "complete_to_verify", "complete_verified"])
def test_a_buyer_opens_a_case_after_delivery_whatever_the_seller_clicked(state: str) -> None:
    done = opened(an_order(state), ARRIVED)
    assert (done.target, queues_of(done)) == ("opened", ["seller"])
    assert dict(done.effects[0].parameters) == {"name": "dispute"}
    assert asked("dispute", "system", an_order(state), ARRIVED).target == "complete_disputed"


@pytest.mark.parametrize(
    ("order", "parcel", "now", "guard"),
    [
        (
            an_order("complete_verified", window_ends_at=WINDOW_ENDS_AT),
            ARRIVED,
            WINDOW_ENDS_AT,
            "within_window",
        ),
        (an_order("closed", window_ends_at=WINDOW_ENDS_AT), ARRIVED, WINDOW_ENDS_AT, "within_window"),
        (an_order("shipped"), SENT, 0, "delivered"),
        (an_order("processing"), ARRIVED, 0, "delivered"),
        (an_order("complete_disputed", window_ends_at=WINDOW_ENDS_AT), ARRIVED, 0, "no_open_case"),
    ],
)
def test_a_case_is_opened_once_after_delivery_and_within_the_window(
    order: Mapping[str, Any], parcel: Mapping[str, Any], now: int, guard: str
) -> None:
    with pytest.raises(Refused) as refused:
        opened(order, parcel, now=now)
    assert refused.value.guard == guard


def test_the_last_second_of_the_window_still_counts() -> None:
    order = an_order("complete_verified", window_ends_at=WINDOW_ENDS_AT)
    assert opened(order, ARRIVED, now=WINDOW_ENDS_AT - 1).target == "opened"


def test_the_case_is_answered_by_the_seller_and_decided_by_the_platform() -> None:
    found = {
        (role, state): [one.transition.name for one in possible_actions(MARKETPLACE, "case", state, role)]
        for role in PEOPLE
        for state in MARKETPLACE.states("case")
    }
    decisions = ["decide_refund", "decide_exchange", "reject"]
    assert {key: names for key, names in found.items() if names} == {
        ("seller", "opened"): ["answer"],
        ("platform", "opened"): decisions,
        ("platform", "answered"): decisions,
        ("buyer", "opened"): ["send_back", "withdraw"],
        ("buyer", "answered"): ["send_back", "withdraw"],
    }


@pytest.mark.parametrize(
    ("move", "target", "fired"),
    [
        ("decide_refund", "solved_refund", "refund_by_decision"),
        ("decide_exchange", "solved_exchange", "exchange_by_decision"),
        ("reject", "rejected", "resume"),
    ],
)
def test_a_decision_is_explained_and_moves_the_order(move: str, target: str, fired: str) -> None:
    order, more = an_order("complete_disputed"), {"level": "case", "state": "answered"}
    assert refusal(move, "platform", order, ARRIVED, **more).field == "note"
    done = asked(move, "platform", order, ARRIVED, supplied=NOTED, **more)
    assert (done.target, dict(done.effects[0].parameters)) == (target, {"name": fired})


# --- payouts -----------------------------------------------------------------------------------------------------


def test_a_payout_is_scheduled_sent_and_paid_or_failed() -> None:
    moves = MARKETPLACE.transitions("payout").values()
    assert [(move.name, set(move.sources), move.target) for move in moves] == [
        ("send", {"scheduled"}, "in_transit"),
        ("settle", {"in_transit"}, "paid"),
        ("fail", {"in_transit"}, "failed"),
    ]
    assert not any({"seller", "buyer"} & move.roles for move in moves)


# --- clocks ------------------------------------------------------------------------------------------------------


def due(timer: str, anchor: datetime, *, level: str = "order", **fields: int) -> datetime | None:
    rule = MARKETPLACE.timers(level)[timer]
    return due_at(rule, {rule.anchor: anchor}, settings=MARKETPLACE.settings_with({}), fields=fields)


def test_a_seller_who_stated_three_days_is_late_on_the_fourth() -> None:
    started_at = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    found = due("handling_late", started_at, processing_days=3)
    assert found is not None
    assert found.date().isoformat() == "2026-11-23"
    assert MARKETPLACE.timers("order")["handling_late"].flag == "handling_late"


def test_an_option_counts_its_period_in_days_or_in_working_days() -> None:
    shipped_at = datetime(2026, 12, 18, 8, 0, tzinfo=UTC)  # a Friday before Christmas
    in_days = due("delivery_late", shipped_at, delivery_days=7)
    in_working_days = due("delivery_late_working", shipped_at, delivery_working_days=7)
    assert in_days is not None
    assert in_working_days is not None
    assert in_days.date().isoformat() == "2026-12-25"
    assert in_working_days.date().isoformat() == "2027-01-04"
    assert due("delivery_late", shipped_at, delivery_working_days=7) is None


def test_the_order_closes_at_the_end_of_its_window() -> None:
    ends_at = datetime(2026, 12, 29, 22, 0, tzinfo=UTC)
    rule = MARKETPLACE.timers("order")["window_over"]
    assert (rule.anchor, rule.fire, due("window_over", ends_at)) == ("window_end", "close", ends_at)


def test_evidence_that_came_before_complete_verifies_at_once() -> None:
    delivered_at = datetime(2026, 12, 10, 9, 30, tzinfo=UTC)
    rule = MARKETPLACE.timers("order")["evidence_is_there"]
    assert (rule.fire, due("evidence_is_there", delivered_at)) == ("verify_by_evidence", delivered_at)


def test_a_delivery_the_seller_never_reports_completes_by_evidence() -> None:
    delivered_at = datetime(2026, 12, 10, 9, 30, tzinfo=UTC)
    found = due("receipt_unreported", delivered_at)
    assert found is not None
    assert found.date().isoformat() == "2026-12-17"
    early = refusal("complete_by_evidence", "timer", an_order("shipped"), SENT)
    assert early.guard == "evidence"
    assert asked("complete_by_evidence", "timer", an_order("shipped"), ARRIVED).target == "complete_verified"


def test_parcels_of_an_order_are_counted_until_all_are_there() -> None:
    (told,) = progress(MARKETPLACE, {"order": an_order("shipped"), "parcels": [ARRIVED, SENT]})
    assert told.words["bg"] == "Доставени пратки 1 от 2"
