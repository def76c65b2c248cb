"""Records cannot be changed: tried as the role of the product and as whoever may switch triggers off."""

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from sledi.history.models import Record
from sledi.history.operations import record
from sledi.history.queries import verify
from sledi.history.tests.side_by_side import side_by_side
from sledi.history.tests.told import BUYOUT, happened

pytestmark = pytest.mark.django_db

CHANGES = [
    "UPDATE history_record SET note = 'other'",
    "UPDATE history_record SET note = 'other' WHERE false",
    "DELETE FROM history_record",
    "TRUNCATE history_record",
    "TRUNCATE history_record, history_head CASCADE",
    "INSERT INTO history_record SELECT * FROM history_record ON CONFLICT (id) DO UPDATE SET note = 'other'",
    "MERGE INTO history_record USING history_head ON true WHEN MATCHED THEN DELETE",
]


@pytest.mark.parametrize("change", CHANGES)
def test_no_statement_changes_a_record(change: str) -> None:
    record([happened(note="as told")])
    with (
        pytest.raises((IntegrityError, InternalError), match="its rows are never changed"),
        transaction.atomic(),
    ):
        _run(change)
    assert Record.objects.get().note == "as told"
    assert verify(BUYOUT) is None


def test_the_models_cannot_either() -> None:
    (stored,) = record([happened(note="as told")])
    stored.note = "other"
    for change in (stored.save, stored.delete, Record.objects.all().delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert Record.objects.get().note == "as told"


def test_an_empty_table_may_be_emptied() -> None:
    _run("TRUNCATE history_record")
    assert not Record.objects.exists()


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
def test_an_old_snapshot_does_not_make_a_table_look_empty(committed: None, isolation: str) -> None:
    with transaction.atomic():
        _run(f"SET TRANSACTION ISOLATION LEVEL {isolation}")
        _run("SELECT count(*) FROM history_record")  # takes the snapshot
        side_by_side([lambda: record([happened()])])
        with pytest.raises(IntegrityError, match="its rows are never changed"), transaction.atomic():
            _run("TRUNCATE history_record")
    assert Record.objects.count() == 1


def test_the_trigger_fires_even_where_ordinary_triggers_are_off() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgenabled FROM pg_trigger WHERE tgname = 'history_record_append_only'")
        assert cursor.fetchone() == ("A",)


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
