"""A marketplace's receipt: COMPLETE to be verified, the carrier's evidence, the window that counts from delivery."""

from typing import Any

import pytest

from sledi.orders.models import Outbox
from tests.journeys.office import Office, moment
from tests.journeys.sales import (
    NUMBER,
    SECOND,
    SHIPMENT,
    delivered,
    handed_over,
    processing,
    shipped,
    state,
    verified,
)

pytestmark = pytest.mark.django_db
PROFILE = "marketplace"


def parcel(office: Office, order: str, role: str = "platform") -> Any:
    return office.see(role, f"orders/{order}/parcels")["parcels"][0]


def fields(thing: Any) -> dict[str, Any]:
    return {one["key"]: one["value"] for one in thing["fields"]}


# --- S4.21 ----------------------------------------------------------------------------------------------------


@pytest.mark.promise("S4.21")
def test_complete_of_the_seller_is_to_be_verified_and_not_final(office: Office) -> None:
    order = shipped(office)
    assert office.do("seller", f"orders/{order}", "complete")["to"] == "complete_to_verify"
    found = office.see("seller", f"orders/{order}")["state"]
    assert (found["parent"], found["is_final"]) == ("complete", False)
    assert office.read("seller", f"orders/{order}/", language="bg").startswith(
        "COMPLETE, за проверка COMPLETE"
    )
    assert f"Поръчка {order} Отбележете получаването (COMPLETE)" in office.read("platform", "", language="bg")
    assert office.see("buyer", f"orders/{order}")["window_ends_at"] is None


# --- S4.22 ----------------------------------------------------------------------------------------------------


@pytest.mark.promise("S4.22")
@pytest.mark.parametrize("is_reported_first", [True, False])
def test_a_complete_order_is_verified_by_its_number_and_the_evidence_is_kept(
    office: Office, is_reported_first: bool
) -> None:
    order = shipped(office)
    if is_reported_first:
        office.do("seller", f"orders/{order}", "complete")
        assert state(office, order) == "complete_to_verify"
    office.wait(days=2)
    office.scan(NUMBER, handed_over(office.now))
    if not is_reported_first:
        assert state(office, order) == "shipped", "the seller has not reported it"
        office.do("seller", f"orders/{order}", "complete")
        office.work()
    assert state(office, order) == "complete_verified"
    heard = next(one for one in history(office, order) if one["act"] == "arrive")
    evidence = {one["key"]: one["value"] for one in heard["fields"]}
    assert heard["actor"]["kind"] == "carrier"
    assert evidence == {
        "heard_number": NUMBER,
        "heard_from": "bulgarian_posts",
        "heard_code": "done.delivered",
        "heard_at": "2026-09-30T09:00:00+00:00",
    }
    checked = next(one for one in history(office, order) if one["to"] == "complete_verified")
    assert checked["actor"]["kind"] in ("system", "timer")
    page = office.read("platform", f"orders/{order}/", language="bg")
    assert "COMPLETE, проверена" in page
    told = f"Номер: {NUMBER} Превозвач: Български пощи Събитие: Доставена Кога: 30 септември, 12:00"
    assert told in page.replace("\xa0", " ")


@pytest.mark.promise("S4.22")
def test_without_evidence_the_platform_puts_it_back_to_shipped_with_a_reason(office: Office) -> None:
    order = shipped(office)
    office.do("seller", f"orders/{order}", "complete")
    refusal = office.refused("platform", f"orders/{order}", "verify")
    assert (refusal.status, refusal.body["guard"]) == (409, "evidence")
    assert office.refused("platform", f"orders/{order}", "reject_completion").kind == "missing-field"
    office.do("platform", f"orders/{order}", "reject_completion", rejection="no_scan", note="Няма сканиране")
    assert state(office, order) == "shipped"
    (told, *_) = history(office, order)
    assert {one["key"]: one["value"] for one in told["fields"]}["rejection"] == "no_scan"
    page = office.read("seller", f"orders/{order}/", language="bg")
    assert "Превозвачът няма данни за доставка" in page
    assert "Няма сканиране" in page
    assert list(Outbox.objects.filter(act="reject_completion").latest("id").who) == ["seller"]


def test_what_the_carrier_proved_cannot_be_put_back(office: Office) -> None:
    order = verified(office)
    assert (
        office.refused("platform", f"orders/{order}", "reject_completion", rejection="no_scan").status == 409
    )


def test_seven_days_after_the_delivery_it_is_complete_without_the_seller(office: Office) -> None:
    order = delivered(office)
    office.wait(days=6, hours=23)
    assert state(office, order) == "shipped"
    office.wait(hours=1)
    assert state(office, order) == "complete_verified"


def history(office: Office, order: str, role: str = "platform") -> list[Any]:
    found: list[Any] = office.see(role, f"orders/{order}/history")["history"]
    return found


# --- S4.23, S4.24: the window ---------------------------------------------------------------------------------


@pytest.mark.promise("S4.23")
def test_the_window_counts_from_the_delivery_and_ends_on_a_working_day(office: Office) -> None:
    office.go_to(moment("2026-12-07 09:00"))
    order = shipped(office)
    office.go_to(moment("2026-12-10 15:00"))
    office.scan(NUMBER, handed_over(office.now))
    office.go_to(moment("2026-12-14 10:00"))
    office.do("seller", f"orders/{order}", "complete")
    office.work()
    for role in ("buyer", "seller", "platform"):
        # The midnight after 29 December in Sofia.
        assert office.see(role, f"orders/{order}")["window_ends_at"] == "2026-12-29T22:00:00+00:00"
        page = office.read(role, f"orders/{order}/", language="bg").replace("\xa0", " ")
        assert "29 декември Връщане до" in page
    office.go_to(moment("2026-12-29 21:59"))
    assert state(office, order) == "complete_verified"
    office.go_to(moment("2026-12-29 22:00"))
    assert state(office, order) == "closed"


@pytest.mark.promise("S4.24")
@pytest.mark.parametrize("first_delivered", [NUMBER, SECOND])
def test_the_window_of_two_parcels_runs_from_the_last_one(office: Office, first_delivered: str) -> None:
    office.go_to(moment("2026-11-25 09:00"))
    order = processing(office)
    office.do("seller", f"orders/{order}", "ship", **SHIPMENT)
    office.do("seller", f"parcels/{order}", "add", tracking_number=SECOND)
    last = SECOND if first_delivered == NUMBER else NUMBER
    office.go_to(moment("2026-12-01 12:00"))
    office.scan(first_delivered, handed_over(office.now))
    office.do("seller", f"orders/{order}", "complete")
    office.work()
    assert state(office, order) == "complete_to_verify", "one parcel is still on its way"
    assert office.see("buyer", f"orders/{order}")["window_ends_at"] is None
    office.go_to(moment("2026-12-09 12:00"))
    office.scan(last, handed_over(office.now))
    assert state(office, order) == "complete_verified"
    assert office.see("buyer", f"orders/{order}")["window_ends_at"] == "2026-12-23T22:00:00+00:00"
    page = office.read("buyer", f"orders/{order}/", language="bg").replace("\xa0", " ")
    assert "23 декември Връщане до" in page
