"""Who a seller is on paper, and the papers that never change: invoices, receipts, credit notes.

A trigger refuses UPDATE, DELETE and TRUNCATE of issued papers to every role (migration 0001).
"""

from django.db import models
from django.db.models import Q

from sledi.accounts.models import Business
from sledi.database.keys import uuid7
from sledi.orders.models import Order

NUMBER_MAX = 9_999_999_999
"""Ten digits (Bulgaria: чл. 78 ППЗДДС)."""


class SellerDetails(models.Model):
    """What a seller's papers say of him; each change is a row of its own, the newest of which counts.

    ``seller_id``: the person who sells, or the business where it sells itself.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="+", db_index=False)
    seller_id = models.UUIDField()
    legal_name = models.CharField(max_length=200)
    address = models.CharField(max_length=300)
    country = models.CharField(max_length=2)
    company_number = models.CharField(
        max_length=20, blank=True, default=""
    )  # people who are no traders have none
    vat_number = models.CharField(max_length=20, blank=True, default="")  # empty: not registered
    vat_percent = models.PositiveSmallIntegerField(
        null=True
    )  # of what he sells, where an item says nothing else
    warranty_months = models.PositiveSmallIntegerField(null=True)  # the same
    warranty_terms = models.CharField(max_length=2000, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "seller details"
        constraints = [
            models.CheckConstraint(condition=Q(country__regex="^[A-Z]{2}$"), name="documents_seller_country"),
            models.CheckConstraint(
                condition=Q(vat_number="", vat_percent=None)
                | (~Q(vat_number="") & Q(vat_percent__gte=0, vat_percent__lt=100)),
                name="documents_seller_vat",
            ),
        ]
        indexes = [
            models.Index(fields=["business", "seller_id", "-created_at"], name="documents_details_of_seller")
        ]

    def __str__(self) -> str:
        return self.legal_name

    @property
    def is_vat_registered(self) -> bool:
        return bool(self.vat_number)


class Series(models.Model):
    """The last number a seller's papers have. Whoever draws the next locks this row until the paper is made."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="+", db_index=False)
    seller_id = models.UUIDField()
    last_number = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "series"
        constraints = [
            models.UniqueConstraint("business", "seller_id", name="documents_series_once_per_seller"),
            models.CheckConstraint(
                condition=Q(last_number__gte=0, last_number__lte=NUMBER_MAX),
                name="documents_series_ten_digits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seller_id} at {self.last_number}"


class Issued(models.Model):
    """A paper as it was made: its number, where its kind has one, and everything it says."""

    INVOICE, RECEIPT, CREDIT_NOTE = "invoice", "receipt", "credit_note"
    KINDS = (INVOICE, RECEIPT, CREDIT_NOTE)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="+", db_index=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+", db_index=False)
    seller_id = models.UUIDField()
    key = models.CharField(max_length=50)  # of the document, in the profile
    kind = models.CharField(max_length=20)
    number = models.BigIntegerField(null=True)  # receipts have none
    said = models.JSONField()  # see ``papers``
    issued_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "issued"
        constraints = [
            models.UniqueConstraint("business", "order", "key", name="documents_issued_once_per_order"),
            models.UniqueConstraint(
                "business", "seller_id", "number", name="documents_number_once_per_seller"
            ),
            models.CheckConstraint(
                condition=Q(kind="receipt", number=None)
                | (Q(kind__in=["invoice", "credit_note"]) & Q(number__gte=1, number__lte=NUMBER_MAX)),
                name="documents_issued_numbered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.shown_number}".rstrip()

    @property
    def shown_number(self) -> str:
        """Ten digits, as the law wants them; "" without a number."""
        return "" if self.number is None else f"{self.number:010}"
