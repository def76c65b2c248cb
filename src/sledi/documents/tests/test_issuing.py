"""Papers with numbers: one an order, no gaps, no twins, never changed, whoever prints beside whom."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from sledi.accounts.access import Access
from sledi.documents import operations
from sledi.documents.models import Issued, SellerDetails, Series
from sledi.documents.operations import issue, save_details
from sledi.documents.queries import workflow_of
from sledi.documents.refusals import NotPrintable
from sledi.history.models import Record
from sledi.history.tests.side_by_side import side_by_side
from sledi.history.tests.unlocked import empty
from sledi.orders.models import Order
from sledi.orders.moving.making import Line
from sledi.orders.tests.stage import NOW, Stage, new_stage

DETAILS = {
    "legal_name": "Lights Ltd",
    "address": "1 Vitosha Blvd, Sofia",
    "company_number": "831641791",
    "vat_number": "BG831641791",
    "vat_percent": 20,
}


@pytest.fixture
def market(transactional_db: None) -> Iterator[Stage]:
    stage = new_stage("marketplace")
    told(stage)
    yield stage
    empty()


@pytest.fixture
def stage(db: None) -> Stage:
    stage = new_stage("marketplace")
    told(stage)
    return stage


def told(stage: Stage, **changes: Any) -> SellerDetails:
    return save_details(stage.access("seller"), DETAILS | changes, at=stage.now, cause="web")


def ready(stage: Stage) -> Order:
    """An order in preparation."""
    order = stage.order(Line("Lamp", unit_price_minor=10000), seller_id=stage.person("seller").pk)
    stage.put(order, "processing")
    return order


def invoiced(stage: Stage, order: Order, access: Access | None = None) -> Issued:
    paper = workflow_of(order).documents["invoice"]
    return issue(access or stage.access("seller"), order, paper, at=stage.now, cause="web")


def test_eight_invoices_at_once_have_eight_numbers_in_a_row(market: Stage) -> None:
    orders = [ready(market) for _ in range(8)]
    access = market.access("seller")
    outcomes = side_by_side([lambda one=one: invoiced(market, one, access).number for one in orders])  # type: ignore[misc]
    assert sorted(map(int, map(str, outcomes))) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert Series.objects.get().last_number == Issued.objects.count() == 8


def test_the_same_order_printed_eight_times_at_once_has_one_invoice(market: Stage) -> None:
    order, access = ready(market), market.access("seller")
    outcomes = side_by_side([lambda: invoiced(market, order, access).number] * 8)
    assert list(map(str, outcomes)) == ["1"] * 8
    assert Record.objects.filter(act="document_issued").count() == 1


def test_what_fails_on_the_way_uses_no_number(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = ready(stage), ready(stage)
    with monkeypatch.context() as broken:
        broken.setattr(operations, "record", lambda _rows: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            invoiced(stage, first)
    assert (Series.objects.count(), Issued.objects.count()) == (0, 0)
    assert invoiced(stage, second).number == 1


def test_sellers_count_each_for_himself(stage: Stage) -> None:
    other = stage.access("seller", "ivan")
    save_details(other, DETAILS, at=stage.now, cause="web")
    theirs = stage.order(Line("Cup", unit_price_minor=500), seller_id=stage.person("ivan").pk)
    stage.put(theirs, "processing")
    assert [invoiced(stage, ready(stage)).number for _ in range(2)] == [1, 2]
    assert invoiced(stage, theirs, other).number == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE documents_issued SET number = 7",
        "UPDATE documents_issued SET said = '{}'",
        "DELETE FROM documents_issued",
        "TRUNCATE documents_issued",
        "UPDATE documents_series SET last_number = last_number + 2",
        "UPDATE documents_series SET last_number = 0",
    ],
)
def test_the_database_refuses_to_change_a_paper_or_to_leap(stage: Stage, change: str) -> None:
    invoiced(stage, ready(stage))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    assert Issued.objects.get().number == Series.objects.get().last_number == 1


def test_what_the_seller_says_later_changes_no_paper(stage: Stage) -> None:
    order = ready(stage)
    said = invoiced(stage, order).said
    stage.later(seconds=1)
    told(stage, legal_name="Shades Ltd", vat_percent=9)
    assert invoiced(stage, order).said == said
    assert said["seller"]["name"] == "Lights Ltd"


def test_the_history_does_not_keep_what_a_seller_said_of_himself(stage: Stage) -> None:
    stage.later(seconds=1)
    told(stage, address="2 Vitosha Blvd, Sofia")
    rows = Record.objects.filter(level="seller_details").order_by("sequence")
    assert rows[1].after == {"changed": ["address"]}
    assert "Vitosha" not in str([row.after for row in rows])


def test_pieces_of_one_line_that_were_split_stand_together(stage: Stage) -> None:
    order = stage.order(Line("Lamp", quantity=3, unit_price_minor=10000), seller_id=stage.person("seller").pk)
    item = order.items.get()
    stage.put(order, "processing")
    stage.move("seller", "item", item.pk, "describe", {}, quantity=1)
    assert order.items.count() == 2
    (line,) = invoiced(stage, order).said["lines"]
    assert (line["quantity"], line["gross"]) == (3, 30000)


def test_nobody_makes_an_invoice_before_its_time_or_without_a_seller(stage: Stage) -> None:
    early = ready(stage)
    stage.put(early, "paid_unconfirmed")
    with pytest.raises(NotPrintable, match="not_now"):
        invoiced(stage, early, stage.access("platform"))
    of_business = stage.order(Line("Cup", unit_price_minor=500))
    stage.put(of_business, "processing")
    with pytest.raises(NotPrintable, match="no_details"):
        invoiced(stage, of_business, stage.access("platform"))
    save_details(stage.access("platform"), DETAILS, at=NOW, cause="web")
    assert invoiced(stage, of_business, stage.access("platform")).seller_id == stage.business.pk
