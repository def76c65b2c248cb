"""An order of a marketplace from its placing to the money in the seller's bank, over REST, each step by its owner."""

from datetime import datetime
from typing import Any

import pytest

from tests.journeys.office import Office, moment
from tests.journeys.paying import Kassa
from tests.journeys.paying import kassa as kassa
from tests.journeys.sales import LAMP, NUMBER, SHIPMENT, email_of, handed_over
from tests.journeys.test_s4_payouts import give

pytestmark = pytest.mark.django_db
PROFILE = "marketplace"
IBAN = "BG80BNBG96611020345678"


def test_an_order_goes_from_its_placing_to_the_payout_of_its_seller(office: Office, kassa: Kassa) -> None:
    assert give(office, IBAN).status_code == 302
    seen: list[str] = []

    def stands(role: str = "buyer") -> Any:
        found = office.see(role, f"orders/{order}")
        seen.append(found["state"]["key"])
        return found

    order = office.place(
        "platform",
        LAMP,
        seller=email_of(office, "seller"),
        buyer=email_of(office, "buyer"),
        shipping="5.00",
        processing_days=3,
    )
    office.do("platform", f"orders/{order}", "set_delivery_option", delivery_working_days=7)
    stands()
    checkout = office.api("buyer", "post", f"orders/{order}/checkouts")
    kassa.press(checkout.body["address"])
    assert kassa.deliver(kassa.callback()) == 200
    office.do("platform", f"orders/{order}", "process", note="Платено с карта")
    stands("seller")
    office.do("seller", f"orders/{order}", "start")
    stands("seller")
    office.wait(days=2)
    office.do("seller", f"orders/{order}", "ship", **SHIPMENT, note="Тръгна днес")
    stands()
    office.wait(days=3)
    office.do("seller", f"orders/{order}", "complete")
    stands("seller")
    office.wait(days=1)
    office.scan(NUMBER, handed_over(office.now))
    proved = stands()
    # Delivered on Sunday 4 October: the fourteenth day is Sunday the 18th, so Monday counts, too.
    assert proved["window_ends_at"] == "2026-10-19T21:00:00+00:00"
    assert office.api("platform", "post", "payout-runs").body["payouts"] == []
    office.go_to(datetime.fromisoformat(proved["window_ends_at"]))
    stands()
    assert seen == [
        "paid_unconfirmed",
        "processed",
        "processing",
        "shipped",
        "complete_to_verify",
        "complete_verified",
        "closed",
    ]
    assert office.api("platform", "post", "payout-runs").body["payouts"] == [], "its day has not come"
    office.go_to(moment("2026-11-02 09:00"))
    (payout,) = office.api("platform", "post", "payout-runs").body["payouts"]
    found = office.see("seller", f"payouts/{payout}")
    assert (found["money"]["amount"], found["state"]) == ("90.00", "in_transit")
    fields = {"bank_reference": "BISERA-7731"}
    done = office.api("platform", "post", f"payouts/{payout}/moves/settle", {"fields": fields})
    assert done.status == 200, done.body
    assert office.see("seller", f"payouts/{payout}")["state"] == "paid"
    office.go_to(moment("2028-11-30 09:00"))
    assert office.see("platform", f"orders/{order}")["state"]["key"] == "archived"
