"""A number that 17TRACK follows for its customer."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class Registration:
    """A number somebody wants followed, with the moments of its life."""

    number: str
    carrier: int
    registered_at: datetime  # or tracked again
    tag: str | None = None
    lang: str | None = None
    synced_at: datetime | None = None
    stopped_at: datetime | None = None
    revision: int = 0
    is_retracked: bool = False
    carrier_changes: int = 0

    def as_row(self) -> dict[str, Any]:
        """The registration as JSON keeps it."""
        row = asdict(self)
        return {
            key: value.isoformat() if isinstance(value, datetime) else value for key, value in row.items()
        }

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Registration":
        moments = {key: datetime.fromisoformat(row[key]) for key in row if key.endswith("_at") and row[key]}
        return cls(**{**row, **moments})
