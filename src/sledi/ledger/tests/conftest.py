from collections.abc import Iterator

import pytest

from sledi.accounts.models import Business
from sledi.history.tests.unlocked import empty
from sledi.ledger.tests.world import a_business


@pytest.fixture
def shop(db: None) -> Business:
    """A business, in a test whose transaction is rolled back."""
    return a_business()


@pytest.fixture
def committed_shop(transactional_db: None) -> Iterator[Business]:
    """A business, in a test with real commits."""
    yield a_business()
    empty()
