"""``sledi ledger`` and ``sledi history``: what they print, and their exit codes."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import connection

from sledi.accounts.models import Business
from sledi.cli import main
from sledi.core.money import Money
from sledi.database.keys import uuid7
from sledi.history import Actor, Happened
from sledi.history.operations import record
from sledi.history.tests.unlocked import unlocked
from sledi.ledger.operations import debit_item, top_up

AT = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
BORIS = UUID("01980000-0000-7000-8000-0000000000b0")
AIGERIM = Actor("person", "1", "Айгерім", "operator")


@pytest.fixture
def shop(db: None) -> Business:
    """A business whose customer topped up and had an item debited, with three records of history."""
    shop = Business.objects.create(
        slug="shop",
        name="Лавка",
        profile="buyout",
        country="KZ",
        currency="RUB",
        language="ru",
        created_at=AT,
    )
    facts = {"actor": AIGERIM, "created_at": AT}
    top_up(
        shop,
        customer_id=BORIS,
        provider="bank",
        money=Money(10000, "RUB"),
        key="t",
        reference="TX-1",
        **facts,
    )  # type: ignore[arg-type]
    debit_item(
        shop,
        customer_id=BORIS,
        goods=Money(3000, "RUB"),
        subject_id=uuid7(),
        item="Чайник",
        key="d",
        **facts,  # type: ignore[arg-type]
    )
    told = Happened(shop.pk, "item", uuid7(), uuid7(), "take", AIGERIM, "web", AT)
    record([told] * 3)
    return shop


def test_a_sound_ledger_is_said_to_be_so(shop: Business, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "audit"]) == 0
    assert capsys.readouterr().out.endswith("questions asked, 0 broken\n")


def test_what_is_broken_is_named(shop: Business, capsys: pytest.CaptureFixture[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_payment SET refunded = 1")
    assert main(["ledger", "audit"]) == 1
    assert "broken: a payment's cash is what was captured" in capsys.readouterr().out


def test_a_balance_is_explained_line_by_line(shop: Business, capsys: pytest.CaptureFixture[str]) -> None:
    account = f"customer.balance//{BORIS}/RUB"
    assert main(["ledger", "explain", "--business", "shop", account]) == 0
    head, debit, top = capsys.readouterr().out.splitlines()
    assert head == f"{account}  70.00 RUB"
    assert debit.split() == ["2026-10-05", "09:00", "-30.00", "70.00", "debit.goods", "Чайник", "Айгерім"]
    assert top.split() == ["2026-10-05", "09:00", "100.00", "100.00", "top_up.in", "TX-1", "Айгерім"]


@pytest.mark.parametrize(
    ("slug", "account"), [("shop", "nonsense"), ("nobody", f"customer.balance//{BORIS}/RUB")]
)
def test_what_nobody_knows_is_refused(
    shop: Business, capsys: pytest.CaptureFixture[str], slug: str, account: str
) -> None:
    assert main(["ledger", "explain", "--business", slug, account]) == 1
    assert capsys.readouterr().err.startswith("sledi: ")


def test_an_unbroken_history_gives_its_newest_hash(
    shop: Business, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["history", "verify", "--business", "shop"]) == 0
    assert capsys.readouterr().out.startswith("shop: 3 records, unbroken, newest ")


def test_a_broken_history_gives_its_first_broken_record(
    shop: Business, capsys: pytest.CaptureFixture[str]
) -> None:
    with unlocked("history_record"), connection.cursor() as cursor:
        cursor.execute("UPDATE history_record SET note = 'other' WHERE sequence = 2")
    assert main(["history", "verify"]) == 1
    assert capsys.readouterr().out == "shop: broken at record 2: changed\n"


def test_the_history_of_nobody_is_refused(shop: Business, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", "verify", "--business", "nobody"]) == 1
    assert "there is no business 'nobody': shop" in capsys.readouterr().err
