"""Who may be in a business, as what; and that everybody else learns nothing, not even that there is one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.test import Client, RequestFactory
from django.urls import include, path
from ninja import NinjaAPI

from sledi.accounts import access, keys
from sledi.accounts.access import Access, SecondFactorNeeded, members_only
from sledi.accounts.authentication import MEMBERS
from sledi.accounts.models import ApiKey, Business, Membership, Person
from sledi.accounts.operations import create_key, dismiss, invite, open_business, revoke_key
from sledi.accounts.scopes import LEDGER_READ, ORDERS_READ, ORDERS_WRITE, SCOPES
from sledi.accounts.tests.doors import app_code, come_in, turn_on_app_codes, without_tokens
from sledi.api import problems
from sledi.api.problems import Problem
from sledi.api.router import Router
from sledi.history import Actor
from sledi.history.models import Record

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
AIGERIM, BORIS = "aigerim@example.kz", "boris@example.org"
SHELL = Actor("system", name="shell")

# --- a small business app, as orders will be ------------------------------------------------------------------

api = NinjaAPI(urls_namespace="tests-of-access", docs_url=None, openapi_url=None)
problems.attach(api)
router = Router(auth=list(MEMBERS))


@router.get("/{business}/orders")
def read_orders(request: HttpRequest, business: str) -> dict[str, str]:
    request.auth.require(ORDERS_READ)  # type: ignore[attr-defined]
    return told(request.auth)  # type: ignore[attr-defined]


@router.post("/{business}/orders")
def write_orders(request: HttpRequest, business: str) -> dict[str, str]:
    request.auth.require(ORDERS_WRITE)  # type: ignore[attr-defined]
    return told(request.auth)  # type: ignore[attr-defined]


api.add_router("", router)


@members_only
def desk(request: HttpRequest, access: Access) -> HttpResponse:
    return JsonResponse(told(access))


def front(request: HttpRequest, business: str) -> HttpResponse:
    return JsonResponse(told(access.of_request(request, business)))


def told(who: Access) -> dict[str, str]:
    return {"business": who.business.slug, "kind": who.actor.kind, "role": who.role}


urlpatterns = [
    path("tests/api/", api.urls),
    path("tests/<slug:business>/desk/", desk),
    path("tests/<slug:business>/", front),
    path("", include("sledi.project.urls")),
]
handler404 = "sledi.web.errors.not_found"

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


# --- people ---------------------------------------------------------------------------------------------------


def make_business(slug: str = "forwarder", **facts: Any) -> Business:
    return open_business(
        NOW,
        by=SHELL,
        cause="cli",
        **{
            "slug": slug,
            "name": "Жолай",
            "profile": "forwarder",
            "country": "KZ",
            "currency": "KZT",
            "language": "kk",
            **facts,
        },
    )


@pytest.fixture
def forwarder(db: None) -> Business:
    return make_business()


def join(business: Business, email: str, *roles: str) -> Person:
    for role in roles:
        member = invite(business, email, role, NOW, by=SHELL, cause="cli")
    return member.person


def key_for(business: Business, *scopes: str, **more: Any) -> str:
    named = {"role": "operator", "at": NOW, "by": SHELL, "cause": "cli", **more}
    return create_key(business, "scanner", scopes=scopes or (ORDERS_READ,), **named)[1]


def bearer(text: str) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"}


def ask(person: Person | None, query: str = "", session: Any = None) -> HttpRequest:
    request = RequestFactory().get("/" + query)
    request.user = person or AnonymousUser()
    request.session = session if session is not None else SessionStore()
    return request


def same(answer: Any) -> tuple[Any, ...]:
    """Of an answer, what everybody sees: not the address that was asked nor the id of the request."""
    if answer["Content-Type"] == "application/problem+json":
        told = answer.json()
        return answer.status_code, told["type"], told["title"], told["status"], sorted(told)
    return answer.status_code, without_tokens(answer.content.decode()).replace(
        answer.request["PATH_INFO"], ""
    )


class TestSessions:
    def test_a_member_acts_in_his_role(self, forwarder: Business) -> None:
        aigerim = join(forwarder, AIGERIM, "buyer")
        aigerim.name = "Айгерім"
        found = access.of_request(ask(aigerim), "forwarder")
        assert found == Access(
            forwarder, Actor("person", str(aigerim.pk), "Айгерім", "buyer"), "buyer", aigerim.pk, SCOPES
        )
        assert found.is_member

    def test_it_takes_one_query(self, forwarder: Business, django_assert_num_queries: Any) -> None:
        aigerim = join(forwarder, AIGERIM, "buyer", "reseller", "end_buyer")
        for number in range(20):
            other = make_business(f"other-{number}")
            join(other, AIGERIM, "buyer")
            join(forwarder, f"buyer{number}@example.kz", "buyer")
        for who in (aigerim, None):
            with django_assert_num_queries(1):
                access.of_request(ask(who), "forwarder")

    def test_who_is_nothing_there_is_a_visitor(self, forwarder: Business) -> None:
        boris = join(make_business("other"), BORIS, "buyer")
        for who in (boris, None):
            found = access.of_request(ask(who), "forwarder")
            assert (found.role, found.is_member, found.can(ORDERS_READ)) == ("visitor", False, False)
            with pytest.raises(Http404):
                access.member_of_request(ask(who), "forwarder")

    def test_of_several_roles_the_first_acts_until_another_is_chosen(self, forwarder: Business) -> None:
        aigerim, session = join(forwarder, AIGERIM, "buyer", "reseller"), SessionStore()
        roles = [
            access.of_request(ask(aigerim, query, session), "forwarder").role
            for query in ("", "?role=buyer", "", "?role=reseller", "")
        ]
        assert roles == ["reseller", "buyer", "buyer", "reseller", "reseller"]

    def test_a_role_one_has_not_is_not_there(self, forwarder: Business) -> None:
        aigerim = join(forwarder, AIGERIM, "buyer")
        for role in ("owner", "visitor", "x", "carrier"):
            with pytest.raises(Http404):
                access.of_request(ask(aigerim, f"?role={role}"), "forwarder")

    def test_a_remembered_role_that_was_taken_away_no_longer_acts(self, forwarder: Business) -> None:
        aigerim, session = join(forwarder, AIGERIM, "buyer", "reseller"), SessionStore()
        access.of_request(ask(aigerim, "?role=reseller", session), "forwarder")
        dismiss(Membership.objects.get(role="reseller"), NOW, by=SHELL, cause="cli")
        assert access.of_request(ask(aigerim, "", session), "forwarder").role == "buyer"

    def test_a_role_in_one_business_is_none_in_another(self, forwarder: Business) -> None:
        aigerim, session = join(forwarder, AIGERIM, "reseller"), SessionStore()
        join(make_business("other"), AIGERIM, "buyer")
        access.of_request(ask(aigerim, "?role=reseller", session), "forwarder")
        assert access.of_request(ask(aigerim, "", session), "other").role == "buyer"

    @pytest.mark.parametrize("slug", ["nothing", "closed", "FORWARDER", "\0", "forwarder'--"])
    def test_unknown_and_closed_ones_are_not_there(self, forwarder: Business, slug: str) -> None:
        closed = make_business("closed")
        aigerim = join(closed, AIGERIM, "buyer")
        Business.objects.filter(slug="closed").update(is_open=False)
        with pytest.raises(Http404):
            access.of_request(ask(aigerim), slug)


class TestTheAnswerIsTheSame:
    """For a business that never was, one that is closed, and one where one is nobody."""

    @pytest.fixture
    def slugs(self, forwarder: Business) -> tuple[str, ...]:
        join(make_business("closed"), AIGERIM, "buyer")
        Business.objects.filter(slug="closed").update(is_open=False)
        return "nothing", "closed", "forwarder"

    def test_on_pages(self, client: Client, slugs: tuple[str, ...]) -> None:
        come_in(client, AIGERIM)
        answers = [same(client.get(f"/tests/{slug}/desk/")) for slug in slugs]
        assert answers[0][0] == 404
        assert answers[0] == answers[1] == answers[2]

    def test_in_the_interface_with_a_session(self, client: Client, slugs: tuple[str, ...]) -> None:
        come_in(client, AIGERIM)
        answers = [same(client.get(f"/tests/api/{slug}/orders")) for slug in slugs]
        assert answers[0][:2] == (404, "/api/v1/problems#not-found")
        assert answers[0] == answers[1] == answers[2]

    def test_in_the_interface_with_a_key(self, client: Client, slugs: tuple[str, ...]) -> None:
        text = key_for(make_business("own"))
        answers = [same(client.get(f"/tests/api/{slug}/orders", headers=bearer(text))) for slug in slugs]
        assert answers[0][:2] == (404, "/api/v1/problems#not-found")
        assert answers[0] == answers[1] == answers[2]

    def test_for_who_is_not_signed_in(self, client: Client, slugs: tuple[str, ...]) -> None:
        pages = [client.get(f"/tests/{slug}/desk/") for slug in slugs]
        assert {(page.status_code, page["Location"].partition("?")[0]) for page in pages} == {
            (302, "/sign-in/")
        }
        answers = [same(client.get(f"/tests/api/{slug}/orders")) for slug in slugs]
        assert answers[0][:2] == (401, "/api/v1/problems#key")
        assert answers[0] == answers[1] == answers[2]


class TestStaff:
    @pytest.mark.parametrize(
        "role", ["owner", "platform", "supervisor", "logist", "operator", "support", "seller"]
    )
    def test_without_codes_from_an_app_they_are_sent_to_set_them_up(
        self, forwarder: Business, role: str
    ) -> None:
        with pytest.raises(SecondFactorNeeded) as sent:
            access.of_request(ask(join(forwarder, AIGERIM, role), "?x=1"), "forwarder")
        assert sent.value.response["Location"] == "/account/app-codes/?next=%2F%3Fx%3D1"

    @pytest.mark.parametrize("role", ["reseller", "buyer", "end_buyer"])
    def test_of_customers_no_second_factor_is_asked(self, forwarder: Business, role: str) -> None:
        assert access.of_request(ask(join(forwarder, AIGERIM, role)), "forwarder").role == role

    def test_the_way_in_for_the_first_time(self, client: Client, forwarder: Business) -> None:
        join(forwarder, AIGERIM, "logist")
        come_in(client, AIGERIM)
        for address in ("/tests/forwarder/desk/", "/tests/forwarder/"):
            sent = client.get(address)
            assert (sent.status_code, sent["Location"].partition("?")[0]) == (302, "/account/app-codes/")
        turn_on_app_codes(client)
        assert client.get("/tests/forwarder/desk/").json() == {
            "business": "forwarder",
            "kind": "person",
            "role": "logist",
        }

    def test_the_page_they_wanted_comes_after_it(self, client: Client, forwarder: Business) -> None:
        join(forwarder, AIGERIM, "logist")
        come_in(client, AIGERIM)
        setting_up = client.get("/tests/forwarder/desk/")["Location"]
        assert 'name="next" value="/tests/forwarder/desk/"' in client.get(setting_up).content.decode()

    def test_a_session_that_was_never_proved_is_asked_for_a_code(
        self, client: Client, forwarder: Business
    ) -> None:
        join(forwarder, AIGERIM, "logist")
        come_in(client, AIGERIM)
        key = turn_on_app_codes(client)
        elsewhere = Client()
        elsewhere.force_login(Person.objects.get())  # as the operator's link does
        sent = elsewhere.get("/tests/forwarder/desk/")
        assert sent["Location"] == "/account/confirmation/?next=%2Ftests%2Fforwarder%2Fdesk%2F"
        proved = elsewhere.post(sent["Location"], {"code": app_code(key)})
        assert (proved.status_code, proved["Location"]) == (302, "/tests/forwarder/desk/")
        assert elsewhere.get("/tests/forwarder/desk/").status_code == 200

    def test_in_the_interface_the_same_is_a_problem(self, client: Client, forwarder: Business) -> None:
        join(forwarder, AIGERIM, "logist")
        come_in(client, AIGERIM)
        refused = client.get("/tests/api/forwarder/orders")
        assert same(refused)[:2] == (403, "/api/v1/problems#second-factor")
        turn_on_app_codes(client)
        assert client.get("/tests/api/forwarder/orders").json()["role"] == "logist"

    def test_a_member_of_the_staff_cannot_turn_them_off(self, client: Client, forwarder: Business) -> None:
        join(forwarder, AIGERIM, "logist")
        come_in(client, AIGERIM)
        turn_on_app_codes(client)
        refused = client.post("/account/app-codes/removal/")
        assert refused.status_code == 200
        assert "олар қосулы қалады" in refused.content.decode()
        assert client.get("/tests/forwarder/desk/").status_code == 200


class TestKeys:
    def test_a_key_acts_in_its_role_and_scopes(self, forwarder: Business) -> None:
        text = key_for(forwarder, ORDERS_READ, LEDGER_READ)
        key = ApiKey.objects.get()
        found = access.of_key(f"Bearer {text}", NOW, "forwarder")
        assert found == Access(
            forwarder,
            Actor("key", str(key.pk), "scanner", "operator"),
            "operator",
            None,
            frozenset({ORDERS_READ, LEDGER_READ}),
        )
        assert [found.can(scope) for scope in (ORDERS_READ, ORDERS_WRITE)] == [True, False]

    def test_only_its_hash_is_stored(self, forwarder: Business) -> None:
        text = key_for(forwarder)
        stored = ApiKey.objects.values().get()
        assert len(bytes.fromhex(text.removeprefix("sledi_"))) == 32
        assert (stored["prefix"], stored["secret_hash"]) == (text[:14], keys.hash_of(text))
        assert text[14:] not in str(stored)

    @pytest.mark.parametrize(
        "authorization",
        [
            "",
            "Bearer",
            "Bearer ",
            "Bearer sledi_",
            "Bearer x",
            "Basic {}",
            "{}",
            "Bearer {}0",
            "Bearer \udcff",
        ],
    )
    def test_what_is_no_key_is_refused(self, forwarder: Business, authorization: str) -> None:
        text = key_for(forwarder)
        with pytest.raises(Problem) as refused:
            access.of_key(authorization.format(text), NOW)
        assert (refused.value.status, refused.value.headers) == (401, {"WWW-Authenticate": "Bearer"})

    def test_wrong_revoked_expired_and_of_a_closed_business_are_one_answer(
        self, client: Client, forwarder: Business
    ) -> None:
        now = datetime.now(UTC)
        revoked = key_for(forwarder)
        assert revoke_key(ApiKey.objects.get(), now, by=SHELL, cause="cli")
        expired = key_for(forwarder, at=now - timedelta(days=2), expires_at=now - timedelta(days=1))
        closed = key_for(make_business("closed"))
        Business.objects.filter(slug="closed").update(is_open=False)
        gone = key_for(forwarder, role="seller", person=join(forwarder, BORIS, "seller"))
        Person.objects.filter(email=BORIS).update(is_active=False)
        answers = [
            client.get("/tests/api/forwarder/orders", headers=bearer(text))
            for text in (keys.new(), revoked, expired, closed, gone)
        ]
        assert same(answers[0])[:3] == (401, "/api/v1/problems#key", "This is no valid key.")
        assert {same(answer)[:4] for answer in answers} == {same(answers[0])[:4]}
        assert {answer["WWW-Authenticate"] for answer in answers} == {"Bearer"}

    def test_a_key_for_a_person_ends_with_the_role(self, forwarder: Business) -> None:
        boris = join(forwarder, BORIS, "seller", "buyer")
        text = key_for(forwarder, role="seller", person=boris)
        assert access.of_key(f"Bearer {text}", NOW).person_id == boris.pk
        dismiss(Membership.objects.get(role="seller"), NOW, by=SHELL, cause="cli")
        with pytest.raises(Problem):
            access.of_key(f"Bearer {text}", NOW)

    def test_it_works_until_the_moment_it_ends(self, forwarder: Business) -> None:
        ends = NOW + timedelta(days=1)
        text = key_for(forwarder, expires_at=ends)
        assert access.of_key(f"Bearer {text}", ends - timedelta(seconds=1)).role == "operator"
        with pytest.raises(Problem):
            access.of_key(f"Bearer {text}", ends)

    def test_a_key_without_the_scope_is_refused_and_told_which(
        self, client: Client, forwarder: Business
    ) -> None:
        text = key_for(forwarder, ORDERS_READ)
        assert client.get("/tests/api/forwarder/orders", headers=bearer(text)).status_code == 200
        refused = client.post("/tests/api/forwarder/orders", headers=bearer(text))
        assert same(refused)[:3] == (403, "/api/v1/problems#scope", "This key is not good for orders:write.")

    def test_a_bad_key_is_refused_even_beside_a_good_session(
        self, client: Client, forwarder: Business
    ) -> None:
        join(forwarder, AIGERIM, "buyer")
        come_in(client, AIGERIM)
        assert client.get("/tests/api/forwarder/orders").status_code == 200
        assert client.get("/tests/api/forwarder/orders", headers=bearer("x")).status_code == 401

    def test_its_use_is_noted_once_a_minute(
        self, forwarder: Business, django_assert_num_queries: Any
    ) -> None:
        text = key_for(forwarder)
        for later_s, queries, noted_s in ((0, 2, 0), (59, 1, 0), (60, 2, 60)):
            with django_assert_num_queries(queries):
                access.of_key(f"Bearer {text}", NOW + timedelta(seconds=later_s))
            assert ApiKey.objects.get().last_used_at == NOW + timedelta(seconds=noted_s)

    def test_a_session_changes_nothing_without_the_token_of_our_forms(self, forwarder: Business) -> None:
        join(forwarder, AIGERIM, "buyer")
        client = Client(enforce_csrf_checks=True)
        client.force_login(Person.objects.get())
        assert client.get("/tests/api/forwarder/orders").status_code == 200
        refused = client.post("/tests/api/forwarder/orders")
        assert same(refused)[:2] == (403, "/api/v1/problems#forged")
        client.get("/sign-in/")
        client.get("/account/")
        token = client.cookies["csrftoken"].value
        accepted = client.post("/tests/api/forwarder/orders", headers={"x-csrftoken": token})
        assert accepted.json()["role"] == "buyer"


class TestHistory:
    def test_every_act_is_told_and_no_address_with_it(self, forwarder: Business) -> None:
        member = invite(forwarder, AIGERIM, "buyer", NOW, by=SHELL, cause="cli")
        invite(forwarder, AIGERIM, "buyer", NOW, by=SHELL, cause="cli")
        key_for(forwarder)
        for _ in range(2):
            revoke_key(ApiKey.objects.get(), NOW, by=SHELL, cause="cli")
        dismiss(member, NOW, by=SHELL, cause="cli")
        rows = list(Record.objects.filter(business_id=forwarder.pk).order_by("sequence"))
        assert [(row.level, row.act) for row in rows] == [
            ("business", "open"),
            ("person", "invite"),
            ("key", "create"),
            ("key", "revoke"),
            ("person", "dismiss"),
        ]
        assert AIGERIM not in str([(row.after, row.note, row.actor_name) for row in rows])
