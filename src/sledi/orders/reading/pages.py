"""Everything about one order, parcel, haul or case. A page costs the same number of queries whatever it shows.

What may be done is asked of the very table that does it, over the context that a move would see; a page takes no locks.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Q

from sledi.accounts.access import Access
from sledi.core.workflow import Possible, Workflow, possible_actions, progress, visible_states
from sledi.history.models import Record
from sledi.orders import queries
from sledi.orders.models import Case, Content, Item, Order, Timer
from sledi.orders.money import postings
from sledi.orders.moving import scene
from sledi.orders.moving.contexts import Context, around, context_of, names_of
from sledi.orders.moving.scene import Scene, Subject, level_of, workflow_of
from sledi.orders.reading.finding import find, visible_rows
from sledi.orders.reading.lists import SIZE_MAX, Page, WrongCursor
from sledi.orders.reading.seeing import Eyes
from sledi.orders.reading.shapes import ContainerPage, Deadline, OrderPage, Packed, Step, Thing, Told
from sledi.parcels.models import Haul, Parcel

HISTORY_SHOWN = 100
"""Records on a page; ``history`` gives the rest."""


def order_page(access: Access, number: str, at: datetime) -> OrderPage:
    """An order by its number or id. Raises NotYours."""
    look = _Look(access, "order", find(access, "order", number), at)
    order = look.scene.orders[look.pk]
    workflow = workflow_of(look.scene, order)
    things = {level: look.things(level) for level in ("item", "parcel", "haul", "case")}
    context = Context(around(look.scene, order, workflow, at, look.account))
    return OrderPage(
        order=look.thing(order),
        amounts=look.eyes.amounts(order, workflow),
        items=things["item"],
        parcels=things["parcel"],
        hauls=things["haul"],
        cases=things["case"],
        packed=tuple(look.packed()),
        makes=tuple(look.makes(order, workflow, context)),
        progress=tuple(progress(workflow, _as_seen(context, things))),
        stages=tuple(_steps(workflow, [look.thing(order), *things["item"], *things["parcel"]])),
        deadlines=tuple(
            look.deadlines([order, *(one.subject for level in things.values() for one in level)])
        ),
        history=look.history(order.pk, Q(), workflow, order.currency)[:HISTORY_SHOWN],
    )


def parcel_page(access: Access, number: str, at: datetime, *, level: str = "parcel") -> ContainerPage:
    """A parcel, or a track, by its number or id. Raises NotYours."""
    return _container_page(_Look(access, level, find(access, level, number), at))


def haul_page(access: Access, number: str, at: datetime) -> ContainerPage:
    """A haul by its number or id. Raises NotYours."""
    return _container_page(_Look(access, "haul", find(access, "haul", number), at))


def case_page(access: Access, number: str, at: datetime) -> ContainerPage:
    """A case by its number or id. Raises NotYours."""
    return _container_page(_Look(access, "case", find(access, "case", number), at))


def moves_of(access: Access, level: str, reference: str, at: datetime) -> tuple[Thing, tuple[Possible, ...]]:
    """A row with its possible moves, and those that would make something for it. Raises NotYours."""
    look = _Look(access, level, find(access, level, reference), at)
    subject = look.scene.subjects[look.pk]
    workflow = workflow_of(look.scene, subject)
    if not isinstance(subject, Order):
        return look.thing(subject), ()
    context = Context(around(look.scene, subject, workflow, at, look.account))
    return look.thing(subject), tuple(look.makes(subject, workflow, context))


def history(
    access: Access, number: str, *, cursor: str = "", size: int = 50, level: str = "order"
) -> Page[Told]:
    """What happened to an order, or to one thing of it, the newest first. Raises NotYours, WrongCursor."""
    size = max(1, min(size, SIZE_MAX))
    if cursor and not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= 18):
        raise WrongCursor(cursor[:200])
    pk = find(access, level, number)
    subject: Any = visible_rows(access, level).get(pk=pk)
    eyes = Eyes(access)
    order = _order_of(subject)
    pinned = order if order and level in ("item", "case") else subject
    roots, about = _told_under(subject, order)
    older = about & Q(sequence__lt=int(cursor)) if cursor else about
    told = _told(eyes, roots, older, eyes.workflow(pinned.profile, pinned.profile_version), subject, size + 1)
    next_cursor = str(told[size - 1].record.sequence) if len(told) > size else ""
    return Page(told[:size], next_cursor)


def _container_page(look: "_Look") -> ContainerPage:
    subject = look.scene.subjects[look.pk]
    workflow = workflow_of(look.scene, subject)
    order = look.scene.order_of(subject)
    seen = look.things("order")
    items = look.things("item") if isinstance(subject, Parcel) else ()
    inside = {content.item_id for content in look.scene.contents if content.parcel_id == subject.pk}
    roots, about = _told_under(subject, order)
    currency = order.currency if order else look.access.business.currency
    return ContainerPage(
        thing=look.thing(subject),
        orders=seen,
        items=tuple(item for item in items if item.id in inside),
        packed=tuple(one for one in look.packed() if one.parcel_number == subject.number),
        deadlines=tuple(look.deadlines([subject])),
        history=_told(look.eyes, roots, about, workflow, subject, HISTORY_SHOWN, currency),
    )


class _Look:
    """The rows around one subject, read without locks, and what this reader sees of them."""

    def __init__(self, access: Access, level: str, pk: UUID, at: datetime) -> None:
        self.access, self.pk, self.at = access, pk, at
        self.eyes = Eyes(access)
        self.scene = _scene(access, level, pk)
        self._accounts: dict[tuple[object, str], dict[str, Any]] = {}
        self._shared: dict[UUID | None, Context] = {}
        self._seen = self._visible()

    # --- what is seen -----------------------------------------------------------------------------------------

    def things(self, level: str) -> tuple[Thing, ...]:
        """All visible rows of a level, in the order of the scene."""
        return tuple(self.thing(row) for row in self._rows(level) if row.pk in self._seen)

    def thing(self, subject: Subject) -> Thing:
        workflow = workflow_of(self.scene, subject)
        numbers = self.scene.aliases.get(subject.pk, ())
        order = self.scene.order_of(subject)
        actions = self._actions(subject, workflow)
        return self.eyes.thing(subject, workflow, numbers, actions, order.currency if order else "")

    def packed(self) -> list[Packed]:
        """What lies in the visible parcels of the visible items, by line."""
        inside = [
            (content, self.scene.subjects[content.item_id])
            for content in self.scene.contents
            if content.item_id in self._seen and content.parcel_id in self._seen
        ]
        return [
            Packed(item.number, self.scene.parcels[content.parcel_id].number, content.quantity)
            for content, item in sorted(inside, key=_by_line)
            if isinstance(item, Item)
        ]

    def deadlines(self, subjects: Iterable[Subject]) -> Iterator[Deadline]:
        """What is planned for these rows and named by the profile, the next first. One query."""
        by_id = {subject.pk: subject for subject in subjects}
        planned = Timer.objects.filter(business=self.access.business, subject_id__in=by_id)
        for timer in planned.order_by("planned_at", "pk"):
            subject = by_id[timer.subject_id]
            rule = workflow_of(self.scene, subject).timers(timer.level).get(timer.name)
            if rule is not None and rule.label:
                yield Deadline(
                    timer.name,
                    rule.label,
                    timer.level,
                    subject.number,
                    timer.planned_at,
                    timer.due_at is None,
                )

    def history(self, root_id: UUID, about: Q, workflow: Workflow, currency: str) -> tuple[Told, ...]:
        subject = self.scene.subjects[root_id]
        return _told(self.eyes, [root_id], about, workflow, subject, HISTORY_SHOWN, currency, self._numbers())

    # --- what may be done -------------------------------------------------------------------------------------

    def _actions(self, subject: Subject, workflow: Workflow) -> list[Possible]:
        """The moves open to this reader, tried on the context that a move would see."""
        level, role = level_of(subject), self.access.role
        open_to_role = [
            one
            for one in workflow.transitions(level).values()
            if role in one.roles and not one.creates and one.starts_in(subject.state)
        ]
        if not open_to_role:
            return []
        names = set().union(*(names_of(one) for one in open_to_role))
        context = self._context(subject, workflow).only(names)
        return possible_actions(workflow, level, subject.state, role, context)

    def makes(self, order: Order, workflow: Workflow, context: Context) -> Iterator[Possible]:
        """The moves that would make a parcel or a case for the order."""
        kinds = workflow.levels
        parcels = ("parcel",) if "parcel" in kinds and kinds["parcel"].holds == "order" else ()
        for level in (*kinds["order"].contains, *parcels):
            making = [one for one in workflow.transitions(level).values() if one.creates]
            if making:
                names = set().union(*(names_of(one) for one in making))
                yield from possible_actions(workflow, level, "", self.access.role, context.only(names))

    def account(self, order: Order | None) -> dict[str, Any]:
        """The money of an order's payer; read once."""
        if order is None:
            return {"available": 0, "held": 0, "currency": self.access.business.currency}
        key = (postings.payer_id(order), order.currency)
        if key not in self._accounts:
            self._accounts[key] = postings.account(self.access.business, order)
        return self._accounts[key]

    def _context(self, subject: Subject, workflow: Workflow) -> Context:
        """As ``context_of``; what is the same for all rows of an order is made once."""
        own = context_of(self.scene, subject, workflow, self.at, self.account)
        order = self.scene.order_of(subject)
        key = order.pk if order else None
        if key not in self._shared:
            self._shared[key] = Context(around(self.scene, order, workflow, self.at, self.account))
        shared = self._shared[key]
        makers: dict[str, Callable[[], Any]] = {
            name: partial((shared if name in shared else own).__getitem__, name) for name in own
        }
        return Context(makers)

    # --- the scene --------------------------------------------------------------------------------------------

    def _rows(self, level: str) -> Iterable[Subject]:
        match level:
            case "order":
                return [one for _, one in sorted(self.scene.orders.items())]
            case "item":
                return [item for _, items in sorted(self.scene.items.items()) for item in items]
            case "case":
                return [case for _, cases in sorted(self.scene.cases.items()) for case in cases]
            case "haul":
                return [one for _, one in sorted(self.scene.hauls.items())]
        return [one for _, one in sorted(self.scene.parcels.items()) if one.level == level]

    def _visible(self) -> frozenset[UUID]:
        """Of the rows around the subject those that this reader may see: at most one query a kind."""
        seen: set[UUID] = {self.pk}
        orders = list(self.scene.orders)
        seen |= set(queries.visible(self.access).filter(pk__in=orders).values_list("pk", flat=True))
        for row in (*self._rows("item"), *self._rows("case")):
            assert isinstance(row, Item | Case)
            states = visible_states(workflow_of(self.scene, row), level_of(row), self.access.role)
            if row.order_id in seen and (states is None or row.state in states):
                seen.add(row.pk)
        if self.scene.parcels:
            seen |= set(queries.visible_ids(self.access, "parcel", self.scene.parcels))
        if self.scene.hauls:
            seen |= set(queries.visible_ids(self.access, "haul", self.scene.hauls))
        return frozenset(seen)

    def _numbers(self) -> dict[UUID, str]:
        return {pk: self.scene.subjects[pk].number for pk in self._seen if pk in self.scene.subjects}


def _scene(access: Access, level: str, pk: UUID) -> Scene:
    """The rows a move would lock and read, without the locks."""
    found = Scene(access.business)
    if level in ("parcel", "track", "haul"):
        container_ids, order_ids = [pk], scene._orders_in([pk])
    else:
        order_ids = [root for _, root in queries.visible_subjects(access, level, [pk])]
        container_ids = scene._containers_of(order_ids)
    for model, ids in ((Haul, container_ids), (Parcel, container_ids), (Order, order_ids)):
        if ids:
            rows: Iterable[Any] = model._default_manager.filter(business=access.business, pk__in=ids)
            for row in rows:
                found.add(row)
    scene._read(found)
    return found


def _as_seen(context: Mapping[str, Any], things: Mapping[str, tuple[Thing, ...]]) -> dict[str, Any]:
    """What progress counts: the order's state, and the pieces that the reader sees."""
    return {
        "order": {"state": context["order"]["state"]},
        "items": [{"state": one.subject.state, "quantity": _pieces(one.subject)} for one in things["item"]],
        "parcels": [{"state": one.subject.state} for one in things["parcel"]],
    }


def _by_line(pair: tuple[Content, Subject]) -> tuple[int, str]:
    item = pair[1]
    return (item.line, item.number) if isinstance(item, Item) else (0, item.number)


def _pieces(subject: Subject) -> int:
    return subject.quantity if isinstance(subject, Item) else 1


def _steps(workflow: Workflow, things: Iterable[Thing]) -> Iterator[Step]:
    """The stage bar: what any of these rows stands in is current; what lies before the first of them is done."""
    standing = {(thing.level, thing.subject.state) for thing in things}
    current = [
        any(state in stage.states.get(level, ()) for level, state in standing) for stage in workflow.stages
    ]
    first = current.index(True) if any(current) else 0
    for index, stage in enumerate(workflow.stages):
        yield Step(stage, "current" if current[index] else "done" if index < first else "ahead")


# --- history --------------------------------------------------------------------------------------------------


def _order_of(subject: Any) -> Order | None:
    """The order whose history tells of a subject: a case's, and that whose items lie in a parcel."""
    if isinstance(subject, Item | Case):
        return subject.order
    if isinstance(subject, Parcel):
        packed = Order.objects.filter(business=subject.business_id, items__contents__parcel=subject)
        return packed.first()
    return None


def _told_under(subject: Any, order: Order | None) -> tuple[list[UUID], Q]:
    """Under which roots a subject's records stand, and which of them are its own."""
    if isinstance(subject, Order):
        return [subject.pk], Q()
    return [subject.pk, *([order.pk] if order else [])], Q(subject_id=subject.pk)


def _told(
    eyes: Eyes,
    roots: list[UUID],
    about: Q,
    workflow: Workflow,
    subject: Any,
    size: int,
    currency: str = "",
    numbers: Mapping[UUID, str] | None = None,
) -> tuple[Told, ...]:
    records = Record.objects.filter(
        about, eyes.records(workflow), business_id=eyes.business.pk, root_id__in=roots
    )
    known = dict(numbers or {}) | {subject.pk: subject.number}
    return tuple(
        eyes.told(record, workflow, known.get(record.subject_id, ""), currency or eyes.business.currency)
        for record in records.order_by("-sequence")[:size]
    )
