"""The plain values the history is told in. They know no account and no order, so every app may tell."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

ACTOR_KINDS = ("person", "key", "carrier", "payment", "timer", "system")
CAUSES = ("web", "api", "cli", "csv", "carrier", "payment", "timer", "system")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted, as plain values: the name is the one of that day and stays when the account goes."""

    kind: str  # one of ACTOR_KINDS
    id: str = ""  # of the person or key; the carrier's slug
    name: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened. ``before`` and ``after`` are kept as given: strings, whole numbers, truths, lists.

    Whoever tells decides what personal data they hold; nothing of a record can be taken back.
    """

    business_id: UUID
    level: str  # order, item, parcel, …
    subject_id: UUID
    root_id: UUID  # the order or parcel it belongs to: what a page of history is asked by
    act: str  # the name of the move, or of the operation
    actor: Actor
    cause: str  # one of CAUSES
    at: datetime
    from_state: str = ""
    to_state: str = ""
    note: str = ""
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    is_correction: bool = False
