import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from sledi_simulator import Options, running
from sledi_simulator.__main__ import main
from sledi_simulator.tests.asking import (
    START,
    client_of,
    history,
    operations,
    registered_info,
    seventeentrack,
    standing_still,
    statuses,
    subscribe,
)

SILENT = "RB298431881CN"
ORDINARY = "RB481503678CN"  # to Belarus
FAST = "LB377973125CN"


def test_the_same_start_gives_the_same_answers():
    answers = []
    for _ in range(2):
        with running(options=standing_still()) as run, client_of(run) as client:
            item = registered_info(client, ORDINARY)
            answers.append((history(client, SILENT).content, statuses(client, "RB573797434CN").content, item))
    assert answers[0] == answers[1]


def test_events_appear_when_their_time_has_come():
    with running(options=Options(speed=0, start=START)) as run, client_of(run) as client:
        assert operations(history(client, FAST))[-1] == "31:24"
        run.world.clock.advance(6 * 60)
        assert operations(history(client, FAST))[-1] == "9:1"
        run.world.clock.advance(24 * 60)
        assert operations(history(client, FAST))[-1] == "2:8"


def test_a_fast_clock_brings_a_parcel_home_in_a_second():
    with running(options=Options(speed=7200, start=START)) as run, client_of(run) as client:
        deadline = time.monotonic() + 5
        while operations(history(client, FAST))[-1] != "2:8":
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_a_restart_with_a_state_keeps_dates_registrations_and_changes(tmp_path):
    options = Options(state=tmp_path / "simulator.json")
    with running(options=options) as run, client_of(run) as client:
        run.world.clock.advance(86_400)
        before = registered_info(client, ORDINARY, tag="kept")["track_info"]["milestone"]
        subscribe(client, "yuantong", "YT8812345678900", callbackurl="http://127.0.0.1:1/")
        client.post(f"/_control/journeys/{SILENT}/advance")
        now, epoch = run.world.clock.now(), run.world.epoch
    with running(options=options) as run, client_of(run) as client:
        (item,) = seventeentrack(client, "gettrackinfo", [{"number": ORDINARY}])["data"]["accepted"]
        assert (item["tag"], item["track_info"]["milestone"]) == ("kept", before)
        again = subscribe(client, "yuantong", "YT8812345678900", callbackurl="http://127.0.0.1:1/")
        assert again["returnCode"] == "501"
        assert client.get(f"/_control/journeys/{SILENT}").json()["stage"] == "FLO"
        assert run.world.epoch == epoch
        assert timedelta() <= run.world.clock.now() - now < timedelta(minutes=1)


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"epoch": 1}'])
def test_a_file_that_is_no_state_is_refused_and_kept(tmp_path, text, capsys):
    state = tmp_path / "notes.txt"
    state.write_text(text)
    assert main(["--port", "0", "--state", str(state)]) == 1
    assert "delete it to begin anew" in capsys.readouterr().err
    assert state.read_text() == text


def test_a_port_in_use_is_said(simulator, capsys):
    assert main(["--port", simulator.url.rpartition(":")[2]]) == 1
    assert "cannot start" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--speed", "-1"], ["--speed", "fast"], ["--start", "tomorrow"]])
def test_wrong_arguments_are_refused(arguments):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)


def test_it_stops_at_once_with_open_and_hanging_connections():
    began = None
    with running(options=standing_still()) as run, client_of(run) as client:
        client.get("/_control")
        client.post("/_control/bad-days", json={"day": "slow", "carrier": "kazpost"})
        hanging = threading.Thread(target=_ask_and_forget, args=(run.url,))
        hanging.start()
        time.sleep(0.1)
        began = time.monotonic()
    hanging.join()
    assert time.monotonic() - began < 1.5


def _ask_and_forget(url):
    with contextlib.suppress(httpx.HTTPError), httpx.Client(verify=False) as client:
        client.get(f"{url}/kazpost/api/v2/{SILENT}", timeout=10)


def test_as_a_program_it_starts_answers_and_stops_on_sigterm(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [
        sys.executable,
        "-m",
        "sledi_simulator",
        "--port",
        "0",
        "--state",
        str(tmp_path / "state.json"),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True)
    try:
        url = process.stdout.readline().split()[-1]
        assert json.loads(httpx.get(url).content)["stories"] > 40
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        process.stdout.close()
    assert json.loads((tmp_path / "state.json").read_text())["journeys"] == []


def test_connections_are_kept_alive(simulator):
    host, port = simulator.url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=5)
    for _ in range(3):
        connection.request("GET", "/_control/clock")
        answer = connection.getresponse()
        assert (answer.status, answer.version) == (200, 11)
        answer.read()
    connection.close()


def test_many_clients_are_answered_at_once(simulator):
    seen = []

    def ask():
        with client_of(simulator) as client:
            seen.extend(operations(history(client, SILENT))[-1] for _ in range(25))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == ["10:0"] * 200
    assert simulator.world.asked()["russian_post", SILENT] == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Length": str(5 * 1024 * 1024)}, 413),
        ({"Content-Length": "many"}, 411),
        ({"Transfer-Encoding": "chunked"}, 411),
    ],
)
def test_a_body_without_a_bearable_length_is_refused_unread(simulator, headers, status):
    host, port = simulator.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        connection.sendall(f"POST /belpost/api/v1/tracking HTTP/1.1\r\nHost: x\r\n{lines}\r\n".encode())
        assert connection.recv(1000).split()[1] == str(status).encode()


def test_an_unknown_carrier_is_a_404_that_names_the_known_ones(client):
    response = client.get("/dhl/track")
    assert response.status_code == 404
    assert "belpost" in response.json()["carriers"]


@pytest.mark.parametrize(
    "carrier", ["russian_post", "ukrposhta", "belpost", "kazpost", "seventeentrack", "kuaidi100"]
)
@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"null", b"[[]]", b'{"number": {}}', b"<a/>", b"param=[1]&number=%00"]
)
def test_no_body_breaks_a_carrier(client, carrier, body):
    paths = {
        "russian_post": ("/rtm34", "/fc"),
        "ukrposhta": (
            "/status-tracking/0.0.1/statuses/last",
            "/status-tracking/0.0.1/statuses/with-not-found",
        ),
        "belpost": ("/api/v1/tracking",),
        "kazpost": ("/api/v2/%00/events", "/api/v2/"),
        "seventeentrack": ("/track/v2.2/register", "/track/v2.2/gettracklist", "/track/v2.2/changecarrier"),
        "kuaidi100": ("/poll", "/poll/query.do", "/autonumber/auto"),
    }
    headers = {"Authorization": "Bearer secret", "17token": "secret"}
    for path in paths[carrier]:
        for method in ("GET", "POST"):
            response = client.request(method, f"/{carrier}{path}", content=body, headers=headers)
            assert "the simulator itself failed" not in response.text
