"""A move as doors are asked for it: by number and by name. What is a row in the database is found here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sledi import profiles
from sledi.accounts.access import Access
from sledi.core.workflow import Refused, Transition
from sledi.core.workflow.refusals import words
from sledi.orders import reading
from sledi.orders.moving import moves
from sledi.orders.moving.making import create_container
from sledi.orders.moving.moved import Moved
from sledi.orders.refusals import NotMoved, NotYours
from sledi.parcels.models import Haul, Parcel


class OneAtATime(NotMoved):
    """The profile does not let this move be done with many at once. One by one it may be done."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One subject of a move, as somebody wrote it."""

    reference: str
    supplied: Mapping[str, Any] = field(default_factory=dict)
    quantity: int | None = None
    version: int | None = None


def do(
    access: Access, level: str, name: str, asked: Asked, *, at: datetime, cause: str, key: str = ""
) -> Moved:
    """Do one move. Where it makes something for an order, the reference is the order's.

    Raises what ``moves.move`` raises. A move of other roles is refused as that, whatever the reference names.
    """
    demand_role(access, level, name)
    pk = reading.find(access, level_named(access, level, name), asked.reference)
    return moves.move(
        access,
        level,
        pk,
        name,
        asked.supplied,
        at=at,
        cause=cause,
        expected_version=asked.version,
        quantity=asked.quantity,
        key=key,
    )


def do_many(
    access: Access, level: str, name: str, rows: list[Asked], *, at: datetime, cause: str
) -> list[moves.Outcome]:
    """The same move with many; an outcome for each, in their order. What is not there is refused alone.

    Raises OneAtATime for a move that this role may do, but not with many.
    """
    try:
        demand_role(access, level, name)
    except Refused as refused:
        return [moves.Outcome(UUID(int=0), refusal=refused) for _ in rows]
    transition = transition_of(access, level, name)
    if transition is not None and access.role in transition.roles and not transition.is_bulk:
        raise OneAtATime
    known = reading.find_many(access, level_named(access, level, name), {row.reference for row in rows})
    there = [row for row in rows if row.reference in known]
    outcomes = iter(
        moves.move_many(
            access,
            level,
            [moves.Row(known[row.reference], row.supplied, row.version, row.quantity) for row in there],
            name,
            at=at,
            cause=cause,
        )
    )
    return [
        next(outcomes) if row.reference in known else moves.Outcome(UUID(int=0), refusal=NotYours())
        for row in rows
    ]


def demand_role(access: Access, level: str, name: str) -> None:
    """Raises Refused where there is such a move, and in no version of the profile this role may do it.

    Before anything is looked for: the answer is the same for things this role sees, does not see, and no things.
    """
    known = [
        found
        for version in profiles.versions(access.business.profile)
        if (workflow := profiles.workflow(access.business.profile, version)) and level in workflow.levels
        if (found := workflow.transitions(level).get(name))
    ]
    if known and not any(access.role in one.roles for one in known):
        raise Refused("wrong_role", words=words("wrong_role"))


def make_container(
    access: Access, level: str, name: str, supplied: Mapping[str, Any], *, at: datetime, cause: str
) -> Parcel | Haul:
    """Make a haul, or a parcel for orders, with nothing in it yet. Raises Refused."""
    workflow = access.business.workflow
    kind = workflow.levels.get(level)
    if kind is None or (level != "track" and kind.holds != "order"):
        raise Refused("unknown_move", words=words("unknown_move"))
    making = {one.name for one in workflow.transitions(level).values() if one.creates}
    if name not in making and (name or making):
        raise Refused("unknown_move", words=words("unknown_move"))
    return create_container(access, level, supplied, at=at, cause=cause, name=name)


def level_named(access: Access, level: str, name: str) -> str:
    """Which level a reference names: of a move that makes something, the order it is made for."""
    transition = transition_of(access, level, name)
    return "order" if transition is not None and transition.creates else level


def transition_of(access: Access, level: str, name: str) -> Transition | None:
    """The move of the present profile; None when it has none of this name."""
    workflow = access.business.workflow
    return workflow.transitions(level).get(name) if level in workflow.levels else None
