"""What a buying service writes, to whom, and what its end buyer follows without an account."""

import re
from typing import Any

import pytest
from django.test import Client

from sledi.accounts.models import Person
from sledi.notifications.models import Letter
from sledi.orders.models import Item, Order
from sledi.orders.moving import writing
from tests.journeys.boxes import ABROAD, in_russian, packed, scanned
from tests.journeys.office import Office, text_of, written
from tests.journeys.purchases import balance, item_of, ordered, sent, taken

PROFILE = "buyout"
KETTLE = {"name": "Kettle", "unit_price": "30.00", "country": "CN"}


def speaks_russian(office: Office, role: str) -> str:
    """Somebody who reads Russian; his address."""
    email = office.person(role).email
    Person.objects.filter(email=email).update(language="ru")
    return email


def link_in(letter: Any) -> str:
    """The one link of a letter that asks for no account, as a path."""
    (path,) = set(re.findall(r"http://localhost:8000(/o/\S+/)", letter.body))
    return path


def seen(path: str) -> str:
    """What somebody without an account reads there, in Russian."""
    answer = Client(headers={"accept-language": "ru"}).get(path)
    assert answer.status_code == 200
    return text_of(answer.content.decode())


@pytest.mark.promise("S0.5")
def test_an_item_waits_for_money_its_reseller_is_told_once_and_it_goes_on_by_itself(office: Office) -> None:
    reseller = speaks_russian(office, "reseller")
    order = sent(office, KETTLE)
    office.fund(1000)
    office.letters()
    office.do("operator", f"items/{order}.1", "take")
    assert balance(office) == "10.00"
    assert item_of(office, f"{order}.1")["state"]["label"] == "Не хватает денег на счёте"
    assert "Не хватает денег на счёте" in office.read("reseller", f"orders/{order}/")
    (letter,) = office.letters()
    assert (letter.to, letter.subject) == ([reseller], f"Заказ {order}, Kettle: Не хватает денег на счёте")

    office.refused("operator", f"items/{order}.1", "take")
    office.wait(hours=2)
    assert office.letters() == []

    before = Item.objects.values_list("name", "unit_price_minor", "quantity", "fields").get(
        order__number=order
    )
    office.fund(5000, "T2")
    assert item_of(office, f"{order}.1")["state"]["key"] == "queued"
    office.do("operator", f"items/{order}.1", "take")
    assert item_of(office, f"{order}.1")["state"]["key"] == "buying"
    assert balance(office) == "30.00"
    after = Item.objects.values_list("name", "unit_price_minor", "quantity", "fields").get(
        order__number=order
    )
    assert after == before


@pytest.mark.promise("S0.34")
def test_delivered_reaches_parcel_order_and_the_end_buyer_by_a_link_without_an_account(
    office: Office,
) -> None:
    order, parcel = packed(office)
    end_buyer = speaks_russian(office, "end_buyer")
    office.letters()
    office.do("logist", f"parcels/{parcel}", "hand_over", international_number=ABROAD)
    (letter,) = office.letters(end_buyer)
    path = link_in(letter)
    assert ABROAD in letter.body
    assert "Вручена" not in seen(path)

    scanned(office, ABROAD, "done.delivered", country="RU", place="Moscow")
    assert in_russian(office, "reseller", f"parcels/{parcel}")["state"]["label"] == "Вручена"
    assert in_russian(office, "reseller", f"orders/{order}")["state"]["label"] == "Доставлен"
    page = seen(path)
    assert page.index("Доставлен") < page.index(order)  # the state of the order stands above its name
    assert "Вручена" in page
    assert "30,00" not in page
    (delivered,) = office.letters(end_buyer)
    assert link_in(delivered) == path
    assert (ABROAD in delivered.body, "Вручена" in delivered.subject) == (True, True)


def test_the_reseller_gives_the_link_out_by_page_rest_and_command_and_takes_it_back(office: Office) -> None:
    order = ordered(office, KETTLE)
    assert "Ссылка для конечного покупателя" in office.read("reseller", f"orders/{order}/")
    page = office.html("reseller", f"orders/{order}/link/")
    assert "/o/" not in page
    answer = office.browser("reseller").post(f"/buyout/orders/{order}/link/", follow=True)
    address = re.search(r"http://localhost:8000/o/[\w-]{22}/", answer.content.decode())
    assert address
    made = office.api("reseller", "post", f"orders/{order}/links")
    assert (made.status, made.body["address"], made.body["role"]) == (201, address[0], "end_buyer")
    assert office.shell("reseller", "order", "link", order) == (0, f"{address[0]}\n")
    path = address[0].removeprefix("http://localhost:8000")
    assert "Kettle" in seen(path)

    taken_back = office.api("reseller", "delete", f"orders/{order}/links/{made.body['id']}")
    assert (taken_back.status, taken_back.body["address"]) == (200, "")
    assert Client().get(path).status_code == 404
    other = office.api("reseller", "post", f"orders/{order}/links").body["address"]
    assert other != address[0]
    code, said = office.shell("reseller", "order", "link", order, "--revoke")
    assert (code, said.startswith("taken back: ")) == (0, True)
    assert Client().get(other.removeprefix("http://localhost:8000")).status_code == 404


@pytest.mark.promise("S0.37")
def test_a_change_is_one_message_on_each_channel_and_none_when_it_is_rolled_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    reseller, end_buyer = speaks_russian(office, "reseller"), speaks_russian(office, "end_buyer")
    order = taken(office, KETTLE)
    office.letters()
    purchase = {"marketplace": "taobao", "external_order_no": "TB-1", "actual_price": "30.00"}

    def broken(*_: Any) -> None:
        raise RuntimeError("the disk is full")

    before = written()
    with monkeypatch.context() as patched:
        patched.setattr(writing, "record", broken)  # the last thing that a move does
        assert office.ask("operator", f"items/{order}.1", "buy", **purchase).status == 500
    assert written() == before
    assert office.letters() == []

    office.do("operator", f"items/{order}.1", "buy", **purchase)
    letters = office.letters()
    assert sorted(letter.to[0] for letter in letters) == sorted([reseller, end_buyer])
    assert {letter.subject for letter in letters} == {f"Заказ {order}, Kettle: Заказан"}
    office.wait(hours=3)
    assert office.letters() == []


def test_who_switched_the_mails_off_gets_none_and_the_others_go_on(office: Office) -> None:
    reseller, end_buyer = speaks_russian(office, "reseller"), speaks_russian(office, "end_buyer")
    order = taken(office, KETTLE)
    letter = office.letters(reseller)[0]
    stop = re.search(r"http://localhost:8000(/letters/\S+/)", letter.body)
    assert stop
    assert Client().post(stop[1]).status_code == 200
    office.do(
        "operator",
        f"items/{order}.1",
        "buy",
        marketplace="taobao",
        external_order_no="TB-1",
        actual_price="30.00",
    )
    assert [one.to for one in office.letters()] == [[end_buyer]]


def test_staff_read_which_mails_went_out_and_when(office: Office) -> None:
    reseller = speaks_russian(office, "reseller")
    order = taken(office, KETTLE)
    office.letters()
    sent_at = Letter.objects.get(
        order=Order.objects.get(number=order), email=reseller, role="reseller"
    ).sent_at
    mails = office.see("support", f"orders/{order}/mails")["mails"]
    assert [(one["to"], one["state"], one["sent_at"]) for one in mails] == [
        (reseller, "sent", sent_at.isoformat())
    ]
    code, said = office.shell("support", "order", "mails", order)
    assert (code, said.split()[:3]) == (0, [sent_at.isoformat()[:16], "sent", reseller])
    assert office.api("reseller", "get", f"orders/{order}/mails").status == 403
    assert office.api("reseller", "get", f"orders/{order}/mails", name="rival").status == 404
