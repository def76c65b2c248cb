"""Things that happen in the tests of the history: an operator of a buyout receives items."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sledi.database.keys import uuid7
from sledi.history import Actor, Happened

BUYOUT = UUID("01980000-0000-7000-8000-000000000001")
FORWARDER = UUID("01980000-0000-7000-8000-000000000002")
ORDER = UUID("01980000-0000-7000-8000-0000000000aa")
AT = datetime(2026, 10, 5, 9, 30, 15, 123456, tzinfo=UTC)
AIGERIM = Actor("person", "01980000-0000-7000-8000-0000000000bb", "Айгерім", "operator")


def happened(business_id: UUID = BUYOUT, **facts: Any) -> Happened:
    told: dict[str, Any] = {
        "business_id": business_id,
        "level": "item",
        "subject_id": uuid7(),
        "root_id": ORDER,
        "act": "receive",
        "actor": AIGERIM,
        "cause": "web",
        "at": AT,
        "from_state": "ordered",
        "to_state": "received",
        "after": {"weight_g": 1240, "numbers": ["RR123456785CN"], "names": {"bg": "Кутия", "ru": "Ёлка"}},
    }
    return Happened(**{**told, **facts})
