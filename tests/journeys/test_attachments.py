"""Photos at every door: what is not taken, whose they are, that each is used once, and what its readers never get."""

import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from sledi.attachments import operations
from sledi.attachments.models import Attachment, storage
from sledi.attachments.tests import drawn
from sledi.database.keys import uuid7
from sledi.history.models import Record
from sledi.history.queries import verify
from sledi.history.tests.side_by_side import side_by_side
from sledi.history.tests.unlocked import empty
from sledi.orders.reading import photos as reading_photos
from sledi.orders.reading.finding import visible_rows
from tests.journeys.office import Answer, Office
from tests.journeys.office import office as office_of
from tests.journeys.purchases import KETTLE, item_of, ordered
from tests.journeys.test_s0_receiving import A, on_the_way

PROFILE = "buyout"
pytestmark = pytest.mark.django_db


def url_of(office: Office, photo: str) -> str:
    return f"/api/v1/businesses/{office.business.slug}/attachments/{photo}"


def pages_of(office: Office, photo: str) -> tuple[str, str]:
    return f"/{office.business.slug}/photos/{photo}/", f"/{office.business.slug}/photos/{photo}/preview/"


def receive(office: Office, order: str, *photos: str, name: str = "") -> Answer:
    fields = {"scanned_number": A, "photos": list(photos)}
    return office.ask("operator", f"items/{order}.1", "receive", name, **fields)


def files_of(photo: Attachment) -> list[bool]:
    return [storage().exists(path) for path in (photo.path, photo.preview_path)]


# --- what is taken --------------------------------------------------------------------------------------------


def test_an_upload_is_answered_with_what_is_kept_and_where_it_is(office: Office) -> None:
    answer = office.photo("operator", drawn.located((3000, 2000), turned=6))
    assert answer.status == 201
    photo = Attachment.objects.get()
    url = url_of(office, str(photo.pk))
    assert answer.body == {
        "id": str(photo.pk),
        "url": url,
        "preview_url": f"{url}/preview",
        "media_type": "image/jpeg",
        "size_bytes": len(office.fetch("operator", url).content),
        "width": 1707,
        "height": 2560,
    }


@pytest.mark.parametrize("is_preview", [False, True])
def test_what_is_served_knows_nothing_of_place_and_device_and_may_not_run(
    office: Office, is_preview: bool
) -> None:
    order = on_the_way(office, A)
    sent = drawn.located()
    assert Image.open(BytesIO(sent)).getexif().get_ifd(drawn.GPS) != {}
    photo = office.uploaded("operator", sent)
    assert receive(office, order, photo).status == 200
    by_key = office.fetch("reseller", url_of(office, photo) + ("/preview" if is_preview else ""))
    by_page = office.browser("reseller").get(pages_of(office, photo)[is_preview])
    for answer in (by_key, by_page):
        picture = Image.open(BytesIO(answer.content))
        assert (dict(picture.getexif()), picture.getexif().get_ifd(drawn.GPS)) == ({}, {})
        assert (answer.status_code, picture.format) == (200, "JPEG")
        headers = {name: answer[name] for name in SAFE}
        assert headers == SAFE
        assert answer["Content-Disposition"] == f'inline; filename="{photo}.jpg"'
        again = office.browser("reseller").get(
            pages_of(office, photo)[is_preview], headers={"if-none-match": answer["ETag"]}
        )
        assert (again.status_code, again.content) == (304, b"")


SAFE = {
    "Content-Type": "image/jpeg",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-cache",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def test_a_photo_of_ten_megabytes_is_taken(office: Office) -> None:
    sent = drawn.noise((1850, 1850))
    assert 10_000_000 < len(sent) < 11_000_000
    assert office.photo("operator", sent).status == 201


def test_the_history_keeps_what_the_bytes_of_a_photo_were(office: Office) -> None:
    order = on_the_way(office, A)
    photo = office.uploaded("operator", drawn.photo())
    receive(office, order, photo)
    told = Record.objects.get(act="receive")
    served = office.fetch("operator", url_of(office, photo)).content
    assert told.after["photos"] == [photo]
    assert told.after["photos.sha256"] == [hashlib.sha256(served).hexdigest()]
    assert verify(office.business.pk) is None


# --- what is not ----------------------------------------------------------------------------------------------

REFUSED = {
    "a program that calls itself a photo": (drawn.EXE, 422, "not_a_photo"),
    "a drawing with a script in it": (drawn.SVG, 422, "not_a_photo"),
    "a page": (drawn.HTML, 422, "not_a_photo"),
    "a page before a photo": (drawn.HTML + drawn.photo(), 422, "not_a_photo"),
    "nothing": (b"", 422, "empty"),
    "half a photo": (drawn.photo((1200, 900))[:4000], 422, "damaged"),
    "a film": (drawn.animation("PNG"), 422, "animated"),
    "a bomb": (drawn.bomb(60_000, 60_000), 422, "too_many_pixels"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_photo_is_refused_at_every_door_and_nothing_is_kept(office: Office, name: str) -> None:
    content, status, reason = REFUSED[name]
    order = on_the_way(office, A)
    answer = office.photo("operator", content, "holiday.jpg")
    assert (answer.status, answer.kind, answer.body["reason"]) == (status, "wrong-photo", reason)
    assert answer.body["errors"][0]["pointer"] == "/file"
    assert "holiday.jpg" in answer.body["title"]
    page = send_form(office, order, SimpleUploadedFile("holiday.jpg", content, "image/jpeg"))
    assert page.status_code == 422
    assert "holiday.jpg" in page.content.decode()
    assert item_of(office, f"{order}.1")["state"]["key"] == "domestic_transit"
    assert not Attachment.objects.exists()


def test_a_file_of_sixty_megabytes_is_refused_and_not_more_than_its_limit_is_read(
    office: Office, settings: Any
) -> None:
    order = on_the_way(office, A)
    answer = office.photo("operator", drawn.photo() + bytes(60_000_000))
    assert (answer.status, answer.kind, answer.body["reason"]) == (413, "wrong-photo", "too_large")
    assert answer.body["title"] == "The file “box.jpg” is larger than 20 MB. Send a smaller one."
    settings.FILE_BYTES_MAX = 1_000_000
    page = send_form(office, order, SimpleUploadedFile("box.jpg", drawn.photo() + bytes(1_000_000)))
    assert "Файл «box.jpg» больше 1 МБ. Отправьте файл поменьше." in page.content.decode()
    assert not Attachment.objects.exists()


def test_a_command_with_a_file_that_is_no_photo_does_nothing(office: Office, tmp_path: Any) -> None:
    order = on_the_way(office, A)
    program = tmp_path / "holiday.jpg"
    program.write_bytes(drawn.EXE)
    given = ["order", "move", f"{order}.1", "receive", "--level", "item", "--field", f"scanned_number={A}"]
    for path in (program, tmp_path / "missing.jpg"):
        code, said = office.shell("operator", *given, "--field", f"photos=@{path}")
        assert (code, path.name in said) == (1, True)
    assert item_of(office, f"{order}.1")["state"]["key"] == "domestic_transit"


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("image/jpeg", drawn.photo(), 415),
        ("multipart/form-data; boundary=x", b"--x\r\nnot parts at all", 422),
        ("multipart/form-data", b"x", 400),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nno file\r\n--x--\r\n',
            422,
        ),
    ],
)
def test_a_body_that_holds_no_file_is_told_so(
    office: Office, content_type: str, body: bytes, status: int
) -> None:
    answer = Client().generic(
        "POST",
        f"/api/v1/businesses/{office.business.slug}/attachments",
        body,
        content_type,
        headers={"authorization": f"Bearer {office._key('operator', '')}"},
    )
    assert answer.status_code == status


def test_more_files_than_a_form_takes_are_refused_together(office: Office) -> None:
    order = on_the_way(office, A)
    eleven = [SimpleUploadedFile(f"{at}.jpg", drawn.photo((9, 9))) for at in range(11)]
    page = send_form(office, order, *eleven)
    assert page.status_code == 422
    assert "Наибольшее число: 10." in page.content.decode()
    ids = [office.uploaded("operator", drawn.photo((9, 9))) for _ in range(11)]
    answer = receive(office, order, *ids)
    assert (answer.kind, answer.body["reason"]) == ("wrong-field", "too_many_photos")
    assert item_of(office, f"{order}.1")["state"]["key"] == "domestic_transit"


@pytest.mark.parametrize("value", ["no id", ["no id"], [7], {"a": 1}, 7, True, "[[", [None]])
def test_what_names_no_photo_is_refused_by_its_field(office: Office, value: Any) -> None:
    order = on_the_way(office, A)
    fields = {"scanned_number": A, "photos": value}
    refusal = office.refused("operator", f"items/{order}.1", "receive", **fields)
    assert (refusal.kind, refusal.body["reason"]) == ("wrong-field", "not_photos")
    assert refusal.body["errors"][0]["pointer"] == "/fields/photos"


def test_no_more_than_a_hundred_photos_wait(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "WAITING_MAX", 2)
    first, _second = (office.uploaded("operator", drawn.photo()) for _ in range(2))
    answer = office.photo("operator", drawn.photo())
    assert (answer.status, answer.body["reason"]) == (422, "too_many_waiting")
    assert office.photo("operator", drawn.photo(), name="colleague").status == 201
    receive(office, on_the_way(office, A), first)
    assert office.photo("operator", drawn.photo()).status == 201


# --- whose they are -------------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(office: Office) -> Iterator[Office]:
    """Another business on the same installation."""
    with office_of("retail", office.now, is_audited=False) as found:
        yield found


def test_a_photo_of_somebody_else_is_not_taken_by_a_move(office: Office, elsewhere: Office) -> None:
    order = on_the_way(office, A)
    own = office.uploaded("operator", drawn.photo())
    foreign = [
        office.uploaded("operator", drawn.photo(), name="colleague"),
        office.uploaded("reseller", drawn.photo()),
        elsewhere.uploaded("operator", drawn.photo()),
        str(uuid7()),
    ]
    for photo in foreign:
        fields = {"scanned_number": A, "photos": [own, photo]}
        refusal = office.refused("operator", f"items/{order}.1", "receive", **fields)
        assert (refusal.status, refusal.kind, refusal.body["reason"]) == (
            422,
            "wrong-field",
            "photo_not_yours",
        )
        assert refusal.body["errors"][0]["pointer"] == "/fields/photos"
    assert not Attachment.objects.exclude(subject_id=None).exists()
    assert receive(office, order, own).status == 200


def test_a_photo_is_used_once(office: Office) -> None:
    first, second = on_the_way(office, A), on_the_way(office, A)
    photo = office.uploaded("operator", drawn.photo())
    assert receive(office, first, photo).status == 200
    refusal = office.refused("operator", f"items/{second}.1", "receive", scanned_number=A, photos=[photo])
    assert refusal.body["reason"] == "photo_not_yours"
    row = {"fields": {"scanned_number": A, "photos": [office.uploaded("operator", drawn.photo())]}}
    rows = [{"number": f"{order}.1", **row} for order in (second, on_the_way(office, A))]
    answer = office.api("operator", "post", "items/moves/receive", {"rows": rows})
    assert (answer.body["done"], answer.body["refused"]) == (1, 1)
    assert answer.body["rows"][1]["problem"]["reason"] == "photo_not_yours"


@pytest.fixture
def busy_office(transactional_db: None) -> Iterator[Office]:
    """With real commits: several may come at once."""
    with office_of(PROFILE) as found:
        yield found
    empty()


@pytest.mark.django_db(transaction=True)
def test_of_eight_moves_at_once_one_takes_the_photo(busy_office: Office) -> None:
    office = busy_office
    orders = [on_the_way(office, A) for _ in range(8)]
    photo = office.uploaded("operator", drawn.photo())
    answers = side_by_side([lambda order=order: receive(office, order, photo) for order in orders])
    assert sorted(answer.status for answer in answers) == [200] + [422] * 7, answers
    states = [item_of(office, f"{order}.1")["state"]["key"] for order in orders]
    assert sorted(states) == ["domestic_transit"] * 7 + ["received"]
    (taken,) = Attachment.objects.all()
    assert [taken.subject_id] == [Record.objects.get(act="receive").subject_id]


def test_before_it_is_used_nobody_else_sees_a_photo(office: Office, elsewhere: Office) -> None:
    photo = office.uploaded("operator", drawn.photo())
    url = url_of(office, photo)
    assert office.fetch("operator", url).status_code == 200
    for role in ("supervisor", "reseller", "end_buyer", "operator"):
        assert office.fetch(role, url, name="other").status_code == 404
    assert [office.browser("operator").get(page).status_code for page in pages_of(office, photo)] == [
        404,
        404,
    ]
    assert elsewhere.fetch("operator", url).status_code == 404
    assert elsewhere.fetch("operator", url_of(elsewhere, photo)).status_code == 404
    assert Client().get(url).status_code == 401
    assert Client().get(pages_of(office, photo)[0]).status_code == 302


def test_a_used_photo_is_seen_by_whoever_sees_its_item_and_the_field(office: Office) -> None:
    order = on_the_way(office, A)
    photo = office.uploaded("operator", drawn.photo())
    receive(office, order, photo)
    url = url_of(office, photo)
    seen = {
        (role, name): office.fetch(role, url, name=name).status_code
        for role, name in (
            ("supervisor", ""),
            ("reseller", ""),
            ("reseller", "another"),
            ("end_buyer", ""),
        )
    }
    # The end buyer sees the item, but not this field of it: a paper with the price may lie in the picture.
    assert seen == {
        ("supervisor", ""): 200,
        ("reseller", ""): 200,
        ("reseller", "another"): 404,
        ("end_buyer", ""): 404,
    }
    assert item_of(office, f"{order}.1", "end_buyer")["state"]["key"] == "received"
    assert photo not in office.html("end_buyer", f"items/{order}.1/")
    assert office.browser("end_buyer").get(pages_of(office, photo)[0]).status_code == 404
    unknown = office.fetch("end_buyer", url_of(office, str(uuid7())))
    hidden = office.fetch("end_buyer", url)
    own = {"instance": "", "request_id": ""}
    assert hidden.json() | own == unknown.json() | own


def test_pieces_that_are_parted_later_keep_their_photos(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = ordered(office, {**KETTLE, "quantity": 3})
    office.do("operator", f"items/{order}.1", "dispatch", domestic_number=A)
    photo = office.uploaded("operator", drawn.photo())
    receive(office, order, photo)
    office.do("reseller", f"items/{order}.1", "ask_logist", quantity=1, question="?")
    shown = {
        item["id"]: [one["value"][0]["id"] for one in item["fields"] if one["key"] == "photos"]
        for item in office.see("reseller", f"orders/{order}")["items"]
    }
    assert list(shown.values()) == [[photo], [photo]]
    # Whoever sees one of the two alone sees the photo, too.
    for hidden in shown:
        monkeypatch.setattr(
            reading_photos,
            "visible_rows",
            lambda access, level, hidden=hidden: visible_rows(access, level).exclude(pk=hidden),
        )
        assert office.fetch("reseller", url_of(office, photo)).status_code == 200


def test_a_key_that_may_only_read_uploads_nothing(office: Office) -> None:
    from sledi.accounts.models import ApiKey
    from sledi.accounts.scopes import ORDERS_READ

    office._key("operator", "")
    ApiKey.objects.update(scopes=[ORDERS_READ])
    answer = office.photo("operator", drawn.photo())
    assert (answer.status, answer.kind) == (403, "scope")


# --- forms ----------------------------------------------------------------------------------------------------


def send_form(office: Office, order: str, *files: SimpleUploadedFile, **fields: Any) -> Any:
    """The form of receiving an item, as a browser sends it."""
    (item,) = office.see("operator", f"orders/{order}")["items"]
    address = f"/{office.business.slug}/items/{item['id']}/moves/receive/"
    given = {"scanned_number": A, "version": item["version"], "key": "0f", **fields}
    return office.browser("operator").post(address, given | ({"photos": list(files)} if files else {}))


def test_a_form_takes_files_and_sends_them_in_parts(office: Office) -> None:
    order = on_the_way(office, A)
    item = item_of(office, f"{order}.1")["id"]
    page = office.html("operator", f"items/{item}/moves/receive/")
    assert re.search(r'<form [^>]*enctype="multipart/form-data"', page)
    control = re.search(r'<input [^>]*name="photos"[^>]*>', page)
    assert control
    assert 'type="file" multiple accept="image/jpeg,image/png,image/webp"' in control.group()
    assert "Не больше 10 фотографий." in page


def test_a_form_that_is_refused_keeps_the_photos_that_came_with_it(office: Office) -> None:
    order = on_the_way(office, A)
    file = SimpleUploadedFile("a.jpg", drawn.photo())
    page = send_form(office, order, file, scanned_number="YT0000000000000").content.decode()
    assert "Это номер не этого товара." in page
    ((pk, preview),) = re.findall(
        r'name="photos" value="([0-9a-f-]+)" checked><img src="([^"]+)" alt="Фотографии: фото 1 из 1"', page
    )
    assert office.browser("operator").get(preview).status_code == 200
    assert send_form(office, order, photos=[pk]).status_code == 302
    found = next(one for one in item_of(office, f"{order}.1")["fields"] if one["key"] == "photos")
    assert [one["id"] for one in found["value"]] == [pk]


def test_a_form_names_only_photos_that_its_sender_may_use(office: Office, elsewhere: Office) -> None:
    order = on_the_way(office, A)
    foreign = [elsewhere.uploaded("operator", drawn.photo()), str(uuid7()), "x' onload='y", "../../etc"]
    page = send_form(office, order, photos=foreign)
    assert page.status_code == 422
    assert 'name="photos" value=' not in page.content.decode()
    assert item_of(office, f"{order}.1")["state"]["key"] == "domestic_transit"


def test_pressing_twice_receives_once_and_keeps_each_photo_once(office: Office) -> None:
    order = on_the_way(office, A)
    sent = drawn.photo()
    first = send_form(office, order, SimpleUploadedFile("a.jpg", sent))
    (item,) = office.see("operator", f"orders/{order}")["items"]
    again = send_form(office, order, SimpleUploadedFile("a.jpg", sent), version=item["version"] - 1)
    assert (first.status_code, again.status_code) == (302, 302)
    assert Attachment.objects.count() == 1


def test_the_same_upload_is_one_photo_and_its_key_is_good_for_no_other(office: Office) -> None:
    sent = {"Idempotency_Key": "K1"}
    first = office.photo("operator", drawn.photo(), **sent)
    again = office.photo("operator", drawn.photo(), **sent)
    assert (again.status, again.body) == (201, first.body)
    other = office.photo("operator", drawn.photo(colour="red"), **sent)
    assert (other.status, other.kind) == (409, "key-used-otherwise")
    assert Attachment.objects.count() == 1


def test_a_bulk_form_asks_for_no_photos(office: Office) -> None:
    order = on_the_way(office, A)
    item = item_of(office, f"{order}.1")["id"]
    page = office.browser("operator").post(
        f"/{office.business.slug}/items/moves/", {"move": "receive", "id": [item]}
    )
    assert 'name="weight_g.' in page.content.decode()
    assert "photos" not in page.content.decode()


# --- what nobody uses -----------------------------------------------------------------------------------------


def test_a_photo_that_no_move_took_within_a_day_is_gone(office: Office) -> None:
    order = on_the_way(office, A)
    used, unused = (office.uploaded("operator", drawn.photo()) for _ in range(2))
    receive(office, order, used)
    kept, gone = Attachment.objects.get(pk=used), Attachment.objects.get(pk=unused)
    assert operations.discard_due(office.now + timedelta(hours=23, minutes=59)) == 0
    assert operations.discard_due(office.now + timedelta(hours=24)) == 1
    assert (files_of(kept), files_of(gone)) == ([True, True], [False, False])
    assert list(Attachment.objects.values_list("pk", flat=True)) == [kept.pk]
    assert operations.discard_due(office.now + timedelta(days=400)) == 0


# --- the profile's word ---------------------------------------------------------------------------------------


def test_the_moves_tell_that_a_field_takes_photos_and_how_many(office: Office) -> None:
    order = on_the_way(office, A)
    moves = office.see("operator", f"items/{order}.1/moves")["moves"]
    receiving = next(one for one in moves if one["name"] == "receive")
    field = next(one for one in receiving["fields"] if one["key"] == "photos")
    assert (field["type"], field["required"], field["label"]) == ("photos", False, "Photos")
