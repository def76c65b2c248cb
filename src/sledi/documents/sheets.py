"""The documents put into words: what each template of ``typst/`` is given. Texts of people pass as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sledi.core import clock
from sledi.core.money import Money
from sledi.documents.models import Issued, SellerDetails
from sledi.documents.papers import Good, buyer_of, local_day, seller_of
from sledi.documents.words import said
from sledi.orders.models import Order
from sledi.orders.showing import amount
from sledi.web.countries import country_name
from sledi.web.dates import full_day

Sheet = dict[str, Any]
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one paper in its language."""

    language: str

    def __call__(self, key: str, **blanks: str) -> str:
        return said(key, self.language, **blanks)

    def day(self, on: date | str) -> str:
        return full_day(date.fromisoformat(on) if isinstance(on, str) else on, self.language)


def warranty_card(order: Order, goods: Sequence[Good], details: SellerDetails, language: str) -> Sheet:
    """Goods with their serial numbers and how long the seller answers for them."""
    words = Words(language)
    return {
        **_frame("warranty_card", words, "warranty_title", order.number),
        "facts": _facts(words, order.number, local_day(order, order.placed_at)),
        "parties": _parties(words, seller_of(details), buyer_of(order)),
        "columns": [words(key) for key in ("goods", "pieces", "serials", "months")],
        "rows": [
            [
                good.name,
                str(good.quantity),
                good.serials or NOTHING,
                str(good.months or details.warranty_months or NOTHING),
            ]
            for good in goods
        ],
        "terms": details.warranty_terms,
        "words": _some(words, "terms", "legal_title", "legal", "seller_signature", "buyer_signature"),
    }


def return_form(
    order: Order, goods: Sequence[Good], details: SellerDetails, days: int, language: str
) -> Sheet:
    """The form to withdraw by, with all that is known filled in (contents: Directive 2011/83/EU, Annex I B)."""
    words = Words(language)
    if order.window_ends_at:
        last = clock.last_day(order.window_ends_at, order.business.country)
        deadline = words("until", day=words.day(last))
    else:
        deadline = words("within", days=str(days))
    keys = ("statement", "wanted", "money", "exchange", "received_on", "reason", "date", "signature")
    return {
        **_frame("return_form", words, "return_title", order.number),
        "facts": _facts(words, order.number, local_day(order, order.placed_at)),
        "parties": _parties(words, seller_of(details), buyer_of(order)),
        "deadline": deadline,
        "columns": ["", words("goods"), words("pieces"), words("returned_pieces")],
        "rows": [[good.name, str(good.quantity)] for good in goods],
        "words": _some(words, *keys, "what_follows") | {"intro": words("return_intro")},
    }


def issued(paper: Issued, language: str) -> Sheet:
    """An invoice, receipt or credit note as it was made."""
    words, found = Words(language), paper.said
    taxed, sign = bool(found["taxes"]), -1 if paper.kind == Issued.CREDIT_NOTE else 1

    def money(minor: int) -> str:
        return amount(Money(minor, found["currency"]), language)

    refers = found.get("refers")
    columns = ("row", "goods", "pieces", "unit_net", "rate", "gross")
    return {
        **_frame("invoice", words, f"{paper.kind}_title", found["order"]),
        "number": words("number", number=paper.shown_number) if paper.number else "",
        "facts": [
            [words("issued_on"), words.day(found["issued_on"])],
            *_facts(words, found["order"], found["ordered_on"]),
        ],
        "refers": words("refers", number=refers["number"], day=words.day(refers["on"])) if refers else "",
        "parties": _parties(words, found["seller"], found["buyer"], tells_vat=True),
        "columns": [
            words(key) for key in (columns if taxed else ("row", "goods", "pieces", "unit", "amount"))
        ],
        "rows": [
            _row(place, line, words, money, taxed=taxed, sign=sign)
            for place, line in enumerate(found["lines"], start=1)
        ],
        "tax_columns": [words(key) for key in ("rate", "base", "vat", "gross")],
        "taxes": [
            [str(tax["percent"]), *(money(sign * tax[key]) for key in ("base", "vat", "gross"))]
            for tax in found["taxes"]
        ],
        "total": money(sign * found["total"]),
        "payment": words(found["payment"]) if found["payment"] else "",
        "remark": words("rounding" if taxed else "no_vat"),
        "words": _some(words, "total"),
    }


def _row(
    place: int, line: Mapping[str, Any], words: Words, money: Any, *, taxed: bool, sign: int
) -> list[str]:
    name = words(line["words"]) if line["words"] else line["name"]
    start = [str(place), name, str(line["quantity"])]
    if not taxed:
        return [*start, money(line["unit"]), money(sign * line["gross"])]
    return [*start, money(line["unit_net"]), str(line["percent"]), money(sign * line["gross"])]


def _frame(template: str, words: Words, title: str, order: str) -> Sheet:
    return {
        "template": template,
        "language": words.language,
        "title": words(title),
        "foot": f"{words(title)} · {words('order')} {order}",
    }


def _facts(words: Words, order: str, ordered_on: date | str) -> list[list[str]]:
    return [[words("order"), order], [words("ordered_on"), words.day(ordered_on)]]


def _parties(
    words: Words, seller: Mapping[str, str], buyer: Mapping[str, Any], *, tells_vat: bool = False
) -> list[dict[str, Any]]:
    lines = [seller["name"], seller["address"], country_name(seller["country"], words.language)]
    if seller["company_number"]:
        lines.append(words("company_number", number=seller["company_number"]))
    if seller["vat_number"]:
        lines.append(words("vat_number", number=seller["vat_number"]))
    elif tells_vat:
        lines.append(words("not_registered"))
    country = country_name(buyer["country"], words.language) if buyer["country"] else ""
    of_buyer = [buyer["name"] or NOTHING, *buyer["address"], *([country] if country else [])]
    return [{"name": words("seller"), "lines": lines}, {"name": words("buyer"), "lines": of_buyer}]


def _some(words: Words, *keys: str) -> dict[str, str]:
    return {key: words(key) for key in keys}
