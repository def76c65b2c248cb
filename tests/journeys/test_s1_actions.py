"""What may be done with a shop's order follows from its status, for each role, and from nothing else."""

import re
from typing import Any

import pytest

from sledi import profiles
from tests.journeys.office import Office, text_of, written
from tests.journeys.shop import bring

PROFILE = "retail"

WORKFLOW = profiles.workflow(PROFILE)
STATES = [state for state in WORKFLOW.states("order") if WORKFLOW.leaves("order", state) == (state,)]
ROLES = ("buyer", "operator", "logist", "platform", "supervisor", "support", "owner")


def allowed(level: str, state: str, role: str) -> set[str]:
    """The moves of the profile that a role may make in a state."""
    moves = WORKFLOW.transitions(level).values()
    return {move.name for move in moves if move.starts_in(state) and role in move.roles and not move.creates}


def listed(moves: list[dict[str, Any]]) -> set[str]:
    return {move["name"] for move in moves}


@pytest.mark.promise("S1.10")
@pytest.mark.parametrize("state", STATES)
def test_each_state_lists_exactly_the_moves_of_the_profile_and_refuses_the_others(
    office: Office, state: str
) -> None:
    order = bring(office, state)
    for role in ROLES:
        if not _is_seen(office, role, order):
            continue
        shown = office.see(role, f"orders/{order}")
        (item,) = shown["items"]
        may = {"orders": allowed("order", state, role), "items": allowed("item", item["state"]["key"], role)}
        assert listed(shown["moves"]) == may["orders"], role
        assert listed(item["moves"]) == may["items"], role
        _assert_page_lists(office, role, order, item["id"], shown, may)
        _assert_the_others_are_refused(office, role, order, may)


def _is_seen(office: Office, role: str, order: str) -> bool:
    """The profile hides an order nobody has paid for from those who work on orders."""
    return office.api(role, "get", f"orders/{order}").status == 200


def _assert_page_lists(
    office: Office, role: str, order: str, item: str, shown: dict[str, Any], may: dict[str, set[str]]
) -> None:
    """On the page a move is a form, or stands with the reason why not yet."""
    html = office.html(role, f"orders/{order}/", language="en")
    text = text_of(html)
    for levels, key, moves in (
        ("orders", order, shown["moves"]),
        ("items", item, shown["items"][0]["moves"]),
    ):
        forms = set(re.findall(rf"/{levels}/{key}/moves/(\w+)/", html))
        hindered = {move["name"] for move in moves if not move["is_open"]}
        assert forms | hindered == may[levels], role
        assert not forms & hindered, role
        waiting = [move for move in moves if not move["is_open"] and not move["is_correction"]]
        assert all(move["label"] in text for move in waiting), role


def _assert_the_others_are_refused(office: Office, role: str, order: str, may: dict[str, set[str]]) -> None:
    before = written()
    for levels, path, level in (("orders", order, "order"), ("items", f"{order}.1", "item")):
        for move in set(WORKFLOW.transitions(level)) - may[levels]:
            answer = office.ask(role, f"{levels}/{path}", move)
            assert answer.status in (403, 404, 409), f"{role} {move}: {answer.body}"
    assert written() == before


# --- cancelled ------------------------------------------------------------------------------------------------


@pytest.mark.promise("S1.30")
def test_a_cancelled_order_tells_why_by_whom_and_where_the_money_is_and_takes_no_more_moves(
    office: Office,
) -> None:
    order = bring(office, "payment_confirmed")
    office.do("platform", f"orders/{order}", "cancel_for_buyer", cancel_reason="sold_out")
    assert all(_is_seen(office, role, order) for role in ROLES)
    before = written()
    for role in ROLES:
        for levels, path, level in (("orders", order, "order"), ("items", f"{order}.1", "item")):
            for move in WORKFLOW.transitions(level):
                assert office.ask(role, f"{levels}/{path}", move).status in (403, 404, 409)
    assert written() == before
    shown = office.api("buyer", "get", f"orders/{order}", Accept_Language="ru").body
    assert (shown["state"]["label"], shown["state"]["is_final"], shown["moves"]) == ("Отменен", True, [])
    assert shown["amounts"]["refunded"] == {"amount": "30.00", "currency": "RUB"}
    page = office.read("buyer", f"orders/{order}/")
    assert "Отменен" in page
    assert "Причина: Товар закончился" in page
    assert re.search(r"Отменить и вернуть всю сумму [^·]* · Площадка", page)
    html = office.html("buyer", f"orders/{order}/")
    assert "/moves/" not in html
    assert f'<a href="/{office.business.slug}/account/"' in html.replace(' class="iconlink"', "")
    assert "30,00" in office.read("buyer", "account/")


# --- who cancels ----------------------------------------------------------------------------------------------


@pytest.mark.promise("S1.31")
@pytest.mark.parametrize("state", STATES)
def test_the_buyer_cancels_before_paying_asks_while_it_is_processed_and_is_offered_nothing_later(
    office: Office, state: str
) -> None:
    order = bring(office, state)
    path = f"orders/{order}"
    buttons = re.findall(r"<button[^>]*>([^<]+)", office.html("buyer", f"{path}/"))
    offered = [words for words in ("Отменить заказ", "Попросить об отмене") if words in buttons]
    if state == "pending":
        assert offered == ["Отменить заказ"]
        assert "Отменен" in office.press("buyer", path, "cancel", note="Передумал")
        assert _state(office, order) == "cancelled"
    elif WORKFLOW.states("order")[state].parent == "processing" or state == "on_hold":
        assert offered == ["Попросить об отмене"]
        assert office.refused("buyer", path, "cancel").kind == "wrong-state"
        office.press("buyer", path, "request_cancellation", request_note="Ошибся размером")
        assert _state(office, order) == state
        assert f"Заказ {order} Попросить об отмене" in office.read("support", "")
    else:
        assert offered == []
        for move, fields in (("cancel", {}), ("request_cancellation", {"request_note": "Поздно"})):
            assert office.refused("buyer", path, move, **fields).kind == "wrong-state"


def _state(office: Office, order: str) -> str:
    return str(office.see("buyer", f"orders/{order}")["state"]["key"])
