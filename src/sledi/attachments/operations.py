"""Upload, take, discard. Files are written after their row and deleted before it: none is ever left without one."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction

from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.accounts.models import Business
from sledi.attachments import pictures
from sledi.attachments.models import Attachment, storage
from sledi.attachments.refusals import KeyUsedOtherwise, Unacceptable
from sledi.database.due import DueRows
from sledi.history import Actor

WAITS = timedelta(hours=24)
"""How long a photo waits for the move it was uploaded for."""
WAITING_MAX = 100
"""Photos of one person or key that no move has taken yet."""
ARRIVAL = "arrival"
"""The level of what has come and is not identified: its photos go on to whatever it turns out to be."""

PHOTOS = DueRows("attachments_attachment", lease_s=300)
DISCARDED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Taken:
    """A photo that now belongs to a field of something."""

    photo: UUID
    level: str
    subject_id: UUID
    field: str


def accept(access: Access, file: "File[bytes]", *, at: datetime, key: str = "") -> Attachment:
    """Keep what somebody uploads, as ``pictures`` draws it anew. The same ``key`` gives the same photo again.

    Raises Unacceptable, naming the file and the reason; KeyUsedOtherwise when the key belongs to another photo.
    """
    name = _shown(file.name or "")
    if (file.size or 0) > settings.FILE_BYTES_MAX:
        raise Unacceptable("too_large", name, settings.FILE_BYTES_MAX // 1_000_000)
    if _waiting(access) >= WAITING_MAX:
        raise Unacceptable("too_many_waiting", name, WAITING_MAX)
    try:
        picture = pictures.read(file)
    except pictures.NotAPhoto as problem:
        raise Unacceptable(problem.reason, name, problem.limit // 1_000_000) from None
    photo = Attachment(
        business=access.business,
        media_type=pictures.MEDIA_TYPE,
        size_bytes=len(picture.content),
        width=picture.width,
        height=picture.height,
        sha256=hashlib.sha256(picture.content).hexdigest(),
        original_name=name,
        uploader_kind=access.actor.kind,
        uploader_id=access.actor.id,
        uploader_name=access.actor.name,
        key=key,
        created_at=at,
        due_at=at + WAITS,
    )
    try:
        with transaction.atomic():
            photo.save(force_insert=True)
    except IntegrityError:
        photo = _uploaded_before(access, photo)
    for path, content in ((photo.path, picture.content), (photo.preview_path, picture.preview)):
        if not storage().exists(path):  # of a repeat, too: the first time may have ended between row and file
            storage().save(path, ContentFile(content))
    return photo


def key_within(key: str, file: "File[bytes]") -> str:
    """The key of one file of a form or command that has a key of its own: sent twice, it is one photo."""
    digest = hashlib.sha256()
    for chunk in file.chunks() if key else ():
        digest.update(chunk)
    return f"{key}:{digest.hexdigest()}" if key else ""


def hold(business: Business, actor: Actor, ids: Collection[UUID]) -> list[Attachment]:
    """Those of these photos that the actor may use now, locked until the transaction ends: a photo is used once.

    His own that nothing has yet; and, for staff, those that lie with an unidentified arrival.
    """
    photos = Attachment.objects.filter(business=business, pk__in=ids).order_by("pk").select_for_update()
    return [one for one in photos if _is_free(one, actor)]


def take(taken: Sequence[Taken]) -> None:
    """Have held photos belong to what took them. They are never discarded from now on."""
    if not taken:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE attachments_attachment t SET level = n.level, subject_id = n.subject_id, field = n.field,"
            " due_at = NULL FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::text[])"
            " AS n (id, level, subject_id, field) WHERE t.id = n.id",
            [list(column) for column in zip(*(_columns(one) for one in taken), strict=True)],
        )


def discard_due(at: datetime) -> int:
    """Drop the photos that nothing took in time, files first; how many."""
    count = 0
    for key in PHOTOS.claim(at, DISCARDED_AT_ONCE):
        with transaction.atomic():
            waiting = Attachment.objects.filter(pk=key, subject_id=None).select_for_update(skip_locked=True)
            for photo in waiting:
                storage().delete(photo.path)
                storage().delete(photo.preview_path)
                photo.delete()
                count += 1
    return count


def _is_free(photo: Attachment, actor: Actor) -> bool:
    if photo.subject_id is None:
        return photo.is_of(actor)
    return photo.level == ARRIVAL and actor.role in roles.STAFF - {roles.SELLER}


def _waiting(access: Access) -> int:
    own = {"uploader_kind": access.actor.kind, "uploader_id": access.actor.id}
    return Attachment.objects.filter(business=access.business, subject_id=None, **own).count()


def _uploaded_before(access: Access, photo: Attachment) -> Attachment:
    """What the key stands for already."""
    first = Attachment.objects.get(
        business=access.business,
        uploader_kind=access.actor.kind,
        uploader_id=access.actor.id,
        key=photo.key,
    )
    if first.sha256 != photo.sha256:
        raise KeyUsedOtherwise
    return first


def _columns(one: Taken) -> tuple[UUID, str, UUID, str]:
    return one.photo, one.level, one.subject_id, one.field


def _shown(name: str) -> str:
    """A foreign file name fit to be shown: its end, short and printable."""
    return "".join(sign for sign in name if sign.isprintable())[-NAME_LENGTH_MAX:]


NAME_LENGTH_MAX = 100
