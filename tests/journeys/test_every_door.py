"""Role × state × move through every door: what the table forbids is refused by REST, page, CSV and command alike.

Generated from every profile there is. All doors name the same reason, and nothing is left behind. What the table
allows is tried in ``sledi.orders.tests.test_matrix`` and, move by move, in the journeys.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from sledi import profiles
from sledi.core.workflow import Transition, Workflow
from sledi.orders.models import Item
from sledi.orders.money import payouts
from sledi.orders.tests.rows import PEOPLE, leaves, row_in, why_refused
from tests.journeys.office import Office, office, written

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

KINDS = [*profiles.names(), "flower_shop"]
OTHERS = Path(profiles.__file__).parent / "tests"
STATUS = {"not_yours": 404, "wrong_role": 403, "wrong_state": 409}
KIND = {"not_yours": "not-found", "wrong_role": "wrong-role", "wrong_state": "wrong-state"}


@dataclass(frozen=True, slots=True, eq=False)
class Try:
    """One role that must not do one move with one thing, and why."""

    level: str
    thing: str  # as people write it
    move: Transition
    role: str
    reason: str

    @property
    def place(self) -> str:
        return f"{self.level}s/{self.thing}"


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A business of each profile, with everybody in it."""
    monkeypatch.setenv(profiles.FOLDER_SETTING, str(OTHERS))
    with office(request.param, is_audited=False) as found:  # rows are put into states past all moves
        yield found


def test_what_the_table_forbids_no_door_does(place: Office) -> None:
    tries = list(_forbidden(place))
    for role in PEOPLE:
        mine = [one for one in tries if one.role == role]
        _come_in(place, role)
        before = written()
        said = {one: _ask(place, one) for one in mine}
        for one in _each_kind_once(mine):
            _press(place, one, said[one])
            _command(place, one, said[one])
        _send_file(place, role, [one for one in mine if one.move.is_bulk])
        assert written() == before, role
    assert {one.role for one in tries} == set(PEOPLE)


def _forbidden(place: Office) -> Iterator[Try]:
    """Every move that may not be done, with a thing in every state; where the role alone decides, in one state."""
    workflow = profiles.workflow(place.business.profile)
    for level in workflow.levels:
        if level == payouts.LEVEL:  # its rows are no things of an order; see test_matrix
            continue
        things = {
            state: _name(row_in(place.stage, workflow, level, state)) for state in leaves(workflow, level)
        }
        for move in workflow.transitions(level).values():
            for role in PEOPLE if not move.creates else ():
                yield from _by_one(workflow, move, role, things)


def _by_one(workflow: Workflow, move: Transition, role: str, things: dict[str, str]) -> Iterator[Try]:
    """A door asks for the role before it looks for the thing: the answer tells nothing of what is not to be seen."""
    seen = set()
    for state, thing in things.items():
        reason = "wrong_role" if role not in move.roles else why_refused(workflow, move, state, role)
        if reason and not (reason in seen and reason != "wrong_state"):
            yield Try(move.level, thing, move, role, reason)
        seen.add(reason)


def _each_kind_once(tries: list[Try]) -> list[Try]:
    """Of each move one of each reason: pages and commands take more time than REST."""
    return list({(one.level, one.move.name, one.reason): one for one in tries}.values())


def _come_in(place: Office, role: str) -> None:
    """Have the key and the session before anything is counted."""
    place.api(role, "get", "profile")
    place.browser(role, language="en")


# --- the doors ------------------------------------------------------------------------------------------------


def _ask(place: Office, one: Try) -> str:
    """By REST; the sentence in which it is refused, and which the other doors have to say."""
    path = f"{one.place}/moves/{one.move.name}"
    answer = place.api(one.role, "post", path, {"fields": {}}, Accept_Language="en")
    assert (answer.status, answer.kind) == (STATUS[one.reason], KIND[one.reason]), one
    return str(answer.body["title"])


def _press(place: Office, one: Try, sentence: str) -> None:
    address = f"/{place.business.slug}/{one.place}/moves/{one.move.name}/"
    answer = place.browser(one.role, language="en").post(address)
    assert answer.status_code == STATUS[one.reason], one
    if one.reason != "not_yours":
        assert sentence in unescape(answer.content.decode()), one


def _command(place: Office, one: Try, sentence: str) -> None:
    noun = "order" if one.level in ("order", "item", "case") else "parcel"
    code, said = place.shell(
        one.role, noun, "move", one.thing, one.move.name, "--level", one.level, "--lang", "en"
    )
    assert code == 1, one
    if one.reason != "not_yours":
        assert sentence in said, one


def _send_file(place: Office, role: str, tries: list[Try]) -> None:
    rows = ["level,number,move", *(f"{one.level},{one.thing},{one.move.name}" for one in tries)]
    if tries:
        report = place.upload(role, "imports/moves", "\n".join(rows).encode()).body
        told = [row["problem"]["type"].rpartition("#")[2] for row in report["rows"]]
        assert told == [KIND[one.reason] for one in tries], role


def _name(row: Any) -> str:
    return f"{row.order.number}.{row.number}" if isinstance(row, Item) else str(row.number)
