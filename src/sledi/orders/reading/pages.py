"""Everything about one order, parcel, haul or case. A page costs the same number of queries whatever it shows.

What may be done is asked of the very table that does it, over the context that a move would see; a page takes no locks.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property, partial
from typing import Any
from uuid import UUID

from django.db.models import Q

from sledi.accounts.access import Access
from sledi.core import clock
from sledi.core.workflow import (
    Possible,
    Words,
    Workflow,
    holds,
    notices,
    possible_actions,
    progress,
    visible_states,
)
from sledi.core.workflow import (
    Timer as TimerRule,
)
from sledi.core.workflow.refusals import BLANK
from sledi.history.models import Record
from sledi.orders import queries
from sledi.orders.models import Case, Content, Item, Order, Timer
from sledi.orders.money import postings
from sledi.orders.moving.contexts import Context, around, context_of, names_of
from sledi.orders.moving.scene import Subject, level_of, look_at, workflow_of
from sledi.orders.reading.beside import Beside
from sledi.orders.reading.expecting import expected_of, processing_of
from sledi.orders.reading.finding import find, visible_rows
from sledi.orders.reading.lists import SIZE_MAX, Page, WrongCursor
from sledi.orders.reading.seeing import Eyes
from sledi.orders.reading.shapes import (
    Carried,
    ContainerPage,
    Deadline,
    OrderPage,
    Packed,
    Step,
    Thing,
    Told,
)
from sledi.parcels.models import Parcel
from sledi.tracking.queries import followed
from sledi.web import dates

HISTORY_SHOWN = 100
"""Records on a page; ``history`` gives the rest."""


def order_page(access: Access, number: str, at: datetime) -> OrderPage:
    """An order by its number or id. Raises NotYours."""
    look = Look(access, "order", find(access, "order", number), at)
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
        stages=tuple(_steps(workflow, order, [*things["item"], *things["parcel"]])),
        deadlines=tuple(
            look.deadlines([order, *(one.subject for level in things.values() for one in level)])
        ),
        history=look.history(order.pk, Q(), workflow, order.currency)[:HISTORY_SHOWN],
        notices=look.notices(order, workflow),
        carried=look.carried([look.thing(order), *things["item"], *things["parcel"]]),
        expected=expected_of(look.eyes, [order]).get(order.pk),
        processing=processing_of(look.eyes, [order]).get(order.pk),
        sender=sender_of(order, access.business.name),
    )


def parcel_page(access: Access, number: str, at: datetime, *, level: str = "parcel") -> ContainerPage:
    """A parcel, or a track, by its number or id. Raises NotYours."""
    return _container_page(Look(access, level, find(access, level, number), at))


def haul_page(access: Access, number: str, at: datetime) -> ContainerPage:
    """A haul by its number or id. Raises NotYours."""
    return _container_page(Look(access, "haul", find(access, "haul", number), at))


def case_page(access: Access, number: str, at: datetime) -> ContainerPage:
    """A case by its number or id. Raises NotYours."""
    return _container_page(Look(access, "case", find(access, "case", number), at))


def container_page(access: Access, level: str, number: str, at: datetime) -> ContainerPage:
    """A parcel, track, haul or case by its level. Raises NotYours."""
    return _container_page(Look(access, level, find(access, level, number), at))


def moves_of(access: Access, level: str, reference: str, at: datetime) -> tuple[Thing, tuple[Possible, ...]]:
    """A row with its possible moves, and those that would make something for it. Raises NotYours."""
    look = Look(access, level, find(access, level, reference), at)
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
    workflow = eyes.workflow(pinned.profile, pinned.profile_version)
    numbers = _numbers_below(access, subject) if isinstance(subject, Order) else {}
    currency = subject.currency if isinstance(subject, Order) else order.currency if order else ""
    told = _told(eyes, roots, older, workflow, subject, size + 1, currency, numbers)
    next_cursor = str(told[size - 1].record.sequence) if len(told) > size else ""
    return Page(told[:size], next_cursor)


def _container_page(look: "Look") -> ContainerPage:
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
        notices=look.notices(subject, workflow),
        carried=look.carried([look.thing(subject)]),
        sender=sender_of(order, look.access.business.name),
        expected=expected_of(look.eyes, [one.subject for one in seen]),  # type: ignore[misc]
    )


def _with_days(said: str, days: Mapping[str, date], language: str) -> str:
    return BLANK.sub(lambda blank: dates.day(days[blank[1]], language), said)


def sender_of(order: Order | None, business: str) -> str:
    """Who sends an order: its seller where it has one, else the business itself."""
    seller = order.seller if order and order.seller_id else None
    return seller.name if seller and seller.name else business


class Look:
    """The rows around one subject, read without locks, and what this reader sees of them."""

    def __init__(self, access: Access, level: str, pk: UUID, at: datetime) -> None:
        self.access, self.pk, self.at = access, pk, at
        self.eyes = Eyes(access)
        self.scene = look_at(access, level, pk)
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
        thing = self.eyes.thing(subject, workflow, numbers, actions, order.currency if order else "")
        thing = replace(thing, order_number=order.number if order else "")
        return self._beside.with_item(thing) if isinstance(subject, Item) else thing

    @cached_property
    def _beside(self) -> Beside:
        return Beside(self.scene)

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
            if rule is not None and rule.label and self._matters(subject, rule):
                yield Deadline(
                    timer.name,
                    rule.label,
                    timer.level,
                    subject.number,
                    timer.planned_at,
                    clock.last_day(timer.planned_at, self.access.business.country),
                    timer.due_at is None,
                    rule.ahead,
                )

    def _matters(self, subject: Subject, rule: TimerRule) -> bool:
        """Whether a deadline would do anything, as things are now."""
        workflow = workflow_of(self.scene, subject)
        return rule.unless is None or not holds(workflow, rule.unless, self._context(subject, workflow))

    def history(self, root_id: UUID, about: Q, workflow: Workflow, currency: str) -> tuple[Told, ...]:
        subject = self.scene.subjects[root_id]
        return _told(self.eyes, [root_id], about, workflow, subject, HISTORY_SHOWN, currency, self._numbers())

    def carried(self, things: Iterable[Thing]) -> tuple[Carried, ...]:
        """The carriers' numbers of these things, each with what is known of it. Four queries, or none."""
        pairs = [(thing, alias) for thing in things for alias in thing.numbers]
        known = followed({alias.trace_id for _, alias in pairs if alias.trace_id}, self.at)
        return tuple(
            Carried(thing, alias, known.get(alias.trace_id) if alias.trace_id else None)
            for thing, alias in pairs
        )

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
        """The moves that would make a parcel or a case for the order. One that is over is packed no more."""
        kinds = workflow.levels
        parcels = ("parcel",) if "parcel" in kinds and kinds["parcel"].holds == "order" else ()
        is_over = workflow.is_final("order", order.state)
        for level in (*kinds["order"].contains, *parcels):
            if level == "parcel" and is_over:
                continue
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

    def notices(self, subject: Subject, workflow: Workflow) -> tuple[tuple[Words, Words], ...]:
        """What the profile tells on the page of a row as it stands now."""
        level = level_of(subject)
        if not workflow.notices_by_level.get(level):
            return ()
        told = notices(workflow, level, self._context(subject, workflow))
        if not any("{" in said for _label, words in told for said in words.values()):
            return tuple(told)
        days = self._days(subject, workflow)
        return tuple(
            (label, {language: _with_days(said, days, language) for language, said in words.items()})
            for label, words in told
            if all(timer in days for said in words.values() for timer in BLANK.findall(said))
        )

    def _days(self, subject: Subject, workflow: Workflow) -> dict[str, date]:
        """The last day that each deadline of a row leaves, by its timer. One query."""
        planned = Timer.objects.filter(business=self.access.business, subject_id=subject.pk)
        rules, country = workflow.timers(level_of(subject)), self.access.business.country
        return {
            name: clock.last_day(at, rules[name].calendar or country)
            for name, at in planned.values_list("name", "planned_at")
            if name in rules
        }

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


def _as_seen(context: Mapping[str, Any], things: Mapping[str, tuple[Thing, ...]]) -> dict[str, Any]:
    """What progress counts: the order's state, and the pieces that the reader sees."""
    return {
        "order": {"state": context["order"]["state"]},
        "items": [
            {"number": one.number, "state": one.subject.state, "quantity": _pieces(one.subject)}
            for one in things["item"]
        ],
        "parcels": [{"number": one.number, "state": one.subject.state} for one in things["parcel"]],
    }


def _by_line(pair: tuple[Content, Subject]) -> tuple[int, str]:
    item = pair[1]
    return (item.line, item.number) if isinstance(item, Item) else (0, item.number)


def _pieces(subject: Subject) -> int:
    return subject.quantity if isinstance(subject, Item) else 1


def _steps(workflow: Workflow, order: Order, inside: Iterable[Thing]) -> Iterator[Step]:
    """The stage bar: current is the furthest stage that the order or anything of it has reached.

    An order that came to its good end has nothing before it any more: its last stage is done.
    """
    standing = {("order", order.state), *((thing.level, thing.subject.state) for thing in inside)}
    reached = [
        index
        for index, stage in enumerate(workflow.stages)
        if any(state in stage.states.get(level, ()) for level, state in standing)
    ]
    state = workflow.states("order").get(order.state)
    is_over = state is not None and state.is_final and state.tone == "ok"
    for index, stage in enumerate(workflow.stages):
        present = max(reached, default=-1)
        is_done = index < present or (index == present and is_over)
        yield Step(stage, "done" if is_done else "current" if index == present else "ahead")


# --- history --------------------------------------------------------------------------------------------------


def _order_of(subject: Any) -> Order | None:
    """The order whose history tells of a subject: a case's, and that whose items lie in a parcel."""
    if isinstance(subject, Item | Case):
        return subject.order
    if isinstance(subject, Parcel):
        packed = Order.objects.filter(business=subject.business_id, items__contents__parcel=subject)
        return packed.first()
    return None


def _numbers_below(access: Access, order: Order) -> dict[UUID, str]:
    """The numbers of the items and cases of an order that this reader may see."""
    below = (queries.visible_items(access), queries.visible_cases(access))
    return {
        pk: number for rows in below for pk, number in rows.filter(order=order).values_list("pk", "number")
    }


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
