"""What an invoice, receipt or credit note says, as plain values in no language: it is stored so and never changes.

Amounts are minor units, days are ISO dates; ``sheets`` puts them into words. Of the buyer it holds the name and the
address that goods are sent to, never an e-mail address or telephone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from sledi.core import clock
from sledi.core.workflow import Paper, Workflow
from sledi.core.workflow.vocabulary import Phase
from sledi.documents.models import Issued, SellerDetails
from sledi.documents.refusals import NotPrintable
from sledi.documents.vat import by_rate, included
from sledi.orders.models import Item, Order

DELIVERY, FEE = "delivery", "fee"
"""Lines that are no goods, by their words."""
_ADDRESS = (("street",), ("postcode", "city"), ("region",))


@dataclass(frozen=True, slots=True)
class Good:
    """Goods of one kind. ``serials`` and ``months`` are those the seller gave; ``percent`` None: his usual rate."""

    name: str
    quantity: int
    unit: int = 0
    percent: int | None = None
    serials: str = ""
    months: int | None = None

    @property
    def gross(self) -> int:
        return self.unit * self.quantity


def goods_of(paper: Paper, workflow: Workflow, items: Sequence[Item]) -> list[Good]:
    """What the order brings its buyer, in its order: pieces that were split and are alike stand together again.

    What came to nothing (given back, cancelled) is not on paper. Raises NotPrintable (no_goods).
    """
    found: dict[Good, int] = {}
    for item in items:
        if workflow.states("item")[item.state].phase == Phase.FAILED:
            continue
        alike = replace(_good(paper, item), quantity=0)
        found[alike] = found.get(alike, 0) + item.quantity
    if not found:
        raise NotPrintable("no_goods")
    return [replace(good, quantity=quantity) for good, quantity in found.items()]


def _good(paper: Paper, item: Item) -> Good:
    given = {fact: item.fields.get(key) for fact, key in paper.facts.items()}
    percent = given.get("vat_percent")
    return Good(
        name=item.name,
        quantity=item.quantity,
        unit=item.unit_price_minor,
        percent=None if percent in (None, "") else int(str(percent)),
        serials=str(given.get("serials") or ""),
        months=given.get("months") or None,
    )


def of_sale(order: Order, goods: Sequence[Good], details: SellerDetails, at: datetime) -> dict[str, Any]:
    """An invoice's or a receipt's content. Raises NotPrintable (no_prices)."""
    lines = list(_lines(order, goods, details))
    total = sum(line["gross"] for line in lines)
    if total <= 0:
        raise NotPrintable("no_prices")
    rated = [(line["gross"], line["percent"]) for line in lines] if details.is_vat_registered else []
    return {
        **_heads(order, details, at),
        "lines": lines,
        "taxes": [asdict(tax) for tax in by_rate(rated)],
        "total": total,
        "payment": "on_delivery"
        if order.is_cash_on_delivery
        else "paid"
        if order.paid_minor >= total
        else "",
    }


def of_refund(order: Order, invoice: Issued, details: SellerDetails, at: datetime) -> dict[str, Any]:
    """A credit note's content: all that the invoice said, taken back.

    Raises NotPrintable (not_now) while less was given back than the invoice asked for.
    """
    if order.refunded_minor < invoice.said["total"]:
        raise NotPrintable("not_now")
    return {
        **invoice.said,
        **_heads(order, details, at),
        "payment": "given_back",
        "refers": {"number": invoice.shown_number, "on": invoice.said["issued_on"]},
    }


def seller_of(details: SellerDetails) -> dict[str, str]:
    """Who sells, as it stands on paper."""
    return {
        "name": details.legal_name,
        "address": details.address,
        "country": details.country,
        "company_number": details.company_number,
        "vat_number": details.vat_number,
    }


def buyer_of(order: Order) -> dict[str, Any]:
    """Whom the goods are sent to: his name and address alone."""
    account = order.recipient or order.buyer
    name = order.recipient_name or (account.name if account else "")
    parts = [" ".join(str(order.address.get(key, "")) for key in keys).strip() for keys in _ADDRESS]
    return {
        "name": "" if "@" in name else name,  # an account may be called by its e-mail address
        "address": [part for part in parts if part],
        "country": order.destination,
    }


def local_day(order: Order, at: datetime) -> date:
    """The day of a moment where the business is."""
    return at.astimezone(clock.zone_of(order.business.country)).date()


def _heads(order: Order, details: SellerDetails, at: datetime) -> dict[str, Any]:
    return {
        "order": order.number,
        "ordered_on": local_day(order, order.placed_at).isoformat(),
        "issued_on": local_day(order, at).isoformat(),
        "currency": order.currency,
        "seller": seller_of(details),
        "buyer": buyer_of(order),
    }


def _lines(order: Order, goods: Sequence[Good], details: SellerDetails) -> Iterator[dict[str, Any]]:
    usual = details.vat_percent or 0
    for good in goods:
        percent = usual if good.percent is None else good.percent
        yield _line("", good.name, good.quantity, good.unit, percent if details.is_vat_registered else 0)
    for words, minor in ((DELIVERY, order.shipping_minor), (FEE, order.fee_minor)):
        if minor:
            yield _line(words, "", 1, minor, usual)


def _line(words: str, name: str, quantity: int, unit: int, percent: int) -> dict[str, Any]:
    return {
        "words": words,
        "name": name,
        "quantity": quantity,
        "unit": unit,
        "unit_net": unit - included(unit, percent),
        "percent": percent,
        "gross": unit * quantity,
    }
