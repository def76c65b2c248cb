"""Becoming a buyer by oneself, in a business whose profile lets buyers in uninvited and that has not shut the door.

Whoever asks has signed in, so the e-mail address is proved; he becomes a buyer and nothing else, by a press of his own.
"""

from datetime import datetime

from django.db import transaction

from sledi.accounts import roles
from sledi.accounts.models import Business, Membership, Person
from sledi.history import Actor, Happened
from sledi.history.models import Record
from sledi.history.operations import record

SETTING = "buyers_join"
"""The profile's setting; where there is none, people are invited."""
JOINED, DISMISSED = "join", "dismiss"


class NotOpen(Exception):
    """The business takes nobody uninvited, or not this person: somebody there has dismissed him."""


def takes_buyers(business: Business) -> bool:
    """Whether somebody may become a buyer here by himself."""
    chosen = business.workflow.settings_with(business.settings)
    return business.is_open and bool(chosen.get(SETTING, False))


def may_join(business: Business, person: Person) -> bool:
    """Whether this person may. Two queries where the business takes buyers, else none."""
    if not takes_buyers(business) or not person.is_active:
        return False
    about_him = {"business_id": business.pk, "root_id": person.pk}
    is_member = Membership.objects.filter(business=business, person=person).exists()
    return not is_member and not Record.objects.filter(**about_him, act=DISMISSED).exists()


@transaction.atomic
def join(business: Business, person: Person, at: datetime, *, cause: str) -> Membership:
    """Make the person a buyer. Pressing twice is once. Raises NotOpen."""
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    already = Membership.objects.filter(business=business, person=person).first()
    if already is not None:
        return already
    if not may_join(business, person):
        raise NotOpen
    facts = {"business": business, "person": person, "role": roles.BUYER}
    member = Membership.objects.create(**facts, created_at=at)
    by = Actor("person", str(person.pk), person.name, roles.BUYER)
    told = Happened(
        *(business.pk, "person", person.pk, person.pk, JOINED, by, cause, at), after={"role": roles.BUYER}
    )
    record([told])
    return member
