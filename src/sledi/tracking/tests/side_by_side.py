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

    def run(position: int, act: Callable[[], T]) -> None:
        try:
            start.wait(10)
            outcomes[position] = act()
        except BaseException as problem:  # noqa: BLE001  handed to the test
            outcomes[position] = problem
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes
