"""A photo that somebody uploaded. Until a move takes it, only he sees it, and after a day it is discarded."""

from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q

from sledi.accounts.models import Business
from sledi.database.keys import uuid7
from sledi.history import Actor


class Attachment(models.Model):
    """What is kept is a JPEG of our own (``pictures``). Where it lies in the storage is never an address."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="+", db_index=False)

    media_type = models.CharField(max_length=40)
    size_bytes = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    sha256 = models.CharField(
        max_length=64
    )  # of what is kept; the history of the move that took it has it too
    original_name = models.CharField(max_length=100, blank=True)  # told to the uploader alone, never trusted

    uploader_kind = models.CharField(max_length=10)  # as the history names who acted
    uploader_id = models.CharField(max_length=64)
    uploader_name = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=300, blank=True)  # the same upload, sent twice, is one
    created_at = models.DateTimeField()

    level = models.CharField(max_length=8, blank=True)  # of what it belongs to; empty until a move took it
    subject_id = models.UUIDField(null=True)
    field = models.CharField(max_length=60, blank=True)
    due_at = models.DateTimeField(null=True)  # when it is discarded; null once it was taken

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "business",
                "uploader_kind",
                "uploader_id",
                "key",
                name="attachment_uploaded_once",
                condition=~Q(key=""),
            ),
            models.CheckConstraint(
                condition=Q(subject_id=None, level="", field="", due_at__isnull=False)
                | (Q(subject_id__isnull=False, due_at=None) & ~Q(level="") & ~Q(field="")),
                name="attachment_waits_or_belongs",
            ),
        ]
        indexes = [
            models.Index(
                "business",
                "uploader_kind",
                "uploader_id",
                name="attachment_waiting",
                condition=Q(subject_id=None),
            ),
            models.Index("due_at", name="attachment_due", condition=Q(due_at__isnull=False)),
            models.Index(
                "business", "subject_id", name="attachment_of", condition=Q(subject_id__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def path(self) -> str:
        """In the storage, spread over folders."""
        return f"{self.pk.hex[-2:]}/{self.pk}.jpg"

    @property
    def preview_path(self) -> str:
        """Of the small one."""
        return f"{self.pk.hex[-2:]}/{self.pk}.small.jpg"

    def is_of(self, actor: Actor) -> bool:
        """Whether this very person or key uploaded it."""
        return bool(actor.id) and (self.uploader_kind, self.uploader_id) == (actor.kind, actor.id)


def storage() -> Storage:
    """Where the files lie: ``STORAGES["attachments"]``."""
    return storages["attachments"]
