"""A photo is uploaded, taken or discarded; no file is left without its row, and no row without its file."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from sledi.accounts.access import Access
from sledi.accounts.models import Business
from sledi.attachments import operations
from sledi.attachments.models import Attachment, storage
from sledi.attachments.operations import WAITS, Taken, accept, discard_due, hold, take
from sledi.attachments.refusals import Unacceptable
from sledi.attachments.tests import drawn
from sledi.history import Actor

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 28, 9, tzinfo=UTC)


def business(slug: str = "shop") -> Business:
    facts = {"profile": "retail", "profile_version": 1, "country": "RU", "currency": "RUB", "language": "ru"}
    found, _is_new = Business.objects.get_or_create(
        slug=slug, defaults={"name": slug, "created_at": NOW, **facts}
    )
    return found


def access(name: str = "ann", role: str = "operator", slug: str = "shop") -> Access:
    return Access(business(slug), Actor("person", name, name.title(), role), role, UUID(int=1), frozenset())


def uploaded(who: Access | None = None, **options: Any) -> Attachment:
    file = ContentFile(drawn.photo((8, 8)), name="box.jpg")
    return accept(who or access(), file, at=NOW, **options)


def held(photo: Attachment, who: Access) -> list[UUID]:
    with transaction.atomic():
        return [one.pk for one in hold(who.business, who.actor, [photo.pk])]


def files_of(photo: Attachment) -> list[bool]:
    return [storage().exists(path) for path in (photo.path, photo.preview_path)]


def test_an_upload_waits_a_day_for_its_move() -> None:
    photo = uploaded()
    assert (photo.due_at, photo.subject_id, photo.level) == (NOW + timedelta(hours=24), None, "")
    assert (photo.uploader_kind, photo.uploader_id, photo.uploader_name) == ("person", "ann", "Ann")
    assert files_of(photo) == [True, True]


def test_a_repeated_upload_writes_the_files_that_the_first_time_did_not() -> None:
    first = uploaded(key="again")
    for path in (first.path, first.preview_path):
        storage().delete(path)
    assert uploaded(key="again").pk == first.pk
    assert files_of(first) == [True, True]


def test_its_uploader_alone_may_use_a_photo() -> None:
    photo = uploaded()
    key = Access(business(), Actor("key", "ann", "a key", "operator"), "operator", None, frozenset())
    others = [access("bob"), access(slug="other"), key]
    assert [held(photo, one) for one in (access(), access(role="buyer"), *others)] == [
        [photo.pk],
        [photo.pk],
        [],
        [],
        [],
    ]


def test_what_was_taken_is_free_for_nobody_and_is_never_discarded() -> None:
    photo = uploaded()
    take([Taken(photo.pk, "item", uuid4(), "photos")])
    assert held(photo, access()) == []
    assert discard_due(NOW + 100 * WAITS) == 0
    assert files_of(photo) == [True, True]


@pytest.mark.parametrize(("role", "is_free"), [("operator", True), ("seller", False), ("buyer", False)])
def test_the_photo_of_an_unidentified_arrival_is_free_for_the_warehouse(role: str, is_free: bool) -> None:
    photo = uploaded()
    take([Taken(photo.pk, operations.ARRIVAL, uuid4(), "photos")])
    assert held(photo, access("bob", role)) == ([photo.pk] if is_free else [])


def test_an_upload_whose_files_were_never_written_is_discarded_like_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(type(storage()), "save", lambda *_: (_ for _ in ()).throw(OSError("no space left")))
        with pytest.raises(OSError, match="no space"):
            uploaded()
    assert Attachment.objects.count() == 1
    assert discard_due(NOW + WAITS) == 1
    assert not Attachment.objects.exists()


def test_a_photo_that_a_move_is_taking_is_not_discarded() -> None:
    photo = uploaded()
    claimed = operations.PHOTOS.claim(NOW + WAITS, 10)
    assert claimed == [photo.pk]
    take([Taken(photo.pk, "item", uuid4(), "photos")])
    assert discard_due(NOW + 2 * WAITS) == 0
    assert files_of(photo) == [True, True]


def test_what_is_refused_leaves_no_row_and_names_its_file() -> None:
    with pytest.raises(Unacceptable) as refusal:
        accept(access(), ContentFile(drawn.EXE, name="a\x00b\u202egpj.exe" + "x" * 200), at=NOW)
    assert (refusal.value.reason, len(refusal.value.name)) == ("not_a_photo", 100)
    assert refusal.value.name.isprintable()
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject_id": None, "due_at": None},
        {"subject_id": UUID(int=1), "level": "item", "field": ""},
        {"subject_id": UUID(int=1), "level": "", "field": "photos"},
        {"level": "item"},
    ],
)
def test_a_photo_waits_or_belongs_and_nothing_between(wrong: dict[str, Any]) -> None:
    photo = uploaded()
    with pytest.raises(IntegrityError), transaction.atomic():
        Attachment.objects.filter(pk=photo.pk).update(**wrong)
