"""Coming in by the browser: somebody of a business, signed in with what his role needs."""

import re
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.test import Client

from sledi.accounts import roles
from sledi.accounts.models import Business, Membership, Person
from sledi.orders.tests.stage import NOW, Stage


def signed_in(stage: Stage, role: str, name: str = "", language: str = "en") -> Client:
    """A browser of somebody in this role; another name is another person."""
    person = stage.person(name or role)
    Membership.objects.get_or_create(
        business=stage.business, person=person, role=role, defaults={"created_at": NOW}
    )
    return _browser(person, role, language)


def member_of(business: Business, role: str, language: str = "en") -> Client:
    """A browser of somebody who has this role in the business; of a new member when nobody has it."""
    member = Membership.objects.filter(business=business, role=role).select_related("person").first()
    if member is None:
        person = Person.objects.create(email=f"{role}@{business.slug}.example.com", created_at=NOW)
        member = Membership.objects.create(business=business, person=person, role=role, created_at=NOW)
    return _browser(member.person, role, language)


def _browser(person: Person, role: str, language: str) -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    if role in roles.STAFF:
        _prove_second_factor(client, person)
    return client


def _prove_second_factor(client: Client, person: Person) -> None:
    Authenticator.objects.get_or_create(user=person, type=Authenticator.Type.TOTP, defaults={"data": {}})
    request = HttpRequest()
    request.session = client.session
    record_authentication(request, person, "mfa", type=Authenticator.Type.TOTP)
    request.session.save()


def text_of(answer: Any) -> str:
    """What is read on a page, in its order."""
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))
