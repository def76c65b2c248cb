"""Acts of followers. Addresses are asked first: nobody is mailed because somebody else typed their address."""

from datetime import datetime
from uuid import UUID

from django.core import signing
from django.core.validators import MaxLengthValidator, validate_email
from django.db import transaction

from sledi.notifications.models import Follow, Mail
from sledi.tracking import allowance
from sledi.tracking.models import TrackList
from sledi.tracking.operations import NotInList, token_hash

_SALT = "sledi.notifications.follow"
validate_length = MaxLengthValidator(254)
FOLLOWERS_MAX = 20
"""Followers of one list; a link that was passed on must not become a mailing list."""


class LinkInvalid(Exception):
    """The link is forged, or the follow it names is gone."""


class ListFull(Exception):
    """The list has all the followers it may have."""


@transaction.atomic
def follow(token: str, email: str, *, language: str, client: str, at: datetime) -> Follow:
    """Ask this address whether it wants to hear of the list.

    Repeating it asks again, within the allowances of who asks and of who is asked.
    Raises NotInList, ListFull, TooMany, or Django's ValidationError for an impossible address.
    """
    email = email.strip()
    validate_email(email)
    validate_length(email)
    track_list = TrackList.objects.select_for_update().filter(token_hash=token_hash(token)).first()
    if track_list is None:
        raise NotInList
    allowance.spend_mail(client, at)
    allowance.spend_mail_to(email, at)
    found = track_list.follows.filter(email__iexact=email).first()
    if found is None:
        if track_list.follows.count() >= FOLLOWERS_MAX:
            raise ListFull
        found = Follow.objects.create(track_list=track_list, email=email, language=language, created_at=at)
    if not found.is_active:
        Follow.objects.filter(pk=found.pk).update(language=language)
        Mail.objects.update_or_create(
            follow=found,
            news=None,
            defaults={"created_at": at, "due_at": at, "sent_at": None, "attempts": 0, "problem": ""},
        )
    return found


def link_token(follow_id: UUID) -> str:
    """The token in a follower's own links: confirming and stopping."""
    return signing.dumps(str(follow_id), salt=_SALT)


def follow_of(token: str) -> Follow:
    """The follow a link belongs to. Raises LinkInvalid."""
    try:
        follow_id = signing.loads(token, salt=_SALT)
    except signing.BadSignature as problem:
        raise LinkInvalid from problem
    found = Follow.objects.select_related("track_list").filter(pk=follow_id).first()
    if found is None:
        raise LinkInvalid
    return found


@transaction.atomic
def confirm(token: str, *, at: datetime) -> Follow:
    """Start sending news. Raises LinkInvalid."""
    found = follow_of(token)
    Follow.objects.filter(pk=found.pk).update(confirmed_at=at, stopped_at=None)
    found.refresh_from_db()
    return found


@transaction.atomic
def stop(token: str, *, at: datetime) -> Follow:
    """Send nothing more, mails under way included. Raises LinkInvalid."""
    found = follow_of(token)
    Follow.objects.filter(pk=found.pk).update(stopped_at=at)
    Mail.objects.filter(follow=found, sent_at=None).update(due_at=None, problem="stopped by the follower")
    found.refresh_from_db()
    return found
