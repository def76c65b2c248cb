"""What follows from a move, in memory: states, history, outbox, deadlines; ``writing`` stores it all at once.

A *motion* is all that one transaction does on one scene: the move that was asked for, the moves it fires in children
and parents, and the derived states. Only ledger postings are written at once, because the ledger itself says whether
the money is there.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import models

from sledi.attachments.operations import Taken
from sledi.core import clock, money
from sledi.core.workflow import Decision, Refused, Timer, Workflow, decide, derived_state
from sledi.core.workflow.contexts import ELSEWHERE, IMPORT_BANS
from sledi.database.keys import uuid7
from sledi.history import Actor, Happened
from sledi.orders.models import Item, Order, Outbox, Task
from sledi.orders.money import postings
from sledi.orders.moving import effects
from sledi.orders.moving.contexts import Context, around, context_of
from sledi.orders.moving.elsewhere import elsewhere
from sledi.orders.moving.import_bans import import_bans
from sledi.orders.moving.photos import taken
from sledi.orders.moving.scene import Container, Scene, Subject, level_of, workflow_of
from sledi.parcels.models import Haul, Parcel

SYSTEM = Actor("system", role="system")
DERIVED = "derived"
"""The act in the history of a state that nobody sets."""
SPLIT = "split"
ROUNDS_MAX = 4
"""How often derived levels may set each other off: order, parcel, haul and once more."""

_NOTE = "note"
_PURCHASED_ON = "purchased_on"
_DELIVERED, _DELIVERED_ON = "delivered_at", "delivered_on"  # a carrier's moment, a person's day
_COLUMNS: Mapping[type[models.Model], Mapping[str, str]] = {
    Order: {name: name for name in ("mode", "method", "destination", "processing_days")},
    Item: {
        "weight_g": "weight_g",
        "actual_price": "actual_price_minor",
        "agreed_price": "agreed_price_minor",
        "processing_days": "processing_days",
    },
    Parcel: {
        name: name for name in ("weight_g", "length_mm", "width_mm", "height_mm", "mode", "destination")
    },
    Haul: {"expected_at": "expected_at"},
}
"""Fields of moves that have a column beside the JSON, because lists and rules ask for them."""

_DAYS = frozenset({"expected_at"})
"""Columns of a moment whose field is a day."""


@dataclass(frozen=True, slots=True)
class NumberGiven:
    """A move gave a subject a carrier's number that is to be followed, in place of the one it ``replaces``."""

    subject: Subject
    field: str
    number: str
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One move as its effects see it."""

    motion: "Motion"
    subject: Subject
    decision: Decision
    actor: Actor
    role: str
    before: Mapping[str, Any] = field(default_factory=dict)  # what the move's fields held before it
    made: list[Parcel] = field(default_factory=list)  # by an effect of this move

    @property
    def workflow(self) -> Workflow:
        return workflow_of(self.motion.scene, self.subject)

    def key(self, index: int) -> str:
        """The idempotency key of an effect: a version of a subject is reached by one move alone."""
        return f"{self.subject.pk}:{self.subject.version}:{self.decision.transition.name}:{index}"


@dataclass
class Motion:
    """Everything one transaction does, in the order it happened."""

    scene: Scene
    at: datetime
    cause: str
    happened: list[Happened] = field(default_factory=list)
    outbox: list[Outbox] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    numbers: list[NumberGiven] = field(default_factory=list)
    photos: list[Taken] = field(default_factory=list)
    new: list[models.Model] = field(default_factory=list)
    changed: dict[UUID, Subject] = field(default_factory=dict)
    marked: dict[UUID, Subject] = field(default_factory=dict)  # stored, but not changed: see ``mark``
    _as_before: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    _accounts: dict[tuple[object, str], dict[str, Any]] = field(default_factory=dict)

    # --- the move itself --------------------------------------------------------------------------------------

    def decide(
        self,
        subject: Subject,
        name: str,
        role: str,
        supplied: Mapping[str, Any],
        evidence: Mapping[str, Any] = MappingProxyType({}),
    ) -> Decision:
        """What the profile says to this move now. Raises Refused."""
        workflow, level = workflow_of(self.scene, subject), level_of(subject)
        return decide(
            workflow,
            level,
            name,
            state=subject.state,
            role=role,
            supplied=supplied,
            context=context_of(
                self.scene,
                subject,
                workflow,
                self.at,
                self.account,
                evidence=evidence,
                more={
                    ELSEWHERE: lambda: elsewhere(self.scene, subject, name, supplied),
                    IMPORT_BANS: lambda: import_bans(self.scene, subject),
                },
            ),
        )

    def perform(
        self,
        subject: Subject,
        decision: Decision,
        actor: Actor,
        role: str,
        evidence: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """Do what was decided, and what it sets off. Raises Refused when a child it must move refuses.

        ``evidence`` is kept among the subject's fields, beside what was supplied.
        """
        before, source = _seen_before(subject, decision), subject.state
        hashes = self._take_photos(subject, decision, actor)
        self.touch(subject)
        self.supply(subject, {**evidence, **decision.supplied})
        self._enter(subject, decision.target)
        self.tell(
            subject,
            decision.transition.name,
            actor,
            source,
            note=str(decision.supplied.get(_NOTE, "")),
            before=before,
            after={**evidence, **_told(decision), **hashes},
            is_correction=decision.transition.is_correction,
        )
        step = Step(self, subject, decision, actor, role, before)
        for index, effect in enumerate(decision.effects):
            effects.run(step, index, effect)

    def fire(self, subject: Subject, name: str, supplied: Mapping[str, Any]) -> None:
        """A move set off by another one. Raises Refused."""
        self.perform(subject, self.decide(subject, name, "system", supplied), SYSTEM, "system")

    def perform_fired(self, subject: Subject, decision: Decision) -> None:
        """As ``fire``, already decided."""
        self.perform(subject, decision, SYSTEM, "system")

    def mark(self, subject: Subject, flag: str, decision: Decision, actor: Actor) -> None:
        """A deadline passed: its flag stands at the subject, its effects are done, the state stays.

        It is no change of the subject: what counts from the last change goes on counting, the version stays.
        """
        if not flag and not decision.effects:
            return  # what it fires is told as a move
        self._remember(subject)
        if flag and flag not in subject.flags:
            subject.flags = [*subject.flags, flag]
            self.marked[subject.pk] = subject
        self.tell(
            subject, decision.transition.name, actor, subject.state, after={"flag": flag} if flag else {}
        )
        step = Step(self, subject, decision, actor, "timer")
        for index, effect in enumerate(decision.effects):
            effects.run(step, index, effect)

    def create(self, subject: Subject, decision: Decision, actor: Actor, role: str) -> None:
        """Take a new row in by the move that makes it. Raises Refused for photos that it may not use."""
        hashes = self._take_photos(subject, decision, actor)
        self.begin(subject)
        self.supply(subject, decision.supplied)
        self.tell(
            subject,
            decision.transition.name,
            actor,
            "",
            note=str(decision.supplied.get(_NOTE, "")),
            after={**_told(decision), **hashes},
        )
        step = Step(self, subject, decision, actor, role)
        for index, effect in enumerate(decision.effects):
            effects.run(step, index, effect)

    def _take_photos(self, subject: Subject, decision: Decision, actor: Actor) -> dict[str, list[str]]:
        found, hashes = taken(
            self.scene.business,
            level_of(subject),
            subject.pk,
            decision.transition.fields,
            decision.supplied,
            actor,
            self.photos,
        )
        self.photos += found
        return hashes

    def begin(self, subject: Subject) -> None:
        """A row is new: it will be inserted, and its deadlines run."""
        self.scene.add(subject)
        self.new.append(subject)
        self.changed[subject.pk] = subject

    # --- what follows -----------------------------------------------------------------------------------------

    def follow(self) -> None:
        """Derive the levels that nobody sets, until nothing changes any more."""
        for _ in range(ROUNDS_MAX):
            moved = [subject for subject in self._derivable() if self._derive(subject)]
            if not moved:
                return

    def _derivable(self) -> list[Order | Container]:
        """Orders around what changed, then the parcels and hauls around those orders."""
        changed = list(self.changed.values())
        orders = {order.pk: order for subject in changed for order in self._orders_around(subject)}
        containers: dict[UUID, Container] = {s.pk: s for s in changed if isinstance(s, Parcel | Haul)}
        for order in orders.values():
            containers |= {container.pk: container for container in self.scene.containers_of(order)}
        return [
            subject
            for subject in (*orders.values(), *containers.values())
            if subject.pk in self.scene.locked
            and (known := workflow_of(self.scene, subject).levels.get(level_of(subject)))
            and known.is_derived
        ]

    def _orders_around(self, subject: Subject) -> list[Order]:
        if isinstance(subject, Parcel | Haul):
            return [self.scene.orders[pk] for pk in self.scene.orders_in[subject.pk]]
        order = self.scene.order_of(subject)
        return [order] if order else []

    def _derive(self, subject: Order | Container) -> bool:
        workflow = workflow_of(self.scene, subject)
        context = context_of(self.scene, subject, workflow, self.at, self.account)
        state = derived_state(workflow, level_of(subject), context)
        if state == subject.state:
            return False
        source = subject.state
        self.touch(subject)
        self._enter(subject, state)
        self.tell(subject, DERIVED, SYSTEM, source)
        return True

    # --- changing a row ---------------------------------------------------------------------------------------

    def touch(self, subject: Subject) -> None:
        """The row, and the order it belongs to, change with this motion."""
        assert self.scene.is_writable(subject), f"{level_of(subject)} {subject.pk} is not locked"
        self._remember(subject)
        subject.version += 1
        subject.changed_at = self.at
        self.changed[subject.pk] = subject
        order = self.scene.order_of(subject)
        if order is not None and order is not subject and order.pk in self.scene.locked:
            self.note_change(order)

    def touch_root(self, order: Order) -> None:
        """A column of an order changes beside the move itself."""
        assert order.pk in self.scene.locked
        self.note_change(order)

    def note_change(self, order: Order) -> None:
        """Something of an order changed, not the order's own state: its version grows once."""
        if order.pk not in self.changed:
            self._remember(order)
            order.version += 1
            order.changed_at = self.at
            self.changed[order.pk] = order

    def _enter(self, subject: Subject, state: str) -> None:
        timers = workflow_of(self.scene, subject).timers(level_of(subject)).values()
        gone = {timer.flag for timer in timers if timer.flag and _ends(timer, subject.state, state)}
        if gone & set(subject.flags):
            subject.flags = [flag for flag in subject.flags if flag not in gone]
        if state != subject.state:
            subject.entered = {
                timer.name: subject.entered.get(timer.name) or subject.state_since.isoformat()
                for timer in timers
                if timer.anchor == "state_entry" and {subject.state, state} <= timer.states
            }
            subject.state, subject.state_since = state, self.at

    def supply(self, subject: Subject, supplied: Mapping[str, Any]) -> None:
        """Keep what was supplied among the subject's fields, and in the columns of the same name."""
        kept = {key: value for key, value in supplied.items() if key != _NOTE}
        if kept:
            subject.fields = {**subject.fields, **kept}
        if isinstance(subject, Item) and (days := kept.get("processing_days")):
            subject.processing_days_min = None  # one number from now on
            order = self.scene.orders[subject.order_id]  # leaves with its slowest item
            least = order.processing_days_min or order.processing_days or 0
            order.processing_days_min = max(least, days)
            order.processing_days = max(order.processing_days or 0, days)
        for key, column in _COLUMNS.get(type(subject), {}).items():
            if key in kept:
                setattr(subject, column, self._midnight(kept[key]) if column in _DAYS else kept[key])

    def _midnight(self, day: str) -> datetime:
        """Where a day begins for the people of this business."""
        return datetime.combine(date.fromisoformat(day), time(), clock.zone_of(self.scene.business.country))

    def give_number(self, subject: Subject, field: str, number: str, replaces: str = "") -> None:
        """A subject carries a number from now on; repeating it changes nothing."""
        self.numbers.append(NumberGiven(subject, field, number, replaces))

    def split(self, item: Item, quantity: int) -> Item:
        """Part ``quantity`` pieces from an item, as a row of their own in the same state; the new row.

        Prices for all pieces are divided by the largest remainder; money already moved stands with the pieces.
        """
        assert 0 < quantity < item.quantity
        self.touch(item)
        beside = [other for other in self.scene.items[item.order_id] if other.line == item.line]
        weights = [quantity, item.quantity - quantity]
        moved = Item(
            business_id=item.business_id,
            order_id=item.order_id,
            line=item.line,
            origin_id=item.origin_id or item.pk,
            number=_split_number(item.number, len(beside)),
            quantity=quantity,
            **{name: getattr(item, name) for name in _SAME_AFTER_SPLIT},
        )
        for name in ("fee_minor", "agreed_price_minor", "actual_price_minor"):
            if (amount := getattr(item, name)) is not None:
                part, rest = money.split(amount, weights)
                setattr(moved, name, part)
                setattr(item, name, rest)
        item.quantity -= quantity
        self.begin(moved)
        for alias in self.scene.aliases.get(item.pk, []):
            self.numbers.append(NumberGiven(moved, alias.kind, alias.number))
        self.tell(moved, SPLIT, SYSTEM, moved.state, after={"from": item.number, "quantity": quantity})
        postings.divide(self, item, moved)
        return moved

    # --- telling ----------------------------------------------------------------------------------------------

    def tell(self, subject: Subject, act: str, actor: Actor, source: str, **more: Any) -> None:
        """One row of history and one of the outbox."""
        root_id = self.told_under(subject)
        self.happened.append(
            Happened(
                business_id=self.scene.business.pk,
                level=level_of(subject),
                subject_id=subject.pk,
                root_id=root_id,
                act=act,
                actor=actor,
                cause=self.cause,
                at=self.at,
                from_state=source,
                to_state=subject.state,
                **more,
            )
        )
        self.outbox.append(
            Outbox(
                id=uuid7(),
                business_id=self.scene.business.pk,
                level=level_of(subject),
                subject_id=subject.pk,
                root_id=root_id,
                act=act,
                from_state=source,
                to_state=subject.state,
                who=[],
                created_at=self.at,
            )
        )

    def told_under(self, subject: Subject) -> UUID:
        """The order whose history a row belongs to; a parcel of many orders, or of none, has its own."""
        level = workflow_of(self.scene, subject).levels.get(level_of(subject))
        order = self.scene.order_of(subject) if level is None or level.holds != "order" else None
        return order.pk if order else subject.pk

    def account(self, order: Order | None) -> dict[str, Any]:
        """The money of an order's payer, as rules see it; read once."""
        if order is None:
            return {"available": 0, "held": 0, "currency": self.scene.business.currency}
        key = (postings.payer_id(order), order.currency)
        if key not in self._accounts:
            self._accounts[key] = postings.account(self.scene.business, order)
        return self._accounts[key]

    def delivered_at(self, subject: Subject) -> datetime | None:
        """When the last good of an order was delivered: by the carriers' evidence, or as a person recorded it.

        None while nothing of it was.
        """
        rows: list[Subject] = [subject]
        if isinstance(subject, Order):
            rows += [self.scene.parcels[pk] for pk in self.scene.parcels_of[subject.pk]]
        return max((at for row in rows if (at := self._delivered_at(row.fields))), default=None)

    def _delivered_at(self, fields: Mapping[str, Any]) -> datetime | None:
        if told := fields.get(_DELIVERED):
            return datetime.fromisoformat(told)
        return self._midnight(day) if (day := fields.get(_DELIVERED_ON)) else None

    def bought_at(self, subject: Subject) -> datetime | None:
        """When what has no order was bought, by the word of who follows it: the middle of the day, no hour is told."""
        day = subject.fields.get(_PURCHASED_ON)
        return self._midnight(day) + timedelta(hours=12) if day else None

    def forget_accounts(self) -> None:
        """Money moved: what was read of accounts is no longer true."""
        self._accounts.clear()

    def around(self, order: Order) -> Context:
        """What the rules of a move see that makes something for an order."""
        workflow = workflow_of(self.scene, order)
        return Context(around(self.scene, order, workflow, self.at, self.account))

    # --- one row of many --------------------------------------------------------------------------------------

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """If what is done inside raises, it never was; the rows of others in the same motion stay."""
        told = (self.happened, self.outbox, self.tasks, self.numbers, self.photos)
        lists: tuple[list[Any], ...] = (*told, self.new)
        lengths = [len(one) for one in lists]
        changed, self._as_before = dict(self.changed), {}
        try:
            yield
        except BaseException:
            for row in self.new[lengths[-1] :]:
                self.scene.forget(row)
            for one, length in zip(lists, lengths, strict=True):
                del one[length:]
            for pk, values in self._as_before.items():
                self.scene.subjects[pk].__dict__.update(values)
            self.changed = changed
            raise

    def _remember(self, subject: Subject) -> None:
        self._as_before.setdefault(subject.pk, dict(subject.__dict__))


_SAME_AFTER_SPLIT = (
    "name",
    "state",
    "state_since",
    "changed_at",
    "fields",
    "flags",
    "entered",
    "unit_price_minor",
    "category",
    "country",
    "weight_g",
    "processing_days",
    "processing_days_min",
    "product_code",
)


def _told(decision: Decision) -> dict[str, Any]:
    """What the history keeps of what was supplied; a note has its own place there."""
    return {key: value for key, value in decision.supplied.items() if key != _NOTE}


def _seen_before(subject: Subject, decision: Decision) -> dict[str, Any]:
    """What a move's fields held before it, where they held anything."""
    return {key: subject.fields[key] for key in decision.supplied if key in subject.fields}


def _ends(timer: Timer, source: str, state: str) -> bool:
    """Whether a move takes back what a timer said of the subject: it left the states, or the time starts anew."""
    return not {source, state} <= timer.states or timer.anchor in ("last_change", "expected")


def _split_number(number: str, rows: int) -> str:
    """``3`` → ``3b``, ``3c``, …: the pieces parted from a line, in the order they were parted."""
    line = number.rstrip("abcdefghijklmnopqrstuvwxyz")
    letters = ""
    while True:
        rows, letter = divmod(rows, 26)
        letters = chr(ord("a") + letter) + letters
        if not rows:
            return line + letters
        rows -= 1


__all__ = ["Motion", "NumberGiven", "Refused", "Step"]
