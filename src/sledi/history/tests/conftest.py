from collections.abc import Iterator

import pytest

from sledi.history.tests.unlocked import empty


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    """For tests with real commits: what they leave in tables that never change is taken away before the flush."""
    yield
    empty()
