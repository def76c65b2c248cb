import pytest

from sledi.catalogue.tests.bazaar import Bazaar, new_bazaar


@pytest.fixture
def bazaar(db: None) -> Bazaar:
    """A marketplace, whose sellers describe goods of their own."""
    return new_bazaar()
