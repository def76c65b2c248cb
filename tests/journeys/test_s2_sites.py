"""Where else to look: the official sites for a number, and the directory of posts by country."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from sledi.carriers import official_posts
from sledi.tracker import links as link_check
from tests.journeys.markup import by_id, links, read, section, text, with_class
from tests.journeys.world import Stories, command, follow, paste, sign_in

pytestmark = pytest.mark.django_db

CHINA_TO_RUSSIA = "RB913682965CN"
ANY_CHINESE = "RR123456785CN"
LANGUAGES = ("ru", "bg", "kk", "uk", "en")
OFFICIAL = {
    "RU": ("Почта России", f"https://www.pochta.ru/tracking?barcode={ANY_CHINESE}"),
    "UA": ("Укрпочта", f"https://track.ukrposhta.ua/tracking_UA.html?barcode={ANY_CHINESE}"),
    "BY": ("Белпочта", f"https://www.belpost.by/Otsleditotpravleniye?number={ANY_CHINESE}"),
    "KZ": ("Казпочта", f"https://post.kz/services/postal/{ANY_CHINESE}"),
    "BG": ("Почта Болгарии", "https://bgpost.bg/postal-services/track-package"),
    "MD": ("Почта Молдовы", ""),
}


@pytest.mark.promise("S2.15")
def test_our_own_page_comes_first_then_the_posts_of_origin_and_destination(
    client: Client, stories: Stories
) -> None:
    sites = links(section(read(client, stories.page(CHINA_TO_RUSSIA)), "sites"))
    assert list(sites)[:3] == ["sledi", "Почта Китая", "Почта России"]
    assert sites["sledi"] == stories.page(CHINA_TO_RUSSIA)
    assert sites["Почта России"] == f"https://www.pochta.ru/tracking?barcode={CHINA_TO_RUSSIA}"


@pytest.mark.promise("S2.15")
def test_a_site_that_takes_no_number_in_its_address_has_it_beside_the_link(
    client: Client, stories: Stories
) -> None:
    """China Post asks for a captcha on its page: a link cannot carry the number past it."""
    sites = section(read(client, stories.page(CHINA_TO_RUSSIA)), "sites")
    item = next(item for item in sites.iter("li") if "Почта Китая" in text(item))
    assert links(item) == {"Почта Китая": "https://yjcx.chinapost.com.cn/qps/yjcx"}
    assert text(item).endswith(f"Номер нужно ввести там: {CHINA_TO_RUSSIA}")


@pytest.mark.promise("S2.15")
def test_the_api_lists_the_sites_in_the_same_order(client: Client, stories: Stories) -> None:
    sites = client.get(stories.api(CHINA_TO_RUSSIA)).json()["official_sites"]
    assert [site["slug"] for site in sites] == ["china_post", "russian_post"]
    assert sites[1]["tracking"].endswith(CHINA_TO_RUSSIA)


@pytest.mark.promise("S2.34")
@pytest.mark.parametrize("country", OFFICIAL)
def test_the_official_page_of_the_destinations_post_is_linked(
    client: Client, stories: Stories, country: str
) -> None:
    name, address = OFFICIAL[country]
    pasted = paste(client, ANY_CHINESE)
    client.post(f"{pasted}destination/", {"country": country})
    sites = section(read(client, f"{pasted}{ANY_CHINESE}/"), "sites")
    assert name in links(sites)
    assert not address or links(sites)[name] == address
    item = next(item for item in sites.iter("li") if name in text(item))
    if ANY_CHINESE not in links(sites)[name]:
        assert text(item).endswith(f"Номер нужно ввести там: {ANY_CHINESE}")


@pytest.mark.promise("S2.34")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_directory_lists_the_posts_by_country(client: Client, stories: Stories, language: str) -> None:
    page = read(client, "/help/posts/", language)
    for country, (_, address) in OFFICIAL.items():
        row = by_id(page, country)
        (found,) = links(row).values()
        assert urlsplit(found).scheme == "https"
        assert not address or urlsplit(found).netloc == urlsplit(address).netloc


@pytest.mark.promise("S2.34")
def test_a_country_whose_post_nobody_has_noted_still_has_a_link(client: Client, stories: Stories) -> None:
    token = follow(ANY_CHINESE, destination="NO")
    sites = section(read(client, f"/t/{token}/{ANY_CHINESE}/"), "sites")
    assert "Почта (Норвегия)" in links(sites)
    assert text(with_class(sites, "tight")[0]).count(ANY_CHINESE) >= 2


@pytest.mark.promise("S2.34")
def test_the_api_lists_the_directory(client: Client) -> None:
    known = {one["slug"]: one for one in client.get("/api/v1/carriers").json()["carriers"]}
    assert {slug: known[slug]["has_adapter"] for slug in ("russian_post", "belpost", "bulgarian_posts")} == {
        "russian_post": True,
        "belpost": True,
        "bulgarian_posts": False,
    }
    china_post = client.get("/api/v1/carriers/china_post").json()
    assert china_post["names"]["ru"] == "Почта Китая"
    assert china_post == known["china_post"]
    assert all(known[slug]["tracking"] for slug in ("russian_post", "ukrposhta", "belpost", "kazpost"))


class Post(BaseHTTPRequestHandler):
    """The sites of two posts: one has moved its page, the other one has taken it away."""

    def do_GET(self) -> None:
        is_there = self.path == "/new"
        self.send_response(200 if is_there else 301 if self.path == "/moved" else 404)
        if self.path == "/moved":
            self.send_header("Location", "/new")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def posts_site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Post)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    serving.join()


@pytest.mark.promise("S2.34")
def test_every_official_link_is_among_those_that_are_checked() -> None:
    checked = link_check.addresses()
    for country in OFFICIAL:
        for post in official_posts(country):
            assert checked[post.slug].startswith("https://")


@pytest.mark.promise("S2.34")
def test_the_links_are_checked_every_day_and_operators_see_the_broken_ones(
    client: Client, posts_site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        link_check,
        "addresses",
        lambda: {"russian_post": f"{posts_site}/moved", "belpost": f"{posts_site}/gone"},
    )
    morning = datetime.now(UTC)
    assert sum(link_check.check_due(morning + timedelta(minutes=minute)) for minute in range(2)) == 2
    assert link_check.check_due(morning + timedelta(minutes=30)) == 0
    assert sum(link_check.check_due(morning + timedelta(hours=hour)) for hour in (4, 8, 26)) >= 3
    sign_in(client)
    rows = {
        text(row.find("th/a")): text(row)
        for row in read(client, "/operator/links/").iter("tr")
        if row.find("th/a") is not None
    }
    assert "HTTP 200" in rows[f"{posts_site}/moved"]
    assert "HTTP 404" in rows[f"{posts_site}/gone"]


@pytest.mark.promise("S2.34")
def test_the_worker_checks_the_links_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    chores: list[Any] = []
    monkeypatch.setattr("sledi.tracking.worker.run", lambda stop, brought: chores.extend(brought))
    monkeypatch.setattr("sledi.cli.worker.stop_on_signals", threading.Event)
    monkeypatch.setattr("sledi.cli.worker.end_with_parent", lambda: None)
    assert command("worker")[0] == 0
    assert link_check.check_due in [chore.act for chore in chores]
