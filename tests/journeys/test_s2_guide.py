"""The guide: what it explains, where it leads, and what readers write under it."""

from typing import Any

import pytest
from django.test import Client

from sledi.tracker.models import Comment
from tests.journeys.markup import by_id, lead, links, read, text, tree, with_class
from tests.journeys.world import Stories, sign_in, sign_in_page

pytestmark = pytest.mark.django_db

LANGUAGES = ("ru", "bg", "kk", "uk", "en")
SECTIONS = ("number", "waiting", "origin", "border", "destination", "translation")
WRITTEN = "Почта России ответила в тот же день, спасибо."


@pytest.mark.promise("S2.32")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guide_covers_the_whole_way_and_each_section_leads_to_what_works(
    client: Client, stories: Stories, language: str
) -> None:
    page = read(client, "/help/", language)
    headings = []
    for name in SECTIONS:
        part = by_id(page, name)
        headings.append(text(part.find(".//h2")))
        targets = links(part)
        assert targets
        for target in targets.values():
            assert leads_somewhere(client, page, target, language), target
    assert len(set(headings)) == len(SECTIONS)


def leads_somewhere(client: Client, page: Any, target: str, language: str) -> bool:
    address, _, anchor = target.partition("#")
    if address:
        answer = client.get(address, headers={"accept-language": language}, follow=True)
        if answer.status_code != 200:
            return False
        page = tree(answer.text)
        client.cookies.clear()
    return not anchor or page.find(f".//*[@id='{anchor}']") is not None


@pytest.mark.promise("S2.32")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_pasted_in_the_guide_is_tracked(client: Client, stories: Stories, language: str) -> None:
    page = read(client, "/help/", language)
    (form,) = (form for form in page.iter("form") if form.find(".//textarea[@name='numbers']") is not None)
    opened = client.post(
        form.get("action", ""), {"numbers": "RB556626341CN"}, headers={"accept-language": language}
    )
    assert lead(read(client, opened["Location"], language), "RB556626341CN")


@pytest.mark.promise("S2.32")
def test_the_guide_in_russian_names_what_the_promise_names(client: Client) -> None:
    page = read(client, "/help/")
    said = {name: text(by_id(page, name)) for name in SECTIONS}
    assert "номер" in said["number"]
    assert "3–5 дней" in said["waiting"]
    assert "Почта Китая" in said["origin"]
    assert "Почта Сингапура" in said["origin"]
    assert "таможня" in said["border"]
    for post in ("Почта России", "Укрпочта", "Белпочта"):
        assert post in said["destination"]
    assert "на языке страницы" in said["translation"]


@pytest.mark.promise("S2.30")
def test_a_comment_is_held_for_moderation_and_then_shown(client: Client) -> None:
    visitor = Client(enforce_csrf_checks=True, headers={"accept-language": "ru"})
    form = comment_form(visitor)
    kept = visitor.post(
        "/help/comments/", {**form, "name": "Оксана", "text": WRITTEN}, headers={"accept-language": "ru"}
    )
    assert kept["Location"] == "/help/?kept=1#comments"
    assert "Спасибо" in text(by_id(read(visitor, "/help/?kept=1"), "comments"))
    assert WRITTEN not in visitor.get("/help/").text

    sign_in(client)
    desk = read(client, "/operator/comments/")
    (card,) = (card for card in with_class(desk, "card") if WRITTEN in text(card))
    form_address = card.find("form").get("action", "")  # type: ignore[union-attr]
    client.post(form_address, {"verdict": "approve"})
    shown = by_id(read(visitor, "/help/"), "comments")
    assert [text(found.find("div")) for found in with_class(shown, "card") if found.tag == "div"] == [WRITTEN]
    assert "Оксана" in text(shown)


@pytest.mark.promise("S2.30")
def test_a_refused_comment_is_never_shown_and_only_an_operator_decides(client: Client) -> None:
    Client().post("/help/comments/", {"name": "Борис", "text": WRITTEN}, headers={"accept-language": "ru"})
    held = Comment.objects.get()
    address = f"/operator/comments/{held.pk}/"
    assert client.post(address, {"verdict": "approve"}).status_code == 404
    assert client.get("/operator/comments/").status_code == 404
    sign_in(client)
    client.post(address, {"verdict": "refuse"})
    assert client.post(address, {"verdict": "approve"}).status_code == 404
    assert WRITTEN not in client.get("/help/", headers={"accept-language": "ru"}).text


@pytest.mark.promise("S2.30")
def test_what_a_visitor_writes_is_shown_as_text(client: Client) -> None:
    hostile = "<script>alert(1)</script> & 'x' --"
    Client().post("/help/comments/", {"name": "<b>X", "text": hostile}, headers={"accept-language": "ru"})
    sign_in(client)
    client.post(f"/operator/comments/{Comment.objects.get().pk}/", {"verdict": "approve"})
    answer = Client().get("/help/", headers={"accept-language": "ru"}).text
    assert "<script>alert" not in answer
    comments = by_id(tree(answer), "comments")
    assert hostile in text(comments)
    assert "<b>X" in text(comments)


def comment_form(visitor: Client) -> dict[str, str]:
    page = read(visitor, "/help/")
    form = next(form for form in page.iter("form") if form.get("action", "").startswith("/help/comments/"))
    token = form.find(".//input[@name='csrfmiddlewaretoken']")
    assert token is not None
    return {"csrfmiddlewaretoken": token.get("value", "")}


def test_an_operators_link_works_once_and_signing_out_closes_the_desk(client: Client) -> None:
    address = sign_in_page()
    assert client.get(address).status_code == 200
    assert client.get("/operator/comments/").status_code == 404  # looking at the link does not sign in
    assert client.post(address)["Location"] == "/operator/carriers/"
    assert client.get("/operator/comments/").status_code == 200
    assert Client().post(address).status_code == 410
    client.post("/sign-out/")
    assert client.get("/operator/comments/").status_code == 404
