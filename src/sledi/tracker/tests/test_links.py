"""The official pages are looked at on a schedule; the answers come from a small server of our own."""

import re
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from asgiref.sync import async_to_sync

from sledi.accounts.operations import appoint_operator
from sledi.carriers import directory
from sledi.tracker import links
from sledi.tracker.links import AGAIN_AFTER, AGAIN_AFTER_FAILURE, BATCH, Answer, addresses, check_due
from sledi.tracker.models import OfficialLink

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class Page(BaseHTTPRequestHandler):
    """``/200`` answers 200, ``/to/X`` leads to X, ``/around`` in a circle, ``/slow`` not in time."""

    asked: list[str]

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path == "/slow":
            self.server.is_over.wait(5)
        if self.path.startswith("/to/"):
            return self._answer(302, self.path.removeprefix("/to/"))
        if self.path == "/around":
            return self._answer(301, "/around")
        return self._answer(int(self.path.strip("/").partition("?")[0]) if self.path[1:4].isdigit() else 200)

    def _answer(self, status, location=""):
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site():
    """A site on this machine; ``asked`` are the paths that somebody asked for."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.asked, server.is_over = [], threading.Event()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.is_over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def at(site):
    site.asked.clear()
    return lambda path: f"http://127.0.0.1:{site.server_port}{path}"


@contextmanager
def directory_of(monkeypatch, **pages):
    with monkeypatch.context() as patch:
        patch.setattr(links, "addresses", lambda: pages)
        yield


def checked(slug):
    return OfficialLink.objects.get(pk=slug)


def look(address):
    (answer,) = async_to_sync(links.look_at)([address])
    return answer


@pytest.mark.parametrize("status", [200, 204, 401, 403, 405, 429])
def test_a_page_that_answers_or_turns_programs_away_is_there(at, status):
    assert look(at(f"/{status}")) == Answer(status)


@pytest.mark.parametrize("status", [400, 404, 410, 500, 502, 503])
def test_a_page_that_is_gone_or_fails_is_a_problem(at, status):
    assert look(at(f"/{status}")) == Answer(status, f"HTTP {status}")


def test_redirects_are_followed_to_their_end(at):
    assert look(at("/to//to//404")) == Answer(404, "HTTP 404")
    assert look(at("/to//200")) == Answer(200)


def test_nobody_is_led_in_circles_for_ever(at, site):
    assert look(at("/around")) == Answer(301, "more than 5 redirects")
    assert len(site.asked) == 6


@pytest.mark.parametrize(
    "target", ["ftp://127.0.0.1/x", "file:///etc/passwd", "javascript:alert(1)", "http://[", "//:x/"]
)
def test_a_redirect_never_changes_to_another_scheme(at, site, target):
    assert re.match("leads to |InvalidURL|ValueError|RemoteProtocolError", look(at(f"/to/{target}")).problem)
    assert len(site.asked) == 1


def test_what_does_not_answer_in_time_is_left(at, monkeypatch):
    monkeypatch.setattr(links, "ANSWER_TIMEOUT_S", 0.2)
    assert look(at("/slow")) == Answer(None, "no answer within 0.2 s")


def test_a_closed_door_is_named():
    answer = look("http://127.0.0.1:9/")
    assert answer.status is None
    assert answer.problem.startswith("ConnectError")


def test_every_address_of_the_directory_is_looked_at_with_a_sample_number():
    known = addresses()
    assert known["russian_post"] == "https://www.pochta.ru/tracking?barcode=RR123456785CN"
    assert set(known) == {slug for slug, entry in directory().items() if entry.tracking or entry.site}
    assert all(address.startswith("https://") for address in known.values())


@pytest.mark.django_db
def test_links_come_due_one_after_the_other_and_then_once_a_day(at, monkeypatch):
    with directory_of(monkeypatch, a=at("/200"), b=at("/200")):
        assert check_due(NOW) == 1
        assert check_due(NOW + timedelta(seconds=30)) == 1
        assert check_due(NOW + timedelta(hours=20)) == 0
        assert check_due(NOW + AGAIN_AFTER) == 1
    assert (checked("b").checked_at, checked("b").status) == (NOW + timedelta(seconds=30), 200)


@pytest.mark.django_db
def test_only_a_few_are_looked_at_per_call(at, monkeypatch):
    with directory_of(monkeypatch, **{f"c{n}": at("/200") for n in range(BATCH + 2)}):
        links.keep_to(links.addresses(), NOW)
        later = NOW + timedelta(hours=1)
        assert [check_due(later), check_due(later), check_due(later)] == [BATCH, 2, 0]


@pytest.mark.django_db
def test_three_failures_in_a_row_make_a_link_broken_and_one_answer_mends_it(at, monkeypatch):
    with directory_of(monkeypatch, a=at("/404")):
        seen = []
        for turn in range(3):
            check_due(NOW + turn * AGAIN_AFTER_FAILURE)
            seen.append(checked("a").is_broken)
        assert seen == [False, False, True]
        assert (checked("a").status, checked("a").problem) == (404, "HTTP 404")
        monkeypatch.setattr(Page, "do_GET", lambda page: page._answer(200))
        check_due(NOW + 3 * AGAIN_AFTER_FAILURE)
    assert (checked("a").is_broken, checked("a").problem, checked("a").failures_in_row) == (False, "", 0)


@pytest.mark.django_db
def test_a_corrected_address_begins_anew_and_a_dropped_one_is_forgotten(at, monkeypatch):
    with directory_of(monkeypatch, a=at("/404"), b=at("/200")):
        check_due(NOW)
    with directory_of(monkeypatch, a=at("/200")):
        check_due(NOW + timedelta(minutes=1))
    assert [(link.slug, link.failures_in_row) for link in OfficialLink.objects.all()] == [("a", 0)]
    assert checked("a").status == 200


@pytest.mark.django_db
def test_a_worker_that_dies_meanwhile_leaves_the_link_due(at, monkeypatch):
    async def die(pages):
        raise KeyboardInterrupt

    with directory_of(monkeypatch, a=at("/200")):
        with monkeypatch.context() as patch:
            patch.setattr(links, "look_at", die)
            with pytest.raises(KeyboardInterrupt):
                check_due(NOW)
        assert check_due(NOW + timedelta(minutes=9)) == 0
        assert check_due(NOW + timedelta(minutes=10)) == 1


@pytest.mark.django_db
def test_nobody_is_asked_where_the_check_is_switched_off(settings, at, site, monkeypatch):
    settings.CHECK_LINKS = False
    with directory_of(monkeypatch, a=at("/200")):
        assert check_due(NOW) == 0
    assert site.asked == []


@pytest.mark.django_db
def test_the_operators_see_the_broken_links_first(client):
    broken = {"checked_at": NOW, "status": 404, "problem": "HTTP 404", "failures_in_row": 3}
    OfficialLink.objects.create(slug="belpost", address="https://b.example/", due_at=NOW)
    OfficialLink.objects.create(slug="kazpost", address="https://k.example/", due_at=NOW, **broken)
    assert client.get("/operator/links/").status_code == 404
    client.force_login(appoint_operator("operator@localhost", NOW))
    page = client.get("/operator/links/", headers={"accept-language": "ru"}).text
    assert page.index("Казпочта") < page.index("Белпочта")
    for said in ("Сломана", "HTTP 404", "Ещё не проверяли", 'href="https://k.example/"'):
        assert said in page, said


@pytest.mark.django_db
def test_the_directory_says_when_a_page_was_checked_and_which_do_not_answer(client):
    answered = {"checked_at": NOW, "status": 200}
    failing = {"checked_at": NOW, "problem": "ConnectError"}
    for slug, more in (
        ("belpost", answered),
        ("kazpost", failing | {"failures_in_row": 3}),
        ("ukrposhta", failing | {"failures_in_row": 1}),
    ):
        OfficialLink.objects.create(slug=slug, address="https://x.example/", due_at=NOW, **more)
    rows = client.get("/help/posts/", headers={"accept-language": "en"}).text.split("<tr id=")
    (belarus,) = (row for row in rows if row.startswith('"BY"'))
    (kazakhstan,) = (row for row in rows if row.startswith('"KZ"'))
    (ukraine,) = (row for row in rows if row.startswith('"UA"'))
    assert "checked on:" in belarus
    assert "no answer on:" in kazakhstan
    assert ("checked on:" in ukraine, "no answer on:" in ukraine) == (False, False)
