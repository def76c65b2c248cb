"""The three stages of a purchase: which one an order is in, what each means, and the order's status by its items."""

import re

import pytest

from sledi import profiles
from sledi.core.workflow import Workflow
from sledi.core.workflow.model import Stage
from sledi.orders import showing
from tests.journeys.boxes import ABROAD, BOX, dispatched, formed, in_russian, receive, refuse, scanned, states
from tests.journeys.markup import Element, by_id, text, tree
from tests.journeys.office import Office
from tests.journeys.purchases import KETTLE, LAMP, ordered

PROFILE = "buyout"
pytestmark = pytest.mark.django_db

STAGES = (
    "Заказ товаров у китайского продавца",
    "Получение и обработка товаров на китайском складе",
    "Отправка посылки конечному покупателю",
)


def shown_stages(office: Office, order: str) -> tuple[str, ...]:
    """How the bar of the page marks each stage; what REST says has to be the same."""
    html = office.html("reseller", f"orders/{order}/")
    bar = re.search(r'<ol class="trace".*?</ol>', html, re.DOTALL)
    assert bar
    steps = re.findall(
        r'<li( class="done"| aria-current="step")?>.*?<a href="[^"]+">([^<]+)</a>', bar.group()
    )
    assert tuple(name for _, name in steps) == STAGES
    marks = {' class="done"': "done", ' aria-current="step"': "current", "": "ahead"}
    found = tuple(marks[mark] for mark, _ in steps)
    told = office.see("reseller", f"orders/{order}")["stages"]
    assert tuple(one["standing"] for one in told) == found
    return found


@pytest.mark.promise("S0.1")
def test_the_bar_follows_the_first_receipt_the_packing_and_the_delivery(office: Office) -> None:
    order = dispatched(office, KETTLE, LAMP)
    assert shown_stages(office, order) == ("current", "ahead", "ahead")
    receive(office, order, 1)
    assert shown_stages(office, order) == ("done", "current", "ahead")
    receive(office, order, 2)
    assert shown_stages(office, order) == ("done", "current", "ahead")
    parcel = formed(office, order)
    assert shown_stages(office, order) == ("done", "done", "current")
    office.do("logist", f"parcels/{parcel}", "pack", **BOX, declared_contents="Kettle, lamp")
    office.do("logist", f"parcels/{parcel}", "hand_over", international_number=ABROAD)
    assert shown_stages(office, order) == ("done", "done", "current")
    scanned(office, ABROAD, "done.delivered")
    assert shown_stages(office, order) == ("done", "done", "done")


def test_an_impossible_item_holds_no_later_stage_back(office: Office) -> None:
    order = dispatched(office, KETTLE, LAMP)
    refuse(office, order, 1)
    receive(office, order, 2)
    assert shown_stages(office, order) == ("done", "current", "ahead")


# --- the order's status ---------------------------------------------------------------------------------------


@pytest.mark.promise("S0.25")
def test_the_first_receipt_alone_brings_the_order_to_the_warehouse(office: Office) -> None:
    order = dispatched(office)
    before = in_russian(office, "reseller", f"orders/{order}")
    assert (before["state"]["key"], before["state"]["label"]) == ("ordering", STAGES[0])
    office.wait(hours=1)
    receive(office, order, 1)
    after = in_russian(office, "reseller", f"orders/{order}")
    assert (after["state"]["key"], after["state"]["label"]) == ("at_warehouse", "В обработке на складе")
    assert after["since"] == office.now.isoformat()
    assert states(office, order) == ["received", "domestic_transit", "domestic_transit"]
    page = office.read("reseller", f"orders/{order}/")
    assert page.startswith("В обработке на складе")
    told = [
        one for one in office.see("operator", f"orders/{order}/history")["history"] if one["level"] == "order"
    ]
    last = told[0]
    assert (last["act"], last["from"], last["to"]) == ("derived", "ordering", "at_warehouse")
    assert (last["actor"]["kind"], last["actor"]["name"]) == ("system", "")


@pytest.mark.promise("S0.25")
@pytest.mark.parametrize("role", ["reseller", "operator", "logist", "supervisor", "support", "owner"])
def test_nobody_is_offered_a_move_that_sets_an_orders_status(office: Office, role: str) -> None:
    order = ordered(office, KETTLE)
    moves = office.see(role, f"orders/{order}/moves")["moves"]
    assert [one["name"] for one in moves if one["level"] == "order" and one["to"]] == []


# --- what the stages mean -------------------------------------------------------------------------------------


@pytest.mark.promise("S0.39")
@pytest.mark.parametrize("language", ["ru", "kk", "uk", "bg", "en"])
def test_each_stage_leads_to_its_explanation_with_its_statuses_and_who_acts(
    office: Office, language: str
) -> None:
    order = dispatched(office, KETTLE)
    workflow = profiles.workflow("buyout")
    html = office.html("reseller", f"orders/{order}/", language=language)
    links = re.findall(r'<a href="([^"#]+)#(stage-\w+)">([^<]+)</a>', html)
    assert [(anchor, name) for _, anchor, name in links] == [
        (f"stage-{stage.key}", stage.label[language]) for stage in workflow.stages
    ]
    assert {address for address, _, _ in links} == {f"/{office.business.slug}/legend/"}
    page = tree(office.html("reseller", "legend/", language=language))
    for stage in workflow.stages:
        explained(workflow, stage, by_id(page, f"stage-{stage.key}"), language)


def explained(workflow: Workflow, stage: Stage, part: Element, language: str) -> None:
    """The part of the page names the stage, says what happens, and lists exactly its statuses, each with who acts."""
    said = text(part)
    assert stage.label[language] in said
    assert stage.about[language] in said
    listed = [text(link) for link in part.iter("a")]
    expected = [
        state.label[language]
        for level, keys in stage.states.items()
        for state in workflow.states(level).values()
        if state.key in keys
    ]
    assert listed == expected
    for level, keys in stage.states.items():
        for key in keys:
            around = [
                one for one in part.iter("li") for a in one.iter("a") if a.get("href") == f"#{level}-{key}"
            ]
            label, who = workflow.states(level)[key].label[language], acting(workflow, level, key, language)
            assert text(around[-1]) == f"{label} {who}".strip()


def acting(workflow: Workflow, level: str, state: str, language: str) -> str:
    """Whoever may do a move from a state by the profile's own table, in the interface's words."""
    from django.utils import translation

    moves = [
        one for one in workflow.transitions(level).values() if not one.is_correction and state in one.sources
    ]
    roles = {role for move in moves for role in move.roles} - {"system"}
    with translation.override(language):
        return showing.who(tuple(role for role in showing.ACTORS if role in roles))


@pytest.mark.promise("S0.39")
def test_the_warehouse_is_explained_in_russian_and_kazakh(office: Office) -> None:
    russian = text(by_id(tree(office.html("reseller", "legend/")), "stage-warehouse"))
    assert "Получение и обработка товаров на китайском складе" in russian
    assert "Получено на склад" in russian
    assert "В обработке на складе" in russian
    kazakh = text(by_id(tree(office.html("reseller", "legend/", language="kk")), "stage-warehouse"))
    assert "Қытайдағы қоймада тауарларды қабылдау және өңдеу" in kazakh
    assert "Қоймаға қабылданды" in kazakh
    assert "Қоймада өңделуде" in kazakh
