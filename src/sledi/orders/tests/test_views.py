"""The pages of a business for each role: what stands there, what does not, and what it costs."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sledi import profiles
from sledi.orders.models import Item
from sledi.orders.moving.making import Line
from sledi.orders.showing import ACTORS
from sledi.orders.tests.doors import signed_in, text_of
from sledi.orders.tests.stage import Stage, new_stage

BUSINESSES = ("buyout", "retail", "tracker", "forwarder", "marketplace")
LANGUAGES = ("ru", "bg", "kk", "uk", "en")


# --- doors ----------------------------------------------------------------------------------------------------


def test_a_visitor_reads_the_name_the_door_and_the_legend(stage: Stage) -> None:
    answer = Client(headers={"accept-language": "en"}).get("/buyout/")
    assert answer.status_code == 200
    assert "Buyout" in text_of(answer)
    assert 'href="/sign-in/?next=/buyout/"' in answer.content.decode()
    assert 'href="/buyout/legend/"' in answer.content.decode()


@pytest.mark.parametrize("path", ["orders/", "my/", "items/", "parcels/", "orders/7KQM3XF4/"])
def test_without_signing_in_every_page_leads_to_the_door(stage: Stage, path: str) -> None:
    answer = Client().get(f"/buyout/{path}")
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/sign-in/")


def test_nothing_of_another_business_is_found(stage: Stage) -> None:
    elsewhere = new_stage("buyout", "elsewhere")
    theirs = elsewhere.order()
    client = signed_in(stage, "owner")
    assert client.get(f"/buyout/orders/{theirs.number}/").status_code == 404
    assert client.get(f"/elsewhere/orders/{theirs.number}/").status_code == 404
    reseller = signed_in(stage, "reseller")
    assert reseller.post(f"/buyout/orders/{theirs.number}/moves/note_payment/").status_code == 404
    assert theirs.number not in client.get("/buyout/orders/").content.decode()


def test_nothing_of_other_people_is_found(stage: Stage) -> None:
    order = stage.order()
    client = signed_in(stage, "reseller", "somebody")
    assert client.get(f"/buyout/orders/{order.number}/").status_code == 404
    assert order.number not in client.get("/buyout/orders/").content.decode()
    assert order.number not in client.get("/buyout/my/").content.decode()


def test_a_first_part_that_is_no_business_is_not_found(db: None) -> None:
    assert Client().get("/nobody/").status_code == 404


# --- the page of an order -------------------------------------------------------------------------------------


def test_the_status_stands_first_on_the_page_of_an_order(stage: Stage) -> None:
    order = stage.order()
    words = text_of(signed_in(stage, "reseller").get(f"/buyout/orders/{order.number}/"))
    status = profiles.workflow("buyout").states("order")["ordering"].label["en"]
    assert words.index(status) < words.index(f"Order {order.number}")


def test_each_stage_leads_to_its_explanation(stage: Stage) -> None:
    order = stage.order()
    client = signed_in(stage, "reseller")
    page = client.get(f"/buyout/orders/{order.number}/").content.decode()
    legend = client.get("/buyout/legend/").content.decode()
    for one in profiles.workflow("buyout").stages:
        assert f'href="/buyout/legend/#stage-{one.key}"' in page
        assert f'id="stage-{one.key}"' in legend


@pytest.mark.parametrize(
    ("states", "current"),
    [
        (("buying", "ordered"), "ordering"),
        (("received", "ordered"), "warehouse"),
        (("received", "packed"), "sending"),
    ],
)
def test_the_furthest_stage_is_the_present_one(stage: Stage, states: tuple[str, ...], current: str) -> None:
    order = stage.order(Line("Kettle"), Line("Scarf"))
    for item, state in zip(Item.objects.filter(order=order).order_by("line"), states, strict=True):
        stage.put(item, state)
    page = signed_in(stage, "reseller").get(f"/buyout/orders/{order.number}/").content.decode()
    assert re.findall(r'aria-current="step"><span><a href="/buyout/legend/#stage-(\w+)"', page) == [current]


def test_what_is_not_possible_yet_stands_as_a_reason_that_names_what_is_missing(stage: Stage) -> None:
    order = stage.order(Line("Kettle"), Line("Scarf"))
    kettle, scarf = Item.objects.filter(order=order).order_by("line")
    stage.put(kettle, "received")
    stage.put(scarf, "ordered")
    stage.put(order, "at_warehouse")
    answer = signed_in(stage, "logist").get(f"/buyout/orders/{order.number}/")
    words = text_of(answer)
    assert "2 Scarf" in words
    assert f"/orders/{order.number}/parcels/moves/form/" not in answer.content.decode()


def test_a_page_costs_the_same_for_one_item_and_for_thirty(stage: Stage) -> None:
    small, large = stage.order(), stage.order(*(Line(f"Thing {n}", unit_price_minor=100) for n in range(30)))
    client = signed_in(stage, "operator")
    assert queries_of(client, f"/buyout/orders/{large.number}/") == queries_of(
        client, f"/buyout/orders/{small.number}/"
    )


@pytest.mark.parametrize("path", ["orders/", "items/", "", "my/"])
def test_a_list_costs_the_same_for_three_orders_and_for_thirty(stage: Stage, path: str) -> None:
    for _ in range(3):
        stage.order()
    client = signed_in(stage, "reseller")
    few = queries_of(client, f"/buyout/{path}")
    for _ in range(27):
        stage.order()
    assert queries_of(client, f"/buyout/{path}") == few <= 15


def queries_of(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


# --- lists ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["retail"], indirect=True)
def test_a_parent_state_finds_all_its_children_and_stands_in_the_list(stage: Stage) -> None:
    orders = [stage.order() for _ in range(4)]
    for order, state in zip(
        orders, ("payment_received", "payment_confirmed", "packaging", "shipped"), strict=True
    ):
        stage.put(order, state)
    words = text_of(signed_in(stage, "platform").get("/retail/orders/?state=processing"))
    assert [order.number in words for order in orders] == [True, True, True, False]
    states = profiles.workflow("retail").states("order")
    row = words[words.index(orders[2].number) :]
    assert states["processing"].label["en"] in row
    whole = text_of(signed_in(stage, "platform").get(f"/retail/orders/{orders[2].number}/"))
    assert states["processing"].label["en"] in whole
    assert states["packaging"].label["en"] in whole


def test_an_order_is_found_by_its_number_as_people_type_it(stage: Stage) -> None:
    wanted, other = stage.order(), stage.order()
    client = signed_in(stage, "support")
    typed = f"{wanted.number[:4]}-{wanted.number[4:]}".lower()
    words = text_of(client.get("/buyout/orders/", {"q": typed}))
    assert wanted.number in words
    assert other.number not in words


def test_a_list_goes_on_behind_a_full_page_and_a_broken_address_is_explained(stage: Stage) -> None:
    numbers = {stage.order().number for _ in range(53)}
    client = signed_in(stage, "support")
    first = client.get("/buyout/orders/").content.decode()
    later = re.search(r'href="(/buyout/orders/\?from=[^"]+)"', first)
    assert later
    second = client.get(later.group(1)).content.decode()
    assert {number for number in numbers if number in first or number in second} == numbers
    assert client.get("/buyout/orders/?from=nonsense").status_code == 400
    assert client.get("/buyout/orders/?state=nonsense").status_code == 404


def test_the_overview_counts_what_waits_and_tells_whose_move_it_is(stage: Stage) -> None:
    order = stage.order(Line("Kettle"), Line("Scarf"))
    for item in Item.objects.filter(order=order):
        stage.put(item, "queued")
    operator, reseller = (signed_in(stage, role).get("/buyout/") for role in ("operator", "support"))
    queued = profiles.workflow("buyout").states("item")["queued"].label["en"]
    assert re.search(rf"{queued}\s+Your move .{{0,40}} 2 ", text_of(operator))
    assert re.search(rf"{queued} .{{0,40}} 2 ", text_of(reseller))
    assert "Your move" not in text_of(reseller)


def test_who_orders_finds_his_newest_orders_at_the_entrance_and_staff_the_queues(stage: Stage) -> None:
    order = stage.order()
    assert order.number in text_of(signed_in(stage, "reseller").get("/buyout/"))
    assert order.number not in text_of(signed_in(stage, "operator").get("/buyout/"))


@pytest.mark.parametrize("stage", ["forwarder"], indirect=True)
def test_the_cabinet_shows_parcels_with_their_orders_and_then_what_is_in_none(stage: Stage) -> None:
    from sledi.orders.moving.making import create_container, load

    inside, loose = (
        stage.order(buyer_id=stage.person("buyer").pk),
        stage.order(buyer_id=stage.person("buyer").pk),
    )
    operator = stage.access("operator")
    parcel = create_container(operator, "parcel", {"mode": "pickup"}, at=stage.now, cause="web", name="open")
    load(operator, "parcel", parcel.pk, [inside.pk], at=stage.now, cause="web")
    client = signed_in(stage, "buyer")
    words = text_of(client.get("/forwarder/my/"))
    assert words.index(parcel.number) < words.index(inside.number) < words.index(loose.number)
    assert "1 order" in words
    assert words.index("Orders not yet in a parcel") < words.index(loose.number)
    found = text_of(client.get("/forwarder/my/", {"q": inside.number}))
    assert parcel.number in found
    assert loose.number not in found
    page = client.get("/forwarder/my/").content.decode()
    assert page.count(f'href="/forwarder/parcels/{parcel.number}/"') == 2
    assert inside.number in text_of(client.get(f"/forwarder/parcels/{parcel.number}/"))
    assert loose.number not in text_of(client.get(f"/forwarder/parcels/{parcel.number}/"))


# --- the legend -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", BUSINESSES, indirect=True)
def test_the_legend_explains_every_state_of_the_profile_in_every_language(stage: Stage) -> None:
    for language in LANGUAGES:
        explains_everything(stage, language)


def explains_everything(stage: Stage, language: str) -> None:
    workflow = profiles.workflow(stage.business.profile)
    answer = Client(headers={"accept-language": language}).get(f"/{stage.business.slug}/legend/")
    words = answer.content.decode().replace("&#x27;", "'")
    for level in workflow.levels:
        for key, state in workflow.states(level).items():
            if workflow.leaves(level, key) == (key,):
                assert f'id="{level}-{key}"' in words
                assert state.label[language] in words
        svg = Client(headers={"accept-language": language}).get(f"/{stage.business.slug}/legend/{level}.svg")
        assert svg["Content-Type"] == "image/svg+xml"
        assert Client().get(f"/{stage.business.slug}/legend/{level}/").status_code == 200
    assert Client().get(f"/{stage.business.slug}/legend/nonsense/").status_code == 404


def test_everybody_who_may_act_has_a_name() -> None:
    roles = {
        role
        for name in BUSINESSES
        for level in profiles.workflow(name).levels
        for move in profiles.workflow(name).transitions(level).values()
        for role in move.roles
    }
    assert roles <= set(ACTORS)
