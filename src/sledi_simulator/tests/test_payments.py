"""The payment provider: a page, an API, signed callbacks, bad days. Its shape: docs/how-to/payments.md."""

import hashlib
import hmac
import json

import pytest

from sledi_simulator import Options, running
from sledi_simulator.payments import PaymentDay
from sledi_simulator.tests.asking import START, client_of, standing_still
from sledi_simulator.tests.test_pushes import receiver as receiver
from sledi_simulator.tests.test_pushes import wait_until

KEY = {"Authorization": "Bearer secret"}


def created(client, receiver, *, key="k1", amount=3300):
    wanted = {
        "merchant_id": "order-1",
        "amount": amount,
        "currency": "RUB",
        "description": "7KQM<b>",
        "return_url": "http://127.0.0.1:1/back",
        "callback_url": receiver.url,
    }
    return client.post("/payments/v1/checkouts", json=wanted, headers={**KEY, "Idempotency-Key": key})


def press(client, checkout, act="pay"):
    return client.post(f"/payments/pay/{checkout['id']}", data={"act": act})


def status(client, checkout):
    return client.get(f"/payments/v1/checkouts/{checkout['id']}", headers=KEY).json()


def day(client, name, **more):
    answer = client.post("/_control/payments/days", json={"day": name, **more})
    assert answer.status_code == 200, answer.text


def test_a_checkout_is_made_once_per_key(client, receiver):
    first, again, other = (
        created(client, receiver),
        created(client, receiver),
        created(client, receiver, key="k2"),
    )
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 201)
    assert first.json() == again.json()
    assert other.json()["id"] != first.json()["id"]
    assert first.json()["address"] == f"{str(client.base_url).rstrip('/')}/payments/pay/{first.json()['id']}"


def test_the_api_wants_its_key_and_a_whole_amount(client, receiver):
    assert client.post("/payments/v1/checkouts", json={}).status_code == 401
    assert client.get("/payments/v1/checkouts/co_1").status_code == 401
    assert client.get("/payments/v1/checkouts/co_1", headers=KEY).status_code == 404
    assert created(client, receiver, amount=0).status_code == 400
    assert created(client, receiver, amount="33.00").status_code == 400
    assert client.post("/payments/v1/checkouts", content=b"{", headers=KEY).status_code == 400
    assert client.get("/payments/pay/co_1").status_code == 404


def test_the_page_has_three_ways_out_and_escapes_what_it_shows(client, receiver):
    checkout = created(client, receiver).json()
    page = client.get(f"/payments/pay/{checkout['id']}")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert [act for act in ("pay", "decline", "close") if f'value="{act}"' in page.text] == [
        "pay",
        "decline",
        "close",
    ]
    assert "7KQM&lt;b&gt;" in page.text
    assert "<h1>Pay 33.00 RUB</h1>" in page.text


def test_paying_tells_of_one_payment_with_a_signature_over_the_raw_body(client, receiver):
    checkout = created(client, receiver).json()
    back = press(client, checkout)
    assert (back.status_code, back.headers["location"]) == (303, "http://127.0.0.1:1/back")
    headers, body = receiver.next()
    signed = hmac.new(b"secret", headers["Pay-Timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["Pay-Signature"] == f"v1={signed}"
    assert headers["Pay-Timestamp"] == str(int(START.timestamp()))
    told = json.loads(body)
    assert (told["status"], told["amount"], told["currency"], told["merchant_id"]) == (
        "paid",
        3300,
        "RUB",
        "order-1",
    )
    assert told["payments"] == status(client, checkout)["payments"]
    press(client, checkout)
    assert receiver.is_quiet()


def test_declining_and_closing(client, receiver):
    checkout = created(client, receiver).json()
    press(client, checkout, "close")
    assert receiver.is_quiet()
    assert status(client, checkout)["status"] == "open"
    press(client, checkout, "decline")
    assert json.loads(receiver.next()[1])["status"] == "failed"
    press(client, checkout)
    assert json.loads(receiver.next()[1])["status"] == "paid"


def test_a_callback_that_is_not_accepted_comes_again_signed_anew(client, receiver, simulator):
    checkout = created(client, receiver).json()
    receiver.status = 503
    press(client, checkout)
    first, _ = receiver.next()
    wait_until(lambda: simulator.simulator.outbox.waiting() == 1)
    receiver.status = 200
    client.post("/_control/clock", json={"advance_s": 601})
    second, _ = receiver.next()
    assert int(second["Pay-Timestamp"]) - int(first["Pay-Timestamp"]) == 601
    assert second["Pay-Signature"] != first["Pay-Signature"]


def test_a_part_can_be_given_back_and_never_more_than_was_paid(client, receiver):
    checkout = created(client, receiver).json()
    refund = f"/_control/payments/{checkout['id']}/refund"
    assert client.post(refund, json={"amount": 1}).status_code == 400
    press(client, checkout)
    receiver.next()
    assert client.post(refund, json={"amount": 1000}).json()["status"] == "partially_refunded"
    assert json.loads(receiver.next()[1])["refunded"] == 1000
    assert client.post(refund, json={"amount": 2301}).status_code == 400
    assert client.post(refund, json={"amount": 2300}).json()["status"] == "refunded"


@pytest.mark.parametrize(
    ("name", "told", "asked"),
    [
        ("lies", (33000, "RUB"), (3300, "RUB")),
        ("lies_everywhere", (33000, "RUB"), (33000, "RUB")),
        ("other_currency", (3300, "XAF"), (3300, "XAF")),
    ],
)
def test_days_on_which_the_amount_is_wrong(client, receiver, name, told, asked):
    checkout = created(client, receiver).json()
    day(client, name)
    press(client, checkout)
    heard, found = json.loads(receiver.next()[1]), status(client, checkout)
    assert (heard["amount"], heard["currency"]) == told
    assert (found["amount"], found["currency"]) == asked
    assert heard["payments"][0]["amount"] == told[0]


def test_days_on_which_callbacks_are_too_many_or_none(client, receiver):
    checkout = created(client, receiver).json()
    day(client, "repeats")
    press(client, checkout)
    assert len({receiver.next()[1] for _ in range(5)}) == 1
    assert receiver.is_quiet()
    day(client, "never_calls_back")
    other = created(client, receiver, key="k2").json()
    press(client, other)
    assert receiver.is_quiet()
    assert status(client, other)["status"] == "paid"


def test_a_day_on_which_the_buyer_pays_twice(client, receiver):
    checkout = created(client, receiver).json()
    day(client, "pays_twice")
    press(client, checkout)
    told = sorted(json.loads(receiver.next()[1])["payments"][0]["id"] for _ in range(2))
    assert told == sorted(payment["id"] for payment in status(client, checkout)["payments"])
    assert len(set(told)) == 2


def test_a_day_of_wrong_signatures(client, receiver):
    checkout = created(client, receiver).json()
    day(client, "wrong_signature")
    press(client, checkout)
    headers, body = receiver.next()
    signed = hmac.new(b"secret", headers["Pay-Timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["Pay-Signature"] != f"v1={signed}"


def test_a_day_on_which_the_callback_is_first(client, receiver):
    checkout = created(client, receiver).json()
    day(client, "callback_first")
    press(client, checkout)
    assert receiver.received.qsize() == 1


def test_a_day_on_which_the_api_does_its_work_and_answers_late(client, receiver, simulator):
    day(client, "times_out", delay_s=0.3)
    made = created(client, receiver)
    assert made.elapsed.total_seconds() >= 0.3
    assert len(simulator.simulator.payments.checkouts()) == 1


def test_days_are_switched_off_one_by_one_or_all(client):
    for name in PaymentDay:
        day(client, name)
    assert client.get("/_control/payments").json()["days"] == sorted(PaymentDay)
    client.request("DELETE", "/_control/payments/days", json={"day": "lies"})
    assert "lies" not in client.get("/_control/payments").json()["days"]
    client.request("DELETE", "/_control/payments/days")
    assert client.get("/_control/payments").json()["days"] == []
    assert client.post("/_control/payments/days", json={"day": "sunny"}).status_code == 400


def test_checkouts_outlive_a_restart_and_end_with_a_reset(tmp_path, receiver):
    options = Options(speed=0, start=START, limits=standing_still().limits, state=tmp_path / "state.json")
    with running(options=options) as run, client_of(run) as client:
        checkout = created(client, receiver).json()
    with running(options=options) as run, client_of(run) as client:
        assert created(client, receiver).json()["id"] == checkout["id"]
        client.post("/_control/reset")
        assert client.get("/_control/payments").json()["checkouts"] == []
