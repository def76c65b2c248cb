"""Ids of rows: UUID version 7 (RFC 9562, section 5.7), so that new rows lie together in an index.

PostgreSQL 18 has ``uuidv7()``, older servers have not; made here they are the same on every server.
"""

import secrets
import time
import uuid


def uuid7() -> uuid.UUID:
    """A new id: 48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | secrets.randbits(80)
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return uuid.UUID(int=value)
