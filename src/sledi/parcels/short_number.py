"""Short numbers people read, say on the telephone and type: ``7KQM-3XF4``. They reveal no volume.

Eight characters of an alphabet without look-alikes (no 0 O 1 I L): seven at random, the last a check. The alphabet
has 31 characters, a prime, so the weighted sum modulo 31 finds every single wrong character and every swap of two.
"""

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 8
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_SEPARATORS = str.maketrans({"-": None, " ": None})


def draw() -> str:
    """A new number at random. That it is free in its business is the database's to say."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return body + _check(body)


def compact(text: str) -> str:
    """The number as it is stored: capitals, without spaces and hyphens."""
    return text.translate(_SEPARATORS).upper()


def is_valid(text: str) -> bool:
    """Whether the text is such a number, typed without a mistake."""
    number = compact(text)
    return len(number) == LENGTH and set(number) <= set(ALPHABET) and _check(number[:-1]) == number[-1]


def _check(body: str) -> str:
    # The check's own weight is 1: body weights 2..8 are all different and none is 0 or 1 modulo 31.
    weighted = sum(weight * _VALUES[character] for weight, character in enumerate(body, start=2))
    return ALPHABET[-weighted % len(ALPHABET)]
