"""A change that cannot be made into letters steps aside; everybody else is told in time."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from sledi.accounts.operations import invite
from sledi.history import Actor
from sledi.notifications import changes, metrics
from sledi.notifications.models import LetterLine
from sledi.orders.models import Order, Outbox, Task
from sledi.orders.reading import open_tasks
from sledi.orders.tests.stage import Stage
from sledi.orders.tests.stage import stage as stage


@pytest.fixture(autouse=True)
def reseller(stage: Stage) -> None:
    by = Actor("system", name="shell")
    invite(stage.business, stage.person("reseller").email, "reseller", stage.now, by=by, cause="cli")


BAD: Any = 7
"""No list of roles: whatever reads it fails."""


def planted(stage: Stage, who: Any = ("reseller",)) -> Outbox:
    """A change of an order that its reseller is told of."""
    order = stage.order()
    Outbox.objects.filter(root_id=order.pk).update(told_at=stage.now)
    return Outbox.objects.create(
        business=stage.business, level="order", subject_id=order.pk, root_id=order.pk, act="derived",
        to_state=order.state, who=who, created_at=stage.now,
    )  # fmt: skip


def waiting(change: Outbox) -> tuple[Any, ...]:
    change.refresh_from_db()
    return change.told_at, change.retry_at, change.attempts


def measured(stage: Stage, name: str) -> dict[str, float]:
    rows = metrics.measurements(stage.now)
    return {labels["work"]: value for found, _, labels, value in rows if found == name}


def given_up(stage: Stage) -> Outbox:
    bad = planted(stage, BAD)
    for rest_s in (0, *changes.RETRY_S):
        stage.later(seconds=rest_s)
        changes.fan_out(stage.now)
    return bad


def test_the_others_of_its_batch_are_told_and_it_is_tried_again_later(stage: Stage) -> None:
    first, bad, last = planted(stage), planted(stage, BAD), planted(stage)
    assert changes.fan_out(stage.now) == 2
    assert {line.change_id for line in LetterLine.objects.all()} == {first.pk, last.pk}
    assert waiting(first)[0] == waiting(last)[0] == stage.now
    assert waiting(bad) == (None, stage.now + timedelta(seconds=changes.RETRY_S[0]), 1)
    assert bad.problem.startswith("TypeError: ")


def test_it_is_not_tried_before_its_time_and_then_told_when_it_can_be(stage: Stage) -> None:
    bad = planted(stage, BAD)
    changes.fan_out(stage.now)
    Outbox.objects.filter(pk=bad.pk).update(who=["reseller"])  # mended
    stage.later(seconds=changes.RETRY_S[0] - 1)
    assert changes.fan_out(stage.now) == 0
    stage.later(seconds=1)
    assert changes.fan_out(stage.now) == 1
    assert waiting(bad) == (stage.now, None, 1)


def test_after_its_last_try_it_is_left_and_the_operators_are_asked_to_look_at_the_order(stage: Stage) -> None:
    bad = given_up(stage)
    assert waiting(bad) == (None, None, len(changes.RETRY_S) + 1)
    stage.later(days=30)
    assert changes.fan_out(stage.now) == 0
    task = Task.objects.get()
    assert (task.queue, task.reason, task.subject_id) == ("operator", "change_not_told", bad.root_id)
    (shown,) = open_tasks(stage.access("operator"))
    assert shown.number == Order.objects.get(pk=bad.root_id).number
    assert shown.words["ru"].startswith("Об одном изменении")
    assert mail.outbox == []


def test_what_was_given_up_is_counted_and_makes_no_work_look_late(stage: Stage) -> None:
    given_up(stage)
    stage.later(days=30)
    assert measured(stage, "sledi_due_given_up") == {"changes": 1, "letters": 0}
    assert measured(stage, "sledi_due_age_seconds")["changes"] == 0


def test_a_database_that_is_away_is_no_fault_of_the_change(stage: Stage, monkeypatch: Any) -> None:
    from django.db import OperationalError

    def away(*_: Any) -> None:
        raise OperationalError("gone")

    change = planted(stage)
    monkeypatch.setattr(changes, "addressees", away)
    with pytest.raises(OperationalError):
        changes.fan_out(stage.now)
    assert waiting(change) == (None, None, 0)
