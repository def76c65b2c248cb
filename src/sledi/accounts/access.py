"""Who asks, in which business, as what: the value every query and operation of a business starts from.

There are two ways to get one: a person's session (``of_request``) and a program's key (``of_key``). Somebody
whom a business does not know, a business that is closed and one that never was get one and the same answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.models import Authenticator
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from sledi.accounts import keys, operations, roles
from sledi.accounts.models import ApiKey, Business, Membership, Person
from sledi.accounts.scopes import SCOPES
from sledi.api.problems import Problem
from sledi.history import Actor

_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Access:
    """Somebody acting in a business. ``person_id`` is whose things these are; a key of the whole business has none.

    ``order_id``: the one order that the holder of a link may see, and nothing else.
    """

    business: Business
    actor: Actor
    role: str
    person_id: UUID | None
    scopes: frozenset[str]
    order_id: UUID | None = None

    @property
    def is_member(self) -> bool:
        return self.role != roles.VISITOR

    def can(self, scope: str) -> bool:
        """Whether this access is good for ``scope``; the role has a say after that."""
        return scope in self.scopes

    def require(self, scope: str) -> None:
        """Raises Problem (403) when this access is not good for ``scope``."""
        if not self.can(scope):
            raise Problem(403, "scope", f"This key is not good for {scope}.")


class SecondFactorNeeded(ImmediateHttpResponse):  # type: ignore[misc]  # allauth has no types
    """A member of the staff has not proved a second factor in this session; ``response`` leads there."""


def of_request(request: HttpRequest, slug: str) -> Access:
    """What the person of this session is in the business ``slug``; a visitor when nothing. One query.

    Who has several roles acts in the one that ``?role=`` or, later in the session, the last ``?role=`` named.
    Raises Http404 for a business that is closed or unknown and for a role the person has not, and
    SecondFactorNeeded for a role of the staff without a second factor.
    """
    person = request.user if isinstance(request.user, Person) else None
    business = _open_business(slug, person)
    has: list[str] = business.roles
    role = _acting_role(request, business, has)
    if person is None or role is None:
        return _visitor(business, person)
    if role in roles.STAFF:
        _demand_second_factor(request, person, has_app_codes=business.has_app_codes)
    actor = Actor("person", str(person.pk), person.name, role)
    return Access(business, actor, role, person.pk, SCOPES)


def member_of_request(request: HttpRequest, slug: str) -> Access:
    """As ``of_request``, for members alone. Raises Http404 for visitors, too."""
    access = of_request(request, slug)
    if not access.is_member:
        raise Http404
    return access


def of_key(authorization: str, at: datetime, slug: str = "") -> Access:
    """What the key in an ``Authorization`` header may do. One query, and one more at most once a minute.

    Raises Problem: 401 for whatever is no good key, 404 when ``slug`` is not the key's own business.
    """
    scheme, _, text = authorization.partition(" ")
    key = _good_key(text.strip(), at) if scheme.lower() == "bearer" else None
    if key is None:
        raise Problem(401, "key", "This is no valid key.", headers={"WWW-Authenticate": "Bearer"})
    if slug and slug != key.business.slug:
        raise Problem(404, "not-found")
    operations.note_use(key, at)
    actor = Actor("key", str(key.pk), key.name, key.role)
    return Access(key.business, actor, key.role, key.person_id, frozenset(key.scopes))


def confirmed_again(request: HttpRequest) -> HttpResponse | None:
    """None when the person has proved within minutes who he is; else the way to do it, and back to this page.

    For what a session alone may not change: a forgotten browser, a stolen cookie.
    """
    if did_recently_reauthenticate(request):
        return None
    return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': request.path})}")


View = Callable[..., HttpResponse]


def members_only(view: View) -> View:
    """The view gets an ``Access`` in the place of its argument ``business``.

    Who is not signed in is sent to sign in, whatever the business: the answer says nothing about it.
    """

    @wraps(view)
    def guarded(request: HttpRequest, business: str, *args: Any, **named: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect(_address("account_login", request))
        return view(request, member_of_request(request, business), *args, **named)

    return guarded


def _open_business(slug: str, person: Person | None) -> Any:
    """The business with the person's roles in it, and whether the person has codes from an app."""
    if "\0" in slug:  # PostgreSQL would refuse the query
        raise Http404
    pk = person.pk if person else _NOBODY
    mine = Membership.objects.filter(business=OuterRef("pk"), person_id=pk)
    app_codes = Authenticator.objects.filter(user_id=pk, type=Authenticator.Type.TOTP)
    found = (
        Business.objects.filter(slug=slug, is_open=True)
        .annotate(roles=ArraySubquery(mine.values("role")), has_app_codes=Exists(app_codes))
        .first()
    )
    if found is None:
        raise Http404
    return found


def _acting_role(request: HttpRequest, business: Business, has: list[str]) -> str | None:
    remembered = f"role:{business.pk}"
    wanted = request.GET.get("role", "")
    if wanted:
        if wanted not in has:
            raise Http404
        if request.session.get(remembered) != wanted:
            request.session[remembered] = wanted
        return wanted
    if len(has) > 1 and request.session.get(remembered) in has:
        return str(request.session[remembered])
    return next((role for role in roles.NAMES if role in has), None)


def _visitor(business: Business, person: Person | None) -> Access:
    pk = person.pk if person else None
    name = person.name if person else ""
    actor = Actor("person", str(pk or ""), name, roles.VISITOR)
    return Access(business, actor, roles.VISITOR, pk, frozenset())


def _demand_second_factor(request: HttpRequest, person: Person, *, has_app_codes: bool) -> None:
    """Codes from an app must be set up; the session itself may be proved by one, a recovery code or a passkey."""
    if not has_app_codes:
        raise SecondFactorNeeded(redirect(_address("mfa_activate_totp", request)))
    proofs = get_authentication_records(request, person)
    if not any(proof["method"] == "mfa" for proof in proofs):
        raise SecondFactorNeeded(redirect(_address("mfa_reauthenticate", request)))


def _address(name: str, request: HttpRequest) -> str:
    # Back to the page; a form that was sent is not sent again, so its sender comes back to the site's front.
    back = request.get_full_path() if request.method in {"GET", "HEAD"} else "/account/"
    return f"{reverse(name)}?{urlencode({'next': back})}"


def _good_key(text: str, at: datetime) -> ApiKey | None:
    in_role = Membership.objects.filter(
        business=OuterRef("business"),
        person=OuterRef("person"),
        role=OuterRef("role"),
        person__is_active=True,
    )
    found = ApiKey.objects.select_related("business").annotate(is_in_role=Exists(in_role))
    key = found.filter(secret_hash=keys.hash_of(text)).first()
    if key is None or key.revoked_at is not None or not key.business.is_open:
        return None
    if key.expires_at is not None and key.expires_at <= at:
        return None
    # A key for one person ends with that person's role.
    return key if key.person_id is None or key.is_in_role else None
