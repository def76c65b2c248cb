"""How sellers keep their word: how many orders each was given in a time, and how many of them a deadline flagged.

A flag leaves an order with the state it stood for; the history keeps that it was raised, so that is what is counted.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.core import clock
from sledi.core.workflow import Words, visible_states
from sledi.orders.reading.seeing import Eyes


@dataclass(frozen=True, slots=True)
class Raised:
    """In so many orders a flag was raised, whatever became of it."""

    flag: str
    words: Words
    orders: int


@dataclass(frozen=True, slots=True)
class SellersRecord:
    """A seller with the orders that reached him."""

    seller_id: UUID
    name: str
    email: str
    orders: int
    raised: tuple[Raised, ...]


def sellers(access: Access, since: date, until: date) -> list[SellersRecord]:
    """Every seller of orders placed from ``since`` to ``until``, both days included, by the business's own clock.

    A seller reads his own line, staff all of them, nobody else any. Two queries.
    """
    if access.role not in roles.STAFF:
        return []
    workflow = Eyes(access).present
    flags = {timer.flag: timer.label for timer in workflow.timers("order").values() if timer.flag}
    reached = visible_states(workflow, "order", roles.SELLER)
    states = sorted(workflow.states("order") if reached is None else reached)
    zone = clock.zone_of(access.business.country)
    asked: dict[str, Any] = {
        "business": access.business.pk,
        "since": datetime.combine(since, time(), zone),
        "behind": datetime.combine(until + timedelta(days=1), time(), zone),
        "states": states,
        "only": access.person_id if access.role == roles.SELLER else None,
        "flags": sorted(flags),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS, asked)
        rows = cursor.fetchall()
        cursor.execute(_RAISED, asked)
        raised = {(seller, flag): count for seller, flag, count in cursor.fetchall()}
    return [
        SellersRecord(
            seller,
            name,
            email,
            orders,
            tuple(Raised(flag, words, raised.get((seller, flag), 0)) for flag, words in flags.items()),
        )
        for seller, name, email, orders in rows
    ]


_ORDERS = """
SELECT p.id, p.name, p.email, count(*) FROM orders_order o JOIN accounts_person p ON p.id = o.seller_id
WHERE o.business_id = %(business)s AND o.placed_at >= %(since)s AND o.placed_at < %(behind)s
    AND o.state = ANY(%(states)s) AND (%(only)s::uuid IS NULL OR o.seller_id = %(only)s)
GROUP BY p.id ORDER BY p.name, p.email
"""
_RAISED = """
SELECT o.seller_id, r.after->>'flag', count(DISTINCT o.id)
FROM orders_order o JOIN history_record r ON r.business_id = o.business_id AND r.root_id = o.id
WHERE o.business_id = %(business)s AND o.placed_at >= %(since)s AND o.placed_at < %(behind)s
    AND o.state = ANY(%(states)s) AND (%(only)s::uuid IS NULL OR o.seller_id = %(only)s)
    AND o.seller_id IS NOT NULL AND r.subject_id = o.id AND r.cause = 'timer'
    AND r.after->>'flag' = ANY(%(flags)s)
GROUP BY 1, 2
"""
