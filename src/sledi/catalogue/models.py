"""What is stored of goods. ``operations`` alone writes it; what an order copied from it stays as it was."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from sledi.accounts.models import Business
from sledi.core.money import Money
from sledi.database.keys import uuid7

CODE = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
"""A code is a part of an address."""


class Product(models.Model):
    """Goods of one kind, at one price. Without a ``seller`` they are the business's own."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="+", db_index=False)
    code = models.CharField(max_length=64)  # never changes: orders name it
    name = models.CharField(max_length=300)
    description = models.TextField(max_length=2000, blank=True, default="")
    price_minor = models.BigIntegerField()  # of a piece
    currency = models.CharField(max_length=3)
    seller = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    category = models.CharField(max_length=80, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")  # where it is bought
    weight_g = models.PositiveIntegerField(null=True)  # of a piece
    processing_days_min = models.PositiveSmallIntegerField(null=True)
    processing_days_max = models.PositiveSmallIntegerField(null=True)  # what deadlines reckon with
    marks = ArrayField(models.CharField(max_length=50), default=list)  # of the profile's marks of items
    is_on_sale = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)  # grows by one with every change
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("business", Upper("code"), name="product_code_once_per_business"),
            models.CheckConstraint(condition=Q(code__regex=CODE), name="product_code"),
            models.CheckConstraint(condition=~Q(name=""), name="product_has_a_name"),
            models.CheckConstraint(condition=Q(price_minor__gt=0), name="product_price"),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="product_currency"),
            models.CheckConstraint(
                condition=Q(processing_days_min=None)
                | Q(processing_days_max__isnull=False, processing_days_min__lte=F("processing_days_max")),
                name="product_processing_days",
            ),
        ]
        indexes = [models.Index(fields=["business", "-id"], name="product_newest")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def price(self) -> Money:
        """What a piece costs."""
        return Money(self.price_minor, self.currency)
