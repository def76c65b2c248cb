"""What the database refuses whatever the program does: tried by SQL, as its role and with its rights given back."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import Error, IntegrityError, ProgrammingError, connection, transaction

from sledi.accounts.models import Business
from sledi.ledger.charts import SELLER_PENDING, Ref
from sledi.ledger.models import Entry, EntrySet, Hold, Payout
from sledi.ledger.operations import payout_run, release, settle_payout
from sledi.ledger.tests.world import (
    AIGERIM,
    AT,
    BORIS,
    OKSANA,
    VESELA,
    a_business,
    assert_sound,
    debited,
    facts,
    of,
    rub,
    sold,
    topped_up,
)


def run(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def put_in(shop: Business, *amounts: tuple[Ref, str], business: Business | None = None) -> None:
    """Write entries past the program, each behind the last of its account."""
    run(
        "INSERT INTO ledger_entryset (id, business_id, key, digest, kind, reference, actor_kind, actor_id,"
        " actor_name, actor_role, effective_at, created_at)"
        " VALUES (gen_random_uuid(), %s, %s, '', 'forged', '', 'system', '', '', '', now(), now())",
        shop.pk,
        f"forged-{uuid4()}",
    )
    for ref, amount in amounts:
        run(
            "INSERT INTO ledger_entry (id, business_id, entry_set_id, account_id, amount, balance_after,"
            " account_version, subject_level, words_key, item)"
            " SELECT gen_random_uuid(), %s, (SELECT id FROM ledger_entryset ORDER BY key LIKE 'forged%%' DESC,"
            "   created_at DESC LIMIT 1), a.id, %s, a.balance + %s, a.version + 1, '', 'forged', ''"
            " FROM ledger_account a WHERE a.business_id = %s AND a.name = %s",
            (business or shop).pk,
            amount,
            amount,
            shop.pk,
            ref.name,
        )


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_entryset"])
class TestAppendOnly:
    @pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
    def test_the_products_role_changes_nothing(self, shop: Business, table: str, change: str) -> None:
        topped_up(shop, rub(1))
        run("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(Error, match=r"never changed|permission denied"), transaction.atomic():
            run(change.format(table))
        assert (EntrySet.objects.count(), Entry.objects.count()) == (1, 2)

    @pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
    def test_the_trigger_refuses_also_who_has_the_right(
        self, shop: Business, table: str, change: str
    ) -> None:
        topped_up(shop, rub(1))
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run(f"GRANT UPDATE, DELETE ON {table} TO CURRENT_USER")
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            run(change.format(table))
        assert_sound()


@pytest.mark.parametrize("right", ["UPDATE", "DELETE"])
def test_the_right_to_change_entries_is_revoked(shop: Business, right: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        is_superuser = cursor.fetchone() == (True,)
        cursor.execute("SELECT has_table_privilege('ledger_entry', %s)", [right])
        assert cursor.fetchone() == (is_superuser,)  # nobody can take a right from a superuser
    if not is_superuser:
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            run("UPDATE ledger_entry SET item = ''" if right == "UPDATE" else "DELETE FROM ledger_entry")


class TestZero:
    def test_a_set_that_is_not_zero_is_refused_at_the_commit(self, shop: Business) -> None:
        topped_up(shop, rub(1))
        put_in(shop, (of(BORIS), "5"))
        with pytest.raises(IntegrityError, match="not zero"), transaction.atomic():
            run("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)

    def test_each_currency_counts_for_itself(self, shop: Business) -> None:
        topped_up(shop, rub(1))
        sold(shop)
        put_in(shop, (of(BORIS), "5"), (Ref(SELLER_PENDING, VESELA, "EUR"), "-5"))
        with pytest.raises(IntegrityError, match="not zero"), transaction.atomic():
            run("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)

    def test_entries_of_another_business_are_refused(self, shop: Business) -> None:
        topped_up(shop, rub(1))
        topped_up(shop, rub(1), OKSANA)
        put_in(shop, (of(BORIS), "1"), (of(OKSANA), "-1"), business=a_business("other"))
        with pytest.raises(IntegrityError, match="not of one business"), transaction.atomic():
            run("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)

    def test_an_entry_of_nothing_is_refused(self, shop: Business) -> None:
        topped_up(shop, rub(1))
        with pytest.raises(IntegrityError, match="ledger_entry_amount"), transaction.atomic():
            put_in(shop, (of(BORIS), "0"))

    def test_two_entries_in_one_place_of_an_account_are_refused(self, shop: Business) -> None:
        topped_up(shop, rub(1))
        with pytest.raises(IntegrityError, match="ledger_entry_version"), transaction.atomic():
            put_in(shop, (of(BORIS), "1"), (of(BORIS), "-1"))


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("balance = -0.01", "ledger_account_floor"),
        ("balance = 1.005", "ledger_account_decimals"),
        ("exponent = 4", "ledger_account_decimals"),
        ("currency = 'rub'", "ledger_account_currency"),
    ],
)
def test_a_wrong_account_is_refused(shop: Business, change: str, constraint: str) -> None:
    topped_up(shop, rub(1))
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        run(f"UPDATE ledger_account SET {change} WHERE kind = 'customer.balance'")


@pytest.mark.parametrize("change", ["refunded = 31", "refunded = -1", "debited = -1"])
def test_refunds_above_the_debit_are_refused(shop: Business, change: str) -> None:
    topped_up(shop, rub(100))
    debited(shop, rub(30))
    with pytest.raises(IntegrityError, match="ledger_charge_refunded"), transaction.atomic():
        run(f"UPDATE ledger_charge SET {change}")


def test_a_hold_ends_once(shop: Business) -> None:
    release(shop, subject_id=sold(shop), **facts())
    for status in ("voided", "pending"):
        with pytest.raises(IntegrityError, match="has ended: captured"), transaction.atomic():
            Hold.objects.update(status=status, resolved_at=None if status == "pending" else AT)


def test_a_payout_ends_once_and_takes_an_entry_once(shop: Business) -> None:
    release(shop, subject_id=sold(shop), **facts())
    later = AT + timedelta(days=1)
    (payout,) = payout_run(
        shop, key="run", cut_off_at=later, pays_on=later.date(), actor=AIGERIM, created_at=later
    )
    again = (
        "INSERT INTO ledger_payoutline (id, business_id, payout_id, entry_id, amount, words_key, subject_level,"
        " subject_id) SELECT gen_random_uuid(), business_id, payout_id, {}, amount, words_key, subject_level,"
        " subject_id FROM ledger_payoutline"
    )
    with pytest.raises(IntegrityError, match="entry_id"), transaction.atomic():
        run(again.format("entry_id"))
    with pytest.raises(IntegrityError, match="ledger_payout_line_sale_once"), transaction.atomic():
        run(again.format("gen_random_uuid()"))
    settle_payout(shop, payout_id=payout.pk, is_paid=True, provider="card", **facts())
    with pytest.raises(IntegrityError, match="has ended: paid"), transaction.atomic():
        Payout.objects.update(status="failed")


def test_accounts_with_entries_stay(shop: Business) -> None:
    topped_up(shop, rub(1))
    run("SET CONSTRAINTS ALL IMMEDIATE")
    # Whose foreign key refuses first cannot even look: it would have to lock entries.
    with pytest.raises(Error, match=r"foreign key|permission denied"), transaction.atomic():
        run("DELETE FROM ledger_account WHERE name = %s", of(BORIS).name)
