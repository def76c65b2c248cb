"""What is stored about numbers on their way.

A *trace* is one number followed across all its carriers; a *watch* is one number at one carrier, asked once
for everybody who follows it. A *reply* is kept as it came (masked) before anything reads it. *Events* are
read from replies and never changed; the trace's status is a projection of them and can be rebuilt.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from sledi.database.keys import uuid7


class Trace(models.Model):
    """One number followed across its carriers, with the projection of all that is known about it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    # Given by whoever follows the number; what carriers report wins over it.
    hinted_origin = models.CharField(max_length=2, blank=True, default="")
    hinted_destination = models.CharField(max_length=2, blank=True, default="")

    # The projection: written by ingest alone, from core.timeline.summarise.
    status = models.CharField(max_length=20, default="REGISTERED")
    code = models.CharField(max_length=20, default="sys.pending")
    reason = models.CharField(max_length=40, blank=True, default="")
    since = models.DateTimeField(null=True)
    place = models.TextField(blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    carrier = models.CharField(max_length=40, blank=True, default="")
    origin = models.CharField(max_length=2, blank=True, default="")
    destination = models.CharField(max_length=2, blank=True, default="")
    direction = models.CharField(max_length=7, default="forward")
    last_event_at = models.DateTimeField(null=True)
    stale_at = models.DateTimeField(null=True)
    stale_told_at = models.DateTimeField(null=True)
    is_final = models.BooleanField(default=False)
    is_closed = models.BooleanField(default=False)  # asked no more, but a scan opens it again
    event_count = models.IntegerField(default=0)
    revision = models.BigIntegerField(default=0)  # grows whenever a page about the trace would change
    changed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # Of those that staleness.announce_stale has still to announce.
            models.Index(
                "stale_at",
                name="trace_stale",
                condition=Q(is_final=False) & (Q(stale_told_at=None) | Q(stale_told_at__lt=F("stale_at"))),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Watch(models.Model):
    """One number at one carrier that can be asked (an adapter's slug): the unit of polling."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    carrier = models.CharField(max_length=40)
    number = models.CharField(max_length=64)
    hints = models.JSONField(default=dict)  # extra values the carrier needs, see Carrier.ask
    created_at = models.DateTimeField()

    # Due work: when to ask next (null = never again), how often it failed in a row, and why.
    due_at = models.DateTimeField(null=True)
    is_urgent = models.BooleanField(default=True)  # somebody waits in front of a page
    attempts = models.SmallIntegerField(default=0)
    problem = models.TextField(blank=True, default="")

    registered_at = models.DateTimeField(null=True)  # the carrier sends us news of it
    asked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, blank=True, default="")
    message = models.TextField(blank=True, default="")

    # The carrier's own words about the parcel as a whole, from its newest reply.
    origin = models.CharField(max_length=2, blank=True, default="")
    destination = models.CharField(max_length=2, blank=True, default="")
    service = models.TextField(blank=True, default="")
    weight_g = models.IntegerField(null=True)
    expected_from = models.DateTimeField(null=True)
    expected_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "watches"
        constraints = [models.UniqueConstraint("carrier", "number", name="watch_once_per_carrier")]
        indexes = [
            models.Index("carrier", "due_at", name="watch_due", condition=Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.number}"


class Link(models.Model):
    """A trace is looked for at this watch: in which order, on behalf of which carrier, and why."""

    pk = models.CompositePrimaryKey("trace_id", "watch_id")
    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, related_name="links", db_index=False)
    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="links", db_index=False)
    rank = models.SmallIntegerField()
    on_behalf_of = models.CharField(
        max_length=40
    )  # the carrier meant: china_post, asked through seventeentrack
    why = models.CharField(max_length=40)  # key of the reason: origin_post, destination_post, alias, …

    class Meta:
        indexes = [models.Index("watch", name="link_watch")]


class Reply(models.Model):
    """One answer or push of a carrier, as it came, personal data masked. Read again whenever rules change."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    carrier = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    status = models.SmallIntegerField()
    numbers = ArrayField(models.CharField(max_length=64))
    body = models.BinaryField()  # zlib
    is_push = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    problem = models.TextField(blank=True, default="")  # why it could not be read

    class Meta:
        verbose_name_plural = "replies"
        indexes = [
            BrinIndex("received_at", name="reply_received"),
            models.Index("carrier", "received_at", name="reply_problem", condition=~Q(problem="")),
        ]


class Event(models.Model):
    """One scan at one watch. Written once; its key makes a second arrival harmless."""

    pk = models.CompositePrimaryKey("watch_id", "key")
    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="events", db_index=False)
    key = models.BinaryField(max_length=16)
    code = models.CharField(max_length=20)
    reason = models.CharField(max_length=40)
    raw_code = models.TextField()
    raw_text = models.TextField()
    raw_time = models.TextField()
    occurred_at = models.DateTimeField()
    zone_basis = models.CharField(max_length=12)
    zone = models.CharField(max_length=40)
    text_language = models.CharField(max_length=10)
    place = models.TextField()
    country = models.CharField(max_length=2)
    direction = models.CharField(max_length=7)
    carrier = models.CharField(max_length=40)
    withdraws = models.BooleanField()
    seen_at = models.DateTimeField()
    reply = models.ForeignKey(Reply, on_delete=models.PROTECT, db_index=False, db_constraint=False)

    class Meta:
        indexes = [
            BrinIndex("seen_at", name="event_seen"),
            models.Index("watch", name="event_unmapped", condition=Q(code="sys.unmapped")),
        ]


class Errand(models.Model):
    """An answer to be fetched later by its ticket (Russian Post's batch access)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    carrier = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)  # of the call that collects it
    token = models.CharField(max_length=200)
    numbers = ArrayField(models.CharField(max_length=64))
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    problem = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint("carrier", "token", name="errand_once")]
        indexes = [models.Index("due_at", name="errand_due", condition=Q(due_at__isnull=False))]


class CarrierLine(models.Model):
    """The state of our line to one kind of call of one carrier: budget, circuit breaker, health."""

    pk = models.CompositePrimaryKey("carrier", "kind")
    carrier = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    next_call_at = models.DateTimeField()
    day = models.DateField()
    calls_today = models.IntegerField(default=0)
    failures_in_row = models.IntegerField(default=0)
    opens_at = models.DateTimeField(null=True)  # the breaker is open until then
    last_success_at = models.DateTimeField(null=True)
    last_failure_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True, default="")  # of the last failure


class Outbox(models.Model):
    """A change of a trace, for mails, webhooks and live pages. Written in the transaction of the change."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, db_index=False)
    created_at = models.DateTimeField()
    status = models.CharField(max_length=20)
    previous_status = models.CharField(max_length=20)
    code = models.CharField(max_length=20)
    previous_code = models.CharField(max_length=20)
    told_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "outbox"
        indexes = [models.Index("created_at", name="outbox_open", condition=Q(told_at__isnull=True))]


class TrackList(models.Model):
    """Numbers somebody pasted. Known by the hash of its unguessable token; the token is in the link alone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    token_hash = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    origin = models.CharField(max_length=2, blank=True, default="")
    destination = models.CharField(max_length=2, blank=True, default="")
    dropped = models.IntegerField(default=0)  # numbers beyond the limit of the paste


class ListRow(models.Model):
    """One number of a list, in the order it was pasted."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    track_list = models.ForeignKey(TrackList, on_delete=models.CASCADE, related_name="rows", db_index=False)
    position = models.SmallIntegerField()
    raw = models.CharField(max_length=200)
    number = models.CharField(max_length=64)
    carrier = models.CharField(max_length=40, blank=True, default="")  # chosen by the person
    is_insisted = models.BooleanField(default=False)  # follow although the number looks mistyped
    trace = models.ForeignKey(Trace, null=True, on_delete=models.SET_NULL)  # null: not followed (yet)

    class Meta:
        constraints = [
            models.UniqueConstraint("track_list", "number", name="row_once_per_list"),
        ]


class Allowance(models.Model):
    """How many new numbers one address asked for in one hour, and all addresses together."""

    pk = models.CompositePrimaryKey("key", "hour")
    key = models.BinaryField(max_length=16)  # keyed hash of the address; nothing to read back
    hour = models.DateTimeField()
    used = models.IntegerField()

    class Meta:
        indexes = [BrinIndex("hour", name="allowance_hour")]
