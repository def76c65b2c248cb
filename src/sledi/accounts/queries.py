"""Reads about people and businesses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator

from sledi.accounts.access import Access
from sledi.accounts.models import ApiKey, Business, Membership, Person


@dataclass(frozen=True, slots=True)
class Passkey:
    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class WaysIn:
    """How a person can sign in, beside the code by e-mail that everybody has."""

    passkeys: tuple[Passkey, ...]
    has_app_codes: bool
    recovery_codes_left: int


def ways_in(person: Person) -> WaysIn:
    """One query."""
    found = list(Authenticator.objects.filter(user=person).order_by("created_at"))
    passkeys = [
        Passkey(each.pk, each.wrap().name, each.created_at, each.last_used_at)
        for each in found
        if each.type == Authenticator.Type.WEBAUTHN
    ]
    left = [
        len(each.wrap().get_unused_codes())
        for each in found
        if each.type == Authenticator.Type.RECOVERY_CODES
    ]
    has_app_codes = any(each.type == Authenticator.Type.TOTP for each in found)
    return WaysIn(tuple(passkeys), has_app_codes, sum(left))


def memberships_of(person: Person) -> Sequence[Membership]:
    """What a person is, and where; businesses that are closed are left out."""
    mine = Membership.objects.filter(person=person, business__is_open=True)
    return list(mine.select_related("business").order_by("business__name", "role"))


def businesses() -> Sequence[Business]:
    """All of them, for the installation's operator."""
    return list(Business.objects.order_by("slug"))


def business_of(slug: str) -> Business | None:
    """For the installation's operator: closed ones, too."""
    return Business.objects.filter(slug=slug).first()


def keys_of(business: Business) -> Sequence[ApiKey]:
    """All keys of a business, the newest first."""
    return list(business.keys.order_by("-created_at"))


def person_of(access: Access) -> Person:
    """The person for whom an access acts. Raises Person.DoesNotExist for one that acts for nobody in particular."""
    if access.person_id is None:
        raise Person.DoesNotExist
    return Person.objects.get(pk=access.person_id)


def open_business(slug: str) -> Business | None:
    """For everybody: the business at this address, while it is open."""
    return None if "\0" in slug else Business.objects.filter(slug=slug, is_open=True).first()
