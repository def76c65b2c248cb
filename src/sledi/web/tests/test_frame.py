"""The frame of pages: languages, themes, error pages, crawlers, strict content security."""

import re

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from sledi.web.indexing import noindex

pytestmark = [pytest.mark.urls("sledi.web.tests.addresses")]
LANGUAGES = ("ru", "bg", "kk", "uk", "en")
INLINE = re.compile(r"""\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\ssrc=)|href=["']javascript:""", re.I)


def test_a_reader_gets_the_language_of_the_browser(client):
    reply = client.get("/nowhere/", headers={"accept-language": "kk,ru;q=0.5"})
    assert reply.headers["Content-Language"] == "kk"
    assert '<html lang="kk"' in reply.text
    assert "Accept-Language" in reply.headers["Vary"]


def test_an_unknown_language_reads_english(client):
    assert client.get("/nowhere/", headers={"accept-language": "ja"}).headers["Content-Language"] == "en"


def test_choosing_a_language_is_remembered_and_leaves_the_address(client):
    reply = client.get("/nowhere/?show=mine&lang=bg")
    assert (reply.status_code, reply.headers["Location"]) == (302, "/nowhere/?show=mine")
    assert client.get("/nowhere/", headers={"accept-language": "ru"}).headers["Content-Language"] == "bg"


def test_a_program_keeps_its_own_language_parameter(client):
    reply = client.get("/api/anything/?lang=ru")
    assert reply.status_code == 404
    assert "django_language" not in client.cookies


def test_choosing_a_language_never_leaves_the_site(client):
    reply = client.get("/", {"lang": "bg"}, PATH_INFO="//elsewhere.example/")
    assert reply.headers["Location"] == "/%2Felsewhere.example/"


def test_a_language_nobody_speaks_here_is_ignored(client):
    reply = client.get("/nowhere/?lang=xx")
    assert reply.status_code == 404


def test_the_menu_offers_all_languages_by_their_own_names(client):
    page = client.get("/nowhere/", headers={"accept-language": "ru"}).text
    for name in ("Русский", "Български", "Қазақша", "Українська", "English"):
        assert name in page
    assert 'lang="kk" hreflang="kk"' in page


def test_the_theme_is_remembered(client):
    reply = client.post("/theme/", {"theme": "dark", "next": "/nowhere/"})
    assert reply.headers["Location"] == "/nowhere/"
    assert 'data-theme="dark"' in client.get("/nowhere/").text
    client.post("/theme/", {"theme": "", "next": "/nowhere/"})
    assert "data-theme=" not in client.get("/nowhere/").text


@pytest.mark.parametrize(
    "address", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"]
)
def test_the_theme_form_never_leaves_the_site(client, address):
    assert client.post("/theme/", {"theme": "dark", "next": address}).headers["Location"] == "/"


def test_a_theme_nobody_drew_is_forgotten(client):
    client.post("/theme/", {"theme": '"><script>', "next": "/"})
    assert "script>&" not in client.get("/nowhere/").text
    assert "data-theme=" not in client.get("/nowhere/").text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("address", "status"),
    [("/nowhere/", 404), ("/refuses/", 403), ("/suspects/", 400), ("/limits/", 429), ("/breaks/", 500)],
)
def test_error_pages_are_plain_and_lead_on(client, language, address, status):
    client.raise_request_exception = False
    reply = client.get(address, headers={"accept-language": language})
    assert reply.status_code == status
    assert reply.headers["X-Robots-Tag"] == "noindex"
    assert 'name="numbers"' in reply.text
    assert 'name="csrfmiddlewaretoken"' in reply.text
    assert not INLINE.search(reply.text)
    assert reply.text.count("<h1>") == 1


def test_too_many_says_when_to_come_back(client):
    reply = client.get("/limits/", headers={"accept-language": "en"})
    assert reply.headers["Retry-After"] == "300"
    assert "in 5 minutes" in reply.text


def test_pages_with_numbers_are_kept_by_nobody():
    reply = noindex(lambda request: HttpResponse("x"))(RequestFactory().get("/"))
    assert reply.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "private" in reply.headers["Cache-Control"]


def test_crawlers_may_read_articles_only(client):
    lines = client.get("/robots.txt").text.splitlines()
    assert "Allow: /help/" in lines
    assert "Disallow: /" in lines


def test_whoever_finds_a_hole_knows_whom_to_tell(client, settings):
    settings.SECURITY_CONTACT = "mailto:security@sledi.example"
    lines = client.get("/.well-known/security.txt").text.splitlines()
    assert lines[0] == "Contact: mailto:security@sledi.example"
    assert lines[1].startswith("Expires: 2")


def test_the_sheet_of_components_is_for_developers(client, settings):
    assert client.get("/look/").status_code == 404
    settings.DEBUG = True
    page = client.get("/look/")
    assert page.status_code == 200
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert not INLINE.search(page.text)
