"""Each way to forge a chain, planted with the trigger off, is found at its first record."""

from uuid import UUID

import pytest
from django.db import connection

from sledi.history.chain import digest
from sledi.history.models import Record
from sledi.history.operations import COLUMNS, record
from sledi.history.queries import Broken, verify
from sledi.history.tests.told import BUYOUT, FORWARDER, happened
from sledi.history.tests.unlocked import unlocked

pytestmark = pytest.mark.django_db

CHANGED = {
    "note": "'other'",
    "level": "'order'",
    "subject_id": "gen_random_uuid()",
    "root_id": "gen_random_uuid()",
    "act": "'lose'",
    "actor_kind": "'system'",
    "actor_id": "'x'",
    "actor_name": "'Boris'",
    "actor_role": "'owner'",
    "cause": "'api'",
    "at": "at + interval '1 microsecond'",
    "from_state": "'x'",
    "to_state": "'x'",
    "before": """'{"a": 1}'""",
    "after": "jsonb_set(after, '{weight_g}', '1241')",
    "is_correction": "true",
    "id": "gen_random_uuid()",
    "hash": "sha256('x')",
}


@pytest.fixture(autouse=True)
def chain() -> list[Record]:
    """Five records of one business, and one of another."""
    record([happened(FORWARDER)])
    return record([happened(note=str(number)) for number in range(5)])


def forge(statement: str) -> None:
    with unlocked("history_record"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_an_honest_chain_is_unbroken() -> None:
    assert verify(BUYOUT) is None


def test_no_chain_is_no_broken_chain() -> None:
    assert verify(UUID(int=7)) is None


@pytest.mark.parametrize("field", sorted(CHANGED))
def test_a_changed_field_is_found(field: str) -> None:
    forge(f"UPDATE history_record SET {field} = {CHANGED[field]} WHERE note = '2'")
    broken = verify(BUYOUT)
    assert broken
    assert (broken.sequence, broken.reason) == (3, "changed")


def test_every_field_of_a_record_is_in_its_hash() -> None:
    assert set(COLUMNS) - {"sequence", "business_id", "previous_hash"} == set(CHANGED)


@pytest.mark.parametrize("sequence", [1, 3, 5])
def test_a_missing_record_is_found(sequence: int) -> None:
    forge(f"DELETE FROM history_record WHERE business_id = '{BUYOUT}' AND sequence = {sequence}")
    assert verify(BUYOUT) == Broken(sequence, "missing")


def test_a_chain_that_is_gone_altogether_is_found() -> None:
    forge(f"DELETE FROM history_record WHERE business_id = '{BUYOUT}'")
    assert verify(BUYOUT) == Broken(1, "missing")


def test_a_wrong_link_is_found(chain: list[Record]) -> None:
    forge("UPDATE history_record SET previous_hash = sha256('x') WHERE note = '3'")
    assert verify(BUYOUT) == Broken(4, "wrong_link", chain[3].pk)


def test_a_record_rewritten_with_its_own_hash_breaks_the_next_link(chain: list[Record]) -> None:
    fields = {name: getattr(chain[1], name) for name in COLUMNS if name != "hash"}
    forged = digest({**fields, "note": "other"}).hex()
    forge(f"UPDATE history_record SET note = 'other', hash = '\\x{forged}' WHERE note = '1'")
    assert verify(BUYOUT) == Broken(3, "wrong_link", chain[2].pk)


def test_a_record_put_in_is_found() -> None:
    columns = ", ".join(name for name in COLUMNS if name not in ("id", "sequence"))
    forge(
        f"INSERT INTO history_record (id, sequence, {columns})"
        f" SELECT gen_random_uuid(), 6, {columns} FROM history_record WHERE note = '4'"
    )
    broken = verify(BUYOUT)
    assert broken
    assert (broken.sequence, broken.reason) == (6, "wrong_link")


@pytest.mark.parametrize("change", ["sequence = 4", "hash = sha256('x')"])
def test_a_head_that_tells_of_another_record_is_found(change: str) -> None:
    forge(f"UPDATE history_head SET {change} WHERE business_id = '{BUYOUT}'")
    assert verify(BUYOUT) == Broken(5, "wrong_head")


def test_a_head_taken_away_is_found() -> None:
    forge(f"DELETE FROM history_head WHERE business_id = '{BUYOUT}'")
    assert verify(BUYOUT) == Broken(5, "wrong_head")


def test_another_business_is_not_touched_by_it() -> None:
    forge("UPDATE history_record SET note = 'other' WHERE note = '2'")
    assert verify(FORWARDER) is None
