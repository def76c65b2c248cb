"""The last part of the way: handed out for a code, brought by the courier of Almaty, or sent on by EMS."""

from typing import Any

import pytest

from tests.journeys.forwarding import EMS, bring, mails, new_order, parcel, state_of, told
from tests.journeys.markup import text, tree
from tests.journeys.office import Office
from tests.journeys.world import ask_everybody

pytestmark = pytest.mark.django_db

PROFILE = "forwarder"
ADDRESS, HOURS = "Алматы, проспект Райымбека, 348", "10:00–19:00, без выходных"


def tracking(office: Office, path: str, role: str = "buyer") -> str | None:
    """What the tracking block of a page says; None where there is none."""
    block = tree(office.html(role, path)).find(".//*[@id='shipment']")
    return None if block is None else text(block)


def packed(office: Office, mode: str, count: int = 1) -> tuple[str, list[str]]:
    """A parcel to be received this way, with orders that are packed for it."""
    orders = [new_order(office, "at_almaty") for _ in range(count)]
    number = parcel(office, mode, orders)
    for order in orders:
        office.do("operator", f"orders/{order}", "pack", mode=mode)
    return number, orders


# --- packed and sent ------------------------------------------------------------------------------------------


@pytest.mark.promise("S3.17")
@pytest.mark.parametrize("mode", ["almaty", "kazakhstan"])
def test_packing_asks_for_the_way_onward(office: Office, mode: str) -> None:
    path = f"orders/{new_order(office, 'at_almaty')}"
    refusal = office.refused("operator", path, "pack")
    assert refusal.body["errors"][0]["pointer"] == "/fields/mode"
    assert office.refused("operator", path, "pack", mode="pickup").kind == "wrong-field"
    office.press("operator", path, "pack", mode="")
    assert state_of(office, path) == "На складе в Алматы"
    code, _said = office.shell("operator", "order", "move", path.removeprefix("orders/"), "pack")
    assert (code, state_of(office, path)) == (1, "На складе в Алматы")
    office.press("operator", path, "pack", mode=mode)
    assert state_of(office, path, "buyer") == "Упакован"
    assert office.see("buyer", path)["mode"] == mode


@pytest.mark.promise("S3.18")
def test_an_order_is_handed_over_and_by_ems_only_with_its_number(office: Office) -> None:
    path = f"orders/{new_order(office, 'at_almaty')}"
    office.do("operator", path, "pack", mode="kazakhstan")
    assert office.refused("operator", path, "send").body["guard"] == "ems_has_number"
    assert office.refused("operator", path, "send", local_number="EE495977192KZ").kind == "wrong-field"
    assert (
        office.refused("operator", path, "send", local_number="LB377973995CN").body["guard"]
        == "ems_has_number"
    )
    office.do("operator", path, "send", local_number=EMS)
    assert state_of(office, path, "buyer") == "Отправлен получателю"
    assert EMS in [one["number"] for one in office.see("buyer", path)["numbers"]]

    path = f"orders/{new_order(office, 'at_almaty')}"
    office.do("operator", path, "pack", mode="almaty")
    office.press("operator", path, "send")
    assert state_of(office, path, "buyer") == "Отправлен получателю"


@pytest.mark.promise("S3.18")
def test_a_parcel_is_handed_over_and_by_ems_only_with_its_number(office: Office) -> None:
    number, orders = packed(office, "kazakhstan", 2)
    assert office.refused("operator", f"parcels/{number}", "dispatch").body["guard"] == "ems_has_number"
    office.press("operator", f"parcels/{number}", "dispatch", local_number=EMS)
    assert {state_of(office, f"orders/{order}", "buyer") for order in orders} == {"Отправлен получателю"}


# --- delivered ------------------------------------------------------------------------------------------------


@pytest.mark.promise("S3.19")
def test_the_carriers_word_delivers_the_parcels_orders(office: Office) -> None:
    from sledi.tracking.tests.scans import scan

    number, orders = packed(office, "kazakhstan", 2)
    office.do("operator", f"parcels/{number}", "dispatch", local_number=EMS)
    office.wait(days=3)
    office.scan(
        EMS, scan("done.delivered", occurred_at=office.now, raw_time=office.now.isoformat(), country="KZ")
    )
    assert {state_of(office, f"orders/{order}", "buyer") for order in orders} == {"Доставлен"}
    assert state_of(office, f"parcels/{number}", "buyer") == "Вручена"
    assert mails("deliver_in_parcel") == [["buyer"]] * 2


@pytest.mark.promise("S3.19", "S3.23")
def test_the_clerk_hands_out_for_the_code_and_the_order_is_delivered_at_once(office: Office) -> None:
    order = new_order(office, "at_almaty")
    path = f"orders/{order}"
    code = next(one["value"] for one in office.see("buyer", path)["fields"] if one["key"] == "pickup_code")
    assert (len(code), code.isdigit()) == (6, True)
    assert f"Код получения {code}" in office.read("buyer", f"{path}/")
    assert code not in office.html("operator", f"{path}/")
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert office.refused("operator", path, "hand_out", shown_code=wrong).body["guard"] == "code_matches"
    assert office.refused("operator", path, "hand_out").body["errors"][0]["pointer"] == "/fields/shown_code"
    office.press("operator", path, "hand_out", "dinara", shown_code=code)
    assert state_of(office, path, "buyer") == "Доставлен"
    newest = office.see("operator", f"{path}/history")["history"][0]
    assert (newest["act"], newest["actor"]["name"], newest["from"]) == ("hand_out", "Dinara", "at_almaty")
    assert {"pack", "send"} & set(told(office, path)) == set()


# --- three ways to receive a parcel ---------------------------------------------------------------------------


@pytest.mark.promise("S3.22")
def test_a_pick_up_has_an_address_and_hours_and_no_tracking(office: Office) -> None:
    office.business.settings = {"pickup_address": ADDRESS, "pickup_hours": HOURS}
    office.business.save(update_fields=["settings"])
    orders = [new_order(office, "left_china") for _ in range(2)]
    path = f"parcels/{parcel(office, 'pickup', orders)}"
    for order in (None, *orders):
        if order:
            bring(office, order, "left_china", "at_almaty")
        said = office.read("buyer", f"{path}/")
        assert f"Где забрать {ADDRESS}" in said
        assert f"Часы работы {HOURS}" in said
        assert tracking(office, f"{path}/") is None
    assert office.see("buyer", path)["notices"] == [
        {"label": "Where to collect it", "words": ADDRESS},
        {"label": "Opening hours", "words": HOURS},
    ]
    assert state_of(office, path, "buyer") == "Ждёт в отделе выдачи"
    assert f"Где забрать {ADDRESS}" in office.read("buyer", f"orders/{orders[0]}/")


@pytest.mark.promise("S3.22")
@pytest.mark.parametrize(("mode", "number"), [("almaty", ""), ("kazakhstan", EMS)])
def test_a_delivery_is_tracked_from_the_dispatch_on(office: Office, mode: str, number: str) -> None:
    office.business.settings = {"pickup_address": ADDRESS, "pickup_hours": HOURS}
    office.business.save(update_fields=["settings"])
    parcel_number, _orders = packed(office, mode)
    path = f"parcels/{parcel_number}"
    assert tracking(office, f"{path}/") is None
    assert ADDRESS not in office.read("buyer", f"{path}/")
    office.do("operator", path, "dispatch", **({"local_number": number} if number else {}))
    assert tracking(office, f"{path}/") is not None


@pytest.mark.promise("S3.25")
def test_the_courier_of_almaty_has_stages_and_no_number(office: Office) -> None:
    number, orders = packed(office, "almaty")
    path = f"parcels/{number}"
    office.press("operator", path, "dispatch")
    stages = [state_of(office, path, "buyer")]
    for stage in ("on_way", "missed", "on_way"):
        office.do("operator", path, "courier", courier_stage=stage)
        stages.append(state_of(office, path, "buyer"))
        said = tracking(office, f"{path}/")
        assert said is not None
        assert stages[-1] in said
    office.do("operator", path, "courier_delivered")
    assert stages == ["У курьера по Алматы", "Курьер едет к вам", "Курьер вас не застал", "Курьер едет к вам"]
    assert state_of(office, f"orders/{orders[0]}", "buyer") == "Доставлен"
    said = tracking(office, f"{path}/")
    assert said is not None
    assert all(stage in said for stage in (*stages, "Вручена"))
    assert mails("courier") == [["buyer"]] * 3


def test_whoever_chooses_pick_up_for_the_parcel_gets_the_codes(office: Office) -> None:
    order = new_order(office, "at_almaty")
    path = f"parcels/{parcel(office, 'almaty', [order])}"
    office.press("buyer", path, "choose_mode", mode="pickup")
    fields = {one["key"]: one["value"] for one in office.see("buyer", f"orders/{order}")["fields"]}
    assert len(fields["pickup_code"]) == 6
    office.do("operator", f"orders/{order}", "hand_out", shown_code=fields["pickup_code"])
    assert state_of(office, path, "buyer") == "Вручена"


@pytest.mark.promise("S3.24")
def test_the_way_of_an_ems_parcel_stands_on_its_page_by_itself(office: Office, simulator: Any) -> None:
    number, _orders = packed(office, "kazakhstan")
    path = f"parcels/{number}"
    assert tracking(office, f"{path}/") is None
    office.do("operator", path, "dispatch", local_number=EMS)
    ask_everybody()
    office.work()
    said = tracking(office, f"{path}/")
    assert said is not None
    assert "Казпочта" in said
    assert "Принята у отправителя" in said
    assert "Астана" in said
    assert "У курьера" in said or "Доставляет курьер" in said
