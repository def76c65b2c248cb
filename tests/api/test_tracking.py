"""The tracker over REST: every address, word for word."""

from typing import Any

import pytest
from django.test import Client

from sledi.tracking import operations, queries
from sledi.tracking.models import ListRow, Trace, TrackList, Watch
from sledi.tracking.timeline_json import parcel_json
from sledi.web import words

pytestmark = pytest.mark.django_db

READY, SILENT, MISTYPED = "RB372813271CN", "RB298431881CN", "RB556626391CN"


def post(client: Client, path: str, content: Any) -> Any:
    return client.post(f"/api/v1{path}", content, content_type="application/json")


def put(client: Client, path: str, content: Any) -> Any:
    return client.put(f"/api/v1{path}", content, content_type="application/json")


def problem(response: Any) -> tuple[int, str]:
    """Status and kind of a problem, after a look at its form."""
    body = response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert body["status"] == response.status_code
    assert body["request_id"] == response["X-Request-Id"]
    assert body["instance"] == response.wsgi_request.path
    assert body["title"]
    return response.status_code, body["type"].removeprefix("/api/v1/problems#")


class TestDetect:
    def test_numbers_are_recognised_and_nothing_is_stored(self, client: Client) -> None:
        response = post(client, "/detect", {"numbers": [" rb 372 813 271 cn", "hello"], "destination": "RU"})
        assert response.status_code == 200
        first, second = response.json()["numbers"]
        assert (first["raw"], first["normalized"]) == (" rb 372 813 271 cn", READY)
        assert first["candidates"][0] == {
            "carrier": "china_post",
            "format": "upu_s10",
            "confidence": 0.96,
            "check": "passed",
            "confirmed": True,
            "reason": "check digit passes, country CN",
        }
        assert second["candidates"] == []
        assert not TrackList.objects.exists()

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({}, "/numbers"),
            ({"numbers": []}, "/numbers"),
            ({"numbers": READY}, "/numbers"),
            ({"numbers": [READY, 7]}, "/numbers/1"),
            ({"numbers": ["x" * 1001]}, "/numbers/0"),
            ({"numbers": [READY] * 1001}, "/numbers"),
            ({"numbers": [READY], "origin": "china"}, "/origin"),
            ("[]", "/numbers"),
            ('"text"', "/numbers"),
            ("null", "/numbers"),
        ],
    )
    def test_what_does_not_fit_the_schema_is_named(self, client: Client, body: Any, pointer: str) -> None:
        response = post(client, "/detect", body)
        assert problem(response) == (422, "invalid")
        assert pointer in [error["pointer"] for error in response.json()["errors"]]


class TestOpening:
    def test_a_list_is_opened_by_its_numbers_and_read_by_its_token(
        self, client: Client, simulator: Any
    ) -> None:
        response = post(client, "/lists", {"numbers": [READY, MISTYPED], "destination": "RU"})
        assert response.status_code == 201
        opened = response.json()
        assert opened == {"token": opened["token"], "numbers": [READY, MISTYPED], "dropped": 0}
        read = client.get(f"/api/v1/lists/{opened['token']}").json()
        assert (read["origin"], read["destination"], read["dropped"]) == ("", "RU", 0)
        followed, doubtful = read["rows"]
        assert (followed["number"], followed["is_followed"], followed["is_waiting"], followed["status"]) == (
            READY, True, True, "REGISTERED",
        )  # fmt: skip
        assert [asked["carrier"] for asked in followed["asked"]] == ["china_post", "russian_post"]
        assert (doubtful["is_followed"], doubtful["status"], doubtful["asked"]) == (False, None, [])
        assert doubtful["recognition"]["errors"] == [{"reason": "check_digit", "expected": "0"}]

    def test_a_text_without_a_number_is_refused(self, client: Client, simulator: Any) -> None:
        response = post(client, "/lists", {"numbers": ["hello", "\u0000"]})
        assert problem(response) == (422, "no-number")
        assert response.json()["errors"] == [{"pointer": "/numbers", "detail": "structure"}]
        assert not TrackList.objects.exists()

    def test_more_than_forty_are_refused(self, client: Client, simulator: Any) -> None:
        numbers = [f"YT88276821{n:05}" for n in range(41)]
        assert problem(post(client, "/lists", {"numbers": numbers})) == (422, "invalid")

    def test_half_characters_in_json_are_refused_by_name(self, client: Client, simulator: Any) -> None:
        response = post(client, "/lists", '{"numbers": ["RB372813271CN \\ud800"]}')
        assert problem(response) == (422, "invalid")
        assert response.json()["errors"][0]["pointer"] == "/numbers/0"

    def test_ten_thousand_sequential_numbers_from_one_client_give_sixty_answers_an_hour(
        self, client: Client, simulator: Any
    ) -> None:
        answered = refused = 0
        for begin in range(0, 10_000, 40):
            response = post(client, "/lists", {"numbers": [f"YT88{begin + n:011}" for n in range(40)]})
            if response.status_code == 201:
                answered += len(response.json()["numbers"])
            else:
                assert problem(response) == (429, "too-many-numbers")
                assert 0 < int(response["Retry-After"]) <= 3600
                refused += 1
        assert (answered, refused) == (40, 249)
        for _ in range(25):
            answered += post(client, "/lists", {"numbers": [f"YT99{answered:011}"]}).status_code == 201
        assert answered == 60
        assert ListRow.objects.count() == 60

    def test_the_next_address_of_the_same_ipv6_network_gains_nothing(
        self, client: Client, simulator: Any
    ) -> None:
        numbers = {"numbers": [f"YT88276821{n:05}" for n in range(40)]}
        statuses = [
            client.post(
                "/api/v1/lists",
                numbers,
                content_type="application/json",
                REMOTE_ADDR=f"2001:db8:0:1::{host:x}",
            ).status_code
            for host in range(3)
        ]
        assert statuses == [201, 429, 429]


class TestReading:
    def test_a_timeline_is_what_the_command_line_prints(
        self, client: Client, follow: Any, ask: Any, clock: Any
    ) -> None:
        token = follow(READY)
        ask()
        told = client.get(f"/api/v1/lists/{token}/numbers/{READY}?language=ru").json()
        printed = parcel_json(queries.parcel_page(token, READY, clock()), "ru", clock())
        assert told == {**printed, "days_in_transit": told["days_in_transit"]}
        assert (told["status"], told["country"], told["carrier"]) == (
            "READY_FOR_PICKUP",
            "RU",
            "russian_post",
        )
        assert told["status_name"] == words.status_name("READY_FOR_PICKUP", "ru")
        assert [event["at"] for event in told["events"]] == sorted(
            (event["at"] for event in told["events"]), reverse=True
        )

    def test_silence_is_explained_with_its_usual_length(self, client: Client, follow: Any, ask: Any) -> None:
        token = follow(SILENT)
        ask()
        told = client.get(f"/api/v1/lists/{token}/numbers/{SILENT}").json()
        assert (told["silence"]["days"], told["silence"]["level"]) == (9, "normal")

    def test_a_reader_who_has_it_already_gets_304(self, client: Client, follow: Any, ask: Any) -> None:
        token = follow(READY)
        for path in (
            f"/lists/{token}",
            f"/lists/{token}/numbers/{READY}",
            "/carriers",
            "/carriers/russian_post",
        ):
            first = client.get(f"/api/v1{path}")
            again = client.get(f"/api/v1{path}", headers={"if-none-match": first["ETag"]})
            assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"]), path
            packed = client.get(f"/api/v1{path}", headers={"accept-encoding": "gzip"})
            again = client.get(
                f"/api/v1{path}", headers={"accept-encoding": "gzip", "if-none-match": packed["ETag"]}
            )
            assert again.status_code == 304, path
        before = client.get(f"/api/v1/lists/{token}")["ETag"]
        ask()
        changed = client.get(f"/api/v1/lists/{token}", headers={"if-none-match": before})
        assert changed.status_code == 200
        assert changed["ETag"] != before

    def test_unknown_list_and_number_that_is_not_in_the_list_are_answered_alike(
        self, client: Client, follow: Any
    ) -> None:
        token = follow(READY)
        hidden = client.get(f"/api/v1/lists/{token}/numbers/{SILENT}")
        unknown = client.get(f"/api/v1/lists/{'A' * len(token)}/numbers/{READY}")
        assert problem(hidden) == problem(unknown) == (404, "not-found")
        bodies = [{**r.json(), "instance": "", "request_id": ""} for r in (hidden, unknown)]
        assert bodies[0] == bodies[1]
        names = [sorted(name for name, _ in r.items()) for r in (hidden, unknown)]
        assert names[0] == names[1]

    def test_a_number_that_waits_for_a_word_says_so(self, client: Client, follow: Any) -> None:
        token = follow(MISTYPED)
        assert problem(client.get(f"/api/v1/lists/{token}/numbers/{MISTYPED}")) == (409, "not-followed")

    @pytest.mark.parametrize("language", ["xx", "../../etc", "", "RU", "\0"])
    def test_an_unknown_language_is_refused(self, client: Client, follow: Any, language: str) -> None:
        token = follow(READY)
        response = client.get(f"/api/v1/lists/{token}/numbers/{READY}", {"language": language})
        assert problem(response) == (422, "invalid")
        assert response.json()["errors"][0]["pointer"] == "language"

    @pytest.mark.parametrize("number", ["%00", "%ED%A0%80", "%ff", "a" * 3000, "..", "%2e%2e"])
    def test_a_hostile_number_is_not_there(self, client: Client, follow: Any, number: str) -> None:
        token = follow(READY)
        assert client.get(f"/api/v1/lists/{token}/numbers/{number}").status_code == 404
        assert client.get(f"/api/v1/lists/{number}").status_code == 404


class TestActs:
    def test_numbers_are_added(self, client: Client, follow: Any) -> None:
        token = follow(READY)
        response = post(client, f"/lists/{token}/numbers", {"numbers": [READY, SILENT]})
        assert (response.status_code, response.json()) == (200, {"added": 1})
        assert problem(post(client, "/lists/none/numbers", {"numbers": [READY]})) == (404, "not-found")
        assert problem(post(client, f"/lists/{token}/numbers", {"numbers": ["hello"]})) == (422, "no-number")

    def test_a_number_is_taken_out(self, client: Client, follow: Any) -> None:
        token = follow(f"{READY} {SILENT}")
        response = client.delete(f"/api/v1/lists/{token}/numbers/{READY}")
        assert (response.status_code, response.content) == (204, b"")
        assert problem(client.delete(f"/api/v1/lists/{token}/numbers/{READY}")) == (404, "not-found")
        assert ListRow.objects.get().number == SILENT

    def test_the_destination_brings_its_post_in(self, client: Client, follow: Any) -> None:
        token = follow(READY)
        assert put(client, f"/lists/{token}/destination", {"country": "RU"}).status_code == 204
        assert Watch.objects.filter(carrier="russian_post").exists()
        assert problem(put(client, f"/lists/{token}/destination", {"country": "XX"})) == (
            422,
            "unknown-country",
        )
        assert problem(put(client, f"/lists/{token}/destination", {"country": "Russia"})) == (422, "invalid")
        assert problem(put(client, "/lists/none/destination", {"country": "RU"})) == (404, "not-found")

    def test_naming_the_carrier_follows_a_mistyped_number(self, client: Client, follow: Any) -> None:
        token = follow(MISTYPED)
        response = put(client, f"/lists/{token}/numbers/{MISTYPED}/carrier", {"carrier": "china_post"})
        assert response.status_code == 200
        assert (response.json()["is_followed"], response.json()["asked"][0]["why"]) == (True, "chosen")
        assert Trace.objects.get().number == MISTYPED

    def test_an_unknown_carrier_is_refused_and_changes_nothing(self, client: Client, follow: Any) -> None:
        token = follow(MISTYPED)
        response = put(client, f"/lists/{token}/numbers/{MISTYPED}/carrier", {"carrier": "owl_post"})
        assert problem(response) == (422, "unknown-carrier")
        assert response.json()["errors"] == [{"pointer": "/carrier", "detail": "unknown"}]
        assert not Trace.objects.exists()

    def test_asking_now_is_promised_only_where_the_rules_allow(
        self, client: Client, follow: Any, ask: Any
    ) -> None:
        token = follow(READY)
        path = f"/api/v1/lists/{token}/numbers/{READY}/asking"
        ask()
        response = client.post(path)
        assert (response.status_code, response.json()) == (202, {"asked": False})
        Watch.objects.update(asked_at=None)
        assert client.post(path).json() == {"asked": True}
        assert problem(client.post(f"/api/v1/lists/{token}/numbers/{SILENT}/asking")) == (404, "not-found")

    def test_acts_on_pages_are_seen_here_and_the_reverse(
        self, client: Client, follow: Any, clock: Any
    ) -> None:
        token = post(client, "/lists", {"numbers": [READY]}).json()["token"]
        operations.extend_list(token, SILENT, client=None, at=clock())
        assert [row["number"] for row in client.get(f"/api/v1/lists/{token}").json()["rows"]] == [
            READY,
            SILENT,
        ]
        assert client.get(f"/t/{token}/").status_code == 200


class TestDirectory:
    def test_a_carrier_is_told_with_its_contacts(self, client: Client, simulator: Any) -> None:
        told = client.get("/api/v1/carriers/russian_post").json()
        assert (told["slug"], told["names"]["ru"], told["country"]) == ("russian_post", "Почта России", "RU")
        assert (told["has_adapter"], told["is_configured"]) == (True, True)
        listed = client.get("/api/v1/carriers").json()["carriers"]
        assert told in listed
        assert len(listed) > 80

    def test_an_unknown_carrier_is_not_there(self, client: Client) -> None:
        assert problem(client.get("/api/v1/carriers/owl_post")) == (404, "unknown-carrier")

    def test_every_kind_of_problem_is_explained(self, client: Client) -> None:
        explained = client.get("/api/v1/problems").json()["problems"]
        assert "too-many-numbers" in explained
        assert all(explained.values())
