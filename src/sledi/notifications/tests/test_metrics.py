"""What machines that watch are told of asking and telling."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from sledi.accounts.operations import invite
from sledi.history import Actor
from sledi.notifications import changes, jobs, operations
from sledi.notifications import metrics as telling
from sledi.orders.models import Outbox
from sledi.orders.tests.stage import NOW, new_stage
from sledi.tracking import lines
from sledi.tracking import metrics as asking

pytestmark = pytest.mark.django_db

READY = "RB372813271CN"


def measured(module: Any, now: datetime, name: str) -> dict[str, float]:
    rows = module.measurements(now)
    return {"/".join(labels.values()): value for found, _, labels, value in rows if found == name}


def test_the_age_of_the_oldest_question_is_told_for_each_carrier_that_can_be_asked(
    follow: Any, ask: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SLEDI_CARRIER_UKRPOSHTA_BEARER")
    follow(READY, destination="RU")
    ages = measured(asking, clock() + timedelta(minutes=7), "sledi_due_age_seconds")
    assert ages["asking/russian_post"] == ages["asking/seventeentrack"] == 420
    assert ages["asking/belpost"] == 0
    assert "asking/ukrposhta" not in ages
    ask()
    assert measured(asking, clock(), "sledi_due_age_seconds")["asking/russian_post"] == 0


def test_lines_tell_their_calls_failures_and_breakers(follow: Any, ask: Any, clock: Any) -> None:
    follow(READY, destination="RU")
    ask("russian_post")
    lines.failed("belpost", "tracking", clock(), "Denied: no", 3600)
    assert measured(asking, clock(), "sledi_line_calls_today")["russian_post/history"] == 1
    assert measured(asking, clock(), "sledi_line_failures")["belpost/tracking"] == 1
    assert measured(asking, clock(), "sledi_line_open") == {
        "belpost/tracking": True, "russian_post/answer": False, "russian_post/history": False,
        "russian_post/ticket": False,
    }  # fmt: skip
    assert not measured(asking, clock() + timedelta(hours=2), "sledi_line_open")["belpost/tracking"]


def test_late_news_and_late_mails_are_told(follow: Any, ask: Any, clock: Any) -> None:
    token = follow(READY)
    operations.follow(token, "aigerim@example.org", language="en", client="192.0.2.1", at=clock())
    assert measured(telling, clock() + timedelta(seconds=90), "sledi_due_age_seconds") == {
        "news": 0,
        "mail": 90,
        "changes": 0,
        "letters": 0,
    }
    ask()
    assert measured(telling, clock() + timedelta(hours=1), "sledi_due_age_seconds")["news"] >= 3600
    jobs.fan_out(clock())
    jobs.send_due(clock())
    assert set(measured(telling, clock(), "sledi_due_age_seconds").values()) == {0}


def test_late_letters_about_orders_are_told() -> None:
    stage = new_stage("buyout")
    order = stage.order()
    invite(stage.business, stage.person("reseller").email, "reseller", NOW, by=Actor("system"), cause="cli")
    Outbox.objects.update(told_at=NOW)
    change = Outbox.objects.create(
        business=stage.business, level="order", subject_id=order.pk, root_id=order.pk, act="derived",
        to_state=order.state, who=["reseller"], created_at=NOW,
    )  # fmt: skip
    assert measured(telling, NOW + timedelta(seconds=70), "sledi_due_age_seconds")["changes"] == 70
    changes.fan_out(change.created_at)
    late = measured(telling, NOW + timedelta(seconds=changes.SETTLE_S + 5), "sledi_due_age_seconds")
    assert (late["changes"], late["letters"]) == (0, 5)


def test_they_stand_in_metrics_and_the_oldest_in_readyz(client: Client, follow: Any) -> None:
    follow(READY)
    text = client.get("/metrics").content.decode()
    assert text.count("# TYPE sledi_due_age_seconds gauge") == 1
    assert 'sledi_due_age_seconds{work="asking",carrier="seventeentrack"} ' in text
    assert 'sledi_due_age_seconds{work="mail"} 0' in text
    assert client.get("/readyz").json()["due_age_s"] >= 0
