"""Which documents of an order somebody may print, and who its seller is on paper."""

from dataclasses import dataclass
from uuid import UUID

from sledi import profiles
from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.accounts.models import Business
from sledi.core.workflow import Paper, Workflow
from sledi.documents.models import Issued, SellerDetails
from sledi.documents.refusals import NotPrintable
from sledi.orders import queries
from sledi.orders.models import Item, Order
from sledi.orders.reading import find
from sledi.orders.refusals import NotYours

STORED = frozenset({"invoice", "credit_note"})
"""Templates whose papers are made once and kept; the others are put together whenever they are printed."""
_PRICES = frozenset({"goods_total", "total", "unit_price"})


@dataclass(frozen=True, slots=True)
class Offered:
    """A document that somebody may have of an order. ``hindered``: why not now, as ``NotPrintable`` says it."""

    paper: Paper
    issued: Issued | None
    hindered: str

    @property
    def key(self) -> str:
        return self.paper.key


def order_of(access: Access, number: str) -> Order:
    """The order with this number. Raises NotYours."""
    seen = queries.visible(access).select_related("business", "buyer", "recipient")
    return seen.get(pk=find(access, "order", number))


def workflow_of(order: Order) -> Workflow:
    """The workflow the order began with."""
    return profiles.workflow(order.profile, order.profile_version)


def offered(access: Access, order: Order) -> list[Offered]:
    """The documents of an order that this access may see, in the profile's order. Two queries."""
    workflow = workflow_of(order)
    papers = [paper for paper in workflow.documents.values() if _may_see(access, workflow, paper)]
    made = {one.key: one for one in Issued.objects.filter(business=order.business, order=order)}
    has_details = details_of(order.business, seller_id_of(order)) is not None
    told = [Offered(paper, made.get(paper.key), "") for paper in papers]
    return [
        Offered(one.paper, one.issued, _hindrance(access, order, one, has_details=has_details))
        for one in told
        if one.paper.template != "credit_note" or one.issued or _may_be_credited(order, one.paper, made)
    ]


def one_offered(access: Access, order: Order, key: str) -> Offered:
    """The document with this key. Raises NotYours when there is none, or none for these eyes."""
    found = next((one for one in offered(access, order) if one.key == key), None)
    if found is None:
        raise NotYours
    return found


def invoice_of(made: dict[str, Issued]) -> Issued | None:
    """Of what was issued for an order its invoice."""
    return next((one for one in made.values() if one.kind == Issued.INVOICE), None)


def seller_id_of(order: Order) -> UUID:
    """Who sells: the order's seller, or the business itself."""
    return order.seller_id or order.business_id


def details_of(business: Business, seller_id: UUID) -> SellerDetails | None:
    """What a seller's papers say of him now; None while he has said nothing."""
    rows = SellerDetails.objects.filter(business=business, seller_id=seller_id)
    return rows.order_by("-created_at", "-pk").first()


def demanded_details(order: Order) -> SellerDetails:
    """The same of an order's seller. Raises NotPrintable (no_details)."""
    found = details_of(order.business, seller_id_of(order))
    if found is None:
        raise NotPrintable("no_details")
    return found


def own_id(access: Access) -> UUID:
    """Whose details this access keeps: a seller his own, the heads of a business those of the business.

    Raises NotYours for everybody else, and where the profile has no documents.
    """
    workflow = access.business.workflow
    if workflow.documents:
        if access.role == roles.SELLER and access.person_id is not None:
            return access.person_id
        if access.role in (roles.OWNER, roles.PLATFORM):
            return access.business.pk
    raise NotYours


def items_of(order: Order) -> list[Item]:
    """Everything ordered, line by line."""
    return list(Item.objects.filter(business=order.business, order=order).order_by("line", "number"))


def _may_see(access: Access, workflow: Workflow, paper: Paper) -> bool:
    hidden = workflow.hidden_fields(access.role)
    tells_prices = paper.template in STORED
    is_hidden = bool(hidden & (_PRICES if tells_prices else set(paper.facts.values())))
    return access.role in paper.roles and not is_hidden


def _may_be_credited(order: Order, paper: Paper, made: dict[str, Issued]) -> bool:
    """A credit note is for an invoice that is out, once the money went back; before that nobody hears of it."""
    return order.state in paper.states and invoice_of(made) is not None


def _hindrance(access: Access, order: Order, one: Offered, *, has_details: bool) -> str:
    if one.issued is not None:
        return ""
    if order.state not in one.paper.states:
        return "not_now"
    if one.paper.template in STORED and access.role not in roles.STAFF:
        return "not_issued"
    return "" if has_details else "no_details"
