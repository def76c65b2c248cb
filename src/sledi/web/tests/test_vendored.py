"""Files of others are what they say they are, and the font can write our languages."""

import hashlib
import struct
import tomllib
from pathlib import Path

import brotli
import pytest

from sledi.web import words

WEB = Path(words.__file__).parent
VENDORED = tomllib.loads((WEB / "vendored.toml").read_text())


@pytest.mark.parametrize("path", sorted(VENDORED))
def test_a_vendored_file_has_its_sum(path):
    assert hashlib.sha256((WEB / path).read_bytes()).hexdigest() == VENDORED[path]["sha256"]
    assert VENDORED[path].keys() == {"name", "version", "licence", "source", "sha256"}


def test_our_own_script_stays_small():
    assert len((WEB / "static/web/sledi.js").read_bytes()) < 8 * 1024


def test_sheets_and_scripts_ask_nobody_else():
    for name in ("sledi.css", "tokens.css", "sledi.js"):
        text = (WEB / "static/web" / name).read_text()
        assert "http://" not in text
        assert "https://" not in text


@pytest.mark.parametrize(
    "letters",
    [
        "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "ЀѝЍ",
        "ӘҒҚҢӨҰҮҺІәғқңөұүһі",
        "ҐЄІЇґєії’",
        "ЎўІі",
        "ЉЊЋЏЂљњћџђ",
        "ÄÖÜßŠŽČĆĐĄĘŁŃÓŚŹŻĞİŞőűąęłńóśźż",
        "€₽₸₴№–—«»„“”…←→↑↓✓×\u00a0\u202f",
    ],
)
def test_the_font_has_the_letters_of_our_languages(letters):
    assert {ord(letter) for letter in letters} <= font_characters()


def font_characters():
    """Characters of the font's cmap (format 4 or 12), read straight from the WOFF2 file."""
    cmap = woff2_table("cmap")
    found = set()
    for at in range(struct.unpack_from(">H", cmap, 2)[0]):
        offset = struct.unpack_from(">HHI", cmap, 4 + at * 8)[2]
        kind = struct.unpack_from(">H", cmap, offset)[0]
        if kind == 4:
            count = struct.unpack_from(">H", cmap, offset + 6)[0] // 2
            ends = struct.unpack_from(f">{count}H", cmap, offset + 14)
            starts = struct.unpack_from(f">{count}H", cmap, offset + 16 + count * 2)
            found |= {code for start, end in zip(starts, ends, strict=True) for code in range(start, end + 1)}
        elif kind == 12:
            for group in range(struct.unpack_from(">I", cmap, offset + 12)[0]):
                start, end, _ = struct.unpack_from(">III", cmap, offset + 16 + group * 12)
                found |= set(range(start, end + 1))
    return found


def woff2_table(wanted):
    """One untransformed table of a WOFF2 file (W3C, WOFF File Format 2.0, sections 4 and 5)."""
    stored = (WEB / "static/web/sledi-sans.woff2").read_bytes()
    count, packed_length = struct.unpack_from(">H", stored, 12)[0], struct.unpack_from(">I", stored, 20)[0]
    at, offset, where = 48, 0, None
    for _ in range(count):
        flags, at = stored[at], at + 1
        if flags & 63 == 63:
            tag, at = stored[at : at + 4].decode(), at + 4
        else:
            tag = (
                [
                    "cmap",
                    "head",
                    "hhea",
                    "hmtx",
                    "maxp",
                    "name",
                    "OS/2",
                    "post",
                    "cvt ",
                    "fpgm",
                    "glyf",
                    "loca",
                ][flags & 63]
                if flags & 63 < 12
                else ""
            )
        length, at = base128(stored, at)
        is_transformed = (flags >> 6 == 0) == (tag in {"glyf", "loca"})
        if is_transformed:
            length, at = base128(stored, at)
        if tag == wanted:
            where = (offset, length)
        offset += length
    return brotli.decompress(stored[at : at + packed_length])[where[0] : sum(where)]


def base128(stored, at):
    value = 0
    while True:
        value, at = value << 7 | stored[at] & 127, at + 1
        if not stored[at - 1] & 128:
            return value, at
