"""The pages as they leave the house: every state in every language, strict, without scripting, live with it."""

import re
from datetime import timedelta

import pytest

from sledi.tracker import articles, views
from sledi.tracker.tests import made
from sledi.tracker.tests.made import NUMBER, TOKEN
from sledi.tracking import operations, queries
from sledi.tracking.allowance import TooMany

LANGUAGES = ("ru", "bg", "kk", "uk", "en")
INLINE = re.compile(r"""\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\ssrc=)|href=["']javascript:""", re.I)
LIST = f"/t/{TOKEN}/"
ROWS = (
    made.row(made.trace("CUSTOMS", "imp.customs_pay", place="Алматы", country="KZ"), askings=[made.asking()]),
    made.row(
        made.trace(event_count=0, number="LX004921336CN"),
        number="LX004921336CN",
        askings=[made.asking(is_waiting=True, answered_at=None)],
    ),
    made.row(
        made.trace(event_count=0, number="RS407119266SG"),
        number="RS407119266SG",
        askings=[made.asking("seventeentrack", "singapore_post", is_configured=False)],
    ),
    made.row(number="RR123456784CN"),
    made.row(
        made.trace("NOT_FOUND", "sys.not_found", event_count=0, number="UA736182905CN"),
        number="UA736182905CN",
        askings=[made.asking(outcome="not_found", problem="Unavailable")],
    ),
    made.row(
        made.trace(event_count=0, number="4103112233445"), number="4103112233445", askings=[made.asking()]
    ),
    made.row(
        made.trace("DELIVERED", "done.signed", number="RB841200935CN", is_final=True), number="RB841200935CN"
    ),
)


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch):
    monkeypatch.setattr(views, "_now", lambda: made.NOW)


@pytest.fixture
def listed(monkeypatch):
    """A list with a row of every kind; whatever is done to it is written down."""
    done = []
    monkeypatch.setattr(queries, "open_page", lambda token, now: made.page(*ROWS, destination=""))
    for name in ("choose_carrier", "insist", "remove_row", "ask_again", "set_destination", "extend_list"):
        monkeypatch.setattr(
            operations, name, lambda *args, _name=name, **more: done.append((_name, *args[1:]))
        )
    return done


@pytest.fixture
def on_its_way(monkeypatch):
    page = made.parcel(*made.way_to_almaty(), askings=[made.asking()])
    monkeypatch.setattr(queries, "parcel_page", lambda token, number, now: page)


def get(client, address, language="ru", **headers):
    return client.get(address, headers={"accept-language": language, **headers})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", [LIST, f"{LIST}?show=mine", f"{LIST}?show=unclear", f"{LIST}{NUMBER}/"])
def test_pages_of_a_list_are_whole_and_strict(client, listed, on_its_way, address, language):
    reply = get(client, address, language)
    assert reply.status_code == 200
    assert not INLINE.search(reply.text)
    assert reply.text.count("<h1") == 1
    assert reply.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert 'name="robots" content="noindex"' in reply.text
    assert "private" in reply.headers["Cache-Control"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_front_page_holds_a_plain_form(client, language):
    page = get(client, "/", language).text
    assert '<form class="stack" action="/t/" method="post">' in page
    assert 'action="/t/" method="post" enctype="multipart/form-data">' in page
    assert 'name="numbers"' in page
    assert not INLINE.search(page)
    assert "noindex" not in page


def test_nobody_elses_address_is_loaded(client, listed, on_its_way):
    for address in ("/", LIST, f"{LIST}{NUMBER}/"):
        loaded = re.findall(r'(?:src|<link[^>]*href)="([^"]+)"', get(client, address).text)
        assert all(one.startswith("/") for one in loaded), loaded


def test_no_page_has_two_amber_boxes(client, listed, on_its_way):
    for address in (LIST, f"{LIST}{NUMBER}/"):
        page = get(client, address).text
        assert len(re.findall(r'class="(?:move|notice)[^"]*" data-tone="action"', page)) <= 1


def test_pasting_leads_to_the_list(client, monkeypatch):
    opened = operations.OpenedList(TOKEN, (NUMBER,), 0)
    monkeypatch.setattr(operations, "open_list", lambda text, **more: opened)
    reply = client.post("/t/", {"numbers": " rr 123 456 785 cn\n"})
    assert (reply.status_code, reply.headers["Location"]) == (302, LIST)


@pytest.mark.parametrize(
    ("address", "page"),
    [("/t/?lang=bg", "/"), (f"{LIST}numbers/?lang=bg", LIST), ("/help/comments/?lang=bg", "/help/")],
)
def test_another_language_for_a_refused_form_leads_to_its_page(client, address, page):
    reply = (
        client.get(address, follow=True)
        if page == "/"
        else client.get(client.get(address).headers["Location"])
    )
    assert (reply.redirect_chain[-1][0] if page == "/" else reply.headers["Location"]) == page


@pytest.mark.django_db
def test_a_text_without_numbers_stays_in_the_box(client):
    reply = client.post("/t/", {"numbers": '<script>alert("x")</script>'}, headers={"accept-language": "ru"})
    assert reply.status_code == 422
    assert "Ошибка:" in reply.text
    assert "&lt;script&gt;" in reply.text
    assert "<script>alert" not in reply.text


def test_too_many_numbers_get_a_time_to_come_back(client, monkeypatch):
    def refuse(text, **more):
        raise TooMany(0, made.NOW + timedelta(minutes=20))

    monkeypatch.setattr(operations, "open_list", refuse)
    reply = client.post("/t/", {"numbers": NUMBER})
    assert (reply.status_code, reply.headers["Retry-After"]) == (429, "1200")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Распознано 0 номеров"),
        (NUMBER, "Распознан 1 номер"),
        (f"заказ 55021: {NUMBER}, {NUMBER}", "Распознан 1 номер. Повторы и остальной текст отброшены."),
    ],
)
def test_numbers_are_counted_while_typing(client, text, said):
    reply = client.post("/t/count/", {"numbers": text}, headers={"accept-language": "ru"})
    assert reply.text == said


def test_an_unknown_list_and_a_hidden_number_are_the_same_nothing(client, monkeypatch):
    def nothing(*args):
        raise operations.NotInList

    monkeypatch.setattr(queries, "open_page", nothing)
    monkeypatch.setattr(queries, "parcel_page", nothing)
    texts = {
        re.sub(
            r'value="[^"]{64}"|name="next" value="[^"]*"|href="[^"]*\?lang=\w+"|: [0-9a-f]{16}\.',
            "",
            reply.text,
        )
        for reply in (get(client, "/t/nothing/"), get(client, f"/t/nothing/{NUMBER}/"))
    }
    assert len(texts) == 1


def test_the_destination_is_asked_for_only_while_a_parcel_lacks_one(client, monkeypatch):
    def page_of(*rows):
        monkeypatch.setattr(queries, "open_page", lambda token, now: made.page(*rows, destination=""))
        return get(client, LIST).text

    assert f'action="{LIST}destination/"' not in page_of(made.row(made.trace()))
    assert f'action="{LIST}destination/"' in page_of(
        made.row(made.trace()), made.row(made.trace(destination=""))
    )
    courier = made.row(made.trace(destination="", number="JT5343908375834"), number="JT5343908375834")
    assert f'action="{LIST}destination/"' not in page_of(courier)


def test_the_link_to_the_list_is_a_link_and_can_be_copied(client, listed):
    assert f'<a class="chip" href="{LIST}" data-copied="Скопировано">' in get(client, LIST).text


def test_a_page_that_is_open_gets_only_its_living_part(client, listed):
    part = get(client, LIST, **{"HX-Request": "true"})
    assert part.text.startswith('<div id="living"')
    assert "<html" not in part.text
    assert "HX-Request" in part.headers["Vary"]


def test_nothing_is_sent_when_nothing_changed(client, listed, on_its_way):
    for address in (LIST, f"{LIST}{NUMBER}/"):
        first = get(client, address, **{"HX-Request": "true"})
        again = get(client, address, **{"HX-Request": "true", "If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_the_living_part_carries_no_token_of_its_own(client, listed):
    """Else it would differ every time, and every open page would be sent again and again."""
    assert "csrfmiddlewaretoken" not in get(client, LIST, **{"HX-Request": "true"}).text


def test_without_scripting_a_waiting_page_loads_itself_again(client, listed, monkeypatch):
    assert '<noscript><meta http-equiv="refresh"' in get(client, LIST).text
    monkeypatch.setattr(queries, "open_page", lambda token, now: made.page(ROWS[0]))
    assert "http-equiv" not in get(client, LIST).text


@pytest.mark.parametrize(
    ("act", "sent", "done"),
    [
        (f"{NUMBER}/carrier/", {"carrier": "russian_post"}, ("choose_carrier", NUMBER, "russian_post")),
        (f"{NUMBER}/carrier/", {"carrier": ""}, ("choose_carrier", NUMBER, "")),
        (f"{NUMBER}/following/", {}, ("insist", NUMBER)),
        (f"{NUMBER}/removal/", {}, ("remove_row", NUMBER)),
        (f"{NUMBER}/asking/", {}, ("ask_again", NUMBER)),
        ("destination/", {"country": "KZ"}, ("set_destination", "KZ")),
        ("numbers/", {"numbers": NUMBER}, ("extend_list", NUMBER)),
    ],
)
def test_every_act_is_a_form_that_leads_back(client, listed, act, sent, done):
    reply = client.post(f"{LIST}{act}", sent)
    assert listed == [done]
    assert (reply.status_code, reply.headers["Location"]) == (302, LIST)
    assert client.get(f"{LIST}{act}").status_code == (302 if act == "numbers/" else 405)


@pytest.mark.parametrize(
    ("act", "sent"), [(f"{NUMBER}/carrier/", {"carrier": "nobody"}), ("destination/", {"country": "XX"})]
)
def test_an_answer_nobody_offered_is_refused_and_changes_nothing(client, listed, act, sent):
    assert client.post(f"{LIST}{act}", sent).status_code == 400
    assert listed == []


def test_an_act_never_leads_away_from_the_list(client, listed):
    reply = client.post(f"{LIST}{NUMBER}/asking/", {"next": "https://elsewhere.example/"})
    assert reply.headers["Location"] == LIST
    reply = client.post(f"{LIST}{NUMBER}/asking/", {"next": f"{LIST}{NUMBER}/"})
    assert reply.headers["Location"] == f"{LIST}{NUMBER}/"


def test_the_parcel_page_answers_when_where_and_whose_turn(client, on_its_way):
    page = get(client, f"{LIST}{NUMBER}/").text
    for said in (
        "На таможне",
        "Алматы, Казахстан",
        "Оплатите таможенный платёж",
        "Граница и таможня",
        "9 дней без отметок",
        'lang="zh-Hans"',
        "Карта пути",
        "Откуда мы это знаем",
    ):
        assert said in page, said
    assert 'cx="6.5"' in page


def test_originals_open_all_at_once_without_scripting(client, on_its_way):
    assert '<details class="orig" open>' not in get(client, f"{LIST}{NUMBER}/").text
    page = get(client, f"{LIST}{NUMBER}/?originals=1").text
    assert page.count('<details class="orig" open>') >= 3


def test_articles_may_be_found(client, monkeypatch):
    monkeypatch.setattr(articles.queries, "comments", lambda article, language: [])
    monkeypatch.setattr(articles.queries, "official_links", dict)
    for address in ("/help/", "/help/posts/", "/privacy/"):
        reply = get(client, address)
        assert reply.status_code == 200
        assert "X-Robots-Tag" not in reply.headers
        assert not INLINE.search(reply.text)
