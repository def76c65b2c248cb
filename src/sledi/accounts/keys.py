"""The text of an API key: ``sledi_`` and 32 random bytes in hexadecimal. Only its SHA-256 is stored.

A plain hash is enough, because nobody can try 2^256 texts; a slow one would only make requests slow.
"""

import hashlib
import secrets

MARK = "sledi_"  # scanners for leaked secrets find keys by it
PREFIX_LENGTH = len(MARK) + 8


def new() -> str:
    """The text of a new key."""
    return MARK + secrets.token_hex(32)


def prefix_of(text: str) -> str:
    """Enough of a key to know it again, too little to guess the rest."""
    return text[:PREFIX_LENGTH]


def hash_of(text: str) -> str:
    """What is stored of a key, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
