"""Work that comes due is a row with ``due_at``: workers take some of it at a time, and no two the same.

A row that was taken is due again when its *lease* ends. Whoever finishes it sets ``due_at`` to null, or to the next
time; a worker that dies leaves it to the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class DueRows:
    """The due rows of one table. ``lease_s``: how long a worker may take for all that it claims at once."""

    table: str
    lease_s: int
    key: str = "id"

    def claim(self, at: datetime, most: int) -> list[Any]:
        """Take up to ``most`` rows that are due at ``at`` and that nobody else has; their keys, the oldest first."""
        with connection.cursor() as cursor:
            # The rows are chosen once, in the WITH: a subquery could be planned to run again, and choose others.
            cursor.execute(
                f"WITH chosen AS (SELECT {self.key}, due_at FROM {self.table} WHERE due_at <= %s"  # noqa: S608
                " ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED)"
                f" UPDATE {self.table} t SET due_at = %s FROM chosen WHERE t.{self.key} = chosen.{self.key}"
                f" RETURNING chosen.due_at, chosen.{self.key}",
                [at, most, at + timedelta(seconds=self.lease_s)],
            )
            return [key for _due_at, key in sorted(cursor.fetchall())]


def again_at(at: datetime, attempts: int, rests_s: Sequence[int]) -> datetime | None:
    """When work that failed is tried again, after so many attempts before this one; None when it is given up."""
    return at + timedelta(seconds=rests_s[attempts]) if attempts < len(rests_s) else None
