"""Whoever changes where a seller is paid, the seller hears of it at once, at the address known before."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMessage

from sledi.accounts.models import Person
from sledi.core.iban import WrongIban
from sledi.notifications import changes, silencing
from sledi.notifications.models import Letter
from sledi.orders.models import Outbox
from sledi.orders.money import where_paid
from sledi.orders.refusals import NotYours
from sledi.orders.tests.money import IBAN
from sledi.orders.tests.stage import Stage
from sledi.orders.tests.stage import stage as stage

OTHER = "BG18RZBB91550123456789"
SELLER = "seller-marketplace@example.com"
LANGUAGES = [code for code, _ in settings.LANGUAGES]

pytestmark = pytest.mark.parametrize("stage", ["marketplace"], indirect=True)


def save(stage: Stage, number: str) -> None:
    where_paid.save(stage.access("seller"), number, at=stage.now, cause="web")


def told(stage: Stage) -> list[EmailMessage]:
    """What goes out in the very next round of the worker."""
    mail.outbox.clear()
    changes.fan_out(stage.now)
    changes.send_due(stage.now)
    return list(mail.outbox)


def changed(stage: Stage) -> None:
    save(stage, IBAN)
    told(stage)
    stage.later(days=1)
    save(stage, OTHER)


def test_a_change_is_told_at_once_with_the_last_four_signs_alone_and_what_to_do(stage: Stage) -> None:
    changed(stage)
    (letter,) = told(stage)
    assert letter.to == [SELLER]
    assert letter.subject == "The bank account for your payouts: a change"
    body = letter.body.replace("\N{NO-BREAK SPACE}", " ")
    assert "was changed on 29 September. The new one ends in 6789." in body
    assert "Nothing is paid to it before 2 October." in body
    assert "If it was not you: give your own account again" in body
    assert "http://localhost:8000/marketplace/payouts/account/" in body
    for text in (letter.body, str(letter.alternatives[0][0])):
        for number in (IBAN, OTHER):
            assert not re.search(number[4:8], text)
            assert number[-5:] not in text
    assert told(stage) == []


def test_it_goes_to_the_address_that_was_known_before(stage: Stage) -> None:
    changed(stage)
    Person.objects.filter(pk=stage.person("seller").pk).update(email="thief@example.org")
    assert [letter.to for letter in told(stage)] == [[SELLER]]
    assert not Outbox.objects.exclude(email="").exists()


def test_the_first_account_is_told_as_given_and_waits_for_nothing(stage: Stage) -> None:
    save(stage, IBAN)
    (letter,) = told(stage)
    assert "was given on" in letter.body
    assert "It ends in 5678." in letter.body
    assert "Nothing is paid" not in letter.body


@pytest.mark.parametrize("wrong", ["BG81BNBG96611020345678", "", "x" * 5000])
def test_nobody_hears_of_a_number_that_was_refused(stage: Stage, wrong: str) -> None:
    with pytest.raises(WrongIban):
        save(stage, wrong)
    assert told(stage) == []


def test_the_same_number_again_is_no_change(stage: Stage) -> None:
    save(stage, IBAN)
    told(stage)
    stage.later(hours=1)
    save(stage, IBAN)
    assert told(stage) == []


@pytest.mark.parametrize("role", ["platform", "buyer", "support"])
def test_nobody_but_the_seller_gives_an_account(stage: Stage, role: str) -> None:
    with pytest.raises(NotYours):
        where_paid.save(stage.access(role), IBAN, at=stage.now, cause="web")
    assert Outbox.objects.count() == 0


def test_who_wants_no_mails_is_warned_all_the_same_and_gets_no_link_that_stops_it(stage: Stage) -> None:
    silencing.stop(silencing.stop_token(stage.business.pk, SELLER), stage.now)
    changed(stage)
    (letter,) = told(stage)
    assert "List-Unsubscribe" not in letter.extra_headers


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_wholly_in_its_readers_language(stage: Stage, language: str) -> None:
    Person.objects.filter(pk=stage.person("seller").pk).update(language=language)
    changed(stage)
    (letter,) = told(stage)
    html = str(letter.alternatives[0][0])
    assert f'<html lang="{language}">' in html
    for text in (letter.subject, letter.body, html):
        words = re.sub(r"https?://\S+|<[^>]*>|&\w+;|Marketplace", " ", text)
        assert language == "en" or not re.search("[A-Za-z]{2,}", words), words


def test_a_mail_server_that_is_away_gets_it_later(stage: Stage, monkeypatch: Any) -> None:
    def failing(*_: Any) -> None:
        raise ConnectionRefusedError("no mail server")

    save(stage, IBAN)
    with monkeypatch.context() as patched:
        patched.setattr(changes.account_letters, "send", failing)
        assert told(stage) == []
    stage.later(minutes=1)
    assert changes.send_due(stage.now) == 1
    assert Letter.objects.get().sent_at == stage.now
