"""Purchases of a buying service brought to where a journey begins, each step by who has to do it, over REST."""

import re
from collections.abc import Mapping
from typing import Any

from tests.journeys.office import Office
from tests.journeys.world import command

KETTLE: Mapping[str, Any] = {"name": "Kettle", "unit_price": "30.00", "fee": "3.00", "country": "CN"}
LAMP: Mapping[str, Any] = {"name": "Lamp", "unit_price": "20.00", "fee": "2.00", "country": "CN"}
RUG: Mapping[str, Any] = {"name": "Rug", "unit_price": "10.00", "fee": "1.00", "country": "CN"}


def paid_order(office: Office, *items: Mapping[str, Any], reseller: str = "reseller", **facts: Any) -> str:
    """An order of a reseller's end buyer, who has paid for it in the reseller's shop; its number."""
    for name in (reseller, "end_buyer"):
        office.person("end_buyer" if name == "end_buyer" else "reseller", name)
    placed = office.place(
        "operator",
        *(items or (KETTLE,)),
        reseller=office.stage.person(reseller).email,
        recipient=office.stage.person("end_buyer").email,
        **facts,
    )
    office.do(
        "reseller", f"orders/{placed}", "note_payment", name=reseller, paid_on=office.now.date().isoformat()
    )
    return placed


def sent(office: Office, *items: Mapping[str, Any], reseller: str = "reseller", **facts: Any) -> str:
    """The same, with all its items in the queue for buyout."""
    order = paid_order(office, *items, reseller=reseller, **facts)
    for item in office.see("operator", f"orders/{order}")["items"]:
        office.do("reseller", f"items/{order}.{item['number']}", "send", name=reseller)
    return order


def taken(office: Office, *items: Mapping[str, Any], reseller: str = "reseller", **facts: Any) -> str:
    """The same, debited and being bought, from an account that had 1 000.00."""
    order = sent(office, *items, reseller=reseller, **facts)
    office.fund(100_000, f"top-up of {reseller} for {order}", reseller)
    for item in office.see("operator", f"orders/{order}")["items"]:
        office.do("operator", f"items/{order}.{item['number']}", "take")
    return order


def ordered(office: Office, *items: Mapping[str, Any], reseller: str = "reseller", **facts: Any) -> str:
    """The same, bought from the seller at the agreed price."""
    order = taken(office, *items, reseller=reseller, **facts)
    for item in office.see("operator", f"orders/{order}")["items"]:
        buy(office, f"{order}.{item['number']}", item["goods_total"]["amount"])
    return order


def buy(office: Office, item: str, price: str, number: str = "", **more: Any) -> Any:
    """Record the purchase of an item at the marketplace."""
    more = {"marketplace": "taobao", "external_order_no": number or f"36-{item}", **more}
    return office.do("operator", f"items/{item}", "buy", actual_price=price, **more)


def item_of(office: Office, item: str, role: str = "operator", name: str = "") -> Any:
    """What REST shows of ``7KQM-3XF4.2``, in Russian."""
    order, _, number = item.partition(".")
    answer = office.api(role, "get", f"orders/{order}/items", name=name, Accept_Language="ru")
    assert answer.status == 200, answer.body
    return next(one for one in answer.body["items"] if one["number"] == number)


def field_of(thing: Any, key: str) -> Any:
    """What REST shows of one supplied field; None when it has none of this key."""
    return next((one for one in thing["fields"] if one["key"] == key), None)


def balance(office: Office, name: str = "reseller") -> str:
    """What somebody has on the account, as the command line tells it: ``1000.00``."""
    account = f"customer.balance//{office.stage.person(name).pk}/RUB"
    code, said = command("ledger", "explain", "--business", office.business.slug, account)
    assert code == 0, said
    return next(word for word in said.splitlines()[0].split() if _AMOUNT.fullmatch(word))


_AMOUNT = re.compile(r"-?\d+\.\d\d")
