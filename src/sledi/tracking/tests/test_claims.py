"""Taking due work: leases, two workers, order, and what a killed worker leaves behind."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction

from sledi.carriers import carrier
from sledi.history.tests.side_by_side import side_by_side
from sledi.tracking.claims import LEASE_S, next_task
from sledi.tracking.models import CarrierLine, Watch
from sledi.tracking.tests.scans import watched

UKRPOSHTA = carrier("ukrposhta")
BATCH = next(call for call in UKRPOSHTA.CALLS if call.kind == "statuses")


def due_watches(clock: Any, count: int, slug: str = "ukrposhta", **facts: Any) -> list[Watch]:
    watches = [watched(f"RB{n:09}UA", slug)[1][0] for n in range(count)]
    Watch.objects.update(**({"due_at": clock(), "is_urgent": False} | facts))
    return watches


@pytest.mark.django_db
class TestOneWorker:
    def test_a_batch_is_no_larger_than_the_carrier_takes(self, simulator: Any, clock: Any) -> None:
        due_watches(clock, 53)
        sizes = [len(task.watches) for _ in range(2) if (task := next_task(UKRPOSHTA, clock()))]
        assert sizes == [50, 3]
        assert next_task(UKRPOSHTA, clock()) is None

    def test_a_batch_is_no_larger_however_the_database_plans_it(self, simulator: Any, clock: Any) -> None:
        due_watches(clock, 53)
        with connection.cursor() as cursor:
            for way in ("hashjoin", "mergejoin", "hashagg", "sort", "material", "memoize"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
        task = next_task(UKRPOSHTA, clock())
        assert task
        assert len(task.watches) == 50

    def test_a_claim_lasts_the_time_out_of_the_call_and_a_minute(self, simulator: Any, clock: Any) -> None:
        due_watches(clock, 1)
        assert next_task(UKRPOSHTA, clock())
        watch = Watch.objects.get()
        assert watch.due_at - clock() == timedelta(seconds=BATCH.timeout_s + LEASE_S)
        assert watch.asked_at == clock()

    def test_what_a_killed_worker_had_taken_comes_due_again(self, simulator: Any, clock: Any) -> None:
        due_watches(clock, 3)
        taken = next_task(UKRPOSHTA, clock())
        clock.advance(seconds=BATCH.timeout_s + LEASE_S - 1)
        assert next_task(UKRPOSHTA, clock()) is None
        clock.advance(seconds=1)
        again = next_task(UKRPOSHTA, clock())
        assert taken
        assert again
        assert set(taken.numbers) == set(again.numbers)

    def test_who_waits_in_front_of_a_page_comes_first_then_who_waits_longest(
        self, simulator: Any, clock: Any
    ) -> None:
        belpost = carrier("belpost")
        first, second, third = due_watches(clock, 3, "belpost")
        Watch.objects.filter(pk=second.pk).update(due_at=clock() - timedelta(hours=2))
        Watch.objects.filter(pk=third.pk).update(is_urgent=True)
        order = []
        for _ in range(3):
            task = next_task(belpost, clock())
            assert task
            order += task.numbers
            Watch.objects.filter(number__in=task.numbers).update(due_at=None)
            clock.advance(seconds=60)
        assert order == [third.number, second.number, first.number]

    def test_nothing_due_spends_nothing(self, simulator: Any, clock: Any) -> None:
        due_watches(clock, 1, due_at=clock() + timedelta(hours=1))
        assert next_task(UKRPOSHTA, clock()) is None
        assert not CarrierLine.objects.exists()

    def test_only_some_watches_can_be_asked_for(self, simulator: Any, clock: Any) -> None:
        watches = due_watches(clock, 5)
        task = next_task(UKRPOSHTA, clock(), only=[watches[3].pk])
        assert task
        assert task.numbers == (watches[3].number,)
        assert next_task(UKRPOSHTA, clock(), only=[]) is None


@pytest.mark.django_db(transaction=True)
class TestTwoWorkers:
    def test_every_number_is_taken_by_exactly_one(self, simulator: Any, clock: Any) -> None:
        due_watches(clock, 120)

        def worker() -> list[str]:
            taken: list[str] = []
            while task := next_task(UKRPOSHTA, clock()):
                taken += task.numbers
            return taken

        taken = [number for numbers in side_by_side([worker] * 3) for number in numbers]  # type: ignore[union-attr]
        assert len(taken) == len(set(taken)) == 120

    def test_a_row_somebody_holds_is_passed_by_and_no_call_is_spent_on_it(
        self, simulator: Any, clock: Any
    ) -> None:
        (watch,) = due_watches(clock, 1)
        held, done = threading.Event(), threading.Event()

        def holder() -> None:
            with transaction.atomic():
                Watch.objects.select_for_update().get(pk=watch.pk)
                held.set()
                done.wait(10)
            connections.close_all()

        thread = threading.Thread(target=holder)
        thread.start()
        held.wait(10)
        try:
            assert next_task(UKRPOSHTA, clock()) is None
        finally:
            done.set()
            thread.join()
        assert not CarrierLine.objects.filter(calls_today__gt=0).exists()
        assert next_task(UKRPOSHTA, clock()) is not None
