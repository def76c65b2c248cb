"""Switching the mails of a business off and on again, by the link in the foot of every letter."""

from datetime import datetime
from uuid import UUID

from django.core import signing

from sledi.accounts.models import Business
from sledi.notifications.models import Silence

_SALT = "sledi.notifications.silence"


class LinkInvalid(Exception):
    """The link is forged, or its business is gone."""


def stop_token(business_id: UUID, email: str) -> str:
    """The token of the link that stops a business's mails to an address."""
    return signing.dumps([str(business_id), email.lower()], salt=_SALT)


def named_in(token: str) -> tuple[Business, str]:
    """The business and the address a link is about. Raises LinkInvalid."""
    try:
        business_id, email = signing.loads(token, salt=_SALT)
    except signing.BadSignature as problem:
        raise LinkInvalid from problem
    business = Business.objects.filter(pk=business_id).first()
    if business is None:
        raise LinkInvalid
    return business, email


def is_silent(business: Business, email: str) -> bool:
    """Whether the address wants no mails of the business."""
    return Silence.objects.filter(business=business, email=email.lower()).exists()


def silence(business: Business, email: str, at: datetime) -> None:
    """Send nothing more to an address, letters under way included."""
    Silence.objects.get_or_create(business=business, email=email.lower(), defaults={"since": at})


def write_again(business: Business, email: str) -> None:
    """Send news to an address again."""
    Silence.objects.filter(business=business, email=email.lower()).delete()


def stop(token: str, at: datetime) -> None:
    """Send nothing more, letters under way included. Raises LinkInvalid."""
    business, email = named_in(token)
    silence(business, email, at)


def go_on(token: str) -> None:
    """Write again. Raises LinkInvalid."""
    business, email = named_in(token)
    write_again(business, email)
