"""What goes into a marketplace's package: warranty card, invoice or receipt, return form, each as a PDF."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader

from sledi.documents.models import Issued, SellerDetails, Series
from sledi.history.models import Record
from tests.journeys.office import Office, moment, text_of, written
from tests.journeys.sales import NUMBER, closed, processed, processing, sold, verified

pytestmark = pytest.mark.django_db
PROFILE = "marketplace"

COMPANY = {
    "legal_name": "„Светлина“ ЕООД",
    "address": "бул. Витоша 1, 1000 София",
    "country": "BG",
    "company_number": "831 641 791",
    "warranty_months": "36",
    "warranty_terms": "Ремонтът е в сервиза на продавача.",
}
REGISTERED = {**COMPANY, "vat_number": "BG 831641791", "vat_percent": "20"}
RECIPIENT = {
    "recipient_name": "Весела Петрова",
    "city": "Пловдив",
    "street": "ул. Роза 3",
    "destination": "BG",
}
KEYS = ("warranty_card", "invoice", "return_form")


@pytest.fixture(autouse=True)
def _bulgarian(office: Office) -> None:
    """The marketplace speaks Bulgarian; the office's businesses speak Russian otherwise."""
    office.business.language = "bg"
    office.business.save(update_fields=["language"])


def say_who(office: Office, facts: dict[str, str] = REGISTERED, name: str = "") -> str:
    """The seller fills in the page about himself; what is read on the page that follows."""
    client, address = office.browser("seller", name, "bg"), f"/{office.business.slug}/seller-details/"
    assert client.get(address).status_code == 200
    return text_of(client.post(address, facts, follow=True).content.decode())


def fetch(
    office: Office, order: str, key: str, language: str = "", role: str = "seller", name: str = ""
) -> Any:
    """What a browser gets for a document."""
    asked = {"language": language} if language else {}
    return office.browser(role, name, "bg").get(address(office, order, key), asked)


def address(office: Office, order: str, key: str) -> str:
    return f"/{office.business.slug}/orders/{order}/documents/{key}/"


def read(office: Office, order: str, key: str, language: str = "", role: str = "seller") -> str:
    """What is read on a document, spaces made plain."""
    answer = fetch(office, order, key, language, role)
    assert answer.status_code == 200, text_of(answer.content.decode())
    return said_in(answer.content)


def said_in(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader(content).pages).split())


def reader(content: bytes) -> PdfReader:
    return PdfReader(BytesIO(content))


def rest_pdf(office: Office, order: str, key: str, role: str = "seller", query: str = "") -> Any:
    office.see(role, "orders")  # makes the key
    return Client().get(
        f"/api/v1/businesses/{office.business.slug}/orders/{order}/documents/{key}{query}",
        headers={"authorization": f"Bearer {office._key(role, '')}"},
    )


def come(office: Office, role: str, name: str = "") -> None:
    """Somebody is invited, signs in and gets a key: what the history tells of it is told before a test counts."""
    office.browser(role, name, "bg")
    office.api(role, "get", "orders", name=name)
    office.person(role, name)


def kept() -> tuple[int, ...]:
    """How much there is of papers, numbers and history."""
    return (*written(), Issued.objects.count(), sum(Series.objects.values_list("last_number", flat=True)))


# --- S4.17: the warranty card ---------------------------------------------------------------------------------


@pytest.mark.promise("S4.17")
def test_the_warranty_card_names_goods_serials_date_and_seller(office: Office, tmp_path: Any) -> None:
    say_who(office)
    order = processing(office, **RECIPIENT)
    office.do("seller", f"items/{order}.1", "describe", serial_numbers="ЛМ-0042/7", warranty_months=48)
    answer = fetch(office, order, "warranty_card")
    said = said_in(answer.content)
    for words in (
        "Гаранционна карта",
        f"Поръчка: {order}",
        "Дата на поръчката: 28 септември 2026 г.",
        "Продавач „Светлина“ ЕООД бул. Витоша 1, 1000 София България ЕИК 831641791",
        "Купувач Весела Петрова ул. Роза 3 Пловдив България",
        "Стока Брой Серийни номера Месеци Лампа 1 ЛМ-0042/7 48",
        "Ремонтът е в сервиза на продавача.",
    ):
        assert words in said
    assert said_in(rest_pdf(office, order, "warranty_card").content) == said
    file = tmp_path / "card.pdf"
    code, told = office.shell("seller", "order", "document", order, "warranty_card", "--out", str(file))
    assert (code, said_in(file.read_bytes())) == (0, said), told


def test_goods_that_say_nothing_have_the_sellers_own_warranty(office: Office) -> None:
    say_who(office)
    assert "Лампа 1 – 36" in read(office, processing(office), "warranty_card")


def test_every_language_has_its_letters(office: Office) -> None:
    say_who(office)
    order = processed(office, {"name": "Шам әғқңөұүһі ІЇЄҐ", "unit_price": "100.00"})
    assert "Шам әғқңөұүһі ІЇЄҐ" in read(office, order, "warranty_card", "kk")
    assert "Сатушы кепілдігінің шарттары" in read(office, order, "warranty_card", "kk")
    assert "Гарантійний талон" in read(office, order, "warranty_card", "uk")
    assert "Гарантийный талон" in read(office, order, "warranty_card", "ru")


# --- S4.18: invoice or receipt --------------------------------------------------------------------------------


@pytest.mark.promise("S4.18")
def test_a_registered_seller_prints_invoices_without_gaps_another_receipts(office: Office) -> None:
    say_who(office)
    say_who(office, COMPANY, "ivan")
    first, second = processing(office), processing(office)
    receipt = processing(office, seller="ivan")
    said = read(office, first, "invoice")
    for words in (
        "Фактура № 0000000001",
        "ИН по ДДС BG831641791",
        "1 Лампа 1 83,33 RUB 20 100,00 RUB",
        "2 Доставка 1 4,17 RUB 20 5,00 RUB",
        "20 87,50 RUB 17,50 RUB 105,00 RUB",
        "Всичко 105,00 RUB",
        "Платено.",
    ):
        assert words in said.replace("\u20bd", "RUB").replace("\xa0", " "), said
    assert "Разписка" in (plain := said_in(fetch(office, receipt, "invoice", name="ivan").content))
    assert "Без регистрация по ДДС" in plain
    assert "№ 0" not in plain
    assert "№ 0000000002" in read(office, second, "invoice")
    made = Issued.objects.values_list("order__number", "kind", "number")
    assert set(made) == {(first, "invoice", 1), (receipt, "receipt", None), (second, "invoice", 2)}


def test_printing_again_gives_the_same_paper_whatever_changed_since(office: Office) -> None:
    say_who(office)
    order = processing(office)
    paper = fetch(office, order, "invoice").content
    office.wait(seconds=1)
    say_who(office, {**COMPANY, "legal_name": "Друга фирма ООД"})
    office.do("seller", f"items/{order}.1", "describe", vat_rate="9")
    office.wait(days=3)
    assert fetch(office, order, "invoice").content == paper
    assert rest_pdf(office, order, "invoice").content == paper
    assert Series.objects.get().last_number == 1
    assert "Друга фирма ООД" in read(office, order, "warranty_card")


def test_the_making_of_an_invoice_stands_in_the_orders_history(office: Office) -> None:
    say_who(office)
    order = processing(office)
    read(office, order, "invoice")
    told = Record.objects.get(act="document_issued")
    assert (told.actor_role, told.after["number"]) == ("seller", "0000000001")
    assert "Издаден е документ" in office.read("seller", f"orders/{order}/", language="bg")
    assert "0000000001" in office.read("seller", f"orders/{order}/", language="bg")


def test_a_refunded_invoice_is_followed_by_a_credit_note_with_the_next_number(office: Office) -> None:
    say_who(office)
    order = verified(office)
    read(office, order, "invoice")
    office.do("seller", f"orders/{order}", "refund_without_case", note="Върнах парите")
    said = read(office, order, "credit_note").replace("\xa0", " ")
    assert "Кредитно известие № 0000000002" in said
    assert "Към фактура № 0000000001 от 28 септември 2026 г." in said
    assert "-105,00" in said.replace("–", "-")
    assert "№ 0000000001" in read(office, order, "invoice"), "the invoice stays"


def test_without_an_invoice_there_is_no_credit_note(office: Office) -> None:
    say_who(office, COMPANY)
    order = verified(office)
    read(office, order, "invoice")
    office.do("seller", f"orders/{order}", "refund_without_case", note="Върнах парите")
    assert fetch(office, order, "credit_note").status_code == 404


def test_goods_of_two_rates_are_taxed_apart(office: Office) -> None:
    say_who(office)
    book = {"name": "Книга", "unit_price": "10.00", "quantity": 3}
    order = processed(office, {"name": "Лампа", "unit_price": "99.99"}, book, minor=13499)
    office.do("seller", f"items/{order}.2", "describe", vat_rate="9")
    said = read(office, order, "invoice").replace("\xa0", " ")
    assert "Книга 3 9,17 RUB 9 30,00 RUB" in said.replace("\u20bd", "RUB")
    paper = Issued.objects.get().said
    assert paper["taxes"] == [
        {"percent": 20, "base": 8749, "vat": 1750, "gross": 10499},
        {"percent": 9, "base": 2752, "vat": 248, "gross": 3000},
    ]


# --- S4.19: the return form -----------------------------------------------------------------------------------


@pytest.mark.promise("S4.19")
def test_the_return_form_is_english_filled_in_and_there_in_other_languages(office: Office) -> None:
    say_who(office)
    order = processing(office, **RECIPIENT)
    answer = fetch(office, order, "return_form")
    assert answer["Content-Language"] == "en"
    said = said_in(answer.content)
    for words in (
        "Return form",
        f"Order: {order} Ordered on: 28 September 2026",
        "Seller „Светлина“ ЕООД бул. Витоша 1, 1000 София Bulgaria Company number 831641791",
        "Buyer Весела Петрова ул. Роза 3 Пловдив Bulgaria",
        "You may withdraw within 14 days after the day on which you received the last of the goods.",
        "Goods Pieces Of these I return Лампа 1",
    ):
        assert words in said
    for language, title in (
        ("bg", "Формуляр за връщане"),
        ("ru", "Бланк возврата"),
        ("kk", "Қайтару бланкісі"),
        ("uk", "Бланк повернення"),
    ):
        assert read(office, order, "return_form", language).startswith(title)
        assert said_in(
            rest_pdf(office, order, "return_form", query=f"?language={language}").content
        ).startswith(title)
    assert fetch(office, order, "return_form", "xx").status_code == 404
    assert rest_pdf(office, order, "return_form", query="?language=xx").status_code == 422


def test_after_the_delivery_the_form_names_the_last_day(office: Office) -> None:
    say_who(office)
    office.go_to(moment("2026-12-10 09:00"))
    order = verified(office)
    assert "You may withdraw until 29 December 2026, this day included." in read(office, order, "return_form")


# --- S4.20: to be downloaded and printed ----------------------------------------------------------------------


@pytest.mark.promise("S4.20")
def test_every_link_gives_a_pdf_on_a4_and_one_click_prints_all_three(office: Office) -> None:
    say_who(office)
    order = processing(office)
    page = office.html("seller", f"orders/{order}/documents/", language="bg")
    for key in (*KEYS, "all"):
        assert f'href="{address(office, order, key)}"' in page
        answer = fetch(office, order, key)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert answer["Content-Disposition"] == f'inline; filename="{key}-{order}.pdf"'
        assert "private" in answer["Cache-Control"]
        found = reader(answer.content)
        assert {tuple(round(float(side)) for side in one.mediabox[2:]) for one in found.pages} == {(595, 842)}
        again = office.browser("seller", language="bg").get(
            address(office, order, key), headers={"if-none-match": answer["ETag"]}
        )
        assert (again.status_code, again.content) == (304, b"")
    titles = [one.extract_text().split("\n")[0] for one in reader(fetch(office, order, "all").content).pages]
    assert titles == ["Гаранционна карта", "Фактура № 0000000001", "Return form"]
    assert "Отпечатайте всички" in text_of(page)
    listed = office.see("seller", f"orders/{order}/documents")["documents"]
    assert [(one["key"], one["number"], one["hindered"]) for one in listed] == [
        ("warranty_card", "", ""),
        ("invoice", "0000000001", ""),
        ("return_form", "", ""),
    ]


# --- who may --------------------------------------------------------------------------------------------------


def test_a_buyer_has_his_own_documents_once_the_seller_made_them(office: Office) -> None:
    say_who(office)
    order = processing(office)
    come(office, "buyer")
    before = kept()
    answer = fetch(office, order, "invoice", role="buyer")
    assert answer.status_code == 409
    assert "Продавачът още не е направил този документ." in text_of(answer.content.decode())
    assert rest_pdf(office, order, "invoice", "buyer").json()["reason"] == "not_issued"
    assert kept() == before, "a buyer makes no invoice"
    paper = fetch(office, order, "invoice").content
    assert fetch(office, order, "invoice", role="buyer").content == paper
    assert fetch(office, order, "return_form", role="buyer").status_code == 200


def test_strangers_find_nothing(office: Office) -> None:
    say_who(office)
    order = processing(office)
    strangers = (("seller", "ivan"), ("buyer", "petar"), ("operator", ""))
    for role, name in (*strangers, ("seller", "")):
        come(office, role, name)
    before = kept()
    for role, name in strangers:
        for key in (*KEYS, "all", "nothing"):
            assert fetch(office, order, key, role=role, name=name).status_code == 404, (role, key)
        page = office.browser(role, name, "bg").get(f"/{office.business.slug}/orders/{order}/documents/")
        assert page.status_code == 404
    assert rest_pdf(office, order, "nothing").status_code == 404
    assert fetch(office, "AAAAAAAA", "invoice").status_code == 404
    assert Client().get(address(office, order, "invoice")).status_code == 302, "sign in first"
    assert kept() == before


def test_no_paper_tells_the_buyers_email_or_telephone(office: Office) -> None:
    say_who(office)
    facts = {**RECIPIENT, "recipient_email": "vesela@example.org", "recipient_phone": "+359 88 812 3456"}
    order = processing(office, **facts)
    for key in (*KEYS, "all"):
        said = read(office, order, key)
        assert "vesela@" not in said
        assert "example" not in said
        assert "8123456" not in said.replace(" ", "")


# --- bad input ------------------------------------------------------------------------------------------------


def test_without_the_sellers_details_the_page_says_what_is_missing_and_where_to_add_it(
    office: Office,
) -> None:
    order = processing(office)
    come(office, "seller")
    before = kept()
    for key in (*KEYS, "all"):
        answer = fetch(office, order, key)
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "Продавачът още не е посочил данните си за документите" in text_of(page)
        assert f'href="/{office.business.slug}/seller-details/"' in page
    assert rest_pdf(office, order, "invoice").json()["reason"] == "no_details"
    code, told = office.shell("seller", "order", "document", order, "invoice")
    assert (code, "who he is on paper" in told) == (1, True)
    assert kept() == before
    say_who(office)
    assert fetch(office, order, "invoice").status_code == 200


@pytest.mark.parametrize("change", ["number", "vat", "name", "percent", "months", "country", "unknown"])
def test_wrong_details_are_named_and_nothing_is_saved(office: Office, change: str) -> None:
    wrong: dict[str, tuple[str, Any, str]] = {
        "number": ("company_number", "831641792", "Контролната цифра на номера не съвпада"),
        "vat": ("vat_number", "RO831641791", "започва с BG"),
        "name": ("legal_name", "Я" * 201, "Най-много 200 знака"),
        "percent": ("vat_percent", 400, "Цяло число от 0 до 99"),
        "months": ("warranty_months", 0, "Цяло число от 1 до 600"),
        "country": ("country", "XX", "Няма такава държава"),
        "unknown": ("shoe_size", "43", ""),
    }
    field, value, words = wrong[change]
    numbers = {"vat_percent": 20, "warranty_months": 36}
    answer = office.api("seller", "put", "seller-details", {**REGISTERED, **numbers, field: value})
    assert answer.status == 422
    assert field in answer.body["errors"][0]["pointer"]
    assert SellerDetails.objects.count() == 0
    if words and change != "country":
        assert words in say_who(office, {**REGISTERED, field: str(value)})
        assert SellerDetails.objects.count() == 0


def test_saving_the_same_twice_is_one_change_and_the_history_knows_it(office: Office) -> None:
    say_who(office)
    assert "Запазено е какво пишат документите за вас" in say_who(office)
    assert SellerDetails.objects.count() == 1
    office.wait(seconds=1)
    say_who(office, {**REGISTERED, "address": "ул. Нова 2"})
    told = Record.objects.filter(level="seller_details").order_by("sequence")
    assert [(one.act, one.after["changed"]) for one in told][1] == ("changed", ["address"])
    seen = office.see("seller", "seller-details")
    assert (seen["address"], seen["company_number"], seen["vat_percent"]) == ("ул. Нова 2", "831641791", 20)
    assert office.api("buyer", "get", "seller-details").status == 404


def test_hostile_names_are_printed_as_they_are(office: Office) -> None:
    say_who(office, {**REGISTERED, "legal_name": '#import "x": * $a$ <b>'})
    names = ['#read("/etc/passwd")', "$ x^2 $ *b* _i_ `r` @r // c /* d", "שלום 😀 лампа", "Щ" * 300]
    order = processed(office, *({"name": name, "unit_price": "10.00"} for name in names), minor=4500)
    said = read(office, order, "all")
    assert '#read("/etc/passwd")' in said
    assert "$ x^2 $ *b* _i_ `r` @r // c /* d" in said
    assert "\ufffd лампа" in said
    assert said.count("Щ") == 3 * 300
    assert '#import "x": * $a$ <b>' in said


def test_two_hundred_goods_break_over_pages_with_their_header_again(office: Office) -> None:
    say_who(office)
    goods = [{"name": f"Стока {place}", "unit_price": "1.00"} for place in range(1, 201)]
    order = processed(office, *goods, minor=20500)
    pages = [one.extract_text() for one in reader(fetch(office, order, "invoice").content).pages]
    assert len(pages) > 3
    assert all("Стока Брой" in one for one in pages[:-1])
    assert "Стока 200" in " ".join(pages)
    assert f"1 / {len(pages)}" in pages[0]


def test_an_order_without_prices_is_not_invoiced_and_uses_no_number(office: Office) -> None:
    say_who(office)
    order = sold(office, {"name": "Мостра", "unit_price": "0.00"}, shipping="0.00", is_cash_on_delivery=True)
    office.do("platform", f"orders/{order}", "process")
    before = kept()
    answer = fetch(office, order, "invoice")
    assert answer.status_code == 409
    assert "няма цени" in text_of(answer.content.decode())
    assert kept() == before
    assert fetch(office, order, "warranty_card").status_code == 200


def test_before_the_payment_is_confirmed_and_when_all_is_over_nothing_new_is_made(office: Office) -> None:
    say_who(office)
    unpaid, over = sold(office), closed(office, number=NUMBER)
    before = kept()
    assert fetch(office, unpaid, "invoice", role="platform").status_code == 409
    assert fetch(office, over, "return_form").status_code == 409
    assert kept() == before


def test_a_currency_without_decimals_is_printed_without(office: Office) -> None:
    say_who(office)
    order = sold(office, {"name": "Лампа", "unit_price": "1000"}, shipping="50", currency="JPY",
                 is_cash_on_delivery=True)  # fmt: skip
    office.do("platform", f"orders/{order}", "process")
    said = read(office, order, "invoice").replace("\xa0", " ")
    assert "20 875 JPY 175 JPY 1 050 JPY" in said.replace("¥", "JPY")
    assert "Наложен платеж." in said
