"""Whom a letter went to, and what it said, is forgotten after ninety days; that it went out is not."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from sledi.notifications import changes, forgetting
from sledi.notifications.api import mail_json
from sledi.notifications.models import Letter, LetterLine
from sledi.notifications.tests.test_stepping_aside import planted
from sledi.notifications.tests.test_stepping_aside import reseller as reseller
from sledi.orders.tests.stage import Stage
from sledi.orders.tests.stage import stage as stage

SPAN = timedelta(days=90)


def sent(stage: Stage) -> Letter:
    change = planted(stage)
    changes.fan_out(stage.now)
    stage.later(seconds=changes.SETTLE_S)
    assert changes.send_due(stage.now) == 1
    return Letter.objects.get(lines__change=change)


def everything() -> str:
    """All that the tables of letters hold, as text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(row_to_json(t)::text, '') FROM (SELECT l.*, i.email AS line FROM notifications_letter l"
            " LEFT JOIN notifications_letterline i ON i.letter_id = l.id) t"
        )
        return str((cursor.fetchone() or ("",))[0])


def test_a_letter_is_blanked_ninety_days_after_it_went_out_and_not_before(stage: Stage) -> None:
    letter = sent(stage)
    assert forgetting.blank_old(stage.now + SPAN - timedelta(seconds=1)) == 0
    assert "reseller-buyout@" in everything()
    assert forgetting.blank_old(stage.now + SPAN) == 1
    assert forgetting.blank_old(stage.now + SPAN) == 0
    assert "@" not in everything()
    letter.refresh_from_db()
    assert (letter.subject, letter.sent_at, letter.blanked_at) == ("", stage.now, stage.now + SPAN)
    shown = mail_json(letter)
    assert (shown["to"], shown["subject"], shown["state"]) == ("", "", "sent")


def test_one_that_was_given_up_is_blanked_too_with_the_words_of_the_mail_server(
    stage: Stage, monkeypatch: Any
) -> None:
    def refused(*_: Any) -> None:
        raise OSError("550 reseller-buyout@example.com: no such mailbox")

    monkeypatch.setattr(changes.order_letters, "send", refused)
    planted(stage)
    changes.fan_out(stage.now)
    for _ in range(7):
        stage.later(days=1)
        changes.send_due(stage.now)
    assert forgetting.blank_old(stage.now + SPAN) == 1
    assert "@" not in everything()
    letter = Letter.objects.get()
    assert (letter.problem, mail_json(letter)["state"]) == ("OSError", "failed")


def test_one_that_is_still_to_go_out_keeps_its_address(stage: Stage) -> None:
    planted(stage)
    changes.fan_out(stage.now)
    assert forgetting.blank_old(stage.now + 2 * SPAN) == 0


def test_the_span_is_a_setting(stage: Stage, settings: Any) -> None:
    settings.LETTER_DAYS = 7
    sent(stage)
    assert forgetting.blank_old(stage.now + timedelta(days=7)) == 1


def test_many_are_blanked_in_batches_and_what_is_left_the_next_time(stage: Stage, monkeypatch: Any) -> None:
    monkeypatch.setattr(forgetting, "BATCH", 2)
    monkeypatch.setattr(forgetting, "BATCHES_MAX", 2)
    for _ in range(5):
        sent(stage)
    at = stage.now + SPAN
    assert [forgetting.blank_old(at) for _ in range(3)] == [4, 1, 0]


def test_a_change_is_still_told_once_and_a_moment_has_one_letter_a_person(stage: Stage) -> None:
    """Two letters about the same change, to two people, stay two rows with two different lines."""
    letter = sent(stage)
    line = letter.lines.get()
    other = Letter.objects.create(
        business=stage.business, root_id=letter.root_id, order=letter.order, email="boris@example.org",
        role="reseller", language="ru", happened_at=letter.happened_at, created_at=letter.created_at,
        sent_at=letter.sent_at,
    )  # fmt: skip
    LetterLine.objects.create(letter=other, change=line.change, root_id=line.root_id, email=other.email)
    assert forgetting.blank_old(stage.now + SPAN) == 2
    lines = LetterLine.objects.filter(change=line.change)
    assert {one.email for one in lines} == {str(letter.pk), str(other.pk)}
    with pytest.raises(IntegrityError), transaction.atomic():
        LetterLine.objects.create(
            letter=letter, change=line.change, root_id=line.root_id, email=str(letter.pk)
        )
    assert changes.fan_out(stage.now + SPAN) == 0
