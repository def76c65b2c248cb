"""Who acts: people, the businesses of the installation, what a person is in a business, and keys for programs."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from sledi import profiles
from sledi.accounts import roles
from sledi.core.workflow import Workflow
from sledi.database.keys import uuid7


class Person(AbstractBaseUser):
    """Somebody with an account. Signs in by link, code or passkey, so the password stays unusable."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=10, default="en")
    is_operator = models.BooleanField(default=False)  # of the installation, not of a business
    is_active = models.BooleanField(default=True)
    is_uninvited = models.BooleanField(default=False)  # somebody typed this address at the entrance
    created_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = BaseUserManager["Person"]()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="person_email_in_lower_case"
            )
        ]
        indexes = [
            # Of those whom operations.greet forgets.
            models.Index(
                "created_at", name="person_unconfirmed", condition=Q(is_uninvited=True, last_login=None)
            )
        ]

    def __str__(self) -> str:
        return self.email


class Business(models.Model):
    """A tenant: one trade that runs on a profile under its own name. Every row of a tenant points here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField(max_length=40, unique=True)  # its part of the address: /<slug>/
    name = models.CharField(max_length=200)
    profile = models.CharField(max_length=40)
    profile_version = models.PositiveIntegerField(default=1)
    country = models.CharField(max_length=2)
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=10)
    settings = models.JSONField(default=dict, blank=True)  # of those the profile lets a business change
    host = models.CharField(max_length=253, null=True, blank=True, unique=True)  # many have none
    brand = models.CharField(max_length=7, default="", blank=True)  # the accent colour; empty = ours
    is_open = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(slug__regex="^[a-z0-9]+(-[a-z0-9]+)*$"), name="business_slug_in_lower_case"
            ),
            models.CheckConstraint(condition=Q(name__regex="[^[:space:]]"), name="business_has_a_name"),
            models.CheckConstraint(condition=Q(profile__regex="^[a-z][a-z0-9_]*$"), name="business_profile"),
            models.CheckConstraint(
                condition=Q(profile_version__gte=1), name="business_profile_version_from_one"
            ),
            models.CheckConstraint(condition=Q(country__regex="^[A-Z]{2}$"), name="business_country"),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="business_currency"),
            models.CheckConstraint(
                condition=Q(language__regex="^[a-z]{2,3}(-[a-z]+)?$"), name="business_language"
            ),
            models.CheckConstraint(
                condition=Q(host__regex=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$"), name="business_host_in_lower_case"
            ),
            models.CheckConstraint(condition=Q(brand__regex="^(#[0-9a-f]{6})?$"), name="business_brand"),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def workflow(self) -> Workflow:
        """What new things of the business begin with; those under way go on with the version they pin."""
        return profiles.workflow(self.profile, self.profile_version)


class Membership(models.Model):
    """What a person is in a business. The same person may be several things in one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["business", "person", "role"], name="membership_unique"),
            models.CheckConstraint(condition=Q(role__in=sorted(roles.NAMES)), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.role} of {self.business_id}"

    @property
    def role_name(self) -> str:
        """The role in words, in the reader's language."""
        return str(roles.NAMES[self.role])


class Address(models.Model):
    """A line of somebody's address book in a business. Only that person reads it; orders keep copies."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="addresses")
    recipient_name = models.CharField(max_length=200)
    recipient_phone = models.CharField(max_length=20, blank=True, default="")  # digits alone
    postcode = models.CharField(max_length=200, blank=True, default="")
    region = models.CharField(max_length=200, blank=True, default="")
    city = models.CharField(max_length=200)
    street = models.CharField(max_length=200)
    destination = models.CharField(max_length=2)  # its country, as orders call it
    digest = models.BinaryField(max_length=32)  # of all of it: no address stands in a book twice
    is_usual = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("business", "person", "digest", name="address_once"),
            models.UniqueConstraint(
                "business", "person", name="address_one_usual", condition=Q(is_usual=True)
            ),
            models.CheckConstraint(condition=Q(destination__regex="^[A-Z]{2}$"), name="address_country"),
            models.CheckConstraint(condition=Q(recipient_phone__regex="^[0-9]*$"), name="address_phone"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} of {self.person_id}"


class ApiKey(models.Model):
    """Lets a program act in a business, in one role. The key itself is shown once and never stored."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="keys")
    role = models.CharField(max_length=20)
    # For whom the program acts, where it acts for one seller or reseller and not for the business.
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="keys")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=20)  # enough to recognise a key by, too little to use it
    secret_hash = models.CharField(max_length=64, unique=True)  # SHA-256 of the whole key, hexadecimal
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=sorted(roles.NAMES)), name="api_key_role_known"),
            models.CheckConstraint(
                condition=Q(secret_hash__regex="^[0-9a-f]{64}$"),  # noqa: S106  # a pattern
                name="api_key_is_hashed",
            ),
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=models.F("created_at")),
                name="api_key_expires_after_its_making",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prefix} ({self.name})"
