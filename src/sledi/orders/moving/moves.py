"""The one operation that moves anything a profile describes, for one and for many.

A button, the API, a row of a CSV file, a scan, a carrier's event and a deadline all end here: lock the roots, read
again under the lock, let the profile's table decide, write states, money, history, deadlines and outbox in the same
transaction. A refusal of any kind leaves nothing behind.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import DatabaseError, OperationalError, connection, transaction

from sledi.accounts.access import Access
from sledi.accounts.models import Business
from sledi.core.workflow import Decision, Refused, Transition, Workflow
from sledi.core.workflow.refusals import words
from sledi.history import Actor, Happened
from sledi.history.models import Record
from sledi.ledger.errors import LedgerRefused
from sledi.orders.models import Item
from sledi.orders.moving import idempotency
from sledi.orders.moving.making import make
from sledi.orders.moving.motion import Motion
from sledi.orders.moving.moved import Instead, Moved
from sledi.orders.moving.scene import LinksChanged, Scene, Subject, level_of, open_scene, workflow_of
from sledi.orders.moving.writing import write
from sledi.orders.refusals import Busy, NotMoved, NotYours, Stale

CHUNK = 200
"""Rows of a bulk move that share a transaction."""

ATTEMPTS = 4
"""How often a transaction that met another one is begun again."""

_AGAIN = {"40001", "40P01"}  # serialization failure, deadlock
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """One subject of a bulk move, with what is supplied for it."""

    id: UUID
    supplied: Mapping[str, Any] = field(default_factory=dict)
    expected_version: int | None = None
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a row of a bulk move came to: ``moved``, or why not."""

    id: UUID
    moved: Moved | None = None
    refusal: Refused | NotMoved | LedgerRefused | None = None


def move(
    access: Access,
    level: str,
    id: UUID,  # noqa: A002  the contract's word
    name: str,
    supplied: Mapping[str, Any] | None = None,
    *,
    at: datetime,
    cause: str,
    expected_version: int | None = None,
    quantity: int | None = None,
    key: str = "",
    evidence: Mapping[str, Any] | None = None,
) -> Moved:
    """Do the move ``name`` with the subject ``id`` of a level, or refuse it and change nothing.

    A move that makes a parcel or a case takes the id of its order. ``quantity`` moves so many pieces of an item and
    parts them from the rest. ``evidence`` is what a machine knows beside the fields a person would supply; it is
    kept with the subject. Repeating a ``key`` gives the first answer again.

    Raises core's Refused, the ledger's errors (NotEnough …), NotYours, Stale, Busy, KeyUsedOtherwise.
    """
    row = Row(id, supplied or {}, expected_version, quantity)

    def act() -> Moved:
        with idempotency.answered(access, key, (level, name, row), at) as answer:
            if answer.earlier is not None:
                return answer.earlier
            scene = open_scene(access, _level_of_roots(access.business, level, name), [id])
            motion = Motion(scene, at, cause)
            told = _one(motion, access, level, name, row, evidence or {})
            moved = told(_followed(motion))
            answer.give(moved)
            return moved

    return begun_again_when_met(act)


def move_many(
    access: Access, level: str, rows: Sequence[Row], name: str, *, at: datetime, cause: str
) -> list[Outcome]:
    """The same move with many subjects; an outcome for each, in their order. A refused row holds up no other.

    Rows share transactions of up to ``CHUNK``, unless money moves: then each has its own, so that rows of different
    payers cannot wait for each other's accounts in a ring.
    """
    workflow = access.business.workflow
    transition = workflow.transitions(level).get(name) if level in workflow.levels else None
    if transition is None or moves_money(workflow, level, name):
        return [_alone(access, level, row, name, at, cause) for row in rows]
    outcomes: list[Outcome] = []
    for start in range(0, len(rows), CHUNK):
        outcomes += _chunk(access, level, rows[start : start + CHUNK], name, at, cause)
    return outcomes


def as_machine(business: Business, role: str, name: str = "") -> Access:
    """The access of a carrier's event, a payment, a deadline or another move."""
    return Access(business, Actor(role, id=name, name=name, role=role), role, None, frozenset())


# --- one row --------------------------------------------------------------------------------------------------


def _one(
    motion: Motion, access: Access, level: str, name: str, row: Row, evidence: Mapping[str, Any]
) -> "Telling":
    """Do one row's move on the scene; how to tell of it once everything has followed comes back."""
    scene = motion.scene
    if row.id not in scene.visible:
        raise NotYours
    subject, begin = scene.subjects[row.id], len(motion.happened)
    transition, instead = _transition(scene, subject, level, name), None
    if transition is not None and transition.creates:
        source, subject = "", make(motion, access, subject, level, transition, row.supplied)
    else:
        if level_of(subject) != level:
            raise NotYours
        if row.expected_version is not None and row.expected_version != subject.version:
            raise Stale(row.expected_version, subject.version)
        subject = _parted(motion, access, subject, transition, row.quantity)
        source = subject.state
        instead = _perform(motion, access, subject, name, row.supplied, evidence)
    end = len(motion.happened)
    return lambda followed: Moved(
        level,
        subject.pk,
        name,
        source,
        subject.state,
        subject.version,
        motion.at,
        tuple(
            (told.level, told.subject_id, told.from_state, told.to_state)
            for told in (*motion.happened[begin:end], *followed)
            if told.subject_id != subject.pk and told.from_state != told.to_state
        ),
        instead,
    )


Telling = Callable[[Sequence[Happened]], Moved]
"""Tells of a move, given what followed from it in levels that nobody sets."""


def _perform(
    motion: Motion,
    access: Access,
    subject: Subject,
    name: str,
    supplied: Mapping[str, Any],
    evidence: Mapping[str, Any],
) -> Instead | None:
    instead = None
    try:
        decision = motion.decide(subject, name, access.role, supplied, evidence)
    except Refused as refused:
        if refused.reason == "wrong_state":
            _say_who_was_first(access, subject, name)
        if refused.otherwise is None:
            raise
        decision = _otherwise(motion, access, subject, refused, supplied, evidence)
        instead = Instead(decision.transition.name, refused.guard, dict(refused.words))
    motion.perform(subject, decision, access.actor, access.role, evidence)
    return instead


def _otherwise(
    motion: Motion,
    access: Access,
    subject: Subject,
    refused: Refused,
    supplied: Mapping[str, Any],
    evidence: Mapping[str, Any],
) -> Decision:
    """What the profile does instead of the move it refused. Raises the first refusal when that is refused too."""
    other = refused.otherwise
    assert other is not None
    fields = workflow_of(motion.scene, subject).transitions(level_of(subject))[other.move].fields
    sources = {field.key: other.fields.get(field.key, field.key) for field in fields}
    given = {key: supplied[source] for key, source in sources.items() if source in supplied}
    try:
        return motion.decide(subject, other.move, access.role, given, evidence)
    except Refused:
        raise refused from None


def _say_who_was_first(access: Access, subject: Subject, name: str) -> None:
    """Raises Busy when somebody else has brought the subject where it is by the same move."""
    last = (
        Record.objects.filter(business_id=access.business.pk, subject_id=subject.pk, to_state=subject.state)
        .order_by("-sequence")
        .first()
    )
    if last is not None and last.act == name and last.actor_id != str(access.actor.id):
        raise Busy(last.actor_name, last.at)


def _parted(
    motion: Motion, access: Access, subject: Subject, transition: Transition | None, quantity: int | None
) -> Subject:
    """The pieces that move: the whole subject, or ``quantity`` of an item's."""
    if quantity is None:
        return subject
    if not isinstance(subject, Item) or not 0 < quantity <= subject.quantity:
        problem = "too_small" if quantity <= 0 else "too_large"
        limit = subject.quantity if isinstance(subject, Item) and quantity > 0 else 1
        said = words(f"wrong_field.{problem}", field="quantity", limit=str(limit))
        raise Refused("wrong_field", field="quantity", problem=problem, words=said)
    if quantity == subject.quantity:
        return subject
    # Whoever may not move the whole must not part it either: role and state first.
    allowed = transition and access.role in transition.roles and transition.starts_in(subject.state)
    return motion.split(subject, quantity) if allowed else subject


def _transition(scene: Scene, subject: Subject, level: str, name: str) -> Transition | None:
    workflow = workflow_of(scene, subject)
    return workflow.transitions(level).get(name) if level in workflow.levels else None


def _level_of_roots(business: Business, level: str, name: str) -> str:
    """Which level an id names: what moves, or, when the move makes it, the order it is made for."""
    workflow = business.workflow
    transition = workflow.transitions(level).get(name) if level in workflow.levels else None
    return "order" if transition is not None and transition.creates else level


def _followed(motion: Motion) -> list[Happened]:
    """Derive and store what a motion did; the derived states that came of it."""
    end = len(motion.happened)
    motion.follow()
    write(motion)
    return motion.happened[end:]


# --- many -----------------------------------------------------------------------------------------------------


def _alone(access: Access, level: str, row: Row, name: str, at: datetime, cause: str) -> Outcome:
    try:
        moved = move(
            access,
            level,
            row.id,
            name,
            row.supplied,
            at=at,
            cause=cause,
            expected_version=row.expected_version,
            quantity=row.quantity,
        )
    except (Refused, NotMoved, LedgerRefused) as refusal:
        return Outcome(row.id, refusal=refusal)
    return Outcome(row.id, moved)


def _chunk(
    access: Access, level: str, rows: Sequence[Row], name: str, at: datetime, cause: str
) -> list[Outcome]:
    def act() -> list[Outcome]:
        scene = open_scene(access, _level_of_roots(access.business, level, name), [row.id for row in rows])
        motion = Motion(scene, at, cause)
        done = list(_each(motion, access, level, rows, name))
        followed = defaultdict(list)
        for happened in _followed(motion):
            followed[happened.root_id].append(happened)
        return [
            Outcome(row.id, moved=told(followed[root_id]) if told else None, refusal=why)
            for row, told, root_id, why in done
        ]

    try:
        return begun_again_when_met(act)
    except OperationalError:
        raise
    except DatabaseError:
        # The database itself refused one of them (a constraint): one by one it is told which.
        return [_alone(access, level, row, name, at, cause) for row in rows]


def _each(
    motion: Motion, access: Access, level: str, rows: Sequence[Row], name: str
) -> Iterator[tuple[Row, Telling | None, UUID, Refused | NotMoved | None]]:
    """Each row with how to tell of its move and the root it is told under, or with why it was refused."""
    for row in rows:
        try:
            with motion.attempt():
                told = _one(motion, access, level, name, row, {})
        except (Refused, NotMoved) as refusal:
            yield row, None, row.id, refusal
        else:
            yield row, told, motion.told_under(motion.scene.subjects[row.id]), None


def moves_money(workflow: Workflow, level: str, name: str) -> bool:
    """Whether a move, or one it sets off, posts to the ledger."""
    seen: set[tuple[str, str]] = set()
    todo = [(level, name)]
    while todo:
        here = todo.pop()
        transition = workflow.transitions(here[0]).get(here[1])
        if here in seen or transition is None:
            continue
        seen.add(here)
        for effect in transition.effects:
            if effect.name.startswith("ledger."):
                return True
            if effect.name in ("children.fire", "parent.fire"):
                todo += [(other, effect.parameters["name"]) for other in workflow.levels]
        todo += [(here[0], guard.otherwise.move) for guard in transition.guards if guard.otherwise]
    return False


# --- meeting others -------------------------------------------------------------------------------------------


def begun_again_when_met(act: Callable[[], T]) -> T:
    """Run ``act`` in a transaction; again when it met another one in a way only a new beginning solves."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                return act()
        except LinksChanged:
            if attempt == ATTEMPTS:
                raise
        except OperationalError as problem:
            cause = problem.__cause__
            met = getattr(cause, "sqlstate", None) in _AGAIN
            if not met or connection.in_atomic_block or attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")
