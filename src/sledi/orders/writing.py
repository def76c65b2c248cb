"""Storing a motion: a fixed number of statements over arrays, whether one row moved or two hundred."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, models

from sledi.core.clock import NoCalendar
from sledi.core.workflow import Timer as TimerRule
from sledi.core.workflow import due_at
from sledi.database.keys import uuid7
from sledi.history.operations import record
from sledi.orders.models import Case, Content, Item, Loading, News, Order, Outbox, Task
from sledi.orders.motion import Motion
from sledi.orders.scene import Subject, level_of, workflow_of
from sledi.parcels.following import follow
from sledi.parcels.models import Alias, AliasKind, Haul, Parcel

INSERTED: tuple[type[models.Model], ...] = (Order, Parcel, Haul, Item, Case, Content, Loading)
"""New rows go in in this order: each after what it points to."""

_MOVING = {
    "state": "text",
    "state_since": "timestamptz",
    "changed_at": "timestamptz",
    "version": "int",
    "fields": "jsonb",
    "flags": "jsonb",
}
_UPDATED: Mapping[type[models.Model], Mapping[str, str]] = {
    Order: {
        **_MOVING,
        "mode": "text",
        "method": "text",
        "destination": "text",
        "processing_days": "smallint",
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
    Haul: _MOVING,
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
    _follow_numbers(motion)
    Task.objects.bulk_create(motion.tasks, ignore_conflicts=True)
    _reschedule(motion)
    Outbox.objects.bulk_create(motion.outbox)
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


# --- numbers --------------------------------------------------------------------------------------------------


def _follow_numbers(motion: Motion) -> None:
    """Have new numbers asked about, and tell at once what is known of them already."""
    if not motion.numbers:
        return
    destinations = {given.number: _destination(motion, given.subject) for given in motion.numbers}
    traces = follow(destinations, motion.at)
    Alias.objects.bulk_create(
        [
            Alias(
                business=motion.scene.business,
                level=level_of(given.subject),
                subject_id=given.subject.pk,
                number=given.number,
                kind=kind_of(given.field, level_of(given.subject)),
                since=motion.at,
                trace=traces[given.number],
            )
            for given in motion.numbers
        ],
        ignore_conflicts=True,
    )
    News.objects.bulk_create(
        [
            News(trace=trace, status=trace.status, created_at=motion.at, due_at=motion.at)
            for trace in traces.values()
            if trace.event_count
        ]
    )


def kind_of(field: str, level: str) -> str:
    """Which part of the way a number is for: by its field's name, else by what carries it."""
    named = next((kind for kind in AliasKind.values if field.startswith(kind)), "")
    return named or (AliasKind.DOMESTIC if level == "item" else AliasKind.INTERNATIONAL)


def _destination(motion: Motion, subject: Subject) -> str:
    """The country a number's parcel goes to. A domestic number stays in its country, so nothing is said of it."""
    if isinstance(subject, Parcel):
        return subject.destination
    return subject.destination if isinstance(subject, Order) else ""


# --- deadlines ------------------------------------------------------------------------------------------------

_SCHEDULE = """
INSERT INTO orders_timer (id, business_id, level, subject_id, name, planned_at, due_at, attempts, problem)
SELECT id, business_id, level, subject_id, name, planned_at, planned_at, 0, '' FROM unnest(
    %s::uuid[], %s::uuid[], %s::text[], %s::uuid[], %s::text[], %s::timestamptz[])
    AS n (id, business_id, level, subject_id, name, planned_at)
ON CONFLICT (business_id, subject_id, name) DO UPDATE
    SET planned_at = EXCLUDED.planned_at, due_at = EXCLUDED.due_at, attempts = 0, problem = ''
    WHERE orders_timer.planned_at <> EXCLUDED.planned_at
"""
_UNSCHEDULE = """
DELETE FROM orders_timer t USING unnest(%s::uuid[]) AS gone (subject_id)
WHERE t.business_id = %s AND t.subject_id = gone.subject_id
    AND NOT EXISTS (SELECT 1 FROM unnest(%s::uuid[], %s::text[]) AS k (subject_id, name)
        WHERE k.subject_id = t.subject_id AND k.name = t.name)
"""


def _reschedule(motion: Motion) -> None:
    """Set the deadlines of all that changed. One that fired stays fired until the profile reckons another time."""
    subjects = [subject for subject in motion.changed.values() if _has_timers(motion, subject)]
    if not subjects:
        return
    rows = [row for subject in subjects for row in _deadlines(motion, subject)]
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(6)]
    with connection.cursor() as cursor:
        cursor.execute(
            _UNSCHEDULE, [[s.pk for s in subjects], motion.scene.business.pk, columns[3], columns[4]]
        )
        if rows:
            cursor.execute(_SCHEDULE, columns)


def _has_timers(motion: Motion, subject: Subject) -> bool:
    return bool(workflow_of(motion.scene, subject).timers(level_of(subject)))


def _deadlines(motion: Motion, subject: Subject) -> Iterable[tuple[Any, ...]]:
    workflow, level = workflow_of(motion.scene, subject), level_of(subject)
    for timer in workflow.timers(level).values():
        if subject.state in timer.states and (planned_at := _planned_at(motion, subject, timer)):
            yield uuid7(), subject.business_id, level, subject.pk, timer.name, planned_at


def _planned_at(motion: Motion, subject: Subject, timer: TimerRule) -> Any:
    """When a deadline is due; None while nobody can say: what it counts from has not happened yet."""
    workflow = workflow_of(motion.scene, subject)
    order = motion.scene.order_of(subject)
    anchors = {
        "state_entry": subject.state_since,
        "last_change": subject.changed_at,
        "placed": order.placed_at if order else None,
        "window_end": order.window_ends_at if order else None,
        "delivery": motion.delivered_at(order or subject),
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
