"""The eleven statuses of a forwarder's order: what each one means, who brings it about, and what it asks for."""

from collections.abc import Iterator

import pytest

from sledi import profiles
from sledi.attachments.tests.drawn import photo as drawn_photo
from sledi.history.tests.side_by_side import side_by_side
from sledi.history.tests.unlocked import empty
from tests.journeys.forwarding import depart, in_china, mails, new_order, state_of, told, truck
from tests.journeys.markup import by_id, tree, with_class
from tests.journeys.markup import text as text_in
from tests.journeys.office import Office, hidden, text_of
from tests.journeys.office import office as office_of

pytestmark = pytest.mark.django_db

PROFILE = "forwarder"
STATUSES = {
    "Не оплачен": "Заказ ещё не оплачен покупателем.",
    "Оплачен": "Заказ оплачен и находится в очереди на обработку/выкуп.",
    "В обработке": "Заказ в процессе обработки/выкупа у продавца.",
    "Доставка на склад в Китае": "Заказ обработан/выкуплен и отправлен продавцом на склад в Китае.",
    "На складе в Китае": "Заказ получен, проверен и взвешен",
    "Отправлен со склада из Китая": "Заказ едет в отдел выдачи и пересылки в г. Алматы.",
    "На складе в Алматы": "Заказ получен в отдел выдачи и пересылки.",
    "Упакован": "Заказ подготовлен для дальнейшей отправки по Алматы или Казахстану.",
    "Отправлен получателю": "Заказ у курьера или в EMS",
    "Доставлен": "Заказ успешно получен получателем.",
    "Отменен": "Заказ отменен",
}
"""The eleven with the beginnings of their meanings."""


def offered(office: Office, order: str, role: str = "buyer") -> set[str]:
    """The moves that REST offers with an order now, and those that would make something for it."""
    return {move["name"] for move in office.see(role, f"orders/{order}/moves")["moves"]}


def buttons(office: Office, path: str, role: str = "buyer") -> set[str]:
    """The moves whose forms or links stand on a page."""
    page = tree(office.html(role, path))
    addresses = [form.get("action", "") for form in page.iter("form")]
    addresses += [link.get("href", "") for link in page.iter("a")]
    return {address.rstrip("/").rpartition("/")[2] for address in addresses if "/moves/" in address}


# --- the legend -----------------------------------------------------------------------------------------------


@pytest.mark.promise("S3.8")
@pytest.mark.parametrize("language", ["ru", "kk", "en"])
def test_the_legend_explains_the_eleven_statuses_from_the_workflow(office: Office, language: str) -> None:
    page = tree(office.html("buyer", "legend/", language=language))
    shown = [
        (text_in(with_class(by_id(page, f"order-{key}"), "pill")[0]), text_in(by_id(page, f"order-{key}")))
        for key in profiles.workflow(PROFILE).states("order")
    ]
    known = profiles.workflow(PROFILE).states("order").values()
    assert [label for label, _ in shown] == [state.label[language] for state in known]
    assert all(state.about[language] in said for state, (_, said) in zip(known, shown, strict=True))
    assert len(shown) == 11
    if language == "ru":
        assert [label for label, _ in shown] == list(STATUSES)
        assert all(about in said for about, (_, said) in zip(STATUSES.values(), shown, strict=True))


# --- up to the purchase ---------------------------------------------------------------------------------------


@pytest.mark.promise("S3.9")
def test_a_new_order_is_not_paid_and_can_only_be_paid_or_cancelled(office: Office) -> None:
    order = new_order(office)
    page = office.html("buyer", f"orders/{order}/")
    assert text_in(with_class(tree(page), "pill")[0]) == "Не оплачен"
    assert offered(office, order) == {"pay", "cancel"}
    office.fund(3000, person="buyer")
    assert offered(office, order) == {"pay", "cancel"}
    assert buttons(office, f"orders/{order}/") == {"pay", "cancel"}
    moves = office.see("operator", f"orders/{order}/moves")["moves"]
    assert [move for move in moves if move["level"] == "order"] == []


@pytest.mark.promise("S3.10")
def test_a_payment_puts_the_order_into_the_queue_with_its_age_and_place(office: Office) -> None:
    first = new_order(office, "paid")
    office.wait(days=2)
    second = new_order(office)
    queue = "queues/orders/paid"
    assert [row["number"] for row in office.see("operator", queue)["rows"]] == [first]
    office.fund(3000, person="buyer")
    office.do("buyer", f"orders/{second}", "pay")
    assert state_of(office, f"orders/{second}", "buyer") == "Оплачен"
    rows = office.see("operator", queue)["rows"]
    assert [(row["number"], row["since"][:10]) for row in rows] == [
        (first, "2026-09-28"),
        (second, "2026-09-30"),
    ]
    said = office.read("operator", "orders/?state=paid&sort=oldest")
    assert f"1. Заказ {first}" in said
    assert f"2. Заказ {second}" in said
    assert "Попал сюда: 2 дня назад" in said


def test_a_payment_of_the_provider_pays_the_order_as_well(office: Office) -> None:
    from sledi.core.money import Money
    from sledi.orders.models import Order
    from sledi.orders.money.payments import payment_paid

    order = new_order(office)
    pk = Order.objects.get().pk
    payment_paid(office.business, "card", "C1", Money(3000, office.business.currency), pk, office.now)
    assert state_of(office, f"orders/{order}") == "Оплачен"


@pytest.fixture
def busy_office(transactional_db: None) -> Iterator[Office]:
    """A forwarder in a test with real commits: two people may come at once."""
    with office_of(PROFILE) as found:
        yield found
    empty()


@pytest.mark.promise("S3.11")
@pytest.mark.django_db(transaction=True)
def test_of_two_operators_at_once_one_takes_the_order_and_the_other_hears_who_has_it(
    busy_office: Office,
) -> None:
    office, path = busy_office, f"orders/{new_order(busy_office, 'paid')}"
    address = f"/{PROFILE}/{path}/moves/take/"
    forms = {}
    for name in ("aigerim", "boris"):
        client = office.browser("operator", name)
        forms[name] = (client, hidden(client.get(address).content.decode(), address))
    answers = side_by_side(
        [lambda client=client, form=form: client.post(address, form) for client, form in forms.values()]
    )
    assert sorted(answer.status_code for answer in answers) == [302, 409], answers
    assert state_of(office, path) == "В обработке"
    taken = office.see("operator", f"{path}/history")["history"][0]
    assert (taken["act"], taken["actor"]["role"]) == ("take", "operator")
    assert taken["actor"]["name"] in ("Aigerim", "Boris")
    told_late = next(answer for answer in answers if answer.status_code == 409)
    assert taken["actor"]["name"] in text_of(told_late.content.decode())
    assert "take" not in buttons(office, f"{path}/", "operator")


@pytest.mark.promise("S3.11")
@pytest.mark.django_db(transaction=True)
def test_of_two_operators_at_once_one_is_refused_by_rest_and_hears_who_has_it(busy_office: Office) -> None:
    office, path = busy_office, f"orders/{new_order(busy_office, 'paid')}"
    for name in ("aigerim", "boris"):
        office.see("operator", path, name=name)
    answers = side_by_side(
        [lambda name=name: office.ask("operator", path, "take", name) for name in ("aigerim", "boris")]
    )
    done, refused = sorted(answers, key=lambda answer: answer.status)
    assert (done.status, refused.status, refused.kind) == (200, 409, "busy")
    (taken,) = [
        line for line in office.see("operator", f"{path}/history")["history"] if line["act"] == "take"
    ]
    assert taken["actor"]["name"] in refused.body["title"] + refused.body.get("detail", "")


def test_the_operator_reads_what_is_to_be_bought(office: Office) -> None:
    order = office.place("buyer", {"name": "Чайник", "unit_price": "30.00", "quantity": 2}, {"name": "Чашка"})
    assert office.see("operator", f"orders/{order}")["lines"] == [
        {"name": "Чайник", "quantity": 2},
        {"name": "Чашка", "quantity": 1},
    ]
    assert f"Заказ {order} Чайник ×2 · Чашка" in office.read("operator", f"orders/{order}/")
    assert "Чайник ×2 · Чашка" in office.read("operator", "orders/")


@pytest.mark.promise("S3.12")
def test_a_bought_order_goes_to_the_warehouse_with_its_domestic_number_alone(office: Office) -> None:
    order = new_order(office, "processing")
    path = f"orders/{order}"
    refusal = office.refused("operator", path, "dispatch", domestic_number=in_china())
    assert (refusal.kind, refusal.body["guard"]) == ("guard", "is_bought")
    office.do("operator", path, "buy", external_order_no="3620")
    refusal = office.refused("operator", path, "dispatch")
    assert refusal.body["errors"][0]["pointer"] == "/fields/domestic_number"
    said = office.press("operator", path, "dispatch", domestic_number="")
    assert state_of(office, path) == "В обработке"
    assert "Трек-номер по Китаю" in said
    code, _said = office.shell("operator", "order", "move", order, "dispatch")
    assert (code, state_of(office, path)) == (1, "В обработке")
    office.do("operator", path, "dispatch", domestic_number=in_china())
    assert state_of(office, path, "buyer") == "Доставка на склад в Китае"
    assert [one["number"] for one in office.see("buyer", path)["numbers"]] == [in_china()]


# --- the warehouse in China -----------------------------------------------------------------------------------


@pytest.mark.promise("S3.13")
def test_nothing_is_received_without_weight_and_the_buyer_sees_the_weight(office: Office) -> None:
    order = new_order(office, "to_china_warehouse")
    path = f"orders/{order}"
    refusal = office.refused("operator", path, "receive", inspection="as_ordered")
    assert refusal.body["errors"][0]["pointer"] == "/fields/weight_g"
    refusal = office.refused("operator", path, "receive", weight_g=1310)
    assert refusal.body["errors"][0]["pointer"] == "/fields/inspection"
    office.press("operator", path, "receive", inspection="as_ordered", weight_g="")
    assert state_of(office, path) == "Доставка на склад в Китае"
    office.press("operator", path, "receive", inspection="as_ordered", weight_g="1310")
    assert state_of(office, path, "buyer") == "На складе в Китае"
    fields = {one["key"]: one["value"] for one in office.see("buyer", path)["fields"]}
    assert (fields["weight_g"], fields["inspection"]) == (1310, "as_ordered")
    assert "Вес, г 1310" in office.read("buyer", f"{path}/")


def test_many_are_received_by_one_file(office: Office) -> None:
    orders = [new_order(office, "to_china_warehouse") for _ in range(2)]
    rows = [{"number": order, "fields": {"inspection": "as_ordered", "weight_g": 700}} for order in orders]
    rows.append({"number": orders[0], "fields": {"inspection": "as_ordered"}})
    answer = office.api("operator", "post", "orders/moves/receive", {"rows": rows})
    assert (answer.body["done"], answer.body["refused"]) == (2, 1)


@pytest.mark.promise("S3.14")
@pytest.mark.parametrize(
    ("answer", "state", "order_state"),
    [
        ("accept", "Принято как есть", "Доставка на склад в Китае"),
        ("exchange", "Обмен у продавца", "Доставка на склад в Китае"),
        ("refund", "Деньги возвращены", "Отменен"),
    ],
)
def test_a_wrong_colour_asks_the_buyer_to_accept_exchange_or_refund(
    office: Office, answer: str, state: str, order_state: str
) -> None:
    order = new_order(office, "to_china_warehouse")
    path = f"orders/{order}"
    photo = office.uploaded("operator", drawn_photo(colour="black"))
    finding = {"finding": "wrong_colour", "note": "Заказан зелёный, пришёл чёрный", "photos": [photo]}
    office.do("operator", f"cases/{order}", "open", **finding)
    assert mails("open") == [["buyer"]]
    case = f"cases/{office.see('buyer', path)['cases'][0]['number']}"
    assert state_of(office, case, "buyer") == "Ждёт решения покупателя"
    refusal = office.refused("operator", path, "receive", inspection="as_ordered", weight_g=700)
    assert refusal.body["guard"] == "no_open_case"
    said = office.read("buyer", f"{path}/")
    assert all(label in said for label in ("Принять как есть", "Обменять", "Вернуть деньги"))
    assert "Заказан зелёный, пришёл чёрный" in said
    page = office.html("buyer", f"{path}/")
    assert f'src="/forwarder/photos/{photo}/preview/" alt="Фотографии: фото 1 из 1"' in page
    assert office.browser("buyer").get(f"/forwarder/photos/{photo}/").status_code == 200
    office.do("buyer", case, answer)
    assert state_of(office, case, "buyer") == state
    assert state_of(office, path, "buyer") == order_state
    paid_back = office.see("buyer", path)["amounts"]["refunded"]["amount"] == "30.00"
    assert paid_back == (answer == "refund")


@pytest.mark.promise("S3.14")
def test_the_result_of_an_inspection_is_shown_with_its_photos(office: Office) -> None:
    order = new_order(office, "to_china_warehouse")
    path = f"orders/{order}"
    photos = [office.uploaded("operator", drawn_photo(colour=colour)) for colour in ("green", "navy")]
    office.do("operator", path, "receive", inspection="as_ordered", weight_g=1310, photos=photos)
    shown = next(one for one in office.see("buyer", path)["fields"] if one["key"] == "photos")
    assert [one["id"] for one in shown["value"]] == photos
    assert [office.fetch("buyer", one["url"]).status_code for one in shown["value"]] == [200, 200]
    page = office.html("buyer", f"{path}/")
    assert f'src="/forwarder/photos/{photos[1]}/preview/" alt="Фотографии: фото 2 из 2"' in page


# --- cancelling -----------------------------------------------------------------------------------------------


@pytest.mark.promise("S3.20")
def test_before_the_purchase_the_buyer_cancels_and_has_the_money_back(office: Office) -> None:
    order = new_order(office, "paid")
    path = f"orders/{order}"
    office.press("buyer", path, "cancel")
    assert state_of(office, path, "buyer") == "Отменен"
    assert office.see("buyer", path)["amounts"]["refunded"]["amount"] == "30.00"


@pytest.mark.promise("S3.20")
def test_after_the_purchase_the_wish_to_cancel_goes_to_an_operator(office: Office) -> None:
    order = new_order(office, "to_china_warehouse")
    path = f"orders/{order}"
    assert office.refused("buyer", path, "cancel").kind == "wrong-state"
    office.press("buyer", path, "request_cancel", note="Передумал")
    assert state_of(office, path) == "Доставка на склад в Китае"
    assert f"Заказ {order} Попросить об отмене" in office.read("operator", "")
    office.do("operator", path, "cancel_by_operator", reason="buyer_asked")
    assert state_of(office, path, "buyer") == "Отменен"
    assert office.see("buyer", path)["amounts"]["refunded"]["amount"] == "30.00"
    assert mails("cancel_by_operator") == [["buyer"]]


# --- only forward ---------------------------------------------------------------------------------------------


@pytest.mark.promise("S3.21")
def test_backwards_goes_only_a_supervisor_with_a_note_and_the_buyer_sees_a_correction(office: Office) -> None:
    order = new_order(office, "at_almaty")
    path, back = f"orders/{order}", "correct_at_almaty_at_china_warehouse"
    for role in ("operator", "logist", "support", "owner"):
        assert office.refused(role, path, back, note="Ошибка").status in (403, 409, 422), role
    refusal = office.refused("supervisor", path, back)
    assert refusal.body["errors"][0]["pointer"] == "/fields/note"
    office.do("supervisor", path, back, note="Остался в Китае")
    assert state_of(office, path, "buyer") == "На складе в Китае"
    newest = office.see("buyer", f"{path}/history")["history"][0]
    assert (newest["is_correction"], newest["note"]) == (True, "Остался в Китае")
    said = office.read("buyer", f"{path}/")
    assert (
        "Исправить: остался на складе в Китае На складе в Алматы → На складе в Китае Остался в Китае" in said
    )
    assert "исправление" in said


def test_the_statuses_stand_in_the_order_of_the_journey(office: Office) -> None:
    order = new_order(office, "at_china_warehouse")
    depart(office, truck(office, order))
    office.do("operator", f"orders/{order}", "arrive")
    assert told(office, f"orders/{order}") == [
        "made", "pay", "take", "buy", "dispatch", "receive", "loaded", "depart", "arrive",
    ]  # fmt: skip
