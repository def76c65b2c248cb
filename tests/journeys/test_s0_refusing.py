"""What cannot be bought: by name, for a reason, with the money back; and what may not be brought to the buyer."""

from typing import Any

import pytest

from tests.journeys.office import Office
from tests.journeys.purchases import KETTLE, LAMP, RUG, balance, field_of, item_of, paid_order, sent, taken

PROFILE = "buyout"
pytestmark = pytest.mark.django_db

REASONS = ("sold_out", "price_changed", "import_banned", "other")
LIGHTER = {
    "name": "Lighter",
    "unit_price": "1.90",
    "fee": "0.10",
    "category": "Gas lighters",
    "country": "CN",
}
RULE = {
    "destination": "KZ",
    "category": "gas lighters",
    "text": "Зажигалки и другие предметы с горючим газом запрещены к пересылке.",
    "source": "Перечень запрещённых почтовых отправлений",
    "stated_on": "2026-03-01",
}


def report(office: Office, role: str = "supervisor") -> dict[tuple[str, str], int]:
    """How often each reason was given in September, by its state and its words."""
    answer = office.api(
        role, "get", "reports/reasons?since=2026-09-01&until=2026-09-30", Accept_Language="ru"
    )
    assert answer.status == 200, answer.body
    return {(row["state_label"], row["label"]): row["count"] for row in answer.body["rows"]}


# --- «Невозможно поставить» -----------------------------------------------------------------------------------


@pytest.mark.promise("S0.11")
@pytest.mark.parametrize(
    ("language", "label", "refund"),
    [
        ("ru", "Невозможно поставить", "Возвращено: 33,00 ₽"),
        ("en", "Cannot supply", "Given back: RUB33.00"),
        ("bg", "Не може да бъде доставен", "Върнато: 33,00 RUB"),
        ("kk", "Жеткізу мүмкін емес", "Қайтарылды: 33,00 ₽"),
        ("uk", "Неможливо поставити", "Повернуто: 33,00 RUB"),
    ],
)
def test_cannot_supply_is_said_in_five_languages_with_its_refund_beside(
    office: Office, language: str, label: str, refund: str
) -> None:
    order = taken(office, KETTLE)
    assert balance(office) == "967.00"
    key = item_of(office, f"{order}.1")["id"]
    office.press("operator", f"items/{key}", "refuse", reason="sold_out")
    page = office.read("reseller", f"orders/{order}/", language=language).replace("\xa0", " ")
    card = page[page.index("Kettle") :]
    assert label in card
    assert refund in card
    item = item_of(office, f"{order}.1", "reseller")
    assert item["state"]["label"] == "Невозможно поставить"
    assert item["refunded"] == {"amount": "33.00", "currency": "RUB"}
    assert balance(office) == "1000.00"


@pytest.mark.promise("S0.11")
def test_an_item_in_the_queue_is_refused_too_and_nothing_is_given_back(office: Office) -> None:
    order = sent(office, KETTLE)
    office.do("operator", f"items/{order}.1", "refuse", reason="sold_out")
    item = item_of(office, f"{order}.1", "reseller")
    assert (item["state"]["label"], item["refunded"]) == ("Невозможно поставить", None)


@pytest.mark.promise("S0.12")
def test_without_a_reason_nothing_is_refused(office: Office) -> None:
    order = taken(office, KETTLE)
    problem = office.refused("operator", f"items/{order}.1", "refuse")
    assert (problem.status, problem.kind) == (422, "missing-field")
    assert problem.body["errors"][0]["pointer"] == "/fields/reason"
    code, said = office.shell("operator", "order", "move", f"{order}.1", "refuse", "--level", "item")
    assert (code, "Причина" in said or "Reason" in said) == (1, True)
    key = item_of(office, f"{order}.1")["id"]
    assert "Заполните поле «Причина»." in office.press("operator", f"items/{key}", "refuse")
    assert item_of(office, f"{order}.1")["state"]["key"] == "buying"


@pytest.mark.promise("S0.12")
def test_another_reason_needs_its_words(office: Office) -> None:
    order = taken(office, KETTLE)
    problem = office.refused("operator", f"items/{order}.1", "refuse", reason="other")
    assert (problem.status, problem.body["guard"]) == (409, "reason_explained")
    office.do("operator", f"items/{order}.1", "refuse", reason="other", note="Продавец закрыл магазин")
    assert "Продавец закрыл магазин" in office.read("reseller", f"orders/{order}/")


@pytest.mark.promise("S0.12")
def test_the_reason_is_shown_to_the_reseller_and_counted(office: Office) -> None:
    order = taken(office, KETTLE, LAMP, RUG)
    for line, reason in ((1, "sold_out"), (2, "import_banned"), (3, "sold_out")):
        office.do("operator", f"items/{order}.{line}", "refuse", reason=reason)
    shown = field_of(item_of(office, f"{order}.2", "reseller"), "reason")
    assert (shown["label"], shown["words"]) == ("Причина", "Товар запрещён к ввозу в страну покупателя")
    cards = office.read("reseller", f"orders/{order}/").partition("История")[0]
    assert cards.count("Причина: Товар закончился") == 2
    assert cards.count("Причина: Товар запрещён к ввозу в страну покупателя") == 1
    failed = "Невозможно поставить"
    assert report(office) == {
        (failed, "Цена сильно изменилась"): 0,
        (failed, "Товар закончился"): 2,
        (failed, "Товар запрещён к ввозу в страну покупателя"): 1,
        (failed, "Другая причина"): 0,
    }


@pytest.mark.promise("S0.12")
def test_the_report_is_read_on_a_page_and_by_the_command(office: Office) -> None:
    order = taken(office, KETTLE)
    office.do("operator", f"items/{order}.1", "refuse", reason="sold_out")
    page = office.read("supervisor", "reports/?since=2026-09-28&until=2026-09-28")
    assert "Товар закончился 1" in page
    assert "Всего 1" in page
    assert "Товар закончился 0" in office.read("supervisor", "reports/?since=2026-09-29&until=2026-09-30")
    days = ("--since", "2026-09-28", "--until", "2026-09-28", "--lang", "ru")
    code, said = office.shell("supervisor", "order", "reasons", *days)
    assert code == 0
    assert "1  Невозможно поставить: Товар закончился" in said


def test_a_reseller_counts_his_own_alone(office: Office) -> None:
    order = taken(office, KETTLE)
    office.do("operator", f"items/{order}.1", "refuse", reason="sold_out")
    office.person("reseller", "oksana")
    answer = office.api("reseller", "get", "reports/reasons?since=2026-09-01&until=2026-09-30", name="oksana")
    assert sum(row["count"] for row in answer.body["rows"]) == 0
    assert sum(report(office, "reseller").values()) == 1


@pytest.mark.promise("S0.15")
def test_the_other_items_go_on_to_one_parcel(office: Office) -> None:
    order = taken(office, KETTLE, LAMP, RUG)
    office.do("operator", f"items/{order}.2", "refuse", reason="sold_out")
    for line, number in ((1, "YT8825498020044"), (3, "JT5343908375834")):
        price = item_of(office, f"{order}.{line}")["goods_total"]["amount"]
        fields: dict[str, Any] = {
            "marketplace": "taobao",
            "external_order_no": f"36-{line}",
            "actual_price": price,
        }
        office.do("operator", f"items/{order}.{line}", "buy", **fields)
        office.do("operator", f"items/{order}.{line}", "dispatch", domestic_number=number)
    office.do("operator", f"items/{order}.1", "receive", scanned_number="YT8825498020044")
    problem = office.refused("logist", f"parcels/{order}", "form")
    assert problem.body["listed"] == ["3 Rug"]
    office.do("operator", f"items/{order}.3", "receive", scanned_number="JT5343908375834")
    office.do("logist", f"parcels/{order}", "form")
    (parcel,) = office.see("logist", f"orders/{order}")["parcels"]
    assert [one["item"] for one in parcel["contents"]] == ["1", "3"]


# --- what may not be brought to the buyer ---------------------------------------------------------------------


@pytest.mark.promise("S0.16")
def test_a_banned_import_is_warned_of_before_any_debit(office: Office) -> None:
    assert office.api("supervisor", "post", "import-rules", RULE).status == 201
    order = paid_order(office, LIGHTER, KETTLE, destination="KZ")
    office.fund(100_000)
    warning = (
        "Запрещено ввозить в эту страну (Казахстан): Зажигалки и другие предметы с горючим газом запрещены к"
        " пересылке. Источник: Перечень запрещённых почтовых отправлений, 1 марта 2026 г."
    )
    page = office.read("reseller", f"orders/{order}/").replace("\xa0", " ")
    assert page.count(warning) == 1
    problem = office.refused("reseller", f"items/{order}.1", "send")
    assert problem.body["guard"] == "import_allowed"
    assert problem.body["listed"] == [
        "Зажигалки и другие предметы с горючим газом запрещены к пересылке."
        " (Перечень запрещённых почтовых отправлений, 2026-03-01)"
    ]
    key = item_of(office, f"{order}.1")["id"]
    refusal = office.press("reseller", f"items/{key}", "send")
    assert "Ввоз такого товара в страну покупателя запрещён: Зажигалки" in refusal
    assert "Перечень запрещённых почтовых отправлений, 2026-03-01" in refusal
    assert item_of(office, f"{order}.1")["state"]["key"] == "draft"
    assert item_of(office, f"{order}.1", "reseller")["import_rule"] == RULE
    assert balance(office) == "1000.00"


@pytest.mark.promise("S0.16")
def test_who_insists_may_send_it_and_who_buys_it_is_warned_again(office: Office) -> None:
    office.api("supervisor", "post", "import-rules", RULE)
    order = paid_order(office, LIGHTER, destination="KZ")
    office.do("reseller", f"items/{order}.1", "send", import_risk_accepted=True)
    page = office.read("operator", f"orders/{order}/")
    assert "Запрещено ввозить в эту страну (Казахстан): Зажигалки" in page


@pytest.mark.promise("S0.16")
def test_the_buyers_country_and_the_category_decide(office: Office) -> None:
    office.api("supervisor", "post", "import-rules", RULE)
    elsewhere = paid_order(office, LIGHTER, destination="RU")
    office.do("reseller", f"items/{elsewhere}.1", "send")
    other = paid_order(office, {**KETTLE, "category": "kitchen"}, destination="KZ")
    office.do("reseller", f"items/{other}.1", "send")
    assert "Запрещено ввозить" not in office.read("reseller", f"orders/{other}/")


def test_a_rule_is_kept_on_a_page_and_dropped_there(office: Office) -> None:
    client, page = office.browser("supervisor"), f"/{office.business.slug}/import-rules/"
    wrong = client.post(page, {**RULE, "stated_on": ""})
    assert (wrong.status_code, office.see("operator", "import-rules")["rules"]) == (422, [])
    client.post(page, RULE)
    assert "Казахстан: gas lighters" in office.read("reseller", "import-rules/")
    removals = f"/{office.business.slug}/import-rules/removals/"
    client.post(removals, {"destination": "KZ", "category": "gas lighters"})
    assert office.see("operator", "import-rules")["rules"] == []
    assert office.browser("operator").post(page, RULE).status_code == 403
    assert office.browser("end_buyer").get(page).status_code == 404


def test_rules_are_kept_by_who_answers_for_them(office: Office) -> None:
    answer = office.api("operator", "post", "import-rules", RULE)
    assert (answer.status, answer.kind) == (403, "wrong-role")
    answer = office.api("supervisor", "post", "import-rules", {**RULE, "stated_on": "March"})
    assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, "/stated_on")
    office.api("supervisor", "post", "import-rules", RULE)
    office.api("supervisor", "post", "import-rules", {**RULE, "category": "GAS  Lighters", "text": "Нет."})
    assert [rule["text"] for rule in office.see("operator", "import-rules")["rules"]] == ["Нет."]
    assert office.api("supervisor", "delete", "import-rules/KZ/gas%20lighters").status == 204
    assert office.see("operator", "import-rules")["rules"] == []
