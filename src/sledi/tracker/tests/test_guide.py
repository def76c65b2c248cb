"""The guide: the same advice in every language, each part of it a way to the thing itself; its comments."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.urls import resolve

from sledi.tracker import articles, operations
from sledi.tracker.models import Comment

GUIDES = Path(articles.__file__).parent / "templates/tracker/guide"
LANGUAGES = ("ru", "bg", "kk", "uk", "en")
SECTIONS = ["number", "waiting", "origin", "border", "destination", "translation"]
AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def text(language):
    return (GUIDES / f"{language}.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guide_covers_the_whole_way(language):
    assert re.findall(r'<li id="(\w+)">', text(language)) == SECTIONS


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_section_leads_to_the_working_function(language):
    for section in text(language).split("<li id=")[1:]:
        targets = re.findall(r'href="([^"]+)"', section)
        assert targets
        for target in targets:
            path = target.partition("#")[0].partition("?")[0]
            assert target == "#try" or resolve(path).app_name == "tracker", target


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guide_names_the_other_languages(language):
    others = re.findall(r'\?lang=(\w+)"', text(language))
    assert sorted(others) == sorted(set(LANGUAGES) - {language})


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guide_holds_the_box_itself(client, language):
    page = client.get("/help/", headers={"accept-language": language}).text
    assert f'<html lang="{language}"' in page
    assert re.search(r'<section[^>]* id="try".*<form[^>]* action="/t/"', page, re.S)


@pytest.mark.django_db
def test_a_comment_is_held_until_an_operator_lets_it_through(client):
    reply = client.post(
        "/help/comments/", {"name": "Аигерим", "text": "Спасибо <b>"}, headers={"accept-language": "ru"}
    )
    assert reply.headers["Location"] == "/help/?kept=1#comments"
    held = Comment.objects.get()
    assert (held.language, held.approved_at) == ("ru", None)
    assert "Спасибо &lt;b&gt;" not in client.get("/help/", headers={"accept-language": "ru"}).text
    operations.approve(held.pk, at=AT)
    assert "Спасибо &lt;b&gt;" in client.get("/help/", headers={"accept-language": "ru"}).text
    assert "Спасибо" not in client.get("/help/", headers={"accept-language": "kk"}).text


@pytest.mark.django_db
def test_a_refused_comment_never_appears_and_is_judged_once(client):
    held = operations.leave_comment("guide", "en", "Boris", "Buy now", client="192.0.2.1", at=AT)
    operations.refuse(held.pk, at=AT)
    assert "Buy now" not in client.get("/help/", headers={"accept-language": "en"}).text
    with pytest.raises(operations.NotHeld):
        operations.approve(held.pk, at=AT)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sent",
    [
        {"name": "", "text": "x"},
        {"name": "x", "text": ""},
        {"name": "x" * 41, "text": "x"},
        {"name": "x", "text": "x" * 2001},
    ],
)
def test_a_comment_that_is_not_whole_is_refused_with_the_reason(client, sent):
    reply = client.post("/help/comments/", sent)
    assert reply.status_code == 422
    assert 'role="alert"' in reply.text
    assert Comment.objects.count() == 0


@pytest.mark.django_db
def test_a_program_that_fills_every_field_leaves_nothing(client):
    client.post("/help/comments/", {"name": "x", "text": "x", "site": "http://spam.example"})
    assert Comment.objects.count() == 0


@pytest.mark.django_db
def test_one_address_cannot_flood_the_desk(client):
    codes = [client.post("/help/comments/", {"name": "x", "text": f"{n}"}).status_code for n in range(12)]
    assert codes[0] == 302
    assert codes[-1] == 429


@pytest.mark.django_db
def test_the_desk_is_for_operators(client):
    assert client.get("/operator/comments/").status_code == 404
    held = operations.leave_comment("guide", "en", "Boris", "Hello", client="192.0.2.1", at=AT)
    assert client.post(f"/operator/comments/{held.pk}/", {"verdict": "approve"}).status_code == 404
    held.refresh_from_db()
    assert held.approved_at is None


@pytest.mark.django_db
def test_an_operator_reads_and_decides(client, django_user_model):
    person = django_user_model(email="vesela@sledi.example", is_operator=True, created_at=AT)
    person.save()
    client.force_login(person)
    held = operations.leave_comment("guide", "bg", "Весела", "Благодаря", client="192.0.2.1", at=AT)
    assert "Благодаря" in client.get("/operator/comments/").text
    reply = client.post(f"/operator/comments/{held.pk}/", {"verdict": "approve"})
    assert reply.headers["Location"] == "/operator/comments/"
    held.refresh_from_db()
    assert held.approved_at is not None


@pytest.mark.django_db
@pytest.mark.parametrize("country", ["RU", "UA", "BY", "KZ", "BG"])
def test_the_directory_names_the_post_of_every_destination(client, country):
    page = client.get("/help/posts/", headers={"accept-language": "en"}).text
    (line,) = re.findall(rf'<tr id="{country}">.*?</tr>', page, re.S)
    assert 'href="https://' in line
