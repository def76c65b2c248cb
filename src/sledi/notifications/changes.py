"""What the worker does for people of orders: turn changes into due letters, send them, report what does not go out."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from sledi.accounts import roles
from sledi.database.due import DueRows
from sledi.database.keys import uuid7
from sledi.notifications import order_letters, sending, silencing
from sledi.notifications.addressing import Addressee, addressees
from sledi.notifications.models import Letter, LetterLine
from sledi.orders.models import Outbox, Task

BATCH = 200
SETTLE_S = 30
"""What one move did in several transactions (many items, each with its own money) comes together in one letter."""

REPORT_AFTER = timedelta(hours=24)
"""A letter that did not go out by then is something for people to look at."""

LETTERS = DueRows("notifications_letter", lease_s=120)
UNSENT = "mail_not_sent"

_Key = tuple[UUID, UUID, str, str, datetime]
_TAKE = """
WITH chosen AS (
    SELECT id FROM orders_outbox WHERE told_at IS NULL ORDER BY created_at LIMIT %s FOR UPDATE SKIP LOCKED)
UPDATE orders_outbox t SET told_at = %s FROM chosen WHERE t.id = chosen.id
RETURNING t.id
"""


@transaction.atomic
def fan_out(now: datetime) -> int:
    """Make due letters of untold changes; how many lines they got. One transaction.

    What happened to one order at one moment is one letter for each person, as long as nobody has tried to send it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [BATCH, now])
        ids = [pk for (pk,) in cursor.fetchall()]
    changes = list(Outbox.objects.filter(pk__in=ids).select_related("business").order_by("created_at", "pk"))
    told = addressees(changes)
    pairs = [(change, one) for change in changes for one in told.get(change.pk, ())]
    letters = _open_letters(pairs, now)
    lines = [
        LetterLine(letter_id=letters[_key(change, one)], change=change, root_id=one.root_id, email=one.email)
        for change, one in pairs
    ]
    LetterLine.objects.bulk_create(lines, ignore_conflicts=True)
    return len(lines)


def send_due(now: datetime) -> int:
    """Send the letters that are due; how many were sent."""
    return sending.send_due(LETTERS, _send, now)


def report_unsent(now: datetime) -> int:
    """Ask the operators to look at orders whose letters did not go out within a day; how many letters."""
    late = Q(created_at__lte=now - REPORT_AFTER) & (Q(due_at__isnull=False) | Q(attempts__gt=0))
    unsent = Letter.objects.filter(late, sent_at=None, dropped_at=None, reported_at=None)
    with transaction.atomic():
        letters = list(unsent.select_for_update(skip_locked=True).order_by("created_at")[:BATCH])
        Task.objects.bulk_create(
            [_task(letter, now) for letter in letters if letter.order_id], ignore_conflicts=True
        )
        Letter.objects.filter(pk__in=[letter.pk for letter in letters]).update(reported_at=now)
    return len(letters)


def _send(letter_id: UUID, now: datetime) -> bool:
    # Whoever adds a line holds the letter's row, too: what comes later begins a letter of its own.
    Letter.objects.filter(pk=letter_id).update(is_open=False)
    letter = Letter.objects.select_related("business", "order", "person").get(pk=letter_id)
    if reason := _why_not(letter):
        Letter.objects.filter(pk=letter.pk).update(due_at=None, dropped_at=now, problem=reason)
        return False
    return sending.tried(letter, lambda: order_letters.send(letter, now), now)


def _why_not(letter: Letter) -> str:
    """Why a due letter is not sent after all; empty when it is."""
    if silencing.is_silent(letter.business, letter.email):
        return "wants no mails"
    return "" if letter.lines.exists() else "told already"


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
        due_at=now + timedelta(seconds=SETTLE_S),
    )


def _key(change: Outbox, one: Addressee) -> _Key:
    return change.business_id, one.root_id, one.email, one.role, change.created_at


def _task(letter: Letter, now: datetime) -> Task:
    assert letter.order_id is not None
    return Task(
        id=uuid7(),
        business_id=letter.business_id,
        queue=roles.OPERATOR,
        reason=UNSENT,
        level="order",
        subject_id=letter.order_id,
        root_id=letter.order_id,
        opened_at=now,
    )
