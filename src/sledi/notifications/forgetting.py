"""Forgetting whom letters went to and what they said, a while after they went out or were given up."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

BATCH = 500
BATCHES_MAX = 20
"""Of one call: what is left after them is for the next one."""

# The letter's own id takes the place of the address: that nobody is told a change twice, and of a moment once, is
# kept by constraints over the address, and ids are as different as addresses are. A problem keeps its kind alone,
# because mail servers name the address in their words.
_BLANK = """
WITH chosen AS (
    SELECT id FROM notifications_letter
    WHERE due_at IS NULL AND blanked_at IS NULL AND created_at <= %(until)s
        AND coalesce(sent_at, dropped_at, created_at) <= %(until)s
    ORDER BY created_at LIMIT %(most)s FOR UPDATE SKIP LOCKED),
lines AS (
    UPDATE notifications_letterline l SET email = chosen.id::text FROM chosen WHERE l.letter_id = chosen.id)
UPDATE notifications_letter t
SET email = t.id::text, subject = '', problem = split_part(t.problem, ':', 1), is_open = false, blanked_at = %(at)s
FROM chosen WHERE t.id = chosen.id
"""


def blank_old(now: datetime) -> int:
    """Blank the letters whose time is over, some hundred in a statement; how many. Running twice is harmless."""
    until, blanked = now - timedelta(days=settings.LETTER_DAYS), 0
    for _ in range(BATCHES_MAX):
        with connection.cursor() as cursor:
            cursor.execute(_BLANK, {"until": until, "at": now, "most": BATCH})
            blanked += cursor.rowcount
            if cursor.rowcount < BATCH:
                break
    return blanked
