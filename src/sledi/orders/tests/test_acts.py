"""Moves by form, as a browser without scripting sends them: once, or not at all and with the reason."""

import re
from typing import Any

import pytest
from django.test import Client

from sledi import profiles
from sledi.history.models import Record
from sledi.orders.models import Item, Order
from sledi.orders.moving.making import Line
from sledi.orders.tests.doors import signed_in, text_of
from sledi.orders.tests.stage import Stage
from sledi.parcels.models import Alias, Haul, Parcel

NUMBER = "RR123456785CN"


def item_in(stage: Stage, state: str, *lines: Line) -> Item:
    item = Item.objects.filter(order=stage.order(*lines)).earliest("line")
    stage.put(item, state)
    return item


def hidden(answer: Any, address: str) -> dict[str, str]:
    """What the form that is sent to this address carries unseen."""
    page = answer.content.decode()
    form = re.search(rf'<form[^>]* action="{re.escape(address)}".*?</form>', page, re.DOTALL)
    assert form, address
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form.group())
    return {name: value for name, value in fields if name != "csrfmiddlewaretoken"}


def written() -> tuple[Any, ...]:
    """Everything a move changes."""
    return (
        Record.objects.count(),
        Alias.objects.count(),
        sorted(Order.objects.values_list("pk", "version", "state")),
        sorted(Item.objects.values_list("pk", "version", "state")),
        sorted(Parcel.objects.values_list("pk", "version", "state")),
        Haul.objects.count(),
    )


# --- done -----------------------------------------------------------------------------------------------------


def test_a_move_of_one_button_is_done_from_the_page_of_its_order(stage: Stage) -> None:
    stage.fund(10000)
    item = item_in(stage, "queued")
    client, address = signed_in(stage, "operator"), f"/buyout/items/{item.pk}/moves/take/"
    page = f"/buyout/orders/{item.order.number}/"
    done = client.post(address, hidden(client.get(page), address))
    assert (done.status_code, done["Location"]) == (302, f"{page}#item-{item.pk}")
    item.refresh_from_db()
    assert item.state == "buying"
    take = profiles.workflow("buyout").transitions("item")["take"].label["en"]
    assert f"Done: {take}" in text_of(client.get(page))
    last = Record.objects.filter(subject_id=item.pk).latest("sequence")
    assert (last.act, last.actor_name, last.cause) == ("take", "Operator", "web")


def test_the_form_alone_asks_for_everything_the_profile_requires(stage: Stage) -> None:
    item = item_in(stage, "buying")
    address = f"/buyout/items/{item.pk}/moves/buy/"
    page = signed_in(stage, "operator").get(address).content.decode()
    assert re.search(r'<select [^>]*name="marketplace" required>', page)
    assert re.search(r'<input [^>]*name="external_order_no"[^>]* maxlength="64" required>', page)
    assert re.search(r'<input [^>]*name="actual_price"[^>]* inputmode="decimal"[^>]* required>', page)
    assert re.search(r'<input type="checkbox" [^>]*name="shared_order_confirmed" value="true">', page)
    label = profiles.workflow("buyout").transitions("item")["buy"].fields[2].label["en"]
    assert f"{label}, RUB" in page


def test_what_is_filled_in_reaches_the_item(stage: Stage) -> None:
    item = item_in(stage, "buying", Line("Kettle", unit_price_minor=3000))
    address = f"/buyout/items/{item.pk}/moves/buy/"
    client = signed_in(stage, "operator")
    filled = {"marketplace": "taobao", "external_order_no": " 3620 ", "actual_price": "30,00"}
    assert client.post(address, {**hidden(client.get(address), address), **filled}).status_code == 302
    item.refresh_from_db()
    assert (item.state, item.actual_price_minor) == ("ordered", 3000)
    assert item.fields["external_order_no"] == "3620"


def test_some_pieces_of_an_item_are_parted_from_the_rest(stage: Stage) -> None:
    item = item_in(stage, "ordered", Line("Kettle", quantity=3))
    address = f"/buyout/items/{item.pk}/moves/dispatch/"
    client = signed_in(stage, "operator")
    filled = {"domestic_number": "YT8825498020044", "quantity": "2"}
    assert client.post(address, {**hidden(client.get(address), address), **filled}).status_code == 302
    rows = Item.objects.filter(order=item.order).order_by("quantity").values_list("quantity", "state")
    assert list(rows) == [(1, "ordered"), (2, "domestic_transit")]


def test_pressing_twice_does_it_once(stage: Stage) -> None:
    order = stage.order()
    address = f"/buyout/orders/{order.number}/moves/note_payment/"
    client = signed_in(stage, "reseller")
    filled = {**hidden(client.get(address), address), "paid_on": "2026-09-27"}
    assert client.post(address, filled).status_code == 302
    after = written()
    assert client.post(address, filled).status_code == 302
    assert written() == after
    assert Record.objects.filter(subject_id=order.pk, act="note_payment").count() == 1


def test_the_logist_makes_a_parcel_of_an_order_and_finds_it_there(stage: Stage) -> None:
    item = item_in(stage, "received")
    stage.put(item.order, "at_warehouse")
    page = f"/buyout/orders/{item.order.number}/"
    address = f"/buyout/orders/{item.order.number}/parcels/moves/form/"
    client = signed_in(stage, "logist")
    assert client.post(address, hidden(client.get(page), address)).status_code == 302
    parcel = Parcel.objects.get()
    assert f'href="/buyout/parcels/{parcel.number}/"' in client.get(page).content.decode()
    assert "Kettle" in text_of(client.get(f"/buyout/parcels/{parcel.number}/"))


# --- refused --------------------------------------------------------------------------------------------------


def test_a_refusal_keeps_the_input_stands_beside_its_field_and_changes_nothing(stage: Stage) -> None:
    item = item_in(stage, "ordered")
    address = f"/buyout/items/{item.pk}/moves/receive/"
    client = signed_in(stage, "operator")
    carried, before = hidden(client.get(address), address), written()
    answer = client.post(address, {**carried, "scanned_number": "YT8825498020044", "weight_g": "heavy"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("<title>Error: ") == 1
    assert 'value="YT8825498020044"' in page
    assert re.search(r'name="weight_g" value="heavy"[^>]* aria-invalid="true" aria-describedby="(\S+)"', page)
    assert 'href="#item-receive-weight_g"' in page
    assert written() == before


def test_a_guard_says_in_the_readers_words_what_is_missing(stage: Stage) -> None:
    item = item_in(stage, "draft")
    address = f"/buyout/items/{item.pk}/moves/send/"
    client = signed_in(stage, "reseller", language="kk")
    before = written()
    answer = client.post(address, hidden(client.get(address), address))
    guard = profiles.workflow("buyout").transitions("item")["send"].guards[0]
    assert answer.status_code == 409
    assert guard.words["kk"] in text_of(answer)
    assert written() == before


def test_what_the_profile_does_in_the_place_of_a_move_is_told_as_such(stage: Stage) -> None:
    item = item_in(stage, "queued", Line("Kettle", unit_price_minor=3000))
    page, address = f"/buyout/orders/{item.order.number}/", f"/buyout/items/{item.pk}/moves/take/"
    client = signed_in(stage, "operator")
    assert client.post(address, hidden(client.get(page), address)).status_code == 302
    item.refresh_from_db()
    assert item.state == "awaiting_funds"
    words = text_of(client.get(page))
    assert profiles.workflow("buyout").transitions("item")["take"].guards[0].words["en"] in words
    assert "Done:" not in words


def test_who_was_overtaken_reads_what_changed_and_may_go_on(stage: Stage) -> None:
    item = item_in(stage, "ordered", Line("Kettle"))
    address = f"/buyout/items/{item.pk}/moves/receive/"
    client = signed_in(stage, "operator")
    carried = hidden(client.get(address), address)
    stage.move("operator", "item", item.pk, "dispatch", {"domestic_number": "YT8825498020044"})
    before = written()
    filled = {"scanned_number": "YT8825498020044"}
    answer = client.post(address, {**carried, **filled})
    dispatch = profiles.workflow("buyout").transitions("item")["dispatch"].label["en"]
    assert answer.status_code == 409
    assert dispatch in text_of(answer)
    assert written() == before
    again = client.post(address, {**hidden(answer, address), **filled})
    assert again.status_code == 302
    item.refresh_from_db()
    assert item.state == "received"


def test_a_move_that_does_not_fit_the_state_is_explained_without_a_form(stage: Stage) -> None:
    item = item_in(stage, "received")
    address = f"/buyout/items/{item.pk}/moves/take/"
    answer = signed_in(stage, "operator").get(address)
    assert answer.status_code == 409
    assert f'action="{address}"' not in answer.content.decode()


@pytest.mark.parametrize("role", ["reseller", "logist", "support", "end_buyer"])
def test_a_move_of_another_role_has_no_form_and_no_button(stage: Stage, role: str) -> None:
    item = item_in(stage, "ordered")
    client, address = signed_in(stage, role), f"/buyout/items/{item.pk}/moves/receive/"
    before = written()
    assert client.get(address).status_code == 403
    assert client.post(address, {"scanned_number": "YT8825498020044"}).status_code == 403
    assert address not in client.get(f"/buyout/orders/{item.order.number}/").content.decode()
    assert written() == before


def test_without_the_forms_token_nothing_is_done(stage: Stage) -> None:
    order = stage.order()
    signed = signed_in(stage, "reseller")
    careful = Client(enforce_csrf_checks=True)
    careful.cookies = signed.cookies
    before = written()
    address = f"/buyout/orders/{order.number}/moves/note_payment/"
    assert careful.post(address, {"paid_on": "2026-09-27"}).status_code == 403
    assert written() == before


def test_only_a_form_moves_anything(stage: Stage) -> None:
    order = stage.order()
    client, before = signed_in(stage, "reseller"), written()
    client.get(f"/buyout/orders/{order.number}/moves/note_payment/?paid_on=2026-09-27")
    assert client.put(f"/buyout/orders/{order.number}/moves/note_payment/").status_code == 405
    assert written() == before


@pytest.mark.parametrize("text", ["%00", "%F0%9F%93%A6", "..%2F..", "'%20OR%201=1", "x" * 300])
def test_an_address_of_nothing_is_not_found(stage: Stage, text: str) -> None:
    client = signed_in(stage, "operator")
    for place in ("orders", "items", "parcels"):
        assert client.get(f"/buyout/{place}/{text}/").status_code == 404
        assert client.post(f"/buyout/{place}/{text}/moves/take/").status_code == 404
    assert client.get(f"/buyout/orders/?q={text}&state={text}").status_code == 404
    assert client.get(f"/buyout/orders/?q={text}").status_code == 200


def test_a_form_key_that_is_none_of_ours_does_no_harm(stage: Stage) -> None:
    order = stage.order()
    address = f"/buyout/orders/{order.number}/moves/note_payment/"
    filled = {"paid_on": "2026-09-27", "key": "\0" * 9000, "version": "-1"}
    assert signed_in(stage, "reseller").post(address, filled).status_code == 302


# --- many -----------------------------------------------------------------------------------------------------


def test_ticked_rows_are_moved_each_with_its_own_number_and_result(stage: Stage) -> None:
    items = list(Item.objects.filter(order=stage.order(Line("Kettle"), Line("Scarf"), Line("Lamp"))))
    for item in items:
        stage.put(item, "ordered")
    stage.put(items[2], "received")
    client = signed_in(stage, "operator")
    listed = client.get("/buyout/items/").content.decode()
    assert all(f'name="id" value="{item.pk}"' in listed for item in items)
    asked = client.post("/buyout/items/moves/", {"move": "dispatch", "id": [str(item.pk) for item in items]})
    assert all(f'name="domestic_number.{item.pk}"' in asked.content.decode() for item in items)
    filled = {
        "id": [str(item.pk) for item in items],
        **{f"version.{item.pk}": str(item.version) for item in items},
        f"domestic_number.{items[0].pk}": "YT8825498020044",
        f"domestic_number.{items[1].pk}": "",
        f"domestic_number.{items[2].pk}": "YT8825498020045",
    }
    answer = client.post("/buyout/items/moves/dispatch/", filled)
    assert "Done with 1 of 3." in text_of(answer)
    states = {item.name: item.state for item in Item.objects.all()}
    assert states == {"Kettle": "domestic_transit", "Scarf": "ordered", "Lamp": "received"}
    assert text_of(answer).count("Not done") == 2


def test_sending_the_ticked_rows_twice_moves_them_once(stage: Stage) -> None:
    item = item_in(stage, "ordered")
    client = signed_in(stage, "operator")
    filled = {
        "id": [str(item.pk)],
        f"version.{item.pk}": str(item.version),
        f"domestic_number.{item.pk}": "YT8825498020044",
    }
    assert "Done with 1 of 1." in text_of(client.post("/buyout/items/moves/dispatch/", filled))
    after = written()
    assert "Done with 0 of 1." in text_of(client.post("/buyout/items/moves/dispatch/", filled))
    assert written() == after


def test_a_move_that_is_not_for_many_is_not_done_with_many(stage: Stage) -> None:
    stage.fund(10000)
    item = item_in(stage, "queued")
    client, before = signed_in(stage, "operator"), written()
    assert client.post("/buyout/items/moves/take/", {"id": [str(item.pk)]}).status_code == 404
    assert written() == before


def test_rows_of_others_are_not_moved(stage: Stage) -> None:
    mine, theirs = stage.order(), stage.order(reseller_id=stage.person("stranger").pk)
    client = signed_in(stage, "reseller")
    filled = {"id": [str(mine.pk), str(theirs.pk)], "paid_on": "2026-09-27"}
    assert "Done with 1 of 1." in text_of(client.post("/buyout/orders/moves/note_payment/", filled))
    theirs.refresh_from_db()
    assert theirs.version == 1


# --- containers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["forwarder"], indirect=True)
def test_a_haul_is_opened_once_filled_by_number_and_emptied_again(stage: Stage) -> None:
    order = stage.order(buyer_id=stage.person("buyer").pk)
    stage.put(order, "at_china_warehouse")
    client, address = signed_in(stage, "logist"), "/forwarder/hauls/new/open/"
    filled = {**hidden(client.get(address), address), "vehicle": "MAN 042"}
    opened = client.post(address, filled)
    assert client.post(address, filled)["Location"] == opened["Location"]
    page = f"/forwarder/hauls/{Haul.objects.get().number}/"
    assert opened["Location"] == page
    typed = f"{order.number[:4]}-{order.number[4:]} NOTHERE2"
    assert client.post(f"{page}contents/", {"numbers": typed, "act": "in"}).status_code == 302
    words = text_of(client.get(page))
    assert "1 order put inside" in words
    assert "No such orders here: NOTHERE2" in words
    assert f"Order {order.number}" in words
    client.post(f"{page}contents/", {"numbers": order.number, "act": "out"})
    assert f"Order {order.number}" not in text_of(client.get(page))


@pytest.mark.parametrize("stage", ["forwarder"], indirect=True)
def test_buyers_neither_see_hauls_nor_load_them(stage: Stage) -> None:
    haul_page = signed_in(stage, "logist")
    address = "/forwarder/hauls/new/open/"
    haul_page.post(address, {**hidden(haul_page.get(address), address), "vehicle": "MAN 042"})
    client, page = signed_in(stage, "buyer"), f"/forwarder/hauls/{Haul.objects.get().number}/"
    assert client.get(page).status_code == 404
    assert client.post(f"{page}contents/", {"numbers": "7KQM3XF4"}).status_code == 404
    assert "/forwarder/hauls/" not in client.get("/forwarder/").content.decode()
