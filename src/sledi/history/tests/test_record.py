"""Appending: one chain a business, gapless, in a constant number of statements."""

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from sledi.history import Actor
from sledi.history.chain import START, NotRecordable
from sledi.history.models import Head, Record
from sledi.history.operations import record
from sledi.history.queries import head, of, verify
from sledi.history.tests.side_by_side import side_by_side
from sledi.history.tests.told import AIGERIM, AT, BUYOUT, FORWARDER, ORDER, happened


@pytest.mark.django_db
class TestOneWriter:
    def test_a_record_says_what_was_told(self) -> None:
        told = happened(note="Коробка помята", before={"weight_g": None}, is_correction=True)
        record([told])
        stored = of(BUYOUT, ORDER).get()
        assert (stored.level, stored.subject_id, stored.act) == ("item", told.subject_id, "receive")
        assert (stored.from_state, stored.to_state, stored.note) == ("ordered", "received", "Коробка помята")
        assert (stored.actor, stored.cause, stored.at) == (AIGERIM, "web", AT)
        assert (stored.before, stored.after) == ({"weight_g": None}, told.after)
        assert stored.is_correction is True

    def test_records_of_a_business_are_numbered_from_one_and_linked(self) -> None:
        first, second = record([happened(), happened()])
        (third,) = record([happened()])
        assert [row.sequence for row in (first, second, third)] == [1, 2, 3]
        assert [first.previous_hash, second.previous_hash, third.previous_hash] == [
            START,
            first.hash,
            second.hash,
        ]
        assert head(BUYOUT) == (3, third.hash.hex())

    def test_each_business_has_a_chain_of_its_own(self) -> None:
        record([happened(BUYOUT), happened(FORWARDER), happened(BUYOUT)])
        assert head(BUYOUT)[0] == 2
        assert head(FORWARDER)[0] == 1
        assert verify(BUYOUT) is None
        assert verify(FORWARDER) is None

    def test_what_happened_to_an_order_comes_back_in_order_and_nobody_elses(self) -> None:
        acts = ["take", "buy", "receive"]
        record([happened(act=act) for act in acts])
        record([happened(FORWARDER), replace(happened(), root_id=BUYOUT)])
        assert [row.act for row in of(BUYOUT, ORDER)] == acts

    def test_nothing_told_touches_nothing(self, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(0):
            assert record([]) == []

    @pytest.mark.parametrize("count", [1, 500])
    def test_any_number_of_rows_takes_two_statements(
        self, count: int, django_assert_num_queries: Any
    ) -> None:
        rows = [happened() for _ in range(count)]
        with transaction.atomic(), django_assert_num_queries(2):
            record(rows)
        assert Record.objects.count() == count
        assert verify(BUYOUT) is None

    def test_a_fraction_is_refused_and_nothing_is_written(self) -> None:
        with pytest.raises(NotRecordable, match=r"after\.price: a float"):
            record([happened(), happened(after={"price": 1.5})])
        assert not Record.objects.exists()
        assert not Head.objects.exists()

    @pytest.mark.parametrize("facts", [{"actor": Actor("ghost")}, {"cause": "dream"}])
    def test_an_unknown_kind_of_actor_or_cause_is_refused(self, facts: dict[str, Any]) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            record([happened(**facts)])
        assert not Record.objects.exists()

    def test_what_is_rolled_back_leaves_no_gap(self) -> None:
        record([happened()])
        with transaction.atomic():
            record([happened()])
            transaction.set_rollback(True)
        record([happened()])
        assert [row.sequence for row in of(BUYOUT, ORDER)] == [1, 2]
        assert verify(BUYOUT) is None


def test_writers_at_the_same_moment_leave_no_gap_and_no_twin(committed: None) -> None:
    def write() -> None:
        for _ in range(15):
            with transaction.atomic():
                record([happened(BUYOUT), happened(FORWARDER), happened(BUYOUT)])

    assert side_by_side([write] * 6) == [None] * 6
    assert [row.sequence for row in of(BUYOUT, ORDER)] == list(range(1, 181))
    assert head(FORWARDER)[0] == 90
    assert verify(BUYOUT) is None
    assert verify(FORWARDER) is None


@pytest.mark.django_db
def test_a_moment_told_in_another_zone_and_read_in_a_third_gives_the_same_hash() -> None:
    record([happened(at=AT.astimezone(ZoneInfo("Asia/Almaty")))])
    with timezone.override("America/St_Johns"):
        assert verify(BUYOUT) is None
