"""Who wants to hear of a list, and each mail that is due to them."""

from django.db import models
from django.db.models import Q

from sledi.database.keys import uuid7
from sledi.tracking.models import Outbox, TrackList


class Follow(models.Model):
    """An e-mail address that follows a list; hears nothing but one question until it confirms."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    track_list = models.ForeignKey(
        TrackList, on_delete=models.CASCADE, related_name="follows", db_index=False
    )
    email = models.EmailField(max_length=254)
    language = models.CharField(max_length=10)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("track_list", "email", name="follow_once_per_list"),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_active(self) -> bool:
        return self.confirmed_at is not None and self.stopped_at is None


class Mail(models.Model):
    """One mail to one follower: the question to confirm (no outbox row), or a piece of news."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    follow = models.ForeignKey(Follow, on_delete=models.CASCADE, related_name="mails", db_index=False)
    news = models.ForeignKey(Outbox, null=True, on_delete=models.CASCADE)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    problem = models.TextField(blank=True, default="")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("follow", "news", name="mail_once", nulls_distinct=False),
        ]
        indexes = [models.Index("due_at", name="mail_due", condition=Q(due_at__isnull=False))]
