"""The worker's process: chores apart from polling, faults that end nothing."""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from sledi.tracking import worker
from sledi.tracking.models import Trace
from sledi.tracking.worker import Chore

pytestmark = pytest.mark.django_db(transaction=True)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def run_until(condition: Callable[[], bool], *chores: Chore) -> None:
    """The worker in this thread, stopped from another one when the condition holds."""
    stop, problems = threading.Event(), []

    def watch() -> None:
        from django.db import connections

        try:
            until(condition)
        except BaseException as problem:  # noqa: BLE001  handed over
            problems.append(problem)
        finally:
            connections.close_all()
            stop.set()

    watcher = threading.Thread(target=watch)
    watcher.start()
    worker.run(stop, chores)
    watcher.join()
    assert not problems, problems


def test_it_asks_what_is_due_until_it_is_stopped(simulator: Any, follow: Any) -> None:
    follow("RB372813271CN")
    run_until(lambda: Trace.objects.filter(status="READY_FOR_PICKUP").exists())


def test_a_chore_that_fails_is_tried_again_and_ends_nothing(simulator: Any) -> None:
    tries: list[datetime] = []

    def act(now: datetime) -> None:
        tries.append(now)
        raise ZeroDivisionError

    run_until(lambda: len(tries) >= 3, Chore(0.01, act))


def test_a_chore_that_hangs_does_not_hold_up_the_asking(
    simulator: Any, follow: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "CHORES_END_S", 0.1)
    released = threading.Event()
    follow("RB372813271CN")
    try:
        run_until(
            lambda: Trace.objects.filter(status="READY_FOR_PICKUP").exists(),
            Chore(60, lambda now: released.wait(20)),
        )
    finally:
        released.set()


def test_a_loop_that_ends_by_itself_ends_the_worker(simulator: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(worker, "poll_carrier", broken)
    stop = threading.Event()
    with pytest.raises(ZeroDivisionError):
        worker.run(stop, [Chore(60, lambda now: None)])
    assert stop.is_set()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("<function")]


def test_a_fault_in_taking_work_ends_no_loop(
    simulator: Any, follow: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sledi.tracking import poller

    next_task, faults = poller.next_task, []

    def stumbling(*arguments: Any) -> Any:
        if len(faults) < 3:
            faults.append(1)
            raise ZeroDivisionError
        return next_task(*arguments)

    monkeypatch.setattr(poller, "next_task", stumbling)
    follow("RB372813271CN")
    run_until(lambda: Trace.objects.filter(status="READY_FOR_PICKUP").exists())
