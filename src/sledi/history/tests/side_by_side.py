"""Acts that happen at the same moment, each in a thread with a database connection of its own."""

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import connections

T = TypeVar("T")


def side_by_side(acts: Sequence[Callable[[], T]]) -> list[T | BaseException]:
    """Start all acts together; what each returned or raised, in their order."""
    outcomes: list[T | BaseException] = [AssertionError("it never ended")] * len(acts)
    start = threading.Barrier(len(acts))

    def run(position: int) -> None:
        try:
            start.wait(10)
            outcomes[position] = acts[position]()
        except BaseException as problem:  # noqa: BLE001  handed to the test
            outcomes[position] = problem
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(position,)) for position in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes
