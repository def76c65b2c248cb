"""A seller's payouts: where they go, what they consist of, when they come, and what holds them back."""

import re
from typing import Any

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.http import HttpRequest

from sledi.history.models import Record
from sledi.ledger.models import BankAccount, EntrySet, Payout
from sledi.orders.money import payouts
from sledi.orders.tests.money import IBAN
from tests.journeys.office import Office, moment, text_of, written
from tests.journeys.sales import closed
from tests.journeys.world import command

PROFILE = "marketplace"
OTHER = "BG18RZBB91550123456789"
OTHERS_MASK = "BG… 6789"


def proved(office: Office, name: str = "", language: str = "bg") -> Any:
    """A seller's browser in which he has just proved once more who he is."""
    client = office.browser("seller", name, language)
    request = HttpRequest()
    request.session = client.session
    person = office.person("seller", name)
    record_authentication(request, person, "mfa", type="totp", reauthenticated=True)
    request.session.save()
    return client


def give(office: Office, number: str, name: str = "") -> Any:
    """The form of the bank account, filled in and sent by its seller."""
    client, address = proved(office, name), f"/{office.business.slug}/payouts/account/"
    assert client.get(address).status_code == 200
    return client.post(address, {"iban": number})


def due(office: Office) -> str:
    """An order of 100.00 and 5.00 delivery, closed; its seller has said where he is paid."""
    assert give(office, IBAN).status_code == 302
    return closed(office)


def run(office: Office) -> list[str]:
    """The platform has the run made; the ids of the payouts it made."""
    answer = office.api("platform", "post", "payout-runs")
    assert answer.status == 200, answer.body
    return list(answer.body["payouts"])


# --- S4.37: commission and statement --------------------------------------------------------------------------


@pytest.mark.promise("S4.37")
def test_of_105_the_statement_reads_goods_100_shipping_5_commission_15_net_90_on_a_working_day(
    office: Office,
) -> None:
    order = due(office)
    assert office.now.day == 12  # of October: sales of the 1st to the 15th are paid on the 16th
    assert "16 октомври" in office.read("seller", "payouts/", language="bg")
    assert run(office) == []
    office.go_to(moment("2026-10-16 09:00"))
    (payout,) = run(office)
    said = office.read("seller", f"payouts/{payout}/", language="bg")
    assert (
        "От какво се състои Стоки 100,00 RUB Доставка 5,00 RUB Комисиона −15,00 RUB За изплащане 90,00 RUB"
        in said.replace("\xa0", " ").replace("₽", "RUB")
    )
    assert f"Поръчка {order}" in said
    assert "IBAN BG… 5678" in said
    assert IBAN not in office.html("seller", f"payouts/{payout}/")
    told = office.see("seller", f"payouts/{payout}")
    lines = [(line["kind"], line["money"]["amount"]) for line in told["lines"]]
    assert lines == [("goods", "100.00"), ("shipping", "5.00"), ("commission", "-15.00")]
    assert (told["money"]["amount"], told["pays_on"]) == ("90.00", "2026-10-16")
    code, printed = office.shell("seller", "ledger", "payout", payout)
    assert code == 0
    assert re.findall(r"(goods|shipping|commission) +(\S+)", printed) == lines
    assert run(office) == []


def test_the_day_of_payment_moves_to_the_next_working_day(office: Office) -> None:
    due(office)
    office.go_to(moment("2026-10-20 09:00"))
    # Sales of the 16th to the 31st of October are paid on the 1st of November, a Sunday; the 2nd is a Monday.
    board = office.see("seller", "payouts")
    assert board["next_run"] == {"first": "2026-10-16", "last": "2026-10-31", "pays_on": "2026-11-02"}
    assert "2 ноември" in office.read("seller", "payouts/", language="bg")


# --- S4.7: bank details ---------------------------------------------------------------------------------------


@pytest.mark.promise("S4.7")
def test_a_bad_iban_is_refused_and_a_change_asks_who_it_is_and_holds_payouts_for_three_days(
    office: Office,
) -> None:
    address = f"/{office.business.slug}/payouts/account/"
    for wrong in ("BG81BNBG96611020345678", "BG80BNBG966110203456", "ZZ80BNBG96611020345678", "12345", ""):
        client, before = proved(office), written()
        answer = client.post(address, {"iban": wrong})
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.content.decode()
        assert "Грешка:" in text_of(answer.content.decode())
        assert (written(), BankAccount.objects.count()) == (before, 0)
    due(office)
    office.go_to(moment("2026-10-15 12:00"))

    stale = office.browser("seller", language="en")  # signed in, and proved nothing lately
    for answer in (stale.get(address), stale.post(address, {"iban": OTHER})):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/account/confirmation/?next=")
    assert BankAccount.objects.get().iban == IBAN

    assert give(office, OTHER).status_code == 302
    office.go_to(moment("2026-10-16 09:00"))
    assert run(office) == []
    assert "BG… 6789" in office.read("seller", "payouts/", language="bg")
    assert "Задържано, защото банковата сметка е сменена" in office.read("seller", "payouts/", language="bg")
    assert office.see("platform", "payouts")["waiting"][0]["held_because"] == "new_account"
    office.go_to(moment("2026-10-18 11:59"))
    assert run(office) == []
    office.go_to(moment("2026-10-18 12:00"))
    (payout,) = run(office)
    assert office.see("seller", f"payouts/{payout}")["iban"] == OTHERS_MASK
    told = Record.objects.filter(level="bank_account").order_by("sequence")
    assert [(row.act, row.before, row.after, row.actor_name) for row in told] == [
        ("given", {}, {"iban": "BG… 5678"}, "Seller"),
        ("changed", {"iban": "BG… 5678"}, {"iban": OTHERS_MASK}, "Seller"),
    ]


def test_the_number_is_shown_masked_at_every_door(office: Office) -> None:
    due(office)
    office.go_to(moment("2026-10-16 09:00"))
    (payout,) = run(office)
    for page in ("payouts/", f"payouts/{payout}/"):
        for role in ("seller", "platform"):
            html = office.html(role, page)
            assert IBAN not in html
            assert "BG… 5678" in html
    assert IBAN not in proved(office).get(f"/{office.business.slug}/payouts/account/").content.decode()
    assert office.see("seller", "bank-account") == {"iban": "BG… 5678", "held_until": None}
    assert office.shell("seller", "ledger", "bank-account") == (0, "BG… 5678\n")


def test_the_bank_is_told_the_whole_number_by_the_operator_of_the_installation(office: Office) -> None:
    due(office)
    office.go_to(moment("2026-10-16 09:00"))
    (payout,) = run(office)
    told = f"{payout}  2026-10-16  90.00 RUB  {IBAN}  Seller\n1 transfers\n"
    assert command("ledger", "transfers", "--business", "marketplace") == (0, told)


def test_a_key_and_a_command_do_not_change_it(office: Office) -> None:
    due(office)
    answer = office.api("seller", "put", "bank-account", {"iban": OTHER})
    assert (answer.status, answer.kind) == (403, "second-factor")
    assert BankAccount.objects.get().iban == IBAN
    for role in ("platform", "buyer", "support"):
        assert office.api(role, "put", "bank-account", {"iban": OTHER}).status == 404
        assert office.browser(role).get(f"/{office.business.slug}/payouts/account/").status_code == 404


def test_the_same_number_again_holds_nothing(office: Office) -> None:
    due(office)
    office.go_to(moment("2026-10-16 09:00"))
    assert give(office, "bg80 bnbg 9661 1020 3456 78").status_code == 302
    assert (len(run(office)), BankAccount.objects.count()) == (1, 1)


def test_a_seller_without_a_bank_account_waits_and_is_told(office: Office) -> None:
    closed(office)
    office.go_to(moment("2026-10-16 09:00"))
    assert run(office) == []
    assert "без банкова сметка нищо не се изплаща" in office.read("seller", "payouts/", language="bg")
    assert "Чака: не е посочена банкова сметка" in office.read("platform", "payouts/", language="bg")
    give(office, IBAN)
    assert len(run(office)) == 1


# --- the run, and who sees what -------------------------------------------------------------------------------


def test_the_worker_runs_every_day_by_itself_and_once(office: Office) -> None:
    due(office)
    for day in ("2026-10-13", "2026-10-14", "2026-10-15"):
        office.go_to(moment(f"{day} 09:00"))
        assert payouts.run_due(office.now) == 0
    office.go_to(moment("2026-10-16 02:59"))  # 05:59 in Sofia
    assert payouts.run_due(office.now) == 0
    office.go_to(moment("2026-10-16 03:00"))
    assert payouts.run_due(office.now) == 1
    for _ in range(3):
        office.wait(hours=12)
        assert payouts.run_due(office.now) == 0
    assert EntrySet.objects.filter(kind="payout").count() == 1


def test_each_seller_sees_his_own_payouts_and_the_platform_all(office: Office) -> None:
    due(office)
    office.go_to(moment("2026-10-16 09:00"))
    (payout,) = run(office)
    assert office.browser("seller", "boris").get(f"/marketplace/payouts/{payout}/").status_code == 404
    assert office.api("seller", "get", f"payouts/{payout}", name="boris").status == 404
    assert office.see("seller", "payouts", name="boris")["payouts"] == []
    for role in ("buyer", "support", "logist"):
        assert office.browser(role).get("/marketplace/payouts/").status_code == 404
        assert office.api(role, "get", "payouts").status == 404
        assert office.api(role, "post", "payout-runs").status == 404
    assert office.api("seller", "post", "payout-runs").status == 403
    assert office.browser("seller").post("/marketplace/payouts/run/").status_code == 404
    assert "Seller, 16 октомври" in office.read("platform", "payouts/", language="bg")


def test_the_platform_runs_it_by_a_button_and_a_second_press_pays_nothing(office: Office) -> None:
    due(office)
    office.go_to(moment("2026-10-16 09:00"))
    client = office.browser("platform", language="bg")
    pressed = [client.post("/marketplace/payouts/run/", follow=True).content.decode() for _ in range(2)]
    assert "Направено е 1 изплащане" in text_of(pressed[0])
    assert "Няма нищо за изплащане" in text_of(pressed[1])
    assert Payout.objects.count() == 1
    assert command("ledger", "payouts", "--business", "marketplace", "--on", "2026-10-16")[1] == "0 payouts\n"


def test_what_the_bank_did_is_said_on_the_page_and_money_sent_back_comes_in_the_next_payout(
    office: Office,
) -> None:
    due(office)
    office.go_to(moment("2026-10-16 09:00"))
    (payout,) = run(office)
    client, address = office.browser("platform", language="bg"), f"/marketplace/payouts/{payout}/"
    assert "Отбележете като изплатено" in text_of(client.get(address).content.decode())
    empty = client.post(f"/marketplace/payouts/{payout}/moves/settle/", {})
    assert empty.status_code == 422
    assert "Попълнете полето „Референция от банката“." in text_of(empty.content.decode())
    failed = client.post(f"{address}moves/fail/", {"note": "Сметката е закрита"}, follow=True)
    assert "Неуспешно" in text_of(failed.content.decode())
    again = client.post(f"{address}moves/fail/", {"note": "Сметката е закрита"}, follow=True)
    assert "Това вече е направено." in text_of(again.content.decode())
    office.go_to(moment("2026-11-02 09:00"))
    (second,) = run(office)
    assert "Изплащане, върнато от банката 90,00" in office.read(
        "seller", f"payouts/{second}/", language="bg"
    ).replace("\xa0", " ")
    settled = office.api(
        "platform", "post", f"payouts/{second}/moves/settle", {"fields": {"bank_reference": "B-7"}}
    )
    assert (settled.status, settled.body["state"]) == (200, "paid")
    assert (
        office.api("seller", "post", f"payouts/{second}/moves/fail", {"fields": {"note": "x"}}).status == 403
    )


def test_a_changed_account_is_told_to_its_seller_at_once_and_says_no_more_than_it_must(
    office: Office,
) -> None:
    seller = office.person("seller").email
    assert give(office, IBAN).status_code == 302
    office.letters()
    office.wait(hours=1)
    assert give(office, OTHER).status_code == 302
    (letter,) = office.letters(seller)
    assert letter.to == [seller]
    assert "6789" in letter.body
    assert not re.search(r"\d{5}", letter.body)
    assert f"/{office.business.slug}/payouts/account/" in letter.body
    office.wait(hours=1)
    assert give(office, OTHER).status_code == 302
    client = proved(office)
    assert client.post(f"/{office.business.slug}/payouts/account/", {"iban": "BG00"}).status_code == 422
    assert office.letters() == []
