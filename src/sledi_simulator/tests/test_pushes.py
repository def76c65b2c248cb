import hashlib
import json
import queue
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest

from sledi_simulator.tests.asking import md5, seventeentrack, subscribe

FAST = "LB377973125CN"
FAST_IN_CHINA = "YT8825498020044"
SIGNED = "YT8827682104284"
UNKNOWN = "YT8812345678900"
SILENT = "RB298431881CN"


class Receiver:
    """A subscriber's server: keeps what it gets, answers as told."""

    def __init__(self):
        self.received = queue.Queue()
        self.status, self.body = 200, b'{"result":true,"returnCode":"200","message":"ok"}'
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(outer.body)))
                self.end_headers()
                self.wfile.write(outer.body)
                outer.received.put((dict(self.headers), body))

            def log_message(self, *args):
                return

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook?b=1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def next(self):
        return self.received.get(timeout=5)

    def is_quiet(self):
        try:
            self.received.get(timeout=0.25)
        except queue.Empty:
            return True
        return False

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def wait_until(condition):
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


def test_17track_pushes_with_a_signature_over_the_raw_body(client, receiver):
    client.post("/_control/webhook", json={"url": receiver.url})
    seventeentrack(client, "register", [{"number": SILENT, "tag": "order-1042"}])
    headers, body = receiver.next()
    assert headers["sign"] == hashlib.sha256(body + b"/secret").hexdigest()
    message = json.loads(body)
    assert message["event"] == "TRACKING_UPDATED"
    assert (message["data"]["number"], message["data"]["tag"]) == (SILENT, "order-1042")
    assert message["data"]["track_info"]["latest_status"]["sub_status"] == "InTransit_Departure"


def test_17track_pushes_again_when_something_has_happened_and_only_then(client, receiver, simulator):
    client.post("/_control/webhook", json={"url": receiver.url})
    seventeentrack(client, "register", [{"number": FAST}])
    _, first = receiver.next()
    assert receiver.is_quiet()
    simulator.world.clock.advance(6 * 60)
    _, second = receiver.next()
    latest = json.loads(second)["data"]["track_info"]["latest_event"]
    assert latest["stage"] == "Arrival"
    assert (
        json.loads(first)["data"]["track_info"]["tracking"]["providers_hash"]
        != (json.loads(second)["data"]["track_info"]["tracking"]["providers_hash"])
    )


def test_a_push_that_is_not_accepted_comes_again_after_10_30_and_60_minutes_and_is_dropped(
    client, receiver, simulator
):
    receiver.status = 500
    client.post("/_control/webhook", json={"url": receiver.url})
    seventeentrack(client, "register", [{"number": SILENT}])
    bodies = [receiver.next()[1]]
    for wait_min in (10, 30, 60):
        wait_until(lambda: simulator.simulator.outbox.waiting() == 1)
        simulator.world.clock.advance(wait_min * 60 - 1)
        simulator.simulator.tick()
        assert receiver.received.empty()
        simulator.world.clock.advance(1)
        bodies.append(receiver.next()[1])
    assert len(set(bodies)) == 1
    simulator.world.clock.advance(3 * 3600)
    assert receiver.is_quiet()
    outcomes = [push["outcome"] for push in client.get("/_control/pushes").json()["sent"]]
    assert outcomes == ["repeated", "repeated", "repeated", "dropped"]


def test_17track_says_that_it_stopped_without_track_info(client, receiver, simulator):
    client.post("/_control/webhook", json={"url": receiver.url})
    seventeentrack(client, "register", [{"number": "RB542030041CN"}])
    simulator.world.clock.advance(31 * 86_400)
    message = json.loads(receiver.next()[1])
    assert message["event"] == "TRACKING_STOPPED"
    assert "track_info" not in message["data"]


def test_a_push_on_demand_needs_a_webhook(client, receiver):
    seventeentrack(client, "register", [{"number": SILENT}])
    seventeentrack(client, "gettrackinfo", [{"number": SILENT}])
    assert seventeentrack(client, "push", [{"number": SILENT}])["code"] == -18010201
    client.post("/_control/webhook", json={"url": receiver.url})
    assert seventeentrack(client, "push", [{"number": SILENT}])["code"] == 0
    assert json.loads(receiver.next()[1])["data"]["number"] == SILENT


def form(body):
    return {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}


def test_kuaidi100_pushes_with_a_salted_signature_until_signed(client, receiver, simulator):
    subscribe(client, "yuantong", FAST_IN_CHINA, callbackurl=receiver.url, salt="salt", resultv2="1")
    first = form(receiver.next()[1])
    assert first["sign"] == md5(first["param"], "salt")
    message = json.loads(first["param"])
    assert (message["status"], message["lastResult"]["nu"]) == ("polling", FAST_IN_CHINA)
    simulator.world.clock.advance(3600)
    last = json.loads(form(receiver.next()[1])["param"])
    assert (last["status"], last["lastResult"]["ischeck"]) == ("shutdown", "1")
    simulator.world.clock.advance(3600)
    assert receiver.is_quiet()


def test_kuaidi100_corrects_the_courier_when_asked_to(client, receiver):
    subscribe(client, "zhongtong", SIGNED, callbackurl=receiver.url, autoCom="1")
    message = json.loads(form(receiver.next()[1])["param"])
    assert (message["autoCheck"], message["comOld"], message["comNew"]) == ("1", "zhongtong", "yuantong")
    assert message["lastResult"]["com"] == "yuantong"


def test_kuaidi100_signs_nothing_without_a_salt(client, receiver):
    subscribe(client, "yuantong", SIGNED, callbackurl=receiver.url)
    assert list(form(receiver.next()[1])) == ["param"]


def test_kuaidi100_repeats_what_is_not_acknowledged_with_result_true(client, receiver, simulator):
    receiver.body = b"ok"
    subscribe(client, "yuantong", SIGNED, callbackurl=receiver.url)
    receiver.next()
    wait_until(lambda: simulator.simulator.outbox.waiting() == 1)
    receiver.body = b'{"result":true}'
    simulator.world.clock.advance(600)
    receiver.next()
    simulator.world.clock.advance(7200)
    assert receiver.is_quiet()


@pytest.mark.parametrize(("number", "days"), [(UNKNOWN, 3), ("JT5343908375834", 60)])
def test_kuaidi100_aborts_after_3_days_without_a_record_or_60_without_a_change(
    client, receiver, simulator, number, days
):
    if number != UNKNOWN:
        row = {"kind": "EMA", "place": "couriers.yiwu", "in_h": -1, "post": "jtexpress"}
        both = {"origin_post": "jtexpress", "destination_post": "jtexpress"}
        client.post("/_control/journeys", json={"number": number, "scans": [row], **both})
    company = "yuantong" if number == UNKNOWN else "jtexpress"
    subscribe(client, company, number, callbackurl=receiver.url)
    if number != UNKNOWN:
        receiver.next()
    simulator.world.clock.advance(days * 86_400)
    message = json.loads(form(receiver.next()[1])["param"])
    assert message["status"] == "abort"
    assert str(days) in message["message"]
    assert subscribe(client, company, number, callbackurl=receiver.url)["returnCode"] == "200"


def test_kuaidi100_tells_the_leg_abroad_apart(client, receiver):
    subscribe(client, "youzhengguoji", "RB372813271CN", callbackurl=receiver.url)
    message = json.loads(form(receiver.next()[1])["param"])
    assert message["lastResult"]["com"] == "youzhengguoji"
    assert message["destResult"]["com"] == "russianpost"
    assert message["destResult"]["data"][0]["context"] == "【Казань】快件已存放至菜鸟驿站，请凭取件码取件"


def test_nothing_is_sent_beyond_this_machine(client, simulator):
    subscribe(client, "yuantong", SIGNED, callbackurl="http://192.0.2.1/hook")
    wait_until(lambda: simulator.simulator.outbox.log())
    assert [delivery.status for delivery in simulator.simulator.outbox.log()] == [0]
