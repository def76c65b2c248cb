"""Writing who a seller is on paper, and making the papers that have to stay as they are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from sledi.accounts.access import Access
from sledi.accounts.models import Business
from sledi.core.workflow import Paper
from sledi.documents import papers, queries
from sledi.documents.details import cleaned
from sledi.documents.models import Issued, SellerDetails, Series
from sledi.documents.refusals import NotPrintable
from sledi.history import Happened
from sledi.history.operations import record
from sledi.orders.models import Order

DETAILS, DOCUMENT = "seller_details", "document"
"""Levels of the history: of details the rows stand under the seller, of documents under the order."""
ISSUED = "document_issued"


def save_details(access: Access, typed: Mapping[str, Any], *, at: datetime, cause: str) -> SellerDetails:
    """Take what a seller says of himself in the place of what he said before; papers that are made stay.

    The same again changes nothing. Raises NotYours, WrongDetails.
    """
    seller_id = queries.own_id(access)
    facts = cleaned(typed, access.business.country)
    with transaction.atomic():
        Business.objects.select_for_update(no_key=True).get(pk=access.business.pk)  # two who save wait
        before = queries.details_of(access.business, seller_id)
        if before is not None and all(getattr(before, key) == value for key, value in facts.items()):
            return before
        saved = SellerDetails.objects.create(
            business=access.business, seller_id=seller_id, created_at=at, **facts
        )
        happened = Happened(
            business_id=access.business.pk,
            level=DETAILS,
            subject_id=saved.pk,
            root_id=seller_id,
            act="changed" if before else "given",
            actor=access.actor,
            cause=cause,
            at=at,
            # Which lines, and not what they say: nothing of a history can be taken back.
            after={"changed": [key for key in facts if before is None or getattr(before, key) != facts[key]]},
        )
        record([happened])
    return saved


def issue(access: Access, order: Order, paper: Paper, *, at: datetime, cause: str) -> Issued:
    """The invoice, receipt or credit note of an order; made now, when it is asked for first.

    Its number is the seller's next one: drawn under a lock that lasts until the paper is stored, so numbers have no
    gaps and no twins; what fails uses none. Raises NotPrintable.
    """
    with transaction.atomic():
        Order.objects.select_for_update(no_key=True).get(pk=order.pk)  # who asks twice at once waits
        order = queries.order_of(access, str(order.pk))
        asked = queries.one_offered(access, order, paper.key)
        if asked.issued is not None:
            return asked.issued
        if asked.hindered:
            raise NotPrintable(asked.hindered)
        kind, said = _content(order, paper, at)
        made = Issued.objects.create(
            business=order.business,
            order=order,
            seller_id=queries.seller_id_of(order),
            key=paper.key,
            kind=kind,
            number=None if kind == Issued.RECEIPT else _next_number(order),
            said=said,
            issued_at=at,
        )
        record([_told(access, made, at, cause)])
    return made


def _content(order: Order, paper: Paper, at: datetime) -> tuple[str, dict[str, Any]]:
    details = queries.demanded_details(order)
    if paper.template == "credit_note":
        made = {one.key: one for one in Issued.objects.filter(business=order.business, order=order)}
        invoice = queries.invoice_of(made)
        if invoice is None:
            raise NotPrintable("not_now")
        return Issued.CREDIT_NOTE, papers.of_refund(order, invoice, details, at)
    goods = papers.goods_of(paper, queries.workflow_of(order), queries.items_of(order))
    kind = Issued.INVOICE if details.is_vat_registered else Issued.RECEIPT
    return kind, papers.of_sale(order, goods, details, at)


def _next_number(order: Order) -> int:
    """The next number of the order's seller; his row stays locked until the transaction ends."""
    whose: dict[str, UUID] = {"business_id": order.business_id, "seller_id": queries.seller_id_of(order)}
    Series.objects.bulk_create([Series(**whose)], ignore_conflicts=True)
    series = Series.objects.select_for_update().get(**whose)
    series.last_number += 1
    series.save(update_fields=["last_number"])
    return series.last_number


def _told(access: Access, made: Issued, at: datetime, cause: str) -> Happened:
    return Happened(
        business_id=made.business_id,
        level=DOCUMENT,
        subject_id=made.pk,
        root_id=made.order_id,
        act=ISSUED,
        actor=access.actor,
        cause=cause,
        at=at,
        note=f"№ {made.shown_number}" if made.number else "",
        after={"document": made.key, "kind": made.kind, "number": made.shown_number},
    )
