"""The REST interface of end buyers' links: given out, listed, taken back."""

from typing import Any, TypeVar
from uuid import UUID

from django.http import HttpRequest
from ninja import Status
from pydantic import Field

from sledi.accounts import scopes
from sledi.accounts.authentication import MEMBERS
from sledi.api.problems import documented
from sledi.api.router import Router
from sledi.orders import links
from sledi.orders.models import RecipientLink
from sledi.orders.rest.asking import attempted, may, now
from sledi.orders.rest.shapes import Moment, Shape

T = TypeVar("T")

router = Router(tags=["orders"], auth=list(MEMBERS))


class LinkOut(Shape):
    id: UUID
    address: str = Field(description="Empty once it was taken back")
    role: str = Field(description="With whose eyes its holder reads")
    created_at: Moment
    created_by: str = Field(description="Empty for one that went out with a mail")
    revoked_at: Moment | None
    ends_at: Moment | None = Field(description="Null while the order is under way")


class LinksOut(Shape):
    links: list[LinkOut]


@router.get(
    "/businesses/{business}/orders/{number}/links",
    response=LinksOut,
    openapi_extra=documented(401, 403, 404, 422),
    summary="The links by which an order is followed without an account",
)
def get_links(request: HttpRequest, business: str, number: str) -> Any:
    """The newest first, those in mails and those taken back among them."""
    access = may(request, scopes.ORDERS_READ)
    return {"links": [link_json(link) for link in attempted(request, lambda: links.of_order(access, number))]}


@router.post(
    "/businesses/{business}/orders/{number}/links",
    response={201: LinkOut},
    openapi_extra=documented(401, 403, 404, 409, 422),
    summary="Give the end buyer a link",
)
def post_link(request: HttpRequest, business: str, number: str) -> Any:
    """The good one there is, if there is one."""
    access = may(request, scopes.ORDERS_WRITE)
    return Status(201, link_json(attempted(request, lambda: links.make(access, number, now(), "api"))))


@router.delete(
    "/businesses/{business}/orders/{number}/links/{link}",
    response=LinkOut,
    openapi_extra=documented(401, 403, 404, 422),
    summary="Take a link back",
)
def delete_link(request: HttpRequest, business: str, number: str, link: UUID) -> Any:
    """It leads nowhere at once; mails carry none until another one is given."""
    access = may(request, scopes.ORDERS_WRITE)
    return link_json(attempted(request, lambda: links.revoke(access, number, link, now(), "api")))


def link_json(link: RecipientLink) -> dict[str, Any]:
    """A link as programs read it."""
    ends_at = links.ends_at(link.order)
    return {
        "id": link.pk,
        "address": "" if link.revoked_at else links.address(link),
        "role": link.role,
        "created_at": link.created_at.isoformat(),
        "created_by": link.created_by,
        "revoked_at": link.revoked_at.isoformat() if link.revoked_at else None,
        "ends_at": ends_at.isoformat() if ends_at else None,
    }
