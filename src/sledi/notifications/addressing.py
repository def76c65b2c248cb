"""Whom a change is told: the roles its profile names, as people of the order, each once and only what he may see."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from sledi import profiles
from sledi.accounts import roles
from sledi.accounts.models import Business, Membership, Person
from sledi.core.workflow import visible_states
from sledi.ledger.models import Payout
from sledi.notifications.models import Silence
from sledi.orders.models import Loading, Order, Outbox

_OF_ORDER = {
    roles.BUYER: "buyer_id",
    roles.RESELLER: "reseller_id",
    roles.SELLER: "seller_id",
    roles.END_BUYER: "recipient_id",
}
"""Roles that are one person of the order; all others are everybody who has them."""

_GUEST = {roles.BUYER: "buyer_email", roles.END_BUYER: "recipient_email"}


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody who is told of changes of one root. ``email`` is in lower case."""

    root_id: UUID
    order_id: UUID | None
    email: str
    role: str
    language: str
    person_id: UUID | None


def addressees(changes: Collection[Outbox]) -> dict[UUID, list[Addressee]]:
    """For each change, by id, who is told of it. A number of queries that does not grow with the changes."""
    alone = _alone([change for change in changes if change.email])
    told = [change for change in changes if change.who and change.business.is_open and not change.email]
    if not told:
        return alone
    book = _Book(told)
    return alone | {change.pk: list(book.of(change)) for change in told}


def _alone(changes: Collection[Outbox]) -> dict[UUID, list[Addressee]]:
    """What goes to one address: told under the person, in his language, also when the business is closed."""
    people = Person.objects.in_bulk({change.root_id for change in changes}) if changes else {}
    return {
        change.pk: [
            Addressee(
                change.root_id,
                None,
                change.email.lower(),
                change.who[0],
                people[change.root_id].language,
                change.root_id,
            )
        ]
        for change in changes
    }


class _Book:
    """Everybody the changes may concern, read at once."""

    def __init__(self, changes: Collection[Outbox]) -> None:
        roots = {change.root_id for change in changes}
        self._businesses = {change.business_id: change.business for change in changes}
        self._orders = _orders_around(roots)
        self._payouts = Payout.objects.in_bulk(
            {change.root_id for change in changes if change.level == "payout"}
        )
        self._members = _members(self._businesses)
        self._silent = set(
            Silence.objects.filter(business__in=self._businesses).values_list("business", "email")
        )
        self._people = Person.objects.filter(is_active=True).in_bulk(self._wanted())

    def of(self, change: Outbox) -> Iterator[Addressee]:
        business, seen = change.business, set[tuple[UUID, str]]()
        for role in (role for role in roles.NAMES if role in change.who):
            for one in self._in_role(change, role):
                if (one.root_id, one.email) not in seen and (business.pk, one.email) not in self._silent:
                    seen.add((one.root_id, one.email))
                    yield one

    def _in_role(self, change: Outbox, role: str) -> Iterator[Addressee]:
        if payout := self._payouts.get(change.root_id):
            if role == roles.SELLER:
                yield from self._member(change.business, role, payout.seller_id, payout.pk, None)
            return
        for order in self._orders.get(change.root_id, ()):
            if not _sees(change, order, role):
                continue
            if role not in _OF_ORDER:
                for person_id in self._members.get((change.business_id, role), ()):
                    yield from self._member(change.business, role, person_id, order.pk, order)
            elif person_id := getattr(order, _OF_ORDER[role]):
                yield from self._member(change.business, role, person_id, order.pk, order)
            elif email := getattr(order, _GUEST.get(role, ""), "").strip().lower():
                yield Addressee(order.pk, order.pk, email, role, change.business.language, None)

    def _member(
        self, business: Business, role: str, person_id: UUID, root_id: UUID, order: Order | None
    ) -> Iterator[Addressee]:
        """Whoever left the business is told nothing more; an end buyer needs to be no member."""
        person = self._people.get(person_id)
        is_member = role == roles.END_BUYER or person_id in self._members.get((business.pk, role), ())
        if person is not None and is_member:
            order_id = order.pk if order else None
            yield Addressee(root_id, order_id, person.email.lower(), role, person.language, person.pk)

    def _wanted(self) -> set[UUID]:
        people = {pk for members in self._members.values() for pk in members}
        people |= {payout.seller_id for payout in self._payouts.values()}
        for orders in self._orders.values():
            people |= {
                pk for order in orders for column in _OF_ORDER.values() if (pk := getattr(order, column))
            }
        return people


def _sees(change: Outbox, order: Order, role: str) -> bool:
    """Whether a role sees the order now, and the state the change led to."""
    workflow = profiles.workflow(order.profile, order.profile_version)
    for level, state in (("order", order.state), (change.level, change.to_state)):
        states = visible_states(workflow, level, role)
        if states is not None and state not in states:
            return False
    return True


def _orders_around(roots: Collection[UUID]) -> Mapping[UUID, list[Order]]:
    """The orders told under each root: itself, or those that lie in the parcel or on the haul."""
    found: dict[UUID, list[Order]] = {pk: [order] for pk, order in Order.objects.in_bulk(roots).items()}
    others = [root for root in roots if root not in found]
    if others:
        inside: dict[UUID, list[Order]] = defaultdict(list)
        loaded = Loading.objects.select_related("order").order_by("order__placed_at", "order")
        for column in ("parcel", "haul"):
            for loading in loaded.filter(**{f"{column}__in": others}):
                inside[loading.container_id].append(loading.order)
        found |= inside
    return found


def _members(businesses: Iterable[UUID]) -> dict[tuple[UUID, str], list[UUID]]:
    members: dict[tuple[UUID, str], list[UUID]] = defaultdict(list)
    rows = Membership.objects.filter(business__in=businesses).order_by("created_at", "pk")
    for business_id, role, person_id in rows.values_list("business", "role", "person"):
        members[business_id, role].append(person_id)
    return members
