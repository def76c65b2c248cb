"""What somebody may see of a business's orders and parcels. Every read and every move starts here.

Staff see the business's, everybody else their own: buyers what they bought, resellers and sellers what goes through
them, end buyers what is sent to them. A profile may narrow this to some states.
"""

from collections.abc import Collection
from typing import cast
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from sledi import profiles
from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.core.workflow import visible_states
from sledi.orders.models import Case, Content, Item, Loading, Order
from sledi.parcels.models import Haul, Parcel

MACHINES = frozenset({"carrier", "payment", "timer", "system"})
_EVERYTHING = MACHINES | (roles.STAFF - {roles.SELLER})
_OWN = {
    roles.BUYER: "buyer",
    roles.RESELLER: "reseller",
    roles.SELLER: "seller",
    roles.END_BUYER: "recipient",
}


def visible(access: Access) -> QuerySet[Order]:
    """The orders this access may see."""
    return Order.objects.filter(_whose(access), _states(access, "order"), business=access.business)


def visible_items(access: Access) -> QuerySet[Item]:
    """The items this access may see, of orders it may see."""
    return Item.objects.filter(
        _whose(access, "order__"), _states(access, "item", "order__"), business=access.business
    )


def visible_cases(access: Access) -> QuerySet[Case]:
    """The cases this access may see, of orders it may see."""
    return Case.objects.filter(
        _whose(access, "order__"), _states(access, "case", "order__"), business=access.business
    )


def visible_parcels(access: Access) -> QuerySet[Parcel]:
    """The parcels this access may see: all for staff; for others their tracks, and what one of their orders lies in."""
    parcels = Parcel.objects.filter(_states(access, "parcel"), business=access.business)
    if access.role in _EVERYTHING:
        return parcels
    loaded = Loading.objects.filter(
        _whose(access, "order__"), business=access.business, parcel=OuterRef("pk")
    )
    packed = Content.objects.filter(
        _whose(access, "item__order__"), business=access.business, parcel=OuterRef("pk")
    )
    own = Q(watcher=access.person_id) if access.person_id and access.order_id is None else Q(pk__in=[])
    return parcels.filter(own | Exists(loaded) | Exists(packed))


def visible_hauls(access: Access) -> QuerySet[Haul]:
    """The hauls this access may see: staff alone."""
    hauls = Haul.objects.filter(business=access.business)
    return hauls if access.role in _EVERYTHING else hauls.none()


def visible_ids(access: Access, level: str, ids: Collection[UUID]) -> list[UUID]:
    """Of these parcels or hauls the visible ones, by id."""
    rows: QuerySet[Parcel] | QuerySet[Haul]
    rows = visible_hauls(access) if level == "haul" else visible_parcels(access).filter(level=level)
    return list(rows.filter(pk__in=ids).values_list("pk", flat=True))


def visible_subjects(access: Access, level: str, ids: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """Of these orders, items or cases the visible ones: each with its order."""
    if access.role in _EVERYTHING and _states(access, level) == Q():
        return _of_business(access, level, ids)
    rows: QuerySet[Order] | QuerySet[Item] | QuerySet[Case]
    match level:
        case "item":
            rows, column = visible_items(access), "order_id"
        case "case":
            rows, column = visible_cases(access), "order_id"
        case _:
            rows, column = visible(access), "pk"
    return list(rows.filter(pk__in=ids).values_list("pk", column))


def _of_business(access: Access, level: str, ids: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """``visible_subjects`` for those who see everything: every move asks, so without composing a queryset."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_BUSINESS[level], [access.business.pk, list(ids)])
        return cast("list[tuple[UUID, UUID]]", cursor.fetchall())


_OF_BUSINESS = {
    "order": "SELECT id, id FROM orders_order WHERE business_id = %s AND id = ANY(%s)",
    "item": "SELECT id, order_id FROM orders_item WHERE business_id = %s AND id = ANY(%s)",
    "case": "SELECT id, order_id FROM orders_case WHERE business_id = %s AND id = ANY(%s)",
}


def _whose(access: Access, prefix: str = "") -> Q:
    if access.order_id is not None:
        return Q(**{f"{prefix}pk": access.order_id})
    if access.role in _EVERYTHING:
        return Q()
    own = _OWN.get(access.role)
    if own is None or access.person_id is None:
        return Q(pk__in=[])
    return Q(**{f"{prefix}{own}": access.person_id})


def _states(access: Access, level: str, root: str = "") -> Q:
    """The states of a level in which a profile lets a role see anything, each row by the version it began with.

    ``root`` leads from a row to the one that keeps the version.
    """
    if access.role in MACHINES:
        return Q()
    profile = access.business.profile
    seen = {version: _seen(profile, version, level, access.role) for version in profiles.versions(profile)}
    present = seen.get(access.business.profile_version)
    if all(states == present for states in seen.values()):
        return Q() if present is None else Q(state__in=sorted(present))
    found = Q(pk__in=[])
    for version, states in seen.items():
        of_version = Q(**{f"{root}profile_version": version})
        found |= of_version if states is None else of_version & Q(state__in=sorted(states))
    return found


def _seen(profile: str, version: int, level: str, role: str) -> frozenset[str] | None:
    return visible_states(profiles.workflow(profile, version), level, role)
