"""Reads what somebody calls a photo, and writes the picture alone: bytes in, bytes out.

What is kept is drawn anew from the pixels. Place, time, device, comments and whatever else travelled in the file or
behind it (scripts, archives, a second film of the same moment) do not come along, so nobody else ever gets them.
"""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from threading import BoundedSemaphore
from typing import IO

from PIL import Image, ImageCms

MEDIA_TYPE = "image/jpeg"
TAKEN = ("image/jpeg", "image/png", "image/webp")
"""What is read, as browsers call it; told by the content, whatever name or header says."""

PIXELS_MAX = {"JPEG": 50_000_000, "MPO": 50_000_000, "PNG": 16_000_000, "WEBP": 10_000_000}
"""By kind: a file of a few kilobytes may claim any number. Telephones take up to fifty millions, as JPEG, which is read
at a half or a quarter at once; the others have to be unfolded whole. So about 200 MB are enough for each."""
SIDE_MAX_PX, PREVIEW_SIDE_PX = 2560, 480
_QUALITY, _PREVIEW_QUALITY = 85, 75

AT_ONCE = BoundedSemaphore(2)
"""An opened picture takes four bytes a pixel: so many of them a process, the others wait."""

Image.MAX_IMAGE_PIXELS = (
    None  # the library's own limit warns and is wider: ours is checked before any pixel is read
)
_READ = ("JPEG", "PNG", "WEBP")
_ONE_STILL = frozenset(
    {"JPEG", "MPO"}
)  # MPO: a telephone's JPEG with further views behind it; the first is the photo
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, ArithmeticError)
_BROKEN_INSIDE = (*_BROKEN, struct.error, zlib.error, MemoryError)
"""What the library raises for files that are not what they begin as."""


class NotAPhoto(Exception):
    """What was sent is not kept. ``reason``: empty, not_a_photo, too_many_pixels (of ``limit``), animated, damaged."""

    def __init__(self, reason: str, limit: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.limit = limit


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG as it is kept, with its sides in pixels, and a small one for lists."""

    content: bytes
    preview: bytes
    width: int
    height: int


def read(file: IO[bytes]) -> Picture:
    """The picture in a file, upright, in sRGB, on white. Raises NotAPhoto."""
    with AT_ONCE, _opened(file) as picture:
        try:
            upright = _upright(picture)
        except _BROKEN_INSIDE:
            raise NotAPhoto("damaged") from None
        preview = upright.copy()
        preview.thumbnail((PREVIEW_SIDE_PX, PREVIEW_SIDE_PX))
        return Picture(
            _jpeg(upright, _QUALITY), _jpeg(preview, _PREVIEW_QUALITY), upright.width, upright.height
        )


def _opened(file: IO[bytes]) -> Image.Image:
    """Its head alone is read: kind, sides, number of pictures."""
    file.seek(0)
    if not file.read(1):
        raise NotAPhoto("empty")
    file.seek(0)
    try:
        picture = Image.open(file, formats=_READ)
        frames = 1 if picture.format in _ONE_STILL else getattr(picture, "n_frames", 1)
    except _BROKEN_INSIDE:
        raise NotAPhoto("not_a_photo") from None
    most = PIXELS_MAX[picture.format or ""]
    if picture.width * picture.height > most:
        raise NotAPhoto("too_many_pixels", most)
    if frames > 1:
        raise NotAPhoto("animated")
    return picture


def _upright(picture: Image.Image) -> Image.Image:
    """The pixels on a sheet of their own, which knows nothing of the file. First made small: turning copies them."""
    picture.draft(None, (SIDE_MAX_PX, SIDE_MAX_PX))
    picture.load()
    turned = picture.getexif().get(_ORIENTATION, 1)
    colours = picture.info.get("icc_profile")
    picture.thumbnail((SIDE_MAX_PX, SIDE_MAX_PX))
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        sheet = Image.new("RGB", picture.size, "white")
        sheet.paste(picture, mask=picture.getchannel("A"))
    else:
        sheet = Image.new("RGB", picture.size)
        sheet.paste(_in_srgb(picture, colours))
    return sheet.transpose(_TURNS[turned]) if turned in _TURNS else sheet


def _in_srgb(picture: Image.Image, colours: bytes | None) -> Image.Image:
    """Telephones photograph in wider colours and say so in a profile; without it a red would be another red."""
    if not colours or picture.mode not in ("RGB", "CMYK"):
        return picture.convert("RGB")
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(colours))
        meant = ImageCms.profileToProfile(picture, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, *_BROKEN):
        return picture.convert("RGB")  # a profile that cannot be used is no reason to refuse the photo
    return meant or picture.convert("RGB")


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    written = BytesIO()
    picture.save(written, "JPEG", quality=quality, optimize=True, progressive=True)
    return written.getvalue()


_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How a picture held otherwise becomes upright, by the tag Orientation (Exif 2.32, 4.6.4 A)."""
