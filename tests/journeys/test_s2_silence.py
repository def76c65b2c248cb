"""Silence between the posts: called usual while it is, and an alarm only when it is not."""

import re

import pytest
from django.test import Client

from tests.journeys.markup import read, row_of, section, text, with_class
from tests.journeys.world import Stories, command

pytestmark = pytest.mark.django_db

SILENT_NINE_DAYS = "RB298431881CN"
SILENT_44_DAYS = "RB431817736CN"
ALARMING = {"action", "problem"}


@pytest.mark.promise("S2.23")
def test_nine_days_between_the_posts_are_called_usual_with_the_usual_length(
    client: Client, stories: Stories
) -> None:
    (silence,) = with_class(section(read(client, stories.page(SILENT_NINE_DAYS)), "way"), "silence")
    said = text(silence)
    assert "Между почтами" in said
    assert re.search(r"\b9 дней|\b9-й день", said)
    assert "так и бывает" in said
    assert "На пути Китай → Россия этот участок обычно занимает 7–20 дней" in said


@pytest.mark.promise("S2.23")
def test_a_usual_silence_alarms_nobody(client: Client, stories: Stories) -> None:
    page = read(client, stories.page(SILENT_NINE_DAYS))
    assert {element.get("data-tone") for element in page.iter()} & ALARMING == set()
    row = row_of(read(client, stories.list_page(SILENT_NINE_DAYS)), SILENT_NINE_DAYS)
    assert {element.get("data-tone") for element in row.iter()} & ALARMING == set()
    assert text(row).endswith("На пути Китай → Россия обычно 7–20 дней, можно спокойно ждать.")


@pytest.mark.promise("S2.23")
def test_a_silence_beyond_the_usual_is_an_alarm_with_advice(client: Client, stories: Stories) -> None:
    page = read(client, stories.page(SILENT_44_DAYS))
    (silence,) = with_class(section(page, "way"), "silence")
    assert "44 дня" in text(silence)
    assert "обычно занимает 7–20 дней" in text(silence)
    assert "так и бывает" not in text(silence)
    assert silence.get("data-tone") in ALARMING
    move = section(page, "move")
    assert text(move.find("h2")) != "От вас ничего не нужно"
    row = row_of(read(client, stories.list_page(SILENT_44_DAYS)), SILENT_44_DAYS)
    assert {element.get("data-tone") for element in row.iter()} & ALARMING


@pytest.mark.promise("S2.23")
def test_the_api_and_the_command_say_the_same_of_a_silence(client: Client, stories: Stories) -> None:
    silences = {
        number: client.get(stories.api(number)).json()["silence"]
        for number in (SILENT_NINE_DAYS, SILENT_44_DAYS)
    }
    assert {
        number: (silence["days"], silence["stretch"], silence["usual_days"], silence["level"])
        for number, silence in silences.items()
    } == {
        SILENT_NINE_DAYS: (9, "crossing", [7, 20], "normal"),
        SILENT_44_DAYS: (44, "crossing", [7, 20], "long"),
    }
    assert "9 days without a scan (usual here: 7-20)" in command("track", SILENT_NINE_DAYS)[1]
