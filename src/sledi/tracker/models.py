"""What readers wrote under the guide, and how the official pages answered."""

from django.db import models
from django.db.models import Q

from sledi.database.keys import uuid7


class Comment(models.Model):
    """One comment. Everybody sees it only after an operator let it through."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    article = models.CharField(max_length=20)
    language = models.CharField(max_length=5)
    name = models.CharField(max_length=40)
    text = models.TextField(max_length=2000)
    created_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True) | Q(refused_at__isnull=True), name="comment_judged_once"
            ),
        ]
        indexes = [
            models.Index(
                "article", "approved_at", name="comment_shown", condition=Q(approved_at__isnull=False)
            ),
            models.Index(
                "created_at",
                name="comment_held",
                condition=Q(approved_at__isnull=True, refused_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.created_at:%Y-%m-%d}"


class OfficialLink(models.Model):
    """A carrier's own page that we lead people to, and how it answered when we looked last."""

    slug = models.CharField(primary_key=True, max_length=40)
    address = models.TextField()
    due_at = models.DateTimeField()  # when to look again
    checked_at = models.DateTimeField(null=True)
    status = models.SmallIntegerField(null=True)  # of the last answer, if there was one
    problem = models.TextField(blank=True, default="")
    failures_in_row = models.SmallIntegerField(default=0)

    BROKEN_AFTER = 3
    """Failures in a row; one or two may be a bad day of the network."""

    class Meta:
        indexes = [models.Index("due_at", name="official_link_due")]

    def __str__(self) -> str:
        return self.slug

    @property
    def is_broken(self) -> bool:
        return self.failures_in_row >= self.BROKEN_AFTER
