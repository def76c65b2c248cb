"""Double entry. Sets and entries only grow; balances, holds, payments and payouts follow from them.

What the database itself refuses (migrations 0001 and 0002): a set whose entries are not zero in each currency,
a balance below its floor or with too many decimals, refunds above what was captured or debited, an entry in
two payouts, a second end of a hold or payout, any change of a set or an entry.
"""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Round

from sledi.accounts.models import Business
from sledi.core.iban import masked
from sledi.database.keys import uuid7
from sledi.history.happened import ACTOR_KINDS, Actor


def _key() -> Any:
    return models.UUIDField(primary_key=True, default=uuid7, editable=False)


def _business(*, constraint: bool = True) -> Any:
    return models.ForeignKey(
        Business, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=constraint
    )


class AmountField(models.DecimalField):  # type: ignore[type-arg]  # generic in its stubs alone
    """NUMERIC without a scale: one with a scale would round a fourth decimal away instead of refusing it."""

    def db_type(self, connection: Any) -> str:
        """The same in every table."""
        return "numeric"


def _amount(**options: Any) -> Any:
    return AmountField(max_digits=28, decimal_places=3, **options)


class Account(models.Model):
    """What somebody or something has, in one currency. ``balance`` is the sum of its entries, stored."""

    id = _key()
    business = _business()
    name = models.CharField(max_length=140)  # charts.Ref.name
    kind = models.CharField(max_length=30)
    provider = models.CharField(max_length=40, blank=True)
    owner_id = models.UUIDField(null=True)  # a person, or whoever the business calls its customer or seller
    currency = models.CharField(max_length=3)
    exponent = models.SmallIntegerField()  # decimals of the currency
    balance = _amount(default=0)
    version = models.BigIntegerField(default=0)  # number of entries
    floor = _amount(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["business", "name"], name="ledger_account_name"),
            models.CheckConstraint(
                condition=Q(floor=None) | Q(balance__gte=F("floor")), name="ledger_account_floor"
            ),
            models.CheckConstraint(
                condition=Q(exponent__range=(0, 3)) & Q(balance=Round("balance", precision=F("exponent"))),  # type: ignore[arg-type]
                name="ledger_account_decimals",
            ),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="ledger_account_currency"),
        ]
        indexes = [models.Index("business", "owner_id", name="ledger_account_owner")]

    def __str__(self) -> str:
        return self.name


class Payment(models.Model):
    """Money that came from outside through a provider, and how much of it went back the same way."""

    id = _key()
    business = _business()
    provider = models.CharField(max_length=40)
    reference = models.CharField(max_length=200)  # the provider's own id of it
    currency = models.CharField(max_length=3)
    customer_id = models.UUIDField()
    authorized = _amount()
    captured = _amount(default=0)
    refunded = _amount(default=0)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["business", "provider", "reference"], name="ledger_payment_reference"
            ),
            models.CheckConstraint(
                condition=Q(authorized__gt=0, captured__gte=0, captured__lte=F("authorized")),
                name="ledger_payment_captured",
            ),
            models.CheckConstraint(
                condition=Q(refunded__gte=0, refunded__lte=F("captured")), name="ledger_payment_refunded"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.reference}"


class Charge(models.Model):
    """What was debited for a subject in a currency, or earned by its sale, and how much was given back."""

    id = _key()
    business = _business()
    subject_level = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    currency = models.CharField(max_length=3)
    debited = _amount()
    refunded = _amount(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["business", "subject_level", "subject_id", "currency"], name="ledger_charge_subject"
            ),
            models.CheckConstraint(
                condition=Q(refunded__gte=0, refunded__lte=F("debited")), name="ledger_charge_refunded"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.debited} − {self.refunded} {self.currency} of {self.subject_level} {self.subject_id}"


class Hold(models.Model):
    """Money set apart for a subject until it is known whose it is. Ended exactly once."""

    PENDING, CAPTURED, VOIDED, EXPIRED = "pending", "captured", "voided", "expired"

    id = _key()
    business = _business()
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="holds")
    subject_level = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    amount = _amount()  # when it was made; what is left of a sale's hold follows from its entries
    status = models.CharField(max_length=10, default=PENDING)
    created_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="ledger_hold_amount"),
            models.CheckConstraint(
                condition=Q(status="pending", resolved_at=None)
                | Q(status__in=["captured", "voided", "expired"], resolved_at__isnull=False),
                name="ledger_hold_status",
            ),
            models.UniqueConstraint(
                fields=["account", "subject_level", "subject_id"],
                condition=Q(status="pending"),
                name="ledger_hold_one_pending",
            ),
        ]
        indexes = [models.Index("business", "subject_level", "subject_id", name="ledger_hold_subject")]

    def __str__(self) -> str:
        return f"{self.amount} for {self.subject_level} {self.subject_id}: {self.status}"


class BankAccount(models.Model):
    """Where a seller is paid. Another number is another row; the newest counts."""

    id = _key()
    business = _business()
    seller_id = models.UUIDField()
    iban = models.CharField(max_length=34)
    held_until = models.DateTimeField(null=True)  # nothing is paid to it before
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(iban__regex="^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$"), name="ledger_bank_account_iban"
            )
        ]
        indexes = [
            models.Index(
                fields=["business", "seller_id", "-created_at"], name="ledger_bank_account_of_seller"
            )
        ]

    def __str__(self) -> str:
        return self.masked

    @property
    def masked(self) -> str:
        """What people are shown of it."""
        return masked(self.iban)


class Payout(models.Model):
    """What a seller is paid at one time: the sum of its lines, each an entry of what was available to him."""

    IN_TRANSIT, PAID, FAILED = "in_transit", "paid", "failed"

    id = _key()
    business = _business()
    seller_id = models.UUIDField()
    bank_account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, null=True, related_name="payouts")
    currency = models.CharField(max_length=3)
    total = _amount()
    cut_off_at = models.DateTimeField()
    pays_on = models.DateField()
    status = models.CharField(max_length=10, default=IN_TRANSIT)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(total__gt=0), name="ledger_payout_total"),
            models.CheckConstraint(
                condition=Q(status="in_transit", settled_at=None)
                | Q(status__in=["paid", "failed"], settled_at__isnull=False),
                name="ledger_payout_status",
            ),
        ]
        indexes = [models.Index("business", "seller_id", "pays_on", name="ledger_payout_seller")]

    def __str__(self) -> str:
        return f"{self.total} {self.currency} on {self.pays_on}"


class EntrySet(models.Model):
    """One act on the money: entries that are zero together, in each currency."""

    id = _key()
    business = _business()
    key = models.CharField(max_length=200)  # idempotency: the same key is the same act
    digest = models.BinaryField(max_length=32)  # of what was asked for under that key
    kind = models.CharField(max_length=30)
    reference = models.CharField(max_length=200, blank=True)  # a number people know: of a payment, an order
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=64, blank=True)
    actor_name = models.CharField(max_length=200, blank=True)
    actor_role = models.CharField(max_length=20, blank=True)
    effective_at = models.DateTimeField()  # when it counts
    created_at = models.DateTimeField()  # when it was written
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="reversed_by")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="sets")
    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, null=True, related_name="sets")
    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, null=True, related_name="sets")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["business", "key"], name="ledger_set_key"),
            models.CheckConstraint(condition=~Q(key=""), name="ledger_set_has_a_key"),
            models.CheckConstraint(condition=Q(actor_kind__in=ACTOR_KINDS), name="ledger_set_actor_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @property
    def actor(self) -> Actor:
        """Who acted."""
        return Actor(self.actor_kind, self.actor_id, self.actor_name, self.actor_role)


class Entry(models.Model):
    """An amount onto an account (negative: off it), and the account's balance after it."""

    id = _key()
    # The set and the account hold the business; a third check per row would only cost.
    business = _business(constraint=False)
    entry_set = models.ForeignKey(EntrySet, on_delete=models.PROTECT, related_name="entries")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries", db_index=False)
    amount = _amount()
    balance_after = _amount()
    account_version = models.BigIntegerField()
    subject_level = models.CharField(max_length=20, blank=True)
    subject_id = models.UUIDField(null=True)
    words_key = models.CharField(max_length=40)  # what the line is called: debit.goods, debit.fee, …
    item = models.CharField(max_length=200, blank=True)  # the goods, as they were called that day

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(fields=["account", "account_version"], name="ledger_entry_version"),
            models.CheckConstraint(condition=~Q(amount=0), name="ledger_entry_amount"),
        ]
        indexes = [
            models.Index("business", "subject_level", "subject_id", name="ledger_entry_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.words_key}"


class PayoutLine(models.Model):
    """An entry of what was available to a seller, paid in exactly one payout."""

    id = _key()
    business = _business()
    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="lines")
    # Not held by the database: it would have to lock entries, whose UPDATE is revoked. Entries never go.
    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, related_name="payout_line", db_constraint=False
    )
    amount = _amount()
    words_key = models.CharField(max_length=40)
    subject_level = models.CharField(max_length=20, blank=True)
    subject_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["business", "subject_level", "subject_id", "words_key"],
                condition=Q(words_key__startswith="sale."),
                name="ledger_payout_line_sale_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.words_key}"
