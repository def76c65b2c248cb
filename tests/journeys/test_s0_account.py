"""The reseller’s account of a buyout: filled on its page, read there, beside his orders, in REST and in the shell."""

import json
from typing import Any

import pytest

from sledi.orders.models import Checkout
from tests.journeys.office import Office, text_of
from tests.journeys.paying import Kassa
from tests.journeys.paying import kassa as kassa

PROFILE = "buyout"
STRANGERS = ("operator", "logist", "buyer", "end_buyer", "seller")


def top_up(office: Office, amount: str, language: str = "ru") -> Any:
    """The form of the account's page, filled in and sent."""
    client, address = office.browser("reseller", language=language), f"/{office.business.slug}/account/"
    assert client.get(address).status_code == 200
    return client.post(f"/{office.business.slug}/account/top-ups/", {"amount": amount})


def paid_in(office: Office, kassa: Kassa, amount: str = "100") -> Any:
    """The callback for an amount paid in on the provider's page, not yet delivered."""
    kassa.press(kassa.page_after(top_up(office, amount)))
    return kassa.callback()


def account(office: Office) -> Any:
    return office.see("reseller", "account")


@pytest.mark.promise("S0.3")
def test_a_confirmed_top_up_of_100_is_on_the_account_and_beside_the_order_once(
    office: Office, kassa: Kassa
) -> None:
    order = office.place("reseller")
    for page in ("account/", f"orders/{order}/"):
        assert "0,00 ₽" in office.read("reseller", page)
    assert account(office)["available"] == {"amount": "0.00", "currency": "RUB"}
    callback = paid_in(office, kassa)
    for _confirmed in range(3):
        assert kassa.deliver(callback) == 200
        assert "Баланс 100,00 ₽" in office.read("reseller", "account/")
        assert "На счёте 100,00 ₽ Пополнить" in office.read("reseller", f"orders/{order}/")
        assert f'href="/{office.business.slug}/account/#top-up"' in office.html(
            "reseller", f"orders/{order}/"
        )
        assert account(office)["available"] == {"amount": "100.00", "currency": "RUB"}
        assert office.shell("reseller", "ledger", "balance") == (0, "100.00 RUB\n")
        (line,) = office.see("reseller", "account/statement")["lines"]
        assert (line["label"], line["money"]["amount"]) == ("Top-up", "100.00")
        assert line["reference"] == json.loads(callback[1])["payments"][0]["id"]
        assert office.read("reseller", "account/").count(line["reference"]) == 1
        assert office.shell("reseller", "ledger", "statement")[1].count(line["reference"]) == 1


def test_every_page_of_the_reseller_shows_his_balance_and_leads_to_the_account(
    office: Office, kassa: Kassa
) -> None:
    kassa.deliver(paid_in(office, kassa))
    for page in ("", "my/", "orders/", "account/"):
        head = office.html("reseller", page).partition("<main")[0]
        assert f'<a href="/{office.business.slug}/account/"' in head
        assert "100,00\xa0₽</span>" in head


def test_pressing_twice_and_leaving_the_page_costs_nothing(office: Office, kassa: Kassa) -> None:
    for _ in range(2):
        address = kassa.page_after(top_up(office, "100"))
        back = kassa.press(address, "close")
    assert "Проверяется" in text_of(office.browser("reseller").get(back).content.decode())
    assert account(office)["available"]["amount"] == "0.00"


def test_the_page_one_comes_back_to_says_what_became_of_it(office: Office, kassa: Kassa) -> None:
    back = kassa.press(kassa.page_after(top_up(office, "100")), "decline")
    read = lambda: text_of(office.browser("reseller").get(back).content.decode())  # noqa: E731
    assert "Проверяется" in read()
    assert kassa.deliver(kassa.callback()) == 200
    assert "Не оплачено" in read()
    kassa.press(Checkout.objects.get().address)
    kassa.deliver(kassa.callback())
    assert "Оплачено" in read()
    assert account(office)["available"]["amount"] == "100.00"


@pytest.mark.parametrize(
    ("typed", "reason", "said"),
    [
        ("", "not_a_number", "Напишите сумму цифрами, например 1500 или 1500,50."),
        ("abc", "not_a_number", "Напишите сумму цифрами, например 1500 или 1500,50."),
        ("1e3", "not_a_number", "Напишите сумму цифрами, например 1500 или 1500,50."),
        ("-5", "negative", "Напишите сумму больше нуля, без минуса."),
        ("0", "zero", "Напишите сумму больше нуля."),
        ("10.005", "too_many_decimals", "У валюты RUB 2 знака после запятой."),
        ("9" * 30, "too_large", "Сумма слишком большая."),
        ("100 EUR", "other_currency", "Счёт ведётся в валюте RUB. Напишите сумму в этой валюте."),
        ("$100", "other_currency", "Счёт ведётся в валюте RUB. Напишите сумму в этой валюте."),
    ],
)
def test_what_is_no_amount_is_refused_with_what_to_write(
    office: Office, kassa: Kassa, typed: str, reason: str, said: str
) -> None:
    answer = top_up(office, typed)
    assert answer.status_code == 422
    assert f"Ошибка: {said}" in text_of(answer.content.decode())
    assert f'value="{typed}"' in answer.content.decode()
    told = office.api("reseller", "post", "account/top-ups", {"amount": typed})
    assert (told.status, told.kind, told.body["reason"]) == (422, "wrong-field", reason)
    assert told.body["errors"][0]["pointer"] == "/amount"
    if not typed.startswith("-"):
        assert office.shell("reseller", "ledger", "top-up", "--lang", "ru", typed) == (1, f"sledi: {said}\n")
    assert (Checkout.objects.count(), kassa.came()) == (0, 0)


def test_an_amount_of_another_currency_is_refused_by_its_name_too(office: Office, kassa: Kassa) -> None:
    told = office.api("reseller", "post", "account/top-ups", {"amount": "100", "currency": "KZT"})
    assert (told.status, told.body["reason"]) == (422, "other_currency")
    made = office.api("reseller", "post", "account/top-ups", {"amount": "100,50", "currency": "RUB"})
    assert made.status == 201
    assert made.body["money"] == {"amount": "100.50", "currency": "RUB"}


def test_without_a_payment_service_there_is_no_dead_button(office: Office) -> None:
    order = office.place("reseller")
    for page in ("account/", f"orders/{order}/"):
        assert "Пополнить" not in office.read("reseller", page)
    told = office.api("reseller", "post", "account/top-ups", {"amount": "100"})
    assert (told.status, told.kind) == (409, "not-payable")


def test_a_balance_explains_itself_and_leads_to_item_operator_and_event_in_two_clicks(
    office: Office, kassa: Kassa
) -> None:
    kassa.deliver(paid_in(office, kassa))
    order = taken(office)
    page = office.read("reseller", "account/")
    assert "Из чего он сложился Пополнение 100,00 ₽ Товары −30,00 ₽ Баланс 70,00 ₽" in page
    only = office.html("reseller", "account/?currency=RUB&only=debit.goods")
    assert f'<a href="/{office.business.slug}/orders/{order}/#item-' in only
    assert "Товары : Kettle Заказ" in text_of(only)
    assert "operator of the journeys −30,00 ₽" in text_of(only)
    assert "Пополнение 100" in text_of(only)
    assert "+100,00" not in text_of(only)


def taken(office: Office) -> str:
    """An item of 30.00 that an operator has taken into buyout; its order."""
    order = office.place("reseller")
    office.do("reseller", f"orders/{order}", "note_payment", paid_on="2026-09-27")
    office.do("reseller", f"items/{order}.1", "send")
    office.do("operator", f"items/{order}.1", "take")
    return order


def test_a_statement_has_pages(office: Office) -> None:
    for number in range(1, 36):
        office.fund(100 * number, f"T{number}")
    first = office.html("reseller", "account/")
    assert first.count("T35<") == 1
    assert ">T5<" not in first
    assert "before=6#statement" in first
    second = office.html("reseller", "account/?currency=RUB&only=&before=6")
    assert ">T5<" in second
    assert ">T6<" not in second
    told = office.see("reseller", "account/statement?size=2&before=3")
    assert ([line["number"] for line in told["lines"]], told["next_before"]) == ([2, 1], None)
    assert office.shell("reseller", "ledger", "statement", "--before", "2")[1].count("T1") == 1


def test_staff_whom_he_asks_read_his_account_and_nobody_else(office: Office) -> None:
    office.fund(10000, "TX-1")
    reseller = office.person("reseller")
    page = f"accounts/{reseller.pk}/"
    for role in ("owner", "platform", "supervisor", "support"):
        assert "Счёт: Reseller" in office.read(role, page)
        assert "TX-1" in office.read(role, page)
        assert office.see(role, f"account?person={reseller.email}")["available"]["amount"] == "100.00"
        assert office.shell(role, "ledger", "balance", "--person", reseller.email) == (0, "100.00 RUB\n")
    for role in STRANGERS:
        assert office.browser(role).get(f"/{office.business.slug}/{page}").status_code == 404
        for whose in (reseller.pk, reseller.email, "nobody@example.com", "x"):
            assert office.api(role, "get", f"account?person={whose}").status == 404
        assert office.shell(role, "ledger", "balance", "--person", reseller.email)[0] == 1
    other = office.api("reseller", "get", f"account?person={reseller.pk}", name="boris")
    assert other.status == 404


@pytest.mark.parametrize("query", ["before=x", "before=-1", "currency=XXX", "currency=eur"])
def test_a_page_that_is_none_is_not_found(office: Office, query: str) -> None:
    address = f"/{office.business.slug}/account/?{query}"
    assert office.browser("reseller").get(address).status_code == 404
