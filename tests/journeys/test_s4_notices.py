"""What a marketplace writes to its sellers and buyers, and when."""

import pytest

from sledi.accounts.models import Person
from tests.journeys.office import Office
from tests.journeys.sales import NUMBER, SHIPMENT, email_of, paid, processing, sold

PROFILE = "marketplace"


def speaks_bulgarian(office: Office, role: str) -> str:
    """Somebody of the business who chose Bulgarian for himself; his address."""
    email = email_of(office, role)
    Person.objects.filter(email=email).update(language="bg")
    return email


def amounts_in(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.mark.promise("S4.4")
def test_a_sale_is_told_its_seller_by_exactly_one_mail_in_bulgarian_with_the_way_to_the_order(
    office: Office,
) -> None:
    seller = speaks_bulgarian(office, "seller")
    order = paid(office)
    assert office.letters(seller) == []  # unconfirmed, it is nothing to him
    office.do("platform", f"orders/{order}", "process")
    (letter,) = office.letters(seller)
    assert amounts_in(letter.subject) == (
        f"Имате продажба: поръчка {order} за 105,00 RUB. Плащането е потвърдено, започнете изпълнението."
    )
    assert "Отворете поръчката:" in letter.body
    link = f"/marketplace/orders/{order}/"
    assert f"http://localhost:8000{link}\n" in letter.body
    assert f'href="http://localhost:8000{link}"' in letter.alternatives[0][0]
    assert office.browser("seller").get(link).status_code == 200
    assert office.letters(seller) == []


@pytest.mark.promise("S4.5")
def test_a_prepaid_sale_confirms_the_payment_and_its_amount_and_cash_on_delivery_claims_none(
    office: Office,
) -> None:
    seller = speaks_bulgarian(office, "seller")
    prepaid, on_delivery = paid(office), sold(office, is_cash_on_delivery=True)
    for order in (prepaid, on_delivery):
        office.do("platform", f"orders/{order}", "process")
    letters = {
        order: letter
        for letter in office.letters(seller)
        for order in (prepaid, on_delivery)
        if order in letter.subject
    }
    first, second = (
        amounts_in(letters[order].subject + letters[order].body) for order in (prepaid, on_delivery)
    )
    assert "за 105,00 RUB. Плащането е потвърдено" in first
    assert "Имате продажба с наложен платеж" in second
    assert "за 105,00 RUB. Куриерът ще вземе парите при доставката" in second
    for claim in ("потвърд", "платен", "Плащане", "получен"):
        assert claim not in second + letters[on_delivery].alternatives[0][0]


@pytest.mark.promise("S4.13")
def test_shipping_is_told_the_buyer_with_the_number(office: Office) -> None:
    buyer = speaks_bulgarian(office, "buyer")
    order = processing(office)
    office.letters()
    answer = office.do("seller", f"orders/{order}", "ship", **SHIPMENT)
    assert (answer["from"], answer["to"]) == ("processing", "shipped")
    (letter,) = office.letters(buyer)
    assert letter.subject == f"Поръчка {order} е изпратена. Номер за проследяване: {NUMBER}."
    assert f"http://localhost:8000/marketplace/orders/{order}/" in letter.body


def test_a_refused_shipment_is_told_nobody(office: Office) -> None:
    order = processing(office)
    office.letters()
    office.refused("seller", f"orders/{order}", "ship", tracking_number="RR123456784BG")
    assert office.letters() == []
