"""The REST interface of mails: which of them about an order went out, and when."""

from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from sledi.accounts import scopes
from sledi.accounts.authentication import MEMBERS
from sledi.api.problems import documented
from sledi.api.router import Router
from sledi.notifications.models import Letter
from sledi.notifications.queries import letters_of, state_of
from sledi.orders.rest.asking import attempted, may
from sledi.orders.rest.shapes import Moment, Shape

router = Router(tags=["orders"], auth=list(MEMBERS))


class MailOut(Shape):
    id: UUID
    to: str = Field(description="Empty once it is forgotten, as the subject")
    role: str
    language: str
    subject: str = Field(description="Empty until it was sent")
    state: Literal["sent", "waiting", "dropped", "failed"] = Field(
        description="Dropped: its reader wants no mails; failed: given up, or waiting for people"
    )
    happened_at: Moment = Field(description="When what it tells of happened")
    sent_at: Moment | None
    attempts: int
    problem: str


class MailsOut(Shape):
    mails: list[MailOut]


@router.get(
    "/businesses/{business}/orders/{number}/mails",
    response=MailsOut,
    openapi_extra=documented(401, 403, 404, 422),
    summary="The mails about an order",
)
def get_mails(request: HttpRequest, business: str, number: str) -> Any:
    """For the people of the business: to whom, when it went out, or why it did not. The oldest first."""
    access = may(request, scopes.ORDERS_READ)
    return {"mails": [mail_json(letter) for letter in attempted(request, lambda: letters_of(access, number))]}


def mail_json(letter: Letter) -> dict[str, Any]:
    """A letter as programs read it."""
    return {
        "id": letter.pk,
        "to": "" if letter.blanked_at else letter.email,
        "role": letter.role,
        "language": letter.language,
        "subject": letter.subject,
        "state": state_of(letter),
        "happened_at": letter.happened_at.isoformat(),
        "sent_at": letter.sent_at.isoformat() if letter.sent_at else None,
        "attempts": letter.attempts,
        "problem": letter.problem,
    }
