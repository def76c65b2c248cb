"""A number that Kuaidi100 pushes the news of."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class Subscription:
    """A number whose news are pushed."""

    number: str
    company: str
    callback_url: str
    salt: str
    resultv2: str
    subscribed_at: datetime
    company_given: str = ""  # when another one was recognised
    pushed_at: datetime | None = None
    revision: int = -1

    def as_row(self) -> dict[str, Any]:
        """The subscription as JSON keeps it."""
        row = asdict(self)
        return {
            key: value.isoformat() if isinstance(value, datetime) else value for key, value in row.items()
        }

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Subscription":
        moments = {key: datetime.fromisoformat(row[key]) for key in row if key.endswith("_at") and row[key]}
        return cls(**{**row, **moments})
