"""Where things of a business stand in its addresses, and how to find one again for somebody."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sledi import profiles
from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.core import clock
from sledi.core.workflow import Workflow
from sledi.orders import queries
from sledi.orders.models import Case, Item, Order
from sledi.orders.money import accounts, doubtful, payout_statements
from sledi.orders.moving import scanning
from sledi.orders.moving.scene import Subject
from sledi.orders.reading import finding
from sledi.orders.showing import amount, level_name

SEE_HAULS = roles.STAFF - {roles.SELLER}
"""Who sees hauls, and says what lies in them."""

LEVEL_OF: Mapping[str, str] = MappingProxyType(
    {
        "orders": "order",
        "items": "item",
        "parcels": "parcel",
        "hauls": "haul",
        "tracks": "track",
        "cases": "case",
    }
)
"""The level of each place of an address: /<business>/<place>/<number>/."""
PLACE_OF: Mapping[str, str] = MappingProxyType({level: place for place, level in LEVEL_OF.items()})


@dataclass(frozen=True, slots=True)
class Found:
    """Something somebody may see, with the workflow it began with and the order it belongs to."""

    level: str
    subject: Subject
    workflow: Workflow
    order: Order | None

    @property
    def currency(self) -> str:
        return self.order.currency if self.order else self.subject.business.currency

    @property
    def name(self) -> str:
        """What people call it: an item by its name, everything else by its number."""
        return self.subject.name if isinstance(self.subject, Item) else self.subject.number


def level_of(access: Access, place: str) -> str:
    """The level of a place. Raises Http404 where the business has no such things."""
    level = LEVEL_OF.get(place, "")
    if level not in access.business.workflow.levels:
        raise Http404
    return level


def find(access: Access, place: str, number: str) -> Found:
    """The thing at an address. One query. Raises Http404 when there is none, or none for these eyes."""
    level = level_of(access, place)
    same = finding.named(number, level)
    subject = _seen(access, level).filter(same).first() if same else None
    if subject is None:
        raise Http404
    return _found(level, subject)


def find_many(access: Access, place: str, ids: Sequence[str]) -> list[Found]:
    """The things with these ids that somebody may see, in this order. One query."""
    level = level_of(access, place)
    wanted = [pk for text in dict.fromkeys(ids) if (pk := _uuid_in(text))]
    seen = _seen(access, level).filter(pk__in=wanted)
    by_id = {subject.pk: subject for subject in seen}
    return [_found(level, by_id[pk]) for pk in wanted if pk in by_id]


def _seen(access: Access, level: str) -> Any:
    """The things of a level that somebody may see, with what a page says of them."""
    match level:
        case "order":
            return queries.visible(access).select_related("business")
        case "item":
            return queries.visible_items(access).select_related("business", "order")
        case "case":
            return queries.visible_cases(access).select_related("business", "order")
        case "haul":
            return queries.visible_hauls(access).select_related("business")
        case _:
            return queries.visible_parcels(access).select_related("business").filter(level=level)


def _found(level: str, subject: Subject) -> Found:
    root = subject.order if isinstance(subject, Item | Case) else subject
    workflow = profiles.workflow(root.profile, root.profile_version)
    return Found(level, subject, workflow, root if isinstance(root, Order) else None)


def address_of(access: Access, found: Found) -> str:
    """The page of a thing; items and cases stand on their order's."""
    if found.order is not None:
        page = reverse("orders:thing", args=[access.business.slug, "orders", found.order.number])
        return page if found.level == "order" else f"{page}#{found.level}-{found.subject.pk}"
    return reverse("orders:thing", args=[access.business.slug, PLACE_OF[found.level], found.name])


def key_of(found: Found) -> str:
    """The last part of its address."""
    return str(found.subject.pk) if found.level == "item" else found.subject.number


def _uuid_in(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a business's menu."""

    name: str
    address: str
    icon: str
    is_current: bool
    figure: str = ""


def frame_of(access: Access, current: str = "") -> dict[str, Any]:
    """What every page of a business knows: who looks, and the places he may go to."""
    levels = access.business.workflow.levels
    slug = access.business.slug
    shown = [("home", _("Overview"), "house", reverse("orders:home", args=[slug]))]
    if access.role not in SEE_HAULS and {"order", "parcel"} & set(levels):
        shown.append(("cabinet", _("Mine"), "package", reverse("orders:cabinet", args=[slug])))
    for place, icon in _MENU:
        if LEVEL_OF[place] in levels and (place != "hauls" or access.role in SEE_HAULS):
            address = reverse("orders:things", args=[slug, place])
            is_own = place == "orders" and access.role not in SEE_HAULS
            name = _("All orders") if is_own else level_name(LEVEL_OF[place])
            shown.append((place, name, icon, address))
    if access.business.workflow.describers:
        shown.append(("products", _("Catalogue"), "store", reverse("orders:products", args=[slug])))
    if not access.is_member:
        shown = [place for place in shown if place[0] == "products"]  # a shop window is for everybody
    menu = tuple(Place(name, address, icon, current == place) for place, name, icon, address in shown)
    tabs = [place for place, (key, *_rest) in zip(menu, shown, strict=False) if key in _IN_TABS]
    tabs = tabs[:TABS_MAX] if access.is_member else []
    lists = [place.address for place in menu[1:]]
    if scanning.may_scan(access):
        desk = reverse("orders:scans", args=[slug])
        menu += (Place(_("Scan what has come"), desk, "warehouse", current == "scans"),)
    menu += tuple(_money_places(access, current))
    if access.is_member and access.person_id is not None:
        menu += (Place(_("Profile"), reverse("orders:own", args=[slug]), "user", current == "own"),)
    zone = clock.zone_of(access.business.country).key
    return {
        "access": access,
        "menu": menu,
        "tabs": tabs,
        "finding": lists[0] if lists else "",
        "zone": zone,
        "can_find": "order" in levels,
    }


def _money_places(access: Access, current: str) -> Iterator[Place]:
    """One's account with what is on it, payments in doubt, the payouts of sellers. One query, for those who see any."""
    slug = access.business.slug
    if access.role in accounts.OWN and access.person_id is not None:
        has = accounts.balances(access.business, access.person_id)
        if any(one.available.minor or one.held.minor for one in has) or accounts.is_kept(access.business):
            said = amount(has[0].available, get_language() or "en")
            address = reverse("orders:account", args=[slug])
            yield Place(_("Account"), address, "wallet", current == "account", said)
    if access.role in doubtful.SEE and (waiting := doubtful.count(access)):
        address = reverse("orders:doubtful-payments", args=[slug])
        yield Place(_("Payments in doubt"), address, "circle-alert", current == "doubtful", str(waiting))
    if access.role in payout_statements.SEE and "payout" in access.business.workflow.levels:
        yield Place(
            level_name("payout"), reverse("orders:payouts", args=[slug]), "wallet", current == "payouts"
        )


_IN_TABS = frozenset({"home", "cabinet", "orders", "parcels", "tracks", "hauls", "products"})
TABS_MAX = 4
"""Places of the bar at the bottom of a small screen; the others stay above."""
_MENU = (
    ("orders", "list"),
    ("items", "box"),
    ("parcels", "package"),
    ("tracks", "search"),
    ("hauls", "truck"),
)
