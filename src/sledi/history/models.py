"""One table that only grows, and the head of each business's chain.

A trigger refuses UPDATE, DELETE and TRUNCATE of records to every role (migration 0002).
"""

from django.db import models
from django.db.models import Q

from sledi.database.keys import uuid7
from sledi.history.happened import ACTOR_KINDS, CAUSES, Actor


class Record(models.Model):
    """One thing that happened, as it was told, with its place in the chain of its business."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business_id = models.UUIDField()
    sequence = models.BigIntegerField()  # from 1, without a gap
    level = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    root_id = models.UUIDField()
    act = models.CharField(max_length=100)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=64, blank=True)
    actor_name = models.CharField(max_length=200, blank=True)
    actor_role = models.CharField(max_length=20, blank=True)
    cause = models.CharField(max_length=10)
    at = models.DateTimeField()
    from_state = models.CharField(max_length=60, blank=True)
    to_state = models.CharField(max_length=60, blank=True)
    note = models.TextField(blank=True)
    before = models.JSONField()
    after = models.JSONField()
    is_correction = models.BooleanField()
    previous_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["business_id", "sequence"], name="history_record_sequence"),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="history_record_from_one"),
            models.CheckConstraint(condition=Q(actor_kind__in=ACTOR_KINDS), name="history_record_actor_kind"),
            models.CheckConstraint(condition=Q(cause__in=CAUSES), name="history_record_cause"),
        ]
        indexes = [
            models.Index("business_id", "root_id", "sequence", name="history_record_root"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.act} of {self.level} {self.subject_id}"

    @property
    def actor(self) -> Actor:
        """Who acted."""
        return Actor(self.actor_kind, self.actor_id, self.actor_name, self.actor_role)


class Head(models.Model):
    """The newest record of a business. Whoever writes locks this row, so records never have gaps or twins."""

    business_id = models.UUIDField(primary_key=True)
    sequence = models.BigIntegerField(default=0)
    hash = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"{self.business_id} at {self.sequence}"
