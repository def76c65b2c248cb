"""A simulator standing still on a Thursday morning, and a client for it: one for all tests, new for each."""

from collections.abc import Iterator

import httpx
import pytest

from sledi_simulator import Running, running
from sledi_simulator.tests.asking import client_of, standing_still


@pytest.fixture(scope="session")
def shared() -> Iterator[Running]:
    with running(options=standing_still()) as run:
        yield run


@pytest.fixture
def simulator(shared: Running) -> Running:
    shared.simulator.reset()
    return shared


@pytest.fixture
def client(simulator: Running) -> Iterator[httpx.Client]:
    with client_of(simulator) as client:
        yield client
