"""A buyout from the reseller's order to the buyer's door, over REST alone: each role by its own key."""

from itertools import pairwise
from typing import Any

import pytest

from sledi.tracking.tests.scans import scan
from tests.journeys.office import Office
from tests.journeys.purchases import balance
from tests.journeys.world import command

PROFILE = "buyout"
pytestmark = pytest.mark.django_db

IN_CHINA = ("YT8825498020044", "JT5343908375834")
ABROAD = "RR123456785CN"


def place(office: Office) -> str:
    """The reseller's own order for his buyer, paid in his shop, both items sent for buyout."""
    office.person("end_buyer")
    order = office.place(
        "reseller",
        {"name": "Kettle", "unit_price": "30.00", "country": "CN"},
        {"name": "Lamp", "unit_price": "20.00", "quantity": 2, "country": "CN"},
        recipient=office.stage.person("end_buyer").email,
        recipient_name="Надежда Волкова",
        destination="RU",
    )
    office.do("reseller", f"orders/{order}", "note_payment", paid_on="2026-09-28")
    for line in (1, 2):
        office.do("reseller", f"items/{order}.{line}", "send")
    return order


def buy(office: Office, order: str, line: int, price: str) -> None:
    office.do("operator", f"items/{order}.{line}", "take")
    office.wait(hours=1)
    fields: dict[str, Any] = {
        "marketplace": "taobao",
        "external_order_no": f"36201477509{line}",
        "actual_price": price,
    }
    office.do("operator", f"items/{order}.{line}", "buy", **fields)
    office.wait(days=1)
    office.do("operator", f"items/{order}.{line}", "dispatch", domestic_number=IN_CHINA[line - 1])


def carrier_says(office: Office, code: str, **where: Any) -> None:
    office.wait(days=1)
    office.scan(ABROAD, scan(code, occurred_at=office.now, raw_time=office.now.isoformat(), **where))


def standing(office: Office, order: str) -> tuple[str, list[str], list[str]]:
    """The states of an order, its items and its parcels."""
    shown = office.see("supervisor", f"orders/{order}")
    items, parcels = ([one["state"]["key"] for one in shown[level]] for level in ("items", "parcels"))
    return shown["state"]["key"], items, parcels


def test_a_buyout_goes_from_the_order_to_the_buyers_door(office: Office) -> None:
    order = place(office)
    assert standing(office, order) == ("ordering", ["queued", "queued"], [])
    office.fund(10_000)
    for line, price in ((1, "30.00"), (2, "40.00")):
        buy(office, order, line, price)
    assert standing(office, order) == ("ordering", ["domestic_transit"] * 2, [])
    office.wait(days=1)
    for number in IN_CHINA:
        answer = office.api("operator", "post", "scans", {"number": number, "fields": {"weight_g": 700}})
        assert [one["to"] for one in answer.body["moved"]] == ["received"]
    assert standing(office, order) == ("at_warehouse", ["received"] * 2, [])
    office.do("logist", f"parcels/{order}", "form")
    (parcel,) = office.see("logist", f"orders/{order}")["parcels"]
    box: dict[str, Any] = {"weight_g": 1500, "length_mm": 300, "width_mm": 200, "height_mm": 100}
    office.do("logist", f"parcels/{parcel['number']}", "pack", declared_contents="Kettle, lamps", **box)
    assert standing(office, order) == ("sending", ["packed"] * 2, ["packed"])
    office.do("logist", f"parcels/{parcel['number']}", "hand_over", international_number=ABROAD)
    assert standing(office, order)[2] == ["handed_over"]
    carrier_says(office, "exp.departed")
    assert standing(office, order)[2] == ["in_transit"]
    carrier_says(office, "done.delivered", country="RU", place="Казань")
    assert standing(office, order) == ("delivered", ["delivered"] * 2, ["delivered"])
    ended(office, order)


def ended(office: Office, order: str) -> None:
    """Money, history and books at the end."""
    assert balance(office) == "30.00"
    history = office.see("supervisor", f"orders/{order}/history?size=100")["history"]
    of_item = [one for one in reversed(history) if one["level"] == "item" and one["number"] == "1"]
    assert [(one["act"], one["actor"]["role"]) for one in of_item] == [
        ("send", "reseller"),
        ("take", "operator"),
        ("buy", "operator"),
        ("dispatch", "operator"),
        ("receive", "operator"),
        ("pack", "system"),
        ("deliver", "system"),
    ]
    assert all(one["from"] == before["to"] for before, one in pairwise(of_item))
    buyers = office.see("end_buyer", f"orders/{order}")
    assert (buyers["state"]["key"], buyers["amounts"]["goods"]) == ("delivered", None)
    for words in (("history", "verify", "--business", office.business.slug), ("ledger", "audit")):
        code, said = command(*words)
        assert code == 0, said
