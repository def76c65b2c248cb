"""Sales on a marketplace brought to where a journey begins, each step by who has to do it, over REST."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sledi.core.carrier import Event
from sledi.core.money import Money
from sledi.orders.models import Order
from sledi.orders.money.payments import payment_paid
from sledi.tracking.tests.scans import scan
from tests.journeys.office import Office

LAMP: Mapping[str, Any] = {"name": "Лампа", "unit_price": "100.00"}
NUMBER, SECOND = "RR123456785BG", "CP123456785BG"
BY_ECONT = "1051234567890"
ENCLOSED = {"warranty_card": True, "invoice": True, "return_form": True}
SHIPMENT: Mapping[str, Any] = {"tracking_number": NUMBER, **ENCLOSED}
REPLACEMENT: Mapping[str, Any] = {"tracking_number": SECOND, **ENCLOSED}
COMPLAINT = {"complaint": "damaged", "action": "refund", "note": "Счупена е"}


def email_of(office: Office, role: str, name: str = "") -> str:
    """The address by which somebody is named in an order; invited when he comes first."""
    return office.person(role, name).email


def sold(office: Office, *items: Mapping[str, Any], seller: str = "seller", **facts: Any) -> str:
    """An order of 100.00 and 5.00 for its delivery, placed on the marketplace and not paid; its number."""
    facts = {"shipping": "5.00", **facts}
    return office.place(
        "platform",
        *(items or (LAMP,)),
        seller=email_of(office, "seller", seller),
        buyer=email_of(office, "buyer"),
        **facts,
    )


def pay(office: Office, order: str, minor: int = 10500) -> None:
    """The payment provider's word that an order is paid."""
    pk = Order.objects.get(business=office.business, number=order).pk
    assert payment_paid(office.business, "card", f"P-{order}", Money(minor, "RUB"), pk, office.now)


def paid(office: Office, *items: Mapping[str, Any], minor: int = 10500, **facts: Any) -> str:
    """The same, paid by card; the platform has not confirmed it yet."""
    order = sold(office, *items, **facts)
    pay(office, order, minor)
    return order


def processed(office: Office, *items: Mapping[str, Any], **facts: Any) -> str:
    """The same, confirmed by the platform: the seller sees it."""
    order = paid(office, *items, **facts)
    office.do("platform", f"orders/{order}", "process")
    return order


def processing(office: Office, **facts: Any) -> str:
    """The same, begun by its seller."""
    order, seller = processed(office, **facts), str(facts.get("seller", "seller"))
    office.do("seller", f"orders/{order}", "start", name=seller)
    return order


def shipped(office: Office, number: str = NUMBER, **facts: Any) -> str:
    """The same, sent under a number."""
    order = processing(office, **facts)
    office.do("seller", f"orders/{order}", "ship", **{**SHIPMENT, "tracking_number": number})
    return order


def delivered(office: Office, number: str = NUMBER, **facts: Any) -> str:
    """The same, delivered now by the carrier's word; the seller has said nothing."""
    order = shipped(office, number, **facts)
    office.scan(number, handed_over(office.now))
    return order


def verified(office: Office, number: str = NUMBER, **facts: Any) -> str:
    """The same, reported by the seller and verified by the carrier's evidence."""
    order = delivered(office, number, **facts)
    office.do("seller", f"orders/{order}", "complete")
    office.work()
    assert state(office, order) == "complete_verified"
    return order


def disputed(office: Office, **facts: Any) -> str:
    """The same, and the buyer has opened a case."""
    order = verified(office, **facts)
    open_case(office, order)
    return order


def open_case(office: Office, order: str, **fields: Any) -> str:
    """The buyer's case about an order; its number."""
    office.do("buyer", f"cases/{order}", "open", **{**COMPLAINT, **fields})
    cases = office.see("buyer", f"orders/{order}/cases")["cases"]
    return str(cases[-1]["number"])


def closed(office: Office, **facts: Any) -> str:
    """The same without a case, and the time for returns is over."""
    order = verified(office, **facts)
    office.go_to(datetime.fromisoformat(office.see("platform", f"orders/{order}")["window_ends_at"]))
    assert state(office, order) == "closed"
    return order


def state(office: Office, order: str, role: str = "platform") -> str:
    """In which state an order is."""
    return str(office.see(role, f"orders/{order}")["state"]["key"])


def handed_over(at: datetime, code: str = "done.delivered") -> Event:
    """What is reported of a parcel at a moment, by whom the post was asked through."""
    facts = {"place": "София", "country": "BG", "carrier": "bulgarian_posts"}
    return scan(code, occurred_at=at, raw_time=at.isoformat(), **facts)
