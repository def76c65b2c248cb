"""Why a move did not happen. ``core.workflow.Refused`` is the table's own no; these are the others.

NotMoved
├── NotYours          not there, or not for these eyes: one answer for both
├── Stale             somebody changed it since it was read; read again, then try again
├── Busy              somebody else did this very thing first
│   └── Packing       somebody packs the order already
└── KeyUsedOtherwise  the idempotency key belongs to another request
"""

from datetime import datetime


class NotMoved(Exception):
    """Nothing changed."""


class NotYours(NotMoved):
    """The subject does not exist, or this person may not see it. Trying again does not help."""


class Stale(NotMoved):
    """The caller saw version ``expected``, the subject is at ``found``. Trying again after reading may help."""

    def __init__(self, expected: int, found: int) -> None:
        super().__init__(f"version {expected} was expected, {found} was found")
        self.expected, self.found = expected, found


class Busy(NotMoved):
    """``who`` did it at ``since``. Trying again does not help."""

    def __init__(self, who: str, since: datetime) -> None:
        super().__init__(f"already done by {who}")
        self.who, self.since = who, since


class Packing(Busy):
    """``who`` began at ``since`` to pack the order, and one parcel is all it gets."""


class KeyUsedOtherwise(NotMoved):
    """The idempotency key was used for a request with another body, or by somebody else."""
