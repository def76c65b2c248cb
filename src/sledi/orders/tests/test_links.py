"""Links by which an end buyer follows one order: what they show, for how long, and what they never do."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from sledi.core.workflow import Refused
from sledi.history.models import Record
from sledi.orders import links
from sledi.orders.models import Item, Order, RecipientLink
from sledi.orders.refusals import NotYours
from sledi.orders.tests.stage import NOW, Stage, new_stage
from sledi.orders.tests.stage import stage as stage

pytestmark = pytest.mark.django_db


def made(stage: Stage, role: str = "reseller", **facts: Any) -> RecipientLink:
    order = stage.order(**facts)
    stage.put(order, "ordering")
    stage.put(Item.objects.get(order=order), "ordered")
    return links.make(stage.access(role), order.number, stage.now, "web")


def path_of(link: RecipientLink) -> str:
    found = re.fullmatch(r"http://localhost:8000(/o/[\w-]{22}/)", links.address(link))
    assert found
    return found[1]


def test_the_link_shows_the_order_without_prices_and_without_an_account(stage: Stage) -> None:
    answer = Client().get(path_of(made(stage)))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Kettle" in page
    main = page.partition("<main")[2].partition("</main>")[0]
    assert not re.search(r"30|33", re.sub(r"<[^>]*>|\d+:\d+", "", main))
    assert "<form" not in main


def test_the_page_is_kept_by_no_search_engine_and_no_shared_cache(stage: Stage) -> None:
    answer = Client().get(path_of(made(stage)))
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer["Referrer-Policy"] == "same-origin"
    assert '<meta name="robots" content="noindex">' in answer.content.decode()


@pytest.mark.parametrize(("language", "word"), [("ru", "Товары"), ("en", "Items"), ("bg", "Продукти")])
def test_the_page_speaks_the_readers_language(stage: Stage, language: str, word: str) -> None:
    browser = Client(headers={"accept-language": language})
    page = browser.get(path_of(made(stage))).content.decode()
    assert f'<html lang="{language}"' in page
    assert word in page


def test_the_token_is_stored_hashed_and_two_orders_have_two(stage: Stage) -> None:
    first, second = made(stage), made(stage)
    token = path_of(first)[3:-1]
    assert token.encode() not in bytes(RecipientLink.objects.get(pk=first.pk).token_hash)
    assert path_of(first) != path_of(second)


def test_making_it_again_gives_the_same(stage: Stage) -> None:
    link = made(stage)
    again = links.make(stage.access("operator"), link.order.number, stage.now, "api")
    assert links.address(again) == links.address(link)
    assert Record.objects.filter(act="link_made").count() == 1


def test_a_link_that_was_taken_back_leads_nowhere_and_another_one_is_another(stage: Stage) -> None:
    link = made(stage)
    links.revoke(stage.access("reseller"), link.order.number, link.pk, stage.now, "web")
    assert Client().get(path_of(link)).status_code == 404
    other = links.make(stage.access("reseller"), link.order.number, stage.now, "web")
    assert Client().get(path_of(other)).status_code == 200
    assert Client().get(path_of(link)).status_code == 404
    assert list(
        Record.objects.filter(act__startswith="link_").values_list("act", flat=True).order_by("sequence")
    ) == [
        "link_made",
        "link_revoked",
        "link_made",
    ]


@pytest.mark.parametrize("path", ["/o/forged/", "/o/AAAAAAAAAAAAAAAAAAAAAA/", "/o/%00/"])
def test_a_forged_link_leads_nowhere(stage: Stage, path: str) -> None:
    assert Client().get(path).status_code == 404


def test_writing_to_it_is_not_taken(stage: Stage) -> None:
    path = path_of(made(stage))
    assert Client().post(path).status_code == 405


def test_it_is_good_while_the_order_is_under_way_and_180_days_after_its_end(stage: Stage) -> None:
    link = made(stage)
    token = path_of(link)[3:-1]
    assert links.opened(token, NOW + timedelta(days=5000))
    Order.objects.filter(pk=link.order_id).update(state="delivered", state_since=NOW)
    assert links.opened(token, NOW + timedelta(days=180, seconds=-1))
    with pytest.raises(links.LinkInvalid):
        links.opened(token, NOW + timedelta(days=180))


def test_a_business_that_is_closed_shows_nothing(stage: Stage) -> None:
    link = made(stage)
    stage.business.is_open = False
    stage.business.save()
    assert Client().get(path_of(link)).status_code == 404


@pytest.mark.parametrize("role", ["end_buyer", "buyer"])
def test_who_follows_an_order_gives_no_links(stage: Stage, role: str) -> None:
    with pytest.raises(Refused) as refused:
        made(stage, role)
    assert refused.value.reason == "wrong_role"


def test_an_order_of_somebody_else_is_not_there(stage: Stage) -> None:
    order = stage.order()
    with pytest.raises(NotYours):
        links.make(stage.access("reseller", "stranger"), order.number, stage.now, "web")


def test_a_profile_that_says_nothing_of_end_buyers_gives_no_links() -> None:
    stage = new_stage("marketplace")
    order = stage.order()
    with pytest.raises(Refused) as refused:
        links.make(stage.access("platform"), order.number, stage.now, "web")
    assert refused.value.reason == "unknown_move"


def test_a_link_of_another_order_is_not_taken_back(stage: Stage) -> None:
    first, second = made(stage), made(stage)
    with pytest.raises(NotYours):
        links.revoke(stage.access("reseller"), first.order.number, second.pk, stage.now, "web")
