"""One table decides: what is possible, what is refused and why, and what a move leads to."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sledi.core.workflow import (
    Decision,
    Effect,
    Refused,
    decide,
    derived_state,
    export,
    holds,
    load,
    possible_actions,
    progress,
    visible_states,
)
from sledi.core.workflow.tests.shop import context, document, item, shop
from sledi.core.workflow.vocabulary import ROLES

LANGUAGES = {"ru", "bg", "kk", "uk", "en"}


def move(level: str, name: str, state: str, role: str = "operator", **with_: Any) -> Decision:
    known = {"supplied": {}, "context": context(), **with_}
    return decide(shop(), level, name, state=state, role=role, **known)


def refusal(level: str, name: str, state: str, role: str = "operator", **with_: Any) -> Refused:
    with pytest.raises(Refused) as refused:
        move(level, name, state, role, **with_)
    return refused.value


def test_a_move_leads_to_its_target_with_its_effects() -> None:
    decision = move("item", "take", "queued")
    assert decision.target == "buying"
    assert decision.effects == (Effect("ledger.debit"),)
    assert decision.supplied == {}


def test_a_parents_children_are_where_its_moves_start() -> None:
    assert shop().leaves("item", "processing") == ("buying", "packaging")
    assert shop().transitions("item")["receive"].sources == {"buying", "packaging"}
    assert move("item", "receive", "packaging", supplied={"weight_g": "750"}).target == "received"


def test_a_move_without_a_target_leaves_the_state() -> None:
    assert move("item", "describe", "received", supplied={"note": "blue"}).target == "received"


def test_a_move_from_nothing_makes_the_entity() -> None:
    ready = context(item("received"), item("refused"))
    assert shop().transitions("parcel")["form"].creates
    assert move("parcel", "form", "", "logist", context=ready).target == "forming"


@pytest.mark.parametrize(
    ("level", "name", "state", "role", "reason"),
    [
        ("item", "devour", "queued", "operator", "unknown_move"),
        ("haul", "take", "queued", "operator", "unknown_move"),
        ("item", "take", "delivered", "buyer", "wrong_role"),
        ("item", "take", "received", "operator", "wrong_state"),
        ("item", "take", "", "operator", "wrong_state"),
        ("item", "take", "nowhere", "operator", "wrong_state"),
        ("parcel", "form", "forming", "logist", "wrong_state"),
    ],
)
def test_what_the_table_does_not_allow_is_refused(
    level: str, name: str, state: str, role: str, reason: str
) -> None:
    refused = refusal(level, name, state, role)
    assert refused.reason == reason
    assert set(refused.words) == LANGUAGES
    assert "received" not in str(refused.words)


def test_the_role_is_checked_before_the_state_and_the_state_before_the_fields() -> None:
    assert refusal("item", "receive", "delivered", "buyer", supplied={"x": 1}).reason == "wrong_role"
    assert refusal("item", "receive", "delivered", supplied={"x": 1}).reason == "wrong_state"
    assert refusal("item", "receive", "buying", supplied={"x": 1}).reason == "unknown_field"


def test_a_field_that_is_needed_is_asked_for_by_its_label() -> None:
    refused = refusal("item", "receive", "buying", supplied={"weight_g": "  "})
    assert (refused.reason, refused.field) == ("missing_field", "weight_g")
    assert refused.words["ru"] == "Заполните поле «Вес, г»."
    assert str(refused) == "Fill in the field “Weight, g”."


def test_a_field_nobody_asked_for_is_refused_by_its_name() -> None:
    refused = refusal("item", "take", "queued", supplied={"colour\x00\n": "blue"})
    assert (refused.reason, refused.field) == ("unknown_field", "colour")
    assert refused.words["en"] == "This action has no field “colour”. Leave it out."


def test_a_guard_refuses_in_the_profiles_words_and_lists_who_is_missing() -> None:
    waiting = context(
        item("received"), item("buying", number="10-2", name="Hat"), item("queued", number="10-3")
    )
    refused = refusal("parcel", "form", "", "logist", context=waiting)
    assert (refused.reason, refused.guard) == ("guard", "all_are_in")
    assert refused.listed == ("10-2 Hat", "10-3 Coat")
    assert refused.words == {"en": "Waiting for 10-2 Hat, 10-3 Coat.", "ru": "Ждём: 10-2 Hat, 10-3 Coat."}


@pytest.mark.parametrize(
    ("missing", "numbers", "listed"),
    [
        ("item.numbers", ["SF1", "SF2"], ("SF1", "SF2")),
        ("item.numbers", "SF1", None),
        ("item.numbers", 5, None),
    ],
)
def test_a_refusal_may_list_plain_texts_and_nothing_that_is_no_list(
    missing: str, numbers: Any, listed: tuple[str, ...] | None
) -> None:
    changed = document()
    guard = {
        "name": "no_numbers",
        "rule": "false",
        "words": {"en": "Not with {missing}.", "ru": "Не с {missing}."},
    }
    changed["transitions"]["item"]["describe"]["guards"] = [{**guard, "missing": missing}]
    with pytest.raises(Refused) as refused:
        decide(
            load(changed),
            "item",
            "describe",
            state="queued",
            role="operator",
            supplied={},
            context=context(item(numbers=numbers)),
        )
    assert refused.value.reason == ("guard_error" if listed is None else "guard")
    assert refused.value.listed == (listed or ())


@pytest.mark.parametrize("share", ["1001", "-1", "item.quantity * 900"])
def test_a_share_beyond_the_whole_refuses(share: str) -> None:
    changed = document()
    changed["transitions"]["item"]["expire"]["effects"] = [{"ledger.refund": {"share": share}}]
    with pytest.raises(Refused) as refused:
        decide(
            load(changed),
            "item",
            "expire",
            state="queued",
            role="timer",
            supplied={},
            context=context(item(quantity=2)),
        )
    assert refused.value.reason == "guard_error"


def test_a_short_guard_refuses_in_plain_words() -> None:
    refused = refusal("item", "take", "queued", context=context(item(quote_total=5001)))
    assert (refused.reason, refused.guard, refused.listed) == ("guard", "take", ())
    assert set(refused.words) == LANGUAGES


@pytest.mark.parametrize(("price", "is_agreed"), [("33", True), ("33.01", False), ("29,99", True)])
def test_the_price_may_rise_by_a_tenth_and_not_by_a_cent_more(price: str, is_agreed: bool) -> None:
    if is_agreed:
        assert move("item", "buy", "buying", supplied={"actual_price": price}).target == "packaging"
    else:
        refused = refusal("item", "buy", "buying", supplied={"actual_price": price})
        assert (refused.reason, refused.guard) == ("guard", "price_agreed")


def test_a_business_changes_a_rule_by_its_setting() -> None:
    lenient = context(settings={"is_strict": False})
    assert (
        move("item", "buy", "buying", supplied={"actual_price": "99"}, context=lenient).target == "packaging"
    )


def test_an_empty_optional_field_is_empty_text_in_a_rule() -> None:
    assert move("item", "refuse", "queued", supplied={"reason": "sold_out"}).supplied == {
        "reason": "sold_out"
    }
    assert refusal("item", "refuse", "queued", supplied={"reason": "other"}).guard == "explained"
    told = {"reason": "other", "note": " gone "}
    assert move("item", "refuse", "queued", supplied=told).supplied == {"reason": "other", "note": "gone"}


@pytest.mark.parametrize(
    "broken",
    [
        {"account": {}},
        {"account": None},
        {"account": {"available": "much"}},
        {"account": {"available": object()}},
        {"item": {}},
        {"item": 5},
    ],
)
def test_a_rule_that_cannot_be_evaluated_refuses_and_never_raises(broken: dict[str, Any]) -> None:
    refused = refusal("item", "take", "queued", context=context(**broken))
    assert (refused.reason, refused.guard) == ("guard_error", "take")
    assert refused.detail
    assert set(refused.words) == LANGUAGES


def test_a_missing_list_is_a_refusal_too() -> None:
    assert refusal("parcel", "form", "", "logist", context={}).reason == "guard_error"


def test_a_guard_that_yields_no_truth_refuses() -> None:
    doubtful = context(parcel={"weight_g": 900.5})
    assert move(
        "parcel", "send", "forming", "logist", supplied={"number_given": "RR473124829CN"}, context=doubtful
    )
    silent = context(parcel={"weight_g": None})
    told = {"number_given": "RR473124829CN"}
    assert (
        refusal("parcel", "send", "forming", "logist", supplied=told, context=silent).reason == "guard_error"
    )


def test_effects_come_with_their_final_parameters() -> None:
    assert move("item", "deliver", "received", "system").effects == (Effect("window.open", {"days": 14}),)
    longer = context(settings={"window_days": 30})
    opened = move("item", "deliver", "received", "system", context=longer).effects
    assert opened == (Effect("window.open", {"days": 30}),)
    effects = move("item", "refuse", "queued", supplied={"reason": "sold_out"}).effects
    assert [effect.name for effect in effects] == ["ledger.refund_full", "notify", "task.create"]
    assert effects[1].parameters == {"who": ("buyer", "reseller")}


@pytest.mark.parametrize(("quantity", "share"), [(1, 1000), (2, 500)])
def test_the_share_of_a_refund_is_worked_out(quantity: int, share: int) -> None:
    decision = move("item", "expire", "queued", "timer", context=context(item(quantity=quantity)))
    assert decision.effects == (Effect("ledger.refund", {"share": share}),)


def test_a_share_that_cannot_be_worked_out_refuses() -> None:
    refused = refusal("item", "expire", "queued", "timer", context=context(item(quantity="two")))
    assert (refused.reason, refused.guard) == ("guard_error", "ledger.refund")


def test_effects_fire_moves_of_other_levels() -> None:
    sent = move("parcel", "send", "forming", "carrier", supplied={"number_given": "RR473124829CN"})
    assert sent.effects == (
        Effect("track.start"),
        Effect("parent.fire", {"name": "reopen", "level": "order"}),
    )
    arrived = move("parcel", "arrive", "sent", "carrier")
    assert arrived.effects == (Effect("children.fire", {"name": "deliver"}),)


def test_a_correction_is_a_move_that_needs_a_note() -> None:
    correction = shop().transitions("item")["correct_received_buying"]
    assert correction.is_correction
    assert refusal("item", "correct_received_buying", "received", "supervisor").field == "note"
    decision = move(
        "item", "correct_received_buying", "received", "supervisor", supplied={"note": "wrong box"}
    )
    assert (decision.target, decision.effects) == ("buying", ())


def test_possible_actions_are_those_of_the_role_in_the_profiles_order() -> None:
    found = possible_actions(shop(), "item", "queued", "operator")
    assert [one.transition.name for one in found] == ["take", "describe", "refuse"]
    assert all(one.is_open for one in found)
    assert possible_actions(shop(), "item", "queued", "end_buyer") == []
    assert [one.transition.name for one in possible_actions(shop(), "parcel", "", "logist")] == ["form"]


def test_possible_actions_tell_what_stands_in_the_way() -> None:
    poor = context(account={"available": 0})
    found = {one.transition.name: one for one in possible_actions(shop(), "item", "queued", "operator", poor)}
    assert [refused.guard for refused in found["take"].refusals] == ["take"]
    assert not found["take"].is_open
    assert found["refuse"].is_open  # its guard needs the input, so it is judged when that is there


def test_a_level_the_profile_has_not_is_no_possible_question() -> None:
    with pytest.raises(KeyError):
        possible_actions(shop(), "haul", "", "operator")


STATES = {level: [*shop().states(level), ""] for level in shop().levels}
QUESTIONS = [
    (level, state, name) for level in STATES for state in STATES[level] for name in shop().transitions(level)
]


@given(st.sampled_from(QUESTIONS), st.sampled_from(ROLES))
def test_what_is_possible_is_decided_and_nothing_else(question: tuple[str, str, str], role: str) -> None:
    level, state, name = question
    possible = {one.transition.name for one in possible_actions(shop(), level, state, role)}
    try:
        decide(shop(), level, name, state=state, role=role, supplied={}, context={})
        reason = ""
    except Refused as refused:
        reason = refused.reason
    assert (name in possible) == (reason not in {"wrong_role", "wrong_state"})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


SOUND: dict[str, dict[str, Any]] = {
    "refuse": {"reason": "sold_out"},
    "buy": {"actual_price": "5"},
    "send": {"number_given": "LP00123456789012"},
}


@given(
    st.sampled_from([("item", "refuse", "queued"), ("item", "buy", "buying"), ("parcel", "send", "forming")]),
    st.dictionaries(st.sampled_from(["reason", "note", "actual_price", "shop_code", "number_given"]), JSON),
    st.dictionaries(st.sampled_from(["account", "item", "items", "order", "parcel", "settings"]), JSON),
)
def test_no_input_and_no_context_makes_a_decision_raise_anything_but_a_refusal(
    question: tuple[str, str, str], supplied: dict[str, Any], broken: dict[str, Any]
) -> None:
    level, name, state = question
    role = "logist" if level == "parcel" else "operator"
    given_before = {**SOUND[name], **supplied}
    with contextlib.suppress(Refused):
        decide(
            shop(),
            level,
            name,
            state=state,
            role=role,
            supplied=given_before,
            context={**context(), **broken},
        )


@pytest.mark.parametrize(
    ("items", "parcels", "quantity", "state"),
    [
        ([], [], 0, "open"),
        ([item("received")], [], 3, "open"),
        ([item("received", quantity=2)], [], 3, "partly_sent"),
        ([item("received", quantity=2)], [{"state": "arrived"}], 3, "done"),
        ([], [{}], 3, "open"),
    ],
)
def test_a_derived_state_is_the_first_rule_that_holds(
    items: list[Any], parcels: list[Any], quantity: int, state: str
) -> None:
    known = {"items": items, "parcels": parcels, "order": {"quantity": quantity}}
    assert derived_state(shop(), "order", known) == state


@given(st.dictionaries(st.sampled_from(["items", "parcels", "order", "account"]), JSON))
def test_there_is_always_a_derived_state(broken: dict[str, Any]) -> None:
    assert derived_state(shop(), "order", broken) in {"open", "partly_sent", "done"}


def test_only_derived_levels_have_derived_states() -> None:
    with pytest.raises(KeyError):
        derived_state(shop(), "item", context())


def test_progress_counts_pieces_while_the_order_shows_it() -> None:
    entries = [item("received", quantity=2), item("buying", quantity=3), item("delivered")]
    [told] = progress(shop(), context(*entries))
    assert (told.done, told.all) == (3, 6)
    assert told.words == {"en": "3 of 6", "ru": "3 из 6"}
    assert progress(shop(), context(*entries, order={"state": "done"})) == []


def test_a_timer_asks_whether_it_is_still_needed() -> None:
    unless = shop().timers("item")["stalled"].unless
    assert unless is not None
    assert not holds(shop(), unless, context(item("buying")))
    assert holds(shop(), unless, context(item("buying", fields={"note": "seller on holiday"})))
    assert not holds(shop(), unless, {})


def test_a_role_sees_the_states_it_is_shown_and_not_what_is_hidden() -> None:
    assert visible_states(shop(), "item", "end_buyer") == {"buying", "packaging", "received"}
    assert visible_states(shop(), "parcel", "end_buyer") is None
    assert visible_states(shop(), "item", "operator") is None
    assert shop().hidden_fields("end_buyer") == {"account", "internal_note", "actual_price"}
    assert shop().hidden_fields("operator") == frozenset()


def test_the_table_is_exported_as_plain_rows() -> None:
    rows = export(shop())
    assert ("item", "queued", "take", "buying", frozenset({"operator"})) in rows
    assert ("item", "received", "describe", "received", frozenset({"operator", "support"})) in rows
    assert ("parcel", "", "form", "forming", frozenset({"logist"})) in rows
    assert len(rows) == len({row[:3] for row in rows})
