"""The reseller's account of a buyout, as the command line tells it: top-up, debit by name, and money that returns."""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import cast

import pytest

from sledi.accounts.models import Membership
from sledi.history.models import Record
from sledi.history.tests.side_by_side import side_by_side
from sledi.history.tests.unlocked import empty
from sledi.ledger.models import EntrySet
from sledi.orders.models import Item
from sledi.orders.tests.money import assert_sound, balance, queued, top_up
from sledi.orders.tests.stage import Stage, new_stage
from tests.journeys.office import Answer, Office
from tests.journeys.office import office as office_of
from tests.journeys.purchases import KETTLE, taken
from tests.journeys.world import command

PROFILE = "buyout"
pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> Stage:
    return new_stage("buyout")


def moved(stage: Stage, who: str, item: Item, name: str, *fields: str) -> tuple[int, str]:
    """What the command answers to an operator's move of an item."""
    person = stage.person(who)
    Membership.objects.get_or_create(
        business=stage.business, person=person, role="operator", defaults={"created_at": stage.now}
    )
    number, access = f"{item.order.number}.{item.number}", f"{person.email}:operator"
    asked = [part for field in fields for part in ("--field", field)]
    return command(
        "order", "move", number, name, "--level", "item", "--business", "buyout", "--as", access, *asked
    )


def told(stage: Stage) -> str:
    """What the command tells of the reseller's account."""
    account = f"customer.balance//{stage.person('reseller').pk}/RUB"
    code, said = command("ledger", "explain", "--business", "buyout", account)
    assert code == 0
    return said


def test_a_confirmed_top_up_is_one_line_with_its_reference(stage: Stage) -> None:
    for _ in range(2):
        top_up(stage, 10000, "TX-77")
    said = told(stage)
    assert "100.00 RUB" in said.splitlines()[0]
    assert said.count("TX-77") == 1


@pytest.mark.promise("S0.4")
def test_taking_an_item_leaves_67_on_two_lines_with_the_operators_name(stage: Stage) -> None:
    top_up(stage, 10000)
    item = queued(stage)
    assert moved(stage, "aigerim", item, "take")[0] == 0
    code, refusal = moved(stage, "boris", item, "take")
    assert (code, "Aigerim" in refusal) == (1, True)
    said = told(stage)
    assert "67.00 RUB" in said.splitlines()[0]
    lines = [line.split() for line in said.splitlines() if "debit." in line]
    assert sorted((line[2], line[4]) for line in lines) == [("-3.00", "debit.fee"), ("-30.00", "debit.goods")]
    assert all(line[-1] == "Aigerim" and "Kettle" in line for line in lines)
    item.refresh_from_db()
    assert item.state == "buying"


def test_too_little_holds_the_item_and_the_rest_lets_it_go_on(stage: Stage) -> None:
    top_up(stage, 1000)
    item = queued(stage)
    stage.move("operator", "item", item.pk, "take")
    item.refresh_from_db()
    assert (item.state, balance(stage)) == ("awaiting_funds", 1000)
    top_up(stage, 5000, "T2")
    item.refresh_from_db()
    assert item.state == "queued"


@pytest.mark.promise("S0.13")
def test_cannot_supply_returns_33_and_the_other_item_goes_on(stage: Stage) -> None:
    top_up(stage, 10000)
    refused, bought = queued(stage), queued(stage)
    for item in (refused, bought):
        assert moved(stage, "aigerim", item, "take")[0] == 0
    assert moved(stage, "aigerim", refused, "refuse", "reason=sold_out")[0] == 0
    said = told(stage)
    assert "67.00 RUB" in said.splitlines()[0]
    assert sum("refund." in line and "Kettle" in line for line in said.splitlines()) == 2
    assert Item.objects.get(pk=bought.pk).state == "buying"
    assert_sound(stage)


def test_the_audit_asks_the_ledger_and_the_orders(stage: Stage) -> None:
    top_up(stage, 10000)
    item = queued(stage)
    stage.move("operator", "item", item.pk, "take")
    assert command("ledger", "audit")[0] == 0
    Item.objects.update(debited_fee_minor=7)
    code, said = command("ledger", "audit")
    assert code == 1
    assert "what a row says was debited or held is what the ledger says" in said


@pytest.fixture
def crowded(transactional_db: None) -> Iterator[Office]:
    """A business whose rows are committed, so that several sessions meet on them."""
    with office_of(PROFILE) as found:
        yield found
    empty()


@pytest.mark.django_db(transaction=True)
@pytest.mark.promise("S0.14")
def test_of_eight_cannot_supply_at_once_one_gives_the_money_back(crowded: Office) -> None:
    office = crowded
    item = f"{taken(office, KETTLE)}.1"
    before = account(office)
    office.see("operator", f"items/{item}/moves")  # the key is made
    ask = partial(office.ask, "operator", f"items/{item}", "refuse", reason="sold_out")
    answers = [cast("Answer", one) for one in side_by_side([ask] * 8)]
    assert sorted(one.status for one in answers) == [200] + [409] * 7
    assert {one.kind for one in answers if one.status == 409} <= {"wrong-state", "busy"}
    assert EntrySet.objects.filter(kind="refund").count() == 1
    assert account(office) == before + 33
    lines = office.see("reseller", "account/statement")["lines"]
    assert [(line["key"], line["money"]["amount"]) for line in lines if "refund" in line["key"]] == [
        ("refund.fee", "3.00"),
        ("refund.goods", "30.00"),
    ]
    assert Record.objects.filter(act="refuse").count() == 1
    again = office.ask("operator", f"items/{item}", "refuse", reason="sold_out")
    assert (again.status, again.kind) == (409, "wrong-state")
    assert office.see("operator", f"items/{item}/moves")["state"] == "cannot_supply"


def account(office: Office) -> Decimal:
    """What the reseller reads of his balance over REST."""
    return Decimal(office.see("reseller", "account")["available"]["amount"])
