"""What followers read: whole, in their language, with nothing fetched from outside."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.utils import translation
from django.utils.translation import gettext

from sledi.notifications import letters
from sledi.notifications.models import Follow, Mail
from sledi.tracking.models import Outbox, Trace, TrackList

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LANGUAGES = [code for code, _ in settings.LANGUAGES]
NAMES = ["confirm", "news"]


def a_letter(name: str, language: str, **facts: Any) -> Any:
    track_list = TrackList.objects.create(token_hash=b"h", created_at=NOW)
    follow = Follow.objects.create(
        track_list=track_list,
        email="aigerim@example.org",
        language=language,
        created_at=NOW,
        confirmed_at=NOW,
    )
    news = None
    if name == "news":
        trace = Trace.objects.create(
            number="RB372813271CN", created_at=NOW, **({"place": "Казань & <Co>", "country": "RU"} | facts)
        )
        news = Outbox.objects.create(
            trace=trace, created_at=NOW, status="READY_FOR_PICKUP", previous_status="ARRIVED",
            code="last.ready", previous_code="last.office_in",
        )  # fmt: skip
    mail = Mail.objects.create(follow=follow, news=news, created_at=NOW)
    with translation.override(language):
        return letters.letter(mail, NOW)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_letter_is_wholly_in_the_readers_language(name: str, language: str) -> None:
    message = a_letter(name, language)
    html = message.alternatives[0][0]
    assert f'<html lang="{language}">' in html
    assert message.subject
    assert "\n" not in message.subject
    for text in (message.subject, message.body, html):
        words = re.sub(r"https?://\S+|<[^>]*>|&\w+;|sledi|RB|CN|Co", " ", text)
        assert language == "en" or not re.search("[A-Za-z]{2,}", words), words


def texts_of_templates() -> set[str]:
    found: set[str] = set()
    for name in NAMES:
        for file in (f"{name}.txt", f"{name}.html", f"{name}_subject.txt"):
            source = get_template(f"notifications/{file}").template.source
            found |= set(re.findall(r'{% translate "([^"]+)" %}', source))
    return found


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_every_text_of_a_letter_has_a_translation(language: str) -> None:
    assert len(texts_of_templates()) >= 8
    with translation.override(language):
        missing = [text for text in texts_of_templates() if gettext(text) == text]
    assert missing == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_fetched_and_no_script_is_in_it(name: str) -> None:
    html = a_letter(name, "en").alternatives[0][0]
    assert not re.search(r"<(img|script|link|style|iframe)|src=|url\(", html)


def test_what_carriers_say_is_escaped_in_html_and_plain_in_text() -> None:
    message = a_letter("news", "ru")
    assert "Казань &amp; &lt;Co&gt;" in message.alternatives[0][0]
    assert "Казань & <Co>" in message.body


@pytest.mark.parametrize("facts", [{"place": "", "country": ""}, {"place": ""}, {"country": ""}])
def test_a_place_nobody_knows_leaves_no_trace(facts: dict[str, str]) -> None:
    message = a_letter("news", "en", **facts)
    assert ", ," not in message.body
    assert "\n, " not in message.body
    assert "None" not in message.body + message.alternatives[0][0]


@pytest.mark.parametrize("name", NAMES)
def test_machines_see_what_it_is(name: str, settings: Any) -> None:
    settings.SITE_URL = "https://track.example"
    message = a_letter(name, "en")
    sent = message.message()
    assert sent["Auto-Submitted"] == "auto-generated"
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(
        r"<https://track\.example/follow/\S+/stop/>", message.extra_headers["List-Unsubscribe"]
    )
    assert re.fullmatch(r"<[0-9a-f-]{36}\.20261121120000@track\.example>", sent["Message-ID"])
    assert sent["Date"] == "Sat, 21 Nov 2026 12:00:00 +0000"
    assert sent["References"].endswith("@track.example>")
    assert [part.get_content_type() for part in sent.get_payload()] == ["text/plain", "text/html"]


def test_a_place_with_a_line_break_breaks_no_header() -> None:
    message = a_letter("news", "en", place="Kazan\r\nBcc: everybody@example.org")
    assert "Bcc" not in message.message()
    assert message.to == ["aigerim@example.org"]
