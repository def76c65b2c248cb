"""What readers wrote under the guide."""

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
