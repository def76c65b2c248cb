"""From a product's page to the order that copied from it: the time it takes, its price, and who may say what."""

import re
from typing import Any

import pytest
from django.test import Client

from sledi.catalogue.models import Product
from tests.journeys.office import Answer, Office, hidden, text_of, written
from tests.journeys.shop import confirm, pay

PROFILE = "retail"

TEAPOT = {"code": "TEAPOT-1", "name": "Чайник", "price": "30.00", "processing_days_min": 2}
DRESS = {"code": "DRESS", "name": "Платье", "price": "60.00", "marks": "made_to_order"}


def describe(office: Office, *, role: str = "platform", person: str = "", **said: Any) -> str:
    """A product described over REST; its code."""
    answer = office.api(role, "post", "products", {"processing_days_max": 4, **said}, name=person)
    assert answer.status == 201, answer.body
    return str(answer.body["code"])


def change(office: Office, code: str, *, role: str = "platform", person: str = "", **said: Any) -> Answer:
    return office.api(role, "patch", f"products/{code}", said, name=person)


def read(office: Office, path: str, language: str = "ru", role: str = "buyer") -> str:
    return office.read(role, path, language=language).replace("\xa0", " ")


def row_of(office: Office, order: str) -> str:
    """What the row of an order says in the list."""
    html = office.html("buyer", "orders/")
    row = next(one for one in re.findall(r"<li>.*?</li>", html, re.DOTALL) if order in one)
    return text_of(f"<main>{row}</main>").replace("\xa0", " ")


def everything() -> tuple[Any, ...]:
    """What there is of orders and goods: equal around a refusal."""
    return (
        *written(),
        *Product.objects.order_by("pk").values_list("pk", "version", "price_minor", "is_on_sale"),
    )


def not_placed(office: Office, *items: dict[str, Any], role: str = "buyer", **facts: Any) -> Answer:
    office.person(role)
    office.see(role, "orders")  # the key is made
    before = everything()
    answer = office.api(role, "post", "orders", {**facts, "items": list(items)})
    assert 400 <= answer.status < 500, answer.body
    assert everything() == before, "a refused order left something behind"
    return answer


# --- the time it takes ----------------------------------------------------------------------------------------


@pytest.mark.promise("S1.19")
def test_an_order_keeps_the_processing_time_that_its_product_had(office: Office) -> None:
    code = describe(office, **TEAPOT)
    assert "Срок обработки: 2–4 рабочих дня" in read(office, f"products/{code}/")
    old = office.place("buyer", {"product": code})
    changed = change(office, code, processing_days_min=5, processing_days_max=7)
    assert changed.body["processing"]["words"] == "Processing time: 5–7 working days"
    assert "Срок обработки: 5–7 рабочих дней" in read(office, f"products/{code}/")
    new = office.place("buyer", {"product": code})
    for order, days, said in (
        (old, (2, 4), "Срок обработки: 2–4 рабочих дня"),
        (new, (5, 7), "Срок обработки: 5–7 рабочих дней"),
    ):
        for text in (
            read(office, f"orders/{order}/"),
            row_of(office, order),
            read(office, f"items/{order}.1/"),
        ):
            assert re.findall(r"Срок обработки: [^ ]+ рабочих \w+", text) == [said] * text.count(
                "Срок обработки:"
            )
            assert said in text
        shown = office.see("buyer", f"orders/{order}")
        for told in (shown["processing"], shown["items"][0]["processing"]):
            assert (told["days_min"], told["days"]) == days
        assert shown["items"][0]["product"] == code


@pytest.mark.promise("S1.20")
def test_the_order_shows_each_items_time_and_counts_the_larger(office: Office) -> None:
    dress = describe(office, **DRESS, processing_days_max=12)
    shirt = describe(office, code="SHIRT", name="Рубашка", price="20.00", processing_days_max=2)
    assert "Время пошива: 12 рабочих дней" in read(office, f"products/{dress}/")
    assert "Шьётся на заказ" in read(office, f"products/{dress}/")
    listed = read(office, "products/")
    assert "Время пошива: 12 рабочих дней" in listed
    assert "Срок обработки: 2 рабочих дня" in listed
    order = office.place("buyer", {"product": dress}, {"product": shirt})
    page = read(office, f"orders/{order}/")
    items, rest = page.partition("Товары")[2].partition("Деньги")[::2]
    assert "Время пошива: 12 рабочих дней" in items.partition("Рубашка")[0]
    assert "Срок обработки: 2 рабочих дня" in items.partition("Рубашка")[2]
    assert "Срок обработки: 12 рабочих дней" in rest
    assert "Срок обработки: 12 рабочих дней" in row_of(office, order)
    shown = office.see("buyer", f"orders/{order}")
    assert [one["processing"]["days"] for one in shown["items"]] == [12, 2]
    assert shown["processing"]["days"] == 12
    pay(office, order, 8000)
    confirm(office, order)
    days = {one["number"]: one["at"][:10] for one in office.see("buyer", f"orders/{order}")["deadlines"]}
    assert (days["1"], days["2"], days[order]) == ("2026-10-20", "2026-09-30", "2026-10-20")


@pytest.mark.parametrize(
    ("language", "tailored", "ranged"),
    [
        ("en", "Tailoring time: 12 working days", "Processing time: 2–4 working days"),
        ("bg", "Време за ушиване: 12 работни дни", "Срок за обработка: 2–4 работни дни"),
        ("uk", "Час пошиття: 12 робочих днів", "Термін обробки: 2–4 робочі дні"),
        ("kk", "Тігу уақыты: 12 жұмыс күні", "Өңдеу мерзімі: 2–4 жұмыс күні"),
    ],
)
def test_times_are_told_in_every_language(office: Office, language: str, tailored: str, ranged: str) -> None:
    describe(office, **DRESS, processing_days_max=12)
    describe(office, **TEAPOT)
    said = read(office, "products/", language=language)
    assert tailored in said
    assert ranged in said


def test_a_seller_who_needs_longer_says_one_number_instead_of_the_range(office: Office) -> None:
    order = office.place("buyer", {"product": describe(office, **TEAPOT)})
    pay(office, order)
    confirm(office, order)
    office.do("operator", f"items/{order}.1", "extend_processing", processing_days=10)
    shown = office.see("buyer", f"orders/{order}")
    assert shown["items"][0]["processing"]["words"] == "Processing time: 10 working days"
    assert shown["processing"]["words"] == "Processing time: 10 working days"


# --- ordering by page -----------------------------------------------------------------------------------------


def begun(office: Office, code: str) -> tuple[Client, dict[str, str], str]:
    """A buyer's form of a product, opened from its page: the browser, what it carries along, what it says."""
    client, base = office.browser("buyer"), f"/{office.business.slug}"
    found = re.search(r'href="([^"]+/orders/new/\?product=[^"]+)"', office.html("buyer", f"products/{code}/"))
    assert found
    form = client.get(found[1])
    html = form.content.decode().replace(f'action="{base}', 'action="')
    carried = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html))
    carried.pop("csrfmiddlewaretoken", None)
    return client, {**carried, "items-0-quantity": "2", "act": "place"}, text_of(html).replace("\xa0", " ")


def test_the_button_of_a_product_leads_to_a_form_that_knows_it(office: Office) -> None:
    client, form, said = begun(office, describe(office, **TEAPOT))
    assert "Чайник" in said
    assert "30,00" in said
    assert "Срок обработки: 2–4 рабочих дня" in said
    address = f"/{office.business.slug}/orders/new/"
    first, again = (client.post(address, form) for _ in range(2))
    assert first.status_code == 302
    assert again.url == first.url  # type: ignore[attr-defined]
    item = office.see("buyer", f"orders/{first.url.rstrip('/').rpartition('/')[2]}")["items"][0]  # type: ignore[attr-defined]
    assert (item["name"], item["quantity"], item["unit_price"]["amount"]) == ("Чайник", 2, "30.00")
    assert 'products/TEAPOT-1/"' in client.get(first.url).content.decode()  # type: ignore[attr-defined]


def test_a_price_that_changed_since_is_shown_before_anything_is_ordered(office: Office) -> None:
    code = describe(office, **TEAPOT)
    client, form, _said = begun(office, code)
    change(office, code, price="35.00")
    before, address = everything(), f"/{office.business.slug}/orders/new/"
    refused = client.post(address, form)
    html = refused.content.decode()
    assert refused.status_code == 422
    assert everything() == before
    assert "Цена изменилась: теперь 35,00" in text_of(html).replace("\xa0", " ")
    assert 'name="items-0-unit_price" value="35.00"' in html
    placed = client.post(address, {**form, "items-0-unit_price": "35.00"})
    order = placed.url.rstrip("/").rpartition("/")[2]  # type: ignore[attr-defined]
    assert office.see("buyer", f"orders/{order}")["items"][0]["unit_price"]["amount"] == "35.00"


def test_a_code_typed_into_the_form_shows_the_price_first(office: Office) -> None:
    code, client = describe(office, **TEAPOT), office.browser("buyer")
    typed = {"items-0-product": code.lower(), "items-0-quantity": "1", "key": "k1", "act": "place"}
    shown = client.post(f"/{office.business.slug}/orders/new/", typed)
    assert shown.status_code == 422
    assert "Теперь видно, сколько это стоит" in text_of(shown.content.decode())
    assert 'name="items-0-unit_price" value="30.00"' in shown.content.decode()


# --- what is refused ------------------------------------------------------------------------------------------


def test_a_buyer_may_not_say_otherwise_than_the_product(office: Office) -> None:
    code = describe(office, **TEAPOT)
    for said, field, problem in (
        ({"unit_price": "1.00"}, "unit_price", "price_changed"),
        ({"unit_price": "0"}, "unit_price", "price_changed"),
        ({"name": "Самовар"}, "name", "contradicts"),
        ({"weight_g": "1"}, "weight_g", "contradicts"),
        ({"country": "CN"}, "country", "contradicts"),
    ):
        answer = not_placed(office, {"product": code, **said})
        assert answer.body["errors"][0]["pointer"] == f"/items/0/{field}"
        assert answer.body["reason"] == problem
    assert not_placed(office, {"product": code, "processing_days": 1}).kind == "unknown-field"
    assert office.place("buyer", {"product": code, "unit_price": "30.00", "name": "Чайник"})


def test_staff_may_say_otherwise(office: Office) -> None:
    code = describe(office, **TEAPOT)
    order = office.place("platform", {"product": code, "unit_price": "25.00", "processing_days": 9})
    item = office.see("platform", f"orders/{order}")["items"][0]
    assert (item["unit_price"]["amount"], item["processing"]["words"]) == (
        "25.00",
        "Processing time: 9 working days",
    )


def test_what_is_not_on_sale_here_cannot_be_ordered(office: Office) -> None:
    code = describe(office, **TEAPOT)
    assert change(office, code, is_on_sale=False).body["is_on_sale"] is False
    for wrong in (code, "NOBODY", "DROP-TABLE"):
        answer = not_placed(office, {"product": wrong})
        assert (answer.body["reason"], answer.body["errors"][0]["pointer"]) == (
            "not_on_sale",
            "/items/0/product",
        )
    for odd in ("a b", "<b>", "Ч", "x" * 65, "../.."):
        assert not_placed(office, {"product": odd}).body["errors"][0]["pointer"] == "/items/0/product"
    other = describe(office, code="EUROS", name="Mug", price="5.00", currency="EUR")
    assert not_placed(office, {"product": other}).body["reason"] == "other_currency"
    assert "/orders/new/" not in office.html("platform", f"products/{code}/")


def test_what_is_taken_off_sale_is_gone_for_others_but_stays_for_who_ordered_it(office: Office) -> None:
    code = describe(office, **TEAPOT)
    office.place("buyer", {"product": code})
    change(office, code, is_on_sale=False)
    address = f"/{office.business.slug}/products/{code}/"
    assert "Не продаётся" in read(office, f"products/{code}/")
    assert code not in office.html("buyer", "products/")
    assert code in office.html("platform", "products/")
    assert office.browser("buyer", "another").get(address).status_code == 404
    assert Client().get(address).status_code == 404
    assert office.api("buyer", "get", f"products/{code}", name="another").status == 404


# --- describing -----------------------------------------------------------------------------------------------


def test_wrong_descriptions_name_their_field_and_change_nothing(office: Office) -> None:
    code = describe(office, **TEAPOT)
    office.person("buyer")
    before = everything()
    whole = {**TEAPOT, "code": "NEW-1"}
    for said, field in (
        ({"code": "a/b"}, "code"),
        ({"code": "new"}, "code"),
        ({"code": "ЧАЙ"}, "code"),
        ({"code": "-x"}, "code"),
        ({"code": code.lower()}, "code"),
        ({"name": " "}, "name"),
        ({"name": "x" * 301}, "name"),
        ({"name": "x\x00y"}, "name"),
        ({"price": "0"}, "price"),
        ({"price": "-1"}, "price"),
        ({"price": "1.234"}, "price"),
        ({"price": "9" * 20}, "price"),
        ({"price": [1]}, "price"),
        ({"currency": "XXQ"}, "currency"),
        ({"processing_days_min": 5, "processing_days_max": 4}, "processing_days_min"),
        ({"processing_days_min": 2, "processing_days_max": None}, "processing_days_max"),
        ({"processing_days_max": 366}, "processing_days_max"),
        ({"processing_days_max": 0}, "processing_days_max"),
        ({"marks": "radioactive"}, "marks"),
        ({"country": "XX"}, "country"),
        ({"weight_g": -5}, "weight_g"),
        ({"seller": office.person("buyer").email}, "seller"),
    ):
        answer = office.api("platform", "post", "products", {"processing_days_max": 4, **whole, **said})
        assert answer.status == 422, (said, answer.body)
        assert [one["pointer"] for one in answer.body["errors"]] == [f"/{field}"], said
    assert everything() == before


def test_hostile_words_stay_words(office: Office) -> None:
    code = describe(
        office, **{**TEAPOT, "name": "<script>alert(1)</script>", "description": "<img src=x>\nA & B"}
    )
    html = office.html("buyer", f"products/{code}/") + office.html("buyer", "products/")
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "&lt;img src=x&gt;<br>A &amp; B" in html


def test_the_same_description_twice_is_one_product_and_a_stale_change_is_refused(office: Office) -> None:
    assert describe(office, **TEAPOT) == describe(office, **TEAPOT)
    assert Product.objects.count() == 1
    first = office.api("platform", "get", f"products/{TEAPOT['code']}")
    version = first.headers["ETag"]
    assert (
        office.api("platform", "patch", "products/TEAPOT-1", {"price": "31"}, If_Match=version).status == 200
    )
    again = office.api("platform", "patch", "products/TEAPOT-1", {"price": "31"}, If_Match=version)
    assert (again.status, again.body["version"]) == (200, 2)
    stale = office.api("platform", "patch", "products/TEAPOT-1", {"price": "32"}, If_Match=version)
    assert (stale.status, stale.kind, stale.body["version"]) == (412, "stale", 2)
    assert Product.objects.get().price_minor == 3100


def test_only_those_the_profile_names_describe_goods(office: Office) -> None:
    code, others = describe(office, **TEAPOT), ("buyer", "operator", "seller", "support")
    for role in others:
        office.see(role, f"products/{code}")
        assert "Изменить товар" not in office.read(role, f"products/{code}/")
    before = everything()
    for role in others:
        assert office.api(role, "post", "products", {**TEAPOT, "code": "MINE"}).status == 403
        assert change(office, code, role=role, price="1").status == 403
        slug = office.business.slug
        for address in (f"/{slug}/products/new/", f"/{slug}/products/{code}/description/"):
            assert office.browser(role).get(address).status_code == 404
            assert office.browser(role).post(address, {"price": "1"}).status_code == 404
        sale = f"/{slug}/products/{code}/sale/"
        assert office.browser(role).post(sale, {"is_on_sale": "false"}).status_code == 404
    assert everything() == before


@pytest.mark.parametrize("office", ["marketplace"], indirect=True)
def test_a_seller_describes_his_own_goods_and_never_anothers(office: Office) -> None:
    code = describe(office, role="seller", code="LAMP", name="Лампа", price="30.00")
    assert change(office, code, role="seller", price="31.00").status == 200
    assert change(office, code, role="seller", person="another", price="1.00").status == 403
    assert (
        office.api(
            "seller", "post", "products", {"code": "X", "name": "X", "price": "1", "seller": "a@b.c"}
        ).status
        == 422
    )
    assert Product.objects.get().price_minor == 3100
    assert "Изменить товар" in read(office, f"products/{code}/", role="seller")
    assert "Изменить товар" not in office.read("seller", f"products/{code}/", name="another")
    assert change(office, code, role="seller", is_on_sale=False).status == 200
    assert office.api("seller", "get", f"products/{code}", name="another").status == 404


@pytest.mark.parametrize("office", ["marketplace"], indirect=True)
def test_an_order_belongs_to_the_seller_of_its_goods(office: Office) -> None:
    lamp = describe(office, role="seller", code="LAMP", name="Лампа", price="30.00")
    describe(office, role="seller", person="another", code="VASE", name="Ваза", price="9.00")
    both = not_placed(office, {"product": lamp}, {"product": "VASE"})
    assert (both.body["reason"], both.body["errors"][0]["pointer"]) == ("other_seller", "/items/1/product")
    wrong = not_placed(office, {"product": lamp}, seller=office.person("seller", "another").email)
    assert wrong.body["reason"] == "other_seller"
    order = office.place("buyer", {"product": lamp})
    from sledi.orders.models import Order

    assert Order.objects.get(number=order).seller_id == office.person("seller").pk


def test_goods_are_described_by_page_and_by_command(office: Office) -> None:
    client, base = office.browser("platform"), f"/{office.business.slug}/products"
    said = {
        "code": "MUG",
        "name": "Кружка",
        "price": "12,50",
        "processing_days_max": "3",
        "is_on_sale": "true",
    }
    wrong = client.post(f"{base}/new/", {**said, "price": "0"})
    assert wrong.status_code == 422
    assert 'value="Кружка"' in wrong.content.decode()
    assert client.post(f"{base}/new/", said).headers["Location"] == f"{base}/MUG/"
    assert "12,50" in read(office, "products/MUG/")
    form = client.get(f"{base}/MUG/description/").content.decode()
    assert 'name="version" value="1"' in form
    assert client.post(f"{base}/MUG/description/", {**said, "price": "13", "version": "1"}).status_code == 302
    stale = client.post(f"{base}/MUG/description/", {**said, "price": "14", "version": "1"})
    assert stale.status_code == 409
    assert Product.objects.get().price_minor == 1300
    off = hidden(client.get(f"{base}/MUG/").content.decode(), f"{base}/MUG/sale/")
    assert client.post(f"{base}/MUG/sale/", off).status_code == 302
    assert Product.objects.get().is_on_sale is False
    code, told = office.shell(
        "platform", "product", "change", "MUG", "--field", "is_on_sale=true", "--lang", "ru"
    )
    assert (code, "Срок обработки: 3 рабочих дня" in told) == (0, True)
    assert office.shell("platform", "product", "add", "--field", "code=TEA", "--field", "name=Чай")[0] == 1
    added = office.shell(
        "platform", "product", "add", *(f"--field={one}" for one in ("code=TEA", "name=Чай", "price=3"))
    )
    assert (added[0], "TEA" in added[1]) == (0, True)
    assert office.shell("buyer", "product", "list")[1].count("\n") == 2
    assert "3.00" in office.shell("buyer", "product", "show", "tea")[1]
    assert office.shell("buyer", "product", "change", "TEA", "--field", "price=1")[0] == 1
    placed = office.shell("buyer", "order", "create", "--item", "product=TEA;quantity=2")
    item = office.see("buyer", f"orders/{placed[1].strip()}")["items"][0]
    assert (item["name"], item["quantity"], item["unit_price"]["amount"]) == ("Чай", 2, "3.00")


def test_goods_are_ordered_out_of_a_file(office: Office) -> None:
    code = describe(office, **TEAPOT)
    rows = f"reference,product,quantity\nA-1,{code},3\nA-2,NONE,1\n".encode()
    done = office.upload("buyer", "imports/orders", rows)
    assert [(one["outcome"], (one["problem"] or {}).get("reason")) for one in done.body["rows"]] == [
        ("done", None),
        ("refused", "not_on_sale"),
    ]
    item = office.see("buyer", f"orders/{done.body['rows'][0]['number']}")["items"][0]
    assert (item["product"], item["quantity"], item["processing"]["days_min"]) == (code, 3, 2)


def test_guests_see_what_is_on_sale_and_nobody_behind_it(office: Office) -> None:
    seller = office.person("seller")
    code = describe(office, **TEAPOT, seller=seller.email)
    guest, base = Client(headers={"accept-language": "ru"}), f"/{office.business.slug}"
    for address in (f"{base}/products/", f"{base}/products/{code}/"):
        html = guest.get(address).content.decode()
        assert "Чайник" in html
        assert seller.email not in html
        assert (not seller.name) or seller.name not in text_of(html)
    assert guest.get(f"{base}/orders/new/?product={code}").status_code == 302
    assert office.see("buyer", f"products/{code}")["seller"] is None
    assert office.see("platform", f"products/{code}")["seller"] == seller.email
    slug = office.business.slug
    for address in (f"/api/v1/businesses/{slug}/products", f"/api/v1/businesses/{slug}/products/{code}"):
        assert guest.get(address).status_code == 401
    office.business.is_open = False
    office.business.save(update_fields=["is_open"])
    assert guest.get(f"{base}/products/").status_code == 404


@pytest.mark.parametrize("office", ["buyout"], indirect=True)
def test_where_the_profile_has_no_catalogue_there_are_no_products(office: Office) -> None:
    assert office.browser("reseller").get(f"/{office.business.slug}/products/").status_code == 404
    assert office.api("owner", "get", "products").status == 404
    assert office.api("owner", "post", "products", TEAPOT).status == 404
    assert office.shell("owner", "product", "list")[0] == 1
    answer = office.api("reseller", "post", "orders", {"items": [{"product": "X"}]})
    assert answer.body["reason"] == "not_on_sale"
    assert "products/" not in office.html("owner", "")
