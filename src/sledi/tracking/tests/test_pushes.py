"""What carriers send by themselves: signed, taken in once, acknowledged only then."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from sledi.tracking import health, replies
from sledi.tracking.ingest import Arrival
from sledi.tracking.models import CarrierLine, Event, Outbox, Reply, Trace, Watch
from sledi.tracking.rebuild import rebuild
from sledi.tracking.tests.scans import watched

pytestmark = pytest.mark.django_db

CONTRACTS = Path(__file__).parents[4] / "tests" / "contracts"
UPDATED = (CONTRACTS / "seventeentrack" / "composed_push_updated.json").read_bytes()
STOPPED = (CONTRACTS / "seventeentrack" / "composed_push_stopped.json").read_bytes()
CHINESE = (CONTRACTS / "kuaidi100" / "composed_push.json").read_bytes()
NUMBER, CHINESE_NUMBER = "RB481503678CN", "EA123456785CN"
TOLD = 7  # scans in that push


def push_17track(client: Client, body: bytes, secret: bytes = b"secret", **headers: str) -> Any:
    sign = hashlib.sha256(body + b"/" + secret).hexdigest()
    return client.post(
        "/hooks/seventeentrack/", body, content_type="application/json", headers={"sign": sign} | headers
    )


def push_kuaidi100(client: Client, param: bytes, salt: bytes = b"secret") -> Any:
    sign = hashlib.md5(param + salt, usedforsecurity=False).hexdigest().upper()
    body = urlencode({"sign": sign, "param": param})
    return client.post("/hooks/kuaidi100/", body, content_type="application/x-www-form-urlencoded")


def nothing_stored() -> bool:
    return not (Reply.objects.exists() or Event.objects.exists() or CarrierLine.objects.exists())


@pytest.fixture
def trace(simulator: Any) -> Trace:
    return watched(NUMBER, "seventeentrack")[0]


def test_a_signed_push_is_taken_in_and_acknowledged(client: Client, trace: Trace) -> None:
    response = push_17track(client, UPDATED)
    assert (response.status_code, response.content) == (200, b"")
    trace.refresh_from_db()
    assert (trace.status, trace.origin, trace.destination, trace.event_count) == (
        "DELIVERED",
        "CN",
        "RU",
        TOLD,
    )
    kept = Reply.objects.get()
    assert (kept.carrier, kept.kind, kept.is_push, kept.problem) == ("seventeentrack", "push", True, "")


def test_people_leave_a_push_before_it_is_kept(client: Client, trace: Trace) -> None:
    import zlib

    push_17track(client, UPDATED)
    kept = zlib.decompress(Reply.objects.get().body).decode()
    words = kept + " ".join(Event.objects.values_list("raw_text", flat=True))
    for person in ("Борис", "916 123", "Tverskaya", "13800138000", "+79161234567"):
        assert person not in words


def test_the_same_push_again_changes_nothing_and_is_acknowledged_too(client: Client, trace: Trace) -> None:
    push_17track(client, UPDATED)
    assert push_17track(client, UPDATED).status_code == 200
    assert (Event.objects.count(), Outbox.objects.count()) == (TOLD, 1)


def test_kuaidi100_is_acknowledged_in_its_own_words(client: Client, simulator: Any) -> None:
    trace, _ = watched(CHINESE_NUMBER, "kuaidi100")
    response = push_kuaidi100(client, CHINESE)
    assert response.status_code == 200
    assert response.json() == {"result": True, "returnCode": "200", "message": "成功"}
    trace.refresh_from_db()
    assert trace.event_count > 0


@pytest.mark.parametrize("headers", [{"sign": "0" * 64}, {"sign": ""}, {"sign": "É"}])
def test_a_wrong_signature_is_refused_and_nothing_is_stored(
    client: Client, trace: Trace, headers: dict[str, str]
) -> None:
    response = push_17track(client, UPDATED, **headers)
    assert (response.status_code, response.content) == (403, b"")
    assert nothing_stored()


def test_a_missing_signature_is_refused(client: Client, trace: Trace) -> None:
    response = client.post("/hooks/seventeentrack/", UPDATED, content_type="application/json")
    assert response.status_code == 403
    assert nothing_stored()


def test_a_signature_over_another_body_or_with_another_key_is_refused(client: Client, trace: Trace) -> None:
    assert (
        push_17track(
            client, UPDATED + b" ", sign=hashlib.sha256(UPDATED + b"/secret").hexdigest()
        ).status_code
        == 403
    )
    assert push_17track(client, UPDATED, secret=b"").status_code == 403
    assert push_kuaidi100(client, CHINESE, salt=b"other").status_code == 403
    assert nothing_stored()


def test_without_a_configured_key_no_signature_is_good(
    client: Client, trace: Trace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SLEDI_CARRIER_SEVENTEENTRACK_KEY")
    assert push_17track(client, UPDATED, secret=b"").status_code == 403
    assert push_17track(client, UPDATED).status_code == 403


@pytest.mark.parametrize("slug", ["russian_post", "china_post", "no-such-carrier", "__init__"])
def test_a_carrier_that_does_not_push_has_no_door(client: Client, simulator: Any, slug: str) -> None:
    assert client.post(f"/hooks/{slug}/", b"{}", content_type="application/json").status_code == 404


def test_the_door_takes_posts_only(client: Client, simulator: Any) -> None:
    assert client.get("/hooks/seventeentrack/").status_code == 405


def test_a_push_about_a_number_nobody_follows_is_acknowledged_and_left_out(
    client: Client, simulator: Any
) -> None:
    assert push_17track(client, UPDATED).status_code == 200
    assert not Reply.objects.exists()
    assert not Watch.objects.exists()


def test_the_end_of_watching_is_no_answer_about_the_parcel(client: Client, trace: Trace) -> None:
    push_17track(client, UPDATED)
    assert push_17track(client, STOPPED).status_code == 200
    assert Watch.objects.filter(carrier="seventeentrack").get().outcome == "found"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (UPDATED[: len(UPDATED) // 2], "Unavailable: not a whole JSON answer"),
        (b"{}", "Unreadable: "),
        (
            b'{"event": "SOMETHING_NEW", "data": {"number": "RB481503678CN"}}',
            "Unreadable: event: 'SOMETHING_NEW'",
        ),
        (b"\xff\xfe\x00", "Unavailable: not a whole JSON answer"),
        (b"", "Unavailable: not a whole JSON answer"),
    ],
)
def test_a_push_we_cannot_read_is_refused_kept_and_shown_to_the_operators(
    client: Client, trace: Trace, body: bytes, problem: str
) -> None:
    response = push_17track(client, body)
    assert (response.status_code, response.content) == (422, b"")
    kept = Reply.objects.get()
    assert kept.problem.startswith(problem)
    assert kept.is_push
    shown = next(one for one in health.carriers_health(datetime.now(UTC)) if one.slug == "seventeentrack")
    assert [(line.kind, line.problem, line.opens_at) for line in shown.lines] == [
        ("push", kept.problem, None)
    ]
    assert (shown.tone, shown.unreadable) == ("action", 1)
    assert not Event.objects.exists()


def test_a_good_push_ends_the_trouble(client: Client, trace: Trace) -> None:
    push_17track(client, b"{}")
    push_17track(client, UPDATED)
    line = CarrierLine.objects.get(carrier="seventeentrack", kind="push")
    assert line.failures_in_row == 0
    assert line.last_success_at is not None


def test_a_push_we_fail_to_take_in_is_not_acknowledged_and_is_taken_in_by_a_rebuild(
    client: Client, trace: Trace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stuck(arrived: list[Arrival], now: datetime) -> list[Arrival]:
        return arrived

    with monkeypatch.context() as fault:
        fault.setattr(replies, "ingest_what_can_be", stuck)
        assert push_17track(client, UPDATED).status_code == 422
    assert Reply.objects.get().problem == "Unreadable: push: 'it cannot be taken in'"
    rebuild(datetime.now(UTC))
    trace.refresh_from_db()
    assert trace.status == "DELIVERED"


def test_zero_characters_in_a_push_do_no_harm(client: Client, trace: Trace) -> None:
    push = json.loads(UPDATED)
    for event in push["data"]["track_info"]["tracking"]["providers"][0]["events"]:
        event |= {"description": "a\0b", "location": "\0"}
    assert push_17track(client, json.dumps(push).encode()).status_code == 200
    trace.refresh_from_db()
    assert trace.event_count > 0


def test_a_push_of_more_than_a_megabyte_is_refused(client: Client, trace: Trace) -> None:
    assert push_17track(client, b" " * 1_048_577).status_code in {400, 413}
    assert nothing_stored()


def test_a_push_leads_to_the_post_of_the_destination(client: Client, trace: Trace) -> None:
    push_17track(client, UPDATED)
    asked = list(trace.links.order_by("rank").values_list("watch__carrier", "watch__number", "why"))
    assert asked == [
        ("seventeentrack", NUMBER, "chosen"),
        ("russian_post", NUMBER, "destination_post"),
        ("russian_post", "80085590000018", "alias"),
    ]
    assert Watch.objects.filter(carrier="russian_post", due_at__isnull=False, is_urgent=True).count() == 2
