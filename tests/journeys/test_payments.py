"""Paying for an order: a button, the provider's page, the truth afterwards; on bad days nothing is doubled or lost."""

from typing import Any

import pytest

from sledi.ledger.models import EntrySet
from sledi.orders.models import Checkout, Order
from tests.journeys.office import Office, text_of
from tests.journeys.paying import Kassa
from tests.journeys.paying import kassa as kassa
from tests.journeys.world import command

PROFILE = "retail"
BUTTON = "Оплатить 30,00 ₽"


def pay(office: Office, order: str) -> Any:
    """The button on the order's page."""
    client, slug = office.browser("buyer"), office.business.slug
    return client.post(f"/{slug}/orders/{order}/payment/")


def priced(office: Office) -> str:
    """An order of 30.00 that its buyer is to pay now."""
    return office.place("buyer")


def paid_of(office: Office, order: str) -> str:
    return str(office.see("buyer", f"orders/{order}")["amounts"]["paid"]["amount"])


@pytest.mark.parametrize("office", ["retail", "marketplace"], indirect=True)
def test_the_buyer_pays_by_a_button_and_reads_the_truth_on_the_way_back(office: Office, kassa: Kassa) -> None:
    order = priced(office)
    assert BUTTON in office.read("buyer", f"orders/{order}/")
    address = kassa.page_after(pay(office, order))
    assert kassa.page_after(pay(office, order)) == address
    assert kassa.came() == 1
    back = kassa.press(address)
    read = lambda: text_of(office.browser("buyer").get(back).content.decode())  # noqa: E731
    assert "Проверяется" in read()
    assert paid_of(office, order) == "0.00"
    callback = kassa.callback()
    for _confirmed in range(3):
        assert kassa.deliver(callback) == 200
        assert "Оплачено" in read()
        assert paid_of(office, order) == "30.00"
    assert EntrySet.objects.filter(kind="payment").count() == 1
    assert BUTTON not in office.read("buyer", f"orders/{order}/")
    assert "Оплачено 30,00 ₽" in office.read("buyer", f"orders/{order}/")


def test_an_order_is_paid_over_rest_and_by_command_on_the_same_page(office: Office, kassa: Kassa) -> None:
    order = priced(office)
    made = office.api("buyer", "post", f"orders/{order}/checkouts")
    assert made.status == 201
    assert made.body["money"] == {"amount": "30.00", "currency": "RUB"}
    again = office.api("buyer", "post", f"orders/{order}/checkouts")
    assert (again.status, again.body) == (201, made.body)
    assert office.shell("buyer", "ledger", "pay", order) == (0, made.body["address"] + "\n")
    kassa.press(made.body["address"])
    kassa.deliver(kassa.callback())
    told = office.see("buyer", f"checkouts/{made.body['id']}")
    assert (told["state"], told["order"]) == ("paid", order)
    refused = office.api("buyer", "post", f"orders/{order}/checkouts")
    assert (refused.status, refused.kind) == (409, "not-payable")
    assert office.shell("buyer", "ledger", "pay", order)[0] == 1


def test_what_is_not_ones_own_is_not_there_to_be_paid(office: Office, kassa: Kassa) -> None:
    order = priced(office)
    address = f"/{office.business.slug}/orders/{order}/payment/"
    assert office.browser("buyer", "boris").post(address).status_code == 404
    assert office.api("buyer", "post", f"orders/{order}/checkouts", name="boris").status == 404
    assert BUTTON not in office.read("platform", f"orders/{order}/")
    assert office.api("platform", "post", f"orders/{order}/checkouts").status == 409
    made = office.api("buyer", "post", f"orders/{order}/checkouts").body["id"]
    for role, name in (("buyer", "boris"), ("platform", "")):
        assert office.api(role, "get", f"checkouts/{made}", name=name).status == 404
        step = office.browser(role, name).get(f"/{office.business.slug}/payments/{made}/")
        assert step.status_code == 404
    assert kassa.came() == 1


def test_where_nobody_takes_payments_there_is_no_button(office: Office) -> None:
    order = priced(office)
    assert BUTTON not in office.read("buyer", f"orders/{order}/")
    assert pay(office, order)["Location"] == f"/{office.business.slug}/orders/{order}/"
    told = office.api("buyer", "post", f"orders/{order}/checkouts")
    assert (told.status, told.kind) == (409, "not-payable")
    assert Checkout.objects.count() == 0


def test_a_cancelled_order_asks_for_no_payment(office: Office, kassa: Kassa) -> None:
    order = priced(office)
    office.do("buyer", f"orders/{order}", "cancel")
    assert BUTTON not in office.read("buyer", f"orders/{order}/")
    assert office.api("buyer", "post", f"orders/{order}/checkouts").status == 409


def test_of_a_cancelled_order_the_buyer_reads_where_his_money_is(office: Office, kassa: Kassa) -> None:
    order = priced(office)
    kassa.press(kassa.page_after(pay(office, order)))
    kassa.deliver(kassa.callback())
    office.do("platform", f"orders/{order}", "cancel_for_buyer", cancel_reason="sold_out")
    page = office.html("buyer", f"orders/{order}/")
    assert "Возврат Возвращается тем же способом оплаты 30,00 ₽ Выписка" in text_of(page)
    assert f'href="/{office.business.slug}/account/"' in page
    assert command("ledger", "refunds", "--business", "retail", "--sent", order)[0] == 0
    assert "Возврат Возвращено 30,00 ₽ Выписка" in office.read("buyer", f"orders/{order}/")


# --- bad days -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["lies", "lies_everywhere", "other_currency"])
def test_what_does_not_fit_is_not_booked_and_people_look_at_it(
    office: Office, kassa: Kassa, day: str
) -> None:
    order = priced(office)
    back = kassa.press(kassa.page_after(pay(office, order)), "close")
    kassa.day(day)
    kassa.press(Checkout.objects.get().address)
    assert kassa.deliver(kassa.callback()) == 200
    assert paid_of(office, order) == "0.00"
    kassa.ask()
    if day == "lies":  # the callback alone: the API tells the truth
        assert paid_of(office, order) == "30.00"
        return
    assert paid_of(office, order) == "0.00"
    assert EntrySet.objects.count() == 0
    assert "Разбираемся" in text_of(office.browser("buyer").get(back).content.decode())
    page = office.read("buyer", f"orders/{order}/")
    assert BUTTON not in page
    assert "не платите ещё раз" in page
    assert office.api("buyer", "post", f"orders/{order}/checkouts").status == 409
    said = "Платёжная служба сообщает не о том платеже, который запрашивали"
    assert said in office.read("support", "")
    (task,) = office.see("support", "tasks")["tasks"]
    assert (task["reason"], task["number"]) == ("payment_doubtful", order)


def test_a_callback_five_times_is_one_payment(office: Office, kassa: Kassa) -> None:
    order = priced(office)
    kassa.day("repeats")
    kassa.press(kassa.page_after(pay(office, order)))
    assert [kassa.deliver(kassa.callback()) for _ in range(5)] == [200] * 5
    assert paid_of(office, order) == "30.00"
    assert EntrySet.objects.filter(kind="payment").count() == 1


def test_two_payments_of_one_page_pay_once_and_the_second_is_the_buyers(office: Office, kassa: Kassa) -> None:
    order = priced(office)
    kassa.day("pays_twice")
    kassa.press(kassa.page_after(pay(office, order)))
    for _ in range(2):
        kassa.deliver(kassa.callback())
    kassa.ask()
    assert paid_of(office, order) == "30.00"
    assert office.see("buyer", "account")["available"]["amount"] == "30.00"
    assert "Оплачено дважды: второй платёж лежит на счёте плательщика" in office.read("support", "")


def test_a_forged_callback_changes_nothing(office: Office, kassa: Kassa) -> None:
    order = priced(office)
    kassa.day("wrong_signature")
    kassa.press(kassa.page_after(pay(office, order)))
    assert kassa.deliver(kassa.callback()) == 403
    assert paid_of(office, order) == "0.00"


def test_a_provider_that_never_calls_is_asked_and_one_that_is_silent_is_told_of(
    office: Office, kassa: Kassa
) -> None:
    order = priced(office)
    kassa.day("never_calls_back")
    kassa.press(kassa.page_after(pay(office, order)))
    office.wait(minutes=11)
    assert kassa.ask() == 1
    assert paid_of(office, order) == "30.00"


def test_a_provider_that_is_down_takes_nothing_and_the_next_try_succeeds(
    office: Office, kassa: Kassa, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, slug = priced(office), office.business.slug
    with monkeypatch.context() as down:
        down.setenv("SLEDI_PAYMENT_KASSA_URL", "http://127.0.0.1:9")
        page = office.browser("buyer").post(f"/{slug}/orders/{order}/payment/", follow=True)
        assert "Платёжная служба не отвечает. Деньги не списаны" in text_of(page.content.decode())
        told = office.api("buyer", "post", f"orders/{order}/checkouts")
        assert (told.status, told.kind, told.headers["Retry-After"]) == (503, "no-answer", "60")
        code, said = office.shell("buyer", "ledger", "pay", order)
        assert code == 1
        assert "gives no answer" in said
    assert Order.objects.get().state == "pending"
    kassa.press(kassa.page_after(pay(office, order)))
    kassa.deliver(kassa.callback())
    assert paid_of(office, order) == "30.00"
    assert Checkout.objects.count() == 1
