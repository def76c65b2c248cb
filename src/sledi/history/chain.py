"""The hash of a record: SHA-256 over one spelling of all its fields and the hash before it.

The spelling is JSON with sorted keys and no spaces, moments in UTC to the microsecond. Numbers are whole: a
fraction is spelt differently by Python and PostgreSQL, and then an honest record would look forged.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

START = bytes(32)  # what stands before the first record of a chain
INTEGER_MAX = 2**63 - 1
DEPTH_MAX = 20


class NotRecordable(ValueError):
    """A value that would not come back from the database as it went in. The message names where it stands."""


def digest(fields: Mapping[str, object]) -> bytes:
    """The hash of a record's fields. Raises NotRecordable."""
    return hashlib.sha256(spelling(fields)).digest()


def spelling(fields: Mapping[str, object]) -> bytes:
    """The one JSON text of these fields, whatever order, time zone or process they come from."""
    return json.dumps(
        plain(dict(fields), "record"), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    ).encode()


def plain(value: object, where: str, depth: int = 0) -> Any:
    """The value in JSON's own types. Raises NotRecordable for a float, a naive moment, a key that is no text."""
    if depth > DEPTH_MAX:
        raise NotRecordable(f"{where}: nested deeper than {DEPTH_MAX} levels")
    match value:
        case None | bool():
            return value
        case str():
            return _text(value, where)
        case int():
            if abs(value) > INTEGER_MAX:
                raise NotRecordable(f"{where}: {str(value)[:20]}… has more than 64 bits")
            return int(value)
        case UUID():
            return str(value)
        case bytes() | memoryview():
            return bytes(value).hex()
        case datetime():
            if value.tzinfo is None:
                raise NotRecordable(f"{where}: a moment without a zone")
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case list() | tuple():
            return [plain(part, f"{where}[{index}]", depth + 1) for index, part in enumerate(value)]
        case dict():
            return {_key(key, where): plain(part, f"{where}.{key}", depth + 1) for key, part in value.items()}
    raise NotRecordable(f"{where}: a {type(value).__name__}")


def _key(key: object, where: str) -> str:
    if not isinstance(key, str):
        raise NotRecordable(f"{where}: the key {key!r} is no text")
    return _text(key, where)


def _text(text: str, where: str) -> str:
    # What PostgreSQL cannot store: the zero character, and half of a pair of UTF-16.
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise NotRecordable(f"{where}: text with a character that cannot be stored")
    return str(text)
