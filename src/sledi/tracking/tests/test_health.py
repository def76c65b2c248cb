"""The operators' desk: how the lines to the carriers are."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from sledi.accounts.operations import appoint_operator
from sledi.tracking import health, lines
from sledi.tracking.models import Watch

pytestmark = pytest.mark.django_db


def of(slug: str, now: Any) -> health.CarrierHealth:
    return next(one for one in health.carriers_health(now) if one.slug == slug)


@pytest.fixture
def operator(client: Client, clock: Any) -> Client:
    client.force_login(appoint_operator("vesela@example.org", clock()))
    return client


def test_a_carrier_that_answers_is_well(follow: Any, ask: Any, clock: Any) -> None:
    follow("RB372813271CN", destination="RU")
    ask()
    post = of("russian_post", clock())
    assert (post.tone, post.watches, post.overdue, post.unreadable, post.unmapped) == ("ok", 1, 0, 0, 0)
    history = next(line for line in post.lines if line.kind == "history")
    assert (history.calls_today, history.per_day, history.failures_in_row, history.problem) == (1, 100, 0, "")
    assert history.last_success_at is not None


def test_yesterdays_calls_are_not_todays(follow: Any, ask: Any, clock: Any) -> None:
    follow("RB372813271CN", destination="RU")
    ask()
    history = next(line for line in of("russian_post", clock.advance(days=1)).lines if line.kind == "history")
    assert history.calls_today == 0


def test_work_that_is_an_hour_late_is_a_problem(follow: Any, clock: Any) -> None:
    follow("RB372813271CN", destination="RU")
    assert of("russian_post", clock.advance(minutes=59)).overdue == 0
    late = of("russian_post", clock.advance(minutes=2))
    assert (late.overdue, late.tone) == (1, "problem")


def test_what_is_not_configured_names_the_settings_that_are_missing(
    simulator: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SLEDI_CARRIER_UKRPOSHTA_BEARER")
    ukrposhta = of("ukrposhta", clock())
    assert (ukrposhta.is_configured, ukrposhta.tone, ukrposhta.missing) == (
        False, "neutral", ("SLEDI_CARRIER_UKRPOSHTA_BEARER",),
    )  # fmt: skip


def test_troubled_carriers_come_first(simulator: Any, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLEDI_CARRIER_UKRPOSHTA_BEARER")
    lines.failed("belpost", "tracking", clock(), "Unavailable: down")
    lines.failed("kazpost", "events", clock(), "Denied: no", 3600)
    slugs = [one.slug for one in health.carriers_health(clock())]
    assert (slugs[0], slugs[1], slugs[-1]) == ("kazpost", "belpost", "ukrposhta")


def test_trouble_that_is_over_is_not_shown(simulator: Any, clock: Any) -> None:
    lines.failed("belpost", "tracking", clock(), "Unavailable: down")
    lines.succeeded("belpost", "tracking", clock())
    (line,) = of("belpost", clock()).lines
    assert (line.problem, line.failures_in_row) == ("", 0)
    assert of("belpost", clock()).tone == "ok"


@pytest.mark.parametrize("path", ["/operator/carriers/", "/operator/mapping/"])
def test_for_everybody_else_the_desk_is_not_there(client: Client, clock: Any, path: str) -> None:
    assert client.get(path).status_code == 404
    stranger = appoint_operator("boris@example.org", clock())
    stranger.is_operator = False
    stranger.save()
    client.force_login(stranger)
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("language", ["ru", "bg", "kk", "uk", "en"])
def test_the_desk_shows_trouble_in_every_language(
    operator: Client, follow: Any, ask: Any, clock: Any, language: str, simulator: Any
) -> None:
    from sledi_simulator.bad_days import BadDay, Switch

    follow("RB302232031CN", destination="RU")
    ask()
    follow("RB372813271CN", destination="RU")
    simulator.world.bad_days.switch_on(Switch(BadDay.HTML, "russian_post", "RB372813271CN"))
    ask()
    operator.cookies["lang"] = operator.cookies["language"] = language
    shown = operator.get("/operator/carriers/", headers={"accept-language": language})
    assert shown.status_code == 200
    assert "Unavailable: an HTML page" in shown.content.decode()
    words = operator.get("/operator/mapping/", headers={"accept-language": language})
    assert words.status_code == 200
    assert "sledi tracking rebuild" in words.content.decode()


def test_the_desk_is_kept_by_no_cache(operator: Client, simulator: Any) -> None:
    assert "no-store" in operator.get("/operator/carriers/")["Cache-Control"]


def test_the_desk_takes_a_constant_number_of_queries(
    operator: Client, follow: Any, ask: Any, clock: Any, django_assert_max_num_queries: Any
) -> None:
    follow("RB302232031CN RB372813271CN LB710330014CN RB102240029BG", destination="RU")
    ask()
    Watch.objects.update(due_at=clock() - timedelta(hours=2))
    with django_assert_max_num_queries(4):
        operator.get("/operator/carriers/")
