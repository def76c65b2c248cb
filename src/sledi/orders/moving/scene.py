"""Everything a move may look at or change: first locked, then read, in a number of queries that does not grow.

Locks are taken in one order everywhere: hauls, parcels, orders, each sorted by id. Items, contents and cases have no
locks of their own: whoever writes them holds their order. A link between an order and a parcel or haul is written
only by who holds both.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID

from django.db import connection

from sledi import profiles
from sledi.accounts.access import Access
from sledi.accounts.models import Business
from sledi.core.workflow import Workflow
from sledi.orders import queries
from sledi.orders.models import Case, Content, Item, Loading, Order
from sledi.orders.moving.rows import rows
from sledi.parcels.models import Alias, Haul, Parcel

Subject: TypeAlias = Order | Item | Case | Parcel | Haul
Container: TypeAlias = Parcel | Haul


class LinksChanged(Exception):
    """Between finding and locking, something was loaded elsewhere: begin again."""


@dataclass
class Scene:
    """The rows around some roots. ``locked`` holds the ids of the roots that may be written."""

    business: Business
    orders: dict[UUID, Order] = field(default_factory=dict)
    parcels: dict[UUID, Parcel] = field(default_factory=dict)
    hauls: dict[UUID, Haul] = field(default_factory=dict)
    items: dict[UUID, list[Item]] = field(default_factory=lambda: defaultdict(list))  # by order
    cases: dict[UUID, list[Case]] = field(default_factory=lambda: defaultdict(list))  # by order
    contents: list[Content] = field(default_factory=list)
    loadings: list[Loading] = field(default_factory=list)
    aliases: dict[UUID, list[Alias]] = field(default_factory=lambda: defaultdict(list))  # by subject
    locked: set[UUID] = field(default_factory=set)
    visible: frozenset[UUID] = frozenset()  # of the subjects that were asked for
    subjects: dict[UUID, Subject] = field(default_factory=dict)
    parcels_of: dict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))  # by order
    orders_in: dict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))  # by parcel or haul
    _workflows: dict[tuple[str, int], Workflow] = field(default_factory=dict)

    def workflow(self, profile: str, version: int) -> Workflow:
        """A workflow, looked up once: a document that changes on the disk changes no move under way."""
        if (profile, version) not in self._workflows:
            self._workflows[profile, version] = profiles.workflow(profile, version)
        return self._workflows[profile, version]

    @property
    def present(self) -> Workflow:
        """The workflow that the business begins new orders with."""
        return self.workflow(self.business.profile, self.business.profile_version)

    def order_of(self, subject: Subject) -> Order | None:
        """The order a subject belongs to; of a parcel the only one that lies in it, if it is only one."""
        if isinstance(subject, Order):
            return subject
        if isinstance(subject, Item | Case):
            return self.orders[subject.order_id]
        inside = self.orders_in.get(subject.pk, set())
        return self.orders[next(iter(inside))] if len(inside) == 1 else None

    def root_of(self, subject: Subject) -> Order | Container:
        """The row that is locked for a subject, and that its history is told under."""
        if isinstance(subject, Item | Case):
            return self.orders[subject.order_id]
        return subject

    def items_in(self, parcel: Parcel) -> list[Item]:
        """The items that lie in a parcel."""
        inside = {content.item_id for content in self.contents if content.parcel_id == parcel.pk}
        return [
            item
            for order_id in self.orders_in[parcel.pk]
            for item in self.items[order_id]
            if item.pk in inside
        ]

    def containers_of(self, order: Order) -> Iterator[Container]:
        """The parcels and hauls an order lies in."""
        containers: list[Container] = [*self.parcels.values(), *self.hauls.values()]
        for container in containers:
            if order.pk in self.orders_in[container.pk]:
                yield container

    def is_writable(self, subject: Subject) -> bool:
        return self.root_of(subject).pk in self.locked

    def add(self, subject: Subject) -> None:
        """Take a new row in; new roots are ours alone until the transaction ends."""
        self.subjects[subject.pk] = subject
        match subject:
            case Order():
                self.orders[subject.pk] = subject
            case Parcel():
                self.parcels[subject.pk] = subject
            case Haul():
                self.hauls[subject.pk] = subject
            case Item():
                self.items[subject.order_id].append(subject)
            case Case():
                self.cases[subject.order_id].append(subject)
        if not isinstance(subject, Item | Case):
            self.locked.add(subject.pk)

    def forget(self, row: object) -> None:
        """Take a row out again that was new a moment ago."""
        match row:
            case Item():
                self.items[row.order_id].remove(row)
            case Case():
                self.cases[row.order_id].remove(row)
            case Parcel() | Haul():
                (self.parcels if isinstance(row, Parcel) else self.hauls).pop(row.pk, None)
                self.orders_in.pop(row.pk, None)
                for inside in self.parcels_of.values():
                    inside.discard(row.pk)
            case Content():
                self.contents.remove(row)
            case Loading():
                self.loadings.remove(row)

    def link(self, order_id: UUID, container: Container) -> None:
        self.orders_in[container.pk].add(order_id)
        if isinstance(container, Parcel):
            self.parcels_of[order_id].add(container.pk)


def destination_of(subject: Subject) -> str:
    """The country a subject with a number of its own goes to; "" where that is not known, or not by that number."""
    return subject.destination if isinstance(subject, Order | Parcel) else ""


def level_of(subject: Subject) -> str:
    """The profile's level a row belongs to."""
    return subject.level if isinstance(subject, Parcel) else _LEVELS[type(subject)]


_LEVELS = {Order: "order", Item: "item", Case: "case", Haul: "haul"}


def workflow_of(scene: Scene, subject: Subject) -> Workflow:
    """The workflow a subject began with, and keeps."""
    pinned = scene.root_of(subject)
    return scene.workflow(pinned.profile, pinned.profile_version)


def parents_follow(workflow: Workflow) -> bool:
    """Whether parcels or hauls may change when something in them does, so that they are locked too."""
    containers = [level for kind, level in workflow.levels.items() if kind in ("parcel", "haul")]
    if not containers:
        return False
    return any(level.is_derived for level in containers) or (
        any(
            effect.name == "parent.fire"
            for kind in workflow.levels
            for transition in workflow.transitions(kind).values()
            for effect in transition.effects
        )
    )


def open_scene(access: Access, level: str, ids: Collection[UUID]) -> Scene:
    """Lock and read what moves of these subjects may touch. Inside a transaction.

    Subjects that are not there, or not visible to ``access``, are missing from ``subjects``. Raises LinksChanged.
    """
    scene = Scene(access.business)
    if level in ("parcel", "track", "haul"):
        roots = list(queries.visible_ids(access, level, ids))
        scene.visible = frozenset(roots)
        order_ids = _orders_in(roots)
        container_ids = roots + (_containers_of(order_ids) if parents_follow(scene.present) else [])
    else:
        found = dict(queries.visible_subjects(access, level, ids))
        scene.visible, order_ids = frozenset(found), sorted(set(found.values()))
        container_ids = _containers_of(order_ids) if parents_follow(scene.present) else []
    _lock(scene, container_ids, order_ids)
    _read(scene)
    if parents_follow(scene.present):
        known = {content.parcel_id for content in scene.contents} | {
            loading.parcel_id or loading.haul_id
            for loading in scene.loadings
            if loading.order_id in scene.locked
        }
        if known - scene.locked:
            raise LinksChanged
    if level in ("parcel", "track", "haul") and any(
        scene.orders_in[pk] - scene.locked for pk in scene.locked & set(ids)
    ):
        raise LinksChanged
    return scene


def open_container_and_orders(
    access: Access, level: str, container_id: UUID, order_ids: Collection[UUID]
) -> Scene:
    """As ``open_scene`` for loading orders into a container: both ends are locked."""
    scene = Scene(access.business)
    inside = _orders_in([container_id])
    wanted = [pk for pk, _ in queries.visible_subjects(access, "order", order_ids)]
    _lock(scene, list(queries.visible_ids(access, level, [container_id])), [*inside, *wanted])
    _read(scene)
    return scene


def look_at(access: Access, level: str, pk: UUID) -> Scene:
    """The rows that ``open_scene`` would lock and read, without the locks: for pages. Nothing of it may be written."""
    scene = Scene(access.business)
    if level in ("parcel", "track", "haul"):
        container_ids, order_ids = [pk], _orders_in([pk])
    else:
        order_ids = [root for _, root in queries.visible_subjects(access, level, [pk])]
        container_ids = _containers_of(order_ids)
    for model, ids in ((Haul, container_ids), (Parcel, container_ids), (Order, order_ids)):
        if ids:
            for row in model._default_manager.filter(business=access.business, pk__in=ids):
                scene.add(row)
    scene.locked.clear()
    _read(scene)
    return scene


_ORDERS_IN = """
SELECT order_id FROM orders_loading WHERE parcel_id = ANY(%(ids)s) OR haul_id = ANY(%(ids)s)
UNION SELECT i.order_id FROM orders_content c JOIN orders_item i ON i.id = c.item_id WHERE c.parcel_id = ANY(%(ids)s)
"""
_CONTAINERS_OF = """
SELECT COALESCE(parcel_id, haul_id) FROM orders_loading WHERE order_id = ANY(%(ids)s)
UNION SELECT c.parcel_id FROM orders_item i JOIN orders_content c ON c.item_id = i.id WHERE i.order_id = ANY(%(ids)s)
"""


def _orders_in(container_ids: Collection[UUID]) -> list[UUID]:
    return _ids(_ORDERS_IN, container_ids)


def _containers_of(order_ids: Collection[UUID]) -> list[UUID]:
    return _ids(_CONTAINERS_OF, order_ids)


def _ids(statement: str, ids: Collection[UUID]) -> list[UUID]:
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement, {"ids": list(ids)})
        return [pk for (pk,) in cursor.fetchall()]


def _lock(scene: Scene, container_ids: Collection[UUID], order_ids: Collection[UUID]) -> None:
    kinds: tuple[tuple[type[Haul | Parcel | Order], Collection[UUID]], ...] = (
        (Haul, container_ids if "haul" in scene.present.levels else ()),
        (Parcel, container_ids),
        (Order, order_ids),
    )
    for model, ids in kinds:
        if ids:
            for row in rows(
                model, f"{_OF_BUSINESS} t.id = ANY(%s) {_LOCKED}", [scene.business.pk, list(ids)]
            ):
                scene.add(row)


_OF_BUSINESS = "WHERE t.business_id = %s AND"
_LOCKED = "ORDER BY t.id FOR NO KEY UPDATE OF t"


def _read(scene: Scene) -> None:
    kinds, business = scene.present.levels, scene.business.pk
    if "parcel" in kinds or "haul" in kinds:
        _read_links(scene)
    if beside := {loading.order_id for loading in scene.loadings} - scene.orders.keys():
        # The orders that lie beside ours: a container's rules look at all of them.
        for order in rows(Order, f"{_OF_BUSINESS} t.id = ANY(%s)", [business, list(beside)]):
            scene.orders[order.pk] = scene.subjects[order.pk] = order
    _read_parcels(scene)
    orders = list(scene.orders)
    if "item" in kinds and orders:
        of_orders = f"{_OF_BUSINESS} t.order_id = ANY(%s) ORDER BY t.line, t.number"
        for item in rows(Item, of_orders, [business, orders]):
            scene.add(item)
    if "case" in kinds and orders:
        of_orders = f"{_OF_BUSINESS} t.order_id = ANY(%s) ORDER BY t.opened_at"
        for case in rows(Case, of_orders, [business, orders]):
            scene.add(case)
    of_subjects = f"{_OF_BUSINESS} t.subject_id = ANY(%s) ORDER BY t.since, t.id"
    for alias in rows(Alias, of_subjects, [business, list(scene.subjects)]):
        scene.aliases[alias.subject_id].append(alias)


_LINKS = """
SELECT order_id, NULL::uuid, id, parcel_id, haul_id, 0, loaded_at FROM orders_loading
WHERE business_id = %(business)s AND (
    order_id = ANY(%(orders)s) OR parcel_id = ANY(%(containers)s) OR haul_id = ANY(%(containers)s))
UNION ALL
SELECT i.order_id, i.id, c.id, c.parcel_id, NULL, c.quantity, NULL
FROM orders_item i JOIN orders_content c ON c.item_id = i.id
WHERE i.business_id = %(business)s AND i.order_id = ANY(%(orders)s)
"""


def _read_links(scene: Scene) -> None:
    """What lies where of our orders, parcels and hauls, and which pieces in which parcel."""
    business, containers = scene.business, [*scene.parcels, *scene.hauls]
    with connection.cursor() as cursor:
        cursor.execute(
            _LINKS, {"business": business.pk, "orders": list(scene.orders), "containers": containers}
        )
        found = cursor.fetchall()
    for order_id, item_id, pk, parcel_id, haul_id, quantity, loaded_at in found:
        parcel: dict[str, Any] = {"id": pk, "business": business, "parcel_id": parcel_id}
        if item_id:
            scene.contents.append(Content(item_id=item_id, quantity=quantity, **parcel))
        else:
            scene.loadings.append(Loading(order_id=order_id, haul_id=haul_id, loaded_at=loaded_at, **parcel))
        scene.orders_in[parcel_id or haul_id].add(order_id)
        if parcel_id:
            scene.parcels_of[order_id].add(parcel_id)


def _read_parcels(scene: Scene) -> None:
    """The parcels that our orders lie in, also where nobody may write them."""
    if missing := set().union(*scene.parcels_of.values()) - scene.parcels.keys():
        for parcel in rows(Parcel, f"{_OF_BUSINESS} t.id = ANY(%s)", [scene.business.pk, list(missing)]):
            scene.parcels[parcel.pk] = scene.subjects[parcel.pk] = parcel
