"""The link for somebody who asked for an order by e-mail and number. Whoever switched news off asked for this one."""

from datetime import datetime
from uuid import UUID

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from sledi.database.due import DueRows
from sledi.notifications import sending
from sledi.notifications.envelope import marks, sender
from sledi.orders import lookups
from sledi.orders.models import OrderLookup
from sledi.orders.showing import named

QUESTIONS = DueRows("orders_orderlookup", lease_s=120)


def send_due(now: datetime) -> int:
    """Find the orders that were asked for and send the links; how many were sent."""
    return sending.send_due(QUESTIONS, _send, now)


def _send(lookup_id: UUID, now: datetime) -> bool:
    lookup = lookups.resolve(lookup_id)
    if lookup is None:
        return False
    message = letter(lookup, now)
    return sending.tried(lookup, lambda: _post(message), now)


def _post(message: EmailMessage) -> None:
    message.send()


def letter(lookup: OrderLookup, now: datetime) -> EmailMessage:
    """The mail as it goes out, in the language in which it was asked for."""
    business = lookup.business
    assert lookup.order is not None
    with translation.override(lookup.language):
        name = named("order", lookup.order.number)
        facts = {
            "name": name,
            "site_name": business.name,
            "link": lookups.address(lookup),
            "minutes": int(lookups.LINK_VALID.total_seconds()) // 60,
        }
        subject = _("%(order)s: your link") % {"order": name}
        body = render_to_string("notifications/lookup.txt", facts)
    return EmailMessage(
        subject=" ".join(subject.split()),
        body=body,
        from_email=sender(business),
        to=[lookup.email],
        headers=marks(lookup.pk, now),
    )
