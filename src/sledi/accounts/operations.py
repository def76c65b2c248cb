"""Acts on people. Each is one transaction."""

from datetime import datetime

from django.core import signing
from django.db import transaction

from sledi.accounts.models import Person

LINK_VALID_S = 15 * 60
_SALT = "sledi.accounts.sign-in"


class LinkInvalid(Exception):
    """The sign-in link is forged, too old, or was used before."""


@transaction.atomic
def appoint_operator(email: str, at: datetime) -> Person:
    """The person with this e-mail address, as an operator; created when new."""
    person = Person.objects.filter(email__iexact=email).first()
    if person is None:
        person = Person(email=email, created_at=at)
        person.set_unusable_password()
    person.is_operator = True
    person.save()
    return person


def sign_in_token(person: Person) -> str:
    """A signed token that signs this person in once, within 15 minutes."""
    return signing.dumps({"person": str(person.pk), "seen": _last_seen(person)}, salt=_SALT)


def redeem(token: str) -> Person:
    """The person a token belongs to.

    Raises LinkInvalid when it is forged, older than 15 minutes, or somebody signed in with it already.
    """
    try:
        claim = signing.loads(token, salt=_SALT, max_age=LINK_VALID_S)
    except signing.BadSignature as problem:
        raise LinkInvalid from problem
    person = Person.objects.filter(pk=claim["person"], is_active=True).first()
    if person is None or _last_seen(person) != claim["seen"]:
        raise LinkInvalid
    return person


def _last_seen(person: Person) -> str:
    # Signing in changes last_login, and with it every token given out before: a link works once.
    return person.last_login.isoformat() if person.last_login else ""
