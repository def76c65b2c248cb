"""A person's own area in a shop: registering, profile, address book, mails; and an order found without the account."""

import json
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.test import Client

from sledi.accounts.models import Address, Membership
from sledi.accounts.tests.doors import come_in
from sledi.orders.models import Order, OrderLookup
from tests.journeys.office import SHELL, Office, text_of, written
from tests.journeys.office import office as office_of
from tests.journeys.shop import pay
from tests.journeys.world import command

PROFILE = "retail"
AIGERIM = "aigerim@example.kz"
HOME = {
    "recipient_name": "Айгерім Сатпаева",
    "recipient_phone": "+7 701 234-56-78",
    "postcode": "050000",
    "region": "",
    "city": "Алматы",
    "street": "Абай даңғылы, 10, 5",
    "destination": "KZ",
}
DACHA = {**HOME, "postcode": "040000", "city": "Талғар", "street": "Гагарин, 3"}


def newcomer(email: str = AIGERIM, language: str = "ru") -> Client:
    """Somebody nobody has invited, signed in by the code that was mailed."""
    client = Client(headers={"accept-language": language})
    assert come_in(client, email).status_code == 302
    mail.outbox.clear()
    return client


def read(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, f"{answer.status_code} {address}"
    return text_of(answer.content.decode())


def send(client: Client, page: str, /, **fields: str) -> Any:
    """Send a form, as its page was shown."""
    return client.post(page, fields)


def ids_of(client: Client, address: str = "/retail/me/addresses/") -> list[str]:
    return re.findall(r'/me/addresses/([0-9a-f-]{36})/"', client.get(address).content.decode())


def book_of(office: Office, name: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = office.see("buyer", "me/addresses", name)["addresses"]
    return found


# --- registering, and one's own area --------------------------------------------------------------------------


@pytest.mark.promise("S1.1")
def test_a_new_buyer_registers_and_edits_profile_language_addresses_and_mails(office: Office) -> None:
    guest = Client(headers={"accept-language": "ru"})
    door = guest.get("/retail/").content.decode()
    assert "Кто здесь впервые, становится покупателем после входа." in text_of(door)
    assert 'href="/sign-in/?next=/retail/"' in door
    buyer = newcomer()
    assert f"Вы вошли как {AIGERIM}." in read(buyer, "/retail/")
    assert send(buyer, "/retail/me/membership/")["Location"] == "/retail/"
    assert "Теперь вы здесь покупатель." in read(buyer, "/retail/")
    assert [one.role for one in Membership.objects.filter(person__email=AIGERIM)] == ["buyer"]
    assert 'href="/retail/me/"' in buyer.get("/retail/").content.decode().partition("<main")[0]

    assert "Язык страниц и писем" in read(buyer, "/retail/me/")
    assert send(buyer, "/retail/me/", name="Айгерім", language="kk").status_code == 302
    assert "Сақталды" in read(buyer, "/retail/me/")
    assert 'value="Айгерім"' in buyer.get("/retail/me/").content.decode()
    assert send(buyer, "/retail/me/", name="Айгерім", language="ru").status_code == 302

    assert send(buyer, "/retail/me/addresses/new/", **HOME)["Location"] == "/retail/me/addresses/"
    said = read(buyer, "/retail/me/addresses/")
    assert "Айгерім Сатпаева Обычный 77012345678 050000, Алматы, Абай даңғылы, 10, 5, Казахстан" in said
    (home,) = set(ids_of(buyer))
    assert send(buyer, f"/retail/me/addresses/{home}/", **DACHA, version="1").status_code == 302
    assert "040000, Талғар, Гагарин, 3, Казахстан" in read(buyer, "/retail/me/addresses/")

    assert f"Они приходят на {AIGERIM}" in read(buyer, "/retail/me/letters/")
    assert news_of_an_order(office, buyer, home) == 1
    send(buyer, "/retail/me/letters/", email="false")
    assert f"На {AIGERIM} ничего не отправляется." in read(buyer, "/retail/me/letters/")
    assert "Коды для входа" in read(buyer, "/retail/me/letters/")
    assert news_of_an_order(office, buyer, home) == 0
    send(buyer, "/retail/me/letters/", email="true")
    assert news_of_an_order(office, buyer, home) == 1


def news_of_an_order(office: Office, buyer: Client, address: str) -> int:
    """How many mails its buyer gets when the shop puts a paid order of his on hold."""
    kettle = {"items-0-name": "Чайник", "items-0-unit_price": "30.00"}
    placed = send(buyer, "/retail/orders/new/", act="place", address=address, **kettle)
    order = placed["Location"].split("/")[3]
    pay(office, order)
    office.letters()
    office.do("platform", f"orders/{order}", "hold", hold_reason="address")
    return len(office.letters(AIGERIM))


@pytest.mark.promise("S1.1")
def test_programs_and_the_shell_edit_the_same_things(office: Office) -> None:
    changed = office.api("buyer", "put", "me", {"name": "Айгерім", "language": "kk"})
    email = office.person("buyer").email
    assert (changed.status, changed.body["name"], changed.body["language"]) == (200, "Айгерім", "kk")
    assert office.see("buyer", "me") == {
        "email": email,
        "name": "Айгерім",
        "language": "kk",
        "role": "buyer",
        "roles": ["buyer"],
    }
    made = office.api("buyer", "post", "me/addresses", HOME)
    assert (made.status, made.headers["ETag"], made.body["is_usual"]) == (201, '"v1"', True)
    assert made.body["recipient_phone"] == "77012345678"
    path = f"me/addresses/{made.body['id']}"
    anew = office.api("buyer", "put", path, DACHA, If_Match='"v1"')
    assert (anew.status, anew.body["city"], anew.body["version"], anew.body["is_usual"]) == (
        200,
        "Талғар",
        2,
        True,
    )
    assert office.see("buyer", path) == anew.body
    silent = office.api("buyer", "put", "me/letters", {"email": False})
    assert (silent.body, office.see("buyer", "me/letters")["email"]) == (
        {"email": False, "address": email},
        False,
    )
    code, said = office.shell("buyer", "me", "--letters", "on", "--language", "ru", "--name", "Асель")
    assert (code, said) == (0, f"email     {email}\nname      Асель\nlanguage  ru\nletters   on\n")
    fields = [part for key, value in HOME.items() for part in ("--field", f"{key}={value}")]
    code, said = office.shell("buyer", "address", "add", *fields, "--usual")
    assert (code, said.rstrip().endswith("Абай даңғылы, 10, 5, KZ  usual")) == (0, True)
    first, second = (one["id"] for one in book_of(office))
    assert office.shell("buyer", "address", "usual", second)[0] == 0
    assert [one["is_usual"] for one in book_of(office)] == [True, False]
    assert office.shell("buyer", "address", "change", first, *fields[:-2])[0] == 1  # no country
    assert office.shell("buyer", "address", "remove", first) == (0, f"{first} is removed\n")
    assert office.api("buyer", "delete", f"me/addresses/{second}").status == 204
    assert office.shell("buyer", "address", "list") == (1, "")
    assert office.shell("buyer", "address", "remove", second)[0] == 1


def test_a_business_that_shuts_its_door_is_joined_by_invitation_alone(office: Office) -> None:
    assert command("business", "set", "retail", "buyers_join=no")[0] == 0
    buyer = newcomer()
    said = read(buyer, "/retail/")
    assert "Стать покупателем" not in said
    assert send(buyer, "/retail/me/membership/").status_code == 404
    assert not Membership.objects.filter(person__email=AIGERIM).exists()


def test_who_was_dismissed_does_not_come_back_by_himself(office: Office) -> None:
    from sledi.accounts.operations import dismiss

    buyer = newcomer()
    send(buyer, "/retail/me/membership/")
    send(buyer, "/retail/me/addresses/new/", **HOME)
    dismiss(Membership.objects.get(person__email=AIGERIM), office.now, by=SHELL, cause="cli")
    assert "Стать покупателем" not in read(buyer, "/retail/")
    assert send(buyer, "/retail/me/membership/").status_code == 302
    assert not Membership.objects.filter(person__email=AIGERIM).exists()
    assert not Address.objects.exists()


def test_joining_needs_a_person_signed_in_and_happens_once(office: Office) -> None:
    assert send(Client(), "/retail/me/membership/").status_code == 404
    assert Client().get("/retail/me/membership/").status_code == 405
    buyer = newcomer()
    for _twice in range(2):
        assert send(buyer, "/retail/me/membership/").status_code == 302
    assert Membership.objects.filter(person__email=AIGERIM).count() == 1


def test_twenty_people_an_hour_join_from_one_place(office: Office) -> None:
    from sledi.tracking import allowance

    for _somebody in range(allowance.JOINING_PER_HOUR):
        allowance.spend_joining("127.0.0.1", office.now)
    buyer = newcomer()
    send(buyer, "/retail/me/membership/")
    assert "Отсюда пришло слишком много новых покупателей." in read(buyer, "/retail/")
    assert not Membership.objects.filter(person__email=AIGERIM).exists()


# --- the address book -----------------------------------------------------------------------------------------


def test_the_usual_address_is_filled_in_and_another_can_be_chosen_or_kept(office: Office) -> None:
    buyer = office.browser("buyer")
    for address in (HOME, DACHA):
        send(buyer, "/retail/me/addresses/new/", **address)
    home = next(one["id"] for one in book_of(office) if one["is_usual"])
    dacha = next(one["id"] for one in book_of(office) if not one["is_usual"])
    form = buyer.get("/retail/orders/new/").content.decode()
    assert f'<input type="radio" name="address" value="{home}" checked>' in form
    assert '<input type="radio" name="address" value="">' in form
    for chosen, city in ((home, "Алматы"), (dacha, "Талғар")):
        order = placed(buyer, address=chosen, street="не считается")
        assert order["recipient"]["address"]["city"] == city
        assert order["recipient"]["phone"] == "77012345678"
    typed = {**HOME, "city": "Астана", "street": "Мәңгілік ел, 1"}
    order = placed(buyer, address="", keep="true", **typed)
    assert order["recipient"]["address"]["city"] == "Астана"
    assert sorted(one["city"] for one in book_of(office)) == ["Алматы", "Астана", "Талғар"]
    placed(buyer, address="", keep="true", **typed)
    assert len(book_of(office)) == 3


def placed(client: Client, **fields: str) -> Any:
    answer = send(client, "/retail/orders/new/", act="place", **{"items-0-name": "Чайник"}, **fields)
    assert answer.status_code == 302, text_of(answer.content.decode())
    number = answer["Location"].split("/")[3]
    order = Order.objects.get(number=number)
    return {"recipient": {"address": order.address, "phone": order.recipient_phone}}


def test_an_incomplete_address_is_ordered_with_and_not_kept_and_that_is_said(office: Office) -> None:
    buyer = office.browser("buyer")
    placed(buyer, keep="true", recipient_name="Айгерім", city="Алматы")
    (order,) = office.see("buyer", "orders")["orders"]
    said = read(buyer, f"/retail/orders/{order['number']}/")
    assert "Адрес не сохранён в книге: Заполните поле «Улица, дом, квартира»." in said
    assert book_of(office) == []


def test_programs_place_with_an_address_of_the_book(office: Office) -> None:
    pk = office.api("buyer", "post", "me/addresses", HOME).body["id"]
    order = office.place("buyer", address=pk)
    assert office.see("buyer", f"orders/{order}")["recipient"]["address"] == {
        key: HOME[key] for key in ("postcode", "city", "street")
    }
    code, said = office.shell("buyer", "order", "create", "--item", "name=Cup", "--field", f"address={pk}")
    assert code == 0
    assert Order.objects.latest("placed_at").recipient_name == HOME["recipient_name"], said
    office.see("buyer", "me/addresses", "boris")
    items, before = [{"name": "Cup"}], written()
    both = office.api("buyer", "post", "orders", {"items": items, "address": pk, "city": "X"})
    assert (both.status, both.kind, both.body["reason"]) == (422, "wrong-field", "written_too")
    for foreign in (pk, "none", {"x": 1}, str(UUID(int=1))):
        name = "boris" if foreign == pk else ""
        answer = office.api("buyer", "post", "orders", {"items": items, "address": foreign}, name=name)
        assert (answer.status, answer.body["reason"]) == (422, "not_in_book")
        assert answer.body["errors"][0]["pointer"] == "/address"
    assert written() == before


def test_nobody_else_sees_or_touches_an_address(office: Office) -> None:
    pk = office.api("buyer", "post", "me/addresses", HOME).body["id"]
    for role, name in (("owner", ""), ("platform", ""), ("support", ""), ("buyer", "boris")):
        key = own_key(office, role, name)
        for method, body in (("get", None), ("put", DACHA), ("delete", None)):
            answer = key(method, f"/{pk}", body)
            assert (answer.status_code, answer.json()["type"]) == (404, "/api/v1/problems#not-found")
        assert key("get").json() == {"addresses": []}
        browser = office.browser(role, name)
        for page in ("", "removal/"):
            assert "Этого адреса нет в вашей книге" in read(browser, f"/retail/me/addresses/{pk}/{page}", 404)
        send(browser, f"/retail/me/addresses/{pk}/removal/")
        assert send(browser, f"/retail/me/addresses/{pk}/usual/").status_code == 404
        assert send(browser, f"/retail/me/addresses/{pk}/", **DACHA).status_code == 404
        assert office.shell(role, "address", "remove", pk, name=name)[0] == 1
    assert [one["city"] for one in book_of(office)] == ["Алматы"]


def own_key(office: Office, role: str, name: str) -> Any:
    """Asks for addresses with a key of this one person, whatever his role."""
    from sledi.accounts.operations import create_key

    person = office.person(role, name)
    scopes = ["people:read", "people:write"]
    _key, text = create_key(
        office.business, "own", role, scopes, office.now, person=person, by=SHELL, cause="cli"
    )
    return lambda method, path="", body=None: Client().generic(
        method.upper(),
        f"/api/v1/businesses/retail/me/addresses{path}",
        json.dumps(body or {}) if method != "get" else "",
        content_type="application/json",
        headers={"authorization": f"Bearer {text}"},
    )


def test_two_businesses_keep_two_books(db: None) -> None:
    with office_of("retail") as shop:
        shop.api("buyer", "post", "me/addresses", HOME)
        person = shop.person("buyer")
        with office_of("marketplace", shop.now) as market:
            market.stage.people["buyer"] = person
            assert book_of(market) == []
            pk = str(Address.objects.get().pk)
            assert market.api("buyer", "get", f"me/addresses/{pk}").status == 404
            refused = market.api("buyer", "post", "orders", {"items": [{"name": "Cup"}], "address": pk})
            assert refused.body["reason"] == "not_in_book"


@pytest.mark.parametrize(
    ("field", "typed", "reason", "said"),
    [
        ("recipient_name", "", "", "Заполните поле «Имя получателя»."),
        ("city", "  ", "", "Заполните поле «Город»."),
        ("destination", "", "", "Заполните поле «Страна назначения»."),
        ("destination", "XX", "not_a_choice", "«Страна назначения»"),
        ("destination", "kz", "not_a_choice", "«Страна назначения»"),
        ("street", "у" * 201, "too_long", "«Улица, дом, квартира»"),
        ("street", "Абай\x07", "control_characters", "«Улица, дом, квартира»"),
        ("recipient_name", "А\x00", "control_characters", "«Имя получателя»"),
        ("recipient_phone", "позвоните мне", "not_a_phone", "«Телефон получателя»"),
        ("recipient_phone", "1" * 21, "not_a_phone", "«Телефон получателя»"),
    ],
)
def test_what_is_no_address_is_refused_by_the_name_of_its_field(
    office: Office, field: str, typed: str, reason: str, said: str
) -> None:
    answer = send(office.browser("buyer"), "/retail/me/addresses/new/", **{**HOME, field: typed})
    assert answer.status_code == 422
    page = text_of(answer.content.decode())
    assert said in page
    assert "Абай" in answer.content.decode() or field == "street"
    told = office.api("buyer", "post", "me/addresses", {**HOME, field: typed}, Accept_Language="ru")
    assert (told.status, told.kind) == (422, "wrong-field" if reason else "missing-field")
    assert told.body.get("reason", "") == reason
    assert told.body["errors"][0]["pointer"] == f"/{field}"
    assert not Address.objects.exists()


def test_html_in_an_address_is_read_as_it_was_typed(office: Office) -> None:
    evil = '<script>alert(1)</script>"onmouseover="x'
    buyer = office.browser("buyer")
    send(buyer, "/retail/me/addresses/new/", **{**HOME, "recipient_name": evil})
    for page in ("me/addresses/", "orders/new/", f"me/addresses/{ids_of(buyer)[0]}/"):
        html = office.html("buyer", page)
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot;onmouseover=&quot;x" in html


def test_the_51st_address_is_refused_and_the_same_one_again_is_none_more(office: Office) -> None:
    for number in range(50):
        assert office.api("buyer", "post", "me/addresses", {**HOME, "street": f"{number}"}).status == 201
    full = office.api("buyer", "post", "me/addresses", {**HOME, "street": "50"}, Accept_Language="ru")
    assert (full.status, full.body["reason"]) == (422, "book_full")
    said = "В адресной книге уже 50 адресов, больше она не вмещает. Сначала удалите ненужный."
    assert full.body["title"] == said
    answer = send(office.browser("buyer"), "/retail/me/addresses/new/", **{**HOME, "street": "50"})
    assert (answer.status_code, said in text_of(answer.content.decode())) == (422, True)
    again = office.api("buyer", "post", "me/addresses", {**HOME, "street": " 7 ", "city": "АЛМАТЫ"})
    assert (again.status, again.body["street"]) == (201, "7")
    assert len(book_of(office)) == 50


def test_an_address_changed_or_deleted_in_another_window_is_not_overwritten(office: Office) -> None:
    buyer = office.browser("buyer")
    send(buyer, "/retail/me/addresses/new/", **HOME)
    path = f"/retail/me/addresses/{ids_of(buyer)[0]}/"
    assert send(buyer, path, **DACHA, version="1").status_code == 302
    late = send(buyer, path, **{**HOME, "city": "Астана"}, version="1")
    assert late.status_code == 409
    assert "Этот адрес изменён в другом окне." in text_of(late.content.decode())
    assert 'value="Талғар"' in late.content.decode()
    stale = office.api("buyer", "put", path.removeprefix("/retail/").rstrip("/"), HOME, If_Match='"v1"')
    assert (stale.status, stale.kind, stale.body["version"]) == (412, "stale", 2)
    for _twice in range(2):
        assert send(buyer, path + "removal/")["Location"] == "/retail/me/addresses/"
    gone = send(buyer, path, **HOME, version="2")
    assert gone.status_code == 404
    assert "Возможно, его удалили в другом окне. Ничего не изменилось." in text_of(gone.content.decode())
    assert book_of(office) == []


def test_an_address_deleted_while_the_order_form_is_open_places_nothing(office: Office) -> None:
    pk = office.api("buyer", "post", "me/addresses", HOME).body["id"]
    buyer = office.browser("buyer")
    buyer.get("/retail/orders/new/")
    office.api("buyer", "delete", f"me/addresses/{pk}")
    answer = send(buyer, "/retail/orders/new/", act="place", address=pk, **{"items-0-name": "Чайник"})
    assert answer.status_code == 422
    assert "Такого адреса в вашей адресной книге нет." in text_of(answer.content.decode())
    assert 'value="Чайник"' in answer.content.decode()
    assert not Order.objects.exists()


def test_a_key_of_the_whole_business_has_nothing_of_its_own(office: Office) -> None:
    from sledi.accounts.operations import create_key
    from sledi.accounts.scopes import SCOPES

    _key, text = create_key(
        office.business, "scanner", "operator", sorted(SCOPES), office.now, by=SHELL, cause="cli"
    )
    for path in ("me", "me/addresses", "me/letters"):
        answer = Client().get(
            f"/api/v1/businesses/retail/{path}", headers={"authorization": f"Bearer {text}"}
        )
        assert (answer.status_code, answer.json()["type"]) == (403, "/api/v1/problems#scope")


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x", "language": "tlh"},
        {"name": "x"},
        {"name": "x" * 201, "language": "ru"},
        {"name": "\x07", "language": "ru"},
    ],
)
def test_a_profile_that_cannot_be_is_refused_at_each_door(office: Office, body: dict[str, str]) -> None:
    before = office.see("buyer", "me")
    assert office.api("buyer", "put", "me", body).status == 422
    assert send(office.browser("buyer"), "/retail/me/", **body).status_code == 422
    assert office.see("buyer", "me") == before


# --- an order found without the right account -----------------------------------------------------------------


def guest_order(office: Office) -> str:
    return office.place("platform", buyer_email=AIGERIM, city="Алматы", recipient_name="Айгерім")


def ask(office: Office, email: str, number: str, client: Client | None = None) -> str:
    """Send the form; what is read then."""
    visitor = client or Client(headers={"accept-language": "ru"})
    answer = visitor.post("/retail/find-order/", {"email": email, "number": number})
    assert answer.status_code == 200, answer.content.decode()
    return text_of(answer.content.decode())


def links(office: Office) -> list[tuple[str, str]]:
    """What the worker mails: to whom, and the address of the link."""
    from sledi.notifications import lookup_letters

    lookup_letters.send_due(office.now)
    found = [(one.to[0], re.search(r"http\S+(/retail/find-order/\S+/)", one.body)) for one in mail.outbox]
    mail.outbox.clear()
    return [(to, link[1]) for to, link in found if link]


@pytest.mark.promise("S1.36")
def test_email_and_number_bring_a_link_that_opens_the_order_once(office: Office) -> None:
    order = guest_order(office)
    office.letters()
    said = ask(office, AIGERIM.upper(), f" {order.lower()} ")
    assert "Если этот заказ относится к" in said
    assert "Она действует один раз, в течение 30 минут." in said
    ((to, link),) = links(office)
    assert to == AIGERIM
    reader = Client(headers={"accept-language": "ru"})
    assert "Открыть заказ" in read(reader, link)
    assert "Открыть заказ" in read(Client(headers={"accept-language": "ru"}), link)  # looking uses nothing up
    assert send(reader, link)["Location"] == link
    for _again in range(2):
        page = read(reader, link)
        assert "Kettle" in page
        assert f"Заказ {order[:4]}" in page
    other = Client(headers={"accept-language": "ru"})
    for answer in (other.get(link), other.post(link)):
        assert answer.status_code == 410
        said = text_of(answer.content.decode())
        assert "Ссылка уже сработала Её уже открывали, или её время вышло." in said
        assert 'href="/retail/find-order/"' in answer.content.decode()
    office.go_to(office.now + timedelta(minutes=31))
    assert read(reader, link, 410)


@pytest.mark.promise("S1.36")
def test_a_wrong_pair_gets_the_same_answer_and_no_mail(office: Office) -> None:
    order = guest_order(office)
    office.letters()
    page = lambda email, number: re.sub(  # noqa: E731
        r'csrfmiddlewaretoken" value="\w+"', "", ask(office, email, number).replace(email, "@")
    )
    good = page(AIGERIM, order)
    wrong = (("boris@example.com", order), (AIGERIM, "7KQM3XF4"), ("boris@example.com", "нет такого"))
    assert [page(*pair) == good for pair in wrong] == [True] * len(wrong)
    assert OrderLookup.objects.count() == 1 + len(wrong)  # the same row for each: nothing was looked up yet
    assert [to for to, _link in links(office)] == [AIGERIM]
    assert OrderLookup.objects.count() == 1
    told = [
        Client().post(
            "/api/v1/businesses/retail/order-lookups",
            {"email": email, "number": order},
            content_type="application/json",
        )
        for email in (AIGERIM, "boris@example.com")
    ]
    assert [(one.status_code, one.json()) for one in told] == [(202, {"minutes": 30})] * 2
    ((_to, link),) = links(office)
    path = "/api/v1/businesses/retail/order-lookups/" + link.split("/")[3]
    opened = Client().post(path)
    assert (opened.status_code, opened.json()["number"]) == (200, order)
    assert (Client().post(path).status_code, Client().post(path).json()["type"]) == (
        410,
        "/api/v1/problems#link-over",
    )


@pytest.mark.promise("S1.36")
def test_attempts_are_limited_by_mailbox_and_by_client(office: Office) -> None:
    order = guest_order(office)
    for _attempt in range(4):
        ask(office, AIGERIM, order)
    visitor = Client(headers={"accept-language": "ru"})
    answer = visitor.post("/retail/find-order/", {"email": AIGERIM, "number": order})
    assert answer.status_code == 429
    assert answer["Retry-After"] == "3601"
    assert "Отсюда или для этого адреса заказы ищут слишком часто." in text_of(answer.content.decode())
    assert f'value="{order}"' in answer.content.decode()
    for number in range(6):
        ask(office, f"somebody{number}@example.com", order)
    told = Client().post(
        "/api/v1/businesses/retail/order-lookups",
        {"email": "boris@example.com", "number": order},
        content_type="application/json",
    )
    assert (told.status_code, told.json()["type"]) == (429, "/api/v1/problems#too-many-lookups")
    assert told["Retry-After"] == "3601"
    assert OrderLookup.objects.count() == 10
    office.wait(hours=1)
    ask(office, AIGERIM, order)


def test_buyers_with_an_account_and_recipients_find_their_orders_too(office: Office) -> None:
    own = office.place("buyer", recipient_email="vesela@example.bg")
    office.letters()
    ask(office, office.person("buyer").email, own)
    ask(office, "vesela@example.bg", own)
    assert sorted(to for to, _link in links(office)) == sorted([office.person("buyer").email])


def test_a_link_of_half_an_hour_ago_and_a_made_up_one_open_nothing(office: Office) -> None:
    order = guest_order(office)
    ask(office, AIGERIM, order)
    ((_to, link),) = links(office)
    office.go_to(office.now + timedelta(minutes=30))
    assert Client().post(link).status_code == 410
    for token in ("none", "x" * 22, "%00"):
        assert Client().post(f"/retail/find-order/{token}/").status_code == 404
        assert Client().post(f"/api/v1/businesses/retail/order-lookups/{token}").status_code == 404
    assert OrderLookup.objects.get().used_at is None


def test_who_switched_news_off_still_gets_the_link_he_asks_for(office: Office) -> None:
    order = office.place("buyer")
    office.api("buyer", "put", "me/letters", {"email": False})
    ask(office, office.person("buyer").email, order)
    assert len(links(office)) == 1


@pytest.mark.parametrize(
    ("email", "number", "field"),
    [
        ("", "7KQM3XF4", "email"),
        ("boris", "7KQM3XF4", "email"),
        ("boris@example.com\r\nBcc: x@example.com", "7KQM3XF4", "email"),
        ("b" * 255 + "@example.com", "7KQM3XF4", "email"),
        ("boris@example.com", "", "number"),
        ("boris@example.com", "7" * 61, "number"),
        ("boris@example.com", "7KQM\x00", "number"),
    ],
)
def test_what_cannot_be_a_pair_is_refused_by_the_name_of_its_field(
    office: Office, email: str, number: str, field: str
) -> None:
    answer = Client(headers={"accept-language": "ru"}).post(
        "/retail/find-order/", {"email": email, "number": number}
    )
    assert answer.status_code == 422
    assert f'id="find-{field}-error"' in answer.content.decode()
    told = Client().post(
        "/api/v1/businesses/retail/order-lookups",
        {"email": email, "number": number},
        content_type="application/json",
    )
    assert (told.status_code, told.json()["errors"][0]["pointer"]) == (422, f"/{field}")
    assert not OrderLookup.objects.exists()


def test_the_way_to_it_is_on_the_entrance_and_below_every_page_of_help(office: Office) -> None:
    way = 'href="/retail/find-order/"'
    guest = Client(headers={"accept-language": "ru"})
    for page in ("/retail/", "/retail/legend/", "/sign-in/?next=/retail/orders/"):
        assert way in guest.get(page).content.decode(), page
    assert way not in guest.get("/sign-in/").content.decode()
    assert way not in guest.get("/sign-in/?next=//evil.example/retail/").content.decode()


@pytest.mark.parametrize("office", ["tracker"], indirect=True)
def test_a_business_without_orders_has_none_to_find(office: Office) -> None:
    from sledi import profiles

    has_orders = "order" in profiles.workflow("tracker").levels
    assert Client().get("/tracker/find-order/").status_code == (200 if has_orders else 404)


def test_confirming_an_order_needs_the_shop_and_not_the_link(office: Office) -> None:
    """A link only reads: what it opens has no buttons, and its session is nobody's."""
    order = guest_order(office)
    ask(office, AIGERIM, order)
    ((_to, link),) = links(office)
    reader = Client()
    send(reader, link)
    html = reader.get(link).content.decode().partition("<main")[2].partition("</main>")[0]
    assert "<form" not in html
    assert reader.get(f"/retail/orders/{order}/").status_code == 302
