"""Fixtures of tests that follow numbers: people who paste, a clock that moves when told, carriers to ask."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from sledi.tracking import lines, operations, wire
from sledi.tracking.poller import poll_once


class Clock:
    """The product's clock; the simulator has its own."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def follow(simulator: Any, clock: Clock) -> Callable[..., str]:
    """Paste a text; the token of the new list comes back."""

    def paste(text: str, **hints: str) -> str:
        return operations.open_list(text, client=None, at=clock(), **hints).token

    return paste


@pytest.fixture
def ask(simulator: Any, clock: Clock) -> Callable[..., int]:
    """Ask carriers for what is due, a few seconds long; how many requests were made."""

    async def poll(slugs: list[str]) -> int:
        async with wire.client() as http:
            return await poll_once(slugs, http, clock)

    def ask_now(*slugs: str, seconds: int = 4) -> int:
        made = 0
        for _ in range(seconds):
            made += async_to_sync(poll)(list(slugs) or [module.SLUG for module in lines.configured()])
            clock.advance(seconds=1)
        return made

    return ask_now
