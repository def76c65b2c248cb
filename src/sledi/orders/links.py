"""Links by which somebody without an account follows one order: unguessable, revocable, and good for reading alone.

A link reads with the eyes of a role, so the profile's ``policy.visibility`` says what it shows. It is good as long as
the order is under way, and ``settings.LINK_DAYS`` days after the order came to its end.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from sledi import profiles
from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.core.workflow import Refused, Workflow
from sledi.core.workflow.refusals import words
from sledi.core.workflow.vocabulary import Phase
from sledi.database.keys import uuid7
from sledi.history import Actor, Happened
from sledi.history.operations import record
from sledi.orders import queries
from sledi.orders.models import Order, RecipientLink
from sledi.orders.reading import finding
from sledi.orders.refusals import NotYours

GIVERS = frozenset({*roles.STAFF, roles.RESELLER}) - {roles.SELLER}
"""Who gives out links, and takes them back."""

MADE, REVOKED = "link_made", "link_revoked"
_TOKEN_BYTES = 16
_ENDS = frozenset({Phase.DELIVERED, Phase.CLOSED, Phase.FAILED})


class LinkInvalid(Exception):
    """There is no such link, or it is good no longer."""


def may_give(role: str, workflow: Workflow) -> bool:
    """Whether a role gives out links: in a profile that says what an end buyer sees."""
    return role in GIVERS and roles.END_BUYER in workflow.visibility


def make(access: Access, reference: str, at: datetime, cause: str) -> RecipientLink:
    """The end buyer's link to an order; the good one there is, if there is one.

    Raises NotYours; Refused where the role gives no links, or the profile says nothing of what an end buyer sees.
    """
    order = _order_for(access, reference)
    if not may_give(access.role, profiles.workflow(order.profile, order.profile_version)):
        raise Refused("unknown_move", words=words("unknown_move"))
    link, is_new = _made(order, roles.END_BUYER, at, by=access.actor.name or access.actor.kind)
    if is_new:
        _tell(access, order, MADE, at, cause)
    return link


@transaction.atomic
def revoke(access: Access, reference: str, link_id: UUID, at: datetime, cause: str) -> RecipientLink:
    """From now on the link leads nowhere, and mails carry none. Raises NotYours, Refused."""
    order = _order_for(access, reference)
    link = RecipientLink.objects.select_for_update().filter(order=order, pk=link_id).first()
    if link is None:
        raise NotYours
    if link.revoked_at is None:
        link.revoked_at = at
        link.save(update_fields=["revoked_at"])
        _tell(access, order, REVOKED, at, cause)
    return link


def of_order(access: Access, reference: str) -> list[RecipientLink]:
    """The links of an order, the newest first, those in mails among them. Raises NotYours, Refused."""
    return list(
        RecipientLink.objects.filter(order=_order_for(access, reference)).order_by("-created_at", "-pk")
    )


def for_letter(order: Order, role: str, at: datetime) -> str:
    """The address that goes out with a mail; "" where somebody took the link back on purpose."""
    newest = RecipientLink.objects.filter(order=order, role=role).order_by("-created_at", "-pk").first()
    if newest is None:
        newest, _is_new = _made(order, role, at, by="")
    return "" if newest.revoked_at else address(newest)


def is_taken_back(order: Order, role: str) -> bool:
    """Whether somebody took this role's link back on purpose and gave no other."""
    newest = RecipientLink.objects.filter(order=order, role=role).order_by("-created_at", "-pk").first()
    return newest is not None and newest.revoked_at is not None


def address(link: RecipientLink) -> str:
    """The whole address of a link. Its token is made again from the installation's secret."""
    return f"{settings.SITE_URL}{reverse('recipient', args=[_token(link.pk)])}"


def opened(token: str, at: datetime) -> tuple[Access, Order]:
    """Who holds this link, and the order it leads to. Raises LinkInvalid."""
    link = (
        RecipientLink.objects.select_related("business", "order")
        .filter(token_hash=_hash(token), revoked_at=None, business__is_open=True)
        .first()
    )
    if link is None or _is_over(link.order, at):
        raise LinkInvalid
    nobody = Actor("person", role=link.role)
    return Access(link.business, nobody, link.role, None, frozenset(), order_id=link.order_id), link.order


def ends_at(order: Order) -> datetime | None:
    """Until when a link to the order is good; None while the order is under way."""
    workflow = profiles.workflow(order.profile, order.profile_version)
    state = workflow.states("order").get(order.state)
    is_ended = state is None or state.is_final or state.phase in _ENDS
    return order.state_since + timedelta(days=settings.LINK_DAYS) if is_ended else None


def _is_over(order: Order, at: datetime) -> bool:
    end = ends_at(order)
    return end is not None and end <= at


def _order_for(access: Access, reference: str) -> Order:
    """The order, for somebody who gives links. What he may not see is not there, whatever his role."""
    order = queries.visible(access).get(pk=finding.find(access, "order", reference))
    if access.role not in GIVERS:
        raise Refused("wrong_role", words=words("wrong_role"))
    return order


def _made(order: Order, role: str, at: datetime, by: str) -> tuple[RecipientLink, bool]:
    pk, good = uuid7(), RecipientLink.objects.filter(order=order, role=role, revoked_at=None)
    if found := good.first():
        return found, False
    facts = {
        "business_id": order.business_id,
        "token_hash": _hash(_token(pk)),
        "created_at": at,
        "created_by": by,
    }
    try:
        with transaction.atomic():
            return RecipientLink.objects.create(pk=pk, order=order, role=role, **facts), True
    except IntegrityError:  # somebody pressed at the same moment
        return good.get(), False


def _tell(access: Access, order: Order, act: str, at: datetime, cause: str) -> None:
    record(
        [
            Happened(
                business_id=order.business_id,
                level="order",
                subject_id=order.pk,
                root_id=order.pk,
                act=act,
                actor=access.actor,
                cause=cause,
                at=at,
                from_state=order.state,
                to_state=order.state,
            )
        ]
    )


def _token(link_id: UUID) -> str:
    digest = hmac.new(settings.SECRET_KEY.encode(), b"order" + link_id.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:_TOKEN_BYTES]).decode().rstrip("=")


def _hash(token: str) -> bytes:
    """What is stored of a token: whoever reads the database cannot open the orders."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
