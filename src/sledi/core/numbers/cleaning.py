"""From what people paste to plain capital letters and digits.

The order keeps every step explainable: compatibility forms (full-width digits, circled letters) and invisible
characters first, then capitals, then separators, and only then letters of another script. Those can be read
in three ways, and which one was meant is decided by ``reading``, which knows what numbers look like:

    by look       Р looks like P, Н like H      RR123456785НК  ->  RR123456785HK
    by sound      Р sounds like R, Н like N     РР123456785РУ  ->  RR123456785RU
    by keyboard   К sits on the R key           КК123456785СТ  ->  RR123456785CN

The compatibility forms are those of Unicode NFKC, character by character: normalising a whole text at once
takes time that grows with the square of a run of combining marks, and a pasted text may be hostile.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from sledi.core.numbers.answer import Remark

# Blocks with characters that NFKC turns into ASCII letters and digits. A test holds them against all of Unicode.
_COMPATIBILITY_BLOCKS = (
    (0x00AA, 0x00BB),  # ª ² ³ ¹ º
    (0x0130, 0x0180),  # ĳ ŉ ſ
    (0x01C4, 0x01F4),  # ǆ ǉ ǌ ǳ
    (0x02B0, 0x02E5),  # modifier letters
    (0x1D2C, 0x1E9C),  # phonetic extensions, superscript letters
    (0x2000, 0x218A),  # superscripts, letter-like symbols, number forms
    (0x2460, 0x24F5),  # circled and bracketed
    (0x2C7C, 0x2C7E),  # subscript j, modifier V
    (0x3200, 0x3400),  # squared units
    (0xA700, 0xA800),  # modifier letters
    (0xFB00, 0xFB07),  # ligatures
    (0xFF10, 0xFF5B),  # full width
    (0x10780, 0x107BB),  # modifier letters
    (0x1CCD6, 0x1CCFA),  # outlined
    (0x1D400, 0x1D800),  # mathematical
    (0x1F100, 0x1F1AE),  # enclosed, squared
    (0x1FBF0, 0x1FBFA),  # segmented digits
)
# Joiners, direction marks, soft hyphens, byte order marks, variation selectors, tags.
_INVISIBLE_BLOCKS = (
    (0x00AD, 0x00AE),
    (0x034F, 0x0350),
    (0x0600, 0x0606),
    (0x061C, 0x061D),
    (0x06DD, 0x06DE),
    (0x070F, 0x0710),
    (0x0890, 0x0892),
    (0x08E2, 0x08E3),
    (0x180B, 0x180F),
    (0x200B, 0x2010),
    (0x202A, 0x202F),
    (0x2060, 0x2070),
    (0xFE00, 0xFE10),
    (0xFEFF, 0xFF00),
    (0xFFF9, 0xFFFC),
    (0x110BD, 0x110BE),
    (0x110CD, 0x110CE),
    (0x13430, 0x13440),
    (0x1BCA0, 0x1BCA4),
    (0x1D173, 0x1D17B),
    (0xE0000, 0xE0200),
)


def _folding() -> dict[int, str]:
    folding: dict[int, str] = {}
    for first, after in _COMPATIBILITY_BLOCKS:
        for code in range(first, after):
            plain = unicodedata.normalize("NFKC", chr(code))
            if plain.isascii() and plain.isalnum():
                folding[code] = plain
    del folding[ord("№")]  # NFKC says "No"; here it is a separator
    folding |= {
        code: " " for code in range(0x80, 0x3001) if chr(code).isspace()
    }  # no-break spaces and others
    folding |= {code: "" for first, after in _INVISIBLE_BLOCKS for code in range(first, after)}
    return folding


_FOLDING = _folding()

# Spaces, dashes, brackets, quotation marks, number signs: what people put between the groups of a number.
_SEPARATORS = re.compile(
    r"[\s\-_‐-―−⁃﹘﹣－˗"  # spaces and dashes
    r"()\[\]{}<>«»‹›（）［］｛｝【】「」『』〈〉《》"
    r"\"'`´‘’‚‛“”„‟′″＂＇#№＃*]+"
)

_LOOK_ALIKE_PAIRS = {
    **dict(zip("АВЕКМНОРСТУХ", "ABEKMHOPCTYX", strict=True)),  # Russian
    **dict(zip("ІЈЅҮҺԚԜӀ", "IJSYHQWI", strict=True)),  # Ukrainian, Kazakh and others
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)),  # Greek
}
_LOOK_ALIKES = str.maketrans(
    _LOOK_ALIKE_PAIRS | {foreign.lower(): latin for foreign, latin in _LOOK_ALIKE_PAIRS.items()}
)
_SOUNDS = str.maketrans(dict(zip("АБВГДЕЗИЙКЛМНОПРСТУФХЦЫЭІҮ", "ABVGDEZIYKLMNOPRSTUFHCYEIU", strict=True)))
# С is called "es", but many type it for C and the rest by sound: СН for CN.
_SOUNDS_BUT_C = _SOUNDS | {ord("С"): "C"}
# What the keys of the Russian (йцукен) layout give on a Latin keyboard: a scanner types blindly.
_KEYS = str.maketrans(dict(zip("ЙЦУКЕНГШЩЗФЫВАПРОЛДЯЧСМИТЬ", "QWERTYUIOPASDFGHJKLZXCVBNM", strict=True)))

_MOST_FOREIGN_LETTERS = 6  # in a number; what has more is a word


class Reading(NamedTuple):
    """One way to read a text as a number: ``how`` is the key of the remark for letters that had to change."""

    number: str
    written: str
    how: str = ""

    def changes(self) -> tuple[Remark, ...]:
        """One remark per letter that was read as another, in the order of their first appearance."""
        letters = dict(zip(self.written, self.number, strict=True))
        return tuple(
            Remark(
                "look_alike" if _LOOK_ALIKES.get(ord(one)) == other else self.how,
                {"written": one, "read": other},
            )
            for one, other in letters.items()
            if one != other
        )


def fold(text: str) -> str:
    """``text`` with compatibility forms made plain and invisible characters gone. Linear in its length."""
    return text if text.isascii() else text.translate(_FOLDING)


def compact(text: str) -> str:
    """The letters and digits of ``text``, in capitals, foreign letters read by their look.

    >>> compact(" rr 123–456–785 сn ")
    'RR123456785CN'
    """
    return next(readings(text)).number


def bare(text: str) -> str:
    """``text`` folded, in capitals and without separators; foreign letters stay as they are."""
    return _SEPARATORS.sub("", fold(text).upper())


def by_look(text: str) -> str:
    """Letters of other scripts replaced by the Latin capitals they look like; the length stays."""
    return text.translate(_LOOK_ALIKES)


def readings(text: str) -> Iterator[Reading]:
    """The ways to read ``text`` as one number: by look first, then, where letters allow, by sound and key."""
    written = bare(text)
    if written.isascii():
        yield Reading(written, written)
        return
    yield Reading(written.translate(_LOOK_ALIKES), written, "look_alike")
    if sum(not letter.isascii() for letter in written) <= _MOST_FOREIGN_LETTERS:
        yield Reading(written.translate(_SOUNDS), written, "sounds_like")
        yield Reading(written.translate(_SOUNDS_BUT_C), written, "sounds_like")
        yield Reading(written.translate(_KEYS), written, "keyboard")
