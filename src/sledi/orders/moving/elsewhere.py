"""What somebody else's items have already: one order number at a marketplace should not serve two payers unseen."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from sledi.orders.models import Item
from sledi.orders.money.postings import payer_id
from sledi.orders.moving.scene import Scene, Subject, level_of, workflow_of

_ELSEWHERE = """
SELECT EXISTS (
    SELECT 1 FROM orders_item i JOIN orders_order o ON o.id = i.order_id
    WHERE i.business_id = %s AND i.fields @> %s::jsonb AND COALESCE(o.reseller_id, o.buyer_id, o.id) <> %s)
"""
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def elsewhere(scene: Scene, subject: Subject, name: str, supplied: Mapping[str, Any]) -> list[str]:
    """The keys of a move's fields that are ``unique_for`` the payer, and whose value an item of another payer has.

    Whoever supplies the same value at this moment waits until this transaction ends: one of two hears of the other.
    """
    if not isinstance(subject, Item):
        return []
    transition = workflow_of(scene, subject).transitions(level_of(subject)).get(name)
    asked = [field.key for field in transition.fields if field.unique_for] if transition else []
    return [key for key in asked if _is_elsewhere(scene, subject, key, supplied.get(key))]


def _is_elsewhere(scene: Scene, item: Item, key: str, value: Any) -> bool:
    text = "" if value is None else str(value).strip()
    if not text:
        return False
    payer = payer_id(scene.orders[item.order_id])
    if _is_beside(scene, payer, key, text):
        return True
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME, [f"{scene.business.pk}:{key}:{text}"])
        cursor.execute(_ELSEWHERE, [scene.business.pk, json.dumps({key: text}), payer])
        return bool(cursor.fetchone()[0])


def _is_beside(scene: Scene, payer: UUID, key: str, text: str) -> bool:
    """Among the rows of the same motion, some of which are not stored yet."""
    return any(
        item.fields.get(key) == text and payer_id(scene.orders[order_id]) != payer
        for order_id, items in scene.items.items()
        for item in items
    )
