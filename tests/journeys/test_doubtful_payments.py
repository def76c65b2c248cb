"""A payment service that lies everywhere: people see it at every door, ask again, and settle it once."""

from typing import Any
from uuid import UUID

import pytest

from sledi.accounts import roles
from sledi.orders.models import Checkout
from tests.journeys.office import Office, text_of
from tests.journeys.paying import Kassa
from tests.journeys.paying import kassa as kassa

PROFILE = "retail"
LIE = "330.00 RUB in the place of 33.00 RUB"
NOTE = "Видели в кабинете платёжной службы"


@pytest.fixture
def doubted(office: Office, kassa: Kassa) -> str:
    """The id of a payment of 33.00 of which the service says everywhere that 330.00 were paid."""
    order = office.stage.order(reseller_id=None)
    answer = office.api("buyer", "post", f"orders/{order.number}/checkouts")
    assert answer.status == 201, answer.body
    kassa.day("lies_everywhere")
    kassa.press(answer.body["address"])
    kassa.deliver(kassa.callback())
    office.wait(minutes=1)
    kassa.ask()
    assert Checkout.objects.get().state == "doubtful"
    return str(answer.body["id"])


def test_the_page_the_interface_and_the_command_show_what_does_not_fit(office: Office, doubted: str) -> None:
    number = Checkout.objects.select_related("order").get().order.number  # type: ignore[union-attr]
    for role in ("platform", "owner", "supervisor", "support"):
        text = office.read(role, "doubtful-payments/")
        assert f"Заказ {number} {LIE}" in text
        (shown,) = office.see(role, "doubtful-checkouts")["checkouts"]
        assert (shown["id"], shown["order"], shown["problem"]) == (doubted, number, LIE)
        assert office.see(role, f"doubtful-checkouts/{doubted}")["state"] == "doubtful"
        assert office.shell(role, "ledger", "doubtful") == (
            0,
            f"{doubted}  33.00 RUB  {number}  {LIE}\n1 in doubt\n",
        )
        home = office.browser(role).get(f"/{office.business.slug}/").content.decode()
        assert f'href="/{office.business.slug}/doubtful-payments/"' in home


def test_the_rest_finds_nothing_there_and_support_reads_but_does_not_settle(
    office: Office, doubted: str
) -> None:
    path, settled = f"doubtful-checkouts/{doubted}", {"outcome": "nothing", "note": NOTE}
    for role in roles.NAMES:
        if role in ("platform", "owner", "supervisor"):
            continue
        status = 403 if role == "support" else 404
        if role != "support":
            for page in ("doubtful-payments/", f"doubtful-payments/{doubted}/"):
                assert office.browser(role).get(f"/{office.business.slug}/{page}").status_code == 404
            for address in ("doubtful-checkouts", path):
                assert office.api(role, "get", address).status == 404
        for act, body in (("questions", None), ("settlement", settled)):
            assert office.api(role, "post", f"{path}/{act}", body).status == status
        for act in ("questions", "settlement/nothing"):
            address = f"/{office.business.slug}/doubtful-payments/{doubted}/{act}/"
            assert office.browser(role).post(address, {"note": NOTE}).status_code == status
    assert office.shell("support", "ledger", "settle", doubted, "--note", NOTE)[0] == 1
    assert office.shell("buyer", "ledger", "doubtful")[0] == 1
    assert office.see("platform", path)["acts"] == []


def test_asked_again_at_three_doors_it_stays_in_doubt_until_it_fits(
    office: Office, kassa: Kassa, doubted: str
) -> None:
    client = office.browser("platform")
    address = f"/{office.business.slug}/doubtful-payments/{doubted}"
    page = text_of(client.post(f"{address}/questions/", follow=True).content.decode())
    assert "Ответ платёжной службы по-прежнему не совпадает." in page
    answer = office.api("owner", "post", f"doubtful-checkouts/{doubted}/questions")
    assert (answer.status, answer.body["state"], len(answer.body["acts"])) == (200, "doubtful", 2)
    kassa.provider.control("DELETE", ["days"], {})
    code, said = office.shell("supervisor", "ledger", "ask", doubted)
    assert (code, said) == (0, f"{doubted}  33.00 RUB  paid\n")
    assert office.see("platform", "doubtful-checkouts") == {"checkouts": []}
    acts = office.see("platform", f"doubtful-checkouts/{doubted}")["acts"]
    assert [(one["act"], one["to"], one["by"]) for one in acts] == [
        ("asked", "doubtful", "Platform"),
        ("asked", "doubtful", "owner of the journeys"),
        ("asked", "paid", "Supervisor"),
    ]


def test_what_was_found_out_is_settled_once_on_the_page(office: Office, doubted: str) -> None:
    client = office.browser("platform")
    address = f"/{office.business.slug}/doubtful-payments/{doubted}"
    came = {"amount": "33,00", "reference": "pm_1", "note": ""}
    refused = client.post(f"{address}/settlement/received/", came)
    assert refused.status_code == 422
    assert "Заполните поле «Что выяснено и где»." in text_of(refused.content.decode())
    assert 'value="pm_1"' in refused.content.decode()
    assert Checkout.objects.get().state == "doubtful"
    for _ in range(2):
        page = client.post(f"{address}/settlement/received/", {**came, "note": NOTE}, follow=True)
        assert "Деньги пришли : 33,00" in text_of(page.content.decode()).replace("\N{NO-BREAK SPACE}", " ")
    order = Checkout.objects.select_related("order").get().order
    assert order is not None
    assert (order.paid_minor, order.state) == (3300, "payment_received")
    assert client.post(f"{address}/settlement/other/", {"note": NOTE}).status_code == 404
    again = office.api("platform", "post", f"doubtful-checkouts/{doubted}/settlement", said("nothing"))
    assert (again.status, again.kind) == (409, "wrong-state")


def said(outcome: str, **more: Any) -> dict[str, Any]:
    return {"outcome": outcome, "note": NOTE, **more}


def test_over_rest_and_by_command_it_is_settled_in_the_same_words(office: Office, doubted: str) -> None:
    path = f"doubtful-checkouts/{doubted}/settlement"
    for body, pointer in (
        ({"outcome": "nothing"}, "/note"),
        (said("received", amount="33", reference=""), "/reference"),
        (said("received", amount="", reference="pm_1"), "/amount"),
        (said("received", amount=10**30, reference="pm_1"), "/amount"),
        (said("received", amount="33", reference="pm_1", currency="???"), "/currency"),
    ):
        answer = office.api("platform", "post", path, body)
        assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, pointer)
    assert office.api("platform", "post", path, {"outcome": "lost"}).status == 422
    assert office.see("platform", f"doubtful-checkouts/{doubted}")["acts"] == []
    code, told = office.shell("owner", "ledger", "settle", doubted, "--note", NOTE)
    assert (code, told) == (0, f"{doubted}  33.00 RUB  failed  {LIE}\n")
    answer = office.api("owner", "post", path, said("nothing"))
    assert (answer.status, answer.body["state"], len(answer.body["acts"])) == (200, "failed", 1)
    assert UUID(answer.body["id"]) == Checkout.objects.get().pk
