"""What only the owner of the tables can do: lift the locks of those that never change."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

APPEND_ONLY = ("history_record", "ledger_entryset", "ledger_entry", "documents_issued")
REVOKED = ("ledger_entry",)  # whose owner took UPDATE and DELETE from himself


@contextmanager
def unlocked(*tables: str) -> Iterator[None]:
    """With the triggers of these tables off and the rights to change them given back."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            if table in REVOKED:
                cursor.execute(f"GRANT UPDATE, DELETE ON {table} TO CURRENT_USER")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        for table in tables:
            _lock(table)


def _lock(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [table]
        )
        for (trigger,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")
        if table in REVOKED:
            cursor.execute(f"REVOKE UPDATE, DELETE ON {table} FROM CURRENT_USER")


def empty() -> None:
    """Empty the tables that never change, so that the flush after a test with real commits can go on."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(f"(SELECT '{table}' FROM {table} LIMIT 1)" for table in APPEND_ONLY)
        )
        filled = [table for (table,) in cursor.fetchall()]
        with unlocked(*filled):
            if filled:
                cursor.execute(f"TRUNCATE {', '.join(APPEND_ONLY)} CASCADE")
