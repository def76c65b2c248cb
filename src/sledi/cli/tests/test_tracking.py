"""``sledi detect | track | carrier | tracking | operator``: what they print and with which code they end."""

import io
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from sledi.cli import main
from sledi.tracking import operations
from sledi.tracking.models import CarrierLine, Trace, TrackList, Watch

CONTRACTS = Path(__file__).parents[4] / "tests" / "contracts"
READY, SILENT, UNKNOWN, MISTYPED = "RB372813271CN", "RB298431881CN", "RB542030041CN", "RB556626391CN"

Run = Callable[..., tuple[int, list[str], str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Code, lines on standard output, and everything on standard error of one command."""

    def command(*arguments: str, stdin: bytes = b"") -> tuple[int, list[str], str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        try:
            code = main(arguments)
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return code, said.out.splitlines(), said.err

    return command


class TestDetect:
    def test_a_number_is_told_with_its_candidates_best_first(self, run: Run) -> None:
        code, lines, _ = run("detect", " rb 372 813 271 cn", "--jsonl")
        assert code == 0
        (found,) = map(json.loads, lines)
        assert list(found) == ["raw", "normalized", "candidates", "errors", "repairs", "question"]
        assert (found["raw"], found["normalized"]) == (" rb 372 813 271 cn", READY)
        assert found["candidates"][0] == {
            "carrier": "china_post", "format": "upu_s10", "confidence": 0.96, "check": "passed", "confirmed": True,
            "reason": "check digit passes, country CN",
        }  # fmt: skip
        confidences = [candidate["confidence"] for candidate in found["candidates"]]
        assert confidences == sorted(confidences, reverse=True)

    def test_without_arguments_every_line_of_the_input_is_one_number(self, run: Run) -> None:
        code, lines, _ = run("detect", "--jsonl", stdin=f"{READY}\r\n\nhello\n{MISTYPED}".encode())
        found = [json.loads(line) for line in lines]
        assert code == 0
        assert [one["raw"] for one in found] == [READY, "", "hello", MISTYPED]
        assert found[3]["errors"] == [{"reason": "check_digit", "expected": "0"}]

    def test_countries_move_the_candidates(self, run: Run) -> None:
        _, lines, _ = run("detect", "0562501126057", "--destination", "ua", "--jsonl")
        assert json.loads(lines[0])["candidates"][0]["reason"].endswith("destination UA")

    def test_nothing_recognised_is_code_1(self, run: Run) -> None:
        assert run("detect", "hello", "--jsonl")[0] == 1
        assert run("detect", stdin=b"")[0] == 1

    @pytest.mark.parametrize("country", ["china", "XX", "C"])
    def test_what_is_no_country_is_wrong_use(self, run: Run, country: str) -> None:
        code, lines, problem = run("detect", READY, "--origin", country)
        assert (code, lines) == (2, [])
        assert "is no country of ISO 3166-1" in problem

    @pytest.mark.parametrize("raw", [b"\xff\xfe\x00", b"\0" * 100, "RB372813271СN".encode(), b"9" * 100_000])
    def test_any_bytes_are_answered(self, run: Run, raw: bytes) -> None:
        code, lines, _ = run("detect", "--jsonl", stdin=raw)
        assert code in {0, 1}
        assert len(lines) == 1
        json.loads(lines[0])

    def test_an_argument_that_is_no_utf8_is_answered_too(self, run: Run) -> None:
        _, lines, _ = run("detect", "RB372813271CN\udcff", "--jsonl")
        assert json.loads(lines[0])["raw"] == "RB372813271CN?"

    def test_people_read_reasons_and_what_is_wrong(self, run: Run) -> None:
        _, lines, _ = run("detect", MISTYPED)
        assert lines[0] == f"'{MISTYPED}'"
        assert "check digit wrong" in lines[1]
        assert "  ! check_digit, expected 0" in lines


@pytest.mark.django_db
class TestTrack:
    def test_carriers_are_asked_and_the_timeline_is_printed(self, run: Run, simulator: Any) -> None:
        code, lines, _ = run("track", READY, "--destination", "RU")
        assert code == 0
        assert lines[0] == f"{READY}  Ready for pick-up" or lines[0].startswith(READY)
        assert len(lines) > 8

    def test_json_is_the_timeline_as_the_interface_gives_it(
        self, run: Run, simulator: Any, client: Client
    ) -> None:
        code, lines, _ = run("track", READY, "--json", "--lang", "ru")
        token = operations.open_list(READY, client=None, at=datetime.now(UTC)).token
        told = client.get(f"/api/v1/lists/{token}/numbers/{READY}?language=ru").json()
        printed = json.loads(lines[0])
        for asked in (*told["asked"], *printed["asked"]):
            asked.pop("next_at")  # opening it once more asks once more
        assert (code, len(lines)) == (0, 1)
        assert printed == told
        assert list(printed) == list(told)

    def test_several_numbers_are_one_object_a_line_in_their_order(self, run: Run, simulator: Any) -> None:
        _, lines, _ = run("track", SILENT, READY, "--json")
        assert [json.loads(line)["number"] for line in lines] == [SILENT, READY]

    def test_a_number_nobody_knows_is_code_1(self, run: Run, simulator: Any) -> None:
        code, lines, _ = run("track", UNKNOWN, "--json")
        assert (code, json.loads(lines[0])["status"]) == (1, "NOT_FOUND")

    def test_a_mistyped_number_is_asked_of_nobody(self, run: Run, simulator: Any) -> None:
        code, lines, said = run("track", MISTYPED, "--json")
        assert (code, lines) == (1, [])
        assert "probably mistyped" in said
        assert not Watch.objects.filter(number=MISTYPED).exists()

    def test_a_mistyped_number_is_asked_anyway_when_the_person_says_so(
        self, run: Run, simulator: Any
    ) -> None:
        assert run("track", MISTYPED, "--anyway", "--json")[0] == 1
        assert Watch.objects.filter(number=MISTYPED, asked_at__isnull=False).exists()

    def test_a_text_without_a_number_is_refused(self, run: Run, simulator: Any) -> None:
        assert run("track", "hello") == (1, [], "sledi: there is no tracking number in this\n")

    def test_no_list_is_left_behind_but_what_was_learnt_is(self, run: Run, simulator: Any) -> None:
        run("track", READY)
        assert (TrackList.objects.count(), Trace.objects.get().status) == (0, "READY_FOR_PICKUP")

    def test_the_work_of_the_worker_is_left_to_it(self, run: Run, simulator: Any) -> None:
        operations.open_list(SILENT, client=None, at=datetime.now(UTC), destination="RU")
        run("track", READY)
        assert not Watch.objects.filter(number=SILENT, asked_at__isnull=False).exists()

    def test_a_carrier_that_is_down_is_said(self, run: Run, simulator: Any) -> None:
        from sledi_simulator.bad_days import BadDay, Switch

        simulator.world.bad_days.switch_on(Switch(BadDay.HTTP_500, "russian_post"))
        code, lines, _ = run("track", READY, "--destination", "RU")
        assert code == 0  # the post of origin has told
        assert any(line.startswith("  russian_post: did not answer, asked again ") for line in lines)
        assert CarrierLine.objects.get(carrier="russian_post", kind="history").failures_in_row == 1

    def test_an_unknown_language_is_wrong_use(self, run: Run) -> None:
        assert run("track", READY, "--lang", "xx")[0] == 2


class TestCarrier:
    def test_all_carriers_are_listed(self, run: Run) -> None:
        code, lines, _ = run("carrier", "list", "--jsonl")
        listed = {one["slug"]: one for one in map(json.loads, lines)}
        assert code == 0
        assert listed["russian_post"]["names"]["ru"] == "Почта России"
        assert len(listed) > 80
        assert len(run("carrier", "list")[1]) == len(listed)

    def test_one_carrier_is_shown_as_the_interface_gives_it(self, run: Run, client: Client) -> None:
        code, lines, _ = run("carrier", "show", "belpost")
        assert code == 0
        assert json.loads("\n".join(lines)) == client.get("/api/v1/carriers/belpost").json()

    def test_an_unknown_one_is_not_found(self, run: Run) -> None:
        code, lines, problem = run("carrier", "show", "owl_post")
        assert (code, lines) == (1, [])
        assert problem == "sledi: there is no carrier owl_post: see `sledi carrier list`\n"


class TestRead:
    """A raw reply on standard input → what the product would make of it."""

    HISTORY = (CONTRACTS / "russian_post" / "composed_history_answer.xml").read_bytes()

    def test_an_answer_becomes_events(self, run: Run) -> None:
        code, lines, _ = run("carrier", "read", "russian_post", stdin=self.HISTORY)
        assert code == 0
        (found,) = map(json.loads, lines)
        assert list(found) == ["number", "outcome", "events", "unmapped"]
        assert found["outcome"] == "found"
        assert found["events"]
        for event in found["events"]:
            assert list(event) == [
                "code", "reason", "raw_code", "raw_text", "occurred_at", "zone_basis", "place", "country", "direction",
            ]  # fmt: skip
            assert datetime.fromisoformat(event["occurred_at"]).tzinfo

    def test_several_numbers_in_a_reply_are_several_lines(self, run: Run) -> None:
        body = (CONTRACTS / "seventeentrack" / "composed_gettrackinfo.json").read_bytes()
        _, lines, _ = run(
            "carrier", "read", "seventeentrack", "--kind", "gettrackinfo", "--jsonl", stdin=body
        )
        assert len({json.loads(line)["number"] for line in lines}) == len(lines) > 1

    def test_people_never_appear(self, run: Run) -> None:
        body = (CONTRACTS / "seventeentrack" / "composed_push_updated.json").read_bytes()
        code, lines, _ = run("carrier", "read", "seventeentrack", "--kind", "push", stdin=body)
        assert code == 0
        for person in ("Борис", "916 123", "Tverskaya", "13800138000"):
            assert person not in "".join(lines)

    @pytest.mark.parametrize(
        ("arguments", "body", "outcome", "said"),
        [
            (["--status", "503"], b"down", "temporary", "Unavailable"),
            ([], b"<html><body>\xd0", "temporary", "Unavailable"),
            ([], b"", "temporary", "Unavailable"),
            (["--status", "401"], b"", "denied", "Denied"),
            (["--status", "429"], b"", "temporary", "Throttled"),
        ],
    )
    def test_a_failed_call_is_a_line_per_number_and_code_1(
        self, run: Run, arguments: Sequence[str], body: bytes, outcome: str, said: str
    ) -> None:
        numbers = ["--number", READY, "--number", SILENT]
        code, lines, problem = run("carrier", "read", "russian_post", *numbers, *arguments, stdin=body)
        assert code == 1
        assert [json.loads(line) for line in lines] == [
            {"number": number, "outcome": outcome, "events": [], "unmapped": 0} for number in (READY, SILENT)
        ]
        assert problem.startswith(f"sledi: {said}")

    def test_a_broken_contract_names_the_field(self, run: Run) -> None:
        body = self.HISTORY.replace(b"OperDate>", b"OperDay>")
        code, _, problem = run("carrier", "read", "russian_post", stdin=body)
        assert code == 1
        assert "OperDate" in problem

    def test_a_kind_or_carrier_nobody_knows_is_refused(self, run: Run) -> None:
        assert run("carrier", "read", "russian_post", "--kind", "smoke")[0] == 1
        assert run("carrier", "read", "china_post")[2].startswith("sledi: there is no adapter for china_post")


@pytest.mark.django_db
class TestRebuild:
    def test_it_says_what_it_found_and_ends_with_0(self, run: Run, simulator: Any) -> None:
        run("track", READY)
        code, lines, _ = run("tracking", "rebuild", "--check")
        assert code == 0
        assert lines[0].endswith("0 added, 0 changed, 0 removed; 0 answers and 0 parcels came out otherwise")

    def test_a_check_that_finds_a_difference_is_code_1_and_changes_nothing(
        self, run: Run, simulator: Any
    ) -> None:
        run("track", READY)
        Trace.objects.update(status="LOST")
        assert run("tracking", "rebuild", "--check")[0] == 1
        assert Trace.objects.get().status == "LOST"
        assert run("tracking", "rebuild")[0] == 0
        assert Trace.objects.get().status == "READY_FOR_PICKUP"


@pytest.mark.django_db
class TestOperator:
    def test_the_link_signs_in(self, run: Run, client: Client) -> None:
        code, (link,), _ = run("operator", "link", "--email", "Vesela@example.org")
        assert code == 0
        assert link.startswith("http://localhost:8000/sign-in/")
        assert client.post(link.removeprefix("http://localhost:8000")).status_code == 302
        assert client.get("/operator/carriers/").status_code == 200

    def test_what_is_no_address_is_refused(self, run: Run) -> None:
        assert run("operator", "link", "--email", "vesela") == (
            1,
            [],
            "sledi: 'vesela' is no e-mail address\n",
        )
