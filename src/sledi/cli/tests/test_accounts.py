"""``sledi business | person | key``: what they print and with which code they end."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client

from sledi.accounts import access
from sledi.accounts.models import ApiKey, Business, Membership, Person
from sledi.api.problems import Problem
from sledi.cli import main
from sledi.history.models import Record

Run = Callable[..., tuple[int, list[str], str]]

pytestmark = pytest.mark.django_db
OPEN = [
    "--name",
    "Жолай",
    "--profile",
    "forwarder",
    "--country",
    "KZ",
    "--currency",
    "KZT",
    "--language",
    "kk",
]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Code, lines on standard output, and everything on standard error of one command."""

    def command(*arguments: str) -> tuple[int, list[str], str]:
        try:
            code = main(arguments)
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return code, said.out.splitlines(), said.err

    return command


@pytest.fixture
def forwarder(run: Run) -> Business:
    run("business", "create", "forwarder", *OPEN)
    return Business.objects.get()


def test_a_business_is_opened_and_listed(run: Run) -> None:
    assert run("business", "create", "forwarder", *OPEN) == (0, ["http://localhost:8000/forwarder/"], "")
    code, lines, _ = run("business", "list")
    assert (code, [line.split() for line in lines]) == (
        0,
        [["forwarder", "forwarder", "KZ", "KZT", "kk", "Жолай"]],
    )


def test_a_refusal_names_the_fields_and_makes_nothing(run: Run) -> None:
    code, lines, said = run("business", "create", "Help!", *OPEN[:-5], "ZZ", *OPEN[-4:])
    assert (code, lines) == (1, [])
    assert "country: This is no country of ISO 3166-1" in said
    assert "slug" in said or "business_slug_in_lower_case" in said
    assert not Business.objects.exists()


def test_an_invited_person_signs_in_as_a_member(run: Run, forwarder: Business) -> None:
    code, lines, _ = run(
        "person", "invite", "Oksana@example.ua", "--business", "forwarder", "--role", "buyer"
    )
    assert (code, lines) == (
        0,
        ["oksana@example.ua is buyer of forwarder; to sign in: http://localhost:8000/sign-in/"],
    )
    assert Membership.objects.get().person == Person.objects.get(email="oksana@example.ua")


@pytest.mark.parametrize(
    ("email", "business", "role", "said"),
    [
        ("oksana", "forwarder", "buyer", "valid email"),
        ("oksana@example.ua", "forwarder", "king", "This role does not exist: king"),
        ("oksana@example.ua", "nothing", "buyer", "there is no business 'nothing'"),
    ],
)
def test_an_impossible_invitation_is_refused(
    run: Run, forwarder: Business, email: str, business: str, role: str, said: str
) -> None:
    code, lines, words = run("person", "invite", email, "--business", business, "--role", role)
    assert (code, lines) == (1, [])
    assert said in words
    assert not Person.objects.exists()


class TestKeys:
    def make(self, run: Run, *more: str) -> tuple[int, list[str], str]:
        scope = ("--role", "operator", "--scope", "orders:read", "--scope", "parcels:write")
        return run("key", "create", "scanner", "--business", "forwarder", *scope, *more)

    def test_a_key_is_printed_once_and_works_until_it_is_revoked(self, run: Run, forwarder: Business) -> None:
        code, (text,), _ = self.make(run, "--days", "30")
        assert code == 0
        now = datetime.now(UTC)
        assert access.of_key(f"Bearer {text}", now).scopes == {"orders:read", "parcels:write"}
        _, (line,), _ = run("key", "list", "--business", "forwarder")
        assert line.startswith(f"{text[:14]}  operator     orders:read,parcels:write  until 20")
        assert text not in line
        assert run("key", "revoke", text[:14], "--business", "forwarder") == (
            0,
            [f"{text[:14]} is revoked"],
            "",
        )
        with pytest.raises(Problem):
            access.of_key(f"Bearer {text}", now)
        assert "revoked" in run("key", "list", "--business", "forwarder")[1][0]

    @pytest.mark.parametrize(
        ("more", "code", "said"),
        [
            (("--scope", "all"), 1, "A key needs a name, a role, and scopes that exist."),
            (("--person", "oksana@example.ua"), 1, "oksana@example.ua is no member of forwarder"),
            (("--days", "0"), 2, "no number of days"),
        ],
    )
    def test_an_impossible_key_is_refused(
        self, run: Run, forwarder: Business, more: tuple[str, ...], code: int, said: str
    ) -> None:
        ended, lines, words = self.make(run, *more)
        assert (ended, lines) == (code, [])
        assert said in words
        assert not ApiKey.objects.exists()

    def test_what_is_no_key_cannot_be_revoked(self, run: Run, forwarder: Business) -> None:
        code, _, said = run("key", "revoke", "sledi_00000000", "--business", "forwarder")
        assert code == 1
        assert "0 keys of forwarder begin with 'sledi_00000000'" in said

    def test_the_history_knows_that_it_was_done_on_the_server(self, run: Run, forwarder: Business) -> None:
        self.make(run)
        told = Record.objects.get(business_id=forwarder.pk, act="create")
        assert (told.actor_kind, told.actor_name, told.cause) == ("system", "sledi on the server", "cli")


def test_the_operators_link_still_works(run: Run, client: Client) -> None:
    code, (link,), _ = run("operator", "link")
    assert code == 0
    assert client.post(link.removeprefix("http://localhost:8000")).status_code == 302
    assert client.get("/operator/carriers/").status_code == 200
