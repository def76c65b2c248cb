"""Acts on people, businesses and keys. Each is one transaction. Time comes in as an argument."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from sledi import profiles
from sledi.accounts import keys, roles
from sledi.accounts.models import Address, ApiKey, Business, Membership, Person
from sledi.accounts.scopes import SCOPES
from sledi.core import money
from sledi.core.numbers.countries import ASSIGNED
from sledi.core.workflow import Field
from sledi.core.workflow.fields import clean
from sledi.history import Actor, Happened
from sledi.history.operations import record
from sledi.web.languages import LANGUAGES

LINK_VALID_S = 15 * 60
UNCONFIRMED_FOR = timedelta(days=1)
UNCONFIRMED_AT_ONCE = 100
KEY_USE_NOTED_EVERY = timedelta(minutes=1)
validate_length = MaxLengthValidator(254)
_SALT = "sledi.accounts.sign-in"
NAME = Field(
    "name",
    "text",
    {"ru": "Имя", "bg": "Име", "kk": "Аты", "uk": "Ім’я", "en": "Name"},
    is_optional=True,
    max_length=200,
)
LANGUAGE = Field(
    "language",
    "choice",
    {"ru": "Язык", "bg": "Език", "kk": "Тілі", "uk": "Мова", "en": "Language"},
    choices={code: {} for code in LANGUAGES},
)

RESERVED_SLUGS = frozenset(
    (
        *("account", "sign-in", "sign-out", "operator"),
        *("t", "o", "follow", "letters", "help", "hooks", "live", "look", "my", "privacy", "theme"),
        *("api", "healthz", "livez", "metrics", "readyz", "static"),
    )
)
"""First parts of addresses that are the site's own, so that no business may be called so."""


class LinkInvalid(Exception):
    """The sign-in link is forged, too old, or was used before."""


@transaction.atomic
def appoint_operator(email: str, at: datetime) -> Person:
    """The person with this e-mail address, as an operator; created when new.

    Raises Django's ValidationError for an impossible address.
    """
    person = _person(email, "en", at)
    if not person.is_operator:
        person.is_operator = True
        person.save(update_fields=["is_operator"])
    return person


@transaction.atomic
def greet(email: str, language: str, at: datetime) -> Person | None:
    """The person to send a sign-in code to, created when new; none when that person left.

    Whoever never confirmed an address within a day is forgotten along the way: anybody may type any address.
    Raises Django's ValidationError for an impossible address.
    """
    _forget_unconfirmed(at - UNCONFIRMED_FOR)
    person = _person(email, language, at, is_uninvited=True)
    return person if person.is_active else None


def _forget_unconfirmed(before: datetime) -> None:
    # Nothing points to them yet: whoever is given a role or comes in is none of them any more.
    never_here = Person.objects.filter(
        is_uninvited=True, last_login=None, is_active=True, created_at__lt=before
    )
    Person.objects.filter(pk__in=list(never_here.values_list("pk", flat=True)[:UNCONFIRMED_AT_ONCE])).delete()


def introduce(person: Person, facts: Mapping[str, Any]) -> Person:
    """Change somebody's ``name``, which may be empty, and ``language``. Raises Refused naming the field."""
    known = clean((NAME, LANGUAGE), facts, "")
    person.name, person.language = str(known.get("name", "")), str(known["language"])
    person.save(update_fields=["name", "language"])
    return person


@transaction.atomic
def invite(business: Business, email: str, role: str, at: datetime, *, by: Actor, cause: str) -> Membership:
    """Make the person with this e-mail address a member; both are created when new.

    Raises Django's ValidationError for an impossible address or a role that does not exist.
    """
    if role not in roles.NAMES:
        raise ValidationError(_("This role does not exist: %(role)s"), params={"role": role})
    person = _person(email, business.language, at)
    member, is_new = Membership.objects.get_or_create(
        business=business, person=person, role=role, defaults={"created_at": at}
    )
    if is_new:
        _tell(business, "person", person.pk, "invite", by, cause, at, {"role": role})
    return member


@transaction.atomic
def dismiss(member: Membership, at: datetime, *, by: Actor, cause: str) -> None:
    """Take a person's role in a business away; the next request is refused already.

    With the last one goes the address book: nobody could read or delete it any more.
    """
    member.delete()
    if not Membership.objects.filter(business=member.business, person=member.person_id).exists():
        Address.objects.filter(business=member.business, person=member.person_id).delete()
    _tell(member.business, "person", member.person_id, "dismiss", by, cause, at, {"role": member.role})


def _person(email: str, language: str, at: datetime, *, is_uninvited: bool = False) -> Person:
    email = email.strip().lower()
    validate_email(email)
    validate_length(email)
    facts = {"created_at": at, "language": language, "is_uninvited": is_uninvited}
    person, _is_new = Person.objects.get_or_create(
        email=email, defaults={**facts, "password": make_password(None)}
    )
    if person.is_uninvited and not is_uninvited:
        person.is_uninvited = False
        person.save(update_fields=["is_uninvited"])
    return person


@transaction.atomic
def open_business(at: datetime, *, by: Actor, cause: str, **facts: Any) -> Business:
    """A new business from the fields of ``Business``, on the present version of its profile.

    Raises Django's ValidationError that names the fields at fault; nothing is created then.
    """
    business = Business(created_at=at, **facts)
    faults = _faults_of(business)
    try:
        business.full_clean()
    except ValidationError as problem:
        faults = {**problem.message_dict, **faults}
    if faults:
        raise ValidationError(faults)
    business.profile_version = profiles.workflow(business.profile).version
    business.save(force_insert=True)
    _tell(business, "business", business.pk, "open", by, cause, at, {"profile": business.profile})
    return business


@transaction.atomic
def configure(
    business: Business, chosen: Mapping[str, Any], at: datetime, *, by: Actor, cause: str
) -> dict[str, Any]:
    """Change settings of a business's profile, as people write them; those that are chosen now come back.

    Deadlines planned before keep their time, everything from now on goes by the new ones. Raises core's Refused for a
    setting that the profile has not, or a value it does not take.
    """
    known = business.workflow.settings
    fields = tuple(
        Field(one.key, one.type, one.label, is_optional=True, min=one.min, max=one.max, choices=one.choices)
        for one in known.values()
    )
    changed = clean(fields, chosen, business.currency)
    locked = Business.objects.select_for_update().get(pk=business.pk)
    before = {key: locked.settings[key] for key in changed if key in locked.settings}
    business.settings = locked.settings = {**locked.settings, **changed}
    locked.save(update_fields=["settings"])
    told = Happened(
        *(business.pk, "business", business.pk, business.pk, "configure", by, cause, at),
        before=before,
        after=dict(changed),
    )
    record([told])
    return dict(locked.settings)


def _faults_of(business: Business) -> dict[str, list[str]]:
    faults = {}
    if business.slug in RESERVED_SLUGS:
        faults["slug"] = [_("This part of an address is the site's own.")]
    if business.profile not in profiles.names():
        faults["profile"] = [_("There is no such profile.")]
    if business.country not in ASSIGNED:
        faults["country"] = [_("This is no country of ISO 3166-1 (two letters, as KZ).")]
    if business.language not in LANGUAGES:
        faults["language"] = [_("The site does not speak this language.")]
    try:
        money.exponent(business.currency)
    except money.WrongAmount:
        faults["currency"] = [_("This is no currency of ISO 4217 (three letters, as EUR).")]
    return faults


@transaction.atomic
def create_key(
    business: Business,
    name: str,
    role: str,
    scopes: Iterable[str],
    at: datetime,
    *,
    by: Actor,
    cause: str,
    person: Person | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its text, which is known this once.

    Raises Django's ValidationError for a role or scope that does not exist, an end that is past, or a person who
    is not in that role.
    """
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if role not in roles.NAMES or unknown or not wanted or not name.strip():
        raise ValidationError(_("A key needs a name, a role, and scopes that exist."))
    if expires_at is not None and expires_at <= at:
        raise ValidationError(_("A key cannot end before it begins."))
    if person is not None and not business.memberships.filter(person=person, role=role).exists():
        raise ValidationError(_("This person is not in that role."))
    text = keys.new()
    key = ApiKey.objects.create(
        business=business,
        role=role,
        person=person,
        name=name.strip()[:100],
        prefix=keys.prefix_of(text),
        secret_hash=keys.hash_of(text),
        scopes=wanted,
        created_at=at,
        expires_at=expires_at,
    )
    _tell(business, "key", key.pk, "create", by, cause, at, {"role": role, "scopes": wanted})
    return key, text


@transaction.atomic
def revoke_key(key: ApiKey, at: datetime, *, by: Actor, cause: str) -> bool:
    """End a key at once; false when it had ended before."""
    is_news = bool(ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=at))
    if is_news:
        _tell(key.business, "key", key.pk, "revoke", by, cause, at, {})
    return is_news


def _tell(
    business: Business,
    level: str,
    subject_id: UUID,
    act: str,
    by: Actor,
    cause: str,
    at: datetime,
    after: dict[str, Any],
) -> None:
    # No e-mail address among it: nothing of the history can be taken back.
    told = Happened(business.pk, level, subject_id, subject_id, act, by, cause, at, after=after)
    record([told])


def note_use(key: ApiKey, at: datetime) -> None:
    """Remember when a key was used, at most once a minute: a busy key must not write at every request."""
    if key.last_used_at is not None and key.last_used_at > at - KEY_USE_NOTED_EVERY:
        return
    ApiKey.objects.filter(pk=key.pk).update(last_used_at=at)


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
