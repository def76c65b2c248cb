"""A forwarder's people at work: orders, trucks and parcels brought on through the doors, one step after the other."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from django.test import Client

from tests.journeys.office import Office

WAY = (
    "unpaid",
    "paid",
    "processing",
    "to_china_warehouse",
    "at_china_warehouse",
    "left_china",
    "at_almaty",
    "packed",
    "sent",
    "delivered",
)
"""The states of an order in the order of the journey."""

EXPECTED = "2026-10-10"
EMS = "EE495977191KZ"
_TAKINGS = count(1)


def in_china(n: int = 0) -> str:
    """A Chinese carrier's number."""
    return f"YT88254980{n:05}"


def new_order(
    office: Office, state: str = "unpaid", price: str = "30.00", name: str = "", **facts: Any
) -> str:
    """An order of the buyer for 30.00, brought to a state by those who do that; its number."""
    number = office.place("buyer", {"name": "Kettle", "unit_price": price}, name=name, **facts)
    if state != "unpaid":
        office.fund(int(price.replace(".", "")), f"taking {next(_TAKINGS)}", name or "buyer")
        office.do("buyer", f"orders/{number}", "pay", name=name)
    bring(office, number, "paid", state)
    return number


def bring(office: Office, number: str, source: str, state: str) -> None:
    """Bring an order from one state to a later one, up to the warehouse in Almaty."""
    for step in WAY[WAY.index(source) + 1 : WAY.index(state) + 1]:
        path = f"orders/{number}"
        match step:
            case "processing":
                office.do("operator", path, "take")
            case "to_china_warehouse":
                office.do("operator", path, "buy", external_order_no="3620")
                office.do("operator", path, "dispatch", domestic_number=in_china())
            case "at_china_warehouse":
                office.do("operator", path, "receive", inspection="as_ordered", weight_g=1310)
            case "left_china":
                depart(office, truck(office, number))
            case "at_almaty":
                office.do("operator", path, "arrive")


def truck(office: Office, *orders: str) -> str:
    """A manifest with these orders; its number."""
    number = made(office, "logist", "hauls", "open", vehicle="MAN 18.440")
    office.api("logist", "post", f"hauls/{number}/loadings", {"orders": list(orders)})
    return number


def depart(office: Office, haul: str, expected_at: str = EXPECTED) -> Any:
    return office.do("logist", f"hauls/{haul}", "depart", expected_at=expected_at)


def parcel(office: Office, mode: str, orders: Sequence[str]) -> str:
    """A parcel with these orders, to be received this way; its number."""
    number = made(office, "operator", "parcels", "open", mode=mode)
    answer = office.api("operator", "post", f"parcels/{number}/loadings", {"orders": list(orders)})
    assert answer.body == {"orders": len(orders)}, answer.body
    return number


def made(office: Office, role: str, place: str, move: str, **fields: Any) -> str:
    answer = office.api(role, "post", place, {"move": move, "fields": fields})
    assert answer.status == 201, answer.body
    return str(answer.body["number"])


def state_of(office: Office, path: str, role: str = "operator") -> str:
    """What REST calls the state of ``orders/7KQM-3XF4``, in Russian."""
    answer = office.api(role, "get", path, accept_language="ru")
    assert answer.status == 200, answer.body
    return str(answer.body["state"]["label"])


def told(office: Office, path: str, role: str = "buyer") -> list[str]:
    """The moves in the history of a thing, the oldest first."""
    return [line["act"] for line in reversed(office.see(role, f"{path}/history")["history"])]


def mails(act: str) -> list[list[str]]:
    """Of each time a move was done, which roles are told of it."""
    from sledi.orders.models import Outbox

    return [list(row.who) for row in Outbox.objects.filter(act=act).order_by("created_at", "pk")]


def many_orders(office: Office, count_of: int, price: str = "30.00") -> list[str]:
    """So many orders of the buyer at the warehouse in China: placed by one file, then moved in bulk where that goes."""
    table = "reference,name,quantity,unit_price\n" + "".join(
        f"B{n},Kettle,1,{price}\n" for n in range(count_of)
    )
    orders = _placed(office, table)
    office.fund(int(price.replace(".", "")) * count_of, f"taking {next(_TAKINGS)}", "buyer")
    for order in orders:
        office.do("buyer", f"orders/{order}", "pay")
        office.do("operator", f"orders/{order}", "take")
    bulk(office, orders, "buy", external_order_no="3620")
    numbers = {order: {"domestic_number": in_china(n)} for n, order in enumerate(orders)}
    bulk(office, orders, "dispatch", numbers)
    bulk(office, orders, "receive", inspection="as_ordered", weight_g=700)
    return orders


def _placed(office: Office, table: str) -> list[str]:
    answer = Client().post(
        f"/api/v1/businesses/{office.business.slug}/imports/orders",
        table.encode(),
        content_type="text/csv",
        headers={"authorization": f"Bearer {office._key('buyer', '')}"},
    )
    assert answer.status_code == 200, answer.content
    found = [row["number"] for row in answer.json()["rows"]]
    assert len(set(found)) == table.count("\n") - 1
    return found


def bulk(
    office: Office, orders: Sequence[str], move: str, each: Any = None, role: str = "operator", **fields: Any
) -> Any:
    """The same move with many orders, all of which have to be done."""
    rows = [{"number": order, "fields": {**fields, **(each or {}).get(order, {})}} for order in orders]
    answer = office.api(role, "post", f"orders/moves/{move}", {"rows": rows})
    assert (answer.status, answer.body["done"], answer.body["refused"]) == (200, len(orders), 0), answer.body
    return answer.body
