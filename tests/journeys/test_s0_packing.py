"""One parcel of all that can be had: what is missing is named, nobody packs too early, and two never pack at once."""

from collections.abc import Iterator

import pytest

from sledi.history.tests.side_by_side import side_by_side
from sledi.history.tests.unlocked import empty
from sledi.orders.tests.stage import NOW
from tests.journeys.boxes import IN_CHINA, THREE, dispatched, formed, in_russian, receive, refuse, states
from tests.journeys.markup import Element, by_id, links, section, text, tree
from tests.journeys.office import Answer, Office
from tests.journeys.office import office as office_of
from tests.journeys.purchases import balance

PROFILE = "buyout"

RULE = "Важно! Посылка формируется только тогда, когда все товары из заказа пришли на склад."
WHY = (
    "Формирование посылки начинается только тогда, когда все товары из заказа пришли на склад. "
    "Дождитесь недостающих: 3 Rug."
)


def page_of(office: Office, order: str, role: str = "reseller") -> Element:
    return tree(office.html(role, f"orders/{order}/"))


# --- what is missing ------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.promise("S0.26")
def test_two_of_three_received_and_the_missing_one_is_named_with_number_and_age(office: Office) -> None:
    order = dispatched(office)
    office.wait(days=3)
    receive(office, order, 1, 2)
    page = page_of(office, order)
    assert "Получено 2 из 3" in text(page)
    missing = section(page, "missing-item")
    assert text(by_id(page, "missing-item")) == "Чего не хватает"
    (line,) = list(missing.iter("li"))
    said = text(line)
    assert said.startswith("№ 3 Rug ×1")
    assert "Последнее изменение: 3 дня назад" in said
    assert IN_CHINA[2] in said.replace(" ", "")
    assert "В пути на склад" in said
    (progress,) = in_russian(office, "reseller", f"orders/{order}")["progress"]
    assert (progress["done"], progress["all"], progress["words"]) == (2, 3, "Получено 2 из 3")
    (told,) = progress["missing"]
    assert (told["number"], told["name"], told["numbers"]) == ("3", "Rug", [IN_CHINA[2]])
    assert told["changed_at"] == NOW.isoformat()


@pytest.mark.django_db
@pytest.mark.promise("S0.40")
def test_the_rule_stands_on_the_order_until_nothing_is_missing(office: Office) -> None:
    order = dispatched(office)
    assert RULE not in text(page_of(office, order))
    receive(office, order, 1)
    page = page_of(office, order)
    assert RULE in text(page)
    notice = next(one for one in page.iter("p") if RULE in text(one))
    assert links(notice) == {"Посмотреть, чего не хватает": "#missing-item"}
    assert [text(one).split(" ×")[0] for one in section(page, "missing-item").iter("li")] == [
        "№ 2 Lamp",
        "№ 3 Rug",
    ]
    receive(office, order, 2)
    assert RULE in text(page_of(office, order))
    receive(office, order, 3)
    page = page_of(office, order)
    assert RULE not in text(page)
    assert page.find(".//*[@id='missing-item']") is None


@pytest.mark.django_db
@pytest.mark.promise("S0.40")
@pytest.mark.parametrize(
    ("language", "rule"),
    [
        (
            "en",
            "Please note: the parcel is formed only when all items of the order have come to the warehouse.",
        ),
        ("bg", "Важно! Пратката се формира едва когато всички продукти от поръчката са дошли в склада."),
        ("kk", "Маңызды! Тапсырыстың барлық тауары қоймаға келгенде ғана сәлемдеме жиналады."),
        ("uk", "Важливо! Посилку формують лише тоді, коли всі товари із замовлення прийшли на склад."),
    ],
)
def test_the_rule_is_said_in_the_readers_language(office: Office, language: str, rule: str) -> None:
    order = dispatched(office)
    receive(office, order, 1)
    assert rule in office.read("reseller", f"orders/{order}/", language=language)


# --- not before everything is there ---------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.promise("S0.27")
def test_page_api_and_command_refuse_with_the_same_list_of_missing_items(office: Office) -> None:
    order = dispatched(office)
    receive(office, order, 1, 2)
    refused = office.refused("logist", f"parcels/{order}", "form")
    assert (refused.status, refused.kind, refused.body["guard"]) == (409, "guard", "all_here")
    assert refused.body["listed"] == ["3 Rug"]
    again = office.api("logist", "post", f"parcels/{order}/moves/form", accept_language="ru")
    assert (again.status, again.body["title"]) == (409, WHY)
    page = office.press("logist", f"orders/{order}/parcels", "form")
    assert "Ничего не изменилось" in page
    assert f"{WHY} 3 Rug" in page
    code, said = office.shell("logist", "parcel", "move", order, "form", "--lang", "ru")
    assert (code, WHY in said) == (1, True), said
    assert "3 Rug" in said
    assert office.see("logist", f"orders/{order}")["parcels"] == []
    shown = office.read("logist", f"orders/{order}/")
    assert "Что пока невозможно и почему" in shown
    assert f"{WHY} 3 Rug" in shown


@pytest.mark.django_db
@pytest.mark.promise("S0.28")
def test_what_cannot_be_supplied_holds_no_parcel_up(office: Office) -> None:
    order = dispatched(office)
    refuse(office, order, 3)
    receive(office, order, 1, 2)
    assert office.see("logist", f"orders/{order}")["progress"] == []
    office.press("logist", f"orders/{order}/parcels", "form")
    (parcel,) = office.see("logist", f"orders/{order}")["parcels"]
    assert parcel["contents"] == [{"item": "1", "quantity": 1}, {"item": "2", "quantity": 1}]
    assert states(office, order) == ["received", "received", "cannot_supply"]


@pytest.mark.django_db
@pytest.mark.promise("S0.29")
def test_when_nothing_can_be_supplied_the_order_closes_and_all_the_money_is_back(office: Office) -> None:
    order = dispatched(office, *THREE)
    assert balance(office) == "934.00"
    refuse(office, order, 1, 2)
    assert office.see("reseller", f"orders/{order}")["state"]["key"] == "ordering"
    refuse(office, order, 3)
    closed = in_russian(office, "reseller", f"orders/{order}")
    assert (closed["state"]["key"], closed["state"]["label"]) == ("not_supplied", "Не поставлен")
    assert closed["state"]["is_final"]
    assert balance(office) == "1000.00"
    offered = office.see("logist", f"orders/{order}/moves")["moves"]
    assert "form" not in [one["name"] for one in offered]
    assert "Сформировать посылку" not in office.read("logist", f"orders/{order}/")
    refused = office.refused("logist", f"parcels/{order}", "form")
    assert (refused.status, refused.body["guard"]) == (409, "something_received")


# --- one parcel -----------------------------------------------------------------------------------------------


@pytest.fixture
def busy_office(transactional_db: None) -> Iterator[Office]:
    """An office whose people may come at the very same moment: what they do is really committed."""
    with office_of(PROFILE) as found:
        yield found
    empty()


@pytest.mark.promise("S0.30")
def test_of_two_logists_at_once_one_packs_and_the_other_is_told_who(busy_office: Office) -> None:
    office = busy_office
    order = dispatched(office)
    receive(office, order, 1, 2, 3)
    names = ("aigerim", "boris")
    office.stage.person("aigerim"), office.stage.person("boris")
    for name in names:
        office._key("logist", name)
    answers = side_by_side([lambda name=name: (name, form(office, order, name)) for name in names])
    answers.sort(key=lambda one: one[1].status)
    (first, made), (_, refused) = answers
    assert (made.status, refused.status) == (200, 409)
    assert refused.kind == "busy"
    assert refused.body["title"] == f"Заказ уже собирает в посылку {first} of the journeys."
    assert refused.body["who"] == f"{first} of the journeys"  # the name of his key
    assert len(office.see("logist", f"orders/{order}")["parcels"]) == 1


def form(office: Office, order: str, name: str) -> Answer:
    """One Logist asks for the parcel."""
    return office.api("logist", "post", f"parcels/{order}/moves/form", name=name, accept_language="ru")


@pytest.mark.promise("S0.30")
def test_of_two_pages_sent_at_once_one_packs_and_the_other_says_who(busy_office: Office) -> None:
    office = busy_office
    order = dispatched(office)
    receive(office, order, 1, 2, 3)
    names = ("aigerim", "boris")
    for name in names:
        office.browser("logist", name)
    pages = dict(
        side_by_side(
            [
                lambda name=name: (name, office.press("logist", f"orders/{order}/parcels", "form", name))
                for name in names
            ]
        )
    )
    packing = [name for name in names if "Ничего не изменилось" not in pages[name]]
    assert len(packing) == 1
    told = next(page for name, page in pages.items() if name not in packing)
    assert f"Заказ уже собирает в посылку {packing[0].capitalize()}." in told
    assert len(office.see("logist", f"orders/{order}")["parcels"]) == 1


@pytest.mark.django_db
@pytest.mark.promise("S0.30")
@pytest.mark.parametrize("role", ["reseller", "operator", "supervisor", "support", "owner"])
def test_nobody_but_the_logist_starts_a_parcel(office: Office, role: str) -> None:
    order = dispatched(office)
    receive(office, order, 1, 2, 3)
    refused = office.refused(role, f"parcels/{order}", "form")
    assert (refused.status, refused.kind) == (403, "wrong-role")
    assert "Сформировать посылку" not in office.read(role, f"orders/{order}/")


@pytest.mark.django_db
@pytest.mark.promise("S0.30")
def test_a_second_parcel_of_an_order_is_refused_for_good(office: Office) -> None:
    order = dispatched(office)
    receive(office, order, 1, 2, 3)
    formed(office, order)
    office.refused("logist", f"parcels/{order}", "form", name="boris")
    assert (
        form(office, order, "boris").body["title"] == "Заказ уже собирает в посылку logist of the journeys."
    )
    assert "Этот заказ уже собирают в посылку." in office.read("logist", f"orders/{order}/", name="boris")
