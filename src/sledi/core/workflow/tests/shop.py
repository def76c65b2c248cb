"""The small business of ``shop.yaml``, and the plain values its rules are asked with."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from sledi.core.workflow import Workflow, load


def document() -> dict[str, Any]:
    """The document as plain values, anew each time, so that a test may change it."""
    text = Path(__file__).with_name("shop.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


@lru_cache(maxsize=1)
def shop() -> Workflow:
    return load(document(), source="shop.yaml")


def item(state: str = "queued", **changes: Any) -> dict[str, Any]:
    return {
        "state": state,
        "phase": "paid",
        "number": "10-1",
        "name": "Coat",
        "line": 1,
        "quantity": 1,
        "unit_price": 3000,
        "goods_total": 3000,
        "fee": 300,
        "quote_total": 3300,
        "agreed_price": 3000,
        "debited": 3300,
        "category": "clothes",
        "country": "CN",
        "numbers": [],
        "weight_g": 0,
        "processing_days": 0,
        "flags": [],
        "fields": {},
        **changes,
    }


def context(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What the rules of any level of the shop may look at."""
    entries = list(items) or [item()]
    return {
        "order": {"state": "open", "currency": "KZT", "quantity": 3, "fields": {}},
        "item": entries[0],
        "items": entries,
        "parcel": {"state": "forming", "number": "P-1", "weight_g": 900, "contents": [], "fields": {}},
        "parcels": [],
        "case": {"state": "asked", "action": "", "fields": {}},
        "account": {"available": 5000, "held": 0, "currency": "KZT"},
        "settings": {},
        "now": 1_790_000_000,
        **changes,
    }
