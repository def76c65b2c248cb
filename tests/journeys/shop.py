"""Orders of an international shop, brought to where a journey begins by those who have to do it, over REST."""

from collections.abc import Mapping
from typing import Any

from sledi.core.money import Money
from sledi.orders.models import Order
from sledi.orders.money.payments import payment_paid
from sledi.tracking.tests.scans import scan
from tests.journeys.office import Office

ABROAD = "LB377973995CN"
STEPS = (("prepare", "prepared"), ("check_quality", "quality_checked"), ("pack", "packed"))


def place(office: Office, *items: Mapping[str, Any], buyer: str = "buyer", **facts: Any) -> str:
    """An order that the shop's own site places for a buyer, with what only the shop may say of it."""
    return office.place("platform", *items, buyer=office.person("buyer", buyer).email, **facts)


def pay(office: Office, order: str, minor: int = 3000) -> None:
    """What the payment provider's word does; the signed callback itself comes in ``test_whole_retail``."""
    pk = Order.objects.get(business=office.business, number=order).pk
    paid = Money(minor, office.business.currency)
    assert payment_paid(office.business, "card", f"card-{order}", paid, pk, office.now)


def confirm(office: Office, order: str) -> None:
    """The platform has checked the payment."""
    office.do("platform", f"orders/{order}", "confirm_payment", safety_check="passed")


def start_packing(office: Office, order: str) -> None:
    office.do("operator", f"orders/{order}", "start_packing")


def tick(office: Office, order: str, item: int = 1) -> None:
    """All three steps of packing are done for an item."""
    for move, field in STEPS:
        office.do("operator", f"items/{order}.{item}", move, **{field: True})


def ship(office: Office, order: str, number: str = ABROAD) -> None:
    """Everything is packed and leaves in one box."""
    for item in office.see("operator", f"orders/{order}")["items"]:
        tick(office, order, item["line"])
    office.do("operator", f"orders/{order}", "ship", tracking_number=number)


def bring(office: Office, state: str) -> str:
    """An order of one kettle in this state."""
    order = office.place("buyer")
    if state == "cancelled":
        office.do("buyer", f"orders/{order}", "cancel")
        return order
    steps = {
        "payment_received": lambda: pay(office, order),
        "on_hold": lambda: office.do("platform", f"orders/{order}", "hold", hold_reason="address"),
        "payment_confirmed": lambda: confirm(office, order),
        "packaging": lambda: start_packing(office, order),
        "shipped": lambda: ship(office, order),
        "delivered": lambda: office.scan(ABROAD, scan("done.delivered")),
        "not_delivered": lambda: office.do(
            "platform", f"items/{order}.1", "give_up", loss="lost", note="The post gave it up"
        ),
    }
    aside = {"on_hold", "delivered", "not_delivered"}  # on nobody's way but their own
    for reached, step in steps.items():
        if state == "pending":
            break
        if reached not in aside or reached == state:
            step()
        if reached == state:
            break
    assert office.see("owner", f"orders/{order}")["state"]["key"] == state
    return order
