"""A passkey lets in by itself, on the real site under its strict rules for scripts."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from sledi.accounts.models import Person
from sledi.accounts.operations import greet, sign_in_token

AIGERIM = "aigerim@example.kz"


@pytest.fixture
def device(page: Any) -> Iterator[Any]:
    """The window, with a phone's key store that recognises its owner."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda problem: refused.append(str(problem)))
    yield page
    assert refused == []


def come_in_by_link(page: Any, site: str) -> Person:
    person = greet(AIGERIM, "en", datetime.now(UTC))
    assert person
    page.goto(f"{site}/sign-in/{sign_in_token(person, datetime.now(UTC))}/")
    page.click("main button[type=submit]")
    return person


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_passkey_is_added_and_then_lets_in_by_itself(live_site: str, device: Any) -> None:
    greet(AIGERIM, "en", datetime.now(UTC))
    person = Person.objects.get()
    Person.objects.update(is_operator=True)  # the link leads to the operator's desk
    come_in_by_link(device, live_site)
    device.goto(f"{live_site}/account/passkeys/")
    device.fill("#name", "Телефон")
    device.click("form[data-passkey=create] button")
    device.wait_for_url(f"{live_site}/account/recovery-codes/")
    stored = Authenticator.objects.get(type="webauthn")
    assert (stored.user_id, stored.wrap().name, stored.wrap().is_passwordless) == (person.pk, "Телефон", True)

    device.goto(f"{live_site}/account/")
    assert device.is_visible("text=Телефон")
    device.click("form[action='/sign-out/'] button")
    device.goto(f"{live_site}/account/")
    assert device.url.startswith(f"{live_site}/sign-in/")
    device.click("form[data-passkey=ask] button")
    device.wait_for_url(f"{live_site}/account/")
    assert device.is_visible(f"text={AIGERIM}")

    device.click(f"a[href='/account/passkeys/{stored.pk}/removal/']")
    assert device.url.startswith(f"{live_site}/account/confirmation/")  # a later change, a new proof
    device.click("a[href^='/account/confirmation/passkey/']")
    device.wait_for_selector("form[data-passkey=answer]:not([hidden])")
    assert "/account/confirmation/passkey/" in device.url
    device.click("form[data-passkey=answer] button")
    device.wait_for_url(f"{live_site}/account/passkeys/{stored.pk}/removal/")
    device.click("main form button")
    device.wait_for_url(f"{live_site}/account/")
    assert not Authenticator.objects.exists()


@pytest.mark.django_db
class TestWithoutABrowser:
    def test_what_is_no_passkeys_answer_lets_nobody_in(self, client: Client) -> None:
        greet(AIGERIM, "en", datetime.now(UTC))
        options = client.get("/sign-in/passkey/", headers={"accept": "application/json"}).json()
        assert options["request_options"]["publicKey"]["userVerification"] in {"preferred", "required"}
        forged = {
            "id": "AAAA",
            "rawId": "AAAA",
            "type": "public-key",
            "response": {},
            "clientExtensionResults": {},
        }
        for credential in ("", "{}", "[]", "null", "x", json.dumps(forged)):
            answer = client.post("/sign-in/passkey/", {"credential": credential})
            assert (answer.status_code, answer["Location"]) == (302, "/sign-in/")
        assert client.get("/account/").status_code == 302

    def test_an_address_may_try_ten_times_a_minute(self, client: Client) -> None:
        tries = [client.post("/sign-in/passkey/", {"credential": "{}"}) for _ in range(11)]
        assert [each.status_code for each in tries] == [302] * 10 + [429]
        assert "Too many requests" in tries[-1].content.decode()

    def test_nobody_removes_the_passkey_of_another(self, client: Client) -> None:
        greet("boris@example.org", "en", datetime.now(UTC))
        greet(AIGERIM, "en", datetime.now(UTC))
        hers = Authenticator.objects.create(
            user=Person.objects.get(email=AIGERIM), type="webauthn", data={"name": "hers"}
        )
        client.force_login(Person.objects.get(email="boris@example.org"))
        for address in (f"/account/passkeys/{hers.pk}/removal/", "/account/passkeys/999999/removal/"):
            assert client.post(address).status_code == 404
        assert Authenticator.objects.count() == 1
