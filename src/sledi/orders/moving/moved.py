"""What a move came to, as every door is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Instead:
    """The move ``name`` was done, because ``guard`` refused the one that was asked for, in these words."""

    name: str
    guard: str
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of a subject. ``also`` are the subjects that moved with it: level, id, state before and after.

    ``name`` is what was asked for; ``instead`` is there when the profile has something else done (``otherwise``).
    """

    level: str
    id: UUID
    name: str
    from_state: str
    to_state: str
    version: int
    at: datetime
    also: tuple[tuple[str, UUID, str, str], ...] = ()
    instead: Instead | None = None
    is_repeat: bool = False  # an earlier request with the same key did it
