"""How a number looks, in a notation that a reader of a data file understands at sight.

    LP#{14}       the letters LP, then 14 digits
    @@#{9}@@      two letters, nine digits, two letters
    1Z*{15}#      1Z, then 15 letters or digits, then a digit
    DPK#{12,18}   DPK, then 12 to 18 digits

``#`` is a digit, ``@`` a capital letter, ``*`` either; anything else stands for itself.
"""

import re
import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

_CLASSES = {
    "#": ("[0-9]", string.digits),
    "@": ("[A-Z]", string.ascii_uppercase),
    "*": ("[0-9A-Z]", string.digits + string.ascii_uppercase),
}
_PART = re.compile(r"(?P<character>[#@*0-9A-Z])(?:\{(?P<least>\d+)(?:,(?P<most>\d+))?\})?")
# The characters at either end that stand for themselves.
_HEAD = re.compile(r"^[0-9A-Z]*")
_TAIL = re.compile(r"[0-9A-Z]*$")


@dataclass(frozen=True, slots=True)
class Shape:
    """One look of a number. ``prefix`` and ``suffix`` are its fixed characters at either end.

    ``heads`` are all pairs of characters it can start with. ``slots`` has a character of the notation per
    place, and is empty where the length varies.
    """

    notation: str
    prefix: str
    suffix: str
    least: int
    most: int
    heads: frozenset[str]
    alphabet: frozenset[str]
    slots: str
    fits: Callable[[str], object]

    @classmethod
    def parse(cls, notation: str) -> Self:
        """Read the notation. Raises ValueError when a character has no meaning in it."""
        if _PART.sub("", notation):
            raise ValueError(f"{notation!r} is no shape of a number")
        parts = list(_PART.finditer(notation))
        pattern, slots, alphabet, least, most = "", "", set[str](), 0, 0
        for part in parts:
            fewest = int(part["least"] or 1)
            longest = int(part["most"] or fewest)
            expression, members = _CLASSES.get(part["character"], (part["character"], part["character"]))
            pattern += f"{expression}{{{fewest},{longest}}}"
            slots += part["character"] * fewest
            alphabet |= set(members)
            least, most = least + fewest, most + longest
        first, second = (_CLASSES.get(slot, ("", slot))[1] for slot in slots[:2])
        return cls(
            notation=notation,
            prefix=_HEAD.findall(notation)[0],
            suffix=_TAIL.findall(notation)[0],
            least=least,
            most=most,
            heads=frozenset(one + two for one in first for two in second),
            alphabet=frozenset(alphabet),
            slots=slots if least == most else "",
            fits=re.compile(pattern).fullmatch,
        )
