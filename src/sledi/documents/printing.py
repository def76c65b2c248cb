"""A document on its way to the printer: found, made where it has to be made, put into words, rendered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sledi.accounts.access import Access
from sledi.core.workflow import Paper
from sledi.core.workflow.vocabulary import ALL_DOCUMENTS
from sledi.documents import papers, queries, sheets
from sledi.documents.models import Issued
from sledi.documents.operations import issue
from sledi.documents.queries import STORED, Offered
from sledi.documents.refusals import NotPrintable
from sledi.documents.rendering import pdf
from sledi.orders.models import Order
from sledi.orders.refusals import NotYours


class UnknownLanguage(ValueError):
    """Nothing is printed in this language."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A file ready to be sent."""

    content: bytes
    name: str
    language: str  # of the first sheet


def printed(access: Access, number: str, key: str, language: str, *, at: datetime, cause: str) -> Printed:
    """One document of an order, or all that can be printed now, as one PDF. ``language`` "" is each paper's own.

    An invoice or receipt that is printed first is made by it. Raises NotYours, NotPrintable, UnknownLanguage.
    """
    order = queries.order_of(access, number)
    if language and language not in queries.workflow_of(order).languages:
        raise UnknownLanguage(language)
    found = queries.offered(access, order)
    chosen = _all(found) if key == ALL_DOCUMENTS else [one for one in found if one.key == key]
    if not chosen:
        raise NotYours
    made = [_made(access, order, one, at, cause) for one in chosen]
    composed = [_sheet(order, one.paper, stored, language) for one, stored in zip(chosen, made, strict=True)]
    title = composed[0]["title"] if len(composed) == 1 else composed[0]["foot"].partition(" · ")[2]
    content = pdf(
        composed,
        title=title,
        author=composed[0]["parties"][0]["lines"][0],
        made_at=max(one.issued_at if one else order.placed_at for one in made),
    )
    return Printed(content, f"{key}-{order.number}.pdf", composed[0]["language"])


def _all(found: list[Offered]) -> list[Offered]:
    """What can be printed now; what the seller lacks hinders all. Raises NotPrintable."""
    if lacking := next((one for one in found if one.hindered == "no_details"), None):
        raise NotPrintable(lacking.hindered)
    possible = [one for one in found if not one.hindered]
    if found and not possible:
        raise NotPrintable(found[0].hindered)
    return possible


def _made(access: Access, order: Order, one: Offered, at: datetime, cause: str) -> Issued | None:
    """The stored paper of a document that has one; None for those put together anew. Raises NotPrintable."""
    if one.hindered:
        raise NotPrintable(one.hindered)
    if one.paper.template not in STORED:
        return None
    return one.issued or issue(access, order, one.paper, at=at, cause=cause)


def _sheet(order: Order, paper: Paper, stored: Issued | None, language: str) -> dict[str, Any]:
    said_in = language or language_of(order, paper)
    if stored is not None:
        return sheets.issued(stored, said_in)
    details, workflow = queries.demanded_details(order), queries.workflow_of(order)
    goods = papers.goods_of(paper, workflow, queries.items_of(order))
    if paper.template == "warranty_card":
        return sheets.warranty_card(order, goods, details, said_in)
    settings = workflow.settings_with(order.business.settings)
    return sheets.return_form(order, goods, details, int(settings[paper.facts["days"]]), said_in)


def language_of(order: Order, paper: Paper) -> str:
    """The paper's own language, else that of the business, else the first that the profile has."""
    languages = queries.workflow_of(order).languages
    wanted = paper.language or order.business.language
    return wanted if wanted in languages else languages[0]
