"""Operators sign in by a link that works once and for a quarter of an hour."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections
from django.test import Client

from sledi.accounts.models import Person
from sledi.accounts.operations import LinkInvalid, appoint_operator, person_of, redeem, sign_in_token

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
VESELA = "vesela@example.org"


@pytest.fixture
def vesela(db: None) -> Person:
    return appoint_operator(VESELA, NOW)


@pytest.fixture
def fresh_link() -> str:
    """The address of a link made now: views ask the real clock."""
    person = appoint_operator(VESELA, datetime.now(UTC))
    return f"/sign-in/{sign_in_token(person, datetime.now(UTC))}/"


class TestOperators:
    def test_the_same_address_is_the_same_person_however_it_is_written(self, vesela: Person) -> None:
        assert appoint_operator(" Vesela@Example.ORG ", NOW) == vesela
        assert Person.objects.count() == 1

    def test_a_person_becomes_an_operator(self, db: None) -> None:
        person = Person.objects.create(email="boris@example.org", created_at=NOW)
        assert appoint_operator("boris@example.org", NOW) == person
        person.refresh_from_db()
        assert person.is_operator

    def test_nobody_has_a_password(self, vesela: Person) -> None:
        assert not vesela.has_usable_password()
        assert not vesela.check_password("!")

    @pytest.mark.parametrize("email", ["", "vesela", "a@b@c", "a\n@example.org", "a" * 300 + "@example.org"])
    def test_an_impossible_address_is_refused(self, db: None, email: str) -> None:
        with pytest.raises(ValidationError):
            appoint_operator(email, NOW)
        assert not Person.objects.exists()

    def test_the_database_itself_keeps_addresses_apart(self, vesela: Person) -> None:
        with pytest.raises(IntegrityError):
            Person.objects.create(email=VESELA.upper(), created_at=NOW)


class TestLinks:
    def test_a_link_names_its_person_for_fifteen_minutes(self, vesela: Person) -> None:
        token = sign_in_token(vesela, NOW)
        assert person_of(token, NOW + timedelta(minutes=15)) == vesela
        with pytest.raises(LinkInvalid):
            person_of(token, NOW + timedelta(minutes=15, seconds=1))

    def test_it_works_once(self, vesela: Person) -> None:
        token = sign_in_token(vesela, NOW)
        assert redeem(token, NOW) == vesela
        for act in (redeem, person_of):
            with pytest.raises(LinkInvalid):
                act(token, NOW)

    def test_using_one_ends_all_others(self, vesela: Person) -> None:
        first, second = sign_in_token(vesela, NOW), sign_in_token(vesela, NOW + timedelta(seconds=1))
        redeem(second, NOW)
        with pytest.raises(LinkInvalid):
            redeem(first, NOW)

    @pytest.mark.parametrize("token", ["", "x", "a:b:c", "\0", "é", "eyJwZXJzb24iOiIxIn0:1xUuqo:AAAA"])
    def test_a_forged_one_is_refused(self, db: None, token: str) -> None:
        with pytest.raises(LinkInvalid):
            redeem(token, NOW)

    def test_one_signed_with_another_secret_is_refused(self, vesela: Person, settings: Any) -> None:
        token = sign_in_token(vesela, NOW)
        settings.SECRET_KEY = "another-secret-" * 4
        with pytest.raises(LinkInvalid):
            redeem(token, NOW)

    def test_a_person_who_left_cannot_use_it(self, vesela: Person) -> None:
        token = sign_in_token(vesela, NOW)
        Person.objects.update(is_active=False)
        with pytest.raises(LinkInvalid):
            redeem(token, NOW)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_press_at_the_same_moment_one_is_signed_in() -> None:
    import threading

    token = sign_in_token(appoint_operator(VESELA, NOW), NOW)
    start, outcomes = threading.Barrier(4), []

    def press() -> None:
        start.wait(10)
        try:
            outcomes.append(redeem(token, NOW).email)
        except LinkInvalid:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(outcomes) == ["refused"] * 3 + [VESELA]


@pytest.mark.django_db
class TestPages:
    def test_looking_at_the_link_signs_nobody_in(self, client: Client, fresh_link: str) -> None:
        for _ in range(2):  # mail programs look, too
            shown = client.get(fresh_link)
            assert shown.status_code == 200
            assert VESELA in shown.content.decode()
        assert "sessionid" not in client.cookies
        assert client.get("/operator/carriers/").status_code == 404

    def test_the_button_does_and_leads_to_the_desk(self, client: Client, fresh_link: str) -> None:
        pressed = client.post(fresh_link)
        assert (pressed.status_code, pressed["Location"]) == (302, "/operator/carriers/")
        assert client.get("/operator/carriers/").status_code == 200
        cookie = client.cookies["sessionid"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"

    def test_the_second_time_the_page_says_how_to_get_a_new_one(
        self, client: Client, fresh_link: str
    ) -> None:
        client.post(fresh_link)
        for response in (Client().get(fresh_link), Client().post(fresh_link)):
            assert response.status_code == 410
            assert "sledi operator link" in response.content.decode()
            assert "sessionid" not in response.cookies

    def test_a_form_of_another_site_cannot_press_the_button(self, fresh_link: str) -> None:
        assert Client(enforce_csrf_checks=True).post(fresh_link).status_code == 403
        assert Client().get(fresh_link).status_code == 200

    def test_the_link_is_kept_by_no_cache_and_named_to_no_other_site(
        self, client: Client, fresh_link: str
    ) -> None:
        shown = client.get(fresh_link)
        assert "no-store" in shown["Cache-Control"]
        assert shown["Referrer-Policy"] == "same-origin"
        assert 'name="robots" content="noindex"' in shown.content.decode()

    def test_signing_out_ends_the_session(self, client: Client, fresh_link: str) -> None:
        client.post(fresh_link)
        assert client.post("/sign-out/").status_code == 302
        assert client.get("/operator/carriers/").status_code == 404

    def test_signing_out_takes_a_press(self, client: Client, fresh_link: str) -> None:
        client.post(fresh_link)
        assert client.get("/sign-out/").status_code == 405
        assert client.get("/operator/carriers/").status_code == 200

    def test_an_operator_who_left_is_out_at_once(self, client: Client, fresh_link: str) -> None:
        client.post(fresh_link)
        Person.objects.update(is_active=False)
        assert client.get("/operator/carriers/").status_code == 404

    def test_the_session_is_a_new_one(self, client: Client, fresh_link: str) -> None:
        client.cookies["sessionid"] = "planted-by-somebody-else-0123456"
        client.post(fresh_link)
        assert client.cookies["sessionid"].value != "planted-by-somebody-else-0123456"
