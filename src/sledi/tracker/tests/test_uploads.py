"""A file in place of pasted text: any usual encoding, a clear answer to everything else."""

import codecs

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sledi.tracker.tests.made import NUMBER, TOKEN
from sledi.tracker.uploads import FILE_BYTES_MAX, NotText, decoded
from sledi.tracking import operations

TABLE = f"заказ;номер\r\n55021;{NUMBER}\r\n"


@pytest.fixture
def opened(monkeypatch):
    """What was made a list of, in place of a database."""
    texts = []

    def open_list(text, **more):
        if NUMBER not in text:
            raise operations.NothingFound
        texts.append(text)
        return operations.OpenedList(TOKEN, (NUMBER,), 0)

    monkeypatch.setattr(operations, "open_list", open_list)
    monkeypatch.setattr(
        operations, "extend_list", lambda token, text, **more: texts.append(f"{token}: {text}")
    )
    return texts


def send(client, content, name="numbers.csv", address="/t/", **form):
    file = SimpleUploadedFile(name, content, "text/csv")
    return client.post(address, {"file": file, **form}, headers={"accept-language": "ru"})


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode(),
        codecs.BOM_UTF8 + TABLE.encode(),
        TABLE.encode("windows-1251"),
        codecs.BOM_UTF16_LE + TABLE.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TABLE.encode("utf-16-be"),
        TABLE.encode("utf-16-le"),
        TABLE.encode("utf-16-be"),
    ],
)
def test_every_usual_encoding_is_read(content):
    assert decoded(content) == TABLE


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04\x14\x00\x06\x00\x08\x00",
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n\x01\x02",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"\x00" * 9,
        codecs.BOM_UTF8 + b"\xff\xff",
    ],
)
def test_what_is_no_text_is_named_so(content):
    with pytest.raises(NotText):
        decoded(content)


def test_an_empty_file_is_an_empty_text():
    assert decoded(b"") == ""


def test_a_file_makes_a_list_without_scripting(client, opened):
    reply = send(client, TABLE.encode("windows-1251"))
    assert (reply.status_code, reply.headers["Location"]) == (302, f"/t/{TOKEN}/")
    assert opened == [f"\n{TABLE}"]


def test_the_box_and_the_file_are_read_together(client, opened):
    send(client, TABLE.encode(), numbers="LX004921336CN")
    assert opened == [f"LX004921336CN\n{TABLE}"]


def test_a_file_extends_a_list(client, opened):
    reply = send(client, TABLE.encode(), address=f"/t/{TOKEN}/numbers/")
    assert (reply.status_code, opened) == (302, [f"{TOKEN}: \n{TABLE}"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"PK\x03\x04\x14\x00\x06\x00", 422, "Это не текстовый файл."),
        ("без номеров".encode(), 422, "нет номера"),
        (b"1" * (FILE_BYTES_MAX + 1), 413, "файл до 250 КБ"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(client, opened, content, status, said):
    reply = send(client, content, numbers="")
    assert reply.status_code == status
    assert said in reply.text
    assert "Ошибка:" in reply.text
    assert opened == []


@pytest.mark.django_db
def test_a_form_that_is_far_too_large_is_not_even_read(client, opened, settings):
    reply = client.post(
        "/t/",
        b"x",
        content_type="multipart/form-data; boundary=b",
        CONTENT_LENGTH=str(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1),
    )
    assert (reply.status_code, opened) == (413, [])
    assert "one megabyte" in reply.text


def test_a_forged_form_with_a_file_is_refused(opened):
    strict = Client(enforce_csrf_checks=True)
    for address in ("/t/", f"/t/{TOKEN}/numbers/"):
        assert send(strict, TABLE.encode(), address=address).status_code == 403
    assert opened == []
