"""The buyout profile does what the service's page promises to resellers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from sledi import profiles
from sledi.core.workflow import (
    Decision,
    Refused,
    decide,
    derived_state,
    due_at,
    possible_actions,
    progress,
    visible_states,
)
from sledi.core.workflow.contexts import empty_value

BUYOUT = profiles.workflow("buyout")
SPREAD = ("ru", "en", "bg", "kk", "uk")


def fields(level: str, **given: Any) -> dict[str, Any]:
    """Every field that moves of a level supply, empty, as an entity shows them."""
    moves = BUYOUT.transitions(level).values()
    return {field.key: empty_value(field) for move in moves for field in move.fields} | given


def item(state: str, number: str = "1", name: str = "Куртка", **given: Any) -> dict[str, Any]:
    price = {"unit_price": 3000, "goods_total": 3000, "fee": 300, "quote_total": 3300, "agreed_price": 3000}
    supplied = given.pop("fields", {})
    return {
        "state": state,
        "number": number,
        "name": name,
        "quantity": 1,
        "numbers": [],
        "flags": [],
        "category": "",
        **price,
        "fields": fields("item", **supplied),
        **given,
    }


def parcel(state: str, **given: Any) -> dict[str, Any]:
    return {"state": state, "number": "P1", "numbers": [], "fields": fields("parcel"), **given}


def around(
    items: list[dict[str, Any]] | None = None,
    parcels: list[dict[str, Any]] | None = None,
    available: int = 10_000,
    order: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    facts = {"state": "ordering", "currency": "KZT", "total": 3300, "paid": 3300, "flags": [], "numbers": []}
    return {
        "order": {**facts, "fields": fields("order"), **(order or {})},
        "items": items or [],
        "parcels": parcels or [],
        "account": {"available": available, "held": 0, "currency": "KZT"},
        "now": 0,
    }


def move_item(name: str, one: dict[str, Any], role: str = "operator", **supplied: Any) -> Decision:
    context = {**around([one], available=supplied.pop("available", 10_000)), "item": one}
    return decide(BUYOUT, "item", name, state=one["state"], role=role, supplied=supplied, context=context)


def form(items: list[dict[str, Any]], parcels: list[dict[str, Any]] | None = None) -> Decision:
    return decide(
        BUYOUT, "parcel", "form", state="", role="logist", supplied={}, context=around(items, parcels)
    )


def refused(name: str, one: dict[str, Any], role: str = "operator", **supplied: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        move_item(name, one, role, **supplied)
    return caught.value


def effects(decision: Decision) -> list[str]:
    return [effect.name for effect in decision.effects]


# --- words ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "state", "words"),
    [
        ("item", "ordered", "Заказан"),
        ("item", "cannot_supply", "Невозможно поставить"),
        ("item", "received", "Получено на склад"),
        ("order", "at_warehouse", "В обработке на складе"),
        ("order", "ordering", "Заказ товаров у китайского продавца"),
    ],
)
def test_the_statuses_are_those_of_the_page(level: str, state: str, words: str) -> None:
    assert BUYOUT.states(level)[state].label["ru"] == words


def test_the_three_stages_are_those_of_the_page() -> None:
    assert [stage.label["ru"] for stage in BUYOUT.stages] == [
        "Заказ товаров у китайского продавца",
        "Получение и обработка товаров на китайском складе",
        "Отправка посылки конечному покупателю",
    ]


def test_cannot_supply_reads_so_in_every_language() -> None:
    assert BUYOUT.states("item")["cannot_supply"].label == {
        "ru": "Невозможно поставить",
        "en": "Cannot supply",
        "bg": "Не може да бъде доставен",
        "kk": "Жеткізу мүмкін емес",
        "uk": "Неможливо поставити",
    }


def test_every_state_and_stage_is_explained_in_every_language() -> None:
    told = [state.about for level in BUYOUT.levels for state in BUYOUT.states(level).values()]
    for about in [*told, *(stage.about for stage in BUYOUT.stages)]:
        assert set(about) == set(SPREAD)
        assert all(about.values())


def test_every_state_of_an_item_or_parcel_is_explained_by_exactly_one_stage() -> None:
    for level in ("item", "parcel"):
        explained = [state for stage in BUYOUT.stages for state in stage.states.get(level, ())]
        assert sorted(explained) == sorted(BUYOUT.states(level))


# --- sending for buyout, money --------------------------------------------------------------------------------


def test_a_paid_item_is_sent_for_buyout_by_the_reseller_alone() -> None:
    assert move_item("send", item("draft"), "reseller").target == "queued"
    assert refused("send", item("draft"), "operator").reason == "wrong_role"


def test_an_item_of_an_unpaid_order_is_not_sent() -> None:
    one = item("draft")
    unpaid = {**around([one], order={"paid": 3299}), "item": one}
    with pytest.raises(Refused) as caught:
        decide(BUYOUT, "item", "send", state="draft", role="reseller", supplied={}, context=unpaid)
    assert caught.value.guard == "order_paid"


def test_a_payment_in_the_resellers_own_shop_counts_too() -> None:
    one = item("draft")
    order = {"paid": 0, "fields": fields("order", paid_on="2026-11-20")}
    context = {**around([one], order=order), "item": one}
    sent = decide(BUYOUT, "item", "send", state="draft", role="reseller", supplied={}, context=context)
    assert sent.target == "queued"


def test_a_banned_item_is_warned_of_before_anything_is_debited() -> None:
    draft = item("draft")
    banned = {**around([draft]), "item": draft, "import_bans": ["Газ не пересылают. (Правила, 2026-01-12)"]}
    asked = {"state": "draft", "role": "reseller", "context": banned}
    with pytest.raises(Refused) as caught:
        decide(BUYOUT, "item", "send", supplied={}, **asked)
    assert caught.value.guard == "import_allowed"
    assert caught.value.listed == ("Газ не пересылают. (Правила, 2026-01-12)",)
    assert caught.value.words["ru"].startswith(
        "Ввоз такого товара в страну покупателя запрещён: Газ не пересылают. (Правила, 2026-01-12)"
    )
    insisted = decide(BUYOUT, "item", "send", supplied={"import_risk_accepted": True}, **asked)
    assert (insisted.target, insisted.effects) == ("queued", ())


def test_taking_an_item_debits_the_account() -> None:
    taken = move_item("take", item("queued"), available=3300)
    assert taken.target == "buying"
    assert effects(taken) == ["ledger.debit", "notify"]


def test_too_little_money_holds_the_item_and_names_the_next_step() -> None:
    refusal = refused("take", item("queued"), available=3299)
    assert refusal.guard == "enough_funds"
    assert "ждёт пополнения счёта" in refusal.words["ru"]
    assert refusal.otherwise is not None
    assert refusal.otherwise.move == "await_funds"
    held = move_item("await_funds", item("queued"), available=3299)
    assert held.target == "awaiting_funds"
    assert effects(held) == ["notify"]


def test_an_item_with_enough_money_is_not_held() -> None:
    assert refused("await_funds", item("queued"), available=3300).guard == "funds_are_missing"


def test_a_top_up_brings_the_item_back_into_the_queue() -> None:
    waiting = item("awaiting_funds")
    assert move_item("funds_arrive", waiting, "payment", available=3300).target == "queued"
    assert refused("funds_arrive", waiting, "payment", available=3299).guard == "enough_funds"


# --- buying ---------------------------------------------------------------------------------------------------

BOUGHT = {"marketplace": "taobao", "external_order_no": "4711"}


@pytest.mark.parametrize("price", ["33.00", "30.00", "1"])
def test_a_price_within_the_threshold_is_bought_without_asking(price: str) -> None:
    assert move_item("buy", item("buying"), **BOUGHT, actual_price=price).target == "ordered"


def test_one_hundredth_above_the_threshold_stops_the_purchase() -> None:
    refusal = refused("buy", item("buying"), **BOUGHT, actual_price="33.01")
    assert (refusal.reason, refusal.guard) == ("guard", "price_within_threshold")
    assert "ждёт ответа посредника" in refusal.words["ru"]
    assert refusal.otherwise is not None
    assert (refusal.otherwise.move, refusal.otherwise.fields) == (
        "ask_price",
        {"offered_price": "actual_price"},
    )


def test_the_threshold_is_a_setting() -> None:
    one = item("buying")
    context = {**around([one]), "item": one, "settings": {"price_threshold_percent": 20}}
    supplied = {**BOUGHT, "actual_price": "36.00"}
    assert (
        decide(
            BUYOUT, "item", "buy", state="buying", role="operator", supplied=supplied, context=context
        ).target
        == "ordered"
    )


def test_the_reseller_is_asked_only_above_the_threshold() -> None:
    assert move_item("ask_price", item("buying"), offered_price="33.01").target == "price_changed"
    assert refused("ask_price", item("buying"), offered_price="33.00").guard == "price_above_threshold"


def test_the_reseller_pays_the_difference_or_gives_the_item_up() -> None:
    found = possible_actions(BUYOUT, "item", "price_changed", "reseller")
    assert [one.transition.name for one in found] == ["accept_price", "decline_price"]


def test_the_reseller_agrees_to_the_price_he_was_shown() -> None:
    asked = item("price_changed", fields={"offered_price": 3500})
    agreed = move_item("accept_price", asked, "reseller", agreed_price="35.00", available=500)
    assert (agreed.target, effects(agreed)) == ("buying", ["ledger.debit"])
    assert refused("accept_price", asked, "reseller", agreed_price="34.00").guard == "same_price"
    poor = refused("accept_price", asked, "reseller", agreed_price="35.00", available=499)
    assert poor.guard == "enough_funds"


def test_giving_up_because_of_the_price_refunds_in_full_and_is_counted_by_its_reason() -> None:
    given_up = move_item("decline_price", item("price_changed"), "reseller", reason="price_changed")
    assert given_up.target == "cannot_supply"
    assert effects(given_up)[0] == "ledger.refund_full"


def test_the_purchase_records_where_and_under_which_number() -> None:
    refusal = refused("buy", item("buying"), actual_price="30.00", marketplace="taobao")
    assert (refusal.reason, refusal.field) == ("missing_field", "external_order_no")


# --- cannot supply --------------------------------------------------------------------------------------------


def test_cannot_supply_needs_a_reason() -> None:
    refusal = refused("refuse", item("buying"))
    assert (refusal.reason, refusal.field) == ("missing_field", "reason")


def test_the_reasons_are_the_three_of_the_page_and_another() -> None:
    reason = next(field for field in BUYOUT.transitions("item")["refuse"].fields if field.key == "reason")
    assert list(reason.choices) == ["sold_out", "price_changed", "import_banned", "other"]


def test_another_reason_needs_words() -> None:
    assert refused("refuse", item("buying"), reason="other").guard == "reason_explained"
    assert move_item("refuse", item("buying"), reason="other", note="брак").target == "cannot_supply"


@pytest.mark.parametrize(
    "state", ["queued", "awaiting_funds", "buying", "price_changed", "ordered", "domestic_transit"]
)
def test_what_cannot_be_supplied_is_refunded_in_full(state: str) -> None:
    done = move_item("refuse", item(state), reason="sold_out")
    assert (done.target, effects(done)) == ("cannot_supply", ["ledger.refund_full", "notify"])


def test_what_is_at_the_warehouse_is_not_refused_any_more() -> None:
    assert refused("refuse", item("received"), reason="sold_out").reason == "wrong_state"


def test_what_was_taken_off_before_buying_moves_no_money() -> None:
    assert effects(move_item("withdraw", item("queued"), "reseller")) == []
    assert refused("withdraw", item("buying"), "reseller").reason == "wrong_state"


# --- numbers and receipt --------------------------------------------------------------------------------------


def test_each_item_gets_its_own_domestic_number_and_is_tracked() -> None:
    sent = move_item("dispatch", item("ordered"), domestic_number="SF1204467781930")
    assert (sent.target, effects(sent)[0]) == ("domestic_transit", "track.start")
    assert refused("dispatch", item("ordered")).field == "domestic_number"


def test_an_item_is_received_by_its_own_number() -> None:
    coming = item("domestic_transit", numbers=["SF1204467781930"])
    got = move_item("receive", coming, scanned_number="SF1204467781930", weight_g=840)
    assert (got.target, got.supplied["weight_g"]) == ("received", 840)
    refusal = refused("receive", coming, scanned_number="SF1204467781931")
    assert refusal.guard == "number_matches"
    assert refusal.words["ru"].endswith("положите посылку к неопознанным.")


@pytest.mark.parametrize("state", ["draft", "queued", "awaiting_funds", "buying", "cannot_supply"])
def test_an_item_never_bought_is_not_received(state: str) -> None:
    assert refused("receive", item(state), scanned_number="SF1204467781930").reason == "wrong_state"


def test_a_number_is_overdue_two_days_after_ordering() -> None:
    ordered_at = datetime(2026, 9, 28, 9, tzinfo=UTC)
    timer = BUYOUT.timers("item")["number_overdue"]
    due = due_at(timer, {"state_entry": ordered_at}, settings=BUYOUT.settings_with({}), fields={})
    assert due == datetime(2026, 9, 30, 9, tzinfo=UTC)


@pytest.mark.parametrize(("limit", "day"), [(4, 12), (5, 13)])
def test_an_item_stalls_in_working_days_of_china(limit: int, day: int) -> None:
    """National Day 2026: nobody works from 1 to 7 October, and Saturday the 10th is made up."""
    last_change = datetime(2026, 9, 30, 4, tzinfo=UTC)
    timer = BUYOUT.timers("item")["stalled"]
    settings = BUYOUT.settings_with({"stall_days": limit})
    due = due_at(timer, {timer.anchor: last_change}, settings=settings, fields={})
    assert due is not None
    assert (due.year, due.month, due.day) == (2026, 10, day)


def test_a_stalled_item_asks_the_logist_without_retyping() -> None:
    asked = move_item("ask_logist", item("ordered", flags=["stalled"]), "reseller")
    assert asked.target == "ordered"
    assert [(effect.name, effect.parameters) for effect in asked.effects] == [
        ("task.create", {"queue": "logist"})
    ]


# --- the parcel -----------------------------------------------------------------------------------------------


def test_a_parcel_is_not_formed_while_an_item_is_missing() -> None:
    with pytest.raises(Refused) as caught:
        form([item("received"), item("received", "2"), item("domestic_transit", "3", "Чехол")])
    assert (caught.value.guard, caught.value.listed) == ("all_here", ("3 Чехол",))
    assert caught.value.words["ru"] == (
        "Формирование посылки начинается только тогда, когда все товары из заказа пришли на склад. "
        "Дождитесь недостающих: 3 Чехол."
    )


def test_a_parcel_is_formed_without_what_cannot_be_supplied() -> None:
    assert form([item("received"), item("received", "2"), item("cannot_supply", "3")]).target == "forming"


def test_there_is_no_parcel_of_nothing() -> None:
    with pytest.raises(Refused) as caught:
        form([item("cannot_supply"), item("cannot_supply", "2")])
    assert caught.value.guard == "something_received"


def test_an_order_has_one_parcel_only() -> None:
    with pytest.raises(Refused) as caught:
        form([item("received")], [parcel("forming")])
    assert (caught.value.guard, caught.value.listed) == ("one_parcel", ("P1",))


def test_only_the_logist_forms_a_parcel() -> None:
    roles = ("operator", "logist", "reseller", "supervisor", "end_buyer")
    may = {role for role in roles if possible_actions(BUYOUT, "parcel", "", role)}
    assert may == {"logist"}


def test_the_logist_weighs_measures_and_declares() -> None:
    box = parcel("forming")
    context = {**around([item("received")], [box]), "parcel": box}
    supplied: dict[str, Any] = {"weight_g": 1240, "length_mm": 300, "width_mm": 200, "height_mm": 100}
    with pytest.raises(Refused) as caught:
        decide(BUYOUT, "parcel", "pack", state="forming", role="logist", supplied=supplied, context=context)
    assert caught.value.field == "declared_contents"
    supplied |= {"declared_contents": "куртка"}
    packed = decide(
        BUYOUT, "parcel", "pack", state="forming", role="logist", supplied=supplied, context=context
    )
    assert (packed.target, effects(packed)) == ("packed", ["children.fire", "notify"])


def hand_over(name: str, role: str, box: dict[str, Any], **supplied: str) -> Decision:
    context = {**around([item("packed")], [box]), "parcel": box}
    return decide(BUYOUT, "parcel", name, state="packed", role=role, supplied=supplied, context=context)


def test_the_international_number_is_checked_and_tracked() -> None:
    given = hand_over("hand_over", "logist", parcel("packed"), international_number="RR123456785CN")
    assert (given.target, effects(given)[0]) == ("handed_over", "track.start")
    with pytest.raises(Refused) as caught:
        hand_over("hand_over", "logist", parcel("packed"), international_number="RR123456784CN")
    assert (caught.value.reason, caught.value.field) == ("wrong_field", "international_number")


def test_the_carrier_brings_the_number_or_the_parcel_has_it() -> None:
    name, role = "accepted_by_carrier", "carrier"
    assert (
        hand_over(name, role, parcel("packed"), international_number="RR123456785CN").target == "handed_over"
    )
    assert hand_over(name, role, parcel("packed", numbers=["RR123456785CN"])).target == "handed_over"
    with pytest.raises(Refused) as caught:
        hand_over(name, role, parcel("packed"))
    assert caught.value.guard == "number_is_valid"


def test_a_number_without_a_scan_is_published_and_the_parcel_is_still_ours() -> None:
    told = hand_over("announce", "carrier", parcel("packed"), international_number="RR123456785CN")
    assert (told.target, effects(told)) == ("packed", ["track.start", "notify"])


def test_the_first_scan_said_twice_hands_the_parcel_over_once() -> None:
    assert "ACCEPTED" in BUYOUT.transitions("parcel")["accepted_by_carrier"].on
    assert "ACCEPTED" not in BUYOUT.transitions("parcel")["travel"].on


@pytest.mark.parametrize("state", ["packed", "handed_over", "in_transit"])
@pytest.mark.parametrize(
    ("name", "event", "target", "fired"),
    [
        ("deliver", "DELIVERED", "delivered", "deliver"),
        ("come_back", "RETURNED", "returned", "come_back"),
        ("lose", "LOST", "lost", "lose"),
    ],
)
def test_the_carrier_ends_the_way_of_the_parcel_and_its_items(
    state: str, name: str, event: str, target: str, fired: str
) -> None:
    ending = BUYOUT.transitions("parcel")[name]
    assert (ending.on, ending.target, ending.starts_in(state)) == ((event,), target, True)
    assert ending.effects[0].parameters["name"] == fired
    assert BUYOUT.transitions("item")[fired].sources == {"packed"}


# --- the order follows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("states", "parcels", "order"),
    [
        ([], [], "ordering"),
        (["draft", "queued", "ordered"], [], "ordering"),
        (["received", "ordered", "buying"], [], "at_warehouse"),
        (["received", "cannot_supply"], [], "at_warehouse"),
        (["cannot_supply", "cannot_supply"], [], "not_supplied"),
        (["cannot_supply", "withdrawn"], [], "not_supplied"),
        (["received", "received"], ["forming"], "sending"),
        (["packed"], ["in_transit"], "sending"),
        (["delivered"], ["delivered"], "delivered"),
        (["returned"], ["returned"], "returned"),
        (["lost"], ["lost"], "lost"),
    ],
)
def test_the_order_follows_its_items_and_parcel(states: list[str], parcels: list[str], order: str) -> None:
    context = around([item(state) for state in states], [parcel(state) for state in parcels])
    assert derived_state(BUYOUT, "order", context) == order


def test_the_order_says_how_many_have_come() -> None:
    context = around([item("received", quantity=2), item("ordered", "2")], order={"state": "at_warehouse"})
    (told,) = progress(BUYOUT, context)
    assert (told.done, told.all, told.words["ru"]) == (2, 3, "Получено 2 из 3")


def test_only_a_supervisor_corrects_and_says_why() -> None:
    correction = BUYOUT.transitions("item")["correct_received_domestic_transit"]
    assert correction.roles == {"supervisor"}
    assert correction.is_correction
    assert refused(correction.name, item("received"), "supervisor").field == "note"


def test_the_end_buyer_sees_no_money_and_no_item_before_it_is_ordered() -> None:
    seen = visible_states(BUYOUT, "item", "end_buyer")
    assert seen is not None
    assert "ordered" in seen
    assert not seen & {"draft", "queued", "awaiting_funds", "buying", "price_changed"}
    assert {"account", "fee", "agreed_price", "internal_note"} <= BUYOUT.hidden_fields("end_buyer")


def test_the_end_buyer_moves_nothing() -> None:
    moves = [move for level in BUYOUT.levels for move in BUYOUT.transitions(level).values()]
    assert not [move.name for move in moves if "end_buyer" in move.roles]
