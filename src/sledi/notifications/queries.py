"""Which mails about an order went out: to whom, when, and why not."""

from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.core.workflow import Refused
from sledi.core.workflow.refusals import words
from sledi.notifications.models import Letter
from sledi.orders.reading import find

READERS = roles.STAFF - {roles.SELLER}
"""Who sees whom the business writes to."""


def letters_of(access: Access, reference: str) -> list[Letter]:
    """The letters about an order, the oldest first. Raises NotYours; Refused for whom it does not concern."""
    order_id = find(access, "order", reference)
    if access.role not in READERS:
        raise Refused("wrong_role", words=words("wrong_role"))
    return list(Letter.objects.filter(order=order_id).order_by("happened_at", "pk"))


def state_of(letter: Letter) -> str:
    """``sent``, ``waiting``, ``dropped`` (its reader wants no mails) or ``failed``."""
    if letter.sent_at:
        return "sent"
    if letter.dropped_at:
        return "dropped"
    return "waiting" if letter.due_at else "failed"
