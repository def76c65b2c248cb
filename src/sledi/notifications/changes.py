"""What the worker does for people of orders: turn changes into due letters, send them, report what does not go out."""

import logging
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from sledi.accounts import roles
from sledi.database.due import DueRows, again_at
from sledi.database.keys import uuid7
from sledi.notifications import account_letters, order_letters, sending, silencing
from sledi.notifications.addressing import Addressee, addressees
from sledi.notifications.models import Letter, LetterLine
from sledi.orders.models import Order, Outbox, Task
from sledi.orders.money import where_paid
from sledi.tracking.answers import storable
from sledi.tracking.ingest import DATABASE_AWAY

log = logging.getLogger(__name__)

BATCH = 200
SETTLE_S = 30
"""What one move did in several transactions (many items, each with its own money) comes together in one letter."""

REPORT_AFTER = timedelta(hours=24)
"""A letter that did not go out by then is something for people to look at."""

LETTERS = DueRows("notifications_letter", lease_s=120)
RETRY_S = (60, 600, 3600, 21600, 86400)
"""When a change that could not be made into letters is tried again; after the last of these people look at it."""

UNSENT, UNTOLD = "mail_not_sent", "change_not_told"

_Key = tuple[UUID, UUID, str, str, datetime]
_TAKE = """
WITH chosen AS (
    SELECT id FROM orders_outbox WHERE told_at IS NULL AND (attempts = 0 OR retry_at <= %s)
    ORDER BY created_at LIMIT %s FOR UPDATE SKIP LOCKED)
UPDATE orders_outbox t SET told_at = %s, retry_at = NULL FROM chosen WHERE t.id = chosen.id
RETURNING t.id
"""


@transaction.atomic
def fan_out(now: datetime) -> int:
    """Make due letters of untold changes; how many lines they got. One transaction.

    What happened to one order at one moment is one letter for each person, as long as nobody has tried to send it.
    A change that cannot be told steps aside, the others go on.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [now, BATCH, now])
        ids = [pk for (pk,) in cursor.fetchall()]
    changes = list(Outbox.objects.filter(pk__in=ids).select_related("business").order_by("created_at", "pk"))
    return _told(changes, now)


def _told(changes: list[Outbox], now: datetime) -> int:
    """Tell of them together; when that fails, of each by itself, so that only the bad one is not told."""
    try:
        with transaction.atomic():
            return _tell(changes, now)
    except DATABASE_AWAY:
        raise
    except Exception as fault:  # the outer edge of one change
        if len(changes) > 1:
            log.warning("changes cannot be told (%s), going on one by one", type(fault).__name__)
            return sum(_told([change], now) for change in changes)
        log.exception("a change cannot be told: %s", changes[0].pk)
        _step_aside(changes[0], f"{type(fault).__name__}: {fault}", now)
        return 0


def _tell(changes: Collection[Outbox], now: datetime) -> int:
    told = addressees(changes)
    pairs = [(change, one) for change in changes for one in told.get(change.pk, ())]
    letters = _open_letters(pairs, now)
    lines = [
        LetterLine(letter_id=letters[_key(change, one)], change=change, root_id=one.root_id, email=one.email)
        for change, one in pairs
    ]
    LetterLine.objects.bulk_create(lines, ignore_conflicts=True)
    addressed = [change.pk for change in changes if change.email]
    if addressed:  # the letter has it now, and forgets it in its time
        Outbox.objects.filter(pk__in=addressed).update(email="")
    return len(lines)


def _step_aside(change: Outbox, problem: str, now: datetime) -> None:
    """It is tried again later, a limited number of times; then the operators are asked to look at its order."""
    retry_at = again_at(now, change.attempts, RETRY_S)
    Outbox.objects.filter(pk=change.pk).update(
        told_at=None, retry_at=retry_at, attempts=change.attempts + 1, problem=storable(problem)[:500]
    )
    if retry_at is None and Order.objects.filter(pk=change.root_id).exists():
        task = _task(change.business_id, change.root_id, UNTOLD, now)
        Task.objects.bulk_create([task], ignore_conflicts=True)


def send_due(now: datetime) -> int:
    """Send the letters that are due; how many were sent."""
    return sending.send_due(LETTERS, _send, now)


def report_unsent(now: datetime) -> int:
    """Ask the operators to look at orders whose letters did not go out within a day; how many letters."""
    late = Q(created_at__lte=now - REPORT_AFTER) & (Q(due_at__isnull=False) | Q(attempts__gt=0))
    unsent = Letter.objects.filter(late, sent_at=None, dropped_at=None, reported_at=None)
    with transaction.atomic():
        letters = list(unsent.select_for_update(skip_locked=True).order_by("created_at")[:BATCH])
        orders = [(letter.business_id, letter.order_id) for letter in letters if letter.order_id]
        tasks = [_task(business_id, order_id, UNSENT, now) for business_id, order_id in orders]
        Task.objects.bulk_create(tasks, ignore_conflicts=True)
        Letter.objects.filter(pk__in=[letter.pk for letter in letters]).update(reported_at=now)
    return len(letters)


def _send(letter_id: UUID, now: datetime) -> bool:
    # Whoever adds a line holds the letter's row, too: what comes later begins a letter of its own.
    Letter.objects.filter(pk=letter_id).update(is_open=False)
    letter = Letter.objects.select_related("business", "order", "person").get(pk=letter_id)
    levels = set(letter.lines.values_list("change__level", flat=True))
    is_warning = where_paid.LEVEL in levels
    if reason := _why_not(letter, levels, is_warning):
        Letter.objects.filter(pk=letter.pk).update(due_at=None, dropped_at=now, problem=reason)
        return False
    write = account_letters.send if is_warning else order_letters.send
    return sending.tried(letter, lambda: write(letter, now), now)


def _why_not(letter: Letter, levels: Collection[str], is_warning: bool) -> str:
    """Why a due letter is not sent after all; empty when it is. A warning is for those who want no mails, too."""
    if not levels:
        return "told already"
    is_silent = not is_warning and silencing.is_silent(letter.business, letter.email)
    return "wants no mails" if is_silent else ""


def _open_letters(pairs: Iterable[tuple[Outbox, Addressee]], now: datetime) -> dict[_Key, UUID]:
    """The letters into which these lines go, by key, their rows locked; made where none is still open."""
    wanted = {_key(change, one): (change, one) for change, one in pairs}
    Letter.objects.bulk_create(
        [
            _letter(change, one, now)
            for _, (change, one) in sorted(wanted.items(), key=lambda entry: entry[0])
        ],
        ignore_conflicts=True,
    )
    roots = {one.root_id for _, one in wanted.values()}
    rows = Letter.objects.select_for_update().filter(root_id__in=roots, is_open=True).order_by("pk")
    found = {(row.business_id, row.root_id, row.email, row.role, row.happened_at): row.pk for row in rows}
    return {key: found[key] for key in wanted}


def _letter(change: Outbox, one: Addressee, now: datetime) -> Letter:
    settles = timedelta(seconds=0 if change.level == where_paid.LEVEL else SETTLE_S)
    return Letter(
        id=uuid7(),
        business_id=change.business_id,
        root_id=one.root_id,
        order_id=one.order_id,
        person_id=one.person_id,
        email=one.email,
        role=one.role,
        language=one.language,
        happened_at=change.created_at,
        created_at=now,
        due_at=now + settles,
    )


def _key(change: Outbox, one: Addressee) -> _Key:
    return change.business_id, one.root_id, one.email, one.role, change.created_at


def _task(business_id: UUID, order_id: UUID, reason: str, now: datetime) -> Task:
    return Task(
        id=uuid7(),
        business_id=business_id,
        queue=roles.OPERATOR,
        reason=reason,
        level="order",
        subject_id=order_id,
        root_id=order_id,
        opened_at=now,
    )
