"""Everybody signs in by a code that goes to the e-mail address; there are no passwords."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse

from sledi.accounts.models import Person
from sledi.accounts.operations import appoint_operator, greet
from sledi.accounts.tests.doors import (
    app_code,
    ask_for_code,
    come_in,
    turn_on_app_codes,
    without_tokens,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
AIGERIM = "aigerim@example.kz"

pytestmark = pytest.mark.django_db


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_a_new_buyer_comes_in_by_a_code_and_edits_the_profile(client: Client) -> None:
    answer = come_in(client, AIGERIM)
    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    saved = client.post("/account/", {"name": "Айгерім", "language": "kk"})
    assert (saved.status_code, saved["Location"]) == (302, "/account/")
    assert saved.cookies["django_language"].value == "kk"
    aigerim = Person.objects.get(email=AIGERIM)
    assert (aigerim.name, aigerim.language, aigerim.has_usable_password()) == ("Айгерім", "kk", False)
    assert 'lang="kk"' in client.get("/account/").content.decode()


def test_the_page_speaks_the_persons_language_from_then_on(client: Client) -> None:
    greet(AIGERIM, "kk", datetime.now(UTC))
    assert come_in(client, AIGERIM).cookies["django_language"].value == "kk"


def test_a_language_the_site_does_not_speak_is_refused(client: Client) -> None:
    come_in(client, AIGERIM)
    assert client.post("/account/", {"name": "A", "language": "tlh"}).status_code == 422
    assert Person.objects.get().language == "en"


def test_the_letter_says_the_code_and_goes_to_nobody_else(client: Client) -> None:
    code = ask_for_code(client, AIGERIM)
    (letter,) = mail.outbox
    assert letter.subject == f"{code} is your code for sledi"
    assert letter.to == [AIGERIM]
    assert (letter.cc, letter.bcc, letter.attachments) == ([], [], [])


def test_the_letter_is_in_the_language_of_the_page() -> None:
    client = Client(headers={"accept-language": "ru"})
    ask_for_code(client, AIGERIM)
    assert mail.outbox[0].subject.endswith("ваш код для входа на sledi")


def test_an_address_is_one_person_however_it_is_written(client: Client) -> None:
    come_in(client, "Aigerim@Example.KZ")
    assert [person.email for person in Person.objects.all()] == [AIGERIM]


class TestWhatIsRefused:
    def test_a_wrong_code_does_not_let_in(self, client: Client) -> None:
        code = ask_for_code(client, AIGERIM)
        wrong = "1111-1111" if code != "1111-1111" else "2222-2222"
        answer = client.post("/sign-in/code/", {"code": wrong})
        assert answer.status_code == 200
        assert "This code is not the right one." in answer.content.decode()
        assert not is_in(client)
        assert client.post("/sign-in/code/", {"code": code}).status_code == 302
        assert is_in(client)

    def test_the_third_wrong_code_ends_the_right_one(self, client: Client) -> None:
        code = ask_for_code(client, AIGERIM)
        for _ in range(3):
            last = client.post("/sign-in/code/", {"code": "0"})
        assert (last.status_code, last["Location"]) == (302, "/sign-in/")
        assert "Too many tries." in client.get("/sign-in/").content.decode()
        assert client.post("/sign-in/code/", {"code": code})["Location"] == "/sign-in/"
        assert not is_in(client)

    def test_a_code_works_for_ten_minutes(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        code = ask_for_code(client, AIGERIM)
        later = datetime.now(UTC).timestamp() + 10 * 60 + 1
        monkeypatch.setattr("allauth.account.internal.flows.code_verification.time.time", lambda: later)
        answer = client.post("/sign-in/code/", {"code": code})
        assert (answer.status_code, answer["Location"]) == (302, "/sign-in/")
        assert not is_in(client)

    def test_a_code_works_once_and_only_where_it_was_asked_for(self, client: Client) -> None:
        code = ask_for_code(client, AIGERIM)
        elsewhere = Client()
        assert elsewhere.post("/sign-in/code/", {"code": code})["Location"] == "/sign-in/"
        assert not is_in(elsewhere)
        client.post("/sign-in/code/", {"code": code})
        client.post("/sign-out/")
        assert client.post("/sign-in/code/", {"code": code})["Location"] == "/sign-in/"
        assert not is_in(client)

    def test_a_new_code_ends_the_one_before(self, client: Client) -> None:
        first = ask_for_code(client, AIGERIM)
        client.post("/sign-out/")
        second = ask_for_code(client, AIGERIM)
        assert first != second
        assert client.post("/sign-in/code/", {"code": first}).status_code == 200
        assert not is_in(client)

    def test_no_more_than_three_codes_a_minute_go_to_one_address(self, client: Client) -> None:
        for _ in range(3):
            Client().post("/sign-in/", {"email": AIGERIM})
        refused = Client().post("/sign-in/", {"email": AIGERIM})
        assert refused.status_code == 200
        assert "Too many tries." in refused.content.decode()
        assert len(mail.outbox) == 3
        assert Client().post("/sign-in/", {"email": "boris@example.org"}).status_code == 302

    def test_clients_without_an_address_come_in_and_are_counted_together(self) -> None:
        client = Client(REMOTE_ADDR="")
        assert come_in(client, AIGERIM)["Location"] == "/account/"

    def test_no_more_than_twenty_codes_a_minute_are_asked_for_from_one_address(self) -> None:
        asked = [Client().post("/sign-in/", {"email": f"buyer{n}@example.kz"}) for n in range(21)]
        assert [each.status_code for each in asked] == [302] * 20 + [200]
        assert (len(mail.outbox), Person.objects.count()) == (20, 20)

    def test_the_count_of_tries_is_the_same_in_every_process(self) -> None:
        cache.set("one", "for all")
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM accounts_cache")
            assert cursor.fetchone() == (1,)

    @pytest.mark.parametrize("email", ["", "aigerim", "a@b@c", "a" * 250 + "@example.kz"])
    def test_an_impossible_address_is_refused_and_nobody_made(self, client: Client, email: str) -> None:
        answer = client.post("/sign-in/", {"email": email})
        assert answer.status_code == 200
        assert 'aria-invalid="true"' in answer.content.decode()
        assert "This is not an e-mail address." in answer.content.decode()
        assert (mail.outbox, list(Person.objects.all())) == ([], [])

    def test_a_form_of_another_site_is_refused(self) -> None:
        assert Client(enforce_csrf_checks=True).post("/sign-in/", {"email": AIGERIM}).status_code == 403
        assert mail.outbox == []

    def test_a_link_out_of_the_site_is_not_followed_after_signing_in(self, client: Client) -> None:
        code = ask_for_code(client, AIGERIM)
        answer = client.post("/sign-in/code/", {"code": code, "next": "https://evil.example/"})
        assert answer["Location"] == "/account/"

    def test_one_signs_out_to_a_page_of_ours_only(self, client: Client) -> None:
        assert client.post("/sign-out/", {"next": "https://evil.example/"})["Location"] == "/"
        assert client.post("/sign-out/", {"next": "/sign-in/"})["Location"] == "/sign-in/"

    @pytest.mark.parametrize(
        "name", ["account_signup", "account_reset_password", "account_change_password", "account_email"]
    )
    def test_pages_with_passwords_do_not_exist(self, name: str) -> None:
        with pytest.raises(NoReverseMatch):
            reverse(name)


class TestNobodyLearnsWhoIsKnown:
    def answers(self, email: str) -> list[Any]:
        client = Client()
        asked = client.post("/sign-in/", {"email": email})
        shown = client.get("/sign-in/code/").content.decode().replace(email, "E-MAIL")
        wrong = client.post("/sign-in/code/", {"code": "0"}).content.decode().replace(email, "E-MAIL")
        return [asked.status_code, asked["Location"], *(without_tokens(text) for text in (shown, wrong))]

    def test_known_unknown_and_gone_get_the_same_pages(self) -> None:
        greet("known@example.org", "en", datetime.now(UTC))
        greet("gone@example.org", "en", datetime.now(UTC))
        Person.objects.filter(email="gone@example.org").update(is_active=False)
        known, unknown, gone = (self.answers(f"{who}@example.org") for who in ("known", "new", "gone"))
        assert known == unknown == gone

    def test_who_left_gets_no_letter_and_no_code_fits(self, client: Client) -> None:
        greet(AIGERIM, "en", datetime.now(UTC))
        Person.objects.update(is_active=False)
        assert client.post("/sign-in/", {"email": AIGERIM}).status_code == 302
        assert mail.outbox == []
        assert client.post("/sign-in/code/", {"code": ""}).status_code == 200
        assert not is_in(client)

    def test_who_never_confirmed_is_forgotten_after_a_day(self) -> None:
        typed_by_somebody = greet("somebody@example.org", "en", NOW)
        came_in = greet(AIGERIM, "en", NOW)
        assert typed_by_somebody
        assert came_in
        Person.objects.filter(pk=came_in.pk).update(last_login=NOW)
        greet("oksana@example.ua", "uk", NOW)
        appoint_operator("oksana@example.ua", NOW)
        greet("boris@example.org", "en", NOW + timedelta(hours=24))
        assert Person.objects.count() == 4
        greet("boris@example.org", "en", NOW + timedelta(hours=24, seconds=1))
        left = set(Person.objects.values_list("email", flat=True))
        assert left == {AIGERIM, "oksana@example.ua", "boris@example.org"}


class TestCodesFromAnApp:
    def test_they_are_asked_for_after_the_mail(self, client: Client) -> None:
        come_in(client, AIGERIM)
        key = turn_on_app_codes(client)
        client.post("/sign-out/")
        half = come_in(client, AIGERIM)
        assert half["Location"] == "/sign-in/second-factor/"
        assert not is_in(client)
        wrong = client.post("/sign-in/second-factor/", {"code": "000000"})
        assert "This code is not the right one." in wrong.content.decode()
        assert not is_in(client)
        right = client.post("/sign-in/second-factor/", {"code": app_code(key)})
        assert (right.status_code, right["Location"]) == (302, "/account/")
        assert is_in(client)

    def test_a_code_of_the_app_works_once(self, client: Client) -> None:
        come_in(client, AIGERIM)
        key = turn_on_app_codes(client)
        code = app_code(key, ahead=1)
        for outcome in (302, 200):
            client.post("/sign-out/")
            come_in(client, AIGERIM)
            assert client.post("/sign-in/second-factor/", {"code": code}).status_code == outcome

    def test_after_five_wrong_ones_even_the_right_one_waits(self, client: Client) -> None:
        come_in(client, AIGERIM)
        key = turn_on_app_codes(client)
        client.post("/sign-out/")
        come_in(client, AIGERIM)
        for _ in range(5):
            client.post("/sign-in/second-factor/", {"code": "000000"})
        refused = client.post("/sign-in/second-factor/", {"code": app_code(key)})
        assert "Too many tries." in refused.content.decode()
        assert not is_in(client)

    def test_a_recovery_code_works_instead_once(self, client: Client) -> None:
        come_in(client, AIGERIM)
        turn_on_app_codes(client)
        shown = client.get("/account/recovery-codes/").content.decode()
        codes = re.findall(r"<li><code>([^<]+)</code></li>", shown)
        assert len(set(codes)) == 10
        for outcome in (302, 200):
            client.post("/sign-out/")
            come_in(client, AIGERIM)
            assert client.post("/sign-in/second-factor/", {"code": codes[0]}).status_code == outcome

    def test_new_recovery_codes_end_the_old_ones(self, client: Client) -> None:
        come_in(client, AIGERIM)
        turn_on_app_codes(client)
        old = client.get("/account/recovery-codes/").content
        assert client.get("/account/recovery-codes/new/").status_code == 200
        assert client.post("/account/recovery-codes/new/").status_code == 302
        assert client.get("/account/recovery-codes/").content != old

    def test_the_key_is_not_in_the_database_in_the_clear(self, client: Client) -> None:
        from allauth.mfa.models import Authenticator

        come_in(client, AIGERIM)
        key = turn_on_app_codes(client)
        stored = [str(each.data) for each in Authenticator.objects.all()]
        assert len(stored) == 2
        assert not any(key in text for text in stored)

    def test_a_buyer_may_turn_them_off(self, client: Client) -> None:
        come_in(client, AIGERIM)
        turn_on_app_codes(client)
        assert client.get("/account/app-codes/removal/").status_code == 200
        assert client.post("/account/app-codes/removal/").status_code == 302
        client.post("/sign-out/")
        assert come_in(client, AIGERIM)["Location"] == "/account/"

    def test_changing_them_later_takes_a_new_proof(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        come_in(client, AIGERIM)
        key = turn_on_app_codes(client)
        later = datetime.now(UTC).timestamp() + 301
        monkeypatch.setattr("allauth.account.internal.flows.reauthentication.time.time", lambda: later)
        asked = client.post("/account/app-codes/removal/")
        assert (asked.status_code, asked["Location"].partition("?")[0]) == (302, "/account/confirmation/")
        monkeypatch.undo()
        assert client.get(asked["Location"]).status_code == 200
        wrong = client.post("/account/confirmation/", {"code": "000000"})
        assert "This code is not the right one." in wrong.content.decode()
        assert client.post("/account/confirmation/", {"code": app_code(key)})["Location"] == "/account/"


@pytest.mark.django_db(transaction=True)
def test_a_letter_tells_that_the_ways_in_changed(client: Client) -> None:
    client.cookies["django_language"] = "ru"
    come_in(client, AIGERIM)
    mail.outbox.clear()
    turn_on_app_codes(client)
    assert {letter.to[0] for letter in mail.outbox} == {AIGERIM}
    assert [letter.subject for letter in mail.outbox] == ["Вход на sledi изменён"] * len(mail.outbox)


@pytest.mark.parametrize("address", ["/account/", "/account/app-codes/", "/account/passkeys/"])
def test_a_persons_pages_are_for_who_is_in(client: Client, address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/sign-in/")


def test_no_page_of_signing_in_has_a_script_or_style_of_its_own(client: Client) -> None:
    pages = [client.get("/sign-in/")]
    ask_for_code(client, AIGERIM)
    pages.append(client.get("/sign-in/code/"))
    client.post("/sign-out/")
    come_in(client, AIGERIM)
    pages += [client.get(f"/account/{part}") for part in ("", "app-codes/", "passkeys/")]
    for page in pages:
        text = page.content.decode()
        assert page.status_code == 200
        assert "unsafe-inline" not in page["Content-Security-Policy"]
        assert not re.search(r'<style|\sstyle="|\son\w+="', text)
        inline = re.findall(r"<script(?![^>]*(?:src=|type=\"application/json\"))[^>]*>", text)
        assert inline == []
        assert not re.search(r'(?:src|href|action)="https?://', text)
