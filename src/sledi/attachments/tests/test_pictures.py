"""What is read as a photo, what is kept of it, and what is not taken for one."""

import random
from contextlib import suppress
from io import BytesIO

import pytest
from PIL import Image, ImageCms

from sledi.attachments import pictures
from sledi.attachments.pictures import NotAPhoto, read
from sledi.attachments.tests import drawn


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def refused(content: bytes) -> str:
    with pytest.raises(NotAPhoto) as problem:
        read(BytesIO(content))
    return problem.value.reason


def is_near(pixel: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - other) < 24 for one, other in zip(pixel, colour, strict=True))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_three_kinds_are_taken_and_kept_as_one(kind: str) -> None:
    found = read(BytesIO(drawn.photo(kind=kind)))
    kept = opened(found.content)
    assert (kept.format, kept.size, kept.mode) == ("JPEG", (640, 480), "RGB")
    assert (found.width, found.height) == (640, 480)
    assert is_near(kept.getpixel((5, 5)), (0, 128, 128))


def test_place_device_and_comment_do_not_come_along() -> None:
    sent = drawn.located()
    assert opened(sent).getexif().get_ifd(drawn.GPS)
    found = read(BytesIO(sent))
    for kept in (found.content, found.preview):
        picture = opened(kept)
        assert (dict(picture.getexif()), dict(picture.getexif().get_ifd(drawn.GPS))) == ({}, {})
        assert {"exif", "comment", "icc_profile", "xmp", "photoshop"}.isdisjoint(picture.info)
        assert b"Exif" not in kept
        assert b"Pocket" not in kept
        assert b"at home" not in kept


@pytest.mark.parametrize(
    ("turned", "red_at"),
    [
        (1, (5, 5)),
        (2, (-5, 5)),
        (3, (-5, -5)),
        (4, (5, -5)),
        (5, (5, 5)),
        (6, (-5, 5)),
        (7, (-5, -5)),
        (8, (5, -5)),
    ],
)
def test_a_photo_stands_upright_however_it_was_held(turned: int, red_at: tuple[int, int]) -> None:
    """The sender's picture is red in its own left upper corner; Exif says where that corner is to be seen."""
    found = read(BytesIO(drawn.located((60, 40), turned)))
    kept = opened(found.content)
    assert kept.size == ((60, 40) if turned < 5 else (40, 60)) == (found.width, found.height)
    width, height = kept.size
    x, y = red_at
    assert is_near(kept.getpixel((x % width, y % height)), (254, 0, 0))
    assert is_near(kept.getpixel((-x % width, -y % height)), (255, 255, 255))


def test_a_large_photo_is_made_smaller_and_a_small_one_is_not_made_larger() -> None:
    found = read(BytesIO(drawn.photo((6000, 3000))))
    assert (found.width, found.height) == (2560, 1280)
    assert opened(found.preview).size == (480, 240)
    small = read(BytesIO(drawn.photo((20, 10))))
    assert (small.width, small.height, opened(small.preview).size) == (20, 10, (20, 10))


def test_what_shines_through_stands_on_white() -> None:
    for kind in ("PNG", "WEBP"):
        found = read(BytesIO(drawn.photo(mode="RGBA", colour="#00000000", kind=kind)))
        assert is_near(opened(found.content).getpixel((5, 5)), (255, 255, 255))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGBA"])
def test_every_kind_of_pixel_becomes_three_colours(mode: str) -> None:
    written = BytesIO()
    Image.new(mode, (30, 30)).save(written, "PNG")
    assert opened(read(BytesIO(written.getvalue())).content).mode == "RGB"


def test_a_printer_s_four_colours_become_three() -> None:
    assert opened(read(BytesIO(drawn.photo(mode="CMYK", colour="red"))).content).mode == "RGB"


def test_colours_are_those_that_the_file_means() -> None:
    """A profile in which red and green have changed places: what is written as red is meant to be green."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    marks = {name: profile.index(name, 128) + 4 for name in (b"rXYZ", b"gXYZ")}
    red, green = (profile[at : at + 8] for at in marks.values())
    swapped = bytearray(profile)
    swapped[marks[b"rXYZ"] : marks[b"rXYZ"] + 8] = green
    swapped[marks[b"gXYZ"] : marks[b"gXYZ"] + 8] = red
    sent = drawn.photo(colour="red", icc_profile=bytes(swapped))
    assert is_near(opened(read(BytesIO(sent)).content).getpixel((5, 5)), (0, 255, 0))


def test_a_profile_that_is_none_is_no_reason_to_refuse() -> None:
    found = read(BytesIO(drawn.photo(colour="red", icc_profile=b"not a profile" * 20)))
    assert is_near(opened(found.content).getpixel((5, 5)), (254, 0, 0))


def test_of_a_telephone_s_views_the_first_is_the_photo() -> None:
    written = BytesIO()
    Image.new("RGB", (50, 50), "red").save(
        written, "MPO", save_all=True, append_images=[Image.new("RGB", (50, 50), "blue")]
    )
    assert is_near(opened(read(BytesIO(written.getvalue())).content).getpixel((5, 5)), (254, 0, 0))


@pytest.mark.parametrize("name", drawn.NOT_PHOTOS)
def test_what_is_no_photo_is_not_taken_for_one(name: str) -> None:
    assert refused(drawn.NOT_PHOTOS[name]) == "not_a_photo"


def test_nothing_is_refused_as_empty() -> None:
    assert refused(b"") == "empty"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_that_did_not_come_whole_is_damaged(kind: str) -> None:
    whole = drawn.photo((1200, 900), kind=kind) if kind == "JPEG" else drawn.noise((200, 200), kind)
    assert refused(whole[: len(whole) * 2 // 3]) in ("damaged", "not_a_photo")


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_moves_is_no_photo(kind: str) -> None:
    assert refused(drawn.animation(kind)) == "animated"


@pytest.mark.parametrize(("width", "height"), [(4001, 4000), (60_000, 60_000), (16_000_001, 1)])
def test_a_few_bytes_that_unfold_into_gigabytes_are_not_unfolded(width: int, height: int) -> None:
    assert refused(drawn.bomb(width, height)) == "too_many_pixels"


def test_how_many_pixels_may_be_sent_is_told_by_kind() -> None:
    for kind, side, limit in (("JPEG", 7072, 50_000_000), ("WEBP", 3163, 10_000_000)):
        with pytest.raises(NotAPhoto) as problem:
            read(BytesIO(drawn.photo((side, side), kind=kind)))
        assert (problem.value.reason, problem.value.limit) == ("too_many_pixels", limit)


def test_fewer_pixels_than_were_promised_are_damage() -> None:
    assert refused(drawn.bomb(3000, 3000)) == "damaged"


@pytest.mark.parametrize("payload", [drawn.HTML, drawn.ZIP, drawn.PDF, drawn.EXE, drawn.SVG])
def test_of_what_hides_behind_a_photo_nothing_is_kept(payload: bytes) -> None:
    """Telephones put films and further views behind a photo, so that alone is no reason to refuse it."""
    for sent in (drawn.photo() + payload, drawn.photo(comment=payload), drawn.photo(kind="PNG") + payload):
        found = read(BytesIO(sent))
        assert payload[:24] not in found.content
        assert payload[:24] not in found.preview


def test_no_random_change_of_a_file_breaks_the_reader() -> None:
    chance = random.Random(7)
    for kind in ("JPEG", "PNG", "WEBP"):
        whole = drawn.photo((64, 64), kind=kind)
        for _ in range(150):
            changed = bytearray(whole)
            for _ in range(chance.randint(1, 8)):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
            with suppress(NotAPhoto):
                read(BytesIO(bytes(changed)))


def test_two_pictures_are_open_at_once_and_no_more() -> None:
    with pictures.AT_ONCE, pictures.AT_ONCE:
        assert not pictures.AT_ONCE.acquire(blocking=False)
