"""Who wants to hear of a list, and each mail that is due to them; letters about orders, and who wants none."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from sledi.accounts.models import Business
from sledi.database.keys import uuid7
from sledi.orders.models import Order
from sledi.orders.models import Outbox as Change
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


class Letter(models.Model):
    """One mail to one person about what happened to one order (or payout) at one moment, be it one thing or fifty."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="+", db_index=False)
    root_id = models.UUIDField()  # of the order; of the payout
    order = models.ForeignKey(Order, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    email = models.EmailField(max_length=254)  # in lower case; the letter's own id once it was blanked
    role = models.CharField(max_length=20)  # with whose eyes it is written
    language = models.CharField(max_length=10)
    happened_at = models.DateTimeField()
    subject = models.TextField(blank=True, default="")  # as it was sent
    is_open = models.BooleanField(
        default=True
    )  # nobody has tried to send it: more of the same moment fits in
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    problem = models.TextField(blank=True, default="")
    sent_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)  # nobody is to have it any more
    reported_at = models.DateTimeField(null=True)  # people were told that it does not go out
    blanked_at = models.DateTimeField(null=True)  # whom it went to and what it said is forgotten

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "business",
                "root_id",
                "email",
                "role",
                "happened_at",
                name="letter_open_once",
                condition=Q(is_open=True),
            ),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="letter_email_in_lower_case"),
        ]
        indexes = [
            models.Index("due_at", name="letter_due", condition=Q(due_at__isnull=False)),
            models.Index(
                "created_at",
                name="letter_unsent",
                condition=Q(sent_at=None, dropped_at=None, reported_at=None),
            ),
            models.Index("created_at", name="letter_to_blank", condition=Q(due_at=None, blanked_at=None)),
            models.Index("order", "created_at", name="letter_of_order", condition=Q(order__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.email}: {self.subject}"


class LetterLine(models.Model):
    """One change that a letter tells of. Nobody is told the same change of the same order twice."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="lines")
    change = models.ForeignKey(Change, on_delete=models.CASCADE, related_name="+", db_index=False)
    root_id = models.UUIDField()
    email = models.EmailField(max_length=254)

    class Meta:
        constraints = [models.UniqueConstraint("change", "root_id", "email", name="change_told_once")]


class Silence(models.Model):
    """An address that wants no mails of a business."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey(Business, on_delete=models.CASCADE, related_name="+", db_index=False)
    email = models.EmailField(max_length=254)  # in lower case
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("business", "email", name="silence_once")]

    def __str__(self) -> str:
        return self.email
