"""Acts of readers on the tracker's own pages. One function = one act = one transaction."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from sledi.tracker.models import Comment
from sledi.tracking import allowance
from sledi.tracking.operations import extend_list, remove_row

HELD_MAX = 1000
"""More comments waiting than anybody will read: then no more are taken."""


class TooManyHeld(Exception):
    """So many comments wait for an operator that another one would not be read."""


class NotHeld(Exception):
    """The comment does not exist, or somebody has judged it already."""


@transaction.atomic
def correct_number(token: str, number: str, meant: str, *, client: str | None, at: datetime) -> None:
    """Put the number that was meant in the place of a mistyped one.

    Raises NotInList, NothingFound or TooMany of ``tracking.operations``; then the list stays as it was.
    """
    remove_row(token, number)
    extend_list(token, meant, client=client, at=at)


@transaction.atomic
def leave_comment(article: str, language: str, name: str, text: str, *, client: str, at: datetime) -> Comment:
    """Keep a comment until an operator reads it. Raises TooMany (of this address) or TooManyHeld."""
    allowance.spend_mail(client, at)
    if Comment.objects.filter(approved_at=None, refused_at=None).count() >= HELD_MAX:
        raise TooManyHeld
    return Comment.objects.create(article=article, language=language, name=name, text=text, created_at=at)


def approve(comment_id: UUID, *, at: datetime) -> None:
    """Let a comment through. Raises NotHeld."""
    _judge(comment_id, approved_at=at)


def refuse(comment_id: UUID, *, at: datetime) -> None:
    """Keep a comment from being shown, for good. Raises NotHeld."""
    _judge(comment_id, refused_at=at)


def _judge(comment_id: UUID, **judged: datetime) -> None:
    held = Comment.objects.filter(pk=comment_id, approved_at=None, refused_at=None)
    if not held.update(**judged):
        raise NotHeld
