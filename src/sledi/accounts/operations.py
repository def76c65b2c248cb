"""Acts on people. Each is one transaction. Time comes in as an argument."""

from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.core import signing
from django.core.validators import MaxLengthValidator, validate_email
from django.db import transaction

from sledi.accounts.models import Person

LINK_VALID_S = 15 * 60
validate_length = MaxLengthValidator(254)
_SALT = "sledi.accounts.sign-in"


class LinkInvalid(Exception):
    """The sign-in link is forged, too old, or was used before."""


@transaction.atomic
def appoint_operator(email: str, at: datetime) -> Person:
    """The person with this e-mail address, as an operator; created when new.

    Raises Django's ValidationError for an impossible address.
    """
    email = email.strip().lower()
    validate_email(email)
    validate_length(email)
    person, is_new = Person.objects.get_or_create(
        email=email, defaults={"created_at": at, "is_operator": True, "password": make_password(None)}
    )
    if not is_new and not person.is_operator:
        person.is_operator = True
        person.save(update_fields=["is_operator"])
    return person


def sign_in_token(person: Person, at: datetime) -> str:
    """A signed token that signs this person in once, within 15 minutes from ``at``."""
    until = at + timedelta(seconds=LINK_VALID_S)
    claim = {"person": str(person.pk), "seen": _last_seen(person), "until": until.isoformat()}
    return signing.dumps(claim, salt=_SALT)


def person_of(token: str, at: datetime) -> Person:
    """The person a token would sign in.

    Raises LinkInvalid when it is forged, older than 15 minutes, or somebody signed in with it already.
    """
    try:
        claim = signing.loads(token, salt=_SALT)
    except signing.BadSignature as problem:
        raise LinkInvalid from problem
    person = Person.objects.filter(pk=claim["person"], is_active=True).first()
    if person is None or _last_seen(person) != claim["seen"] or datetime.fromisoformat(claim["until"]) < at:
        raise LinkInvalid
    return person


@transaction.atomic
def redeem(token: str, at: datetime) -> Person:
    """The person a token signs in, now for the last time. Raises LinkInvalid as ``person_of`` does."""
    person = person_of(token, at)
    # Two who press at the same moment: only one finds the person as the token saw it.
    unused = Person.objects.filter(pk=person.pk, last_login=person.last_login)
    if not unused.update(last_login=at):
        raise LinkInvalid
    person.last_login = at
    return person


def _last_seen(person: Person) -> str:
    # Signing in changes last_login, and with it every token given out before: a link works once.
    return person.last_login.isoformat() if person.last_login else ""
