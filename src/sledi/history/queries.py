"""Reading the history, and proving that nobody touched it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet, Subquery

from sledi.history.chain import START, digest
from sledi.history.models import Head, Record
from sledi.history.operations import COLUMNS

CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Broken:
    """The first record that does not fit: which, and how.

    reason: ``missing`` (no record with this sequence), ``wrong_link`` (does not name the hash before it),
    ``changed`` (its fields do not give its hash), ``wrong_head`` (the head tells of another newest record).
    """

    sequence: int
    reason: str
    record_id: UUID | None = None


def of(business_id: UUID, root_id: UUID) -> QuerySet[Record]:
    """Everything that happened to an order or parcel and what belongs to it, oldest first."""
    return Record.objects.filter(business_id=business_id, root_id=root_id).order_by("sequence")


def businesses() -> list[UUID]:
    """Every business that has a chain."""
    return list(Head.objects.order_by("business_id").values_list("business_id", flat=True))


def head(business_id: UUID) -> tuple[int, str]:
    """Number and hash of the newest record. Kept elsewhere, it also proves that no end of the chain was cut off."""
    found = Head.objects.filter(business_id=business_id).values_list("sequence", "hash").first()
    return (found[0], bytes(found[1]).hex()) if found else (0, START.hex())


def verify(business_id: UUID) -> Broken | None:
    """Follow the chain of a business from its start; the first record that does not fit, or None.

    Reads in portions: a chain of any length needs no more memory. Whoever rewrites the whole chain and its head
    is not seen; that takes comparing ``head`` with one kept elsewhere.
    """
    sequence, previous, head_at = 0, START, None
    with transaction.atomic():  # a cursor lives in a transaction
        for row in _records(business_id):
            sequence, head_at = sequence + 1, (row.head_sequence, bytes(row.head_hash or b""))
            if row.sequence != sequence:
                return Broken(sequence, "missing")
            if bytes(row.previous_hash) != previous:
                return Broken(sequence, "wrong_link", row.pk)
            if bytes(row.hash) != _computed(row):
                return Broken(sequence, "changed", row.pk)
            previous = bytes(row.hash)
    return _broken_end(business_id, sequence, previous, head_at)


def _records(business_id: UUID) -> Iterator[Any]:
    # The head in the same statement, so both are of one moment while others go on writing.
    newest = Head.objects.filter(business_id=business_id)
    found = Record.objects.filter(business_id=business_id).order_by("sequence")
    return found.annotate(
        head_sequence=Subquery(newest.values("sequence")), head_hash=Subquery(newest.values("hash"))
    ).iterator(chunk_size=CHUNK)


def _broken_end(
    business_id: UUID, sequence: int, newest: bytes, head_at: tuple[int | None, bytes] | None
) -> Broken | None:
    if head_at is None:  # not one record
        return Broken(1, "missing") if head(business_id)[0] else None
    if head_at[0] is not None and head_at[0] > sequence:
        return Broken(sequence + 1, "missing")
    return None if head_at == (sequence, newest) else Broken(sequence, "wrong_head")


def _computed(row: Record) -> bytes:
    return digest({name: getattr(row, name) for name in COLUMNS if name != "hash"})
