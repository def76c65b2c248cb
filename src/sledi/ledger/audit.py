"""The invariants, asked of the rows themselves. Every query gives no row in a sound ledger; it runs at night.

Triggers and constraints refuse most of what is looked for here. The audit looks all the same: a database can be
restored from a bad copy, or somebody may have lifted a trigger. Number 12 (no deadlocks) is of running processes
and has no rows to ask. The part of 14 that needs an item's state is asked by whoever knows states.
"""
# ruff: noqa: S608  the queries are put together from constants of this file

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

SAMPLE = 20


@dataclass(frozen=True, slots=True)
class Audit:
    """One question: which invariant, the rule in words, and the query that finds what breaks it."""

    invariant: int
    rule: str
    sql: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken invariant: how many rows, and the first of them."""

    invariant: int
    rule: str
    count: int
    sample: tuple[tuple[Any, ...], ...]


def audit() -> list[Finding]:
    """Ask everything, of one moment; what is broken, nothing when all is well."""
    found = []
    with transaction.atomic(), connection.cursor() as cursor:
        if not connection.savepoint_ids:  # not inside a transaction of the caller
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for question in AUDITS:
            cursor.execute(question.sql)
            if rows := cursor.fetchmany(SAMPLE):
                count = max(cursor.rowcount, len(rows))
                found.append(Finding(question.invariant, question.rule, count, tuple(rows)))
    return found


TRIGGERS = (
    ("history_record", "history_record_append_only"),
    ("ledger_entry", "ledger_entry_append_only"),
    ("ledger_entry", "ledger_entry_zero"),
    ("ledger_entryset", "ledger_entryset_append_only"),
    ("ledger_hold", "ledger_hold_ends_once"),
    ("ledger_payout", "ledger_payout_ends_once"),
)
_OF_SETS = "ledger_entry e JOIN ledger_account a ON a.id = e.account_id JOIN ledger_entryset s ON s.id = e.entry_set_id"

AUDITS = (
    Audit(
        1,
        "the entries of a set are zero in each currency and of one business",
        f"SELECT s.id, a.currency, sum(e.amount) FROM {_OF_SETS} GROUP BY s.id, a.currency"
        " HAVING sum(e.amount) <> 0 OR bool_or(e.business_id <> a.business_id OR e.business_id <> s.business_id)",
    ),
    Audit(
        1,
        "all entries together are zero in each currency",
        "SELECT a.business_id, a.currency, sum(e.amount) FROM ledger_entry e JOIN ledger_account a"
        " ON a.id = e.account_id GROUP BY a.business_id, a.currency HAVING sum(e.amount) <> 0",
    ),
    Audit(
        2,
        "a balance is the sum of its entries, its version their number",
        "SELECT a.id, a.name, a.balance, coalesce(sum(e.amount), 0), a.version, count(e.id) FROM ledger_account a"
        " LEFT JOIN ledger_entry e ON e.account_id = a.id GROUP BY a.id"
        " HAVING a.balance <> coalesce(sum(e.amount), 0) OR a.version <> count(e.id)",
    ),
    Audit(
        2,
        "the balances after each entry follow from each other, without a gap",
        "SELECT account_id, account_version FROM (SELECT account_id, account_version, balance_after, amount,"
        " row_number() OVER w AS number, coalesce(lag(balance_after) OVER w, 0) AS before FROM ledger_entry"
        " WINDOW w AS (PARTITION BY account_id ORDER BY account_version)) AS chain"
        " WHERE account_version <> number OR balance_after <> before + amount",
    ),
    Audit(
        2,
        "no amount has more decimals than its currency",
        "SELECT e.id, e.amount, a.currency FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id"
        " WHERE e.amount <> round(e.amount, a.exponent)",
    ),
    Audit(
        3,
        "no balance is below its floor",
        "SELECT id, name, balance, floor FROM ledger_account WHERE balance < floor",
    ),
    Audit(
        4,
        "a key stands for one set",
        "SELECT business_id, key, count(*) FROM ledger_entryset GROUP BY business_id, key HAVING count(*) > 1",
    ),
    Audit(
        5,
        "no more is refunded for a subject than was debited",
        "SELECT id, subject_level, subject_id, debited, refunded FROM ledger_charge WHERE refunded > debited",
    ),
    Audit(
        5,
        "what was charged and refunded is what the entries say",
        "WITH told AS (SELECT e.business_id, e.subject_level, e.subject_id, a.currency,"
        " -sum(e.amount) FILTER (WHERE e.words_key IN ('debit.goods', 'debit.fee')"
        "   OR s.kind = 'sale' AND e.words_key IN ('sale.goods', 'sale.shipping')) AS debited,"
        " sum(e.amount) FILTER (WHERE e.words_key IN ('refund.goods', 'refund.fee',"
        " 'sale_refund.goods', 'sale_refund.shipping')) AS refunded"
        f" FROM {_OF_SETS}"
        " WHERE (a.kind = 'customer.balance' AND e.words_key ~ '^(debit|refund)[.]')"
        " OR (s.kind = 'sale' AND e.amount < 0 AND a.kind <> 'seller.pending')"
        " OR (s.kind = 'refund_sale' AND a.kind = 'refunds.clearing')"
        " GROUP BY e.business_id, e.subject_level, e.subject_id, a.currency)"
        " SELECT subject_level, subject_id, currency, c.debited, told.debited, c.refunded, told.refunded"
        " FROM ledger_charge c FULL JOIN told USING (business_id, subject_level, subject_id, currency)"
        " WHERE coalesce(c.debited, 0) <> coalesce(told.debited, 0)"
        " OR coalesce(c.refunded, 0) <> coalesce(told.refunded, 0)",
    ),
    Audit(
        6,
        "no more is refunded of a payment than was captured, or captured than authorised",
        "SELECT id, authorized, captured, refunded FROM ledger_payment"
        " WHERE refunded > captured OR captured > authorized",
    ),
    Audit(
        6,
        "a payment's cash is what was captured without what was refunded",
        "SELECT p.id, p.captured, p.refunded, coalesce(sum(e.amount), 0) FROM ledger_payment p"
        " LEFT JOIN (ledger_entry e JOIN ledger_account a ON a.id = e.account_id AND a.kind = 'platform.cash'"
        "   JOIN ledger_entryset s ON s.id = e.entry_set_id) ON s.payment_id = p.id"
        " GROUP BY p.id HAVING p.captured - p.refunded <> -coalesce(sum(e.amount), 0)",
    ),
    Audit(
        7,
        "a payout is the sum of its lines, each an entry as it was",
        "SELECT p.id, p.total, sum(l.amount) FROM ledger_payout p LEFT JOIN ledger_payoutline l ON l.payout_id = p.id"
        " LEFT JOIN ledger_entry e ON e.id = l.entry_id"
        " GROUP BY p.id HAVING p.total IS DISTINCT FROM sum(l.amount) OR bool_or(l.amount IS DISTINCT FROM e.amount)",
    ),
    Audit(
        7,
        "a payout took exactly its total from what was available",
        "SELECT p.id, p.total, sum(e.amount) FROM ledger_payout p LEFT JOIN (ledger_entry e"
        " JOIN ledger_account a ON a.id = e.account_id AND a.kind = 'seller.available'"
        " JOIN ledger_entryset s ON s.id = e.entry_set_id AND s.kind = 'payout') ON s.payout_id = p.id"
        " GROUP BY p.id HAVING p.total IS DISTINCT FROM -sum(e.amount)",
    ),
    Audit(
        7,
        "an entry, and a line of an order's sale, is in one payout only",
        "SELECT entry_id::text, count(*) FROM ledger_payoutline GROUP BY entry_id HAVING count(*) > 1 UNION ALL"
        " SELECT subject_id || ' ' || words_key, count(*) FROM ledger_payoutline WHERE words_key LIKE 'sale.%'"
        " GROUP BY business_id, subject_level, subject_id, words_key HAVING count(*) > 1",
    ),
    Audit(
        7,
        "no payout is more than was available at its cut-off",
        "SELECT p.id, p.total, sum(e.amount) FROM ledger_payout p"
        " JOIN ledger_payoutline l ON l.payout_id = p.id JOIN ledger_entry e ON e.id = l.entry_id"
        " JOIN ledger_entryset s ON s.id = e.entry_set_id"
        " WHERE s.effective_at < p.cut_off_at GROUP BY p.id HAVING p.total > sum(e.amount)",
    ),
    Audit(
        8,
        "a hold that ended has one set that ended it, a pending one none",
        "SELECT h.id, h.status, count(s.id) FROM ledger_hold h LEFT JOIN ledger_entryset s ON s.hold_id = h.id"
        " GROUP BY h.id HAVING count(s.id) <> CASE h.status WHEN 'pending' THEN 0 ELSE 1 END",
    ),
    Audit(
        8,
        "what a customer has held is what his pending holds say",
        "SELECT a.id, a.balance, coalesce(sum(h.amount), 0) FROM ledger_account a"
        " LEFT JOIN ledger_hold h ON h.account_id = a.id AND h.status = 'pending'"
        " WHERE a.kind = 'customer.held' GROUP BY a.id HAVING a.balance <> coalesce(sum(h.amount), 0)",
    ),
    Audit(
        9,
        "the triggers that refuse changes are there and always fire",
        "SELECT wanted.* FROM (VALUES "
        + ", ".join(f"('{table}', '{trigger}')" for table, trigger in TRIGGERS)
        + ") AS wanted (tbl, name) WHERE NOT EXISTS (SELECT FROM pg_trigger t"
        " WHERE t.tgrelid = wanted.tbl::regclass AND t.tgname = wanted.name AND t.tgenabled = 'A')",
    ),
    Audit(
        10,
        "no set was written before the one it reverses, and it reverses exactly that",
        "SELECT r.id, r.reverses_id FROM ledger_entryset r JOIN ledger_entryset s ON s.id = r.reverses_id"
        " WHERE r.created_at < s.created_at OR EXISTS (SELECT FROM ledger_entry e"
        " WHERE e.entry_set_id IN (r.id, s.id) GROUP BY e.account_id HAVING sum(e.amount) <> 0)",
    ),
    Audit(
        11,
        "no set is without entries",
        "SELECT s.id, s.kind, s.key FROM ledger_entryset s WHERE NOT EXISTS"
        " (SELECT FROM ledger_entry e WHERE e.entry_set_id = s.id)",
    ),
    Audit(
        13,
        "the rounding of an exchange is one minor unit at most",
        "SELECT e.id, e.amount, a.currency FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id"
        " WHERE e.words_key = 'exchange.rounding' AND abs(e.amount) > power(10::numeric, -a.exponent)",
    ),
    Audit(
        14,
        "only released sales are in payouts",
        "SELECT l.id, l.subject_level, l.subject_id FROM ledger_payoutline l WHERE l.words_key LIKE 'sale.%'"
        " AND NOT EXISTS (SELECT FROM ledger_hold h WHERE h.business_id = l.business_id AND h.status = 'captured'"
        " AND h.subject_level = l.subject_level AND h.subject_id = l.subject_id)",
    ),
)
