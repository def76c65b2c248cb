"""Paying through a provider, on good days and bad: one effect, nothing lost, nothing doubled."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from sledi.core.money import Money
from sledi.ledger import queries as ledger
from sledi.ledger.charts import CASH, CUSTOMER_BALANCE, Ref
from sledi.orders.models import Checkout
from sledi.orders.money import checkouts, payment_provider, payments
from sledi.orders.money.payment_provider import Account, HostedCheckout, Unavailable, signature
from sledi.orders.tests.till import PAID_ONCE, SLUG, UNPAID, Till
from sledi.orders.tests.till import till as till

AT = datetime(2026, 9, 28, 9, tzinfo=UTC)


# --- good days ------------------------------------------------------------------------------------------------


def test_a_payment_is_checked_until_the_callback_is_there_and_counted_once(till: Till) -> None:
    order = till.order()
    checkout = till.checkout(order)
    assert "Being checked" in till.page(checkout)
    back = till.press(checkout)
    assert (back.status_code, back.headers["location"]) == (
        303,
        f"http://localhost:8000/account/payments/{checkout.pk}/",
    )
    assert till.books(order) == UNPAID
    assert till.deliver() == 200
    assert till.books(order) == PAID_ONCE
    page = till.page(checkout)
    assert "Being checked" not in page
    assert "33.00 RUB" in page


def test_pressing_pay_twice_leads_to_the_same_page(till: Till) -> None:
    order = till.order()
    assert till.checkout(order).address == till.checkout(order).address
    assert len(till.provider.checkouts()) == 1


def test_a_paid_order_cannot_be_paid_again(till: Till) -> None:
    order = till.order()
    till.press(till.checkout(order))
    till.deliver()
    with pytest.raises(checkouts.NotPayable):
        till.checkout(order)


def test_a_declined_payment_takes_nothing_and_may_be_tried_again_on_the_same_page(till: Till) -> None:
    order = till.order()
    checkout = till.checkout(order)
    till.press(checkout, "decline")
    assert till.deliver() == 200
    assert till.books(order) == UNPAID
    assert "Not paid" in till.page(checkout)
    till.press(checkout)
    till.deliver()
    assert till.books(order) == PAID_ONCE


def test_closing_the_page_changes_nothing(till: Till) -> None:
    order = till.order()
    till.press(till.checkout(order), "close")
    till.later(minutes=11)
    assert till.books(order) == UNPAID
    assert Checkout.objects.get().state == "open"


def test_a_top_up_is_on_the_balance_once_with_its_reference(till: Till) -> None:
    business, person = till.stage.business, till.buyer()
    checkout = checkouts.for_top_up(business, SLUG, person.pk, Money(10_000, "RUB"), till.now)
    till.press(checkout)
    callback = till.callback()
    assert [till.deliver(callback) for _ in range(2)] == [200, 200]
    ref = Ref(CUSTOMER_BALANCE, person.pk, "RUB")
    assert ledger.balance(business, ref) == Money(10_000, "RUB")
    (line,) = ledger.statement(business, ref).lines
    assert line.reference == till.provider.checkouts()[0]["payments"][0]


def test_a_part_that_the_provider_gave_back_leaves_the_balance(till: Till) -> None:
    business, person = till.stage.business, till.buyer()
    checkout = checkouts.for_top_up(business, SLUG, person.pk, Money(10_000, "RUB"), till.now)
    till.press(checkout)
    till.deliver()
    checkout.refresh_from_db()
    for amount, left, state in ((2500, 7500, "partially_refunded"), (7500, 0, "refunded")):
        till.provider.refund(checkout.reference, amount)
        callback = till.callback()
        assert [till.deliver(callback) for _ in range(2)] == [200, 200]
        till.later(seconds=1)
        checkout.refresh_from_db()
        assert (checkout.state, checkout.refunded_minor) == (state, 10_000 - left)
        assert ledger.balance(business, Ref(CUSTOMER_BALANCE, person.pk, "RUB")).minor == left
        assert ledger.balance(business, Ref(CASH, None, "RUB", SLUG)).minor == -left


def test_a_refund_of_money_that_was_spent_is_left_to_people(till: Till) -> None:
    order = till.order()
    checkout = till.checkout(order)
    till.press(checkout)
    till.deliver()
    checkout.refresh_from_db()
    till.provider.refund(checkout.reference, 1000)
    till.deliver()
    till.later(seconds=1)
    assert till.books(order) == PAID_ONCE
    checkout.refresh_from_db()
    assert (checkout.state, till.tasks()) == ("doubtful", ["payment_doubtful"])


def test_what_a_guest_gets_back_leaves_clearing_and_his_order_owes_nothing(till: Till) -> None:
    order = till.stage.order(reseller_id=None, buyer_id=None)
    checkout = till.checkout(order)
    till.press(checkout)
    till.deliver()
    till.stage.move("platform", "order", order.pk, "hold", {"hold_reason": "address"})
    till.stage.move("platform", "order", order.pk, "reject_payment", {"note": "stolen card"})
    (due,) = ledger.returns(till.stage.business, [order.pk], is_open=True)
    assert due.due.minor == 3300
    checkout.refresh_from_db()
    till.provider.refund(checkout.reference, 3300)
    till.deliver()
    till.later(seconds=1)
    checkout.refresh_from_db()
    assert (checkout.state, till.tasks(), ledger.audit()) == ("refunded", [], [])
    assert ledger.returns(till.stage.business, [order.pk], is_open=True) == []
    assert ledger.balance(till.stage.business, Ref(CASH, None, "RUB", SLUG)).minor == 0


# --- bad days -------------------------------------------------------------------------------------------------


def test_a_callback_that_lies_about_the_amount_has_the_provider_asked(till: Till) -> None:
    order = till.order()
    checkout = till.checkout(order)
    till.day("lies")
    till.press(checkout)
    assert till.deliver() == 200
    assert till.books(order) == UNPAID
    assert till.later(seconds=1) == 1
    assert till.books(order) == PAID_ONCE


def test_a_provider_that_lies_everywhere_is_believed_by_nobody(till: Till) -> None:
    order = till.order()
    checkout = till.checkout(order)
    till.day("lies_everywhere")
    till.press(checkout)
    till.deliver()
    till.later(seconds=1)
    assert till.books(order) == UNPAID
    checkout.refresh_from_db()
    assert (checkout.state, checkout.problem) == ("doubtful", "330.00 RUB in the place of 33.00 RUB")
    assert till.tasks() == ["payment_doubtful"]
    assert "Being looked at" in till.page(checkout)
    assert till.later(days=3) == 0
    till.provider.control("DELETE", ["days"], {})
    assert till.deliver(_honest(till, checkout)) == 200
    till.later(seconds=1)
    assert till.books(order) == PAID_ONCE


def _honest(till: Till, checkout: Checkout) -> tuple[dict[str, str], bytes]:
    """The provider corrects itself."""
    told = till.provider._document(till.provider._checkouts[checkout.reference])
    body = json.dumps(told).encode()
    timestamp = str(int(datetime.now(UTC).timestamp()))
    return {"Pay-Timestamp": timestamp, "Pay-Signature": signature("secret", timestamp, body)}, body


def test_another_currency_is_left_to_people(till: Till) -> None:
    order = till.order()
    checkout = till.checkout(order)
    till.day("other_currency")
    till.press(checkout)
    till.deliver()
    till.later(seconds=1)
    assert till.books(order) == UNPAID
    checkout.refresh_from_db()
    assert (checkout.state, till.tasks()) == ("doubtful", ["payment_doubtful"])


def test_a_callback_five_times_is_one_payment(till: Till) -> None:
    order = till.order()
    checkout = till.checkout(order)
    till.day("repeats")
    till.press(checkout)
    assert [till.deliver() for _ in range(5)] == [200] * 5
    assert till.books(order) == PAID_ONCE
    assert till.later(days=3) == 0


def test_a_wrong_signature_is_refused_and_the_money_found_by_asking(till: Till) -> None:
    order = till.order()
    checkout = till.checkout(order)
    till.day("wrong_signature")
    till.press(checkout)
    assert till.deliver() == 403
    assert till.books(order) == UNPAID
    assert till.later(minutes=10) == 1
    assert till.books(order) == PAID_ONCE


def test_a_callback_before_the_redirect_is_there_when_the_buyer_comes_back(till: Till) -> None:
    order = till.order()
    checkout = till.checkout(order)
    till.day("callback_first")
    till.press(checkout)
    assert till.catcher.caught.qsize() == 1
    till.deliver()
    assert till.books(order) == PAID_ONCE
    assert "Being checked" not in till.page(checkout)


def test_a_provider_that_times_out_makes_one_checkout_all_the_same(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = till.order()
    monkeypatch.setattr(payment_provider, "TIMEOUT_S", 0.2)
    till.day("times_out")
    with pytest.raises(Unavailable):
        till.checkout(order)
    assert (Checkout.objects.get().state, till.books(order)) == ("opening", UNPAID)
    assert till.later(minutes=10) == 0
    till.provider.control("DELETE", ["days"], {})
    monkeypatch.setattr(payment_provider, "TIMEOUT_S", 5)
    checkout = till.checkout(order)
    assert (len(till.provider.checkouts()), Checkout.objects.count()) == (1, 1)
    till.press(checkout)
    till.deliver()
    assert till.books(order) == PAID_ONCE


def test_a_callback_before_we_have_the_providers_answer_is_believed(till: Till) -> None:
    order = till.order()
    checkout = till.checkout(order)
    Checkout.objects.update(state="opening", reference=None, address="")
    till.press(checkout)
    assert till.deliver() == 200
    assert till.books(order) == PAID_ONCE
    assert Checkout.objects.get().reference == checkout.reference


def test_a_second_payment_of_one_checkout_goes_onto_the_payers_account(till: Till) -> None:
    order = till.order()
    checkout = till.checkout(order)
    till.day("pays_twice")
    till.press(checkout)
    assert [till.deliver(), till.deliver()] == [200, 200]
    assert till.books(order) == PAID_ONCE
    assert till.later(seconds=1) == 1
    both = {"state": "payment_received", "paid": 3300, "balance": 3300, "cash": -6600}
    assert till.books(order) == both
    assert till.tasks() == ["paid_twice"]
    assert till.later(days=3) == 0
    assert till.books(order) == both


def test_a_provider_that_never_calls_back_is_asked_after_ten_minutes(till: Till) -> None:
    order = till.order()
    checkout = till.checkout(order)
    till.day("never_calls_back")
    till.press(checkout)
    assert till.later(minutes=9) == 0
    assert till.books(order) == UNPAID
    assert till.later(minutes=1) == 1
    assert till.books(order) == PAID_ONCE


def test_who_waits_in_front_of_the_page_has_the_provider_asked_sooner(till: Till) -> None:
    order = till.order()
    checkout = till.checkout(order)
    till.day("never_calls_back")
    till.press(checkout)
    Checkout.objects.update(updated_at=datetime.now(UTC) - timedelta(minutes=1))
    till.page(checkout)
    assert till.later(seconds=5) == 1
    assert till.books(order) == PAID_ONCE


def test_a_silent_provider_is_asked_less_and_less_and_then_no_more(till: Till) -> None:
    till.checkout(till.order())
    assert [till.later(days=3) for _ in range(8)] == [1, 1, 1, 1, 1, 1, 0, 0]
    assert (Checkout.objects.get().due_at, Checkout.objects.get().state) == (None, "failed")


def test_a_provider_that_never_answers_is_left_to_people(till: Till) -> None:
    checkout = till.checkout(till.order())
    till.day("times_out")
    with pytest.MonkeyPatch.context() as hurry:
        hurry.setattr(payment_provider, "TIMEOUT_S", 0.05)
        assert [till.later(days=3) for _ in range(7)] == [0] * 7
    checkout.refresh_from_db()
    assert (checkout.state, checkout.due_at, till.tasks()) == ("doubtful", None, ["payment_doubtful"])


def test_a_payment_after_a_decline_is_found_though_nobody_calls_back(till: Till) -> None:
    order = till.order()
    checkout = till.checkout(order)
    till.press(checkout, "decline")
    till.deliver()
    till.day("never_calls_back")
    till.press(checkout)
    assert till.later(minutes=31) == 1
    assert till.books(order) == PAID_ONCE


def test_an_order_that_lacks_another_sum_gets_another_page(till: Till) -> None:
    order = till.order()
    first = till.checkout(order)
    payments.payment_paid(till.stage.business, "bank", "T1", Money(1000, "RUB"), order.pk, till.now)
    second = till.checkout(order)
    assert (first.amount_minor, second.amount_minor) == (3300, 2300)
    for checkout in (second, first):
        till.press(checkout)
        assert till.deliver() == 200
    # 10.00 by the bank and 23.00 by card paid the order; the first page's 33.00 are the buyer's.
    assert till.books(order) == {"state": "payment_received", "paid": 3300, "balance": 3300, "cash": -5600}
    assert till.tasks() == ["paid_twice"]


def test_a_wrong_key_is_noted_and_asked_again_later(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = till.checkout(till.order())
    monkeypatch.setenv("SLEDI_PAYMENT_KASSA_KEY", "wrong")
    assert till.later(minutes=10) == 0
    checkout.refresh_from_db()
    assert (checkout.state, checkout.problem, checkout.attempts) == ("open", "status 401", 1)
    assert checkout.due_at == till.now + timedelta(minutes=30)


# --- what is refused ------------------------------------------------------------------------------------------


def test_a_callback_changed_on_its_way_or_too_old_is_refused(till: Till) -> None:
    order = till.order()
    till.press(till.checkout(order))
    headers, body = till.callback()
    assert till.deliver((headers, body.replace(b"3300", b"3301"))) == 403
    old = str(int(headers["Pay-Timestamp"]) - 301)
    assert (
        till.deliver(({"Pay-Timestamp": old, "Pay-Signature": signature("secret", old, body)}, body)) == 403
    )
    assert till.deliver(({}, body)) == 403
    assert till.deliver(({**headers, "Pay-Signature": "v1=\u00e9"}, body)) == 403
    assert till.books(order) == UNPAID
    assert till.deliver((headers, body)) == 200


def test_what_cannot_be_read_or_is_not_ours_changes_nothing(till: Till) -> None:
    order = till.order()
    till.checkout(order)
    told = {"id": "co_1", "merchant_id": str(uuid4()), "status": "paid", "amount": 1, "currency": "RUB"}
    assert till.deliver(_signed(json.dumps(told).encode())) == 404
    for wrong in (
        b"",
        b"[]",
        b"{",
        json.dumps(told | {"status": "gone"}).encode(),
        json.dumps(told | {"amount": -1}).encode(),
        json.dumps(told | {"amount": 3.5}).encode(),
        json.dumps(told | {"currency": "XXL"}).encode(),
        json.dumps(told | {"merchant_id": "1"}).encode(),
        json.dumps(told | {"payments": [1]}).encode(),
    ):
        assert till.deliver(_signed(wrong)) == 422, wrong
    assert till.deliver(_signed(b" " * 65_537)) == 413
    assert till.client.post("/hooks/payments/nobody/").status_code == 404
    assert till.client.get("/hooks/payments/kassa/").status_code == 405
    assert till.client.get(f"/account/payments/{uuid4()}/").status_code == 404
    assert till.books(order) == UNPAID


def _signed(body: bytes) -> tuple[dict[str, str], bytes]:
    timestamp = str(int(datetime.now(UTC).timestamp()))
    return {"Pay-Timestamp": timestamp, "Pay-Signature": signature("secret", timestamp, body)}, body


def test_a_callback_of_another_checkout_under_our_id_is_not_ours(till: Till) -> None:
    order = till.order()
    checkout = till.checkout(order)
    told = {
        "id": "co_other",
        "merchant_id": str(checkout.pk),
        "status": "paid",
        "amount": 3300,
        "currency": "RUB",
    }
    told |= {"payments": [{"id": "pm_1", "amount": 3300, "currency": "RUB"}]}
    assert till.deliver(_signed(json.dumps(told).encode())) == 404
    assert till.books(order) == UNPAID


# --- signature and configuration ------------------------------------------------------------------------------


def test_the_signature_is_an_hmac_over_timestamp_and_body() -> None:
    """Worked out with ``printf '1700000000.{}' | openssl dgst -sha256 -hmac secret``."""
    assert signature("secret", "1700000000", b"{}") == (
        "v1=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163"
    )


@pytest.mark.parametrize(
    ("seconds", "is_good"), [(0, True), (-300, True), (300, True), (-301, False), (301, False)]
)
def test_a_signature_is_good_for_five_minutes(seconds: int, is_good: bool) -> None:
    body = json.dumps(
        {"id": "co_1", "merchant_id": str(uuid4()), "status": "open", "amount": 1, "currency": "EUR"}
    ).encode()
    timestamp = str(int(AT.timestamp()) + seconds)
    headers = {"pay-timestamp": timestamp, "pay-signature": signature("s", timestamp, body)}
    heard = HostedCheckout(Account("kassa", "https://pay.example", "k", "s")).hear(headers, body, AT)
    assert (heard is not None) is is_good


def test_providers_come_from_the_environment() -> None:
    environment = {
        "SLEDI_PAYMENT_KASSA_URL": "https://pay.example/",
        "SLEDI_PAYMENT_KASSA_KEY": "k",
        "SLEDI_PAYMENT_KASSA_SECRET": "s",
        "SLEDI_PAYMENT_SECOND_BANK_URL": "http://pay.example",
        "SLEDI_PAYMENT_SECOND_BANK_KEY": "k",
        "SLEDI_PAYMENT_SECOND_BANK_SECRET": "s",
        "SLEDI_PAYMENT_THIRD_KEY": "k",
        "SLEDI_PAYMENT_": "?",
    }
    found = payment_provider.accounts(environment)
    assert {slug: account.problem for slug, account in found.items()} == {
        "kassa": "",
        "second_bank": "URL must begin with https://",
        "third": "URL, SECRET is missing",
    }
    assert found["kassa"] == Account("kassa", "https://pay.example", "k", "s")
    assert payment_provider.configured(environment) == ["kassa"]
    assert payment_provider.provider("third", environment) is None


def test_a_checkout_needs_a_provider_that_is_configured(till: Till) -> None:
    order: Any = till.order()
    with pytest.raises(checkouts.NotPayable):
        checkouts.for_order(till.stage.business, "nobody", order.pk, till.now)
    assert not Checkout.objects.exists()
