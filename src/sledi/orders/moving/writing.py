"""Storing a motion: a fixed number of statements over arrays, whether one row moved or two hundred."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models

from sledi.attachments.operations import take
from sledi.core.clock import NoCalendar
from sledi.core.workflow import Timer as TimerRule
from sledi.core.workflow import due_at
from sledi.database.keys import uuid7
from sledi.history.operations import record
from sledi.orders.models import Case, Content, Item, Loading, News, Order, Outbox, Task
from sledi.orders.moving.motion import Motion
from sledi.orders.moving.scene import Subject, level_of, workflow_of
from sledi.orders.moving.tasks import close_answered
from sledi.parcels.carrying import Carried, carry
from sledi.parcels.following import Sent, follow
from sledi.parcels.models import AliasKind, Haul, Parcel

INSERTED: tuple[type[models.Model], ...] = (Order, Parcel, Haul, Item, Case, Content, Loading)
"""New rows go in in this order: each after what it points to."""

_MOVING = {
    "state": "text",
    "state_since": "timestamptz",
    "changed_at": "timestamptz",
    "version": "int",
    "fields": "jsonb",
    "flags": "jsonb",
    "entered": "jsonb",
}
_UPDATED: Mapping[type[models.Model], Mapping[str, str]] = {
    Order: {
        **_MOVING,
        "mode": "text",
        "method": "text",
        "destination": "text",
        "processing_days": "smallint",
        "processing_days_min": "smallint",
        "paid_minor": "bigint",
        "refunded_minor": "bigint",
        "debited_goods_minor": "bigint",
        "debited_fee_minor": "bigint",
        "held_minor": "bigint",
        "commission_minor": "bigint",
        "is_released": "boolean",
        "window_ends_at": "timestamptz",
    },
    Item: {
        **_MOVING,
        "quantity": "int",
        "fee_minor": "bigint",
        "agreed_price_minor": "bigint",
        "actual_price_minor": "bigint",
        "debited_goods_minor": "bigint",
        "debited_fee_minor": "bigint",
        "weight_g": "int",
        "processing_days": "smallint",
        "processing_days_min": "smallint",
    },
    Case: _MOVING,
    Parcel: {
        **_MOVING,
        "weight_g": "int",
        "length_mm": "int",
        "width_mm": "int",
        "height_mm": "int",
        "mode": "text",
        "destination": "text",
    },
    Haul: {**_MOVING, "expected_at": "timestamptz"},
}


def write(motion: Motion) -> None:
    """Store everything a motion did, the history last: its chain is what everybody of a business waits for."""
    for model in INSERTED:
        if rows := [row for row in motion.new if isinstance(row, model)]:
            model._default_manager.bulk_create(rows)
    fresh, stored = {row.pk for row in motion.new}, motion.changed | motion.marked
    for model, columns in _UPDATED.items():
        if moved := [row for pk, row in stored.items() if pk not in fresh and type(row) is model]:
            _update(model, columns, moved)
    take(motion.photos)
    _follow_numbers(motion)
    _hear_again(motion)
    close_answered(motion)
    Task.objects.bulk_create(motion.tasks, ignore_conflicts=True)
    _reschedule(motion)
    _announce(motion.outbox)
    record(motion.happened)


def _update(model: type[models.Model], columns: Mapping[str, str], rows: Sequence[models.Model]) -> None:
    table = model._meta.db_table
    values = [[_plain(getattr(row, name), kind) for row in rows] for name, kind in columns.items()]
    # An array of arrays must be even, so flags travel as JSON.
    settings = ", ".join(f"{name} = {_FROM_JSON if name == 'flags' else f'n.{name}'}" for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} t SET {settings} FROM unnest(%s::uuid[], "  # noqa: S608  constants
            f"{', '.join(f'%s::{kind}[]' for kind in columns.values())}) AS n (id, {', '.join(columns)})"
            " WHERE t.id = n.id",
            [[row.pk for row in rows], *values],
        )


_FROM_JSON = "ARRAY(SELECT jsonb_array_elements_text(n.flags))::varchar[]"


def _plain(value: Any, kind: str) -> Any:
    return json.dumps(value, ensure_ascii=False) if kind == "jsonb" else value


_ANNOUNCED = {
    "id": "uuid",
    "business_id": "uuid",
    "level": "text",
    "subject_id": "uuid",
    "root_id": "uuid",
    "act": "text",
    "from_state": "text",
    "to_state": "text",
    "who": "jsonb",
    "words": "jsonb",
    "created_at": "timestamptz",
}
_ANNOUNCE = (
    f"INSERT INTO orders_outbox ({', '.join(_ANNOUNCED)}) "  # noqa: S608  constants
    f"SELECT * FROM unnest({', '.join(f'%s::{kind}[]' for kind in _ANNOUNCED.values())})"
)


def _announce(told: Sequence[Outbox]) -> None:
    if told:
        with connection.cursor() as cursor:
            columns = _ANNOUNCED.items()
            cursor.execute(_ANNOUNCE, [[_plain(getattr(row, n), k) for row in told] for n, k in columns])


# --- numbers --------------------------------------------------------------------------------------------------


def _follow_numbers(motion: Motion) -> None:
    """Have new numbers asked about, and tell at once what is known of them already."""
    if not motion.numbers:
        return
    traces = follow({given.number: _sent(motion, given.subject) for given in motion.numbers}, motion.at)
    carried = [
        Carried(
            level=(level := level_of(given.subject)),
            subject_id=given.subject.pk,
            number=given.number,
            kind=kind_of(given.field, level),
            replaces=given.replaces,
        )
        for given in motion.numbers
    ]
    carry(motion.scene.business.pk, carried, traces, motion.at)
    News.objects.bulk_create(
        [
            News(trace=trace, status=trace.status, created_at=motion.at, due_at=motion.at)
            for trace in traces.values()
            if trace.event_count
        ]
    )


def _hear_again(motion: Motion) -> None:
    """News that a guard refused may find it open now that what they are about has changed."""
    aliases = (alias for pk in motion.changed for alias in motion.scene.aliases.get(pk, ()))
    if traces := {alias.trace_id for alias in aliases if alias.trace_id and alias.until is None}:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE orders_news SET due_at = %s WHERE trace_id = ANY(%s) AND problem <> ''",
                [motion.at, list(traces)],
            )


def kind_of(field: str, level: str) -> str:
    """Which part of the way a number is for: by its field's name, else by what carries it."""
    named = next((kind for kind in AliasKind.values if field.startswith(kind)), "")
    return named or (AliasKind.DOMESTIC if level == "item" else AliasKind.INTERNATIONAL)


def _sent(motion: Motion, subject: Subject) -> Sent:
    order = motion.scene.order_of(subject)
    method = workflow_of(motion.scene, order).methods.get(order.method) if order else None
    return Sent(_destination(motion, subject), method.carriers if method else ())


def _destination(motion: Motion, subject: Subject) -> str:
    """The country a number's parcel goes to. A domestic number stays in its country, so nothing is said of it."""
    if isinstance(subject, Parcel):
        return subject.destination
    return subject.destination if isinstance(subject, Order) else ""


# --- deadlines ------------------------------------------------------------------------------------------------

# One statement: what no longer matters goes, the rest is set. One that fired stays so while its time is the same.
_SCHEDULE = """
WITH planned AS (
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::uuid[], %s::text[], %s::timestamptz[])
        AS n (id, business_id, level, subject_id, name, planned_at)
), gone AS (
    DELETE FROM orders_timer t WHERE t.business_id = %s AND t.subject_id = ANY(%s)
        AND (t.subject_id, t.name) NOT IN (SELECT subject_id, name FROM planned)
)
INSERT INTO orders_timer (id, business_id, level, subject_id, name, planned_at, due_at, attempts, problem)
SELECT id, business_id, level, subject_id, name, planned_at, planned_at, 0, '' FROM planned
ON CONFLICT (business_id, subject_id, name) DO UPDATE
    SET planned_at = EXCLUDED.planned_at, due_at = EXCLUDED.due_at, attempts = 0, problem = ''
    WHERE orders_timer.planned_at <> EXCLUDED.planned_at
"""


def _reschedule(motion: Motion) -> None:
    """Set the deadlines of all that changed. One that fired stays fired until the profile reckons another time."""
    subjects = [subject for subject in motion.changed.values() if _has_timers(motion, subject)]
    if not subjects:
        return
    rows = [row for subject in subjects for row in _deadlines(motion, subject)]
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(6)]
    with connection.cursor() as cursor:
        cursor.execute(_SCHEDULE, [*columns, motion.scene.business.pk, [s.pk for s in subjects]])


def _has_timers(motion: Motion, subject: Subject) -> bool:
    return bool(workflow_of(motion.scene, subject).timers(level_of(subject)))


def _deadlines(motion: Motion, subject: Subject) -> Iterable[tuple[Any, ...]]:
    workflow, level = workflow_of(motion.scene, subject), level_of(subject)
    for timer in workflow.timers(level).values():
        if subject.state in timer.states and (planned_at := _planned_at(motion, subject, timer)):
            yield uuid7(), subject.business_id, level, subject.pk, timer.name, planned_at


def _entered_at(subject: Subject, timer: TimerRule) -> datetime:
    """Since when it is in one of the timer's states, whichever: moving between them is no entry."""
    entered = subject.entered.get(timer.name)
    return datetime.fromisoformat(entered) if entered else subject.state_since


def _planned_at(motion: Motion, subject: Subject, timer: TimerRule) -> Any:
    """When a deadline is due; None while nobody can say: what it counts from has not happened yet."""
    workflow = workflow_of(motion.scene, subject)
    order = motion.scene.order_of(subject)
    anchors = {
        "state_entry": _entered_at(subject, timer),
        "last_change": subject.changed_at,
        "placed": order.placed_at
        if order
        else motion.bought_at(subject) or getattr(subject, "created_at", None),
        "window_end": order.window_ends_at if order else None,
        "delivery": motion.delivered_at(order or subject),
        "expected": getattr(subject, "expected_at", None),
    }
    if anchors[timer.anchor] is None:
        return None
    known = {name: value for name, value in anchors.items() if value is not None}
    try:
        return due_at(
            timer,
            known,
            settings=workflow.settings_with(motion.scene.business.settings),
            fields={**subject.fields, "processing_days": getattr(subject, "processing_days", None) or 0},
        )
    except NoCalendar:
        # A year whose days off nobody has confirmed: the deadline comes when the calendar does, at the next move.
        return None
