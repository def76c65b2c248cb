"""Files for tests of photos, drawn when they are asked for: good ones, and ones that only look so."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

ORIENTATION, GPS = 0x0112, 0x8825
ALMATY = {1: "N", 2: (43.0, 14.0, 20.0), 3: "E", 4: (76.0, 53.0, 25.0)}


def photo(
    size: tuple[int, int] = (640, 480), colour: str = "teal", kind: str = "JPEG", **options: Any
) -> bytes:
    """A picture of one colour."""
    written = BytesIO()
    Image.new(options.pop("mode", "RGB"), size, colour).save(written, kind, **options)
    return written.getvalue()


def located(size: tuple[int, int] = (640, 480), turned: int = 1) -> bytes:
    """A photo as a telephone takes it: with its place, and held the way ``turned`` says."""
    exif = Image.Exif()
    exif[ORIENTATION] = turned
    exif[0x010F] = "Pocket telephone 7"
    exif.get_ifd(GPS).update(ALMATY)
    picture = Image.new("RGB", size, "white")
    picture.paste("red", (0, 0, size[0] // 2, size[1] // 2))
    written = BytesIO()
    picture.save(written, "JPEG", exif=exif, comment=b"taken at home", quality=95)
    return written.getvalue()


def noise(size: tuple[int, int], kind: str = "PNG") -> bytes:
    """A picture that cannot be pressed: about three bytes a pixel as PNG."""
    written = BytesIO()
    Image.effect_noise(size, 100).convert("RGB").save(written, kind, compress_level=0, quality=100)
    return written.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has so many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(100_000), 9))
        + chunk(b"IEND", b"")
    )


EXE = b"MZ\x90\x00" + bytes(58) + b"\x80\x00\x00\x00" + bytes(64) + b"PE\x00\x00" + bytes(400)
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
ZIP = b"PK\x03\x04" + bytes(60)
PDF = b"%PDF-1.7\n" + bytes(60)
GIF = photo(kind="GIF", mode="P", colour=0)
BMP, TIFF, ICO = photo(kind="BMP"), photo(kind="TIFF"), photo((32, 32), kind="ICO")
NOT_PHOTOS = {
    "exe": EXE,
    "svg": SVG,
    "html": HTML,
    "zip": ZIP,
    "pdf": PDF,
    "gif": GIF,
    "bmp": BMP,
    "tiff": TIFF,
    "ico": ICO,
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
    "html before a photo": HTML + photo(),
    "exe before a photo": EXE + photo(),
    "zip before a photo": ZIP + photo(),
    "text": b"just some words",
    "the beginning of a JPEG alone": photo()[:3],
    "the beginning of a PNG alone": photo(kind="PNG")[:20],
    "RIFF that is no WebP": b"RIFF" + struct.pack("<I", 40) + b"WAVEfmt " + bytes(32),
}
"""Not opened at all, whatever they call themselves."""


def animation(kind: str) -> bytes:
    written = BytesIO()
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "green", "blue")]
    frames[0].save(written, kind, save_all=True, append_images=frames[1:])
    return written.getvalue()
