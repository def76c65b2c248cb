"""The photos that come with a move: whose they are, that nothing has them yet, and what the history says of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sledi.accounts.models import Business
from sledi.attachments.operations import Taken, hold
from sledi.core.workflow import Field, Refused
from sledi.core.workflow.refusals import words
from sledi.history import Actor

TYPE = "photos"
SHA256 = "sha256"
"""Behind the key of a field: the history keeps beside the ids of photos what their bytes were."""


def taken(
    business: Business,
    level: str,
    subject_id: UUID,
    fields: Iterable[Field],
    supplied: Mapping[str, Any],
    actor: Actor,
    before: Sequence[Taken] = (),
) -> tuple[list[Taken], dict[str, list[str]]]:
    """What something takes of the photos that were supplied for its fields, and their hashes. No query without any.

    ``before`` are those that the same motion has taken. Raises Refused (wrong_field) for a photo of somebody else
    and for one that something has already.
    """
    found: list[Taken] = []
    hashes: dict[str, list[str]] = {}
    for field in fields:
        if field.type != TYPE or not (ids := [UUID(one) for one in supplied.get(field.key, ())]):
            continue
        gone = {one.photo for one in (*before, *found)}
        held = {one.pk: one.sha256 for one in hold(business, actor, ids) if one.pk not in gone}
        if len(held) < len(ids):
            said = words("wrong_field.photo_not_yours", field=field.label)
            raise Refused("wrong_field", field=field.key, problem="photo_not_yours", words=said)
        hashes[f"{field.key}.{SHA256}"] = [held[pk] for pk in ids]
        found += [Taken(pk, level, subject_id, field.key) for pk in ids]
    return found, hashes


def without(fields: Iterable[Field], supplied: Mapping[str, Any]) -> dict[str, Any]:
    """What else was supplied: a photo is of one thing, whatever it is supplied for."""
    theirs = {field.key for field in fields if field.type == TYPE}
    return {key: value for key, value in supplied.items() if key not in theirs}
