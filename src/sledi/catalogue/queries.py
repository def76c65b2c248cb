"""Which goods somebody may see, and which he may describe."""

import re
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.accounts.models import Business
from sledi.catalogue.models import CODE, Product
from sledi.catalogue.refusals import NoSuchProduct

SIZE_MAX = 100
SEARCH_LENGTH_MAX = 100
_EVERYTHING = roles.STAFF - {roles.SELLER}


class WrongCursor(ValueError):
    """The cursor is none of ours."""


@dataclass(frozen=True, slots=True)
class Portion:
    """Some products, and what leads to those behind them; "" behind the last."""

    rows: tuple[Product, ...]
    next_cursor: str = ""


def has_catalogue(business: Business) -> bool:
    """Whether goods are described here at all."""
    return bool(business.workflow.describers)


def may_describe(access: Access, product: Product | None = None) -> bool:
    """Whether this access describes goods, or may change ``product``: a seller his own alone."""
    if access.role not in access.business.workflow.describers:
        return False
    if access.role != roles.SELLER:
        return True
    return access.person_id is not None and (product is None or product.seller_id == access.person_id)


def visible(access: Access) -> QuerySet[Product]:
    """Goods on sale for everybody, visitors too; what is off sale for its seller and the rest of the staff."""
    if not has_catalogue(access.business):
        return Product.objects.none()
    found = Product.objects.filter(business=access.business)
    if access.role in _EVERYTHING:
        return found
    if access.role == roles.SELLER and access.person_id is not None:
        return found.filter(Q(is_on_sale=True) | Q(seller=access.person_id))
    return found.filter(is_on_sale=True)


def product_of(access: Access, code: str) -> Product:
    """The product with this code, however its letters are written. One query. Raises NoSuchProduct."""
    found = (
        visible(access).select_related("seller").filter(code__iexact=code).first() if is_code(code) else None
    )
    if found is None:
        raise NoSuchProduct
    return found


def product_list(access: Access, *, search: str = "", cursor: str = "", size: int = 50) -> Portion:
    """Products, the newest first: one query. ``search``: the code, or a part of the name. Raises WrongCursor."""
    found, wanted = visible(access), search.strip()[:SEARCH_LENGTH_MAX]
    if wanted:
        if not is_plain(wanted):
            return Portion(())
        found = found.filter(Q(code__iexact=wanted) | Q(name__icontains=wanted))
    if cursor:
        found = found.filter(pk__lt=_id_in(cursor))
    size = min(max(size, 1), SIZE_MAX)
    rows = tuple(found.select_related("seller").order_by("-id")[: size + 1])
    return Portion(rows[:size], str(rows[size - 1].pk) if len(rows) > size else "")


def offered(access: Access) -> tuple[Product, ...]:
    """The newest products on sale, for a form to suggest their codes. One query; none where there is no catalogue."""
    if not has_catalogue(access.business):
        return ()
    return tuple(visible(access).filter(is_on_sale=True).order_by("-id")[:SIZE_MAX])


def is_code(text: str) -> bool:
    """Whether any product could have this code."""
    return re.fullmatch(CODE, text) is not None


def is_plain(text: str) -> bool:
    """Whether a database takes the text at all."""
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def _id_in(cursor: str) -> UUID:
    try:
        return UUID(cursor)
    except ValueError:
        raise WrongCursor("this cursor is of no list") from None
