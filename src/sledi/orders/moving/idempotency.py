"""The same request twice gives one effect and one answer; the same key for another request is a named error."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from sledi.accounts.access import Access
from sledi.database.keys import uuid7
from sledi.orders.models import Idempotency
from sledi.orders.moving.moved import Instead, Moved
from sledi.orders.refusals import KeyUsedOtherwise

KEY_LENGTH_MAX = 200


@dataclass
class Answer:
    """The answer to a keyed request: the ``earlier`` one, or the one it gets now."""

    earlier: Moved | None = None
    _row_id: UUID | None = None

    def give(self, moved: Moved) -> None:
        """Keep the answer beside the key, in the transaction of the move."""
        if self._row_id is not None:
            Idempotency.objects.filter(pk=self._row_id).update(answer=_as_json(moved))


@contextmanager
def answered(access: Access, key: str, body: Any, at: datetime) -> Iterator[Answer]:
    """Take the key for this request, or find the answer it was given before. Inside a transaction.

    Of two at the same moment the second waits here for the first: for its answer, or, when that one was refused, for
    the key. Raises KeyUsedOtherwise; ValueError for a key that is too long.
    """
    if not key:
        yield Answer()
        return
    if len(key) > KEY_LENGTH_MAX:
        raise ValueError(f"a key has at most {KEY_LENGTH_MAX} characters")
    digest = hashlib.sha256(_text((access.actor.kind, str(access.actor.id), access.role, body))).digest()
    row_id = uuid7()
    if _take(row_id, access.business.pk, key, digest, at):
        yield Answer(None, row_id)
        return
    known = Idempotency.objects.get(business=access.business, key=key)
    if bytes(known.body_hash) != digest or known.answer is None:
        raise KeyUsedOtherwise
    yield Answer(_from_json(known.answer))


def _take(row_id: UUID, business_id: UUID, key: str, digest: bytes, at: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO orders_idempotency (id, business_id, key, body_hash, created_at)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (business_id, key) DO NOTHING",
            [row_id, business_id, key, digest, at],
        )
        return bool(cursor.rowcount == 1)


def _text(body: Any) -> bytes:
    return json.dumps(body, default=_plain, sort_keys=True, ensure_ascii=False).encode()


def _plain(value: Any) -> Any:
    return asdict(value) if hasattr(value, "__dataclass_fields__") else str(value)


def _as_json(moved: Moved) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(_text(moved))
    return answer


def _from_json(answer: dict[str, Any]) -> Moved:
    instead = answer.pop("instead", None)
    also = tuple((level, UUID(pk), source, target) for level, pk, source, target in answer.pop("also"))
    at, pk = datetime.fromisoformat(answer.pop("at")), UUID(answer.pop("id"))
    moved = Moved(**answer, id=pk, at=at, also=also, instead=Instead(**instead) if instead else None)
    return replace(moved, is_repeat=True)
