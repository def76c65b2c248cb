"""A number read off something that has come: whatever carries it is moved, or it waits to be identified.

Which move a scan does is the profile's word: the one that asks for a field marked ``scanned``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.attachments.operations import ARRIVAL, take
from sledi.core.workflow import Field, Refused, Transition, out_of_state
from sledi.core.workflow.fields import clean
from sledi.core.workflow.refusals import words
from sledi.database.keys import uuid7
from sledi.history import Happened
from sledi.history.operations import record
from sledi.orders import queries
from sledi.orders.models import Arrival, Item
from sledi.orders.moving import moves
from sledi.orders.moving.moved import Moved
from sledi.orders.moving.photos import taken, without
from sledi.orders.reading.finding import find
from sledi.orders.refusals import NotYours
from sledi.parcels.following import normalised
from sledi.parcels.models import Alias

LEVEL = "item"
"""What a warehouse receives by its number."""

_NUMBER = Field("number", "tracking_number", {"en": "number"}, accepts_any=True)


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scan came to: the moves it did, or what waits now to be identified."""

    moved: tuple[Moved, ...] = ()
    arrival: Arrival | None = None


def scan(access: Access, number: str, supplied: Mapping[str, Any], *, at: datetime, cause: str) -> Scanned:
    """Do the scanned move with every item that carries the number; where none does, the number waits.

    Several items may have come under one number: all that stand where the move begins are moved, or none is.
    ``supplied`` are the other fields of the move, a weight; photos go to the first of several items. Raises Refused:
    of the move, wrong_role for who may do no such move, wrong_state when all under the number stands elsewhere.
    """
    move, field = scanned_move(access)
    typed = str(clean((_NUMBER,), {"number": number}, access.business.currency)["number"])
    known = normalised(typed) or typed
    carriers = _carrying(access, known)
    with transaction.atomic():
        if not carriers:
            return Scanned(arrival=_note_arrival(access, move, field, known, supplied, at, cause))
        waiting = [item for item in carriers if move.starts_in(item.state)]
        if not waiting:
            raise out_of_state(access.business.workflow, move, carriers[0].state)
        given = [{**supplied, field.key: known}]
        given += [without(move.fields, given[0])] * (len(waiting) - 1)
        moved = tuple(
            moves.move(access, LEVEL, item.pk, move.name, its, at=at, cause=cause)
            for item, its in zip(waiting, given, strict=True)
        )
        _identify(access, known, waiting[0], at, cause)
    return Scanned(moved=moved)


def attach(access: Access, number: str, reference: str, *, at: datetime, cause: str) -> Scanned:
    """Say which item an unidentified arrival is: its number becomes the item's, and the item is received.

    Raises NotYours when nothing waits under the number, or there is no such item; Refused as the moves do.
    """
    move, field = scanned_move(access)
    arrival = waiting_arrivals(access).filter(number=normalised(number)).first()
    if arrival is None:
        raise NotYours
    item = queries.visible_items(access).get(pk=find(access, LEVEL, reference))
    given = {**arrival.fields, field.key: arrival.number}
    with transaction.atomic():
        number_it = next(_numbering(access, item), None)
        if number_it is None:
            raise out_of_state(access.business.workflow, move, item.state)
        numbering, its_field = number_it
        facts = {its_field.key: arrival.number}
        first = moves.move(access, LEVEL, item.pk, numbering.name, facts, at=at, cause=cause)
        second = moves.move(access, LEVEL, item.pk, move.name, given, at=at, cause=cause)
        _identify(access, arrival.number, item, at, cause)
    return Scanned(moved=(first, second))


def waiting_arrivals(access: Access) -> Any:
    """What nobody has identified yet, the longest waiting first; of the staff's eyes alone."""
    waiting = Arrival.objects.filter(business=access.business, identified_at=None).order_by(
        "arrived_at", "pk"
    )
    return waiting if access.role in roles.STAFF - {roles.SELLER} else waiting.none()


def may_scan(access: Access) -> bool:
    """Whether the profile has a move by scan that this role may do."""
    return any(access.role in move.roles for move, _ in _scanned(access))


def scanned_move(access: Access) -> tuple[Transition, Field]:
    """The move a scan does, and the field the number goes into. Raises Refused (unknown_move, wrong_role)."""
    known = list(_scanned(access))
    if not known:
        raise Refused("unknown_move", words=words("unknown_move"))
    for move, field in known:
        if access.role in move.roles:
            return move, field
    raise Refused("wrong_role", words=words("wrong_role"))


def _scanned(access: Access) -> Iterator[tuple[Transition, Field]]:
    workflow = access.business.workflow
    if LEVEL not in workflow.levels:
        return
    for move in workflow.transitions(LEVEL).values():
        for field in move.fields:
            if field.is_scanned:
                yield move, field


def _numbering(access: Access, item: Item) -> Iterator[tuple[Transition, Field]]:
    """The moves by which this role gives the item a number where it stands."""
    for move in access.business.workflow.transitions(LEVEL).values():
        is_open = access.role in move.roles and move.starts_in(item.state)
        if is_open and any(effect.name == "track.start" for effect in move.effects):
            yield from ((move, field) for field in move.fields if field.type == "tracking_number")


def _carrying(access: Access, number: str) -> Sequence[Item]:
    """The items that have the number now, by line."""
    ids: list[UUID] = list(
        Alias.objects.filter(business=access.business, level=LEVEL, number=number, until=None).values_list(
            "subject_id", flat=True
        )
    )
    return list(queries.visible_items(access).filter(pk__in=ids).order_by("order_id", "line", "number"))


# --- what nobody waits for ------------------------------------------------------------------------------------


def _note_arrival(
    access: Access,
    move: Transition,
    field: Field,
    number: str,
    supplied: Mapping[str, Any],
    at: datetime,
    cause: str,
) -> Arrival:
    """One row however often it is scanned: the first scan tells when it came. Raises Refused for wrong fields."""
    others = tuple(one for one in move.fields if one is not field)
    fields = clean(others, supplied, access.business.currency)
    fresh = Arrival(
        id=uuid7(),
        business=access.business,
        number=number,
        fields=dict(fields),
        arrived_at=at,
        scanned_by=access.actor.name or access.role,
    )
    Arrival.objects.bulk_create([fresh], ignore_conflicts=True)
    arrival: Arrival = waiting_arrivals(access).get(number=number)
    if arrival.pk == fresh.pk:
        photos, hashes = taken(access.business, ARRIVAL, arrival.pk, others, fields, access.actor)
        take(photos)
        _tell(access, arrival, "arrive", at, cause, {"number": number, **fields, **hashes})
    return arrival


def _identify(access: Access, number: str, item: Item, at: datetime, cause: str) -> None:
    """Whatever waited under the number is the item that was received."""
    for arrival in Arrival.objects.filter(business=access.business, number=number, identified_at=None):
        arrival.identified_at, arrival.item = at, item
        arrival.save(update_fields=["identified_at", "item"])
        _tell(access, arrival, "identify", at, cause, {"number": number, "item": str(item.pk)})


def _tell(
    access: Access, arrival: Arrival, act: str, at: datetime, cause: str, after: dict[str, Any]
) -> None:
    told = Happened(
        access.business.pk, ARRIVAL, arrival.pk, arrival.pk, act, access.actor, cause, at, after=after
    )
    record([told])
