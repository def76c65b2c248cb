"""A business's parcels and hauls, and the numbers that lead to whatever moves.

What lies in a parcel or on a haul is written in ``orders``: this app knows nothing of orders, and a parcel of the
universal tracker has none.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from sledi.accounts.models import Business
from sledi.database.keys import uuid7
from sledi.parcels import short_number
from sledi.tracking.models import Trace


class Moving(models.Model):
    """Something a profile gives states to. Only ``orders.moves`` writes these columns."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=40)
    state_since = models.DateTimeField()
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)  # grows by one with every move
    fields = models.JSONField(default=dict)  # what moves required that has no column
    flags = ArrayField(models.CharField(max_length=40), default=list)
    # Since when deadlines count that run in several states: by timer, once it moved between two of them.
    entered = models.JSONField(default=dict)

    class Meta:
        abstract = True


class Parcel(Moving):
    """One box, or (level ``track``) a number somebody follows without any order."""

    level = models.CharField(max_length=8, choices=[("parcel", "parcel"), ("track", "track")])
    number = models.CharField(max_length=8, default=short_number.draw)
    profile = models.CharField(max_length=40)
    profile_version = models.PositiveIntegerField()
    weight_g = models.PositiveIntegerField(null=True)
    length_mm = models.PositiveIntegerField(null=True)
    width_mm = models.PositiveIntegerField(null=True)
    height_mm = models.PositiveIntegerField(null=True)
    mode = models.CharField(max_length=40, blank=True, default="")
    destination = models.CharField(max_length=2, blank=True, default="")
    # Who follows a track of his own; staff see all of them.
    watcher = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("business", "id", name="parcel_of_its_business"),
            models.UniqueConstraint("business", "number", name="parcel_number_once_per_business"),
            models.CheckConstraint(condition=Q(level__in=["parcel", "track"]), name="parcel_level_known"),
        ]
        indexes = [
            models.Index(fields=["business", "state", "-changed_at"], name="parcel_by_state"),
            models.Index(
                fields=["business", "watcher", "-id"],
                name="parcel_of_watcher",
                condition=Q(watcher__isnull=False),
            ),
            GinIndex(fields=["flags"], name="parcel_by_flag", condition=~Q(flags=[])),
        ]

    def __str__(self) -> str:
        return self.number


class Haul(Moving):
    """A truck or flight between two warehouses, with its manifest."""

    number = models.CharField(max_length=8, default=short_number.draw)
    profile = models.CharField(max_length=40)
    profile_version = models.PositiveIntegerField()
    expected_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("business", "id", name="haul_of_its_business"),
            models.UniqueConstraint("business", "number", name="haul_number_once_per_business"),
        ]
        indexes = [
            models.Index(fields=["business", "state", "-changed_at"], name="haul_by_state"),
            GinIndex(fields=["flags"], name="haul_by_flag", condition=~Q(flags=[])),
        ]

    def __str__(self) -> str:
        return self.number


class AliasKind(models.TextChoices):
    """On which part of its way something carries a number."""

    DOMESTIC = "domestic"
    INTERNATIONAL = "international"
    LOCAL = "local"
    RETURN = "return"


class Alias(models.Model):
    """A carrier's number that something had for a time. Two businesses may know the same number.

    ``trace`` is what all carriers say about it; null while nobody is asked.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="+", db_index=False)
    level = models.CharField(max_length=8)
    subject_id = models.UUIDField()
    number = models.CharField(max_length=64)  # as core.numbers normalises it
    kind = models.CharField(max_length=13, choices=AliasKind.choices)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    trace = models.ForeignKey(Trace, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name_plural = "aliases"
        constraints = [
            models.UniqueConstraint("business", "subject_id", "number", name="alias_once_per_subject"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=models.F("since")), name="alias_period"
            ),
            models.CheckConstraint(condition=Q(kind__in=AliasKind.values), name="alias_kind_known"),
            models.CheckConstraint(
                condition=Q(level__in=["order", "item", "parcel", "haul", "track", "case"]),
                name="alias_level_known",
            ),
        ]
        indexes = [
            models.Index("business", "number", name="alias_by_number"),
            models.Index("trace", name="alias_by_trace", condition=Q(trace__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.number
