"""Finding an order without the right account: e-mail and number bring a link by mail, good once and for half an hour.

Nothing is looked up while the asker waits. Every question leaves a row of the same kind, and the worker finds out later
whether the pair fits: neither the answer nor its time tells anybody who ordered what.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from sledi import profiles
from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.accounts.models import Business, Person
from sledi.core.workflow import Field
from sledi.core.workflow.fields import clean
from sledi.database.keys import uuid7
from sledi.history import Actor
from sledi.orders import links, queries
from sledi.orders.models import Order, OrderLookup
from sledi.orders.moving.placing import email_address
from sledi.orders.reading import finding
from sledi.tracking import allowance

LINK_VALID = timedelta(minutes=30)
"""From the mail to the opening; and from the opening on for the browser that opened it."""
KEPT = timedelta(days=1)
FIELDS = (
    Field("email", "text", {"en": "email"}, max_length=254),
    Field("number", "text", {"en": "number"}, max_length=60),
)
_TOKEN_BYTES = 16
_OF_ORDER = (
    (roles.BUYER, "buyer", "buyer_email"),
    (roles.END_BUYER, "recipient", "recipient_email"),
)


class LinkInvalid(Exception):
    """There is no such link."""


class LinkOver(Exception):
    """The link was good: it was opened before, or its half hour is over."""


def is_offered(business: Business) -> bool:
    """Whether the business has orders to be found."""
    return "order" in business.workflow.levels


@transaction.atomic
def ask(business: Business, email: str, number: str, *, language: str, client: str, at: datetime) -> None:
    """Have a link sent to this address if it belongs to this order.

    Raises Refused for what can be no e-mail address or number, TooMany for the allowances of client and address.
    """
    known = clean(FIELDS, {"email": email, "number": number}, "")
    mailbox = email_address("email", str(known["email"]))
    allowance.spend_lookup(client, mailbox, at)
    pk = uuid7()
    OrderLookup.objects.create(
        id=pk,
        business=business,
        email=mailbox,
        reference=str(known["number"]),
        language=language,
        token_hash=_hash(_token(pk)),
        created_at=at,
        due_at=at,
    )


@transaction.atomic
def resolve(lookup_id: UUID) -> OrderLookup | None:
    """The question with the order it is about; nothing, and no question any more, when the pair does not fit."""
    lookup = OrderLookup.objects.select_for_update(of=("self",)).select_related("business").get(pk=lookup_id)
    fitting = _fitting(lookup)
    if fitting is None:
        lookup.delete()
        return None
    lookup.order, lookup.role = fitting
    lookup.save(update_fields=["order", "role"])
    return lookup


def forget_old(now: datetime) -> int:
    """Delete questions of more than a day ago; how many."""
    return OrderLookup.objects.filter(created_at__lt=now - KEPT).delete()[0]


def address(lookup: OrderLookup) -> str:
    """The whole address of the link. Its token is made again from the installation's secret."""
    path = reverse("orders:found-order", args=[lookup.business.slug, _token(lookup.pk)])
    return f"{settings.SITE_URL}{path}"


def waiting(business: Business, token: str, at: datetime) -> OrderLookup:
    """What a link leads to; nothing is used up. Raises LinkInvalid, LinkOver."""
    lookup = (
        OrderLookup.objects.select_related("business", "order")
        .filter(token_hash=_hash(token), business=business, order__isnull=False, sent_at__isnull=False)
        .first()
    )
    if lookup is None or lookup.sent_at is None:
        raise LinkInvalid
    if lookup.used_at is not None or lookup.sent_at + LINK_VALID <= at:
        raise LinkOver
    return lookup


def claim(business: Business, token: str, at: datetime) -> OrderLookup:
    """Open the link, this once. Raises LinkInvalid, LinkOver."""
    lookup = waiting(business, token, at)
    # Of two who press at the same moment one comes in.
    if not OrderLookup.objects.filter(pk=lookup.pk, used_at=None).update(used_at=at):
        raise LinkOver
    lookup.used_at = at
    return lookup


def opened(business: Business, token: str, at: datetime) -> OrderLookup | None:
    """The link that this browser opened, for as long as it may go on reading."""
    return (
        OrderLookup.objects.select_related("business", "order")
        .filter(token_hash=_hash(token), business=business, used_at__gt=at - LINK_VALID)
        .first()
    )


def access_of(lookup: OrderLookup) -> Access:
    """Whoever opened the link: he reads this one order, with the eyes of the link's role."""
    nobody = Actor("person", role=lookup.role)
    return Access(lookup.business, nobody, lookup.role, None, frozenset(), order_id=lookup.order_id)


def _fitting(lookup: OrderLookup) -> tuple[Order, str] | None:
    """The order of that number, and as whom the address belongs to it. What the role may not see is not there."""
    same = finding.named(lookup.reference, "order") if lookup.business.is_open else None
    if same is None:
        return None
    orders = Order.objects.filter(same, business=lookup.business).select_related("buyer", "recipient")
    order = orders.first()
    if order is None:
        return None
    for role, column, guest in _OF_ORDER:
        if lookup.email in _emails(getattr(order, column), getattr(order, guest)) and _sees(order, role):
            return order, role
    return None


def _emails(person: Person | None, guest: str) -> set[str]:
    """The addresses somebody is known by in an order, in lower case."""
    known = {person.email} if person is not None and person.is_active else set()
    return {one.strip().lower() for one in (*known, guest) if one}


def _sees(order: Order, role: str) -> bool:
    """Whether a link with this role's eyes shows the order: not where somebody took it back."""
    workflow = profiles.workflow(order.profile, order.profile_version)
    if role == roles.END_BUYER and role not in workflow.visibility:
        return False
    access = Access(order.business, Actor("person", role=role), role, None, frozenset(), order_id=order.pk)
    return queries.visible(access).exists() and not links.is_taken_back(order, role)


def _token(lookup_id: UUID) -> str:
    digest = hmac.new(settings.SECRET_KEY.encode(), b"lookup" + lookup_id.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:_TOKEN_BYTES]).decode().rstrip("=")


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
