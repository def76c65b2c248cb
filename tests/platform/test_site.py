"""The real site in a process of its own: health, logs, assets, clients that mean no good."""

import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPResponse
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from sledi import __version__
from sledi.cli.supervisor import PROGRAM
from sledi.project import health
from sledi.project.requests import JsonFormatter

pytestmark = pytest.mark.django_db


def get(address: str, **headers: str) -> HTTPResponse:
    request = urllib.request.Request(
        address, headers={name.replace("_", "-"): text for name, text in headers.items()}
    )
    try:
        answer: HTTPResponse = urllib.request.urlopen(request, timeout=10)
    except urllib.error.HTTPError as refused:
        return refused  # type: ignore[return-value]
    return answer


def test_the_process_says_that_it_is_alive(site_address: str) -> None:
    for path in ("/healthz", "/livez"):
        with get(site_address + path) as answer:
            assert (answer.status, answer.read()) == (200, b"ok\n")
            assert "no-store" in answer.headers["Cache-Control"]


def test_the_site_says_that_it_is_ready(site_address: str) -> None:
    with get(f"{site_address}/readyz") as answer:
        state = json.load(answer)
    assert state["ready"] is True
    assert state["database"] == state["migrations"] == "ok"


def test_a_missing_migration_is_not_ready(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'accounts'")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["migrations"].endswith("not applied")


def test_metrics_are_prometheus_text_for_this_machine(site_address: str) -> None:
    with get(f"{site_address}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert f'sledi_info{{version="{__version__}"}} 1' in lines
    samples = [line for line in lines if not line.startswith("#")]
    assert len(samples) == len(set(samples))


def test_metrics_are_hidden_from_everybody_else(client: Client) -> None:
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.7").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 404


def test_a_token_opens_metrics_to_another_machine(client: Client, settings: object) -> None:
    settings.METRICS_TOKEN = "t" * 30  # type: ignore[attr-defined]
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    allowed = client.get(
        "/metrics", headers={"Authorization": f"Bearer {'t' * 30}"}, REMOTE_ADDR="203.0.113.7"
    )
    assert allowed.status_code == 200


def test_a_metric_is_described_once_and_its_labels_are_escaped() -> None:
    text = health.prometheus_text(
        [
            ("sledi_calls_total", "Calls.", {"carrier": 'a"b\\c\nd'}, 3),
            ("sledi_calls_total", "Calls.", {"carrier": "belpost"}, 0.25),
        ]
    )
    assert text == (
        "# HELP sledi_calls_total Calls.\n# TYPE sledi_calls_total counter\n"
        'sledi_calls_total{carrier="a\\"b\\\\c\\nd"} 3\nsledi_calls_total{carrier="belpost"} 0.25\n'
    )


def test_assets_are_compressed_and_kept_for_ever(site_address: str) -> None:
    with get(f"{site_address}/") as page:
        text = page.read().decode()
    sheet = next(word.split('"')[1] for word in text.split("href=")[1:] if ".css" in word)
    with get(site_address + sheet, Accept_Encoding="br") as answer:
        assert answer.headers["Content-Encoding"] == "br"
        assert "immutable" in answer.headers["Cache-Control"]


def test_clients_that_never_send_their_body_hold_nobody_up(site_address: str) -> None:
    port = int(site_address.rpartition(":")[2])
    with ExitStack() as held:
        for _ in range(40):
            line = held.enter_context(socket.create_connection(("localhost", port)))
            line.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nx")
        with get(f"{site_address}/healthz") as answer:
            assert answer.status == 200


@contextmanager
def logged(site_environment: dict[str, str], log: Path) -> Iterator[str]:
    """A site whose log is kept."""
    from sledi.cli.ports import any_free

    port = any_free()
    with log.open("wb") as words:
        site = subprocess.Popen(
            [*PROGRAM, "web", "--port", str(port), "--processes", "1"],
            env=site_environment,
            stdout=words,
            stderr=words,
        )
    try:
        while True:
            try:
                with get(f"http://localhost:{port}/healthz"):
                    break
            except OSError:
                assert site.poll() is None, log.read_text()
        yield f"http://localhost:{port}"
    finally:
        site.terminate()
        site.wait(10)


def test_the_access_log_names_routes_and_never_tokens(
    site_address: str, site_environment: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    environment = site_environment | {"SLEDI_ACCESS_LOG": "1", "SLEDI_LOG_JSON": "1"}
    with logged(environment, log) as address, get(f"{address}/t/a-secret-token/?q=RR123456785CN") as answer:
        request_id = answer.headers["X-Request-Id"]
    line = next(line for line in log.read_text().splitlines() if request_id in line)
    assert json.loads(line)["message"].startswith("GET /t/<str:token>/ 404 ")
    assert "secret" not in log.read_text()
    assert "RR123456785CN" not in log.read_text()


def test_a_log_line_with_an_exception_is_one_json_object() -> None:
    import logging

    try:
        raise ValueError("ой")
    except ValueError:
        record = logging.getLogger("sledi").makeRecord(
            "sledi", logging.ERROR, "", 1, "no", (), sys.exc_info()
        )
    line = JsonFormatter().format(record)
    assert len(line.splitlines()) == 1
    assert json.loads(line)["exception"].endswith("ValueError: ой")


def test_the_tests_see_nothing_of_this_machines_settings() -> None:
    assert [name for name in os.environ if name.startswith("SLEDI_")] == [
        "SLEDI_DATA_DIR",
        "SLEDI_SECRET_KEY",
    ]
