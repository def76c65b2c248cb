"""What is stored of orders. States are written by ``moves`` alone; amounts are minor units of the order's currency.

An *item* row is so many pieces in one state: when some of them move, the row splits. *Content* says which pieces lie
in which parcel, *Loading* which orders lie in a parcel or on a haul.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from sledi.accounts.models import Business
from sledi.database.keys import uuid7
from sledi.parcels import short_number
from sledi.parcels.models import Haul, Moving, Parcel
from sledi.tracking.models import Trace


def _person() -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )


class Order(Moving):
    """One purchase. Its profile is pinned with the version it began with."""

    number = models.CharField(max_length=8, default=short_number.draw)
    profile = models.CharField(max_length=40)
    profile_version = models.PositiveIntegerField()

    buyer = _person()
    buyer_email = models.EmailField(max_length=254, blank=True, default="")
    reseller = _person()
    seller = _person()
    recipient = _person()  # the end buyer, where he has an account
    recipient_name = models.CharField(max_length=200, blank=True, default="")
    recipient_email = models.EmailField(max_length=254, blank=True, default="")
    recipient_phone = models.CharField(
        max_length=20, blank=True, default=""
    )  # digits only: people type the rest
    address = models.JSONField(default=dict)  # as it was when the order was placed
    destination = models.CharField(max_length=2, blank=True, default="")

    currency = models.CharField(max_length=3)
    goods_minor = models.BigIntegerField(default=0)
    fee_minor = models.BigIntegerField(default=0)
    shipping_minor = models.BigIntegerField(default=0)
    paid_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    debited_goods_minor = models.BigIntegerField(default=0)  # taken from the payer for the order as a whole
    debited_fee_minor = models.BigIntegerField(default=0)
    held_minor = models.BigIntegerField(
        default=0
    )  # of a sale: gross, with the seller; else reserved at the payer
    commission_minor = models.BigIntegerField(default=0)
    is_released = models.BooleanField(default=False)  # the seller has it

    method = models.CharField(max_length=40, blank=True, default="")
    mode = models.CharField(max_length=40, blank=True, default="")
    is_untracked = models.BooleanField(default=False)
    is_cash_on_delivery = models.BooleanField(default=False)
    processing_days = models.PositiveSmallIntegerField(null=True)  # as promised when the order was placed
    processing_days_min = models.PositiveSmallIntegerField(
        null=True
    )  # of "2–4 days" the 2; null for one number
    placed_at = models.DateTimeField()
    window_ends_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("business", "id", name="order_of_its_business"),
            models.UniqueConstraint("business", "number", name="order_number_once_per_business"),
            models.CheckConstraint(
                condition=Q(goods_minor__gte=0) & Q(fee_minor__gte=0) & Q(shipping_minor__gte=0),
                name="order_totals_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(paid_minor__gte=0) & Q(refunded_minor__gte=0), name="order_paid_not_negative"
            ),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="order_currency"),
        ]
        indexes = [
            models.Index(fields=["business", "-placed_at", "-id"], name="order_newest"),
            models.Index(
                fields=["business", "buyer", "-placed_at"],
                name="order_of_buyer",
                condition=Q(buyer__isnull=False),
            ),
            models.Index(
                fields=["business", "reseller", "-placed_at"],
                name="order_of_reseller",
                condition=Q(reseller__isnull=False),
            ),
            models.Index(
                fields=["business", "seller", "-placed_at"],
                name="order_of_seller",
                condition=Q(seller__isnull=False),
            ),
            models.Index(
                fields=["business", "recipient", "-placed_at"],
                name="order_of_recipient",
                condition=Q(recipient__isnull=False),
            ),
            models.Index(
                "business", "recipient_phone", name="order_by_phone", condition=~Q(recipient_phone="")
            ),
            GinIndex(fields=["flags"], name="order_by_flag", condition=~Q(flags=[])),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def total_minor(self) -> int:
        """What the order costs in all."""
        return self.goods_minor + self.fee_minor + self.shipping_minor


class Item(Moving):
    """So many pieces of one line of an order, in one state."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items", db_index=False)
    line = models.PositiveSmallIntegerField()
    origin = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    number = models.CharField(max_length=12)  # of the line, within its order; pieces split off add a letter
    name = models.CharField(max_length=300)
    quantity = models.PositiveIntegerField()
    unit_price_minor = models.BigIntegerField(default=0)
    fee_minor = models.BigIntegerField(default=0)  # for all pieces of the row
    agreed_price_minor = models.BigIntegerField(default=0)  # the same: what the payer agreed to for the goods
    actual_price_minor = models.BigIntegerField(null=True)  # the same: what they cost at the seller
    debited_goods_minor = models.BigIntegerField(default=0)  # taken from the payer and not given back
    debited_fee_minor = models.BigIntegerField(default=0)
    category = models.CharField(max_length=80, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")  # where it is bought
    weight_g = models.PositiveIntegerField(null=True)
    processing_days = models.PositiveSmallIntegerField(null=True)  # what deadlines reckon with
    processing_days_min = models.PositiveSmallIntegerField(null=True)
    product_code = models.CharField(max_length=64, blank=True, default="")  # from which its facts were copied

    class Meta:
        constraints = [
            models.UniqueConstraint("business", "id", name="item_of_its_business"),
            models.UniqueConstraint("business", "order", "number", name="item_number_once_per_order"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="item_has_pieces"),
            models.CheckConstraint(
                condition=Q(unit_price_minor__gte=0) & Q(fee_minor__gte=0) & Q(agreed_price_minor__gte=0),
                name="item_prices_not_negative",
            ),
        ]
        indexes = [
            models.Index("business", "order", "line", name="item_of_order"),
            models.Index("business", "state", "changed_at", name="item_by_state"),
            GinIndex(fields=["flags"], name="item_by_flag", condition=~Q(flags=[])),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def goods_minor(self) -> int:
        """The price of all pieces, without the fee."""
        return self.unit_price_minor * self.quantity


class Content(models.Model):
    """So many pieces of an item lie in a parcel; never more than the item has (trigger in 0002)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="contents", db_index=False)
    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="+", db_index=False)
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint("business", "item", "parcel", name="content_once_per_parcel"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="content_has_pieces"),
        ]
        indexes = [models.Index("business", "parcel", name="content_of_parcel")]


class Loading(models.Model):
    """An order lies in a parcel or on a haul, since when and until when."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="+", db_index=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="loadings", db_index=False)
    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    haul = models.ForeignKey(Haul, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    loaded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "business",
                "order",
                "parcel",
                name="loading_once_per_parcel",
                condition=Q(parcel__isnull=False),
            ),
            models.UniqueConstraint(
                "business", "order", "haul", name="loading_once_per_haul", condition=Q(haul__isnull=False)
            ),
            models.CheckConstraint(
                condition=Q(parcel=None, haul__isnull=False) | Q(parcel__isnull=False, haul=None),
                name="loading_into_one_thing",
            ),
        ]
        indexes = [
            models.Index("business", "parcel", name="loading_of_parcel", condition=Q(parcel__isnull=False)),
            models.Index("business", "haul", name="loading_of_haul", condition=Q(haul__isnull=False)),
        ]

    @property
    def container_id(self) -> UUID:
        """Of the parcel or haul it lies in."""
        found = self.parcel_id or self.haul_id
        assert found is not None
        return found


class Case(Moving):
    """A claim about an order, or about some pieces of one item: a return, an exchange, a dispute."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="cases", db_index=False)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    quantity = models.PositiveIntegerField(null=True)
    number = models.CharField(max_length=8, default=short_number.draw)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("business", "id", name="case_of_its_business"),
            models.UniqueConstraint("business", "number", name="case_number_once_per_business"),
        ]
        indexes = [
            models.Index("business", "order", name="case_of_order"),
            models.Index("business", "state", "changed_at", name="case_by_state"),
        ]

    def __str__(self) -> str:
        return self.number


class ImportRule(models.Model):
    """Goods of a category may not be brought into a country: in whose words, by which source, as of which day."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="+", db_index=False)
    destination = models.CharField(max_length=2)
    category = models.CharField(max_length=80)  # as items have it, in lower case
    text = models.CharField(max_length=1000)
    source = models.CharField(max_length=300)
    stated_on = models.DateField()  # the day of the source

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "business", "destination", "category", name="import_rule_once_per_category"
            ),
            models.CheckConstraint(condition=Q(destination__regex="^[A-Z]{2}$"), name="import_rule_country"),
        ]

    def __str__(self) -> str:
        return f"{self.text} ({self.source}, {self.stated_on.isoformat()})"


class Arrival(models.Model):
    """Something with a number that nothing of the business carries has come: it waits to be identified."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(max_length=64)  # as aliases store it
    fields = models.JSONField(default=dict)  # what was supplied with the scan: a weight
    arrived_at = models.DateTimeField()
    scanned_by = models.CharField(max_length=200)  # as the history names whoever scanned it
    identified_at = models.DateTimeField(null=True)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "business", "number", name="arrival_waits_once", condition=Q(identified_at=None)
            ),
            models.CheckConstraint(
                condition=Q(identified_at=None) | Q(item__isnull=False),
                name="arrival_identified_as_something",
            ),
        ]
        indexes = [
            models.Index("business", "arrived_at", name="arrival_waiting", condition=Q(identified_at=None)),
        ]

    def __str__(self) -> str:
        return self.number


class Task(models.Model):
    """Something for the people of a queue to look at. One open task a queue, subject and reason."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="+", db_index=False)
    queue = models.CharField(max_length=40)
    reason = models.CharField(max_length=60)  # the move or timer that asked for it
    level = models.CharField(max_length=8)
    subject_id = models.UUIDField()
    root_id = models.UUIDField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = _person()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "business",
                "subject_id",
                "queue",
                "reason",
                name="task_open_once",
                condition=Q(closed_at=None),
            ),
        ]
        indexes = [
            models.Index("business", "queue", "opened_at", name="task_open", condition=Q(closed_at=None)),
            models.Index("business", "root_id", name="task_of_root"),
        ]


class Timer(models.Model):
    """When a deadline of the profile is due for a subject. ``due_at`` is null once it fired or no longer matters."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="+", db_index=False)
    level = models.CharField(max_length=8)
    subject_id = models.UUIDField()
    name = models.CharField(max_length=60)
    planned_at = models.DateTimeField()  # as the profile reckons it; stays when it has fired
    due_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    problem = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint("business", "subject_id", "name", name="timer_once_per_subject"),
        ]
        indexes = [models.Index("due_at", name="timer_due", condition=Q(due_at__isnull=False))]


class Outbox(models.Model):
    """What changed, for mails, webhooks and live pages. Written in the transaction of the move."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="+", db_index=False)
    level = models.CharField(max_length=8)
    subject_id = models.UUIDField()
    root_id = models.UUIDField()
    act = models.CharField(max_length=60)
    from_state = models.CharField(max_length=40, blank=True, default="")
    to_state = models.CharField(max_length=40)
    who = models.JSONField(
        default=list
    )  # the roles a `notify` of the profile names; empty = for webhooks alone
    words = models.JSONField(default=dict)  # what it says to each of them, by language; most say nothing
    # To this address alone, as it was when it happened; empty = to the roles above. Emptied once it is told.
    email = models.EmailField(max_length=254, blank=True, default="", db_default="")
    created_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    # Of one that could not be told: when it is tried again (null = given up), how often it was, and why not.
    retry_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0, db_default=0)
    problem = models.TextField(blank=True, default="", db_default="")

    class Meta:
        verbose_name_plural = "outbox"
        indexes = [
            models.Index("created_at", name="orders_outbox_open", condition=Q(told_at__isnull=True)),
        ]


class Idempotency(models.Model):
    """The answer to a request that named a key, so that repeating it gives the same answer."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=200)
    body_hash = models.BinaryField(max_length=32)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "idempotency"
        constraints = [models.UniqueConstraint("business", "key", name="key_once_per_business")]


class News(models.Model):
    """What the carriers say of a number now, still to be told to the things that carry the number.

    A trigger on tracking's outbox writes it in the transaction of the scan: tracking stays ignorant of orders, and
    its mails and these rows cannot take each other's work.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, related_name="+", db_index=False)
    status = models.CharField(max_length=20)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    problem = models.TextField(blank=True, default="")

    class Meta:
        verbose_name_plural = "news"
        indexes = [models.Index("due_at", name="news_due", condition=Q(due_at__isnull=False))]


class RecipientLink(models.Model):
    """Lets somebody without an account follow one order. Known by the hash of its token, which is in the link alone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="+", db_index=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="links", db_index=False)
    role = models.CharField(max_length=20)  # whose eyes its holder has
    token_hash = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200, blank=True, default="")  # empty: it went out with a mail
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("order", "role", name="link_good_once", condition=Q(revoked_at=None)),
            models.CheckConstraint(condition=Q(role__in=["buyer", "end_buyer"]), name="link_role_known"),
        ]
        indexes = [models.Index("order", name="link_of_order")]

    def __str__(self) -> str:
        return f"{self.role} of {self.order_id}"


class OrderLookup(models.Model):
    """Somebody without the right account asked for an order by e-mail and number. Whether they fit, the worker sees.

    The row is there for good pairs and wrong ones; the wrong ones go as soon as they are known to be wrong.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="+", db_index=False)
    email = models.EmailField(max_length=254)  # in lower case
    reference = models.CharField(max_length=60)  # the order's number, as it was typed
    language = models.CharField(max_length=10)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    role = models.CharField(max_length=20, blank=True, default="")  # whose eyes the link has
    token_hash = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    problem = models.TextField(blank=True, default="")
    sent_at = models.DateTimeField(null=True)  # its half hour begins
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=["", "buyer", "end_buyer"]), name="lookup_role_known"
            ),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(sent_at__isnull=False, order__isnull=False),
                name="lookup_used_after_it_was_sent",
            ),
        ]
        indexes = [
            models.Index("due_at", name="lookup_due", condition=Q(due_at__isnull=False)),
            models.Index("created_at", name="lookup_old"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} at {self.business_id}"


class Checkout(models.Model):
    """Somebody was sent to a provider to pay for an order, or to top up an account; and what became of it."""

    OPENING, OPEN, PAID, FAILED = "opening", "open", "paid", "failed"
    PARTIALLY_REFUNDED, REFUNDED, DOUBTFUL = "partially_refunded", "refunded", "doubtful"
    STATES = (OPENING, OPEN, PAID, FAILED, PARTIALLY_REFUNDED, REFUNDED, DOUBTFUL)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="+", db_index=False)
    provider = models.CharField(max_length=40)
    reference = models.CharField(max_length=200, null=True)  # the provider's; null until it has answered
    address = models.TextField(blank=True, default="")  # where the buyer pays
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    person = _person()  # whose account is topped up
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=20, default=OPENING)
    refunded_minor = models.BigIntegerField(default=0)
    problem = models.TextField(
        blank=True, default=""
    )  # why it is doubtful, or why the provider gave no answer
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # when the provider is asked again; null = no more
    attempts = models.SmallIntegerField(default=0)
    doubted_state = models.CharField(max_length=20, blank=True, default="")  # what it was before the doubt
    settled_at = models.DateTimeField(
        null=True
    )  # people found out what is true of it; the problem stays to be read

    class Meta:
        constraints = [
            # Without the business: a callback names nothing else.
            models.UniqueConstraint("provider", "reference", name="checkout_reference_once"),
            models.CheckConstraint(
                condition=Q(order=None, person__isnull=False) | Q(order__isnull=False, person=None),
                name="checkout_of_one_subject",
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="checkout_amount"),
            models.CheckConstraint(
                condition=Q(refunded_minor__gte=0) & Q(refunded_minor__lte=models.F("amount_minor")),
                name="checkout_refunded",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "opening",
                        "open",
                        "paid",
                        "failed",
                        "partially_refunded",
                        "refunded",
                        "doubtful",
                    ]
                ),
                name="checkout_state_known",
            ),
            # Somebody who presses twice is sent to the same page.
            models.UniqueConstraint(
                "business",
                "order",
                name="checkout_one_open_per_order",
                condition=Q(order__isnull=False, state__in=["opening", "open"]),
            ),
        ]
        indexes = [
            models.Index("due_at", name="checkout_due", condition=Q(due_at__isnull=False)),
            models.Index("business", "order", name="checkout_of_order", condition=Q(order__isnull=False)),
            models.Index("business", "updated_at", name="checkout_doubtful", condition=Q(state="doubtful")),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.reference or self.pk}"


class PayoutDay(models.Model):
    """When a business's sellers are looked after next: the run of the day, claimed by one worker."""

    business = models.OneToOneField(Business, on_delete=models.PROTECT, primary_key=True, related_name="+")
    due_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    problem = models.TextField(blank=True, default="")

    class Meta:
        indexes = [models.Index("due_at", name="payout_day_due", condition=Q(due_at__isnull=False))]
